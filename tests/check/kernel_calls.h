/* SPDX-License-Identifier: Apache-2.0 */
/* One call of each row kernel, on inputs that all of them share. */
#ifndef DERM_TESTS_KERNEL_CALLS_H
#define DERM_TESTS_KERNEL_CALLS_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernels/kernels.h"

enum {
    LONGEST = 4099,
    REACH = 64, /* samples readable before and after a row */
    ROUND = 16, /* a kernel may write up to the next multiple */
    MAX_RADIUS = 33,
    MAX_ROWS = 2 * MAX_RADIUS + 1,
    ROW = REACH + (LONGEST + REACH) / REACH * REACH + REACH,
    TOP = 100 /* inputs up to 2^100: sums of MAX_ROWS products stay finite */
};

struct input {
    const float *row[MAX_ROWS];
    float t[MAX_RADIUS + 1];
    int radius;
    size_t n;
};

/* Calls; out is inout for axpy. */
static void call_density(const struct derm_kernels *k, float *out, const struct input *in)
{
    k->density(out, in->row[0], fabsf(in->t[0]) > FLT_MIN ? fabsf(in->t[0]) : FLT_MIN, in->n);
}
static void call_light(const struct derm_kernels *k, float *out, const struct input *in)
{
    k->light(out, in->row[0], in->n);
}
static void call_mix3(const struct derm_kernels *k, float *out, const struct input *in)
{
    k->mix3(out, in->row[0], in->row[1], in->row[2], in->t, in->n);
}
static void call_half(const struct derm_kernels *k, float *out, const struct input *in)
{
    const size_t half = in->n / 2;

    if (half > 0) k->half(out, in->row[0], in->row[1], half);
    for (size_t i = half; i < in->n; i++)
        out[i] = in->row[0][i];
}
static void call_half_masked(const struct derm_kernels *k, float *out, const struct input *in)
{
    static uint8_t mask[2][LONGEST];
    const size_t half = in->n / 2;

    for (size_t i = 0; i < in->n; i++) {
        mask[0][i] = in->row[2][i] > 0.0f ? 0xff : 0x00;
        mask[1][i] = in->row[3][i] > 0.0f ? 0xff : 0x00;
    }
    if (half > 0) k->half_masked(out, in->row[0], in->row[1], mask[0], mask[1], half);
    for (size_t i = half; i < in->n; i++)
        out[i] = in->row[0][i];
}
/* One of as many rows as there may be. */
static void call_down(void (*down)(float *const *out, int rows, const float *const *row,
                                   const float *t, int radius, size_t n),
                      float *out, const struct input *in)
{
    static _Alignas(64) float beside[DERM_DOWN_ROWS][ROW];
    const int rows = 1 + (int)(in->n + (size_t)in->radius) % DERM_DOWN_ROWS;
    const int radius = in->radius < MAX_RADIUS - 1 ? in->radius : MAX_RADIUS - 2;
    float *to[DERM_DOWN_ROWS];

    for (int i = 0; i < rows; i++)
        to[i] = i == in->radius % rows ? out : beside[i];
    down(to, rows, in->row + radius, in->t, radius, in->n);
}
static void call_blur_v(const struct derm_kernels *k, float *out, const struct input *in)
{
    call_down(k->blur_v, out, in);
}
static void call_blur_h(const struct derm_kernels *k, float *out, const struct input *in)
{
    k->blur_h(out, in->row[0] + in->radius % 3, in->t, in->radius, in->n); /* may be unaligned */
}
static void call_diff_v(const struct derm_kernels *k, float *out, const struct input *in)
{
    call_down(k->diff_v, out, in);
}
static void call_diff_h(const struct derm_kernels *k, float *out, const struct input *in)
{
    k->diff_h(out, in->row[0] + in->radius % 3, in->t, in->radius, in->n);
}
static void call_axpy(const struct derm_kernels *k, float *out, const struct input *in)
{
    for (size_t i = 0; i < in->n; i++)
        out[i] = in->row[1][i];
    k->axpy(out, in->row[0], in->t[0], in->n);
}

/* n outputs as pixels of cout channels, in as many splits as radius and n allow. Weights stay below
 * one, so that sums stay finite. */
