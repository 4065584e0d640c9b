/* SPDX-License-Identifier: Apache-2.0 */
/* A plane that is seen from aside is foreshortened one way, by the cosine of the tilt: so is one
 * photo beside the other. Of two tilts a and b (vectors, radians) the ratio of the singular values
 * of the map between the photos is 1 - |b - a| |b + a| / 2 up to fourth order. So what is read is
 * at most sqrt(|a|^2 + |b|^2), is the tilt where one of them is 0, and is nothing where the camera
 * stood as far to one side as to the other: two views from afar of a surface that may have any
 * shape do not tell more (Koenderink and van Doorn, J Opt Soc Am A 8, 377, 1991). Skin that is
 * stretched one way reads as tilted. */
#include "stages/tilt.h"

#include <math.h>

#include "base/angle.h"
#include "stages/field.h"

static double length(double x, double y)
{
    return sqrt(x * x + y * y);
}

bool derm_tilt_difference(const struct derm_pair *pair, double *deg)
{
    struct derm_affine m;

    if (!derm_field_affine(&pair->registration.map, &pair->common, &m)) return false;
    /* The singular values are turn + shear and turn - shear; the cosine is their ratio. */
    const double turn = length(m.a + m.d, m.c - m.b), shear = length(m.a - m.d, m.b + m.c);
    *deg = derm_angle_deg(2 * sqrt(turn * shear), turn - shear);
    return true;
}
