/* SPDX-License-Identifier: Apache-2.0 */
/* What the module that is linked to OpenCV gives to cv.c, which loads it: cv.h says what each does.
 */
#ifndef DERM_CV_CALLS_H
#define DERM_CV_CALLS_H

#include "cv/cv.h"

#ifdef __cplusplus
extern "C" {
#endif

struct derm_cv_calls {
    int (*dispatch_is_off)(void); /* OpenCV takes the same code path on every processor */
    derm_err (*fill)(struct derm_mask *mask, const struct derm_cv_point *point, int n,
                     uint8_t value, struct derm_error *err);
    derm_err (*outline)(struct derm_rgb8 *picture, const struct derm_mask *mask,
                        const uint8_t rgb[3], double width, struct derm_error *err);
    derm_err (*text)(struct derm_rgb8 *picture, double x, double y, const char *text, double height,
                     const uint8_t rgb[3], struct derm_error *err);
    derm_err (*text_width)(const char *text, double height, double *width_px,
                           struct derm_error *err);
    derm_err (*line)(struct derm_rgb8 *picture, const struct derm_cv_point *point, int n,
                     int closed, const uint8_t rgb[3], double width, struct derm_error *err);
    derm_err (*circle)(struct derm_rgb8 *picture, double x, double y, double radius,
                       const uint8_t rgb[3], double width, struct derm_error *err);
    derm_err (*resize)(struct derm_rgb8 *dst, const struct derm_rgb8 *src, struct derm_error *err);
};

/* The module's one symbol. OpenCV is set up when the module is loaded. */
extern const struct derm_cv_calls derm_cv_calls __attribute__((visibility("default")));

#ifdef __cplusplus
}
#endif
#endif
