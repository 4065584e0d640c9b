/* SPDX-License-Identifier: Apache-2.0 */
/* What light, camera and programs do to a photo as a whole. */
#ifndef DERM_STAGES_PROCESSING_H
#define DERM_STAGES_PROCESSING_H

#include "stages/cells.h"

/* The median change of optical density: of G, and between the channels (largest - smallest). */
struct derm_light_change {
    double exposure_od, cast_od;
};
derm_err derm_light_change(struct derm_run *run, const struct derm_cells *cells,
                           struct derm_light_change *out, bool *known) DERM_MUST_CHECK;

/* What a cell's contrast is of, and against. */
struct derm_surround {
    float weight[3];          /* on optical density */
    int reach;                /* cells on each side */
    int least_cells;          /* of them that are plain skin */
    double least_correlation; /* of the two photos' contrasts over all the skin */
};
/* ln of the follow-up's contrasts over the baseline's, on plain skin. The same skin has the same
 * contrasts in linear light whatever the exposure; a tone curve (HDR, a filter, a contrast setting)
 * or a veil changes them all alike, which no treatment of spots does: spots and highlights are left
 * out. A treatment that evens out all the skin is not told from it. known false: too little skin,
 * or contrasts that do not correspond. */
derm_err derm_contrast_change(struct derm_run *run, const struct derm_cells *cells,
                              const struct derm_surround *around, double *change,
                              bool *known) DERM_MUST_CHECK;

/* How unevenly gloss changed: sd over the skin of the change of surface light, relative to the
 * body's light in green. It has no colour, so it takes it from the skin, most from the dark blue.
 * An even change looks like a cast and is not seen. cells: some millimetres wide, for JPEG is
 * coarse in colour. known false: too little skin, or too little colour. */
derm_err derm_veil_change(struct derm_run *run, const struct derm_cells *cells, double *veil,
                          bool *known) DERM_MUST_CHECK;

#endif
