/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/comparable.h"

void derm_pair_note_on(struct derm_pair *pair, enum derm_reason reason, enum derm_severity severity,
                       unsigned concerns, const char *quantity, double measured, double limit)
{
    if (severity != DERM_SEVERITY_INFO && pair->comparability == DERM_COMPARABLE)
        pair->comparability = DERM_LIMITED;
    if (pair->n == DERM_MAX_FINDINGS) return;
    pair->finding[pair->n++] = (struct derm_finding){
        .reason = reason,
        .severity = severity,
        .quantity = quantity,
        .measured = measured,
        .limit = limit,
        .concerns = concerns,
    };
}

void derm_pair_note(struct derm_pair *pair, enum derm_reason reason, enum derm_severity severity,
                    const char *quantity, double measured, double limit)
{
    derm_pair_note_on(pair, reason, severity, (1u << DERM_CONCERN_COUNT) - 1u, quantity, measured,
                      limit);
}
