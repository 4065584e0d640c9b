/* SPDX-License-Identifier: Apache-2.0 */
/* vessels: fine red lines (telangiectasia).
 *
 * reads   view.od (optical density), tone (weights on it), a mask, view.regions, red marks
 * gives   objects: pieces of about 2 mm of a centreline; value: piece's area (its length times a
 * band that holds any vessel) x contrast of haemoglobin against both sides
 *
 * Ridges of the map of haemoglobin that are red as a whole line. In a pair each photo is searched,
 * the stronger line of two that lie on each other is kept, and both photos are measured along it.
 * The band is wider than a vessel: what blur and half a pixel of misalignment spread stays in it.
 */
#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "stages/comparable.h"
#include "stages/lines.h"
#include "stages/objects.h"
#include "stages/reduced.h"
#include "stages/ridge.h"
#include "stages/segment.h"
#include "stages/stages.h"
#include "stages/strip.h"

static const struct derm_strip_rule rule = {
    .column_mm = 0.1,
    .reach = DERM_STRIP_REACH,
    .smooth_mm = 1.5,
    .gap_share = 0.4,
    .least_gap_mm = 0.4,
    .most_gap_mm = 100,
    .flank_mm = 1.5,
};
enum { MOST_RIDGES = 256 };                            /* of one photo, strongest first */
static const double sigma_mm[] = { 0.12, 0.18, 0.25 }; /* algorithms, section 7 */

struct params {
    float least_px_per_mm, max_px_per_mm, fill_mm, edge_mm;
    float start_response, ahead_response, share, sight_mm, min_length_mm;
    float band_mm, min_contrast, min_even, min_green, max_grey;
    float piece_mm, reach_mm;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, least_px_per_mm, 6, 2, 100,
             "in photos with fewer no vessel is looked for: as for fine lines (algorithms, 11)"),
    DERM_OPT(struct params, max_px_per_mm, 10, 2, 100,
             "working resolution: the finest filter is a pixel wide"),
    DERM_OPT(struct params, fill_mm, 1, 0.1, 20, "sigma of the fill outside the skin"),
    DERM_OPT(struct params, edge_mm, 1, 0, 20, "kept from the edge of the skin"),
    DERM_OPT(struct params, start_response, 4.5, 0.5, 100,
             "of the place where a trace starts and of a line through it, in units of noise"),
    DERM_OPT(struct params, ahead_response, 1.5, 0, 100, "what a trace goes on for"),
    DERM_OPT(struct params, share, 0.3, 0, 1, "the same, of the mean of the trace so far"),
    DERM_OPT(struct params, sight_mm, 0.8, 0.1, 50, "how far ahead a trace looks"),
    DERM_OPT(struct params, min_length_mm, 2.5, 0.5, 1000, "shorter lines are left out"),
    DERM_OPT(struct params, band_mm, 0.6, 0.1, 5, "width over which the blood of a vessel is read"),
    DERM_OPT(struct params, min_contrast, 0.08, 0, 5,
             "optical density of blood, mean over the band and the line"),
    DERM_OPT(struct params, min_even, 0.8, 0, 1,
             "share of the pieces with at least half of that contrast"),
    DERM_OPT(struct params, min_green, 0.03, -1, 1,
             "green less blue density per blood density, as for marks"),
    DERM_OPT(struct params, max_grey, 0.7, 0, 10, "red over green density, as for marks"),
    DERM_OPT(struct params, piece_mm, 2, 0.5, 20, "of a centreline"),
    DERM_OPT(struct params, reach_mm, 0.6, 0.1, 20, "centrelines this near are of one vessel"),
    { 0 },
};

struct line { /* grid px */
    struct derm_point *at;
    int n, photo;
    double strength;
};
struct bench {
    struct derm_run *run;
    const struct params *params;
    const struct derm_view *view[2]; /* on one grid */
    int photos;
    const struct derm_mask *where;
    const struct derm_objects *marks;
    struct derm_reduced reduced;
    struct derm_plane fine[2];          /* of blood in each photo, on the reduced grid */
    struct derm_mask searched, near[2]; /* on the reduced grid; near: a line of that photo */
    struct derm_mask usual;             /* of searched, what the noise is told by */
    struct line *line;
    int n;
};

