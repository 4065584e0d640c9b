/* SPDX-License-Identifier: Apache-2.0 */
/* Places: from photo to grid and back, and the photo's masks seen from a grid. */
#ifndef DERM_STAGES_PLACE_H
#define DERM_STAGES_PLACE_H

#include <math.h>

#include "base/num.h"
#include "stages/frame.h"

static inline struct derm_point derm_grid_from_photo(const struct derm_grid *g,
                                                     struct derm_point at)
{
    return (struct derm_point){ (at.x + 0.5 - g->x0) / g->step - 0.5,
                                (at.y + 0.5 - g->y0) / g->step - 0.5 };
}

/* The photo's mask at the middle of grid pixel (x, y); not_given when there is no mask. */
static inline uint8_t derm_mask_at(const struct derm_mask *photo, const struct derm_grid *g, int x,
                                   int y, uint8_t not_given)
{
    if (!photo->px) return not_given;
    return derm_mask_row(
        photo,
        clampi((int)floor(g->y0 + (y + 0.5) * g->step), 0,
               photo->h - 1))[clampi((int)floor(g->x0 + (x + 0.5) * g->step), 0, photo->w - 1)];
}

#endif
