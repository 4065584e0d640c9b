/* SPDX-License-Identifier: Apache-2.0 */
/* The first guess of the map between two grids: the match, bent by the landmarks of two faces. */
#ifndef DERM_STAGES_COARSE_H
#define DERM_STAGES_COARSE_H

#include "stages/field.h"

/* p: working px of the baseline to working px of the follow-up; one working pixel is base_step,
 * follow_step grid pixels. The match has been found. */
derm_err derm_coarse_map(struct derm_arena *scratch, struct derm_field *p,
                         const struct derm_pair *pair, double base_step,
                         double follow_step) DERM_MUST_CHECK;

#endif
