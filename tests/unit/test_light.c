/* SPDX-License-Identifier: Apache-2.0 */
/* Light made of samples row by row: the area means are those of whole planes of light, bit for bit,
 * for every kind of sample; so is the optical density that is taken of them on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "color/light.h"

enum { W = 203, H = 131 };

static struct derm_error err;
static struct derm_arena arena;
static struct derm_kernels k;
static struct derm_pool *pool;

static int set_up(void **state)
{
    (void)state;
    derm_kernels_init(&k, 0);
    if (derm_pool_new(&pool, 2, &err) != DERM_OK) return 1;
    return derm_arena_init(&arena, (size_t)64 << 20, &err) != DERM_OK;
}

static int tear_down(void **state)
{
    (void)state;
    derm_pool_free(pool);
    derm_arena_free(&arena);
    return 0;
}

/* A photo of pseudo-random samples: PNG chunks of a wide gamut, or sRGB. */
static struct derm_light photo(int bits, bool wide)
{
    const struct derm_colour_tags srgb = { .srgb = true };
    const struct derm_colour_tags tags = { .gamma = 1 / 1.8,
                                           .has_primaries = true,
                                           .white = { 0.3127, 0.3290 },
                                           .red = { 0.68, 0.32 },
                                           .green = { 0.265, 0.69 },
                                           .blue = { 0.15, 0.06 } };
    struct derm_light l = { .w = W, .h = H, .stride = 3 * W * bits / 8 + 10 };
    uint32_t state = 1;

    derm_arena_reset(&arena, 0);
    assert_int_equal(derm_colour_open(&l.colour, &arena, wide ? &tags : &srgb, bits, false, &err),
                     DERM_OK);
    assert_int_equal(derm_arena_new(&arena, &l.samples, (size_t)l.stride, H), DERM_OK);
    for (int i = 0; i < (int)l.stride * H; i++) {
        state = state * 1664525u + 1013904223u;
        l.samples[i] = (uint8_t)(state >> 24);
    }
    return l;
}

static void to_planes(const struct derm_light *l, struct derm_plane out[3])
{
    float row[3 * W];

    for (int c = 0; c < 3; c++)
        assert_int_equal(derm_plane_new(&arena, &out[c], W, H), DERM_OK);
    for (int y = 0; y < H; y++) {
        derm_light_row(l, row, 0, y, W);
        for (int i = 0; i < 3 * W; i++)
            derm_row(&out[i % 3], y)[i / 3] = row[i];
    }
}

static void assert_same_means(const struct derm_light *l, const struct derm_plane whole[3],
                              double x0, double y0, double step, int w, int h)
{
    const struct derm_filter f = { &k, pool, &arena };
    const float floor = 0.05f;
    struct derm_plane mean[3], density[3], alone, expected, expected_density;

    for (int c = 0; c < 3; c++) {
        assert_int_equal(derm_plane_new(&arena, &mean[c], w, h), DERM_OK);
        assert_int_equal(derm_plane_new(&arena, &density[c], w, h), DERM_OK);
    }
    assert_int_equal(derm_plane_new(&arena, &alone, w, h), DERM_OK);
    assert_int_equal(derm_plane_new(&arena, &expected, w, h), DERM_OK);
    assert_int_equal(derm_plane_new(&arena, &expected_density, w, 1), DERM_OK);
    assert_int_equal(derm_light_area(&f, mean, l, x0, y0, step, 0.0f), DERM_OK);
    assert_int_equal(derm_light_area(&f, density, l, x0, y0, step, floor), DERM_OK);
    for (int c = 0; c < 3; c++) {
        assert_int_equal(derm_resample_area(&f, &expected, &whole[c], x0, y0, step), DERM_OK);
        assert_int_equal(derm_light_area_of(&f, &alone, c, l, x0, y0, step), DERM_OK);
        for (int y = 0; y < h; y++) {
            const size_t n = (size_t)w * sizeof(float);
            assert_memory_equal(derm_row(&mean[c], y), derm_row(&expected, y), n);
            assert_memory_equal(derm_row(&alone, y), derm_row(&expected, y), n);
            k.density(derm_row(&expected_density, 0), derm_row(&expected, y), floor, (size_t)w);
            assert_memory_equal(derm_row(&density[c], y), derm_row(&expected_density, 0), n);
        }
    }
}

static void means_are_those_of_planes(void **state)
{
    static const struct {
        int bits;
        bool wide;
    } kinds[] = { { 8, false }, { 8, true }, { 16, false }, { 16, true } };

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct derm_light l = photo(kinds[i].bits, kinds[i].wide);
        struct derm_plane whole[3];

        assert_int_equal(l.colour.is_srgb, !kinds[i].wide);
        to_planes(&l, whole);
        assert_same_means(&l, whole, 0, 0, 1, W, H);
        assert_same_means(&l, whole, 0, 0, 20.0 / 14, 142, 91);
        assert_same_means(&l, whole, 31, 17, 2.5, 60, 40);
        assert_same_means(&l, whole, 31.3, 17.9, 3.46, 40, 30);
        assert_same_means(&l, whole, -4, -3, 1.7, 130, 90); /* beyond every border */
        assert_same_means(&l, whole, 0, 0, 67, 3, 1);
        l.samples = NULL; /* light that was kept */
        memcpy(l.plane, whole, sizeof(l.plane));
        assert_same_means(&l, whole, 31, 17, 2.5, 60, 40);
        derm_colour_close(&l.colour);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_those_of_planes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
