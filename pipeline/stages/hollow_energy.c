/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/hollow_energy.h"

#include <math.h>

#include "base/num.h"

struct energy {
    double sum, pixels, farthest_px;
};

static double distance(const struct derm_hollow_bench *b, const struct derm_object *o, int x, int y)
{
    const double dx = derm_reduced_to_grid(b->c, x) - o->x;
    const double dy = derm_reduced_to_grid(b->c, y) - o->y;

    return sqrt(dx * dx + dy * dy) / b->c->factor;
}

static void add_up(const struct derm_hollow_bench *b, const struct derm_plane *band,
                   const struct derm_objects *objects, struct energy *inside)
{
    for (int y = 0; y < band->h; y++)
        for (int x = 0; x < band->w; x++) {
            const int id = derm_labels_row(&objects->labels, y)[x];
            const double v = (double)derm_row(band, y)[x];
            struct energy *const e = &inside[id];

            if (id == 0 || !derm_mask_row(&b->c->where, y)[x]) continue;
            e->sum += v * v;
            e->pixels += 1;
            e->farthest_px = fmax(e->farthest_px, distance(b, &objects->item[id - 1], x, y));
        }
}

/* Mean energy of the skin around an object that belongs to none. */
static double surround(const struct derm_hollow_bench *b, const struct derm_plane *band,
                       const struct derm_objects *objects, const struct derm_object *o,
                       double farthest_px)
{
    const double lo = farthest_px + b->ring_lo_mm * b->c->px_per_mm;
    const double hi = farthest_px + b->ring_hi_mm * b->c->px_per_mm;
    const double cx = (o->x + 0.5) / b->c->factor - 0.5, cy = (o->y + 0.5) / b->c->factor - 0.5;
    const int x0 = imax((int)(cx - hi), 0), x1 = imin((int)(cx + hi) + 1, band->w - 1);
    const int y0 = imax((int)(cy - hi), 0), y1 = imin((int)(cy + hi) + 1, band->h - 1);
    double sum = 0, pixels = 0;

    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            const double r = distance(b, o, x, y), v = (double)derm_row(band, y)[x];

            if (r < lo || r > hi || !derm_mask_row(&b->c->where, y)[x]) continue;
            if (derm_labels_row(&objects->labels, y)[x]) continue;
            sum += v * v;
            pixels += 1;
        }
    return pixels > 0 ? sum / pixels : 0;
}

derm_err derm_hollow_energy(struct derm_run *run, const struct derm_hollow_bench *b,
                            const struct derm_objects *objects, int first, double *value,
                            double *area_px)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_plane band;
    struct energy *inside;

    DERM_TRY(derm_arena_new(run->scratch, &inside, (size_t)objects->n + 1, sizeof(*inside)));
    DERM_TRY(derm_plane_raw(run->scratch, &band, b->soft->w, b->soft->h));
    DERM_TRY(derm_gaussian(&f, &band, b->od, b->coarse_mm * b->c->px_per_mm));
    for (int y = 0; y < band.h; y++)
        for (int x = 0; x < band.w; x++)
            derm_row(&band, y)[x] = derm_row(b->soft, y)[x] - derm_row(&band, y)[x];
    add_up(b, &band, objects, inside);
    for (int i = first; i < objects->n; i++) {
        const struct derm_object *const o = &objects->item[i];
        const struct energy *const e = &inside[i + 1];
        const double mean = e->pixels > 0 ? e->sum / e->pixels : 0;
        const double around = surround(b, &band, objects, o, e->farthest_px);

        value[i] = o->area_px * (mean - around);
        area_px[i] = o->area_px;
    }
    return DERM_OK;
}
