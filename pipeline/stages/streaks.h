/* SPDX-License-Identifier: Apache-2.0 */
/* Streaks: bands of skin that are long for their width and differ from both flanks: scars of cuts,
 * stretch marks. Found in one photo, united over two, measured along one centreline in both. */
#ifndef DERM_STAGES_STREAKS_H
#define DERM_STAGES_STREAKS_H

#include "stages/lines.h"
#include "stages/reduced.h"
#include "stages/ridge.h"

struct derm_streak_params { /* see the options of the stages linear_scars and stretch_marks */
    float max_px_per_mm, fill_mm, start_response, trace_response, ahead_response, share, sight_mm;
    float min_length_mm, min_width_mm, max_width_mm, min_slender, min_straight, z_min;
    float min_contrast, max_contrast, min_blood, min_even, min_flank, min_own, min_skin_share;
    float max_grey, max_grey_pale, dark_ita_deg, piece_mm, reach_mm, min_piece;
};

struct derm_streak {
    struct derm_point *at; /* grid px, in the middle of the band, from end to end; in scratch */
    int n;
    double length_mm, width_mm;
    double contrast; /* optical density, green; paler than the skin: negative */
};
enum { DERM_MAX_STREAKS = 128 };
struct derm_streaks {
    struct derm_streak item[DERM_MAX_STREAKS];
    int n;
};

struct derm_streak_bench {
    struct derm_run *run;
    const struct derm_streak_params *params;
    double sigma_mm[DERM_MAX_RIDGE_SIZES]; /* of the search; widths are about twice as much */
    int sizes;
    const struct derm_strip_rule *rule;
    const struct derm_view *view;  /* in which is searched or measured */
    const struct derm_mask *where; /* skin, or what is common to both photos */
    const struct derm_bits *own;   /* regions of a pixel, of the grid */
    unsigned regions;              /* that are searched, bits */
    double edge_mm;                /* kept from their edges */
    struct derm_reduced c;         /* coarse copy */
    struct derm_mask searched;     /* on the coarse copy */
};

/* What the searches in two photos share: c and searched, in run->scratch. */
derm_err derm_streaks_prepare(struct derm_streak_bench *b) DERM_MUST_CHECK;

/* The streaks of b->view, strongest first; in run->scratch. */
derm_err derm_streaks_find(struct derm_streak_bench *b, struct derm_streaks *out) DERM_MUST_CHECK;

/* The streaks of an analysis (one view) or of a pair: found in each photo and united, the longest
 * first. found says what either photo shows. */
derm_err derm_streaks_of(struct derm_streak_bench *b, const struct derm_view *const view[2],
                         struct derm_streaks found[2], struct derm_streaks *all) DERM_MUST_CHECK;

/* The centrelines as pieces of piece_mm, sampled in all views, the values and colours times the
 * pieces' areas; a piece is in a photo where a streak was found. In run->keep. */
derm_err derm_streaks_measure(struct derm_streak_bench *b, const struct derm_view *const view[2],
                              const struct derm_streaks found[2], const struct derm_streaks *all,
                              struct derm_objects *out) DERM_MUST_CHECK;

/* Of a streak's length, the share along which it may lie on another one without being the same. */
static const double derm_streak_common_share = 0.3;

bool derm_streak_is_near(const struct derm_streak *line, struct derm_point at, double reach_px);

/* Share of the points of a within reach_px of b. */
double derm_streak_share_near(const struct derm_streak *a, const struct derm_streak *b,
                              double reach_px);

#endif
