/* SPDX-License-Identifier: Apache-2.0 */
/* linear_scars: scars of cuts: bands paler or darker than the skin on both sides, 15 mm and longer.
 *
 * reads   view.od, skin or what is common to two photos, regions, grid, tone, stretch_marks
 * writes  linear_scars: the centrelines of the scars in pieces of 2 mm
 *
 * Ridges are traced on a coarse copy; each is then laid straight from the grid itself, its ends are
 * where its contrast falls to half, and it has to pass as a scar: long for its width, of one sign
 * from end to end, different from both flanks, far above its own spread. Where the program looks by
 * itself it must have a colour, too: a fold is shade, which takes red as much as green; and of a
 * face only cheeks and chin are searched. Inside the user's region none of that is asked,
 * and the longest band is taken. Along a line that the user drew nothing is asked at all.
 *
 * A pair is searched in both photos; what is one scar in both is one centreline, and both photos
 * are sampled along it. */

#include "stages/comparable.h"
#include "stages/drawn_line.h"
#include "stages/mask_ops.h"
#include "stages/segment.h"
#include "stages/stages.h"
#include "stages/streaks.h"

struct params {
    struct derm_streak_params streak; /* first: its options are offsets from here */
    float pointed_cm2, pointed_response, pointed_z, face_edge_mm;
};

static const struct derm_opt opts[] = {
    DERM_OPT(struct derm_streak_params, max_px_per_mm, 3, 1, 100,
             "of the coarse copy: the narrowest scar is 1 mm wide"),
    DERM_OPT(struct derm_streak_params, fill_mm, 2, 0.1, 20, "sigma of the fill outside the skin"),
    DERM_OPT(struct derm_streak_params, start_response, 3.7, 0.5, 100,
             "of the place where a trace starts and of a line through it, in units of noise: dark "
             "spots and mottle in a row have 3 on phantoms"),
    DERM_OPT(struct derm_streak_params, trace_response, 3.7, 0, 100, "mean over the whole trace"),
    DERM_OPT(struct derm_streak_params, ahead_response, 1.5, 0, 100, "what a trace goes on for"),
    DERM_OPT(struct derm_streak_params, share, 0.3, 0, 1,
             "the same, of the mean of the trace so far"),
    DERM_OPT(struct derm_streak_params, sight_mm, 4, 0.5, 50, "how far ahead a trace looks"),
    DERM_OPT(struct derm_streak_params, min_length_mm, 15, 1, 1000,
             "shortest scar that is taken for one (algorithms, section 5)"),
    DERM_OPT(struct derm_streak_params, min_width_mm, 0.8, 0, 100,
             "narrower are hairs and fine lines"),
    DERM_OPT(struct derm_streak_params, max_width_mm, 8, 0.5, 100,
             "broader bands are the body's shape"),
    DERM_OPT(struct derm_streak_params, min_slender, 5, 1, 100, "length over width"),
    DERM_OPT(
        struct derm_streak_params, min_straight, 0.5, 0, 1,
        "from end to end as the crow flies, of the length: half a circle has 0.64, a ring less"),
    DERM_OPT(struct derm_streak_params, z_min, 9, 0, 100,
             "mean contrast over its standard error between pieces: dark spots in a row have 5 to "
             "10"),
    DERM_OPT(struct derm_streak_params, min_contrast, 0.03, 0, 1, "optical density"),
    DERM_OPT(struct derm_streak_params, max_contrast, 1.2, 0, 5,
             "optical density; brows are beyond"),
    DERM_OPT(struct derm_streak_params, min_even, 0.8, 0, 1,
             "share of pieces with at least half of the mean contrast"),
    DERM_OPT(struct derm_streak_params, min_flank, 0.5, 0, 1,
             "contrast against the more alike flank, of the mean; the edge of a shade has none"),
    DERM_OPT(struct derm_streak_params, min_own, 0.3, 0, 1,
             "contrast against the usual skin within 8 mm, of that against the flanks"),
    DERM_OPT(struct derm_streak_params, min_skin_share, 0.8, 0, 1,
             "of the pieces that have skin inside and on both sides"),
    DERM_OPT(struct derm_streak_params, max_grey, 0.75, 0, 10,
             "contrast in red over green: 0.5 to 0.65 for scars, more for the shade of folds and "
             "wrinkles; 0: not asked"),
    DERM_OPT(struct derm_streak_params, max_grey_pale, 0.75, 0, 10,
             "the same of a pale band: gloss on a ridge"),
    DERM_OPT(struct derm_streak_params, dark_ita_deg, -25, -90, 90,
             "on darker skin pigment takes red as much as the rest, and that is not asked"),
    DERM_OPT(struct derm_streak_params, piece_mm, 2, 0.5, 20,
             "of a centreline (algorithms, section 5)"),
    DERM_OPT(struct derm_streak_params, reach_mm, 2, 0.1, 20,
             "centrelines this near are of one scar"),
    DERM_OPT(struct derm_streak_params, min_piece, 0.3, 0, 1,
             "of the scar's contrast, in a piece whose width can be told"),
    DERM_OPT(struct params, pointed_cm2, 20, 0, 10000,
             "skin in a user's region up to which it is drawn around a scar: one of 100 mm with 1 "
             "cm to either side"),
    DERM_OPT(struct params, pointed_response, 2.5, 0.5, 100, "start_response in such a region"),
    DERM_OPT(struct params, pointed_z, 5, 0, 100, "z_min there (algorithms, section 5)"),
    DERM_OPT(struct params, face_edge_mm, 6, 0, 100,
             "kept from the edge of the searched part of a face: ears and the folds before them"),
    { 0 },
};