/* ---- strips */

static int pieces_of(const struct bench *b, const struct derm_strip *s)
{
    return imax(1, (int)(s->rows * s->row_mm / (double)b->params->piece_mm + 0.5));
}

static struct derm_band_contrast contrast_over(const struct bench *b, const struct derm_strip *s,
                                               int first, int end, struct derm_profile *p)
{
    const struct derm_band band = { 0, (double)b->params->band_mm };

    derm_strip_profile(s, first, end, p);
    return derm_profile_contrast(p, &band);
}

static void sample(const struct bench *b, struct derm_strip *s, const struct derm_plane *plane)
{
    derm_strip_sample(s, plane, b->where, &b->view[0]->regions, ~0u);
}

/* ---- finding */

/* Redder than both sides, all along, and neither grey nor brown. */
static derm_err judge(const struct bench *b, const struct line *line, bool *is)
{
    const struct params *const p = b->params;
    const struct derm_view *const view = b->view[line->photo];
    struct derm_band_contrast all, colour[3];
    struct derm_profile profile;
    struct derm_strip s;
    int even = 0;

    *is = false;
    if (2 * derm_objects_under(b->marks, line->at, line->n) > line->n)
        return DERM_OK; /* what lies on a red mark is part of it */
    DERM_TRY(derm_strip_lay(b->run, &s, &rule, line->at, line->n, &view->grid, 0));
    derm_strip_sample_mix(&s, view->od, b->run->tone->blood, b->where, &b->view[0]->regions, ~0u);
    all = contrast_over(b, &s, 0, s.rows, &profile);
    if (!all.measured || all.inside < (double)p->min_contrast) return DERM_OK;
    const int n = pieces_of(b, &s);
    for (int i = 0; i < n; i++) {
        const struct derm_band_contrast c =
            contrast_over(b, &s, s.rows * i / n, s.rows * (i + 1) / n, &profile);
        even += c.measured && c.inside >= 0.5 * all.inside;
    }
    if (even < (double)p->min_even * n) return DERM_OK;
    for (int c = 0; c < 3; c++) {
        sample(b, &s, &view->od[c]);
        colour[c] = contrast_over(b, &s, 0, s.rows, &profile);
    }
    *is = colour[0].inside <= (double)p->max_grey * colour[1].inside &&
          colour[1].inside - colour[2].inside >= (double)p->min_green * all.inside;
    return DERM_OK;
}

static void draw(const struct bench *b, const struct line *line, struct derm_mask *on)
{
    const int f = b->reduced.factor;
    const double r = (double)b->params->reach_mm * b->reduced.px_per_mm;

    for (int i = 0; i < line->n; i++) {
        const double cx = line->at[i].x / f, cy = line->at[i].y / f;

        for (int y = imax((int)ceil(cy - r), 0); y <= imin((int)(cy + r), on->h - 1); y++)
            for (int x = imax((int)ceil(cx - r), 0); x <= imin((int)(cx + r), on->w - 1); x++)
                if ((x - cx) * (x - cx) + (y - cy) * (y - cy) <= r * r)
                    derm_mask_row(on, y)[x] = 0xff;
    }
}

static bool is_on(const struct bench *b, const struct derm_mask *on, struct derm_point at)
{
    const int f = b->reduced.factor;

    return derm_mask_row(on, clampi((int)(at.y / f + 0.5), 0,
                                    on->h - 1))[clampi((int)(at.x / f + 0.5), 0, on->w - 1)] != 0;
}

