/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON emitter: one number format, clean text, sticky failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/json.h"

static const char *text_of(double value)
{
    static char text[DERM_NUMBER_TEXT];

    return derm_number_text(text, value) ? text : "none";
}

static void numbers_are_short_and_have_six_digits(void **state)
{
    (void)state;
    assert_string_equal(text_of(0.1 + 0.2), "0.3");
    assert_string_equal(text_of((double)12.3f), "12.3");
    assert_string_equal(text_of(1.0 / 3), "0.333333");
    assert_string_equal(text_of(123456.7), "123457");
    assert_string_equal(text_of(-0.0), "0");
    assert_string_equal(text_of(-1e-12), "-1e-12");
    assert_string_equal(text_of(1e300), "1e+300");
    assert_string_equal(text_of((double)NAN), "none");
    assert_string_equal(text_of(-(double)INFINITY), "none");
}

static void numbers_survive_reading_and_writing(void **state)
{
    uint64_t x = 88172645463325252u;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        char once[DERM_NUMBER_TEXT], twice[DERM_NUMBER_TEXT];
        double value;

        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        value = ldexp((double)(int64_t)x, -(int)(x % 120));
        assert_true(derm_number_text(once, value));
        assert_true(fabs(strtod(once, NULL) - value) <= 5.000001e-6 * fabs(value));
        assert_true(derm_number_text(twice, strtod(once, NULL)));
        assert_string_equal(once, twice);
    }
}

static void numbers_ignore_the_locale(void **state)
{
    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8")) {
        print_message("skipped: no locale with a decimal comma is installed\n");
        return;
    }
    assert_string_equal(text_of(1.5), "1.5");
    setlocale(LC_NUMERIC, "C");
}

static void integers_are_exact(void **state)
{
    struct derm_error err = { 0 };
    struct derm_arena keep;
    struct derm_emit e;
    const char *text, *line;

    (void)state;
    assert_int_equal(derm_arena_init(&keep, 1 << 20, &err), DERM_OK);
    assert_int_equal(derm_emit_begin(&e, &err), DERM_OK);
    derm_emit_int(&e, e.root, "n", (int64_t)9007199254740993);
    derm_emit_text(&e, derm_emit_array(&e, e.root, "list"), NULL, "a \"b\" \xff\n");
    derm_emit_text(&e, e.root, "path", "of \"a\\");
    derm_emit_bool(&e, e.root, "yes", true);
    assert_int_equal(derm_emit_end(&e, &keep, &text), DERM_OK);
    assert_int_equal(derm_json_line(&keep, &line, text), DERM_OK);
    assert_string_equal(line, "{\"n\":9007199254740993,\"list\":[\"a \\\"b\\\" \xef\xbf\xbd"
                              "\xef\xbf\xbd\"],\"path\":\"of \\\"a\\\\\",\"yes\":true}");
    derm_arena_free(&keep);
}

static void what_is_no_number_fails_the_document(void **state)
{
    struct derm_error err = { 0 };
    struct derm_arena keep;
    struct derm_emit e;
    const char *text;

    (void)state;
    assert_int_equal(derm_arena_init(&keep, 1 << 20, &err), DERM_OK);
    assert_int_equal(derm_emit_begin(&e, &err), DERM_OK);
    derm_emit_number(&e, e.root, "speed", (double)NAN);
    derm_emit_number(&e, e.root, "size", 2);
    assert_int_equal(derm_emit_end(&e, &keep, &text), DERM_EINTERNAL);
    assert_non_null(strstr(err.text, "speed"));
    derm_arena_free(&keep);
}

static void text_becomes_utf8(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "plain", "plain" },
        { "\xc3\xa9t\xc3\xa9.jpg", "\xc3\xa9t\xc3\xa9.jpg" },
        { "\xe9t\xe9", "\xef\xbf\xbdt\xef\xbf\xbd" },               /* Latin-1 */
        { "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },                 /* overlong */
        { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, /* surrogate */
        { "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
        { "a\x1b[2J", "a\xef\xbf\xbd[2J" },
    };
    char small[6];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[64];

        derm_text_clean(text, sizeof(text), cases[i].in);
        assert_string_equal(text, cases[i].out);
    }
    derm_text_clean(small, sizeof(small), "abc\xf0\x9f\x98\x80");
    assert_string_equal(small, "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_short_and_have_six_digits),
        cmocka_unit_test(numbers_survive_reading_and_writing),
        cmocka_unit_test(numbers_ignore_the_locale),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(what_is_no_number_fails_the_document),
        cmocka_unit_test(text_becomes_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
