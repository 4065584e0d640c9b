/* SPDX-License-Identifier: Apache-2.0 */
/* Distances between landmarks in space, so that a turn of the head does not change them, in shares
 * of the distance between the pupils, so that the camera's distance does not. */
#ifndef DERM_STAGES_FACE_SPAN_H
#define DERM_STAGES_FACE_SPAN_H

#include <math.h>

#include "stages/frame.h"

/* a, b: MediaPipe numbers. */
static inline double derm_face_distance_px(const struct derm_face *f, int a, int b)
{
    const double x = f->at[a].x - f->at[b].x, y = f->at[a].y - f->at[b].y, z = f->z[a] - f->z[b];

    return sqrt(x * x + y * y + z * z);
}

static inline double derm_face_pupils_px(const struct derm_face *f)
{
    enum { RIGHT_PUPIL = 468, LEFT_PUPIL = 473 };

    return derm_face_distance_px(f, RIGHT_PUPIL, LEFT_PUPIL);
}

static inline double derm_face_span(const struct derm_face *f, int a, int b)
{
    return derm_face_distance_px(f, a, b) / derm_face_pupils_px(f);
}

#endif