static derm_err find(struct bench *b, int photo, struct line *line, int *n)
{
    const struct params *const p = b->params;
    struct derm_ridge_search search = { .sizes = sizeof(sigma_mm) / sizeof(*sigma_mm),
                                        .px_per_mm = b->reduced.px_per_mm,
                                        .usual = &b->usual,
                                        .most = MOST_RIDGES,
                                        .z_point = (double)p->start_response,
                                        .z_start = (double)p->start_response,
                                        .z_ahead = (double)p->ahead_response,
                                        .share = (double)p->share,
                                        .sight_mm = (double)p->sight_mm,
                                        .min_length_mm = (double)p->min_length_mm };
    struct derm_plane *const fine = &b->fine[photo];
    struct derm_ridge *ridge;
    int ridges;

    for (int i = 0; i < search.sizes; i++)
        search.sigma_mm[i] = sigma_mm[i];
    DERM_TRY(derm_ridges_find(b->run, fine, &b->searched, &search, &ridge, &ridges));
    derm_plane_give(b->run->scratch, fine);
    for (int i = 0; i < ridges; i++) {
        struct line *const l = &line[*n];
        bool is;

        if (ridge[i].pale) continue;
        *l = (struct line){ .n = ridge[i].n, .photo = photo, .strength = ridge[i].strength };
        DERM_TRY(derm_arena_raw(b->run->scratch, &l->at, (size_t)l->n, sizeof(*l->at)));
        for (int k = 0; k < l->n; k++)
            l->at[k] = (struct derm_point){ derm_reduced_to_grid(&b->reduced, ridge[i].at[k].x),
                                            derm_reduced_to_grid(&b->reduced, ridge[i].at[k].y) };
        DERM_TRY(judge(b, l, &is));
        if (!is) continue;
        draw(b, l, &b->near[photo]);
        ++*n;
    }
    return DERM_OK;
}

static int stronger_first(const void *pa, const void *pb)
{
    const struct line *const a = pa, *const b = pb;

    if (a->strength != b->strength) return a->strength > b->strength ? -1 : 1;
    if (a->photo != b->photo) return a->photo - b->photo;
    if (a->at[0].y != b->at[0].y) return a->at[0].y < b->at[0].y ? -1 : 1;
    return (a->at[0].x > b->at[0].x) - (a->at[0].x < b->at[0].x);
}

/* Each vessel once: of every line what lies on no stronger one, as far as that is long enough. */
static derm_err unite(struct bench *b, struct line *found, int n)
{
    const int least = (int)((double)b->params->min_length_mm * b->reduced.px_per_mm);
    struct derm_mask taken;

    DERM_TRY(derm_mask_new(b->run->scratch, &taken, b->searched.w, b->searched.h));
    qsort(found, (size_t)n, sizeof(*found), stronger_first);
    b->n = 0;
    for (int i = 0; i < n; i++) {
        int first = 0, length = 0; /* of the longest stretch */

        for (int k = 0, start = 0; k <= found[i].n; k++) {
            if (k < found[i].n && !is_on(b, &taken, found[i].at[k])) continue;
            if (k - start > length) {
                first = start;
                length = k - start;
            }
            start = k + 1;
        }
        draw(b, &found[i], &taken);
        if (length < least) continue;
        b->line[b->n] = found[i];
        b->line[b->n].at += first;
        b->line[b->n++].n = length;
    }
    return DERM_OK;
}

/* ---- measuring */

