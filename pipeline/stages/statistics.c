/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/statistics.h"

#include <math.h>
#include <stdlib.h>

double derm_random_uniform(struct derm_random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

int derm_random_poisson(struct derm_random *r)
{
    static const double below[] = { 0.36787944117144233, 0.73575888234288467, 0.91969860292860584,
                                    0.98101184312384626, 0.99634015317265635, 0.99940581518241833,
                                    0.99991675885071196, 0.99998975080332534 };
    enum { STEPS = sizeof(below) / sizeof(below[0]) };
    const double u = derm_random_uniform(r);
    int k = 0;

    for (int i = 0; i < STEPS; i++) /* no early end: it cannot be predicted */
        k += u >= below[i];
    return k;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void derm_sort(double *x, int n)
{
    qsort(x, (size_t)n, sizeof(*x), ascending);
}

double derm_percentile(const double *sorted, int n, double p)
{
    const double at = p * (n - 1);
    const int i = (int)at;

    if (i >= n - 1) return sorted[n - 1];
    return sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]);
}

double derm_mean(const double *x, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += x[i];
    return n > 0 ? sum / n : 0;
}

double derm_sd(const double *x, int n)
{
    const double mean = derm_mean(x, n);
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return n > 1 ? sqrt(sum / (n - 1)) : 0;
}
