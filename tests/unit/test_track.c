/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a lesion, and how much of that the alignment made. */
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

/* Where chance does the same to lesions and to plain skin. */
static enum derm_fate fate(double before, double after, double sd)
{
    const struct derm_sight seen[2] = { { before, before + rule.sure * sd, sd },
                                        { after, after + rule.sure * sd, sd } };

    return derm_fate_of(seen, sd, &rule);
}

static void fates(void **state)
{
    (void)state;
    assert_int_equal(fate(0.30, 0.30, 0.01), DERM_FATE_PERSISTENT);
    assert_int_equal(fate(0.30, 0.27, 0.01), DERM_FATE_FADED);
    assert_int_equal(fate(0.30, 0.27, 0.02), DERM_FATE_PERSISTENT);
    assert_int_equal(fate(0.30, 0.33, 0.01), DERM_FATE_DARKENED);
    assert_int_equal(fate(0.30, 0.02, 0.01), DERM_FATE_GONE);
    assert_int_equal(fate(0.02, 0.30, 0.01), DERM_FATE_NEW);
    /* What is left may still be a lesion: faded, not gone. */
    assert_int_equal(fate(0.30, 0.04, 0.01), DERM_FATE_FADED);
    /* So faint that it would often be missed although it is there: never gone. */
    assert_int_equal(fate(0.075, 0.02, 0.01), DERM_FATE_FADED);
    assert_int_equal(fate(0.09, 0.08, 0.05), DERM_FATE_UNSURE);
}

/* Strong ones scatter more; that nothing is left, plain skin tells. */
static void a_strong_lesion_in_a_restless_pair_can_be_gone(void **state)
{
    const struct derm_sight there = { 0.30, 0.34, 0.04 }, less = { 0.20, 0.24, 0.03 },
                            nothing = { 0.02, 0.04, 0.01 };

    (void)state;
    assert_int_equal(derm_fate_of((const struct derm_sight[]){ there, nothing }, 0.02, &rule),
                     DERM_FATE_GONE);
    assert_int_equal(derm_fate_of((const struct derm_sight[]){ nothing, there }, 0.02, &rule),
                     DERM_FATE_NEW);
    assert_int_equal(derm_fate_of((const struct derm_sight[]){ there, less }, 0.06, &rule),
                     DERM_FATE_PERSISTENT);
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
            assert_int_equal(fate(a / 100.0, b / 100.0, 0.0123),
                             other[fate(b / 100.0, a / 100.0, 0.0123)]);
}

enum { SPOTS = 9, SIDE = 200 };

struct track_lab {
    struct scene_lab lab;
    struct derm_frame base;
    struct derm_pair pair;
};

/* Fills a list with lesions of 40 px2 whose value per px2 changes by -step, 0 or step. */
static void fill(struct track_lab *t, enum derm_kind kind, double value, double step,
                 double blank_sd)
{
    struct derm_objects *const o = &t->pair.objects[kind];

    assert_int_equal(derm_arena_new(&t->lab.keep, &o->item, SPOTS, sizeof(*o->item)), DERM_OK);
    o->n = SPOTS;
    o->blank_sd = blank_sd;
    for (int i = 0; i < SPOTS; i++)
        o->item[i] = (struct derm_object){ .x = 50 + 10 * i,
                                           .y = 50 + 10 * i,
                                           .area_px = 40,
                                           .base_area_px = 40,
                                           .follow_area_px = 30,
                                           .base_value = 40 * value,
                                           .follow_value = 40 * (value + step * (i % 3 - 1)) };
}

/* Spots of 0.3 OD that scatter by 0.04; a map that enlarges the disc of 10 px around the first by
 * `by`. */
static void open_lab(struct track_lab *t, double by)
{
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
    fill(t, DERM_KIND_SPOT, 0.3, 0.04, 0.002);
}

static void run_it(struct track_lab *t)
{
    struct stage_params params;

    assert_int_equal(derm_stage_track.run(&t->lab.run, stage_defaults(&derm_stage_track, &params)),
                     DERM_OK);
}

/* By 0.04, where blanks and contrast alone would have 0.015. */
static void lesions_are_judged_by_the_scatter_of_their_like(void **state)
{
    struct track_lab t;
    struct derm_object *item;

    (void)state;
    open_lab(&t, 0);
    item = t.pair.objects[DERM_KIND_SPOT].item;
    run_it(&t);
    assert_close(item[1].change_sd, 1.4826 * 0.04, 0.005);
    item[4].follow_value = 40 * 0.1;
    item[5].follow_value = 0;
    run_it(&t);
    assert_int_equal(item[0].fate, DERM_FATE_PERSISTENT);
    assert_int_equal(item[4].fate, DERM_FATE_FADED);
    assert_close(item[4].contrast_change, -0.2, 1e-9);
    assert_int_equal(item[5].fate, DERM_FATE_GONE);
    scene_lab_close(&t.lab);
}

