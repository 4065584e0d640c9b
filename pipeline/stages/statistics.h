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
/* n numbers from the Poisson distribution with mean 1, its steps rounded to 2^-16: how often a
 * bootstrap draws each of n objects. */
void derm_random_poisson(struct derm_random *r, uint8_t *out, int n);

/* Sorts x. p in [0, 1], linear between order statistics; n > 0. */
void derm_sort(double *x, int n);
double derm_percentile(const double *sorted, int n, double p);
double derm_median(double *x, int n); /* the same at p = 0.5, without sorting; reorders x */

/* Every step-th pixel of a plane in both directions: what a figure of millions of pixels alike is
 * measured on. The step is the largest that leaves `enough` of the `count` pixels that matter. */
struct derm_lattice {
    int step, w, h;
};
struct derm_lattice derm_lattice_over(int w, int h, double count, double enough);

/* The plane's column or row of column or row i of the lattice. */
static inline int derm_lattice_at(const struct derm_lattice *l, int i)
{
    return i * l->step + l->step / 2;
}

double derm_mean(const double *x, int n);
double derm_sd(const double *x, int n); /* 0 for n < 2 */

#endif
