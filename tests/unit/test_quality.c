/* SPDX-License-Identifier: Apache-2.0 */
/* Quality: noise and blur are measured as put in; each limit gives its finding, and a dark skin by
 * itself gives none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "stages/sharpness.h"
#include "stages/stages.h"
#include "stages/statistics.h"

enum { SIDE = 256 };
static const double px_per_mm = 10.0;

struct bed {
    struct derm_error err;
    struct derm_arena keep, scratch;
    struct derm_kernels k;
    struct derm_pool *pool;
    struct derm_photo_request request;
    struct derm_frame frame;
    struct derm_run run;
};

/* Waves of .8 to 7 mm, in all directions: skin has detail of all sizes. */
static double mottle(int x, int y)
{
    double sum = 0;

    for (int k = 0; k < 12; k++) {
        const double q = 2 * 3.14159265 / (8 + 0.5 * k * k), turn = 2.4 * k;
        sum += sin(q * (x * cos(turn) + y * sin(turn)) + k);
    }
    return 0.03 * sum;
}

/* A close-up, all of it skin: linear light `level` with the given relative noise. */
static void paint(struct bed *b, float level, double noise)
{
    struct derm_random random = { 1 };
    struct derm_frame *const f = &b->frame;

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            double sum = -6.0; /* Irwin-Hall: nearly normal */
            for (int i = 0; i < 12; i++)
                sum += derm_random_uniform(&random);
            for (int c = 0; c < 3; c++)
                derm_row(&f->light.plane[c], y)[x] =
                    level * (float)(1.0 + noise * sum + mottle(x, y));
            derm_mask_row(&f->view.skin, y)[x] = 0xff;
            derm_bits_row(&f->view.regions, y)[x] = 1u << DERM_REGION_ROI;
        }
}

static int set_up(void **state)
{
    static struct bed bed;
    struct bed *const b = &bed;
    struct derm_frame *const f = &b->frame;

    memset(b, 0, sizeof(*b));
    *state = b;
    if (derm_arena_init(&b->keep, (size_t)64 << 20, &b->err) != DERM_OK) return 1;
    if (derm_arena_init(&b->scratch, (size_t)64 << 20, &b->err) != DERM_OK) return 1;
    if (derm_pool_new(&b->pool, 1, &b->err) != DERM_OK) return 1;
    derm_kernels_init(&b->k, 0);
    for (int c = 0; c < 3; c++) {
        if (derm_plane_new(&b->keep, &f->light.plane[c], SIDE, SIDE) != DERM_OK) return 1;
        if (derm_plane_new(&b->keep, &f->view.od[c], SIDE, SIDE) != DERM_OK) return 1;
    }
    if (derm_mask_new(&b->keep, &f->clipped, SIDE, SIDE) != DERM_OK) return 1;
    f->clipping.at = derm_lattice_over(SIDE, SIDE, SIDE * SIDE, 2e5);
    if (derm_mask_new(&b->keep, &f->clipping.high, f->clipping.at.w, f->clipping.at.h) != DERM_OK)
        return 1;
    if (derm_mask_new(&b->keep, &f->clipping.low, f->clipping.at.w, f->clipping.at.h) != DERM_OK)
        return 1;
    if (derm_mask_new(&b->keep, &f->view.skin, SIDE, SIDE) != DERM_OK) return 1;
    if (derm_bits_new(&b->keep, &f->view.regions, SIDE, SIDE) != DERM_OK) return 1;
    f->light.w = f->light.h = SIDE;
    f->source = (struct derm_source){ .width = SIDE, .height = SIDE };
    f->scale = (struct derm_scale){ DERM_SCALE_USER, px_per_mm, 0.01 };
    f->view.grid = (struct derm_grid){ 0, 0, 1, SIDE, SIDE, px_per_mm, 0 };
    b->request.site = DERM_SITE_BODY;
    b->run = (struct derm_run){ .err = &b->err,
                                .keep = &b->keep,
                                .scratch = &b->scratch,
                                .k = &b->k,
                                .pool = b->pool,
                                .request = &b->request,
                                .frame = f };
    paint(b, 0.4f, 0.01);
    return 0;
}

static int tear_down(void **state)
{
    struct bed *const b = *state;

    derm_pool_free(b->pool);
    derm_arena_free(&b->keep);
    derm_arena_free(&b->scratch);
    return 0;
}

