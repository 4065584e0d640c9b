/* SPDX-License-Identifier: Apache-2.0 */
/* The JPEG decoder: what it reports, and that damage never passes for a picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "encode.h"

enum { W = 37, H = 29, PIXELS = W * H };

static uint8_t rgb[3 * PIXELS];

static const struct encode_jpeg plain = { .quality = 90, .space = JCS_RGB, .channels = 3 };

static int paint(void **state)
{
    (void)state;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            rgb[3 * (y * W + x)] = (uint8_t)(200 - 2 * x);
            rgb[3 * (y * W + x) + 1] = (uint8_t)(120 + 3 * y);
            rgb[3 * (y * W + x) + 2] = (uint8_t)(90 + x + y);
        }
    return 0;
}

static void assert_close(const uint8_t *got, int tolerance)
{
    for (int i = 0; i < 3 * PIXELS; i++)
        if (abs(got[i] - rgb[i]) > tolerance)
            fail_msg("sample %d: got %d, expected %d", i, got[i], rgb[i]);
}

static void every_way_of_coding_is_read(void **state)
{
    (void)state;
    for (int way = 0; way < 16; way++) {
        struct encode_jpeg o = plain;
        struct encoded e;
        struct unpacked u;

        o.quality = 98;
        o.progressive = way & 1;
        o.arithmetic = way & 2;
        o.full_chroma = way & 4;
        o.separate_scans = (way & 8) && !o.progressive;
        e = encode_jpeg(&o, rgb, W, H);
        assert_int_equal(unpack(&u, e, PIXELS), DERM_OK);
        assert_int_equal(u.picture.width, W);
        assert_int_equal(u.picture.height, H);
        assert_int_equal(u.picture.bits, 8);
        assert_false(u.picture.grey);
        assert_int_equal(u.picture.chroma_subsampled, !o.full_chroma);
        assert_int_equal(u.opaque[PIXELS - 1], 0xff);
        assert_close(u.rgb, 6);
        unpack_free(&u);
        free(e.data);
    }
}

static void quality_is_found_again(void **state)
{
    static const int qualities[] = { 5, 25, 49, 50, 51, 69, 70, 84, 85, 95, 100 };

    (void)state;
    for (size_t i = 0; i < sizeof(qualities) / sizeof(qualities[0]); i++) {
        struct encode_jpeg o = plain;
        struct encoded e;
        struct unpacked u;

        o.quality = qualities[i];
        e = encode_jpeg(&o, rgb, W, H);
        assert_int_equal(unpack(&u, e, PIXELS), DERM_OK);
        assert_int_equal(u.picture.jpeg_quality, qualities[i]);
        unpack_free(&u);
        free(e.data);
    }
}

static void grey_has_three_equal_channels(void **state)
{
    const struct encode_jpeg o = { .quality = 100, .space = JCS_GRAYSCALE, .channels = 1 };
    const struct encoded e = encode_jpeg(&o, rgb, W, H);
    struct unpacked u;

    (void)state;
    assert_int_equal(unpack(&u, e, PIXELS), DERM_OK);
    assert_true(u.picture.grey);
    for (int i = 0; i < PIXELS; i++) {
        assert_true(abs(u.rgb[3 * i] - rgb[i]) <= 2);
        assert_int_equal(u.rgb[3 * i], u.rgb[3 * i + 1]);
        assert_int_equal(u.rgb[3 * i], u.rgb[3 * i + 2]);
    }
    unpack_free(&u);
    free(e.data);
}

static void cmyk_is_refused_with_advice(void **state)
{
    const struct encode_jpeg o = { .quality = 90, .space = JCS_CMYK, .channels = 4 };
    const struct encoded e = encode_jpeg(&o, rgb, 20, 20);
    struct unpacked u;

    (void)state;
    assert_int_equal(unpack(&u, e, PIXELS), DERM_EUNSUPPORTED);
    assert_non_null(strstr(u.err.text, "convert it to sRGB"));
    unpack_free(&u);
    free(e.data);
}

/* Wherever the file is cut, also in the last byte. */
static void no_cut_file_is_a_picture(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        struct encode_jpeg o = plain;
        struct encoded e;

        o.progressive = way == 1;
        o.arithmetic = way == 2;
        e = encode_jpeg(&o, rgb, W, H);
        for (size_t size = 0; size < e.size; size++) {
            struct unpacked u;
            const derm_err code = unpack(&u, (struct encoded){ e.data, size }, PIXELS);

            assert_true(code == DERM_ETRUNCATED || code == DERM_EMALFORMED);
            assert_true(size < e.size / 2 || code == DERM_ETRUNCATED);
            assert_int_equal(u.err.code, code);
            unpack_free(&u);
        }
        free(e.data);
    }
}

