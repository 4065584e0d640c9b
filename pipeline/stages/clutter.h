/* SPDX-License-Identifier: Apache-2.0 */
/* What looks like a pore, a spot or a scar, but is one hair of many, or the end of a brow: the one
 * test that all segmenters ask. */
#ifndef DERM_STAGES_CLUTTER_H
#define DERM_STAGES_CLUTTER_H

#include "stages/frame.h"

/* The detail around an object: mean square, optical density. 0 where it has not been measured. */
double derm_clutter_around(const struct derm_clutter *c, double x, double y, double radius_px);

/* Whether an object of a concern (grid px; contrast in optical density) hardly stands out of the
 * fine dark detail around it. False where the clutter has not been measured (energy.px NULL). */
bool derm_in_clutter(const struct derm_clutter *c, enum derm_concern concern, double x, double y,
                     double radius_px, double contrast);

#endif
