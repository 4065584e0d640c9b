/* SPDX-License-Identifier: Apache-2.0 */
/* Scars: hollows are found, colour, lines, pores and the body's shape are not, and the relief index
 * goes with the square of the shading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pits_scene.h"
#include "sample_all.h"

enum { SIDE = 400 };

static int set_up(void **state)
{
    struct scene *const s = scene_new(&derm_stage_scars, SIDE, 0.02, 5);

    *state = s;
    if (!s) return 1;
    s->bed.tone.ita_deg = 45; /* fair enough for scars */
    return 0;
}

static void a_dark_hollow_is_found(void **state)
{
    struct scene *const s = *state;
    const struct derm_objects *o;
    const struct derm_object *p;

    add(s, 200, 200, 0.6, 0.6, 0.2, even);
    o = find(s, &derm_segmenter_scars);
    p = nearest(o, 200, 200, 4);
    assert_int_equal(o->n, 1);
    assert_non_null(p);
    assert_true(fabs(p->diameter_mm / (2.355 * 0.6) - 1) < 0.25);
    assert_int_equal(derm_label_at(o, 200, 200), p->label);
}

/* Scars of all shapes on rendered light skin: what is found is a scar, and half of them are. */
static void rendered_scars_are_found(void **state)
{
    struct scene *const s = *state;
    struct phantom_shot shot = phantom_default_shot();
    struct phantom_rgb8 picture;
    struct phantom_skin skin;
    const struct derm_objects *o;
    int scars = 0, found = 0;

    shot.spec.seed = 2001;
    shot.spec.fm = phantom_fm_of_ita(60, shot.spec.fb);
    shot.spec.scars_per_cm2 = 0.6;
    shot.spec.width_mm = shot.spec.height_mm = 50;
    shot.camera.width = shot.camera.height = 500;
    phantom_skin_init(&skin, &shot.spec);
    phantom_shoot(&skin, &shot, &picture);
    bed_picture(&s->bed, &s->view, &picture, px_per_mm);
    o = find(s, &derm_segmenter_scars);
    for (int i = 0; i < skin.n; i++) {
        const struct phantom_object *const scar = &skin.object[i];
        double x, y;

        phantom_to_image(&skin, &shot.camera, scar->x_mm, scar->y_mm, &x, &y);
        if (scar->kind != PHANTOM_SCAR || fmin(x, y) < 30 || fmax(x, y) > 470) continue;
        scars++;
        found += nearest(o, x, y, fmax(scar->radius_mm, 1) * px_per_mm) != NULL;
    }
    free(picture.px);
    phantom_skin_free(&skin);
    assert_true(2 * found >= scars);
    assert_true(o->n <= scars + 4); /* those at the edge are not counted above */
}

static void what_is_no_scar(void **state)
{
    static const double melanin[3] = { 0.66, 1, 1.65 }, blood[3] = { 0.35, 1, 0.8 };
    struct scene *const s = *state;

    add(s, 100, 100, 0.7, 0.7, 0.3, melanin);
    add(s, 300, 100, 0.7, 0.7, 0.3, blood);
    add(s, 100, 300, 6, 0.3, 0.2, even);     /* a line */
    add(s, 300, 300, 0.12, 0.12, 0.3, even); /* a pore */
    add(s, 200, 200, 9, 9, 0.4, even);       /* the side of a nose */
    assert_int_equal(find(s, &derm_segmenter_scars)->n, 0);
}

/* A hollow of 5 mm is a scar on a cheek, and the side of a nose on a nose; one of 1.4 mm is a scar.
 */
/* At 3.5 px/mm: 4 and 8 px wide. */
static void a_dot_of_few_pixels_is_none(void **state)
{
    static const double naevus_px = 1.75, hollow_px = 3.5;
    struct scene *const s = *state;
    const struct derm_objects *o;

    s->view.grid.px_per_mm = 3.5;
    add(s, 100, 100, naevus_px / px_per_mm, naevus_px / px_per_mm, 0.3, even);
    add(s, 300, 300, hollow_px / px_per_mm, hollow_px / px_per_mm, 0.2, even);
    o = find(s, &derm_segmenter_scars);
    assert_int_equal(o->n, 1);
    assert_non_null(nearest(o, 300, 300, 4));
}

static void a_nose_is_hollow_at_its_sides(void **state)
{
    struct scene *const s = *state;

    add(s, 130, 200, 2.1, 2.1, 0.2, even);
    add(s, 320, 200, 0.6, 0.6, 0.2, even);
    assert_int_equal(find(s, &derm_segmenter_scars)->n, 2);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            derm_bits_row(&s->view.regions, y)[x] |= 1u << DERM_REGION_NOSE;
    assert_int_equal(find(s, &derm_segmenter_scars)->n, 1);
}

static void nothing_counts_on_dark_skin(void **state)
{
    struct scene *const s = *state;

    s->bed.tone.ita_deg = -40;
    add(s, 200, 200, 0.6, 0.6, 0.2, even);
    assert_int_equal(find(s, &derm_segmenter_scars)->n, 0);
}

static void relief_goes_with_the_square(void **state)
{
    struct scene *const s = *state;
    const struct derm_objects *o;
    double before, after, area;

    add(s, 200, 200, 0.6, 0.6, 0.2, even);
    o = find(s, &derm_segmenter_scars);
    assert_int_equal(o->n, 1);
    must(&s->bed, sample_all(&s->bed.run, &derm_segmenter_scars, s->params.at, &s->view,
                             &s->view.skin, o, &before, &area));
    add(s, 200, 200, 0.6, 0.6, -0.1, even);
    for (int c = 0; c < 3; c++) /* less light, falling off to one side */
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                derm_row(&s->view.od[c], y)[x] += 0.3f + 0.0005f * (float)x;
    must(&s->bed, sample_all(&s->bed.run, &derm_segmenter_scars, s->params.at, &s->view,
                             &s->view.skin, o, &after, &area));
    assert_true(before > 0);
    assert_true(fabs(after / before - 0.25) < 0.03);
}

static void no_skin_is_no_scars(void **state)
{
    struct scene *const s = *state;

    add(s, 200, 200, 0.6, 0.6, 0.2, even);
    for (int y = 0; y < SIDE; y++)
        memset(derm_mask_row(&s->view.skin, y), 0, SIDE);
    assert_int_equal(find(s, &derm_segmenter_scars)->n, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, scene_free)
    const struct CMUnitTest tests[] = {
        TEST(a_dark_hollow_is_found),
        TEST(rendered_scars_are_found),
        TEST(what_is_no_scar),
        TEST(a_dot_of_few_pixels_is_none),
        TEST(a_nose_is_hollow_at_its_sides),
        TEST(nothing_counts_on_dark_skin),
        TEST(relief_goes_with_the_square),
        TEST(no_skin_is_no_scars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
