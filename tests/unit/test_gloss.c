/* SPDX-License-Identifier: Apache-2.0 */
/* Gloss: light that the surface adds is found, whatever the exposure; dark marks and the shadow of
 * a beard are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "skin_scene.h"
#include "stage_params.h"
#include "stages/stages.h"

enum { W = 200, H = 200 };
static const double S = 4; /* px/mm */

struct shine {
    double fraction, spread;
};

static struct shine shine_of(struct scene_lab *lab, struct derm_frame *f)
{
    const struct derm_objects *const tiles = &f->objects[DERM_KIND_GLOSS_PATCH];
    struct stage_params p;
    double square = 0, shiny = 0, area = 0;

    lab->run.frame = f;
    assert_int_equal(derm_stage_gloss.run(&lab->run, stage_defaults(&derm_stage_gloss, &p)),
                     DERM_OK);
    for (int i = 0; i < tiles->n; i++) {
        square += tiles->item[i].base_value;
        shiny += tiles->item[i].base_area_px;
        area += tiles->item[i].area_px;
    }
    assert_true(area > 0);
    return (struct shine){ shiny / area, sqrt(square / area) };
}

/* Adds light, as a share of white, in a square of 10 x 10 mm; the middle of it is marked glossy, as
 * stage skin does. */
static void add_gloss(struct derm_frame *f, double light, double gain)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const bool in = x >= 80 && x < 120 && y >= 80 && y < 120;

            for (int c = 0; c < 3; c++) {
                float *const od = &derm_row(&f->view.od[c], y)[x];

                *od = (float)-log(gain * (exp(-(double)*od) + (in ? light : 0)));
            }
            if (!in || x < 90 || x >= 110) continue;
            derm_mask_row(&f->view.skin, y)[x] = 0;
            derm_mask_row(&f->view.gloss, y)[x] = 0xff;
        }
}

static struct shine with_gloss(double light, double gain)
{
    struct scene_lab lab;
    struct derm_frame f;
    struct shine s;

    scene_lab_open(&lab);
    scene_skin(&lab, &f, W, H, S, 0, 1);
    add_gloss(&f, light, gain);
    s = shine_of(&lab, &f);
    scene_lab_close(&lab);
    return s;
}

static void gloss_is_found_at_its_size(void **state)
{
    (void)state;
    assert_close(with_gloss(0, 1).fraction, 0, 1e-9);
    assert_close(with_gloss(0.1, 1).fraction, 0.04, 0.004);
    assert_true(with_gloss(0.2, 1).spread > 1.8 * with_gloss(0.1, 1).spread);
}

static void exposure_does_not_count(void **state)
{
    const struct shine as_it_is = with_gloss(0.1, 1), darker = with_gloss(0.1, 0.5);

    (void)state;
    assert_close(darker.fraction, as_it_is.fraction, 1e-6);
    assert_close(darker.spread / as_it_is.spread, 1, 1e-3);
}

/* Dark and less coloured: a beard's shadow. Bright and coloured: the lit side of a nose. */
static void neither_colour_nor_brightness_alone_is_gloss(void **state)
{
    static const double added[2][3] = { { 0.6, 0.4, 0.2 }, { -0.3, -0.3, -0.3 } };

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct scene_lab lab;
        struct derm_frame f;

        scene_lab_open(&lab);
        scene_skin(&lab, &f, W, H, S, 0, 1);
        for (int c = 0; c < 3; c++)
            for (int y = 80; y < 120; y++)
                for (int x = 80; x < 120; x++)
                    derm_row(&f.view.od[c], y)[x] += (float)added[i][c];
        assert_true(shine_of(&lab, &f).fraction < 0.002);
        scene_lab_close(&lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gloss_is_found_at_its_size),
        cmocka_unit_test(exposure_does_not_count),
        cmocka_unit_test(neither_colour_nor_brightness_alone_is_gloss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
