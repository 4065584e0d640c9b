/* SPDX-License-Identifier: Apache-2.0 */
/* How redness fades after a session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "study/recovery.h"

#define assert_close(value, truth) assert_true(fabs((value) - (truth)) <= 1e-12)

static struct derm_recovery_rules rules;

static int set_up(void **state)
{
    (void)state;
    derm_opt_defaults(derm_recovery_opts, &rules);
    return 0;
}

static struct derm_recovery recovery_of(const struct derm_recovery_point *point, int n)
{
    struct derm_recovery r;

    derm_recovery_of(point, n, &rules, &r);
    return r;
}

static void a_whole_curve_is_read(void **state)
{
    static const struct derm_recovery_point point[] = {
        { 1, 8, 1 }, { 2, 10, 1 }, { 3, 7, 1 }, { 5, 3, 1 }, { 6, 2, 1 }, { 9, 0.5, 1 },
    };
    const struct derm_recovery r = recovery_of(point, 6);

    (void)state;
    assert_int_equal(r.reason, DERM_REASON_NONE);
    assert_close(r.peak, 10);
    assert_close(r.peak_days, 2);
    assert_true(r.has_t50 && r.has_t90 && r.has_residual);
    assert_close(r.t50_days, 4);
    assert_close(r.t90_days, 8);
    assert_close(r.residual_percent, 15);
}

static void nothing_is_drawn_beyond_the_photos(void **state)
{
    static const struct derm_recovery_point point[] = { { 1, 8, 1 }, { 2, 7, 1 }, { 4, 4.5, 1 } };
    const struct derm_recovery r = recovery_of(point, 3);

    (void)state;
    assert_int_equal(r.reason, DERM_REASON_NONE);
    assert_false(r.has_t50 || r.has_t90 || r.has_residual);
}

static void a_photo_of_the_day_itself_counts(void **state)
{
    static const struct derm_recovery_point point[] = { { 1, 8, 1 }, { 3, 4, 1 }, { 7, 2, 1 } };
    const struct derm_recovery r = recovery_of(point, 3);

    (void)state;
    assert_true(r.has_t50);
    assert_close(r.t50_days, 3);
    assert_close(r.residual_percent, 25);
    assert_false(r.has_t90);
}

static void photos_that_begin_late_have_no_residual(void **state)
{
    static const struct derm_recovery_point point[] = { { 8, 8, 1 }, { 9, 4, 1 }, { 10, 2, 1 } };

    (void)state;
    assert_false(recovery_of(point, 3).has_residual);
}

static void too_few_or_no_rise_is_said(void **state)
{
    static const struct derm_recovery_point few[] = { { 1, 8, 1 }, { 3, 4, 1 } };
    static const struct derm_recovery_point flat[] = { { 1, 1.9, 1 }, { 3, 1, 1 }, { 5, -1, 1 } };

    (void)state;
    assert_int_equal(recovery_of(few, 0).reason, DERM_REASON_TOO_FEW_PHOTOS);
    assert_int_equal(recovery_of(few, 2).reason, DERM_REASON_TOO_FEW_PHOTOS);
    assert_int_equal(recovery_of(flat, 3).reason, DERM_REASON_NO_RISE);
}

/* Redness that is back at the baseline between two photos of one day. */
static void two_photos_of_one_day_are_no_trouble(void **state)
{
    static const struct derm_recovery_point point[] = { { 1, 8, 1 }, { 7, 5, 1 }, { 7, 3, 1 } };
    const struct derm_recovery r = recovery_of(point, 3);

    (void)state;
    assert_true(r.has_t50 && r.has_residual);
    assert_close(r.t50_days, 7);
    assert_close(r.residual_percent, 62.5);
}

static void a_curve_goes_on_until_nine_tenths_are_gone(void **state)
{
    static const struct derm_recovery_point point[] = {
        { 2, 10, 1 }, { 5, 6, 1 }, { 9, 5.5, 1 }, { 12, 1, 1 }, { 60, 4, 1 },
    };
    const struct derm_recovery r = recovery_of(point, derm_recovery_length(point, 5, 2));

    (void)state;
    assert_true(r.has_t50 && r.has_t90);
    assert_true(r.t50_days > 9 && r.t50_days < 12);
    assert_close(r.t90_days, 12);
    assert_int_equal(derm_recovery_length(point, 5, 2), 4);
    assert_int_equal(derm_recovery_length(point, 3, 2), 3);
    assert_int_equal(derm_recovery_length(point, 5, 4), 5); /* the acute ones and one beyond */
    assert_int_equal(derm_recovery_length(point, 5, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_curve_is_read),
        cmocka_unit_test(nothing_is_drawn_beyond_the_photos),
        cmocka_unit_test(a_photo_of_the_day_itself_counts),
        cmocka_unit_test(photos_that_begin_late_have_no_residual),
        cmocka_unit_test(too_few_or_no_rise_is_said),
        cmocka_unit_test(two_photos_of_one_day_are_no_trouble),
        cmocka_unit_test(a_curve_goes_on_until_nine_tenths_are_gone),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
