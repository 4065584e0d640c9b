/* SPDX-License-Identifier: Apache-2.0 */
/* How noisy and how blurred a plane is. */
#ifndef DERM_STAGES_SHARPNESS_H
#define DERM_STAGES_SHARPNESS_H

#include "kernels/filter.h"
#include "stages/statistics.h"

/* sd of the noise of src at the pixels of the lattice where the mask is set, its neighbours too:
 * 1.4826 MAD of the mask
 * [1 -2 1; -2 4 -2; 1 -2 1] / 6, which no plane and no straight edge excites (Immerkaer 1996).
 * Texture as fine as a pixel counts as noise. 0 when the mask has no inside. */
derm_err derm_noise_sd(const struct derm_filter *f, double *sd, const struct derm_plane *src,
                       const struct derm_mask *mask,
                       const struct derm_lattice *lattice) DERM_MUST_CHECK;

struct derm_edges {
    double sigma_px; /* Gaussian blur of the sharper edges; 0 with n = 0 when there are too few */
    int n;           /* edge pixels it rests on */
};

/* Blur of the edges of the light whose optical density is od, where the mask is set (of the light,
 * not of its logarithm: blur acts on light).
 * A step that a Gaussian of sigma has blurred has, after a further one of s, a slope of
 * 1 / sqrt(sigma^2 + s^2): two values of s give sigma (after Zhuo & Sim 2011). Hairs are lines, not
 * steps, and look sharper, so it is a lower estimate.
 *
 * A large plane is looked at in strips all over it, and in more of them until there are enough
 * edges. */
struct derm_edge_rule {
    double min_contrast; /* of a step, relative to the local light, that counts */
    double percentile;   /* of the edges' sigma: 0.25 is "the sharper ones" */
    int min_edges;
};
derm_err derm_edge_blur(const struct derm_filter *f, struct derm_edges *out,
                        const struct derm_plane *od, const struct derm_mask *mask,
                        const struct derm_edge_rule *rule) DERM_MUST_CHECK;

#endif
