/* SPDX-License-Identifier: Apache-2.0 */
/* A pigment of skin as a map: a weighted sum of the optical densities of R, G and B. */
#ifndef DERM_STAGES_MAPS_H
#define DERM_STAGES_MAPS_H

#include "stages/stage.h"

/* Into out, which is as large as od[0]. weight: of the subject, see tone in frame.h. */
void derm_pigment_mix(const struct derm_run *run, const struct derm_plane *out,
                      const struct derm_plane od[3], const float weight[3]);

#endif
