/* SPDX-License-Identifier: Apache-2.0 */
/* comparability.reasons[]: what keeps two photos from being compared, and how much of it; and what
 * keeps a concern from being measured at all. */
#ifndef DERM_STAGES_COMPARABLE_H
#define DERM_STAGES_COMPARABLE_H

#include "stages/stage.h"

/* Adds a finding. WARN and FAIL make a comparable pair limited. */
void derm_pair_add(struct derm_pair *pair, const struct derm_finding *finding);
/* One that affects all concerns everywhere. quantity NULL: there is nothing to measure. */
void derm_pair_note(struct derm_pair *pair, enum derm_reason reason, enum derm_severity severity,
                    const char *quantity, double measured, double limit);

bool derm_pair_is_noted(const struct derm_pair *pair, enum derm_reason reason);

/* The first of n findings that fails for the concern everywhere; NONE when none does. */
enum derm_reason derm_finding_against(const struct derm_finding *finding, int n,
                                      enum derm_concern concern);

/* The first finding that fails for the concern in this region of the face alone; NONE when none
 * does. And the regions in which one does (bit r: enum derm_region): what is said of the whole face
 * leaves them out. */
enum derm_reason derm_region_against(const struct derm_pair *pair, enum derm_concern concern,
                                     enum derm_region region);
unsigned derm_regions_against(const struct derm_pair *pair, enum derm_concern concern);

/* The same in the quality of the photo, or of both photos of a pair. */
enum derm_reason derm_quality_against(const struct derm_run *run, enum derm_concern concern);

/* The photo whose grid and scale things are measured in: that of an analysis, or the baseline. */
const struct derm_frame *derm_measured_frame(const struct derm_run *run);

#endif