/* As stage grid does it. */
static void sample_clipping(struct bed *b)
{
    const struct derm_frame *const f = &b->frame;
    const struct derm_clipping *const c = &f->clipping;

    for (int j = 0; j < c->at.h; j++)
        for (int i = 0; i < c->at.w; i++) {
            const int x = derm_lattice_at(&c->at, i), y = derm_lattice_at(&c->at, j);
            const bool clipped = derm_mask_row(&f->clipped, y)[x] != 0;
            bool bright = false;

            for (int k = 0; k < 3; k++)
                bright |= derm_row(&f->light.plane[k], y)[x] > 0.5f;
            derm_mask_row(&c->high, j)[i] = clipped && bright ? 0xff : 0;
            derm_mask_row(&c->low, j)[i] = clipped && !bright ? 0xff : 0;
        }
}

static const struct derm_quality *judged(struct bed *b)
{
    unsigned char params[DERM_MAX_PARAMS] = { 0 };
    struct derm_frame *const f = &b->frame;

    memset(&f->quality, 0, sizeof(f->quality));
    sample_clipping(b);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                derm_row(&f->view.od[c], y)[x] =
                    -derm_lnf(fmaxf(derm_row(&f->light.plane[c], y)[x], 2e-3f));
    derm_opt_defaults(derm_stage_quality.opts, params);
    assert_int_equal(derm_stage_quality.run(&b->run, params), DERM_OK);
    return &f->quality;
}

/* The severity of a reason against a concern; -1: not found. */
static int found(const struct derm_quality *q, enum derm_reason reason, enum derm_concern concern)
{
    int worst = -1;

    for (int i = 0; i < q->n; i++)
        if (q->finding[i].reason == reason && (q->finding[i].concerns >> concern & 1) &&
            (int)q->finding[i].severity > worst)
            worst = (int)q->finding[i].severity;
    return worst;
}

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("got %.9g, expected %.9g +- %g", got, expected, tolerance);
}

static void a_good_photo_has_no_findings(void **state)
{
    const struct derm_quality *const q = judged(*state);

    assert_int_equal(q->n, 0);
    assert_near(q->noise_od, 0.01, 0.0005);
    assert_near(q->skin_od, -log(0.4), 0.002);
    assert_true(q->light_gradient < 0.01);
}

static void dark_skin_is_no_dark_photo(void **state)
{
    struct bed *const b = *state;

    paint(b, 0.02f, 0.02);
    assert_int_equal(judged(b)->n, 0);
    paint(b, 0.02f, 0.08);
    assert_int_equal(found(judged(b), DERM_REASON_DARK, DERM_CONCERN_PORES), DERM_SEVERITY_WARN);
    paint(b, 0.4f, 0.2);
    assert_int_equal(found(judged(b), DERM_REASON_NOISY, DERM_CONCERN_PORES), DERM_SEVERITY_FAIL);
}

static void resolution_is_judged_per_concern(void **state)
{
    static const struct {
        double px_per_mm;
        int pores, spots;
    } expected[] = { { 8.1, -1, -1 },
                     { 7.9, DERM_SEVERITY_WARN, -1 },
                     { 4.9, DERM_SEVERITY_FAIL, -1 },
                     { 2.9, DERM_SEVERITY_FAIL, DERM_SEVERITY_WARN },
                     { 1.9, DERM_SEVERITY_FAIL, DERM_SEVERITY_FAIL } };
    struct bed *const b = *state;

    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const struct derm_quality *q;
        int pores, spots;

        b->frame.scale.px_per_mm = expected[i].px_per_mm;
        q = judged(b);
        pores = found(q, DERM_REASON_RESOLUTION_LOW, DERM_CONCERN_PORES);
        if (pores < 0) pores = found(q, DERM_REASON_RESOLUTION_TOO_LOW, DERM_CONCERN_PORES);
        spots = found(q, DERM_REASON_RESOLUTION_LOW, DERM_CONCERN_PIGMENTATION);
        if (spots < 0) spots = found(q, DERM_REASON_RESOLUTION_TOO_LOW, DERM_CONCERN_PIGMENTATION);
        assert_int_equal(pores, expected[i].pores);
        assert_int_equal(spots, expected[i].spots);
    }
    b->frame.scale.source = DERM_SCALE_UNKNOWN; /* then no statement is possible */
    assert_int_equal(found(judged(b), DERM_REASON_RESOLUTION_TOO_LOW, DERM_CONCERN_PORES), -1);
}

