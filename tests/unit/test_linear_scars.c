/* SPDX-License-Identifier: Apache-2.0 */
/* Linear scars: bands are found and measured, hairs, edges, folds and what is short or broad are
 * not; a pair is read along one centreline, whichever photo shows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pits_scene.h"
#include "stages/lines.h"
#include "stages/streaks.h"

enum { SIDE = 600 }; /* px at 10 px/mm */

static const double blood[3] = { 0.4, 1, 0.8 };

static int set_up(void **state)
{
    *state = scene_new(&derm_stage_linear_scars, SIDE, 0.02, 5);
    return *state ? 0 : 1;
}

struct band {
    double x, y;          /* px, its middle */
    double length, width; /* mm, at half */
    double contrast;      /* green */
    const double *colour;
};

/* Tilted by 4 : 3, with soft edges. */
static void draw(struct derm_view *v, const struct band *band)
{
    for (int y = 0; y < v->grid.h; y++)
        for (int x = 0; x < v->grid.w; x++) {
            const double dx = (x - band->x) / px_per_mm, dy = (y - band->y) / px_per_mm;
            const double s = fabs(0.8 * dx + 0.6 * dy), t = fabs(-0.6 * dx + 0.8 * dy);
            const double across = 1 / (1 + exp((t - 0.5 * band->width) / 0.1));
            const double along = 1 / (1 + exp((s - 0.5 * band->length) / 0.1));

            for (int c = 0; c < 3; c++)
                derm_row(&v->od[c], y)[x] +=
                    (float)(band->contrast * band->colour[c] * across * along);
        }
}

/* Runs the stage on the scene's view, or on it and a second one. */
static struct derm_objects look(struct scene *s, const struct derm_view *second, bool pointed_at)
{
    static struct derm_frame f;
    static struct derm_pair pair;
    uint8_t set = 0xff;

    f = (struct derm_frame){ .scale = { DERM_SCALE_USER, px_per_mm, 0 }, .view = s->view };
    if (pointed_at) f.user_roi = (struct derm_mask){ &set, 1, 1, 1 };
    pair = (struct derm_pair){ .base = &f, .follow = &f, .common = s->view.skin };
    s->bed.run.frame = second ? NULL : &f;
    s->bed.run.pair = second ? &pair : NULL;
    if (second) pair.warped = *second;
    pair.registration.accepted = true;
    must(&s->bed, derm_stage_linear_scars.run(&s->bed.run, s->params.at));
    return second ? pair.objects[DERM_KIND_LINEAR_SCAR] : f.objects[DERM_KIND_LINEAR_SCAR];
}

static void a_band_is_found_and_measured(void **state)
{
    static const struct band bands[] = { { 300, 300, 40, 2, -0.2, blood },
                                         { 200, 400, 30, 3, 0.15, blood } };
    struct scene *const s = *state;

    for (int i = 0; i < 2; i++) {
        const struct band *const b = &bands[i];
        struct derm_objects o;
        struct derm_object scar;
        int from = 0;

        bed_view(&s->bed, &s->view, SIDE, SIDE, px_per_mm);
        draw(&s->view, b);
        for (int y = 0; y < SIDE; y++) /* uneven light */
            for (int x = 0; x < SIDE; x++)
                derm_row(&s->view.od[1], y)[x] += 0.0002f * (float)x + 0.01f * (float)(x * y % 3);
        o = look(s, NULL, false);
        assert_int_equal(derm_line_count(&o), 1);
        scar = derm_line_next(&o, &from);
        assert_int_equal(from, o.n);
        assert_int_equal(o.n, (int)(b->length / 2 + 0.5));
        assert_true(fabs(scar.length_mm - b->length) < 1.5);
        assert_true(fabs(scar.base_area_px / (100 * scar.length_mm) / b->width - 1) < 0.08);
        assert_true(fabs(scar.contrast / b->contrast - 1) < 0.15);
        assert_true(fabs(scar.base_value - fabs(scar.contrast) * scar.area_px) <
                    1e-6 * scar.area_px);
        assert_true(hypot(scar.x - b->x, scar.y - b->y) < 15);
    }
}

static void what_is_no_scar(void **state)
{
    static const struct band bands[] = {
        { 300, 300, 40, 0.2, 0.5, blood }, /* a hair */
        { 100, 450, 11, 2, 0.3, blood },   /* short */
        { 450, 120, 30, 2, 0.2, even },    /* a fold: shade */
    };
    struct scene *const s = *state;

    for (int i = 0; i < 3; i++)
        draw(&s->view, &bands[i]);
    for (int y = 0; y < SIDE; y++) /* the edge of a shade */
        for (int x = 0; x < 40; x++)
            derm_row(&s->view.od[1], y)[x] += 0.3f;
    assert_int_equal(look(s, NULL, false).n, 0);
}

