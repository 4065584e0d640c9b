/* SPDX-License-Identifier: Apache-2.0 */
#include "color/transfer.h"

#include <math.h>

/* ln x = e ln 2 + 2 atanh((m - 1) / (m + 1)), x = m 2^e, m in [sqrt 1/2, sqrt 2). frexp and ldexp
 * are exact, so no libm rounding enters. */
static double ln(double x)
{
    enum { TERMS = 12 };
    int e;
    double m = frexp(x, &e), s, square, sum = 0.0;

    if (m < 0.70710678118654752) {
        m *= 2.0;
        e--;
    }
    s = (m - 1.0) / (m + 1.0);
    square = s * s;
    for (int i = TERMS; i >= 0; i--)
        sum = sum * square + 1.0 / (2 * i + 1);
    return e * 0.69314718055994531 + 2.0 * s * sum;
}

/* e^x = 2^k e^r, |r| <= ln 2 / 2, by its Taylor series. */
static double ex(double x)
{
    enum { TERMS = 15 };
    const double k = floor(x / 0.69314718055994531 + 0.5), r = x - k * 0.69314718055994531;
    double sum = 1.0;

    for (int i = TERMS; i > 0; i--)
        sum = 1.0 + sum * r / i;
    return ldexp(sum, (int)k);
}

double derm_power(double x, double y)
{
    return x > 0.0 ? ex(y * ln(x)) : 0.0;
}

double derm_srgb_decode(double encoded)
{
    return encoded <= 0.04045 ? encoded / 12.92 : derm_power((encoded + 0.055) / 1.055, 2.4);
}

double derm_srgb_encode(double linear)
{
    return linear <= 0.0031308 ? 12.92 * linear : 1.055 * derm_power(linear, 1.0 / 2.4) - 0.055;
}

void derm_srgb_encoder_init(struct derm_srgb_encoder *e)
{
    for (int i = 0; i <= DERM_ENCODE_STEPS; i++)
        e->code[i] = (uint8_t)floor(derm_srgb_encode((double)i / DERM_ENCODE_STEPS) * 255.0 + 0.5);
}
