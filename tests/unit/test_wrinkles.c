/* SPDX-License-Identifier: Apache-2.0 */
/* Wrinkles: valleys are found and measured, wide ones as wrinkles, thin ones as fine lines; hair,
 * vessels, pale lines, edges, spots and scars are neither; a pair is read at the same
 * places in both photos, whichever shows the line; strands of hair on a forehead are none; creases
 * of a face run their own way in every region; on a close-up a row of pores is no wrinkle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/num.h"
#include "pits_scene.h"
#include "stages/lines.h"
#include "stages/statistics.h"
#include "stages/valleys.h"

enum { SIDE = 500 }; /* px at 10 px/mm */

static const double blood[3] = { 0.4, 1, 0.8 }, shade[3] = { 0.85, 1, 1 };

static int set_up(void **state)
{
    *state = scene_new(&derm_stage_wrinkles, SIDE, 0.02, 5);
    return *state ? 0 : 1;
}

struct valley {
    double x, y;          /* px, its middle */
    double length, width; /* mm, at half */
    double contrast;      /* green, in its middle */
    const double *colour;
    double slope; /* down over across */
};

static void draw(struct derm_view *v, const struct valley *line)
{
    const double norm = sqrt(1 + line->slope * line->slope);
    const double ux = 1 / norm, uy = line->slope / norm;

    for (int y = 0; y < v->grid.h; y++)
        for (int x = 0; x < v->grid.w; x++) {
            const double dx = (x - line->x) / px_per_mm, dy = (y - line->y) / px_per_mm;
            const double s = fabs(ux * dx + uy * dy), t = 2 * (ux * dy - uy * dx) / line->width;
            const double d =
                line->contrast * exp(-0.693147 * t * t) / (1 + exp((s - 0.5 * line->length) / 0.1));

            for (int c = 0; c < 3; c++)
                derm_row(&v->od[c], y)[x] += (float)(d * line->colour[c]);
        }
}

static struct derm_frame frame;
static struct derm_pair pair;

/* Runs the stage on the scene's view, or on it and a second one; the objects of all kinds. */
static const struct derm_objects *look(struct scene *s, const struct derm_view *second)
{
    const struct derm_frame f = { .scale = { DERM_SCALE_USER, px_per_mm, 0 }, .view = s->view };

    frame.scale = f.scale;
    frame.view = f.view;
    pair = (struct derm_pair){ .base = &frame, .follow = &frame, .common = s->view.skin };
    pair.registration.accepted = true;
    if (second) pair.warped = *second;
    s->bed.run.frame = second ? NULL : &frame;
    s->bed.run.pair = second ? &pair : NULL;
    must(&s->bed, derm_stage_wrinkles.run(&s->bed.run, s->params.at));
    return second ? pair.objects : frame.objects;
}

/* Also puts back what another test has set. */
static int start(void **state)
{
    memset(&frame, 0, sizeof(frame));
    return set_up(state);
}

static struct scene *start_again(void **state)
{
    scene_free(state);
    assert_int_equal(start(state), 0);
    return *state;
}

static void lie_in(struct scene *s, enum derm_region region)
{
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            derm_bits_row(&s->view.regions, y)[x] = (uint16_t)(1u << region);
}

