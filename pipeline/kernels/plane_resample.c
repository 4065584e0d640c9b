/* SPDX-License-Identifier: Apache-2.0 */
/* Resampling: exact area means for a regular grid, Catmull-Rom (Keys 1981, a = -1/2) for a free
 * map, 2x2 means. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "kernels/bands.h"

/* ---- area means */
struct area_job {
    const struct derm_kernels *k;
    const struct derm_plane *dst, *src;
    double x0, y0, step;
};

/* The share of pixel i in the mean over [a, b). */
static float area_weight(int i, double a, double b)
{
    const double lo = a > i ? a : i, hi = b < i + 1 ? b : i + 1;
    return hi > lo ? (float)((hi - lo) / (b - a)) : 0.0f;
}

static void area_across(const struct area_job *j, float *restrict dst, const float *restrict row)
{
    for (int i = 0; i < j->dst->w; i++) {
        const double a = j->x0 + i * j->step, b = j->x0 + (i + 1) * j->step;
        const int first = (int)floor(a), last = (int)ceil(b) - 1;
        float sum = 0.0f;
        for (int x = first; x <= last; x++)
            sum += area_weight(x, a, b) * row[clampi(x, 0, j->src->w - 1)];
        dst[i] = sum;
    }
}

static void area_band(const void *job, int y0, int y1, void *own)
{
    const struct area_job *const j = job;
    const size_t w = (size_t)j->src->w;
    float *const row = own;

    for (int y = y0; y < y1; y++) {
        const double a = j->y0 + y * j->step, b = j->y0 + (y + 1) * j->step;
        const int first = (int)floor(a), last = (int)ceil(b) - 1;
        memset(row, 0, w * sizeof(*row));
        for (int i = first; i <= last; i++)
            j->k->axpy(row, derm_row(j->src, clampi(i, 0, j->src->h - 1)), area_weight(i, a, b), w);
        area_across(j, derm_row(j->dst, y), row);
    }
}

derm_err derm_resample_area(const struct derm_filter *f, struct derm_plane *dst,
                            const struct derm_plane *src, double x0, double y0, double step)
{
    const struct area_job job = { f->k, dst, src, x0, y0, step };

    return derm_bands_run(f, dst->h, sizeof(float) * (size_t)src->stride, area_band, &job);
}

/* ---- free map */
struct map_job {
    const struct derm_plane *dst, *src, *x, *y;
};

/* Weights of the pixels floor(u) - 1 .. floor(u) + 2; *first is the least. A position far outside,
 * or not a number, becomes one just outside. */
static void cubic_weights(float w[4], int *first, float u, int size)
{
    const float low = -2.0f, high = (float)size + 1.0f;
    const float at = u > low ? (u < high ? u : high) : low, base = floorf(at), t = at - base;

    *first = (int)base - 1;
    w[0] = ((2.0f - t) * t - 1.0f) * t * 0.5f;
    w[1] = ((3.0f * t - 5.0f) * t * t + 2.0f) * 0.5f;
    w[2] = ((4.0f - 3.0f * t) * t + 1.0f) * t * 0.5f;
    w[3] = (t - 1.0f) * t * t * 0.5f;
}

static float cubic_at(const struct derm_plane *src, float x, float y)
{
    float wx[4], wy[4], sum = 0.0f;
    int x0, y0, at[4];

    cubic_weights(wx, &x0, x, src->w);
    cubic_weights(wy, &y0, y, src->h);
    for (int i = 0; i < 4; i++)
        at[i] = clampi(x0 + i, 0, src->w - 1);
    for (int j = 0; j < 4; j++) {
        const float *const row = derm_row(src, clampi(y0 + j, 0, src->h - 1));
        sum += wy[j] *
               (wx[0] * row[at[0]] + wx[1] * row[at[1]] + wx[2] * row[at[2]] + wx[3] * row[at[3]]);
    }
    return sum;
}

static void map_band(const void *job, int y0, int y1, void *own)
{
    const struct map_job *const j = job;

    (void)own;
    for (int y = y0; y < y1; y++) {
        const float *const mx = derm_row(j->x, y), *const my = derm_row(j->y, y);
        float *const dst = derm_row(j->dst, y);
        for (int x = 0; x < j->dst->w; x++)
            dst[x] = cubic_at(j->src, mx[x], my[x]);
    }
}

derm_err derm_resample_map(const struct derm_filter *f, struct derm_plane *dst,
                           const struct derm_plane *src, const struct derm_plane *x,
                           const struct derm_plane *y)
{
    const struct map_job job = { dst, src, x, y };

    return derm_bands_run(f, dst->h, 0, map_band, &job);
}

/* ---- half resolution */
struct half_job {
    const struct derm_plane *dst, *src;
};

static void half_band(const void *job, int y0, int y1, void *own)
{
    const struct half_job *const j = job;
    const int w = j->src->w;

    (void)own;
    for (int y = y0; y < y1; y++) {
        const float *const a = derm_row(j->src, 2 * y);
        const float *const b = derm_row(j->src, imin(2 * y + 1, j->src->h - 1));
        float *const dst = derm_row(j->dst, y);
        for (int x = 0; x < w / 2; x++)
            dst[x] = 0.25f * ((a[2 * x] + a[2 * x + 1]) + (b[2 * x] + b[2 * x + 1]));
        if (w % 2) dst[w / 2] = 0.5f * (a[w - 1] + b[w - 1]);
    }
}

derm_err derm_half(const struct derm_filter *f, struct derm_plane *dst,
                   const struct derm_plane *src)
{
    const struct half_job job = { dst, src };

    return derm_bands_run(f, dst->h, 0, half_band, &job);
}
