/* SPDX-License-Identifier: Apache-2.0 */
/* Red marks and vessels of known contrast: found, told from pigment, shade and hair, measured, and
 * their change read under another light. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "skin_scene.h"
#include "stage_params.h"
#include "stages/stages.h"

enum { W = 600, H = 500 };
static const double PX_PER_MM = 10;
static const double blood[3] = { 0.32, 0.74, 0.59 }, grey[3] = { 0.58, 0.58, 0.58 };

static const struct scene_spot marks[] = {
    { 12, 12, 0.8, 0.30 }, { 30, 10, 1.2, 0.25 }, { 48, 12, 2.0, 0.40 },
    { 14, 34, 1.0, 0.35 }, { 34, 36, 2.5, 0.30 },
};
enum { MARKS = sizeof(marks) / sizeof(*marks) };
static const struct scene_spot others[2] = { { 50, 30, 1.5, 0.4 }, { 50, 42, 1.2, 0.4 } };

/* Weights that are blind to melanin and to shade and read a vector along blood as its length. */
static void red_tone(struct derm_tone *tone)
{
    const double *const m = scene_melanin;
    const double w[3] = { m[1] - m[2], m[2] - m[0], m[0] - m[1] };
    double gain = 0;

    scene_tone(tone);
    for (int i = 0; i < 3; i++)
        gain += w[i] * blood[i];
    for (int i = 0; i < 3; i++)
        tone->blood[i] = (float)(w[i] / gain);
}

static void start(struct scene_lab *lab, struct derm_frame *f, uint64_t seed)
{
    scene_skin(lab, f, W, H, PX_PER_MM, 0.01, seed);
    red_tone(&lab->tone);
}

static void add_marks(struct derm_frame *f, double fading)
{
    scene_add_coloured(f, marks, MARKS, fading, blood);
    scene_add_spots(f, &others[0], 1, 0);
    scene_add_coloured(f, &others[1], 1, 0, grey);
}

/* A line of 20 mm, Gaussian across. */
static void add_line(struct derm_frame *f, double y_mm, double density, const double colour[3])
{
    const double sigma_mm = 0.12;

    for (int y = 0; y < H; y++)
        for (int x = 100; x < 300; x++) {
            const double t = (y / PX_PER_MM - y_mm - 0.1 * (x - 100) / PX_PER_MM) / sigma_mm;

            for (int c = 0; c < 3; c++)
                derm_row(&f->view.od[c], y)[x] += (float)(density * exp(-0.5 * t * t) * colour[c]);
        }
}

static void run_stage(struct scene_lab *lab, const struct derm_stage *stage)
{
    struct stage_params params;

    assert_int_equal(stage->run(&lab->run, stage_defaults(stage, &params)), DERM_OK);
    derm_arena_reset(&lab->scratch, 0);
}

static void look(struct scene_lab *lab, struct derm_frame *f)
{
    lab->run.frame = f;
    lab->run.pair = NULL;
    run_stage(lab, &derm_stage_redness);
    run_stage(lab, &derm_stage_vessels);
}

/* The follow-up already lies on the baseline's grid. */
static void look_at_pair(struct scene_lab *lab, struct derm_pair *pair, struct derm_frame *base,
                         struct derm_frame *follow)
{
    *pair = (struct derm_pair){ .base = base, .follow = follow };
    pair->warped = follow->view;
    pair->common = base->view.skin;
    pair->registration.accepted = true;
    lab->run.frame = NULL;
    lab->run.pair = pair;
    run_stage(lab, &derm_stage_redness);
    run_stage(lab, &derm_stage_vessels);
}

static double change_of(const struct derm_objects *o)
{
    double base = 0, follow = 0;

    for (int i = 0; i < o->n; i++) {
        base += o->item[i].base_value;
        follow += o->item[i].follow_value;
    }
    return follow / base - 1;
}

