/* SPDX-License-Identifier: Apache-2.0 */
/* Catmull-Rom (Keys 1981, a = -1/2) and linear, along a row of free places, in runs of pixels, each
 * step a loop that the compiler can vectorise. The weights serve all planes. */
#include <stdbool.h>
#include <string.h>

#include "kernels/isa.h"
#include "kernels/kernels.h"

enum { RUN = 64, GROUP = 8 };

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

static inline void sum_columns(float *restrict sum, const float *const row[4], const float w[4])
{
    for (int i = 0; i < 4; i++)
        sum[i] = ((w[0] * row[0][i] + w[1] * row[1][i]) + w[2] * row[2][i]) + w[3] * row[3][i];
}

static int within(int i, int size)
{
    return i < 0 ? 0 : i < size ? i : size - 1;
}

/* The four column sums of the 4 x 4 pixels at (x, y), some of which lie outside. */
static void sum_at_border(float *sum, const float *src, const struct derm_raster *size, int x,
                          int y, const float w[4])
{
    float near[4][4];
    const float *const row[4] = { near[0], near[1], near[2], near[3] };

    for (int j = 0; j < 4; j++)
        for (int i = 0; i < 4; i++)
            near[j][i] = src[within(y + j, size->h) * size->stride + within(x + i, size->w)];
    sum_columns(sum, row, w);
}

static float at_place(const float *src, const struct derm_raster *size, const struct cubic *cx,
                      const struct cubic *cy, int i)
{
    const int x0 = cx->first[i], y0 = cy->first[i];
    const float w[4] = { cy->w[0][i], cy->w[1][i], cy->w[2][i], cy->w[3][i] };
    float sum[4];

    if (x0 >= 0 && y0 >= 0 && x0 + 3 < size->w && y0 + 3 < size->h) {
        const float *const top = src + y0 * size->stride + x0;
        const float *const row[4] = { top, top + size->stride, top + 2 * size->stride,
                                      top + 3 * size->stride };
        sum_columns(sum, row, w);
    } else {
        sum_at_border(sum, src, size, x0, y0, w);
    }
    return ((cx->w[0][i] * sum[0] + cx->w[1][i] * sum[1]) + cx->w[2][i] * sum[2]) +
           cx->w[3][i] * sum[3];
}

static inline float column(const float *x, ptrdiff_t stride, const struct cubic *cy, int i)
{
    return ((cy->w[0][i] * x[0] + cy->w[1][i] * x[stride]) + cy->w[2][i] * x[2 * stride]) +
           cy->w[3][i] * x[3 * stride];
}

/* begins[i] = 1 where place i does not read the pixels beside those that place i - 1 reads. */
static void find_breaks(uint8_t *restrict begins, const struct cubic *cx, const struct cubic *cy,
                        int n)
{
    begins[0] = 1;
    for (int i = 1; i < n; i++)
        begins[i] =
            ((cx->first[i] != cx->first[i - 1] + 1) | (cy->first[i] != cy->first[i - 1])) ? 1 : 0;
}

/* How many places from i on, at most GROUP, read neighbouring pixels. */
static int count_alike(const uint8_t *begins, int i)
{
    static const uint8_t none[GROUP - 1] = { 0 };
    int alike = 1;

    if (memcmp(begins + i + 1, none, sizeof(none)) == 0) return GROUP;
    while (!begins[i + alike])
        alike++;
    return alike;
}

/* As many places as a group has, as if they all read neighbouring pixels, from `top` on. */
static inline void one_group(float *restrict dst, const float *restrict top, ptrdiff_t stride,
                             const struct cubic *cx, const struct cubic *cy, int start)
{
    float out[GROUP];

    for (int l = 0; l < GROUP; l++) {
        const int i = start + l;
        const float *const x = top + l;
        out[l] =
            ((cx->w[0][i] * column(x, stride, cy, i) + cx->w[1][i] * column(x + 1, stride, cy, i)) +
             cx->w[2][i] * column(x + 2, stride, cy, i)) +
            cx->w[3][i] * column(x + 3, stride, cy, i);
    }
    for (int l = 0; l < GROUP; l++)
        dst[l] = out[l];
}

