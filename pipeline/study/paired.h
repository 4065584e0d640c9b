/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics of paired changes: one number for each subject, after less before. Pure functions. */
#ifndef DERM_STUDY_PAIRED_H
#define DERM_STUDY_PAIRED_H

#include <stdbool.h>

/* The mean with its 95 % interval by Student's t. n < 2: no interval; n 0: all zero. */
struct derm_mean {
    int n;
    double mean, sd; /* sd: of one reading */
    double lo, hi;
    bool has_interval;
};
struct derm_mean derm_mean_of(const double *x, int n);

/* Wilcoxon's signed-rank test of "the changes are symmetric about 0", two-sided, as R's wilcox.test
 * does it: zeros are dropped; exact for fewer than 50 changes without ties or zeros, else the
 * normal approximation with corrections for ties and continuity. n: changes that are not zero;
 * none: p 1. Sorts x by magnitude. */
struct derm_wilcoxon {
    int n;
    double rank_sum; /* of the positive changes: R's V */
    double p;
    bool exact;
};
struct derm_wilcoxon derm_wilcoxon_of(double *x, int n);

#endif
