/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/fine_relief.h"

#include <math.h>

#include "base/angle.h"
#include "base/num.h"
#include "stages/statistics.h"

enum { ENOUGH = 20000, LEAST = 1000, PHOTOS = 2 };
static const double ARM_MM = 0.10;          /* of the derivative: pores and skin relief */
static const double KEPT = 0.98;            /* the rest are hairs, edges of spots and highlights */
static const double LEAST_ONE_SIDED = 0.06; /* below it chance decides where light comes from */

struct slope { /* derivatives of optical density, G */
    double x[PHOTOS], y[PHOTOS];
    double energy; /* of both photos together */
};
struct tensor {
    double along, across, energy; /* x x - y y, 2 x y, x x + y y */
};

static bool all_common(const struct derm_mask *m, int x, int y, int arm)
{
    const uint8_t *const above = derm_mask_row(m, y - arm), *const below =
                                                                derm_mask_row(m, y + arm);

    return above[x - arm] & above[x + arm] & below[x - arm] & below[x + arm];
}

/* Differences over 2 arms by Scharr's weights, which turn with the picture almost like a derivative
 * (Scharr 2000, thesis, Heidelberg). */
static void derive(const struct derm_plane *od, int x, int y, int arm, double *dx, double *dy)
{
    const float *const a = derm_row(od, y - arm) + x, *const b = derm_row(od, y) + x,
                       *const c = derm_row(od, y + arm) + x;

    *dx = (double)(3 * (a[arm] - a[-arm]) + 10 * (b[arm] - b[-arm]) + 3 * (c[arm] - c[-arm]));
    *dy = (double)(3 * (c[-arm] - a[-arm]) + 10 * (c[0] - a[0]) + 3 * (c[arm] - a[arm]));
}

static derm_err find_slopes(struct derm_run *run, struct slope **out, int *n)
{
    const struct derm_pair *const pair = run->pair;
    const struct derm_mask *const common = &pair->common;
    const int arm = imax((int)(ARM_MM * pair->base->view.grid.px_per_mm + 0.5), 1);
    const struct derm_lattice at =
        derm_lattice_over(common->w, common->h, (double)common->w * common->h, ENOUGH);

    *n = 0;
    DERM_TRY(derm_arena_raw(run->scratch, out, (size_t)at.w * (size_t)at.h + 1, sizeof(**out)));
    for (int j = 0; j < at.h; j++)
        for (int i = 0; i < at.w; i++) {
            const int x = derm_lattice_at(&at, i), y = derm_lattice_at(&at, j);
            struct slope *const s = &(*out)[*n];

            if (x < arm || y < arm || x >= common->w - arm || y >= common->h - arm) continue;
            if (!all_common(common, x, y, arm)) continue;
            derive(&pair->base->view.od[1], x, y, arm, &s->x[0], &s->y[0]);
            derive(&pair->warped.od[1], x, y, arm, &s->x[1], &s->y[1]);
            s->energy =
                s->x[0] * s->x[0] + s->y[0] * s->y[0] + s->x[1] * s->x[1] + s->y[1] * s->y[1];
            ++*n;
        }
    return DERM_OK;
}

static struct tensor add_up(const struct slope *slope, int n, int photo, double most)
{
    struct tensor t = { 0 };

    for (int i = 0; i < n; i++) {
        const double x = slope[i].x[photo], y = slope[i].y[photo];

        if (slope[i].energy > most) continue;
        t.along += x * x - y * y;
        t.across += 2 * x * y;
        t.energy += x * x + y * y;
    }
    return t;
}

/* Of the squared derivatives: edges, which a filter that smooths skin keeps, do not count. */
static double median_energy(const struct slope *slope, int n, int photo, double *scratch)
{
    for (int i = 0; i < n; i++)
        scratch[i] = slope[i].x[photo] * slope[i].x[photo] + slope[i].y[photo] * slope[i].y[photo];
    return derm_median(scratch, n);
}

static double one_sided(const struct tensor *t)
{
    return sqrt(t->along * t->along + t->across * t->across) / t->energy;
}

derm_err derm_relief_change(struct derm_run *run, struct derm_relief_change *out, bool *known)
{
    struct tensor t[PHOTOS];
    struct slope *slope;
    double *energy, most, base, follow;
    int n;

    *known = false;
    DERM_TRY(find_slopes(run, &slope, &n));
    if (n < LEAST) return DERM_OK;
    DERM_TRY(derm_arena_raw(run->scratch, &energy, (size_t)n, sizeof(*energy)));
    for (int i = 0; i < n; i++)
        energy[i] = slope[i].energy;
    derm_sort(energy, n);
    most = derm_percentile(energy, n, KEPT);
    for (int photo = 0; photo < PHOTOS; photo++)
        t[photo] = add_up(slope, n, photo, most);
    base = median_energy(slope, n, 0, energy);
    follow = median_energy(slope, n, 1, energy);
    if (!(base > 0 && follow > 0)) return DERM_OK;
    out->detail = sqrt(fmax(base / follow, follow / base));
    out->has_azimuth = fmin(one_sided(&t[0]), one_sided(&t[1])) >= LEAST_ONE_SIDED;
    out->azimuth_deg =
        0.5 * fabs(derm_angle_deg(t[0].along * t[1].across - t[0].across * t[1].along,
                                  t[0].along * t[1].along + t[0].across * t[1].across));
    out->one_sided = fabs(one_sided(&t[0]) - one_sided(&t[1]));
    *known = true;
    return DERM_OK;
}
