/* SPDX-License-Identifier: Apache-2.0 */
/* Every metric from given objects: value, uncertainty, change, or the reason why there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/metrics.h"
#include "measure_scene.h"
#include "stages/decide.h"

static const double CM2 = 16;

static void an_analysis_has_values_in_units(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    start(&lab, &f, state);
    put(&lab, &f.objects[DERM_KIND_SPOT], 32, 0);
    put(&lab, &f.objects[DERM_KIND_PORE], 48, 0);
    put(&lab, &f.objects[DERM_KIND_SCAR], 4, 0);
    measure(&lab);
    assert_int_equal(lab.results.n, DERM_METRIC_COUNT);
    /* 32 x 20 px2 / 25 px2/mm2 x 0.3 OD / 16 cm2 */
    const struct derm_result *r = row(&lab, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_ROI);
    assert_int_equal(r->status, DERM_MEASURED);
    assert_close(r->base.value, 32 * 0.8 * 0.3 / CM2, 1e-9);
    assert_close(r->base.sd, r->base.value / sqrt(32), 0.25 * r->base.value / sqrt(32));
    assert_int_equal(r->objects, 32);
    assert_close(row(&lab, DERM_METRIC_PIGMENTATION_SPOT_COUNT, DERM_REGION_ROI)->base.value, 32,
                 0);
    assert_close(row(&lab, DERM_METRIC_PIGMENTATION_CONTRAST, DERM_REGION_ROI)->base.value, 0.3,
                 1e-9);
    assert_close(row(&lab, DERM_METRIC_PIGMENTATION_AREA_FRACTION, DERM_REGION_ROI)->base.value,
                 100.0 * 32 * 20 / (SIDE * SIDE), 1e-9);
    assert_close(row(&lab, DERM_METRIC_PORES_DENSITY, DERM_REGION_ROI)->base.value, 48 / CM2, 1e-9);
    assert_close(row(&lab, DERM_METRIC_PORES_AMPLITUDE, DERM_REGION_ROI)->base.value, 48 * 6 / CM2,
                 1e-9);
    assert_close(row(&lab, DERM_METRIC_PORES_MEAN_DIAMETER, DERM_REGION_ROI)->base.value,
                 2 * sqrt(0.8 / 3.14159265), 1e-6);
    assert_close(row(&lab, DERM_METRIC_SCARS_RELIEF, DERM_REGION_ROI)->base.value, sqrt(0.3), 1e-9);
    assert_close(row(&lab, DERM_METRIC_SCARS_COUNT_SMALL, DERM_REGION_ROI)->base.value, 4, 0);
    assert_close(row(&lab, DERM_METRIC_SCARS_COUNT_LARGE, DERM_REGION_ROI)->base.value, 0, 0);
    scene_lab_close(&lab);
}

static void a_scar_counts_as_its_diameter(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    start(&lab, &f, state);
    put(&lab, &f.objects[DERM_KIND_SCAR], 2, 0);
    struct derm_object *const broad = &f.objects[DERM_KIND_SCAR].item[1];
    broad->area_px = broad->base_area_px = 4 * 20;
    broad->base_value = 4 * 20 * 0.03;
    measure(&lab);
    assert_close(row(&lab, DERM_METRIC_SCARS_RELIEF, DERM_REGION_ROI)->base.value,
                 sqrt((0.3 + 2 * 0.03) / 3), 1e-6);
    scene_lab_close(&lab);
}

/* A pair of 60 pores of which half the strength is left, with a gauge that is unsure by sd_px2. */
static struct derm_result noted_pair(void **state, enum derm_kind kind, enum derm_metric_id metric,
                                     double sd_px2, const struct derm_finding *noted)
{
    struct scene_lab lab;
    struct derm_frame f;
    struct derm_pair pair = { .gauge = { DERM_GAUGE_HAIR, 0, sd_px2, 9, 0 } };
    struct derm_result r;

    start(&lab, &f, state);
    pair.base = pair.follow = &f;
    pair.warped = f.view;
    pair.common = f.view.skin;
    pair.registration.accepted = true;
    put(&lab, &pair.objects[kind], 60, 0.5);
    for (int i = 0; i < 60; i++)
        pair.objects[kind].item[i].scale_px = 2;
    if (noted) pair.finding[pair.n++] = *noted;
    lab.run.pair = &pair;
    lab.run.frame = NULL;
    measure(&lab);
    r = *row(&lab, metric, DERM_REGION_ROI);
    scene_lab_close(&lab);
    return r;
}