/* Contrasts over a band as broad as all vessels have; the value is the contrast over the area. */
static derm_err measure(const struct bench *b, struct derm_objects *out)
{
    const struct params *const p = b->params;
    const struct derm_line_probe probe = { .run = b->run,
                                           .rule = &rule,
                                           .view = { b->view[0], b->view[1] },
                                           .mix = b->run->tone->blood,
                                           .photos = b->photos,
                                           .where = b->where,
                                           .own = &b->view[0]->regions,
                                           .regions = ~0u,
                                           .piece_mm = (double)p->piece_mm,
                                           .min_piece = 1 };
    size_t pieces = 0;

    for (int pass = 0; pass < 2; pass++) {
        if (pass)
            DERM_TRY(derm_arena_new(b->run->keep, &out->item, pieces + 1, sizeof(*out->item)));
        for (int i = 0; i < b->n; i++) {
            const struct derm_line line = { b->line[i].at, b->line[i].n, (double)p->band_mm,
                                            (double)p->min_contrast };

            if (pass)
                DERM_TRY(derm_line_measure(&probe, &line, i + 1, out));
            else
                pieces += derm_line_most_pieces(&probe, &line);
        }
    }
    for (int i = 0; i < out->n; i++) {
        struct derm_object *const o = &out->item[i];

        o->base_value *= o->area_px;
        o->follow_value *= o->area_px;
        for (int photo = 0; photo < b->photos; photo++)
            if (is_on(b, &b->near[photo], (struct derm_point){ o->x, o->y }))
                o->found_in |= 1u << photo;
    }
    return DERM_OK;
}

static derm_err prepare(struct bench *b)
{
    const struct params *const p = b->params;
    const struct derm_filter f = derm_run_filter(b->run);
    const struct derm_grid *const g = &b->view[0]->grid;

    DERM_TRY(derm_reduced_new(b->run, &b->reduced, b->where, g->px_per_mm, (double)p->max_px_per_mm,
                              (double)p->fill_mm));
    DERM_TRY(derm_reduced_use_head(b->run, &b->reduced, &b->view[0]->regions));
    for (int photo = 0; photo < b->photos; photo++)
        DERM_TRY(derm_reduced_mix(b->run, &b->reduced, &b->fine[photo], b->view[photo]->od,
                                  b->run->tone->blood, b->where));
    derm_reduced_finish(b->run, &b->reduced);
    DERM_TRY(derm_mask_new(b->run->scratch, &b->searched, b->reduced.where.w, b->reduced.where.h));
    DERM_TRY(
        derm_erode(&f, &b->searched, &b->reduced.where, (double)p->edge_mm * b->reduced.px_per_mm));
    DERM_TRY(derm_reduced_head(b->run, &b->reduced, &b->usual, &b->searched, &b->view[0]->regions));
    for (int photo = 0; photo < b->photos; photo++)
        DERM_TRY(derm_mask_new(b->run->scratch, &b->near[photo], b->searched.w, b->searched.h));
    return DERM_OK;
}

static derm_err run_vessels(struct derm_run *run, const void *params)
{
    const struct params *const p = params;
    const struct derm_frame *const frame = derm_measured_frame(run);
    struct derm_pair *const pair = run->pair;
    struct derm_objects *const objects = pair ? pair->objects : run->frame->objects;
    struct derm_objects *const out = &objects[DERM_KIND_VESSEL];
    struct derm_mask where;
    struct bench b = { .run = run,
                       .params = p,
                       .view = { &frame->view, pair ? &pair->warped : NULL },
                       .photos = pair ? 2 : 1,
                       .where = &where,
                       .marks = &objects[DERM_KIND_RED_MARK] };
    struct line *found;
    int n = 0;

    if (!run->tone->parted || !derm_segment_is_measured(run, DERM_CONCERN_REDNESS) ||
        frame->scale.source == DERM_SCALE_UNKNOWN ||
        frame->view.grid.px_per_mm < (double)p->least_px_per_mm)
        return DERM_OK;
    DERM_TRY(derm_segment_where(run, &where));
    DERM_TRY(prepare(&b));
    DERM_TRY(derm_arena_new(run->scratch, &found, 2 * (size_t)MOST_RIDGES, sizeof(*found)));
    DERM_TRY(derm_arena_new(run->scratch, &b.line, 2 * (size_t)MOST_RIDGES, sizeof(*b.line)));
    for (int photo = 0; photo < b.photos; photo++)
        DERM_TRY(find(&b, photo, found, &n));
    DERM_TRY(unite(&b, found, n));
    return measure(&b, out);
}

const struct derm_stage derm_stage_vessels = {
    .name = "vessels",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS | DERM_SLOT(redness),
    .writes = DERM_SLOT(vessels),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_vessels,
};
