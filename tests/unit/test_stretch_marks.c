/* SPDX-License-Identifier: Apache-2.0 */
/* Stretch marks: bands side by side are found, told apart and measured; one alone, folds and bands
 * across each other are not; what a user drew a line along is a scar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pits_scene.h"
#include "stages/lines.h"

enum { SIDE = 600 }; /* px at 10 px/mm */

static const double blood[3] = { 0.4, 1, 0.8 };

static int set_up(void **state)
{
    struct scene *const s = scene_new(&derm_stage_stretch_marks, SIDE, 0.02, 5);

    if (!s) return 1;
    s->bed.tone.broad_blood[1] = 1;
    s->bed.tone.broad_melanin[2] = 1;
    *state = s;
    return 0;
}

/* Adds a band 30 mm long to a view: its middle in mm, its direction a unit vector. */
static void draw(struct derm_view *v, double x_mm, double y_mm, const double way[2],
                 double width_mm, double contrast, const double colour[3])
{
    for (int y = 0; y < v->grid.h; y++)
        for (int x = 0; x < v->grid.w; x++) {
            const double dx = x / px_per_mm - x_mm, dy = y / px_per_mm - y_mm;
            const double s = fabs(way[0] * dx + way[1] * dy), t = fabs(way[0] * dy - way[1] * dx);
            const double share =
                1 / (1 + exp((t - 0.5 * width_mm) / 0.1)) / (1 + exp((s - 15) / 0.1));

            for (int c = 0; c < 3; c++)
                derm_row(&v->od[c], y)[x] += (float)(contrast * colour[c] * share);
        }
}

static const double slanted[2] = { 0.8, 0.6 }, across[2] = { -0.6, 0.8 };

/* Three 10 mm apart, of 2, 3 and 4 mm, of which the last is pale. */
static void draw_three(struct derm_view *v, double strength, const double colour[3])
{
    for (int i = 0; i < 3; i++)
        draw(v, 30 + 10 * (i - 1) * across[0], 30 + 10 * (i - 1) * across[1], slanted, 2 + i,
             strength * (i < 2 ? 0.25 : -0.25), colour);
}

static struct derm_frame frame;
static struct derm_pair pair;

/* Runs the stage on the scene's view, or on it and a second one, and the scars' after it. */
static const struct derm_objects *look(struct scene *s, const struct derm_view *second,
                                       enum derm_kind kind)
{
    struct stage_params scars;

    frame.scale = (struct derm_scale){ DERM_SCALE_USER, px_per_mm, 0 };
    frame.view = s->view;
    pair = (struct derm_pair){ .base = &frame, .follow = &frame, .common = s->view.skin };
    pair.registration.accepted = true;
    s->bed.run.frame = second ? NULL : &frame;
    s->bed.run.pair = second ? &pair : NULL;
    if (second) pair.warped = *second;
    must(&s->bed, derm_stage_stretch_marks.run(&s->bed.run, s->params.at));
    must(&s->bed, derm_stage_linear_scars.run(&s->bed.run,
                                              stage_defaults(&derm_stage_linear_scars, &scars)));
    return &(second ? pair.objects : frame.objects)[kind];
}

static void three_side_by_side(void **state)
{
    struct scene *const s = *state;
    const struct derm_objects *o;
    int pale = 0;

    frame = (struct derm_frame){ .scale = { 0 } };
    draw_three(&s->view, 1, blood);
    o = look(s, NULL, DERM_KIND_STRETCH_MARK);
    assert_int_equal(derm_line_count(o), 3);
    for (int from = 0; from < o->n;) {
        const struct derm_object mark = derm_line_next(o, &from);
        const double width_mm = mark.base_area_px / (100 * mark.length_mm);

        assert_true(fabs(mark.length_mm - 30) < 2);
        assert_true(fabs(fabs(mark.contrast) - 0.25) < 0.04);
        assert_int_equal(derm_line_is_red(&mark), mark.contrast > 0);
        assert_true(fabs(mark.blood[0] / mark.area_px - mark.contrast) < 1e-6);
        assert_true(fabs(mark.melanin[0] / mark.area_px - 0.8 * mark.contrast) < 0.02);
        assert_true(fabs(width_mm - (mark.contrast < 0 ? 4 : width_mm < 2.5 ? 2 : 3)) < 0.25);
        pale += mark.contrast < 0;
    }
    assert_int_equal(pale, 1);
    assert_int_equal(look(s, NULL, DERM_KIND_LINEAR_SCAR)->n, 0);
}

static void they_need_not_lie_abreast(void **state)
{
    static const double down[2] = { 0, 1 };
    struct scene *const s = *state;

    frame = (struct derm_frame){ .scale = { 0 } };
    draw(&s->view, 15, 12, down, 3, 0.25, blood);
    draw(&s->view, 25, 48, down, 3, 0.25, blood); /* begins below the end of the others */
    draw(&s->view, 35, 12, down, 3, 0.25, blood);
    assert_int_equal(derm_line_count(look(s, NULL, DERM_KIND_STRETCH_MARK)), 3);
}

