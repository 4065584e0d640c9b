/* SPDX-License-Identifier: Apache-2.0 */
/* PNG through libpng's low-level API: every colour type and bit depth, interlaced, tRNS. No gamma
 * conversion and no compositing: samples come out as stored, transparency as a mask.
 *
 * libpng's memory is bounded by the limits set before the header is read, and by an allocator of
 * our own: libpng takes a chunk's word for its length before it has seen the chunk. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "io/decoder.h"

enum {
    MAX_SIDE = 1000000,         /* pixels; the pixel count is checked by the caller */
    MAX_CHUNK_BYTES = 16 << 20, /* of one chunk, inflated: profiles are below 4 MiB */
    MAX_CHUNKS = 64,            /* of those that libpng keeps */
    MAX_BLOCK_BYTES = 32 << 20, /* of one allocation: a row of MAX_SIDE takes 8 MB */
};

struct png_state {
    png_structp png;
    png_infop info;
    size_t at;      /* bytes of the file consumed */
    bool truncated; /* asked for more than there is */
    char text[128];
    size_t row_bytes;
    uint8_t *rows; /* interlaced: the whole picture; else one row */
};

static void on_error(png_structp png, png_const_charp text)
{
    struct png_state *const s = png_get_error_ptr(png);

    snprintf(s->text, sizeof(s->text), "%s", text);
    png_longjmp(png, 1);
}

/* Odd metadata, which libpng drops. Damaged pixels are errors. */
static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static png_voidp allocate(png_structp png, png_alloc_size_t size)
{
    (void)png;
    return size <= MAX_BLOCK_BYTES ? malloc(size) : NULL;
}

static void release(png_structp png, png_voidp block)
{
    (void)png;
    free(block);
}

static void on_read(png_structp png, png_bytep out, size_t count)
{
    struct derm_decoder *const d = png_get_io_ptr(png);
    struct png_state *const s = d->state;

    if (count > d->file.size - s->at) {
        s->truncated = true;
        png_error(png, "the file ends");
    }
    memcpy(out, d->file.data + s->at, count);
    s->at += count;
}

static derm_err report(const struct derm_decoder *d)
{
    const struct png_state *const s = d->state;

    if (s->truncated)
        return derm_fail(d->err, DERM_ETRUNCATED,
                         "%s ends before the picture is complete: copy the photo again", d->name);
    return derm_fail(d->err, DERM_EMALFORMED, "%s is a damaged PNG: copy the photo again (%s)",
                     d->name, s->text);
}

static bool knows(struct derm_bytes file)
{
    return file.size >= 8 && png_sig_cmp(file.data, 0, 8) == 0;
}

static void read_colour(struct derm_decoder *d)
{
    struct png_state *const s = d->state;
    struct derm_colour_tags *const tags = &d->picture.colour;
    png_charp name;
    png_bytep icc;
    png_uint_32 icc_size = 0;
    int intent, compression;

    if (png_get_iCCP(s->png, s->info, &name, &compression, &icc, &icc_size) != 0) {
        tags->icc = icc; /* libpng keeps it until the decoder is closed */
        tags->icc_size = icc_size;
    }
    tags->srgb = png_get_sRGB(s->png, s->info, &intent) != 0;
    if (png_get_gAMA(s->png, s->info, &tags->gamma) == 0) tags->gamma = 0.0;
    tags->has_primaries =
        png_get_cHRM(s->png, s->info, &tags->white.x, &tags->white.y, &tags->red.x, &tags->red.y,
                     &tags->green.x, &tags->green.y, &tags->blue.x, &tags->blue.y) != 0;
}

