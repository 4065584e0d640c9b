/* SPDX-License-Identifier: Apache-2.0 */
/* Fine alignment by weighted least squares on the image gradient (Lucas & Kanade 1981), one
 * solution a lattice node over a Gaussian window, both directions, then their loop error.
 *
 * Pixels without weight (what stands out of the skin, off skin) say nothing: there the neighbours'
 * motion is continued through them, so a shrinking spot is not explained away as motion.
 * Inverse-search flow (OpenCV's DIS) does not offer weights, works on 8 bits, and matched no
 * better. */
#ifndef DERM_STAGES_FLOW_H
#define DERM_STAGES_FLOW_H

#include "stages/field.h"

struct derm_flow_side {
    const struct derm_plane *image;  /* band-passed, unit spread */
    const struct derm_plane *weight; /* 0..1 */
};

struct derm_flow_params {
    int rounds;         /* of one Gauss-Newton step in each direction */
    double window_px;   /* sigma of the window */
    double max_step_px; /* longest step at one node */
    double trusted_px;  /* loop error at which a node's say falls to 1/e in the next round */
};

/* p: base to follow, q: follow to base; both refined, each from its own photo's gradient windows.
 * error: |q(p(x)) - x| at p's nodes, px. */
derm_err derm_flow_refine(const struct derm_filter *f, struct derm_field *p, struct derm_field *q,
                          const struct derm_flow_side *base, const struct derm_flow_side *follow,
                          const struct derm_flow_params *params,
                          struct derm_plane *error) DERM_MUST_CHECK;

#endif
