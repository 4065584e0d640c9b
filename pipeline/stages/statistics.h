/* SPDX-License-Identifier: Apache-2.0 */
/* Small statistics, the same bits on every machine. */
#ifndef DERM_STAGES_STATISTICS_H
#define DERM_STAGES_STATISTICS_H

#include <stdint.h>

/* SplitMix64 (Steele, Lea, Flood 2014): small, seedable, enough for a bootstrap. */
struct derm_random {
    uint64_t state;
};
double derm_random_uniform(struct derm_random *r); /* [0, 1) */
/* Poisson with mean 1: how often the bootstrap draws an object. */
int derm_random_poisson(struct derm_random *r);

/* Sorts x. p in [0, 1], linear between order statistics; n > 0. */
void derm_sort(double *x, int n);
double derm_percentile(const double *sorted, int n, double p);

double derm_mean(const double *x, int n);
double derm_sd(const double *x, int n); /* 0 for n < 2 */

#endif
