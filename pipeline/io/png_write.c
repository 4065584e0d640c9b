/* SPDX-License-Identifier: Apache-2.0 */
#include "io/png_write.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "base/file.h"

struct picture {
    uint8_t *px;
    int w, h;
    ptrdiff_t stride; /* bytes */
    int colour_type, zlib_level;
};

/* Zlib's effort: overlays are looked at once, and level 9 costs ten times level 3; layers travel
 * inside a page, and are mostly empty. */
enum { QUICK_LEVEL = 3, SMALL_LEVEL = 9 };

struct buffer {
    uint8_t *data;
    size_t used, capacity;
    const char *why; /* it failed */
};

static void on_error(png_structp png, png_const_charp text)
{
    struct buffer *const b = png_get_error_ptr(png);

    b->why = text;
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void on_write(png_structp png, png_bytep data, size_t size)
{
    struct buffer *const b = png_get_io_ptr(png);

    if (size > b->capacity - b->used) {
        const size_t capacity = 2 * b->capacity + size;
        uint8_t *const grown = realloc(b->data, capacity);
        if (!grown) png_error(png, "not enough memory");
        b->data = grown;
        b->capacity = capacity;
    }
    memcpy(b->data + b->used, data, size);
    b->used += size;
}

static void on_flush(png_structp png)
{
    (void)png;
}

static derm_err encode(png_structp png, png_infop info, const struct picture *p)
{
    if (setjmp(png_jmpbuf(png))) return DERM_ENOMEM;
    png_set_compression_level(png, p->zlib_level);
    png_set_IHDR(png, info, (png_uint_32)p->w, (png_uint_32)p->h, 8, p->colour_type,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_write_info(png, info);
    for (int y = 0; y < p->h; y++)
        png_write_row(png, p->px + y * p->stride);
    png_write_end(png, info);
    return DERM_OK;
}

/* Into *b, whose data the caller frees. */
static derm_err encode_png(struct buffer *b, const struct picture *p)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, b, on_error, on_warning);
    png_infop info = NULL;
    derm_err code = DERM_ENOMEM;

    b->why = "not enough memory";
    if (png) info = png_create_info_struct(png);
    if (info) {
        png_set_write_fn(png, b, on_write, on_flush);
        code = encode(png, info, p);
    }
    png_destroy_write_struct(&png, &info);
    return code;
}

static derm_err write_png(const char *path, const struct picture *p, struct derm_error *err)
{
    struct buffer b = { 0 };
    derm_err code = encode_png(&b, p);

    code = code == DERM_OK ? derm_file_write(path, b.data, b.used, err)
                           : derm_fail(err, code, "%s cannot be written: %s", path, b.why);
    free(b.data);
    return code;
}

derm_err derm_png_write_rgb(const char *path, const struct derm_rgb8 *picture,
                            struct derm_error *err)
{
    const struct picture p = { picture->px,     picture->w,         picture->h,
                               picture->stride, PNG_COLOR_TYPE_RGB, QUICK_LEVEL };

    return write_png(path, &p, err);
}

derm_err derm_png_write_grey(const char *path, const struct derm_mask *picture,
                             struct derm_error *err)
{
    const struct picture p = { picture->px,     picture->w,          picture->h,
                               picture->stride, PNG_COLOR_TYPE_GRAY, QUICK_LEVEL };

    return write_png(path, &p, err);
}

derm_err derm_png_encode_rgba(uint8_t *rgba, int w, int h, struct derm_arena *keep,
                              struct derm_bytes *out)
{
    const struct picture p = { rgba, w, h, 4 * (ptrdiff_t)w, PNG_COLOR_TYPE_RGBA, SMALL_LEVEL };
    struct buffer b = { 0 };
    derm_err code = encode_png(&b, &p);
    uint8_t *copy = NULL;

    if (code != DERM_OK)
        derm_fail(keep->err, code, "a layer cannot be encoded: %s", b.why);
    else
        code = derm_arena_raw(keep, &copy, b.used, 1);
    if (code == DERM_OK) memcpy(copy, b.data, b.used);
    *out = (struct derm_bytes){ copy, code == DERM_OK ? b.used : 0 };
    free(b.data);
    return code;
}