/* Clipped pixels are taken out of the skin mask by then; they still count. */
static void clipping_is_a_share_of_the_skin(void **state)
{
    struct bed *const b = *state;
    const struct derm_quality *q;

    for (int y = 100; y < 140; y++)
        for (int x = 100; x < 140; x++) {
            derm_mask_row(&b->frame.clipped, y)[x] = 0xff;
            derm_mask_row(&b->frame.view.skin, y)[x] = 0;
            derm_row(&b->frame.light.plane[0], y)[x] = 1.0f;
        }
    q = judged(b);
    assert_near(q->clipped_high, 1600.0 / (SIDE * SIDE), 1e-9);
    assert_near(q->clipped_low, 0.0, 0.0);
    assert_int_equal(found(q, DERM_REASON_OVEREXPOSED, DERM_CONCERN_SCARS), DERM_SEVERITY_WARN);
    for (int y = 100; y < 140; y++)
        for (int x = 100; x < 140; x++) {
            derm_mask_row(&b->frame.clipped, y)[x] = 0xff;
            for (int c = 0; c < 3; c++)
                derm_row(&b->frame.light.plane[c], y)[x] = 0.0f;
        }
    q = judged(b);
    assert_near(q->clipped_low, 1600.0 / (SIDE * SIDE), 1e-9);
    assert_int_equal(found(q, DERM_REASON_UNDEREXPOSED, DERM_CONCERN_SCARS), DERM_SEVERITY_WARN);
}

/* Side of a square of it: a tenth and a quarter of the skin. */
static void spots_stand_more_gloss(void **state)
{
    static const int side[] = { (int)(0.32 * SIDE), SIDE / 2 };
    struct bed *const b = *state;

    for (int i = 0; i < 2; i++) {
        for (int y = 0; y < side[i]; y++)
            for (int x = 0; x < side[i]; x++) {
                derm_mask_row(&b->frame.clipped, y)[x] = 0xff;
                derm_row(&b->frame.light.plane[0], y)[x] = 1.0f;
            }
        const struct derm_quality *const q = judged(b);
        const enum derm_severity spots = i ? DERM_SEVERITY_FAIL : DERM_SEVERITY_WARN;

        assert_int_equal(found(q, DERM_REASON_OVEREXPOSED, DERM_CONCERN_SCARS), DERM_SEVERITY_FAIL);
        assert_int_equal(found(q, DERM_REASON_OVEREXPOSED, DERM_CONCERN_PIGMENTATION), spots);
        assert_int_equal(found(q, DERM_REASON_OVEREXPOSED, DERM_CONCERN_REDNESS), spots);
    }
}

/* Four of them, on skin that is well lit, and on skin that is dark all over. */
static void a_black_lesion_is_no_lack_of_light(void **state)
{
    struct bed *const b = *state;

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            if (x % 128 < 44 || x % 128 > 83 || y % 128 < 44 || y % 128 > 83) continue;
            derm_mask_row(&b->frame.clipped, y)[x] = 0xff;
            derm_mask_row(&b->frame.view.skin, y)[x] = 0;
            for (int c = 0; c < 3; c++)
                derm_row(&b->frame.light.plane[c], y)[x] = 0.0f;
        }
    assert_int_equal(found(judged(b), DERM_REASON_UNDEREXPOSED, DERM_CONCERN_SCARS),
                     DERM_SEVERITY_WARN);
    b->frame.view.plain_od = 3;
    assert_int_equal(found(judged(b), DERM_REASON_UNDEREXPOSED, DERM_CONCERN_SCARS),
                     DERM_SEVERITY_FAIL);
}

static void compression_and_colour_have_their_concerns(void **state)
{
    struct bed *const b = *state;

    b->frame.source.jpeg_quality = 84;
    assert_int_equal(found(judged(b), DERM_REASON_COMPRESSED, DERM_CONCERN_PORES),
                     DERM_SEVERITY_WARN);
    b->frame.source.jpeg_quality = 69;
    assert_int_equal(found(judged(b), DERM_REASON_COMPRESSED, DERM_CONCERN_PORES),
                     DERM_SEVERITY_FAIL);
    assert_int_equal(found(judged(b), DERM_REASON_COMPRESSED, DERM_CONCERN_PIGMENTATION), -1);
    b->frame.source.grey = true;
    assert_int_equal(found(judged(b), DERM_REASON_GREYSCALE, DERM_CONCERN_PIGMENTATION),
                     DERM_SEVERITY_FAIL);
    assert_int_equal(found(judged(b), DERM_REASON_GREYSCALE, DERM_CONCERN_PORES), -1);
}

