/* SPDX-License-Identifier: Apache-2.0 */
#include "report/canvas.h"

#include <math.h>
#include <stdio.h>

#include "base/num.h"
#include "cv/cv.h"

const uint8_t derm_ink[DERM_INK_COUNT][3] = {
    [DERM_INK_BLACK] = { 30, 30, 30 },    [DERM_INK_WHITE] = { 255, 255, 255 },
    [DERM_INK_GREY] = { 120, 120, 120 },  [DERM_INK_ORANGE] = { 230, 159, 0 },
    [DERM_INK_SKY] = { 86, 180, 233 },    [DERM_INK_GREEN] = { 0, 158, 115 },
    [DERM_INK_YELLOW] = { 240, 228, 66 }, [DERM_INK_BLUE] = { 0, 114, 178 },
    [DERM_INK_RED] = { 213, 94, 0 },      [DERM_INK_PURPLE] = { 204, 121, 167 },
};

enum { LEAST_SIDE_PX = 1200, MOST_SIDE_PX = 1600, LEGEND_LINES = 2 };

static const double title_lines = 4.4, legend_line = 2.0; /* x text_px */

derm_err derm_canvas_new(struct derm_canvas *c, struct derm_arena *arena,
                         const struct derm_rgb8 *photo, int grid_w, int grid_h,
                         struct derm_error *err)
{
    const int side = imax(grid_w, grid_h);
    int w, h;

    c->err = err;
    c->zoom = (double)clampi(side, LEAST_SIDE_PX, MOST_SIDE_PX) / side;
    w = imax(1, (int)floor(grid_w * c->zoom));
    h = imax(1, (int)floor(grid_h * c->zoom));
    c->text_px = clampd(w / 75.0, 9, 20);
    c->image_y = (int)(title_lines * c->text_px);
    DERM_TRY(derm_rgb8_new(arena, &c->sheet, w,
                           c->image_y + h + (int)((legend_line * LEGEND_LINES + 1) * c->text_px)));
    for (int y = 0; y < c->sheet.h; y++)
        for (int x = 0; x < 3 * w; x++)
            derm_rgb8_row(&c->sheet, y)[x] = 255;
    c->image = (struct derm_rgb8){ derm_rgb8_row(&c->sheet, c->image_y), w, h, c->sheet.stride };
    c->legend_x = c->text_px;
    c->legend_y = c->image_y + h + legend_line * c->text_px;
    return derm_cv_resize(&c->image, photo, err);
}

static uint8_t mask_at(const struct derm_canvas *c, const struct derm_mask *m, int x, int y)
{
    return derm_mask_row(
        m, imin((int)((y + 0.5) / c->zoom), m->h - 1))[imin((int)((x + 0.5) / c->zoom), m->w - 1)];
}

static uint8_t mix(int a, int b, double share)
{
    return (uint8_t)lround(a + share * (b - a));
}

void derm_canvas_dim(struct derm_canvas *c, const struct derm_mask *mask)
{
    const int period = imax(6, (int)(0.8 * c->text_px));

    for (int y = 0; y < c->image.h; y++)
        for (int x = 0; x < c->image.w; x++) {
            uint8_t *const px = derm_rgb8_row(&c->image, y) + 3 * x;
            const int grey = (px[0] + 2 * px[1] + px[2]) / 4;
            const double hatch = (x + y) % period == 0 ? 0.75 : 0.45;

            if (mask_at(c, mask, x, y)) continue;
            for (int i = 0; i < 3; i++)
                px[i] = mix(grey, 190, hatch);
        }
}

void derm_canvas_tint(struct derm_canvas *c, const struct derm_mask *mask, enum derm_ink ink,
                      double share)
{
    for (int y = 0; y < c->image.h; y++)
        for (int x = 0; x < c->image.w; x++) {
            uint8_t *const px = derm_rgb8_row(&c->image, y) + 3 * x;

            if (!mask_at(c, mask, x, y)) continue;
            for (int i = 0; i < 3; i++)
                px[i] = mix(px[i], derm_ink[ink][i], share);
        }
}

/* A line of text, smaller if it would be wider than the room that there is. */
static derm_err write_line(struct derm_canvas *c, double x, double y, const char *text,
                           double height_px)
{
    const double room_px = c->sheet.w - x - c->text_px;
    double width_px;

    DERM_TRY(derm_cv_text_width(text, height_px, &width_px, c->err));
    if (width_px > room_px) height_px = fmax(6, floor(height_px * room_px / width_px));
    return derm_cv_text(&c->sheet, x, y, text, height_px, derm_ink[DERM_INK_BLACK], c->err);
}

