/* SPDX-License-Identifier: Apache-2.0 */
/* comparability.reasons[]: what keeps two photos from being compared, and how much of it. */
#ifndef DERM_STAGES_COMPARABLE_H
#define DERM_STAGES_COMPARABLE_H

#include "stages/frame.h"

/* Adds a finding that affects every concern. WARN makes a comparable pair limited. */
void derm_pair_note(struct derm_pair *pair, enum derm_reason reason, enum derm_severity severity,
                    const char *quantity, double measured, double limit);

#endif
