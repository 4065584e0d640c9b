/* SPDX-License-Identifier: Apache-2.0 */
/* A square of noisy skin with dark spots laid on it, for tests of what looks for pits. */
#ifndef DERM_TEST_PITS_SCENE_H
#define DERM_TEST_PITS_SCENE_H

#include "stage_params.h"
#include "stages/segment.h"
#include "truth/view_bed.h"

static const double px_per_mm = 10;
static const double even[3] = { 1, 1, 1 };

struct scene {
    struct view_bed bed;
    struct derm_view view;
    struct derm_objects found;
    struct stage_params params;
};

/* side x side px; the noise (sd in optical density) is independent between pixels. NULL: not enough
 * memory. */
static inline struct scene *scene_new(const struct derm_stage *stage, int side, double noise_od,
                                      uint64_t seed)
{
    struct scene *const s = calloc(1, sizeof(*s));
    struct phantom_rng r;

    if (!s) return NULL;
    bed_open(&s->bed);
    stage_defaults(stage, &s->params);
    bed_view(&s->bed, &s->view, side, side, px_per_mm);
    phantom_rng_init(&r, seed, 0);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
                derm_row(&s->view.od[c], y)[x] = (float)(0.8 + noise_od * phantom_normal(&r));
    return s;
}

static inline int scene_free(void **state)
{
    struct scene *const s = *state;

    bed_close(&s->bed);
    free(s);
    return 0;
}

/* A Gaussian of half axes of one sigma along x and y, mm; contrast times colour in each channel. */
static inline void add(struct scene *s, double x0, double y0, double along_mm, double across_mm,
                       double contrast, const double colour[3])
{
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < s->view.grid.h; y++)
            for (int x = 0; x < s->view.grid.w; x++) {
                const double u = (x - x0) / (along_mm * px_per_mm);
                const double v = (y - y0) / (across_mm * px_per_mm);
                derm_row(&s->view.od[c], y)[x] +=
                    (float)(contrast * colour[c] * exp(-0.5 * (u * u + v * v)));
            }
}

static inline const struct derm_objects *find(struct scene *s,
                                              const struct derm_segmenter *segmenter)
{
    must(&s->bed, derm_segment_find(&s->bed.run, segmenter, s->params.at, &s->view, &s->view.skin,
                                    &s->found));
    return &s->found;
}

/* The object next to (x, y); NULL when it is further off than within, px. */
static inline const struct derm_object *nearest(const struct derm_objects *o, double x, double y,
                                                double within)
{
    const struct derm_object *best = NULL;

    for (int i = 0; i < o->n; i++) {
        const double d = hypot(o->item[i].x - x, o->item[i].y - y);
        if (d >= within) continue;
        within = d;
        best = &o->item[i];
    }
    return best;
}

#endif
