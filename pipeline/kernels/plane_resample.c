/* SPDX-License-Identifier: Apache-2.0 */
/* Resampling: exact area means for a regular grid, Catmull-Rom (Keys 1981, a = -1/2) for a free
 * map, 2x2 means. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "kernels/area.h"
#include "kernels/bands.h"

/* ---- area means */
struct area_job {
    const struct derm_kernels *k;
    const struct derm_plane *dst, *src;
    struct derm_area_axis x, y;
};

derm_err derm_area_axis_new(struct derm_arena *a, struct derm_area_axis *axis, double start,
                            double step, int count, int size)
{
    const int taps = (int)ceil(step) + 1;
    float *weight;
    int *first;

    DERM_TRY(derm_arena_new(a, &weight, (size_t)count * (size_t)taps, sizeof(*weight)));
    DERM_TRY(derm_arena_new(a, &first, (size_t)count, sizeof(*first)));
    for (int i = 0; i < count; i++) {
        const double lo = start + i * step, hi = start + (i + 1) * step;
        const double at = floor(lo);
        for (int k = 0; k < taps; k++) {
            const double from = fmax(lo, at + k), to = fmin(hi, at + k + 1.0);
            weight[i * taps + k] = to > from ? (float)((to - from) / (hi - lo)) : 0.0f;
        }
        first[i] = (int)clampd(at, -taps, size);
    }
    *axis = (struct derm_area_axis){ first, weight, taps };
    return DERM_OK;
}

static void area_across(const struct derm_area_axis *axis, float *restrict dst, float *restrict row,
                        int w, int src_w)
{
    for (int i = 1; i <= axis->taps; i++) {
        row[-i] = row[0];
        row[src_w - 1 + i] = row[src_w - 1];
    }
    for (int i = 0; i < w; i++) {
        const float *const x = row + axis->first[i], *const weight = axis->weight + i * axis->taps;
        float sum = 0.0f;
        for (int k = 0; k < axis->taps; k++)
            sum += weight[k] * x[k];
        dst[i] = sum;
    }
}

static size_t area_margin(const struct area_job *j)
{
    return ((size_t)j->x.taps + DERM_LANES - 1) / DERM_LANES * DERM_LANES;
}

static void area_band(const void *job, int y0, int y1, void *own)
{
    const struct area_job *const j = job;
    float *const row = (float *)own + area_margin(j);
    const int left = clampi(j->x.first[0], 0, j->src->w - 1) / DERM_LANES * DERM_LANES;
    const int right = clampi(j->x.first[j->dst->w - 1] + j->x.taps, left + 1, j->src->w);
    const size_t n = (size_t)(right - left);

    for (int y = y0; y < y1; y++) {
        memset(row + left, 0, n * sizeof(*row));
        for (int k = 0; k < j->y.taps; k++) {
            const float weight = j->y.weight[y * j->y.taps + k];
            const int at = clampi(j->y.first[y] + k, 0, j->src->h - 1);
            if (weight > 0.0f) j->k->axpy(row + left, derm_row(j->src, at) + left, weight, n);
        }
        area_across(&j->x, derm_row(j->dst, y), row, j->dst->w, j->src->w);
    }
}

derm_err derm_resample_area(const struct derm_filter *f, struct derm_plane *dst,
                            const struct derm_plane *src, double x0, double y0, double step)
{
    const size_t mark = f->scratch->used;
    struct area_job job = { .k = f->k, .dst = dst, .src = src };

    DERM_TRY(derm_area_axis_new(f->scratch, &job.x, x0, step, dst->w, src->w));
    DERM_TRY(derm_area_axis_new(f->scratch, &job.y, y0, step, dst->h, src->h));
    DERM_TRY(derm_bands_run(
        f, dst->h, sizeof(float) * ((size_t)src->stride + 2 * area_margin(&job)), area_band, &job));
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

/* ---- free map, in runs of pixels, each step a loop that the compiler can vectorise */
enum { RUN = 64 };

struct map_job {
    const struct derm_plane *dst, *src, *x, *y;
};
struct cubic { /* weights of the pixels first .. first + 3 */
    float w[4][RUN];
    int first[RUN];
};

/* A position far outside, or not a number, becomes one just outside. */
static void cubic_weights(struct cubic *c, const float *restrict at, int n, int size)
{
    const float low = -2.0f, high = (float)size + 1.0f;

    for (int i = 0; i < n; i++) {
        const float up = at[i] > low ? at[i] : low, u = up < high ? up : high;
        const int cut = (int)u, base = cut - ((float)cut > u);
        const float t = u - (float)base;
        c->first[i] = base - 1;
        c->w[0][i] = ((2.0f - t) * t - 1.0f) * t * 0.5f;
        c->w[1][i] = ((3.0f * t - 5.0f) * t * t + 2.0f) * 0.5f;
        c->w[2][i] = ((4.0f - 3.0f * t) * t + 1.0f) * t * 0.5f;
        c->w[3][i] = (t - 1.0f) * t * t * 0.5f;
    }
}

static void sum_columns(float *restrict sum, const float *const row[4], const float w[4])
{
    for (int i = 0; i < 4; i++)
        sum[i] = ((w[0] * row[0][i] + w[1] * row[1][i]) + w[2] * row[2][i]) + w[3] * row[3][i];
}

/* The four column sums of the 4 x 4 pixels at (x, y), some of which lie outside. */
static void sum_at_border(float *sum, const struct derm_plane *src, int x, int y, const float w[4])
{
    float near[4][4];
    const float *const row[4] = { near[0], near[1], near[2], near[3] };

    for (int j = 0; j < 4; j++)
        for (int i = 0; i < 4; i++)
            near[j][i] = derm_row(src, clampi(y + j, 0, src->h - 1))[clampi(x + i, 0, src->w - 1)];
    sum_columns(sum, row, w);
}

static void map_run(float *restrict dst, const struct derm_plane *src, const float *x,
                    const float *y, int n)
{
    struct cubic cx, cy;
    float sum[RUN][4];

    cubic_weights(&cx, x, n, src->w);
    cubic_weights(&cy, y, n, src->h);
    for (int i = 0; i < n; i++) {
        const int x0 = cx.first[i], y0 = cy.first[i];
        const float w[4] = { cy.w[0][i], cy.w[1][i], cy.w[2][i], cy.w[3][i] };
        if (x0 >= 0 && y0 >= 0 && x0 + 3 < src->w && y0 + 3 < src->h) {
            const float *const top = derm_row(src, y0) + x0;
            const float *const row[4] = { top, top + src->stride, top + 2 * src->stride,
                                          top + 3 * src->stride };
            sum_columns(sum[i], row, w);
        } else {
            sum_at_border(sum[i], src, x0, y0, w);
        }
    }
    for (int i = 0; i < n; i++)
        dst[i] = ((cx.w[0][i] * sum[i][0] + cx.w[1][i] * sum[i][1]) + cx.w[2][i] * sum[i][2]) +
                 cx.w[3][i] * sum[i][3];
}

static void map_band(const void *job, int y0, int y1, void *own)
{
    const struct map_job *const j = job;

    (void)own;
    for (int y = y0; y < y1; y++)
        for (int x = 0; x < j->dst->w; x += RUN)
            map_run(derm_row(j->dst, y) + x, j->src, derm_row(j->x, y) + x, derm_row(j->y, y) + x,
                    imin(RUN, j->dst->w - x));
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
