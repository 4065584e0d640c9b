/* SPDX-License-Identifier: Apache-2.0 */
/* The decode stage: files that are no photos, orientation, light, clipping, the user's masks. */
#define _XOPEN_SOURCE 700 /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <unistd.h>

#include "color/transfer.h"
#include "decode_photo.h"
#include "encode.h"

enum { W = 40, H = 24 };

static char folder[] = "/tmp/dermetry-test-XXXXXX";
static char path[128], mask_path[128];
static struct decoded photo;

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) return 1;
    snprintf(path, sizeof(path), "%s/photo.jpg", folder);
    snprintf(mask_path, sizeof(mask_path), "%s/mask.png", folder);
    return decoded_open(&photo) != DERM_OK;
}

static int tear_down(void **state)
{
    (void)state;
    decoded_close(&photo);
    unlink(path);
    unlink(mask_path);
    return rmdir(folder);
}

static void save(const char *to, const void *data, size_t size)
{
    FILE *const f = fopen(to, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    fclose(f);
}

static void save_png(const char *to, const struct encode_png *o, const void *px, size_t row_bytes,
                     int w, int h)
{
    struct encoded e = encode_png(o, px, row_bytes, w, h);

    save(to, e.data, e.size);
    free(e.data);
}

static void what_is_no_photo_gets_advice(void **state)
{
    static const struct {
        const char *data;
        size_t size;
        derm_err code;
        const char *says;
    } cases[] = {
        { "", 0, DERM_EMALFORMED, "is empty" },
        { "hello, world\n", 13, DERM_EMALFORMED, "text file" },
        { "\x89PNG\r\n\x1a\n", 8, DERM_ETRUNCATED, "ends before" },
        { "\xff\xd8\xff\xe0", 4, DERM_ETRUNCATED, "ends before" },
        { "\0\0\0\x18"
          "ftypheic",
          12, DERM_EUNSUPPORTED, "HEIC" },
        { "\0\0\0\x18"
          "ftypavif",
          12, DERM_EUNSUPPORTED, "AVIF" },
        { "II*\0\x08\0\0\0", 8, DERM_EUNSUPPORTED, "TIFF" },
        { "MM\0*\0\0\0\x08", 8, DERM_EUNSUPPORTED, "TIFF" },
        { "RIFF\x24\0\0\0WEBPVP8 ", 16, DERM_EUNSUPPORTED, "WebP" },
        { "GIF89a", 6, DERM_EUNSUPPORTED, "GIF" },
        { "%PDF-1.7\n", 9, DERM_EUNSUPPORTED, "PDF" },
        { "BM\x36\0", 4, DERM_EUNSUPPORTED, "BMP" },
        { "\1\2\3\4\5\6\7\x08", 8, DERM_EMALFORMED, "neither" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        save(path, cases[i].data, cases[i].size);
        assert_int_equal(decoded_photo(&photo, path), cases[i].code);
        assert_non_null(strstr(photo.err.text, cases[i].says));
        assert_non_null(strstr(photo.err.text, "photo.jpg"));
    }
    assert_int_equal(decoded_photo(&photo, "/nowhere/photo.jpg"), DERM_EMISSING);
    assert_int_equal(decoded_photo(&photo, folder), DERM_EMISSING);
    assert_non_null(strstr(photo.err.text, "folder"));
}

static void limits_name_their_option(void **state)
{
    static const uint8_t px[16];
    const struct encode_png o = { .colour_type = PNG_COLOR_TYPE_GRAY, .bits = 8 };
    const struct derm_limits usual = photo.limits;

    (void)state;
    save_png(path, &o, px, 4, 4, 4);
    photo.limits.max_megapixels = 15e-6;
    assert_int_equal(decoded_photo(&photo, path), DERM_ELIMIT);
    assert_non_null(strstr(photo.err.text, "--max-megapixels"));
    photo.limits = usual;
    photo.limits.max_file_bytes = 60;
    assert_int_equal(decoded_photo(&photo, path), DERM_ELIMIT);
    assert_non_null(strstr(photo.err.text, "--max-file-mib"));
    photo.limits = usual;
    assert_int_equal(decoded_photo(&photo, path), DERM_OK);
}

static void light_is_linear_at_both_depths(void **state)
{
    struct encode_png o = { .colour_type = PNG_COLOR_TYPE_RGB, .bits = 8, .srgb = true };
    uint8_t narrow[3 * 256];
    uint16_t wide[3 * 256];

    (void)state;
    for (int i = 0; i < 3 * 256; i++) {
        narrow[i] = (uint8_t)(i / 3);
        wide[i] = (uint16_t)(i / 3 * 257 + (i / 3 < 255 ? 100 : 0));
    }
    save_png(path, &o, narrow, sizeof(narrow), 256, 1);
    assert_int_equal(decoded_photo(&photo, path), DERM_OK);
    assert_string_equal(photo.frame->source.colour_space, "sRGB");
    assert_false(photo.frame->source.colour_assumed);
    for (int i = 0; i < 256; i++) {
        assert_true(decoded_green(&photo, i, 0) == (float)derm_srgb_decode(i / 255.0));
        assert_int_equal(derm_rgb8_row(&photo.frame->rgb, 0)[3 * i], i);
        assert_int_equal(derm_mask_row(&photo.frame->clipped, 0)[i], i <= 6 || i >= 250 ? 0xff : 0);
    }
    assert_true(photo.frame->source.grey);
    o.bits = 16;
    save_png(path, &o, wide, sizeof(wide), 256, 1);
    assert_int_equal(decoded_photo(&photo, path), DERM_OK);
    assert_int_equal(photo.frame->source.bits, 16);
    for (int i = 0; i < 255; i++) {
        const double expected = derm_srgb_decode((i * 257 + 100) / 65535.0);
        assert_true(decoded_green(&photo, i, 0) == (float)expected);
        assert_true(abs(derm_rgb8_row(&photo.frame->rgb, 0)[3 * i] - i) <= 1);
    }
}

static void transparent_pixels_are_not_measured(void **state)
{
    static const uint8_t px[] = { 90, 80, 70, 255, 90, 80, 70, 254, 90, 80, 70, 0 };
    const struct encode_png o = { .colour_type = PNG_COLOR_TYPE_RGB_ALPHA, .bits = 8 };

    (void)state;
    save_png(path, &o, px, sizeof(px), 3, 1);
    assert_int_equal(decoded_photo(&photo, path), DERM_OK);
    assert_memory_equal(derm_mask_row(&photo.frame->clipped, 0), "\0\xff\xff", 3);
    assert_false(photo.frame->source.grey);
    assert_true(photo.frame->source.colour_assumed);
}

/* Stored as each EXIF orientation says, the upright picture is always the same, bit for bit; in a
 * file of 16 bits, too, where rows take another way. */
static void turned_photos_come_out_upright(void **state)
{
    uint16_t upright[3 * W * H], stored[3 * W * H];
    char first[DERM_SHA256_TEXT] = "";

    (void)state;
    for (int i = 0; i < 3 * W * H; i++)
        upright[i] = (uint16_t)(2654435761u * (unsigned)(i + 1) >> 14);
    for (int orientation = 1; orientation <= 8; orientation++) {
        uint8_t exif[] = "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0_\0\0\0\0\0\0";
        const struct encode_png o = {
            .colour_type = PNG_COLOR_TYPE_RGB, .bits = 16, .exif = exif, .exif_size = sizeof(exif)
        };
        const bool turned = orientation >= 5;
        const int w = turned ? H : W, h = turned ? W : H;

        exif[18] = (uint8_t)orientation;
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                const int sx[8] = { x, W - 1 - x, W - 1 - x, x, y, y, H - 1 - y, H - 1 - y };
                const int sy[8] = { y, y, H - 1 - y, H - 1 - y, x, W - 1 - x, W - 1 - x, x };
                const int at = sy[orientation - 1] * w + sx[orientation - 1];
                memcpy(stored + 3 * at, upright + 3 * (y * W + x), 3 * sizeof(*stored));
            }
        save_png(path, &o, stored, sizeof(*stored) * 3 * (size_t)w, w, h);
        assert_int_equal(decoded_photo(&photo, path), DERM_OK);
        assert_int_equal(photo.frame->source.orientation, orientation);
        assert_int_equal(photo.frame->source.width, W);
        assert_int_equal(photo.frame->source.height, H);
        if (orientation == 1) strcpy(first, photo.frame->source.sha256_pixels);
        assert_string_equal(photo.frame->source.sha256_pixels, first);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                const double expected = derm_srgb_decode(upright[3 * (y * W + x) + 1] / 65535.0);
                assert_true(decoded_green(&photo, x, y) == (float)expected);
            }
    }
}

