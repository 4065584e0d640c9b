/* SPDX-License-Identifier: Apache-2.0 */
/* A pair's own blanks: how much the measurement changes where there is nothing to change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "skin_scene.h"
#include "stages/blanks.h"

enum { SIDE = 300, AREA = 80 }; /* px; 5 px/mm */
static const double NOISE = 0.03;

/* The sum of red over the footprint, and a count of the places that were asked for. */
static int places;
static derm_err sample(struct derm_run *run, const void *params, const void *prepared,
                       const struct derm_objects *objects, int first, double *value,
                       double *area_px)
{
    const struct derm_view *const view = prepared;

    (void)run, (void)params, (void)area_px;
    places = objects->n - first;
    for (int i = first; i < objects->n; i++)
        value[i] = 0;
    for (int y = 0; y < view->grid.h; y++)
        for (int x = 0; x < view->grid.w; x++) {
            const int label = derm_labels_row(&objects->labels, y)[x];
            if (label > first) value[label - 1] += (double)derm_row(&view->od[0], y)[x];
        }
    return DERM_OK;
}
static const struct derm_segmenter summed = {
    .kind = DERM_KIND_SPOT,
    .summed_over_area = true,
    .sample = sample,
};

struct blank_lab {
    struct scene_lab lab;
    struct derm_frame base;
    struct derm_pair pair;
    struct derm_object item[3];
    struct derm_objects objects;
};

static void add_noise(struct derm_plane *p, uint64_t seed)
{
    struct derm_random random = { seed };

    for (int y = 0; y < p->h; y++)
        for (int x = 0; x < p->w; x++)
            derm_row(p, y)[x] = (float)(NOISE * sqrt(12) * (derm_random_uniform(&random) - 0.5));
}

enum { TAIL_X = 20, TAIL_Y = 150, TAIL = 260 };

/* Three objects, the first with a tail far beyond the disc of its area; what changes inside them is
 * no business of a blank. */
static void put_objects(struct blank_lab *b)
{
    static const double at[3][2] = { { 60, 80 }, { 200, 100 }, { 150, 220 } };

    b->objects.item = b->item;
    b->objects.n = 3;
    assert_int_equal(derm_labels_new(&b->lab.keep, &b->objects.labels, SIDE, SIDE), DERM_OK);
    for (int i = 0; i < 3; i++) {
        b->item[i] =
            (struct derm_object){ .x = at[i][0], .y = at[i][1], .area_px = AREA, .label = i + 1 };
        for (int y = -6; y <= 6; y++)
            for (int x = -6; x <= 6; x++) {
                const int u = (int)at[i][0] + x, v = (int)at[i][1] + y;
                if (x * x + y * y > 26) continue;
                derm_labels_row(&b->objects.labels, v)[u] = i + 1;
                derm_row(&b->pair.warped.od[0], v)[u] += 2;
            }
    }
    for (int i = 0; i < TAIL; i++)
        derm_labels_row(&b->objects.labels, TAIL_Y)[TAIL_X + i] = 1;
}

static void open_lab(struct blank_lab *b)
{
    *b = (struct blank_lab){ 0 };
    scene_lab_open(&b->lab);
    scene_skin(&b->lab, &b->base, SIDE, SIDE, 5, 0, 1);
    b->pair.base = b->pair.follow = &b->base;
    b->lab.run.pair = &b->pair;
    b->pair.warped = b->base.view;
    for (int photo = 0; photo < 2; photo++) {
        struct derm_view *const v = photo ? &b->pair.warped : &b->base.view;
        assert_int_equal(derm_plane_new(&b->lab.keep, &v->od[0], SIDE, SIDE), DERM_OK);
        add_noise(&v->od[0], 5 + (uint64_t)photo);
    }
    put_objects(b);
}

static derm_err measure(struct blank_lab *b)
{
    const void *const prepared[2] = { &b->base.view, &b->pair.warped };

    return derm_blanks_measure(&b->lab.run, &summed, NULL, &b->base.view.skin, prepared,
                               &b->objects);
}

static void the_spread_is_that_of_the_noise_and_objects_do_not_count(void **state)
{
    const double truth = sqrt(2) * NOISE / sqrt(AREA); /* of the mean of AREA pixels, twice */
    struct blank_lab b;
    int labelled = 0;

    (void)state;
    open_lab(&b);
    assert_int_equal(measure(&b), DERM_OK);
    assert_true(places > 150);
    assert_close(b.objects.blank_sd, truth, 0.25 * truth);
    assert_close(derm_blank_sd(&b.objects, &b.item[0]), AREA * b.objects.blank_sd, 1e-12);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            labelled += derm_labels_row(&b.objects.labels, y)[x] != 0;
    assert_int_equal(labelled, 3 * 89 + TAIL); /* as drawn: nothing else has been wiped out */
    scene_lab_close(&b.lab);
}

static void without_room_nothing_is_known(void **state)
{
    struct blank_lab b;

    (void)state;
    open_lab(&b);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            if (x % 16 < 4 || y % 16 < 4) derm_mask_row(&b.base.view.skin, y)[x] = 0;
    assert_int_equal(measure(&b), DERM_OK);
    assert_true(b.objects.blank_sd == 0);
    b.objects.n = 0;
    assert_int_equal(measure(&b), DERM_OK);
    assert_true(b.objects.blank_sd == 0);
    scene_lab_close(&b.lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_spread_is_that_of_the_noise_and_objects_do_not_count),
        cmocka_unit_test(without_room_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
