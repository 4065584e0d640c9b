/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DERM_STAGES_OBJECTS_H
#define DERM_STAGES_OBJECTS_H

#include "stages/frame.h"

/* Keeps the objects with a new number (number[label]: 1..kept, rising; 0: dropped), in the list and
 * in the labels. Object i has the label i + 1, before and after. */
void derm_objects_keep(struct derm_objects *objects, const int *number, int kept);

/* Takes what is labelled off a mask of the same grid, but for diffuse fields. */
void derm_objects_leave_out(const struct derm_objects *objects, struct derm_mask *where);
/* The same with discs of the objects' diameters and a margin around them. */
void derm_objects_leave_out_discs(const struct derm_objects *objects, double margin_mm,
                                  double px_per_mm, struct derm_mask *where);

#endif
