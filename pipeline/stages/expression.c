/* SPDX-License-Identifier: Apache-2.0 */
/* Distances between landmarks in space, so that a turn of the head does not change them, in shares
 * of the distance between the pupils, so that the camera's distance does not. Both sides of the
 * face are averaged. Landmarks by their MediaPipe numbers. */
#include "stages/expression.h"

#include <math.h>

enum { RIGHT_PUPIL = 468, LEFT_PUPIL = 473 };

static double between(const struct derm_face *f, int a, int b)
{
    const double x = f->at[a].x - f->at[b].x, y = f->at[a].y - f->at[b].y, z = f->z[a] - f->z[b];

    return sqrt(x * x + y * y + z * z);
}

double derm_expression_change(const struct derm_face *a, const struct derm_face *b)
{
    static const int span[][2][2] = {
        /* a distance and its mirror image */
        { { 61, 291 }, { 61, 291 } },   /* corner of the mouth to the other */
        { { 13, 14 }, { 13, 14 } },     /* lip to lip, inside */
        { { 33, 61 }, { 263, 291 } },   /* outer corner of the eye to corner of the mouth */
        { { 159, 145 }, { 386, 374 } }, /* lid to lid */
    };
    const double unit_a = between(a, RIGHT_PUPIL, LEFT_PUPIL);
    const double unit_b = between(b, RIGHT_PUPIL, LEFT_PUPIL);
    double most = 0;

    for (size_t i = 0; i < sizeof(span) / sizeof(span[0]); i++) {
        double change = 0;

        for (int side = 0; side < 2; side++) {
            const int from = span[i][side][0], to = span[i][side][1];
            change += 0.5 * (between(b, from, to) / unit_b - between(a, from, to) / unit_a);
        }
        most = fmax(most, fabs(change));
    }
    return most;
}
