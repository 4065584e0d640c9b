/* SPDX-License-Identifier: Apache-2.0 */
/* The follow-up's picture as it lies on the baseline, in the baseline's light: to be looked at. */
#ifndef DERM_REPORT_ALIGNED_H
#define DERM_REPORT_ALIGNED_H

#include "stages/frame.h"

/* What the grid covers of the photo, as a picture that shares its pixels. */
struct derm_rgb8 derm_grid_part(const struct derm_frame *f);

/* The follow-up at grid resolution on the baseline's grid; light grey where it shows nothing. The
 * registration must have been accepted. *relit: its light was made like the baseline's on the
 * common skin, which may have too little of it. */
derm_err derm_aligned_picture(const struct derm_pair *pair, struct derm_rgb8 *out, bool *relit,
                              struct derm_arena *arena, struct derm_error *err) DERM_MUST_CHECK;

/* Makes the light of after like that of before: on the skin of both, the mean density of the three
 * channels differs by a quadratic of the place afterwards removed, and each channel by a constant
 * more. So smooth a change of light can erase no spot; an even change of colour it does erase,
 * which is why nothing measured comes from it (no metric reads these pictures). False: too little
 * skin, nothing was done. All of one size. */
bool derm_relight(struct derm_rgb8 *after, const struct derm_rgb8 *before,
                  const struct derm_mask *skin);

#endif
