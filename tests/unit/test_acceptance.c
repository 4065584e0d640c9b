/* SPDX-License-Identifier: Apache-2.0 */
/* The acceptance suite fails when a figure gets worse, and only then; its statistics. */
#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include <float.h>
#include <math.h>
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
    figure_set(f, (struct estimate){ value, error, 10, 5 });
    f = table_row(&t, "11", "coverage", WITHIN, 0.92, 0.98);
    figure_set(f, (struct estimate){ 0.95, 0.01, 10, 5 });
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
    assert_non_null(strstr(
        text, "| 1 | a, b: bias | <= 2 | -3 | -2.5 +- 0.5 | 10 | 5 | red | pores of 2 kinds; "
              "the sample: 10 pairs, one of them is 10 % |"));
    assert_non_null(strstr(text, "red | not measured |"));
    assert_non_null(strstr(
        text, "red rows:\n  1 a, b: bias: -2.5 +- 0.5, target <= 2: pores of 2 kinds; the sample"));
}

/* A figure without a target is in the table, among no red ones, and may not get worse. */
static void test_reported(void **state)
{
    struct table t = { .n = 0 };
    struct figure *const f = table_row(&t, "22", "dark skin: RMSE", REPORTED, 0, 0);
    static char text[4096];
    FILE *const out = tmpfile();

    (void)state;
    assert_non_null(out);
    assert_false(figure_met(f));
    figure_set(f, (struct estimate){ 8, 2, 24, 24 });
    assert_true(figure_met(f));
    table_bless(&t, path);
    f->is.value = 9.9;
    assert_int_equal(table_regressions(&t, path), 0);
    f->is.value = 10.1;
    assert_int_equal(table_regressions(&t, path), 1);
    table_print(&t, out);
    rewind(out);
    assert_true(fread(text, 1, sizeof(text) - 1, out) > 0);
    fclose(out);
    assert_non_null(
        strstr(text, "| 22 | dark skin: RMSE | none | 8 | 10.1 +- 2 | 24 | 24 | reported |"));
    assert_non_null(strstr(text, "red rows:\n\nreported rows:\n  22 dark skin: RMSE: 10.1 +- 2"));
}

/* Units of things that are all alike: as sure as so many things, however many there are. */
enum { UNITS = 40, EACH = 25 };

static struct shares alike_shares(double alike)
{
    struct derm_random random = { 7 };
    struct shares s = { .n = 0 };

    for (int u = 0; u < UNITS; u++) {
        const bool common = derm_random_uniform(&random) < 0.5;

        for (int i = 0; i < EACH; i++) {
            const bool shared = derm_random_uniform(&random) < alike;

            shares_add(&s, u, shared ? common : derm_random_uniform(&random) < 0.5, 1);
        }
    }
    return s;
}

/* Error of a share of 1/2 of so many independent things. */
static double even_error(double n)
{
    return 0.5 / sqrt(n);
}

/* Things that take what all of their unit have with probability a correlate by a squared; the
 * variance grows by 1 + (EACH - 1) of that (Kish 1965). */
static void test_alike_shares(void **state)
{
    static const double alike[3] = { 0, 0.5, 1 };

    (void)state;
    for (int i = 0; i < 3; i++) {
        const struct shares s = alike_shares(alike[i]);
        const double effect = 1 + (EACH - 1) * alike[i] * alike[i];
        const struct estimate e = estimate_share(&s);

        assert_int_equal(e.n, UNITS * EACH);
        assert_int_equal(e.units, UNITS);
        assert_true(fabs(e.error / even_error(UNITS * EACH / effect) - 1) < 0.2);
    }
}

/* All or none: no more is known than if each unit were one thing; and it is not sure. */
static void test_certain_shares(void **state)
{
    struct shares many = { .n = 0 }, few = { .n = 0 }, one = { .n = 0 }, none = { .n = 0 };

    (void)state;
    for (int i = 0; i < 9; i++) {
        shares_add(&many, i, 0, 100);
        shares_add(&few, i, 1, 1);
        shares_add(&one, 3, 1, 2);
    }
    assert_float_equal(estimate_share(&many).value, 0, 0);
    assert_float_equal(estimate_share(&many).error, estimate_share(&few).error, 1e-12);
    assert_float_equal(estimate_share(&few).error, 0.05, 1e-9); /* Wilson: 1 / 2 (n + 1) */
    assert_int_equal(estimate_share(&one).units, 1);
    assert_true(estimate_share(&one).error > 0.25); /* one photo tells little of others */
    assert_int_equal(estimate_share(&none).n, 0);
}

static void test_alike_numbers(void **state)
{
    struct derm_random random = { 3 };
    static double x[UNITS * EACH];
    static int unit[UNITS * EACH];

    (void)state;
    for (int i = 0; i < UNITS * EACH; i++) { /* those of a unit are equal, and lie apart */
        unit[i] = 5 * (i % UNITS);
        x[i] = i < UNITS ? 2 * derm_random_uniform(&random) - 1 : x[i - UNITS];
    }
    const struct estimate rms = estimate_rms(x, unit, UNITS * EACH);
    const struct estimate sd = estimate_sd(x, unit, UNITS * EACH);
    const struct estimate once = estimate_rms(x, NULL, UNITS);

    assert_float_equal(rms.value, once.value, 1e-12);
    assert_float_equal(rms.error, once.error, 1e-12);
    assert_int_equal(rms.units, UNITS);
    assert_float_equal(sd.error, estimate_sd(x, NULL, UNITS).error, 1e-3);
    assert_true(estimate_rms(x, NULL, UNITS * EACH).error < rms.error / 4);
}

static void test_statistics(void **state)
{
    static const double x[6] = { 1, 2, 3, 10, 20, 30 }, y[6] = { -1, -2, -3, -10, -20, -30 };
    static const int group[6] = { 0, 0, 0, 1, 1, 1 };

    (void)state;
    assert_float_equal(estimate_mean(x, 6).value, 11, 1e-9);
    assert_float_equal(estimate_sd_ratio(x, group, 6, 2).value, 10, 1e-9);
    assert_int_equal(estimate_sd_ratio(x, group, 4, 2).n, 0); /* a group of one has no sd */
    assert_float_equal(correlation(x, y, 6), -1, 1e-9);
    assert_true(estimate_rms(x, NULL, 6).error > 0);
    assert_true(estimate_rms(x, group, 3).error > DBL_MAX); /* of one unit */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),        cmocka_unit_test(test_regressions),
        cmocka_unit_test(test_printed),       cmocka_unit_test(test_reported),
        cmocka_unit_test(test_alike_shares),  cmocka_unit_test(test_certain_shares),
        cmocka_unit_test(test_alike_numbers), cmocka_unit_test(test_statistics),
    };
    const int file = mkstemp(path);
    int failed;

    if (file < 0 || close(file)) return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove(path);
    return failed;
}
