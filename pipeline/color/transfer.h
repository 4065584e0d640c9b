/* SPDX-License-Identifier: Apache-2.0 */
/* Transfer curves: encoded value <-> linear light, both in [0, 1]. Double precision, the same bits
 * on every machine. For building tables, not for pixels. */
#ifndef DERM_COLOR_TRANSFER_H
#define DERM_COLOR_TRANSFER_H

#include <stdint.h>

/* x^y by exp(y ln x), relative error < 1e-14 for x in [1e-12, 16], |y| <= 8; 0 for x <= 0. */
double derm_power(double x, double y);

/* IEC 61966-2-1. */
double derm_srgb_decode(double encoded);
double derm_srgb_encode(double linear);

/* An 8-bit sRGB encoder for linear light by table; finer than half a code everywhere. */
enum { DERM_ENCODE_STEPS = 16384 };
struct derm_srgb_encoder {
    uint8_t code[DERM_ENCODE_STEPS + 1];
};
void derm_srgb_encoder_init(struct derm_srgb_encoder *e);
static inline uint8_t derm_srgb_encode8(const struct derm_srgb_encoder *e, float linear)
{
    const float x = linear < 0.0f ? 0.0f : linear > 1.0f ? 1.0f : linear;
    return e->code[(int)(x * (float)DERM_ENCODE_STEPS + 0.5f)];
}

#endif
