/* SPDX-License-Identifier: Apache-2.0 */
/* comparability.reasons[]: what keeps two photos from being compared, and how much of it. */
#ifndef DERM_STAGES_COMPARABLE_H
#define DERM_STAGES_COMPARABLE_H

#include "stages/frame.h"

/* Adds a finding that affects the concerns in the set (bit c: enum derm_concern), or all of them.
 * WARN and FAIL make a comparable pair limited. quantity NULL: there is nothing to measure. */
void derm_pair_note_on(struct derm_pair *pair, enum derm_reason reason, enum derm_severity severity,
                       unsigned concerns, const char *quantity, double measured, double limit);
void derm_pair_note(struct derm_pair *pair, enum derm_reason reason, enum derm_severity severity,
                    const char *quantity, double measured, double limit);

#endif
