/* SPDX-License-Identifier: Apache-2.0 */
/* Treated skin against the untreated skin that the user marked in the same photo. */
#ifndef DERM_STAGES_UNTREATED_H
#define DERM_STAGES_UNTREATED_H

#include "stages/tally.h"

struct derm_contrast_of_region {
    bool found;       /* the photo has a control region with enough measurable pixels */
    double value, sd; /* mean of the region minus that of the control, optical density */
};

/* Of the pigment that the weights on the optical densities of R, G and B make. view: where the
 * region is taken (the photo's own or, in a pair, on the baseline's grid), with its region bits and
 * measurable pixels. The control region is always taken on the photo's own grid. */
struct derm_contrast_of_region
derm_untreated_contrast(const struct derm_frame *photo, const struct derm_view *view,
                        const float weight[3], const struct derm_bits *regions,
                        const struct derm_mask *where, const struct derm_place *place);

/* Change of the mean of the pigment over the control region of two photos on one grid, of what is
 * measured in both; by the light as well as the skin. False: too little of it. */
bool derm_control_change(const struct derm_view *base, const struct derm_view *follow,
                         const float weight[3], const struct derm_mask *where,
                         struct derm_value *out);

#endif
