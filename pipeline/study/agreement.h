/* SPDX-License-Identifier: Apache-2.0 */
/* How well repeated readings of the same things agree. Pure functions. */
#ifndef DERM_STUDY_AGREEMENT_H
#define DERM_STUDY_AGREEMENT_H

#include <stdbool.h>

/* n targets, each read k times: reading[i * k + j] is shot j of target i. n, k >= 2. */
struct derm_ratings {
    const double *reading;
    int n, k;
};

struct derm_estimate {
    double value, lo, hi; /* 95 % interval */
};

struct derm_agreement {
    double mean;
    double sem;                 /* of one reading: the sd within a target */
    double wcv_percent;         /* sem in percent of the mean */
    double mdc95;               /* 1.96 sqrt(2) sem */
    double mdc95_percent;       /* in percent of the mean */
    struct derm_estimate icc21; /* two-way random, absolute agreement, one reading */
    struct derm_estimate icc31; /* two-way mixed, consistency, one reading */
    bool has_percent;           /* the mean is above 0 */
    bool has_icc;               /* the readings differ both between and within targets */
};
struct derm_agreement derm_agreement_of(const struct derm_ratings *ratings);

/* Bland and Altman's limits: bias of the second shot against the first, and where 95 % of the
 * differences of two shots lie, each with its 95 % interval. */
struct derm_bland_altman {
    struct derm_estimate bias, lower, upper;
    double sd; /* of the differences */
};
struct derm_bland_altman derm_bland_altman_of(const struct derm_ratings *ratings);

#endif
