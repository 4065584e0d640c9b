/* SPDX-License-Identifier: Apache-2.0 */
/* stretch_marks: bands of the body's skin that run side by side, red when young, pale when old.
 *
 * reads   view.od, skin or what is common to two photos, regions, grid, face, tone
 * writes  stretch_marks: the centrelines in pieces of 2 mm
 *
 * Bands are found as scars of cuts are (streaks.h), broader, and with a colour of their own: folds
 * are shade. Young ones hold more blood than the skin and old ones less, and blood varies less from
 * place to place than pigment does: so they are sought in its map, too. One band is a scar, several
 * side by side are stretch marks: skin tears along the lines of equal stretch, all over the
 * stretched part. So a band counts when it belongs to a group of which each has another beside it
 * that runs the same way. Where stretch marks are, stage linear_scars finds nothing.
 *
 * Faces have none: they are not searched, and their metrics say so. */
#include "stages/comparable.h"
#include "stages/drawn_line.h"
#include "stages/segment.h"
#include "stages/stages.h"
#include "stages/streaks.h"

#include <math.h>

struct params {
    struct derm_streak_params streak; /* first: its options are offsets from here */
    float beside_mm, min_parallel;
    int min_group;
};

static const struct derm_opt opts[] = {
    DERM_OPT(struct derm_streak_params, max_px_per_mm, 3, 1, 100,
             "of the coarse copy, on which the narrowest is 5 px wide"),
    DERM_OPT(struct derm_streak_params, fill_mm, 2, 0.1, 20, "sigma of the fill outside the skin"),
    DERM_OPT(struct derm_streak_params, start_response, 2.6, 0.5, 100,
             "of the place where a trace starts and of a line through it, in units of noise"),
    DERM_OPT(struct derm_streak_params, trace_response, 2.6, 0, 100, "mean over the whole trace"),
    DERM_OPT(struct derm_streak_params, ahead_response, 1.5, 0, 100, "what a trace goes on for"),
    DERM_OPT(struct derm_streak_params, share, 0.3, 0, 1,
             "the same, of the mean of the trace so far"),
    DERM_OPT(struct derm_streak_params, sight_mm, 4, 0.5, 50, "how far ahead a trace looks"),
    DERM_OPT(struct derm_streak_params, min_length_mm, 12, 1, 1000,
             "shortest that is taken for one, at half contrast: 15 mm (algorithms, section 5) less "
             "its faint ends"),
    DERM_OPT(struct derm_streak_params, min_width_mm, 1.3, 0, 100,
             "mean at half contrast; broadest 2 mm (algorithms, section 5), they taper"),
    DERM_OPT(struct derm_streak_params, max_width_mm, 12, 0.5, 100, "algorithms, section 5"),
    DERM_OPT(
        struct derm_streak_params, min_slender, 3, 1, 100,
        "length over width; 5 (algorithms, section 5) less the faint ends and what the picture "
        "cuts off"),
    DERM_OPT(struct derm_streak_params, min_straight, 0.8, 0, 1,
             "from end to end as the crow flies, of the length"),
    DERM_OPT(struct derm_streak_params, z_min, 8, 0, 100,
             "mean contrast over its standard error between pieces"),
    DERM_OPT(struct derm_streak_params, min_contrast, 0.03, 0, 1, "optical density"),
    DERM_OPT(struct derm_streak_params, max_contrast, 0.8, 0, 5, "optical density"),
    DERM_OPT(struct derm_streak_params, min_blood, 0.12, 0, 1,
             "the same in the map of blood, 0: which is not searched; nine of ten marks of even "
             "phantoms have more, and flushes in a row, taken for marks, often less"),
    DERM_OPT(struct derm_streak_params, min_even, 0.9, 0, 1,
             "share of pieces with at least half of the mean contrast"),
    DERM_OPT(struct derm_streak_params, min_flank, 0.5, 0, 1,
             "contrast against the more alike flank, of the mean; the edge of a shade has none"),
    DERM_OPT(struct derm_streak_params, min_own, 0.2, 0, 1,
             "contrast against the usual skin within 13 mm, of that against the flanks: skin "
             "between two marks has none"),
    DERM_OPT(struct derm_streak_params, min_skin_share, 0.8, 0, 1,
             "of the pieces that have skin inside and on both sides"),
    DERM_OPT(struct derm_streak_params, max_grey, 0.75, 0, 10,
             "contrast in red over green; the shade of folds has more"),
    DERM_OPT(struct derm_streak_params, max_grey_pale, 0.95, 0, 10,
             "the same of a pale band: where pigment of dark skin is lost it is up to 0.88 (even "
             "phantoms), while a fold is dark"),
    DERM_OPT(struct derm_streak_params, dark_ita_deg, -25, -90, 90,
             "on darker skin pigment takes red as much as the rest, and that is not asked"),
    DERM_OPT(struct derm_streak_params, piece_mm, 2, 0.5, 20,
             "of a centreline (algorithms, section 5)"),
    DERM_OPT(struct derm_streak_params, reach_mm, 2, 0.1, 20,
             "centrelines this near are of one mark"),
    DERM_OPT(struct derm_streak_params, min_piece, 0.3, 0, 1,
             "of the mark's contrast, in a piece whose width can be told"),
    DERM_OPT(struct params, beside_mm, 30, 1, 1000,
             "how far from a mark the next one lies at most"),
    DERM_OPT(struct params, min_parallel, 0.85, 0, 1,
             "cosine of the angle between the ways that two neighbours run"),
    DERM_OPT(struct params, min_group, 3, 1, 100, "marks in a group; fewer are scars"),
    { 0 },
};

