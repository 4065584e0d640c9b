/* SPDX-License-Identifier: Apache-2.0 */
/* linear_scars: scars of cuts: bands paler or darker than the skin on both sides, 15 mm and longer.
 *
 * reads   view.od (green; red, to tell colour from shade), skin or what is common to two photos,
 *         regions, grid, tone
 * writes  linear_scars: the centrelines of the scars in pieces of 2 mm
 *
 * Ridges are traced on a coarse copy; each is then laid straight from the grid itself, its ends are
 * where its contrast falls to half, and it has to pass as a scar: long for its width, of one sign
 * from end to end, different from both flanks, far above its own spread. Where the program looks by
 * itself it must have a colour, too: a fold is shade, which takes red as much as green; and of a
 * face only cheeks and chin are searched. Inside the user's region none of that is asked,
 * and the longest band is taken.
 *
 * A pair is searched in both photos; what is one scar in both is one centreline, and both photos
 * are sampled along it. */

#include <math.h>
#include <stdlib.h>

#include "stages/comparable.h"
#include "stages/cuts.h"
#include "stages/mask_ops.h"
#include "stages/segment.h"
#include "stages/stages.h"

static const struct derm_opt opts[] = {
    DERM_OPT(struct derm_cut_params, max_px_per_mm, 3, 1, 100,
             "of the coarse copy: the narrowest scar is 1 mm wide"),
    DERM_OPT(struct derm_cut_params, fill_mm, 2, 0.1, 20, "sigma of the fill outside the skin"),
    DERM_OPT(struct derm_cut_params, start_response, 2.5, 0.5, 100,
             "of the place where a trace starts and of a line through it, in units of noise"),
    DERM_OPT(struct derm_cut_params, ahead_response, 1.5, 0, 100, "what a trace goes on for"),
    DERM_OPT(struct derm_cut_params, share, 0.3, 0, 1, "the same, of the mean of the trace so far"),
    DERM_OPT(struct derm_cut_params, sight_mm, 4, 0.5, 50, "how far ahead a trace looks"),
    DERM_OPT(struct derm_cut_params, min_length_mm, 15, 1, 1000,
             "shortest scar that is taken for one (algorithms, section 5)"),
    DERM_OPT(struct derm_cut_params, min_width_mm, 0.8, 0, 100,
             "narrower are hairs and fine lines"),
    DERM_OPT(struct derm_cut_params, max_width_mm, 8, 0.5, 100,
             "broader bands are the body's shape"),
    DERM_OPT(struct derm_cut_params, min_slender, 5, 1, 100, "length over width"),
    DERM_OPT(struct derm_cut_params, pointed_cm2, 20, 0, 10000,
             "skin in a user's region up to which it is drawn around a scar: one of 100 mm with 1 "
             "cm to either side"),
    DERM_OPT(struct derm_cut_params, z_min, 5, 0, 100,
             "mean contrast over its standard error between pieces (algorithms, section 5)"),
    DERM_OPT(struct derm_cut_params, min_contrast, 0.03, 0, 1, "optical density"),
    DERM_OPT(struct derm_cut_params, max_contrast, 1.2, 0, 5, "optical density; brows are beyond"),
    DERM_OPT(struct derm_cut_params, min_even, 0.8, 0, 1,
             "share of pieces with at least half of the mean contrast"),
    DERM_OPT(struct derm_cut_params, min_flank, 0.5, 0, 1,
             "contrast against the more alike flank, of the mean; the edge of a shade has none"),
    DERM_OPT(struct derm_cut_params, min_skin_share, 0.8, 0, 1,
             "of the pieces that have skin inside and on both sides"),
    DERM_OPT(
        struct derm_cut_params, auto_response, 3.7, 0, 100,
        "start_response where nobody has pointed at it, and of the whole trace: dark spots and "
        "mottle in a row have 3 on phantoms"),
    DERM_OPT(struct derm_cut_params, auto_z, 9, 0, 100,
             "z_min where nobody has pointed at it: they have 5 to 10"),
    DERM_OPT(struct derm_cut_params, auto_grey, 0.75, 0, 10,
             "contrast in red over green, where nobody has pointed at it: 0.5 to 0.65 for scars, "
             "more for the shade of folds and wrinkles"),
    DERM_OPT(struct derm_cut_params, dark_ita_deg, -25, -90, 90,
             "on darker skin pigment takes red as much as the rest, and that is not asked"),
    DERM_OPT(struct derm_cut_params, face_edge_mm, 6, 0, 100,
             "kept from the edge of the searched part of a face: ears and the folds before them"),
    DERM_OPT(struct derm_cut_params, piece_mm, 2, 0.5, 20,
             "of a centreline (algorithms, section 5)"),
    DERM_OPT(struct derm_cut_params, reach_mm, 2, 0.1, 20, "centrelines this near are of one scar"),
    DERM_OPT(struct derm_cut_params, min_piece, 0.3, 0, 1,
             "of the scar's contrast, in a piece whose width can be told"),
    { 0 },
};