static void call_nn(const struct derm_kernels *k, float *out, const struct input *in, bool depth)
{
    enum { TAPS = 3, CIN = 5, WEIGHTS = TAPS * CIN * (LONGEST + DERM_NN_GROUP) };
    static float weight[WEIGHTS];
    const float *tap[TAPS * (MAX_RADIUS + 1)];
    const size_t pixels = in->n % (size_t)(in->radius + 1) ? 1 : (size_t)in->radius + 1;
    const int cout = (int)(in->n / pixels);
    const struct derm_nn_shape s = { 1 + in->radius % TAPS, depth ? cout : 1 + in->radius % CIN,
                                     cout };

    for (int i = 0; i < WEIGHTS; i++)
        weight[i] = in->row[10 + i / LONGEST][i % LONGEST] * 0x1p-100f;
    for (int t = 0; t < s.taps; t++)
        for (size_t p = 0; p < pixels; p++)
            tap[(size_t)t * pixels + p] = in->row[2 + t] + p % REACH;
    (depth ? k->nn_depth : k->nn_dense)(out, tap, weight, in->row[1], &s, pixels);
}
static void call_nn_dense(const struct derm_kernels *k, float *out, const struct input *in)
{
    call_nn(k, out, in, false);
}
static void call_nn_depth(const struct derm_kernels *k, float *out, const struct input *in)
{
    call_nn(k, out, in, true);
}

/* Places in and around a raster made of all input rows; wild rows give wild places. Every third
 * time places that mostly read neighbouring pixels, as those of a map of skin do. */
static void call_cubic(const struct derm_kernels *k, float *out, const struct input *in)
{
    static float x[LONGEST], y[LONGEST], other[LONGEST];
    const bool smooth = in->radius % 3 == 0;
    const struct derm_raster size = { smooth ? LONGEST : 4 + in->radius, MAX_ROWS - 4, ROW };
    const float *const src[2] = { in->row[0], in->row[1] };
    float *const dst[2] = { in->radius % 2 ? other : out, in->radius % 2 ? out : other };

    for (size_t i = 0; i < in->n; i++) {
        const float u = in->row[MAX_ROWS - 1][i], v = in->row[MAX_ROWS - 2][i];
        x[i] = smooth ? (float)i * 1.04f - 2.0f + 0.1f * v : u * (float)(size.w + 6) - 3.0f;
        y[i] = smooth ? (float)i * 0.07f - 0.2f : v * (float)(size.h + 6) - 3.0f;
    }
    if (in->n > 40) x[40] = y[39] = NAN;
    k->cubic(dst, src, 2, &size, x, y, in->n);
}

/* Lattices of 2 to 10 nodes, finer and coarser than the pixels, within the row and beyond it. */
static void call_between_nodes(const struct derm_kernels *k, float *out, const struct input *in)
{
    const double per_px = 0.03 + 0.2 * fabs((double)in->t[0]);
    const struct derm_nodes nodes = { .upper = in->row[0],
                                      .lower = in->row[1],
                                      .below = in->t[1],
                                      .n = 2 + in->radius % 9,
                                      .u0 = (double)in->t[2],
                                      .per_px = per_px,
                                      .px_per_cell = 1 / per_px,
                                      .scale = 0.5 + (double)in->t[3],
                                      .offset = (double)in->t[4] };

    k->between_nodes(out, &nodes, in->n);
}

/* The same for doubles, down to rasters of one column or row. The corners are summed up, too. */
static void call_bilinear(const struct derm_kernels *k, float *out, const struct input *in)
{
    static double x[LONGEST], y[LONGEST];
    static float other[LONGEST];
    static int32_t corner[LONGEST];
    const struct derm_raster size = { 1 + in->radius, in->radius == 2 ? 1 : MAX_ROWS - 4, ROW };
    const float *const src[2] = { in->row[0], in->row[1] };
    float *const dst[2] = { in->radius % 2 ? other : out, in->radius % 2 ? out : other };

    for (size_t i = 0; i < in->n; i++) {
        x[i] = (double)in->row[MAX_ROWS - 1][i] * (size.w + 6) - 3;
        y[i] = (double)in->row[MAX_ROWS - 2][i] * (size.h + 6) - 3;
    }
    k->bilinear(dst, corner, src, 2, &size, x, y, in->n);
    for (size_t i = 0; i < in->n; i++)
        out[i] = out[i] * (float)(1 + corner[i] % 8);
}

/* Three planes mixed, places as above. */
static void call_bilinear_mix(const struct derm_kernels *k, float *out, const struct input *in)
{
    static double x[LONGEST], y[LONGEST];
    const struct derm_raster size = { 1 + in->radius, in->radius == 2 ? 1 : MAX_ROWS - 4, ROW };
    const float *const src[3] = { in->row[0], in->row[1], in->row[2] };

    for (size_t i = 0; i < in->n; i++) {
        x[i] = (double)in->row[MAX_ROWS - 1][i] * (size.w + 6) - 3;
        y[i] = (double)in->row[MAX_ROWS - 2][i] * (size.h + 6) - 3;
    }
    k->bilinear_mix(out, src, in->t, &size, x, y, in->n);
}

