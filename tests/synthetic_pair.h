/* SPDX-License-Identifier: Apache-2.0 */
/* Two views of made-up skin with a known map between them, for tests of registration. */
#ifndef DERM_TESTS_SYNTHETIC_PAIR_H
#define DERM_TESTS_SYNTHETIC_PAIR_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "stages/stages.h"

#include "stage_params.h"

struct world { /* what a runner would hold */
    struct derm_error err;
    struct derm_arena keep, scratch;
    struct derm_kernels k;
    struct derm_pool *pool;
    struct derm_frame base, follow;
    struct derm_tone tone;
    struct derm_pair pair;
    struct derm_run run;
};

static inline void must(derm_err e)
{
    if (e != DERM_OK) abort();
}

static inline struct world *world_new(unsigned cpu, int threads)
{
    struct world *const w = calloc(1, sizeof(*w));

    if (!w) abort();
    must(derm_arena_init(&w->keep, (size_t)4 << 30, &w->err));
    must(derm_arena_init(&w->scratch, (size_t)4 << 30, &w->err));
    must(derm_pool_new(&w->pool, threads, &w->err));
    derm_kernels_init(&w->k, cpu);
    w->tone =
        (struct derm_tone){ .melanin = { 0.5f, 0.3f, 0.2f }, .blood = { -0.5f, 1.0f, -0.5f } };
    w->pair.base = &w->base;
    w->pair.follow = &w->follow;
    w->run = (struct derm_run){ .err = &w->err,
                                .keep = &w->keep,
                                .scratch = &w->scratch,
                                .k = &w->k,
                                .pool = w->pool,
                                .pair = &w->pair,
                                .tone = &w->tone };
    return w;
}

static inline void world_free(struct world *w)
{
    derm_pool_free(w->pool);
    derm_arena_free(&w->keep);
    derm_arena_free(&w->scratch);
    free(w);
}

static inline void world_run(struct world *w, const struct derm_stage *stage)
{
    struct stage_params params;

    must(stage->run(&w->run, stage_defaults(stage, &params)));
    derm_arena_reset(&w->scratch, 0);
}

static inline float noise(uint64_t *state) /* about normal, unit variance */
{
    float sum = 0.0f;

    for (int i = 0; i < 4; i++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        sum += (float)(*state >> 40) / (float)(1 << 24) - 0.5f;
    }
    return sum * 1.7320508f;
}

static inline void add_texture(struct world *w, struct derm_plane *p, uint64_t seed,
                               double sigma_px, float amplitude)
{
    const struct derm_filter f = derm_run_filter(&w->run);
    struct derm_plane n;
    double sum = 0.0;
    float gain;

    must(derm_plane_new(&w->scratch, &n, p->w, p->h));
    for (int y = 0; y < p->h; y++)
        for (int x = 0; x < p->w; x++)
            derm_row(&n, y)[x] = noise(&seed);
    if (sigma_px > 0.0) must(derm_gaussian(&f, &n, &n, sigma_px));
    for (int y = 0; y < p->h; y++)
        for (int x = 0; x < p->w; x++)
            sum += (double)derm_row(&n, y)[x] * (double)derm_row(&n, y)[x];
    gain = amplitude / (float)sqrt(sum / ((double)p->w * p->h));
    for (int y = 0; y < p->h; y++)
        for (int x = 0; x < p->w; x++)
            derm_row(p, y)[x] += gain * derm_row(&n, y)[x];
    derm_arena_reset(&w->scratch, 0);
}

/* Skin of w x h px: relief in all channels, mottle in melanin. */
static inline void make_view(struct world *world, struct derm_view *v, int w, int h,
                             double px_per_mm, uint64_t seed)
{
    const double s = px_per_mm;

    v->grid = (struct derm_grid){ 0.0, 0.0, 1.0, w, h, s, 0 };
    for (int c = 0; c < 3; c++) {
        must(derm_plane_new(&world->keep, &v->od[c], w, h));
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                derm_row(&v->od[c], y)[x] = 0.6f + 0.2f * (float)c;
        add_texture(world, &v->od[c], seed, 0.15 * s, 0.02f);
        add_texture(world, &v->od[c], seed + 1, 0.4 * s, 0.02f);
        add_texture(world, &v->od[c], seed + 2, 1.5 * s, 0.02f * (float)(c + 1));
    }
    must(derm_mask_new(&world->keep, &v->skin, w, h));
    must(derm_mask_new(&world->keep, &v->gloss, w, h));
    must(derm_bits_new(&world->keep, &v->regions, w, h));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            derm_mask_row(&v->skin, y)[x] = 0xff;
            derm_bits_row(&v->regions, y)[x] = 1u << DERM_REGION_ROI;
        }
}

