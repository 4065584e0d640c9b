/* SPDX-License-Identifier: Apache-2.0 */
/* Where the light of two photos comes from, against the skin of the baseline. */
#ifndef DERM_STAGES_LIGHT_DIRECTION_H
#define DERM_STAGES_LIGHT_DIRECTION_H

#include "stages/cells.h"

struct derm_light_turn {
    bool has_angle;   /* both photos have a dominant direction */
    double angle_deg; /* between the two */
    double directed;  /* |change| of the share of the light that comes from there */
};

/* Of two faces, from the shading of the common skin over the normals of the baseline's mesh (cells
 * of about 3 mm). Both photos are read at the same skin, so that what darkens or reddens a part of
 * the face itself counts alike in both. */
derm_err derm_face_light_turn(struct derm_run *run, const struct derm_cells *cells,
                              struct derm_light_turn *out, bool *known) DERM_MUST_CHECK;

#endif