static void a_user_points_at_the_longest(void **state)
{
    static const struct band bands[] = { { 300, 200, 40, 2, 0.2, even },
                                         { 300, 400, 20, 2, 0.2, even } };
    struct scene *const s = *state;
    struct derm_objects o;
    int from = 0;

    for (int i = 0; i < 2; i++)
        draw(&s->view, &bands[i]);
    assert_int_equal(look(s, NULL, true).n, 0); /* 36 cm2 are what is treated, not a scar */
    assert_int_equal(derm_opt_set(derm_stage_linear_scars.opts, s->params.at, "linear_scars",
                                  "pointed_cm2", 40, &s->bed.err),
                     DERM_OK);
    o = look(s, NULL, true);
    assert_int_equal(derm_line_count(&o), 1);
    assert_true(fabs(derm_line_next(&o, &from).length_mm - 40) < 2);
}

static struct derm_view second_view(struct scene *s)
{
    struct derm_view v;

    bed_view(&s->bed, &v, SIDE, SIDE, px_per_mm);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                derm_row(&v.od[c], y)[x] = derm_row(&s->view.od[c], y)[x];
    return v;
}

static void a_pair_is_read_along_one_line(void **state)
{
    static const struct band before = { 300, 300, 40, 2.5, -0.2, blood };
    struct scene *const s = *state;
    struct band after = before;
    struct derm_view second = second_view(s);
    struct derm_object scar;
    struct derm_objects o;
    int from = 0;

    after.contrast *= 0.6;
    draw(&s->view, &before);
    draw(&second, &after);
    o = look(s, &second, false);
    assert_int_equal(derm_line_count(&o), 1);
    scar = derm_line_next(&o, &from);
    assert_int_equal(scar.found_in, 3);
    assert_true(fabs(scar.follow_value / scar.base_value - 0.6) < 0.03);
    assert_true(fabs(scar.follow_area_px / scar.base_area_px - 1) < 0.05);
}

static void either_photo_may_show_it(void **state)
{
    static const struct band gone = { 300, 150, 40, 2.5, 0.2, blood },
                             come = { 300, 450, 30, 2.5, 0.2, blood };
    struct scene *const s = *state;
    struct derm_view second = second_view(s);
    struct derm_objects o;
    int from = 0;

    draw(&s->view, &gone);
    draw(&second, &come);
    o = look(s, &second, false);
    assert_int_equal(derm_line_count(&o), 2);
    for (int i = 0; i < 2; i++) { /* the longer first */
        const struct derm_object scar = derm_line_next(&o, &from);

        assert_int_equal(scar.found_in, i == 0 ? 1 : 2);
        assert_true(fabs(i == 0 ? scar.follow_value : scar.base_value) < 0.02 * scar.area_px);
    }
}

/* Where the longer line goes on far from its ends it has fewer points than pieces. */
static void a_line_with_gaps_has_room_for_its_pieces(void **state)
{
    static const struct band middle = { 300, 300, 7, 1, 0.4, blood },
                             ends[] = { { 110, 157, 6.5, 1, 0.4, blood },
                                        { 490, 443, 6.5, 1, 0.4, blood } };
    struct scene *const s = *state;
    struct derm_streak_params *const p = (struct derm_streak_params *)s->params.at;
    struct derm_view second = second_view(s);
    const struct derm_arena *const keep = s->bed.run.keep;
    struct derm_objects o;

    p->piece_mm = 0.5f;
    p->reach_mm = 20;
    p->min_length_mm = 5;
    draw(&s->view, &middle);
    for (int i = 0; i < 2; i++)
        draw(&second, &ends[i]);
    o = look(s, &second, false);
    assert_int_equal(derm_line_count(&o), 1);
    assert_true(o.n > 80);
    assert_true((const unsigned char *)(o.item + o.n) <= keep->base + keep->used);
}

/* A ring, such as the rim of an areola, is followed round and is no scar. */
static void a_ring_is_no_scar(void **state)
{
    struct scene *const s = *state;

    for (int radius_mm = 6; radius_mm <= 14; radius_mm += 4) {
        bed_view(&s->bed, &s->view, SIDE, SIDE, px_per_mm);
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < SIDE; y++)
                for (int x = 0; x < SIDE; x++) {
                    const double t = fabs(hypot(x - 300, y - 300) / px_per_mm - radius_mm);
                    derm_row(&s->view.od[c], y)[x] +=
                        (float)(0.25 * blood[c] / (1 + exp((t - 1) / 0.1))) +
                        0.005f * (float)((x * 7 + y * 13) % 5);
                }
        assert_int_equal(look(s, NULL, false).n, 0);
    }
}

static void no_skin_is_no_scar(void **state)
{
    static const struct band band = { 300, 300, 40, 2, -0.2, blood };
    struct scene *const s = *state;

    draw(&s->view, &band);
    for (int y = 0; y < SIDE; y++)
        memset(derm_mask_row(&s->view.skin, y), 0, SIDE);
    assert_int_equal(look(s, NULL, false).n, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, scene_free)
    const struct CMUnitTest tests[] = {
        TEST(a_band_is_found_and_measured),
        TEST(what_is_no_scar),
        TEST(a_user_points_at_the_longest),
        TEST(a_pair_is_read_along_one_line),
        TEST(either_photo_may_show_it),
        TEST(a_line_with_gaps_has_room_for_its_pieces),
        TEST(a_ring_is_no_scar),
        TEST(no_skin_is_no_scar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
