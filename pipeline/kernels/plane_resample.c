/* SPDX-License-Identifier: Apache-2.0 */
/* Resampling: exact area means for a regular grid, Catmull-Rom for a free map, 2x2 means. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/num.h"
#include "kernels/area.h"
#include "kernels/bands.h"

/* ---- area means */
struct area_job {
    const struct derm_kernels *k;
    const struct derm_plane *dst, *src;
    const struct derm_mask *mask; /* instead of src when not NULL: 1 where it is set */
    bool is_density;              /* of src: its light is averaged */
    int src_w, src_h;
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

/* taps is known where this is inlined, but for the last of area_across. */
static inline void weigh(const struct derm_area_axis *axis, float *restrict dst,
                         const float *restrict row, int w, int taps)
{
    const float *weight = axis->weight;

    for (int i = 0; i < w; i++, weight += taps) {
        const float *const x = row + axis->first[i];
        float sum = 0.0f;

        for (int k = 0; k < taps; k++)
            sum += weight[k] * x[k];
        dst[i] = sum;
    }
}

static void area_across(const struct derm_area_axis *axis, float *restrict dst, float *restrict row,
                        int w, int src_w)
{
    for (int i = 1; i <= axis->taps; i++) {
        row[-i] = row[0];
        row[src_w - 1 + i] = row[src_w - 1];
    }
    if (axis->taps == 2)
        weigh(axis, dst, row, w, 2);
    else if (axis->taps == 3)
        weigh(axis, dst, row, w, 3);
    else if (axis->taps == 4)
        weigh(axis, dst, row, w, 4);
    else if (axis->taps == 5)
        weigh(axis, dst, row, w, 5);
    else
        weigh(axis, dst, row, w, axis->taps);
}

static size_t area_margin(const struct area_job *j)
{
    return ((size_t)j->x.taps + DERM_LANES - 1) / DERM_LANES * DERM_LANES;
}

/* Floats that a row of src takes, padded. */
static size_t area_row(const struct area_job *j)
{
    return ((size_t)j->src_w + DERM_LANES - 1) / DERM_LANES * DERM_LANES;
}

/* Row y of the source; made: where to make it when it is not there as it is. Neighbouring rows of
 * dst share a row, which is made once: *held is the row that made has. */
static const float *source_row(const struct area_job *j, int y, float *restrict made, int *held)
{
    const bool has_it = y == *held;

    if (!j->mask && !j->is_density) return derm_row(j->src, y);
    *held = y;
    if (has_it) return made;
    if (j->is_density) {
        j->k->light(made, derm_row(j->src, y), (size_t)j->src_w);
    } else {
        const uint8_t *const restrict set = derm_mask_row(j->mask, y);

        for (int x = 0; x < j->src_w; x++)
            made[x] = set[x] ? 1.0f : 0.0f;
    }
    return made;
}

static void area_band(const void *job, int y0, int y1, void *own)
{
    const struct area_job *const j = job;
    float *const row = (float *)own + area_margin(j), *const made =
                                                          row + area_row(j) + area_margin(j);
    const int left = clampi(j->x.first[0], 0, j->src_w - 1) / DERM_LANES * DERM_LANES;
    const int right = clampi(j->x.first[j->dst->w - 1] + j->x.taps, left + 1, j->src_w);
    const size_t n = (size_t)(right - left);
    int held = -1;

    for (int y = y0; y < y1; y++) {
        float *const sum = row + left;
        bool begun = false;

        for (int k = 0; k < j->y.taps; k++) {
            const float weight = j->y.weight[y * j->y.taps + k];
            const int at = clampi(j->y.first[y] + k, 0, j->src_h - 1);
            const float *from;

            if (!(weight > 0.0f)) continue;
            from = source_row(j, at, made, &held) + left;
            if (begun)
                j->k->axpy(sum, from, weight, n);
            else
                j->k->blur_v(&sum, 1, &from, &weight, 0, n);
            begun = true;
        }
        area_across(&j->x, derm_row(j->dst, y), row, j->dst->w, j->src_w);
    }
}

static derm_err run_area(const struct derm_filter *f, struct area_job *job, double x0, double y0,
                         double step)
{
    const size_t mark = f->scratch->used;
    const struct derm_plane *const dst = job->dst;
    size_t floats;

    DERM_TRY(derm_area_axis_new(f->scratch, &job->x, x0, step, dst->w, job->src_w));
    DERM_TRY(derm_area_axis_new(f->scratch, &job->y, y0, step, dst->h, job->src_h));
    floats = 2 * (area_row(job) + area_margin(job));
    DERM_TRY(derm_bands_run(f, dst->h, sizeof(float) * floats, area_band, job));
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

derm_err derm_resample_area(const struct derm_filter *f, struct derm_plane *dst,
                            const struct derm_plane *src, double x0, double y0, double step)
{
    struct area_job job = { .k = f->k, .dst = dst, .src = src, .src_w = src->w, .src_h = src->h };

    return run_area(f, &job, x0, y0, step);
}

derm_err derm_resample_light(const struct derm_filter *f, struct derm_plane *dst,
                             const struct derm_plane *od, double x0, double y0, double step)
{
    struct area_job job = {
        .k = f->k, .dst = dst, .src = od, .is_density = true, .src_w = od->w, .src_h = od->h
    };

    return run_area(f, &job, x0, y0, step);
}

derm_err derm_resample_share(const struct derm_filter *f, struct derm_plane *dst,
                             const struct derm_mask *mask, double x0, double y0, double step)
{
    struct area_job job = {
        .k = f->k, .dst = dst, .mask = mask, .src_w = mask->w, .src_h = mask->h
    };

    return run_area(f, &job, x0, y0, step);
}

/* ---- free map */
struct map_job {
    const struct derm_kernels *k;
    const struct derm_plane *dst, *src, *x, *y;
};

static void map_band(const void *job, int y0, int y1, void *own)
{
    const struct map_job *const j = job;
    const struct derm_raster from = { j->src->w, j->src->h, j->src->stride };
    const float *const src = j->src->px;

    (void)own;
    for (int y = y0; y < y1; y++) {
        float *const dst = derm_row(j->dst, y);
        j->k->cubic(&dst, &src, 1, &from, derm_row(j->x, y), derm_row(j->y, y), (size_t)j->dst->w);
    }
}

derm_err derm_resample_map(const struct derm_filter *f, struct derm_plane *dst,
                           const struct derm_plane *src, const struct derm_plane *x,
                           const struct derm_plane *y)
{
    const struct map_job job = { f->k, dst, src, x, y };

    return derm_bands_run(f, dst->h, 0, map_band, &job);
}

/* ---- half resolution */
struct half_job {
    const struct derm_kernels *k;
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
        if (w > 1) j->k->half(dst, a, b, (size_t)w / 2);
        if (w % 2) dst[w / 2] = 0.5f * (a[w - 1] + b[w - 1]);
    }
}

derm_err derm_half(const struct derm_filter *f, struct derm_plane *dst,
                   const struct derm_plane *src)
{
    const struct half_job job = { f->k, dst, src };

    return derm_bands_run(f, dst->h, 0, half_band, &job);
}
