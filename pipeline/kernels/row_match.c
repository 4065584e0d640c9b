/* SPDX-License-Identifier: Apache-2.0 */
/* The inner loops of finding the same skin again: correlations of many small cells side by side;
 * keypoints and how far their descriptors are apart. */
#include "kernels/isa.h"
#include "kernels/kernels.h"

struct term { /* one sample of every cell */
    const float *a, *am, *b, *bm;
};

static inline void sweep(float *restrict ab, float *restrict aa, float *restrict bb,
                         const struct term t[4], size_t n)
{
    const float *const restrict a0 = t[0].a, *const restrict b0 = t[0].b;
    const float *const restrict a1 = t[1].a, *const restrict b1 = t[1].b;
    const float *const restrict a2 = t[2].a, *const restrict b2 = t[2].b;
    const float *const restrict a3 = t[3].a, *const restrict b3 = t[3].b;
    const float *const restrict am0 = t[0].am, *const restrict bm0 = t[0].bm;
    const float *const restrict am1 = t[1].am, *const restrict bm1 = t[1].bm;
    const float *const restrict am2 = t[2].am, *const restrict bm2 = t[2].bm;
    const float *const restrict am3 = t[3].am, *const restrict bm3 = t[3].bm;

    for (size_t i = 0; i < n; i++) {
        ab[i] = (((ab[i] + a0[i] * b0[i]) + a1[i] * b1[i]) + a2[i] * b2[i]) + a3[i] * b3[i];
        aa[i] =
            (((aa[i] + a0[i] * a0[i] * bm0[i]) + a1[i] * a1[i] * bm1[i]) + a2[i] * a2[i] * bm2[i]) +
            a3[i] * a3[i] * bm3[i];
        bb[i] =
            (((bb[i] + b0[i] * b0[i] * am0[i]) + b1[i] * b1[i] * am1[i]) + b2[i] * b2[i] * am2[i]) +
            b3[i] * b3[i] * am3[i];
    }
}

static void correlate(float *const sum[3], const struct derm_samples *a,
                      const struct derm_samples *b, int terms, size_t n)
{
    for (int c = 0; c < 3; c++)
        for (size_t i = 0; i < n; i++)
            sum[c][i] = 0.0f;
    for (int t = 0; t < terms; t += 4) {
        struct term four[4];
        for (int k = 0; k < 4; k++)
            four[k] = (struct term){ a[t + k].px, a[t + k].mask, b[t + k].px, b[t + k].mask };
        sweep(sum[0], sum[1], sum[2], four, n);
    }
}

static void peaks(uint8_t *restrict peak, const float *restrict hi, const float *restrict lo,
                  ptrdiff_t stride, float least, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float *const h = hi + i, *const l = lo + i;
        const float d = h[0] - l[0], left = h[-1] - l[-1], right = h[1] - l[1];
        const float above = h[-stride] - l[-stride], below = h[stride] - l[stride];
        const int over = (d > left) & (d > right) & (d > above) & (d > below) & (d >= least);
        const int under = (d < left) & (d < right) & (d < above) & (d < below) & (d <= -least);

        peak[i] = over | under ? 0xff : 0x00;
    }
}

/* Differences of bytes fit in 16 bits, their squares summed in 32: exact in any order. */
static int32_t distance2(const int16_t *restrict a, const int16_t *restrict b, size_t n)
{
    int32_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        const int16_t d = (int16_t)(a[i] - b[i]);
        sum += d * d;
    }
    return sum;
}

static void distances2(int32_t *restrict out, const int16_t *a, const int16_t *b, size_t length,
                       size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = distance2(a, b + i * length, length);
}

void ISA(derm_row_match_init)(struct derm_kernels *k)
{
    k->correlate = correlate;
    k->peaks = peaks;
    k->distances2 = distances2;
}
