/* SPDX-License-Identifier: Apache-2.0 */
/* Both sides of the face are averaged. Landmarks by their MediaPipe numbers. */
#include "stages/expression.h"

#include <math.h>

#include "stages/face_span.h"

double derm_expression_change(const struct derm_face *a, const struct derm_face *b)
{
    static const int span[][2][2] = {
        /* a distance and its mirror image */
        { { 61, 291 }, { 61, 291 } },   /* corner of the mouth to the other */
        { { 13, 14 }, { 13, 14 } },     /* lip to lip, inside */
        { { 33, 61 }, { 263, 291 } },   /* outer corner of the eye to corner of the mouth */
        { { 159, 145 }, { 386, 374 } }, /* lid to lid */
    };
    double most = 0;

    for (size_t i = 0; i < sizeof(span) / sizeof(span[0]); i++) {
        double change = 0;

        for (int side = 0; side < 2; side++) {
            const int from = span[i][side][0], to = span[i][side][1];
            change += 0.5 * (derm_face_span(b, from, to) - derm_face_span(a, from, to));
        }
        most = fmax(most, fabs(change));
    }
    return most;
}
