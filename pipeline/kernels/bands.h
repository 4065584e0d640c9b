/* SPDX-License-Identifier: Apache-2.0 */
/* A plane's rows cut in a fixed grid of bands that run on the pool. */
#ifndef DERM_KERNELS_BANDS_H
#define DERM_KERNELS_BANDS_H

#include "kernels/filter.h"

enum { DERM_BAND_ROWS = 64 };

/* Calls band(job, y0, y1, own) for every band [y0, y1) of [0, rows). own points to own_bytes of
 * scratch, aligned, that no other band uses at the same time; it holds what an earlier band left.
 * What a band writes depends on y0 and y1 alone. */
derm_err derm_bands_run(const struct derm_filter *f, int rows, size_t own_bytes,
                        void (*band)(const void *job, int y0, int y1, void *own),
                        const void *job) DERM_MUST_CHECK;

#endif
