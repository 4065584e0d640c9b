/* SPDX-License-Identifier: Apache-2.0 */
/* The row kernels of strips against what they are for, place by place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "kernels/kernels.h"

enum { W = 23, H = 17, COLUMNS = 37 };

static struct derm_kernels kernels;

static int set_up(void **state)
{
    (void)state;
    derm_kernels_init(&kernels, 0);
    return 0;
}

/* Of [0, 1), no two alike nearby. */
static double scattered(int i)
{
    const double v = i * 0.6180339887498949;

    return v - floor(v);
}

static int ascending(const void *pa, const void *pb)
{
    const float a = *(const float *)pa, b = *(const float *)pb;

    return (a > b) - (a < b);
}

static void middle_halves_are_those_of_sorted_columns(void **state)
{
    (void)state;
    for (int rows = 1; rows <= DERM_SORTED; rows++) {
        float px[DERM_SORTED][COLUMNS];
        double sum[COLUMNS];
        int32_t count[COLUMNS];

        for (int c = 0; c < COLUMNS; c++) {
            sum[c] = c;
            count[c] = 2 * c;
            for (int r = 0; r < rows; r++)
                px[r][c] = scattered(31 * c + r) < 0.01 * 2.5 * c
                               ? INFINITY
                               : (float)scattered(7 * c + 11 * r) - 0.5f;
        }
        kernels.middle_halves(sum, count, px[0], COLUMNS, rows, COLUMNS);
        for (int c = 0; c < COLUMNS; c++) {
            float value[DERM_SORTED];
            double want = c;
            int finite = 0, counted = 0;

            for (int r = 0; r < rows; r++)
                if (px[r][c] < INFINITY) value[finite++] = px[r][c];
            qsort(value, (size_t)finite, sizeof(*value), ascending);
            for (int i = finite / 4; i < finite - finite / 4 && 2 * finite >= rows; i++) {
                want += (double)value[i];
                counted++;
            }
            assert_int_equal(count[c], 2 * c + counted);
            assert_true(fabs(sum[c] - want) < 1e-12);
        }
    }
}

/* Places in and around a raster, some of them on its edges. */
static void scatter(double *x, double *y, int n)
{
    for (int i = 0; i < n; i++) {
        x[i] = i % 5 ? scattered(3 * i) * (W + 4) - 2 : i % 2 * (W - 1);
        y[i] = i % 7 ? scattered(5 * i + 1) * (H + 4) - 2 : i % 2 * (H - 1);
    }
}

static void measured_is_what_is_inside_set_and_of_a_region(void **state)
{
    enum { N = 301, FLAGS = 5 };
    const struct derm_raster size = { W, H, W }, line = { W, 1, W };
    uint8_t where[H][W], is[N];
    uint16_t own[H][W];
    double x[N], y[N];
    int set = 0;

    (void)state;
    scatter(x, y, N);
    for (int v = 0; v < H; v++)
        for (int u = 0; u < W; u++) {
            where[v][u] = scattered(v * W + u) < 0.7 ? 0xff : 0x00;
            own[v][u] = (uint16_t)((v * W + u) % 8);
        }
    kernels.is_measured(is, where[0], own[0], FLAGS, &size, x, y, N);
    for (int i = 0; i < N; i++) {
        const bool inside = x[i] >= 0 && y[i] >= 0 && x[i] <= W - 1 && y[i] <= H - 1;
        const int u = (int)floor(x[i] + 0.5), v = (int)floor(y[i] + 0.5);

        assert_int_equal(is[i], inside && where[v][u] && own[v][u] & FLAGS);
        set += is[i];
    }
    assert_true(set > N / 5 && set < N);
    kernels.is_measured(is, where[0], own[0], FLAGS, &line, x, y, N);
    for (int i = 0; i < N; i++)
        assert_int_equal(is[i], 0);
}

static void a_mix_between_samples_is_that_of_the_mixed_plane(void **state)
{
    enum { N = 203 };
    static const float weight[3] = { 0.5f, -1.25f, 2.0f };
    const struct derm_raster size = { W, H, W };
    float px[3][W * H + 1], mixed[W * H + 1], got[N], want[N];
    const float *const src[3] = { px[0], px[1], px[2] }, *const all = mixed;
    float *const dst = want;
    int32_t corner[N];
    double x[N], y[N];

    (void)state;
    scatter(x, y, N);
    for (int i = 0; i <= W * H; i++) {
        for (int p = 0; p < 3; p++)
            px[p][i] = (float)scattered(13 * i + p);
        mixed[i] = weight[0] * px[0][i] + weight[1] * px[1][i] + weight[2] * px[2][i];
    }
    kernels.bilinear_mix(got, src, weight, &size, x, y, N);
    kernels.bilinear(&dst, corner, &all, 1, &size, x, y, N);
    for (int i = 0; i < N; i++)
        assert_true(got[i] == want[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(middle_halves_are_those_of_sorted_columns),
        cmocka_unit_test(measured_is_what_is_inside_set_and_of_a_region),
        cmocka_unit_test(a_mix_between_samples_is_that_of_the_mixed_plane),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
