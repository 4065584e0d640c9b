/* SPDX-License-Identifier: Apache-2.0 */
/* The drawing part of the OpenCV wrapper: positions, sizes, and no exception gets out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "cv/cv.h"

static struct derm_error err;
static struct derm_arena arena;

static int set_up(void **state)
{
    (void)state;
    return derm_arena_init(&arena, (size_t)64 << 20, &err) == DERM_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    derm_arena_free(&arena);
    return 0;
}

static int count(const struct derm_mask *m)
{
    int n = 0;

    for (int y = 0; y < m->h; y++)
        for (int x = 0; x < m->w; x++)
            n += derm_mask_row(m, y)[x] != 0;
    return n;
}

static int drawn(const struct derm_rgb8 *p, int x, int y)
{
    const uint8_t *const px = derm_rgb8_row(p, y) + 3 * x;

    return px[0] | px[1] | px[2];
}

static void fill_covers_the_polygon_and_stays_in_the_mask(void **state)
{
    const struct derm_cv_point square[] = { { 10, 10 }, { 29, 10 }, { 29, 19 }, { 10, 19 } };
    const struct derm_cv_point outside[] = {
        { -1e9f, -5 }, { 1e9f, -5 }, { 1e9f, 4 }, { -1e9f, 4 }
    };
    struct derm_mask m;

    (void)state;
    assert_int_equal(derm_mask_new(&arena, &m, 50, 40), DERM_OK);
    assert_int_equal(derm_cv_fill(&m, square, 4, 0xff, &err), DERM_OK);
    assert_int_equal(count(&m), 20 * 10);
    assert_int_equal(derm_cv_fill(&m, square, 2, 0xff, &err), DERM_OK);
    assert_int_equal(derm_cv_fill(&m, square, 4, 0, &err), DERM_OK);
    assert_int_equal(count(&m), 0);
    assert_int_equal(derm_cv_fill(&m, outside, 4, 0xff, &err), DERM_OK);
    assert_int_equal(count(&m), 50 * 5);
    for (int y = 0; y < m.h; y++)
        for (int x = m.w; x < m.stride; x++)
            assert_int_equal(derm_mask_row(&m, y)[x], 0);
}

static void a_position_that_is_no_number_is_an_error(void **state)
{
    const struct derm_cv_point bad[] = { { 1, 1 }, { NAN, 5 }, { 9, 9 } };
    struct derm_error e = { 0 };
    struct derm_mask m;

    (void)state;
    assert_int_equal(derm_mask_new(&arena, &m, 20, 20), DERM_OK);
    assert_int_equal(derm_cv_fill(&m, bad, 3, 0xff, &e), DERM_ECV);
    assert_non_null(strstr(e.text, "OpenCV"));
}

static void outline_follows_the_mask_at_any_size(void **state)
{
    const struct derm_cv_point square[] = { { 10, 10 }, { 30, 10 }, { 30, 30 }, { 10, 30 } };
    const uint8_t white[3] = { 255, 255, 255 };
    struct derm_mask m;

    (void)state;
    assert_int_equal(derm_mask_new(&arena, &m, 40, 40), DERM_OK);
    assert_int_equal(derm_cv_fill(&m, square, 4, 0xff, &err), DERM_OK);
    for (int zoom = 1; zoom <= 3; zoom++) {
        struct derm_rgb8 p;

        assert_int_equal(derm_rgb8_new(&arena, &p, 40 * zoom, 40 * zoom), DERM_OK);
        assert_int_equal(derm_cv_outline(&p, &m, white, 1, &err), DERM_OK);
        assert_true(drawn(&p, 10 * zoom, 20 * zoom));
        assert_false(drawn(&p, 20 * zoom, 20 * zoom));
        assert_false(drawn(&p, 5 * zoom, 20 * zoom));
    }
}

static void drawing_hits_its_place(void **state)
{
    const struct derm_cv_point line[] = { { 5, 60 }, { 95, 60 } };
    const uint8_t red[3] = { 255, 0, 0 };
    struct derm_rgb8 p, half;
    double width_px;

    (void)state;
    assert_int_equal(derm_rgb8_new(&arena, &p, 100, 80), DERM_OK);
    assert_int_equal(derm_rgb8_new(&arena, &half, 50, 40), DERM_OK);
    assert_int_equal(derm_cv_circle(&p, 50, 20, 8, red, 1, &err), DERM_OK);
    assert_true(drawn(&p, 58, 20) && !drawn(&p, 50, 20) && !drawn(&p, 62, 20));
    assert_int_equal(derm_cv_circle(&p, 50, 20, 8, red, 0, &err), DERM_OK);
    assert_true(drawn(&p, 50, 20));
    assert_int_equal(derm_cv_line(&p, line, 2, 0, red, 3, &err), DERM_OK);
    assert_true(drawn(&p, 50, 59) && drawn(&p, 50, 61) && !drawn(&p, 50, 64));
    assert_int_equal(derm_cv_resize(&half, &p, &err), DERM_OK);
    assert_true(drawn(&half, 25, 10) && !drawn(&half, 25, 20));
    assert_int_equal(derm_cv_text_width("5 mm", 12, &width_px, &err), DERM_OK);
    assert_true(width_px > 24 && width_px < 72);
    assert_int_equal(derm_cv_text(&p, 2, 40, "HHH", 12, red, &err), DERM_OK);
    assert_true(drawn(&p, 4, 34) && !drawn(&p, 4, 43));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fill_covers_the_polygon_and_stays_in_the_mask),
        cmocka_unit_test(a_position_that_is_no_number_is_an_error),
        cmocka_unit_test(outline_follows_the_mask_at_any_size),
        cmocka_unit_test(drawing_hits_its_place),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