static inline void finish_view(struct world *world, struct derm_view *v, uint64_t noise_seed)
{
    for (int c = 0; c < 3; c++)
        add_texture(world, &v->od[c], noise_seed + (uint64_t)c, 0.0, 0.008f);
}

/* follow -> base: a turn about the middle and a bend of bend_mm over 60 mm. */
struct known_map {
    double cx, cy, cosine, sine, scale, bend_px, wave_px, shift_px;
};

static inline struct known_map known_map(const struct derm_grid *g, double turn, double scale,
                                         double bend_mm, double shift_mm)
{
    return (struct known_map){ 0.5 * g->w,
                               0.5 * g->h,
                               cos(turn),
                               sin(turn),
                               scale,
                               bend_mm * g->px_per_mm,
                               60.0 * g->px_per_mm / 6.283185,
                               shift_mm * g->px_per_mm };
}

static inline struct derm_point known_base(const struct known_map *m, double x, double y)
{
    const double u = x - m->cx, v = y - m->cy;
    return (struct derm_point){ m->cx + m->shift_px + m->scale * (m->cosine * u - m->sine * v) +
                                    m->bend_px * sin(y / m->wave_px),
                                m->cy + m->scale * (m->sine * u + m->cosine * v) +
                                    m->bend_px * sin(x / m->wave_px + 1.0) };
}

/* The follow-up: the base's skin seen through the map, darker and with its own noise. */
static inline void make_follow(struct world *w, const struct known_map *m, float gain_od)
{
    const struct derm_filter f = derm_run_filter(&w->run);
    struct derm_view *const b = &w->base.view, *const v = &w->follow.view;
    struct derm_plane x, y;

    v->grid = b->grid;
    v->skin = b->skin;
    v->gloss = b->gloss;
    v->regions = b->regions;
    must(derm_plane_new(&w->scratch, &x, b->grid.w, b->grid.h));
    must(derm_plane_new(&w->scratch, &y, b->grid.w, b->grid.h));
    for (int j = 0; j < b->grid.h; j++)
        for (int i = 0; i < b->grid.w; i++) {
            const struct derm_point at = known_base(m, i, j);
            derm_row(&x, j)[i] = (float)at.x;
            derm_row(&y, j)[i] = (float)at.y;
        }
    for (int c = 0; c < 3; c++) {
        must(derm_plane_new(&w->keep, &v->od[c], b->grid.w, b->grid.h));
        must(derm_resample_map(&f, &v->od[c], &b->od[c], &x, &y));
        for (int j = 0; j < b->grid.h; j++)
            for (int i = 0; i < b->grid.w; i++)
                derm_row(&v->od[c], j)[i] += gain_od;
    }
    derm_arena_reset(&w->scratch, 0);
}

/* The match that keypoints would give: the map without its bend, off by error_mm. */
static inline void make_match(struct world *w, const struct known_map *m, double error_mm)
{
    const double a = m->cosine / m->scale, b = -m->sine / m->scale;
    struct derm_match *const match = &w->pair.match;
    const double e = error_mm * w->base.view.grid.px_per_mm;

    match->found = true;
    match->scale_ratio = 1.0 / m->scale;
    match->follow_from_base[0][0] = match->follow_from_base[1][1] = a;
    match->follow_from_base[0][1] = -b;
    match->follow_from_base[1][0] = b;
    match->follow_from_base[0][2] = m->cx - (a * (m->cx + m->shift_px) - b * m->cy) + e;
    match->follow_from_base[1][2] = m->cy - (b * (m->cx + m->shift_px) + a * m->cy) - e;
}

#endif
