/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DERM_IO_JPEG_WRITE_H
#define DERM_IO_JPEG_WRITE_H

#include "base/plane.h"
#include "io/codec.h"

/* A picture as a JPEG in memory that lies in keep: baseline, without any metadata. quality: 1..100.
 * The same bytes on every processor: libjpeg-turbo's accurate integer DCT. */
derm_err derm_jpeg_encode(const struct derm_rgb8 *picture, int quality, struct derm_arena *keep,
                          struct derm_bytes *out) DERM_MUST_CHECK;

#endif
