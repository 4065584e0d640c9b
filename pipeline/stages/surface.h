/* SPDX-License-Identifier: Apache-2.0 */
/* Dichromatic reflection (Shafer 1985): the light of a pixel is a B + m (1, 1, 1), where B is that
 * of the body around it; a and m by least squares. */
#ifndef DERM_STAGES_SURFACE_H
#define DERM_STAGES_SURFACE_H

/* fminf and fmaxf, which look for NaN too, keep a compiler from making vectors. */
static inline float derm_larger(float a, float b)
{
    return a > b ? a : b;
}

static inline float derm_smaller(float a, float b)
{
    return a < b ? a : b;
}

/* 3 m as a share of the light around. least_colour: of 3 |D|^2 - 1, D = B / sum(B), below which the
 * body is too colourless to be told from white. */
static inline float derm_white_share(float r, float g, float b, float body_r, float body_g,
                                     float body_b, float least_colour)
{
    const float scale = 1 / derm_larger(body_r + body_g + body_b, 1e-6f);
    const float d_r = scale * body_r, d_g = scale * body_g, d_b = scale * body_b;
    const float dd = d_r * d_r + d_g * d_g + d_b * d_b, sum = r + g + b;
    const float along = d_r * r + d_g * g + d_b * b;

    return scale * (3 * (dd * sum - along) / derm_larger(3 * dd - 1, least_colour));
}

#endif