/* Of a face, where nothing else looks like a scar: there are folds from the nose to the mouth,
 * under and between the eyes, and strands of hair on the forehead. Flanks have to lie here, too. */
static const unsigned plain_skin =
    1u << DERM_REGION_LEFT_CHEEK | 1u << DERM_REGION_RIGHT_CHEEK | 1u << DERM_REGION_CHIN;

/* The border of a scar is soft; a trace may keep to one side of a broad one. */
static const struct derm_strip_rule rule = {
    .column_mm = 0.1, /* algorithms, section 5 */
    .reach = DERM_STRIP_REACH,
    .smooth_mm = 1.5,
    .gap_share = 0.4,
    .least_gap_mm = 0.4,
    .most_gap_mm = 100,
    .flank_mm = 1.5,
    .peak_reach_mm = 3,
    .peak_mm = 1,
    .start_mm = { 6, 3, 1.5 },
};

/* A small region is drawn around a scar, a large one around what is treated. */
static bool is_pointed_at(const struct derm_frame *frame, const struct derm_mask *where,
                          double most_cm2)
{
    const double px_per_cm = 10 * frame->view.grid.px_per_mm;

    return frame->user_roi.px != NULL && derm_mask_count(where) <= most_cm2 * px_per_cm * px_per_cm;
}

/* Whoever draws a region around a scar knows that it is one, faint or grey. */
static struct derm_streak_params pointed(const struct params *p)
{
    struct derm_streak_params own = p->streak;

    own.start_response = p->pointed_response;
    own.trace_response = 0;
    own.z_min = p->pointed_z;
    own.max_grey = own.max_grey_pale = 0;
    return own;
}

/* Share of the points of a streak that lie on pieces of lines. */
static double share_on(const struct derm_streak *streak, const struct derm_objects *pieces,
                       double reach_px)
{
    int near = 0;

    for (int i = 0; i < streak->n; i++) {
        bool is = false;

        for (int k = 0; k < pieces->n && !is; k++) {
            const double dx = pieces->item[k].x - streak->at[i].x;
            const double dy = pieces->item[k].y - streak->at[i].y;
            is = dx * dx + dy * dy <= reach_px * reach_px;
        }
        near += is;
    }
    return streak->n > 0 ? (double)near / streak->n : 0;
}

/* Bands that are stretch marks are no scars. */
static void leave_marks(struct derm_streaks *all, const struct derm_objects *marks, double reach_px)
{
    int kept = 0;

    for (int i = 0; i < all->n; i++)
        if (share_on(&all->item[i], marks, reach_px) <= derm_streak_common_share)
            all->item[kept++] = all->item[i];
    all->n = kept;
}

/* The scar that the user drew a line along is in both photos, and as long as the line. */
static derm_err measure_drawn(struct derm_streak_bench *b, const struct derm_view *const view[2],
                              struct derm_objects *out)
{
    struct derm_streaks all = { .n = 1 }, found[2];

    b->view = view[0];
    b->regions = ~0u;
    DERM_TRY(derm_drawn_line(b->run, derm_measured_frame(b->run), &all.item[0]));
    DERM_TRY(derm_drawn_centre(b, view, &all.item[0]));
    all.n = all.item[0].n > 0;
    found[0] = found[1] = all;
    return derm_streaks_measure(b, view, found, &all, out);
}

static derm_err run_linear_scars(struct derm_run *run, const void *params)
{
    const struct params *const p = params;
    const struct derm_frame *const frame = derm_measured_frame(run);
    struct derm_pair *const pair = run->pair;
    const struct derm_view *const view[2] = { &frame->view, pair ? &pair->warped : NULL };
    struct derm_objects *const objects = pair ? pair->objects : run->frame->objects;
    struct derm_streak_params own = p->streak;
    struct derm_streak_bench b = { .run = run,
                                   .params = &own,
                                   .sigma_mm = { 0.5, 1, 2 },
                                   .sizes = 3,
                                   .rule = &rule,
                                   .where = pair ? &pair->common : &frame->view.skin,
                                   .own = &frame->view.regions,
                                   .regions = ~0u };
    struct derm_streaks found[2], all;

    if (!derm_segment_is_measured(run, DERM_CONCERN_SCARS)) return DERM_OK;
    const bool pointed_at = is_pointed_at(frame, b.where, (double)p->pointed_cm2);
    if (pointed_at) own = pointed(p);
    if (frame->face.used && !pointed_at) {
        b.regions = plain_skin;
        b.edge_mm = (double)p->face_edge_mm;
    }
    if (frame->user_line.n > 0) return measure_drawn(&b, view, &objects[DERM_KIND_LINEAR_SCAR]);
    DERM_TRY(derm_streaks_of(&b, view, found, &all));
    leave_marks(&all, &objects[DERM_KIND_STRETCH_MARK],
                (double)own.reach_mm * frame->view.grid.px_per_mm);
    if (pointed_at && all.n > 1) all.n = 1; /* the longest comes first */
    return derm_streaks_measure(&b, view, found, &all, &objects[DERM_KIND_LINEAR_SCAR]);
}

const struct derm_stage derm_stage_linear_scars = {
    .name = "linear_scars",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS | DERM_SLOT(stretch_marks),
    .writes = DERM_SLOT(linear_scars),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_linear_scars,
};
