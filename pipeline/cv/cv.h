/* SPDX-License-Identifier: Apache-2.0 */
/* OpenCV behind a pure C interface. It finds positions and shapes; it never touches a measured
 * pixel. No cv:: type, exception or allocation crosses this header. OpenCV runs on one thread and
 * on its baseline code path (its CPU dispatch changes results). It is loaded by the first call,
 * from any thread; DERM_ECV when it cannot be. */
#ifndef DERM_CV_H
#define DERM_CV_H

#include <stdint.h>

#include "base/plane.h"

#ifdef __cplusplus
extern "C" {
#endif

const char *derm_cv_version(void);
/* DERM_ECV when OpenCV cannot be loaded, or would choose its code path by the processor. */
derm_err derm_cv_check(struct derm_error *err) DERM_MUST_CHECK;

/* ---- shapes.cpp */
struct derm_cv_point {
    float x, y; /* pixel-centre coordinates */
};
/* Fills the polygon (even-odd), its boundary included, with value. Fewer than 3 points: nothing. */
derm_err derm_cv_fill(struct derm_mask *mask, const struct derm_cv_point *point, int n,
                      uint8_t value, struct derm_error *err) DERM_MUST_CHECK;

/* Outlines of the set pixels of mask, drawn anti-aliased on the picture, width in pixels. A mask of
 * another size is stretched over the picture. */
derm_err derm_cv_outline(struct derm_rgb8 *picture, const struct derm_mask *mask,
                         const uint8_t rgb[3], double width,
                         struct derm_error *err) DERM_MUST_CHECK;

/* Anti-aliased drawing for overlays; ASCII only. (x, y): left end of the base line; height: of
 * capital letters, px. */
derm_err derm_cv_text(struct derm_rgb8 *picture, double x, double y, const char *text,
                      double height, const uint8_t rgb[3], struct derm_error *err) DERM_MUST_CHECK;
derm_err derm_cv_text_width(const char *text, double height, double *width_px,
                            struct derm_error *err) DERM_MUST_CHECK;
derm_err derm_cv_line(struct derm_rgb8 *picture, const struct derm_cv_point *point, int n,
                      int closed, const uint8_t rgb[3], double width,
                      struct derm_error *err) DERM_MUST_CHECK;
/* width 0 fills the disc. */
derm_err derm_cv_circle(struct derm_rgb8 *picture, double x, double y, double radius,
                        const uint8_t rgb[3], double width, struct derm_error *err) DERM_MUST_CHECK;
/* Resizes with area averaging (down) or cubic (up), for pictures only. */
derm_err derm_cv_resize(struct derm_rgb8 *dst, const struct derm_rgb8 *src,
                        struct derm_error *err) DERM_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
