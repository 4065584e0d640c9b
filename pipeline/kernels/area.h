/* SPDX-License-Identifier: Apache-2.0 */
/* Exact area means along one axis, for whoever brings the rows: plane_resample.c, color/light.c. */
#ifndef DERM_KERNELS_AREA_H
#define DERM_KERNELS_AREA_H

#include "base/arena.h"

struct derm_area_axis { /* dst i is the sum of weight[i * taps + k] x src first[i] + k */
    const int *first;   /* at least -taps, at most src size: what lies outside is all the same */
    const float *weight;
    int taps;
};

/* dst i covers [start + i step, start + (i + 1) step) of a src of size pixels, pixel k being
 * [k, k + 1); count > 0, step >= 1. */
derm_err derm_area_axis_new(struct derm_arena *a, struct derm_area_axis *axis, double start,
                            double step, int count, int size) DERM_MUST_CHECK;

#endif