/* Flags as numbers; places in and around rasters down to one column or row, and on their edges. */
static void call_is_measured(const struct derm_kernels *k, float *out, const struct input *in)
{
    enum { HIGH = 9 };
    static double x[LONGEST], y[LONGEST];
    static uint8_t where[HIGH][ROW], is[LONGEST];
    static uint16_t own[HIGH][ROW];
    const struct derm_raster size = { 1 + in->radius, in->radius == 3 ? 1 : HIGH, ROW };

    for (int j = 0; j < HIGH; j++)
        for (int i = 0; i < ROW; i++) {
            where[j][i] = in->row[j][i] > 0.1f ? 0xff : 0x00;
            own[j][i] = (uint16_t)(5 * i + 3 * j);
        }
    for (size_t i = 0; i < in->n; i++) {
        const double u = (double)in->row[MAX_ROWS - 1][i], v = (double)in->row[MAX_ROWS - 2][i];
        x[i] = i % 5 ? u * (size.w + 2) - 1 : size.w - 1;
        y[i] = i % 7 ? v * (size.h + 2) - 1 : 0;
    }
    k->is_measured(is, where[0], own[0], 6, &size, x, y, in->n);
    for (size_t i = 0; i < in->n; i++)
        out[i] = is[i];
}

/* Every third row has what is not measured; sums and counts as one number. */
static void call_middle_halves(const struct derm_kernels *k, float *out, const struct input *in)
{
    static float px[DERM_SORTED][ROW];
    static double sum[LONGEST];
    static int32_t count[LONGEST];

    for (int r = 0; r < DERM_SORTED; r++)
        for (size_t i = 0; i < in->n; i++)
            px[r][i] = in->row[r][i] > 0.1f && r % 3 == 0 ? INFINITY : in->row[r + 1][i];
    for (size_t i = 0; i < in->n; i++) {
        sum[i] = (double)in->row[20][i];
        count[i] = (int32_t)i;
    }
    k->middle_halves(sum, count, px[0], ROW, 1 + in->radius % DERM_SORTED, in->n);
    for (size_t i = 0; i < in->n; i++)
        out[i] = (float)(sum[i] + count[i]);
}

/* Samples stay below 2^25 and masks are 0 or 1, so that cubes stay finite. */
static void call_correlate(const struct derm_kernels *k, float *out, const struct input *in)
{
    enum { TERMS = 12 };
    static _Alignas(64) float px[2][TERMS][LONGEST + REACH], mask[2][TERMS][LONGEST + REACH];
    static _Alignas(64) float other[2][LONGEST + REACH];
    struct derm_samples side[2][TERMS];
    float *sum[3];

    for (int s = 0; s < 2; s++)
        for (int t = 0; t < TERMS; t++) {
            for (size_t i = 0; i < in->n; i++) {
                const float v = in->row[s * TERMS + t][i];
                mask[s][t][i + (size_t)s] = v > 0.1f ? 1.0f : 0.0f;
                px[s][t][i + (size_t)s] = v > 0.1f ? v * 0x1p-75f : 0.0f;
            }
            side[s][t] = (struct derm_samples){ px[s][t] + s, mask[s][t] + s };
        }
    for (int c = 0, o = 0; c < 3; c++)
        sum[c] = c == in->radius % 3 ? out : other[o++];
    k->correlate(sum, side[0], side[1], 4 + in->radius % 3 * 4, in->n);
}

static void call_distances2(const struct derm_kernels *k, float *out, const struct input *in)
{
    static int32_t d[LONGEST];
    const size_t length = 128 - (size_t)in->radius;
    static int16_t bytes[sizeof(float) * ROW * (MAX_ROWS - 1)];
    const uint8_t *const from = (const uint8_t *)in->row[0];
    const size_t most = sizeof(float) * ROW * (MAX_ROWS - 1) / length;
    const size_t n = in->n < most ? in->n : most;

    for (size_t i = 0; i < n * length; i++)
        bytes[i] = from[i];
    k->distances2(d, bytes + in->radius, bytes, length, n);
    for (size_t i = 0; i < in->n; i++)
        out[i] = (float)d[i];
}

