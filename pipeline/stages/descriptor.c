/* SPDX-License-Identifier: Apache-2.0 */
/* Lowe 2004, sections 5 and 6, on a fixed 16 x 16 grid of samples turned and sized with the
 * keypoint (as in SURF, Bay 2008), which costs the same at every scale. */
#include "stages/descriptor.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "kernels/filter.h"

enum { DIRECTIONS = 36, SQUARES = 4, ANGLES = 8, SAMPLES = DERM_DESCRIPTOR_SAMPLES };
static const float square_sigmas = 3.0f;    /* side of one of the 4 x 4 squares, in sigma */
static const float second_direction = 0.8f; /* of the highest peak (Lowe 2004, section 5) */
static const float clip = 0.2f;             /* Lowe 2004, section 6.1 */

/* Angle as a fraction of a turn, [0, 1): arctangent by a polynomial, within 1e-4 of a turn. */
static float turn(float dx, float dy)
{
    const float ax = fabsf(dx), ay = fabsf(dy);
    const float hi = fmaxf(ax, ay), lo = fminf(ax, ay);
    const float q = hi > 0.0f ? lo / hi : 0.0f, q2 = q * q;
    float a = q * (0.15913f + q2 * (-0.05215f + q2 * (0.02735f - q2 * 0.00934f)));

    if (ay > ax) a = 0.25f - a;
    if (dx < 0.0f) a = 0.5f - a;
    if (dy < 0.0f) a = 1.0f - a;
    return a >= 1.0f ? 0.0f : a;
}

/* Cosine of a fraction of a turn, t >= 0; Taylor to the tenth power on a quarter, within 5e-7. */
static float cosine_of_turn(float t)
{
    const float whole = t - floorf(t), half = whole > 0.5f ? 1.0f - whole : whole;
    const float a = 6.2831853f * (half > 0.25f ? 0.5f - half : half), a2 = a * a;
    const float c =
        1.0f - a2 * (0.5f - a2 * (1.0f / 24 -
                                  a2 * (1.0f / 720 - a2 * (1.0f / 40320 - a2 * (1.0f / 3628800)))));
    return half > 0.25f ? -c : c;
}

static void gradient(const struct derm_plane *p, float x, float y, float *gx, float *gy)
{
    const int i = clampi((int)floorf(x + 0.5f), 1, p->w - 2);
    const int j = clampi((int)floorf(y + 0.5f), 1, p->h - 2);
    const float *const at = derm_row(p, j) + i;

    *gx = at[1] - at[-1];
    *gy = derm_row(p, j + 1)[i] - derm_row(p, j - 1)[i];
}

void derm_describer_init(struct derm_describer *d)
{
    const float half = 0.5f * SAMPLES;

    for (int v = 0; v < SAMPLES; v++)
        for (int u = 0; u < SAMPLES; u++) {
            const float dx = ((float)u + 0.5f - half) / half, dy = ((float)v + 0.5f - half) / half;
            d->fall_off[v][u] = derm_expf(-0.5f * (dx * dx + dy * dy));
        }
}

/* Histogram of gradient directions within 4.5 sigma, smoothed. */
static void directions(const struct derm_plane *p, float x, float y, float sigma_px,
                       float histogram[DIRECTIONS])
{
    const float spread = 1.5f * sigma_px, fall = -0.5f / (spread * spread);
    const int radius = (int)(3.0f * spread);
    float raw[DIRECTIONS] = { 0 };

    for (int v = -radius; v <= radius; v++)
        for (int u = -radius; u <= radius; u++) {
            const float r2 = (float)(u * u + v * v);
            float gx, gy;
            if (r2 > (float)(radius * radius)) continue;
            gradient(p, x + (float)u, y + (float)v, &gx, &gy);
            raw[clampi((int)(turn(gx, gy) * DIRECTIONS), 0, DIRECTIONS - 1)] +=
                derm_expf(fall * r2) * sqrtf(gx * gx + gy * gy);
        }
    for (int i = 0; i < DIRECTIONS; i++) {
        const float *const a = raw;
        const int n = DIRECTIONS;
        histogram[i] = 0.375f * a[i] + 0.25f * (a[(i + 1) % n] + a[(i + n - 1) % n]) +
                       0.0625f * (a[(i + 2) % n] + a[(i + n - 2) % n]);
    }
}

