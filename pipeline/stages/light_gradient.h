/* SPDX-License-Identifier: Apache-2.0 */
/* How unevenly the skin is lit, and how dark it is. */
#ifndef DERM_STAGES_LIGHT_GRADIENT_H
#define DERM_STAGES_LIGHT_GRADIENT_H

#include "kernels/filter.h"
#include "stages/stage.h"

/* Sets skin_od and light_gradient of the frame's quality, by its skin on the lattice. */
derm_err derm_light_gradient(const struct derm_run *run,
                             const struct derm_lattice *at) DERM_MUST_CHECK;

#endif
