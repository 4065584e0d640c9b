/* SPDX-License-Identifier: Apache-2.0 */
/* The one-pass reader of JSON text, and the records of a study that are taken apart with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"
#include "study/entry.h"

static struct derm_scan scan_of(const char *text)
{
    return (struct derm_scan){ text, text + strlen(text), false };
}

static void values_are_read_in_their_order(void **state)
{
    struct derm_scan s =
        scan_of(" { \"a\" : [1, -2.5e3 ,\"x,]\\\"\"],\"b\":{\"c\":{}},\"d\":true} ");
    struct derm_span key, value;

    (void)state;
    assert_true(derm_scan_enter(&s, '{'));
    assert_true(derm_scan_member(&s, &key) && derm_span_is(key, "a"));
    assert_false(derm_scan_enter(&s, '{'));
    assert_true(derm_scan_enter(&s, '['));
    assert_true(derm_scan_element(&s) && derm_scan_value(&s, &value) && derm_span_is(value, "1"));
    assert_true(derm_scan_element(&s) && derm_scan_value(&s, &value));
    assert_true(derm_span_is(value, "-2.5e3"));
    assert_true(derm_scan_element(&s) && derm_scan_value(&s, &value));
    assert_true(derm_span_is(value, "x,]\\\""));
    assert_false(derm_scan_element(&s));
    assert_true(derm_scan_member(&s, &key) && derm_scan_value(&s, &value));
    assert_true(derm_span_is(value, "{\"c\":{}}"));
    assert_true(derm_scan_member(&s, &key) && derm_span_is(key, "d") && derm_scan_skip(&s));
    assert_false(derm_scan_member(&s, &key));
    assert_false(s.fault);
}

static void a_text_that_ends_early_is_a_fault_at_every_byte(void **state)
{
    static const char whole[] = "{\"a\":[1,{\"b\":\"\\\\\"}],\"c\":\"\\u00e9\"}";

    (void)state;
    for (size_t n = 0; n < sizeof(whole) - 1; n++) {
        char *const text = malloc(n + 1); /* what lies behind is not ours to read */
        struct derm_scan s = { text, text + n, false };
        struct derm_span key;

        assert_non_null(text);
        memcpy(text, whole, n);
        if (derm_scan_enter(&s, '{'))
            while (derm_scan_member(&s, &key))
                derm_scan_skip(&s);
        assert_true(n == 0 || s.fault);
        free(text);
    }
}

static void escapes_become_what_they_mean(void **state)
{
    static const struct {
        const char *escaped, *text;
    } cases[] = {
        { "plain", "plain" },
        { "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t" },
        { "\\u0041\\u00e9\\u20AC", "A\xc3\xa9\xe2\x82\xac" },
        { "\\ud83d\\ude00!", "\xf0\x9f\x98\x80!" },
        { "\\ud83d?", "\xef\xbf\xbd?" }, /* half of a pair */
        { "\\u12", "u12" },
    };
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct derm_span span = { cases[i].escaped, strlen(cases[i].escaped) };

        assert_int_equal(derm_span_text(span, text), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

/* ---- records */

#define ROW(metric, more) "{\"metric\":\"" metric "\",\"region\":\"face\"" more "}"

static const char record[] =
    "{\"schema\":\"dermetry/study-row/1\",\"row\":7,\"key\":\"00ff\",\"subject\":\"Zo\\u00eb\","
    "\"baseline\":{\"path\":\"a.jpg\",\"visit\":\"v0\"},\"extra\":{\"row\":[8,\"}\"]},"
    "\"comparison\":{\"baseline\":1,\"comparability\":{\"verdict\":\"limited\",\"reasons\":[{}]},"
    "\"metrics\":[" ROW("scars.relief", "") "," ROW(
        "pores.density",
        ",\"text\":\"skipped\",\"change\":{\"percent\":-3,\"ci95_percent\":[-9,3.5]},"
        "\"verdict\":\"improved\"") "],\"summary\":[{}]},\"version\":\"0.1.0\"}\n";

struct lab {
    struct derm_arena keep;
    struct derm_entry entry;
    struct derm_error err;
};

static int set_up(void **state)
{
    static struct lab lab;

    lab.err = (struct derm_error){ 0 };
    *state = &lab;
    return derm_arena_init(&lab.keep, 4 << 20, &lab.err) != DERM_OK ||
           derm_entry_new(&lab.entry, &lab.keep) != DERM_OK;
}

static int tear_down(void **state)
{
    derm_arena_free(&((struct lab *)*state)->keep);
    return 0;
}

static void a_record_is_taken_apart(void **state)
{
    struct lab *const lab = *state;
    const struct derm_span *const field = lab->entry.field;
    char text[sizeof(record)];

    memcpy(text, record, sizeof(record));
    assert_int_equal(derm_entry_read(&lab->entry, text, sizeof(record) - 1, "a record", &lab->err),
                     DERM_OK);
    assert_string_equal(field[DERM_ENTRY_LINE].at, "7");
    assert_string_equal(field[DERM_ENTRY_KEY].at, "00ff");
    assert_string_equal(field[DERM_ENTRY_SUBJECT].at, "Zo\xc3\xab");
    assert_string_equal(field[DERM_ENTRY_BASE_VISIT].at, "v0");
    assert_string_equal(field[DERM_ENTRY_BASE_PATH].at, "a.jpg");
    assert_string_equal(field[DERM_ENTRY_COMPARABILITY].at, "limited");
    assert_string_equal(field[DERM_ENTRY_VERSION].at, "0.1.0");
    assert_string_equal(field[DERM_ENTRY_ERROR].at, "");
    assert_int_equal(lab->entry.rows, 2);
    assert_string_equal(lab->entry.row[0][DERM_CELL_METRIC].at, "scars.relief");
    assert_int_equal(lab->entry.row[0][DERM_CELL_PERCENT].n, 0);
    assert_string_equal(lab->entry.row[1][DERM_CELL_PERCENT].at, "-3");
    assert_string_equal(lab->entry.row[1][DERM_CELL_LO].at, "-9");
    assert_string_equal(lab->entry.row[1][DERM_CELL_HI].at, "3.5");
    assert_string_equal(lab->entry.row[1][DERM_CELL_VERDICT].at, "improved");
}

static void a_record_that_ends_early_is_damaged(void **state)
{
    struct lab *const lab = *state;

    for (size_t n = 0; n < sizeof(record) - 2; n++) {
        char *const text = malloc(n + 1);

        assert_non_null(text);
        memcpy(text, record, n);
        lab->err = (struct derm_error){ 0 };
        assert_int_equal(derm_entry_read(&lab->entry, text, n, "a record", &lab->err),
                         DERM_EMALFORMED);
        assert_non_null(strstr(lab->err.text, "a record is damaged"));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_in_their_order),
        cmocka_unit_test(a_text_that_ends_early_is_a_fault_at_every_byte),
        cmocka_unit_test(escapes_become_what_they_mean),
        cmocka_unit_test_setup_teardown(a_record_is_taken_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_record_that_ends_early_is_damaged, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
