/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/sharpening.h"

#include <math.h>

static const double pi = 3.141592653589793;
static const double radius_px = 2; /* cameras and programs take 1.5 to 3 */
static const double sure_sds = 2;

double derm_sharpening_shape(double f)
{
    return 1 - exp(-2 * pi * pi * radius_px * radius_px * f * f);
}

/* What is left of the equation for the amount of sharpening in one window, blur solved for. */
static double rest(const struct derm_gain_sums *g, double blur_px2, double amount, double share)
{
    return g->sy - amount * g->ss - blur_px2 * g->xs -
           share * (g->xy - amount * g->xs - blur_px2 * g->xx);
}

double derm_sharpening(const struct derm_blur_vote *vote, int n)
{
    struct derm_gain_sums sum = { 0 };
    double squares = 0, own, amount, blur_px2;

    for (int i = 0; i < n; i++) {
        sum.xx += vote[i].gain.xx;
        sum.xs += vote[i].gain.xs;
        sum.ss += vote[i].gain.ss;
        sum.xy += vote[i].gain.xy;
        sum.sy += vote[i].gain.sy;
    }
    own = sum.ss - sum.xs * sum.xs / sum.xx; /* of ss, what no blur looks like */
    if (n < 2 || !(own > 0)) return 0;
    amount = (sum.sy - sum.xs * sum.xy / sum.xx) / own;
    blur_px2 = (sum.xy - amount * sum.xs) / sum.xx;
    for (int i = 0; i < n; i++) {
        const double d = rest(&vote[i].gain, blur_px2, amount, sum.xs / sum.xx);
        squares += d * d;
    }
    return fmax(fabs(amount) - sure_sds * sqrt(squares * n / (n - 1.0)) / own, 0);
}