static struct derm_result unsure_pair(void **state, enum derm_kind kind, enum derm_metric_id metric,
                                      double sd_px2)
{
    return noted_pair(state, kind, metric, sd_px2, NULL);
}

/* Twice the tone curve, which all objects share. */
static void another_camera_widens_the_interval(void **state)
{
    static const struct derm_finding camera = { .reason = DERM_REASON_DEVICE_DIFFERS,
                                                .severity = DERM_SEVERITY_WARN };
    static const struct derm_finding light = { .reason = DERM_REASON_LIGHT_DIFFERS,
                                               .severity = DERM_SEVERITY_WARN };
    const enum derm_metric_id load = DERM_METRIC_PIGMENTATION_LOAD;
    const double plain = unsure_pair(state, DERM_KIND_SPOT, load, 0).change_sd;
    const double other = noted_pair(state, DERM_KIND_SPOT, load, 0, &camera).change_sd;

    assert_true(other > plain * 1.0001);
    assert_true(noted_pair(state, DERM_KIND_SPOT, load, 0, &light).change_sd == plain);
}

static void one_object_may_be_off_by_all_of_itself(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    start(&lab, &f, state);
    put(&lab, &f.objects[DERM_KIND_SCAR], 1, 1);
    measure(&lab);
    const struct derm_result *const r = row(&lab, DERM_METRIC_SCARS_RELIEF, DERM_REGION_ROI);
    assert_true(r->base.value > 0);
    assert_close(r->base.sd, r->base.value, 1e-9);
    scene_lab_close(&lab);
}

static void what_the_gauge_does_not_know_widens_the_interval_of_pores(void **state)
{
    const enum derm_metric_id pores = DERM_METRIC_PORES_AMPLITUDE;
    const enum derm_metric_id spots = DERM_METRIC_PIGMENTATION_LOAD;
    const struct derm_result sure = unsure_pair(state, DERM_KIND_PORE, pores, 0);
    const struct derm_result unsure = unsure_pair(state, DERM_KIND_PORE, pores, 2);
    const struct derm_result spot = unsure_pair(state, DERM_KIND_SPOT, spots, 0);
    const struct derm_result same = unsure_pair(state, DERM_KIND_SPOT, spots, 2);
    /* 1.96 x 1.2 x 2 px^2 / (2 px)^2 of the half that is left, in percent of the baseline. */
    const double gauge = 58.8, half = sure.percent - sure.percent_lo;
    const double wide = unsure.percent - unsure.percent_lo;

    assert_close(sure.percent, -50, 1e-9);
    assert_close(unsure.percent, -50, 1e-9);
    assert_close(wide, sqrt(half * half + gauge * gauge), 0.01);
    assert_true(unsure.change_sd > sure.change_sd);
    assert_true(same.percent_lo == spot.percent_lo && same.change_sd == spot.change_sd);
}

static void nothing_found_is_zero_with_an_honest_sd(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    start(&lab, &f, state);
    measure(&lab);
    const struct derm_result *r = row(&lab, DERM_METRIC_PIGMENTATION_SPOT_COUNT, DERM_REGION_ROI);
    assert_int_equal(r->status, DERM_MEASURED);
    assert_close(r->base.value, 0, 0);
    assert_close(r->base.sd, 1, 0);
    r = row(&lab, DERM_METRIC_PIGMENTATION_CONTRAST, DERM_REGION_ROI);
    assert_int_equal(r->status, DERM_NOT_ASSESSABLE);
    assert_int_equal(r->reason, DERM_REASON_NOTHING_FOUND);
    scene_lab_close(&lab);
}

