/* SPDX-License-Identifier: Apache-2.0 */
/* Timing for the benchmarks: rounds, interleaved by the caller; medians and quantiles of rounds.
 * CPU time of the process, so that a neighbour on the machine does not count. */
#ifndef DERM_BENCH_H
#define DERM_BENCH_H

#include <stdlib.h>
#include <time.h>

static inline double bench_seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int bench_by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts x; q = 0.5 is the median. */
static inline double bench_quantile(double *x, int n, double q)
{
    qsort(x, (size_t)n, sizeof(*x), bench_by_value);
    return x[(int)(q * (n - 1) + 0.5)];
}

#endif
