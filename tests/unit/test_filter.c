/* SPDX-License-Identifier: Apache-2.0 */
/* Plane filters against naive references in double precision. That all instruction sets and numbers
 * of threads agree is tests/check's business. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "unit/filter_planes.h"

static void fill_random_mask(struct derm_mask *m, double density)
{
    for (int y = 0; y < m->h; y++)
        for (int x = 0; x < m->w; x++)
            derm_mask_row(m, y)[x] = noise() < density ? 0xff : 0;
}

static double worst_difference(const struct derm_plane *a, const struct derm_plane *b)
{
    double worst = 0.0;

    for (int y = 0; y < a->h; y++)
        for (int x = 0; x < a->w; x++)
            worst = fmax(worst, fabs(at(a, x, y) - at(b, x, y)));
    return worst;
}

/* A true Gaussian, 8 sigma wide, separable, replicated borders. */
static void naive_gaussian(struct derm_plane *dst, const struct derm_plane *src, double sigma)
{
    const int reach = (int)ceil(8.0 * sigma);
    struct derm_plane mid = plane(src->w, src->h);

    for (int pass = 0; pass < 2; pass++) {
        for (int y = 0; y < src->h; y++) {
            for (int x = 0; x < src->w; x++) {
                double sum = 0.0, weight = 0.0;
                for (int j = -reach; j <= reach; j++) {
                    const double g = exp(-0.5 * j * j / (sigma * sigma));
                    sum += g * (pass ? at(&mid, x, y + j) : at(src, x + j, y));
                    weight += g;
                }
                derm_row(pass ? dst : &mid, y)[x] = (float)(sum / weight);
            }
        }
    }
}

static void gaussian_has_the_variance_asked_for(void **state)
{
    static const double sigmas[] = { 0.2, 0.4, 0.69, 0.7, 0.8, 1, 1.5, 2, 4, 8, 8.1, 12, 16.1, 30 };

    (void)state;
    for (size_t i = 0; i < sizeof(sigmas) / sizeof(sigmas[0]); i++) {
        const int half = 200;
        struct derm_plane src = plane(2 * half + 1, 2 * half + 1), dst = plane(src.w, src.h);
        double sum = 0.0, xx = 0.0, yy = 0.0, mx = 0.0;
        derm_row(&src, half)[half] = 1.0f;
        OK(derm_gaussian(&filter, &dst, &src, sigmas[i]));
        for (int y = 0; y < src.h; y++) {
            for (int x = 0; x < src.w; x++) {
                const double v = at(&dst, x, y);
                sum += v;
                mx += v * (x - half);
                xx += v * (x - half) * (x - half);
                yy += v * (y - half) * (y - half);
            }
        }
        assert_true(fabs(sum - 1.0) < 5e-3 && fabs(mx) < 0.02 * sigmas[i]);
        assert_true(fabs(xx / sum / (sigmas[i] * sigmas[i]) - 1.0) < 0.005);
        assert_true(fabs(yy / sum / (sigmas[i] * sigmas[i]) - 1.0) < 0.005);
        derm_arena_reset(&keep, 0);
    }
}

static void gaussian_matches_the_naive_one(void **state)
{
    static const double sigmas[] = { 1.0, 2.3, 8.0, 9.0, 17.0 };
    struct derm_plane src = plane(157, 118), dst = plane(157, 118), want = plane(157, 118);

    (void)state;
    fill_noise(&src);
    for (int y = 0; y < src.h; y++) /* a step that meets the border, and a slope */
        for (int x = 0; x < src.w; x++)
            derm_row(&src, y)[x] = 0.3f * derm_row(&src, y)[x] + (x + y > 150 ? 0.4f : 0.0f) +
                                   0.3f * (float)x / (float)src.w;
    for (size_t i = 0; i < sizeof(sigmas) / sizeof(sigmas[0]); i++) {
        double worst;
        OK(derm_gaussian(&filter, &dst, &src, sigmas[i]));
        naive_gaussian(&want, &src, sigmas[i]);
        worst = worst_difference(&dst, &want);
        print_message("gaussian sigma %g: %.1e of the range\n", sigmas[i], worst);
        assert_true(worst < (sigmas[i] > 8.0 ? 5e-3 : 1e-3));
        OK(derm_gaussian(&filter, &src, &src, 0.1)); /* in place; all but leaves src as it is */
    }
}

