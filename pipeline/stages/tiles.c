/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/tiles.h"

#include <math.h>

#include "base/num.h"

static int pixels_of(const struct derm_tiles *t, int i, int j)
{
    const int x1 = imin((i + 1) * t->side, t->where->w), y1 = imin((j + 1) * t->side, t->where->h);
    int n = 0;

    for (int y = j * t->side; y < y1; y++) {
        const uint8_t *const row = derm_mask_row(t->where, y);

        for (int x = i * t->side; x < x1; x++)
            n += row[x] & 1;
    }
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
    const size_t most = (size_t)t->w * (size_t)t->h;
    DERM_TRY(derm_arena_raw(run->scratch, &t->object, most, sizeof(*t->object)));
    objects->n = 0;
    DERM_TRY(derm_arena_raw(run->keep, &objects->item, most, sizeof(*objects->item)));
    for (int j = 0; j < t->h; j++)
        for (int i = 0; i < t->w; i++) {
            const int pixels = pixels_of(t, i, j);
            const bool measured = 2 * pixels >= t->side * t->side;

            t->object[j * t->w + i] = measured ? objects->n : -1;
            if (measured) objects->item[objects->n++] = tile_object(run, view, t, i, j, pixels);
        }
    derm_arena_trim(run->keep, objects->item, most * sizeof(*objects->item),
                    (size_t)objects->n * sizeof(*objects->item));
    return DERM_OK;
}

/* Of the pixels of row y that are in tile i. */
static double sum_of_row(const struct derm_tiles *t, const struct derm_plane *plane, int i, int y,
                         double sum)
{
    const uint8_t *const where = derm_mask_row(t->where, y);
    const float *const row = derm_row(plane, y);
    const double grid_px = (double)t->factor * t->factor;
    const int x1 = imin((i + 1) * t->side, plane->w);

    for (int x = i * t->side; x < x1; x++)
        if (where[x]) sum += grid_px * (double)row[x];
    return sum;
}

void derm_tiles_sum(const struct derm_tiles *t, const struct derm_plane *plane,
                    const struct derm_objects *objects, double *sum)
{
    for (int i = 0; i < objects->n; i++)
        sum[i] = 0;
    for (int y = 0; y < plane->h; y++)
        for (int i = 0; i < t->w; i++) {
            const int object = t->object[y / t->side * t->w + i];

            if (object >= 0) sum[object] = sum_of_row(t, plane, i, y, sum[object]);
        }
}