static void light_from_one_side_is_noticed(void **state)
{
    struct bed *const b = *state;
    const struct derm_quality *q;

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            for (int c = 0; c < 3; c++)
                derm_row(&b->frame.light.plane[c], y)[x] *= derm_expf(-2.0f * (float)x / SIDE);
    q = judged(b);
    assert_int_equal(found(q, DERM_REASON_UNEVEN_LIGHT, DERM_CONCERN_SCARS), DERM_SEVERITY_WARN);
}

/* An eighth of white in the rows above end, next to nothing below. */
static void lit_from_above(struct bed *b, int end)
{
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            for (int c = 0; c < 3; c++)
                derm_row(&b->frame.light.plane[c], y)[x] = y < end ? 0.125f : 0.001f;
}

static void no_skin_fails_everything(void **state)
{
    struct bed *const b = *state;
    const struct derm_quality *q;

    for (int y = 0; y < SIDE; y++)
        memset(derm_mask_row(&b->frame.view.skin, y), 0, SIDE);
    q = judged(b);
    for (int c = 0; c < DERM_CONCERN_COUNT; c++)
        assert_int_equal(found(q, DERM_REASON_NO_SKIN, (enum derm_concern)c), DERM_SEVERITY_FAIL);
    assert_int_equal(q->n, 1);
    lit_from_above(b, SIDE / 5);
    assert_int_equal(judged(b)->n, 1);
    lit_from_above(b, SIDE / 20); /* less than a tenth of the photo: that is why, and told first */
    q = judged(b);
    assert_int_equal(q->n, 2);
    assert_int_equal(q->finding[0].reason, DERM_REASON_DARK);
    assert_int_equal(q->finding[1].reason, DERM_REASON_NO_SKIN);
    for (int y = 0; y < 200; y++) /* so dark that nothing can be seen: that is why */
        for (int x = 0; x < SIDE; x++) {
            derm_mask_row(&b->frame.clipped, y)[x] = 0xff;
            for (int c = 0; c < 3; c++)
                derm_row(&b->frame.light.plane[c], y)[x] = 0.001f;
        }
    assert_int_equal(found(judged(b), DERM_REASON_UNDEREXPOSED, DERM_CONCERN_PORES),
                     DERM_SEVERITY_FAIL);
}

/* Bars darker by half, blurred by a known sigma, with noise: the blur comes back. */
static void blur_is_measured(void **state)
{
    static const double sigma_px[] = { 0.5, 1.0, 1.5, 2.5, 4.0, 8.0 };
    struct bed *const b = *state;
    const struct derm_filter filter = derm_run_filter(&b->run);

    for (size_t i = 0; i < sizeof(sigma_px) / sizeof(sigma_px[0]); i++) {
        struct derm_plane *const g = &b->frame.light.plane[1];
        struct derm_random random = { 7 };
        double got;

        paint(b, 0.4f, 0.0);
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                if (x / 64 % 2) derm_row(g, y)[x] *= 0.5f;
        assert_int_equal(derm_gaussian(&filter, g, g, sigma_px[i]), DERM_OK);
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                derm_row(g, y)[x] += 0.004f * (float)(derm_random_uniform(&random) - 0.5);
        got = judged(b)->blur_mm * px_per_mm;
        print_message("blur put in %.1f px, measured %.2f\n", sigma_px[i], got);
        assert_near(got, sigma_px[i], 0.15 * sigma_px[i] + 0.1);
    }
    assert_int_equal(found(&b->frame.quality, DERM_REASON_BLURRED, DERM_CONCERN_PORES),
                     DERM_SEVERITY_FAIL);
}

/* Skin without edges, out of focus: fine concerns are refused, then all that blur takes; sharp skin
 * is not, with noise or a step of shade, which is no blurred edge. */
