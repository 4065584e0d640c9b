/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics with one standard error: by formula for a mean, by Wilson's interval for a share (J Am
 * Stat Assoc 22, 209, 1927), by bootstrap for most others. */
#include <math.h>

#include "stages/statistics.h"

#include "acceptance.h"

enum { REPLICAS = 400 };

static double sd_of(const double *x, int n)
{
    return derm_sd(x, n);
}

static double rms_of(const double *x, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sqrt(sum / n);
}

static double bootstrap_error(const double *x, int n, double (*statistic)(const double *, int))
{
    struct derm_random random = { 1 };
    double replica[REPLICAS], drawn[MOST_PAIRS];

    for (int b = 0; b < REPLICAS; b++) {
        for (int i = 0; i < n; i++)
            drawn[i] = x[(int)(derm_random_uniform(&random) * n)];
        replica[b] = statistic(drawn, n);
    }
    return derm_sd(replica, REPLICAS);
}

struct estimate estimate_mean(const double *x, int n)
{
    return (struct estimate){ derm_mean(x, n), derm_sd(x, n) / sqrt(n), n };
}

struct estimate estimate_sd(const double *x, int n)
{
    return (struct estimate){ sd_of(x, n), bootstrap_error(x, n, sd_of), n };
}

struct estimate estimate_rms(const double *x, int n)
{
    return (struct estimate){ rms_of(x, n), bootstrap_error(x, n, rms_of), n };
}

struct estimate estimate_share(int hits, int n)
{
    const double p = (double)hits / n;
    const double half = sqrt(p * (1 - p) / n + 0.25 / ((double)n * n)) / (1 + 1.0 / n);

    return (struct estimate){ p, half, n };
}

struct estimate estimate_quantile(double *x, int n, double q)
{
    struct derm_random random = { 1 };
    double replica[REPLICAS], drawn[MOST_PAIRS];

    for (int b = 0; b < REPLICAS; b++) {
        for (int i = 0; i < n; i++)
            drawn[i] = x[(int)(derm_random_uniform(&random) * n)];
        derm_sort(drawn, n);
        replica[b] = derm_percentile(drawn, n, q);
    }
    derm_sort(x, n);
    return (struct estimate){ derm_percentile(x, n, q), derm_sd(replica, REPLICAS), n };
}

double correlation(const double *x, const double *y, int n)
{
    const double mx = derm_mean(x, n), my = derm_mean(y, n);
    double xx = 0, yy = 0, xy = 0;

    for (int i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

/* The error is that of normal numbers: a bootstrap of ten numbers may draw one of them ten times.
 */
struct estimate estimate_sd_ratio(const double *x, const int *group, int n, int groups)
{
    double worst = 0, best = HUGE_VAL;
    int counted = 0, n_worst = 0, n_best = 0;

    for (int g = 0; g < groups; g++) {
        double own[MOST_PAIRS], sd;
        int m = 0;

        for (int i = 0; i < n; i++)
            if (group[i] == g) own[m++] = x[i];
        if (m < 3) continue;
        sd = derm_sd(own, m);
        counted++;
        if (sd > worst) n_worst = m;
        if (sd < best) n_best = m;
        worst = fmax(worst, sd);
        best = fmin(best, sd);
    }
    if (counted < 2 || best <= 0) return (struct estimate){ .n = 0 };
    return (struct estimate){ worst / best,
                              worst / best * sqrt(0.5 / (n_worst - 1) + 0.5 / (n_best - 1)), n };
}
