/* SPDX-License-Identifier: Apache-2.0 */
/* The colour of one person's skin in one photo: a trimmed Gaussian in CIE Lab. */
#ifndef DERM_STAGES_SKIN_COLOUR_H
#define DERM_STAGES_SKIN_COLOUR_H

#include "stages/stage.h"

struct derm_skin_colour {
    double mean[3];       /* L, a, b */
    double inverse[3][3]; /* of the covariance */
    double rough_p95;     /* 95th percentile of the local sd of L among the seeds */
};

/* The planes that skin is chosen on, at a coarse resolution. */
struct derm_skin_planes {
    struct derm_grid grid;
    struct derm_plane lin[3];
    struct derm_plane lab[3]; /* Lab without the linear toe; D65 */
    struct derm_plane rough;  /* sd of L in a Gaussian window */
};

/* Fills lab and rough from lin; all planes are allocated in run->scratch. */
derm_err derm_skin_planes_fill(const struct derm_run *run, struct derm_skin_planes *p,
                               double window_px) DERM_MUST_CHECK;

/* out = 0xff where skin is covered by stubble or a beard: the fine texture of ln(light), which does
 * not depend on the tone of the skin, is stronger than max_factor times its median among the seeds
 * and than min_texture, over an area that a disc of radius_px fits into. Spots and moles are
 * smaller. Pixels that are not set in valid do not count. */
derm_err derm_skin_find_stubble(const struct derm_run *run, struct derm_mask *out,
                                const struct derm_skin_planes *p, const struct derm_mask *seed,
                                const struct derm_mask *valid, double max_factor,
                                double min_texture, double radius_px) DERM_MUST_CHECK;

/* Fits the colour to the seeds; *ok is false when there are too few to tell. */
derm_err derm_skin_colour_fit(const struct derm_run *run, struct derm_skin_colour *c,
                              const struct derm_skin_planes *p, const struct derm_mask *seed,
                              bool *ok) DERM_MUST_CHECK;

/* out = 0xff where the colour is nearer than max_distance (Mahalanobis) and the surface is not
 * rougher than max_rough (units of L). */
void derm_skin_colour_apply(const struct derm_skin_colour *c, const struct derm_skin_planes *p,
                            double max_distance, double max_rough, struct derm_mask *out);

/* What speaks for the seeds of a close-up being skin. */
struct derm_skin_evidence {
    double share;              /* of the allowed pixels */
    double slope, correlation; /* of ln(R/G) on darkness (units of L), at a fine scale */
};

/* Where a close-up, without landmarks, learns its colour: the commonest colour that skin can have
 * under some light, first of all in the middle of the photo, or in the user's region. Pixels where
 * allowed is not set do not count. Greyscale photos: all that is smooth. */
derm_err derm_skin_seed_close_up(const struct derm_run *run, struct derm_mask *seed,
                                 const struct derm_skin_planes *p, const struct derm_mask *allowed,
                                 struct derm_skin_evidence *e) DERM_MUST_CHECK;

#endif