static void filters_work_in_place(void **state)
{
    struct derm_plane src = plane(97, 181), dst = plane(97, 181);

    (void)state;
    fill_noise(&src);
    OK(derm_gaussian(&filter, &dst, &src, 2.5));
    OK(derm_gaussian(&filter, &src, &src, 2.5));
    assert_true(worst_difference(&src, &dst) == 0.0);
    OK(derm_gaussian(&filter, &dst, &src, 10.0));
    OK(derm_gaussian(&filter, &src, &src, 10.0));
    assert_true(worst_difference(&src, &dst) == 0.0);
}

/* Of a plane of several tiles, of which a few have a hole. */
static void gaussian_outside_a_mask_is_the_whole_one(void **state)
{
    enum { ROUNDS = 40, HOLES = 3 };
    static const double sigmas[] = { 0.5, 3, 14, 20 };

    (void)state;
    for (size_t i = 0; i < sizeof(sigmas) / sizeof(sigmas[0]); i++) {
        struct derm_plane src = plane(600, 345), part = plane(600, 345), whole = plane(600, 345);
        const struct derm_plane other = plane(600, 345); /* what is left of it must not show */
        struct derm_mask done = mask(600, 345);
        fill_noise(&src);
        OK(derm_gaussian(&filter, &whole, &src, sigmas[i]));
        for (int round = 0; round < ROUNDS; round++) {
            int x[HOLES], y[HOLES];
            OK(derm_gaussian(&filter, &part, &other, sigmas[i]));
            for (int row = 0; row < src.h; row++)
                memset(derm_mask_row(&done, row), 0xff, (size_t)src.w);
            for (int k = 0; k < HOLES; k++) {
                x[k] = (int)(noise() * src.w);
                y[k] = (int)(noise() * src.h);
                derm_mask_row(&done, y[k])[x[k]] = 0;
            }
            OK(derm_gaussian_outside(&filter, &part, &src, &done, sigmas[i]));
            for (int k = 0; k < HOLES; k++)
                assert_true(derm_row(&part, y[k])[x[k]] == derm_row(&whole, y[k])[x[k]]);
        }
        derm_arena_reset(&keep, 0);
    }
}

static void masked_gaussian_ignores_what_is_masked(void **state)
{
    struct derm_plane src = plane(90, 70), dst = plane(90, 70);
    struct derm_plane product = plane(90, 70), weight = plane(90, 70);
    struct derm_plane pair[2], two[2];
    struct derm_mask m = mask(90, 70);
    double worst = 0.0;

    (void)state;
    fill_noise(&src);
    fill_random_mask(&m, 0.4);
    for (int y = 0; y < src.h; y++) {
        for (int x = 0; x < src.w; x++) {
            if (x > 60) derm_mask_row(&m, y)[x] = 0;
            derm_row(&weight, y)[x] = derm_mask_row(&m, y)[x] ? 1.0f : 0.0f;
            derm_row(&product, y)[x] = derm_row(&weight, y)[x] * derm_row(&src, y)[x];
            if (!derm_mask_row(&m, y)[x]) derm_row(&src, y)[x] = NAN;
        }
    }
    naive_gaussian(&product, &product, 2.0);
    naive_gaussian(&weight, &weight, 2.0);
    OK(derm_gaussian_masked(&filter, &dst, &src, &m, 2.0));
    for (int y = 0; y < src.h; y++)
        for (int x = 0; x < 66; x++)
            if (at(&weight, x, y) > 0.01)
                worst = fmax(worst, fabs(at(&product, x, y) / at(&weight, x, y) - at(&dst, x, y)));
    assert_true(worst < 5e-3);
    assert_true(at(&dst, 89, 35) == 0.0);
    pair[0] = src;
    pair[1] = product;
    two[0] = plane(src.w, src.h);
    two[1] = plane(src.w, src.h);
    OK(derm_gaussian_masked_planes(&filter, two, pair, 2, &m, 2.0));
    for (int i = 0; i < 2; i++) { /* each as if it were alone */
        OK(derm_gaussian_masked(&filter, &dst, &pair[i], &m, 2.0));
        for (int y = 0; y < src.h; y++)
            assert_memory_equal(derm_row(&two[i], y), derm_row(&dst, y),
                                sizeof(float) * (size_t)src.w);
    }
}