/* The public set of the same two photos in all orientations. Each was compressed by itself and
 * shows its number, so block means differ by up to 0.03; turned wrongly, by 0.4. */
static void the_orientation_set_agrees(void **state)
{
    static const char *const kinds[] = { "Landscape", "Portrait" };

    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        double mean[8][8][8] = { 0 };

        for (int o = 1; o <= 8; o++) {
            char name[512];

            snprintf(name, sizeof(name), DERM_TEST_DATA "/formats/exif-orientation/%s_%d.jpg",
                     kinds[kind], o);
            if (access(name, R_OK) != 0) {
                print_message("skipped: %s is not there\n", name);
                return;
            }
            assert_int_equal(decoded_photo(&photo, name), DERM_OK);
            assert_int_equal(photo.frame->source.orientation, o);
            const int w = photo.frame->light.w, h = photo.frame->light.h;
            for (int y = 0; y < h; y++)
                for (int x = 0; x < w; x++)
                    mean[o - 1][8 * y / h][8 * x / w] +=
                        64.0 * (double)decoded_green(&photo, x, y) / ((double)w * h);
            for (int i = 0; i < 64; i++)
                assert_true(fabs(mean[o - 1][i / 8][i % 8] - mean[0][i / 8][i % 8]) < 0.04);
        }
    }
}

