/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/ridge_sheet.h"

#include <math.h>

#include "base/num.h"
#include "stages/statistics.h"

struct derm_across derm_sheet_view(const struct derm_sheet *s, struct derm_point along)
{
    return (struct derm_across){ along.y * along.y, 2 * along.x * along.y, along.x * along.x,
                                 s->sign / s->noise };
}

derm_err derm_sheet_new(struct derm_run *run, struct derm_sheet *s, const struct derm_mask *where)
{
    const int beyond = 1; /* numbers that are read after the last pixel */

    s->w = where->w;
    s->h = where->h;
    s->where = where;
    DERM_TRY(
        derm_plane_raw(run->scratch, &s->px, DERM_SECONDS * (int)where->stride + beyond, s->h));
    s->second = (struct derm_second){ s->px.px,      where->px, s->px.stride,
                                      where->stride, where->w,  where->h };
    return DERM_OK;
}

struct derm_plane derm_sheet_plane(const struct derm_sheet *s, int which)
{
    return (struct derm_plane){ s->px.px + which * s->where->stride, s->w, s->h, s->px.stride };
}

void derm_sheet_respond(const struct derm_sheet *s, struct derm_point at, struct derm_point along,
                        int from, const struct derm_across *v, int n, double *out)
{
    const struct derm_ray ray = { at.x, at.y, along.x, along.y, from };

    s->k->across(out, &s->second, &ray, v, (size_t)n);
}

double derm_sheet_ahead(const struct derm_sheet *s, struct derm_point at, struct derm_point along,
                        const struct derm_across *v, double least)
{
    const struct derm_sum_limits limits = { s->cap, (least - 1e-9) * s->sight }; /* it is rounded */
    const struct derm_ray ray = { at.x, at.y, along.x, along.y, 1 };

    return s->k->along(&s->second, &ray, v, &limits, (size_t)s->sight) / s->sight;
}

/* ---- what stands out */

static derm_err measure_noise(struct derm_run *run, struct derm_sheet *s,
                              const struct derm_mask *usual)
{
    enum { ENOUGH = 4096 };
    const struct derm_plane xx = derm_sheet_plane(s, 0), yy = derm_sheet_plane(s, 2);
    const struct derm_lattice at = derm_lattice_over(s->w, s->h, (double)s->w * s->h, ENOUGH);
    const size_t mark = run->scratch->used;
    double *value;
    int n = 0;

    DERM_TRY(
        derm_arena_raw(run->scratch, &value, 2 * (size_t)at.w * (size_t)at.h + 1, sizeof(*value)));
    for (int j = 0; j < at.h; j++)
        for (int i = 0; i < at.w; i++) {
            const int x = derm_lattice_at(&at, i), y = derm_lattice_at(&at, j);

            if (!derm_mask_row(usual, y)[x]) continue;
            value[n++] = fabs((double)derm_row(&xx, y)[x]);
            value[n++] = fabs((double)derm_row(&yy, y)[x]);
        }
    s->noise = n > 0 ? 1.4826 * derm_median(value, n) : 0;
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

/* As derm_sheet_ahead, from a pixel along a row (which: yy) or a column (xx): no place lies between
 * pixels. */
static double mean_straight(const struct derm_sheet *s, int x, int y, int dx, int dy, int which)
{
    const double unit = -1 / s->noise;
    double sum = 0;

    for (int i = 1; i <= s->sight; i++) {
        const int column = x + i * dx, row = y + i * dy;

        if (column < 0 || row < 0 || column >= s->w - 1 || row >= s->h - 1) continue;
        if (!derm_mask_row(s->where, row)[column]) continue;
        sum += mind(unit * (double)derm_row(&s->px, row)[DERM_SECONDS * column + which], s->cap);
    }
    return sum / s->sight;
}

/* Of the mean response of dark bands along a straight line, in units of the noise of one. */
static derm_err measure_mean_noise(struct derm_run *run, struct derm_sheet *s,
                                   const struct derm_mask *usual)
{
    enum { ENOUGH = 4096, WAYS = 2, XX = 0, YY = 2 };
    const struct derm_lattice at = derm_lattice_over(s->w, s->h, (double)s->w * s->h, ENOUGH);
    const size_t mark = run->scratch->used;
    double *value;
    int n = 0;

    DERM_TRY(derm_arena_raw(run->scratch, &value, WAYS * (size_t)at.w * (size_t)at.h + 1,
                            sizeof(*value)));
    for (int j = 0; j < at.h; j++)
        for (int i = 0; i < at.w; i++) {
            const int x = derm_lattice_at(&at, i), y = derm_lattice_at(&at, j);

            if (!derm_mask_row(usual, y)[x]) continue;
            value[n++] =
                fabs(0.5 * (mean_straight(s, x, y, 1, 0, YY) + mean_straight(s, x, y, -1, 0, YY)));
            value[n++] =
                fabs(0.5 * (mean_straight(s, x, y, 0, 1, XX) + mean_straight(s, x, y, 0, -1, XX)));
        }
    s->mean_noise = n > 0 ? 1.4826 * derm_median(value, n) : 0;
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

static const struct derm_mask *usual_of(const struct derm_sheet *s,
                                        const struct derm_ridge_search *search)
{
    return search->usual ? search->usual : s->where;
}

derm_err derm_sheet_noise(struct derm_run *run, struct derm_sheet *s,
                          struct derm_ridge_search *search, int size)
{
    s->noise = search->noise[size];
    if (s->noise <= 0) DERM_TRY(measure_noise(run, s, usual_of(s, search)));
    search->noise[size] = s->noise;
    return DERM_OK;
}

derm_err derm_sheet_limits(struct derm_run *run, struct derm_sheet *s,
                           struct derm_ridge_search *search, int size)
{
    s->z_start = search->z_start;
    s->z_ahead = search->z_ahead;
    if (!search->by_mean) return DERM_OK;
    s->mean_noise = search->mean_noise[size];
    if (s->mean_noise <= 0) DERM_TRY(measure_mean_noise(run, s, usual_of(s, search)));
    search->mean_noise[size] = s->mean_noise;
    s->z_start *= s->mean_noise;
    s->z_ahead *= s->mean_noise;
    return DERM_OK;
}
