/* SPDX-License-Identifier: Apache-2.0 */
/* From how far aside the camera looked at skin that has no face, beside the other photo. */
#ifndef DERM_STAGES_TILT_H
#define DERM_STAGES_TILT_H

#include "stages/frame.h"

/* The tilt of one photo if the other was taken squarely, degrees. False: the common skin is too
 * little to say. The pair must be registered. */
bool derm_tilt_difference(const struct derm_pair *pair, double *deg);

#endif