static void a_wide_one_is_a_wrinkle_a_thin_one_a_fine_line(void **state)
{
    static const struct valley wide = { 250, 150, 20, 0.9, 0.15, shade, 0.3 },
                               thin = { 200, 350, 9, 0.3, 0.12, shade, -0.5 };
    struct scene *const s = *state;
    const struct derm_objects *o;
    struct derm_object line;
    int from = 0;

    draw(&s->view, &wide);
    draw(&s->view, &thin);
    o = look(s, NULL);
    assert_int_equal(derm_line_count(&o[DERM_KIND_WRINKLE]), 1);
    assert_int_equal(derm_line_count(&o[DERM_KIND_FINE_LINE]), 1);
    line = derm_line_next(&o[DERM_KIND_WRINKLE], &from);
    assert_true(fabs(line.length_mm - 20) < 1.5);
    assert_true(fabs(line.base_area_px / (100 * line.length_mm) / 0.9 - 1) < 0.1);
    /* contrast over the width at half: 0.81 of a Gaussian's peak, and what the flanks have of it */
    assert_true(fabs(line.contrast / (0.81 * 0.15) - 1) < 0.1);
    assert_true(fabs(line.base_value / line.length_mm / line.contrast - 1) < 0.02);
    assert_int_equal(line.found_in, 1);
    from = 0;
    line = derm_line_next(&o[DERM_KIND_FINE_LINE], &from);
    assert_true(fabs(line.length_mm - 9) < 1.5);
    /* a profile is smoothed over three columns: 0.3 mm */
    assert_true(fabs(line.base_area_px / (100 * line.length_mm) - 0.3) < 0.1);
}

static void draw_pore(struct derm_view *v, double x, double y, double depth)
{
    static const double sigma_mm = 0.3;
    const int reach = (int)(3 * sigma_mm * px_per_mm);

    for (int j = imax((int)y - reach, 0); j <= imin((int)y + reach, v->grid.h - 1); j++)
        for (int i = imax((int)x - reach, 0); i <= imin((int)x + reach, v->grid.w - 1); i++) {
            const double dx = (i - x) / px_per_mm, dy = (j - y) / px_per_mm;

            for (int c = 0; c < 3; c++)
                derm_row(&v->od[c], j)[i] +=
                    (float)(depth * exp(-0.5 * (dx * dx + dy * dy) / (sigma_mm * sigma_mm)));
        }
}

/* Pores all over the skin, some of which happen to stand in a row. */
static void pores_in_a_row_are_no_wrinkle(void **state)
{
    struct scene *const s = *state;
    struct derm_random random = { 7 };

    for (int i = 0; i < 400; i++)
        draw_pore(&s->view, SIDE * derm_random_uniform(&random),
                  SIDE * derm_random_uniform(&random), 0.05);
    for (int i = 0; i < 12; i++)
        draw_pore(&s->view, 150 + 15 * i, 250 + 6 * derm_random_uniform(&random), 0.06);
    assert_int_equal(derm_line_count(&look(s, NULL)[DERM_KIND_WRINKLE]), 0);
}

static void what_is_neither(void **state)
{
    static const struct valley lines[] = {
        { 250, 60, 20, 0.7, 0.9, even, 0.3 },     /* a hair */
        { 250, 140, 20, 0.7, 0.15, blood, 0.3 },  /* a vessel */
        { 250, 220, 20, 0.7, -0.15, shade, 0.3 }, /* pale */
        { 120, 400, 3, 0.7, 0.2, shade, 0.3 },    /* short */
        { 380, 400, 14, 3.5, 0.2, shade, 0.3 },   /* broad */
    };
    struct scene *const s = *state;
    const struct derm_objects *o;

    for (int i = 0; i < 5; i++)
        draw(&s->view, &lines[i]);
    for (int y = 0; y < SIDE; y++) /* the edge of a shade */
        for (int x = 0; x < 40; x++)
            for (int c = 0; c < 3; c++)
                derm_row(&s->view.od[c], y)[x] += 0.2f;
    o = look(s, NULL);
    assert_int_equal(o[DERM_KIND_WRINKLE].n, 0);
    assert_int_equal(o[DERM_KIND_FINE_LINE].n, 0);
}

