/* SPDX-License-Identifier: Apache-2.0 */
/* Pages: what comes from a document is inert, numbers read the same in every locale, pictures are
 * those of the document. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/metrics.h"
#include "report/page.h"

static struct derm_error err;
static struct derm_arena keep;
static struct derm_html html;

static int set_up(void **state)
{
    (void)state;
    err = (struct derm_error){ 0 };
    return derm_arena_init(&keep, (size_t)64 << 20, &err) != DERM_OK ||
           derm_html_begin(&html, &keep) != DERM_OK;
}

static int tear_down(void **state)
{
    (void)state;
    derm_arena_free(&keep);
    return 0;
}

static void restart(void)
{
    html.used = 0;
    html.text[0] = '\0';
}

/* ---- the writer */

static void text_is_escaped(void **state)
{
    static const struct {
        const char *text, *escaped;
    } cases[] = {
        { "a<b>&c", "a&lt;b&gt;&amp;c" },
        { "</script><img src=x onerror=\"alert(1)\">",
          "&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" },
        { "it's \"so\"", "it&#39;s &quot;so&quot;" },
        { "100 %s %n", "100 %s %n" },
        { "exe\xe2\x80\xaegpj.txt", "exe\xef\xbf\xbdgpj.txt" }, /* U+202E turns the rest around */
        { "\xe2\x81\xa6x\xe2\x81\xa9", "\xef\xbf\xbdx\xef\xbf\xbd" },
        { "\xd8\x9cx", "\xef\xbf\xbdx" },
        { "caf\xe9", "caf\xef\xbf\xbd" }, /* Latin-1 */
        { "a\nb\x01", "a\xef\xbf\xbd"
                      "b\xef\xbf\xbd" },
        { "\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85", "\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85" }, /* Arabic */
        { "\xe2\x80\x9c", "\xe2\x80\x9c" },
        { "", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        restart();
        derm_html(&html, "%s", cases[i].text);
        assert_string_equal(html.text, cases[i].escaped);
    }
}

static void markup_of_the_program_is_not(void **state)
{
    (void)state;
    restart();
    derm_html(&html, "<b id=\"%s\">%d %% & %.2f</b>", "x\"y", -7, 1.239);
    assert_string_equal(html.text, "<b id=\"x&quot;y\">-7 % & 1.24</b>");
}

/* A program that uses the library may have set a locale with a comma. */
static void decimals_have_a_point(void **state)
{
    static const struct {
        double value;
        int decimals;
        const char *text;
    } cases[] = {
        { 0, 3, "0" },
        { 1.5, 1, "1.5" },
        { 1.50, 4, "1.5" },
        { -0.04, 1, "0" },
        { -0.06, 1, "-0.1" },
        { 0.005, 3, "0.005" },
        { 2, 0, "2" },
        { 1e30, 1, "100000000" },
        { 123.456, 9, "123.456" },
        { 99999.95, 1, "100000" },
    };

    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8")) print_message("no German locale: tested in C alone\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        restart();
        derm_html_decimal(&html, cases[i].value, cases[i].decimals);
        assert_string_equal(html.text, cases[i].text);
    }
    setlocale(LC_ALL, "C");
}

static void base64_is_that_of_rfc_4648(void **state)
{
    static const char *const cases[][2] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        restart();
        derm_html_base64(&html, cases[i][0], strlen(cases[i][0]));
        assert_string_equal(html.text, cases[i][1]);
    }
}

static void it_grows(void **state)
{
    (void)state;
    restart();
    for (int i = 0; i < 50000; i++)
        derm_html(&html, "<p>%s</p>", "x");
    assert_int_equal(html.used, 400000);
    assert_int_equal(strlen(html.text), 400000);
}

