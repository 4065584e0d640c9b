/* SPDX-License-Identifier: Apache-2.0 */
/* Skin with given objects, measured by a plain table of null figures. */
#ifndef DERM_TESTS_MEASURE_SCENE_H
#define DERM_TESTS_MEASURE_SCENE_H

#include <stdio.h>

#include "base/metrics.h"
#include "skin_scene.h"
#include "stages/stages.h"

enum { SIDE = 200 }; /* px; at 5 px/mm 16 cm2 */

/* 10 % for 20 objects everywhere: what is tested must not hang on what was measured last. */
static inline void use_plain_table(struct derm_models *m)
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

static inline int open_models(void **state)
{
    struct derm_error err = { 0 };
    struct derm_models *m;

    assert_int_equal(derm_models_open(&m, DERM_TEST_MODELS, &err), DERM_OK);
    use_plain_table(m);
    *state = m;
    return 0;
}

static inline int close_models(void **state)
{
    derm_models_close(*state);
    return 0;
}

static inline void measure(struct scene_lab *lab)
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
static inline void put(struct scene_lab *lab, struct derm_objects *o, int n, double kept)
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

static inline void start(struct scene_lab *lab, struct derm_frame *f, void **state)
{
    scene_lab_open(lab);
    scene_skin(lab, f, SIDE, SIDE, 5, 0.02, 1);
    scene_tone(&lab->tone);
    lab->run.models = *state;
    lab->run.frame = f;
}

#endif
