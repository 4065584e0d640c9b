/* SPDX-License-Identifier: Apache-2.0 */
/* ns per pixel of every row kernel (rows of 4000 samples in cache) and of the plane filters (12 MP,
 * one thread) for each instruction set, as median [p10 .. p90], and how much faster than plain C.
 *
 *   bench_kernels [name] */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cpu.h"
#include "bench.h"
#include "kernels/filter.h"
#include "kernels/response.h"

enum { ROW = 4000, RADIUS = 8, ROWS = 2 * RADIUS + 1, ROUNDS = 15, MAX_WAYS = 4 };
static const int plane_w = 4000, plane_h = 3000;

struct data {
    struct derm_plane row, src, dst[3], x, y;
    struct derm_mask mask, mask2;
    struct derm_labels labels;
    const float *rows[ROWS];
    float t[RADIUS + 1];
};

#define KERNEL(name, ...)                                                                          \
    static derm_err run_##name(const struct derm_filter *f, struct data *d)                        \
    {                                                                                              \
        for (int i = 0; i < 200; i++)                                                              \
            f->k->__VA_ARGS__;                                                                     \
        return DERM_OK;                                                                            \
    }
#define OUT derm_row(&d->row, ROWS)
KERNEL(density, density(OUT, d->rows[0], 1e-3f, ROW))
KERNEL(mix3, mix3(OUT, d->rows[0], d->rows[1], d->rows[2], d->t, ROW))
KERNEL(blur_v, blur_v(OUT, d->rows + RADIUS, d->t, RADIUS, ROW))
KERNEL(blur_h, blur_h(OUT, d->rows[0] + RADIUS, d->t, RADIUS, ROW - 2 * RADIUS))
KERNEL(diff_v, diff_v(OUT, d->rows + RADIUS, d->t, RADIUS, ROW))
KERNEL(diff_h, diff_h(OUT, d->rows[0] + RADIUS, d->t, RADIUS, ROW - 2 * RADIUS))
KERNEL(axpy, axpy(OUT, d->rows[0], d->t[0], ROW))
KERNEL(stencil, stencil(OUT, d->rows[0] + 1, d->rows[1] + 1, d->rows[2] + 1, d->t, ROW - 2))

#define FILTER(name, ...)                                                                          \
    static derm_err run_##name(const struct derm_filter *f, struct data *d)                        \
    {                                                                                              \
        return __VA_ARGS__;                                                                        \
    }
FILTER(gaussian_1, derm_gaussian(f, &d->dst[0], &d->src, 1.0))
FILTER(gaussian_4, derm_gaussian(f, &d->dst[0], &d->src, 4.0))
FILTER(gaussian_8, derm_gaussian(f, &d->dst[0], &d->src, 8.0))
FILTER(gaussian_64, derm_gaussian(f, &d->dst[0], &d->src, 64.0))
FILTER(gaussian_masked_4, derm_gaussian_masked(f, &d->dst[0], &d->src, &d->mask, 4.0))
FILTER(response_2,
       derm_response_rows(f, &d->dst[0], &d->src,
                          &(struct derm_response){ 4, { -1, -4, -1, -4, 20, -4, -1, -4, -1 } },
                          &d->mask, 1))
FILTER(hessian_2, derm_hessian(f, &d->dst[0], &d->dst[1], &d->dst[2], &d->src, 2.0))
FILTER(resample_area_1_5, derm_resample_area(f, &d->dst[0], &d->src, 0.25, 0.5, 1.5))
FILTER(resample_map, derm_resample_map(f, &d->dst[0], &d->src, &d->x, &d->y))
FILTER(dilate_7, derm_dilate(f, &d->mask2, &d->mask, 7.0))

static derm_err run_label(const struct derm_filter *f, struct data *d)
{
    int n;
    return derm_label(f, &d->labels, &d->mask, &n);
}

static derm_err run_masked_median(const struct derm_filter *f, struct data *d)
{
    double median, mad;
    int n;
    return derm_masked_median(f, &d->src, &d->mask, &median, &mad, &n);
}

static const struct {
    const char *name;
    derm_err (*run)(const struct derm_filter *f, struct data *d);
    double px; /* of a call */
    int rounds;
} cases[] = {
#define ROWS_OF(name)                                                                              \
    {                                                                                              \
#name, run_##name, 200.0 * ROW, 3 * ROUNDS                                                 \
    }
#define PLANE_OF(name)                                                                             \
    {                                                                                              \
#name, run_##name, 12e6, ROUNDS / 3                                                        \
    }
    ROWS_OF(density),        ROWS_OF(mix3),
    ROWS_OF(blur_v),         ROWS_OF(blur_h),
    ROWS_OF(diff_v),         ROWS_OF(diff_h),
    ROWS_OF(axpy),           ROWS_OF(stencil),
    PLANE_OF(response_2),    PLANE_OF(gaussian_1),
    PLANE_OF(gaussian_4),    PLANE_OF(gaussian_8),
    PLANE_OF(gaussian_64),   PLANE_OF(gaussian_masked_4),
    PLANE_OF(hessian_2),     PLANE_OF(resample_area_1_5),
    PLANE_OF(resample_map),  PLANE_OF(label),
    PLANE_OF(masked_median), PLANE_OF(dilate_7),
};

