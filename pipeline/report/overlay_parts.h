/* SPDX-License-Identifier: Apache-2.0 */
/* What the pictures of one job share. */
#ifndef DERM_REPORT_OVERLAY_PARTS_H
#define DERM_REPORT_OVERLAY_PARTS_H

#include "report/canvas.h"
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
    struct derm_rgb8 part;       /* of the frame's photo: what the grid covers */
    struct derm_mask assessable; /* on the grid */
};

/* Pixels that count: skin, of both photos in a pair, in a region that is seen and not left out. */
derm_err derm_overlay_find_assessable(struct derm_overlay *j, unsigned left_out) DERM_MUST_CHECK;

/* The scale bar, and the picture into its file. */
derm_err derm_overlay_finish(const struct derm_overlay *j, struct derm_canvas *c,
                             const char *name) DERM_MUST_CHECK;

/* The picture of one concern's objects. */
derm_err derm_overlay_concern(const struct derm_overlay *all,
                              enum derm_concern concern) DERM_MUST_CHECK;

#endif
