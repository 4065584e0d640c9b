/* SPDX-License-Identifier: Apache-2.0 */
/* The public API on a sample: errors, reuse, too little memory, two contexts at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <dermetry/dermetry.h>

static const char before[] = DERM_TEST_ROOT "/samples/closeup_before.jpg";
static const char after[] = DERM_TEST_ROOT "/samples/closeup_after.jpg";

static struct derm_settings settings_for(uint64_t memory_bytes, int threads)
{
    return (struct derm_settings){ .size = sizeof(struct derm_settings),
                                   .models = DERM_TEST_MODELS,
                                   .max_memory_bytes = memory_bytes,
                                   .threads = threads };
}

static struct derm_photo_request photo_of(const char *path)
{
    return (struct derm_photo_request){ .size = sizeof(struct derm_photo_request),
                                        .path = path,
                                        .px_per_mm = 10 };
}

/* What does not depend on the run, to be freed. */
static char *core_of(const derm_document *doc)
{
    const char *const line = derm_document_line(doc);
    const char *const run = strstr(line, ",\"run\":");
    char *core;

    assert_non_null(run);
    core = calloc(1, (size_t)(run - line) + 1);
    assert_non_null(core);
    return memcpy(core, line, (size_t)(run - line));
}

static void mistakes_have_a_text(void **state)
{
    struct derm_settings s = settings_for(0, 1);
    struct derm_photo_request nowhere = photo_of("/no/where.jpg"), unset = { 0 };
    const double no_scale[] = { -10, 0.09, 1001, HUGE_VAL, NAN };
    derm_context *ctx;
    derm_document *doc;

    (void)state;
    s.size = 0;
    assert_int_equal(derm_context_new(&ctx, &s), DERM_EUSAGE);
    assert_non_null(strstr(derm_error_text(ctx), "size"));
    derm_context_free(ctx);
    s = settings_for(0, 1);
    s.cpu = "abacus";
    assert_int_equal(derm_context_new(&ctx, &s), DERM_EUSAGE);
    assert_non_null(strstr(derm_error_text(ctx), "abacus"));
    derm_context_free(ctx);
    s = settings_for(0, 1);
    s.models = "/no/models";
    assert_int_equal(derm_context_new(&ctx, &s), DERM_EMODEL);
    derm_context_free(ctx);
    derm_context_free(NULL);
    derm_document_free(NULL);

    s = settings_for(0, 1);
    assert_int_equal(derm_context_new(&ctx, &s), DERM_OK);
    assert_string_equal(derm_error_text(ctx), "");
    assert_int_equal(derm_analyze(ctx, &nowhere, &doc), DERM_EMISSING);
    assert_null(doc);
    assert_non_null(strstr(derm_error_text(ctx), "where.jpg"));
    assert_int_equal(derm_analyze(ctx, &unset, &doc), DERM_EUSAGE);
    for (size_t i = 0; i < sizeof(no_scale) / sizeof(no_scale[0]); i++) {
        struct derm_photo_request photo = photo_of(before);

        photo.px_per_mm = no_scale[i];
        assert_int_equal(derm_analyze(ctx, &photo, &doc), DERM_EUSAGE);
        assert_non_null(strstr(derm_error_text(ctx), "per millimetre"));
    }
    derm_context_free(ctx);
}

static void a_context_can_be_used_again(void **state)
{
    const struct derm_settings s = settings_for(0, 2);
    const struct derm_photo_request photo = photo_of(before), bad = photo_of(DERM_TEST_ROOT);
    derm_context *ctx;
    derm_document *doc[2], *none;
    char *core[2];

    (void)state;
    assert_int_equal(derm_context_new(&ctx, &s), DERM_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_not_equal(derm_analyze(ctx, &bad, &none), DERM_OK);
        assert_int_equal(derm_analyze(ctx, &photo, &doc[i]), DERM_OK);
        assert_string_equal(derm_error_text(ctx), "");
        core[i] = core_of(doc[i]);
    }
    assert_string_equal(core[0], core[1]);
    for (int i = 0; i < 2; i++) {
        derm_document_free(doc[i]);
        free(core[i]);
    }
    derm_context_free(ctx);
}

static void too_little_memory_is_an_error(void **state)
{
    const struct derm_photo_request base = photo_of(before), follow = photo_of(after);
    derm_err last = DERM_ENOMEM;
    int refusals = 0;

    (void)state;
    for (uint64_t mib = 2; last == DERM_ENOMEM && mib < 2048; mib *= 2) {
        const struct derm_settings s = settings_for(mib << 20, 1);
        derm_context *ctx;
        derm_document *doc = NULL;

        last = derm_context_new(&ctx, &s);
        if (last == DERM_OK) last = derm_compare(ctx, &base, &follow, &doc);
        assert_true(last == DERM_OK || last == DERM_ENOMEM);
        assert_true((last == DERM_OK) == (derm_error_text(ctx)[0] == '\0'));
        refusals += last == DERM_ENOMEM;
        derm_document_free(doc);
        derm_context_free(ctx);
    }
    assert_int_equal(last, DERM_OK);
    assert_true(refusals > 3);
}

static void *analyze_alone(void *core)
{
    const struct derm_settings s = settings_for(0, 2);
    const struct derm_photo_request photo = photo_of(before);
    derm_context *ctx;
    derm_document *doc;

    if (derm_context_new(&ctx, &s) == DERM_OK && derm_analyze(ctx, &photo, &doc) == DERM_OK) {
        *(char **)core = core_of(doc);
        derm_document_free(doc);
    }
    derm_context_free(ctx);
    return NULL;
}

static void contexts_do_not_disturb_each_other(void **state)
{
    pthread_t thread[2];
    char *core[2] = { 0 };

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, analyze_alone, &core[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    assert_non_null(core[0]);
    assert_non_null(core[1]);
    assert_string_equal(core[0], core[1]);
    free(core[0]);
    free(core[1]);
}

static void texts_about_itself(void **state)
{
    (void)state;
    for (int topic = DERM_ABOUT_STAGES; topic <= DERM_ABOUT_BUILD; topic++) {
        char *const text = derm_about((enum derm_topic)topic);

        assert_non_null(text);
        assert_true(strlen(text) > 100);
        derm_text_free(text);
    }
    assert_non_null(strstr(derm_schema("analysis"), "2020-12"));
    assert_null(derm_schema("nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_have_a_text),
        cmocka_unit_test(a_context_can_be_used_again),
        cmocka_unit_test(too_little_memory_is_an_error),
        cmocka_unit_test(contexts_do_not_disturb_each_other),
        cmocka_unit_test(texts_about_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
