/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/skin_holes.h"

#include <math.h>

#include "base/num.h"
#include "stages/mask_ops.h"

static const double PI = 3.14159265358979323846;

struct hole {
    int x0, y0, x1, y1, area;
    int sides, open; /* of its pixels, where it ends; open: where no skin is */
    double x, y;     /* sums */
};

/* The sides of pixel (x, y) of a hole. */
static void count_sides(struct hole *o, const struct derm_labels *labels,
                        const struct derm_mask *other, int x, int y)
{
    static const int step[4][2] = { { -1, 0 }, { 1, 0 }, { 0, -1 }, { 0, 1 } };
    const int32_t own = derm_labels_row(labels, y)[x];

    for (int k = 0; k < 4; k++) {
        const int u = x + step[k][0], v = y + step[k][1];
        const bool inside = u >= 0 && v >= 0 && u < labels->w && v < labels->h;

        if (inside && derm_labels_row(labels, v)[u] == own) continue;
        o->sides++;
        o->open += !inside || derm_mask_row(other, v)[u];
    }
}

static void measure(struct hole *hole, const struct derm_labels *labels,
                    const struct derm_mask *other)
{
    for (int y = 0; y < labels->h; y++)
        for (int x = 0; x < labels->w; x++) {
            const int32_t i = derm_labels_row(labels, y)[x];
            struct hole *const o = &hole[i];

            if (i == 0) continue;
            if (o->area == 0) *o = (struct hole){ .x0 = x, .y0 = y, .x1 = x, .y1 = y };
            o->x0 = imin(o->x0, x);
            o->x1 = imax(o->x1, x);
            o->y1 = y;
            o->x += x;
            o->y += y;
            o->area++;
            count_sides(o, labels, other, x, y);
        }
}

/* What skin does not enclose all round is a lesion only where the camera was aimed at it: hair,
 * cloth and ground come in from the side. An ellipse of 1 : 3.2, the most slender spot there is,
 * fills 0.45 of its box when it lies askew; a fold or a stroke of a pen fills less. */
static bool is_aimed_at(const struct hole *o, const struct derm_labels *labels, double box,
                        const struct derm_hole_limits *limits)
{
    const double compact = 0.45, middle = 0.25;
    const double x = o->x / o->area / labels->w, y = o->y / o->area / labels->h;

    return o->open <= limits->max_open * o->sides && o->area >= compact * box &&
           fabs(x - 0.5) < middle && fabs(y - 0.5) < middle;
}

/* A lesion is compact; an eye, a brow, the rim of glasses are not. */
static bool is_lesion(const struct hole *o, const struct derm_labels *labels,
                      const struct derm_hole_limits *limits)
{
    const double compact = 0.3, longest = 1.5, max_px = limits->max_px;
    const double box = (double)(o->x1 - o->x0 + 1) * (o->y1 - o->y0 + 1);

    if (imax(o->x1 - o->x0, o->y1 - o->y0) > longest * max_px) return false;
    if (o->area < compact * box || o->area > PI / 4 * max_px * max_px) return false;
    return o->open == 0 || is_aimed_at(o, labels, box, limits);
}

/* Of rest, which is no skin; other: what is neither. */
static derm_err fill(const struct derm_run *run, struct derm_mask *skin,
                     const struct derm_mask *rest, const struct derm_mask *other,
                     const struct derm_mask *never, const struct derm_hole_limits *limits)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_labels labels;
    struct hole *hole;
    int n;

    DERM_TRY(derm_labels_raw(run->scratch, &labels, skin->w, skin->h));
    DERM_TRY(derm_label(&f, &labels, rest, &n));
    DERM_TRY(derm_arena_new(run->scratch, &hole, (size_t)n + 1, sizeof(*hole)));
    measure(hole, &labels, other);
    for (int y = 0; y < skin->h; y++)
        for (int x = 0; x < skin->w; x++)
            if (is_lesion(&hole[derm_labels_row(&labels, y)[x]], &labels, limits) &&
                !derm_mask_row(never, y)[x])
                derm_mask_row(skin, y)[x] = 0xff;
    return DERM_OK;
}

