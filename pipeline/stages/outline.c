/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/outline.h"

#include <math.h>

#include "base/num.h"
#include "stages/place.h"

enum { TOP_OF_MESH = 10, TIP_OF_CHIN = 152 }; /* the mesh's line of symmetry */

double derm_outline_area(const struct derm_outline *o)
{
    double twice = 0;

    for (int i = 0; i < o->n; i++) {
        const struct derm_cv_point p = o->at[i], q = o->at[(i + 1) % o->n];
        twice += (double)p.x * (double)q.y - (double)q.x * (double)p.y;
    }
    return twice / 2;
}

void derm_outline_bounds(const struct derm_outline *o, int w, int h, int *x0, int *y0, int *x1,
                         int *y1)
{
    float left = (float)w, top = (float)h, right = -1, bottom = -1;

    for (int i = 0; i < o->n; i++) {
        left = fminf(left, o->at[i].x);
        right = fmaxf(right, o->at[i].x);
        top = fminf(top, o->at[i].y);
        bottom = fmaxf(bottom, o->at[i].y);
    }
    *x0 = (int)clampf(floorf(left), 0, (float)w);
    *y0 = (int)clampf(floorf(top), 0, (float)h);
    *x1 = (int)clampf(ceilf(right) + 1, 0, (float)w);
    *y1 = (int)clampf(ceilf(bottom) + 1, 0, (float)h);
}

/* Moves every point outwards, along the normal of the chord between its neighbours. */
static void grow(struct derm_outline *o, double by_px)
{
    const double out = derm_outline_area(o) > 0 ? 1 : -1;
    struct derm_cv_point moved[DERM_OUTLINE_POINTS];

    for (int i = 0; i < o->n; i++) {
        const struct derm_cv_point a = o->at[(i + o->n - 1) % o->n], b = o->at[(i + 1) % o->n];
        const double dx = (double)b.x - (double)a.x, dy = (double)b.y - (double)a.y;
        const double length = sqrt(dx * dx + dy * dy), step = length > 0 ? out * by_px / length : 0;

        moved[i].x = o->at[i].x + (float)(step * dy);
        moved[i].y = o->at[i].y - (float)(step * dx);
    }
    for (int i = 0; i < o->n; i++)
        o->at[i] = moved[i];
}

static derm_err read_point(struct derm_outline *o, const struct derm_json *entry, int i,
                           const struct derm_face *face, const struct derm_grid *grid, double rise,
                           struct derm_error *err)
{
    const struct derm_point top = face->at[TOP_OF_MESH], tip = face->at[TIP_OF_CHIN];
    double number, raise = 0;
    struct derm_point at;

    if (!derm_json_as_number(derm_json_at(derm_json_get(entry, "landmarks"), i), &number) ||
        !(number >= 0 && number < DERM_LANDMARK_COUNT) || number != floor(number))
        return derm_fail(err, DERM_EMODEL, "regions.json: bad landmark; install it again");
    o->landmark[i] = (int)number;
    at = face->at[o->landmark[i]];
    derm_json_as_number(derm_json_at(derm_json_get(entry, "raise"), i), &raise);
    at.x += raise * rise * (top.x - tip.x);
    at.y += raise * rise * (top.y - tip.y);
    at = derm_grid_from_photo(grid, at);
    o->at[i] = (struct derm_cv_point){ (float)at.x, (float)at.y };
    return DERM_OK;
}

derm_err derm_outline_read(struct derm_outline *o, const struct derm_json *entry,
                           const struct derm_face *face, const struct derm_grid *grid,
                           double forehead_rise, struct derm_error *err)
{
    double grow_ipd = 0;

    o->n = derm_json_count(derm_json_get(entry, "landmarks"));
    if (o->n < 3 || o->n > DERM_OUTLINE_POINTS)
        return derm_fail(err, DERM_EMODEL, "regions.json: an outline needs 3 to %d landmarks",
                         (int)DERM_OUTLINE_POINTS);
    for (int i = 0; i < o->n; i++)
        DERM_TRY(read_point(o, entry, i, face, grid, forehead_rise, err));
    if (derm_json_as_number(derm_json_get(entry, "grow"), &grow_ipd))
        grow(o, grow_ipd * face->ipd_px / grid->step);
    return DERM_OK;
}

derm_err derm_outline_fill_list(struct derm_mask *mask, const struct derm_json *table,
                                const char *list, const struct derm_face *face,
                                const struct derm_grid *grid, uint8_t value, struct derm_error *err)
{
    const struct derm_json *entry = derm_json_first(derm_json_get(table, list));
    double rise;

    DERM_TRY(derm_json_number(table, "forehead_rise_of_face_height", &rise, err));
    for (; entry; entry = derm_json_next(entry)) {
        struct derm_outline o = { .n = 0 };

        DERM_TRY(derm_outline_read(&o, entry, face, grid, rise, err));
        DERM_TRY(derm_cv_fill(mask, o.at, o.n, value, err));
    }
    return DERM_OK;
}
