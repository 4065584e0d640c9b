/* SPDX-License-Identifier: Apache-2.0 */
/* What the pictures of one job share. */
#ifndef DERM_REPORT_OVERLAY_PARTS_H
#define DERM_REPORT_OVERLAY_PARTS_H

#include "report/canvas.h"
#include "report/overlay.h"
#include "stages/frame.h"

struct derm_overlay {
    const struct derm_frame *frame; /* of an analysis, or the baseline */
    const struct derm_pair *pair;   /* NULL in an analysis */
    const struct derm_tone *tone;
    const struct derm_results *results;
    const char *folder;
    const struct derm_filter *filter;
    struct derm_arena *scratch; /* the filter's */
    struct derm_error *err;
    bool eye_bar;                /* over the eyes of a face, in every picture */
    struct derm_rgb8 part;       /* of the frame's photo: what the grid covers */
    struct derm_mask assessable; /* on the grid */
    unsigned left_out;           /* regions that are not compared */
};

struct derm_overlay derm_overlay_of(const struct derm_overlay_job *job);

/* Fills in part and assessable; the rest is there. */
derm_err derm_overlay_prepare(struct derm_overlay *j) DERM_MUST_CHECK;

/* The follow-up's picture, on the baseline where the registration allows it (*aligned). */
derm_err derm_overlay_follow(const struct derm_overlay *j, struct derm_rgb8 *picture, bool *aligned,
                             bool *relit) DERM_MUST_CHECK;

/* Can the photo have a picture of this concern? What is measured on the body only has none of a
 * face. */
bool derm_overlay_has(const struct derm_overlay *j, enum derm_concern concern);

/* Pixels that count: skin, of both photos in a pair, in a region that is seen and not left out. */
derm_err derm_overlay_find_assessable(struct derm_overlay *j, unsigned left_out) DERM_MUST_CHECK;

derm_err derm_overlay_scale_bar(struct derm_canvas *c, const struct derm_frame *f) DERM_MUST_CHECK;

/* The scale bar, and the picture into its file. */
derm_err derm_overlay_finish(const struct derm_overlay *j, struct derm_canvas *c,
                             const char *name) DERM_MUST_CHECK;

/* What the picture of the regions, or of one concern's objects, has on the photo. *found: how many
 * objects. */
derm_err derm_overlay_draw_regions(const struct derm_overlay *j,
                                   struct derm_canvas *c) DERM_MUST_CHECK;
derm_err derm_overlay_draw_concern(const struct derm_overlay *all, enum derm_concern concern,
                                   struct derm_canvas *c, int *found) DERM_MUST_CHECK;

/* How objects of a kind are drawn: by what they are in one photo, by how they changed in two. The
 * array ends after DERM_LEGEND_MOST entries or with one without a text. */
enum { DERM_LEGEND_MOST = 3 };
struct derm_legend {
    enum derm_ink ink;
    const char *text;
};
const struct derm_legend *derm_overlay_legend(enum derm_kind kind, bool pair);

/* The picture of one concern's objects, as a file. */
derm_err derm_overlay_concern(const struct derm_overlay *all,
                              enum derm_concern concern) DERM_MUST_CHECK;

#endif