/* out (new) = neither a nor b */
static derm_err neither(const struct derm_run *run, struct derm_mask *out,
                        const struct derm_mask *a, const struct derm_mask *b)
{
    DERM_TRY(derm_mask_new(run->scratch, out, a->w, a->h));
    for (int y = 0; y < a->h; y++)
        for (int x = 0; x < a->w; x++)
            derm_mask_row(out, y)[x] = (uint8_t) ~(derm_mask_row(a, y)[x] | derm_mask_row(b, y)[x]);
    return DERM_OK;
}

derm_err derm_skin_fill_holes(const struct derm_run *run, struct derm_mask *skin,
                              const struct derm_mask *never, const struct derm_hole_limits *limits)
{
    struct derm_mask rest, none;

    DERM_TRY(derm_mask_new(run->scratch, &none, skin->w, skin->h));
    DERM_TRY(neither(run, &rest, skin, &none));
    return fill(run, skin, &rest, &none, never, limits);
}

/* Takes out of mask what does not reach the border of the photo. */
static derm_err keep_from_border(const struct derm_run *run, struct derm_mask *mask)
{
    const struct derm_filter f = derm_run_filter(run);
    const int right = mask->w - 1, bottom = mask->h - 1;
    struct derm_labels labels;
    uint8_t *keep; /* of a label */
    int n;

    DERM_TRY(derm_labels_raw(run->scratch, &labels, mask->w, mask->h));
    DERM_TRY(derm_label(&f, &labels, mask, &n));
    DERM_TRY(derm_arena_new(run->scratch, &keep, (size_t)n + 1, 1));
    for (int y = 0; y < mask->h; y++)
        for (int x = 0; x < mask->w; x++)
            if (x == 0 || y == 0 || x == right || y == bottom)
                keep[derm_labels_row(&labels, y)[x]] = 0xff;
    for (int y = 0; y < mask->h; y++)
        for (int x = 0; x < mask->w; x++)
            derm_mask_row(mask, y)[x] &= keep[derm_labels_row(&labels, y)[x]];
    return DERM_OK;
}

/* other (new) = what comes in from the border and is no skin, as far as it looks as it does there;
 * *any: something does. */
static derm_err find_other(const struct derm_run *run, struct derm_mask *other, bool *any,
                           const struct derm_mask *skin, const struct derm_skin_planes *planes,
                           double max_distance)
{
    const int w = skin->w, h = skin->h, margin = imin(w, h) / 20;
    struct derm_skin_colour colour;

    DERM_TRY(derm_mask_new(run->scratch, other, w, h));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (imin(imin(x, w - 1 - x), imin(y, h - 1 - y)) < margin)
                derm_mask_row(other, y)[x] = (uint8_t)~derm_mask_row(skin, y)[x];
    DERM_TRY(derm_skin_colour_fit(run, &colour, planes, other, any));
    if (!*any) return DERM_OK;
    derm_skin_colour_apply(&colour, planes, max_distance, HUGE_VAL, other);
    derm_mask_and_not(other, skin);
    return keep_from_border(run, other);
}

derm_err derm_skin_fill_apart(const struct derm_run *run, struct derm_mask *skin,
                              const struct derm_mask *never, const struct derm_skin_planes *planes,
                              double max_distance, const struct derm_hole_limits *limits)
{
    const double seam_px = 5; /* where the two meet the colour is neither, and rough */
    const struct derm_filter f = derm_run_filter(run);
    struct derm_mask other, rest;
    bool any;

    DERM_TRY(find_other(run, &other, &any, skin, planes, max_distance));
    if (!any) return DERM_OK;
    DERM_TRY(neither(run, &rest, skin, &other));
    DERM_TRY(derm_erode(&f, &rest, &rest, seam_px));
    DERM_TRY(derm_dilate(&f, &rest, &rest, seam_px));
    return fill(run, skin, &rest, &other, never, limits);
}
