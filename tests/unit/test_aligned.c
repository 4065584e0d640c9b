/* SPDX-License-Identifier: Apache-2.0 */
/* The follow-up's picture on the baseline: in its light, and whole where two maps meet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "color/transfer.h"
#include "report/aligned.h"
#include "stages/field.h"

enum { W = 120, H = 90 };

static struct derm_error err;
static struct derm_arena keep, scratch;

static int set_up(void **state)
{
    (void)state;
    return derm_arena_init(&keep, (size_t)16 << 20, &err) != DERM_OK ||
           derm_arena_init(&scratch, (size_t)64 << 20, &err) != DERM_OK;
}

static int tear_down(void **state)
{
    (void)state;
    derm_arena_free(&keep);
    derm_arena_free(&scratch);
    return 0;
}

/* A spot on skin under another light: the light goes, the spot stays, and so does what is no skin.
 */
static void the_light_is_matched_and_nothing_else(void **state)
{
    const int spot = H / 2;
    struct derm_rgb8 before, after;
    struct derm_mask skin;

    (void)state;
    assert_int_equal(derm_rgb8_new(&scratch, &before, W, H), DERM_OK);
    assert_int_equal(derm_rgb8_new(&scratch, &after, W, H), DERM_OK);
    assert_int_equal(derm_mask_new(&scratch, &skin, W, H), DERM_OK);
    assert_false(derm_relight(&after, &before, &skin)); /* no skin to go by */
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double light = 0.75 + 0.3 * x / W - 0.1 * y / H; /* of the follow-up */
            const double tone[3] = { 0.5, 0.3, 0.2 }, cast[3] = { 0.9, 1, 1.1 };
            const bool dark = abs(x - spot) < 4 && abs(y - spot) < 4;

            derm_mask_row(&skin, y)[x] = x < 2 * W / 3 ? 0xff : 0;
            for (int c = 0; c < 3; c++) {
                derm_rgb8_row(&before, y)[3 * x + c] =
                    (uint8_t)lround(255 * derm_srgb_encode(tone[c]));
                derm_rgb8_row(&after, y)[3 * x + c] = (uint8_t)lround(
                    255 * derm_srgb_encode(tone[c] * cast[c] * light * (dark ? 0.5 : 1)));
            }
        }
    assert_true(derm_relight(&after, &before, &skin));
    for (int c = 0; c < 3; c++) {
        const uint8_t *const row = derm_rgb8_row(&after, spot) + c;
        const uint8_t like = derm_rgb8_row(&before, 0)[c];

        assert_in_range(row[3 * 5], like - 4, like + 4);
        assert_in_range(row[3 * (W / 2)], like - 4, like + 4);
        /* Half the light is 0.73 of its code; a spot that was made lighter would be nearer to 1. */
        assert_in_range(row[3 * spot], 0.69 * like, 0.77 * like);
    }
    derm_arena_reset(&scratch, 0);
}

/* Brighter from row to row; nothing between the rows GAP and END is measured. */
enum { GAP = 40, END = 56, FOLD = 12, CELL = 4 };

static void make_frame(struct derm_frame *f)
{
    memset(f, 0, sizeof(*f));
    f->view.grid = (struct derm_grid){ .step = 1, .w = W, .h = H, .px_per_mm = 10 };
    assert_int_equal(derm_rgb8_new(&keep, &f->rgb, W, H), DERM_OK);
    assert_int_equal(derm_bits_new(&keep, &f->view.regions, W, H), DERM_OK);
    for (int y = 0; y < H; y++) {
        memset(derm_rgb8_row(&f->rgb, y), 50 + 2 * y, 3 * W);
        for (int x = 0; x < W; x++)
            derm_bits_row(&f->view.regions, y)[x] = y < GAP || y >= END;
    }
}

/* What lies above is seen FOLD px further down, what lies below where it is: as mapped, a strip of
 * the picture comes twice. */
static void two_maps_are_led_over_into_each_other(void **state)
{
    struct derm_frame base, follow;
    struct derm_pair pair = { .base = &base, .follow = &follow };
    struct derm_field *const map = &pair.registration.map;
    struct derm_rgb8 out;
    bool relit;

    (void)state;
    make_frame(&base);
    make_frame(&follow);
    assert_int_equal(derm_field_new(&keep, map, W, H, CELL), DERM_OK);
    assert_int_equal(derm_mask_new(&keep, &pair.common, W, H), DERM_OK);
    for (int y = 0; y < H; y++)
        memset(derm_mask_row(&pair.common, y), 0xff, W);
    for (int v = 0; v < map->x.h; v++)
        for (int u = 0; u < map->x.w; u++) {
            const double y = derm_field_node(map, v);

            derm_row(&map->x, v)[u] = (float)derm_field_node(map, u);
            derm_row(&map->y, v)[u] = (float)(y < (GAP + END) / 2.0 ? y + FOLD : y);
        }
    assert_int_equal(derm_aligned_picture(&pair, &out, &relit, &scratch, &err), DERM_OK);
    for (int y = 1; y < H - CELL; y++)
        assert_true(derm_rgb8_row(&out, y)[3 * (W / 2)] + 2 >=
                    derm_rgb8_row(&out, y - 1)[3 * (W / 2)]);
    derm_arena_reset(&keep, 0);
    derm_arena_reset(&scratch, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_light_is_matched_and_nothing_else),
        cmocka_unit_test(two_maps_are_led_over_into_each_other),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
