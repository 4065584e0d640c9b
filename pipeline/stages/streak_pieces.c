/* SPDX-License-Identifier: Apache-2.0 */
/* What is one streak in both photos is one centreline, and both photos are sampled along it, piece
 * by piece. */
#include <math.h>
#include <stdlib.h>

#include "stages/streaks.h"
#include "stages/strip.h"

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

        while (same < out->n && derm_streak_share_near(&all[i], &out->item[same], reach_px) <= 0.3)
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

/* One piece as an object: what does not depend on the photo. */
static struct derm_object new_piece(const struct derm_streak_bench *b, const struct derm_strip *s,
                                    int first, int end, double width_mm)
{
    const struct derm_grid *const g = &b->view->grid;
    const struct derm_point at = s->at[(first + end) / 2];
    const double length_mm = (end - first) * s->row_mm;

    return (struct derm_object){
        .x = at.x,
        .y = at.y,
        .area_px = length_mm * width_mm * g->px_per_mm * g->px_per_mm,
        .length_mm = length_mm,
        .regions = derm_bits_row(
            b->own, clampi((int)(at.y + 0.5), 0, g->h - 1))[clampi((int)(at.x + 0.5), 0, g->w - 1)],
    };
}

/* What a photo shows of a piece in one channel: its colour, and in green the contrast within the
 * streak's own width, and a width of its own where there is enough contrast. */
static void sample_piece(const struct derm_streak_bench *b, const struct derm_profile *p,
                         const struct derm_streak *streak, int photo, int channel,
                         struct derm_object *o)
{
    const double sign = streak->contrast < 0 ? -1 : 1, px_per_mm = b->view->grid.px_per_mm;
    const struct derm_tone *const tone = b->run->tone;
    struct derm_band band = { 0, streak->width_mm };
    const struct derm_band_contrast c = derm_profile_contrast(p, &band);

    if (!c.measured) {
        o->area_px = 0; /* of no weight */
        return;
    }
    o->melanin[photo] += (double)tone->melanin[channel] * c.inside * o->area_px;
    o->blood[photo] += (double)tone->blood[channel] * c.inside * o->area_px;
    if (channel != 1) return;
    o->contrast += c.inside;
    *(photo ? &o->follow_value : &o->base_value) = sign * c.inside * o->area_px;
    if (derm_profile_width(p, &band, (double)b->params->min_piece * streak->contrast))
        *(photo ? &o->follow_area_px : &o->base_area_px) =
            band.width_mm * o->length_mm * px_per_mm * px_per_mm;
}

static void sample_view(const struct derm_streak_bench *b, const struct derm_view *view,
                        struct derm_strip *s, const struct derm_streak *streak, int photo,
                        struct derm_object *piece, int n)
{
    for (int channel = 0; channel < 3; channel++) {
        derm_strip_sample(s, &view->od[channel], b->where, b->own, b->regions);
        for (int i = 0; i < n; i++) {
            struct derm_profile p;

            derm_strip_profile(s, derm_strip_piece_row(0, s->rows, n, i),
                               derm_strip_piece_row(0, s->rows, n, i + 1), &p);
            sample_piece(b, &p, streak, photo, channel, &piece[i]);
        }
    }
}

/* At least as many as its strip is cut into, which has a row or two more than the line is long. */
static size_t most_pieces(const struct derm_streak_bench *b, const struct derm_streak *streak)
{
    double length_px = 0;

    for (int i = 0; i + 1 < streak->n; i++)
        length_px += sqrt(distance2(streak->at[i], streak->at[i + 1]));
    return (size_t)(length_px / b->view->grid.px_per_mm / (double)b->params->piece_mm) + 3;
}

static derm_err measure(struct derm_streak_bench *b, const struct derm_view *const view[2],
                        const struct derm_streaks found[2], const struct derm_streak *streak,
                        struct derm_object *piece, int *n)
{
    const size_t mark = b->run->scratch->used;
    const double reach_px = (double)b->params->reach_mm * b->view->grid.px_per_mm;
    const int photos = view[1] ? 2 : 1;
    struct derm_strip s;

    DERM_TRY(derm_strip_lay(b->run, &s, streak->at, streak->n, &b->view->grid, b->column_mm, 0));
    *n = derm_strip_pieces(&s, 0, s.rows, (double)b->params->piece_mm);
    for (int i = 0; i < *n; i++)
        piece[i] = new_piece(b, &s, derm_strip_piece_row(0, s.rows, *n, i),
                             derm_strip_piece_row(0, s.rows, *n, i + 1), streak->width_mm);
    for (int photo = 0; photo < photos; photo++) {
        sample_view(b, view[photo], &s, streak, photo, piece, *n);
        for (int i = 0; i < *n; i++) {
            const struct derm_point at = { piece[i].x, piece[i].y };

            if (is_found(&found[photo], at, reach_px)) piece[i].found_in |= 1u << photo;
        }
    }
    for (int i = 0; i < *n; i++)
        piece[i].contrast /= photos;
    derm_arena_reset(b->run->scratch, mark);
    return DERM_OK;
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
    size_t pieces = 0;

    for (int i = 0; i < all->n; i++)
        pieces += most_pieces(b, &all->item[i]);
    DERM_TRY(derm_arena_new(b->run->keep, &out->item, pieces + 1, sizeof(*out->item)));
    out->n = 0;
    for (int i = 0; i < all->n; i++) {
        struct derm_object *const piece = out->item + out->n;
        int n;

        DERM_TRY(measure(b, view, found, &all->item[i], piece, &n));
        for (int k = 0; k < n; k++)
            piece[k].label = i + 1;
        out->n += n;
    }
    return DERM_OK;
}
