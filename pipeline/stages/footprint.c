/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to a pit and what surrounds it. */
#include <math.h>

#include "base/num.h"
#include "stages/pits.h"

derm_err derm_pit_grow(struct derm_run *run, struct derm_labels *labels, int id,
                       const struct derm_plane *plane, struct derm_point centre, double threshold,
                       double radius_px, int *pixels)
{
    const double x = centre.x, y = centre.y;
    const size_t mark = run->scratch->used;
    const int x0 = imax((int)ceil(x - radius_px), 0);
    const int x1 = imin((int)floor(x + radius_px), plane->w - 1);
    const int y0 = imax((int)ceil(y - radius_px), 0);
    const int y1 = imin((int)floor(y + radius_px), plane->h - 1);
    const int seed_x = clampi((int)floor(x + 0.5), x0, x1);
    const int seed_y = clampi((int)floor(y + 0.5), y0, y1);
    int *stack, depth = 0;

    *pixels = 0;
    if (x1 < x0 || y1 < y0) return DERM_OK;
    DERM_TRY(derm_arena_new(run->scratch, &stack,
                            4 * (size_t)(x1 - x0 + 1) * (size_t)(y1 - y0 + 1) + 4, sizeof(int)));
    stack[depth++] = seed_y * plane->w + seed_x;
    while (depth > 0) {
        const int at = stack[--depth], i = at % plane->w, j = at / plane->w;
        int32_t *const label = &derm_labels_row(labels, j)[i];

        if (*label || !((double)derm_row(plane, j)[i] > threshold)) continue;
        if ((i - x) * (i - x) + (j - y) * (j - y) > radius_px * radius_px) continue;
        *label = id;
        ++*pixels;
        if (i > x0) stack[depth++] = at - 1;
        if (i < x1) stack[depth++] = at + 1;
        if (j > y0) stack[depth++] = at - plane->w;
        if (j < y1) stack[depth++] = at + plane->w;
    }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

double derm_pit_ring(const struct derm_plane *plane, const struct derm_mask *where, double x,
                     double y, double lo_px, double hi_px, int *count)
{
    const int y0 = imax((int)ceil(y - hi_px), 0), y1 = imin((int)floor(y + hi_px), plane->h - 1);
    const int x0 = imax((int)ceil(x - hi_px), 0), x1 = imin((int)floor(x + hi_px), plane->w - 1);
    double sum = 0;

    *count = 0;
    for (int j = y0; j <= y1; j++)
        for (int i = x0; i <= x1; i++) {
            const double r2 = (i - x) * (i - x) + (j - y) * (j - y);

            if (r2 < lo_px * lo_px || r2 > hi_px * hi_px || !derm_mask_row(where, j)[i]) continue;
            sum += (double)derm_row(plane, j)[i];
            ++*count;
        }
    return *count > 0 ? sum / *count : 0;
}

double derm_pit_share(const struct derm_mask *where, double x, double y, double radius_px)
{
    const int reach = (int)ceil(radius_px), x0 = (int)(x + 0.5), y0 = (int)(y + 0.5);
    int set = 0, all = 0;

    for (int j = y0 - reach; j <= y0 + reach; j++)
        for (int i = x0 - reach; i <= x0 + reach; i++) {
            if ((i - x) * (i - x) + (j - y) * (j - y) > radius_px * radius_px) continue;
            all++;
            if (i >= 0 && j >= 0 && i < where->w && j < where->h)
                set += derm_mask_row(where, j)[i] != 0;
        }
    return all > 0 ? (double)set / all : 0;
}
