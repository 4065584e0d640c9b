/* SPDX-License-Identifier: Apache-2.0 */
/* The decision rule: what counts as a change, in numbers alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/metrics.h"
#include "stages/decide.h"
#include "stages/statistics.h"

#define assert_close(value, truth, within) assert_true(fabs((value) - (truth)) <= (within))

/* The change from 10 to follow over n objects, with an interval of half percent points. */
static struct derm_result decide(double follow, int n, double half, double sd_percent,
                                 enum derm_better better)
{
    const struct derm_precision precision = { .sd_percent = sd_percent, .objects = 14 };
    const double percent = 100 * (follow / 10 - 1);
    const struct derm_spread spread = { 0.5, 0.5, 10 * half / 196, percent - half, percent + half };
    struct derm_result r = { .objects = n };

    r.base.value = 10;
    r.follow.value = follow;
    derm_decide(&r, better, &precision, &spread, 1);
    return r;
}

static void a_large_even_change_counts(void **state)
{
    struct derm_result r = decide(8, 20, 3, 3.7, DERM_BETTER_LOWER);

    (void)state;
    assert_int_equal(r.verdict, DERM_IMPROVED);
    assert_true(r.has_percent);
    assert_close(r.percent, -20, 1e-9);
    assert_close(r.mdc95_percent, 1.96 * 3.7, 1e-9);
    assert_close(r.percent_lo, -20 - sqrt(9 + 7.252 * 7.252), 1e-9);
    assert_close(r.percent_hi, -20 + sqrt(9 + 7.252 * 7.252), 1e-9);
    assert_close(r.change, -2, 1e-12);
    r = decide(12, 20, 3, 3.7, DERM_BETTER_LOWER);
    assert_int_equal(r.verdict, DERM_WORSENED);
    r = decide(12, 20, 3, 3.7, DERM_BETTER_HIGHER);
    assert_int_equal(r.verdict, DERM_IMPROVED);
}

static void a_change_below_mdc95_does_not(void **state)
{
    (void)state;
    assert_int_equal(decide(9.3, 20, 0.1, 3.7, DERM_BETTER_LOWER).verdict,
                     DERM_NO_DETECTABLE_CHANGE);
    assert_int_equal(decide(10, 20, 0, 3.7, DERM_BETTER_LOWER).verdict, DERM_NO_DETECTABLE_CHANGE);
}

static void a_wide_interval_does_not(void **state)
{
    (void)state;
    assert_int_equal(decide(8, 20, 25, 3.7, DERM_BETTER_LOWER).verdict, DERM_NO_DETECTABLE_CHANGE);
}

static void few_objects_have_to_change_more(void **state)
{
    const struct derm_result one = decide(8, 1, 0, 3.7, DERM_BETTER_LOWER);

    (void)state;
    assert_int_equal(one.verdict, DERM_NO_DETECTABLE_CHANGE);
    assert_close(one.mdc95_percent, 1.96 * 3.7 * sqrt(14), 1e-9);
    assert_true(one.percent_hi > 0);
    assert_int_equal(decide(6, 1, 0, 3.7, DERM_BETTER_LOWER).verdict, DERM_IMPROVED);
}

static void no_percentage_of_nothing(void **state)
{
    const struct derm_precision precision = { .sd_percent = 5, .objects = 14 };
    const struct derm_spread spread = { 1, 1, 1, 0, 0 };
    struct derm_result r = { .objects = 14 };

    (void)state;
    r.follow.value = 10;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_false(r.has_percent);
    assert_int_equal(r.verdict, DERM_WORSENED);
    r.follow.value = 0;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_int_equal(r.verdict, DERM_NO_DETECTABLE_CHANGE);
    r.follow.value = 1.9; /* within 1.96 sd */
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 1);
    assert_int_equal(r.verdict, DERM_NO_DETECTABLE_CHANGE);
}

