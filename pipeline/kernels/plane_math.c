/* SPDX-License-Identifier: Apache-2.0 */
/* The elementary functions for code outside the row kernels. */
#include "kernels/elementary.h"
#include "kernels/filter.h"

float derm_lnf(float x)
{
    return derm_ln_inline(x);
}

float derm_expf(float x)
{
    return derm_exp_inline(x);
}

/* A third of the exponent gives a start within 6 %; Halley's step cubes the error, so two in double
 * leave the rounding to float alone. */
float derm_cbrtf(float x)
{
    int32_t bits;
    float start;
    double t;

    if (x == 0.0f) return 0.0f;
    memcpy(&bits, &x, sizeof(bits));
    bits = bits / 3 + 0x2a5119f2;
    memcpy(&start, &bits, sizeof(start));
    t = (double)start;
    for (int i = 0; i < 2; i++) {
        const double c = t * t * t;
        t = t * ((c + 2.0 * (double)x) / (2.0 * c + (double)x));
    }
    return (float)t;
}
