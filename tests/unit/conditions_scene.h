/* SPDX-License-Identifier: Apache-2.0 */
/* Two invented photos, taken alike, and what stage conditions says of them. */
#ifndef DERM_TESTS_CONDITIONS_SCENE_H
#define DERM_TESTS_CONDITIONS_SCENE_H

#include <stdlib.h>
#include <string.h>

#include "stages/stages.h"

enum { SIZE = 120 };

struct bench {
    struct derm_error err;
    struct derm_arena keep, scratch;
    struct derm_frame base, follow;
    struct derm_pair pair;
    struct derm_tone tone;
    struct derm_kernels kernels;
    struct derm_pool *pool;
    struct derm_models *models;
};

static inline void fill(struct bench *b, struct derm_plane *plane, float value)
{
    assert_int_equal(derm_plane_new(&b->keep, plane, SIZE, SIZE), DERM_OK);
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++)
            derm_row(plane, y)[x] = value;
}

static inline int open_bench(void **state)
{
    struct bench *const b = calloc(1, sizeof(*b));

    *state = b;
    if (!b || derm_arena_init(&b->keep, (size_t)64 << 20, &b->err) != DERM_OK ||
        derm_arena_init(&b->scratch, (size_t)64 << 20, &b->err) != DERM_OK ||
        derm_pool_new(&b->pool, 1, &b->err) != DERM_OK ||
        derm_models_open(&b->models, DERM_TEST_MODELS, &b->err) != DERM_OK)
        return -1;
    derm_kernels_init(&b->kernels, 0);
    strcpy(b->base.source.sha256_pixels, "a");
    strcpy(b->follow.source.sha256_pixels, "b");
    b->base.face.used = b->follow.face.used = true;
    b->base.scale = b->follow.scale =
        (struct derm_scale){ DERM_SCALE_USER, .px_per_mm = 2, .rel_sd = 0.01 };
    b->pair = (struct derm_pair){ .base = &b->base, .follow = &b->follow };
    b->pair.match.found = b->pair.registration.accepted = true;
    b->pair.match.scale_ratio = 1;
    b->tone = (struct derm_tone){ .blood = { -1, 2, -1 } };
    b->pair.gauge = (struct derm_gauge){ .source = DERM_GAUGE_HAIR, .windows = 9 };
    b->base.view.grid = (struct derm_grid){ 0, 0, 1, SIZE, SIZE, 2, 0 };
    for (int c = 0; c < 3; c++) {
        fill(b, &b->base.view.od[c], 1.0f);
        fill(b, &b->pair.warped.od[c], 1.0f);
    }
    if (derm_mask_new(&b->keep, &b->pair.common, SIZE, SIZE) != DERM_OK) return -1;
    for (int y = 0; y < SIZE; y++)
        memset(derm_mask_row(&b->pair.common, y), 0xff, SIZE);
    return 0;
}

static inline int close_bench(void **state)
{
    struct bench *const b = *state;

    derm_models_close(b->models);
    derm_pool_free(b->pool);
    derm_arena_free(&b->scratch);
    derm_arena_free(&b->keep);
    free(b);
    return 0;
}

static inline struct derm_run run_of(struct bench *b)
{
    return (struct derm_run){ .err = &b->err,
                              .keep = &b->keep,
                              .scratch = &b->scratch,
                              .k = &b->kernels,
                              .pool = b->pool,
                              .models = b->models,
                              .pair = &b->pair,
                              .tone = &b->tone };
}

/* The first finding, after a run with default limits; a zero one when there is none. */
static inline struct derm_finding judge(struct bench *b)
{
    const struct derm_stage *const s = &derm_stage_conditions;
    struct derm_run run = run_of(b);
    unsigned char params[DERM_MAX_PARAMS];

    b->pair.n = 0;
    b->pair.comparability = DERM_COMPARABLE;
    derm_opt_defaults(s->opts, params);
    assert_int_equal(s->run(&run, params), DERM_OK);
    derm_arena_reset(&b->scratch, 0);
    return b->pair.n ? b->pair.finding[0] : (struct derm_finding){ 0 };
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_bench, close_bench)

#endif
