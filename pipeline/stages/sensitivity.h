/* SPDX-License-Identifier: Apache-2.0 */
/* What small errors of a whole photo do to a metric: no bootstrap over objects can see them. */
#ifndef DERM_STAGES_SENSITIVITY_H
#define DERM_STAGES_SENSITIVITY_H

#include "stages/frame.h"

struct derm_errors {      /* between two photos */
    double tone_curve;    /* of an S curve that adds up to +- tone_curve (3 v^2 - 2 v^3 - v) to the
                             code v */
    double blur_sd_px2;   /* sd of the difference of their blur, as a variance, grid px^2 */
    double blur_response; /* share of a pore's amplitude that blur takes, by its variance over that
                             of the pore's filter */
};

/* sd of the metric's follow-up value, relative to it, in a pair: by these errors, or by what stage
 * conditions saw to have changed the contrast of all the skin where that is more. 0 where neither moves the metric by more than others
 * that the table of null figures stands for. */
double derm_sensitivity(const struct derm_pair *pair, enum derm_metric_id metric,
                        enum derm_region region, const struct derm_errors *errors);

#endif
