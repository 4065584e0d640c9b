/* SPDX-License-Identifier: Apache-2.0 */
/* The codec table, the limits, and what to say about files that no codec reads. */
#include <string.h>

#include "io/decoder.h"

static const struct derm_codec *const codecs[] = { &derm_codec_jpeg, &derm_codec_png };

#define EXPORT_IT "export it as JPEG (highest quality) or PNG"

static const struct {
    size_t at;
    const char *magic;
    size_t length;
    const char *what, *advice;
} foreign[] = {
    { 4, "ftypheic", 8, "a HEIC photo", EXPORT_IT " on the phone" },
    { 4, "ftypheix", 8, "a HEIC photo", EXPORT_IT " on the phone" },
    { 4, "ftyphev", 7, "a HEIC sequence", EXPORT_IT " on the phone" },
    { 4, "ftypmif1", 8, "a HEIF photo", EXPORT_IT " on the phone" },
    { 4, "ftypmsf1", 8, "a HEIF sequence", EXPORT_IT " on the phone" },
    { 4, "ftypavi", 7, "an AVIF photo", EXPORT_IT },
    { 4, "ftypcrx", 7, "a raw camera file", "develop it and " EXPORT_IT },
    { 4, "ftyp", 4, "a film or another ISO media file", "give a photo as JPEG or PNG" },
    { 0, "II*\0", 4, "a TIFF or raw camera file", EXPORT_IT },
    { 0, "MM\0*", 4, "a TIFF or raw camera file", EXPORT_IT },
    { 0, "II+\0", 4, "a BigTIFF file", EXPORT_IT },
    { 0, "MM\0+", 4, "a BigTIFF file", EXPORT_IT },
    { 8, "WEBP", 4, "a WebP picture", EXPORT_IT },
    { 0, "GIF8", 4, "a GIF picture", "give the original photo as JPEG or PNG" },
    { 0, "%PDF", 4, "a PDF document", "take the photo out of it as JPEG or PNG" },
    { 0, "BM", 2, "a BMP picture", EXPORT_IT },
    { 0, "8BPS", 4, "a Photoshop document", EXPORT_IT },
    { 0, "\xff\x0a", 2, "a JPEG XL picture", EXPORT_IT },
    { 0, "\0\0\0\x0cJXL ", 8, "a JPEG XL picture", EXPORT_IT },
    { 0, "\0\0\0\x0cjP  ", 8, "a JPEG 2000 picture", EXPORT_IT },
    { 0, "\xff\x4f\xff\x51", 4, "a JPEG 2000 picture", EXPORT_IT },
    { 128, "DICM", 4, "a DICOM file", EXPORT_IT },
    { 0, "PK\x03\x04", 4, "a ZIP archive or office document",
      "take the photo out of it as JPEG or PNG" },
};

static bool is_text(struct derm_bytes file)
{
    const size_t n = file.size < 512 ? file.size : 512;

    for (size_t i = 0; i < n; i++) {
        const uint8_t c = file.data[i];
        if (c == 0x7f || (c < 0x20 && (c < 0x09 || c > 0x0d))) return false;
    }
    return true;
}

static derm_err refuse(const struct derm_decoder *d)
{
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        const size_t end = foreign[i].at + foreign[i].length;
        if (d->file.size >= end &&
            memcmp(d->file.data + foreign[i].at, foreign[i].magic, foreign[i].length) == 0)
            return derm_fail(d->err, DERM_EUNSUPPORTED, "%s is %s, which cannot be read: %s",
                             d->name, foreign[i].what, foreign[i].advice);
    }
    if (is_text(d->file))
        return derm_fail(d->err, DERM_EMALFORMED,
                         "%s is a text file, not a photo: give a JPEG or PNG", d->name);
    return derm_fail(d->err, DERM_EMALFORMED,
                     "%s is neither a JPEG nor a PNG file: give the photo as one of these",
                     d->name);
}

static derm_err check_size(const struct derm_decoder *d, uint64_t max_pixels)
{
    const struct derm_picture *const p = &d->picture;
    const uint64_t pixels = (uint64_t)p->width * (uint64_t)p->height;

    if (pixels > max_pixels)
        return derm_fail(d->err, DERM_ELIMIT,
                         "%s has %d x %d pixels (%.1f megapixels), more than the limit of %.1f: "
                         "raise --max-megapixels or give a smaller photo",
                         d->name, p->width, p->height, (double)pixels * 1e-6,
                         (double)max_pixels * 1e-6);
    return DERM_OK;
}

derm_err derm_decoder_open(struct derm_decoder **out, struct derm_arena *arena,
                           struct derm_bytes file, const char *name, uint64_t max_pixels,
                           struct derm_error *err)
{
    struct derm_decoder *d;
    derm_err code;

    DERM_TRY(derm_arena_new(arena, &d, 1, sizeof(*d)));
    *d = (struct derm_decoder){ .arena = arena, .err = err, .file = file, .name = name };
    if (file.size == 0) return derm_fail(err, DERM_EMALFORMED, "%s is empty", name);
    for (size_t i = 0; !d->codec && i < sizeof(codecs) / sizeof(codecs[0]); i++)
        if (codecs[i]->knows(file)) d->codec = codecs[i];
    if (!d->codec) return refuse(d);
    DERM_TRY(d->codec->open(d));
    code = check_size(d, max_pixels);
    if (code == DERM_OK) code = d->codec->start(d);
    if (code != DERM_OK) {
        d->codec->close(d);
        return code;
    }
    *out = d;
    return DERM_OK;
}

const struct derm_picture *derm_decoder_picture(const struct derm_decoder *d)
{
    return &d->picture;
}

derm_err derm_decoder_row(struct derm_decoder *d, void *rgb, uint8_t *opaque)
{
    DERM_TRY(d->codec->row(d, rgb, opaque));
    if (++d->rows_read == d->picture.height) return d->codec->finish(d);
    return DERM_OK;
}

void derm_decoder_close(struct derm_decoder *d)
{
    d->codec->close(d);
}
