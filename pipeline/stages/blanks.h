/* SPDX-License-Identifier: Apache-2.0 */
/* Blanks: how much the measurement of one object changes between the two photos of a pair when
 * there is nothing to change.
 *
 * A chemist measures a blank beside the samples. Here footprints like those of the objects are laid
 * on skin nearby where there is none, and both photos are sampled there. What differs is noise,
 * compression, residual misalignment, moving gloss and shade: everything that would fake a change
 * of an object in this very pair, at its resolution, on this skin. What scales with the contrast of
 * an object (blur, tone curve) does not show, for a blank has none. */
#ifndef DERM_STAGES_BLANKS_H
#define DERM_STAGES_BLANKS_H

#include "stages/segment.h"

/* prepared: of both photos. Sets objects->blank_sd, a robust sd, per pixel of the footprint where
 * the segmenter's value is a sum over it; 0 when fewer than a couple of dozen places are free. The
 * labels of the objects are drawn on, and are as before at the end. */
derm_err derm_blanks_measure(struct derm_run *run, const struct derm_segmenter *s,
                             const void *params, const struct derm_mask *where,
                             const void *const prepared[2],
                             struct derm_objects *objects) DERM_MUST_CHECK;

#endif
