/* SPDX-License-Identifier: Apache-2.0 */
/* How redness fades after a session. A pure function of numbers. */
#ifndef DERM_STUDY_RECOVERY_H
#define DERM_STUDY_RECOVERY_H

#include <stdbool.h>

#include <dermetry/metrics.h>

#include "base/opt.h"

struct derm_recovery_point {
    double days;       /* since the session */
    double excess, sd; /* over the baseline */
};

struct derm_recovery_rules {
    float residual_day, least_z;
    int least_photos;
};
extern const struct derm_opt derm_recovery_opts[];

/* The excess is taken to run straight from photo to photo. Its peak is the highest photo. t50 and
 * t90 are the days since the session on which it has first fallen to 1/2 and 1/10 of the peak; the
 * residual is what is left on the residual day, in percent of the peak. What lies beyond the last
 * photo is not known: no curve is drawn out. */
struct derm_recovery {
    enum derm_reason reason; /* why there is none; NONE: the peak is measured */
    double peak, peak_days;
    bool has_t50, has_t90, has_residual;
    double t50_days, t90_days, residual_percent;
};

/* How many of the points of a session, by days, make its curve: the acute ones, which come first,
 * and after them those up to the first on which the excess is down to 1/10 of the highest before;
 * what comes then is not of this session. 0 without an acute one. */
int derm_recovery_length(const struct derm_recovery_point *point, int n, int acute);

/* point: of one session, by days. */
void derm_recovery_of(const struct derm_recovery_point *point, int n,
                      const struct derm_recovery_rules *rules, struct derm_recovery *out);

#endif