static void finds_what_is_red_and_nothing_brown_or_grey(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    start(&lab, &f, 7);
    add_marks(&f, 0);
    look(&lab, &f);
    const struct derm_objects *const o = &f.objects[DERM_KIND_RED_MARK];
    assert_int_equal(o->n, MARKS);
    for (int i = 0; i < MARKS; i++) {
        int k = 0;

        while (k < o->n && hypot(o->item[k].x / PX_PER_MM - marks[i].x_mm,
                                 o->item[k].y / PX_PER_MM - marks[i].y_mm) > 0.4)
            k++;
        assert_true(k < o->n);
        assert_close(o->item[k].diameter_mm, 2 * marks[i].radius_mm, 0.2 * 2 * marks[i].radius_mm);
        assert_close(o->item[k].contrast, 0.85 * marks[i].contrast, 0.15 * marks[i].contrast);
        assert_close(o->item[k].base_value, o->item[k].area_px * o->item[k].contrast,
                     1e-9 * o->item[k].base_value);
    }
    assert_int_equal(f.objects[DERM_KIND_VESSEL].n, 0);
    scene_lab_close(&lab);
}

/* Light that falls off to the right, by so much of optical density a millimetre. */
static void add_slope(struct derm_frame *f, double per_mm)
{
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++)
                derm_row(&f->view.od[c], y)[x] += (float)(per_mm * x / PX_PER_MM);
}

/* The weights are blind to shade; a camera's are not quite. */
static void what_the_light_falls_off_across_is_shade(void **state)
{
    static const double per_mm[2] = { 0.03, 0.15 }, most = 1.25;
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    for (int i = 0; i < 2; i++) {
        int steep = 0;

        for (int k = 0; k < MARKS; k++)
            steep += per_mm[i] * 2 * marks[k].radius_mm > most * 0.85 * marks[k].contrast;
        scene_lab_open(&lab);
        start(&lab, &f, 7);
        add_marks(&f, 0);
        add_slope(&f, per_mm[i]);
        look(&lab, &f);
        assert_int_equal(steep, i ? 3 : 0);
        assert_int_equal(f.objects[DERM_KIND_RED_MARK].n, MARKS - steep);
        scene_lab_close(&lab);
    }
}

/* How many marks of a colour are found in a region. */
static int marks_in_region(enum derm_region region, const double colour[3])
{
    struct scene_lab lab;
    struct derm_frame f;
    int n;

    scene_lab_open(&lab);
    start(&lab, &f, 7);
    scene_add_coloured(&f, marks, MARKS, 0, colour);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            derm_bits_row(&f.view.regions, y)[x] = (uint16_t)(1u << region);
    f.view.regions_visible = 1u << region;
    look(&lab, &f);
    n = f.objects[DERM_KIND_RED_MARK].n;
    scene_lab_close(&lab);
    return n;
}

static void on_a_nose_what_is_half_shade_is_shade(void **state)
{
    static const double half[3] = { 0.32 + 0.5, 0.74 + 0.5, 0.59 + 0.5 };

    (void)state;
    assert_int_equal(marks_in_region(DERM_REGION_LEFT_CHEEK, half), MARKS);
    assert_int_equal(marks_in_region(DERM_REGION_NOSE, half), 0);
    assert_int_equal(marks_in_region(DERM_REGION_NOSE, blood), MARKS);
}

/* Weights that see everything that is dark: what is brown or grey is told by its own colour. */
static void colour_decides_where_the_weights_do_not(void **state)
{
    static const float green[3] = { 0, 1, 0 };
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    start(&lab, &f, 7);
    add_marks(&f, 0);
    add_line(&f, 20, 0.4, blood);
    add_line(&f, 26, 0.8, grey);
    memcpy(lab.tone.blood, green, sizeof(green));
    look(&lab, &f);
    assert_int_equal(f.objects[DERM_KIND_RED_MARK].n, MARKS);
    for (int i = 0; i < f.objects[DERM_KIND_VESSEL].n; i++)
        assert_close(f.objects[DERM_KIND_VESSEL].item[i].y / PX_PER_MM, 21, 1.3);
    assert_true(f.objects[DERM_KIND_VESSEL].n > 0);
    scene_lab_close(&lab);
}

/* Scale on a red lesion, or a camera, leaves no red density: of the faint that is coloured light.
 */
static void a_strong_mark_needs_no_red_density(void **state)
{
    static const double no_red[3] = { 0, 0.74, 0.59 };
    static const struct scene_spot strong = { 20, 25, 2, 0.4 }, faint = { 40, 25, 2, 0.1 };
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    start(&lab, &f, 7);
    scene_add_coloured(&f, &strong, 1, 0, no_red);
    scene_add_coloured(&f, &faint, 1, 0, no_red);
    look(&lab, &f);
    assert_int_equal(f.objects[DERM_KIND_RED_MARK].n, 1);
    assert_close(f.objects[DERM_KIND_RED_MARK].item[0].x / PX_PER_MM, strong.x_mm, 0.4);
    scene_lab_close(&lab);
}

