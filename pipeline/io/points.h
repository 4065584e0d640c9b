/* SPDX-License-Identifier: Apache-2.0 */
/* A line that a user drew on a photo, as a text file: one point a row, x and y in pixels of the
 * upright photo, parted by a comma, a semicolon, a tab or spaces. The first row may be a header. */
#ifndef DERM_IO_POINTS_H
#define DERM_IO_POINTS_H

#include "io/input.h"

enum { DERM_MIN_POINTS = 2, DERM_MAX_POINTS = 4096 };

struct derm_points {
    double (*xy)[2];
    int n; /* 0: none */
};

/* The points of a file, in arena. name is for sentences. DERM_EMALFORMED unless it has
 * DERM_MIN_POINTS to DERM_MAX_POINTS rows of two numbers, all within a photo of width x height. */
derm_err derm_points_parse(struct derm_points *out, struct derm_arena *arena,
                           struct derm_bytes file, const char *name, int width, int height,
                           struct derm_error *err) DERM_MUST_CHECK;

#endif
