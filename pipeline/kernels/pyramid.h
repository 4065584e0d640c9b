/* SPDX-License-Identifier: Apache-2.0 */
/* Coarse copies of a plane and back, so that wide filters cost no more than narrow ones. */
#ifndef DERM_KERNELS_PYRAMID_H
#define DERM_KERNELS_PYRAMID_H

#include "kernels/filter.h"

enum { DERM_SHRINK_MARGIN = 4 }; /* coarse px */

/* *coarse (allocated in f->scratch) is src smoothed and thinned by 2^levels, levels >= 1, with a
 * margin that continues src by replication: coarse pixel i + DERM_SHRINK_MARGIN is centred at src
 * pixel 2^levels i + (2^levels - 1) / 2. Its smoothing has the variance (4^levels - 1) / 4 px^2
 * of src. */
derm_err derm_shrink(const struct derm_filter *f, struct derm_plane *coarse,
                     const struct derm_plane *src, int levels) DERM_MUST_CHECK;

/* The way back, Catmull-Rom, for a coarse plane that is smooth by now. */
derm_err derm_grow(const struct derm_filter *f, struct derm_plane *dst,
                   const struct derm_plane *coarse, int levels) DERM_MUST_CHECK;

#endif
