/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/light_gradient.h"

#include "base/num.h"
#include "stages/statistics.h"

/* A plane through the optical density of the skin shows light that comes from a side.
 * The whole range of the slow field would not do: gloss takes a larger part of what dark skin sends
 * back, so that in one and the same light dark faces would look less evenly lit. */
struct slope {
    double x, y; /* optical density per grid px */
};

/* od: on the lattice. */
static struct slope fit_plane(const struct derm_plane *od, const struct derm_mask *skin, int step)
{
    double n = 0, x1 = 0, y1 = 0, z1 = 0, xx = 0, xy = 0, yy = 0, xz = 0, yz = 0, determinant;
    struct slope s = { 0 };

    for (int j = 0; j < od->h; j++)
        for (int i = 0; i < od->w; i++) {
            const double x = step * (i - 0.5 * od->w), y = step * (j - 0.5 * od->h);
            const double z = (double)derm_row(od, j)[i];
            if (!derm_mask_row(skin, j)[i]) continue;
            n++;
            x1 += x;
            y1 += y;
            z1 += z;
            xx += x * x;
            xy += x * y;
            yy += y * y;
            xz += x * z;
            yz += y * z;
        }
    xx -= x1 * x1 / n;
    xy -= x1 * y1 / n;
    yy -= y1 * y1 / n;
    xz -= x1 * z1 / n;
    yz -= y1 * z1 / n;
    determinant = xx * yy - xy * xy;
    if (determinant > 1e-9 * xx * yy) { /* else the skin is a line */
        s.x = (xz * yy - yz * xy) / determinant;
        s.y = (yz * xx - xz * xy) / determinant;
    }
    return s;
}

derm_err derm_light_gradient(const struct derm_run *run, const struct derm_lattice *at)
{
    enum { SAMPLES = 20000 };
    const struct derm_filter filter = derm_run_filter(run);
    struct derm_view *const v = &run->frame->view;
    struct derm_quality *const q = &run->frame->quality;
    struct slope slope;
    struct derm_plane od;
    struct derm_mask skin;
    double *value;
    int skin_px, seen = 0, n = 0;

    DERM_TRY(derm_plane_new(run->scratch, &od, at->w, at->h));
    DERM_TRY(derm_mask_new(run->scratch, &skin, at->w, at->h));
    for (int j = 0; j < at->h; j++)
        for (int i = 0; i < at->w; i++) {
            const int x = derm_lattice_at(at, i), y = derm_lattice_at(at, j);
            derm_row(&od, j)[i] = derm_row(&v->od[1], y)[x];
            derm_mask_row(&skin, j)[i] = derm_mask_row(&v->skin, y)[x];
        }
    DERM_TRY(derm_masked_median(&filter, &od, &skin, &q->skin_od, NULL, &skin_px));
    if (skin_px == 0) return DERM_OK;
    slope = fit_plane(&od, &skin, at->step);
    DERM_TRY(derm_arena_new(run->scratch, &value, SAMPLES + 1, sizeof(*value)));
    for (int j = 0; j < at->h; j++)
        for (int i = 0; i < at->w; i++)
            if (derm_mask_row(&skin, j)[i] && seen++ % (skin_px / SAMPLES + 1) == 0)
                value[n++] = at->step * (slope.x * i + slope.y * j);
    derm_sort(value, n);
    q->light_gradient = derm_percentile(value, n, 0.9) - derm_percentile(value, n, 0.1);
    return DERM_OK;
}