static void what_is_missing_is_said(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    start(&lab, &f, state);
    put(&lab, &f.objects[DERM_KIND_PORE], 3, 0);
    measure(&lab);
    assert_int_equal(row(&lab, DERM_METRIC_PIGMENTATION_MELANIN, DERM_REGION_ROI)->reason,
                     DERM_REASON_NO_COLOUR_REFERENCE);
    assert_int_equal(row(&lab, DERM_METRIC_PIGMENTATION_MELANIN_REGIONAL, DERM_REGION_ROI)->reason,
                     DERM_REASON_NO_CONTROL_REGION);
    assert_int_equal(row(&lab, DERM_METRIC_PORES_AMPLITUDE, DERM_REGION_ROI)->reason,
                     DERM_REASON_TOO_FEW);
    f.scale.source = DERM_SCALE_UNKNOWN;
    measure(&lab);
    for (int i = 0; i < lab.results.n; i++) {
        const struct derm_result *const r = &lab.results.item[i];
        if (derm_metrics[r->metric].unit_no_scale[0] == '\0')
            assert_int_equal(r->reason, DERM_REASON_NO_SCALE);
    }
    assert_int_equal(row(&lab, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_ROI)->status,
                     DERM_MEASURED);
    f.quality.n = 1;
    f.quality.finding[0] = (struct derm_finding){ .reason = DERM_REASON_BLURRED,
                                                  .severity = DERM_SEVERITY_FAIL,
                                                  .concerns = 1u << DERM_CONCERN_PIGMENTATION };
    measure(&lab);
    assert_int_equal(row(&lab, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_ROI)->reason,
                     DERM_REASON_BLURRED);
    assert_int_equal(row(&lab, DERM_METRIC_SCARS_RELIEF, DERM_REGION_ROI)->reason,
                     DERM_REASON_NO_SCALE);
    scene_lab_close(&lab);
}

/* A face: the left half of the grid is forehead, the right half nose with little skin to see. */
static void a_hidden_region_is_not_measured(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    start(&lab, &f, state);
    f.face.used = true;
    f.view.regions_visible =
        1u << DERM_REGION_FACE | 1u << DERM_REGION_FOREHEAD | 1u << DERM_REGION_NOSE;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const unsigned region = x < SIDE / 2 ? DERM_REGION_FOREHEAD : DERM_REGION_NOSE;
            derm_bits_row(&f.view.regions, y)[x] = (uint16_t)(1u | 1u << region);
            if (x >= SIDE / 2 + 30) derm_mask_row(&f.view.skin, y)[x] = 0;
        }
    measure(&lab);
    assert_int_equal(lab.results.n, DERM_METRIC_COUNT * DERM_REGION_ROI);
    assert_int_equal(row(&lab, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_FACE)->status,
                     DERM_MEASURED);
    assert_int_equal(row(&lab, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_FOREHEAD)->status,
                     DERM_MEASURED);
    assert_int_equal(row(&lab, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_NOSE)->reason,
                     DERM_REASON_REGION_NOT_VISIBLE);
    assert_int_equal(row(&lab, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_CHIN)->reason,
                     DERM_REASON_REGION_NOT_VISIBLE);
    scene_lab_close(&lab);
}

static void start_pair(struct scene_lab *lab, struct derm_frame *a, struct derm_frame *b,
                       struct derm_pair *pair, void **state)
{
    start(lab, a, state);
    scene_skin(lab, b, SIDE, SIDE, 5, 0.02, 2);
    lab->run.frame = b;
    *pair = (struct derm_pair){ .base = a, .follow = b, .warped = b->view, .common = a->view.skin };
    pair->registration.accepted = true;
    lab->run.frame = NULL;
    lab->run.pair = pair;
}