/* As of scars, but broader. */
static const struct derm_strip_rule rule = {
    .column_mm = 0.16, /* flanks of the broadest are in reach */
    .reach = DERM_STRIP_REACH,
    .smooth_mm = 1.5,
    .gap_share = 0.4,
    .least_gap_mm = 0.4,
    .most_gap_mm = 100,
    .flank_mm = 1.5,
    .peak_reach_mm = 3,
    .peak_mm = 1,
    .start_mm = { 9, 4.5, 2.25 },
};

/* ---- groups */

struct chord {
    struct derm_point middle, along; /* grid px; unit vector from end to end */
    double half_px;
};

static struct chord chord_of(const struct derm_streak *s)
{
    const struct derm_point a = s->at[0], b = s->at[s->n - 1];
    const double dx = b.x - a.x, dy = b.y - a.y, length = sqrt(dx * dx + dy * dy);

    return (struct chord){ { 0.5 * (a.x + b.x), 0.5 * (a.y + b.y) },
                           { dx / length, dy / length },
                           0.5 * length };
}

/* Whether two bands run the same way, near each other and not one behind the other on one line. */
static bool is_beside(const struct chord *a, const struct chord *b, double most_px, double parallel)
{
    const double dx = b->middle.x - a->middle.x, dy = b->middle.y - a->middle.y;
    const double along = fabs(dx * a->along.x + dy * a->along.y);
    const double across = fabs(dx * a->along.y - dy * a->along.x);
    const double apart = along - a->half_px - b->half_px;

    return fabs(a->along.x * b->along.x + a->along.y * b->along.y) >= parallel &&
           across <= most_px && apart <= fmin(most_px, across);
}

/* Group of each: the smallest index of those that are linked by neighbours. */
static void find_groups(const struct derm_streaks *all, double most_px, double parallel, int *group)
{
    struct chord chord[DERM_MAX_STREAKS];
    bool moved = true;

    for (int i = 0; i < all->n; i++) {
        chord[i] = chord_of(&all->item[i]);
        group[i] = i;
    }
    while (moved) {
        moved = false;
        for (int i = 0; i < all->n; i++)
            for (int k = 0; k < all->n; k++)
                if (group[k] < group[i] && is_beside(&chord[i], &chord[k], most_px, parallel)) {
                    group[i] = group[k];
                    moved = true;
                }
    }
}

static void keep_groups(const struct params *p, double px_per_mm, struct derm_streaks *all)
{
    int group[DERM_MAX_STREAKS] = { 0 }, members[DERM_MAX_STREAKS] = { 0 }, kept = 0;

    find_groups(all, (double)p->beside_mm * px_per_mm, (double)p->min_parallel, group);
    for (int i = 0; i < all->n; i++)
        members[group[i]]++;
    for (int i = 0; i < all->n; i++)
        if (members[group[i]] >= p->min_group) all->item[kept++] = all->item[i];
    all->n = kept;
}

/* What the user drew a line along is a scar. */
static derm_err leave_drawn(struct derm_run *run, const struct derm_frame *frame, double reach_mm,
                            struct derm_streaks *all)
{
    const double reach_px = reach_mm * frame->view.grid.px_per_mm;
    struct derm_streak drawn;
    int kept = 0;

    DERM_TRY(derm_drawn_line(run, frame, &drawn));
    for (int i = 0; i < all->n; i++)
        if (derm_streak_share_near(&all->item[i], &drawn, reach_px) <= derm_streak_common_share)
            all->item[kept++] = all->item[i];
    all->n = kept;
    return DERM_OK;
}

static derm_err run_stretch_marks(struct derm_run *run, const void *params)
{
    const struct params *const p = params;
    const struct derm_frame *const frame = derm_measured_frame(run);
    struct derm_pair *const pair = run->pair;
    const struct derm_view *const view[2] = { &frame->view, pair ? &pair->warped : NULL };
    struct derm_objects *const objects = pair ? pair->objects : run->frame->objects;
    struct derm_streak_bench b = { .run = run,
                                   .params = &p->streak,
                                   .sigma_mm = { 0.8, 1.6, 3 }, /* algorithms, section 5 */
                                   .sizes = 3,
                                   .rule = &rule,
                                   .where = pair ? &pair->common : &frame->view.skin,
                                   .own = &frame->view.regions,
                                   .regions = ~0u };
    struct derm_streaks found[2], all;

    if (frame->face.used || !derm_segment_is_measured(run, DERM_CONCERN_STRETCH_MARKS))
        return DERM_OK;
    DERM_TRY(derm_streaks_of(&b, view, found, &all));
    keep_groups(p, frame->view.grid.px_per_mm, &all);
    DERM_TRY(leave_drawn(run, frame, (double)p->streak.reach_mm, &all));
    return derm_streaks_measure(&b, view, found, &all, &objects[DERM_KIND_STRETCH_MARK]);
}

const struct derm_stage derm_stage_stretch_marks = {
    .name = "stretch_marks",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS,
    .writes = DERM_SLOT(stretch_marks),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_stretch_marks,
};