static void hessian_of_a_paraboloid_is_constant(void **state)
{
    static const double sigmas[] = { 0.5, 0.7, 1.0, 3.0, 9.0 };
    const double a = 0.003, b = -0.002, c = 0.001;
    struct derm_plane src = plane(241, 231), xx = plane(241, 231), xy = plane(241, 231),
                      yy = plane(241, 231);

    (void)state;
    for (int y = 0; y < src.h; y++)
        for (int x = 0; x < src.w; x++) {
            const double u = x - 120, v = y - 115;
            derm_row(&src, y)[x] = (float)(a * u * u + b * u * v + c * v * v + 0.1 * u);
        }
    for (size_t i = 0; i < sizeof(sigmas) / sizeof(sigmas[0]); i++) {
        const double s2 = sigmas[i] * sigmas[i];
        OK(derm_hessian(&filter, &xx, &xy, &yy, &src, sigmas[i]));
        for (int y = 110; y < 121; y++) {
            for (int x = 114; x < 127; x++) {
                assert_true(fabs(at(&xx, x, y) / (2.0 * a * s2) - 1.0) < 0.003);
                assert_true(fabs(at(&xy, x, y) / (b * s2) - 1.0) < 0.003);
                assert_true(fabs(at(&yy, x, y) / (2.0 * c * s2) - 1.0) < 0.005);
            }
        }
    }
}

/* A line of Gaussian profile, at 30 degrees: of its second derivatives after the Gaussian of the
 * filter, which add their variances, the relative error by root mean square. */
static void hessian_of_a_line_is_the_analytic_one(void **state)
{
    static const double sigmas[] = { 1.0, 1.4, 2.0, 3.7, 7.0, 15.0 };
    enum { SIDE = 201 };
    const double nx = sqrt(0.75), ny = 0.5, own = 0.8;
    struct derm_plane src = plane(SIDE, SIDE), h[3];

    (void)state;
    for (int k = 0; k < 3; k++)
        h[k] = plane(SIDE, SIDE);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const double t = nx * (x - SIDE / 2) + ny * (y - SIDE / 2);
            derm_row(&src, y)[x] = (float)exp(-t * t / (2 * own * own));
        }
    for (size_t i = 0; i < sizeof(sigmas) / sizeof(sigmas[0]); i++) {
        const double s2 = sigmas[i] * sigmas[i], v = s2 + own * own;
        const double part[3] = { nx * nx, nx * ny, ny * ny };
        double error = 0, all = 0;

        OK(derm_hessian(&filter, &h[0], &h[1], &h[2], &src, sigmas[i]));
        for (int y = 64; y < SIDE - 64; y++)
            for (int x = 64; x < SIDE - 64; x++) {
                const double t = nx * (x - SIDE / 2) + ny * (y - SIDE / 2);
                const double bend = own / sqrt(v) * exp(-t * t / (2 * v)) * (t * t / v - 1) / v;

                for (int k = 0; k < 3; k++) {
                    const double is = at(&h[k], x, y), should = s2 * bend * part[k];
                    error += (is - should) * (is - should);
                    all += should * should;
                }
            }
        assert_true(sqrt(error / all) < 0.01);
    }
}

/* ---- resampling */
static double naive_area(const struct derm_plane *src, double x0, double y0, double step)
{
    double sum = 0.0;

    for (int y = (int)floor(y0); y < y0 + step; y++) {
        for (int x = (int)floor(x0); x < x0 + step; x++) {
            const double w = fmin(x + 1, x0 + step) - fmax(x, x0);
            const double h = fmin(y + 1, y0 + step) - fmax(y, y0);
            sum += w * h * at(src, x, y);
        }
    }
    return sum / (step * step);
}

