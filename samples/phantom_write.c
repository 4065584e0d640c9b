/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a picture as JPEG (4:2:0, EXIF, profile) or PNG. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <math.h>
#include <png.h>

#include "phantom_samples.h"

static size_t put(uint8_t *out, size_t at, uint64_t value, int bytes) /* big-endian */
{
    for (int i = 0; i < bytes; i++)
        out[at + (size_t)i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
    return at + (size_t)bytes;
}

static size_t put_text(uint8_t *out, size_t at, const char *text, size_t bytes)
{
    memcpy(out + at, text, bytes);
    return at + bytes;
}

static size_t put_xyz(uint8_t *out, size_t at, const double xyz[3])
{
    at = put_text(out, at, "XYZ \0\0\0\0", 8);
    for (int i = 0; i < 3; i++)
        at = put(out, at, (uint32_t)(int32_t)lround(xyz[i] * 65536), 4);
    return at;
}

/* ICC.1:2001 (version 2) matrix profile. Colorants of Display-P3 adapted to D50. */
size_t phantom_p3_profile(uint8_t *out, size_t size)
{
    static const double colour[4][3] = { { 0.96420, 1, 0.82491 },
                                         { 0.51512, 0.24120, -0.00105 },
                                         { 0.29198, 0.69225, 0.04189 },
                                         { 0.15710, 0.06657, 0.78407 } };
    static const char *const tag[9] = { "desc", "cprt", "wtpt", "rXYZ", "gXYZ",
                                        "bXYZ", "rTRC", "gTRC", "bTRC" };
    enum { CURVE = 256, HEAD = 128 + 4 + 9 * 12, DESC = 104, CPRT = 12, XYZ = 20 };
    const size_t curve = HEAD + DESC + CPRT + 4 * XYZ, total = curve + 12 + 2 * CURVE;
    size_t at;

    if (size < total) return 0;
    memset(out, 0, total);
    put(out, 0, total, 4);
    put(out, 8, 0x02100000, 4);
    put_text(out, 12, "mntrRGB XYZ ", 12);
    put_text(out, 36, "acsp", 4);
    put(out, 68, 0xf6d6, 4); /* D50 */
    put(out, 72, 0x10000, 4);
    put(out, 76, 0xd32d, 4);
    put(out, 128, 9, 4);
    for (size_t i = 0; i < 9; i++) {
        const size_t where = i == 0   ? HEAD
                             : i == 1 ? HEAD + DESC
                             : i < 6  ? HEAD + DESC + CPRT + (i - 2) * XYZ
                                      : curve;
        const size_t bytes = i == 0 ? DESC : i == 1 ? CPRT : i < 6 ? XYZ : 12 + 2 * CURVE;
        put_text(out, 132 + 12 * i, tag[i], 4);
        put(out, 136 + 12 * i, where, 4);
        put(out, 140 + 12 * i, bytes, 4);
    }
    at = put_text(out, HEAD, "desc\0\0\0\0\0\0\0\13Display P3", 22);
    put_text(out, HEAD + DESC, "text\0\0\0\0CC0", 12);
    at = HEAD + DESC + CPRT;
    for (int i = 0; i < 4; i++)
        at = put_xyz(out, at, colour[i]);
    at = put_text(out, at, "curv\0\0\0\0", 8);
    at = put(out, at, CURVE, 4);
    for (int i = 0; i < CURVE; i++) {
        const double v = i / (CURVE - 1.0);
        const double linear = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
        at = put(out, at, (uint64_t)lround(65535 * linear), 2);
    }
    return total;
}

/* EXIF with camera, orientation and time; returns its length. */
static size_t exif_block(uint8_t out[256], const char *captured_at)
{
    enum { TIFF = 6, MAKE = 86, DATE = 96 }; /* offsets from the TIFF header but for TIFF itself */
    size_t at = put_text(out, 0, "Exif\0\0MM\0*\0\0\0\10", 14);

    at = put(out, at, 4, 2);
    at = put(out, at, 0x010f0002, 4), at = put(out, at, 8, 4), at = put(out, at, MAKE, 4);
    at = put(out, at, 0x01100002, 4), at = put(out, at, 8, 4), at = put(out, at, MAKE, 4);
    at = put(out, at, 0x01120003, 4), at = put(out, at, 1, 4), at = put(out, at, 0x10000, 4);
    at = put(out, at, 0x87690004, 4), at = put(out, at, 1, 4), at = put(out, at, 62, 4);
    at = put(out, at, 0, 4);
    at = put(out, at, 1, 2);
    at = put(out, at, 0x90030002, 4), at = put(out, at, 20, 4), at = put(out, at, DATE, 4);
    at = put(out, at, 0, 4);
    memset(out + at, 0, 256 - at);
    put_text(out, TIFF + MAKE, "phantom", 8);
    put_text(out, TIFF + DATE, captured_at, strlen(captured_at) < 19 ? strlen(captured_at) : 19);
    return TIFF + DATE + 20;
}

static void profile_marker(struct jpeg_compress_struct *c)
{
    uint8_t data[2048] = "ICC_PROFILE\0\1\1";
    const size_t n = phantom_p3_profile(data + 14, sizeof(data) - 14);

    jpeg_write_marker(c, JPEG_APP0 + 2, data, (unsigned)(n + 14));
}

/* libjpeg's own handler prints the message and ends the program, which suits a tool for tests. */
static void write_jpeg(FILE *file, const struct phantom_rgb8 *picture,
                       const struct phantom_file *how)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr err;
    uint8_t exif[256];

    c.err = jpeg_std_error(&err);
    jpeg_create_compress(&c);
    jpeg_stdio_dest(&c, file);
    c.image_width = (JDIMENSION)picture->w;
    c.image_height = (JDIMENSION)picture->h;
    c.input_components = 3;
    c.in_color_space = JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, how->jpeg_quality, TRUE);
    c.dct_method = JDCT_ISLOW;
    c.optimize_coding = TRUE;
    c.write_JFIF_header = FALSE;
    jpeg_start_compress(&c, TRUE);
    if (how->captured_at)
        jpeg_write_marker(&c, JPEG_APP0 + 1, exif, (unsigned)exif_block(exif, how->captured_at));
    if (picture->p3) profile_marker(&c);
    while (c.next_scanline < c.image_height) {
        JSAMPROW row = picture->px + (size_t)c.next_scanline * 3 * (size_t)picture->w;
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
}