static void call_peaks(const struct derm_kernels *k, float *out, const struct input *in)
{
    static uint8_t peak[LONGEST];
    const float *const hi = in->row[1 + in->radius % 2], *const lo = in->row[4];

    k->peaks(peak, hi, lo, ROW, fabsf(in->t[0]), in->n);
    for (size_t i = 0; i < in->n; i++)
        out[i] = (float)peak[i];
}

static void call_stencil(const struct derm_kernels *k, float *out, const struct input *in)
{
    const float *const *const row = in->row;

    k->stencil(out, row[0] + in->radius % 3, row[1], row[2], in->t, in->n);
}

/* Flags as numbers. */
static void call_exceeds(const struct derm_kernels *k, float *out, const struct input *in)
{
    uint8_t block[LONGEST / DERM_BLOCK + 2];
    const size_t blocks = (in->n + DERM_BLOCK - 1) / DERM_BLOCK;

    block[blocks] = 2;
    k->exceeds(block, in->row[0], 0.999f * in->row[1][0], in->n);
    for (size_t i = 0; i < in->n; i++)
        out[i] = i <= blocks ? block[i] : 0.0f;
}

/* Flags as numbers, the last one with how many are set. */
static void call_lines(const struct derm_kernels *k, float *out, const struct input *in)
{
    static uint8_t may[LONGEST], where[LONGEST];
    const struct derm_line_limits limits = { fabsf(in->row[3][1]), in->t[0] > 0 ? 0.5f : 0.9f,
                                             in->t[1] > 0 ? 0.0f : FLT_MAX };
    int count;

    for (size_t i = 0; i < in->n; i++)
        where[i] = in->row[4][i] > 0.0f ? 0xff : 0x00;
    count = k->lines(may, in->row[0], in->row[1], in->row[2], where, &limits, in->n);
    for (size_t i = 0; i < in->n; i++)
        out[i] = may[i];
    out[in->n - 1] += (float)count;
}

/* Depths as numbers. */
static void call_depths(const struct derm_kernels *k, float *out, const struct input *in)
{
    static uint8_t deep[LONGEST + ROUND];

    k->depths(deep, in->row[0], in->row[1], in->row[2], fabsf(in->t[0]), in->n);
    for (size_t i = 0; i < in->n; i++)
        out[i] = deep[i];
}

/* Some way across the middle of all rows, whose first columns are three planes woven; some rays
 * leave them. */
enum { SIDE = 64, LONGEST_RAY = 16 };
static struct derm_ray ray_over(const struct input *in, size_t i, int from)
{
    const double x = (double)in->t[i % MAX_RADIUS], y = (double)in->t[i % 7];

    return (struct derm_ray){ SIDE / 6 + x, MAX_ROWS / 2 + y, 0.7 * y, -0.7 * x, from };
}

static struct derm_second second_over(const struct input *in, uint8_t where[MAX_ROWS][ROW])
{
    for (int y = 0; y < MAX_ROWS; y++)
        for (int x = 0; x < SIDE; x++)
            where[y][x] = in->row[y][x] > 0.1f ? 0xff : 0x00;
    return (struct derm_second){ in->row[0], where[0], ROW, ROW, SIDE / DERM_SECONDS, MAX_ROWS };
}

/* The double as a float, or what that leaves. */
static float part_of(double value, size_t i)
{
    return (float)(i % 2 ? value - (double)(float)value : value);
}

static void call_across(const struct derm_kernels *k, float *out, const struct input *in)
{
    static uint8_t where[MAX_ROWS][ROW];
    const struct derm_second of = second_over(in, where);
    const struct derm_across weight = { (double)in->t[0], (double)in->t[1], (double)in->t[2],
                                        (double)in->t[3] };

    for (size_t i = 0; i < in->n; i += LONGEST_RAY) {
        const size_t n = in->n - i < LONGEST_RAY ? in->n - i : LONGEST_RAY;
        const struct derm_ray ray = ray_over(in, i, in->radius - MAX_RADIUS / 2);
        double value[LONGEST_RAY];

        k->across(value, &of, &ray, &weight, n);
        for (size_t j = 0; j < n; j++)
            out[i + j] = part_of(value[j], j);
    }
}

