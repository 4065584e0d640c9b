/* SPDX-License-Identifier: Apache-2.0 */
/* One list of objects from what was found in two photos. */
#ifndef DERM_STAGES_UNITE_H
#define DERM_STAGES_UNITE_H

#include "stages/stage.h"

/* Objects whose centres are nearer than merge_px, or whose footprints in the two photos overlap,
 * are one: its footprint is the union, its place and scale the mean. Symmetric: exchanging the
 * photos changes found_in only. Both lists live on the baseline's grid, whose region bits the new
 * centres get. The baseline's plane of labels becomes that of the union; the list is in run->keep.
 */
derm_err derm_unite(struct derm_run *run, const struct derm_objects *base,
                    const struct derm_objects *follow, const struct derm_view *grid,
                    double merge_px, struct derm_objects *out) DERM_MUST_CHECK;

#endif
