/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/comparable.h"

void derm_pair_add(struct derm_pair *pair, const struct derm_finding *finding)
{
    if (finding->severity != DERM_SEVERITY_INFO && pair->comparability == DERM_COMPARABLE)
        pair->comparability = DERM_LIMITED;
    if (pair->n < DERM_MAX_FINDINGS) pair->finding[pair->n++] = *finding;
}

void derm_pair_note(struct derm_pair *pair, enum derm_reason reason, enum derm_severity severity,
                    const char *quantity, double measured, double limit)
{
    derm_pair_add(pair, &(struct derm_finding){ .reason = reason,
                                                .severity = severity,
                                                .quantity = quantity,
                                                .measured = measured,
                                                .limit = limit,
                                                .concerns = (1u << DERM_CONCERN_COUNT) - 1u });
}

bool derm_pair_is_noted(const struct derm_pair *pair, enum derm_reason reason)
{
    for (int i = 0; i < pair->n; i++)
        if (pair->finding[i].reason == reason) return true;
    return false;
}

static bool fails(const struct derm_finding *f, enum derm_concern concern)
{
    return f->severity == DERM_SEVERITY_FAIL && ((f->concerns >> concern) & 1);
}

enum derm_reason derm_finding_against(const struct derm_finding *finding, int n,
                                      enum derm_concern concern)
{
    for (int i = 0; i < n; i++)
        if (!finding[i].regions && fails(&finding[i], concern)) return finding[i].reason;
    return DERM_REASON_NONE;
}

enum derm_reason derm_region_against(const struct derm_pair *pair, enum derm_concern concern,
                                     enum derm_region region)
{
    for (int i = 0; i < pair->n; i++)
        if (((pair->finding[i].regions >> region) & 1) && fails(&pair->finding[i], concern))
            return pair->finding[i].reason;
    return DERM_REASON_NONE;
}

unsigned derm_regions_against(const struct derm_pair *pair, enum derm_concern concern)
{
    unsigned regions = 0;

    for (int i = 0; i < pair->n; i++)
        if (fails(&pair->finding[i], concern)) regions |= pair->finding[i].regions;
    return regions;
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
