/* SPDX-License-Identifier: Apache-2.0 */
/* Two invented photos that differ in one condition at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "stages/stages.h"

enum { SIZE = 40 };

struct bench {
    struct derm_error err;
    struct derm_arena keep, scratch;
    struct derm_frame base, follow;
    struct derm_pair pair;
    struct derm_kernels kernels;
    struct derm_pool *pool;
};

static void fill(struct bench *b, struct derm_plane *plane, float value)
{
    assert_int_equal(derm_plane_new(&b->keep, plane, SIZE, SIZE), DERM_OK);
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++)
            derm_row(plane, y)[x] = value;
}

static int open_bench(void **state)
{
    struct bench *const b = calloc(1, sizeof(*b));

    *state = b;
    if (!b || derm_arena_init(&b->keep, (size_t)8 << 20, &b->err) != DERM_OK ||
        derm_arena_init(&b->scratch, (size_t)8 << 20, &b->err) != DERM_OK ||
        derm_pool_new(&b->pool, 1, &b->err) != DERM_OK)
        return -1;
    derm_kernels_init(&b->kernels, 0);
    strcpy(b->base.source.sha256_pixels, "a");
    strcpy(b->follow.source.sha256_pixels, "b");
    b->base.face.used = b->follow.face.used = true;
    b->base.scale.source = b->follow.scale.source = DERM_SCALE_USER;
    b->pair = (struct derm_pair){ .base = &b->base, .follow = &b->follow };
    b->pair.match.found = b->pair.registration.accepted = true;
    b->pair.match.scale_ratio = 1;
    b->pair.gauge = (struct derm_gauge){ .source = DERM_GAUGE_HAIR, .windows = 9 };
    b->base.view.grid.px_per_mm = 10;
    for (int c = 0; c < 3; c++) {
        fill(b, &b->base.view.od[c], 1.0f);
        fill(b, &b->pair.warped.od[c], 1.0f);
    }
    if (derm_mask_new(&b->keep, &b->pair.common, SIZE, SIZE) != DERM_OK) return -1;
    for (int y = 0; y < SIZE; y++)
        memset(derm_mask_row(&b->pair.common, y), 0xff, SIZE);
    return 0;
}

static int close_bench(void **state)
{
    struct bench *const b = *state;

    derm_pool_free(b->pool);
    derm_arena_free(&b->scratch);
    derm_arena_free(&b->keep);
    free(b);
    return 0;
}

/* The first finding, after a run with default limits; a zero one when there is none. */
static struct derm_finding judge(struct bench *b)
{
    const struct derm_stage *const s = &derm_stage_conditions;
    struct derm_run run = { .err = &b->err,
                            .keep = &b->keep,
                            .scratch = &b->scratch,
                            .k = &b->kernels,
                            .pool = b->pool,
                            .pair = &b->pair };
    unsigned char params[DERM_MAX_PARAMS];

    b->pair.n = 0;
    b->pair.comparability = DERM_COMPARABLE;
    derm_opt_defaults(s->opts, params);
    assert_int_equal(s->run(&run, params), DERM_OK);
    return b->pair.n ? b->pair.finding[0] : (struct derm_finding){ 0 };
}

static void alike(void **state)
{
    struct bench *const b = *state;

    judge(b);
    assert_int_equal(b->pair.n, 0);
    assert_int_equal(b->pair.comparability, DERM_COMPARABLE);
}

static void same_picture(void **state)
{
    struct bench *const b = *state;

    strcpy(b->follow.source.sha256_pixels, "a");
    assert_int_equal(judge(b).reason, DERM_REASON_SAME_FILE);
    assert_int_equal(b->pair.comparability, DERM_LIMITED);
}

static void another_camera(void **state)
{
    struct bench *const b = *state;

    strcpy(b->follow.source.camera.model, "other");
    assert_int_equal(judge(b).reason, DERM_REASON_DEVICE_DIFFERS);
}

static void another_pose(void **state)
{
    struct bench *const b = *state;

    b->follow.face.pitch_deg = -6;
    assert_int_equal(judge(b).severity, DERM_SEVERITY_WARN);
    assert_int_equal(b->pair.comparability, DERM_LIMITED);
    b->follow.face.pitch_deg = -11;
    assert_int_equal(judge(b).severity, DERM_SEVERITY_FAIL);
    assert_int_equal(b->pair.comparability, DERM_INCOMPARABLE);
    b->follow.face.used = false;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

static void another_sharpness_concerns_pores_only(void **state)
{
    struct bench *const b = *state;
    struct derm_finding f;

    b->pair.gauge.variance_px2 = -2; /* 0.141 mm */
    f = judge(b);
    assert_int_equal(f.reason, DERM_REASON_SHARPNESS_DIFFERS);
    assert_int_equal(f.severity, DERM_SEVERITY_FAIL);
    assert_int_equal(f.concerns, 1u << DERM_CONCERN_PORES);
    assert_true(f.measured > 0.141 && f.measured < 0.142);
    assert_int_equal(b->pair.comparability, DERM_LIMITED);
    b->pair.gauge.variance_px2 = 1; /* removed by stage equalise */
    assert_int_equal(judge(b).severity, DERM_SEVERITY_WARN);
    b->base.scale.source = DERM_SCALE_UNKNOWN;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

static void skin_alone_cannot_tell_the_blur(void **state)
{
    struct bench *const b = *state;
    struct derm_finding f;

    b->pair.gauge.source = DERM_GAUGE_SKIN;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE); /* it looks alike */
    b->pair.gauge.variance_px2 = 0.5;
    f = judge(b);
    assert_int_equal(f.reason, DERM_REASON_SHARPNESS_UNKNOWN);
    assert_int_equal(f.severity, DERM_SEVERITY_FAIL);
    assert_int_equal(f.concerns, 1u << DERM_CONCERN_PORES);
    b->pair.gauge = (struct derm_gauge){ .source = DERM_GAUGE_NONE };
    assert_int_equal(judge(b).reason, DERM_REASON_SHARPNESS_UNKNOWN);
}

static void another_light(void **state)
{
    struct bench *const b = *state;

    for (int c = 0; c < 3; c++)
        fill(b, &b->pair.warped.od[c], 1.4f);
    assert_int_equal(judge(b).reason, DERM_REASON_EXPOSURE_DIFFERS);
    assert_int_equal(b->pair.n, 1);
    fill(b, &b->pair.warped.od[1], 1.0f);
    assert_int_equal(judge(b).reason, DERM_REASON_CAST_DIFFERS);
    assert_int_equal(b->pair.finding[0].severity, DERM_SEVERITY_FAIL);
    b->pair.registration.accepted = false;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

static void another_distance(void **state)
{
    struct bench *const b = *state;

    b->pair.match.scale_ratio = 0.6;
    assert_int_equal(judge(b).reason, DERM_REASON_SCALE_DIFFERS);
    b->pair.match.scale_ratio = 1.4;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_bench, close_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(alike),
        TEST(same_picture),
        TEST(another_camera),
        TEST(another_pose),
        TEST(another_sharpness_concerns_pores_only),
        TEST(skin_alone_cannot_tell_the_blur),
        TEST(another_light),
        TEST(another_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
