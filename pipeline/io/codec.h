/* SPDX-License-Identifier: Apache-2.0 */
/* Untrusted bytes -> rows of pixels. A pull decoder: open (header only; limits are checked before
 * anything of the picture's size is allocated), one row at a time, close.
 *
 * Damaged and truncated files are errors: what could be read of them is never handed out as if it
 * were the picture. Errors name the file as `name`. */
#ifndef DERM_IO_CODEC_H
#define DERM_IO_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "color/icc.h"

struct derm_bytes {
    const uint8_t *data;
    size_t size;
};

struct derm_picture {       /* the header */
    const char *format;     /* "jpeg" or "png" */
    int width, height;      /* as stored: before EXIF orientation */
    int bits;               /* of a sample in a row: 8, or 16 in native byte order */
    bool grey;              /* one channel in the file; rows have R = G = B */
    bool alpha;             /* some pixels may be transparent */
    int jpeg_quality;       /* 1..100, of the nearest standard table (IJG); 0: not a JPEG */
    bool chroma_subsampled; /* JPEG with less chroma than luma */
    struct derm_bytes exif; /* TIFF structure without the "Exif" header; size 0: none */
    struct derm_colour_tags colour;
};

struct derm_decoder;

/* The file's bytes must outlive the decoder; the decoder and what the picture points to live in
 * the arena. Close it also after a failed row; not after a failed open. */
derm_err derm_decoder_open(struct derm_decoder **out, struct derm_arena *arena,
                           struct derm_bytes file, const char *name, uint64_t max_pixels,
                           struct derm_error *err) DERM_MUST_CHECK;
const struct derm_picture *derm_decoder_picture(const struct derm_decoder *d);

/* The next row from the top: rgb takes 3 x width samples of picture->bits. opaque takes width
 * bytes, 0xff, or 0x00 where the pixel is not fully opaque. With the last row the rest of the file
 * is checked. */
derm_err derm_decoder_row(struct derm_decoder *d, void *rgb, uint8_t *opaque) DERM_MUST_CHECK;
void derm_decoder_close(struct derm_decoder *d);

#endif
