/* SPDX-License-Identifier: Apache-2.0 */
/* Documents made from invented measurements: the shape of rows, units, reasons and refusals. The
 * schemas are checked in tests/e2e. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "report/document.h"
#include "stages/stages.h"

struct bench {
    struct derm_error err;
    struct derm_arena keep;
    struct derm_work work;
    struct derm_result result[3];
    struct derm_json *root;
    const char *text;
};

static void invent_photo(struct derm_frame *f, const char *name)
{
    f->source = (struct derm_source){ .file_name = name,
                                      .format = "jpeg",
                                      .width = 900,
                                      .height = 700,
                                      .orientation = 1,
                                      .bits = 8 };
    f->source.camera.flash_fired = f->source.camera.white_balance = -1;
    f->scale = (struct derm_scale){ DERM_SCALE_USER, 10, 0.01 };
    f->view.grid = (struct derm_grid){ 100, 50, 2, 300, 200, 5, 0 };
}

static void invent(struct bench *b, int photos)
{
    b->work.photos = photos;
    invent_photo(&b->work.frame[0], "before.jpg");
    invent_photo(&b->work.frame[1], "after.jpg");
    b->work.results.item = b->result;
    b->work.results.n = 3;
    b->result[0] = (struct derm_result){ .metric = DERM_METRIC_SCARS_RELIEF,
                                         .region = DERM_REGION_ROI,
                                         .status = DERM_NOT_ASSESSABLE,
                                         .reason = DERM_REASON_TOO_FEW };
    b->result[1] = (struct derm_result){ .metric = DERM_METRIC_PORES_AMPLITUDE,
                                         .region = DERM_REGION_ROI,
                                         .base = { 4.125, 0.25 },
                                         .follow = { 3, 0.25 },
                                         .change = -1.125,
                                         .change_sd = 0.5,
                                         .percent = -27.27272727,
                                         .percent_lo = -50,
                                         .percent_hi = -4,
                                         .has_percent = true,
                                         .mdc95_percent = 9,
                                         .verdict = DERM_IMPROVED,
                                         .objects = 12 };
    b->result[2] = (struct derm_result){ .metric = DERM_METRIC_PIGMENTATION_AREA_FRACTION,
                                         .region = DERM_REGION_ROI,
                                         .base = { 2, 0.5 },
                                         .follow = { 2, 0.5 } };
}

static derm_err build(struct bench *b, bool findings)
{
    static const struct derm_stage *const no_stages[] = { NULL };
    const struct derm_circumstances about = { .stages = no_stages,
                                              .version = "0.0.0",
                                              .cpu = "c",
                                              .threads = 1,
                                              .findings = findings,
                                              .started_at = "2026-01-01T00:00:00Z" };
    derm_err done;

    derm_json_free(b->root);
    b->root = NULL;
    b->err = (struct derm_error){ 0 };
    done = derm_document_build(&b->work, &about, &b->keep, &b->text, &b->err);
    if (done == DERM_OK)
        assert_int_equal(derm_json_parse(&b->root, b->text, strlen(b->text), "document", &b->err),
                         DERM_OK);
    return done;
}

static const char *text_at(const struct derm_json *node, const char *key)
{
    const char *const text = derm_json_as_text(derm_json_get(node, key));

    return text ? text : "absent";
}

static double number_at(const struct derm_json *node, const char *key)
{
    double value = (double)NAN;

    derm_json_as_number(derm_json_get(node, key), &value);
    return value;
}

static const struct derm_json *row(const struct bench *b, const char *list, int i)
{
    return derm_json_at(derm_json_get(b->root, list), i);
}

static void rows_come_in_the_order_of_the_list(void **state)
{
    struct bench *const b = *state;

    invent(b, 1);
    assert_int_equal(build(b, false), DERM_OK);
    assert_string_equal(text_at(row(b, "metrics", 0), "metric"), "pores.amplitude");
    assert_string_equal(text_at(row(b, "metrics", 1), "metric"), "pigmentation.area_fraction");
    assert_string_equal(text_at(row(b, "metrics", 2), "metric"), "scars.relief");
    assert_int_equal(derm_json_count(derm_json_get(b->root, "summary")), 2);
    assert_true(number_at(row(b, "metrics", 0), "value") == 4.125);
    assert_string_equal(text_at(row(b, "metrics", 0), "verdict"), "absent");
    assert_string_equal(text_at(row(b, "metrics", 2), "reason"), "too_few");
    assert_true(isnan(number_at(row(b, "metrics", 2), "value")));
    assert_false(derm_work_refused(&b->work));
}

static void run_comes_last(void **state)
{
    struct bench *const b = *state;
    const struct derm_json *last;

    invent(b, 2);
    assert_int_equal(build(b, true), DERM_OK);
    last = derm_json_at(b->root, derm_json_count(b->root) - 1);
    assert_string_equal(derm_json_key(last), "run");
}

static void a_pair_has_changes_and_verdicts(void **state)
{
    struct bench *const b = *state;
    const struct derm_json *change;

    invent(b, 2);
    assert_int_equal(build(b, false), DERM_OK);
    change = derm_json_get(row(b, "metrics", 0), "change");
    assert_true(number_at(change, "percent") == -27.2727);
    assert_true(number_at(row(b, "metrics", 0), "mdc95_percent") == 9);
    assert_string_equal(text_at(row(b, "metrics", 0), "verdict"), "improved");
    assert_true(isnan(number_at(derm_json_get(row(b, "metrics", 1), "change"), "percent")));
    assert_string_equal(text_at(row(b, "metrics", 2), "verdict"), "not_comparable");
}

static void what_is_no_number_is_out_of_range(void **state)
{
    struct bench *const b = *state;

    invent(b, 2);
    b->result[1].change_sd = (double)NAN;
    b->result[2].follow.value = (double)INFINITY;
    assert_int_equal(build(b, false), DERM_OK);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(text_at(row(b, "metrics", i), "status"), "out_of_range");
        assert_null(derm_json_get(row(b, "metrics", i), "change"));
    }
    b->work.frame[0].quality.noise_od = (double)NAN;
    assert_int_equal(build(b, false), DERM_EINTERNAL);
    assert_non_null(strstr(b->err.text, "noise"));
}

static void a_scale_of_eyes_names_both_rulers(void **state)
{
    struct bench *const b = *state;

    invent(b, 1);
    b->work.frame[0].scale = (struct derm_scale){ DERM_SCALE_IRIS_IPD, 8, 0.034 };
    assert_int_equal(build(b, false), DERM_OK);
    assert_string_equal(text_at(derm_json_get(b->root, "scale"), "source"), "iris");
    assert_string_equal(text_at(derm_json_get(b->root, "scale"), "combined_with"),
                        "interpupillary");
}

static void without_a_scale_there_are_no_millimetres(void **state)
{
    struct bench *const b = *state;

    invent(b, 1);
    b->work.frame[0].scale = (struct derm_scale){ DERM_SCALE_UNKNOWN, 22.5, 0 };
    assert_int_equal(build(b, false), DERM_OK);
    assert_null(derm_json_get(derm_json_get(b->root, "scale"), "px_per_mm"));
    assert_string_equal(text_at(row(b, "metrics", 0), "status"), "not_assessable");
    assert_string_equal(text_at(row(b, "metrics", 0), "reason"), "no_scale");
    assert_string_equal(text_at(row(b, "metrics", 1), "status"), "measured");
    assert_string_equal(text_at(row(b, "metrics", 1), "unit"), "%");
}

static void a_pair_says_how_its_blur_was_compared(void **state)
{
    struct bench *const b = *state;
    const struct derm_json *o;

    invent(b, 2);
    assert_int_equal(build(b, false), DERM_OK);
    o = derm_json_get(b->root, "sharpness");
    assert_string_equal(text_at(o, "gauge"), "none");
    assert_null(derm_json_get(o, "sharper"));
    b->work.frame[0].view.grid.px_per_mm = 10;
    b->work.pair.gauge = (struct derm_gauge){ DERM_GAUGE_HAIR, -0.25, 0.01, 12, 0 };
    b->work.pair.equalised = 2;
    assert_int_equal(build(b, false), DERM_OK);
    o = derm_json_get(b->root, "sharpness");
    assert_string_equal(text_at(o, "gauge"), "hair");
    assert_string_equal(text_at(o, "sharper"), "followup");
    assert_string_equal(text_at(o, "blurred"), "followup");
    assert_true(number_at(o, "relative_blur_mm") == 0.05);
    assert_true(number_at(o, "variance_mm2") == -0.0025);
    assert_true(number_at(o, "variance_sd_mm2") == 0.0001);
    assert_true(number_at(o, "windows") == 12);
    b->work.frame[0].scale = (struct derm_scale){ DERM_SCALE_UNKNOWN, 22.5, 0 };
    assert_int_equal(build(b, false), DERM_OK);
    assert_true(number_at(derm_json_get(b->root, "sharpness"), "relative_blur_px") == 0.5);
}

static void findings_are_in_photo_pixels(void **state)
{
    struct bench *const b = *state;
    struct derm_object spot = { .x = 10,
                                .y = 20,
                                .area_px = 50,
                                .diameter_mm = 1.6,
                                .axis_ratio = 0.5,
                                .regions = 1u << DERM_REGION_FACE | 1u << DERM_REGION_NOSE };
    const struct derm_json *found;

    invent(b, 1);
    b->work.frame[0].objects[DERM_KIND_SPOT] = (struct derm_objects){ .item = &spot, .n = 1 };
    assert_int_equal(build(b, true), DERM_OK);
    found = row(b, "findings", 0);
    assert_true(number_at(found, "x") == 120.5 && number_at(found, "y") == 90.5);
    assert_true(number_at(found, "area_mm2") == 2);
    assert_string_equal(text_at(found, "region"), "nose");
    b->work.frame[0].scale.source = DERM_SCALE_UNKNOWN;
    assert_int_equal(build(b, true), DERM_OK);
    found = row(b, "findings", 0);
    assert_true(number_at(found, "area_px") == 200);
    assert_true(number_at(found, "diameter_px") == 16);
    assert_null(derm_json_get(found, "diameter_mm"));
}

/* Untreated skin is not counted; its lesions tell what chance does all the same. */
static void lesions_that_were_judged_are_counted_by_concern(void **state)
{
    struct bench *const b = *state;
    struct derm_object scar[3] = {
        { .area_px = 20, .regions = 1u << DERM_REGION_ROI, .fate = DERM_FATE_GONE },
        { .area_px = 20, .regions = 1u << DERM_REGION_ROI, .fate = DERM_FATE_FADED },
        { .area_px = 20, .regions = 1u << DERM_REGION_CONTROL, .fate = DERM_FATE_FADED },
    };
    struct derm_object spot = { .area_px = 20, .regions = 1u << DERM_REGION_ROI };

    invent(b, 2);
    for (int i = 0; i < 3; i++) {
        scar[i].contrast_change = -0.25;
        scar[i].change_sd = 0.125 * i;
    }
    b->work.pair.objects[DERM_KIND_SPOT] = (struct derm_objects){ .item = &spot, .n = 1 };
    b->work.pair.objects[DERM_KIND_SCAR] = (struct derm_objects){ .item = scar, .n = 3 };
    assert_int_equal(build(b, true), DERM_OK);
    assert_int_equal(derm_json_count(derm_json_get(b->root, "tracking")), 1);
    assert_string_equal(text_at(row(b, "tracking", 0), "concern"), "scars");
    assert_true(number_at(row(b, "tracking", 0), "gone") == 1);
    assert_true(number_at(row(b, "tracking", 0), "faded") == 1);
    assert_true(number_at(row(b, "tracking", 0), "contrast_change_sd") == 0.125);
    assert_null(derm_json_get(row(b, "findings", 0), "fate")); /* the spot */
    assert_string_equal(text_at(row(b, "findings", 2), "fate"), "faded");
    assert_true(number_at(row(b, "findings", 2), "contrast_change") == -0.25);
    assert_true(number_at(row(b, "findings", 2), "contrast_change_sd") == 0.125);
}

