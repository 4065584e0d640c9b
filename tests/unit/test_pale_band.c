/* SPDX-License-Identifier: Apache-2.0 */
/* Of what looks like gloss, bands are spared; specks, threads and round patches are not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "filter_lab.h"
#include "stages/pale_band.h"

enum { SIDE = 200 }; /* px at 5 px/mm */

static void paint(struct derm_mask *m, double x0, double y0, double long_px, double wide_px)
{
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const double s = 0.8 * (x - x0) + 0.6 * (y - y0), t = 0.8 * (y - y0) - 0.6 * (x - x0);

            if (fabs(s) <= long_px / 2 && fabs(t) <= wide_px / 2) derm_mask_row(m, y)[x] = 0xff;
        }
}

static bool is_set(const struct derm_mask *m, int x, int y)
{
    return derm_mask_row(m, y)[x] != 0;
}

static void bands_are_spared(void **state)
{
    static const struct derm_band_limits limits = { 6, 1, 3 };
    const struct derm_grid grid = { .w = SIDE, .h = SIDE, .step = 1, .px_per_mm = 5 };
    const struct derm_run run = {
        .err = &err, .keep = &keep, .scratch = &scratch, .k = &kernels, .pool = filter.pool
    };
    struct derm_mask m;

    (void)state;
    OK(derm_mask_new(&keep, &m, SIDE, SIDE));
    paint(&m, 50, 50, 75, 10);   /* a band, 15 x 2 mm */
    paint(&m, 150, 40, 3, 3);    /* a speck */
    paint(&m, 50, 150, 40, 35);  /* a broad patch */
    paint(&m, 140, 130, 75, 2);  /* a thread */
    paint(&m, 180, 180, 20, 10); /* short */
    OK(derm_spare_bands(&run, &m, &grid, &limits));
    assert_false(is_set(&m, 50, 50));
    assert_true(is_set(&m, 150, 40));
    assert_true(is_set(&m, 50, 150));
    assert_true(is_set(&m, 140, 130));
    assert_true(is_set(&m, 180, 180));
    assert_false(is_set(&m, 0, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(bands_are_spared) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
