/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: errors, reuse, texts. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "small_pair.h"

static struct derm_settings settings_for(int threads)
{
    return (struct derm_settings){ .size = sizeof(struct derm_settings),
                                   .models = DERM_TEST_MODELS,
                                   .threads = threads };
}

static struct derm_photo_request photo_of(const char *path)
{
    return (struct derm_photo_request){ .size = sizeof(struct derm_photo_request), .path = path };
}

static void mistakes_have_a_text(void **state)
{
    struct derm_settings s = settings_for(1);
    struct derm_photo_request nowhere = photo_of("/no/where.jpg"), unset = { 0 };
    const double no_scale[] = { -10, 0.09, 1001, HUGE_VAL, NAN };
    derm_context *ctx;
    derm_document *doc;

    s.size = 0;
    assert_int_equal(derm_context_new(&ctx, &s), DERM_EUSAGE);
    assert_non_null(strstr(derm_error_text(ctx), "size"));
    derm_context_free(ctx);
    s = settings_for(1);
    s.cpu = "abacus";
    assert_int_equal(derm_context_new(&ctx, &s), DERM_EUSAGE);
    assert_non_null(strstr(derm_error_text(ctx), "abacus"));
    derm_context_free(ctx);
    s = settings_for(1);
    s.models = "/no/models";
    assert_int_equal(derm_context_new(&ctx, &s), DERM_EMODEL);
    derm_context_free(ctx);
    derm_context_free(NULL);
    derm_document_free(NULL);

    s = settings_for(1);
    assert_int_equal(derm_context_new(&ctx, &s), DERM_OK);
    assert_string_equal(derm_error_text(ctx), "");
    assert_int_equal(derm_analyze(ctx, &nowhere, &doc), DERM_EMISSING);
    assert_null(doc);
    assert_non_null(strstr(derm_error_text(ctx), "where.jpg"));
    assert_int_equal(derm_analyze(ctx, &unset, &doc), DERM_EUSAGE);
    for (size_t i = 0; i < sizeof(no_scale) / sizeof(no_scale[0]); i++) {
        struct derm_photo_request photo = small_request(*state, 0);

        photo.px_per_mm = no_scale[i];
        assert_int_equal(derm_analyze(ctx, &photo, &doc), DERM_EUSAGE);
        assert_non_null(strstr(derm_error_text(ctx), "per millimetre"));
    }
    derm_context_free(ctx);
}

static void a_context_can_be_used_again(void **state)
{
    const struct derm_settings s = settings_for(2);
    const struct derm_photo_request photo = small_request(*state, 0),
                                    bad = photo_of(DERM_TEST_ROOT);
    derm_context *ctx;
    derm_document *doc[2], *none;
    char *core[2];

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

/* The same documents, but nothing left to draw on. */
static void documents_may_do_without_pictures(void **state)
{
    struct derm_settings s = settings_for(1);
    char *core[2], *html;

    for (int i = 0; i < 2; i++) {
        const struct derm_photo_request photo = small_request(*state, 0);
        struct derm_report_request report = { .size = sizeof(report) };
        derm_context *ctx;
        derm_document *doc;

        s.no_pictures = i;
        assert_int_equal(derm_context_new(&ctx, &s), DERM_OK);
        assert_int_equal(derm_analyze(ctx, &photo, &doc), DERM_OK);
        core[i] = core_of(doc);
        report.document = doc;
        assert_int_equal(derm_report(ctx, &report, &html), DERM_OK);
        assert_int_equal(strstr(html, "src=\"data:image/") == NULL, i);
        derm_text_free(html);
        if (i) assert_int_equal(derm_document_overlays(doc, "/no/folder"), DERM_EUSAGE);
        derm_document_free(doc);
        derm_context_free(ctx);
    }
    assert_string_equal(core[0], core[1]);
    for (int i = 0; i < 2; i++)
        free(core[i]);
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
        cmocka_unit_test(documents_may_do_without_pictures),
        cmocka_unit_test(texts_about_itself),
    };
    return cmocka_run_group_tests(tests, make_small_pair, remove_small_pair);
}
