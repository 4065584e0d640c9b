/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a spot, and how much of that the alignment made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "skin_scene.h"
#include "stage_params.h"
#include "stages/field.h"
#include "stages/stages.h"
#include "stages/track.h"

static const struct derm_fate_rule rule = { .sure = 1.96, .gone_od = 0.05, .min_power = 0.8 };

static void fates(void **state)
{
    (void)state;
    assert_int_equal(derm_fate_of(0.30, 0.30, 0.01, &rule), DERM_FATE_PERSISTENT);
    assert_int_equal(derm_fate_of(0.30, 0.27, 0.01, &rule), DERM_FATE_FADED);
    assert_int_equal(derm_fate_of(0.30, 0.27, 0.02, &rule), DERM_FATE_PERSISTENT);
    assert_int_equal(derm_fate_of(0.30, 0.33, 0.01, &rule), DERM_FATE_DARKENED);
    assert_int_equal(derm_fate_of(0.30, 0.02, 0.01, &rule), DERM_FATE_GONE);
    assert_int_equal(derm_fate_of(0.02, 0.30, 0.01, &rule), DERM_FATE_NEW);
    /* What is left may still be a spot: faded, not gone. */
    assert_int_equal(derm_fate_of(0.30, 0.04, 0.01, &rule), DERM_FATE_FADED);
    /* So faint that it would often be missed although it is there: never gone. */
    assert_int_equal(derm_fate_of(0.075, 0.02, 0.01, &rule), DERM_FATE_FADED);
    assert_int_equal(derm_fate_of(0.09, 0.08, 0.05, &rule), DERM_FATE_UNSURE);
}

static void an_exchange_of_the_photos_exchanges_the_fates(void **state)
{
    static const enum derm_fate other[DERM_FATE_COUNT] = {
        [DERM_FATE_PERSISTENT] = DERM_FATE_PERSISTENT,
        [DERM_FATE_FADED] = DERM_FATE_DARKENED,
        [DERM_FATE_DARKENED] = DERM_FATE_FADED,
        [DERM_FATE_GONE] = DERM_FATE_NEW,
        [DERM_FATE_NEW] = DERM_FATE_GONE,
        [DERM_FATE_UNSURE] = DERM_FATE_UNSURE,
    };

    (void)state;
    for (int a = -5; a < 60; a++)
        for (int b = -5; b < 60; b++)
            assert_int_equal(derm_fate_of(a / 100.0, b / 100.0, 0.0123, &rule),
                             other[derm_fate_of(b / 100.0, a / 100.0, 0.0123, &rule)]);
}

enum { SPOTS = 9, SIDE = 200 };

struct track_lab {
    struct scene_lab lab;
    struct derm_frame base;
    struct derm_pair pair;
};

/* Spots of 40 px2 and 0.3 OD that scatter by 0.01; a map that enlarges the disc of 10 px around the
 * first by `by`. */
static void open_lab(struct track_lab *t, double by)
{
    struct derm_objects *const o = &t->pair.objects[DERM_KIND_SPOT];
    struct derm_field *const map = &t->pair.registration.map;

    *t = (struct track_lab){ 0 };
    scene_lab_open(&t->lab);
    scene_skin(&t->lab, &t->base, SIDE, SIDE, 5, 0, 1);
    t->pair.base = t->pair.follow = &t->base;
    t->lab.run.pair = &t->pair;
    assert_int_equal(derm_field_new(&t->lab.keep, map, SIDE, SIDE, 2), DERM_OK);
    for (int j = 0; j < map->x.h; j++)
        for (int i = 0; i < map->x.w; i++) {
            const double x = derm_field_node(map, i), y = derm_field_node(map, j);
            const double r = hypot(x - 50, y - 50), grow = r < 10 ? 1 + by : 1 + by * 10 / r;

            derm_row(&map->x, j)[i] = (float)(7 + 50 + (x - 50) * grow);
            derm_row(&map->y, j)[i] = (float)(-3 + 50 + (y - 50) * grow);
        }
    assert_int_equal(derm_arena_new(&t->lab.keep, &o->item, SPOTS, sizeof(*o->item)), DERM_OK);
    o->n = SPOTS;
    o->blank_sd = 0.002;
    for (int i = 0; i < SPOTS; i++)
        o->item[i] = (struct derm_object){ .x = 50 + 10 * i,
                                           .y = 50 + 10 * i,
                                           .area_px = 40,
                                           .base_area_px = 40,
                                           .follow_area_px = 30,
                                           .base_value = 40 * 0.3,
                                           .follow_value = 40 * (0.3 + 0.01 * (i % 3 - 1)) };
}

static void run_it(struct track_lab *t)
{
    struct stage_params params;

    assert_int_equal(derm_stage_track.run(&t->lab.run, stage_defaults(&derm_stage_track, &params)),
                     DERM_OK);
}

static void spots_are_judged_by_the_scatter_of_their_like(void **state)
{
    struct track_lab t;
    struct derm_object *item;

    (void)state;
    open_lab(&t, 0);
    item = t.pair.objects[DERM_KIND_SPOT].item;
    item[4].follow_value = 40 * 0.1;
    item[5].follow_value = 0;
    run_it(&t);
    assert_close(t.pair.spot_change_sd, 1.4826 * 0.01, 1e-9);
    assert_int_equal(item[0].fate, DERM_FATE_PERSISTENT);
    assert_int_equal(item[4].fate, DERM_FATE_FADED);
    assert_int_equal(item[5].fate, DERM_FATE_GONE);
    scene_lab_close(&t.lab);
}

static void few_spots_say_nothing_of_chance(void **state)
{
    struct track_lab t;

    (void)state;
    open_lab(&t, 0);
    t.pair.objects[DERM_KIND_SPOT].n = 5;
    run_it(&t);
    assert_true(t.pair.spot_change_sd == 0);
    assert_int_equal(t.pair.objects[DERM_KIND_SPOT].item[0].fate, DERM_FATE_UNKNOWN);
    scene_lab_close(&t.lab);
}

static void what_the_map_stretches_is_given_back(void **state)
{
    struct track_lab t;
    struct derm_object *item, mark;

    (void)state;
    open_lab(&t, 0.1); /* areas inside 1.21, of the ring from 3.6 to 18.6 px 1.10 */
    item = t.pair.objects[DERM_KIND_SPOT].item;
    mark = item[0];
    t.pair.objects[DERM_KIND_RED_MARK] = (struct derm_objects){ .item = &mark, .n = 1 };
    run_it(&t);
    assert_close(mark.follow_area_px, item[0].follow_area_px, 0);
    assert_int_equal(mark.fate, DERM_FATE_UNKNOWN);
    assert_close(item[0].warp_area_bias, 1.21 / 1.10 - 1, 0.02);
    assert_close(item[0].follow_area_px, 30 * (1 + item[0].warp_area_bias), 1e-9);
    assert_close(item[8].warp_area_bias, 0, 0.01);
    scene_lab_close(&t.lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fates),
        cmocka_unit_test(an_exchange_of_the_photos_exchanges_the_fates),
        cmocka_unit_test(spots_are_judged_by_the_scatter_of_their_like),
        cmocka_unit_test(few_spots_say_nothing_of_chance),
        cmocka_unit_test(what_the_map_stretches_is_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
