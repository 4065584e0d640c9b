/* SPDX-License-Identifier: Apache-2.0 */
/* A sheet to draw on: title, photo, legend. Colours are the palette of Okabe & Ito (2008), which
 * colour-blind people can tell apart. */
#ifndef DERM_REPORT_CANVAS_H
#define DERM_REPORT_CANVAS_H

#include "base/plane.h"

struct derm_canvas {
    struct derm_rgb8 sheet, image; /* the whole; the photo's part of it */
    int image_y;                   /* row of the sheet at which the image begins */
    double zoom;                   /* image px per grid px */
    double text_px;                /* height of capital letters */
    double legend_x, legend_y;     /* where the next entry goes */
    struct derm_error *err;
};

enum derm_ink {
    DERM_INK_BLACK,
    DERM_INK_WHITE,
    DERM_INK_GREY,
    DERM_INK_ORANGE,
    DERM_INK_SKY,
    DERM_INK_GREEN,
    DERM_INK_YELLOW,
    DERM_INK_BLUE,
    DERM_INK_RED,
    DERM_INK_PURPLE,
    DERM_INK_COUNT
};
extern const uint8_t derm_ink[DERM_INK_COUNT][3];

/* photo is stretched or shrunk to a readable size; grid_w x grid_h is the size of the masks and the
 * coordinates that will be drawn. */
derm_err derm_canvas_new(struct derm_canvas *c, struct derm_arena *arena,
                         const struct derm_rgb8 *photo, int grid_w, int grid_h,
                         struct derm_error *err) DERM_MUST_CHECK;

/* Greys and hatches what is not set in mask (on the grid). */
void derm_canvas_dim(struct derm_canvas *c, const struct derm_mask *mask);

/* Lays a colour over what is set in mask; share 0..1. */
void derm_canvas_tint(struct derm_canvas *c, const struct derm_mask *mask, enum derm_ink ink,
                      double share);

derm_err derm_canvas_title(struct derm_canvas *c, const char *title,
                           const char *subtitle) DERM_MUST_CHECK;
derm_err derm_canvas_legend(struct derm_canvas *c, enum derm_ink ink,
                            const char *text) DERM_MUST_CHECK;

/* A bar of a round length; px_per_unit: grid px. */
derm_err derm_canvas_scale_bar(struct derm_canvas *c, double px_per_unit,
                               const char *unit) DERM_MUST_CHECK;

/* With a white rim, so that they stand out on any skin. Grid coordinates. */
derm_err derm_canvas_outline(struct derm_canvas *c, const struct derm_mask *mask,
                             enum derm_ink ink) DERM_MUST_CHECK;
derm_err derm_canvas_circle(struct derm_canvas *c, double x, double y, double radius,
                            enum derm_ink ink) DERM_MUST_CHECK;
derm_err derm_canvas_label(struct derm_canvas *c, double x, double y,
                           const char *text) DERM_MUST_CHECK;

#endif
