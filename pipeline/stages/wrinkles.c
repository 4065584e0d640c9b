/* SPDX-License-Identifier: Apache-2.0 */
/* wrinkles: thin dark valleys of the skin: wrinkles, and fine lines.
 *
 * reads   view.od (red and green; their ratio tells blood from shade), skin or what is common to
 * two photos, regions, grid, tone, clutter, linear_scars; spots, scars and red marks as identified
 * writes  wrinkles: the centrelines of wrinkles and of fine lines in pieces of 2 mm
 *
 * Dark ridges are traced at several widths (stages/ridge.h); what is traced is laid straight, its
 * ends are where its contrast falls to half, and it has to pass as a line: long for its width, dark
 * from end to end against both sides. Hair is darker or lies in a crowd, vessels let red light
 * through, the shade of a form has one side, what lies on spots, scars or red marks is theirs;
 * a line that runs otherwise than creases do there (stages/creases.h) has to stand out more; where
 * a face has dark lines of its own (nose, brows, lids, lips) nothing is sought. A wide line is a
 * wrinkle, a thin one a fine line.
 *
 * A pair is searched in both photos. Both are sampled along the union of what they show; a line is
 * of the same sort in both, the longer one's. The value of a piece is contrast times length. */
#include "stages/comparable.h"
#include "stages/lines.h"
#include "stages/segment.h"
#include "stages/stages.h"
#include "stages/valleys.h"

static const struct derm_opt opts[] = {
    DERM_OPT(struct derm_valley_params, max_px_per_mm, 8, 1, 100,
             "of the copy that is searched: the finest line is 0.2 mm wide"),
    DERM_OPT(struct derm_valley_params, fill_mm, 1, 0.1, 20, "sigma of the fill outside the skin"),
    DERM_OPT(struct derm_valley_params, point_response, 1, 0.1, 100,
             "of the place where a trace starts, in units of noise"),
    DERM_OPT(struct derm_valley_params, max_response, 4, 0.5, 1000,
             "what a single place counts for at most in a mean, in units of noise: a pore is no "
             "line (of 2.5, 3 and 4, even seeds)"),
    DERM_OPT(
        struct derm_valley_params, start_response, 3.5, 0.5, 100,
        "mean along a line through that place, in units of the noise of such a mean (of 3.5, 4 "
        "and 4.5, even seeds)"),
    DERM_OPT(struct derm_valley_params, ahead_response, 1.75, 0, 100,
             "what a trace goes on for: half (algorithms, section 4)"),
    DERM_OPT(struct derm_valley_params, share, 0.3, 0, 1,
             "the same, of the mean of the trace so far"),
    DERM_OPT(struct derm_valley_params, sight_mm, 1.5, 0.5, 50, "how far ahead a trace looks"),
    DERM_OPT(struct derm_valley_params, min_radius_mm, 5, 0, 1000,
             "how sharply a trace may turn (of 3 and 5, even seeds; 3: algorithms, section 4)"),
    DERM_OPT(
        struct derm_valley_params, line_response, 5, 0, 100,
        "mean along the whole line, in units of the noise of a mean over its length (of 4.5, 5 "
        "and 5.5; even seeds and people)"),
    DERM_OPT(
        struct derm_valley_params, stray_cost, 1, 0, 100,
        "so much more than line_response, relatively, where a line runs across what creases "
        "do or where a face has none (of 0.5 and 1; even people), and of wrinkles on a close-up"),
    DERM_OPT(struct derm_valley_params, fold_reach_mm, 6, 0, 100,
             "from the border between cheek and mouth to the fold along it"),
    DERM_OPT(struct derm_valley_params, min_length_mm, 4, 1, 1000,
             "shortest fine line (algorithms, section 4)"),
    DERM_OPT(struct derm_valley_params, wrinkle_length_mm, 8, 1, 1000,
             "shortest wrinkle (algorithms, section 4)"),
    DERM_OPT(struct derm_valley_params, wrinkle_width_mm, 0.45, 0, 10,
             "narrowest wrinkle, as it appears; what is narrower is a fine line (of 0.45 and 0.5, "
             "0.5 takes one wrinkle in 25 for a fine line; even seeds)"),
    DERM_OPT(struct derm_valley_params, max_width_mm, 2, 0.5, 100,
             "broader valleys are the form of the face"),
    DERM_OPT(struct derm_valley_params, fold_width_mm, 3, 0.5, 100,
             "but for nasolabial folds: the one of the even faces that is deep reads 2.6"),
    DERM_OPT(struct derm_valley_params, min_slender, 5, 1, 100,
             "length over width (algorithms, section 4)"),
    DERM_OPT(struct derm_valley_params, min_contrast, 0.02, 0, 1, "optical density"),
    DERM_OPT(struct derm_valley_params, max_contrast, 0.5, 0, 5,
             "optical density; hair is beyond (algorithms, section 4)"),
    DERM_OPT(struct derm_valley_params, min_red, 0.72, 0, 10,
             "contrast in red over green: shade has 0.75 to 1 on phantoms, by the table of optics "
             "pigment has 0.68, blood 0.43"),
    DERM_OPT(struct derm_valley_params, z_min, 4, 0, 100,
             "mean contrast over its standard error between pieces (algorithms, section 4)"),
    DERM_OPT(struct derm_valley_params, min_even, 0.7, 0, 1,
             "share of pieces with at least half of the mean contrast"),
    DERM_OPT(struct derm_valley_params, min_flank, 0.4, 0, 1,
             "contrast against the more alike flank, of the mean; the edge of a shade has none"),
    DERM_OPT(
        struct derm_valley_params, min_red_flank, 0.3, 0, 1,
        "the same in red alone, where the skin's own colours hide a shade least: the edge of a "
        "cheek has .27, what may be a wrinkle .34 and more (even people)"),
    DERM_OPT(struct derm_valley_params, min_skin_share, 0.8, 0, 1,
             "of the pieces that have skin inside and on both sides"),
    DERM_OPT(
        struct derm_valley_params, forehead_slope, 0.4, 0, 100,
        "down over across: steeper lines on a forehead are strands of hair or their shade (22 "
        "degrees; of .4 and .7, even people: of 3 lines between one is the shade of a lock, the "
        "others are faint streaks)"),
    DERM_OPT(struct derm_valley_params, crowsfoot_width_mm, 1.2, 0, 100,
             "broadest wrinkle beside an eye: those that are have up to 1, the hollow where its "
             "socket ends has 1.4 and more (even people)"),
    DERM_OPT(struct derm_valley_params, max_clutter, 0.5, 0, 1,
             "of a line on cheeks, chin, about the mouth, between the brows and on a close-up, in "
             "such fine detail that it is hair"),
    DERM_OPT(struct derm_valley_params, edge_mm, 1.5, 0, 100,
             "kept from brows, lids, lips, nose and the outline of a face"),
    DERM_OPT(
        struct derm_valley_params, hair_mm, 12, 0, 100,
        "from the upper end of a forehead's skin to its lines; of 8, 12 and 15, on 22 faces of "
        "even people: what 12 drops is nearly all strands or the shade of hair"),
    DERM_OPT(struct derm_valley_params, max_others, 0.4, 0, 1,
             "of a line, on spots, scars and red marks"),
    DERM_OPT(struct derm_valley_params, judged_mm, 1, 0.25, 20, "of a line that is judged"),
    DERM_OPT(struct derm_valley_params, piece_mm, 2, 0.5, 20, "of a centreline"),
    DERM_OPT(struct derm_valley_params, reach_mm, 0.8, 0.1, 20,
             "lines nearer to each other than this are one"),
    DERM_OPT(struct derm_valley_params, min_piece, 0.3, 0, 1,
             "of the line's contrast, in a piece whose own width can be told"),
    { 0 },
};

