/* SPDX-License-Identifier: Apache-2.0 */
/* Labels, order statistics and morphology against brute force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "unit/filter_lab.h"

static uint32_t seed = 1;
static double noise(void) /* [0, 1) */
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / (double)(1 << 24);
}

static struct derm_mask random_mask(int w, int h, double density)
{
    struct derm_mask m;

    OK(derm_mask_new(&keep, &m, w, h));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            derm_mask_row(&m, y)[x] = noise() < density ? 0xff : 0;
    return m;
}

/* Floods the object that holds (x, y). stack has room for all pixels. */
static void flood(struct derm_labels *l, const struct derm_mask *m, int x, int y, int32_t n,
                  int *stack)
{
    int depth = 0;

    stack[depth++] = y * m->w + x;
    derm_labels_row(l, y)[x] = n;
    while (depth > 0) {
        const int p = stack[--depth];
        for (int k = 0; k < 9; k++) {
            const int u = p % m->w + k % 3 - 1, v = p / m->w + k / 3 - 1;
            if (u < 0 || v < 0 || u >= m->w || v >= m->h) continue;
            if (!derm_mask_row(m, v)[u] || derm_labels_row(l, v)[u]) continue;
            derm_labels_row(l, v)[u] = n;
            stack[depth++] = v * m->w + u;
        }
    }
}

static void labels_match_flood_fill(void **state)
{
    static const int sizes[][2] = { { 1, 1 }, { 1, 90 }, { 90, 1 }, { 64, 64 }, { 131, 197 } };

    (void)state;
    for (int i = 0; i < 5 * 11; i++) {
        const int w = sizes[i % 5][0], h = sizes[i % 5][1];
        struct derm_mask m = random_mask(w, h, (double)(i / 5) / 10.0);
        struct derm_labels got, want;
        int n = -1, expected = 0, *stack;
        OK(derm_labels_new(&keep, &got, w, h));
        OK(derm_labels_new(&keep, &want, w, h));
        OK(derm_arena_new(&keep, &stack, (size_t)(w * h), sizeof(*stack)));
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                if (derm_mask_row(&m, y)[x] && !derm_labels_row(&want, y)[x])
                    flood(&want, &m, x, y, ++expected, stack);
        memset(got.px, 0x55,
               sizeof(*got.px) * (size_t)(got.stride * h)); /* zeros are written too */
        OK(derm_label(&filter, &got, &m, &n));
        assert_int_equal(n, expected);
        for (int y = 0; y < h; y++)
            assert_memory_equal(derm_labels_row(&got, y), derm_labels_row(&want, y), 4 * (size_t)w);
        derm_arena_reset(&keep, 0);
    }
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double sorted_median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof(*x), by_value);
    return 0.5 * (x[(n - 1) / 2] + x[n / 2]);
}

static void median_matches_sorting(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        const int w = 1 + round, h = 1 + round / 2;
        struct derm_mask m = random_mask(w, h, round % 3 ? 0.5 : 1.0);
        struct derm_plane p;
        double *x, median, mad, want;
        int n = 0, count;
        OK(derm_plane_new(&keep, &p, w, h));
        OK(derm_arena_new(&keep, &x, (size_t)(w * h), sizeof(*x)));
        for (int y = 0; y < h; y++) {
            for (int i = 0; i < w; i++) { /* both signs, many ties, huge and tiny */
                const double v = noise() - 0.4;
                derm_row(&p, y)[i] = (float)(round % 4 == 0   ? floor(8.0 * v)
                                             : round % 4 == 1 ? v * pow(10.0, 60.0 * v)
                                                              : v);
                if (derm_mask_row(&m, y)[i]) x[n++] = (double)derm_row(&p, y)[i];
            }
        }
        OK(derm_masked_median(&filter, &p, &m, &median, &mad, &count));
        assert_int_equal(count, n);
        if (n > 0) {
            want = sorted_median(x, n);
            assert_true(median == want);
            for (int i = 0; i < n; i++)
                x[i] = fabs(x[i] - want);
            assert_true(fabs(mad - 1.4826 * sorted_median(x, n)) <= 1e-7 * mad);
        } else {
            assert_true(median == 0.0 && mad == 0.0);
        }
        derm_arena_reset(&keep, 0);
    }
}

