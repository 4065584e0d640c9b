/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/skin_detail.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/num.h"

static const double sigma_mm[3] = { 0.1, 0.3, 0.8 };
static const double core_mm = 4, rim_mm = 2; /* of a tile; the rim is what the filters reach */
static const float most_od = 0.1f;           /* what differs more is hair or a mole, not skin */
enum { MOST_TILES = 16 };

struct sums {
    double fine_coarse, coarse2;
    int n;
};

/* Side of a tile's core; of the coarsest photos a pixel. */
static int core_px(double px_per_mm)
{
    return imax(1, (int)(core_mm * px_per_mm));
}

/* Adds the tile whose core starts at (x0, y0). */
static derm_err add_tile(const struct derm_filter *f, struct sums *s, const struct derm_plane *od,
                         const struct derm_mask *mask, int x0, int y0, double px_per_mm)
{
    const size_t mark = f->scratch->used;
    const int core = core_px(px_per_mm), rim = (int)(rim_mm * px_per_mm);
    const int left = imax(x0 - rim, 0), top = imax(y0 - rim, 0);
    const int w = imin(x0 + core + rim, od->w) - left, h = imin(y0 + core + rim, od->h) - top;
    struct derm_plane tile, smooth[3];

    DERM_TRY(derm_plane_raw(f->scratch, &tile, w, h));
    for (int y = 0; y < h; y++)
        memcpy(derm_row(&tile, y), derm_row(od, top + y) + left, (size_t)w * sizeof(float));
    for (int i = 0; i < 3; i++) {
        DERM_TRY(derm_plane_raw(f->scratch, &smooth[i], w, h));
        DERM_TRY(derm_gaussian(f, &smooth[i], &tile, sigma_mm[i] * px_per_mm));
    }
    for (int y = y0; y < imin(y0 + core, od->h); y++)
        for (int x = x0; x < imin(x0 + core, od->w); x++) {
            const float middle = derm_row(&smooth[1], y - top)[x - left];
            const float fine = derm_row(&smooth[0], y - top)[x - left] - middle;
            const float coarse = middle - derm_row(&smooth[2], y - top)[x - left];

            if (!derm_mask_row(mask, y)[x] || fabsf(fine) > most_od || fabsf(coarse) > most_od)
                continue;
            s->fine_coarse += (double)(fine * coarse);
            s->coarse2 += (double)(coarse * coarse);
            s->n++;
        }
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

derm_err derm_skin_detail(const struct derm_filter *f, struct derm_skin_detail *out,
                          const struct derm_plane *od, const struct derm_mask *mask,
                          double px_per_mm)
{
    const int core = core_px(px_per_mm);
    const int across = imax(1, od->w / core), down = imax(1, od->h / core);
    struct sums s = { 0 };
    int skin = 0, seen = 0;

    for (int pass = 0; pass < 2; pass++) /* counted, then every so manieth is measured */
        for (int i = 0; i < across * down; i++) {
            const int x0 = i % across * core, y0 = i / across * core;
            const int x = imin(x0 + core / 2, od->w - 1), y = imin(y0 + core / 2, od->h - 1);

            if (!derm_mask_row(mask, y)[x]) continue;
            if (pass == 0)
                skin++;
            else if (seen++ % ((skin + MOST_TILES - 1) / MOST_TILES) == 0)
                DERM_TRY(add_tile(f, &s, od, mask, x0, y0, px_per_mm));
        }
    *out = (struct derm_skin_detail){ .n = s.n };
    if (s.n == 0 || !(s.coarse2 > 0)) return DERM_OK;
    out->slope = s.fine_coarse / s.coarse2;
    out->contrast = sqrt(s.coarse2 / s.n);
    return DERM_OK;
}