static void a_pair_has_change_interval_and_verdict(void **state)
{
    struct scene_lab lab;
    struct derm_frame a, b;
    struct derm_pair pair;

    start_pair(&lab, &a, &b, &pair, state);
    put(&lab, &pair.objects[DERM_KIND_SPOT], 20, 0.7);
    measure(&lab);
    const struct derm_result *r = row(&lab, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_ROI);
    assert_close(r->percent, -30, 1e-9);
    assert_true(r->percent_lo < -30 && r->percent_hi > -30 && r->percent_hi < 0);
    /* Objects that fade alike have no spread of their own; an S curve adds what it does to 70 %. */
    assert_true(r->mdc95_percent > 19.6 - 1e-9 && r->mdc95_percent < 1.96 * sqrt(100 + 2));
    assert_int_equal(r->verdict, DERM_IMPROVED);
    put(&lab, &pair.objects[DERM_KIND_SPOT], 20, 1.0);
    measure(&lab);
    r = row(&lab, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_ROI);
    assert_close(r->percent, 0, 1e-9);
    assert_int_equal(r->verdict, DERM_NO_DETECTABLE_CHANGE);
    pair.objects[DERM_KIND_SPOT].n = 0;
    measure(&lab);
    r = row(&lab, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_ROI);
    assert_int_equal(r->reason, DERM_REASON_NOTHING_FOUND);
    scene_lab_close(&lab);
}

/* sd of the change of an area where the alignment stretched every spot so much. */
static double stretched_sd(void **state, double warp_area_bias)
{
    struct scene_lab lab;
    struct derm_frame a, b;
    struct derm_pair pair;
    double sd;

    start_pair(&lab, &a, &b, &pair, state);
    put(&lab, &pair.objects[DERM_KIND_SPOT], 60, 1);
    for (int i = 0; i < 60; i++)
        pair.objects[DERM_KIND_SPOT].item[i].warp_area_bias = warp_area_bias;
    measure(&lab);
    sd = row(&lab, DERM_METRIC_PIGMENTATION_AREA_FRACTION, DERM_REGION_ROI)->change_sd;
    scene_lab_close(&lab);
    return sd;
}

static void an_alignment_that_stretches_spots_widens_the_interval(void **state)
{
    const double plain = stretched_sd(state, 0);

    assert_true(stretched_sd(state, 0.029) == plain);
    assert_true(stretched_sd(state, -0.031) > plain * 1.01);
    assert_true(stretched_sd(state, 0.1) > plain * 1.1);
}

static void a_refusal_is_a_verdict(void **state)
{
    struct scene_lab lab;
    struct derm_frame a, b;
    struct derm_pair pair;

    start_pair(&lab, &a, &b, &pair, state);
    pair.registration.accepted = false;
    pair.comparability = DERM_INCOMPARABLE;
    measure(&lab);
    for (int i = 0; i < lab.results.n; i++) {
        assert_int_equal(lab.results.item[i].status, DERM_NOT_ASSESSABLE);
        assert_int_equal(lab.results.item[i].reason, DERM_REASON_NOT_REGISTERED);
        assert_int_equal(lab.results.item[i].verdict, DERM_NOT_COMPARABLE);
    }
    pair.registration.accepted = true;
    pair.comparability = DERM_LIMITED;
    pair.n = 1;
    pair.finding[0] = (struct derm_finding){ .reason = DERM_REASON_LIGHT_DIFFERS,
                                             .severity = DERM_SEVERITY_FAIL,
                                             .concerns = 1u << DERM_CONCERN_SCARS };
    put(&lab, &pair.objects[DERM_KIND_SCAR], 9, 0.5);
    put(&lab, &pair.objects[DERM_KIND_SPOT], 9, 0.5);
    measure(&lab);
    const struct derm_result *r = row(&lab, DERM_METRIC_SCARS_RELIEF, DERM_REGION_ROI);
    assert_int_equal(r->status, DERM_MEASURED);
    assert_int_equal(r->verdict, DERM_NOT_COMPARABLE);
    assert_int_equal(r->reason, DERM_REASON_LIGHT_DIFFERS);
    r = row(&lab, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_ROI);
    assert_int_equal(r->verdict, DERM_IMPROVED);
    scene_lab_close(&lab);
}

