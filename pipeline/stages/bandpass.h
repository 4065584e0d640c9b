/* SPDX-License-Identifier: Apache-2.0 */
/* Wide weighted means and division by the local spread, cheap enough for millimetre-wide windows.
 */
#ifndef DERM_STAGES_BANDPASS_H
#define DERM_STAGES_BANDPASS_H

#include "kernels/filter.h"

/* dst = Gaussian mean of src over the pixels with weight; 0 where there are none. dst may be src.
 */
derm_err derm_wide_mean(const struct derm_filter *f, struct derm_plane *dst,
                        const struct derm_plane *src, const struct derm_plane *weight,
                        double sigma_px) DERM_MUST_CHECK;

/* a <- (a - b) weight */
void derm_subtract_weighted(struct derm_plane *a, const struct derm_plane *b,
                            const struct derm_plane *weight);

/* band <- band / its root mean square within sigma_px, times weight. least_od keeps bare noise from
 * being blown up. */
derm_err derm_unit_spread(const struct derm_filter *f, struct derm_plane *band,
                          const struct derm_plane *weight, double sigma_px,
                          float least_od) DERM_MUST_CHECK;

#endif
