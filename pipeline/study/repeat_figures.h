/* SPDX-License-Identifier: Apache-2.0 */
/* From what repeat shots said to figures: how well they agree, and how much two of them differ. */
#ifndef DERM_STUDY_REPEAT_FIGURES_H
#define DERM_STUDY_REPEAT_FIGURES_H

#include "stages/decide.h"
#include "study/agreement.h"
#include "study/repeats.h"

/* Which readings. */
struct derm_selection {
    enum derm_metric_id metric;
    unsigned regions; /* a bit for each, 1u << enum derm_region */
    int tone;         /* class; -1: all */
    const char *unit; /* NULL: whatever unit, for figures in percent */
};

/* A target is one region of one sitting. The value of its first shot is the mean of what its
 * comparisons say of it, that of another shot is this plus the change that was measured. Of
 * sittings with many shots the first ones count, as many as use the most shots in all. */
struct derm_agreement_figures {
    int subjects, targets, shots;
    struct derm_agreement agreement;
    struct derm_bland_altman limits;
};

/* False when there are fewer than two targets. scratch is left as it was. */
derm_err derm_agreement_figures(struct derm_agreement_figures *out, bool *enough,
                                const struct derm_repeats *repeats,
                                const struct derm_selection *selection,
                                struct derm_arena *scratch) DERM_MUST_CHECK;

/* A null figure as models/README.md defines it: the sd that 95 % of the changes lie within 1.96 of,
 * about 0, brought to precision->objects objects. Of pairs whose resolution has a number in the
 * table. sd: in percent, or in the metric's unit where the precision is absolute. */
struct derm_null_figure {
    double sd, bias;
    int subjects, pairs, rows;
};

/* *enough: 12 rows of 3 subjects, as the program's own table asks for. */
derm_err derm_null_figure(struct derm_null_figure *out, bool *enough,
                          const struct derm_repeats *repeats,
                          const struct derm_selection *selection, int resolution,
                          const struct derm_json *table, const struct derm_precision *precision,
                          struct derm_arena *scratch) DERM_MUST_CHECK;

#endif
