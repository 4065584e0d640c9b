/* SPDX-License-Identifier: Apache-2.0 */
/* All options that a configuration file may set: those of the stages and, after them, those of a
 * series. */
#ifndef DERM_STUDY_RULES_H
#define DERM_STUDY_RULES_H

#include "stages/stage.h"
#include "study/recovery.h"
#include "study/timeline.h"

struct derm_series_rules {
    float most_loop_mm, growing_days, new_spot_od, new_spot_sure, most_chance;
};
extern const struct derm_opt derm_series_opts[];

struct derm_study_rules {
    struct derm_series_rules series;
    struct derm_timeline_rules timeline;
    struct derm_recovery_rules recovery;
};
void derm_study_defaults(struct derm_study_rules *rules);

enum { DERM_MAX_OPT_GROUPS = DERM_MAX_STAGES + 4 };

/* params[i] is of stages[i]. */
void derm_opt_groups(struct derm_opt_group groups[DERM_MAX_OPT_GROUPS],
                     const struct derm_stage *const *stages, void *const *params,
                     struct derm_study_rules *rules);

#endif
