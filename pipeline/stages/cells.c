/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/cells.h"

#include "base/num.h"

enum { LEAST_ALONG_SIDE = 4 };

static void add_pixel(struct derm_cell *c, const struct derm_pair *pair, int x, int y)
{
    for (int k = 0; k < 3; k++) {
        c->base[k] += (double)derm_row(&pair->base->view.od[k], y)[x];
        c->follow[k] += (double)derm_row(&pair->warped.od[k], y)[x];
    }
    c->n++;
}

static void divide(struct derm_cell *c)
{
    for (int k = 0; k < 3; k++) {
        c->base[k] /= c->n;
        c->follow[k] /= c->n;
    }
}

static derm_err new_lattice(struct derm_run *run, struct derm_cells *c, int w, int h,
                            double size_px)
{
    c->w = w;
    c->h = h;
    c->size_px = size_px;
    return derm_arena_new(run->scratch, &c->at, (size_t)w * (size_t)h, sizeof(*c->at));
}

/* Row by row, as the planes lie in memory. */
static void add_row(struct derm_cells *cells, const struct derm_pair *pair, int y, int size,
                    int step)
{
    const uint8_t *const common = derm_mask_row(&pair->common, y);
    struct derm_cell *const row = &cells->at[y / size * cells->w];

    for (int i = 0; i < cells->w; i++)
        for (int x = i * size; x < (i + 1) * size; x += step)
            if (common[x]) add_pixel(&row[i], pair, x, y);
}

derm_err derm_cells_new(struct derm_run *run, struct derm_cells *cells, double size_mm)
{
    const struct derm_pair *const pair = run->pair;
    const struct derm_mask *const common = &pair->common;
    const int size = imax((int)(size_mm * pair->base->view.grid.px_per_mm + 0.5), 1);
    const int step = imax(size / LEAST_ALONG_SIDE, 1), along = (size + step - 1) / step;

    DERM_TRY(new_lattice(run, cells, common->w / size, common->h / size, size));
    for (int j = 0; j < cells->h; j++) {
        for (int y = j * size; y < (j + 1) * size; y += step)
            add_row(cells, pair, y, size, step);
        for (int i = 0; i < cells->w; i++) {
            struct derm_cell *const c = &cells->at[j * cells->w + i];

            c->x = i * size + 0.5 * (size - 1);
            c->y = j * size + 0.5 * (size - 1);
            if (2 * c->n < along * along)
                c->n = 0;
            else
                divide(c);
        }
    }
    return DERM_OK;
}

derm_err derm_cells_merge(struct derm_run *run, struct derm_cells *out,
                          const struct derm_cells *cells, int factor)
{
    DERM_TRY(new_lattice(run, out, cells->w / factor, cells->h / factor, factor * cells->size_px));
    for (int j = 0; j < out->h * factor; j++)
        for (int i = 0; i < out->w * factor; i++) {
            const struct derm_cell *const from = &cells->at[j * cells->w + i];
            struct derm_cell *const c = &out->at[j / factor * out->w + i / factor];

            c->x += from->x / (factor * factor);
            c->y += from->y / (factor * factor);
            if (from->n == 0) continue;
            for (int k = 0; k < 3; k++) {
                c->base[k] += from->base[k];
                c->follow[k] += from->follow[k];
            }
            c->n++;
        }
    for (int i = 0; i < out->w * out->h; i++)
        if (2 * out->at[i].n < factor * factor)
            out->at[i].n = 0;
        else
            divide(&out->at[i]);
    return DERM_OK;
}
