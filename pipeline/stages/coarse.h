/* SPDX-License-Identifier: Apache-2.0 */
/* The first guess of the map between two grids: the match, bent by the landmarks of two faces. */
#ifndef DERM_STAGES_COARSE_H
#define DERM_STAGES_COARSE_H

#include "stages/field.h"

/* p: px of a grid of the baseline to px of one of the follow-up. The match has been found. */
derm_err derm_coarse_map(struct derm_arena *scratch, struct derm_field *p,
                         const struct derm_pair *pair, const struct derm_grid *base,
                         const struct derm_grid *follow) DERM_MUST_CHECK;

#endif
