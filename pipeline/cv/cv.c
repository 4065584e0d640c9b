/* SPDX-License-Identifier: Apache-2.0 */
/* Loads the module that is linked to OpenCV, when the first shape is asked for: with the thirty
 * libraries that OpenCV itself needs it takes longer to load than a small photo to analyse, and a
 * close-up without pictures needs no shape. */
#define _POSIX_C_SOURCE 200809L /* dlopen */
#include "cv/cv.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include <opencv2/core/version.hpp> /* preprocessor only */

#include "cv/calls.h"

static struct {
    pthread_once_t once;
    const struct derm_cv_calls *calls; /* NULL: it cannot be loaded */
    char why[256];
} module = { .once = PTHREAD_ONCE_INIT };

/* The module stays for as long as the process. */
static void load(void)
{
    void *const library = dlopen(DERM_CV_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    const char *why;

    if (library) module.calls = dlsym(library, "derm_cv_calls");
    if (module.calls) return;
    why = dlerror();
    snprintf(module.why, sizeof(module.why), "%s", why ? why : "no reason given");
}

static derm_err open_module(struct derm_error *err)
{
    pthread_once(&module.once, load);
    if (module.calls) return DERM_OK;
    return derm_fail(err, DERM_ECV, "OpenCV cannot be loaded: %s", module.why);
}

const char *derm_cv_version(void)
{
    return CV_VERSION;
}

derm_err derm_cv_check(struct derm_error *err)
{
    DERM_TRY(open_module(err));
    if (module.calls->dispatch_is_off()) return DERM_OK;
    return derm_fail(err, DERM_ECV, "OpenCV's own choice of code path cannot be switched off");
}

derm_err derm_cv_fill(struct derm_mask *mask, const struct derm_cv_point *point, int n,
                      uint8_t value, struct derm_error *err)
{
    DERM_TRY(open_module(err));
    return module.calls->fill(mask, point, n, value, err);
}

derm_err derm_cv_outline(struct derm_rgb8 *picture, const struct derm_mask *mask,
                         const uint8_t rgb[3], double width, struct derm_error *err)
{
    DERM_TRY(open_module(err));
    return module.calls->outline(picture, mask, rgb, width, err);
}

derm_err derm_cv_text(struct derm_rgb8 *picture, double x, double y, const char *text,
                      double height, const uint8_t rgb[3], struct derm_error *err)
{
    DERM_TRY(open_module(err));
    return module.calls->text(picture, x, y, text, height, rgb, err);
}

derm_err derm_cv_text_width(const char *text, double height, double *width_px,
                            struct derm_error *err)
{
    DERM_TRY(open_module(err));
    return module.calls->text_width(text, height, width_px, err);
}

derm_err derm_cv_line(struct derm_rgb8 *picture, const struct derm_cv_point *point, int n,
                      int closed, const uint8_t rgb[3], double width, struct derm_error *err)
{
    DERM_TRY(open_module(err));
    return module.calls->line(picture, point, n, closed, rgb, width, err);
}

derm_err derm_cv_circle(struct derm_rgb8 *picture, double x, double y, double radius,
                        const uint8_t rgb[3], double width, struct derm_error *err)
{
    DERM_TRY(open_module(err));
    return module.calls->circle(picture, x, y, radius, rgb, width, err);
}

derm_err derm_cv_resize(struct derm_rgb8 *dst, const struct derm_rgb8 *src, struct derm_error *err)
{
    DERM_TRY(open_module(err));
    return module.calls->resize(dst, src, err);
}
