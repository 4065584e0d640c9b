/* SPDX-License-Identifier: Apache-2.0 */
/* Separable filters along rows and across them, and the weighted sum.
 *
 * Four taps a sweep, and the middle one in the first: sums that go through out[] after every tap
 * are 2.5 to 3.4 times slower at a radius of 8 and more (bench_kernels). The additions keep their
 * order.
 */
#include "kernels/isa.h"
#include "kernels/kernels.h"

enum { TAPS = 4 }; /* of a sweep, at most */

struct group { /* taps of a sweep: the two samples that each weighs, and its weight */
    const float *before[TAPS], *after[TAPS];
    float t[TAPS];
};

/* odd is known where this is inlined. */
static inline float add(float sum, float t, float before, float after, int odd)
{
    return sum + t * (odd ? after - before : before + after);
}

/* middle: of the first sweep, which begins with t middle[i], or with 0 where odd; NULL: of one that
 * goes on from out[]. That, taps and odd are known where this is inlined. */
static inline void sweep(float *restrict out, const float *restrict middle, float t,
                         const struct group *g, int taps, int odd, size_t n)
{
    const float *const restrict b0 = g->before[0], *const restrict a0 = g->after[0];
    const float *const restrict b1 = g->before[1], *const restrict a1 = g->after[1];
    const float *const restrict b2 = g->before[2], *const restrict a2 = g->after[2];
    const float *const restrict b3 = g->before[3], *const restrict a3 = g->after[3];
    const float t0 = g->t[0], t1 = g->t[1], t2 = g->t[2], t3 = g->t[3];

    for (size_t i = 0; i < n; i++) {
        float sum = !middle ? out[i] : odd ? 0.0f : t * middle[i];

        if (taps > 0) sum = add(sum, t0, b0[i], a0[i], odd);
        if (taps > 1) sum = add(sum, t1, b1[i], a1[i], odd);
        if (taps > 2) sum = add(sum, t2, b2[i], a2[i], odd);
        if (taps > 3) sum = add(sum, t3, b3[i], a3[i], odd);
        out[i] = sum;
    }
}

static inline void sweep_taps(float *restrict out, const float *restrict middle, float t,
                              const struct group *g, int taps, int odd, size_t n)
{
    switch (taps) {
    case 0:
        sweep(out, middle, t, g, 0, odd, n);
        return;
    case 1:
        sweep(out, middle, t, g, 1, odd, n);
        return;
    case 2:
        sweep(out, middle, t, g, 2, odd, n);
        return;
    case 3:
        sweep(out, middle, t, g, 3, odd, n);
        return;
    default:
        sweep(out, middle, t, g, TAPS, odd, n);
    }
}

/* Tap j weighs row[-j] and row[j], or, when row is NULL, x shifted by j to both sides. */
static inline void sweeps(float *restrict out, const float *const *row, const float *x,
                          const float *t, int radius, int odd, size_t n)
{
    int j = 1;

    do {
        const int first = j == 1, left = radius - j + 1, taps = left < TAPS ? left : TAPS;
        struct group g = { 0 };

        for (int k = 0; k < taps; k++, j++) {
            g.before[k] = row ? row[-j] : x - j;
            g.after[k] = row ? row[j] : x + j;
            g.t[k] = t[j];
        }
        if (first)
            sweep_taps(out, row ? row[0] : x, t[0], &g, taps, odd, n);
        else
            sweep_taps(out, 0, 0.0f, &g, taps, odd, n);
    } while (j <= radius);
}

static void blur_v(float *restrict out, const float *const *row, const float *t, int radius,
                   size_t n)
{
    sweeps(out, row, 0, t, radius, 0, n);
}

static void blur_h(float *restrict out, const float *restrict x, const float *t, int radius,
                   size_t n)
{
    sweeps(out, 0, x, t, radius, 0, n);
}

static void diff_v(float *restrict out, const float *const *row, const float *t, int radius,
                   size_t n)
{
    sweeps(out, row, 0, t, radius, 1, n);
}

static void diff_h(float *restrict out, const float *restrict x, const float *t, int radius,
                   size_t n)
{
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
