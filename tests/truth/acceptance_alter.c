/* SPDX-License-Identifier: Apache-2.0 */
/* What cameras and programs for flattering portraits do to a photo. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "acceptance.h"

/* A share of the difference between a photo and its mean around is added, where it is no edge; of a
 * photo without its finest structure, if near_mm > 0, which then stays as it was. */
static const struct {
    double near_mm, wide_mm, wide_px; /* sigmas */
    double share, edge;               /* of 255 */
} filter[ALTERATIONS] = {
    [SMOOTHED] = { 0, 0.33, 0, -0.8, 30 },
    [SEPARATED] = { 0.5, 3, 0, -0.85, 30 },
    [SHARPENED_2PX] = { 0, 0, 2, 0.6, 256 },
    [SHARPENED_15PX] = { 0, 0, 1.5, 1, 256 },
};

static void copy_channel(struct phantom_plane *to, const uint8_t *rgb, int channel, double sigma_px)
{
    for (int i = 0; i < to->w * to->h; i++)
        to->px[i] = rgb[3 * i + channel];
    if (sigma_px > 0) phantom_blur(to, sigma_px);
}

void alter(enum alteration how, uint8_t *rgb, int w, int h, double px_per_mm)
{
    const double wide_px = filter[how].wide_px + filter[how].wide_mm * px_per_mm;
    struct phantom_plane near, wide;

    if (how == UNALTERED) return;
    phantom_plane_init(&near, w, h);
    phantom_plane_init(&wide, w, h);
    for (int c = 0; c < 3; c++) {
        copy_channel(&near, rgb, c, filter[how].near_mm * px_per_mm);
        copy_channel(&wide, rgb, c, wide_px);
        for (int i = 0; i < w * h; i++) {
            const double d = (double)near.px[i] - (double)wide.px[i];
            const double is = rgb[3 * i + c] + filter[how].share * d + 0.5;

            if (fabs(d) < filter[how].edge) rgb[3 * i + c] = (uint8_t)fmin(fmax(is, 0), 255);
        }
    }
    phantom_plane_free(&near);
    phantom_plane_free(&wide);
}

void alter_photo(enum alteration how, const struct derm_rgb8 *photo, double px_per_mm,
                 const char *to)
{
    const size_t row = (size_t)photo->w * 3;
    struct phantom_rgb8 picture = { phantom_alloc((size_t)photo->h, row), photo->w, photo->h, 0 };

    for (int y = 0; y < picture.h; y++)
        memcpy(picture.px + (size_t)y * row, derm_rgb8_row(photo, y), row);
    alter(how, picture.px, picture.w, picture.h, px_per_mm);
    if (phantom_write(to, &picture, &(struct phantom_file){ .jpeg_quality = 95 })) exit(1);
    free(picture.px);
}