derm_err derm_canvas_title(struct derm_canvas *c, const char *title, const char *subtitle)
{
    DERM_TRY(write_line(c, c->text_px, 1.9 * c->text_px, title, 1.3 * c->text_px));
    return write_line(c, c->text_px, 3.7 * c->text_px, subtitle, c->text_px);
}

derm_err derm_canvas_legend(struct derm_canvas *c, enum derm_ink ink, const char *text)
{
    const double t = c->text_px;
    double width_px;

    DERM_TRY(derm_cv_text_width(text, t, &width_px, c->err));
    if (c->legend_x > t && c->legend_x + 3 * t + width_px > c->sheet.w) {
        c->legend_x = t;
        c->legend_y += legend_line * t;
    }
    DERM_TRY(derm_cv_circle(&c->sheet, c->legend_x + t / 2, c->legend_y - t / 2, 0.55 * t,
                            derm_ink[ink], 0, c->err));
    DERM_TRY(write_line(c, c->legend_x + 1.6 * t, c->legend_y, text, t));
    c->legend_x += width_px + 4 * t;
    return DERM_OK;
}

derm_err derm_canvas_scale_bar(struct derm_canvas *c, double px_per_unit, const char *unit)
{
    static const double steps[] = { 1, 2, 5 };
    const double room_px = 0.25 * c->image.w, t = c->text_px;
    const struct derm_rgb8 *const image = &c->image;
    struct derm_cv_point bar[2], back[2];
    double length = 1, next = 1, y, width_px;
    char text[48];

    for (int i = 0; next * px_per_unit * c->zoom < room_px; i++) {
        length = next;
        next = steps[(i + 1) % 3];
        for (int k = 0; k < (i + 1) / 3; k++)
            next *= 10;
    }
    snprintf(text, sizeof(text), "%.0f %s", length, unit);
    DERM_TRY(derm_cv_text_width(text, t, &width_px, c->err));
    y = image->h - 1.4 * t;
    bar[1] = (struct derm_cv_point){ (float)(image->w - 2 * t), (float)y };
    bar[0] = (struct derm_cv_point){ (float)(image->w - 2 * t - length * px_per_unit * c->zoom),
                                     (float)y };
    back[0] = (struct derm_cv_point){ (float)fmin((double)bar[0].x, (double)bar[1].x - width_px),
                                      (float)(y - 0.8 * t) };
    back[1] = (struct derm_cv_point){ bar[1].x, (float)(y - 0.8 * t) };
    DERM_TRY(derm_cv_line(&c->image, back, 2, 0, derm_ink[DERM_INK_WHITE], 3.4 * t, c->err));
    DERM_TRY(derm_cv_line(&c->image, bar, 2, 0, derm_ink[DERM_INK_BLACK], 0.35 * t, c->err));
    return derm_cv_text(&c->image, (double)back[0].x, y - 0.7 * t, text, t,
                        derm_ink[DERM_INK_BLACK], c->err);
}

derm_err derm_canvas_outline(struct derm_canvas *c, const struct derm_mask *mask, enum derm_ink ink)
{
    const double width = c->text_px / 7;

    DERM_TRY(derm_cv_outline(&c->image, mask, derm_ink[DERM_INK_WHITE], width + 2, c->err));
    return derm_cv_outline(&c->image, mask, derm_ink[ink], width, c->err);
}

derm_err derm_canvas_circle(struct derm_canvas *c, double x, double y, double radius,
                            enum derm_ink ink)
{
    return derm_cv_circle(&c->image, (x + 0.5) * c->zoom - 0.5, (y + 0.5) * c->zoom - 0.5,
                          radius * c->zoom, derm_ink[ink], 1, c->err);
}

derm_err derm_canvas_label(struct derm_canvas *c, double x, double y, const char *text)
{
    const double t = 0.8 * c->text_px;
    const double u = x * c->zoom, v = y * c->zoom;
    double width_px;

    DERM_TRY(derm_cv_text_width(text, t, &width_px, c->err));
    for (int dx = -1; dx <= 1; dx++)
        for (int dy = -1; dy <= 1; dy++)
            DERM_TRY(derm_cv_text(&c->image, u - width_px / 2 + dx, v + t / 2 + dy, text, t,
                                  derm_ink[DERM_INK_WHITE], c->err));
    return derm_cv_text(&c->image, u - width_px / 2, v + t / 2, text, t, derm_ink[DERM_INK_BLACK],
                        c->err);
}
