/* SPDX-License-Identifier: Apache-2.0 */
#include "base/angle.h"

#include <math.h>

static double arctangent(double x)
{
    const double t1 = x / (1.0 + sqrt(1.0 + x * x)), t2 = t1 / (1.0 + sqrt(1.0 + t1 * t1));
    const double t = t2 / (1.0 + sqrt(1.0 + t2 * t2)), q = t * t; /* |t| < 0.2 */
    double sum = 0.0;

    for (int k = 17; k >= 1; k -= 2)
        sum = 1.0 / k - q * sum;
    return 8.0 * t * sum;
}

double derm_angle_deg(double y, double x)
{
    const double pi = 3.14159265358979323846;
    const double a = x > 0   ? arctangent(y / x)
                     : x < 0 ? arctangent(y / x) + (y < 0 ? -pi : pi)
                     : y > 0 ? pi / 2
                     : y < 0 ? -pi / 2
                             : 0.0;

    return a * 180.0 / pi;
}
