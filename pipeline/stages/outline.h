/* SPDX-License-Identifier: Apache-2.0 */
/* Outlines on the face: lists of landmark numbers in models/regions.json become polygons on a
 * grid. Used by the stages skin and regions. */
#ifndef DERM_STAGES_OUTLINE_H
#define DERM_STAGES_OUTLINE_H

#include "cv/cv.h"
#include "stages/stage.h"

enum { DERM_OUTLINE_POINTS = 64 };

struct derm_outline {
    struct derm_cv_point at[DERM_OUTLINE_POINTS]; /* grid px */
    int n;
    int landmark[DERM_OUTLINE_POINTS]; /* the landmark behind each point */
};

/* One entry of regions.json: its landmarks in grid px, raised and grown as the entry says.
 * forehead_rise: share of the face's height that "raise" 1 stands for. DERM_EMODEL when the entry
 * is not what it should be. */
derm_err derm_outline_read(struct derm_outline *o, const struct derm_json *entry,
                           const struct derm_face *face, const struct derm_grid *grid,
                           double forehead_rise, struct derm_error *err) DERM_MUST_CHECK;

/* Sets the pixels of mask (on grid) inside any outline of a list of regions.json, such as
 * "exclude", to value. table: its root. */
derm_err derm_outline_fill_list(struct derm_mask *mask, const struct derm_json *table,
                                const char *list, const struct derm_face *face,
                                const struct derm_grid *grid, uint8_t value,
                                struct derm_error *err) DERM_MUST_CHECK;

/* Of the polygon, by the shoelace rule, px2; positive when it turns from x to y. */
double derm_outline_area(const struct derm_outline *o);

/* The pixels [*x0, *x1) x [*y0, *y1) of a w x h grid that the polygon may cover. */
void derm_outline_bounds(const struct derm_outline *o, int w, int h, int *x0, int *y0, int *x1,
                         int *y1);

#endif
