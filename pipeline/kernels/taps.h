/* SPDX-License-Identifier: Apache-2.0 */
/* Taps of the separable filters. */
#ifndef DERM_KERNELS_TAPS_H
#define DERM_KERNELS_TAPS_H

#include <stdbool.h>

enum { DERM_WIDEST_SIGMA_PX = 8, DERM_MAX_RADIUS = 4 * DERM_WIDEST_SIGMA_PX };

struct derm_taps { /* t[j] weighs the pixels at distance j; odd: with opposite signs */
    float t[DERM_MAX_RADIUS + 1];
    int radius;
    bool odd;
};

/* A Gaussian of this variance, at most DERM_WIDEST_SIGMA_PX squared. */
void derm_taps_make(struct derm_taps *k, double variance_px);

#endif
