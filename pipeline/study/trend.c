/* SPDX-License-Identifier: Apache-2.0 */
#include "study/trend.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>

#include "stages/statistics.h"

enum {
    MOST_EXACT = 20, /* points: 20! is the last that 64 bits hold */
    MOST_PAIRS = MOST_EXACT * (MOST_EXACT - 1) / 2,
};
static const double Z95 = 1.96, half_of_5_percent = 0.025;

/* Pairs of points. */
struct pairs {
    int64_t concordant, discordant;
    int64_t tied_x, tied_y; /* also those tied in both */
    int64_t all;
};

static struct pairs count_pairs(const struct derm_trend_point *p, int n)
{
    struct pairs c = { .all = (int64_t)n * (n - 1) / 2 };

    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++) {
            const double dx = p[i].x - p[j].x, dy = p[i].y - p[j].y;

            c.tied_x += dx == 0;
            c.tied_y += dy == 0;
            c.concordant += (dx > 0 && dy > 0) || (dx < 0 && dy < 0);
            c.discordant += (dx > 0 && dy < 0) || (dx < 0 && dy > 0);
        }
    return c;
}

/* Of x, or of y: how many points share point i's value, and whether i is the first of them. */
static int tie_of(const struct derm_trend_point *p, int n, int i, bool of_y, bool *first)
{
    const double value = of_y ? p[i].y : p[i].x;
    int size = 0;

    *first = true;
    for (int j = 0; j < n; j++) {
        const bool same = (of_y ? p[j].y : p[j].x) == value;

        size += same;
        if (same && j < i) *first = false;
    }
    return size;
}

/* Sums over the ties of size t: pairs' worth of order that they take away. */
struct tie_sums {
    double pairs2, triples, spread; /* t(t-1), t(t-1)(t-2), t(t-1)(2t+5) */
};

static struct tie_sums sum_ties(const struct derm_trend_point *p, int n, bool of_y)
{
    struct tie_sums s = { 0 };

    for (int i = 0; i < n; i++) {
        bool first;
        const double t = tie_of(p, n, i, of_y, &first);

        if (!first) continue;
        s.pairs2 += t * (t - 1);
        s.triples += t * (t - 1) * (t - 2);
        s.spread += t * (t - 1) * (2 * t + 5);
    }
    return s;
}

/* orders[k]: in how many of the distinct orders of n values, tied as x or y is, k of the pairs that
 * differ are discordant. It is the coefficient of q^k in the product of (1 - q^m) / (1 - q^j), m
 * counting all values and j those of a tie (MacMahon, Combinatory Analysis, 1915); every factor of
 * it leaves whole numbers. */
static void count_orders(const struct derm_trend_point *p, int n, bool of_y,
                         int64_t orders[MOST_PAIRS + MOST_EXACT + 1])
{
    int m = 0, degree = 0;

    assert(n <= MOST_EXACT);
    for (int k = 0; k <= MOST_PAIRS + MOST_EXACT; k++)
        orders[k] = k == 0;
    for (int i = 0; i < n; i++) {
        bool first;
        const int t = tie_of(p, n, i, of_y, &first);

        for (int j = 1; first && j <= t; j++) {
            m++;
            for (int k = degree + m; k >= m; k--)
                orders[k] -= orders[k - m];
            for (int k = j; k <= degree + m; k++)
                orders[k] += orders[k - j];
            degree += m - j;
        }
    }
}

/* The chance that at most `most` pairs are discordant when nothing but chance orders them. */
static double chance_of_at_most(const int64_t *orders, int64_t most)
{
    double all = 0, few = 0;

    for (int k = 0; k <= MOST_PAIRS; k++) {
        all += (double)orders[k];
        if (k <= most) few += (double)orders[k];
    }
    return few / all;
}

/* Of the number of concordant less that of discordant pairs (Kendall, Rank Correlation Methods,
 * 1970, equation 4.3). */
