/* SPDX-License-Identifier: Apache-2.0 */
/* From linear light to optical density and back, mixtures of planes, and halving. */
#include <string.h>

#include "kernels/elementary.h"
#include "kernels/isa.h"
#include "kernels/kernels.h"

static void density(float *restrict od, const float *restrict x, float floor, size_t n)
{
    for (size_t i = 0; i < n; i++)
        od[i] = -derm_ln_inline(x[i] > floor ? x[i] : floor);
}

static void light(float *restrict x, const float *restrict od, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = derm_exp_inline(-od[i]);
}

static void mix3(float *restrict out, const float *restrict a, const float *restrict b,
                 const float *restrict c, const float m[3], size_t n)
{
    const float ma = m[0], mb = m[1], mc = m[2];

    for (size_t i = 0; i < n; i++)
        out[i] = ma * a[i] + mb * b[i] + mc * c[i];
}

/* x or 0, without the choice that would keep a compiler from making vectors of it; the mask's sign
 * fills all bits. */
static inline float masked(float x, uint8_t mask)
{
    const int32_t all = (int8_t)mask;
    uint32_t bits;

    memcpy(&bits, &x, sizeof(bits));
    bits &= (uint32_t)all;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static void half(float *restrict out, const float *restrict a, const float *restrict b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = 0.25f * ((a[2 * i] + a[2 * i + 1]) + (b[2 * i] + b[2 * i + 1]));
}

/* Rows first, side by side, then neighbours: in pieces that stay in the cache. */
static void half_masked(float *restrict out, const float *restrict a, const float *restrict b,
                        const uint8_t *restrict ma, const uint8_t *restrict mb, size_t n)
{
    enum { PIECE = 256 };
    float sum[2 * PIECE];

    for (size_t at = 0; at < n; at += PIECE) {
        const size_t count = n - at < PIECE ? n - at : PIECE;

        for (size_t i = 0; i < 2 * count; i++)
            sum[i] = masked(a[2 * at + i], ma[2 * at + i]) + masked(b[2 * at + i], mb[2 * at + i]);
        for (size_t i = 0; i < count; i++)
            out[at + i] = 0.25f * (sum[2 * i] + sum[2 * i + 1]);
    }
}

void ISA(derm_row_colour_init)(struct derm_kernels *k)
{
    k->density = density;
    k->light = light;
    k->mix3 = mix3;
    k->half = half;
    k->half_masked = half_masked;
}
