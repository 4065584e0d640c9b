/* SPDX-License-Identifier: Apache-2.0 */
/* The phantom: the samples in git are what it renders, a seed is a skin, and its truth is true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "small_phantom.h"

static struct phantom_rgb8 read_jpeg(const char *path)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr err;
    struct phantom_rgb8 out;
    FILE *const file = fopen(path, "rb");

    assert_non_null(file);
    d.err = jpeg_std_error(&err);
    jpeg_create_decompress(&d);
    jpeg_stdio_src(&d, file);
    jpeg_read_header(&d, TRUE);
    d.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&d);
    out.w = (int)d.output_width;
    out.h = (int)d.output_height;
    out.px = malloc((size_t)out.w * (size_t)out.h * 3);
    assert_non_null(out.px);
    while (d.output_scanline < d.output_height) {
        JSAMPROW row = out.px + (size_t)d.output_scanline * 3 * (size_t)out.w;
        jpeg_read_scanlines(&d, &row, 1);
    }
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
    fclose(file);
    return out;
}

static double mean_difference(const struct phantom_rgb8 *a, const struct phantom_rgb8 *b)
{
    const size_t n = (size_t)a->w * (size_t)a->h * 3;
    double sum = 0;

    assert_int_equal(a->w, b->w);
    assert_int_equal(a->h, b->h);
    for (size_t i = 0; i < n; i++)
        sum += abs(a->px[i] - b->px[i]);
    return sum / (double)n;
}

/* Another machine's libm may move a sample here and there; another skin is 10 levels away. */
static void samples_are_what_is_rendered(void **state)
{
    static const double tolerance_levels = 0.5;

    (void)state;
    for (int i = 0; i < PHANTOM_SAMPLE_COUNT; i++) {
        const struct phantom_shot shot = phantom_sample_shot(i);
        struct phantom_rgb8 drawn, again, committed;
        struct phantom_skin skin;
        char path[1024];

        phantom_skin_init(&skin, &shot.spec);
        phantom_shoot(&skin, &shot, &drawn);
        assert_int_equal(phantom_write("test_phantom.jpg", &drawn, &shot.file), 0);
        again = read_jpeg("test_phantom.jpg");
        snprintf(path, sizeof(path), "%s/samples/%s", DERM_TEST_ROOT, phantom_sample_name(i));
        committed = read_jpeg(path);
        assert_true(mean_difference(&again, &committed) < tolerance_levels);
        free(drawn.px);
        free(again.px);
        free(committed.px);
        phantom_skin_free(&skin);
    }
    remove("test_phantom.jpg");
}

static struct phantom_rgb8 shoot(const struct phantom_shot *shot)
{
    struct phantom_rgb8 picture;
    struct phantom_skin skin;

    phantom_skin_init(&skin, &shot->spec);
    phantom_shoot(&skin, shot, &picture);
    phantom_skin_free(&skin);
    return picture;
}

static void a_seed_is_a_skin(void **state)
{
    const struct phantom_shot one = small_shot(5), other = small_shot(6);
    struct phantom_rgb8 a = shoot(&one), b = shoot(&one), c = shoot(&other);

    (void)state;
    assert_memory_equal(a.px, b.px, (size_t)a.w * (size_t)a.h * 3);
    assert_true(mean_difference(&a, &c) > 2);
    free(a.px);
    free(b.px);
    free(c.px);
}

static void tone_is_what_was_asked(void **state)
{
    (void)state;
    for (double ita = -40; ita <= 70; ita += 10)
        assert_true(fabs(phantom_ita(phantom_fm_of_ita(ita, 0.02), 0.02) - ita) < 0.01);
}

