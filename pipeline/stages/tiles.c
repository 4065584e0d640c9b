/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/tiles.h"

#include <math.h>

#include "base/num.h"

static int pixels_of(const struct derm_tiles *t, int i, int j)
{
    const int x1 = imin((i + 1) * t->side, t->where->w), y1 = imin((j + 1) * t->side, t->where->h);
    int n = 0;

    for (int y = j * t->side; y < y1; y++)
        for (int x = i * t->side; x < x1; x++)
            n += derm_mask_row(t->where, y)[x] != 0;
    return n;
}

static struct derm_object tile_object(const struct derm_run *run, const struct derm_view *view,
                                      const struct derm_tiles *t, int i, int j, int pixels)
{
    const double side_px = (double)t->side * t->factor;
    struct derm_object o = { .x = (i + 0.5) * side_px - 0.5,
                             .y = (j + 0.5) * side_px - 0.5,
                             .area_px = (double)pixels * t->factor * t->factor,
                             .axis_ratio = 1,
                             .scale_px = side_px,
                             .found_in = run->pair ? 3 : 1 };

    o.diameter_mm = side_px / view->grid.px_per_mm;
    o.regions = derm_bits_row(
        &view->regions, imin((int)o.y, view->regions.h - 1))[imin((int)o.x, view->regions.w - 1)];
    return o;
}

derm_err derm_tiles_cut(struct derm_run *run, const struct derm_view *view,
                        const struct derm_mask *where, int factor, double side_mm,
                        struct derm_tiles *tiles, struct derm_objects *objects)
{
    struct derm_tiles *const t = tiles;

    *t = (struct derm_tiles){ .where = where, .factor = factor };
    t->side = imax(1, (int)lround(side_mm * view->grid.px_per_mm / factor));
    t->w = (where->w + t->side - 1) / t->side;
    t->h = (where->h + t->side - 1) / t->side;
    DERM_TRY(derm_arena_new(run->scratch, &t->object, (size_t)t->w * (size_t)t->h, sizeof(int)));
    objects->n = 0;
    for (int k = 0; k < t->w * t->h; k++) {
        const int pixels = pixels_of(t, k % t->w, k / t->w);

        t->object[k] = 2 * pixels >= t->side * t->side ? objects->n++ : -1;
    }
    DERM_TRY(
        derm_arena_new(run->keep, &objects->item, (size_t)objects->n + 1, sizeof(*objects->item)));
    for (int k = 0; k < t->w * t->h; k++)
        if (t->object[k] >= 0)
            objects->item[t->object[k]] =
                tile_object(run, view, t, k % t->w, k / t->w, pixels_of(t, k % t->w, k / t->w));
    return DERM_OK;
}

void derm_tiles_sum(const struct derm_tiles *t, const struct derm_plane *plane,
                    const struct derm_objects *objects, double *sum)
{
    const double grid_px = (double)t->factor * t->factor;

    for (int i = 0; i < objects->n; i++)
        sum[i] = 0;
    for (int y = 0; y < plane->h; y++)
        for (int x = 0; x < plane->w; x++) {
            const int object = t->object[y / t->side * t->w + x / t->side];

            if (object >= 0 && derm_mask_row(t->where, y)[x])
                sum[object] += grid_px * (double)derm_row(plane, y)[x];
        }
}