static void few_lesions_say_nothing_of_chance(void **state)
{
    struct track_lab t;

    (void)state;
    open_lab(&t, 0);
    t.pair.objects[DERM_KIND_SPOT].n = 5;
    run_it(&t);
    assert_int_equal(t.pair.objects[DERM_KIND_SPOT].item[0].fate, DERM_FATE_UNKNOWN);
    assert_true(t.pair.objects[DERM_KIND_SPOT].item[0].change_sd == 0);
    scene_lab_close(&t.lab);
}

static void what_is_known_of_other_lesions_helps_the_few(void **state)
{
    struct track_lab t;
    struct derm_objects *marks;

    (void)state;
    open_lab(&t, 0);
    marks = &t.pair.objects[DERM_KIND_RED_MARK];
    fill(&t, DERM_KIND_SPOT, 0.3, 0.01, 0.002);
    fill(&t, DERM_KIND_RED_MARK, 0.3, 0, 0.01);
    marks->n = 2;
    marks->item[1].follow_value = 0;
    run_it(&t);
    assert_int_equal(marks->item[0].fate, DERM_FATE_PERSISTENT);
    assert_int_equal(marks->item[1].fate, DERM_FATE_GONE);
    marks->blank_sd = 0; /* no place is free beside them */
    marks->item[0].fate = DERM_FATE_UNKNOWN;
    run_it(&t);
    assert_int_equal(marks->item[0].fate, DERM_FATE_UNKNOWN);
    scene_lab_close(&t.lab);
}

static void what_cannot_be_compared_has_no_fate(void **state)
{
    struct track_lab t;
    const struct derm_object *item;

    (void)state;
    open_lab(&t, 0);
    item = t.pair.objects[DERM_KIND_SPOT].item;
    t.pair.objects[DERM_KIND_SPOT].item[1].regions = 1u << DERM_REGION_CHIN;
    t.pair.n = 1;
    t.pair.finding[0] = (struct derm_finding){ .severity = DERM_SEVERITY_FAIL,
                                               .reason = DERM_REASON_EXPRESSION_DIFFERS,
                                               .concerns = 1u << DERM_CONCERN_PIGMENTATION,
                                               .regions = 1u << DERM_REGION_CHIN };
    run_it(&t);
    assert_int_equal(item[0].fate, DERM_FATE_PERSISTENT);
    assert_int_equal(item[1].fate, DERM_FATE_UNKNOWN);
    assert_true(item[1].change_sd > 0);
    scene_lab_close(&t.lab);
    open_lab(&t, 0);
    t.pair.n = 1;
    t.pair.finding[0] = (struct derm_finding){ .severity = DERM_SEVERITY_FAIL,
                                               .reason = DERM_REASON_EXPRESSION_DIFFERS,
                                               .concerns = 1u << DERM_CONCERN_PIGMENTATION };
    run_it(&t);
    assert_int_equal(t.pair.objects[DERM_KIND_SPOT].item[0].fate, DERM_FATE_UNKNOWN);
    scene_lab_close(&t.lab);
}

/* Their value is the square of relief. */
static void hollows_are_judged_by_their_relief(void **state)
{
    struct track_lab t;
    struct derm_object *item;

    (void)state;
    open_lab(&t, 0);
    t.pair.objects[DERM_KIND_SPOT].n = 0;
    fill(&t, DERM_KIND_SCAR, 0.15 * 0.15, 0, 0.0004);
    item = t.pair.objects[DERM_KIND_SCAR].item;
    item[0].follow_value = 40 * 0.12 * 0.12;
    item[1].follow_value = 40 * -0.0001;
    item[2].follow_value = 40 * 0.15 * 0.14;
    item[3].base_value = 0;
    run_it(&t);
    assert_close(item[0].contrast_change, -0.03, 1e-9);
    assert_int_equal(item[0].fate, DERM_FATE_FADED);
    assert_int_equal(item[1].fate, DERM_FATE_GONE);
    assert_int_equal(item[2].fate, DERM_FATE_PERSISTENT);
    assert_int_equal(item[3].fate, DERM_FATE_NEW);
    assert_true(item[0].warp_area_bias == 0); /* its place decides its area, not the photo */
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
    assert_close(item[0].warp_area_bias, 1.21 / 1.10 - 1, 0.02);
    assert_close(item[0].follow_area_px, 30 * (1 + item[0].warp_area_bias), 1e-9);
    assert_close(item[8].warp_area_bias, 0, 0.01);
    scene_lab_close(&t.lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fates),
        cmocka_unit_test(a_strong_lesion_in_a_restless_pair_can_be_gone),
        cmocka_unit_test(an_exchange_of_the_photos_exchanges_the_fates),
        cmocka_unit_test(lesions_are_judged_by_the_scatter_of_their_like),
        cmocka_unit_test(few_lesions_say_nothing_of_chance),
        cmocka_unit_test(what_is_known_of_other_lesions_helps_the_few),
        cmocka_unit_test(what_cannot_be_compared_has_no_fate),
        cmocka_unit_test(hollows_are_judged_by_their_relief),
        cmocka_unit_test(what_the_map_stretches_is_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
