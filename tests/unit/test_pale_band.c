/* SPDX-License-Identifier: Apache-2.0 */
/* Of what looks like gloss, bands are spared; specks, threads and round patches are not. */
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
    struct lab *const lab = *state;
    const struct derm_run run = {
        .err = &lab->err, .keep = &lab->arena, .scratch = &lab->arena, .k = &lab->k,
        .pool = lab->pool
    };
    struct derm_mask m;

    assert_int_equal(derm_mask_new(&lab->arena, &m, SIDE, SIDE), DERM_OK);
    paint(&m, 50, 50, 75, 10);   /* a band, 15 x 2 mm */
    paint(&m, 150, 40, 3, 3);    /* a speck */
    paint(&m, 50, 150, 40, 35);  /* a broad patch */
    paint(&m, 140, 130, 75, 2);  /* a thread */
    paint(&m, 180, 180, 20, 10); /* short */
    assert_int_equal(derm_spare_bands(&run, &m, &grid, &limits), DERM_OK);
    assert_false(is_set(&m, 50, 50));
    assert_true(is_set(&m, 150, 40));
    assert_true(is_set(&m, 50, 150));
    assert_true(is_set(&m, 140, 130));
    assert_true(is_set(&m, 180, 180));
    assert_false(is_set(&m, 0, 0));
}
