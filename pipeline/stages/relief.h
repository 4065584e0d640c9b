/* SPDX-License-Identifier: Apache-2.0 */
/* What registration looks at: two band-passes of optical density at a working resolution, divided
 * by their local spread so that light, exposure and camera contrast drop out, zero off the skin. */
#ifndef DERM_STAGES_RELIEF_H
#define DERM_STAGES_RELIEF_H

#include "stages/field.h"

struct derm_relief_params {
    float work_px_per_mm, work_megapixels;
    float texture_fine_mm, texture_coarse_mm, relief_fine_mm, relief_coarse_mm, spread_mm,
        spread_floor_od;
    float mark_z, mark_od, mark_grow_mm;
};

/* A part of a view, in working pixels of all of it. */
struct derm_relief_part {
    int x0, y0, w, h;
};

struct derm_relief {
    struct derm_relief_part part;
    struct derm_grid grid;     /* of the working planes */
    double step;               /* px of the view's grid per working px */
    struct derm_plane skin;    /* 0 or 1 */
    struct derm_plane texture; /* green, about .25 to 2 mm: pores, spots, lines. Finds and judges */
    struct derm_plane relief;  /* red, below .6 mm: hardly any pigment. Drives the fine flow */
    struct derm_plane weight;  /* skin without what stands out of it, 0 or 1 */
};

/* Grid px per working px for a pair of views on grids of one resolution. */
double derm_relief_step(const struct derm_view *base, const struct derm_view *follow,
                        const struct derm_relief_params *p);

struct derm_relief_part derm_relief_whole(const struct derm_view *view, double step);

/* The box around the skin, on a lattice whose cells have cell_px; empty without skin. */
struct derm_relief_part derm_relief_skin(const struct derm_view *view, double step, int cell_px);

/* Planes come from f->scratch and stay there. */
derm_err derm_relief_build(const struct derm_filter *f, const struct derm_view *view,
                           const struct derm_relief_params *p, double step,
                           const struct derm_relief_part *part,
                           struct derm_relief *out) DERM_MUST_CHECK;

#endif
