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
#include "skin_scene.h"
#include "stages/decide.h"
#include "stages/stages.h"

enum { SIDE = 200 }; /* px; at 5 px/mm 16 cm2 */
static const double CM2 = 16;

/* 10 % for 20 objects everywhere: what is tested must not hang on what was measured last. */
static void use_plain_table(struct derm_models *m)
{
    static char text[16384];
    struct derm_error err = { 0 };
    size_t n = (size_t)snprintf(
        text, sizeof(text),
        "{\"tones\": [{\"id\": \"all\", \"ita_above_deg\": -90}], \"resolutions\": [{\"id\": "
        "\"all\", \"px_per_mm_below\": 1000}], \"metrics\": {");

    for (int i = 0; i < DERM_METRIC_COUNT; i++) {
        const bool regional = derm_metrics[i].klass == DERM_CLASS_REGIONAL;

        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\"%s\": {\"with_change\": 0",
                              i ? ", " : "", derm_metrics[i].id);
        for (int extent = 0; extent < 2; extent++)
            n += (size_t)snprintf(
                text + n, sizeof(text) - n,
                ", \"%s\": {\"objects\": 20, \"shared\": 0, \"cells\": [{\"tone\": "
                "\"all\", \"resolution\": \"all\", \"%s\": %s}]}",
                extent ? "whole" : "region", regional ? "sd_absolute" : "sd_percent",
                regional ? "0.1" : "10");
        n += (size_t)snprintf(text + n, sizeof(text) - n, "}");
    }
    n += (size_t)snprintf(text + n, sizeof(text) - n, "}}");
    assert_true(n < sizeof(text));
    assert_int_equal(derm_models_replace_table(m, "precision", text, n, "plain", &err), DERM_OK);
}

static int open_models(void **state)
{
    struct derm_error err = { 0 };
    struct derm_models *m;

    assert_int_equal(derm_models_open(&m, DERM_TEST_MODELS, &err), DERM_OK);
    use_plain_table(m);
    *state = m;
    return 0;
}

static int close_models(void **state)
{
    derm_models_close(*state);
    return 0;
}

static void measure(struct scene_lab *lab)
{
    struct {
        double d[32];
    } params;

    derm_opt_defaults(derm_stage_measure.opts, &params);
    assert_int_equal(derm_stage_measure.run(&lab->run, &params), DERM_OK);
}

static const struct derm_result *row(const struct scene_lab *lab, enum derm_metric_id m,
                                     enum derm_region region)
{
    for (int i = 0; i < lab->results.n; i++)
        if (lab->results.item[i].metric == m && lab->results.item[i].region == region)
            return &lab->results.item[i];
    return NULL;
}

/* n equal objects of 20 px2: contrast 0.3 in the baseline, 0.3 x kept in the follow-up. */
static void put(struct scene_lab *lab, struct derm_objects *o, int n, double kept)
{
    assert_int_equal(derm_arena_new(&lab->keep, &o->item, (size_t)n + 1, sizeof(*o->item)),
                     DERM_OK);
    o->n = n;
    for (int i = 0; i < n; i++)
        o->item[i] = (struct derm_object){ .strong = true,
                                           .area_px = 20,
                                           .diameter_mm = 1,
                                           .regions = 1u << DERM_REGION_ROI,
                                           .found_in = 3,
                                           .base_value = 20 * 0.3,
                                           .follow_value = 20 * 0.3 * kept,
                                           .base_area_px = 20,
                                           .follow_area_px = 20 * kept };
}

static void start(struct scene_lab *lab, struct derm_frame *f, void **state)
{
    scene_lab_open(lab);
    scene_skin(lab, f, SIDE, SIDE, 5, 0.02, 1);
    scene_tone(&lab->tone);
    lab->run.models = *state;
    lab->run.frame = f;
    assert_int_equal(derm_stage_maps.run(&lab->run, NULL), DERM_OK);
}

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

/* A pair of 60 pores of which half the strength is left, with a gauge that is unsure by sd_px2. */
static struct derm_result unsure_pair(void **state, enum derm_kind kind, enum derm_metric_id metric,
                                      double sd_px2)
{
    struct scene_lab lab;
    struct derm_frame f;
    struct derm_pair pair = { .gauge = { DERM_GAUGE_HAIR, 0, sd_px2, 9 } };
    struct derm_result r;

    start(&lab, &f, state);
    pair.base = pair.follow = &f;
    pair.warped = f.view;
    pair.common = f.view.skin;
    pair.registration.accepted = true;
    put(&lab, &pair.objects[kind], 60, 0.5);
    for (int i = 0; i < 60; i++)
        pair.objects[kind].item[i].scale_px = 2;
    lab.run.pair = &pair;
    lab.run.frame = NULL;
    measure(&lab);
    r = *row(&lab, metric, DERM_REGION_ROI);
    scene_lab_close(&lab);
    return r;
}

static void what_the_gauge_does_not_know_widens_the_interval_of_pores(void **state)
{
    const enum derm_metric_id pores = DERM_METRIC_PORES_AMPLITUDE;
    const enum derm_metric_id spots = DERM_METRIC_PIGMENTATION_LOAD;
    const struct derm_result sure = unsure_pair(state, DERM_KIND_PORE, pores, 0);
    const struct derm_result unsure = unsure_pair(state, DERM_KIND_PORE, pores, 5);
    const struct derm_result spot = unsure_pair(state, DERM_KIND_SPOT, spots, 0);
    const struct derm_result same = unsure_pair(state, DERM_KIND_SPOT, spots, 5);
    /* 1.96 x 1.2 x 5 px^2 / (2 px)^2 of the half that is left, in percent of the baseline. */
    const double gauge = 147, half = sure.percent - sure.percent_lo;
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
    assert_int_equal(derm_stage_maps.run(&lab->run, NULL), DERM_OK);
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

static void linear_scars_are_measured_by_their_pieces(void **state)
{
    static const enum derm_metric_id width = DERM_METRIC_LINEAR_SCARS_WIDTH,
                                     length = DERM_METRIC_LINEAR_SCARS_LENGTH,
                                     contrast = DERM_METRIC_LINEAR_SCARS_CONTRAST;
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
    scene_lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_analysis_has_values_in_units),
        cmocka_unit_test(what_the_gauge_does_not_know_widens_the_interval_of_pores),
        cmocka_unit_test(nothing_found_is_zero_with_an_honest_sd),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(a_hidden_region_is_not_measured),
        cmocka_unit_test(a_pair_has_change_interval_and_verdict),
        cmocka_unit_test(a_refusal_is_a_verdict),
        cmocka_unit_test(a_region_that_moved_is_left_out_of_the_face),
        cmocka_unit_test(untreated_skin_gives_a_regional_value),
        cmocka_unit_test(untreated_skin_is_a_check_of_its_own),
        cmocka_unit_test(linear_scars_are_measured_by_their_pieces),
    };
    return cmocka_run_group_tests(tests, open_models, close_models);
}