struct way {
    const char *name;
    struct derm_kernels k;
    double ns[3 * ROUNDS];
};

static derm_err measure(const struct derm_filter *filter, struct data *d, size_t which,
                        struct way *way, int ways)
{
    const int rounds = cases[which].rounds;
    double plain = 0.0;

    for (int r = -1; r < rounds; r++) { /* the first round warms up */
        for (int w = 0; w < ways; w++) {
            const struct derm_filter f = { &way[w].k, filter->pool, filter->scratch };
            const double start = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
            DERM_TRY(cases[which].run(&f, d));
            if (r < 0) continue;
            way[w].ns[r] =
                1e9 * (bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - start) / cases[which].px;
        }
    }
    for (int w = 0; w < ways; w++) {
        const double median = bench_quantile(way[w].ns, rounds, 0.5);
        if (w == 0) plain = median;
        printf("%-18s %-7s %8.3f  [%7.3f .. %7.3f]  %5.2fx\n", cases[which].name, way[w].name,
               median, bench_quantile(way[w].ns, rounds, 0.1),
               bench_quantile(way[w].ns, rounds, 0.9), plain / median);
    }
    return DERM_OK;
}

static derm_err make_data(struct data *d, struct derm_arena *a)
{
    uint32_t seed = 1;

    DERM_TRY(derm_plane_new(a, &d->row, ROW, ROWS + 1));
    DERM_TRY(derm_plane_new(a, &d->src, plane_w, plane_h));
    for (int i = 0; i < 3; i++)
        DERM_TRY(derm_plane_new(a, &d->dst[i], plane_w, plane_h));
    DERM_TRY(derm_plane_new(a, &d->x, plane_w, plane_h));
    DERM_TRY(derm_plane_new(a, &d->y, plane_w, plane_h));
    DERM_TRY(derm_mask_new(a, &d->mask, plane_w, plane_h));
    DERM_TRY(derm_mask_new(a, &d->mask2, plane_w, plane_h));
    DERM_TRY(derm_labels_new(a, &d->labels, plane_w, plane_h));
    for (int y = 0; y < plane_h; y++) {
        for (int x = 0; x < plane_w; x++) {
            seed = seed * 1664525u + 1013904223u;
            derm_row(&d->src, y)[x] = (float)(seed >> 8) * 0x1p-24f;
            derm_row(&d->x, y)[x] = 0.99f * (float)x + 3.0f;
            derm_row(&d->y, y)[x] = 0.98f * (float)y + 0.01f * (float)x;
        }
    }
    for (int i = 0; i < ROWS; i++) {
        memcpy(derm_row(&d->row, i), derm_row(&d->src, i), ROW * sizeof(float));
        d->rows[i] = derm_row(&d->row, i);
        d->t[i % (RADIUS + 1)] = 0.1f;
    }
    return DERM_OK;
}

/* Spots of a few pixels on a tenth of the plane. */
static derm_err make_mask(const struct derm_filter *f, struct data *d)
{
    DERM_TRY(derm_gaussian(f, &d->dst[0], &d->src, 3.0));
    for (int y = 0; y < plane_h; y++)
        for (int x = 0; x < plane_w; x++)
            derm_mask_row(&d->mask, y)[x] = derm_row(&d->dst[0], y)[x] > 0.535f ? 0xff : 0;
    return DERM_OK;
}

static derm_err run_all(const char *only, struct derm_arena *keep, struct derm_arena *scratch)
{
    static const char *const names[] = { "c", "avx2", "avx512", "neon" };
    static struct way way[MAX_WAYS];
    static struct data d;
    struct derm_pool *pool;
    int ways = 0;

    DERM_TRY(derm_pool_new(&pool, 1, keep->err));
    for (int i = 0; i < MAX_WAYS; i++) {
        unsigned flags;
        if (!derm_cpu_parse(names[i], &flags)) continue;
        way[ways].name = names[i];
        derm_kernels_init(&way[ways++].k, flags);
    }
    const struct derm_filter f = { &way[ways - 1].k, pool, scratch };
    DERM_TRY(make_data(&d, keep));
    DERM_TRY(make_mask(&f, &d));
    printf("%-18s %-7s %8s  [%7s .. %7s]  against plain C\n", "ns per pixel", "", "median", "p10",
           "p90");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (!only || strstr(cases[i].name, only)) DERM_TRY(measure(&f, &d, i, way, ways));
    derm_pool_free(pool);
    return DERM_OK;
}

int main(int argc, char **argv)
{
    struct derm_error err = { 0 };
    struct derm_arena keep, scratch;

    if (derm_arena_init(&keep, (size_t)1 << 30, &err) != DERM_OK ||
        derm_arena_init(&scratch, (size_t)1 << 30, &err) != DERM_OK ||
        run_all(argc > 1 ? argv[1] : NULL, &keep, &scratch) != DERM_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    derm_arena_free(&keep);
    derm_arena_free(&scratch);
    return 0;
}
