/* SPDX-License-Identifier: Apache-2.0 */
/* Lowe 2004, sections 5 and 6, on a fixed 16 x 16 grid of samples turned and sized with the
 * keypoint (as in SURF, Bay 2008), which costs the same at every scale. */
#include "stages/descriptor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "kernels/filter.h"

enum { DIRECTIONS = 36, SQUARES = 4, ANGLES = 8, SAMPLES = DERM_DESCRIPTOR_SAMPLES, MOST = 64 };
static const float square_sigmas = 3.0f;    /* side of one of the 4 x 4 squares, in sigma */
static const float second_direction = 0.8f; /* of the highest peak (Lowe 2004, section 5) */
static const float clip = 0.2f;             /* Lowe 2004, section 6.1 */

/* Gradients of a row of samples, at most MOST of them. */
struct row {
    float gx[MOST], gy[MOST], size[MOST], turn[MOST];
};

/* Sizes, and angles as a fraction of a turn, [0, 1): arctangent by a polynomial, within 1e-4 of a
 * turn. No branches and no calls, so that the samples of a row go side by side. */
static void to_polar(struct row *r, int n)
{
    for (int i = 0; i < n; i++) {
        const float dx = r->gx[i], dy = r->gy[i], ax = fabsf(dx), ay = fabsf(dy);
        const float hi = ax > ay ? ax : ay, lo = ax > ay ? ay : ax;
        const float q = lo / (hi > 1e-30f ? hi : 1e-30f), q2 = q * q;
        const float eighth = q * (0.15913f + q2 * (-0.05215f + q2 * (0.02735f - q2 * 0.00934f)));
        const float quarter = ay > ax ? 0.25f - eighth : eighth;
        const float half = dx < 0.0f ? 0.5f - quarter : quarter;
        const float whole = dy < 0.0f ? 1.0f - half : half;
        r->turn[i] = whole < 1.0f ? whole : 0.0f;
        r->size[i] = sqrtf(dx * dx + dy * dy);
    }
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

static int nearest(float x)
{
    return (int)floorf(x + 0.5f);
}

/* The gradient at the pixel next to (i, j) that has one. */
static inline void gradient(const struct derm_plane *p, int i, int j, float *gx, float *gy)
{
    const int x = clampi(i, 1, p->w - 2), y = clampi(j, 1, p->h - 2);
    const float *const at = derm_row(p, y) + x;

    *gx = at[1] - at[-1];
    *gy = at[p->stride] - at[-p->stride];
}

void derm_describer_init(struct derm_describer *d)
{
    const float half = 0.5f * SAMPLES;

    for (int v = 0; v < SAMPLES; v++) {
        const float at = ((float)v + 0.5f) * SQUARES / SAMPLES - 0.5f;
        d->square[v] = (int)floorf(at) + 1;
        d->part[v] = at - floorf(at);
        for (int u = 0; u < SAMPLES; u++) {
            const float dx = ((float)u + 0.5f - half) / half, dy = ((float)v + 0.5f - half) / half;
            d->fall_off[v][u] = derm_expf(-0.5f * (dx * dx + dy * dy));
        }
    }
}

/* Histogram of gradient directions within 4.5 sigma, smoothed. */
static void directions(const struct derm_plane *p, float x, float y, float sigma_px,
                       float histogram[DIRECTIONS])
{
    const float spread = 1.5f * sigma_px, fall = -0.5f / (spread * spread);
    const int radius = imin((int)(3.0f * spread), MOST / 2 - 1), n = 2 * radius + 1;
    float raw[DIRECTIONS] = { 0 }, fall_off[MOST / 2];
    struct row r;

    for (int i = 0; i <= radius; i++)
        fall_off[i] = derm_expf(fall * (float)(i * i));
    for (int v = -radius; v <= radius; v++) {
        for (int i = 0; i < n; i++)
            gradient(p, nearest(x) + i - radius, nearest(y) + v, &r.gx[i], &r.gy[i]);
        to_polar(&r, n);
        for (int i = 0; i < n; i++) {
            const int u = i - radius;
            if (u * u + v * v > radius * radius) continue;
            raw[imin((int)(r.turn[i] * DIRECTIONS), DIRECTIONS - 1)] +=
                fall_off[abs(u)] * fall_off[abs(v)] * r.size[i];
        }
    }
    for (int i = 0; i < DIRECTIONS; i++) {
        const float *const a = raw;
        const int count = DIRECTIONS;
        histogram[i] = 0.375f * a[i] + 0.25f * (a[(i + 1) % count] + a[(i + count - 1) % count]) +
                       0.0625f * (a[(i + 2) % count] + a[(i + count - 2) % count]);
    }
}

/* What the squares and angles around each sample got; with a margin of squares that count nothing
 * and an angle that is the first again. */
typedef float shares[SQUARES + 2][SQUARES + 2][ANGLES + 1];

/* Shares the gradients of a row of samples out. */
static void share_out(shares h, const struct derm_describer *d, int v, const struct row *r)
{
    for (int u = 0; u < SAMPLES; u++) {
        const float angle = r->turn[u] * ANGLES, size = r->size[u] * d->fall_off[v][u];
        const int k = imin((int)angle, ANGLES - 1), i = d->square[u];
        const float fk = angle - (float)k, fu = d->part[u];
        for (int j = 0; j < 2; j++) {
            const float part = size * (j ? d->part[v] : 1.0f - d->part[v]);
            float(*const at)[ANGLES + 1] = h[d->square[v] + j];
            at[i][k] += part * (1.0f - fu) * (1.0f - fk);
            at[i][k + 1] += part * (1.0f - fu) * fk;
            at[i + 1][k] += part * fu * (1.0f - fk);
            at[i + 1][k + 1] += part * fu * fk;
        }
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
    const float middle = 0.5f * (SAMPLES - 1), c = k->cosine, s = k->sine;
    float inner[SQUARES][SQUARES][ANGLES];
    shares h;

    memset(h, 0, sizeof(h));
    for (int v = 0; v < SAMPLES; v++) {
        const float dv = ((float)v - middle) * spacing;
        struct row r;
        for (int u = 0; u < SAMPLES; u++) {
            const float du = ((float)u - middle) * spacing;
            float gx, gy;
            gradient(p, nearest(x + c * du - s * dv), nearest(y + s * du + c * dv), &gx, &gy);
            r.gx[u] = c * gx + s * gy;
            r.gy[u] = c * gy - s * gx;
        }
        to_polar(&r, SAMPLES);
        share_out(h, d, v, &r);
    }
    for (int j = 0; j < SQUARES; j++)
        for (int i = 0; i < SQUARES; i++) {
            memcpy(inner[j][i], h[j + 1][i + 1], sizeof(inner[j][i]));
            inner[j][i][0] += h[j + 1][i + 1][ANGLES];
        }
    quantise(&inner[0][0][0], k->descriptor);
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