/* Every draw of optical constants reaches every tone, and the same tone looks another way. */
static void optics_can_be_drawn(void **state)
{
    struct phantom_shot usual = small_shot(5), drawn = usual;
    struct phantom_rgb8 a = shoot(&usual), b;

    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        const struct phantom_tissue t = phantom_tissue_of(seed);
        for (double ita = -60; ita <= 70; ita += 65)
            assert_true(fabs(phantom_tissue_ita(&t, phantom_tissue_fm(&t, ita, 0.02), 0.02) - ita) <
                        0.01);
    }
    drawn.spec.tissue = phantom_tissue_of(3);
    drawn.spec.fm = phantom_tissue_fm(&drawn.spec.tissue, 40, drawn.spec.fb);
    b = shoot(&drawn);
    assert_true(mean_difference(&a, &b) > 1);
    free(a.px);
    free(b.px);
}

/* With the cast taken out, lights of one colour temperature still show skin in different colours.
 */
static void lights_differ(void **state)
{
    struct phantom_tissue usual = { 0 };
    double last = 0;

    (void)state;
    for (int i = PHANTOM_BLACKBODY; i <= PHANTOM_TUBE; i++) {
        const struct phantom_light light = { .illuminant = (enum phantom_illuminant)i,
                                             .cct_k = 5000,
                                             .awb = 1 };
        struct phantom_optics o;
        double od[3];

        phantom_optics_init(&o, &usual, &light);
        phantom_optics_od(&o, 0.05, 0.02, od);
        assert_true(od[0] < od[1] && od[1] < od[2]);
        assert_true(fabs(od[1] - od[0] - last) > 0.005);
        for (int c = 0; c < 3; c++)
            assert_true(fabs(o.cast[c] - 1) < 1e-9);
        last = od[1] - od[0];
    }
}

static void check_pose(const struct phantom_shot *shot)
{
    struct phantom_skin skin;

    phantom_skin_init(&skin, &shot->spec);
    for (double y = -6; y <= 6; y += 3)
        for (double x = -6; x <= 6; x += 3) {
            double px, py, u, v;
            phantom_to_image(&skin, &shot->camera, x, y, &px, &py);
            phantom_to_skin(&skin, &shot->camera, px, py, &u, &v);
            assert_true(hypot(u - x, v - y) < 1e-3);
        }
    phantom_skin_free(&skin);
}

static void poses_invert(void **state)
{
    struct phantom_shot shot = small_shot(5);

    (void)state;
    shot.camera.turn_deg = 7;
    shot.camera.zoom = 1.1;
    shot.camera.shift_x_mm = 1;
    shot.camera.bend_mm = 0.3;
    check_pose(&shot);
    shot.camera.tilt_x_deg = 25;
    check_pose(&shot);
    shot.spec.radius_mm = 75;
    check_pose(&shot);
    shot.camera.tilt_y_deg = -15;
    shot.camera.distance_mm = 200;
    check_pose(&shot);
    shot.spec.radius_mm = 0;
    check_pose(&shot);
}

/* Distance in the picture, px, of two places 1 mm apart around the middle. */
static double pixels_of_a_mm(const struct phantom_shot *shot, double along_x, double along_y)
{
    struct phantom_skin skin;
    double xa, ya, xb, yb;

    phantom_skin_init(&skin, &shot->spec);
    phantom_to_image(&skin, &shot->camera, -0.5 * along_x, -0.5 * along_y, &xa, &ya);
    phantom_to_image(&skin, &shot->camera, 0.5 * along_x, 0.5 * along_y, &xb, &yb);
    phantom_skin_free(&skin);
    return hypot(xb - xa, yb - ya);
}

/* A tilted plane is foreshortened across the axis of the tilt; what the camera has come round to is
 * nearer and larger; a sphere hides what is behind its limb, and that is black. */