/* Forehead and cheek of a face, six scars each; the smile folds the cheek. */
static void a_region_that_moved_is_left_out_of_the_face(void **state)
{
    struct scene_lab lab;
    struct derm_frame a, b;
    struct derm_pair pair;

    start_pair(&lab, &a, &b, &pair, state);
    a.face.used = true;
    a.view.regions_visible =
        1u << DERM_REGION_FACE | 1u << DERM_REGION_FOREHEAD | 1u << DERM_REGION_LEFT_CHEEK;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const unsigned region = x < SIDE / 2 ? DERM_REGION_FOREHEAD : DERM_REGION_LEFT_CHEEK;
            derm_bits_row(&a.view.regions, y)[x] = (uint16_t)(1u | 1u << region);
        }
    put(&lab, &pair.objects[DERM_KIND_SCAR], 12, 0.1);
    for (int i = 0; i < 12; i++)
        pair.objects[DERM_KIND_SCAR].item[i].regions =
            1u | 1u << (i < 6 ? DERM_REGION_FOREHEAD : DERM_REGION_LEFT_CHEEK);
    pair.comparability = DERM_LIMITED;
    pair.n = 1;
    pair.finding[0] = (struct derm_finding){ .reason = DERM_REASON_EXPRESSION_DIFFERS,
                                             .severity = DERM_SEVERITY_FAIL,
                                             .concerns = 1u << DERM_CONCERN_SCARS,
                                             .regions = 1u << DERM_REGION_LEFT_CHEEK };
    measure(&lab);
    const struct derm_result *r = row(&lab, DERM_METRIC_SCARS_RELIEF, DERM_REGION_LEFT_CHEEK);
    assert_int_equal(r->status, DERM_MEASURED);
    assert_int_equal(r->verdict, DERM_NOT_COMPARABLE);
    assert_int_equal(r->reason, DERM_REASON_EXPRESSION_DIFFERS);
    r = row(&lab, DERM_METRIC_SCARS_RELIEF, DERM_REGION_FOREHEAD);
    assert_int_equal(r->verdict, DERM_IMPROVED);
    assert_int_equal(r->objects, 6);
    r = row(&lab, DERM_METRIC_SCARS_RELIEF, DERM_REGION_FACE);
    assert_int_equal(r->verdict, DERM_IMPROVED);
    r = row(&lab, DERM_METRIC_SCARS_AREA_FRACTION, DERM_REGION_FACE);
    assert_int_equal(r->objects, 6);
    assert_close(r->base.value, 100.0 * 6 * 20 / (SIDE * SIDE / 2), 1e-9); /* half of the skin */
    pair.objects[DERM_KIND_SCAR].n = 4;
    measure(&lab);
    r = row(&lab, DERM_METRIC_SCARS_RELIEF, DERM_REGION_FACE);
    assert_int_equal(r->reason, DERM_REASON_TOO_FEW);
    scene_lab_close(&lab);
}

/* Twenty pieces of 2 mm, 1.5 mm wide and 0.2 OD; of the second photo half are found, all are
 * fainter by 40 % and two too faint for a width. */
static void put_pieces(struct scene_lab *lab, struct derm_objects *o)
{
    const double area_px = 2 * 1.5 * 25;

    put(lab, o, 20, 0.6);
    for (int i = 0; i < o->n; i++) {
        struct derm_object *const p = &o->item[i];

        p->length_mm = 2;
        p->area_px = p->base_area_px = area_px;
        p->follow_area_px = i < 2 ? 0 : 0.8 * area_px;
        p->base_value = 0.2 * area_px;
        p->follow_value = 0.12 * area_px;
        p->found_in = i < 10 ? 3 : 1;
    }
}