struct png_rows {
    const uint8_t *px;
    size_t row_bytes;
    int w, h, depth, type;
    int p3;
};

static int write_png(FILE *file, const struct png_rows *rows)
{
    const uint16_t one = 1;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    uint8_t profile[2048];

    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return -1;
    }
    png_init_io(png, file);
    png_set_compression_level(png, 3);
    png_set_IHDR(png, info, (png_uint_32)rows->w, (png_uint_32)rows->h, rows->depth, rows->type,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (rows->p3)
        png_set_iCCP(png, info, "Display P3", PNG_COMPRESSION_TYPE_BASE, profile,
                     (png_uint_32)phantom_p3_profile(profile, sizeof(profile)));
    png_write_info(png, info);
    if (rows->depth == 16 && *(const uint8_t *)&one) png_set_swap(png); /* PNG is big-endian */
    for (int y = 0; y < rows->h; y++)
        png_write_row(png, rows->px + (size_t)y * rows->row_bytes);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return 0;
}

static int done(FILE *file, int bad, const char *path)
{
    if (!file || (fclose(file) | bad)) {
        fprintf(stderr, "phantom: cannot write %s\n", path);
        return -1;
    }
    return 0;
}

int phantom_write(const char *path, const struct phantom_rgb8 *picture,
                  const struct phantom_file *how)
{
    const struct png_rows rows = { picture->px, 3 * (size_t)picture->w, picture->w, picture->h,
                                   8,           PNG_COLOR_TYPE_RGB,     picture->p3 };
    FILE *const file = fopen(path, "wb");
    int bad = 0;

    if (file && how->jpeg_quality)
        write_jpeg(file, picture, how);
    else if (file)
        bad = write_png(file, &rows);
    return done(file, bad, path);
}

int phantom_write_grey(const char *path, const struct phantom_grey16 *grey)
{
    const struct png_rows rows = {
        (const uint8_t *)grey->px, 2 * (size_t)grey->w, grey->w, grey->h, 16, PNG_COLOR_TYPE_GRAY, 0
    };
    FILE *const file = fopen(path, "wb");

    return done(file, file ? write_png(file, &rows) : 0, path);
}
