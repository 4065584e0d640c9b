/* SPDX-License-Identifier: Apache-2.0 */
/* F Wilcoxon, Biometrics Bulletin 1, 80, 1945. The choice between exact and approximate, and the
 * corrections, are those of wilcox.test in R 4 and, with "approx", of scipy.stats.wilcoxon. */
#include "study/paired.h"

#include <math.h>
#include <stdlib.h>

#include "stages/statistics.h"
#include "study/distribution.h"

struct derm_mean derm_mean_of(const double *x, int n)
{
    struct derm_mean m = { .n = n, .has_interval = n >= 2 };
    double half;

    if (n == 0) return m;
    m.mean = m.lo = m.hi = derm_mean(x, n);
    if (!m.has_interval) return m;
    m.sd = derm_sd(x, n);
    half = derm_student_bound(0.05, n - 1) * m.sd / sqrt(n);
    m.lo -= half;
    m.hi += half;
    return m;
}

/* ---- signed ranks */

enum { EXACT_BELOW = 50, MOST_RANK_SUM = EXACT_BELOW * (EXACT_BELOW - 1) / 2 };

static int by_magnitude(const void *a, const void *b)
{
    const double x = fabs(*(const double *)a), y = fabs(*(const double *)b);

    return (x > y) - (x < y);
}

static int drop_zeros(double *x, int n)
{
    int kept = 0;

    for (int i = 0; i < n; i++)
        if (x[i] != 0) x[kept++] = x[i];
    return kept;
}

/* P(V <= sum) for n changes without ties: each rank is positive or not, all 2^n ways alike. */
static double exact_share(int n, double sum)
{
    double ways[MOST_RANK_SUM + 1] = { 1 }, below = 0; /* up to 2^49: doubles count exactly */

    for (int rank = 1; rank <= n; rank++)
        for (int s = rank * (rank + 1) / 2; s >= rank; s--)
            ways[s] += ways[s - rank];
    for (int s = 0; s <= MOST_RANK_SUM && s <= sum; s++)
        below += ways[s];
    return ldexp(below, -n);
}

static double exact_p(int n, double sum)
{
    const double all = n * (n + 1) / 2.0;

    return fmin(1, 2 * exact_share(n, fmin(sum, all - sum))); /* V is symmetric about all / 2 */
}

/* ties: the sum of t^3 - t over groups of t equal magnitudes. */
static double approximate_p(double n, double sum, double ties)
{
    const double off = sum - n * (n + 1) / 4;
    const double sd = sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48);
    const double corrected = fabs(off) - (off != 0 ? 0.5 : 0);

    return sd > 0 ? derm_normal_p(corrected / sd) : 1;
}

struct derm_wilcoxon derm_wilcoxon_of(double *x, int n)
{
    struct derm_wilcoxon w = { .n = drop_zeros(x, n), .p = 1 };
    double ties = 0;

    qsort(x, (size_t)w.n, sizeof(*x), by_magnitude);
    for (int i = 0, end; i < w.n; i = end) {
        for (end = i + 1; end < w.n && fabs(x[end]) == fabs(x[i]);)
            end++;
        const double t = end - i, rank = (i + 1 + end) / 2.0;

        for (int k = i; k < end; k++)
            w.rank_sum += x[k] > 0 ? rank : 0;
        ties += t * t * t - t;
    }
    w.exact = w.n > 0 && w.n == n && n < EXACT_BELOW && ties == 0;
    if (w.n > 0) w.p = w.exact ? exact_p(n, w.rank_sum) : approximate_p(w.n, w.rank_sum, ties);
    return w;
}