static void a_failure_sticks(void **state)
{
    struct derm_error full = { 0 };
    struct derm_arena small;
    struct derm_html h;

    (void)state;
    assert_int_equal(derm_arena_init(&small, 1, &full), DERM_OK);
    assert_int_equal(derm_html_begin(&h, &small), DERM_OK);
    for (int i = 0; i < 500000; i++)
        derm_html(&h, "<p>%s</p>", "x");
    assert_int_equal(full.code, DERM_ENOMEM);
    assert_int_equal(strlen(h.text), h.used);
    derm_arena_free(&small);
}

/* ---- words */

static void check_words(const char *text)
{
    assert_string_equal(html.text, text);
    restart();
}

static void numbers_read_well(void **state)
{
    (void)state;
    restart();
    derm_say_number(&html, 1234.567, 4);
    check_words("1235");
    derm_say_number(&html, 0.0012345, 2);
    check_words("0.0012");
    derm_say_number(&html, -0.5, 4);
    check_words("\xe2\x88\x92"
                "0.5");
    derm_say_number(&html, 0, 4);
    check_words("0");
    derm_say_percent(&html, -34.19);
    check_words("\xe2\x88\x92"
                "34\xe2\x80\xaf%");
    derm_say_percent(&html, 3.44);
    check_words("+3.4\xe2\x80\xaf%");
    derm_say_percent(&html, -0.01);
    check_words("0\xe2\x80\xaf%");
    derm_say_change(&html, -12);
    check_words("12\xe2\x80\xaf% lower");
    derm_say_change(&html, 0.001);
    check_words("the same");
    derm_say_unit(&html, "mm2/cm2");
    check_words("\xe2\x80\xafmm\xc2\xb2/cm\xc2\xb2");
    derm_say_unit(&html, "/cm2");
    check_words(" per cm\xc2\xb2");
    derm_say_unit(&html, "1");
    check_words("");
    derm_say_region(&html, "left_crowsfeet");
    check_words("left crow\xe2\x80\x99s feet");
    derm_say_region(&html, "some_<new>_place");
    check_words("some &lt;new&gt; place");
    derm_say_date(&html, "2024-03-04T10:12:31");
    check_words("2024-03-04 10:12");
}

static void days_are_counted(void **state)
{
    long a, b;

    (void)state;
    assert_true(derm_day_of("1970-01-02", &a));
    assert_int_equal(a, 1);
    assert_true(derm_day_of("2024-02-28T23:59:59", &a) && derm_day_of("2024-03-01", &b));
    assert_int_equal(b - a, 2);
    assert_false(derm_day_of("", &a));
    assert_false(derm_day_of("2024-13-01", &a));
    assert_false(derm_day_of("yesterday", &a));
}

static void every_reason_has_advice_or_needs_none(void **state)
{
    (void)state;
    for (int r = 0; r < DERM_REASON_COUNT; r++)
        assert_non_null(derm_reason_advice(derm_reason_id((enum derm_reason)r)));
    assert_true(*derm_reason_advice("different_subject"));
    assert_string_equal(derm_reason_advice("of_another_version"), "");
    for (int c = 0; c < DERM_CONCERN_COUNT; c++)
        assert_non_null(derm_concern_noun(derm_concern_id((enum derm_concern)c)));
}

/* ---- pages */

static derm_err build(const char *json, const char *folder, const char **page)
{
    err = (struct derm_error){ 0 };
    return derm_page_build(json, strlen(json), "x.json", NULL, folder, &keep, page);
}

static void what_is_none_of_ours_is_refused(void **state)
{
    static const char *const cases[] = { "",
                                         "{",
                                         "[]",
                                         "{}",
                                         "3",
                                         "{\"schema\": 3}",
                                         "{\"schema\": \"dermetry/comparison/2\"}",
                                         "{\"schema\": \"dermetry/analysis/1\"} x" };
    const char *page;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(build(cases[i], NULL, &page), DERM_EMALFORMED);
        assert_non_null(strstr(err.text, "x.json"));
    }
}

/* What every document has, so that none is taken for one that was cut short. */
#define WHOLE "\"photos\": [{}], \"metrics\": [], \"summary\": [], \"provenance\": {}"

