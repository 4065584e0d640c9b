/* SPDX-License-Identifier: Apache-2.0 */
/* A regional value: the mean over the region minus the mean over untreated skin of the same photo,
 * so that exposure and colour of the light cancel as far as both are lit alike.
 *
 * sd: neighbouring pixels share their mottle, so a region of area A counts as A / (2 mm)^2
 * independent samples. */
#include "stages/untreated.h"

#include <math.h>

static const double MOTTLE_MM = 2.0;
static const double MIN_CONTROL_MM2 = 20.0;

struct moments {
    double n, sum, squares;
};

static double pigment_at(const struct derm_view *view, const float weight[3], int x, int y)
{
    double sum = 0;

    for (int c = 0; c < 3; c++)
        sum += (double)(weight[c] * derm_row(&view->od[c], y)[x]);
    return sum;
}

static void add(struct moments *m, double x)
{
    m->n += 1;
    m->sum += x;
    m->squares += x * x;
}

static double mean_of(const struct moments *m)
{
    return m->n > 0 ? m->sum / m->n : 0;
}

static double variance_of_mean(const struct moments *m, double px_per_mm)
{
    const double mean = mean_of(m), mottle_px = MOTTLE_MM * px_per_mm;
    const double samples = fmax(1, m->n / (mottle_px * mottle_px));

    return m->n > 0 ? fmax(m->squares / m->n - mean * mean, 0) / samples : 0;
}

/* The control mask is in photo pixels; a grid pixel belongs to it when its centre does. */
static void control(const struct derm_frame *photo, const float weight[3], struct moments *out)
{
    const struct derm_grid *const g = &photo->view.grid;
    const struct derm_mask *const m = &photo->user_control;

    for (int y = 0; y < g->h; y++) {
        const int py = (int)floor(g->y0 + (y + 0.5) * g->step);

        if (py < 0 || py >= m->h) continue;
        for (int x = 0; x < g->w; x++) {
            const int px = (int)floor(g->x0 + (x + 0.5) * g->step);

            if (px < 0 || px >= m->w || !derm_mask_row(m, py)[px]) continue;
            if (photo->clipped.px && derm_mask_row(&photo->clipped, py)[px]) continue;
            add(out, pigment_at(&photo->view, weight, x, y));
        }
    }
}

struct derm_contrast_of_region
derm_untreated_contrast(const struct derm_frame *photo, const struct derm_view *view,
                        const float weight[3], const struct derm_bits *regions,
                        const struct derm_mask *where, const struct derm_place *place)
{
    const double px_per_mm = photo->view.grid.px_per_mm;
    struct derm_contrast_of_region out = { 0 };
    struct moments inside = { 0 }, untreated = { 0 };

    if (!photo->user_control.px) return out;
    control(photo, weight, &untreated);
    if (untreated.n < MIN_CONTROL_MM2 * px_per_mm * px_per_mm) return out;
    for (int y = 0; y < regions->h; y++)
        for (int x = 0; x < regions->w; x++)
            if (((derm_bits_row(regions, y)[x] >> place->region) & 1) && derm_mask_row(where, y)[x])
                add(&inside, pigment_at(view, weight, x, y));
    out.found = inside.n > 0;
    out.value = mean_of(&inside) - mean_of(&untreated);
    out.sd = sqrt(variance_of_mean(&inside, px_per_mm) + variance_of_mean(&untreated, px_per_mm));
    return out;
}

bool derm_control_change(const struct derm_view *base, const struct derm_view *follow,
                         const float weight[3], const struct derm_mask *where,
                         struct derm_value *out)
{
    const double px_per_mm = base->grid.px_per_mm;
    struct moments change = { 0 };

    for (int y = 0; y < base->regions.h; y++)
        for (int x = 0; x < base->regions.w; x++)
            if (((derm_bits_row(&base->regions, y)[x] >> DERM_REGION_CONTROL) & 1) &&
                derm_mask_row(where, y)[x])
                add(&change, pigment_at(follow, weight, x, y) - pigment_at(base, weight, x, y));
    *out = (struct derm_value){ mean_of(&change), sqrt(variance_of_mean(&change, px_per_mm)) };
    return change.n >= MIN_CONTROL_MM2 * px_per_mm * px_per_mm;
}
