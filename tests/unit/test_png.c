/* SPDX-License-Identifier: Apache-2.0 */
/* The PNG decoder and writer. */
#define _XOPEN_SOURCE 700 /* mkstemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "encode.h"
#include "io/input.h"
#include "io/png_write.h"

enum { W = 23, H = 17, PIXELS = W * H };

/* A sample that differs everywhere and uses all 16 bits. */
static uint16_t sample(int x, int y, int c)
{
    return (uint16_t)(2654435761u * (unsigned)(y * W + x + 7 * c + 1) >> 13);
}

static void all_layouts_keep_their_samples(void **state)
{
    static const struct {
        int type, channels;
    } kinds[] = { { PNG_COLOR_TYPE_GRAY, 1 },
                  { PNG_COLOR_TYPE_GRAY_ALPHA, 2 },
                  { PNG_COLOR_TYPE_RGB, 3 },
                  { PNG_COLOR_TYPE_RGB_ALPHA, 4 } };

    (void)state;
    for (int way = 0; way < 16; way++) {
        const int channels = kinds[way & 3].channels, bits = way & 4 ? 16 : 8;
        const struct encode_png o = { .colour_type = kinds[way & 3].type,
                                      .bits = bits,
                                      .interlaced = way & 8 };
        const bool has_alpha = channels % 2 == 0;
        uint8_t narrow[4 * PIXELS];
        uint16_t wide[4 * PIXELS];
        struct encoded e;
        struct unpacked u;

        for (int i = 0; i < PIXELS * channels; i++) {
            wide[i] = sample(i / channels % W, i / channels / W, i % channels);
            if (has_alpha && i % channels == channels - 1 && i % 3) wide[i] = 0xffff;
            narrow[i] = (uint8_t)(wide[i] >> 8);
        }
        e = bits == 16 ? encode_png(&o, wide, sizeof(*wide) * (size_t)(W * channels), W, H)
                       : encode_png(&o, narrow, (size_t)(W * channels), W, H);
        assert_int_equal(unpack(&u, e, PIXELS), DERM_OK);
        assert_int_equal(u.picture.bits, bits);
        assert_int_equal(u.picture.grey, channels < 3);
        assert_int_equal(u.picture.alpha, has_alpha);
        for (int i = 0; i < 3 * PIXELS; i++) {
            const int from = i / 3 * channels + (channels < 3 ? 0 : i % 3);
            uint16_t got = u.rgb[i];
            if (bits == 16) memcpy(&got, u.rgb + 2 * i, 2);
            assert_int_equal(got, bits == 16 ? wide[from] : narrow[from]);
        }
        for (int i = 0; i < PIXELS; i++) {
            const int at = i * channels + channels - 1;
            const bool opaque =
                !has_alpha || (bits == 16 ? wide[at] == 0xffff : narrow[at] == 0xff);
            assert_int_equal(u.opaque[i], opaque ? 0xff : 0);
        }
        unpack_free(&u);
        free(e.data);
    }
}

static void palettes_and_few_bits_are_expanded(void **state)
{
    static const png_color palette[4] = {
        { 1, 2, 3 }, { 200, 100, 50 }, { 9, 8, 7 }, { 0, 0, 255 }
    };
    static const uint8_t opacity[4] = { 255, 0, 254, 255 };
    static const uint8_t row[1] = { 0x1b }; /* 0 1 2 3 in two bits each */
    struct encode_png o = {
        .colour_type = PNG_COLOR_TYPE_PALETTE, .bits = 2, .palette = palette, .opacity = opacity
    };
    struct encoded e = encode_png(&o, row, 1, 4, 1);
    struct unpacked u;

    (void)state;
    assert_int_equal(unpack(&u, e, 4), DERM_OK);
    assert_memory_equal(u.rgb, "\1\2\3\xc8\x64\x32\x09\x08\x07\0\0\xff", 12);
    assert_memory_equal(u.opaque, "\xff\0\0\xff", 4);
    unpack_free(&u);
    free(e.data);
    o = (struct encode_png){ .colour_type = PNG_COLOR_TYPE_GRAY, .bits = 2 };
    e = encode_png(&o, row, 1, 4, 1);
    assert_int_equal(unpack(&u, e, 4), DERM_OK);
    assert_memory_equal(u.rgb, "\0\0\0\x55\x55\x55\xaa\xaa\xaa\xff\xff\xff", 12);
    unpack_free(&u);
    free(e.data);
}

