/* SPDX-License-Identifier: Apache-2.0 */
/* Responses that are looked at and thrown away, and their maxima, against the continuous filter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/response.h"
#include "unit/filter_planes.h"

/* The response of the scale-normalised Laplacian of a Gaussian of sigma s, as pits.c makes it. */
static struct derm_response laplacian(double s)
{
    static const int weight[9] = { -1, -4, -1, -4, 20, -4, -1, -4, -1 };
    struct derm_response r = { .variance_px = s * s - 1 / 6.0 };

    for (int i = 0; i < 9; i++)
        r.weight[i] = (float)(s * s * weight[i] / 6);
    return r;
}

static struct derm_mask all_set(int w, int h)
{
    struct derm_mask m = mask(w, h);

    for (int y = 0; y < h; y++)
        memset(derm_mask_row(&m, y), 0xff, (size_t)w);
    return m;
}

/* A bright Gaussian blob of sd b: scale-normalised LoG at its centre is -2 s^2 b^2 / (b^2 + s^2)^2,
 * extreme at s = b with the value -1/2 (Lindeberg 1998). */
static void a_response_is_that_of_the_continuous_filter(void **state)
{
    const double b = 5.0, cx = 100.25, cy = 99.5;
    struct derm_plane src = plane(201, 201), dst = plane(201, 201);
    const struct derm_mask mask = all_set(201, 201);
    double most = 0.0, best = 0.0;

    (void)state;
    for (int y = 0; y < src.h; y++)
        for (int x = 0; x < src.w; x++)
            derm_row(&src, y)[x] =
                (float)exp(-0.5 * ((x - cx) * (x - cx) + (y - cy) * (y - cy)) / (b * b));
    for (double s = 1.0; s < 8.0; s *= 1.1892) {
        const struct derm_response r = laplacian(s);
        const double total = b * b + s * s, a = s * s * b * b / (total * total);
        const double r2 = (100 - cx) * (100 - cx) + (100 - cy) * (100 - cy);
        const double want = a * (2.0 - r2 / total) * exp(-0.5 * r2 / total);
        double got;
        OK(derm_response_rows(&filter, &dst, &src, &r, &mask, 1));
        got = at(&dst, 100, 100);
        assert_true(fabs(got - want) < 0.002 * want); /* cut at 4 sigma: 0.15 % */
        if (got > most) {
            most = got;
            best = s;
        }
    }
    assert_true(fabs(best / b - 1.0) < 0.19);
}

static bool is_bottom_one(const void *asker, const struct derm_maximum *m)
{
    return m->y > *(const int *)asker;
}

static void maxima_are_found_where_they_are(void **state)
{
    static const double centre[3][2] = { { 30.2, 40.4 }, { 90.0, 20.5 }, { 60.7, 79.6 } };
    struct derm_plane src = plane(121, 101);
    struct derm_mask mask = all_set(121, 101);
    const struct derm_response r = laplacian(3);
    const int middle = 60;
    float floor[101];
    struct derm_maxima_search search = { .mask = &mask, .floor = floor, .asker = &middle };
    struct derm_maximum *m;
    int n;

    (void)state;
    for (int y = 0; y < src.h; y++)
        for (int x = 0; x < src.w; x++) {
            double sum = 0;
            for (int i = 0; i < 3; i++)
                sum += exp(-0.5 * (pow(x - centre[i][0], 2) + pow(y - centre[i][1], 2)) / 9);
            derm_row(&src, y)[x] = (float)sum;
            floor[y] = y < 30 ? 0.6f : 0.1f; /* the second has 1/2 */
            if (x < 20) derm_mask_row(&mask, y)[x] = 0;
        }
    OK(derm_response_maxima(&filter, &src, &r, &search, &m, &n));
    assert_int_equal(n, 2);
    for (int k = 0; k < n; k++) {
        const double *const c = centre[m[k].y < 60 ? 0 : 2];
        assert_true(fabs(m[k].x + (double)m[k].dx - c[0]) < 0.03);
        assert_true(fabs(m[k].y + (double)m[k].dy - c[1]) < 0.03);
        assert_true(fabs((double)m[k].value - 0.5) < 0.02);
    }
    search.accept = is_bottom_one;
    OK(derm_response_maxima(&filter, &src, &r, &search, &m, &n));
    assert_int_equal(n, 1);
    assert_int_equal(m[0].y, 80);
    search.accept = NULL;
    for (int y = 0; y < src.h; y++)
        memset(derm_mask_row(&mask, y), 0, 60);
    OK(derm_response_maxima(&filter, &src, &r, &search, &m, &n));
    assert_int_equal(n, 1);
    derm_arena_reset(&scratch, 0); /* where the lists are */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_response_is_that_of_the_continuous_filter, clear),
        cmocka_unit_test_teardown(maxima_are_found_where_they_are, clear),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