/* Three scars of a close-up, one of them in the follow-up alone. */
static void estimates_show_what_they_are_made_of(void **state)
{
    struct bench *const b = *state;
    struct derm_object scar[3] = { { .diameter_mm = 1.2, .found_in = 3 },
                                   { .diameter_mm = 3, .found_in = 3 },
                                   { .diameter_mm = 6, .found_in = 2 } };
    const struct derm_json *rows, *ecca;

    for (int i = 0; i < 3; i++)
        scar[i].regions = 1u << DERM_REGION_ROI;
    invent(b, 2);
    b->result[0] =
        (struct derm_result){ .metric = DERM_METRIC_SCARS_COUNT_SMALL, .region = DERM_REGION_ROI };
    b->work.pair.objects[DERM_KIND_SCAR] = (struct derm_objects){ .item = scar, .n = 3 };
    assert_int_equal(build(b, false), DERM_OK);
    rows = derm_json_get(derm_json_get(b->root, "estimates"), "rows");
    assert_int_equal(derm_json_count(rows), 8);
    ecca = derm_json_at(rows, 1);
    assert_string_equal(text_at(ecca, "scale"), "ecca");
    assert_string_equal(text_at(ecca, "photo"), "baseline");
    assert_true(number_at(ecca, "value") == 15 + 20);
    assert_true(number_at(derm_json_get(ecca, "inputs"), "scars_2_to_4_mm") == 1);
    assert_true(number_at(derm_json_at(rows, 5), "value") == 15 + 20 + 25);
    assert_true(number_at(derm_json_at(rows, 0), "value") == 2);     /* Goodman & Baron, small */
    assert_true(number_at(derm_json_at(rows, 4), "value") == 2 + 2); /* and a broad one */
    assert_string_equal(text_at(derm_json_at(rows, 2), "reason"), "no_face");
    assert_string_equal(text_at(derm_json_at(rows, 3), "status"), "not_assessable");
    assert_null(derm_json_get(derm_json_at(rows, 3), "value"));
    b->work.pair.objects[DERM_KIND_SCAR] = (struct derm_objects){ .n = 0 };
}