static void one_colour_can_be_transparent(void **state)
{
    static const uint8_t row[] = { 10, 20, 30, 10, 20, 31 };
    static const png_color_16 hidden = { .red = 10, .green = 20, .blue = 30 };
    const struct encode_png o = { .colour_type = PNG_COLOR_TYPE_RGB, .bits = 8, .hidden = &hidden };
    const struct encoded e = encode_png(&o, row, sizeof(row), 2, 1);
    struct unpacked u;

    (void)state;
    assert_int_equal(unpack(&u, e, 2), DERM_OK);
    assert_memory_equal(u.opaque, "\0\xff", 2);
    assert_memory_equal(u.rgb, row, sizeof(row)); /* nothing is composited */
    unpack_free(&u);
    free(e.data);
}

static struct encoded grey_ramp(bool interlaced)
{
    const struct encode_png o = { .colour_type = PNG_COLOR_TYPE_GRAY,
                                  .bits = 8,
                                  .interlaced = interlaced };
    uint8_t px[PIXELS];

    for (int i = 0; i < PIXELS; i++)
        px[i] = (uint8_t)(sample(i % W, i / W, 0) >> 8);
    return encode_png(&o, px, W, W, H);
}

static void no_cut_or_damaged_file_is_a_picture(void **state)
{
    (void)state;
    for (int interlaced = 0; interlaced < 2; interlaced++) {
        struct encoded e = grey_ramp(interlaced);
        struct unpacked u;

        for (size_t size = 0; size < e.size; size++) {
            const derm_err code = unpack(&u, (struct encoded){ e.data, size }, PIXELS);
            assert_int_equal(code, size < 8 ? DERM_EMALFORMED : DERM_ETRUNCATED);
            unpack_free(&u);
        }
        e.data[e.size / 2] ^= 1; /* in the compressed pixels */
        assert_int_equal(unpack(&u, e, PIXELS), DERM_EMALFORMED);
        unpack_free(&u);
        free(e.data);
    }
}

static void put_size(uint8_t *png, uint32_t w, uint32_t h)
{
    uint32_t crc = 0xffffffff;

    png_save_uint_32(png + 16, w);
    png_save_uint_32(png + 20, h);
    for (int bit = 0; bit < 17 * 8; bit++) {
        const uint32_t in = (uint32_t)png[12 + bit / 8] >> bit % 8 & 1u;
        crc = crc >> 1 ^ ((crc ^ in) & 1u ? 0xedb88320u : 0);
    }
    png_save_uint_32(png + 29, ~crc);
}

static void limits_come_before_memory(void **state)
{
    static const uint32_t sizes[][2] = {
        { 20000, 20000 }, { 1000000, 1000000 }, { 0x7fffffff, 0x7fffffff }, { 1, 0x7fffffff }
    };

    (void)state;
    for (int interlaced = 0; interlaced < 2; interlaced++) {
        struct encoded e = grey_ramp(interlaced);

        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            struct unpacked u;
            derm_err code;

            put_size(e.data, sizes[i][0], sizes[i][1]);
            code = unpack(&u, e, 200000000);
            assert_true(code == DERM_ELIMIT || code == DERM_EMALFORMED);
            assert_true(sizes[i][0] > 1000000 || sizes[i][1] > 1000000 || code == DERM_ELIMIT);
            assert_true(u.arena.peak < 1 << 20);
            unpack_free(&u);
        }
        free(e.data);
    }
}

/* The most address space that the process has had, MiB. */
static long peak_mib(void)
{
    char line[128];
    long kib = 0;
    FILE *const f = fopen("/proc/self/status", "r");

    assert_non_null(f);
    while (fgets(line, sizeof(line), f))
        if (strncmp(line, "VmPeak:", 7) == 0) kib = strtol(line + 7, NULL, 10);
    fclose(f);
    return kib >> 10;
}

