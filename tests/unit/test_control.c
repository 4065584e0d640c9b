/* SPDX-License-Identifier: Apache-2.0 */
/* Untreated skin: what regional values are taken against, and a check of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure_scene.h"

static void untreated_skin_gives_a_regional_value(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    start(&lab, &f, state);
    assert_int_equal(derm_mask_new(&lab.keep, &f.user_control, SIDE, SIDE), DERM_OK);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            if (x >= 100) continue;
            derm_mask_row(&f.user_control, y)[x] = 0xff;
            derm_mask_row(&f.view.skin, y)[x] = 0;
            derm_row(&f.view.od[1], y)[x] -= 0.1f; /* blood, by the weights of a scene */
            derm_row(&f.view.od[2], y)[x] -=
                (0.25f - 0.1f * lab.tone.melanin[1]) / lab.tone.melanin[2];
        }
    measure(&lab);
    const struct derm_result *r =
        row(&lab, DERM_METRIC_PIGMENTATION_MELANIN_REGIONAL, DERM_REGION_ROI);
    assert_int_equal(r->status, DERM_MEASURED);
    assert_close(r->base.value, 0.25, 0.01);
    assert_true(r->base.sd > 0 && r->base.sd < 0.01);
    r = row(&lab, DERM_METRIC_REDNESS_INDEX_REGIONAL, DERM_REGION_ROI);
    assert_int_equal(r->status, DERM_MEASURED);
    assert_close(r->base.value, 0.1, 0.01);
    scene_lab_close(&lab);
}

/* A pair whose left third is untreated: ten marks there, and ten on treated skin. */
static void start_control(struct scene_lab *lab, struct derm_frame *f, struct derm_pair *pair,
                          double kept_there, void **state)
{
    struct derm_objects *const o = &pair->objects[DERM_KIND_RED_MARK];

    start(lab, f, state);
    assert_int_equal(derm_mask_new(&lab->keep, &f->user_control, SIDE, SIDE), DERM_OK);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE / 3; x++)
            derm_bits_row(&f->view.regions, y)[x] = 1u << DERM_REGION_CONTROL;
    pair->base = pair->follow = f;
    pair->warped = f->view;
    pair->common = f->view.skin;
    pair->registration.accepted = true;
    put(lab, o, 20, 0.5);
    for (int i = 0; i < 10; i++) {
        o->item[i].regions = 1u << DERM_REGION_CONTROL;
        o->item[i].follow_value = kept_there * o->item[i].base_value;
    }
    lab->run.frame = NULL;
    lab->run.pair = pair;
    measure(lab);
}

static void untreated_skin_is_a_check_of_its_own(void **state)
{
    const double kept[2] = { 1, 0.3 };
    double half[2];

    for (int i = 0; i < 2; i++) {
        struct derm_pair pair = { .comparability = DERM_COMPARABLE };
        const struct derm_control *control;
        const struct derm_result *r;
        struct scene_lab lab;
        struct derm_frame f;

        start_control(&lab, &f, &pair, kept[i], state);
        control = &lab.results.control;
        assert_true(control->given && control->coloured);
        assert_close(control->blood.value, 0, 1e-9);
        r = &control->concern[DERM_CONCERN_REDNESS];
        assert_int_equal(r->region, DERM_REGION_CONTROL);
        assert_int_equal(r->objects, 10);
        assert_close(r->percent, 100 * (kept[i] - 1), 1e-6);
        assert_int_equal(r->verdict, i == 0 ? DERM_NO_DETECTABLE_CHANGE : DERM_IMPROVED);
        assert_int_equal(control->concern[DERM_CONCERN_PIGMENTATION].status, DERM_NOT_ASSESSABLE);
        r = row(&lab, DERM_METRIC_REDNESS_LOAD, DERM_REGION_ROI);
        assert_int_equal(r->objects, 10);
        assert_close(r->percent, -50, 1e-6);
        half[i] = r->percent_hi - r->percent;
        assert_int_equal(r->verdict, i == 0 ? DERM_IMPROVED : DERM_NO_DETECTABLE_CHANGE);
        assert_int_equal(r->dominated_by == DERM_CONTROL, i == 1);
        scene_lab_close(&lab);
    }
    assert_close(half[1], sqrt(half[0] * half[0] + 1.96 * 1.96 * 70 * 70), 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(untreated_skin_gives_a_regional_value),
        cmocka_unit_test(untreated_skin_is_a_check_of_its_own),
    };
    return cmocka_run_group_tests(tests, open_models, close_models);
}
