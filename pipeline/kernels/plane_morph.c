/* SPDX-License-Identifier: Apache-2.0 */
/* Morphology with a disc, exact, in whole numbers, at a cost that does not depend on the radius: a
 * pixel at vertical distance d from the nearest set pixel of its column means that its row is
 * covered for floor(sqrt(r^2 - d^2)) pixels to both sides; a running count of interval ends gives
 * the union. What lies outside the picture counts as not set when dilating, as set when eroding. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/num.h"
#include "kernels/bands.h"

enum { FAR = UINT16_MAX, MAX_RADIUS_PX = UINT16_MAX - 1, STRIP = 1024 /* columns of a task */ };

struct disc_job {
    const struct derm_mask *dst, *src;
    struct derm_bits distance; /* to the nearest set pixel of the column, FAR beyond the radius */
    int radius_px;
    const int *half_width; /* of the disc at a vertical distance */
    uint8_t set;           /* what counts as set in src; the result is its complement if 0 */
};

/* One more than from, FAR where that is beyond the radius. */
static inline uint16_t farther(uint16_t from, uint16_t radius_px)
{
    return from < radius_px ? (uint16_t)(from + 1) : FAR;
}

static void sweep_down(uint16_t *restrict here, const uint16_t *restrict above,
                       const uint8_t *restrict src, uint8_t set, uint16_t radius_px, int n)
{
    for (int x = 0; x < n; x++) {
        const uint16_t past = farther(above[x], radius_px);
        here[x] = src[x] == set ? 0 : past;
    }
}

/* Keeps the lesser distance. */
static void sweep_up(uint16_t *restrict here, const uint16_t *restrict below, uint16_t radius_px,
                     int n)
{
    for (int x = 0; x < n; x++) {
        const uint16_t past = farther(below[x], radius_px);
        here[x] = here[x] < past ? here[x] : past;
    }
}

static void sweep_strip(void *arg, int i)
{
    const struct disc_job *const j = arg;
    const int x0 = i * STRIP, n = imin(STRIP, j->src->w - x0), h = j->src->h;
    const uint16_t radius_px = (uint16_t)j->radius_px;
    uint16_t nothing[STRIP]; /* above the picture */

    memset(nothing, 0xff, sizeof(nothing));
    for (int y = 0; y < h; y++)
        sweep_down(derm_bits_row(&j->distance, y) + x0,
                   y ? derm_bits_row(&j->distance, y - 1) + x0 : nothing,
                   derm_mask_row(j->src, y) + x0, j->set, radius_px, n);
    for (int y = h - 2; y >= 0; y--)
        sweep_up(derm_bits_row(&j->distance, y) + x0, derm_bits_row(&j->distance, y + 1) + x0,
                 radius_px, n);
}

static bool all_far(const uint16_t *distance, int n)
{
    uint16_t all = FAR;

    for (int x = 0; x < n; x++)
        all &= distance[x];
    return all == FAR;
}

static void cover_row(const struct disc_job *j, uint8_t *restrict dst,
                      const uint16_t *restrict distance, int *restrict ends)
{
    const int w = j->src->w;
    int open = 0;

    memset(ends, 0, sizeof(*ends) * ((size_t)w + 1));
    for (int x = 0; x < w; x++) {
        if (distance[x] == FAR) continue;
        ends[imax(x - j->half_width[distance[x]], 0)]++;
        ends[imin(x + j->half_width[distance[x]] + 1, w)]--;
    }
    for (int x = 0; x < w; x++) {
        open += ends[x];
        dst[x] = open > 0 ? j->set : (uint8_t)~j->set;
    }
}

static void cover_band(const void *job, int y0, int y1, void *own)
{
    const struct disc_job *const j = job;
    const int w = j->src->w;

    for (int y = y0; y < y1; y++) {
        const uint16_t *const distance = derm_bits_row(&j->distance, y);
        uint8_t *const dst = derm_mask_row(j->dst, y);

        if (all_far(distance, w))
            memset(dst, (uint8_t)~j->set, (size_t)w);
        else
            cover_row(j, dst, distance, own); /* own: intervals that begin less those that ended */
    }
}

static derm_err disc(const struct derm_filter *f, struct derm_mask *dst,
                     const struct derm_mask *src, double radius_px, uint8_t set)
{
    const size_t mark = f->scratch->used;
    const double r = radius_px < (double)MAX_RADIUS_PX ? radius_px : (double)MAX_RADIUS_PX;
    const int radius = (int)floor(r);
    struct disc_job job = { .dst = dst, .src = src, .radius_px = radius, .set = set };
    int *half_width, k = radius;

    DERM_TRY(derm_arena_new(f->scratch, &half_width, (size_t)radius + 1, sizeof(*half_width)));
    for (int d = 0; d <= radius; d++) {
        while ((double)k * k + (double)d * d > r * r)
            k--;
        half_width[d] = k;
    }
    job.half_width = half_width;
    DERM_TRY(derm_bits_new(f->scratch, &job.distance, src->w, src->h));
    derm_pool_run(f->pool, (src->w + STRIP - 1) / STRIP, sweep_strip, &job);
    DERM_TRY(derm_bands_run(f, src->h, sizeof(int) * ((size_t)src->w + 1), cover_band, &job));
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

derm_err derm_dilate(const struct derm_filter *f, struct derm_mask *dst,
                     const struct derm_mask *src, double radius_px)
{
    return disc(f, dst, src, radius_px, 0xff);
}

derm_err derm_erode(const struct derm_filter *f, struct derm_mask *dst, const struct derm_mask *src,
                    double radius_px)
{
    return disc(f, dst, src, radius_px, 0x00);
}