static void refusals(void **state)
{
    struct bench *const b = *state;

    invent(b, 1);
    for (int i = 0; i < 3; i++)
        b->result[i].status = DERM_NOT_ASSESSABLE;
    assert_true(derm_work_refused(&b->work));
    invent(b, 2);
    assert_false(derm_work_refused(&b->work));
    b->work.pair.comparability = DERM_INCOMPARABLE;
    assert_true(derm_work_refused(&b->work));
}

static int open_bench(void **state)
{
    struct bench *const b = calloc(1, sizeof(*b));

    *state = b;
    return b && derm_arena_init(&b->keep, (size_t)16 << 20, &b->err) == DERM_OK ? 0 : -1;
}

static int close_bench(void **state)
{
    struct bench *const b = *state;

    derm_json_free(b->root);
    derm_arena_free(&b->keep);
    free(b);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_bench, close_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_come_in_the_order_of_the_list),
        TEST(run_comes_last),
        TEST(a_pair_has_changes_and_verdicts),
        TEST(what_is_no_number_is_out_of_range),
        TEST(a_scale_of_eyes_names_both_rulers),
        TEST(without_a_scale_there_are_no_millimetres),
        TEST(a_pair_says_how_its_blur_was_compared),
        TEST(findings_are_in_photo_pixels),
        TEST(lesions_that_were_judged_are_counted_by_concern),
        TEST(estimates_show_what_they_are_made_of),
        TEST(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
