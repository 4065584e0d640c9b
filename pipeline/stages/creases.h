/* SPDX-License-Identifier: Apache-2.0 */
/* Which way the creases of a face run at a place: across the muscles below it. */
#ifndef DERM_STAGES_CREASES_H
#define DERM_STAGES_CREASES_H

#include "stages/frame.h"

enum { DERM_FOLD_POINTS = 6 };

struct derm_creases {        /* grid px */
    bool known;              /* of a face; on a close-up creases run any way */
    struct derm_point level; /* from eye to eye, unit */
    struct derm_point eye[2], eye_corner[2], inner_corner[2], mouth;
    struct derm_point fold[2][DERM_FOLD_POINTS]; /* from the wing of the nose past the mouth */
    double fold_reach_px;
};

struct derm_creases derm_creases_of(const struct derm_face *face, const struct derm_grid *grid,
                                    double fold_reach_mm);

/* How far a line that runs along `along` (unit) at a place of these regions (bits) is from running
 * as creases do there: 0 as they do, 1 across them, or where a face has none. */
double derm_crease_stray(const struct derm_creases *c, unsigned regions, struct derm_point at,
                         struct derm_point along);

/* Whether a place of these regions lies between an eye and its brow, or between its inner corner
 * and the nose: lids fold at any age, and the side of a nose has one. */
bool derm_on_lid_or_nose(const struct derm_creases *c, unsigned regions, struct derm_point at);

#endif