/* Where a map stretches or turns, its places skip a pixel or step to another row now and then: what
 * a group gets beyond the step is no good, and is written once more. The same sums in the same
 * order, whichever way a place is reached. */
static void one_run(float *restrict dst, const float *src, const struct derm_raster *size,
                    const uint8_t *begins, const struct cubic *cx, const struct cubic *cy, int n)
{
    for (int i = 0; i < n;) {
        const int x0 = cx->first[i], y0 = cy->first[i];
        const bool fits =
            i + GROUP <= n && x0 >= 0 && y0 >= 0 && x0 + GROUP + 3 <= size->w && y0 + 3 < size->h;
        const int alike = fits ? count_alike(begins, i) : 1;

        if (alike > 1)
            one_group(dst + i, src + y0 * size->stride + x0, size->stride, cx, cy, i);
        else
            dst[i] = at_place(src, size, cx, cy, i);
        i += alike;
    }
}

static void cubic(float *const *dst, const float *const *src, int planes,
                  const struct derm_raster *size, const float *x, const float *y, size_t n)
{
    for (size_t start = 0; start < n; start += RUN) {
        const int count = n - start < RUN ? (int)(n - start) : RUN;
        struct cubic cx, cy;
        uint8_t begins[RUN];

        cubic_weights(&cx, x + start, count, size->w);
        cubic_weights(&cy, y + start, count, size->h);
        find_breaks(begins, &cx, &cy, count);
        for (int p = 0; p < planes; p++)
            one_run(dst[p] + start, src[p], size, begins, &cx, &cy, count);
    }
}

/* ---- linear */

struct bilinear { /* how far a place is from the upper left of the four samples around it */
    float right[RUN], down[RUN];
};

static void find_corners(struct bilinear *c, int32_t *restrict corner,
                         const struct derm_raster *size, const double *restrict x,
                         const double *restrict y, int n)
{
    const double right = size->w - 1, bottom = size->h - 1;
    const int last_x = size->w > 1 ? size->w - 2 : 0, last_y = size->h > 1 ? size->h - 2 : 0;
    const int32_t stride = (int32_t)size->stride;

    for (int i = 0; i < n; i++) {
        const double u0 = x[i] > 0.0 ? x[i] : 0.0, u = u0 < right ? u0 : right;
        const double v0 = y[i] > 0.0 ? y[i] : 0.0, v = v0 < bottom ? v0 : bottom;
        const int left = (int)u < last_x ? (int)u : last_x;
        const int top = (int)v < last_y ? (int)v : last_y;

        corner[i] = top * stride + left;
        c->right[i] = (float)(u - left);
        c->down[i] = (float)(v - top);
    }
}

struct pairs { /* of each place the two samples above it and the two below */
    float upper[2 * RUN], lower[2 * RUN];
};

/* Two samples at a time, which no gather does faster. */
static inline void fetch(struct pairs *p, const float *src, const struct derm_raster *size,
                         const int32_t *corner, int n)
{
    const ptrdiff_t below = size->h > 1 ? size->stride : 0;

    for (int i = 0; i < n; i++) {
        memcpy(p->upper + 2 * i, src + corner[i], 2 * sizeof(float));
        memcpy(p->lower + 2 * i, src + corner[i] + below, 2 * sizeof(float));
    }
}

static inline void between_pairs(float *restrict dst, const struct pairs *p, bool next,
                                 const struct bilinear *c, int n)
{
    for (int i = 0; i < n; i++) {
        const float a = p->upper[2 * i], b = next ? p->upper[2 * i + 1] : a;
        const float d = p->lower[2 * i], e = next ? p->lower[2 * i + 1] : d;
        const float top = a + c->right[i] * (b - a), under = d + c->right[i] * (e - d);

        dst[i] = top + c->down[i] * (under - top);
    }
}