/* ---- the union of two photos */

static int longer_first(const void *pa, const void *pb)
{
    const struct derm_cut *const a = pa, *const b = pb;

    if (a->length_mm != b->length_mm) return a->length_mm > b->length_mm ? -1 : 1;
    if (a->at[0].y != b->at[0].y) return a->at[0].y < b->at[0].y ? -1 : 1;
    return (a->at[0].x > b->at[0].x) - (a->at[0].x < b->at[0].x);
}

static double distance2(struct derm_point a, struct derm_point b)
{
    return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

/* The place i of the other line, when it runs the same way as this one. */
static struct derm_point place(const struct derm_cut *more, bool along, int i)
{
    return more->at[along ? i : more->n - 1 - i];
}

/* Lets `to` go on where `more`, of the same scar, reaches beyond its ends; a branch is left out. */
static derm_err extend(struct derm_run *run, struct derm_cut *to, const struct derm_cut *more,
                       double reach_px)
{
    const struct derm_point start = to->at[0], end = to->at[to->n - 1];
    const bool along = distance2(start, more->at[0]) + distance2(end, more->at[more->n - 1]) <=
                       distance2(start, more->at[more->n - 1]) + distance2(end, more->at[0]);
    const double jump2 = 4 * reach_px * reach_px;
    struct derm_point *at;
    int before = 0, from = more->n, n = 0;

    while (before < more->n && !derm_cut_is_near(to, place(more, along, before), reach_px))
        before++;
    while (from > before && !derm_cut_is_near(to, place(more, along, from - 1), reach_px))
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

/* What either photo shows, each scar once: the longer centreline, drawn out by the other. */
static derm_err unite(struct derm_cut_bench *b, const struct derm_cuts found[2],
                      struct derm_cuts *out)
{
    const double reach_px = (double)b->params->reach_mm * b->view->grid.px_per_mm;
    struct derm_cut all[2 * DERM_MAX_CUTS];
    int n = 0;

    for (int photo = 0; photo < 2; photo++)
        for (int i = 0; i < found[photo].n; i++)
            all[n++] = found[photo].item[i];
    qsort(all, (size_t)n, sizeof(*all), longer_first);
    out->n = 0;
    for (int i = 0; i < n; i++) {
        int same = 0;

        while (same < out->n && derm_cut_share_near(&all[i], &out->item[same], reach_px) <= 0.3)
            same++;
        if (same < out->n)
            DERM_TRY(extend(b->run, &out->item[same], &all[i], reach_px));
        else if (out->n < DERM_MAX_CUTS)
            out->item[out->n++] = all[i];
    }
    return DERM_OK;
}

/* ---- measuring */

/* Whether a place on a centreline was found in a photo. */
static bool is_found(const struct derm_cuts *found, struct derm_point at, double reach_px)
{
    for (int i = 0; i < found->n; i++)
        if (derm_cut_is_near(&found->item[i], at, reach_px)) return true;
    return false;
}

/* One piece as an object: what does not depend on the photo. */
static struct derm_object new_piece(const struct derm_cut_bench *b, const struct derm_strip *s,
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

/* What a photo shows of a piece: the contrast within the scar's own width, and a width of its own
 * where there is enough contrast. */
static void sample_piece(const struct derm_cut_bench *b, const struct derm_strip *s, int first,
                         int end, const struct derm_cut *scar, int photo, struct derm_object *o)
{
    const double sign = scar->contrast < 0 ? -1 : 1, px_per_mm = s->px_per_mm;
    struct derm_band band = { 0, scar->width_mm };
    struct derm_band_contrast c;
    struct derm_profile p;

    derm_strip_profile(s, first, end, &p);
    c = derm_profile_contrast(&p, &band);
    if (!c.measured) {
        o->area_px = 0; /* of no weight */
        return;
    }
    o->contrast += c.inside;
    *(photo ? &o->follow_value : &o->base_value) = sign * c.inside * o->area_px;
    if (derm_profile_width(&p, &band, (double)b->params->min_piece * scar->contrast))
        *(photo ? &o->follow_area_px : &o->base_area_px) =
            band.width_mm * o->length_mm * px_per_mm * px_per_mm;
}

/* At least as many as its strip is cut into, which has a row or two more than the line is long. */
static size_t most_pieces(const struct derm_cut_bench *b, const struct derm_cut *scar)
{
    double length_px = 0;

    for (int i = 0; i + 1 < scar->n; i++)
        length_px += sqrt(distance2(scar->at[i], scar->at[i + 1]));
    return (size_t)(length_px / b->view->grid.px_per_mm / (double)b->params->piece_mm) + 3;
}

static derm_err measure(struct derm_cut_bench *b, const struct derm_view *const view[2], int photos,
                        const struct derm_cuts *found, const struct derm_cut *scar, int label,
                        struct derm_objects *out)
{
    const size_t mark = b->run->scratch->used;
    const double reach_px = (double)b->params->reach_mm * b->view->grid.px_per_mm;
    struct derm_object *const piece = out->item + out->n;
    struct derm_strip s;
    int n;

    DERM_TRY(derm_strip_lay(b->run, &s, scar->at, scar->n, &b->view->grid, 0));
    n = derm_pieces(b->params, &s, 0, s.rows);
    for (int i = 0; i < n; i++)
        piece[i] = new_piece(b, &s, derm_piece_row(0, s.rows, n, i),
                             derm_piece_row(0, s.rows, n, i + 1), scar->width_mm);
    for (int photo = 0; photo < photos; photo++) {
        derm_strip_sample(&s, &view[photo]->od[1], b->where, b->own, b->regions);
        for (int i = 0; i < n; i++) {
            const struct derm_point at = { piece[i].x, piece[i].y };

            sample_piece(b, &s, derm_piece_row(0, s.rows, n, i),
                         derm_piece_row(0, s.rows, n, i + 1), scar, photo, &piece[i]);
            if (is_found(&found[photo], at, reach_px)) piece[i].found_in |= 1u << photo;
        }
    }
    for (int i = 0; i < n; i++) {
        piece[i].contrast /= photos;
        piece[i].label = label;
    }
    out->n += n;
    derm_arena_reset(b->run->scratch, mark);
    return DERM_OK;
}

/* Of a face, where nothing else looks like a scar: there are folds from the nose to the mouth,
 * under and between the eyes, and strands of hair on the forehead. Flanks have to lie here, too. */
static const unsigned plain_skin =
    1u << DERM_REGION_LEFT_CHEEK | 1u << DERM_REGION_RIGHT_CHEEK | 1u << DERM_REGION_CHIN;

/* A small region is drawn around a scar, a large one around what is treated. */
static bool is_pointed_at(const struct derm_frame *frame, const struct derm_mask *where,
                          double most_cm2)
{
    const double px_per_cm = 10 * frame->view.grid.px_per_mm;

    return frame->user_roi.px != NULL && derm_mask_count(where) <= most_cm2 * px_per_cm * px_per_cm;
}

static derm_err run_linear_scars(struct derm_run *run, const void *params)
{
    const struct derm_cut_params *const p = params;
    const struct derm_frame *const frame = derm_measured_frame(run);
    struct derm_pair *const pair = run->pair;
    const struct derm_view *const view[2] = { &frame->view, pair ? &pair->warped : NULL };
    struct derm_objects *const out =
        &(pair ? pair->objects : run->frame->objects)[DERM_KIND_LINEAR_SCAR];
    struct derm_cut_bench b = { .run = run,
                                .params = p,
                                .where = pair ? &pair->common : &frame->view.skin,
                                .own = &frame->view.regions,
                                .regions = ~0u };
    struct derm_cuts found[2] = { { .n = 0 }, { .n = 0 } }, all;
    size_t pieces = 0;

    if (!derm_segment_is_measured(run, DERM_CONCERN_SCARS)) return DERM_OK;
    b.pointed_at = is_pointed_at(frame, b.where, (double)p->pointed_cm2);
    b.coloured = !b.pointed_at && run->tone->ita_deg >= (double)p->dark_ita_deg;
    if (frame->face.used && !b.pointed_at) {
        b.regions = plain_skin;
        b.edge_mm = (double)p->face_edge_mm;
    }
    b.view = view[0];
    DERM_TRY(derm_cuts_prepare(&b));
    for (int photo = 0; photo < (pair ? 2 : 1); photo++) {
        b.view = view[photo];
        DERM_TRY(derm_cuts_find(&b, &found[photo]));
    }
    b.view = view[0];
    DERM_TRY(unite(&b, found, &all));
    if (b.pointed_at && all.n > 1) all.n = 1; /* the longest comes first */
    for (int i = 0; i < all.n; i++)
        pieces += most_pieces(&b, &all.item[i]);
    DERM_TRY(derm_arena_new(run->keep, &out->item, pieces + 1, sizeof(*out->item)));
    out->n = 0;
    for (int i = 0; i < all.n; i++)
        DERM_TRY(measure(&b, view, pair ? 2 : 1, found, &all.item[i], i + 1, out));
    return DERM_OK;
}

const struct derm_stage derm_stage_linear_scars = {
    .name = "linear_scars",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS,
    .writes = DERM_SLOT(linear_scars),
    .opts = opts,
    .params_size = sizeof(struct derm_cut_params),
    .run = run_linear_scars,
};
