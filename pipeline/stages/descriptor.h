/* SPDX-License-Identifier: Apache-2.0 */
/* The description of a keypoint: directions and sizes of the gradients around it, in its own frame.
 */
#ifndef DERM_STAGES_DESCRIPTOR_H
#define DERM_STAGES_DESCRIPTOR_H

#include "stages/keypoints.h"

enum { DERM_DESCRIPTOR_SAMPLES = 16 }; /* along each axis of the described square */

struct derm_describer {
    float fall_off[DERM_DESCRIPTOR_SAMPLES][DERM_DESCRIPTOR_SAMPLES];
    int square[DERM_DESCRIPTOR_SAMPLES]; /* the one before a row or column of samples; 0: outside */
    float part[DERM_DESCRIPTOR_SAMPLES]; /* that goes to the one after it */
};

void derm_describer_init(struct derm_describer *d);

/* One keypoint for each main direction at (x, y) of `blurred`, at most `most`: copies of point with
 * direction and descriptor set. Returns how many. */
int derm_describe(const struct derm_describer *d, const struct derm_plane *blurred, float x,
                  float y, float sigma_px, const struct derm_keypoint *point,
                  struct derm_keypoint *out, int most);

#endif