static double variance_of_order(const struct tie_sums *x, const struct tie_sums *y, double n)
{
    const double m = n * (n - 1);

    return (m * (2 * n + 5) - x->spread - y->spread) / 18 + x->pairs2 * y->pairs2 / (2 * m) +
           x->triples * y->triples / (9 * m * (n - 2));
}

static void correlate(const struct derm_trend_point *p, int n, struct derm_trend *out)
{
    int64_t orders[MOST_PAIRS + MOST_EXACT + 1];
    const struct pairs c = count_pairs(p, n);
    const double order = (double)(c.concordant - c.discordant);
    const int64_t fewer = c.concordant < c.discordant ? c.concordant : c.discordant;

    out->tau_b = 0;
    out->p = 1;
    out->exact = n <= MOST_EXACT && (c.tied_x == 0 || c.tied_y == 0);
    if (c.tied_y == c.all) return; /* all alike */
    out->tau_b = order / sqrt((double)(c.all - c.tied_x) * (double)(c.all - c.tied_y));
    if (out->exact) {
        count_orders(p, n, c.tied_y > 0, orders);
        out->p = fmin(1, 2 * chance_of_at_most(orders, fewer));
    } else {
        const struct tie_sums x = sum_ties(p, n, false), y = sum_ties(p, n, true);

        out->p = erfc(fabs(order) / sqrt(2 * variance_of_order(&x, &y, n)));
    }
}

/* How many of the sorted slopes lie below the 95 % interval; -1: not even all of them make one. Of
 * the slopes below the true one as many are expected as of pairs that are discordant by chance. */
static int64_t slopes_below(const struct derm_trend_point *p, int n, int slopes)
{
    static const struct tie_sums none = { 0 }; /* errors are never alike */
    int64_t orders[MOST_PAIRS + MOST_EXACT + 1], below = -1;

    if (n > MOST_EXACT) {
        const struct tie_sums x = sum_ties(p, n, false);

        return (int64_t)round((slopes - Z95 * sqrt(variance_of_order(&x, &none, n))) / 2) - 1;
    }
    count_orders(p, n, false, orders);
    while (chance_of_at_most(orders, below + 1) <= half_of_5_percent)
        below++;
    return below;
}

/* Between the outermost points, by their own errors; of those at one place the largest counts. */
static double half_by_errors(const struct derm_trend_point *p, int n)
{
    struct derm_trend_point first = p[0], last = p[0];

    for (int i = 1; i < n; i++) {
        if (p[i].x < first.x || (p[i].x == first.x && p[i].sd > first.sd)) first = p[i];
        if (p[i].x > last.x || (p[i].x == last.x && p[i].sd > last.sd)) last = p[i];
    }
    return Z95 * sqrt(first.sd * first.sd + last.sd * last.sd) / (last.x - first.x);
}

bool derm_trend_possible(const struct derm_trend_point *point, int n)
{
    for (int i = 1; i < n && n >= DERM_TREND_LEAST; i++)
        if (point[i].x != point[0].x) return true;
    return false;
}

derm_err derm_trend_fit(struct derm_arena *scratch, const struct derm_trend_point *p, int n,
                        struct derm_trend *out)
{
    const size_t mark = scratch->used;
    double *slope;
    int slopes = 0;
    int64_t below;

    assert(derm_trend_possible(p, n));
    DERM_TRY(derm_arena_new(scratch, &slope, (size_t)n * (size_t)(n - 1) / 2, sizeof(*slope)));
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            if (p[i].x != p[j].x) slope[slopes++] = (p[i].y - p[j].y) / (p[i].x - p[j].x);
    derm_sort(slope, slopes);
    out->slope = derm_percentile(slope, slopes, 0.5);
    below = slopes_below(p, n, slopes);
    out->distribution_free = below >= 0;
    if (out->distribution_free) {
        out->lo = slope[below];
        out->hi = slope[slopes - 1 - below];
    } else {
        out->lo = out->slope - half_by_errors(p, n);
        out->hi = out->slope + half_by_errors(p, n);
    }
    correlate(p, n, out);
    derm_arena_reset(scratch, mark);
    return DERM_OK;
}
