/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures encoded in memory, to be decoded by what is tested. Errors of the encoders abort. */
#ifndef DERM_TEST_ENCODE_H
#define DERM_TEST_ENCODE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

#include "io/codec.h"

struct encoded { /* free(data) */
    uint8_t *data;
    size_t size;
};

struct encode_jpeg {
    int quality;
    bool progressive, arithmetic, full_chroma, separate_scans;
    J_COLOR_SPACE space; /* of the samples: JCS_RGB, JCS_GRAYSCALE, JCS_CMYK */
    int channels;
    const uint8_t *app1, *app2; /* markers to add, or NULL */
    size_t app1_size, app2_size;
};

static inline struct encoded encode_jpeg(const struct encode_jpeg *o, const uint8_t *px, int w,
                                         int h)
{
    static const jpeg_scan_info scans[3] = { { 1, { 0 }, 0, 63, 0, 0 },
                                             { 1, { 1 }, 0, 63, 0, 0 },
                                             { 1, { 2 }, 0, 63, 0, 0 } };
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned char *data = NULL;
    unsigned long size = 0;

    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &data, &size);
    c.image_width = (JDIMENSION)w;
    c.image_height = (JDIMENSION)h;
    c.input_components = o->channels;
    c.in_color_space = o->space;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, o->quality, TRUE);
    if (o->full_chroma) c.comp_info[0].h_samp_factor = c.comp_info[0].v_samp_factor = 1;
    if (o->progressive) jpeg_simple_progression(&c);
    if (o->separate_scans) {
        c.scan_info = scans;
        c.num_scans = 3;
    }
    c.arith_code = o->arithmetic;
    jpeg_start_compress(&c, TRUE);
    if (o->app1) jpeg_write_marker(&c, JPEG_APP0 + 1, o->app1, (unsigned)o->app1_size);
    if (o->app2) jpeg_write_icc_profile(&c, o->app2, (unsigned)o->app2_size);
    for (int y = 0; y < h; y++) {
        uint8_t row[3 * 4096];
        JSAMPROW rows[1] = { row };
        memcpy(row, px + (size_t)y * (size_t)(w * o->channels), (size_t)(w * o->channels));
        jpeg_write_scanlines(&c, rows, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    return (struct encoded){ data, size };
}

struct encode_png {
    int colour_type, bits;
    bool interlaced;
    const uint8_t *icc, *exif;
    size_t icc_size, exif_size;
    double gamma;               /* gAMA; 0: none */
    bool srgb;                  /* sRGB chunk */
    const png_color *palette;   /* 1 << bits entries */
    const png_color_16 *hidden; /* tRNS of grey or RGB */
    const uint8_t *opacity;     /* tRNS of a palette, 1 << bits entries */
};

static inline void encode_png_write(png_structp png, png_bytep data, size_t size)
{
    struct encoded *const e = png_get_io_ptr(png);

    e->data = realloc(e->data, e->size + size);
    if (!e->data) abort();
    memcpy(e->data + e->size, data, size);
    e->size += size;
}

static inline void encode_png_flush(png_structp png)
{
    (void)png;
}

/* px: rows as PNG stores them, 16 bits in native order. */
static inline struct encoded encode_png(const struct encode_png *o, const void *px,
                                        size_t row_bytes, int w, int h)
{
    struct encoded e = { 0 };
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_bytep *const rows = calloc((size_t)h, sizeof(*rows));

    png_set_write_fn(png, &e, encode_png_write, encode_png_flush);
    png_set_IHDR(png, info, (png_uint_32)w, (png_uint_32)h, o->bits, o->colour_type,
                 o->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
    if (o->palette) png_set_PLTE(png, info, o->palette, 1 << o->bits);
    if (o->opacity) png_set_tRNS(png, info, o->opacity, 1 << o->bits, NULL);
    if (o->hidden) png_set_tRNS(png, info, NULL, 0, o->hidden);
    if (o->icc) png_set_iCCP(png, info, "icc", 0, o->icc, (png_uint_32)o->icc_size);
    if (o->gamma > 0) png_set_gAMA(png, info, o->gamma);
    if (o->srgb) png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    if (o->exif) {
        uint8_t *const copy = malloc(o->exif_size);
        if (!copy) abort();
        memcpy(copy, o->exif, o->exif_size);
        png_set_eXIf_1(png, info, (png_uint_32)o->exif_size, copy);
        free(copy);
    }
    for (int y = 0; y < h; y++) {
        rows[y] = malloc(row_bytes);
        if (!rows[y]) abort();
        memcpy(rows[y], (const uint8_t *)px + (size_t)y * row_bytes, row_bytes);
    }
    png_write_info(png, info);
    if (o->bits == 16) png_set_swap(png);
    png_write_image(png, rows);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    for (int y = 0; y < h; y++)
        free(rows[y]);
    free(rows);
    return e;
}

/* A decoder's whole output, for small pictures. */
struct unpacked {
    struct derm_error err;
    struct derm_arena arena;
    struct derm_picture picture;
    uint8_t *rgb, *opaque; /* rows without padding; malloc */
};

static inline derm_err unpack_rows(struct unpacked *u, struct derm_decoder *d)
{
    const size_t w = (size_t)u->picture.width, h = (size_t)u->picture.height;
    const size_t row = 3 * w * (size_t)u->picture.bits / 8;

    u->rgb = calloc(h, row);
    u->opaque = calloc(h, w);
    if (!u->rgb || !u->opaque) abort();
    for (size_t y = 0; y < h; y++)
        DERM_TRY(derm_decoder_row(d, u->rgb + y * row, u->opaque + y * w));
    return DERM_OK;
}

/* unpack_free it whatever comes back. */
static inline derm_err unpack(struct unpacked *u, struct encoded e, uint64_t max_pixels)
{
    struct derm_decoder *d;
    derm_err code;

    memset(u, 0, sizeof(*u));
    DERM_TRY(derm_arena_init(&u->arena, (size_t)256 << 20, &u->err));
    DERM_TRY(derm_decoder_open(&d, &u->arena, (struct derm_bytes){ e.data, e.size }, "photo",
                               max_pixels, &u->err));
    u->picture = *derm_decoder_picture(d);
    code = unpack_rows(u, d);
    derm_decoder_close(d);
    return code;
}

static inline void unpack_free(struct unpacked *u)
{
    free(u->rgb);
    free(u->opaque);
    derm_arena_free(&u->arena);
}

#endif