static void masks_mark_what_is_not_black(void **state)
{
    static const uint8_t grey[] = { 0, 1, 255, 0 }, black[4];
    const struct encode_png photo_kind = { .colour_type = PNG_COLOR_TYPE_RGB, .bits = 8 };
    const struct encode_png mask_kind = { .colour_type = PNG_COLOR_TYPE_GRAY, .bits = 8 };
    const struct derm_photo_request request = { .path = path, .roi_path = mask_path };
    uint8_t px[12];

    (void)state;
    memset(px, 100, sizeof(px));
    save_png(path, &photo_kind, px, 6, 2, 2);
    save_png(mask_path, &mask_kind, grey, 2, 2, 2);
    assert_int_equal(decoded_run(&photo, &request), DERM_OK);
    assert_memory_equal(derm_mask_row(&photo.frame->user_roi, 0), "\0\xff", 2);
    assert_memory_equal(derm_mask_row(&photo.frame->user_roi, 1), "\xff\0", 2);
    assert_null(photo.frame->user_exclude.px);
    save_png(mask_path, &mask_kind, black, 2, 2, 2);
    assert_int_equal(decoded_run(&photo, &request), DERM_EUSAGE);
    assert_non_null(strstr(photo.err.text, "all black"));
    save_png(mask_path, &mask_kind, grey, 4, 4, 1);
    assert_int_equal(decoded_run(&photo, &request), DERM_EUSAGE);
    assert_non_null(strstr(photo.err.text, "4 x 1"));
    assert_non_null(strstr(photo.err.text, "2 x 2"));
    unlink(mask_path);
    assert_int_equal(decoded_run(&photo, &request), DERM_EMISSING);
    assert_non_null(strstr(photo.err.text, "mask.png"));
}

/* A mask in a lossy format has no clean edge. */
static void masks_are_png(void **state)
{
    static const uint8_t px[3 * 4] = { 200, 100, 100 };
    const struct encode_jpeg o = { .quality = 90, .space = JCS_RGB, .channels = 3 };
    const struct derm_photo_request request = { .path = path, .exclude_path = mask_path };
    struct encoded e = encode_jpeg(&o, px, 2, 2);

    (void)state;
    save(path, e.data, e.size);
    save(mask_path, e.data, e.size);
    assert_int_equal(decoded_run(&photo, &request), DERM_EUSAGE);
    free(e.data);
}

/* As far as the arena reaches: every allocation can fail, and then says so. */
static void memory_can_end_anywhere(void **state)
{
    static const uint8_t px[3 * W * H] = { 1, 2, 3 };
    const struct encode_png o = { .colour_type = PNG_COLOR_TYPE_RGB,
                                  .bits = 8,
                                  .interlaced = true };
    const size_t keep_cap = photo.keep.cap, scratch_cap = photo.scratch.cap;
    int refused = 0;

    (void)state;
    save_png(path, &o, px, 3 * (size_t)W, W, H);
    for (size_t cap = 0;; cap += 256) {
        photo.scratch.cap = cap;
        if (decoded_photo(&photo, path) == DERM_OK) break;
        assert_int_equal(photo.err.code, DERM_ENOMEM);
        refused++;
    }
    photo.scratch.cap = scratch_cap;
    for (size_t cap = sizeof(struct derm_frame) + 64;; cap += 1024) {
        photo.keep.cap = cap;
        if (decoded_photo(&photo, path) == DERM_OK) break;
        assert_int_equal(photo.err.code, DERM_ENOMEM);
        refused++;
    }
    photo.keep.cap = keep_cap;
    print_message("%d refusals\n", refused);
    assert_true(refused > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_photo_gets_advice),
        cmocka_unit_test(limits_name_their_option),
        cmocka_unit_test(light_is_linear_at_both_depths),
        cmocka_unit_test(transparent_pixels_are_not_measured),
        cmocka_unit_test(turned_photos_come_out_upright),
        cmocka_unit_test(the_orientation_set_agrees),
        cmocka_unit_test(masks_mark_what_is_not_black),
        cmocka_unit_test(masks_are_png),
        cmocka_unit_test(memory_can_end_anywhere),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
