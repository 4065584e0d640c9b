/* SPDX-License-Identifier: Apache-2.0 */
/* Sources: P E Shrout and J L Fleiss, Psychol Bull 86, 420, 1979; K O McGraw and S P Wong, Psychol
 * Methods 1, 30, 1996 (ICC(A,1) and ICC(C,1), their table 7 for the intervals); J M Bland and D G
 * Altman, Lancet 1, 307, 1986 (limits of agreement) and BMJ 313, 744, 1996 (measurement error);
 * J P Weir, J Strength Cond Res 19, 231, 2005 (MDC). */
#include "study/agreement.h"

#include <math.h>

#include "study/distribution.h"

static const double Z95 = 1.96;
static const double ROUNDING = 1e-24; /* share of a variance that is no more than rounding */

/* ---- two-way analysis of variance */

struct squares { /* mean squares */
    double rows, columns, error, within;
    double mean;
};

static double mean_of(const double *x, int n, int step)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += x[i * step];
    return sum / n;
}

static struct squares squares_of(const struct derm_ratings *t)
{
    const int n = t->n, k = t->k;
    struct squares s = { .mean = mean_of(t->reading, n * k, 1) };

    for (int i = 0; i < n; i++) {
        const double off = mean_of(t->reading + i * k, k, 1) - s.mean;

        s.rows += k * off * off / (n - 1);
    }
    for (int j = 0; j < k; j++) {
        const double column = mean_of(t->reading + j, n, k) - s.mean;

        s.columns += n * column * column / (k - 1);
        for (int i = 0; i < n; i++) {
            const double own = t->reading[i * k + j] - mean_of(t->reading + i * k, k, 1);

            s.within += own * own / (n * (k - 1.0));
            s.error += (own - column) * (own - column) / ((n - 1.0) * (k - 1));
        }
    }
    return s;
}

/* ---- intraclass correlation */

/* ICC(A,1), which Shrout and Fleiss call ICC(2,1). */
static struct derm_estimate absolute_agreement(const struct squares *s, double n, double k)
{
    const double r =
        (s->rows - s->error) / (s->rows + (k - 1) * s->error + k * (s->columns - s->error) / n);
    const double a = k * r / (n * (1 - r)), b = 1 + k * r * (n - 1) / (n * (1 - r));
    const double columns = a * s->columns, error = b * s->error;
    const double v = (columns + error) * (columns + error) /
                     (columns * columns / (k - 1) + error * error / ((n - 1) * (k - 1)));
    const double lower = derm_fisher_quantile(0.975, n - 1, v);
    const double upper = derm_fisher_quantile(0.975, v, n - 1);
    const double rest = k * s->columns + (k * n - k - n) * s->error;

    /* of few targets a quantile can exceed all numbers */
    return (struct derm_estimate){
        .value = r,
        .lo = n * (s->rows / lower - s->error) / (rest + n * s->rows / lower),
        .hi = n * (s->rows - s->error / upper) / (rest / upper + n * s->rows),
    };
}

/* ICC(C,1), which Shrout and Fleiss call ICC(3,1). */
static struct derm_estimate consistency(const struct squares *s, double n, double k)
{
    const double freedom = (n - 1) * (k - 1), f = s->rows / s->error;
    const double lower = f / derm_fisher_quantile(0.975, n - 1, freedom);
    const double upper = f * derm_fisher_quantile(0.975, freedom, n - 1);

    return (struct derm_estimate){
        .value = (f - 1) / (f + k - 1),
        .lo = (lower - 1) / (lower + k - 1),
        .hi = (upper - 1) / (upper + k - 1),
    };
}

struct derm_agreement derm_agreement_of(const struct derm_ratings *ratings)
{
    const struct squares s = squares_of(ratings);
    struct derm_agreement a = {
        .mean = s.mean,
        .sem = sqrt(s.within),
        .has_percent = s.mean > 0,
        .has_icc = s.rows > 0 && s.error > ROUNDING * s.rows,
    };

    a.mdc95 = Z95 * sqrt(2) * a.sem;
    if (a.has_percent) {
        a.wcv_percent = 100 * a.sem / a.mean;
        a.mdc95_percent = 100 * a.mdc95 / a.mean;
    }
    if (!a.has_icc) return a;
    a.icc21 = absolute_agreement(&s, ratings->n, ratings->k);
    a.icc31 = consistency(&s, ratings->n, ratings->k);
    return a;
}

/* ---- limits of agreement */

static struct derm_estimate around(double value, double half)
{
    return (struct derm_estimate){ value, value - half, value + half };
}

struct derm_bland_altman derm_bland_altman_of(const struct derm_ratings *ratings)
{
    const int n = ratings->n, k = ratings->k;
    const double t = derm_student_bound(0.05, n - 1);
    struct derm_bland_altman l = { .sd = 0 };
    double bias = 0, squares = 0, half;

    for (int i = 0; i < n; i++)
        bias += ratings->reading[i * k + 1] - ratings->reading[i * k];
    bias /= n;
    for (int i = 0; i < n; i++) {
        const double off = ratings->reading[i * k + 1] - ratings->reading[i * k] - bias;

        squares += off * off;
    }
    l.sd = sqrt(squares / (n - 1));
    l.bias = around(bias, t * l.sd / sqrt(n));
    half = t * l.sd * sqrt(1.0 / n + Z95 * Z95 / (2 * (n - 1.0)));
    l.lower = around(bias - Z95 * l.sd, half);
    l.upper = around(bias + Z95 * l.sd, half);
    return l;
}
