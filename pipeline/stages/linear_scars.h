/* SPDX-License-Identifier: Apache-2.0 */
/* Linear scars as objects: pieces of about 2 mm of a centreline, those of one scar in a row. */
#ifndef DERM_STAGES_LINEAR_SCARS_H
#define DERM_STAGES_LINEAR_SCARS_H

#include "stages/frame.h"

/* The scar whose pieces begin at *from, as one object at its middle: lengths, areas and values are
 * sums, the contrast is the mean. *from becomes where the next scar begins. */
struct derm_object derm_linear_scar_next(const struct derm_objects *pieces, int *from);

/* How many scars the pieces make. */
int derm_linear_scar_count(const struct derm_objects *pieces);

#endif
