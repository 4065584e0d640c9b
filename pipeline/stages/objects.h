/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DERM_STAGES_OBJECTS_H
#define DERM_STAGES_OBJECTS_H

#include "stages/frame.h"

/* Keeps the objects with a new number (number[label]: 1..kept, rising; 0: dropped), in the list and
 * in the labels. Object i has the label i + 1, before and after. */
void derm_objects_keep(struct derm_objects *objects, const int *number, int kept);

/* What was measured of every object in a photo: 0 the photo of an analysis or the baseline, 1 the
 * follow-up. */
void derm_objects_set(struct derm_objects *objects, int photo, const double *value,
                      const double *area_px);

/* Of the places (grid px), how many lie on an object: no diffuse field, nor what stage classify is
 * not sure about. */
int derm_objects_under(const struct derm_objects *objects, const struct derm_point *at, int n);

#endif
