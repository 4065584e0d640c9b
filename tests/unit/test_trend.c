/* SPDX-License-Identifier: Apache-2.0 */
/* Trends: against SciPy 1.10.1 on the same numbers, against all orders counted one by one, and
 * against what an interval promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "stages/statistics.h"
#include "study/trend.h"

#define assert_close(value, truth, within) assert_true(fabs((value) - (truth)) <= (within))

enum { MOST = 24 };

static struct derm_arena scratch;

static int set_up(void **state)
{
    static struct derm_error err;

    (void)state;
    return derm_arena_init(&scratch, (size_t)1 << 20, &err);
}

static int tear_down(void **state)
{
    (void)state;
    derm_arena_free(&scratch);
    return 0;
}

static struct derm_trend fit(const double *x, const double *y, double sd, int n)
{
    struct derm_trend_point point[MOST];
    struct derm_trend trend;

    for (int i = 0; i < n; i++)
        point[i] = (struct derm_trend_point){ x[i], y[i], sd };
    assert_true(derm_trend_possible(point, n));
    assert_int_equal(derm_trend_fit(&scratch, point, n, &trend), DERM_OK);
    assert_true(scratch.used == 0);
    return trend;
}

/* What scipy.stats.theilslopes(y, x) and scipy.stats.kendalltau(x, y) say; of the longest, with
 * method="asymptotic". */
static const struct peer {
    int n;
    double x[MOST], y[MOST];
    double slope, lo, hi, tau_b, p;
} peers[] = {
    { 7,
      { 0, 42, 84, 126, 168, 210, 300 },
      { 0, -5.5, -11, -9, -20, -26, -24 },
      -0.11507936507936507,
      -0.13095238095238096,
      -0.041666666666666664,
      -0.8095238095238096,
      0.010714285714285714 },
    { 8,
      { 0, 10, 25, 42, 70, 91, 130, 200 },
      { 0, 3, -1, 4, 2, 8, 5, 9.5 },
      0.04875,
      0.011363636363636364,
      0.08791208791208792,
      0.6428571428571428,
      0.03115079365079365 },
    { 5,
      { 0, 30, 60, 95, 120 },
      { 0, -3, -2, -8, -12 },
      -0.1,
      -0.17142857142857143,
      0.03333333333333333,
      -0.7999999999999999,
      0.08333333333333333 },
    { 24,
      { 30,  68,  103, 125, 162, 201, 239, 246, 266, 292, 306, 324,
        350, 383, 408, 419, 447, 482, 494, 518, 534, 570, 577, 598 },
      { -0.2,  -1.4,  -11.1, 2.8,   -15.7, -5.6,  -13.3, -15.8, -15.9, -17.3, -13.8, -16.6,
        -11.6, -26.5, -20.4, -24.5, -19.2, -32.5, -26.1, -25.1, -32.6, -24.6, -28.1, -25.9 },
      -0.046697135318507305,
      -0.06246786632390746,
      -0.03394160583941605,
      -0.7101449275362319,
      1.1640367817513507e-06 },
};

static void equals_scipy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++) {
        const struct peer *const peer = &peers[i];
        const struct derm_trend t = fit(peer->x, peer->y, 1, peer->n);

        assert_close(t.slope, peer->slope, 1e-12);
        assert_close(t.lo, peer->lo, 1e-12);
        assert_close(t.hi, peer->hi, 1e-12);
        assert_close(t.tau_b, peer->tau_b, 1e-12);
        assert_close(t.p, peer->p, 1e-11);
        assert_true(t.distribution_free);
        assert_int_equal(t.exact, peer->n <= 20);
    }
}

static void ties_in_both_equal_scipy(void **state)
{
    static const double x[] = { 0, 1, 2, 2, 3, 3, 4 }, y[] = { 0, -1, -1, -2, -2, -3, -2 };
    const struct derm_trend t = fit(x, y, 1, 7);

    (void)state;
    assert_false(t.exact);
    assert_close(t.slope, -0.5, 1e-12);
    assert_close(t.tau_b, -0.7233393492970543, 1e-12);
    assert_close(t.p, 0.035069208355361654, 1e-12);
}

static int order_of(const double *x, const double *y, int n)
{
    int s = 0;

    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) {
            const double d = (x[i] - x[j]) * (y[i] - y[j]);

            s += (d > 0) - (d < 0);
        }
    return s;
}

