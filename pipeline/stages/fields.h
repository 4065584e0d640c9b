/* SPDX-License-Identifier: Apache-2.0 */
/* Diffuse fields of pigment (melasma-like), on the reduced grid. */
#ifndef DERM_STAGES_FIELDS_H
#define DERM_STAGES_FIELDS_H

#include "stages/reduced.h"

struct derm_field_limits { /* meaning and source: options field.* of the stages pigmentation and
                            * redness */
    float smooth_mm, least_od, least_sd, min_mm2, max_open;
};

/* Labels connected fields of the map (reduced, of a pigment by its broad weights, for shade is as
 * broad as a field) with first + 1, first + 2, ... where labels is 0; *n of them. Each region of
 * the view is compared with its own ground. */
derm_err derm_fields_find(struct derm_run *run, const struct derm_field_limits *limits,
                          const struct derm_view *view, const struct derm_reduced *reduced,
                          const struct derm_plane *map, struct derm_labels *labels, int first,
                          int *n) DERM_MUST_CHECK;

#endif
