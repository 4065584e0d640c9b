/* SPDX-License-Identifier: Apache-2.0 */
/* The change since a baseline of several photos: in numbers, and in simulated photos. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "stages/statistics.h"
#include "study/mean_change.h"

#define assert_close(value, truth, within) assert_true(fabs((value) - (truth)) <= (within))

enum { MOST = 4 };

/* Spots of load 10 that changed by percent, give or take sd percent. */
static struct derm_result changed(double percent, double sd)
{
    return (struct derm_result){
        .metric = DERM_METRIC_PIGMENTATION_LOAD,
        .region = DERM_REGION_ROI,
        .base = { 10, 0.5 },
        .follow = { 10 + percent / 10, 0.5 },
        .change = percent / 10,
        .change_sd = sd / 10,
        .percent = percent,
        .percent_lo = percent - 1.96 * sd,
        .percent_hi = percent + 1.96 * sd,
        .has_percent = true,
        .mdc95_percent = 1.96 * sd,
        .verdict = fabs(percent) > 1.96 * sd ? percent < 0 ? DERM_IMPROVED : DERM_WORSENED
                                             : DERM_NO_DETECTABLE_CHANGE,
        .objects = 40,
    };
}

static struct derm_result refused(enum derm_reason reason)
{
    return (struct derm_result){ .metric = DERM_METRIC_PIGMENTATION_LOAD,
                                 .region = DERM_REGION_ROI,
                                 .status = DERM_NOT_ASSESSABLE,
                                 .reason = reason,
                                 .verdict = DERM_NOT_COMPARABLE };
}

static struct derm_result mean_of(const struct derm_result *r, int n, int *used)
{
    const struct derm_result *pair[MOST];
    struct derm_result out;

    for (int i = 0; i < n; i++)
        pair[i] = &r[i];
    derm_mean_change(pair, n, &out, used);
    return out;
}

static void one_is_taken_as_it_is(void **state)
{
    const struct derm_result r = changed(-12, 5);
    int used;
    const struct derm_result out = mean_of(&r, 1, &used);

    (void)state;
    assert_int_equal(used, 1);
    assert_memory_equal(&out, &r, sizeof(r));
}

static void several_are_averaged(void **state)
{
    struct derm_result r[] = { changed(-10, 4), changed(-12, 4), changed(-11, 4) };
    const double sd = 4 * sqrt(0.5 + 0.5 / 3);
    struct derm_result out;
    int used;

    (void)state;
    r[1].objects = 30;
    out = mean_of(r, 3, &used);
    assert_int_equal(used, 3);
    assert_close(out.percent, -11, 1e-12);
    assert_close(out.change, -1.1, 1e-12);
    assert_close(out.change_sd, sd / 10, 1e-12);
    assert_close(out.percent_hi, -11 + 1.96 * sd, 1e-12);
    assert_close(out.percent_lo, -11 - 1.96 * sd, 1e-12);
    assert_close(out.mdc95_percent, 1.96 * sd, 1e-12);
    assert_close(out.p, erfc(11 / sd / sqrt(2)), 1e-12);
    assert_int_equal(out.objects, 30);
    assert_int_equal(out.verdict, DERM_IMPROVED); /* none of the three was alone: 1.96 x 4 > 7 */
}

static void the_order_does_not_matter(void **state)
{
    const struct derm_result a[] = { changed(-3, 2), changed(-9, 5), changed(4, 3) };
    const struct derm_result b[] = { a[2], a[0], a[1] };
    int used;
    const struct derm_result x = mean_of(a, 3, &used), y = mean_of(b, 3, &used);

    (void)state;
    assert_close(x.percent, y.percent, 1e-12);
    assert_close(x.change_sd, y.change_sd, 1e-12);
    assert_close(x.p, y.p, 1e-12);
    assert_int_equal(x.verdict, y.verdict);
}