static void area_means_are_exact(void **state)
{
    static const double steps[] = { 1.0, 1.37, 2.0, 3.99, 17.3 };
    struct derm_plane src = plane(83, 64), dst = plane(37, 29);

    (void)state;
    fill_noise(&src);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        for (double x0 = -3.7; x0 < 8.0; x0 += 3.7) {
            const double y0 = 2.0 - x0;
            OK(derm_resample_area(&filter, &dst, &src, x0, y0, steps[i]));
            for (int y = 0; y < dst.h; y++)
                for (int x = 0; x < dst.w; x++)
                    assert_true(
                        fabs(naive_area(&src, x0 + x * steps[i], y0 + y * steps[i], steps[i]) -
                             at(&dst, x, y)) < 2e-6);
        }
    }
    OK(derm_resample_area(&filter, &dst, &src, 5.0, 7.0, 1.0));
    for (int y = 0; y < dst.h; y++)
        for (int x = 0; x < dst.w; x++)
            assert_true(at(&dst, x, y) == at(&src, x + 5, y + 7));
}

static void a_share_is_the_mean_of_the_mask(void **state)
{
    struct derm_plane ones = plane(83, 61), want = plane(30, 22), got = plane(30, 22);
    struct derm_mask mask;

    (void)state;
    OK(derm_mask_new(&keep, &mask, 83, 61));
    for (int y = 0; y < 61; y++)
        for (int x = 0; x < 83; x++) {
            derm_mask_row(&mask, y)[x] = (x * x + y) % 3 ? 0xff : 0x00;
            derm_row(&ones, y)[x] = (x * x + y) % 3 ? 1.0f : 0.0f;
        }
    OK(derm_resample_area(&filter, &want, &ones, 0.3, -1.0, 2.7));
    OK(derm_resample_share(&filter, &got, &mask, 0.3, -1.0, 2.7));
    for (int y = 0; y < got.h; y++)
        for (int x = 0; x < got.w; x++)
            assert_true(at(&got, x, y) == at(&want, x, y));
}

static void masked_halving_counts_what_is_set(void **state)
{
    struct derm_plane src = plane(600, 2), got = plane(300, 1);
    struct derm_mask mask;

    (void)state;
    OK(derm_mask_new(&keep, &mask, 600, 2));
    fill_noise(&src);
    for (int y = 0; y < 2; y++)
        for (int x = 0; x < 600; x++)
            derm_mask_row(&mask, y)[x] = (x * x + 3 * y) % 5 < 3 ? 0xff : 0x00;
    kernels.half_masked(derm_row(&got, 0), derm_row(&src, 0), derm_row(&src, 1),
                        derm_mask_row(&mask, 0), derm_mask_row(&mask, 1), 300);
    for (int x = 0; x < got.w; x++) {
        double want = 0;

        for (int k = 0; k < 4; k++)
            if (derm_mask_row(&mask, k / 2)[2 * x + k % 2]) want += at(&src, 2 * x + k % 2, k / 2);
        assert_true(fabs(at(&got, x, 0) - want / 4) < 1e-6);
    }
}

static void light_is_averaged_not_density(void **state)
{
    struct derm_plane od = plane(83, 61), light = plane(83, 61);
    struct derm_plane want = plane(30, 22), got = plane(30, 22);

    (void)state;
    fill_noise(&od);
    for (int y = 0; y < od.h; y++)
        kernels.light(derm_row(&light, y), derm_row(&od, y), (size_t)od.w);
    OK(derm_resample_area(&filter, &want, &light, 0.3, -1.0, 2.7));
    OK(derm_resample_light(&filter, &got, &od, 0.3, -1.0, 2.7));
    for (int y = 0; y < got.h; y++)
        for (int x = 0; x < got.w; x++)
            assert_true(at(&got, x, y) == at(&want, x, y));
}

