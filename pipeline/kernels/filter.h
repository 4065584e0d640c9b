/* SPDX-License-Identifier: Apache-2.0 */
/* Plane filters, built from row kernels: what stages call. Rows are cut in a fixed grid of bands
 * that run on the pool; the result does not depend on the number of threads.
 *
 * sigma_px below 0.7 uses the 3-tap kernel [v/2, 1-v, v/2], v = sigma_px^2, where a sampled
 * Gaussian has the wrong variance; above, a Gaussian truncated at 4 sigma and normalised. Borders
 * replicate. src and dst may be the same plane. All sizes equal unless said otherwise. */
#ifndef DERM_KERNELS_FILTER_H
#define DERM_KERNELS_FILTER_H

#include "base/plane.h"
#include "base/pool.h"
#include "kernels/kernels.h"

struct derm_filter {
    const struct derm_kernels *k;
    struct derm_pool *pool;
    struct derm_arena *scratch; /* used and given back before the call returns */
};

derm_err derm_gaussian(const struct derm_filter *f, struct derm_plane *dst,
                       const struct derm_plane *src, double sigma_px) DERM_MUST_CHECK;

/* The same where the mask is not set; what dst has elsewhere has no meaning. */
derm_err derm_gaussian_outside(const struct derm_filter *f, struct derm_plane *dst,
                               const struct derm_plane *src, const struct derm_mask *mask,
                               double sigma_px) DERM_MUST_CHECK;

/* Normalised convolution G*(src m) / G*(m), m = 1 where the mask is set; 0 where G*(m) < 1e-4. */
derm_err derm_gaussian_masked(const struct derm_filter *f, struct derm_plane *dst,
                              const struct derm_plane *src, const struct derm_mask *mask,
                              double sigma_px) DERM_MUST_CHECK;

/* The same of several planes of one size under one mask, whose G*(m) is made once. */
derm_err derm_gaussian_masked_planes(const struct derm_filter *f, struct derm_plane *dst,
                                     const struct derm_plane *src, int planes,
                                     const struct derm_mask *mask, double sigma_px) DERM_MUST_CHECK;

/* sigma^2 times the second derivatives of G_sigma * src. */
derm_err derm_hessian(const struct derm_filter *f, struct derm_plane *xx, struct derm_plane *xy,
                      struct derm_plane *yy, const struct derm_plane *src,
                      double sigma_px) DERM_MUST_CHECK;

/* dst(i, j) = mean of src over the square [x0 + i step, x0 + (i+1) step) x ... in pixel-edge
 * coordinates (pixel k covers [k, k+1)); step >= 1; exact area weights; outside replicates. */
derm_err derm_resample_area(const struct derm_filter *f, struct derm_plane *dst,
                            const struct derm_plane *src, double x0, double y0,
                            double step) DERM_MUST_CHECK;

/* The same of the light exp(-od) of a plane of optical density. */
derm_err derm_resample_light(const struct derm_filter *f, struct derm_plane *dst,
                             const struct derm_plane *od, double x0, double y0,
                             double step) DERM_MUST_CHECK;

/* The same of a mask: the share of each square that is set. */
derm_err derm_resample_share(const struct derm_filter *f, struct derm_plane *dst,
                             const struct derm_mask *mask, double x0, double y0,
                             double step) DERM_MUST_CHECK;

/* dst(i, j) = src at (x(i, j), y(i, j)), pixel-centre coordinates, Catmull-Rom; borders replicate.
 */
derm_err derm_resample_map(const struct derm_filter *f, struct derm_plane *dst,
                           const struct derm_plane *src, const struct derm_plane *x,
                           const struct derm_plane *y) DERM_MUST_CHECK;

/* Half-resolution copy by 2x2 means; dst is (w+1)/2 x (h+1)/2. */
derm_err derm_half(const struct derm_filter *f, struct derm_plane *dst,
                   const struct derm_plane *src) DERM_MUST_CHECK;

/* 8-connected components of the mask, numbered in raster order of their first pixel; *n objects. */
derm_err derm_label(const struct derm_filter *f, struct derm_labels *labels,
                    const struct derm_mask *mask, int *n) DERM_MUST_CHECK;

/* The same as the spans of set pixels of each row, from left to right: where few pixels are set,
 * they take no plane. Allocated in f->scratch. */
struct derm_span {
    int x0, x1; /* [x0, x1) */
    int object; /* 1..objects */
};
struct derm_spans {
    struct derm_span *span;
    int *row; /* spans of row y: row[y] .. row[y + 1] */
    int objects;
};
derm_err derm_label_spans(const struct derm_filter *f, struct derm_spans *spans,
                          const struct derm_mask *mask) DERM_MUST_CHECK;

/* Median and 1.4826 x median absolute deviation (mad NULL: not asked for) of src where the mask is
 * set; exact. Both 0 when the mask is empty; *count pixels were used. */
derm_err derm_masked_median(const struct derm_filter *f, const struct derm_plane *src,
                            const struct derm_mask *mask, double *median, double *mad,
                            int *count) DERM_MUST_CHECK;

/* Binary morphology with a disc of radius_px, exact Euclidean; radius_px >= 0. */
derm_err derm_dilate(const struct derm_filter *f, struct derm_mask *dst,
                     const struct derm_mask *src, double radius_px) DERM_MUST_CHECK;
derm_err derm_erode(const struct derm_filter *f, struct derm_mask *dst, const struct derm_mask *src,
                    double radius_px) DERM_MUST_CHECK;

/* Own elementary functions, the same bits on every machine (libm's differ). Relative error <= 2e-7
 * (ln: absolute near 1). */
float derm_lnf(float x);   /* x > 0, finite, normal */
float derm_expf(float x);  /* clamped to [-87, 88] */
float derm_cbrtf(float x); /* x >= 0 */

#endif
