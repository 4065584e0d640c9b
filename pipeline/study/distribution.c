/* SPDX-License-Identifier: Apache-2.0 */
/* Both distributions are the regularised incomplete beta function I_x(a, b) in other variables
 * (NIST Digital Library of Mathematical Functions, 8.17). Quantiles are found by bisection: slow,
 * and right to the last bits wherever the function is. */
#include "study/distribution.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* x in [0, 1] together with y = 1 - x, so that neither loses digits near the other end. */
struct fraction {
    double x, y;
};

static struct fraction swapped(struct fraction at)
{
    return (struct fraction){ at.y, at.x };
}

/* Stirling's series (DLMF 5.11.1), whose terms left out are below 1e-17 from 12 on. libm's lgamma
 * would write a global. */
static double ln_gamma(double x)
{
    static const double term[] = { 1.0 / 12,   -1.0 / 360,       1.0 / 1260, -1.0 / 1680,
                                   1.0 / 1188, -691.0 / 360360., 1.0 / 156 };
    static const double half_ln_2pi = 0.91893853320467274178;
    double product = 1, power, sum = 0;

    while (x < 12)
        product *= x++;
    power = 1 / x;
    for (size_t i = 0; i < sizeof(term) / sizeof(*term); i++) {
        sum += term[i] * power;
        power /= x * x;
    }
    return (x - 0.5) * log(x) - x + half_ln_2pi + sum - log(product);
}

static double away_from_zero(double v)
{
    static const double tiny = 1e-300;

    return fabs(v) < tiny ? tiny : v;
}

/* The continued fraction of I_x(a, b), DLMF 8.17.22, by Lentz's method as modified by Thompson and
 * Barnett (J Comput Phys 64, 490, 1986). Converges fast for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    enum { MOST_TERMS = 100000 };
    double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), h = d;

    for (int m = 1; m < MOST_TERMS; m++) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double factor;

        d = 1 / away_from_zero(1 + even * d);
        c = away_from_zero(1 + even / c);
        h *= d * c;
        d = 1 / away_from_zero(1 + odd * d);
        c = away_from_zero(1 + odd / c);
        factor = d * c;
        h *= factor;
        if (fabs(factor - 1) < 1e-16) break;
    }
    return h;
}

/* I_x(a, b), increasing in x. */
static double beta_share(double a, double b, struct fraction at)
{
    double front;

    if (at.x <= 0) return 0;
    if (at.y <= 0) return 1;
    if (at.x > (a + 1) / (a + b + 2)) return 1 - beta_share(b, a, swapped(at));
    front = exp(ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * log(at.x) + b * log(at.y));
    return front * beta_fraction(a, b, at.x) / a;
}

/* Where I_x(a, b) is p. What is bisected, until two neighbouring numbers are left, is x or y,
 * whichever is below 1/2: so it keeps its digits near 0. */
static struct fraction beta_quantile(double a, double b, double p)
{
    const bool upper = p > beta_share(a, b, (struct fraction){ 0.5, 0.5 });
    struct fraction at = { 0.25, 0.75 };
    double lo = 0, hi = 0.5;

    while (at.x > lo && at.x < hi) {
        if ((beta_share(a, b, upper ? swapped(at) : at) < p) != upper)
            lo = at.x;
        else
            hi = at.x;
        at.x = lo + (hi - lo) / 2;
        at.y = 1 - at.x;
    }
    return upper ? swapped(at) : at;
}

double derm_student_p(double t, double nu)
{
    const double square = t * t;

    return beta_share(nu / 2, 0.5, (struct fraction){ nu / (nu + square), square / (nu + square) });
}

double derm_student_bound(double alpha, double nu)
{
    const struct fraction at = beta_quantile(nu / 2, 0.5, alpha);

    return sqrt(nu * at.y / at.x);
}

double derm_fisher_quantile(double p, double d1, double d2)
{
    const struct fraction at = beta_quantile(d1 / 2, d2 / 2, p);

    return d2 * at.x / (d1 * at.y);
}

double derm_normal_p(double z)
{
    return erfc(fabs(z) / sqrt(2));
}