static void describe(struct derm_decoder *d)
{
    struct png_state *const s = d->state;
    const int type = png_get_color_type(s->png, s->info);
    png_bytep exif;
    png_uint_32 exif_size = 0;

    d->picture.format = "png";
    d->picture.width = (int)png_get_image_width(s->png, s->info);
    d->picture.height = (int)png_get_image_height(s->png, s->info);
    d->picture.bits = png_get_bit_depth(s->png, s->info) == 16 ? 16 : 8;
    d->picture.grey = (type & PNG_COLOR_MASK_COLOR) == 0;
    d->picture.alpha =
        (type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(s->png, s->info, PNG_INFO_tRNS) != 0;
    if (png_get_eXIf_1(s->png, s->info, &exif_size, &exif) != 0)
        d->picture.exif = (struct derm_bytes){ exif, exif_size };
    read_colour(d);
}

static derm_err read_header(struct derm_decoder *d)
{
    static const png_byte unused[] = "tEXt\0zTXt\0iTXt\0sPLT\0hIST\0pCAL\0sCAL";
    struct png_state *const s = d->state;

    if (setjmp(png_jmpbuf(s->png))) return report(d);
    png_set_read_fn(s->png, d, on_read);
    png_set_user_limits(s->png, MAX_SIDE, MAX_SIDE);
    png_set_chunk_malloc_max(s->png, MAX_CHUNK_BYTES);
    png_set_chunk_cache_max(s->png, MAX_CHUNKS);
    png_set_keep_unknown_chunks(s->png, PNG_HANDLE_CHUNK_NEVER, unused, sizeof(unused) / 5);
    png_read_info(s->png, s->info);
    describe(d);
    return DERM_OK;
}

static void close(struct derm_decoder *d)
{
    struct png_state *const s = d->state;

    png_destroy_read_struct(&s->png, &s->info, NULL);
}

static derm_err open(struct derm_decoder *d)
{
    struct png_state *s;
    derm_err code;

    DERM_TRY(derm_arena_new(d->arena, &s, 1, sizeof(*s)));
    d->state = s;
    s->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, s, on_error, on_warning, NULL,
                                      allocate, release);
    if (s->png) s->info = png_create_info_struct(s->png);
    code = s->info ? read_header(d)
                   : derm_fail(d->err, DERM_ENOMEM, "not enough memory to decode %s", d->name);
    if (code != DERM_OK) close(d);
    return code;
}

/* To RGBA of 8 or 16 bits, in the machine's byte order. */
static void set_transforms(struct derm_decoder *d)
{
    static const uint16_t probe = 1;
    struct png_state *const s = d->state;

    png_set_expand(s->png); /* palette to RGB, grey below 8 bits to 8, tRNS to alpha */
    png_set_gray_to_rgb(s->png);
    png_set_add_alpha(s->png, 0xffff, PNG_FILLER_AFTER);
    if (d->picture.bits == 16 && *(const uint8_t *)&probe == 1) png_set_swap(s->png);
}

static derm_err read_interlaced(struct derm_decoder *d, int passes)
{
    struct png_state *const s = d->state;

    DERM_TRY(derm_arena_new(d->arena, &s->rows, (size_t)d->picture.height, s->row_bytes));
    if (setjmp(png_jmpbuf(s->png))) return report(d);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < d->picture.height; y++)
            png_read_row(s->png, s->rows + (size_t)y * s->row_bytes, NULL);
    return DERM_OK;
}

static derm_err start(struct derm_decoder *d)
{
    struct png_state *const s = d->state;
    const int channels = 4;
    int passes;

    if (setjmp(png_jmpbuf(s->png))) return report(d);
    set_transforms(d);
    passes = png_set_interlace_handling(s->png);
    png_read_update_info(s->png, s->info);
    s->row_bytes = png_get_rowbytes(s->png, s->info);
    if (s->row_bytes != (size_t)d->picture.width * (size_t)(channels * d->picture.bits / 8))
        return derm_fail(d->err, DERM_EINTERNAL, "libpng gave rows of another layout for %s",
                         d->name);
    if (passes > 1) return read_interlaced(d, passes);
    return derm_arena_new(d->arena, &s->rows, 1, s->row_bytes);
}

static void split8(uint8_t *rgb, uint8_t *opaque, const uint8_t *rgba, int n)
{
    for (int i = 0; i < n; i++) {
        memcpy(rgb + 3 * i, rgba + 4 * i, 3);
        opaque[i] = rgba[4 * i + 3] == 0xff ? 0xff : 0;
    }
}

static void split16(uint16_t *rgb, uint8_t *opaque, const uint16_t *rgba, int n)
{
    for (int i = 0; i < n; i++) {
        memcpy(rgb + 3 * i, rgba + 4 * i, 3 * sizeof(*rgb));
        opaque[i] = rgba[4 * i + 3] == 0xffff ? 0xff : 0;
    }
}

static derm_err row(struct derm_decoder *d, void *rgb, uint8_t *opaque)
{
    struct png_state *const s = d->state;
    const bool whole = png_get_interlace_type(s->png, s->info) != PNG_INTERLACE_NONE;
    uint8_t *const from = whole ? s->rows + (size_t)d->rows_read * s->row_bytes : s->rows;

    if (setjmp(png_jmpbuf(s->png))) return report(d);
    if (!whole) png_read_row(s->png, from, NULL);
    if (d->picture.bits == 16)
        split16(rgb, opaque, (const uint16_t *)(const void *)from, d->picture.width);
    else
        split8(rgb, opaque, from, d->picture.width);
    return DERM_OK;
}

static derm_err finish(struct derm_decoder *d)
{
    struct png_state *const s = d->state;

    if (setjmp(png_jmpbuf(s->png))) return report(d);
    png_read_end(s->png, NULL);
    return DERM_OK;
}

const struct derm_codec derm_codec_png = {
    .knows = knows,
    .open = open,
    .start = start,
    .row = row,
    .finish = finish,
    .close = close,
};
