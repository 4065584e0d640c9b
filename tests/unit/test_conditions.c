/* SPDX-License-Identifier: Apache-2.0 */
/* Two invented photos that differ in one condition at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "conditions_scene.h"
#include "nn/mesh.h"
#include "stages/comparable.h"
#include "stages/gates.h"

static void alike(void **state)
{
    struct bench *const b = *state;

    judge(b);
    assert_int_equal(b->pair.n, 0);
    assert_int_equal(b->pair.comparability, DERM_COMPARABLE);
}

static void same_picture(void **state)
{
    struct bench *const b = *state;

    strcpy(b->follow.source.sha256_pixels, "a");
    assert_int_equal(judge(b).reason, DERM_REASON_SAME_FILE);
    assert_int_equal(b->pair.comparability, DERM_LIMITED);
}

static void another_camera(void **state)
{
    struct bench *const b = *state;

    strcpy(b->follow.source.camera.model, "other");
    assert_int_equal(judge(b).reason, DERM_REASON_DEVICE_DIFFERS);
    assert_string_equal(b->pair.finding[0].quantity, "device_difference");
    assert_true(b->pair.finding[0].measured > b->pair.finding[0].limit);
}

static void another_pose(void **state)
{
    struct bench *const b = *state;

    b->follow.face.pitch_deg = -6;
    assert_int_equal(judge(b).severity, DERM_SEVERITY_WARN);
    assert_int_equal(b->pair.comparability, DERM_LIMITED);
    b->follow.face.pitch_deg = -11;
    assert_int_equal(judge(b).severity, DERM_SEVERITY_FAIL);
    assert_int_equal(b->pair.comparability, DERM_INCOMPARABLE);
    b->follow.face.used = false;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

static void a_camera_held_askew_changes_nothing(void **state)
{
    struct bench *const b = *state;

    b->follow.face.roll_deg = 15;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

static const unsigned fine =
    1u << DERM_CONCERN_PORES | 1u << DERM_CONCERN_WRINKLES | 1u << DERM_CONCERN_TEXTURE;
static const unsigned coloured = 1u << DERM_CONCERN_PIGMENTATION | 1u << DERM_CONCERN_REDNESS |
                                 1u << DERM_CONCERN_TONE | 1u << DERM_CONCERN_RADIANCE;

static void another_sharpness_concerns_what_is_fine(void **state)
{
    struct bench *const b = *state;
    struct derm_finding f;

    b->pair.gauge.variance_px2 = -0.08; /* 0.141 mm */
    f = judge(b);
    assert_int_equal(f.reason, DERM_REASON_SHARPNESS_DIFFERS);
    assert_int_equal(f.severity, DERM_SEVERITY_FAIL);
    assert_int_equal(f.concerns, fine);
    assert_true(f.measured > 0.141 && f.measured < 0.142);
    assert_int_equal(b->pair.comparability, DERM_LIMITED);
    b->pair.gauge.variance_px2 = 0.04; /* removed by stage equalise */
    assert_int_equal(judge(b).severity, DERM_SEVERITY_WARN);
    b->base.scale.source = DERM_SCALE_UNKNOWN;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

static void sharpening_by_the_camera(void **state)
{
    struct bench *const b = *state;
    struct derm_finding f;

    b->pair.gauge = (struct derm_gauge){ .source = DERM_GAUGE_HAIR, .sharpening = 0.3 };
    f = judge(b);
    assert_int_equal(f.reason, DERM_REASON_SHARPENING_DIFFERS);
    assert_int_equal(f.severity, DERM_SEVERITY_FAIL);
    assert_int_equal(f.concerns & fine, fine);
    assert_false((f.concerns >> DERM_CONCERN_TONE) & 1);
    b->pair.gauge.sharpening = 0.1;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

static void skin_alone_cannot_tell_the_blur(void **state)
{
    struct bench *const b = *state;
    struct derm_finding f;

    b->pair.gauge.source = DERM_GAUGE_SKIN;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE); /* it looks alike */
    b->pair.gauge.variance_px2 = 0.02;
    f = judge(b);
    assert_int_equal(f.reason, DERM_REASON_SHARPNESS_UNKNOWN);
    assert_int_equal(f.severity, DERM_SEVERITY_FAIL);
    assert_int_equal(f.concerns, fine);
    b->pair.gauge = (struct derm_gauge){ .source = DERM_GAUGE_NONE };
    assert_int_equal(judge(b).reason, DERM_REASON_SHARPNESS_UNKNOWN);
}

