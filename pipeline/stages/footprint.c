/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to a pit and what surrounds it. */
#include <math.h>

#include "base/num.h"
#include "stages/pits.h"

struct growth {
    const struct derm_plane *plane;
    struct derm_mask *taken;
    struct derm_point centre;
    double threshold, radius_px;
    int x0, x1, y0, y1;
    int *pixel, n;
};

static void take(struct growth *g, int x, int y)
{
    const double dx = x - g->centre.x, dy = y - g->centre.y;
    uint8_t *const taken = &derm_mask_row(g->taken, y)[x];

    if (*taken || !((double)derm_row(g->plane, y)[x] > g->threshold)) return;
    if (dx * dx + dy * dy > g->radius_px * g->radius_px) return;
    *taken = 0xff;
    g->pixel[g->n++] = y * g->plane->w + x;
}

derm_err derm_pit_grow(struct derm_run *run, struct derm_mask *taken,
                       const struct derm_plane *plane, struct derm_point centre, double threshold,
                       double radius_px, struct derm_footprint *out)
{
    struct growth g = { plane, taken, centre, threshold, radius_px, 0, 0, 0, 0, NULL, 0 };

    g.x0 = imax((int)ceil(centre.x - radius_px), 0);
    g.x1 = imin((int)floor(centre.x + radius_px), plane->w - 1);
    g.y0 = imax((int)ceil(centre.y - radius_px), 0);
    g.y1 = imin((int)floor(centre.y + radius_px), plane->h - 1);
    *out = (struct derm_footprint){ NULL, 0 };
    if (g.x1 < g.x0 || g.y1 < g.y0) return DERM_OK;
    DERM_TRY(derm_arena_raw(run->scratch, &g.pixel,
                            (size_t)(g.x1 - g.x0 + 1) * (size_t)(g.y1 - g.y0 + 1), sizeof(int)));
    take(&g, clampi((int)floor(centre.x + 0.5), g.x0, g.x1),
         clampi((int)floor(centre.y + 0.5), g.y0, g.y1));
    for (int i = 0; i < g.n; i++) {
        const int x = g.pixel[i] % plane->w, y = g.pixel[i] / plane->w;

        if (x > g.x0) take(&g, x - 1, y);
        if (x < g.x1) take(&g, x + 1, y);
        if (y > g.y0) take(&g, x, y - 1);
        if (y < g.y1) take(&g, x, y + 1);
    }
    *out = (struct derm_footprint){ g.pixel, g.n };
    return DERM_OK;
}

/* floor and ceil of what an int holds, without a call: there are two for every row of a ring. */
static inline int round_down(double x)
{
    const int i = (int)x;

    return i - (x < i);
}
static inline int round_up(double x)
{
    const int i = (int)x;

    return i + (x > i);
}

/* The pixels of row j within radius_px of a place: lo..hi, none where hi < lo. */
static void chord(double x, double y, double radius_px, int j, int *lo, int *hi)
{
    const double left = radius_px * radius_px - (j - y) * (j - y);
    const double half = left >= 0 ? sqrt(left) : -1;

    *lo = round_up(x - half);
    *hi = left >= 0 ? round_down(x + half) : *lo - 1;
}

struct total {
    double sum;
    int count;
};

/* Adds the pixels x0..x1 of a row where the mask is set. */
static void add_run(struct total *t, const float *row, const uint8_t *counts, int x0, int x1)
{
    for (int i = x0; i <= x1; i++) {
        t->sum += counts[i] ? (double)row[i] : 0;
        t->count += counts[i] & 1;
    }
}

double derm_pit_ring(const struct derm_plane *plane, const struct derm_mask *where, double x,
                     double y, double lo_px, double hi_px, int *count)
{
    const int y0 = imax((int)ceil(y - hi_px), 0), y1 = imin((int)floor(y + hi_px), plane->h - 1);
    const int last = plane->w - 1;
    struct total t = { 0, 0 };

    for (int j = y0; j <= y1; j++) {
        const uint8_t *const counts = derm_mask_row(where, j);
        const float *const row = derm_row(plane, j);
        int outer[2], inner[2];

        chord(x, y, hi_px, j, &outer[0], &outer[1]);
        chord(x, y, lo_px, j, &inner[0], &inner[1]);
        if (inner[1] < inner[0]) inner[0] = outer[1] + 1, inner[1] = outer[1];
        add_run(&t, row, counts, imax(outer[0], 0), imin(inner[0] - 1, last));
        add_run(&t, row, counts, imax(inner[1] + 1, 0), imin(outer[1], last));
    }
    *count = t.count;
    return t.count > 0 ? t.sum / t.count : 0;
}

double derm_pit_share(const struct derm_mask *where, double x, double y, double radius_px)
{
    const int y0 = (int)ceil(y - radius_px), y1 = (int)floor(y + radius_px);
    int set = 0, all = 0;

    for (int j = y0; j <= y1; j++) {
        int lo, hi;

        chord(x, y, radius_px, j, &lo, &hi);
        all += hi - lo + 1;
        if (j < 0 || j >= where->h) continue;
        for (int i = imax(lo, 0); i <= imin(hi, where->w - 1); i++)
            set += derm_mask_row(where, j)[i] & 1;
    }
    return all > 0 ? (double)set / all : 0;
}
