/* SPDX-License-Identifier: Apache-2.0 */
#include "io/exif.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libexif/exif-data.h>

#include "base/text.h"

static const ExifEntry *find(ExifData *data, ExifIfd ifd, ExifTag tag)
{
    return exif_content_get_entry(data->ifd[ifd], tag);
}

/* Cameras pad their texts with spaces. */
static void read_text(char *dst, size_t size, const ExifEntry *e)
{
    char text[256];
    size_t n;

    dst[0] = 0;
    if (!e || e->format != EXIF_FORMAT_ASCII || !e->data) return;
    n = e->size < sizeof(text) - 1 ? e->size : sizeof(text) - 1;
    memcpy(text, e->data, n);
    text[n] = 0;
    n = strlen(text);
    while (n > 0 && text[n - 1] == ' ')
        text[--n] = 0;
    derm_text_clean(dst, size, text + strspn(text, " "));
}

/* The first value, or -1. */
static int read_short(ExifData *data, ExifIfd ifd, ExifTag tag)
{
    const ExifEntry *const e = find(data, ifd, tag);
    const ExifByteOrder order = exif_data_get_byte_order(data);

    if (e && e->format == EXIF_FORMAT_SHORT && e->components > 0 && e->size >= 2)
        return exif_get_short(e->data, order);
    if (e && e->format == EXIF_FORMAT_LONG && e->components > 0 && e->size >= 4) {
        const ExifLong value = exif_get_long(e->data, order);
        return value <= 0x7fffffff ? (int)value : -1;
    }
    return -1;
}

/* The first value, or 0: none of the quantities that are read can be 0. */
static double read_rational(ExifData *data, ExifTag tag)
{
    const ExifEntry *const e = find(data, EXIF_IFD_EXIF, tag);
    ExifRational r;

    if (!e || e->format != EXIF_FORMAT_RATIONAL || e->components < 1 || e->size < 8) return 0.0;
    r = exif_get_rational(e->data, exif_data_get_byte_order(data));
    return r.denominator ? (double)r.numerator / r.denominator : 0.0;
}

static bool number(const char *text, int digits, int lo, int hi, int *out)
{
    *out = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *out = 10 * *out + (text[i] - '0');
    }
    return *out >= lo && *out <= hi;
}

/* "2024:05:31 14:03:59" -> "2024-05-31T14:03:59"; false when it is no date (cameras without a clock
 * write zeros or blanks). */
static bool read_time(char out[20], const char *text)
{
    int year, month, day, hour, minute, second;

    if (strlen(text) != 19 || text[4] != text[7] || (text[4] != ':' && text[4] != '-') ||
        (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':')
        return false;
    if (!number(text, 4, 1800, 9999, &year) || !number(text + 5, 2, 1, 12, &month) ||
        !number(text + 8, 2, 1, 31, &day) || !number(text + 11, 2, 0, 23, &hour) ||
        !number(text + 14, 2, 0, 59, &minute) || !number(text + 17, 2, 0, 60, &second))
        return false;
    memcpy(out, text, 20);
    out[4] = out[7] = '-';
    out[10] = 'T';
    return true;
}

/* "+02:00"; false when it is none. */
static bool is_offset(const char *text)
{
    int hour, minute;

    return strlen(text) == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' &&
           number(text + 1, 2, 0, 14, &hour) && number(text + 4, 2, 0, 59, &minute);
}

static void read_captured(struct derm_exif *out, ExifData *data)
{
    char text[40] = "", iso[20];

    read_text(text, sizeof(text), find(data, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL));
    if (!read_time(iso, text)) return;
    strcpy(out->captured_at, iso);
    read_text(text, sizeof(text), find(data, EXIF_IFD_EXIF, EXIF_TAG_OFFSET_TIME_ORIGINAL));
    if (is_offset(text)) strcat(out->captured_at, text);
}

static void read_all(struct derm_exif *out, ExifData *data)
{
    const int orientation = read_short(data, EXIF_IFD_0, EXIF_TAG_ORIENTATION);
    const int iso = read_short(data, EXIF_IFD_EXIF, EXIF_TAG_ISO_SPEED_RATINGS);
    const int flash = read_short(data, EXIF_IFD_EXIF, EXIF_TAG_FLASH);
    const int balance = read_short(data, EXIF_IFD_EXIF, EXIF_TAG_WHITE_BALANCE);
    const int rendered = read_short(data, EXIF_IFD_EXIF, EXIF_TAG_CUSTOM_RENDERED);

    if (orientation >= 1 && orientation <= 8) out->orientation = orientation;
    read_captured(out, data);
    read_text(out->make, sizeof(out->make), find(data, EXIF_IFD_0, EXIF_TAG_MAKE));
    read_text(out->model, sizeof(out->model), find(data, EXIF_IFD_0, EXIF_TAG_MODEL));
    read_text(out->lens, sizeof(out->lens), find(data, EXIF_IFD_EXIF, EXIF_TAG_LENS_MODEL));
    out->exposure_s = read_rational(data, EXIF_TAG_EXPOSURE_TIME);
    out->f_number = read_rational(data, EXIF_TAG_FNUMBER);
    out->focal_mm = read_rational(data, EXIF_TAG_FOCAL_LENGTH);
    out->iso = iso > 0 ? iso : 0;
    if (flash >= 0) out->flash_fired = flash & 1;
    if (balance == 0 || balance == 1) out->white_balance = balance;
    if (rendered > 0) out->custom_rendered = rendered;
}

/* libexif wants the six bytes that JPEG puts before the TIFF structure and PNG leaves out. */
void derm_exif_read(struct derm_exif *out, struct derm_bytes tiff)
{
    static const unsigned char header[6] = "Exif\0";
    unsigned char *copy;
    ExifData *data;

    *out = (struct derm_exif){ .orientation = 1, .flash_fired = -1, .white_balance = -1 };
    if (tiff.size < 8 || tiff.size > (16u << 20)) return;
    copy = malloc(tiff.size + sizeof(header));
    data = exif_data_new();
    if (copy && data) {
        memcpy(copy, header, sizeof(header));
        memcpy(copy + sizeof(header), tiff.data, tiff.size);
        exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
        exif_data_load_data(data, copy, (unsigned int)(tiff.size + sizeof(header)));
        read_all(out, data);
    }
    if (data) exif_data_unref(data);
    free(copy);
}
