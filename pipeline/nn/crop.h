/* SPDX-License-Identifier: Apache-2.0 */
/* The picture that a network gets: a turned square of the photo, reduced without aliasing.
 *
 * Coordinates here are continuous: pixel k covers [k, k + 1). */
#ifndef DERM_NN_CROP_H
#define DERM_NN_CROP_H

#include "base/plane.h"
#include "nn/nn.h"

struct derm_window { /* whole photo px, end excluded */
    int x0, y0, x1, y1;
};

/* A window of the photo shrunk by a whole factor (means over squares), R G B interleaved, 0..255.
 */
struct derm_thumb {
    float *px;
    int w, h, factor;
    struct derm_window window;
};

/* The factor for networks that see step photo px per sample: it leaves one to two thumb px a
 * sample, which bilinear sampling takes without aliasing. */
int derm_thumb_factor(double step);
/* window lies inside the photo; NULL: all of it. */
derm_err derm_thumb_new(const struct derm_nn *nn, struct derm_arena *a, struct derm_thumb *thumb,
                        const struct derm_rgb8 *rgb, const struct derm_window *window,
                        int factor) DERM_MUST_CHECK;

/* A square of the photo, its axes turned by the angle that has this cosine and sine. */
struct derm_crop {
    double x, y, side; /* centre and side, photo px */
    double cosine, sine;
};

/* photo = m (u, v, 1) for samples u, v in [0, size]. */
void derm_crop_matrix(double m[2][3], const struct derm_crop *crop, int size);

enum derm_border { DERM_BORDER_ZERO, DERM_BORDER_REPLICATE };

/* out[v][u][channel] = gain * photo + offset at the centres of w x h samples, bilinear. The border
 * is that of the thumb's window. */
void derm_thumb_sample(const struct derm_thumb *thumb, float *out, int w, int h, double m[2][3],
                       enum derm_border border, const float gain_offset[2]);

#endif
