/* SPDX-License-Identifier: Apache-2.0 */
/* Skin in close-ups made of simple optics: two pigments in uneven amounts, light on top. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "cv/cv.h"
#include "nn/models.h"
#include "stages/stages.h"

enum { SIDE = 300, PX_PER_MM = 10 };

static struct derm_error err;
static struct derm_arena photo, keep, scratch;
static struct derm_kernels kernels;
static struct derm_pool *pool;
static struct derm_frame frame;
static unsigned char params[DERM_MAX_PARAMS];
static uint32_t seed;

static struct derm_models *models;
static struct derm_run run = {
    .err = &err, .keep = &keep, .scratch = &scratch, .k = &kernels, .frame = &frame
};

static int set_up(void **state)
{
    (void)state;
    derm_kernels_init(&kernels, 0);
    derm_opt_defaults(derm_stage_skin.opts, params);
    if (derm_arena_init(&photo, (size_t)64 << 20, &err) != DERM_OK ||
        derm_arena_init(&keep, (size_t)256 << 20, &err) != DERM_OK ||
        derm_arena_init(&scratch, (size_t)256 << 20, &err) != DERM_OK ||
        derm_pool_new(&pool, 1, &err) != DERM_OK ||
        derm_models_open(&models, DERM_TEST_MODELS, &err) != DERM_OK)
        return -1;
    run.pool = pool;
    run.models = models;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    derm_models_close(models);
    derm_pool_free(pool);
    derm_arena_free(&photo);
    derm_arena_free(&keep);
    derm_arena_free(&scratch);
    return 0;
}

static double uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / (1 << 24);
}

static double within(int x, int y, double cx, double cy, double radius)
{
    const double dx = x - cx, dy = y - cy;
    return dx * dx + dy * dy < radius * radius;
}

/* Light of skin with this much melanin (optical density in green); mottle: of the pigments. */
static void photograph(double melanin, double mottle)
{
    static const double m[3] = { 0.45, 0.8, 1.1 }, h[3] = { 0.15, 1, 0.8 };

    memset(&frame, 0, sizeof(frame));
    derm_arena_reset(&photo, 0);
    derm_arena_reset(&keep, 0);
    seed = 1;
    frame.light.w = frame.light.h = SIDE;
    frame.scale = (struct derm_scale){ DERM_SCALE_USER, PX_PER_MM, 0.01 };
    frame.view.grid = (struct derm_grid){ .step = 1, .w = SIDE, .h = SIDE, .px_per_mm = PX_PER_MM };
    assert_int_equal(derm_mask_new(&photo, &frame.clipped, SIDE, SIDE), DERM_OK);
    for (int c = 0; c < 3; c++)
        assert_int_equal(derm_plane_new(&photo, &frame.light.plane[c], SIDE, SIDE), DERM_OK);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const double a = melanin * (1 + mottle * (uniform() - 0.5));
            const double b = 0.25 * (1 + mottle * (uniform() - 0.5));
            for (int c = 0; c < 3; c++)
                derm_row(&frame.light.plane[c], y)[x] = (float)(0.7 * exp(-a * m[c] - b * h[c]));
        }
}

static void scale_disc(double cx, double cy, double radius, double r, double g, double b,
                       double add)
{
    const double f[3] = { r, g, b };

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            for (int c = 0; c < 3; c++)
                if (within(x, y, cx, cy, radius))
                    derm_row(&frame.light.plane[c], y)[x] =
                        (float)((double)derm_row(&frame.light.plane[c], y)[x] * f[c] + add);
}

static double share_in(double cx, double cy, double radius)
{
    double n = 0, all = 0;

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            if (within(x, y, cx, cy, radius)) {
                all++;
                n += derm_mask_row(&frame.view.skin, y)[x] != 0;
            }
    return n / all;
}

static void find(void)
{
    const struct derm_light light = frame.light;
    const struct derm_mask clipped = frame.clipped;

    for (int c = 0; c < 3; c++) {
        assert_int_equal(derm_plane_new(&keep, &frame.view.od[c], SIDE, SIDE), DERM_OK);
        for (int y = 0; y < SIDE; y++)
            kernels.density(derm_row(&frame.view.od[c], y), derm_row(&frame.light.plane[c], y),
                            0.002f, SIDE);
    }
    assert_int_equal(derm_stage_skin.run(&run, params), DERM_OK);
    derm_arena_reset(&scratch, 0);
    frame.light = light; /* the stage gives both back; here they are looked at once more */
    frame.clipped = clipped;
}

