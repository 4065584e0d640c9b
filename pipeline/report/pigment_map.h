/* SPDX-License-Identifier: Apache-2.0 */
/* The maps of melanin and haemoglobin as pictures, to be looked at. */
#ifndef DERM_REPORT_PIGMENT_MAP_H
#define DERM_REPORT_PIGMENT_MAP_H

#include "kernels/filter.h"
#include "stages/frame.h"

/* What white and the full ink stand for: optical density against the skin around, which is a mean
 * over a Gaussian of so many mm. The shape of a face and the light on it vary more slowly. */
extern const double derm_pigment_white, derm_pigment_full, derm_pigment_around_mm;

/* The pigment that weight reads from the view's optical density (struct derm_tone), at grid
 * resolution: white to ink where the mask is set, light grey elsewhere. out is in f->scratch. */
derm_err derm_pigment_picture(const struct derm_filter *f, const struct derm_view *view,
                              const float weight[3], const struct derm_mask *where,
                              const uint8_t ink[3], struct derm_rgb8 *out) DERM_MUST_CHECK;

#endif
