/* SPDX-License-Identifier: Apache-2.0 */
/* The acceptance suite fails when a figure gets worse, and only then; its statistics. */
#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "../truth/acceptance_sampling.c"
#include "../truth/acceptance_table.c"

static char path[] = "/tmp/test_acceptance_XXXXXX";

static struct table *bias_of(double value, double error)
{
    static struct table t;
    struct figure *f;

    t = (struct table){ .n = 0 };
    f = table_row(&t, "1", "a, b: bias", AT_MOST, 2, 2);
    figure_set(f, (struct estimate){ value, error, 10 });
    f = table_row(&t, "11", "coverage", WITHIN, 0.92, 0.98);
    figure_set(f, (struct estimate){ 0.95, 0.01, 10 });
    table_row(&t, "3", "without photos", AT_MOST, 5, 5);
    return &t;
}

static void test_status(void **state)
{
    (void)state;
    assert_true(figure_met(&bias_of(-1.9, 0)->figure[0]));
    assert_false(figure_met(&bias_of(-2.1, 0)->figure[0]));
    assert_true(figure_met(&bias_of(0, 0)->figure[1]));
    assert_false(figure_met(&bias_of(0, 0)->figure[2]));
}

static void test_regressions(void **state)
{
    struct table *t;

    (void)state;
    table_bless(bias_of(-3, 0.5), path);
    assert_int_equal(table_regressions(bias_of(-3, 0.5), path), 0);
    assert_int_equal(table_regressions(bias_of(3.4, 0.1), path), 0); /* within the error */
    assert_int_equal(table_regressions(bias_of(0.1, 0.1), path), 0);
    assert_int_equal(table_regressions(bias_of(3.6, 9), path), 1);
    t = bias_of(0, 0);
    t->figure[1].is.value = 0.995; /* intervals that became too wide */
    assert_int_equal(table_regressions(t, path), 1);
    t->figure[1].measured = false;
    assert_int_equal(table_regressions(t, path), 1);
    t->figure[1].skipped = true;
    assert_int_equal(table_regressions(t, path), 0);
    assert_int_equal(table_regressions(t, "/nowhere.csv"), 1);
}

/* The printed table says what was recorded, and ends with the red rows and why they are. */
static void test_printed(void **state)
{
    struct table *const t = bias_of(-2.5, 0.5);
    static char text[4096];
    FILE *const out = tmpfile();

    (void)state;
    assert_non_null(out);
    table_bless(bias_of(-3, 0.5), path);
    t->figure[0].is.value = -2.5;
    assert_int_equal(table_regressions(t, path), 0);
    figure_limit(&t->figure[0], "pores of %d kinds", 2);
    figure_limit_sample(&t->figure[0], "pairs");
    figure_limit_sample(&t->figure[2], "pairs"); /* not measured: no sample */
    table_print(t, out);
    rewind(out);
    assert_true(fread(text, 1, sizeof(text) - 1, out) > 0);
    fclose(out);
    assert_non_null(
        strstr(text, "| 1 | a, b: bias | <= 2 | -3 | -2.5 +- 0.5 | 10 | red | pores of 2 kinds; "
                     "the sample: 10 pairs, one of them is 10 % |"));
    assert_non_null(strstr(text, "red | not measured |"));
    assert_non_null(strstr(
        text, "red rows:\n  1 a, b: bias: -2.5 +- 0.5, target <= 2: pores of 2 kinds; the sample"));
}

static void test_statistics(void **state)
{
    static const double x[6] = { 1, 2, 3, 10, 20, 30 }, y[6] = { -1, -2, -3, -10, -20, -30 };
    static const int group[6] = { 0, 0, 0, 1, 1, 1 };
    const struct estimate all = estimate_share(20, 20);

    (void)state;
    assert_float_equal(estimate_mean(x, 6).value, 11, 1e-9);
    assert_float_equal(estimate_sd_ratio(x, group, 6, 2).value, 10, 1e-9);
    assert_int_equal(estimate_sd_ratio(x, group, 4, 2).n, 0); /* a group of one has no sd */
    assert_float_equal(correlation(x, y, 6), -1, 1e-9);
    assert_float_equal(all.value, 1, 1e-9);
    assert_true(all.error > 0.02); /* twenty of twenty do not prove all */
    assert_true(estimate_rms(x, 6).error > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_regressions),
        cmocka_unit_test(test_printed),
        cmocka_unit_test(test_statistics),
    };
    const int file = mkstemp(path);
    int failed;

    if (file < 0 || close(file)) return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove(path);
    return failed;
}