/* Enough pixels for the bracket; an order that misleads the sample; two values only. */
static void large_median_is_exact_too(void **state)
{
    const int w = 301, h = 997;
    struct derm_plane p;
    struct derm_mask m = random_mask(w, h, 1.0);
    double *x, median, mad;
    int count;

    (void)state;
    OK(derm_plane_new(&keep, &p, w, h));
    OK(derm_arena_new(&keep, &x, (size_t)(w * h), sizeof(*x)));
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < w * h; i++) {
            const double v = round == 0   ? noise()
                             : round == 1 ? (i % (w * h / 4096) == 0 ? 9.0 + noise() : noise())
                             : round == 2 ? (double)(noise() < 0.5)
                                          : (double)i;
            derm_row(&p, i / w)[i % w] = (float)v;
            x[i] = (double)(float)v;
        }
        OK(derm_masked_median(&filter, &p, &m, &median, &mad, &count));
        assert_int_equal(count, w * h);
        assert_true(median == sorted_median(x, w * h));
        for (int i = 0; i < w * h; i++)
            x[i] = fabs(x[i] - median);
        assert_true(fabs(mad - 1.4826 * sorted_median(x, w * h)) <= 1e-7 * mad);
    }
    derm_arena_reset(&keep, 0);
}

/* 0xff where a pixel of m that is `set` lies within the radius. */
static int near(const struct derm_mask *m, int x, int y, double radius, uint8_t set)
{
    const int r = (int)ceil(radius);

    for (int j = imax(y - r, 0); j <= imin(y + r, m->h - 1); j++)
        for (int i = imax(x - r, 0); i <= imin(x + r, m->w - 1); i++)
            if (derm_mask_row(m, j)[i] == set &&
                (double)((i - x) * (i - x) + (j - y) * (j - y)) <= radius * radius)
                return 0xff;
    return 0;
}

static void morphology_matches_brute_force(void **state)
{
    static const double radii[] = { 0.0, 0.9, 1.0, 1.4142135623730952, 2.3, 5.0, 13.0, 400.0 };

    (void)state;
    for (size_t i = 0; i < sizeof(radii) / sizeof(radii[0]); i++) {
        for (int round = 0; round < 3; round++) {
            const double r = radii[i];
            struct derm_mask m = random_mask(83, 70, round ? 0.01 : 0.3), out;
            OK(derm_mask_new(&keep, &out, m.w, m.h));
            OK(derm_dilate(&filter, &out, &m, r));
            for (int k = 0; k < m.w * m.h; k++)
                assert_int_equal(derm_mask_row(&out, k / m.w)[k % m.w],
                                 near(&m, k % m.w, k / m.w, r, 0xff));
            if (round == 2) OK(derm_dilate(&filter, &m, &m, 6.0)); /* in place */
            OK(derm_erode(&filter, &out, &m, r));
            for (int k = 0; k < m.w * m.h; k++)
                assert_int_equal(derm_mask_row(&out, k / m.w)[k % m.w],
                                 0xff - near(&m, k % m.w, k / m.w, r, 0));
            derm_arena_reset(&keep, 0);
        }
    }
}

static void padding_of_a_mask_stays_clear(void **state)
{
    struct derm_mask m = random_mask(70, 5, 0.5);

    (void)state;
    OK(derm_dilate(&filter, &m, &m, 3.0));
    OK(derm_erode(&filter, &m, &m, 1.0));
    for (int y = 0; y < m.h; y++)
        for (ptrdiff_t x = m.w; x < m.stride; x++)
            assert_int_equal(derm_mask_row(&m, y)[x], 0);
}

static void too_little_memory_is_an_error(void **state)
{
    struct derm_arena small;
    struct derm_filter f = filter;
    struct derm_mask m = random_mask(3000, 3000, 0.5);
    struct derm_labels l;
    int n;

    (void)state;
    OK(derm_labels_new(&keep, &l, m.w, m.h));
    OK(derm_arena_init(&small, 1, &err));
    f.scratch = &small;
    assert_int_equal(derm_label(&f, &l, &m, &n), DERM_ENOMEM);
    assert_true(strlen(err.text) > 0);
    derm_arena_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_match_flood_fill),
        cmocka_unit_test(median_matches_sorting),
        cmocka_unit_test(large_median_is_exact_too),
        cmocka_unit_test(morphology_matches_brute_force),
        cmocka_unit_test(padding_of_a_mask_stays_clear),
        cmocka_unit_test(too_little_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