static void a_scar_of_a_cut_is_no_wrinkle(void **state)
{
    static const struct valley line = { 250, 250, 20, 0.9, 0.15, shade, 0 };
    struct derm_object piece[10];
    struct scene *const s = *state;

    draw(&s->view, &line);
    for (int i = 0; i < 10; i++)
        piece[i] = (struct derm_object){
            .x = 160 + 20 * i, .y = 250, .area_px = 200, .length_mm = 2, .label = 1
        };
    frame.objects[DERM_KIND_LINEAR_SCAR] = (struct derm_objects){ .item = piece, .n = 10 };
    assert_int_equal(look(s, NULL)[DERM_KIND_WRINKLE].n, 0);
    frame.objects[DERM_KIND_LINEAR_SCAR].n = 0;
    assert_true(look(s, NULL)[DERM_KIND_WRINKLE].n > 0);
}

static void what_lies_on_a_spot_or_a_scar_is_none(void **state)
{
    static const enum derm_kind others[] = { DERM_KIND_SPOT, DERM_KIND_SCAR, DERM_KIND_RED_MARK };
    static const struct valley line = { 250, 250, 20, 0.9, 0.15, shade, 0 };
    struct scene *const s = *state;

    draw(&s->view, &line);
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        struct derm_object one = { .x = 250, .y = 250, .label = 1 };
        struct derm_objects *const all = &frame.objects[others[i]];

        *all = (struct derm_objects){ .item = &one, .n = 1 };
        must(&s->bed, derm_labels_new(&s->bed.keep, &all->labels, SIDE, SIDE));
        for (int y = 240; y < 260; y++)
            for (int x = 140; x < 360; x++)
                derm_labels_row(&all->labels, y)[x] = 1;
        assert_int_equal(look(s, NULL)[DERM_KIND_WRINKLE].n, 0);
        one.field = 1; /* on a diffuse field there are wrinkles */
        assert_true(look(s, NULL)[DERM_KIND_WRINKLE].n > 0);
        *all = (struct derm_objects){ .n = 0 };
    }
}

static void strands_on_a_forehead_are_none(void **state)
{
    static const struct valley steep = { 250, 250, 20, 0.9, 0.15, shade, 1.5 },
                               across = { 250, 250, 20, 0.9, 0.15, shade, 0.2 };
    int found[2];

    for (int i = 0; i < 2; i++) {
        struct scene *const s = start_again(state);

        frame.face.used = true;
        frame.face.at[468] = (struct derm_point){ 100, 400 };
        frame.face.at[473] = (struct derm_point){ 400, 400 };
        lie_in(s, DERM_REGION_FOREHEAD);
        draw(&s->view, i == 0 ? &steep : &across);
        found[i] = look(s, NULL)[DERM_KIND_WRINKLE].n;
    }
    assert_int_equal(found[0], 0);
    assert_true(found[1] > 0);
}

/* What is next to a hairline is none, 15 mm below it there are some. */
static void shade_of_hair_is_none(void **state)
{
    static const double below_mm[2] = { 4, 15 };
    int found[2];

    for (int i = 0; i < 2; i++) {
        const struct valley line = { 250, 100 + px_per_mm * below_mm[i], 20, 0.9, 0.15, shade, 0 };
        struct scene *const s = start_again(state);

        frame.face.used = true;
        frame.face.at[468] = (struct derm_point){ 100, 450 };
        frame.face.at[473] = (struct derm_point){ 400, 450 };
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                derm_bits_row(&s->view.regions, y)[x] = 1u << DERM_REGION_FOREHEAD;
                if (y < 100) derm_mask_row(&s->view.skin, y)[x] = 0;
            }
        draw(&s->view, &line);
        found[i] = look(s, NULL)[DERM_KIND_WRINKLE].n;
    }
    assert_int_equal(found[0], 0);
    assert_true(found[1] > 0);
}

/* Lines that are found, of one in a region of a face whose eyes are at this height, or (ROI) of a
 * close-up, amid detail of this rms. */
