/* SPDX-License-Identifier: Apache-2.0 */
/* Evenness: what pigment adds to it, and what light, which is neutral or broad, does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "skin_scene.h"
#include "stage_params.h"
#include "stages/stages.h"

enum { W = 160, H = 120 };
static const double S = 4; /* px/mm */

/* Mean distance over the tiles of a photo. */
static double evenness_of(struct scene_lab *lab, struct derm_frame *f)
{
    const struct derm_objects *const tiles = &f->objects[DERM_KIND_COLOUR_PATCH];
    struct stage_params p;
    double sum = 0, area = 0;

    scene_tone(&lab->tone);
    lab->run.frame = f;
    assert_int_equal(derm_stage_evenness.run(&lab->run, stage_defaults(&derm_stage_evenness, &p)),
                     DERM_OK);
    for (int i = 0; i < tiles->n; i++) {
        sum += tiles->item[i].base_value;
        area += tiles->item[i].area_px;
        assert_int_equal(tiles->item[i].regions, 1u << DERM_REGION_ROI);
    }
    return area > 0 ? sum / area : 0;
}

static const struct scene_spot spots[] = { { 8, 8, 2, 0.3 },
                                           { 24, 12, 3, 0.3 },
                                           { 15, 22, 2, 0.3 } };

static void spots_make_skin_uneven_by_what_they_are(void **state)
{
    double plain, spotted, faded;
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    scene_skin(&lab, &f, W, H, S, 0, 1);
    plain = evenness_of(&lab, &f);
    assert_close(plain, 0, 1e-4);
    scene_skin(&lab, &f, W, H, S, 0, 1);
    scene_add_spots(&f, spots, 3, 0);
    spotted = evenness_of(&lab, &f);
    scene_skin(&lab, &f, W, H, S, 0, 1);
    scene_add_spots(&f, spots, 3, 0.4);
    faded = evenness_of(&lab, &f);
    assert_true(spotted > 0.02);
    assert_close(faded / spotted, 0.6, 0.02);
    scene_lab_close(&lab);
}

static void light_does_not(void **state)
{
    const struct scene_light slope = { { 0.2, 0.3, 0.1 }, 0.02, -0.01 };
    struct scene_lab lab;
    struct derm_frame f;
    double before;

    (void)state;
    scene_lab_open(&lab);
    scene_skin(&lab, &f, W, H, S, 0, 1);
    scene_add_spots(&f, spots, 3, 0);
    before = evenness_of(&lab, &f);
    scene_skin(&lab, &f, W, H, S, 0, 1);
    scene_add_spots(&f, spots, 3, 0);
    scene_add_light(&f, &slope);
    assert_close(evenness_of(&lab, &f) / before, 1, 0.01);
    scene_lab_close(&lab);
}

/* A dark band without colour, 5 mm wide: a shadow. */
static void a_neutral_shadow_does_not(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    scene_skin(&lab, &f, W, H, S, 0, 1);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < H; y++)
            for (int x = 60; x < 80; x++)
                derm_row(&f.view.od[c], y)[x] += 0.5f;
    assert_close(evenness_of(&lab, &f), 0, 1e-3);
    scene_lab_close(&lab);
}

static void skin_that_is_not_measured_has_no_tiles(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    scene_skin(&lab, &f, W, H, S, 0, 1);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W / 2; x++)
            derm_mask_row(&f.view.skin, y)[x] = 0;
    evenness_of(&lab, &f);
    for (int i = 0; i < f.objects[DERM_KIND_COLOUR_PATCH].n; i++)
        assert_true(f.objects[DERM_KIND_COLOUR_PATCH].item[i].x > W / 2 - 12);
    assert_true(f.objects[DERM_KIND_COLOUR_PATCH].n >= 9);
    scene_lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spots_make_skin_uneven_by_what_they_are),
        cmocka_unit_test(light_does_not),
        cmocka_unit_test(a_neutral_shadow_does_not),
        cmocka_unit_test(skin_that_is_not_measured_has_no_tiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