/* Shares a gradient out to the squares and angles around it. */
static void share_out(float h[SQUARES][SQUARES][ANGLES], float u, float v, float angle, float size)
{
    const int i0 = (int)floorf(u), j0 = (int)floorf(v), k0 = (int)floorf(angle);
    const float fu = u - (float)i0, fv = v - (float)j0, fk = angle - (float)k0;

    for (int j = 0; j < 2; j++)
        for (int i = 0; i < 2; i++) {
            const float part = size * (j ? fv : 1.0f - fv) * (i ? fu : 1.0f - fu);
            if (i0 + i < 0 || i0 + i >= SQUARES || j0 + j < 0 || j0 + j >= SQUARES) continue;
            h[j0 + j][i0 + i][k0 & (ANGLES - 1)] += part * (1.0f - fk);
            h[j0 + j][i0 + i][(k0 + 1) & (ANGLES - 1)] += part * fk;
        }
}

static void quantise(const float *h, uint8_t *out)
{
    float sum = 0.0f, scale;

    for (int i = 0; i < DERM_DESCRIPTOR; i++)
        sum += h[i] * h[i];
    scale = 1.0f / sqrtf(fmaxf(sum, 1e-12f));
    sum = 0.0f;
    for (int i = 0; i < DERM_DESCRIPTOR; i++) {
        const float t = fminf(h[i] * scale, clip);
        sum += t * t;
    }
    sum = 1.0f / sqrtf(fmaxf(sum, 1e-12f));
    for (int i = 0; i < DERM_DESCRIPTOR; i++)
        out[i] = (uint8_t)fminf(512.0f * sum * fminf(h[i] * scale, clip), 255.0f);
}

static void describe_one(const struct derm_describer *d, const struct derm_plane *p, float x,
                         float y, float sigma_px, struct derm_keypoint *k)
{
    const float spacing = square_sigmas * sigma_px * SQUARES / SAMPLES;
    const float middle = 0.5f * (SAMPLES - 1), per_square = (float)SQUARES / SAMPLES;
    float h[SQUARES][SQUARES][ANGLES];

    memset(h, 0, sizeof(h));
    for (int v = 0; v < SAMPLES; v++)
        for (int u = 0; u < SAMPLES; u++) {
            const float du = ((float)u - middle) * spacing, dv = ((float)v - middle) * spacing;
            float gx, gy, size;
            gradient(p, x + k->cosine * du - k->sine * dv, y + k->sine * du + k->cosine * dv, &gx,
                     &gy);
            size = d->fall_off[v][u] * sqrtf(gx * gx + gy * gy);
            share_out(
                h, ((float)u + 0.5f) * per_square - 0.5f, ((float)v + 0.5f) * per_square - 0.5f,
                turn(k->cosine * gx + k->sine * gy, k->cosine * gy - k->sine * gx) * ANGLES, size);
        }
    quantise(&h[0][0][0], k->descriptor);
}

int derm_describe(const struct derm_describer *d, const struct derm_plane *blurred, float x,
                  float y, float sigma_px, const struct derm_keypoint *point,
                  struct derm_keypoint *out, int most)
{
    float h[DIRECTIONS], highest = 0.0f;
    int n = 0;

    directions(blurred, x, y, sigma_px, h);
    for (int i = 0; i < DIRECTIONS; i++)
        highest = fmaxf(highest, h[i]);
    for (int i = 0; i < DIRECTIONS && n < most; i++) {
        const float before = h[(i + DIRECTIONS - 1) % DIRECTIONS], after = h[(i + 1) % DIRECTIONS];
        const float bend = before - 2.0f * h[i] + after;
        float angle;
        if (!(h[i] > before && h[i] >= after && h[i] >= second_direction * highest)) continue;
        angle = ((float)i + 0.5f + 0.5f * (before - after) / bend) / DIRECTIONS;
        out[n] = *point;
        out[n].cosine = cosine_of_turn(angle);
        out[n].sine = cosine_of_turn(angle + 0.75f);
        describe_one(d, blurred, x, y, sigma_px, &out[n++]);
    }
    return n;
}
