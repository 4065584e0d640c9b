/* SPDX-License-Identifier: Apache-2.0 */
/* The widths that stage swelling compares. */
#ifndef DERM_STAGES_SWELLING_H
#define DERM_STAGES_SWELLING_H

#include "stages/frame.h"

const char *derm_width_id(enum derm_width width);

/* In shares of the distance between the pupils; the lids' is the mean of both eyes. */
double derm_width_share(const struct derm_face *f, enum derm_width width);

#endif
