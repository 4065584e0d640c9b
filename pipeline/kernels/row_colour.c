/* SPDX-License-Identifier: Apache-2.0 */
/* From linear light to optical density and back, and mixtures of planes. */
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

void ISA(derm_row_colour_init)(struct derm_kernels *k)
{
    k->density = density;
    k->light = light;
    k->mix3 = mix3;
}
