/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DERM_IO_PNG_WRITE_H
#define DERM_IO_PNG_WRITE_H

#include "base/plane.h"
#include "io/codec.h"

/* Pictures as PNG files, 8 bits per sample, sRGB; they appear whole or not at all. */
derm_err derm_png_write_rgb(const char *path, const struct derm_rgb8 *picture,
                            struct derm_error *err) DERM_MUST_CHECK;
derm_err derm_png_write_grey(const char *path, const struct derm_mask *picture,
                             struct derm_error *err) DERM_MUST_CHECK;

/* A picture with opacity (not multiplied into the colours), rows of w x 4 bytes without gaps, as a
 * PNG in memory that lies in keep. */
derm_err derm_png_encode_rgba(uint8_t *rgba, int w, int h, struct derm_arena *keep,
                              struct derm_bytes *out) DERM_MUST_CHECK;

#endif