static int found_in_region(void **state, enum derm_region region, double eyes_y, double detail)
{
    static const struct valley line = { 250, 250, 20, 0.9, 0.15, shade, 0 };
    struct scene *const s = start_again(state);

    frame.face.used = region != DERM_REGION_ROI;
    frame.face.at[468] = (struct derm_point){ 100, eyes_y };
    frame.face.at[473] = (struct derm_point){ 400, eyes_y };
    lie_in(s, region);
    draw(&s->view, &line);
    assert_int_equal(derm_plane_new(&s->bed.keep, &s->view.clutter.energy, SIDE, SIDE), DERM_OK);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            derm_row(&s->view.clutter.energy, y)[x] = (float)(detail * detail);
    s->view.clutter.cell_px = 1;
    s->view.clutter.far_px = 20;
    s->view.clutter.min_contrast = 20;
    s->view.clutter.usual[DERM_CONCERN_WRINKLES] = 0.01 * 0.01;
    s->view.clutter.usual[DERM_CONCERN_PORES] = 0.02 * 0.02;
    return look(s, NULL)[DERM_KIND_WRINKLE].n;
}

static void hair_where_brows_meet_is_none(void **state)
{
    assert_true(found_in_region(state, DERM_REGION_GLABELLA, 400, 0.005) > 0);
    assert_int_equal(found_in_region(state, DERM_REGION_GLABELLA, 400, 0.05), 0);
    assert_true(found_in_region(state, DERM_REGION_FOREHEAD, 400, 0.05) > 0);
}

static void hair_of_a_brow_in_a_close_up_is_none(void **state)
{
    assert_true(found_in_region(state, DERM_REGION_ROI, 0, 0.015) > 0);
    assert_int_equal(found_in_region(state, DERM_REGION_ROI, 0, 0.05), 0);
}

static void the_fold_of_a_lid_is_none(void **state)
{
    assert_true(found_in_region(state, DERM_REGION_LEFT_PERIORBITAL, 100, 0) > 0);
    assert_int_equal(found_in_region(state, DERM_REGION_LEFT_PERIORBITAL, 400, 0), 0);
}

/* A line beside which red alone has a step; one with a step that red and green share. */
static void the_edge_of_a_cheek_is_none(void **state)
{
    static const struct valley line = { 250, 250, 20, 0.9, 0.15, shade, 0 };
    static const float step[2][2] = { { 0.2f, 0 }, { 0.06f, 0.06f } };
    int found[2];

    for (int i = 0; i < 2; i++) {
        struct scene *const s = start_again(state);

        draw(&s->view, &line);
        for (int c = 0; c < 2; c++)
            for (int y = 250; y < SIDE; y++)
                for (int x = 0; x < SIDE; x++)
                    derm_row(&s->view.od[c], y)[x] += step[i][c];
        found[i] = look(s, NULL)[DERM_KIND_WRINKLE].n;
    }
    assert_int_equal(found[0], 0);
    assert_true(found[1] > 0);
}

/* Beside an eye a thin line is a wrinkle, a broad one is where the socket ends. */
static void the_rim_of_an_orbit_is_none(void **state)
{
    static const struct valley line[2] = { { 250, 250, 20, 0.9, 0.15, shade, 0 },
                                           { 250, 250, 20, 1.5, 0.15, shade, 0 } };

    for (int i = 0; i < 4; i++) {
        const int region = i < 2 ? DERM_REGION_FOREHEAD : DERM_REGION_LEFT_CROWSFEET;
        struct scene *const s = start_again(state);

        frame.face.used = true;
        frame.face.at[468] = (struct derm_point){ 50, 250 };
        frame.face.at[473] = (struct derm_point){ 80, 250 };
        frame.face.at[263] = (struct derm_point){ 90, 250 };
        lie_in(s, region);
        draw(&s->view, &line[i % 2]);
        assert_int_equal(look(s, NULL)[DERM_KIND_WRINKLE].n > 0, i != 3);
    }
}