static void pale_ones_of_dark_skin_lack_colour(void **state)
{
    static const double melanin[3] = { 0.85, 1, 0.9 };
    struct scene *const s = *state;

    frame = (struct derm_frame){ .scale = { 0 } };
    for (int i = 0; i < 3; i++)
        draw(&s->view, 18 + 12 * i, 30, (const double[2]){ 0, 1 }, 3, -0.25, melanin);
    assert_int_equal(derm_line_count(look(s, NULL, DERM_KIND_STRETCH_MARK)), 3);
}

static void skin_along_a_band_is_none(void **state)
{
    static const double down[2] = { 0, 1 };
    struct scene *const s = *state;

    frame = (struct derm_frame){ .scale = { 0 } };
    draw(&s->view, 20, 30, down, 3, 0.25, blood);
    draw(&s->view, 24, 30, down, 3, -0.1, blood); /* with it there would be three */
    draw(&s->view, 40, 30, down, 3, 0.25, blood);
    assert_int_equal(look(s, NULL, DERM_KIND_STRETCH_MARK)->n, 0);
    assert_int_equal(derm_line_count(look(s, NULL, DERM_KIND_LINEAR_SCAR)), 2);
}

static void one_alone_is_a_scar(void **state)
{
    struct scene *const s = *state;

    frame = (struct derm_frame){ .scale = { 0 } };
    draw(&s->view, 30, 30, slanted, 3, 0.25, blood);
    assert_int_equal(look(s, NULL, DERM_KIND_STRETCH_MARK)->n, 0);
    assert_int_equal(derm_line_count(look(s, NULL, DERM_KIND_LINEAR_SCAR)), 1);
}

static void what_are_no_stretch_marks(void **state)
{
    struct scene *const s = *state;

    frame = (struct derm_frame){ .scale = { 0 } };
    draw_three(&s->view, 1, even); /* folds */
    assert_int_equal(look(s, NULL, DERM_KIND_STRETCH_MARK)->n, 0);
    bed_view(&s->bed, &s->view, SIDE, SIDE, px_per_mm); /* ways that differ */
    draw(&s->view, 15, 20, slanted, 3, 0.25, blood);
    draw(&s->view, 40, 40, across, 3, 0.25, blood);
    draw(&s->view, 45, 8, (const double[2]){ 1, 0 }, 3, 0.25, blood);
    assert_int_equal(look(s, NULL, DERM_KIND_STRETCH_MARK)->n, 0);
}

static void a_face_is_not_searched(void **state)
{
    struct scene *const s = *state;

    frame = (struct derm_frame){ .face.used = true };
    draw_three(&s->view, 1, blood);
    assert_int_equal(look(s, NULL, DERM_KIND_STRETCH_MARK)->n, 0);
}

static void a_pair_is_read_along_the_same_lines(void **state)
{
    struct scene *const s = *state;
    const struct derm_objects *o;
    struct derm_view second;
    double base = 0, follow = 0;

    frame = (struct derm_frame){ .scale = { 0 } };
    bed_view(&s->bed, &second, SIDE, SIDE, px_per_mm);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                derm_row(&second.od[c], y)[x] = derm_row(&s->view.od[c], y)[x];
    draw_three(&s->view, 1, blood);
    draw_three(&second, 0.6, blood);
    o = look(s, &second, DERM_KIND_STRETCH_MARK);
    assert_int_equal(derm_line_count(o), 3);
    for (int i = 0; i < o->n; i++) {
        base += o->item[i].base_value;
        follow += o->item[i].follow_value;
    }
    assert_true(fabs(follow / base - 0.6) < 0.03);
}

static void a_drawn_line_is_a_scar(void **state)
{
    static double line[3][2] = { { 185, 208 }, { 310, 287 }, { 412, 396 } }; /* by hand */
    struct scene *const s = *state;
    struct derm_object scar;
    const struct derm_objects *o;
    int from = 0;

    frame = (struct derm_frame){ .user_line = { line, 3 } };
    for (int i = 0; i < 4; i++)
        draw(&s->view, 30 + 10 * (i - 1) * across[0], 30 + 10 * (i - 1) * across[1], slanted, 3,
             0.25, blood);
    frame.view.grid = s->view.grid;
    assert_int_equal(derm_line_count(look(s, NULL, DERM_KIND_STRETCH_MARK)), 3);
    o = &frame.objects[DERM_KIND_LINEAR_SCAR];
    assert_int_equal(derm_line_count(o), 1);
    scar = derm_line_next(o, &from);
    assert_true(fabs(scar.contrast - 0.25) < 0.04);
    assert_true(fabs(scar.base_area_px / (100 * scar.length_mm) - 3) < 0.3);
    for (int i = 0; i < o->n; i++) /* in the middle of the band */
        assert_true(fabs(across[0] * (o->item[i].x - 300) + across[1] * (o->item[i].y - 300)) < 5);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, scene_free)
    const struct CMUnitTest tests[] = {
        TEST(three_side_by_side),
        TEST(they_need_not_lie_abreast),
        TEST(pale_ones_of_dark_skin_lack_colour),
        TEST(skin_along_a_band_is_none),
        TEST(one_alone_is_a_scar),
        TEST(what_are_no_stretch_marks),
        TEST(a_face_is_not_searched),
        TEST(a_pair_is_read_along_the_same_lines),
        TEST(a_drawn_line_is_a_scar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