/* Documents are not validated: whatever else is missing or of another type is left out. */
static void a_document_of_holes_is_a_page(void **state)
{
    static const char *const cases[] = {
        "{\"schema\": \"dermetry/comparison/1\", " WHOLE "}",
        "{\"schema\": \"dermetry/analysis/1\", " WHOLE "}",
        "{\"schema\": \"dermetry/series/1\", " WHOLE "}",
        "{\"schema\": \"dermetry/series/1\", \"sessions\": [{\"date\": \"2024-01-01\"}], "
        "\"visits\": [{\"visit\": \"a\", \"days_since_first_session\": 1e308}, {\"visit\": \"b\","
        " \"days_since_first_session\": -1e308}], \"summary\": [{\"visit\": \"a\", \"metric\": "
        "\"m\", \"status\": \"measured\", \"verdict\": \"improved\", \"change\": {\"percent\": 1,"
        " \"ci95_percent\": [0, 2]}, \"mdc95_percent\": 1}], " WHOLE "}",
        "{\"schema\": \"dermetry/comparison/1\", \"photos\": [3], \"summary\": [1, {}, \"x\"],"
        " \"metrics\": [{}, {\"status\": \"measured\"}], \"comparability\": [],"
        " \"provenance\": 0}",
        "{\"schema\": \"dermetry/series/1\", \"summary\": [{}, {\"visit\": 1}], \"visits\": [{}],"
        " \"trends\": [{}], \"recovery\": {\"sessions\": [{\"status\": \"measured\"}]},"
        " \"alerts\": [{}], \"sessions\": [{}, {}], \"metrics\": [{}], " WHOLE "}",
        "{\"schema\": \"dermetry/comparison/1\", \"summary\": [{\"status\": \"measured\", "
        "\"verdict\": \"improved\", \"change\": {\"percent\": 1e300, \"ci95_percent\": [-1e300, "
        "1e300]}, \"mdc95_percent\": 1e300, \"baseline\": {\"value\": 1e-300, \"sd\": -1}}], " WHOLE
        "}",
    };
    const char *page;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(build(cases[i], NULL, &page), DERM_OK);
        assert_non_null(strstr(page, "</html>"));
        assert_null(strstr(page, "(null)"));
        assert_null(strstr(page, "\"nan"));
        assert_null(strstr(page, ">nan"));
    }
}

/* Both slopes are in %: of the baseline, or in points of a metric that is a share itself. */
static void percent_of_the_baseline_is_told_from_points(void **state)
{
    static const char doc[] =
        "{\"schema\": \"dermetry/series/1\", \"photos\": [{}], \"metrics\": [], \"summary\": "
        "[{\"visit\": \"a\", \"metric\": \"m\", \"concern\": \"pores\", \"region\": \"roi\"}], "
        "\"trends\": [{\"metric\": \"m\", \"region\": \"roi\", \"against\": \"days\", \"unit\": "
        "\"%%/d\", \"change\": \"%s\", \"status\": \"measured\", \"trend\": \"improving\", "
        "\"points\": 3, \"slope\": {\"value\": -1, \"ci95\": [-2, -0.5]}}], \"provenance\": {}}";
    char text[sizeof(doc) + 16];
    const char *page;

    (void)state;
    snprintf(text, sizeof(text), doc, "relative");
    assert_int_equal(build(text, NULL, &page), DERM_OK);
    assert_non_null(strstr(page, "of the baseline per four weeks"));
    snprintf(text, sizeof(text), doc, "absolute");
    assert_int_equal(build(text, NULL, &page), DERM_OK);
    assert_null(strstr(page, "of the baseline"));
}