static void map_reproduces_shifts_and_slopes(void **state)
{
    struct derm_plane src = plane(80, 60), x = plane(80, 60), y = plane(80, 60),
                      dst = plane(80, 60);

    (void)state;
    fill_noise(&src);
    for (int j = 0; j < src.h; j++) {
        for (int i = 0; i < src.w; i++) {
            derm_row(&x, j)[i] = (float)(i + 7);
            derm_row(&y, j)[i] = (float)(j - 3);
        }
    }
    OK(derm_resample_map(&filter, &dst, &src, &x, &y));
    for (int j = 0; j < src.h; j++)
        for (int i = 0; i < src.w; i++)
            assert_true(at(&dst, i, j) == at(&src, i + 7, j - 3));
    for (int j = 0; j < src.h; j++) { /* Catmull-Rom is exact up to squares */
        for (int i = 0; i < src.w; i++) {
            derm_row(&src, j)[i] = (float)(0.01 * i * i - 0.02 * i * j + 0.3 * j);
            derm_row(&x, j)[i] = (float)(2.0 + 70.0 * noise());
            derm_row(&y, j)[i] = (float)(2.0 + 50.0 * noise());
        }
    }
    OK(derm_resample_map(&filter, &dst, &src, &x, &y));
    for (int j = 0; j < src.h; j++) {
        for (int i = 0; i < src.w; i++) {
            const double u = at(&x, i, j), v = at(&y, i, j);
            assert_true(fabs(0.01 * u * u - 0.02 * u * v + 0.3 * v - at(&dst, i, j)) < 1e-4);
        }
    }
}

static void map_survives_any_position(void **state)
{
    static const float odd[] = { NAN, INFINITY, -INFINITY, 1e30f, -1e30f, -0.5f, 4.5f };
    struct derm_plane src = plane(5, 5), x = plane(7, 7), y = plane(7, 7), dst = plane(7, 7);

    (void)state;
    fill_noise(&src);
    for (int j = 0; j < 7; j++) {
        for (int i = 0; i < 7; i++) {
            derm_row(&x, j)[i] = odd[i];
            derm_row(&y, j)[i] = odd[j];
        }
    }
    OK(derm_resample_map(&filter, &dst, &src, &x, &y));
    assert_true(at(&dst, 1, 1) == at(&src, 4, 4) && at(&dst, 2, 1) == at(&src, 0, 4));
    for (int i = 0; i < 49; i++)
        assert_true(isfinite(at(&dst, i % 7, i / 7)));
}

static void half_takes_means(void **state)
{
    (void)state;
    for (int w = 1; w < 6; w++) {
        for (int h = 1; h < 6; h++) {
            struct derm_plane src = plane(w, h), dst = plane((w + 1) / 2, (h + 1) / 2);
            fill_noise(&src);
            OK(derm_half(&filter, &dst, &src));
            for (int y = 0; y < dst.h; y++)
                for (int x = 0; x < dst.w; x++) /* a missing column or row counts for nothing */
                    assert_true(fabs(at(&dst, x, y) - naive_area(&src, 2 * x, 2 * y, 2)) < 1e-6);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(gaussian_has_the_variance_asked_for, clear),
        cmocka_unit_test_teardown(gaussian_matches_the_naive_one, clear),
        cmocka_unit_test_teardown(filters_work_in_place, clear),
        cmocka_unit_test_teardown(gaussian_outside_a_mask_is_the_whole_one, clear),
        cmocka_unit_test_teardown(masked_gaussian_ignores_what_is_masked, clear),
        cmocka_unit_test_teardown(hessian_of_a_paraboloid_is_constant, clear),
        cmocka_unit_test_teardown(hessian_of_a_line_is_the_analytic_one, clear),
        cmocka_unit_test_teardown(area_means_are_exact, clear),
        cmocka_unit_test_teardown(a_share_is_the_mean_of_the_mask, clear),
        cmocka_unit_test_teardown(light_is_averaged_not_density, clear),
        cmocka_unit_test_teardown(masked_halving_counts_what_is_set, clear),
        cmocka_unit_test_teardown(map_reproduces_shifts_and_slopes, clear),
        cmocka_unit_test_teardown(map_survives_any_position, clear),
        cmocka_unit_test_teardown(half_takes_means, clear),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
