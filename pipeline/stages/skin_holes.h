/* SPDX-License-Identifier: Apache-2.0 */
/* Lesions do not have the colour of skin: they are holes of what has. Which holes are lesions. */
#ifndef DERM_STAGES_SKIN_HOLES_H
#define DERM_STAGES_SKIN_HOLES_H

#include "stages/skin_colour.h"

struct derm_hole_limits {
    double max_px;   /* diameter */
    double max_open; /* share of the outline that no skin is beside */
};

/* Adds to skin its holes that are lesions, without what is in `never`: compact, no larger than
 * max_px, and enclosed; what skin does not enclose all round must lie in the middle of the photo.
 */
derm_err derm_skin_fill_holes(const struct derm_run *run, struct derm_mask *skin,
                              const struct derm_mask *never,
                              const struct derm_hole_limits *limits) DERM_MUST_CHECK;

/* The same of a close-up, where a lesion may lie between skin and hair, cloth or ground, which is
 * told by the colours that come in at the border of the photo, nearer than max_distance
 * (Mahalanobis). */
derm_err derm_skin_fill_apart(const struct derm_run *run, struct derm_mask *skin,
                              const struct derm_mask *never, const struct derm_skin_planes *planes,
                              double max_distance,
                              const struct derm_hole_limits *limits) DERM_MUST_CHECK;

#endif
