/* SPDX-License-Identifier: Apache-2.0 */
/* The light of a photo: linear, sRGB's primaries, white = 1, >= 0.
 *
 * It is not stored. The photo's samples are, as they were decoded, which takes a quarter of the
 * memory of floats or less; light is made of them a row at a time for whoever reads it. Photos
 * whose profile is no matrix are the exception: their light comes from lcms2, which is slow, and is
 * kept as planes. */
#ifndef DERM_COLOR_LIGHT_H
#define DERM_COLOR_LIGHT_H

#include "color/icc.h"
#include "kernels/filter.h"

struct derm_light {
    int w, h;         /* photo, upright */
    uint8_t *samples; /* R G B interleaved, colour.bits each; NULL: the planes have it */
    ptrdiff_t stride; /* bytes */
    struct derm_colour colour;
    struct derm_plane plane[3];
};

/* lin[3 i + c] = light c of pixel (x + i, y), i = 0 .. n - 1. */
void derm_light_row(const struct derm_light *l, float *lin, int x, int y, int n);

/* The three channels of the light on a grid: out[c](i, j) is its mean over the square
 * [x0 + i step, x0 + (i + 1) step) x ..., as derm_resample_area has it; or, with od_floor > 0, the
 * optical density of that mean, -ln(max(mean, od_floor)). The planes of out are of one size. */
derm_err derm_light_area(const struct derm_filter *f, struct derm_plane out[3],
                         const struct derm_light *l, double x0, double y0, double step,
                         float od_floor) DERM_MUST_CHECK;

/* One channel of it, 0 .. 2: the same means, without the work for the others. */
derm_err derm_light_area_of(const struct derm_filter *f, struct derm_plane *out, int channel,
                            const struct derm_light *l, double x0, double y0,
                            double step) DERM_MUST_CHECK;

#endif
