/* SPDX-License-Identifier: Apache-2.0 */
/* Separable filters along rows and across them, and the weighted sum.
 *
 * Along a row: four taps a sweep, and the middle one in the first: sums that go through out[] after
 * every tap are 2.5 to 3.4 times slower at a radius of 8 and more (bench_kernels). Across rows: a
 * block of neighbouring results in registers, of four rows if there are so many: they read the same
 * rows, but for three. The additions keep their order.
 */
#include "kernels/isa.h"
#include "kernels/kernels.h"

enum { TAPS = 4 }; /* of a sweep, at most */
enum { WIDE = 4 }; /* registers of a row in a block, at most */

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

/* Tap j weighs x shifted by j to both sides. */
static inline void sweeps(float *restrict out, const float *x, const float *t, int radius, int odd,
                          size_t n)
{
    int j = 1;

    do {
        const int first = j == 1, left = radius - j + 1, taps = left < TAPS ? left : TAPS;
        struct group g = { 0 };

        for (int k = 0; k < taps; k++, j++) {
            g.before[k] = x - j;
            g.after[k] = x + j;
            g.t[k] = t[j];
        }
        if (first)
            sweep_taps(out, x, t[0], &g, taps, odd, n);
        else
            sweep_taps(out, 0, 0.0f, &g, taps, odd, n);
    } while (j <= radius);
}

/* Samples from at on, of `vectors` registers, in `rows` rows; both, and odd, are known where this
 * is inlined. */
DERM_INLINE void block(float *const *out, const float *const *row, const float *t, int radius,
                       size_t at, int rows, int vectors, int odd)
{
    derm_vec sum[DERM_DOWN_ROWS][WIDE];

    for (int k = 0; k < rows; k++)
        for (int v = 0; v < vectors; v++)
            sum[k][v] = odd ? (derm_vec){ 0 } : t[0] * derm_vec_load(row[k] + at + v * DERM_VEC);
    for (int j = 1; j <= radius; j++)
        for (int k = 0; k < rows; k++)
            for (int v = 0; v < vectors; v++) {
                const derm_vec before = derm_vec_load(row[k - j] + at + v * DERM_VEC);
                const derm_vec after = derm_vec_load(row[k + j] + at + v * DERM_VEC);

                sum[k][v] += t[j] * (odd ? after - before : before + after);
            }
    for (int k = 0; k < rows; k++)
        for (int v = 0; v < vectors; v++)
            derm_vec_store(out[k] + at + v * DERM_VEC, sum[k][v]);
}

DERM_INLINE void blocks(float *const *out, const float *const *row, const float *t, int radius,
                        int rows, int vectors, int odd, size_t n)
{
    const size_t step = (size_t)vectors * DERM_VEC;
    size_t i = 0;

    for (; i + step <= n; i += step)
        block(out, row, t, radius, i, rows, vectors, odd);
    for (; i < n; i += DERM_VEC)
        block(out, row, t, radius, i, rows, 1, odd);
}

DERM_INLINE void down(float *const *out, int rows, const float *const *row, const float *t,
                      int radius, int odd, size_t n)
{
    if (rows == DERM_DOWN_ROWS)
        blocks(out, row, t, radius, DERM_DOWN_ROWS, WIDE / 2, odd, n);
    else
        for (int k = 0; k < rows; k++)
            blocks(out + k, row + k, t, radius, 1, WIDE, odd, n);
}

static void blur_v(float *const *out, int rows, const float *const *row, const float *t, int radius,
                   size_t n)
{
    down(out, rows, row, t, radius, 0, n);
}

static void diff_v(float *const *out, int rows, const float *const *row, const float *t, int radius,
                   size_t n)
{
    down(out, rows, row, t, radius, 1, n);
}

static void blur_h(float *restrict out, const float *restrict x, const float *t, int radius,
                   size_t n)
{
    sweeps(out, x, t, radius, 0, n);
}

static void diff_h(float *restrict out, const float *restrict x, const float *t, int radius,
                   size_t n)
{
    sweeps(out, x, t, radius, 1, n);
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
