/* SPDX-License-Identifier: Apache-2.0 */
/* Wrinkles and fine lines in one photo: thin dark valleys that are long for their width. */
#ifndef DERM_STAGES_VALLEYS_H
#define DERM_STAGES_VALLEYS_H

#include "stages/creases.h"
#include "stages/reduced.h"
#include "stages/ridge.h"
#include "stages/strip.h"

struct derm_valley_params { /* see the options of stage wrinkles */
    float max_px_per_mm, fill_mm, point_response, max_response, start_response, ahead_response;
    float share, sight_mm, min_radius_mm, line_response, stray_cost, fold_reach_mm;
    float min_length_mm, wrinkle_length_mm, wrinkle_width_mm, max_width_mm, fold_width_mm,
        min_slender;
    float min_contrast, max_contrast, min_red, z_min, min_even, min_flank, min_skin_share;
    float forehead_slope, max_clutter, edge_mm, judged_mm, piece_mm, reach_mm, min_piece;
    float max_others, hair_mm, min_red_flank, crowsfoot_width_mm;
};

struct derm_valley {
    struct derm_point *at; /* grid px, in the middle of the valley, from end to end; in scratch */
    int n;
    double length_mm, width_mm;
    double contrast; /* optical density, green */
    bool fine;       /* a fine line; else a wrinkle */
};
struct derm_valleys {
    struct derm_valley *item; /* in scratch */
    int n;
};

enum { DERM_VALLEY_OTHERS = 3 };
struct derm_valley_bench {
    struct derm_run *run;
    const struct derm_valley_params *params;
    const struct derm_view *view;     /* in which is searched */
    const struct derm_mask *where;    /* skin, or what is common to both photos */
    const struct derm_bits *own;      /* regions of a pixel, of the grid */
    unsigned regions;                 /* that are searched, bits */
    struct derm_creases creases;      /* which way lines run */
    const struct derm_objects *scars; /* linear ones: no wrinkles */
    const struct derm_objects *others[DERM_VALLEY_OTHERS]; /* what dark things may be instead */
    struct derm_reduced c;                                 /* finest copy that is searched */
    struct derm_plane grey[2];                             /* of each photo, on it */
    struct derm_mask searched, taken; /* on it: where; what belongs to a line already */
    struct derm_mask usual;           /* of searched, what the noise is told by */
    struct derm_ridge_search search;  /* both photos are judged by the noise of the first */
};

extern const struct derm_strip_rule derm_valley_rule;

/* What the searches in two photos share; in run->scratch. */
derm_err derm_valleys_prepare(struct derm_valley_bench *b, const struct derm_view *const *view,
                              int photos) DERM_MUST_CHECK;

/* The lines of a photo (0 or 1), which has this view; once for each, in run->scratch. */
derm_err derm_valleys_find(struct derm_valley_bench *b, const struct derm_view *view, int photo,
                           struct derm_valleys *out) DERM_MUST_CHECK;

/* The next points [*from, end) of a line, from *from on, that no line taken so far covers; returns
 * end, which is *from when there are none left. */
int derm_valley_stretch(const struct derm_valley_bench *b, const struct derm_point *at, int n,
                        int *from);
/* From now on what lies within reach_mm belongs to this line. */
void derm_valley_take(struct derm_valley_bench *b, const struct derm_point *at, int n,
                      double reach_mm);
/* Nothing is taken but by the linear scars. */
void derm_valleys_release(struct derm_valley_bench *b);

/* Longest first. */
void derm_valleys_sort(struct derm_valley *item, int n);

#endif
