/* SPDX-License-Identifier: Apache-2.0 */
/* Separable filters along rows and across them, and the weighted sum.
 *
 * Four taps a sweep: one tap a sweep reads and writes out[] as often as the rows and is 2.5 to 3.4
 * times slower at a radius of 8 and more (bench_kernels). The additions keep their order. */
#include "kernels/isa.h"
#include "kernels/kernels.h"

struct pair { /* the two samples that a tap weighs, and its weight */
    const float *before, *after;
    float t;
};

/* odd is known where this is inlined. */
static inline float add(float sum, float t, float before, float after, int odd)
{
    return sum + t * (odd ? after - before : before + after);
}

static inline void sweep1(float *restrict out, struct pair p, int odd, size_t n)
{
    const float *const restrict before = p.before, *const restrict after = p.after;

    for (size_t i = 0; i < n; i++)
        out[i] = add(out[i], p.t, before[i], after[i], odd);
}

static inline void sweep2(float *restrict out, const struct pair p[2], int odd, size_t n)
{
    const float *const restrict b0 = p[0].before, *const restrict a0 = p[0].after;
    const float *const restrict b1 = p[1].before, *const restrict a1 = p[1].after;
    const float t0 = p[0].t, t1 = p[1].t;

    for (size_t i = 0; i < n; i++)
        out[i] = add(add(out[i], t0, b0[i], a0[i], odd), t1, b1[i], a1[i], odd);
}

static inline void sweep4(float *restrict out, const struct pair p[4], int odd, size_t n)
{
    const float *const restrict b0 = p[0].before, *const restrict a0 = p[0].after;
    const float *const restrict b1 = p[1].before, *const restrict a1 = p[1].after;
    const float *const restrict b2 = p[2].before, *const restrict a2 = p[2].after;
    const float *const restrict b3 = p[3].before, *const restrict a3 = p[3].after;
    const float t0 = p[0].t, t1 = p[1].t, t2 = p[2].t, t3 = p[3].t;

    for (size_t i = 0; i < n; i++) {
        float sum = add(out[i], t0, b0[i], a0[i], odd);
        sum = add(sum, t1, b1[i], a1[i], odd);
        sum = add(sum, t2, b2[i], a2[i], odd);
        out[i] = add(sum, t3, b3[i], a3[i], odd);
    }
}

/* Tap j weighs row[-j] and row[j], or, when row is NULL, x shifted by j to both sides. */
static inline void sweeps(float *restrict out, const float *const *row, const float *x,
                          const float *t, int radius, int odd, size_t n)
{
    int j = 1;

    while (j <= radius) {
        const int left = radius - j + 1, count = left >= 4 ? 4 : left >= 2 ? 2 : 1;
        struct pair p[4];
        for (int k = 0; k < count; k++, j++)
            p[k] = (struct pair){ row ? row[-j] : x - j, row ? row[j] : x + j, t[j] };
        if (count == 4)
            sweep4(out, p, odd, n);
        else if (count == 2)
            sweep2(out, p, odd, n);
        else
            sweep1(out, p[0], odd, n);
    }
}

static inline void start(float *restrict out, const float *restrict middle, float t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = t * middle[i];
}

static inline void clear(float *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = 0.0f;
}

static void blur_v(float *restrict out, const float *const *row, const float *t, int radius,
                   size_t n)
{
    start(out, row[0], t[0], n);
    sweeps(out, row, 0, t, radius, 0, n);
}

static void blur_h(float *restrict out, const float *restrict x, const float *t, int radius,
                   size_t n)
{
    start(out, x, t[0], n);
    sweeps(out, 0, x, t, radius, 0, n);
}

static void diff_v(float *restrict out, const float *const *row, const float *t, int radius,
                   size_t n)
{
    clear(out, n);
    sweeps(out, row, 0, t, radius, 1, n);
}

static void diff_h(float *restrict out, const float *restrict x, const float *t, int radius,
                   size_t n)
{
    clear(out, n);
    sweeps(out, 0, x, t, radius, 1, n);
}

static void axpy(float *restrict acc, const float *restrict x, float a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        acc[i] += a * x[i];
}

void ISA(derm_row_filter_init)(struct derm_kernels *k)
{
    k->blur_v = blur_v;
    k->blur_h = blur_h;
    k->diff_v = diff_v;
    k->diff_h = diff_h;
    k->axpy = axpy;
}
