/* SPDX-License-Identifier: Apache-2.0 */
/* Separable filters along rows and across them, and the weighted sum. */
#include "kernels/isa.h"
#include "kernels/kernels.h"

static void blur_v(float *restrict out, const float *const *row, const float *t, int radius,
                   size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = t[0] * row[0][i];
    for (int j = 1; j <= radius; j++) {
        const float *const restrict above = row[-j], *const restrict below = row[j];
        const float a = t[j];
        for (size_t i = 0; i < n; i++)
            out[i] += a * (above[i] + below[i]);
    }
}

static void blur_h(float *restrict out, const float *restrict x, const float *t, int radius,
                   size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = t[0] * x[i];
    for (int j = 1; j <= radius; j++) {
        const float a = t[j];
        for (size_t i = 0; i < n; i++)
            out[i] += a * (x[(ptrdiff_t)i - j] + x[(ptrdiff_t)i + j]);
    }
}

static void diff_v(float *restrict out, const float *const *row, const float *t, int radius,
                   size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = 0.0f;
    for (int j = 1; j <= radius; j++) {
        const float *const restrict above = row[-j], *const restrict below = row[j];
        const float a = t[j];
        for (size_t i = 0; i < n; i++)
            out[i] += a * (below[i] - above[i]);
    }
}

static void diff_h(float *restrict out, const float *restrict x, const float *t, int radius,
                   size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = 0.0f;
    for (int j = 1; j <= radius; j++) {
        const float a = t[j];
        for (size_t i = 0; i < n; i++)
            out[i] += a * (x[(ptrdiff_t)i + j] - x[(ptrdiff_t)i - j]);
    }
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