static void skin_of_every_tone_is_skin(void **state)
{
    (void)state;
    for (int tone = 0; tone <= 8; tone++) {
        photograph(0.15 + 0.25 * tone, 0.25);
        find();
        assert_true(share_in(SIDE / 2, SIDE / 2, SIDE) > 0.97);
    }
}

static void a_mole_stays_inside(void **state)
{
    (void)state;
    for (int tone = 0; tone <= 6; tone += 3) {
        photograph(0.15 + 0.25 * tone, 0.25);
        scale_disc(150, 140, 30, 0.35, 0.2, 0.15, 0);
        find();
        assert_true(share_in(150, 140, 30) > 0.97);
    }
}

static void lesion(double cx, double cy, double radius)
{
    scale_disc(cx, cy, radius, 0.35, 0.2, 0.15, 0);
}

static void a_lesion_that_the_photo_cuts_off_is_searched(void **state)
{
    (void)state;
    photograph(0.4, 0.25);
    find();
    const double plain_od = frame.view.plain_od;

    photograph(0.4, 0.25);
    lesion(150, 210, 100);
    find();
    assert_true(share_in(150, 190, 95) > 0.97);
    assert_true(fabs(frame.view.plain_od - plain_od) < 0.05);
    photograph(0.4, 0.25);
    lesion(0, 0, 100); /* nobody aimed at that */
    lesion(150, 300, 100);
    find();
    assert_true(share_in(30, 30, 25) < 0.03);
    assert_true(share_in(150, 270, 25) < 0.03);
}

/* Over the left of the photo, save for a disc. */
static void lay_cloth(int to, double cx, double cy, double radius)
{
    static const double colour[3] = { 0.08, 0.15, 0.3 };

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < to; x++)
            for (int c = 0; c < 3; c++)
                if (!within(x, y, cx, cy, radius))
                    derm_row(&frame.light.plane[c], y)[x] =
                        (float)(colour[c] * (0.9 + 0.2 * uniform()));
}

static void a_lesion_beside_cloth_is_searched_and_cloth_is_not(void **state)
{
    (void)state;
    photograph(0.4, 0.25);
    lesion(135, 150, 45);
    lay_cloth(100, 135, 150, 45);
    find();
    assert_true(share_in(135, 150, 43) > 0.97);
    assert_true(share_in(40, 150, 40) < 0.02);
    photograph(0.4, 0.25);
    lesion(85, 150, 45); /* most of it lies on the cloth */
    lay_cloth(100, 85, 150, 45);
    find();
    assert_true(share_in(85, 150, 43) < 0.1);
}

static void gloss_is_left_out(void **state)
{
    (void)state;
    for (int tone = 0; tone <= 8; tone += 4) {
        photograph(0.15 + 0.25 * tone, 0.3);
        scale_disc(150, 140, 8, 1, 1, 1, 0.3);
        find();
        assert_true(share_in(150, 140, 6) < 0.03);
        assert_true(share_in(60, 60, 40) > 0.97);
    }
}

/* What counts as gloss for comparing photos does so at every exposure. */
static void gloss_is_relative_to_the_skin(void **state)
{
    double share;

    (void)state;
    photograph(0.4, 0.3);
    find();
    assert_true(frame.view.highlights < 1e-4);
    scale_disc(150, 140, 8, 1, 1, 1, 0.12);
    find();
    share = frame.view.highlights;
    assert_true(share > 0.001);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < frame.light.h; y++)
            for (int x = 0; x < frame.light.w; x++)
                derm_row(&frame.light.plane[c], y)[x] *= 0.3f;
    find();
    assert_true(fabs(frame.view.highlights / share - 1) < 0.05);
}

static void a_hair_is_left_out(void **state)
{
    int covered = 0;

    (void)state;
    photograph(0.4, 0.2);
    for (int x = 60; x < 240; x++)
        for (int c = 0; c < 3; c++)
            derm_row(&frame.light.plane[c], 100 + x / 4)[x] *= 0.3f;
    find();
    for (int x = 60; x < 240; x++)
        covered += derm_mask_row(&frame.view.skin, 100 + x / 4)[x] != 0;
    assert_true(covered < 10);
    assert_true(share_in(SIDE / 2, SIDE / 2, SIDE) > 0.95);
}