/* Found by fuzzing: libpng would allocate what an eXIf chunk says that it holds. */
static void a_chunk_cannot_claim_memory(void **state)
{
    struct encoded e = grey_ramp(false);
    struct encoded bomb = { malloc(e.size + 12), e.size + 12 };
    struct unpacked u;
    long before;

    (void)state;
    assert_non_null(bomb.data);
    memcpy(bomb.data, e.data, 33);
    memcpy(bomb.data + 33,
           "\x7f\xff\xff\xff"
           "eXIf"
           "II*\0",
           12);
    memcpy(bomb.data + 45, e.data + 33, e.size - 33);
    assert_int_equal(unpack(&u, e, PIXELS), DERM_OK); /* the arena's own reservation */
    unpack_free(&u);
    before = peak_mib();
    assert_true(unpack(&u, bomb, PIXELS) != DERM_OK);
    assert_true(peak_mib() - before < 100);
    unpack_free(&u);
    free(bomb.data);
    free(e.data);
}

static void colour_chunks_are_handed_out(void **state)
{
    static const uint8_t row[3] = { 1, 2, 3 };
    const struct encode_png gamma = { .colour_type = PNG_COLOR_TYPE_RGB, .bits = 8, .gamma = 0.7 };
    const struct encode_png srgb = { .colour_type = PNG_COLOR_TYPE_RGB, .bits = 8, .srgb = true };
    struct encoded e = encode_png(&gamma, row, 3, 1, 1);
    struct unpacked u;

    (void)state;
    assert_int_equal(unpack(&u, e, 1), DERM_OK);
    assert_true(u.picture.colour.gamma > 0.699 && u.picture.colour.gamma < 0.701);
    assert_false(u.picture.colour.srgb);
    unpack_free(&u);
    free(e.data);
    e = encode_png(&srgb, row, 3, 1, 1);
    assert_int_equal(unpack(&u, e, 1), DERM_OK);
    assert_true(u.picture.colour.srgb);
    unpack_free(&u);
    free(e.data);
}

static void written_pictures_are_read_again(void **state)
{
    char path[] = "/tmp/dermetry-test-XXXXXX";
    struct derm_error err = { 0 };
    struct derm_arena arena;
    struct derm_bytes bytes;
    struct derm_rgb8 picture;
    struct derm_mask mask;
    struct unpacked u;
    const int file = mkstemp(path);

    (void)state;
    assert_true(file >= 0);
    close(file);
    assert_int_equal(derm_arena_init(&arena, 16 << 20, &err), DERM_OK);
    assert_int_equal(derm_rgb8_new(&arena, &picture, W, H), DERM_OK);
    assert_int_equal(derm_mask_new(&arena, &mask, W, H), DERM_OK);
    for (int i = 0; i < 3 * PIXELS; i++)
        derm_rgb8_row(&picture, i / (3 * W))[i % (3 * W)] = (uint8_t)sample(i, 0, 0);
    memset(derm_mask_row(&mask, 3), 0xff, W);
    assert_int_equal(derm_png_write_rgb(path, &picture, &err), DERM_OK);
    assert_int_equal(derm_input_read(&bytes, &arena, path, 1 << 20, &err), DERM_OK);
    assert_int_equal(
        unpack(&u, (struct encoded){ arena.base + (bytes.data - arena.base), bytes.size }, PIXELS),
        DERM_OK);
    for (int y = 0; y < H; y++)
        assert_memory_equal(u.rgb + 3 * W * y, derm_rgb8_row(&picture, y), 3 * W);
    unpack_free(&u);
    assert_int_equal(derm_png_write_grey(path, &mask, &err), DERM_OK);
    assert_int_equal(derm_input_read(&bytes, &arena, path, 1 << 20, &err), DERM_OK);
    assert_int_equal(
        unpack(&u, (struct encoded){ arena.base + (bytes.data - arena.base), bytes.size }, PIXELS),
        DERM_OK);
    assert_true(u.picture.grey);
    assert_int_equal(u.rgb[3 * W * 3], 0xff);
    assert_int_equal(u.rgb[3 * W * 4], 0);
    unpack_free(&u);
    unlink(path);
    assert_int_equal(derm_png_write_rgb("/nowhere/at/all.png", &picture, &err), DERM_ECREATE);
    derm_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_layouts_keep_their_samples),
        cmocka_unit_test(palettes_and_few_bits_are_expanded),
        cmocka_unit_test(one_colour_can_be_transparent),
        cmocka_unit_test(no_cut_or_damaged_file_is_a_picture),
        cmocka_unit_test(limits_come_before_memory),
        cmocka_unit_test(a_chunk_cannot_claim_memory),
        cmocka_unit_test(colour_chunks_are_handed_out),
        cmocka_unit_test(written_pictures_are_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