/* As broad a valley is the form of a cheek, but not where a fold runs from nose to mouth. */
static void a_nasolabial_fold_is_broad(void **state)
{
    static const struct valley fold = { 250, 250, 40, 2.5, 0.15, shade, 0 };
    static const enum derm_region where[2] = { DERM_REGION_NASOLABIAL, DERM_REGION_LEFT_CHEEK };

    for (int i = 0; i < 2; i++) {
        struct scene *const s = start_again(state);

        frame.face.used = true;
        frame.face.at[468] = (struct derm_point){ 50, 50 };
        frame.face.at[473] = (struct derm_point){ 80, 50 };
        lie_in(s, where[i]);
        draw(&s->view, &fold);
        assert_int_equal(look(s, NULL)[DERM_KIND_WRINKLE].n > 0, i == 0);
    }
}

static void the_side_of_a_nose_is_none(void **state)
{
    static const unsigned right = 1u << DERM_REGION_RIGHT_PERIORBITAL;
    const struct derm_grid grid = { .step = 1, .w = SIDE, .h = SIDE, .px_per_mm = px_per_mm };
    struct derm_face face = { .used = true };
    struct derm_creases c;

    (void)state;
    face.at[468] = (struct derm_point){ 100, 200 };
    face.at[473] = (struct derm_point){ 400, 200 };
    face.at[133] = (struct derm_point){ 170, 210 };
    face.at[362] = (struct derm_point){ 330, 210 };
    face.at[61] = (struct derm_point){ 180, 400 };
    face.at[291] = (struct derm_point){ 320, 400 };
    c = derm_creases_of(&face, &grid, 6);
    assert_true(derm_on_lid_or_nose(&c, right, (struct derm_point){ 190, 230 }));
    assert_true(derm_on_lid_or_nose(&c, right, (struct derm_point){ 310, 230 }));
    assert_false(derm_on_lid_or_nose(&c, right, (struct derm_point){ 150, 230 }));
    assert_false(derm_on_lid_or_nose(&c, right, (struct derm_point){ 350, 230 }));
    assert_true(derm_on_lid_or_nose(&c, right, (struct derm_point){ 150, 190 }));
}

/* Level lines belong on a forehead, upright ones between the brows as well, none on a cheek but
 * along its fold, which is all of the nasolabial region; on a close-up all are alike. */
