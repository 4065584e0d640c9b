/* SPDX-License-Identifier: Apache-2.0 */
/* A run and views of known content for accuracy programs: pictures become optical density the way
 * the stages decode and grid do it, without files, faces and skin masks. */
#ifndef DERM_TRUTH_VIEW_BED_H
#define DERM_TRUTH_VIEW_BED_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "stage_params.h"
#include "stages/stages.h"

#include "phantom_samples.h"

struct view_bed {
    struct derm_error err;
    struct derm_arena keep, scratch;
    struct derm_kernels k;
    struct derm_pool *pool;
    struct derm_tone tone; /* zero but for what a program sets */
    struct derm_run run;
};

/* A program that measures accuracy has nobody to hand an error to. */
static inline void must(const struct view_bed *b, derm_err code)
{
    if (code == DERM_OK) return;
    fprintf(stderr, "%s\n", b->err.text);
    exit(1);
}

static inline void bed_open(struct view_bed *b)
{
    memset(b, 0, sizeof(*b));
    must(b, derm_arena_init(&b->keep, (size_t)8 << 30, &b->err));
    must(b, derm_arena_init(&b->scratch, (size_t)8 << 30, &b->err));
    must(b, derm_pool_new(&b->pool, 2, &b->err));
    derm_kernels_init(&b->k, derm_cpu_detect());
    b->run = (struct derm_run){ .err = &b->err,
                                .keep = &b->keep,
                                .scratch = &b->scratch,
                                .k = &b->k,
                                .pool = b->pool,
                                .tone = &b->tone };
}

static inline void bed_close(struct view_bed *b)
{
    derm_pool_free(b->pool);
    derm_arena_free(&b->keep);
    derm_arena_free(&b->scratch);
}

/* Forgets all views. */
static inline void bed_clear(struct view_bed *b)
{
    derm_arena_reset(&b->keep, 0);
    derm_arena_reset(&b->scratch, 0);
}

/* An empty view: everything is skin and region roi. */
static inline void bed_view(struct view_bed *b, struct derm_view *v, int w, int h, double px_per_mm)
{
    *v = (struct derm_view){ .grid = { 0, 0, 1, w, h, px_per_mm } };
    for (int c = 0; c < 3; c++)
        must(b, derm_plane_new(&b->keep, &v->od[c], w, h));
    must(b, derm_mask_new(&b->keep, &v->skin, w, h));
    must(b, derm_bits_new(&b->keep, &v->regions, w, h));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            derm_mask_row(&v->skin, y)[x] = 0xff;
            derm_bits_row(&v->regions, y)[x] = 1u << DERM_REGION_ROI;
        }
    v->regions_visible = 1u << DERM_REGION_ROI;
}

/* The clutter of a view that is complete, which segmenters ask about. */
static inline void bed_clutter(struct view_bed *b, struct derm_view *v)
{
    struct derm_frame frame = { .view = *v };
    struct derm_run run = b->run;
    struct stage_params p;

    run.frame = &frame;
    must(b, derm_stage_clutter.run(&run, stage_defaults(&derm_stage_clutter, &p)));
    v->clutter = frame.view.clutter;
}

static inline float bed_density(double linear)
{
    return derm_lnf((float)(1 / fmax(linear, 0.002)));
}

static inline double bed_linear(uint8_t v)
{
    const double e = v / 255.0;

    return e <= 0.04045 ? e / 12.92 : pow((e + 0.055) / 1.055, 2.4);
}

/* sRGB picture to view; clipped pixels are not skin. */
static inline void bed_picture(struct view_bed *b, struct derm_view *v,
                               const struct phantom_rgb8 *picture, double px_per_mm)
{
    bed_view(b, v, picture->w, picture->h, px_per_mm);
    for (int y = 0; y < picture->h; y++)
        for (int x = 0; x < picture->w; x++)
            for (int c = 0; c < 3; c++) {
                const uint8_t s = picture->px[3 * ((ptrdiff_t)y * picture->w + x) + c];
                derm_row(&v->od[c], y)[x] = bed_density(bed_linear(s));
                if (s >= 250) derm_mask_row(&v->skin, y)[x] = 0;
            }
    bed_clutter(b, v);
}

#endif
