/* SPDX-License-Identifier: Apache-2.0 */
/* One decoder run on hostile bytes, with limits so small that the fuzzer stays fast. */
#ifndef DERM_FUZZ_DECODE_BYTES_H
#define DERM_FUZZ_DECODE_BYTES_H

#include <stdlib.h>
#include <string.h>

#include "io/codec.h"
#include "io/exif.h"

enum { FUZZ_PIXELS = 1 << 16, FUZZ_ARENA = 16 << 20 };

/* Rows are decoded and turned to light, EXIF is read; a failure must have a text. */
static inline void fuzz_decode(const uint8_t *data, size_t size)
{
    static struct derm_error err;
    static struct derm_arena arena;
    struct derm_decoder *d;
    struct derm_colour colour;
    const struct derm_picture *p;
    struct derm_exif exif;
    float *lin;
    uint8_t *row, *opaque;
    derm_err code;

    err = (struct derm_error){ 0 };
    if (!arena.base && derm_arena_init(&arena, FUZZ_ARENA, &err) != DERM_OK) abort();
    derm_arena_reset(&arena, 0);
    code = derm_decoder_open(&d, &arena, (struct derm_bytes){ data, size }, "photo", FUZZ_PIXELS,
                             &err);
    if (code != DERM_OK) {
        if (err.code != code || strlen(err.text) == 0) abort();
        return;
    }
    p = derm_decoder_picture(d);
    derm_exif_read(&exif, p->exif);
    code = derm_colour_open(&colour, &arena, &p->colour, p->bits, p->grey, &err);
    if (code == DERM_OK) code = derm_arena_new(&arena, &lin, (size_t)p->width, 3 * sizeof(*lin));
    if (code == DERM_OK) code = derm_arena_new(&arena, &row, (size_t)p->width, 6);
    if (code == DERM_OK) code = derm_arena_new(&arena, &opaque, (size_t)p->width, 1);
    for (int y = 0; y < p->height && code == DERM_OK; y++) {
        code = derm_decoder_row(d, row, opaque);
        if (code == DERM_OK) derm_colour_row(&colour, lin, row, p->width);
    }
    if (err.code != code || (code != DERM_OK && strlen(err.text) == 0)) abort();
    derm_colour_close(&colour);
    derm_decoder_close(d);
}

#endif
