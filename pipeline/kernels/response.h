/* SPDX-License-Identifier: Apache-2.0 */
/* Filters whose result is looked at and thrown away: rows of it, and its maxima. */
#ifndef DERM_KERNELS_RESPONSE_H
#define DERM_KERNELS_RESPONSE_H

#include <stdbool.h>

#include "kernels/filter.h"

/* A Gaussian, then a weighted sum over 3 x 3 pixels, row by row. Differences whose error is itself
 * a smoothing give derivatives of a wider Gaussian:
 *   [1 4 1; 4 -20 4; 1 4 1] / 6           Laplacian of the Gaussian with 1/6 px^2 more variance
 *   [-1 0 1; -4 0 4; -1 0 1] / 12         d/dx of the Gaussian with 1/3 px^2 more
 * both the same in all directions to fourth order (M. Patra, M. Karttunen, Numer. Methods Partial
 * Differ. Equ. 22, 936 (2006)). Borders replicate. */
struct derm_response {
    double variance_px; /* of the Gaussian, 0 .. 64 */
    float weight[9];
};

/* Row i of dst = row i step of the response, where any pixel of the mask is set in that row; from
 * the first to the last pixel set, the rest is left as it is. */
derm_err derm_response_rows(const struct derm_filter *f, struct derm_plane *dst,
                            const struct derm_plane *src, const struct derm_response *r,
                            const struct derm_mask *mask, int step) DERM_MUST_CHECK;

struct derm_maximum {
    int x, y;
    float value, dx, dy; /* there; vertex of the parabola along x and y, from -1/2 to 1/2 */
};

struct derm_maxima_search {
    const struct derm_mask *mask; /* that holds them */
    const float *floor;           /* of each row of the plane, that they exceed */
    /* What else is asked of each, on several threads, while its surround is in the cache; NULL:
     * nothing. */
    bool (*accept)(const void *asker, const struct derm_maximum *m);
    const void *asker;
};

/* Maxima of the response over 3 x 3, in no particular order. *out is allocated in f->scratch. */
derm_err derm_response_maxima(const struct derm_filter *f, const struct derm_plane *src,
                              const struct derm_response *r,
                              const struct derm_maxima_search *search, struct derm_maximum **out,
                              int *n) DERM_MUST_CHECK;

#endif
