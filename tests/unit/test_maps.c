/* SPDX-License-Identifier: Apache-2.0 */
/* Pigment maps are the weighted sums that tone asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "skin_scene.h"
#include "stages/stages.h"

static void maps_are_weighted_sums(void **state)
{
    struct scene_lab lab;
    struct derm_pair pair = { 0 };
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    scene_skin(&lab, &f, 131, 7, 5, 0.1, 1);
    lab.tone = (struct derm_tone){ .melanin = { -0.5f, 0.25f, 1 } };
    lab.run.frame = &f;
    lab.run.pair = &pair;
    assert_int_equal(derm_stage_maps.run(&lab.run, NULL), DERM_OK);
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 131; x++) {
            const double r = (double)derm_row(&f.view.od[0], y)[x];
            const double g = (double)derm_row(&f.view.od[1], y)[x];
            const double b = (double)derm_row(&f.view.od[2], y)[x];
            assert_close((double)derm_row(&f.view.melanin, y)[x], -0.5 * r + 0.25 * g + b, 1e-6);
        }
    scene_lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_are_weighted_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
