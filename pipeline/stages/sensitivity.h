/* SPDX-License-Identifier: Apache-2.0 */
/* What small errors of a whole photo do to a metric: no bootstrap over objects can see them. */
#ifndef DERM_STAGES_SENSITIVITY_H
#define DERM_STAGES_SENSITIVITY_H

#include "stages/frame.h"

struct derm_errors {   /* between two photos; each anywhere within +- this much */
    double tone_curve; /* of an S curve that adds tone_curve (3 v^2 - 2 v^3 - v) to the code v */
    double blur_px;    /* of the sigma of the point spread */
    double spread_px;  /* that sigma */
};

/* sd of the metric's follow-up value, relative to it, in a pair. 0 where neither error moves the
 * metric by more than others that the table of null figures stands for. */
double derm_sensitivity(const struct derm_pair *pair, enum derm_metric_id metric,
                        enum derm_region region, const struct derm_errors *errors);

#endif