static void poses_are_in_space(void **state)
{
    struct phantom_shot shot = small_shot(5);
    struct phantom_rgb8 picture;
    struct phantom_grey16 label;
    struct phantom_skin skin;
    double left, middle, right, y;

    (void)state;
    shot.camera.tilt_x_deg = 60;
    assert_true(fabs(pixels_of_a_mm(&shot, 1, 0) - 5) < 0.01);
    assert_true(fabs(pixels_of_a_mm(&shot, 0, 1) - 10) < 0.01);
    shot.camera.distance_mm = 100;
    shot.camera.tilt_x_deg = 30;
    phantom_skin_init(&skin, &shot.spec);
    phantom_to_image(&skin, &shot.camera, -5, 0, &left, &y);
    phantom_to_image(&skin, &shot.camera, 0, 0, &middle, &y);
    phantom_to_image(&skin, &shot.camera, 5, 0, &right, &y);
    phantom_skin_free(&skin);
    assert_true(right - middle > 1.03 * (middle - left));
    shot.camera.tilt_x_deg = 0;
    shot.camera.noise = 0;
    shot.spec.radius_mm = 8;
    picture = shoot(&shot);
    assert_int_equal(picture.px[0], 0);
    assert_true(picture.px[3 * (100 * 200 + 100)] > 60);
    free(picture.px);
    shot.spec.melasma = 0.9;
    phantom_skin_init(&skin, &shot.spec);
    label = phantom_labels(&skin, &shot.camera, PHANTOM_MELASMA);
    phantom_skin_free(&skin);
    assert_int_equal(label.px[0], 0);
    assert_int_equal(label.px[100 * 200 + 100], 1);
    free(label.px);
}

static void corners_get_less_light(void **state)
{
    struct phantom_shot shot = small_shot(5);
    struct phantom_rgb8 with, without;
    const ptrdiff_t middle = 3 * (100 * 200 + 100);

    (void)state;
    without = shoot(&shot);
    shot.camera.vignette = 0.5;
    with = shoot(&shot);
    assert_true(with.px[0] < 0.85 * without.px[0]);
    assert_true(abs(with.px[middle] - without.px[middle]) <= 1);
    free(with.px);
    free(without.px);
}

static bool same_object(const struct phantom_object *a, const struct phantom_object *b)
{
    return a->kind == b->kind && a->x_mm == b->x_mm && a->y_mm == b->y_mm &&
           a->radius_mm == b->radius_mm && a->strength == b->strength && a->turn == b->turn;
}

/* Asking for one kind moves no object of the others. */
static void kinds_are_apart(void **state)
{
    struct phantom_shot shot = small_shot(7);
    struct phantom_skin without = skin_of(&shot.spec), with;

    (void)state;
    shot.spec.linear_scars = 2;
    shot.spec.wrinkles_per_cm2 = 0.3;
    shot.spec.fine_lines_per_cm2 = 1;
    shot.spec.striae_per_cm2 = 0.1;
    shot.spec.vessels_per_cm2 = 1;
    shot.spec.marks_per_cm2 = 1;
    with = skin_of(&shot.spec);
    assert_true(with.curves > 5);
    assert_true(with.n > without.n);
    for (int i = 0; i < without.n; i++)
        assert_true(same_object(&with.object[i], &without.object[i]));
    phantom_skin_free(&with);
    phantom_skin_free(&without);
}

/* A place that is computed from (s, t) has these s and t. */
static void curves_invert(void **state)
{
    (void)state;
    for (double bend = -0.05; bend <= 0.05; bend += 0.025) {
        const struct phantom_curve c = { .x_mm = 2, .y_mm = -3, .angle = 1.1, .bend = bend };
        double x, y, s, t;

        phantom_curve_point(&c, 9, -2, &x, &y);
        phantom_curve_place(&c, x, y, &s, &t);
        assert_true(fabs(s - 9) < 1e-4 && fabs(t + 2) < 1e-4);
        phantom_curve_point(&c, 9, -1, &s, &t);
        assert_true(fabs(hypot(s - x, t - y) - 1) < 1e-4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_what_is_rendered),
        cmocka_unit_test(a_seed_is_a_skin),
        cmocka_unit_test(tone_is_what_was_asked),
        cmocka_unit_test(optics_can_be_drawn),
        cmocka_unit_test(lights_differ),
        cmocka_unit_test(poses_invert),
        cmocka_unit_test(poses_are_in_space),
        cmocka_unit_test(corners_get_less_light),
        cmocka_unit_test(kinds_are_apart),
        cmocka_unit_test(curves_invert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
