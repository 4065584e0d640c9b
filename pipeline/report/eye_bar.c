/* SPDX-License-Identifier: Apache-2.0 */
#include "report/eye_bar.h"

#include <math.h>
#include <string.h>

#include "cv/cv.h"
#include "report/canvas.h"

enum { RIGHT_OUTER_CORNER = 33, LEFT_OUTER_CORNER = 263 }; /* of the eyes, MediaPipe */

/* In distances between the outer corners: how far the bar goes beyond them, and how high it is:
 * from the brows to below the lids. */
static const double beyond = 0.28, height = 0.42;

derm_err derm_eye_bar(struct derm_rgb8 *picture, const struct derm_frame *frame,
                      struct derm_arena *arena, struct derm_error *err)
{
    const struct derm_grid *const g = &frame->view.grid;
    const struct derm_point a = frame->face.at[RIGHT_OUTER_CORNER];
    const struct derm_point b = frame->face.at[LEFT_OUTER_CORNER];
    const double zoom = picture->w / (g->w * g->step);
    const struct derm_point from = { (a.x - g->x0) * zoom, (a.y - g->y0) * zoom };
    const struct derm_point to = { (b.x - g->x0) * zoom, (b.y - g->y0) * zoom };
    const double dx = beyond * (to.x - from.x), dy = beyond * (to.y - from.y);
    const struct derm_cv_point bar[2] = { { (float)(from.x - dx), (float)(from.y - dy) },
                                          { (float)(to.x + dx), (float)(to.y + dy) } };
    struct derm_rgb8 copy;

    if (!frame->face.used) return DERM_OK;
    DERM_TRY(derm_rgb8_raw(arena, &copy, picture->w, picture->h));
    for (int y = 0; y < copy.h; y++)
        memcpy(derm_rgb8_row(&copy, y), derm_rgb8_row(picture, y), 3 * (size_t)copy.w);
    *picture = copy;
    return derm_cv_line(picture, bar, 2, 0, derm_ink[DERM_INK_BLACK],
                        height * hypot(to.x - from.x, to.y - from.y), err);
}
