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

enum derm_reason derm_finding_against(const struct derm_finding *finding, int n,
                                      enum derm_concern concern)
{
    for (int i = 0; i < n; i++)
        if (finding[i].severity == DERM_SEVERITY_FAIL && ((finding[i].concerns >> concern) & 1))
            return finding[i].reason;
    return DERM_REASON_NONE;
}

const struct derm_frame *derm_measured_frame(const struct derm_run *run)
{
    return run->pair ? run->pair->base : run->frame;
}

enum derm_reason derm_quality_against(const struct derm_run *run, enum derm_concern concern)
{
    const struct derm_quality *q = &derm_measured_frame(run)->quality;
    const enum derm_reason reason = derm_finding_against(q->finding, q->n, concern);

    if (reason != DERM_REASON_NONE || !run->pair) return reason;
    q = &run->pair->follow->quality;
    return derm_finding_against(q->finding, q->n, concern);
}