static void lines_are_measured_by_their_pieces(void **state)
{
    static const enum derm_metric_id width = DERM_METRIC_LINEAR_SCARS_WIDTH,
                                     length = DERM_METRIC_LINEAR_SCARS_LENGTH,
                                     contrast = DERM_METRIC_LINEAR_SCARS_CONTRAST,
                                     wrinkles = DERM_METRIC_WRINKLES_CONTRAST;
    struct derm_pair pair = { .comparability = DERM_COMPARABLE };
    struct scene_lab lab;
    struct derm_frame f, later;

    start(&lab, &f, state);
    measure(&lab);
    assert_int_equal(row(&lab, width, DERM_REGION_ROI)->reason, DERM_REASON_NOTHING_FOUND);
    assert_int_equal(row(&lab, contrast, DERM_REGION_ROI)->reason, DERM_REASON_NOTHING_FOUND);
    assert_close(row(&lab, length, DERM_REGION_ROI)->base.value, 0, 0);
    lab.tone.ita_deg = -60; /* too dark for hollows, not for scars of cuts */
    put_pieces(&lab, &f.objects[DERM_KIND_LINEAR_SCAR]);
    measure(&lab);
    assert_int_equal(row(&lab, DERM_METRIC_SCARS_RELIEF, DERM_REGION_ROI)->reason,
                     DERM_REASON_TONE_TOO_DARK);
    memset(lab.tone.blood, 0, sizeof(lab.tone.blood));
    measure(&lab);
    assert_int_equal(row(&lab, DERM_METRIC_SCARS_RELIEF, DERM_REGION_ROI)->reason,
                     DERM_REASON_GREYSCALE);
    assert_close(row(&lab, width, DERM_REGION_ROI)->base.value, 1.5, 1e-9);
    assert_close(row(&lab, contrast, DERM_REGION_ROI)->base.value, 0.2, 1e-9);
    assert_close(row(&lab, length, DERM_REGION_ROI)->base.value, 40, 1e-9);
    assert_close(row(&lab, length, DERM_REGION_ROI)->base.sd, 4, 1e-4); /* an end or two */
    scene_skin(&lab, &later, SIDE, SIDE, 5, 0.02, 2);
    pair.base = &f;
    pair.follow = &later;
    pair.warped = later.view;
    pair.common = f.view.skin;
    pair.registration.accepted = true;
    put_pieces(&lab, &pair.objects[DERM_KIND_LINEAR_SCAR]);
    lab.run.frame = NULL;
    lab.run.pair = &pair;
    measure(&lab);
    assert_close(row(&lab, width, DERM_REGION_ROI)->percent, -20, 1e-6);
    assert_close(row(&lab, contrast, DERM_REGION_ROI)->percent, -40, 1e-6);
    assert_int_equal(row(&lab, contrast, DERM_REGION_ROI)->verdict, DERM_IMPROVED);
    assert_close(row(&lab, length, DERM_REGION_ROI)->follow.value, 20, 1e-9);
    assert_close(row(&lab, length, DERM_REGION_ROI)->change_sd, 5, 2); /* 2 mm x sqrt(20) / 2 */
    put_pieces(&lab, &pair.objects[DERM_KIND_WRINKLE]);
    measure(&lab);
    assert_int_equal(row(&lab, wrinkles, DERM_REGION_ROI)->verdict, DERM_IMPROVED);
    pair.objects[DERM_KIND_WRINKLE].n = 6; /* a single line may be none */
    measure(&lab);
    assert_int_equal(row(&lab, wrinkles, DERM_REGION_ROI)->verdict, DERM_NOT_COMPARABLE);
    assert_int_equal(row(&lab, wrinkles, DERM_REGION_ROI)->reason, DERM_REASON_TOO_FEW);
    scene_lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_analysis_has_values_in_units),
        cmocka_unit_test(a_scar_counts_as_its_diameter),
        cmocka_unit_test(another_camera_widens_the_interval),
        cmocka_unit_test(one_object_may_be_off_by_all_of_itself),
        cmocka_unit_test(what_the_gauge_does_not_know_widens_the_interval_of_pores),
        cmocka_unit_test(nothing_found_is_zero_with_an_honest_sd),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(a_hidden_region_is_not_measured),
        cmocka_unit_test(a_pair_has_change_interval_and_verdict),
        cmocka_unit_test(an_alignment_that_stretches_spots_widens_the_interval),
        cmocka_unit_test(a_refusal_is_a_verdict),
        cmocka_unit_test(a_region_that_moved_is_left_out_of_the_face),
        cmocka_unit_test(lines_are_measured_by_their_pieces),
    };
    return cmocka_run_group_tests(tests, open_models, close_models);
}