/* ---- the union of two photos */

/* What either photo shows, each line once: the longer one, and what the other goes on beyond it. */
static derm_err unite(struct derm_valley_bench *b, const struct derm_valleys found[2],
                      struct derm_valleys *out)
{
    const double reach_mm = (double)b->params->reach_mm;
    const int n = found[0].n + found[1].n;
    struct derm_valley *all;
    int most = 0;

    DERM_TRY(derm_arena_raw(b->run->scratch, &all, (size_t)n + 1, sizeof(*all)));
    for (int i = 0; i < n; i++) {
        all[i] = i < found[0].n ? found[0].item[i] : found[1].item[i - found[0].n];
        most += all[i].n;
    }
    derm_valleys_sort(all, n);
    DERM_TRY(derm_arena_raw(b->run->scratch, &out->item, (size_t)most + 1, sizeof(*out->item)));
    out->n = 0;
    derm_valleys_release(b);
    for (int i = 0; i < n; i++) {
        const int first = out->n;
        int end;

        for (int from = 0; (end = derm_valley_stretch(b, all[i].at, all[i].n, &from)) > from;
             from = end) {
            const double length_mm = all[i].length_mm * (end - from) / all[i].n;

            if (length_mm < (double)b->params->piece_mm) continue;
            out->item[out->n] = all[i];
            out->item[out->n].at += from;
            out->item[out->n].n = end - from;
            out->item[out->n++].length_mm = length_mm;
        }
        for (int k = first; k < out->n; k++)
            derm_valley_take(b, out->item[k].at, out->item[k].n, reach_mm);
    }
    return DERM_OK;
}

/* ---- measuring */

/* What the metrics are made of: contrast times length; a photo shows a piece that has half of the
 * least contrast of a line. Pieces without skin are left out. */
