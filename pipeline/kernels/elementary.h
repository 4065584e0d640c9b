/* SPDX-License-Identifier: Apache-2.0 */
/* ln and exp from additions and multiplications alone: the same bits on every machine and in every
 * vector width, which libm does not promise. Static, so that no copy built for one instruction set
 * can be linked into another. Errors measured over all normal floats: tests/unit/test_math.c. */
#ifndef DERM_KERNELS_ELEMENTARY_H
#define DERM_KERNELS_ELEMENTARY_H

#include <stdint.h>
#include <string.h>

/* x = 2^e (1 + z), z in [sqrt(1/2) - 1, sqrt(2) - 1); ln(1 + z) by the minimax polynomial of
 * Moshier's Cephes (public tables), ln 2 in two parts so that e ln 2 adds no error. */
static inline float derm_ln_inline(float x)
{
    int32_t bits, e;
    float z, zz, p;

    memcpy(&bits, &x, sizeof(bits));
    e = (bits - 0x3f3504f3) >> 23;
    bits -= e * 0x800000;
    memcpy(&z, &bits, sizeof(z));
    z -= 1.0f;
    zz = z * z;
    p = 7.0376836292e-2f;
    p = p * z - 1.1514610310e-1f;
    p = p * z + 1.1676998740e-1f;
    p = p * z - 1.2420140846e-1f;
    p = p * z + 1.4249322787e-1f;
    p = p * z - 1.6668057665e-1f;
    p = p * z + 2.0000714765e-1f;
    p = p * z - 2.4999993993e-1f;
    p = p * z + 3.3333331174e-1f;
    p = p * z * zz;
    p += (float)e * -2.12194440e-4f;
    p -= 0.5f * zz;
    return (z + p) + (float)e * 0.693359375f;
}

/* x = k ln 2 + r, |r| <= ln(2) / 2; adding 1.5 x 2^23 rounds k to a whole number. */
static inline float derm_exp_inline(float x)
{
    const float round = 12582912.0f;
    int32_t bits;
    float k, r, p;

    x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
    k = (x * 1.44269504f + round) - round;
    r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
    p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = (p * r * r + r) + 1.0f;
    memcpy(&bits, &p, sizeof(bits));
    bits += (int32_t)k * 0x800000;
    memcpy(&p, &bits, sizeof(p));
    return p;
}

#endif
