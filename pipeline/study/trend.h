/* SPDX-License-Identifier: Apache-2.0 */
/* A trend through few values: Theil and Sen's slope with an interval, Kendall's tau. Pure functions
 * of numbers. */
#ifndef DERM_STUDY_TREND_H
#define DERM_STUDY_TREND_H

#include <stdbool.h>

#include "base/arena.h"

struct derm_trend_point {
    double x, y;
    double sd; /* of y alone: the error that it does not share with the other points */
};

/* slope: the median of the slopes between all pairs of points of different x (Theil 1950; Sen, J Am
 * Statist Assoc 63, 1379, 1968).
 *
 * lo, hi: its 95 % interval. distribution_free: Sen's, of the order of the pairs alone, which
 * knows nothing of the errors but that they are alike. There is none through fewer than five
 * points, of whose orders more than one in twenty is as steep as can be. Through those the slope is
 * as good as that between the first and the last point (of three it is that slope), so its interval
 * is what the errors of these two make of it; it says how sure the slope of these photos is, not
 * how straight the line.
 *
 * tau_b and its two-sided p: Kendall, Biometrika 33, 239, 1945. exact: from all orders, as far as x
 * or y has no ties; else from the normal distribution. */
struct derm_trend {
    double slope, lo, hi;
    bool distribution_free;
    double tau_b, p;
    bool exact;
};

enum { DERM_TREND_LEAST = 3 }; /* points; two are a change, not a trend */

/* DERM_TREND_LEAST points or more, at two x or more. */
bool derm_trend_possible(const struct derm_trend_point *point, int n);
/* Of points that make one possible. */
derm_err derm_trend_fit(struct derm_arena *scratch, const struct derm_trend_point *point, int n,
                        struct derm_trend *out) DERM_MUST_CHECK;

#endif
