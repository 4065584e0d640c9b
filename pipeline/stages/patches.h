/* SPDX-License-Identifier: Apache-2.0 */
/* Local patch matching with a smooth field: brings a rough map to about a pixel, and tells whether
 * the two photos show the same skin at all.
 *
 * Every cell of a lattice is compared, with its neighbours (3 x 3 cells: one patch), by masked
 * normalised correlation at every shift within the search range, around the place the field so far
 * says. Patches of the same skin agree with patches next to them on where they went; patches of
 * different skin find their best shift by chance. Heads are not planar, so no global model is
 * fitted (algorithms.md section 9). */
#ifndef DERM_STAGES_PATCHES_H
#define DERM_STAGES_PATCHES_H

#include "stages/field.h"

struct derm_patch_level {
    double px_per_mm; /* resolution to work at; the images' own when that is lower */
    double search_mm, agree_mm;
};

struct derm_patch_side {              /* one photo at the working resolution */
    const struct derm_plane *texture; /* band-passed, unit spread */
    const struct derm_plane *skin;    /* 1 where the texture counts, 0 elsewhere */
};

struct derm_patch_stats {
    int patches; /* with enough skin in both photos */
    int agreeing;
};

/* Refines p (work px to work px) by one level. */
derm_err derm_patches_refine(const struct derm_filter *f, struct derm_field *p,
                             const struct derm_patch_side *base,
                             const struct derm_patch_side *follow, double px_per_mm,
                             const struct derm_patch_level *level,
                             struct derm_patch_stats *stats) DERM_MUST_CHECK;

/* Correlation of the textures under p over the common skin, and the share of base skin on which the
 * follow-up has skin too. */
derm_err derm_patches_judge(const struct derm_filter *f, const struct derm_field *p,
                            const struct derm_patch_side *base,
                            const struct derm_patch_side *follow, double *zncc,
                            double *coverage) DERM_MUST_CHECK;

#endif
