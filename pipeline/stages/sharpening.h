/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a camera or a program sharpened one photo more than the other.
 *
 * An unsharp mask of a photo multiplies a wave of f cycles per px by 1 + a (1 - exp(-2 pi^2 r^2
 * f^2)): it rises steeply where waves are some radii r long, and no further. Taking away a Gaussian
 * blur rises as f^2 in the logarithm, on and on. What does not change, hair, has a gain of one
 * where waves are long, so both are told apart by its gain; blurring one of the photos brings them
 * together in the one case and not in the other. */
#ifndef DERM_STAGES_SHARPENING_H
#define DERM_STAGES_SHARPENING_H

#include "stages/cross_spectrum.h"

/* Of the gain's logarithm, at f cycles per px: 0 to 1. */
double derm_sharpening_shape(double f);

/* The size of the ln gain of short waves that no blur explains, of all windows together: by two
 * standard errors less than it reads, so that it differs for sure by as much. */
double derm_sharpening(const struct derm_blur_vote *vote, int n);

#endif
