/* SPDX-License-Identifier: Apache-2.0 */
/* Flaking: what covers the skin with white is found at its size; what adds white light to it, is
 * broad, soft, or clipped, is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "skin_scene.h"
#include "stage_params.h"
#include "stages/stages.h"

enum { W = 240, H = 240, STEP = 40 };
static const double S = 10; /* px/mm */

struct dabs { /* round ones, STEP px apart; light becomes (1 - opacity) light + white */
    double radius_mm, edge_mm, opacity, white;
};
static const struct dabs scale = { 0.5, 0.05, 0.4, 0.34 };
static const double true_area = 100 * 3.14159265358979 * 0.25 / (STEP / S * STEP / S); /* percent */

/* The skin gets darker by so much optical density from corner to corner, and begins at column
 * `left`, beside what is dark and red. */
struct surround {
    double darker;
    int left;
};

static double flaking_beside(const struct dabs *d, double px_per_mm, const struct surround *around)
{
    struct scene_lab lab;
    struct derm_frame f;
    struct stage_params p;
    const struct derm_objects *const tiles = &f.objects[DERM_KIND_FLAKE_PATCH];
    double flaking = 0, area = 0;

    scene_lab_open(&lab);
    scene_skin(&lab, &f, W, H, px_per_mm, 0.01, 1);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double r = hypot(x % STEP - STEP / 2, y % STEP - STEP / 2) / S;
            const double there = 1 / (1 + exp((r - d->radius_mm) / (0.5 * d->edge_mm)));

            for (int c = 0; c < 3; c++) {
                float *const od = &derm_row(&f.view.od[c], y)[x];
                const double light = exp(-(double)*od);

                *od = (float)-log(light * (1 - there * d->opacity) + there * d->white);
                *od += (float)(around->darker * (x + y) / (W + H));
                if (x < around->left) *od = 1 + (float)c;
            }
            if (x < around->left) derm_mask_row(&f.view.skin, y)[x] = 0;
        }
    lab.run.frame = &f;
    assert_int_equal(derm_stage_flaking.run(&lab.run, stage_defaults(&derm_stage_flaking, &p)),
                     DERM_OK);
    for (int i = 0; i < tiles->n; i++) {
        flaking += tiles->item[i].base_area_px;
        area += tiles->item[i].area_px;
    }
    assert_true(area > 0 || !tiles->item);
    scene_lab_close(&lab);
    return area > 0 ? 100 * flaking / area : -1;
}

static double flaking_of(const struct dabs *d, double px_per_mm)
{
    return flaking_beside(d, px_per_mm, &(struct surround){ 0, 0 });
}

static void scales_are_found_at_their_size(void **state)
{
    (void)state;
    assert_close(flaking_of(&scale, S), true_area, 0.15 * true_area);
    assert_close(flaking_of(&(struct dabs){ 0.5, 0.05, 0, 0 }, S), 0, 1e-9);
}

/* The light around is learnt every few pixels, and of skin alone. */
static void scales_are_found_wherever_they_lie(void **state)
{
    const struct surround shade = { 3, 0 }, edge = { 0, STEP + 12 };
    const double beside_edge = true_area * (W - STEP) / (W - edge.left);

    (void)state;
    assert_close(flaking_beside(&scale, S, &shade), true_area, 0.15 * true_area);
    assert_close(flaking_beside(&scale, S, &edge), beside_edge, 0.15 * beside_edge);
    assert_close(flaking_beside(&(struct dabs){ 0.5, 0.05, 0, 0 }, S, &edge), 0, 1e-9);
    for (double px_per_mm = 8; px_per_mm < 16; px_per_mm++)
        assert_close(flaking_of(&scale, px_per_mm), true_area, 0.15 * true_area);
}

static void gloss_is_none(void **state)
{
    (void)state;
    for (double white = 0.05; white < 0.5; white *= 2) {
        assert_close(flaking_of(&(struct dabs){ 0.5, 0.05, 0, white }, S), 0, 1e-9);
        assert_close(flaking_of(&(struct dabs){ 0.2, 0.3, 0, white }, S), 0, 1e-9);
    }
}

static void broad_soft_and_clipped_ones_are_none(void **state)
{
    const struct dabs broad = { 1.5, 0.05, 0.4, 0.34 }, soft = { 0.5, 0.6, 0.4, 0.34 },
                      clipped = { 0.5, 0.05, 0.9, 0.96 };

    (void)state;
    assert_close(flaking_of(&broad, S), 0, 1e-9);
    assert_close(flaking_of(&soft, S), 0, 1e-9);
    assert_close(flaking_of(&clipped, S), 0, 1e-9);
}

static void too_few_pixels_are_not_searched(void **state)
{
    (void)state;
    assert_true(flaking_of(&scale, 7.9) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_are_found_at_their_size),
        cmocka_unit_test(scales_are_found_wherever_they_lie),
        cmocka_unit_test(gloss_is_none),
        cmocka_unit_test(broad_soft_and_clipped_ones_are_none),
        cmocka_unit_test(too_few_pixels_are_not_searched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
