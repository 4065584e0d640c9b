/* SPDX-License-Identifier: Apache-2.0 */
/* The camera: defocus, vignetting, pixels, photon and read noise, tone curve, 8 bits. */
#include <math.h>

#include "phantom.h"

static void shrink(struct phantom_plane *dst, const struct phantom_plane *src, int factor)
{
    for (int y = 0; y < dst->h; y++)
        for (int x = 0; x < dst->w; x++) {
            double sum = 0;
            for (int j = 0; j < factor; j++)
                for (int i = 0; i < factor; i++)
                    sum += (double)src->px[(ptrdiff_t)(y * factor + j) * src->w + x * factor + i];
            dst->px[(ptrdiff_t)y * dst->w + x] = (float)(sum / (factor * factor));
        }
}

/* Light that the corners lose grows with the square of the distance from the middle. */
static void darken_corners(struct phantom_plane *p, double share)
{
    for (int y = 0; y < p->h; y++)
        for (int x = 0; x < p->w; x++) {
            const double a = (x + 0.5) / p->w - 0.5, b = (y + 0.5) / p->h - 0.5;
            p->px[(ptrdiff_t)y * p->w + x] *= (float)(1 - share * 2 * (a * a + b * b));
        }
}

static void to_p3(double rgb[3])
{
    static const double m[3][3] = { { 0.8224622, 0.1775380, 0 },
                                    { 0.0331942, 0.9668058, 0 },
                                    { 0.0170826, 0.0723974, 0.9105199 } };
    const double r = rgb[0], g = rgb[1], b = rgb[2];

    for (int c = 0; c < 3; c++)
        rgb[c] = m[c][0] * r + m[c][1] * g + m[c][2] * b;
}

static uint8_t encode(double linear, double s_curve)
{
    double v = fmin(fmax(linear, 0), 1);

    v = v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
    v += s_curve * (v * v * (3 - 2 * v) - v);
    return (uint8_t)(255 * v + 0.5);
}

void phantom_photograph(const struct phantom_camera *camera, const struct phantom_plane lin[3],
                        int oversample, struct phantom_rgb8 *out)
{
    const int w = camera->width, h = camera->height, n = w * h;
    struct phantom_plane seen[3];
    struct phantom_rng r;

    phantom_rng_init(&r, camera->noise_seed, 7);
    for (int c = 0; c < 3; c++) {
        phantom_plane_init(&seen[c], w, h);
        shrink(&seen[c], &lin[c], oversample);
        phantom_blur(&seen[c], camera->defocus_px);
        if (camera->vignette > 0) darken_corners(&seen[c], camera->vignette);
    }
    out->px = phantom_alloc((size_t)n, 3);
    out->w = w;
    out->h = h;
    out->p3 = camera->p3;
    for (int i = 0; i < n; i++) {
        double rgb[3];
        for (int c = 0; c < 3; c++) {
            const double light = (double)seen[c].px[i];
            const double variance = fmax(light, 0) + 0.02; /* of photons; of reading */
            rgb[c] = light + camera->noise * sqrt(variance) * phantom_normal(&r);
        }
        if (camera->p3) to_p3(rgb);
        for (int c = 0; c < 3; c++)
            out->px[3 * (ptrdiff_t)i + c] = encode(rgb[c], camera->s_curve);
    }
    for (int c = 0; c < 3; c++)
        phantom_plane_free(&seen[c]);
}
