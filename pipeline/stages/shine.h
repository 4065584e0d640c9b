/* SPDX-License-Identifier: Apache-2.0 */
/* Gloss and hair: what lies on the skin and hides it. */
#ifndef DERM_STAGES_SHINE_H
#define DERM_STAGES_SHINE_H

#include "stages/stage.h"

struct derm_shine_limits {
    double window_mm; /* around a pixel, where the body's colour is learnt */
    double max_shine; /* reflection from the surface that is let through, of white */
    double min_gain;  /* gloss is this many times brighter than the skin around */
    double min_gloss; /* of the light of the skin around, reflected by the surface: is gloss */
};

/* Sets out where the surface reflects more than the limits allow. lin, in linear light, and out lie
 * on grid; skin tells which pixels the body's colour is learnt from. *gloss: the share of them that
 * is glossy, whatever the exposure. */
derm_err derm_find_shine(const struct derm_run *run, struct derm_mask *out,
                         const struct derm_plane lin[3], const struct derm_mask *skin,
                         const struct derm_grid *grid, const struct derm_shine_limits *limits,
                         double *gloss) DERM_MUST_CHECK;

/* Sets out on hairs: long thin lines darker than both sides by more than min_contrast (optical
 * density), widened by a pixel. */
derm_err derm_find_hair(const struct derm_run *run, struct derm_mask *out,
                        const struct derm_plane *green, const struct derm_grid *grid,
                        double width_mm, double min_length_mm, double min_contrast) DERM_MUST_CHECK;

#endif
