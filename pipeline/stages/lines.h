/* SPDX-License-Identifier: Apache-2.0 */
/* Lines as objects: pieces of about 2 mm of a centreline, those of one line in a row and with its
 * number as label. */
#ifndef DERM_STAGES_LINES_H
#define DERM_STAGES_LINES_H

#include "stages/frame.h"

/* The line whose pieces begin at *from, as one object at its middle: lengths, areas and values are
 * sums, the contrast is the mean. *from becomes where the next line begins. */
struct derm_object derm_line_next(const struct derm_objects *pieces, int *from);

/* How many lines the pieces make. */
int derm_line_count(const struct derm_objects *pieces);

#endif
