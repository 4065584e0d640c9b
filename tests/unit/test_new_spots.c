/* SPDX-License-Identifier: Apache-2.0 */
/* Which spots are new for sure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stages/identity.h"
#include "study/new_spots.h"

enum { SPOTS = 40, AREA = 50 };
static const double SD = 0.02;

static struct derm_object item[SPOTS];
static struct derm_objects spots = { .item = item };
static struct derm_series_rules rules;

/* Natural spots of 0.3 OD in both photos. */
static int set_up(void **state)
{
    (void)state;
    derm_opt_defaults(derm_series_opts, &rules);
    spots.n = SPOTS;
    spots.blank_sd = SD / 2;
    for (int i = 0; i < SPOTS; i++)
        item[i] = (struct derm_object){ .area_px = AREA,
                                        .regions = 1u << DERM_REGION_ROI,
                                        .found_in = 3,
                                        .identity = DERM_IS_pigment,
                                        .probability = 0.95,
                                        .change_sd = SD,
                                        .base_value = 0.3 * AREA,
                                        .follow_value = 0.3 * AREA };
    return 0;
}

/* So many sd beyond what is half of a spot. */
static void make_new(int i, double beyond)
{
    item[i].found_in = 2;
    item[i].base_value = 0.04 * AREA;
    item[i].follow_value = item[i].base_value + ((double)rules.new_spot_od + beyond * SD) * AREA;
}

static int fresh(void)
{
    return derm_new_spots_of(&spots, &rules).fresh;
}

static void one_that_is_sure_is_enough(void **state)
{
    (void)state;
    assert_int_equal(fresh(), 0);
    make_new(7, 3.5);
    assert_int_equal(derm_new_spots_of(&spots, &rules).spots, SPOTS);
    assert_int_equal(fresh(), 1);
    make_new(7, 3); /* one in 740, of 40 */
    assert_int_equal(fresh(), 0);
}

static void several_need_less(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++)
        make_new(i, 2.6);
    assert_int_equal(fresh(), 12);
    for (int i = 3; i < 12; i++)
        make_new(i, 2);
    assert_int_equal(fresh(), 0);
}

static void what_was_there_or_is_no_pigment_is_not_new(void **state)
{
    (void)state;
    make_new(0, 9);
    item[0].found_in = 3;
    make_new(1, 9);
    item[1].identity = DERM_IS_hair;
    make_new(2, 9);
    item[2].probability = 0.7;
    make_new(3, 9);
    item[3].field = 1;
    make_new(4, 9);
    item[4].regions = 0;
    item[5].found_in = 2; /* missed in the baseline, where it is as dark */
    assert_int_equal(fresh(), 0);
    make_new(6, 9);
    item[6].identity = DERM_IS_mole;
    assert_int_equal(fresh(), 1);
}

static void where_spots_are_few_blanks_tell(void **state)
{
    (void)state;
    spots.n = 2;
    make_new(0, 3);
    make_new(1, 3);
    item[0].change_sd = item[1].change_sd = spots.blank_sd = 0;
    assert_false(derm_new_spots_of(&spots, &rules).known);
    assert_int_equal(derm_new_spots_of(&spots, &rules).fresh, 0);
    spots.blank_sd = SD;
    assert_int_equal(derm_new_spots_of(&spots, &rules).fresh, 2);
    spots.blank_sd = 2 * SD;
    assert_int_equal(derm_new_spots_of(&spots, &rules).fresh, 0);
    spots.n = 0;
    assert_int_equal(fresh(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_that_is_sure_is_enough, set_up),
        cmocka_unit_test_setup(several_need_less, set_up),
        cmocka_unit_test_setup(what_was_there_or_is_no_pigment_is_not_new, set_up),
        cmocka_unit_test_setup(where_spots_are_few_blanks_tell, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
