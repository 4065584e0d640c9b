/* SPDX-License-Identifier: Apache-2.0 */
/* How the blur of the two photos was compared, for the stages and documents after it. */
#ifndef DERM_STAGES_GAUGE_H
#define DERM_STAGES_GAUGE_H

#include "stages/stage.h"

/* Sigma of the blur that the sharper photo lacks, grid px. */
double derm_gauge_sigma_px(const struct derm_gauge *g);

/* How far the blur of the two photos may still differ once hair's difference has been removed (and
 * skin's has not), as the sd of a variance, grid px^2. */
double derm_gauge_error_px2(const struct derm_gauge *g);

#endif
