/* SPDX-License-Identifier: Apache-2.0 */
/* Skin cut in square tiles, all of which are measured: the objects of a concern that is everywhere
 * (tone, gloss). The share of a tile in a metric is what its pixels add up to, so that a metric is
 * a mean over skin and the spread between tiles says how well it is known. */
#ifndef DERM_STAGES_TILES_H
#define DERM_STAGES_TILES_H

#include "stages/reduced.h"

struct derm_tiles {
    const struct derm_mask *where; /* reduced px */
    int factor;                    /* grid px per reduced px */
    int side, w, h;                /* of a tile, reduced px; tiles across and down */
    int *object;                   /* object[j w + i] of the tile there, -1: none */
};

/* The object of the tile at a reduced pixel, -1: none. */
static inline int derm_tiles_object(const struct derm_tiles *t, int x, int y)
{
    return t->object[y / t->side * t->w + x / t->side];
}

/* Cuts `where` in tiles of about side_mm; each that is at least half set becomes an object, in
 * run->keep: its place, side (scale_px), measured area and regions on the view's grid. where must
 * outlive the tiles, which are in run->scratch. */
derm_err derm_tiles_cut(struct derm_run *run, const struct derm_view *view,
                        const struct derm_mask *where, int factor, double side_mm,
                        struct derm_tiles *tiles, struct derm_objects *objects) DERM_MUST_CHECK;

/* sum[object] = the sum over its pixels of the plane, in grid px. */
void derm_tiles_sum(const struct derm_tiles *tiles, const struct derm_plane *plane,
                    const struct derm_objects *objects, double *sum);

#endif
