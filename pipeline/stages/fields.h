/* SPDX-License-Identifier: Apache-2.0 */
/* Diffuse fields of pigment (melasma-like), on the reduced grid. */
#ifndef DERM_STAGES_FIELDS_H
#define DERM_STAGES_FIELDS_H

#include "stages/reduced.h"

struct derm_field_limits { /* meaning and source: options field.* of the stage pigmentation */
    float smooth_mm, least_od, least_sd, min_mm2, max_open;
};

/* Labels connected fields of melanin with first + 1, first + 2, ... where labels is 0; *n of them.
 * Each region of the view is compared with its own ground. where: the mask of reduced. */
derm_err derm_fields_find(struct derm_run *run, const struct derm_field_limits *limits,
                          const struct derm_view *view, const struct derm_mask *where,
                          const struct derm_reduced *reduced, struct derm_labels *labels, int first,
                          int *n) DERM_MUST_CHECK;

#endif
