/* SPDX-License-Identifier: Apache-2.0 */
#include "study/rules.h"

#include <assert.h>

#define RULES struct derm_series_rules
const struct derm_opt derm_series_opts[] = {
    DERM_OPT(RULES, most_loop_mm, 0.3, 0, 10,
             "by which two ways around a loop may end apart: twice what one alignment may be off "
             "unnoted (gates.json, residual_mm), since the errors of three add up"),
    DERM_OPT(RULES, growing_days, 2, 0, 60,
             "after a session, in which redness may grow: it lasts a day or two (DESIGN, section "
             "2)"),
    DERM_OPT(RULES, new_spot_od, 0.05, 0, 5,
             "optical density that a new spot gains for sure: half of the faintest spot that is "
             "listed (track, gone_od)"),
    DERM_OPT(RULES, new_spot_sure, 0.8, 0, 1,
             "probability that a new spot is pigment: folds and stubble that a smile darkens reach "
             "0.78 on even people, new spots of 2 mm 0.75 to 1"),
    DERM_OPT(RULES, most_chance, 0.025, 0, 1,
             "that any spot of unchanged skin is among those worth showing (false discovery rate)"),
    { 0 },
};

void derm_study_defaults(struct derm_study_rules *rules)
{
    derm_opt_defaults(derm_series_opts, &rules->series);
    derm_opt_defaults(derm_timeline_opts, &rules->timeline);
    derm_opt_defaults(derm_recovery_opts, &rules->recovery);
}

void derm_opt_groups(struct derm_opt_group groups[DERM_MAX_OPT_GROUPS],
                     const struct derm_stage *const *stages, void *const *params,
                     struct derm_study_rules *rules)
{
    int n = 0;

    for (; stages[n]; n++)
        groups[n] = (struct derm_opt_group){ stages[n]->name, stages[n]->opts, params[n] };
    assert(n < DERM_MAX_STAGES);
    groups[n++] = (struct derm_opt_group){ "series", derm_series_opts, &rules->series };
    groups[n++] = (struct derm_opt_group){ "timeline", derm_timeline_opts, &rules->timeline };
    groups[n++] = (struct derm_opt_group){ "recovery", derm_recovery_opts, &rules->recovery };
    groups[n] = (struct derm_opt_group){ 0 };
}
