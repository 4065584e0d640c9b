/* SPDX-License-Identifier: Apache-2.0 */
/* Keypoints: places that can be found again in another photo at another size and turn (Lowe 2004,
 * scale-invariant feature transform). Extrema of differences of Gaussians, one or two main gradient
 * directions, and a 128-number description of the gradients around. */
#ifndef DERM_STAGES_KEYPOINTS_H
#define DERM_STAGES_KEYPOINTS_H

#include "kernels/filter.h"

enum { DERM_DESCRIPTOR = 128 };

struct derm_keypoint {
    float x, y, sigma_px; /* px of the image */
    float cosine, sine;   /* main gradient direction */
    float strength;       /* |difference of Gaussians|, units of the image */
    uint8_t descriptor[DERM_DESCRIPTOR];
};

struct derm_keypoint_params {
    int most; /* keypoints kept, the strongest of each part of the image */
    float least_strength;
};

/* *out, in a fixed order, belongs to keep. The image is band-passed with unit spread. */
derm_err derm_keypoints_find(const struct derm_filter *f, struct derm_arena *keep,
                             const struct derm_plane *image,
                             const struct derm_keypoint_params *params, struct derm_keypoint **out,
                             int *n) DERM_MUST_CHECK;

struct derm_keypoint_match {
    int a, b; /* indices */
};

/* Pairs that are each other's best, and clearly better than the second best: distance < ratio x the
 * second's. out has room for na. */
derm_err derm_keypoints_match(const struct derm_filter *f, const struct derm_keypoint *a, int na,
                              const struct derm_keypoint *b, int nb, double ratio,
                              struct derm_keypoint_match *out, int *n) DERM_MUST_CHECK;

#endif