static void a_blur_too_large_for_hair_is_told_by_edges(void **state)
{
    const unsigned wide = 1u << DERM_CONCERN_PIGMENTATION | 1u << DERM_CONCERN_SCARS |
                          1u << DERM_CONCERN_STRETCH_MARKS | 1u << DERM_CONCERN_REDNESS;
    struct bench *const b = *state;
    struct derm_finding f;

    b->base.quality.blur_mm = 0.1;
    b->follow.quality.blur_mm = 0.5;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE); /* hair knows better */
    b->pair.gauge = (struct derm_gauge){ .source = DERM_GAUGE_NONE };
    f = judge(b);
    assert_int_equal(f.reason, DERM_REASON_SHARPNESS_DIFFERS);
    assert_int_equal(f.severity, DERM_SEVERITY_FAIL);
    assert_int_equal(f.concerns, wide);
    assert_true(fabs(f.measured - sqrt(0.24)) < 1e-9);
    b->base.quality.blur_mm = 0; /* unknown */
    assert_int_equal(judge(b).concerns, fine);
    b->pair.gauge = (struct derm_gauge){ .source = DERM_GAUGE_SKIN, .variance_px2 = 0.09 };
    f = judge(b);
    assert_int_equal(f.concerns, fine);
    assert_int_equal(b->pair.finding[1].reason, DERM_REASON_SHARPNESS_UNKNOWN);
    assert_int_equal(b->pair.finding[1].concerns, wide);
}

