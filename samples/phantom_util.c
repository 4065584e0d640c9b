/* SPDX-License-Identifier: Apache-2.0 */
/* Memory, random numbers and a Gaussian blur for the phantom. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phantom.h"

void *phantom_alloc(size_t count, size_t size)
{
    void *const p = calloc(count ? count : 1, size);

    if (!p) {
        fprintf(stderr, "phantom: out of memory\n");
        exit(70);
    }
    return p;
}

void phantom_plane_init(struct phantom_plane *p, int w, int h)
{
    p->w = w;
    p->h = h;
    p->px = phantom_alloc((size_t)w * (size_t)h, sizeof(float));
}

void phantom_plane_free(struct phantom_plane *p)
{
    free(p->px);
    *p = (struct phantom_plane){ 0 };
}

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void phantom_rng_init(struct phantom_rng *r, uint64_t seed, uint64_t stream)
{
    uint64_t state = seed ^ (stream * 0xd1342543de82ef95u + 0x632be59bd9b4e019u);

    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&state);
}

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

static uint64_t next(struct phantom_rng *r)
{
    const uint64_t result = rotate(r->s[1] * 5, 7) * 9, t = r->s[1] << 17;

    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = rotate(r->s[3], 45);
    return result;
}

double phantom_uniform(struct phantom_rng *r, double lo, double hi)
{
    return lo + (hi - lo) * ((double)(next(r) >> 11) * 0x1p-53);
}

double phantom_normal(struct phantom_rng *r) /* Box and Muller; the second value is not kept */
{
    const double u = phantom_uniform(r, 0x1p-53, 1), v = phantom_uniform(r, 0, 6.283185307179586);

    return sqrt(-2 * log(u)) * cos(v);
}

/* dst[i] += tap (a[i] + b[i]) */
static void add_pair(float *restrict dst, const float *restrict a, const float *restrict b,
                     float tap, int n)
{
    for (int i = 0; i < n; i++)
        dst[i] += tap * (a[i] + b[i]);
}

static void scale_row(float *restrict dst, const float *restrict src, float tap, int n)
{
    for (int i = 0; i < n; i++)
        dst[i] = tap * src[i];
}

static void blur_rows(struct phantom_plane *p, const float *tap, int radius)
{
    float *const padded = phantom_alloc((size_t)p->w + 2 * (size_t)radius, sizeof(float));

    for (int y = 0; y < p->h; y++) {
        float *const row = p->px + (ptrdiff_t)y * p->w;
        memcpy(padded + radius, row, (size_t)p->w * sizeof(float));
        for (int j = 0; j < radius; j++) {
            padded[j] = row[0];
            padded[radius + p->w + j] = row[p->w - 1];
        }
        scale_row(row, padded + radius, tap[0], p->w);
        for (int j = 1; j <= radius; j++)
            add_pair(row, padded + radius - j, padded + radius + j, tap[j], p->w);
    }
    free(padded);
}

static void blur_columns(struct phantom_plane *p, const float *tap, int radius)
{
    const size_t n = (size_t)p->w * (size_t)p->h;
    float *const src = phantom_alloc(n, sizeof(float));

    memcpy(src, p->px, n * sizeof(float));
    for (int y = 0; y < p->h; y++) {
        float *const row = p->px + (ptrdiff_t)y * p->w;
        scale_row(row, src + (ptrdiff_t)y * p->w, tap[0], p->w);
        for (int j = 1; j <= radius; j++) {
            const int a = y - j < 0 ? 0 : y - j, b = y + j >= p->h ? p->h - 1 : y + j;
            add_pair(row, src + (ptrdiff_t)a * p->w, src + (ptrdiff_t)b * p->w, tap[j], p->w);
        }
    }
    free(src);
}

void phantom_blur(struct phantom_plane *p, double sigma_px)
{
    const int radius = (int)ceil(3.5 * sigma_px);
    float *tap;
    double total = 1;

    if (sigma_px <= 0.05) return;
    tap = phantom_alloc((size_t)radius + 1, sizeof(float));
    for (int j = 1; j <= radius; j++)
        total += 2 * exp(-0.5 * j * j / (sigma_px * sigma_px));
    for (int j = 0; j <= radius; j++)
        tap[j] = (float)(exp(-0.5 * j * j / (sigma_px * sigma_px)) / total);
    blur_rows(p, tap, radius);
    blur_columns(p, tap, radius);
    free(tap);
}
