/* SPDX-License-Identifier: Apache-2.0 */
/* How much fine detail skin shows for its coarser one. */
#ifndef DERM_STAGES_SKIN_DETAIL_H
#define DERM_STAGES_SKIN_DETAIL_H

#include "kernels/filter.h"

struct derm_skin_detail {
    double slope;    /* of the detail of .1 to .3 mm over that of .3 to .8 mm, at the same places */
    double contrast; /* sd of the latter, optical density */
    int n;           /* pixels it rests on */
};

/* Detail of od, optical density, where the mask is set, in up to 16 tiles all over it. Relief and
 * pigment show at all sizes at once, so that blur, which takes the finer first, lowers the slope;
 * noise, alike nowhere in the two bands, hardly moves it, while the skin has contrast. */
derm_err derm_skin_detail(const struct derm_filter *f, struct derm_skin_detail *out,
                          const struct derm_plane *od, const struct derm_mask *mask,
                          double px_per_mm) DERM_MUST_CHECK;

#endif