static void figures_in_the_metric_s_unit(void **state)
{
    const struct derm_precision precision = { .sd_absolute = 0.06, .objects = 1 };
    const struct derm_spread spread = { 0.01, 0.01, 0.01, -55, -45 };
    struct derm_result r = { 0 };

    (void)state;
    r.base.value = 0.4;
    r.follow.value = 0.2;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 0.02);
    assert_close(r.mdc95_percent, 196 * 0.06 / 0.4, 1e-9);
    assert_int_equal(r.verdict, DERM_IMPROVED);
    r.follow.value = 0.35;
    derm_decide(&r, DERM_BETTER_LOWER, &precision, &spread, 0.02);
    assert_int_equal(r.verdict, DERM_NO_DETECTABLE_CHANGE);
}

static struct derm_json *read_table(void)
{
    struct derm_error err = { 0 };
    struct derm_json *root;
    static char text[1 << 16];
    FILE *const f = fopen(DERM_TEST_MODELS "/precision.json", "rb");

    assert_non_null(f);
    const size_t n = fread(text, 1, sizeof(text), f);
    fclose(f);
    assert_int_equal(derm_json_parse(&root, text, n, "precision.json", &err), DERM_OK);
    return root;
}

static void the_table_knows_every_metric(void **state)
{
    struct derm_json *const table = read_table();
    struct derm_error err = { 0 };
    struct derm_precision p;

    (void)state;
    for (int i = 0; i < DERM_METRIC_COUNT; i++) {
        assert_int_equal(derm_precision_read(table, derm_metrics[i].id, 20, &p, &err), DERM_OK);
        assert_true(p.sd_percent > 0 || p.sd_absolute > 0);
        assert_true(p.objects >= 1);
    }
    assert_int_equal(derm_precision_read(table, "none", 20, &p, &err), DERM_EMODEL);
    derm_json_free(table);
}

static void darker_skin_has_wider_limits(void **state)
{
    static const struct {
        double ita_deg, sd;
    } expected[] = { { 60, 3.7 }, { 41.1, 3.7 }, { 41, 4.6 },
                     { 11, 4.6 }, { 10, 11.1 },  { -60, 11.1 } };
    struct derm_json *const table = read_table();
    struct derm_error err = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct derm_precision p;
        assert_int_equal(
            derm_precision_read(table, "pigmentation.load", expected[i].ita_deg, &p, &err),
            DERM_OK);
        assert_close(p.sd_percent, expected[i].sd, 1e-9);
    }
    derm_json_free(table);
}

/* Shares of 0, 1, 2, ... are e^-1 / k!; mean and variance are 1. */
static void draws_are_poisson(void **state)
{
    static uint8_t k[400001];
    static const double share[] = { 0.36788, 0.36788, 0.18394, 0.06131, 0.01533, 0.00307 };
    enum { N = sizeof(k) - 1, SHARES = sizeof(share) / sizeof(share[0]) };
    struct derm_random random = { 5 };
    double mean = 0, square = 0, count[SHARES] = { 0 };

    (void)state;
    k[N - 3] = 99;
    derm_random_poisson(&random, k, N - 3); /* not a whole number of random numbers */
    assert_int_equal(k[N - 3], 99);
    for (int i = 0; i < N - 3; i++) {
        mean += k[i];
        square += k[i] * k[i];
        if (k[i] < SHARES) count[k[i]]++;
    }
    mean /= N - 3;
    assert_close(mean, 1, 0.008); /* 5 sd */
    assert_close(square / (N - 3) - mean * mean, 1, 0.014);
    for (int i = 0; i < SHARES; i++)
        assert_close(count[i] / (N - 3), share[i], 0.004);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_even_change_counts),
        cmocka_unit_test(a_change_below_mdc95_does_not),
        cmocka_unit_test(a_wide_interval_does_not),
        cmocka_unit_test(few_objects_have_to_change_more),
        cmocka_unit_test(no_percentage_of_nothing),
        cmocka_unit_test(figures_in_the_metric_s_unit),
        cmocka_unit_test(the_table_knows_every_metric),
        cmocka_unit_test(darker_skin_has_wider_limits),
        cmocka_unit_test(draws_are_poisson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