/* Of all orders of y, how many are as far from none as the one that was seen (Heap 1963). */
static void count_extremes(const double *x, double *y, int n, int k, int seen, int *count)
{
    if (k == 1) {
        const int s = order_of(x, y, n);

        count[0]++;
        count[1] += (s < 0 ? -s : s) >= seen;
        return;
    }
    for (int i = 0; i < k; i++) {
        const int other = k % 2 ? 0 : i;
        double v;

        count_extremes(x, y, n, k - 1, seen, count);
        v = y[other];
        y[other] = y[k - 1];
        y[k - 1] = v;
    }
}

static void ties_in_one_are_exact(void **state)
{
    static const double x[] = { 0, 1, 2, 3, 3, 3, 1 }, y[] = { 0, -5, -3, -9, -12, -8, -1 };

    (void)state;
    for (int n = 4; n <= 7; n++) {
        double order[7];
        int count[2] = { 0, 0 }, s;

        for (int swap = 0; swap < 2; swap++) {
            const double *const a = swap ? y : x, *const b = swap ? x : y;
            const struct derm_trend t = fit(a, b, 1, n);

            for (int i = 0; i < n; i++)
                order[i] = b[i];
            s = order_of(a, b, n);
            count[0] = count[1] = 0;
            count_extremes(a, order, n, n, s < 0 ? -s : s, count);
            assert_true(t.exact);
            assert_close(t.p, (double)count[1] / count[0], 1e-12);
        }
    }
}

static void a_flat_line_is_no_trend(void **state)
{
    static const double x[] = { 0, 1, 2, 3, 4 }, y[] = { 2, 2, 2, 2, 2 };
    const struct derm_trend t = fit(x, y, 0, 5);

    (void)state;
    assert_true(t.slope == 0 && t.lo == 0 && t.hi == 0 && t.tau_b == 0 && t.p == 1);
}

static void too_few_are_none(void **state)
{
    static const struct derm_trend_point point[] = { { 0, 0, 1 }, { 42, 1, 1 }, { 42, 2, 1 } };
    static const struct derm_trend_point one_day[] = { { 3, 0, 1 }, { 3, 1, 1 }, { 3, 2, 1 } };

    (void)state;
    assert_false(derm_trend_possible(point, 0));
    assert_false(derm_trend_possible(point, 2));
    assert_true(derm_trend_possible(point, 3));
    assert_false(derm_trend_possible(one_day, 3));
}

static void three_points_go_by_their_errors(void **state)
{
    static const double x[] = { 0, 42, 84 }, y[] = { 0, -20, -40 };
    const struct derm_trend t = fit(x, y, 3, 3);

    (void)state;
    assert_false(t.distribution_free);
    assert_close(t.slope, -40. / 84, 1e-12);
    assert_close(t.hi - t.slope, 1.96 * sqrt(18) / 84, 1e-12);
    assert_close(t.p, 1. / 3, 1e-12);
}

static void of_those_at_one_place_the_less_sure_counts(void **state)
{
    const struct derm_trend_point point[] = { { 1, -9, 2 }, { 0, 0, 1 }, { 1, -5, 4 } };
    struct derm_trend t;

    (void)state;
    assert_int_equal(derm_trend_fit(&scratch, point, 3, &t), DERM_OK);
    assert_close(t.slope, -7, 1e-12);
    assert_close(t.hi - t.slope, 1.96 * sqrt(17), 1e-12);
}

/* Twelve uniform numbers make a normal one. */
static double normal(struct derm_random *r)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += derm_random_uniform(r);
    return sum;
}

static void intervals_cover_what_they_promise(void **state)
{
    static const double x[] = { 0, 5, 42, 90, 98, 140, 180, 260 };
    enum { TRIALS = 4000 };
    struct derm_random random = { 7 };

    (void)state;
    for (int n = 3; n <= 8; n++) {
        int covered = 0;

        for (int trial = 0; trial < TRIALS; trial++) {
            double y[8];
            struct derm_trend t;

            for (int i = 0; i < n; i++)
                y[i] = -0.2 * x[i] + 4 * normal(&random);
            t = fit(x, y, 4, n);
            covered += t.lo <= -0.2 && -0.2 <= t.hi;
        }
        assert_true(covered > 0.94 * TRIALS); /* orders are few: some intervals promise more */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_scipy),
        cmocka_unit_test(ties_in_both_equal_scipy),
        cmocka_unit_test(ties_in_one_are_exact),
        cmocka_unit_test(a_flat_line_is_no_trend),
        cmocka_unit_test(too_few_are_none),
        cmocka_unit_test(three_points_go_by_their_errors),
        cmocka_unit_test(of_those_at_one_place_the_less_sure_counts),
        cmocka_unit_test(intervals_cover_what_they_promise),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
