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

static void blur_line(float *dst, const float *src, int n, ptrdiff_t step, const float *tap,
                      int radius)
{
    for (int i = 0; i < n; i++) {
        float sum = tap[0] * src[i * step];
        for (int j = 1; j <= radius; j++) {
            const int a = i - j < 0 ? 0 : i - j, b = i + j >= n ? n - 1 : i + j;
            sum += tap[j] * (src[a * step] + src[b * step]);
        }
        dst[i] = sum;
    }
}

void phantom_blur(struct phantom_plane *p, double sigma_px)
{
    const int radius = (int)ceil(3.5 * sigma_px);
    const int longest = p->w > p->h ? p->w : p->h;
    float *tap, *line;
    double total = 1;

    if (sigma_px <= 0.05) return;
    tap = phantom_alloc((size_t)radius + 1, sizeof(float));
    line = phantom_alloc((size_t)longest, sizeof(float));
    for (int j = 1; j <= radius; j++)
        total += 2 * exp(-0.5 * j * j / (sigma_px * sigma_px));
    for (int j = 0; j <= radius; j++)
        tap[j] = (float)(exp(-0.5 * j * j / (sigma_px * sigma_px)) / total);
    for (int y = 0; y < p->h; y++) {
        float *const row = p->px + (ptrdiff_t)y * p->w;
        blur_line(line, row, p->w, 1, tap, radius);
        memcpy(row, line, (size_t)p->w * sizeof(float));
    }
    for (int x = 0; x < p->w; x++) {
        blur_line(line, p->px + x, p->h, p->w, tap, radius);
        for (int y = 0; y < p->h; y++)
            p->px[(ptrdiff_t)y * p->w + x] = line[y];
    }
    free(tap);
    free(line);
}
