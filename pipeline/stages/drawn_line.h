/* SPDX-License-Identifier: Apache-2.0 */
/* The line that a user drew along a scar. */
#ifndef DERM_STAGES_DRAWN_LINE_H
#define DERM_STAGES_DRAWN_LINE_H

#include "stages/streaks.h"

/* The line as it was drawn, in grid px, a point every half millimetre; n is 0 when none was. In
 * run->scratch. */
derm_err derm_drawn_line(struct derm_run *run, const struct derm_frame *frame,
                         struct derm_streak *out) DERM_MUST_CHECK;

/* Draws it to the middle of the band next to it, in both photos of a pair (the second view may be
 * NULL), and measures how wide and how strong that is. n becomes 0 where there is no band. */
derm_err derm_drawn_centre(struct derm_streak_bench *b, const struct derm_view *const view[2],
                           struct derm_streak *line) DERM_MUST_CHECK;

#endif
