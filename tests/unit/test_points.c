/* SPDX-License-Identifier: Apache-2.0 */
/* A user's line as a text file: points of any common spelling, or a sentence that names the row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io/points.h"

static struct derm_arena arena;
static struct derm_error err;
static struct derm_points points;

static derm_err parse(const char *text)
{
    err = (struct derm_error){ 0 };
    derm_arena_reset(&arena, 0);
    return derm_points_parse(&points, &arena,
                             (struct derm_bytes){ (const uint8_t *)text, strlen(text) }, "line.csv",
                             100, 80, &err);
}

static void what_tables_and_programs_write(void **state)
{
    static const char *const texts[] = {
        "x,y\n10,20.5\n99,79\n",
        "10,20.5\n99,79",
        "\xef\xbb\xbf"
        "10;20.5\r\n99;79\r\n",
        " 10\t20.5 \n\n 99 \t 79\n\n",
        "X Y\n10 20.5\n99 79\n",
        "\xef\xbb\xbfx,y\n10 , 20.50000000000000000\n99,79\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        assert_int_equal(parse(texts[i]), DERM_OK);
        assert_int_equal(points.n, 2);
        assert_true(points.xy[0][0] == 10 && points.xy[0][1] == 20.5);
        assert_true(points.xy[1][0] == 99 && points.xy[1][1] == 79);
    }
}

static void what_is_no_line_is_told(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "", "has 0 points" },
        { "x,y\n", "has 0 points" },
        { "10,20\n", "has 1 points" },
        { "10,20\nten,20\n", "row 2" },
        { "10,20\n30,40,50\n", "row 2" },
        { "x,y\n10,20\n\n30 40 50\n", "row 4" },
        { "10,20\n1020\n", "row 2" },
        { "10,20\n.5,20\n", "row 2" },
        { "10,20\n1e1,20\n", "row 2" },
        { "10,20\n99.5,20\n", "outside" },
        { "10,20\n-1,20\n", "outside" },
        { "10,20\n99999999999999999999999999999999,20\n", "outside" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(parse(cases[i].text), DERM_EMALFORMED);
        assert_non_null(strstr(err.text, cases[i].says));
    }
}

static void there_is_a_most(void **state)
{
    static char text[(DERM_MAX_POINTS + 1) * 4 + 1];

    (void)state;
    for (int i = 0; i <= DERM_MAX_POINTS; i++)
        memcpy(text + 4 * (size_t)i, "1,2\n", 4);
    assert_int_equal(parse(text), DERM_EMALFORMED);
    assert_non_null(strstr(err.text, "more than"));
    text[(size_t)DERM_MAX_POINTS * 4] = '\0';
    assert_int_equal(parse(text), DERM_OK);
    assert_int_equal(points.n, DERM_MAX_POINTS);
}

static int set_up(void **state)
{
    (void)state;
    return derm_arena_init(&arena, 1 << 20, &err) != DERM_OK;
}

static int tear_down(void **state)
{
    (void)state;
    derm_arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_tables_and_programs_write),
        cmocka_unit_test(what_is_no_line_is_told),
        cmocka_unit_test(there_is_a_most),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
