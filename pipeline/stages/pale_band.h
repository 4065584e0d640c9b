/* SPDX-License-Identifier: Apache-2.0 */
/* Old scars and stretch marks are paler and less coloured than the skin around, as gloss is; no
 * colour tells them apart, but their shape does. */
#ifndef DERM_STAGES_PALE_BAND_H
#define DERM_STAGES_PALE_BAND_H

#include "stages/stage.h"

struct derm_band_limits {
    double min_length_mm, min_width_mm, min_slender; /* slender: length over width */
};

/* Takes from the mask, on grid, what is a band. Gloss lies in specks on the skin's relief, or
 * broadly where the body turns. */
derm_err derm_spare_bands(const struct derm_run *run, struct derm_mask *shine,
                          const struct derm_grid *grid,
                          const struct derm_band_limits *limits) DERM_MUST_CHECK;

#endif