static void blur_is_seen_without_edges(void **state)
{
    struct bed *const b = *state;
    const struct derm_filter filter = derm_run_filter(&b->run);
    struct derm_plane *const g = &b->frame.light.plane[1];

    paint(b, 0.4f, 0.03);
    assert_int_equal(found(judged(b), DERM_REASON_BLURRED, DERM_CONCERN_PORES), -1);
    paint(b, 0.4f, 0.01);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            derm_row(g, y)[x] *= (float)(0.75 + 0.25 * tanh((x - 128) / 20.0));
    assert_int_equal(found(judged(b), DERM_REASON_BLURRED, DERM_CONCERN_PIGMENTATION), -1);
    paint(b, 0.4f, 0.01);
    assert_int_equal(derm_gaussian(&filter, g, g, 6.0), DERM_OK);
    assert_int_equal(found(judged(b), DERM_REASON_BLURRED, DERM_CONCERN_PORES), DERM_SEVERITY_FAIL);
    assert_int_equal(found(judged(b), DERM_REASON_BLURRED, DERM_CONCERN_PIGMENTATION), -1);
    assert_int_equal(derm_gaussian(&filter, g, g, 20.0), DERM_OK);
    assert_int_equal(found(judged(b), DERM_REASON_BLURRED, DERM_CONCERN_PIGMENTATION),
                     DERM_SEVERITY_FAIL);
    assert_int_equal(found(judged(b), DERM_REASON_BLURRED, DERM_CONCERN_TONE), -1);
}

/* The lattice lies within its plane, leaves enough pixels and is all of a small plane; noise read
 * on it is the noise of the plane. */
static void a_lattice_stands_for_the_plane(void **state)
{
    static const int side[] = { 1, 2, 7, 64, 255, 1000 };
    struct bed *const b = *state;
    const struct derm_filter filter = derm_run_filter(&b->run);
    const struct derm_lattice all = derm_lattice_over(SIDE, SIDE, SIDE * SIDE, SIDE * SIDE);
    const struct derm_lattice some = derm_lattice_over(SIDE, SIDE, SIDE * SIDE, SIDE * SIDE / 9.0);
    double whole, sampled;

    for (int i = 0; i < 36; i++) {
        const int w = side[i / 6], h = side[i % 6];
        const struct derm_lattice l = derm_lattice_over(w, h, (double)w * h, 500);

        assert_true(l.w >= 1 && l.h >= 1);
        assert_true(derm_lattice_at(&l, l.w - 1) < w && derm_lattice_at(&l, l.w) >= w);
        assert_true(derm_lattice_at(&l, l.h - 1) < h && derm_lattice_at(&l, l.h) >= h);
        assert_true(l.step == 1 || (double)w * h / (l.step * l.step) >= 500);
    }
    assert_int_equal(all.step, 1);
    assert_int_equal(some.step, 3);
    judged(b);
    assert_int_equal(
        derm_noise_sd(&filter, &whole, &b->frame.view.od[1], &b->frame.view.skin, &all), DERM_OK);
    assert_int_equal(
        derm_noise_sd(&filter, &sampled, &b->frame.view.od[1], &b->frame.view.skin, &some),
        DERM_OK);
    assert_near(whole, 0.01, 0.001);
    assert_near(sampled, whole, 0.04 * whole);
}

static void the_subject_is_named(void **state)
{
    struct bed *const b = *state;
    struct derm_face *const face = &b->frame.face;

    b->request.site = DERM_SITE_FACE;
    assert_int_equal(judged(b)->finding[0].reason, DERM_REASON_NO_FACE);
    face->count = 2;
    face->used = true;
    face->yaw_deg = -12.0;
    assert_int_equal(judged(b)->finding[0].reason, DERM_REASON_SEVERAL_FACES);
    assert_int_equal(b->frame.quality.finding[1].reason, DERM_REASON_TURNED);
    assert_int_equal(b->frame.quality.finding[1].severity, DERM_SEVERITY_WARN);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_good_photo_has_no_findings),
        TEST(dark_skin_is_no_dark_photo),
        TEST(resolution_is_judged_per_concern),
        TEST(clipping_is_a_share_of_the_skin),
        TEST(spots_stand_more_gloss),
        TEST(a_black_lesion_is_no_lack_of_light),
        TEST(compression_and_colour_have_their_concerns),
        TEST(light_from_one_side_is_noticed),
        TEST(no_skin_fails_everything),
        TEST(blur_is_measured),
        TEST(blur_is_seen_without_edges),
        TEST(a_lattice_stands_for_the_plane),
        TEST(the_subject_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