/* Of some rays no place counts in full, some are not followed to their end. */
static void call_along(const struct derm_kernels *k, float *out, const struct input *in)
{
    static uint8_t where[MAX_ROWS][ROW];
    const struct derm_second of = second_over(in, where);
    const struct derm_across weight = { (double)in->t[0], (double)in->t[1], (double)in->t[2],
                                        (double)in->t[3] };

    for (size_t i = 0; i < in->n; i++) {
        const struct derm_ray ray = ray_over(in, i, in->radius - MAX_RADIUS / 2);
        const struct derm_sum_limits limits = { i % 3 ? (double)fabsf(in->row[3][i]) : DBL_MAX,
                                                i % 5 ? (double)in->row[4][i] : -DBL_MAX };

        out[i] = part_of(k->along(&of, &ray, &weight, &limits, 1 + i % LONGEST_RAY), i);
    }
}

static void call_crests(const struct derm_kernels *k, float *out, const struct input *in)
{
    static uint8_t where[MAX_ROWS][ROW], crest[LONGEST];
    static double larger[LONGEST], along_x[LONGEST], along_y[LONGEST];
    static int x[LONGEST];
    const struct derm_second of = second_over(in, where);
    const struct derm_bends lines = { larger, along_x, along_y, NULL };

    for (size_t i = 0; i < in->n; i++) {
        along_x[i] = 0.9 * (double)in->t[i % 7];
        along_y[i] = 0.9 * (double)in->t[i % MAX_RADIUS];
        larger[i] = i % 3 ? -1.0 : 1.0;
        x[i] = (int)(i % (SIDE / DERM_SECONDS));
    }
    k->crests(crest, &of, &lines, x, in->radius * 2, (double)in->t[3], in->n);
    for (size_t i = 0; i < in->n; i++)
        out[i] = crest[i];
}

static void call_weave(const struct derm_kernels *k, float *out, const struct input *in)
{
    static _Alignas(64) float woven[DERM_SECONDS * ROW];

    k->weave(woven, in->row[0], in->row[1], in->row[2], in->n);
    for (size_t i = 0; i < in->n; i++)
        out[i] = woven[DERM_SECONDS * i + i % DERM_SECONDS];
}

static void call_bends(const struct derm_kernels *k, float *out, const struct input *in)
{
    static double second[3][LONGEST], made[4][LONGEST];
    const struct derm_bends bends = { made[0], made[1], made[2], made[3] };

    for (int d = 0; d < 3; d++)
        for (size_t i = 0; i < in->n; i++)
            second[d][i] = (double)in->row[d][i];
    k->bends(&bends, second[0], second[1], second[2], 0.5, in->n);
    for (size_t i = 0; i < in->n; i++)
        out[i] = part_of(made[i % 4][i], i / 4);
}

/* The window is as wide as the row; the rest of the output shows nothing. */
static void call_window(const struct derm_kernels *k, float *out, const struct input *in)
{
    static float across[3][ROW];
    const float *const down[3] = { in->t, in->t + 1, in->t + 2 };
    const float *const along[3] = { across[0], across[1], across[2] };
    float sum[5];

    for (int d = 0; d < 3; d++)
        for (size_t i = 0; i < ROW; i++)
            across[d][i] = i < in->n ? in->row[3 + d][i] * 0x1p-100f : 0.0f;
    k->window(sum, in->row + 6, 1 + in->radius % 29, down, along,
              (in->n + ROUND - 1) / ROUND * ROUND);
    for (size_t i = 0; i < in->n; i++)
        out[i] = sum[i % 5];
}

static void call_weigh(const struct derm_kernels *k, float *out, const struct input *in)
{
    static uint8_t weight[ROW];
    float sum[2];

    for (size_t i = 0; i < ROW; i++)
        weight[i] = i < in->n ? (uint8_t)(7 * i + (size_t)in->radius) : 0;
    k->weigh(sum, weight, in->row[0], in->row[1], (in->n + ROUND - 1) / ROUND * ROUND);
    for (size_t i = 0; i < in->n; i++)
        out[i] = sum[i % 2];
}

/* Sums of doubles as the floats that they are made of. */
static void call_vote(const struct derm_kernels *k, float *out, const struct input *in)
{
    static double x[7][LONGEST], sum[LONGEST];
    const double *row[7];
    double above[7], leaf[8];

    for (int f = 0; f < 8; f++)
        leaf[f] = (double)in->t[f];
    for (int f = 0; f < 7; f++) {
        for (size_t i = 0; i < in->n; i++)
            x[f][i] = (double)in->row[f][i];
        above[f] = x[f][in->n / 2];
        row[f] = x[f];
    }
    for (size_t i = 0; i < in->n; i++)
        sum[i] = (double)in->row[7][i];
    k->vote(sum, row, above, leaf, in->n);
    for (size_t i = 0; i < in->n; i++)
        out[i] = (float)sum[i];
}

#endif
