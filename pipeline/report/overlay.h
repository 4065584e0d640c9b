/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of what was found and measured, to be looked at. */
#ifndef DERM_REPORT_OVERLAY_H
#define DERM_REPORT_OVERLAY_H

#include "kernels/filter.h"
#include "stages/frame.h"

/* Write PNG files into folder, which is created when it does not exist (its parent must).
 *   analysis    overlay_pores and so on for every concern that the photo can have,
 *               overlay_regions; where the photo has colour, map_melanin and map_haemoglobin
 *   comparison  the same, on the baseline and coloured by change, the maps of both photos side by
 *               side; baseline, followup_aligned (as the registration lays it on the baseline and
 *               in the baseline's light, see aligned.h; followup when there is no registration),
 *               side_by_side
 * tone: the weights of the maps. What f->scratch lends is given back. */
derm_err derm_overlay_analysis(const struct derm_frame *frame, const struct derm_tone *tone,
                               const struct derm_results *results, const char *folder,
                               const struct derm_filter *f, struct derm_error *err) DERM_MUST_CHECK;
derm_err derm_overlay_comparison(const struct derm_pair *pair, const struct derm_tone *tone,
                                 const struct derm_results *results, const char *folder,
                                 const struct derm_filter *f,
                                 struct derm_error *err) DERM_MUST_CHECK;

#endif
