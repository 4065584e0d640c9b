/* SPDX-License-Identifier: Apache-2.0 */
/* ns per pixel of every row kernel (rows of 4000 samples in cache) and of the plane filters (12 MP,
 * one thread) for each instruction set, as median [p10 .. p90], how much faster than plain C, and
 * as the share of what this machine can do: the least time that the floating point operations take
 * at its peak (peak.h; of fused multiply-adds, which kernels may not use, so half is the most), or
 * that the bytes take at the speed of memory, whichever is longer. Both are measured in the same
 * run.
 *
 *   bench_kernels [name] */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cpu.h"
#include "bench.h"
#include "kernels/filter.h"
#include "kernels/response.h"
#include "peak.h"

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
KERNEL(blur_v, blur_v(&(float *){ OUT }, 1, d->rows + RADIUS, d->t, RADIUS, ROW))
KERNEL(blur_h, blur_h(OUT, d->rows[0] + RADIUS, d->t, RADIUS, ROW - 2 * RADIUS))
KERNEL(diff_v, diff_v(&(float *){ OUT }, 1, d->rows + RADIUS, d->t, RADIUS, ROW))
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
    double flops, bytes; /* of a pixel: operations; what must come from memory and go there. 0: not
                            counted, or in the cache */
} cases[] = {
#define ROWS_OF(name, flops)                                                                       \
    {                                                                                              \
#name, run_##name, 200.0 * ROW, 3 * ROUNDS, flops, 0                                       \
    }
#define PLANE_OF(name, flops, bytes)                                                               \
    {                                                                                              \
#name, run_##name, 12e6, ROUNDS / 3, flops, bytes                                          \
    }
#define TAPS(radius) (1 + 3 * (radius)) /* operations of a filter along one direction */
    ROWS_OF(density, 29),
    ROWS_OF(mix3, 5),
    ROWS_OF(blur_v, TAPS(RADIUS)),
    ROWS_OF(blur_h, TAPS(RADIUS)),
    ROWS_OF(diff_v, TAPS(RADIUS) - 1),
    ROWS_OF(diff_h, TAPS(RADIUS) - 1),
    ROWS_OF(axpy, 2),
    ROWS_OF(stencil, 17),
    PLANE_OF(response_2, 2 * TAPS(8) + 17, 9),
    PLANE_OF(gaussian_1, 2 * TAPS(4), 8),
    PLANE_OF(gaussian_4, 2 * TAPS(16), 8),
    PLANE_OF(gaussian_8, 2 * TAPS(32), 8),
    PLANE_OF(gaussian_64, 0, 8),
    PLANE_OF(gaussian_masked_4, 4 * TAPS(16) + 2, 9),
    PLANE_OF(hessian_2, 6 * TAPS(8), 16),
    PLANE_OF(resample_area_1_5, 0, 8),
    PLANE_OF(resample_map, 64, 16),
    PLANE_OF(label, 0, 5),
    PLANE_OF(masked_median, 0, 5),
    PLANE_OF(dilate_7, 0, 2),
};

struct way {
    const char *name;
    struct derm_kernels k;
    double flops_per_ns; /* the machine's peak with it; 0: not known */
    double ns[3 * ROUNDS];
};

static double fastest(const double *x, int n)
{
    double least = x[0];

    for (int i = 1; i < n; i++)
        least = fmin(least, x[i]);
    return least;
}

/* Bytes per ns of a = b + k c over planes larger than any cache, 3 x 4 bytes a pixel. */
static double memory_speed(const struct data *d)
{
    const size_t n = (size_t)d->src.stride * (size_t)plane_h;
    const float *restrict const b = d->src.px, *restrict const c = d->dst[1].px;
    float *restrict const a = d->dst[0].px;
    double ns[ROUNDS];

    for (int r = 0; r < ROUNDS; r++) {
        const double start = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
        for (size_t i = 0; i < n; i++)
            a[i] = b[i] + 0.5f * c[i];
        ns[r] = 1e9 * (bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - start);
    }
    return 12.0 * (double)n / fastest(ns, ROUNDS);
}

static double peak_of(const char *isa) /* operations per ns */
{
    double ns[ROUNDS], flops = 0.0;

    for (int r = 0; r < ROUNDS; r++) {
        const double start = bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
        flops = peak_run(isa);
        ns[r] = 1e9 * (bench_seconds(CLOCK_PROCESS_CPUTIME_ID) - start);
    }
    return flops / fastest(ns, ROUNDS);
}

static void print_share(size_t which, const struct way *way, double bytes_per_ns, double median)
{
    const double memory = cases[which].bytes / bytes_per_ns;
    const double work = way->flops_per_ns > 0.0 ? cases[which].flops / way->flops_per_ns : 0.0;

    printf("  %5.1f %% of %s\n", 100.0 * fmax(memory, work) / median,
           memory > work ? "memory" : "arithmetic");
}

static derm_err measure(const struct derm_filter *filter, struct data *d, size_t which,
                        struct way *way, int ways, double bytes_per_ns)
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
        printf("%-18s %-7s %8.3f  [%7.3f .. %7.3f]  %5.2fx", cases[which].name, way[w].name, median,
               bench_quantile(way[w].ns, rounds, 0.1), bench_quantile(way[w].ns, rounds, 0.9),
               plain / median);
        print_share(which, &way[w], bytes_per_ns, median);
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
        way[ways].flops_per_ns = peak_of(names[i]);
        derm_kernels_init(&way[ways++].k, flags);
    }
    const struct derm_filter f = { &way[ways - 1].k, pool, scratch };
    DERM_TRY(make_data(&d, keep));
    DERM_TRY(make_mask(&f, &d));
    const double bytes_per_ns = memory_speed(&d);
    printf("memory %.1f GB/s; peak of arithmetic, GFLOP/s:", bytes_per_ns);
    for (int w = 0; w < ways; w++)
        printf(" %s %.0f", way[w].name, way[w].flops_per_ns);
    printf("\n%-18s %-7s %8s  [%7s .. %7s]  against C  share of the bound\n", "ns per pixel", "",
           "median", "p10", "p90");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (!only || strstr(cases[i].name, only))
            DERM_TRY(measure(&f, &d, i, way, ways, bytes_per_ns));
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
