/* SPDX-License-Identifier: Apache-2.0 */
/* Ridges: places that the bound of a mean rules out are none that the mean itself would start at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pits_scene.h"
#include "stages/ridge.h"

enum { SIDE = 300 };

static int set_up(void **state)
{
    *state = scene_new(&derm_stage_wrinkles, SIDE, 0.02, 9);
    return *state ? 0 : 1;
}

static int look(struct scene *s, double cap, struct derm_ridge **ridge)
{
    struct derm_ridge_search search = { .sigma_mm = { 0.15, 0.4 },
                                        .sizes = 2,
                                        .most = 4096,
                                        .dark_only = true,
                                        .px_per_mm = px_per_mm,
                                        .by_mean = true,
                                        .cap = cap,
                                        .z_point = 1,
                                        .z_start = 3,
                                        .z_ahead = 1.5,
                                        .share = 0.3,
                                        .sight_mm = 1.2,
                                        .min_length_mm = 1 };
    int n;

    must(&s->bed, derm_ridges_find(&s->bed.run, &s->view.od[1], &s->view.skin, &search, ridge, &n));
    return n;
}

/* Without a cap there is no bound; a cap that no response comes to changes nothing else. */
static void what_is_ruled_out_is_no_ridge(void **state)
{
    const double caps[] = { 30, 100 };
    struct scene *const s = *state;
    struct derm_ridge *all, *some;
    int n;

    add(s, 150, 60, 3, 0.3, 0.015, even);
    add(s, 1, 200, 0.3, 3, 0.01, even);
    derm_mask_row(&s->view.skin, 150)[150] = 0;
    n = look(s, 0, &all);
    assert_true(n > 50);
    for (size_t c = 0; c < sizeof(caps) / sizeof(*caps); c++) {
        assert_int_equal(look(s, caps[c], &some), n);
        for (int i = 0; i < n; i++) {
            assert_int_equal(some[i].n, all[i].n);
            assert_memory_equal(&some[i].strength, &all[i].strength, sizeof(double));
            assert_memory_equal(some[i].at, all[i].at, sizeof(*all[i].at) * (size_t)all[i].n);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_ruled_out_is_no_ridge, set_up, scene_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