static void numbers_are_cut_to_what_a_page_writes(void **state)
{
    static const char doc[] =
        "{\"schema\": \"dermetry/comparison/1\", \"photos\": [{\"width\": 1e128, \"height\": "
        "-1e300, \"jpeg_quality\": 5e9}], " WHOLE "}";
    const char *page;

    (void)state;
    assert_int_equal(build(doc, NULL, &page), DERM_OK);
    assert_non_null(strstr(page, "100000000 × -100000000 px"));
    assert_non_null(strstr(page, "of quality 100000000"));
}

static void a_document_cut_short_is_refused(void **state)
{
    const char *page;

    (void)state;
    assert_int_equal(build("{\"schema\": \"dermetry/analysis/1\", \"photos\": [{}]}", NULL, &page),
                     DERM_EMALFORMED);
    assert_non_null(strstr(err.text, "part of it is lost"));
    err = (struct derm_error){ 0 };
}

static void make_pictures(struct derm_pictures *p, const char *sha)
{
    static const uint8_t bytes[] = "not really a picture";

    *p = (struct derm_pictures){ .photos = 1 };
    snprintf(p->pixels[0], sizeof(p->pixels[0]), "%s", sha);
    p->picture[DERM_PICTURE_BASELINE] = (struct derm_bytes){ bytes, sizeof(bytes) - 1 };
    p->picture[DERM_PICTURE_REGIONS] = p->picture[DERM_PICTURE_BASELINE];
    p->picture[DERM_PICTURE_CONCERN] = p->picture[DERM_PICTURE_BASELINE];
}

static void remove_all(const char *folder)
{
    static const char *const names[] = { "page_baseline.jpg", "layer_regions.png",
                                         "layer_pores.png", "page_pictures.json" };
    char path[128];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void pictures_are_those_of_the_document(void **state)
{
    char folder[] = "/tmp/derm_page_XXXXXX";
    const char *const ours = "{\"schema\": \"dermetry/analysis/1\","
                             " \"photos\": [{\"sha256_pixels\": \"ab12\"}], " WHOLE "}";
    const char *const other = "{\"schema\": \"dermetry/analysis/1\","
                              " \"photos\": [{\"sha256_pixels\": \"ab13\"}], " WHOLE "}";
    const char *page, *again;
    struct derm_pictures p;

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(build(ours, folder, &page), DERM_EMISSING);
    make_pictures(&p, "ab12");
    assert_int_equal(derm_pictures_save(&p, folder, &keep, &err), DERM_EMISSING); /* err sticks */
    err = (struct derm_error){ 0 };
    assert_int_equal(derm_pictures_save(&p, folder, &keep, &err), DERM_OK);
    assert_int_equal(build(other, folder, &page), DERM_EMALFORMED);
    assert_non_null(strstr(err.text, "other photos"));
    assert_int_equal(build(ours, folder, &page), DERM_OK);
    assert_non_null(strstr(page, "data:image/jpeg;base64,bm90IHJlYWxseSBhIHBpY3R1cmU="));
    assert_non_null(strstr(page, "data-layer=\"pores\""));
    assert_int_equal(derm_page_build(ours, strlen(ours), "x.json", &p, NULL, &keep, &again),
                     DERM_OK);
    assert_string_equal(page, again);
    remove_all(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(markup_of_the_program_is_not),
        cmocka_unit_test(decimals_have_a_point),
        cmocka_unit_test(base64_is_that_of_rfc_4648),
        cmocka_unit_test(it_grows),
        cmocka_unit_test(a_failure_sticks),
        cmocka_unit_test(numbers_read_well),
        cmocka_unit_test(days_are_counted),
        cmocka_unit_test(every_reason_has_advice_or_needs_none),
        cmocka_unit_test(what_is_none_of_ours_is_refused),
        cmocka_unit_test(a_document_of_holes_is_a_page),
        cmocka_unit_test(percent_of_the_baseline_is_told_from_points),
        cmocka_unit_test(numbers_are_cut_to_what_a_page_writes),
        cmocka_unit_test(a_document_cut_short_is_refused),
        cmocka_unit_test(pictures_are_those_of_the_document),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
