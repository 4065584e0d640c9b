/* SPDX-License-Identifier: Apache-2.0 */
/* A baseline that is kept from pair to pair: no document shows it, and nothing of it is found
 * twice. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "context.h"
#include "unit/small_pair.h"

struct follow {
    const char *path;   /* NULL: a photo that is not there */
    double px_per_mm;   /* below the baseline's: both are measured on another grid */
    bool decoded, seen; /* the baseline is, for this pair */
};

static derm_context *new_context(void)
{
    const struct derm_settings settings = {
        .size = sizeof(settings), .models = DERM_TEST_MODELS, .threads = 1, .no_pictures = 1
    };
    derm_context *ctx;

    assert_int_equal(derm_context_new(&ctx, &settings), DERM_OK);
    return ctx;
}

static bool baseline_went_through(const derm_document *doc, const char *stage)
{
    const struct derm_timing *const timing = doc->work.timing;

    for (int i = 0; i < doc->work.timings; i++)
        if (timing[i].photo == 0 && strcmp(timing[i].stage, stage) == 0) return true;
    return false;
}

static void check_pair(derm_context *ctx, struct derm_baseline *known,
                       const struct derm_photo_request *baseline, const struct follow *f)
{
    const struct derm_photo_request followup = { .size = sizeof(followup),
                                                 .path = f->path ? f->path : "/nowhere.jpg",
                                                 .px_per_mm = f->px_per_mm };
    derm_document *alone, *with;
    const derm_err code = derm_compare(ctx, baseline, &followup, &alone);
    char text[DERM_ERROR_TEXT], *expected, *core;

    strcpy(text, derm_error_text(ctx));
    assert_int_equal(derm_compare_with(ctx, &(struct derm_known){ .baseline = known }, baseline,
                                       &followup, &with),
                     code);
    assert_string_equal(derm_error_text(ctx), text);
    if (code != DERM_OK) return;
    expected = core_of(alone);
    core = core_of(with);
    assert_string_equal(core, expected);
    assert_int_equal(baseline_went_through(with, "decode"), f->decoded);
    assert_int_equal(baseline_went_through(with, "skin"), f->seen);
    free(expected);
    free(core);
    derm_document_free(alone);
    derm_document_free(with);
}

static void documents_are_those_of_compare(void **state)
{
    const struct small_pair *const p = *state;
    const struct derm_photo_request baseline = small_request(p, 0);
    const struct follow follow[] = {
        { p->path[1], 10.4, true, true }, { p->path[1], 10.4, false, false },
        { NULL, 10.4, false, false },     { p->path[1], 5, false, true },
        { p->path[0], 10, false, true },  { p->path[1], 10.4, false, false },
    };
    struct derm_baseline known = { 0 };
    derm_context *const ctx = new_context();

    for (size_t i = 0; i < sizeof(follow) / sizeof(*follow); i++)
        check_pair(ctx, &known, &baseline, &follow[i]);
    derm_baseline_free(&known);
    derm_context_free(ctx);
}

/* One that cannot be read says so each time, and takes no more memory each time. */
static void a_baseline_may_be_unreadable(void **state)
{
    const struct small_pair *const p = *state;
    const struct derm_photo_request baseline = { .size = sizeof(baseline), .path = "/nowhere.jpg" };
    const struct follow f = { p->path[1], 10.4, false, false };
    struct derm_baseline known = { 0 };
    derm_context *const ctx = new_context();
    size_t used = 0;

    for (int i = 0; i < 3; i++) {
        check_pair(ctx, &known, &baseline, &f);
        if (i > 0) assert_int_equal(known.keep.used, used);
        used = known.keep.used;
    }
    derm_baseline_free(&known);
    derm_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_those_of_compare),
        cmocka_unit_test(a_baseline_may_be_unreadable),
    };

    return cmocka_run_group_tests(tests, make_small_pair, remove_small_pair);
}
