/* SPDX-License-Identifier: Apache-2.0 */
/* EXIF: what is read, what is not, and what broken blocks do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/exif.h"

/* ---- a little-endian TIFF structure with IFD 0 and the EXIF IFD */
enum { MAX_ENTRIES = 16, BLOCK = 2048 };
enum { ASCII = 2, SHORT = 3, LONG = 4, RATIONAL = 5 };

struct entry {
    int tag, type;
    const char *text;
    unsigned a, b; /* the value, or numerator and denominator */
};
struct block {
    uint8_t data[BLOCK];
    size_t used;
};

static void put(uint8_t *at, unsigned value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* Writes the IFD at b->used; the values that do not fit in an entry follow it. */
static void put_ifd(struct block *b, const struct entry *e, int n)
{
    uint8_t *const ifd = b->data + b->used;

    put(ifd, (unsigned)n, 2);
    b->used += 2 + 12 * (size_t)n + 4;
    for (int i = 0; i < n; i++) {
        uint8_t *const at = ifd + 2 + 12 * i;
        const unsigned count = e[i].type == ASCII ? (unsigned)strlen(e[i].text) + 1 : 1;

        put(at, (unsigned)e[i].tag, 2);
        put(at + 2, (unsigned)e[i].type, 2);
        put(at + 4, count, 4);
        if (e[i].type == SHORT || e[i].type == LONG) {
            put(at + 8, e[i].a, e[i].type == SHORT ? 2 : 4);
        } else if (e[i].type == ASCII && count <= 4) {
            memcpy(at + 8, e[i].text, count);
        } else {
            put(at + 8, (unsigned)b->used, 4);
            if (e[i].type == ASCII) {
                memcpy(b->data + b->used, e[i].text, count);
                b->used += count;
            } else {
                put(b->data + b->used, e[i].a, 4);
                put(b->data + b->used + 4, e[i].b, 4);
                b->used += 8;
            }
        }
    }
}

static struct block make(const struct entry *ifd0, int n0, const struct entry *exif, int n1)
{
    struct entry first[MAX_ENTRIES];
    struct block b = { .used = 8 };
    size_t pointer;

    memcpy(b.data, "II*\0\x08\0\0\0", 8);
    memcpy(first, ifd0, sizeof(*ifd0) * (size_t)n0);
    first[n0] = (struct entry){ 0x8769, LONG, NULL, 0, 0 };
    pointer = b.used + 2 + 12 * (size_t)n0 + 8;
    put_ifd(&b, first, n0 + 1);
    put(b.data + pointer, (unsigned)b.used, 4);
    put_ifd(&b, exif, n1);
    return b;
}

static struct derm_exif read_block(const struct block *b)
{
    struct derm_exif e;

    derm_exif_read(&e, (struct derm_bytes){ b->data, b->used });
    return e;
}

static void assert_near(double got, double expected)
{
    if (!(fabs(got - expected) <= 1e-9)) fail_msg("got %.9g, expected %.9g", got, expected);
}

static const struct entry camera[] = { { 0x010f, ASCII, "Make\xff\x01r  ", 0, 0 },
                                       { 0x0110, ASCII, "M\xc3\xbcller", 0, 0 },
                                       { 0x0112, SHORT, NULL, 6, 0 } };
static const struct entry shot[] = {
    { 0x829a, RATIONAL, NULL, 1, 125 },   { 0x829d, RATIONAL, NULL, 28, 10 },
    { 0x8827, SHORT, NULL, 400, 0 },      { 0x9003, ASCII, "2024:05:31 14:03:59", 0, 0 },
    { 0x9011, ASCII, "+02:00", 0, 0 },    { 0x9209, SHORT, NULL, 0x19, 0 },
    { 0x920a, RATIONAL, NULL, 26, 5 },    { 0xa401, SHORT, NULL, 3, 0 },
    { 0xa403, SHORT, NULL, 1, 0 },        { 0xa431, ASCII, "SERIAL-4711", 0, 0 },
    { 0xa434, ASCII, "lens 5.2mm", 0, 0 }
};

static void the_facts_are_read(void **state)
{
    const struct block b = make(camera, 3, shot, 11);
    const struct derm_exif e = read_block(&b);

    (void)state;
    assert_int_equal(e.orientation, 6);
    assert_string_equal(e.captured_at, "2024-05-31T14:03:59+02:00");
    assert_string_equal(e.make, "Make\xef\xbf\xbd\xef\xbf\xbdr");
    assert_string_equal(e.model, "M\xc3\xbcller");
    assert_string_equal(e.lens, "lens 5.2mm");
    assert_near(e.exposure_s, 0.008);
    assert_near(e.f_number, 2.8);
    assert_near(e.focal_mm, 5.2);
    assert_int_equal(e.iso, 400);
    assert_int_equal(e.flash_fired, 1);
    assert_int_equal(e.white_balance, 1);
    assert_int_equal(e.custom_rendered, 3); /* Apple: HDR */
}

static void absent_facts_are_unknown(void **state)
{
    const struct block b = make(camera, 0, shot, 0);
    const struct derm_exif e = read_block(&b);

    (void)state;
    assert_int_equal(e.orientation, 1);
    assert_string_equal(e.captured_at, "");
    assert_string_equal(e.make, "");
    assert_near(e.exposure_s, 0.0);
    assert_int_equal(e.iso, 0);
    assert_int_equal(e.flash_fired, -1);
    assert_int_equal(e.white_balance, -1);
    assert_int_equal(e.custom_rendered, 0);
}

static void times_that_are_none_are_dropped(void **state)
{
    static const struct {
        const char *time, *offset, *expected;
    } cases[] = {
        { "2024:05:31 14:03:59", "", "2024-05-31T14:03:59" },
        { "2024-05-31 14:03:59", "-11:30", "2024-05-31T14:03:59-11:30" },
        { "2024:05:31 14:03:59", "+2:00", "2024-05-31T14:03:59" },
        { "0000:00:00 00:00:00", "", "" },
        { "2024:13:31 14:03:59", "", "" },
        { "    :  :     :  :  ", "", "" },
        { "2024:05:31 24:03:59", "", "" },
        { "2024:05:31", "", "" },
        { "2024:05:31 14:03:5x", "", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct entry time[] = { { 0x9003, ASCII, cases[i].time, 0, 0 },
                                      { 0x9011, ASCII, cases[i].offset, 0, 0 } };
        const struct block b = make(camera, 0, time, 2);
        const struct derm_exif e = read_block(&b);

        assert_string_equal(e.captured_at, cases[i].expected);
    }
}

static void odd_values_do_no_harm(void **state)
{
    const struct entry odd[] = { { 0x829a, RATIONAL, NULL, 1, 0 },
                                 { 0x829d, SHORT, NULL, 5, 0 },
                                 { 0x8827, LONG, NULL, 0xffffffff, 0 } };
    const struct entry turned[] = { { 0x0112, SHORT, NULL, 9, 0 } };
    const struct block b = make(turned, 1, odd, 3);
    const struct derm_exif e = read_block(&b);

    (void)state;
    assert_int_equal(e.orientation, 1);
    assert_near(e.exposure_s, 0.0);
    assert_near(e.f_number, 0.0);
    assert_int_equal(e.iso, 0);
}

/* Every truncation and every flipped byte: nothing but the facts may change. */
static void broken_blocks_do_no_harm(void **state)
{
    const struct block b = make(camera, 3, shot, 10);

    (void)state;
    for (size_t i = 0; i < b.used; i++) {
        struct block broken = b;
        struct derm_exif e;

        broken.data[i] ^= 0xff;
        e = read_block(&broken);
        assert_in_range(e.orientation, 1, 8);
        broken = b;
        broken.used = i;
        e = read_block(&broken);
        assert_in_range(e.orientation, 1, 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_facts_are_read),
        cmocka_unit_test(absent_facts_are_unknown),
        cmocka_unit_test(times_that_are_none_are_dropped),
        cmocka_unit_test(odd_values_do_no_harm),
        cmocka_unit_test(broken_blocks_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
