/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics with one standard error. Things come in units: the spots of a photo, the regions of a
 * face, the photos of a person are alike, and many of them know little more than one. So whole
 * units are drawn (cluster bootstrap: Davison and Hinkley 1997, section 3.8); the error of a share
 * is that of Wilson's interval (J Am Stat Assoc 22, 209, 1927) for as many independent things as
 * would scatter as the units do (Korn and Graubard, Surv Methodol 24, 193, 1998). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stages/statistics.h"

#include "acceptance.h"

enum { REPLICAS = 400 };

struct estimate estimate_by_units(int units, int n, unit_figure *figure, const void *of)
{
    struct derm_random random = { 1 };
    double replica[REPLICAS];
    int times[MOST_UNITS];

    for (int b = 0; b < REPLICAS; b++) {
        memset(times, 0, sizeof(times));
        for (int i = 0; i < units; i++)
            times[(int)(derm_random_uniform(&random) * units)]++;
        replica[b] = figure(times, of);
    }
    for (int i = 0; i < units; i++)
        times[i] = 1;
    const double narrow = (units - 1.0) / units; /* the variance of so few units drawn anew */
    const double error = units > 1 ? derm_sd(replica, REPLICAS) / sqrt(narrow) : HUGE_VAL;
    return (struct estimate){ figure(times, of), error, n, units };
}

/* ---- numbers */

struct numbers {
    const double *x;
    int n, unit[MOST_UNITS]; /* counted from 0 */
};

/* NULL: every number is a unit of its own. Returns how many units there are. */
static int count_units(const int *unit, struct numbers *s)
{
    int units = 0;

    for (int i = 0; i < s->n; i++) {
        int same = unit ? 0 : i;

        while (same < i && unit[same] != unit[i])
            same++;
        s->unit[i] = same < i ? s->unit[same] : units++;
    }
    return units;
}

static struct estimate of_numbers(const double *x, const int *unit, int n, unit_figure *figure)
{
    struct numbers s = { .x = x, .n = n };
    const int units = count_units(unit, &s);

    return estimate_by_units(units, n, figure, &s);
}

static double rms_drawn(const int *times, const void *of)
{
    const struct numbers *const s = of;
    double squares = 0;
    int n = 0;

    for (int i = 0; i < s->n; i++) {
        squares += times[s->unit[i]] * s->x[i] * s->x[i];
        n += times[s->unit[i]];
    }
    return sqrt(squares / n);
}

static double sd_drawn(const int *times, const void *of)
{
    const struct numbers *const s = of;
    double sum = 0, squares = 0;
    int n = 0;

    for (int i = 0; i < s->n; i++) {
        sum += times[s->unit[i]] * s->x[i];
        n += times[s->unit[i]];
    }
    for (int i = 0; i < s->n; i++)
        squares += times[s->unit[i]] * (s->x[i] - sum / n) * (s->x[i] - sum / n);
    return n > 1 ? sqrt(squares / (n - 1)) : 0;
}

struct estimate estimate_mean(const double *x, int n)
{
    return (struct estimate){ derm_mean(x, n), derm_sd(x, n) / sqrt(n), n, n };
}

struct estimate estimate_sd(const double *x, const int *unit, int n)
{
    return of_numbers(x, unit, n, sd_drawn);
}

struct estimate estimate_rms(const double *x, const int *unit, int n)
{
    return of_numbers(x, unit, n, rms_drawn);
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
    return (struct estimate){ derm_percentile(x, n, q), derm_sd(replica, REPLICAS), n, n };
}

/* ---- shares */

void shares_add(struct shares *s, int unit, int hits, int n)
{
    int i = 0;

    while (i < s->units && s->of[i].unit != unit)
        i++;
    if (i == MOST_UNITS) exit(1);
    if (i == s->units) s->of[s->units++] = (struct share){ .unit = unit };
    s->of[i].hits += hits;
    s->of[i].n += n;
    s->hits += hits;
    s->n += n;
}

/* Where all hit or none does, nothing tells how alike the things of a unit are: they may be one. */
static double independent_things(const struct shares *s)
{
    const double p = (double)s->hits / s->n;
    double squares = 0;

    if (s->hits == 0 || s->hits == s->n || s->units < 2) return s->units;
    for (int i = 0; i < s->units; i++) {
        const double beyond = s->of[i].hits - p * s->of[i].n;

        squares += beyond * beyond;
    }
    const double variance = squares / s->n / s->n * s->units / (s->units - 1);
    return fmin(s->n, p * (1 - p) / variance);
}

struct estimate estimate_share(const struct shares *s)
{
    if (s->n == 0) return (struct estimate){ .n = 0 };
    const double p = (double)s->hits / s->n, n = independent_things(s);
    const double half = sqrt(p * (1 - p) / n + 0.25 / (n * n)) / (1 + 1 / n);

    return (struct estimate){ p, half, s->n, s->units };
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
                              worst / best * sqrt(0.5 / (n_worst - 1) + 0.5 / (n_best - 1)), n, n };
}
