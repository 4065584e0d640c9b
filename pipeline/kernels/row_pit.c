/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for spots and lines: differences of a smoothed plane, rows that rise above a floor, the
 * derivatives at one place, curvatures; and weighing what was found. */
#include <math.h>

#include "kernels/isa.h"
#include "kernels/kernels.h"

static void stencil(float *restrict out, const float *restrict above, const float *restrict at,
                    const float *restrict below, const float w[9], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float *const a = above + i, *const b = at + i, *const c = below + i;
        const float upper = w[0] * a[-1] + w[1] * a[0] + w[2] * a[1];
        const float middle = w[3] * b[-1] + w[4] * b[0] + w[5] * b[1];
        const float lower = w[6] * c[-1] + w[7] * c[0] + w[8] * c[1];

        out[i] = (upper + lower) + middle;
    }
}

static void exceeds(uint8_t *restrict block, const float *restrict x, float floor, size_t n)
{
    for (size_t k = 0; k * DERM_BLOCK < n; k++) {
        const float *const from = x + k * DERM_BLOCK;
        const size_t left = n - k * DERM_BLOCK;
        int any = 0;

        if (left >= DERM_BLOCK)
            for (int i = 0; i < DERM_BLOCK; i++)
                any |= from[i] > floor;
        else
            for (size_t i = 0; i < left; i++)
                any |= from[i] > floor;
        block[k] = (uint8_t)any;
    }
}

static int lines(uint8_t *restrict may, const float *restrict xx, const float *restrict xy,
                 const float *restrict yy, const uint8_t *restrict where,
                 const struct derm_line_limits *limits, size_t n)
{
    const float least = limits->least, most_round = limits->most_round;
    const float most_mean = limits->most_mean;
    int count = 0;

    for (size_t i = 0; i < n; i++) {
        const float mean = 0.5f * (xx[i] + yy[i]), half = 0.5f * (xx[i] - yy[i]);
        const float root = sqrtf(half * half + xy[i] * xy[i]), size = fabsf(mean);
        const int is = (size + root >= least) & (fabsf(size - root) <= most_round * (size + root)) &
                       (mean <= most_mean) & (where[i] != 0);

        may[i] = is ? 0xff : 0x00;
        count += is;
    }
    return count;
}

static void depths(uint8_t *restrict deep, const float *restrict xx, const float *restrict xy,
                   const float *restrict yy, float per_step, size_t n)
{
    const float rounding = 1e-6f;

    for (size_t i = 0; i < n; i++) {
        const float mean = 0.5f * (xx[i] + yy[i]), half = 0.5f * (xx[i] - yy[i]);
        const float root = sqrtf(half * half + xy[i] * xy[i]);
        const float steps = per_step * (root - mean + rounding * (root + fabsf(mean)));
        const float some = steps > 0.0f ? steps : 0.0f;

        deep[i] = (uint8_t)((int)(some < 254.0f ? some : 254.0f) + 1);
    }
}

enum { GROUP = 16 }; /* partial sums, and columns of a window that are summed side by side */

static float fold(const float *part)
{
    float four[4];

    for (int i = 0; i < 4; i++)
        four[i] = (part[i] + part[i + 8]) + (part[i + 4] + part[i + 12]);
    return (four[0] + four[2]) + (four[1] + four[3]);
}

static void window(float out[5], const float *const *row, int rows, const float *const down[3],
                   const float *const across[3], size_t n)
{
    float part[5][GROUP] = { { 0 } };

    for (size_t x = 0; x < n; x += GROUP) {
        const float *const g = across[0] + x, *const d1 = across[1] + x, *const d2 = across[2] + x;
        float s[GROUP] = { 0 }, s1[GROUP] = { 0 }, s2[GROUP] = { 0 };

        for (int j = 0; j < rows; j++) {
            const float *const v = row[j] + x;
            const float w = down[0][j], w1 = down[1][j], w2 = down[2][j];

            for (int i = 0; i < GROUP; i++) {
                s[i] += w * v[i];
                s1[i] += w1 * v[i];
                s2[i] += w2 * v[i];
            }
        }
        for (int i = 0; i < GROUP; i++) {
            part[0][i] += d2[i] * s[i];
            part[1][i] += d1[i] * s1[i];
            part[2][i] += g[i] * s2[i];
            part[3][i] += d1[i] * s[i];
            part[4][i] += g[i] * s1[i];
        }
    }
    for (int k = 0; k < 5; k++)
        out[k] = fold(part[k]);
}

static void weigh(float sum[2], const uint8_t *restrict weight, const float *restrict a,
                  const float *restrict b, size_t n)
{
    float part[2][GROUP] = { { 0 } };

    for (size_t k = 0; k < n; k += GROUP)
        for (int i = 0; i < GROUP; i++) {
            const float w = (float)weight[k + (size_t)i];
            part[0][i] += w * a[k + (size_t)i];
            part[1][i] += w * b[k + (size_t)i];
        }
    sum[0] = fold(part[0]);
    sum[1] = fold(part[1]);
}

void ISA(derm_row_pit_init)(struct derm_kernels *k)
{
    k->stencil = stencil;
    k->exceeds = exceeds;
    k->lines = lines;
    k->depths = depths;
    k->window = window;
    k->weigh = weigh;
}