static void bilinear(float *const *dst, int32_t *restrict corner, const float *const *src,
                     int planes, const struct derm_raster *size, const double *restrict x,
                     const double *restrict y, size_t n)
{
    for (size_t start = 0; start < n; start += RUN) {
        const int count = n - start < RUN ? (int)(n - start) : RUN;
        struct bilinear c;
        struct pairs near;

        find_corners(&c, corner + start, size, x + start, y + start, count);
        for (int p = 0; p < planes; p++) {
            fetch(&near, src[p], size, corner + start, count);
            between_pairs(dst[p] + start, &near, size->w > 1, &c, count);
        }
    }
}

static inline void mix(float *restrict out, const float *restrict a, const float *restrict b,
                       const float *restrict c, const float w[3], int n)
{
    for (int i = 0; i < n; i++)
        out[i] = w[0] * a[i] + w[1] * b[i] + w[2] * c[i];
}

static void bilinear_mix(float *restrict dst, const float *const src[3], const float weight[3],
                         const struct derm_raster *size, const double *restrict x,
                         const double *restrict y, size_t n)
{
    const float w[3] = { weight[0], weight[1], weight[2] };

    for (size_t start = 0; start < n; start += RUN) {
        const int count = n - start < RUN ? (int)(n - start) : RUN;
        int32_t corner[RUN];
        struct bilinear c;
        struct pairs near[3], all;

        find_corners(&c, corner, size, x + start, y + start, count);
        for (int p = 0; p < 3; p++)
            fetch(&near[p], src[p], size, corner, count);
        mix(all.upper, near[0].upper, near[1].upper, near[2].upper, w, 2 * count);
        mix(all.lower, near[0].lower, near[1].lower, near[2].lower, w, 2 * count);
        between_pairs(dst + start, &all, size->w > 1, &c, count);
    }
}

/* ---- lattices */

/* Positions stay where a resampler can turn them into an index. */
static const float far_away = 1e6f;

/* The n pixels between two nodes: a line. In whole chunks where there is room for them, since what
 * comes after is written later. */
static inline void draw_line(float *restrict out, int n, int room, float first, float step)
{
    enum { CHUNK = 8 };
    static const float count[CHUNK] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    int i = 0;

    for (; i < n && i + CHUNK <= room; i += CHUNK) {
        const float start = first + (float)i * step;
        for (int l = 0; l < CHUNK; l++)
            out[i + l] = start + count[l] * step;
    }
    for (; i < n; i++)
        out[i] = first + (float)i * step;
}

/* Where a cell ends: the first pixel at or beyond the node's place u, within [0, n]. */
static inline int first_beyond(double u, double u0, double px_per_cell, int n)
{
    const double px = (u - u0) * px_per_cell;
    const int i = px > 0.0 && px < n ? (int)px : px > 0.0 ? n : 0;
    return i + (i < px && i < n);
}

static inline double node_value(const struct derm_nodes *p, int i)
{
    const float at = p->upper[i] + p->below * (p->lower[i] - p->upper[i]);
    const float low = at > -far_away ? at : -far_away, near = low < far_away ? low : far_away;

    return (double)near * p->scale + p->offset;
}

static void between_nodes(float *restrict out, const struct derm_nodes *p, size_t count)
{
    const int n = (int)count;
    double left, right = node_value(p, 0);

    for (int node = 0, i = 0; node < p->n - 1 && i < n; node++) {
        const bool last = node == p->n - 2;
        const int stop = last ? n : first_beyond(node + 1, p->u0, p->px_per_cell, n);

        left = right;
        right = node_value(p, node + 1);
        draw_line(out + i, stop - i, n - i,
                  (float)(left + (p->u0 + i * p->per_px - node) * (right - left)),
                  (float)((right - left) * p->per_px));
        i = stop;
    }
}

void ISA(derm_row_resample_init)(struct derm_kernels *k)
{
    k->cubic = cubic;
    k->bilinear = bilinear;
    k->bilinear_mix = bilinear_mix;
    k->between_nodes = between_nodes;
}