static void what_is_no_skin_gives_no_skin(void **state)
{
    (void)state;
    photograph(0.4, 0.4); /* grass */
    scale_disc(150, 150, 500, 0.4, 1.3, 0.7, 0);
    find();
    assert_true(share_in(150, 150, 500) < 0.02);
    photograph(0, 0); /* a grey wall */
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                derm_row(&frame.light.plane[c], y)[x] = (float)(0.3 + 0.02 * uniform());
    find();
    assert_true(share_in(150, 150, 500) < 0.02);
}

/* A tenth of the photo: too little to be sure of, but for a face in it. */
static void a_face_vouches_for_little_skin(void **state)
{
    static const double grass[3] = { 0.4, 1.3, 0.7 };
    enum { MIDDLE = SIDE / 2, RADIUS = SIDE * 9 / 50 };

    (void)state;
    for (int faces = 0; faces < 2; faces++) {
        photograph(0.4, 0.4);
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < SIDE; y++)
                for (int x = 0; x < SIDE; x++)
                    if (!within(x, y, MIDDLE, MIDDLE, RADIUS))
                        derm_row(&frame.light.plane[c], y)[x] *= (float)grass[c];
        frame.face.count = faces;
        find();
        if (faces == 0) assert_true(share_in(MIDDLE, MIDDLE, RADIUS) < 0.01);
        if (faces == 1) assert_true(share_in(MIDDLE, MIDDLE, RADIUS) > 0.8);
    }
}

/* Its eyes may be closed, so that it is no frame of reference. */
static void lips_of_a_close_up_are_out(void **state)
{
    static const int lip[] = { 61,  146, 91,  181, 84,  17, 314, 405, 321, 375,
                               291, 409, 270, 269, 267, 0,  37,  39,  40,  185 };
    enum { MIDDLE = SIDE / 2, REACH = SIDE / 5, AROUND = sizeof(lip) / sizeof(*lip) };

    (void)state;
    photograph(0.4, 0.4);
    frame.face.count = 1;
    for (int i = 0; i < DERM_LANDMARK_COUNT; i++)
        frame.face.at[i] = (struct derm_point){ MIDDLE, MIDDLE };
    for (int i = 0; i < AROUND; i++) {
        const double turn = 6.2831853 * i / AROUND;

        frame.face.at[lip[i]] =
            (struct derm_point){ MIDDLE + REACH * cos(turn), MIDDLE + REACH * sin(turn) };
    }
    find();
    assert_true(share_in(MIDDLE, MIDDLE, REACH / 2.0) < 0.01);
    assert_true(share_in(SIDE / 8, SIDE / 8, SIDE / 10.0) > 0.9);
}

static void what_the_user_excludes_and_what_is_clipped_is_out(void **state)
{
    (void)state;
    photograph(0.4, 0.4);
    assert_int_equal(derm_mask_new(&keep, &frame.user_exclude, SIDE, SIDE), DERM_OK);
    for (int y = 0; y < SIDE; y++)
        memset(derm_mask_row(&frame.user_exclude, y), 0xff, 100);
    memset(derm_mask_row(&frame.clipped, 200), 0xff, SIDE);
    find();
    for (int y = 0; y < SIDE; y++)
        assert_int_equal(derm_mask_row(&frame.view.skin, y)[98], 0);
    for (int x = 0; x < SIDE; x++)
        assert_int_equal(derm_mask_row(&frame.view.skin, 200)[x], 0);
    assert_int_equal(derm_mask_row(&frame.view.skin, 100)[200], 0xff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skin_of_every_tone_is_skin),
        cmocka_unit_test(a_mole_stays_inside),
        cmocka_unit_test(a_lesion_that_the_photo_cuts_off_is_searched),
        cmocka_unit_test(a_lesion_beside_cloth_is_searched_and_cloth_is_not),
        cmocka_unit_test(gloss_is_left_out),
        cmocka_unit_test(gloss_is_relative_to_the_skin),
        cmocka_unit_test(a_hair_is_left_out),
        cmocka_unit_test(what_is_no_skin_gives_no_skin),
        cmocka_unit_test(a_face_vouches_for_little_skin),
        cmocka_unit_test(lips_of_a_close_up_are_out),
        cmocka_unit_test(what_the_user_excludes_and_what_is_clipped_is_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