static void a_change_is_read_under_another_light(void **state)
{
    static const struct scene_light light = { { 0.2, 0.1, 0.15 }, 0.005, -0.003 };
    struct derm_frame a, b;
    struct derm_pair pair;
    struct scene_lab lab;

    (void)state;
    scene_lab_open(&lab);
    start(&lab, &a, 7);
    start(&lab, &b, 8);
    add_marks(&a, 0);
    add_marks(&b, 0.4);
    scene_add_light(&b, &light);
    look_at_pair(&lab, &pair, &a, &b);
    assert_int_equal(pair.objects[DERM_KIND_RED_MARK].n, MARKS);
    assert_close(change_of(&pair.objects[DERM_KIND_RED_MARK]), -0.4, 0.02);
    scene_lab_close(&lab);
}

static void finds_a_vessel_and_no_hair(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    start(&lab, &f, 9);
    add_line(&f, 15, 0.4, blood);
    add_line(&f, 25, 0.8, grey);
    add_line(&f, 35, 0.4, scene_melanin);
    look(&lab, &f);
    const struct derm_objects *const o = &f.objects[DERM_KIND_VESSEL];
    double length_mm = 0, value = 0;
    assert_true(o->n > 0);
    for (int i = 0; i < o->n; i++) {
        assert_close(o->item[i].y / PX_PER_MM, 16, 1.3);
        assert_int_equal(o->item[i].found_in, 1);
        length_mm += o->item[i].length_mm;
        value += o->item[i].base_value;
    }
    assert_close(length_mm, 20, 2);
    /* 0.12 sqrt(2 pi) mm x 0.4 OD across */
    assert_close(value / (PX_PER_MM * PX_PER_MM) / length_mm, 0.12, 0.02);
    scene_lab_close(&lab);
}

static void a_vessel_of_one_photo_is_measured_in_both(void **state)
{
    struct derm_frame a, b;
    struct derm_pair pair;
    struct scene_lab lab;

    (void)state;
    scene_lab_open(&lab);
    start(&lab, &a, 9);
    start(&lab, &b, 10);
    add_line(&a, 15, 0.4, blood);
    add_line(&b, 15, 0.28, blood);
    add_line(&b, 30, 0.4, blood);
    look_at_pair(&lab, &pair, &a, &b);
    const struct derm_objects *const o = &pair.objects[DERM_KIND_VESSEL];
    double base[2] = { 0 }, follow[2] = { 0 };
    for (int i = 0; i < o->n; i++) {
        const int later = o->item[i].y > 23 * PX_PER_MM;

        base[later] += o->item[i].base_value;
        follow[later] += o->item[i].follow_value;
        assert_int_equal(o->item[i].found_in, later ? 2 : 3);
    }
    assert_close(follow[0] / base[0], 0.7, 0.05);
    assert_true(fabs(base[1]) < 0.1 * follow[1]);
    scene_lab_close(&lab);
}

static void skin_on_which_blood_looks_like_melanin_is_not_searched(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    start(&lab, &f, 7);
    add_marks(&f, 0);
    add_line(&f, 20, 0.4, blood);
    lab.tone.parted = false;
    look(&lab, &f);
    assert_int_equal(f.objects[DERM_KIND_RED_MARK].n, 0);
    assert_int_equal(f.objects[DERM_KIND_VESSEL].n, 0);
    scene_lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_red_and_nothing_brown_or_grey),
        cmocka_unit_test(what_the_light_falls_off_across_is_shade),
        cmocka_unit_test(on_a_nose_what_is_half_shade_is_shade),
        cmocka_unit_test(colour_decides_where_the_weights_do_not),
        cmocka_unit_test(a_strong_mark_needs_no_red_density),
        cmocka_unit_test(a_change_is_read_under_another_light),
        cmocka_unit_test(finds_a_vessel_and_no_hair),
        cmocka_unit_test(a_vessel_of_one_photo_is_measured_in_both),
        cmocka_unit_test(skin_on_which_blood_looks_like_melanin_is_not_searched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