static void photos_that_disagree_widen_the_interval(void **state)
{
    const double calm[] = { 1, 1.1, 0.9 }, restless[] = { -19, 1, 21 }, sd[] = { 4, 4, 4 };

    (void)state;
    assert_close(derm_mean_change_sd(calm, sd, 3), 4 * sqrt(2. / 3), 1e-12);
    assert_close(derm_mean_change_sd(restless, sd, 3), sqrt(8 + 400. / 3), 1e-12);
    assert_close(derm_mean_change_sd(calm, sd, 1), 4, 1e-12);
}

static void the_parts_make_the_whole(void **state)
{
    (void)state;
    for (int n = 1; n < 5; n++) {
        const double later = derm_followup_sd(3, n), before = derm_baseline_sd(3, n);

        assert_close(later * later + before * before, 9, 1e-12);
        assert_close(before * before / (later * later), 1. / n, 1e-12);
    }
}

static void what_cannot_be_judged_is_left_out(void **state)
{
    struct derm_result r[] = { refused(DERM_REASON_BLURRED), changed(-30, 4), changed(-20, 4) };
    struct derm_result out;
    int used;

    (void)state;
    out = mean_of(r, 3, &used);
    assert_int_equal(used, 2);
    assert_close(out.percent, -25, 1e-12);
    r[1].verdict = DERM_NOT_COMPARABLE;
    out = mean_of(r, 3, &used);
    assert_int_equal(used, 1);
    assert_close(out.percent, -20, 1e-12);
    r[2].verdict = DERM_NOT_COMPARABLE;
    r[1].reason = r[2].reason = DERM_REASON_LIGHT_DIFFERS;
    out = mean_of(r, 3, &used);
    assert_int_equal(used, 2);
    assert_int_equal(out.verdict, DERM_NOT_COMPARABLE);
    assert_int_equal(out.reason, DERM_REASON_LIGHT_DIFFERS);
    r[1] = r[2] = refused(DERM_REASON_DARK);
    out = mean_of(r, 3, &used);
    assert_int_equal(used, 0);
    assert_int_equal(out.status, DERM_NOT_ASSESSABLE);
    assert_int_equal(out.reason, DERM_REASON_DARK); /* the first in the list of reasons */
}

static void without_a_percentage_the_units_decide(void **state)
{
    struct derm_result r[] = { changed(-30, 4), changed(-20, 4) };
    struct derm_result out;
    int used;

    (void)state;
    r[0].has_percent = false;
    out = mean_of(r, 2, &used);
    assert_false(out.has_percent);
    assert_true(out.percent == 0 && out.percent_lo == 0 && out.percent_hi == 0);
    assert_close(out.change, -2.5, 1e-12);
    assert_int_equal(out.verdict, DERM_IMPROVED);
}

static double normal(struct derm_random *r)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += derm_random_uniform(r);
    return sum;
}

/* Photos that each err by 3, alike and apart: the interval of the mean covers as it promises. */
static void intervals_cover_in_simulated_photos(void **state)
{
    enum { TRIALS = 20000 };
    struct derm_random random = { 5 };

    (void)state;
    for (int n = 1; n <= MOST; n++) {
        int covered = 0, used;

        for (int trial = 0; trial < TRIALS; trial++) {
            const double later = 3 * normal(&random);
            struct derm_result r[MOST], out;

            for (int i = 0; i < n; i++)
                r[i] = changed(-20 + later - 3 * normal(&random), 3 * sqrt(2));
            out = mean_of(r, n, &used);
            covered += out.percent_lo <= -20 && -20 <= out.percent_hi;
        }
        assert_true(covered > 0.945 * TRIALS);
        assert_true(covered < 0.975 * TRIALS); /* disagreeing photos widen some */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_is_taken_as_it_is),
        cmocka_unit_test(several_are_averaged),
        cmocka_unit_test(the_order_does_not_matter),
        cmocka_unit_test(photos_that_disagree_widen_the_interval),
        cmocka_unit_test(the_parts_make_the_whole),
        cmocka_unit_test(what_cannot_be_judged_is_left_out),
        cmocka_unit_test(without_a_percentage_the_units_decide),
        cmocka_unit_test(intervals_cover_in_simulated_photos),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