static void another_light(void **state)
{
    struct bench *const b = *state;

    for (int c = 0; c < 3; c++)
        fill(b, &b->pair.warped.od[c], 1.4f);
    assert_int_equal(judge(b).reason, DERM_REASON_EXPOSURE_DIFFERS);
    assert_int_equal(b->pair.n, 1);
    fill(b, &b->pair.warped.od[1], 1.0f);
    assert_int_equal(judge(b).reason, DERM_REASON_CAST_DIFFERS);
    assert_int_equal(b->pair.finding[0].severity, DERM_SEVERITY_FAIL);
    b->pair.registration.accepted = false;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

static void another_distance(void **state)
{
    struct bench *const b = *state;

    b->pair.match.scale_ratio = 0.6;
    b->follow.scale.px_per_mm = 0.6 * b->base.scale.px_per_mm;
    assert_int_equal(judge(b).reason, DERM_REASON_SCALE_DIFFERS);
    b->pair.match.scale_ratio = 1.4;
    b->follow.scale.px_per_mm = 1.4 * b->base.scale.px_per_mm;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

static void scales_that_contradict_the_alignment(void **state)
{
    struct bench *const b = *state;
    struct derm_finding f;

    b->follow.scale.px_per_mm = 2.2; /* two standard errors less than 10 % */
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
    b->follow.scale.px_per_mm = 2.4;
    f = judge(b);
    assert_int_equal(f.reason, DERM_REASON_SCALE_CONTRADICTED);
    assert_int_equal(f.severity, DERM_SEVERITY_WARN);
    assert_true(fabs(f.measured - (0.2 - 2 * sqrt(2e-4))) < 1e-9);
    b->pair.match.scale_ratio = 1.2; /* from nearer by, as they say */
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
    b->pair.match.scale_ratio = 0.9;
    f = judge(b);
    assert_int_equal(f.severity, DERM_SEVERITY_FAIL);
    assert_int_equal(f.concerns, fine | 1u << DERM_CONCERN_RADIANCE);
    b->follow.scale = b->base.scale;
    b->pair.match.scale_ratio = 1.16;
    assert_int_equal(judge(b).reason, DERM_REASON_SCALE_CONTRADICTED);
    b->base.scale.source = b->follow.scale.source = DERM_SCALE_IRIS_IPD;
    b->base.scale.rel_sd = b->follow.scale.rel_sd = 0.034; /* the subject's own, so it cancels */
    assert_int_equal(judge(b).reason, DERM_REASON_SCALE_CONTRADICTED);
    b->follow.scale.source = DERM_SCALE_USER;
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
    b->follow.scale.source = DERM_SCALE_UNKNOWN; /* nothing to contradict */
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

static struct derm_finding finding_of(struct bench *b, enum derm_reason reason)
{
    judge(b);
    for (int i = 0; i < b->pair.n; i++)
        if (b->pair.finding[i].reason == reason) return b->pair.finding[i];
    return (struct derm_finding){ 0 };
}

static void face(struct derm_face *f, double mouth_px)
{
    f->at[468].x = -31.5; /* pupils 63 px apart */
    f->at[473].x = 31.5;
    f->at[61] = (struct derm_point){ -0.5 * mouth_px, 60 };
    f->at[291] = (struct derm_point){ 0.5 * mouth_px, 60 };
}

static void a_smile_concerns_the_folds_only(void **state)
{
    struct bench *const b = *state;
    struct derm_finding f;

    face(&b->base.face, 50);
    face(&b->follow.face, 50 + 0.014 * 63);
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
    face(&b->follow.face, 50 + 0.025 * 63);
    assert_int_equal(judge(b).reason, DERM_REASON_EXPRESSION_DIFFERS); /* of lines alone */
    assert_int_equal(derm_region_against(&b->pair, DERM_CONCERN_WRINKLES, DERM_REGION_LEFT_CHEEK),
                     DERM_REASON_EXPRESSION_DIFFERS);
    assert_int_equal(derm_region_against(&b->pair, DERM_CONCERN_SCARS, DERM_REGION_LEFT_CHEEK),
                     DERM_REASON_NONE);
    face(&b->follow.face, 50 + 0.08 * 63);
    f = judge(b);
    assert_int_equal(f.reason, DERM_REASON_EXPRESSION_DIFFERS);
    assert_int_equal(f.severity, DERM_SEVERITY_FAIL);
    assert_true(f.measured > 0.079 && f.measured < 0.081);
    assert_int_equal(b->pair.comparability, DERM_LIMITED);
    assert_int_equal(derm_region_against(&b->pair, DERM_CONCERN_SCARS, DERM_REGION_LEFT_CHEEK),
                     DERM_REASON_EXPRESSION_DIFFERS);
    assert_int_equal(derm_region_against(&b->pair, DERM_CONCERN_SCARS, DERM_REGION_FOREHEAD),
                     DERM_REASON_NONE);
    assert_int_equal(
        derm_region_against(&b->pair, DERM_CONCERN_PIGMENTATION, DERM_REGION_LEFT_CHEEK),
        DERM_REASON_NONE);
    assert_int_equal(derm_finding_against(b->pair.finding, b->pair.n, DERM_CONCERN_SCARS),
                     DERM_REASON_NONE);
    b->follow.face.at[473].x *= 1.05; /* the same face from nearer by */
    b->follow.face.at[468].x *= 1.05;
    face(&b->follow.face, 50);
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

static void another_compression(void **state)
{
    struct bench *const b = *state;

    b->base.source.jpeg_quality = 90;
    b->follow.source.jpeg_quality = 0; /* PNG */
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
    b->follow.source.jpeg_quality = 65;
    assert_int_equal(judge(b).reason, DERM_REASON_COMPRESSION_DIFFERS);
    assert_int_equal(b->pair.finding[0].severity, DERM_SEVERITY_WARN);
    b->follow.source.jpeg_quality = 90;
    b->follow.source.chroma_subsampled = true;
    assert_int_equal(judge(b).concerns, coloured);
}

static void another_processing(void **state)
{
    struct bench *const b = *state;

    b->follow.source.camera.custom_rendered = 3;
    assert_int_equal(judge(b).reason, DERM_REASON_PROCESSING_DIFFERS);
    b->follow.source.camera.custom_rendered = 0;
    strcpy(b->follow.source.colour_space, "Display P3");
    assert_int_equal(judge(b).reason, DERM_REASON_PROCESSING_DIFFERS);
}

static void another_gloss(void **state)
{
    struct bench *const b = *state;

    b->follow.view.highlights = 0.001; /* hardly any against none */
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
    b->follow.view.highlights = 0.02;
    assert_int_equal(judge(b).reason, DERM_REASON_GLOSS_DIFFERS);
}

/* Surface light that grows from left to right, up to a share of the body's green; less light falls
 * on the right. */
static void shine_on(struct bench *b, double most)
{
    static const double brown[3] = { 0.5, 0.8, 1.1 };

    for (int c = 0; c < 3; c++) {
        fill(b, &b->base.view.od[c], (float)brown[c]);
        fill(b, &b->pair.warped.od[c], 0);
        for (int y = 0; y < SIZE; y++)
            for (int x = 0; x < SIZE; x++) {
                const double surface = most * x / (SIZE - 1.0) * exp(-brown[1]);
                derm_row(&b->pair.warped.od[c], y)[x] =
                    (float)(0.1 * x / SIZE - log(exp(-brown[c]) + surface));
            }
    }
}

static void gloss_is_seen_by_its_lack_of_colour(void **state)
{
    struct bench *const b = *state;

    b->base.face.used = b->follow.face.used = false;
    shine_on(b, 0); /* light alone */
    assert_int_equal(finding_of(b, DERM_REASON_GLOSS_DIFFERS).reason, DERM_REASON_NONE);
    assert_true(b->pair.veil < 0.001);
    shine_on(b, 0.1);
    assert_true(fabs(finding_of(b, DERM_REASON_GLOSS_DIFFERS).measured - 0.1 / sqrt(12)) < 0.003);
    assert_true(b->pair.veil > 0.03);
    b->base.face.used = b->follow.face.used = true; /* colours differ over a face */
    assert_int_equal(finding_of(b, DERM_REASON_GLOSS_DIFFERS).reason, DERM_REASON_NONE);
}

/* Random skin; the same at every call. wave_px: size of its features. */
static void roughen(struct bench *b, struct derm_plane out[3], double wave_px, double along,
                    double gain)
{
    enum { WAVES = 60 };
    uint64_t state = 7;

    for (int c = 0; c < 3; c++)
        fill(b, &out[c], 0.7f);
    for (int k = 0; k < WAVES; k++) {
        double r[3];
        for (int i = 0; i < 3; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            r[i] = 6.283185307 * (double)(state >> 11) / 9007199254740992.0;
        }
        r[0] = 6.283185307 * (k + 0.5) / WAVES;
        /* a relief of waves of all directions, lit along `along`: its derivative */
        const double lit = cos(r[0] - along), q = 6.283185307 / wave_px * (0.8 + 0.05 * r[1]);
        for (int y = 0; y < SIZE; y++)
            for (int x = 0; x < SIZE; x++) {
                const double wave = cos(q * (cos(r[0]) * x + sin(r[0]) * y) + r[2]);
                for (int c = 0; c < 3; c++)
                    derm_row(&out[c], y)[x] += (float)(gain * 0.01 * wave * (along > -9 ? lit : 1));
            }
    }
}

static const double NO_LIGHT = -10;

static void a_tone_curve_is_seen(void **state)
{
    struct bench *const b = *state;

    b->base.face.used = b->follow.face.used = false;
    roughen(b, b->base.view.od, 12, NO_LIGHT, 1);
    roughen(b, b->pair.warped.od, 12, NO_LIGHT, 1);
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++) /* less light, from a side */
            derm_row(&b->pair.warped.od[1], y)[x] += 0.1f + 0.001f * (float)x;
    assert_int_equal(finding_of(b, DERM_REASON_PROCESSING_DIFFERS).reason, DERM_REASON_NONE);
    roughen(b, b->pair.warped.od, 12, NO_LIGHT, 1.15);
    assert_int_equal(finding_of(b, DERM_REASON_PROCESSING_DIFFERS).severity, DERM_SEVERITY_WARN);
}

/* Of unlike skins, too: what is left of a retouched one need not correspond. Redness calms by as
 * much as spots fade, and is let through longer. */
static void skin_that_was_evened_out_is_seen(void **state)
{
    static const struct {
        double left;
        enum derm_reason pigmentation, redness;
    } evened[] = {
        { 0.9, DERM_REASON_NONE, DERM_REASON_NONE },
        { 0.65, DERM_REASON_PROCESSING_DIFFERS, DERM_REASON_NONE },
        { 0.4, DERM_REASON_PROCESSING_DIFFERS, DERM_REASON_PROCESSING_DIFFERS },
    };
    struct bench *const b = *state;
    const struct derm_pair *const pair = &b->pair;

    for (int unlike = 0; unlike < 2; unlike++)
        for (size_t i = 0; i < sizeof(evened) / sizeof(*evened); i++) {
            roughen(b, b->base.view.od, 12, NO_LIGHT, 1);
            roughen(b, b->pair.warped.od, unlike ? 11 : 12, NO_LIGHT, evened[i].left);
            judge(b);
            assert_int_equal(
                derm_finding_against(pair->finding, pair->n, DERM_CONCERN_PIGMENTATION),
                evened[i].pigmentation);
            assert_int_equal(derm_finding_against(pair->finding, pair->n, DERM_CONCERN_REDNESS),
                             evened[i].redness);
        }
}

/* Melanin that is taken from plain skin leaves its blood as it was. */
static void a_treatment_of_melanin_is_no_retouching(void **state)
{
    struct bench *const b = *state;

    for (int blood = 0; blood < 2; blood++) {
        roughen(b, b->base.view.od, 12, NO_LIGHT, 1);
        roughen(b, b->pair.warped.od, 12, NO_LIGHT, 0.6);
        for (int y = 0; y < SIZE; y++)
            for (int x = 0; x < SIZE && blood; x++) {
                const float more = 0.01f * (float)(sin(0.7 * x) * sin(0.6 * y));

                derm_row(&b->base.view.od[1], y)[x] += more;
                derm_row(&b->pair.warped.od[1], y)[x] += more;
            }
        judge(b);
        assert_int_equal(
            derm_finding_against(b->pair.finding, b->pair.n, DERM_CONCERN_PIGMENTATION),
            blood ? DERM_REASON_NONE : DERM_REASON_PROCESSING_DIFFERS);
    }
}

static void light_across_relief_is_seen_in_a_close_up(void **state)
{
    struct bench *const b = *state;
    struct derm_finding f;

    b->base.face.used = b->follow.face.used = false;
    b->base.view.grid.px_per_mm = 8;
    roughen(b, b->base.view.od, 8, 0.3, 1);
    roughen(b, b->pair.warped.od, 8, 0.3, 1);
    assert_int_equal(finding_of(b, DERM_REASON_LIGHT_DIFFERS).reason, DERM_REASON_NONE);
    roughen(b, b->pair.warped.od, 8, 0.3 + 0.5236, 1);
    f = finding_of(b, DERM_REASON_LIGHT_DIFFERS);
    assert_int_equal(f.severity, DERM_SEVERITY_FAIL);
    assert_true(f.measured > 24 && f.measured < 36);
}

static void smoothed_skin_is_refused(void **state)
{
    struct bench *const b = *state;

    roughen(b, b->base.view.od, 8, NO_LIGHT, 1);
    roughen(b, b->pair.warped.od, 8, NO_LIGHT, 0.3);
    assert_int_equal(finding_of(b, DERM_REASON_DETAIL_DIFFERS).severity, DERM_SEVERITY_FAIL);
    assert_int_equal(b->pair.comparability, DERM_INCOMPARABLE);
}

/* The canonical face, 5 px per cm, seen from the front in the light a + d n. */
static void shade(struct bench *b, struct derm_plane od[3], const double d[3])
{
    const struct derm_mesh *const mesh = derm_models_mesh(b->models);

    for (int v = 0; v < DERM_MESH_VERTICES; v++) {
        b->base.face.at[v] = (struct derm_point){ 0.5 * SIZE + 5 * (double)mesh->xyz[v][0],
                                                  0.5 * SIZE - 5 * (double)mesh->xyz[v][1] };
        b->base.face.z[v] = -5 * (double)mesh->xyz[v][2];
    }
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++) { /* near enough: a cylinder, radius 45 px */
            const double n0 = clampd((x - 0.5 * SIZE) / 45, -0.9, 0.9);
            const double n1 = clampd((y - 0.5 * SIZE) / 90, -0.4, 0.4);
            const double n2 = sqrt(1 - n0 * n0 - n1 * n1);
            const double light = 0.4 + 0.6 * fmax(d[0] * n0 + d[1] * n1 + d[2] * n2, 0);
            for (int c = 0; c < 3; c++)
                derm_row(&od[c], y)[x] = (float)-log(light);
        }
}

static void light_from_a_side_is_seen_on_a_face(void **state)
{
    static const double front[3] = { 0, 0, 1 }, right[3] = { 0.574, 0, 0.819 }; /* 35 degrees */
    struct bench *const b = *state;

    shade(b, b->base.view.od, front);
    shade(b, b->pair.warped.od, front);
    assert_int_equal(finding_of(b, DERM_REASON_LIGHT_DIFFERS).reason, DERM_REASON_NONE);
    shade(b, b->pair.warped.od, right);
    const struct derm_finding f = finding_of(b, DERM_REASON_LIGHT_DIFFERS);
    assert_int_equal(f.severity, DERM_SEVERITY_FAIL);
    assert_true(f.measured > 25 && f.measured < 45);
}

static const struct derm_check *check_of(const struct derm_pair *pair, const char *quantity)
{
    for (int i = 0; i < pair->checks; i++)
        if (strcmp(pair->check[i].quantity, quantity) == 0) return &pair->check[i];
    return NULL;
}

/* A reader sees how near to a limit the pair came that it kept. */
static void what_a_pair_passed_is_told_too(void **state)
{
    struct bench *const b = *state;
    const struct derm_check *check;

    b->base.face.yaw_deg = 3;
    judge(b);
    check = check_of(&b->pair, "pose_difference_deg");
    assert_non_null(check);
    assert_float_equal(check->measured, 3, 1e-4);
    assert_true(check->measured < check->warn && check->warn < check->fail);
    assert_int_equal(check->concerns, (1u << DERM_CONCERN_COUNT) - 1);
    assert_string_equal(check->unit, "deg");
    assert_false(derm_pair_is_noted(&b->pair, DERM_REASON_POSE_DIFFERS));
}

/* Laws of models/gates.json. */
static void every_gate_is_sound(void **state)
{
    struct bench *const b = *state;
    struct derm_run run = run_of(b);
    const struct derm_json *table, *g;
    const char *text;

    assert_int_equal(derm_models_table(b->models, "gates", &table, &b->err), DERM_OK);
    g = derm_json_first(derm_json_get(table, "gates"));
    assert_non_null(g);
    for (; g; g = derm_json_next(g)) {
        double warn = 0, fail = 0;

        assert_int_equal(derm_json_text(g, "quantity", &text, &b->err), DERM_OK);
        b->pair.n = 0;
        assert_int_equal(derm_gate_check(&run, text, 1e9), DERM_OK); /* its ids are known */
        assert_true(b->pair.n > 0);
        for (int i = 0; i < b->pair.n; i++)
            assert_true(b->pair.finding[i].concerns != 0);
        assert_int_equal(derm_json_number(g, "warn", &warn, &b->err), DERM_OK);
        if (derm_json_as_number(derm_json_get(g, "fail"), &fail)) assert_true(warn <= fail);
        assert_int_equal(derm_json_text(g, "source", &text, &b->err), DERM_OK);
        assert_true(strlen(text) > 10);
    }
    assert_int_equal(derm_gate_check(&run, "nothing", 1), DERM_EMODEL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(alike),
        TEST(same_picture),
        TEST(another_camera),
        TEST(another_pose),
        TEST(a_camera_held_askew_changes_nothing),
        TEST(another_sharpness_concerns_what_is_fine),
        TEST(sharpening_by_the_camera),
        TEST(skin_alone_cannot_tell_the_blur),
        TEST(a_blur_too_large_for_hair_is_told_by_edges),
        TEST(another_light),
        TEST(another_distance),
        TEST(scales_that_contradict_the_alignment),
        TEST(a_smile_concerns_the_folds_only),
        TEST(another_compression),
        TEST(another_processing),
        TEST(another_gloss),
        TEST(gloss_is_seen_by_its_lack_of_colour),
        TEST(a_tone_curve_is_seen),
        TEST(skin_that_was_evened_out_is_seen),
        TEST(a_treatment_of_melanin_is_no_retouching),
        TEST(light_across_relief_is_seen_in_a_close_up),
        TEST(smoothed_skin_is_refused),
        TEST(light_from_a_side_is_seen_on_a_face),
        TEST(what_a_pair_passed_is_told_too),
        TEST(every_gate_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
