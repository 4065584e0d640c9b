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

static inline bool is_inside(const struct derm_sheet *s, struct derm_point at)
{
    return at.x >= 0 && at.y >= 0 && at.x < s->xx.w - 1 && at.y < s->xx.h - 1;
}

void derm_sheet_respond(const struct derm_sheet *s, struct derm_point at, struct derm_point along,
                        int from, const struct derm_across *v, int n, double *out)
{
    const struct derm_second second = { s->xx.px, s->xy.px, s->yy.px, s->where->px, s->xx.stride };
    int first = 0, end = n; /* what is inside is one stretch */

    while (end > 0 && !is_inside(s, derm_point_ahead(at, along, from + end - 1)))
        out[--end] = 0;
    while (first < end && !is_inside(s, derm_point_ahead(at, along, from + first)))
        out[first++] = 0;
    const struct derm_ray ray = { at.x, at.y, along.x, along.y, from + first };

    if (first < end) s->k->across(out + first, &second, &ray, v, (size_t)(end - first));
}

double derm_sheet_ahead(const struct derm_sheet *s, struct derm_point at, struct derm_point along,
                        const struct derm_across *v, double least)
{
    const double enough = (least - 1e-9) * s->sight; /* sums are rounded */
    double sum = 0, value[DERM_RAY];

    for (int i = 0; i < s->sight; i += DERM_RAY) {
        const int n = imin(s->sight - i, DERM_RAY);

        derm_sheet_respond(s, at, along, i + 1, v, n, value);
        for (int k = 0; k < n; k++)
            sum += mind(value[k], s->cap);
        if (sum + s->cap * (s->sight - i - n) < enough) break;
    }
    return sum / s->sight;
}

/* ---- what stands out */

static derm_err measure_noise(struct derm_run *run, struct derm_sheet *s,
                              const struct derm_mask *usual)
{
    enum { ENOUGH = 4096 };
    const struct derm_lattice at =
        derm_lattice_over(s->xx.w, s->xx.h, (double)s->xx.w * s->xx.h, ENOUGH);
    const size_t mark = run->scratch->used;
    double *value;
    int n = 0;

    DERM_TRY(
        derm_arena_raw(run->scratch, &value, 2 * (size_t)at.w * (size_t)at.h + 1, sizeof(*value)));
    for (int j = 0; j < at.h; j++)
        for (int i = 0; i < at.w; i++) {
            const int x = derm_lattice_at(&at, i), y = derm_lattice_at(&at, j);

            if (!derm_mask_row(usual, y)[x]) continue;
            value[n++] = fabs((double)derm_row(&s->xx, y)[x]);
            value[n++] = fabs((double)derm_row(&s->yy, y)[x]);
        }
    s->noise = n > 0 ? 1.4826 * derm_median(value, n) : 0;
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

/* Of the mean response along a straight line, in units of the noise of one. */
static derm_err measure_mean_noise(struct derm_run *run, struct derm_sheet *s,
                                   const struct derm_mask *usual)
{
    enum { ENOUGH = 4096, WAYS = 2 };
    static const struct derm_point way[WAYS] = { { 1, 0 }, { 0, 1 } },
                                   back[WAYS] = { { -1, 0 }, { 0, -1 } };
    const struct derm_lattice at =
        derm_lattice_over(s->xx.w, s->xx.h, (double)s->xx.w * s->xx.h, ENOUGH);
    const size_t mark = run->scratch->used;
    double *value;
    int n = 0;

    DERM_TRY(derm_arena_raw(run->scratch, &value, WAYS * (size_t)at.w * (size_t)at.h + 1,
                            sizeof(*value)));
    s->sign = -1; /* either would do */
    for (int j = 0; j < at.h; j++)
        for (int i = 0; i < at.w; i++) {
            const struct derm_point p = { derm_lattice_at(&at, i), derm_lattice_at(&at, j) };

            if (!derm_mask_row(usual, (int)p.y)[(int)p.x]) continue;
            for (int k = 0; k < WAYS; k++) {
                const struct derm_across v = derm_sheet_view(s, way[k]); /* back[k] has the same */

                value[n++] = fabs(0.5 * (derm_sheet_ahead(s, p, way[k], &v, -HUGE_VAL) +
                                         derm_sheet_ahead(s, p, back[k], &v, -HUGE_VAL)));
            }
        }
    s->mean_noise = n > 0 ? 1.4826 * derm_median(value, n) : 0;
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

derm_err derm_sheet_limits(struct derm_run *run, struct derm_sheet *s,
                           struct derm_ridge_search *search, int size)
{
    const struct derm_mask *const usual = search->usual ? search->usual : s->where;

    s->noise = search->noise[size];
    if (s->noise <= 0) DERM_TRY(measure_noise(run, s, usual));
    search->noise[size] = s->noise;
    s->z_start = search->z_start;
    s->z_ahead = search->z_ahead;
    if (!search->by_mean || s->noise <= 0) return DERM_OK;
    s->mean_noise = search->mean_noise[size];
    if (s->mean_noise <= 0) DERM_TRY(measure_mean_noise(run, s, usual));
    search->mean_noise[size] = s->mean_noise;
    s->z_start *= s->mean_noise;
    s->z_ahead *= s->mean_noise;
    return DERM_OK;
}
