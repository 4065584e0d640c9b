/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pigment_map.h"

#include <math.h>

#include "base/num.h"

enum { BLANK = 225 };

const double derm_pigment_white = -0.1, derm_pigment_full = 0.3, derm_pigment_around_mm = 12;

static void paint_row(uint8_t *px, const float *pigment, const float *around, const uint8_t *is,
                      const uint8_t ink[3], int w)
{
    const double range = derm_pigment_full - derm_pigment_white;

    for (int x = 0; x < w; x++, px += 3) {
        const double above = (double)(pigment[x] - around[x]);
        const double share = clampd((above - derm_pigment_white) / range, 0, 1);

        for (int c = 0; c < 3; c++)
            px[c] = is[x] ? (uint8_t)lround(255 - share * (255 - ink[c])) : BLANK;
    }
}

derm_err derm_pigment_picture(const struct derm_filter *f, const struct derm_view *view,
                              const float weight[3], const struct derm_mask *where,
                              const uint8_t ink[3], struct derm_rgb8 *out)
{
    struct derm_plane pigment, around;
    size_t mark;

    DERM_TRY(derm_rgb8_new(f->scratch, out, where->w, where->h));
    mark = f->scratch->used;
    DERM_TRY(derm_plane_new(f->scratch, &pigment, where->w, where->h));
    DERM_TRY(derm_plane_new(f->scratch, &around, where->w, where->h));
    for (int y = 0; y < where->h; y++)
        f->k->mix3(derm_row(&pigment, y), derm_row(&view->od[0], y), derm_row(&view->od[1], y),
                   derm_row(&view->od[2], y), weight, (size_t)where->w);
    DERM_TRY(derm_gaussian_masked(f, &around, &pigment, where,
                                  derm_pigment_around_mm * view->grid.px_per_mm));
    for (int y = 0; y < where->h; y++)
        paint_row(derm_rgb8_row(out, y), derm_row(&pigment, y), derm_row(&around, y),
                  derm_mask_row(where, y), ink, where->w);
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
