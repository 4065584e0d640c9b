/* SPDX-License-Identifier: Apache-2.0 */
/* Student's t and Fisher's F, accurate to 1e-10 for up to 1e5 degrees of freedom, which need not be
 * whole. Pure functions; tests/unit/test_distribution.c compares them with SciPy's. */
#ifndef DERM_STUDY_DISTRIBUTION_H
#define DERM_STUDY_DISTRIBUTION_H

/* P(|T| > |t|) for Student's T with nu > 0 degrees of freedom. */
double derm_student_p(double t, double nu);

/* The t that |T| exceeds with probability alpha, 0 < alpha < 1: half the width of an interval of
 * confidence 1 - alpha, in standard errors. */
double derm_student_bound(double alpha, double nu);

/* The f that F stays below with probability p, 0 < p < 1; d1, d2 > 0 degrees of freedom. */
double derm_fisher_quantile(double p, double d1, double d2);

/* P(|Z| > |z|) for a standard normal Z. */
double derm_normal_p(double z);

#endif