static void creases_run_their_way(void **state)
{
    static const struct derm_point level = { 1, 0 }, upright = { 0, 1 }, middle = { 250, 100 },
                                   cheek = { 60, 330 }, fold = { 200, 340 };
    const struct derm_grid grid = { .step = 1, .w = SIDE, .h = SIDE, .px_per_mm = px_per_mm };
    struct derm_face face = { .used = true };
    struct derm_creases c;

    (void)state;
    for (int i = 0; i < DERM_LANDMARK_COUNT; i++)
        face.at[i] = (struct derm_point){ 250, 450 };
    face.at[468] = (struct derm_point){ 100, 200 };
    face.at[473] = (struct derm_point){ 400, 200 };
    face.at[129] = (struct derm_point){ 200, 300 };
    face.at[203] = (struct derm_point){ 200, 380 };
    c = derm_creases_of(&face, &grid, 6);
    assert_true(derm_crease_stray(&c, 1u << DERM_REGION_FOREHEAD, middle, level) < 0.01);
    assert_true(derm_crease_stray(&c, 1u << DERM_REGION_FOREHEAD, middle, upright) > 0.99);
    assert_true(derm_crease_stray(&c, 1u << DERM_REGION_GLABELLA, middle, upright) < 0.01);
    assert_true(derm_crease_stray(&c, 1u << DERM_REGION_RIGHT_CHEEK, cheek, upright) > 0.99);
    assert_true(derm_crease_stray(&c, 1u << DERM_REGION_RIGHT_CHEEK, fold, upright) < 0.01);
    assert_true(derm_crease_stray(&c, 1u << DERM_REGION_RIGHT_CHEEK, fold, level) > 0.99);
    assert_true(derm_crease_stray(&c, 1u << DERM_REGION_NASOLABIAL, cheek, upright) < 0.01);
    assert_true(derm_crease_stray(&c, 1u << DERM_REGION_NASOLABIAL, cheek, level) > 0.99);
    face.used = false;
    c = derm_creases_of(&face, &grid, 6);
    assert_true(derm_crease_stray(&c, 1u << DERM_REGION_RIGHT_CHEEK, cheek, upright) < 0.01);
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

static void a_pair_is_read_at_the_same_places(void **state)
{
    static const struct valley before = { 250, 250, 24, 0.9, 0.2, shade, 0.3 };
    struct scene *const s = *state;
    struct derm_view second = second_view(s);
    struct valley after = before;
    const struct derm_objects *o;
    struct derm_object line;

    after.contrast *= 0.6;
    draw(&s->view, &before);
    draw(&second, &after);
    for (int turn = 0; turn < 2; turn++) { /* whichever is the baseline */
        const struct derm_view first = s->view;
        int from = 0;

        o = look(s, &second);
        assert_int_equal(derm_line_count(&o[DERM_KIND_WRINKLE]), 1);
        line = derm_line_next(&o[DERM_KIND_WRINKLE], &from);
        assert_int_equal(line.found_in, 3);
        assert_true(fabs(line.follow_value / line.base_value - (turn ? 1 / 0.6 : 0.6)) < 0.05);
        s->view = second;
        second = first;
    }
}

static void either_photo_may_show_it(void **state)
{
    static const struct valley gone = { 250, 150, 24, 0.9, 0.2, shade, 0.3 },
                               come = { 250, 350, 16, 0.9, 0.2, shade, 0.3 };
    struct scene *const s = *state;
    struct derm_view second = second_view(s);
    const struct derm_objects *o;
    int from = 0;

    draw(&s->view, &gone);
    draw(&second, &come);
    o = look(s, &second);
    assert_int_equal(derm_line_count(&o[DERM_KIND_WRINKLE]), 2);
    for (int i = 0; i < 2; i++) { /* the longer first */
        const struct derm_object line = derm_line_next(&o[DERM_KIND_WRINKLE], &from);

        assert_int_equal(line.found_in, i == 0 ? 1 : 2);
        assert_true(fabs(i == 0 ? line.follow_value : line.base_value) < 0.01 * line.length_mm);
        assert_true((i == 0 ? line.follow_area_px : line.base_area_px) <= 0);
    }
}

static void no_skin_no_wrinkle(void **state)
{
    static const struct valley line = { 250, 250, 20, 0.9, 0.2, shade, 0 };
    struct scene *const s = *state;

    draw(&s->view, &line);
    for (int y = 0; y < SIDE; y++)
        memset(derm_mask_row(&s->view.skin, y), 0, SIDE);
    assert_int_equal(look(s, NULL)[DERM_KIND_WRINKLE].n, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, start, scene_free)
    const struct CMUnitTest tests[] = {
        TEST(a_wide_one_is_a_wrinkle_a_thin_one_a_fine_line),
        TEST(pores_in_a_row_are_no_wrinkle),
        TEST(what_is_neither),
        TEST(a_scar_of_a_cut_is_no_wrinkle),
        TEST(what_lies_on_a_spot_or_a_scar_is_none),
        TEST(strands_on_a_forehead_are_none),
        TEST(shade_of_hair_is_none),
        TEST(hair_where_brows_meet_is_none),
        TEST(hair_of_a_brow_in_a_close_up_is_none),
        TEST(the_fold_of_a_lid_is_none),
        TEST(the_edge_of_a_cheek_is_none),
        TEST(the_rim_of_an_orbit_is_none),
        TEST(a_nasolabial_fold_is_broad),
        TEST(the_side_of_a_nose_is_none),
        TEST(creases_run_their_way),
        TEST(a_pair_is_read_at_the_same_places),
        TEST(either_photo_may_show_it),
        TEST(no_skin_no_wrinkle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
