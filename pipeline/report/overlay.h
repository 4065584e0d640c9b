/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of what was found and measured, to be looked at. */
#ifndef DERM_REPORT_OVERLAY_H
#define DERM_REPORT_OVERLAY_H

#include "kernels/filter.h"
#include "report/pictures.h"
#include "stages/frame.h"

struct derm_overlay_job {
    const struct derm_frame *frame; /* of an analysis */
    const struct derm_pair *pair;   /* of a comparison; NULL in an analysis */
    const struct derm_tone *tone;   /* the weights of the maps */
    const struct derm_results *results;
    bool eye_bar;                     /* cover the eyes of a face, see eye_bar.h */
    const struct derm_filter *filter; /* what its scratch lends is given back */
    struct derm_error *err;
};

/* Writes PNG files into a folder that exists.
 *   analysis    overlay_pores and so on for every concern that the photo can have,
 *               overlay_regions; where the photo has colour, map_melanin and map_haemoglobin
 *   comparison  the same, on the baseline and coloured by change, the maps of both photos side by
 *               side; baseline, followup_aligned (as the registration lays it on the baseline and
 *               in the baseline's light, see aligned.h; followup when there is no registration),
 *               side_by_side */
derm_err derm_overlay_draw(const struct derm_overlay_job *job, const char *folder) DERM_MUST_CHECK;

/* The same for a page, encoded in keep: the photos with a scale bar, and layers to lay on them; of
 * two photos that could not be aligned, no layers. */
derm_err derm_overlay_pictures(const struct derm_overlay_job *job, struct derm_arena *keep,
                               struct derm_pictures *out) DERM_MUST_CHECK;

#endif
