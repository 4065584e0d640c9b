/* SPDX-License-Identifier: Apache-2.0 */
/* What is one streak in both photos is one centreline, and both photos are sampled along it, piece
 * by piece. */
#include <math.h>
#include <stdlib.h>

#include "stages/streaks.h"

/* ---- the union of two photos */

static int longer_first(const void *pa, const void *pb)
{
    const struct derm_streak *const a = pa, *const b = pb;

    if (a->length_mm != b->length_mm) return a->length_mm > b->length_mm ? -1 : 1;
    if (a->at[0].y != b->at[0].y) return a->at[0].y < b->at[0].y ? -1 : 1;
    return (a->at[0].x > b->at[0].x) - (a->at[0].x < b->at[0].x);
}

static double distance2(struct derm_point a, struct derm_point b)
{
    return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

/* The place i of the other line, when it runs the same way as this one. */
static struct derm_point place(const struct derm_streak *more, bool along, int i)
{
    return more->at[along ? i : more->n - 1 - i];
}

/* Lets `to` go on where `more`, of the same streak, reaches beyond its ends; a branch is left out.
 */
static derm_err extend(struct derm_run *run, struct derm_streak *to, const struct derm_streak *more,
                       double reach_px)
{
    const struct derm_point start = to->at[0], end = to->at[to->n - 1];
    const bool along = distance2(start, more->at[0]) + distance2(end, more->at[more->n - 1]) <=
                       distance2(start, more->at[more->n - 1]) + distance2(end, more->at[0]);
    const double jump2 = 4 * reach_px * reach_px;
    struct derm_point *at;
    int before = 0, from = more->n, n = 0;

    while (before < more->n && !derm_streak_is_near(to, place(more, along, before), reach_px))
        before++;
    while (from > before && !derm_streak_is_near(to, place(more, along, from - 1), reach_px))
        from--;
    if (before > 0 && distance2(place(more, along, before - 1), start) > jump2) before = 0;
    if (from < more->n && distance2(place(more, along, from), end) > jump2) from = more->n;
    DERM_TRY(
        derm_arena_raw(run->scratch, &at, (size_t)(before + to->n + more->n - from), sizeof(*at)));
    for (int i = 0; i < before; i++)
        at[n++] = place(more, along, i);
    for (int i = 0; i < to->n; i++)
        at[n++] = to->at[i];
    for (int i = from; i < more->n; i++)
        at[n++] = place(more, along, i);
    to->at = at;
    to->n = n;
    to->width_mm = 0.5 * (to->width_mm + more->width_mm);
    to->contrast = 0.5 * (to->contrast + more->contrast);
    return DERM_OK;
}

/* What either photo shows, each streak once: the longer centreline, drawn out by the other. */
static derm_err unite(struct derm_streak_bench *b, const struct derm_streaks found[2],
                      struct derm_streaks *out)
{
    const double reach_px = (double)b->params->reach_mm * b->view->grid.px_per_mm;
    struct derm_streak *all;
    int n = 0;

    DERM_TRY(
        derm_arena_raw(b->run->scratch, &all, (size_t)(found[0].n + found[1].n) + 1, sizeof(*all)));
    for (int photo = 0; photo < 2; photo++)
        for (int i = 0; i < found[photo].n; i++)
            all[n++] = found[photo].item[i];
    qsort(all, (size_t)n, sizeof(*all), longer_first);
    out->n = 0;
    for (int i = 0; i < n; i++) {
        int same = 0;

        while (same < out->n && derm_streak_share_near(&all[i], &out->item[same], reach_px) <=
                                    derm_streak_common_share)
            same++;
        if (same < out->n)
            DERM_TRY(extend(b->run, &out->item[same], &all[i], reach_px));
        else if (out->n < DERM_MAX_STREAKS)
            out->item[out->n++] = all[i];
    }
    return DERM_OK;
}

/* ---- measuring */

/* Whether a place on a centreline was found in a photo. */
static bool is_found(const struct derm_streaks *found, struct derm_point at, double reach_px)
{
    for (int i = 0; i < found->n; i++)
        if (derm_streak_is_near(&found->item[i], at, reach_px)) return true;
    return false;
}

static double middle_of(double a, double b, double c)
{
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* The width of a piece is now and then that of a blotch beside it. A streak's own changes little
 * from piece to piece, and tapers at the ends: of three in a row the middle one counts, of two at
 * an end the lesser. The n pieces of one line are of one length, so that areas stand for widths. */
static void even_widths(struct derm_object *piece, int n, int photo)
{
    double before = 0;

    for (int i = 0; i < n; i++) {
        double *const area = photo ? &piece[i].follow_area_px : &piece[i].base_area_px;
        const double own = *area;
        const double after = i + 1 == n ? 0
                             : photo    ? piece[i + 1].follow_area_px
                                        : piece[i + 1].base_area_px;

        if (before > 0 && own > 0 && after > 0)
            *area = middle_of(before, own, after);
        else if (before + after > 0)
            *area = fmin(own, before + after);
        before = own;
    }
}

static struct derm_line line_of(const struct derm_streak *s)
{
    return (struct derm_line){ s->at, s->n, s->width_mm, s->contrast };
}

/* ---- both */

derm_err derm_streaks_of(struct derm_streak_bench *b, const struct derm_view *const view[2],
                         struct derm_streaks found[2], struct derm_streaks *all)
{
    found[0].n = found[1].n = 0;
    b->view = view[0];
    DERM_TRY(derm_streaks_prepare(b));
    for (int photo = 0; photo < (view[1] ? 2 : 1); photo++) {
        b->view = view[photo];
        DERM_TRY(derm_streaks_find(b, &found[photo]));
    }
    b->view = view[0];
    return unite(b, found, all);
}

derm_err derm_streaks_measure(struct derm_streak_bench *b, const struct derm_view *const view[2],
                              const struct derm_streaks found[2], const struct derm_streaks *all,
                              struct derm_objects *out)
{
    const struct derm_line_probe probe = { .run = b->run,
                                           .rule = b->rule,
                                           .view = { view[0], view[1] },
                                           .photos = view[1] ? 2 : 1,
                                           .coloured = true,
                                           .where = b->where,
                                           .own = b->own,
                                           .regions = b->regions,
                                           .piece_mm = (double)b->params->piece_mm,
                                           .min_piece = (double)b->params->min_piece };
    const double reach_px = (double)b->params->reach_mm * b->view->grid.px_per_mm;
    size_t pieces = 0;

    for (int i = 0; i < all->n; i++) {
        const struct derm_line line = line_of(&all->item[i]);
        pieces += derm_line_most_pieces(&probe, &line);
    }
    DERM_TRY(derm_arena_new(b->run->keep, &out->item, pieces + 1, sizeof(*out->item)));
    out->n = 0;
    for (int i = 0; i < all->n; i++) {
        const struct derm_line line = line_of(&all->item[i]);
        const int first = out->n;

        DERM_TRY(derm_line_measure(&probe, &line, i + 1, out));
        for (int photo = 0; photo < probe.photos; photo++)
            even_widths(out->item + first, out->n - first, photo);
    }
    for (int i = 0; i < out->n; i++) {
        struct derm_object *const o = &out->item[i];

        o->base_value *= o->area_px;
        o->follow_value *= o->area_px;
        for (int photo = 0; photo < probe.photos; photo++)
            if (is_found(&found[photo], (struct derm_point){ o->x, o->y }, reach_px))
                o->found_in |= 1u << photo;
    }
    return DERM_OK;
}