static void settle(struct derm_objects *o, int first, int photos, double least)
{
    const int end = o->n;

    o->n = first;
    for (int i = first; i < end; i++) {
        struct derm_object p = o->item[i];

        if (p.area_px <= 0) continue;
        for (int photo = 0; photo < photos; photo++) {
            double *const value = photo ? &p.follow_value : &p.base_value;
            double *const area_px = photo ? &p.follow_area_px : &p.base_area_px;

            if (*value >= least) {
                p.found_in |= 1u << photo;
                if (*area_px <= 0) *area_px = p.area_px;
            } else {
                *area_px = 0;
            }
            *value *= p.length_mm;
        }
        o->item[o->n++] = p;
    }
}

/* The lines of one sort. */
static derm_err measure(const struct derm_line_probe *probe, const struct derm_valleys *all,
                        bool fine, double least, struct derm_objects *out)
{
    size_t pieces = 0;
    int label = 0;

    for (int i = 0; i < all->n; i++) {
        const struct derm_valley *const v = &all->item[i];
        const struct derm_line line = { v->at, v->n, v->width_mm, v->contrast };

        if (v->fine == fine) pieces += derm_line_most_pieces(probe, &line);
    }
    DERM_TRY(derm_arena_new(probe->run->keep, &out->item, pieces + 1, sizeof(*out->item)));
    out->n = 0;
    for (int i = 0; i < all->n; i++) {
        const struct derm_valley *const v = &all->item[i];
        const struct derm_line line = { v->at, v->n, v->width_mm, v->contrast };
        const int first = out->n;

        if (v->fine != fine) continue;
        DERM_TRY(derm_line_measure(probe, &line, label + 1, out));
        settle(out, first, probe->photos, least);
        if (out->n > first) label++;
    }
    return DERM_OK;
}

/* Of a face: where nothing but a wrinkle is a dark line; the wings of the nose are folds. */
static const unsigned face_regions =
    1u << DERM_REGION_FOREHEAD | 1u << DERM_REGION_GLABELLA | 1u << DERM_REGION_LEFT_CHEEK |
    1u << DERM_REGION_RIGHT_CHEEK | 1u << DERM_REGION_NASOLABIAL | 1u << DERM_REGION_PERIORAL |
    1u << DERM_REGION_CHIN | 1u << DERM_REGION_LEFT_PERIORBITAL |
    1u << DERM_REGION_RIGHT_PERIORBITAL | 1u << DERM_REGION_LEFT_CROWSFEET |
    1u << DERM_REGION_RIGHT_CROWSFEET | 1u << DERM_REGION_NECK;

static derm_err run_wrinkles(struct derm_run *run, const void *params)
{
    const struct derm_valley_params *const p = params;
    const struct derm_frame *const frame = derm_measured_frame(run);
    struct derm_pair *const pair = run->pair;
    struct derm_objects *const out = pair ? pair->objects : run->frame->objects;
    struct derm_valley_bench b = {
        .run = run,
        .params = p,
        .view = &frame->view,
        .where = pair ? &pair->common : &frame->view.skin,
        .own = &frame->view.regions,
        .regions = frame->face.used ? face_regions : ~0u,
        .creases = derm_creases_of(&frame->face, &frame->view.grid, (double)p->fold_reach_mm),
        .scars = &out[DERM_KIND_LINEAR_SCAR],
        .others = { &out[DERM_KIND_SPOT], &out[DERM_KIND_SCAR], &out[DERM_KIND_RED_MARK] }
    };
    struct derm_line_probe probe = { .run = run,
                                     .rule = &derm_valley_rule,
                                     .view = { &frame->view, pair ? &pair->warped : NULL },
                                     .photos = pair ? 2 : 1,
                                     .where = b.where,
                                     .own = b.own,
                                     .regions = b.regions,
                                     .piece_mm = (double)p->piece_mm,
                                     .min_piece = (double)p->min_piece };
    const double least = 0.5 * (double)p->min_contrast;
    struct derm_valleys found[2] = { { NULL, 0 }, { NULL, 0 } }, all;

    if (!derm_segment_is_measured(run, DERM_CONCERN_WRINKLES)) return DERM_OK;
    DERM_TRY(derm_valleys_prepare(&b, probe.view, probe.photos));
    for (int photo = 0; photo < probe.photos; photo++)
        DERM_TRY(derm_valleys_find(&b, probe.view[photo], photo, &found[photo]));
    DERM_TRY(unite(&b, found, &all));
    DERM_TRY(measure(&probe, &all, false, least, &out[DERM_KIND_WRINKLE]));
    return measure(&probe, &all, true, least, &out[DERM_KIND_FINE_LINE]);
}

const struct derm_stage derm_stage_wrinkles = {
    .name = "wrinkles",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS | DERM_SLOT(linear_scars) | DERM_SLOT(pigmentation) |
             DERM_SLOT(scars) | DERM_SLOT(redness) | DERM_SLOT(identified),
    .writes = DERM_SLOT(wrinkles),
    .opts = opts,
    .params_size = sizeof(struct derm_valley_params),
    .run = run_wrinkles,
};