static void limits_come_before_memory(void **state)
{
    const struct encoded e = encode_jpeg(&plain, rgb, W, H);
    struct unpacked u;

    (void)state;
    assert_int_equal(unpack(&u, e, PIXELS - 1), DERM_ELIMIT);
    assert_non_null(strstr(u.err.text, "--max-megapixels"));
    assert_null(u.rgb);
    unpack_free(&u);
    for (size_t i = 0; i + 9 < e.size; i++) /* 65500 x 65500 in the SOF0 header */
        if (e.data[i] == 0xff && e.data[i + 1] == 0xc0)
            memcpy(e.data + i + 5, "\xff\xdc\xff\xdc", 4);
    assert_int_equal(unpack(&u, e, 200000000), DERM_ELIMIT);
    unpack_free(&u);
    free(e.data);
}

/* A file that repeats one scan is small and would take a pass over the picture each time. */
static void scans_are_limited(void **state)
{
    struct encode_jpeg o = plain;
    struct encoded e, bomb = { 0 };
    struct unpacked u;
    size_t first = 0, second = 0;

    (void)state;
    o.separate_scans = true;
    e = encode_jpeg(&o, rgb, W, H);
    for (size_t i = 0; i + 1 < e.size && !second; i++)
        if (e.data[i] == 0xff && e.data[i + 1] == 0xda) {
            second = first ? i : 0;
            first = first ? first : i;
        }
    assert_true(second > first && first > 0);
    bomb.size = e.size + 200 * (second - first);
    bomb.data = malloc(bomb.size);
    assert_non_null(bomb.data);
    memcpy(bomb.data, e.data, second);
    for (size_t i = 0; i < 200; i++)
        memcpy(bomb.data + second + i * (second - first), e.data + first, second - first);
    memcpy(bomb.data + second + 200 * (second - first), e.data + second, e.size - second);
    assert_int_equal(unpack(&u, bomb, PIXELS), DERM_ELIMIT);
    assert_non_null(strstr(u.err.text, "scans"));
    unpack_free(&u);
    free(bomb.data);
    free(e.data);
}

static void exif_is_handed_out_without_its_header(void **state)
{
    static const uint8_t app1[] = "Exif\0\0II*\0\x08\0\0\0";
    struct encode_jpeg o = plain;
    struct encoded e;
    struct unpacked u;

    (void)state;
    o.app1 = app1;
    o.app1_size = sizeof(app1) - 1;
    e = encode_jpeg(&o, rgb, W, H);
    assert_int_equal(unpack(&u, e, PIXELS), DERM_OK);
    assert_int_equal(u.picture.exif.size, sizeof(app1) - 7);
    assert_memory_equal(u.picture.exif.data, "II*", 3);
    unpack_free(&u);
    free(e.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_of_coding_is_read),
        cmocka_unit_test(quality_is_found_again),
        cmocka_unit_test(grey_has_three_equal_channels),
        cmocka_unit_test(cmyk_is_refused_with_advice),
        cmocka_unit_test(no_cut_file_is_a_picture),
        cmocka_unit_test(limits_come_before_memory),
        cmocka_unit_test(scans_are_limited),
        cmocka_unit_test(exif_is_handed_out_without_its_header),
    };
    return cmocka_run_group_tests(tests, paint, NULL);
}
