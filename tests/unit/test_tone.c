/* SPDX-License-Identifier: Apache-2.0 */
/* The table of skin optics, the fit of a skin to it, and the weights that follow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "color/optics.h"
#include "skin_scene.h"
#include "stages/stages.h"

struct bench {
    struct derm_models *models;
    struct derm_optics optics;
};

static int open_models(void **state)
{
    static struct bench b;
    struct derm_error err = { 0 };
    const struct derm_json *table;

    assert_int_equal(derm_models_open(&b.models, DERM_TEST_MODELS, &err), DERM_OK);
    assert_int_equal(derm_models_table(b.models, "chromophores", &table, &err), DERM_OK);
    assert_int_equal(derm_optics_read(&b.optics, table, &err), DERM_OK);
    *state = &b;
    return 0;
}

static int close_models(void **state)
{
    derm_models_close(((struct bench *)*state)->models);
    return 0;
}

/* Columns of the table: ln(R/G), ln(B/G), density of G, ITA, melanin vector, blood vector. */
static void finds_the_skin_it_was_given(void **state)
{
    const struct derm_optics *const o = &((struct bench *)*state)->optics;

    for (int m = 2; m < o->fms - 2; m += 3) {
        const double *const row = o->row[m][o->fbs / 2];
        struct derm_skin_optics skin;

        derm_optics_fit(o, row, &skin);
        assert_close(skin.fm / o->fm[m], 1, 0.15);
        assert_close(skin.fb / o->fb[o->fbs / 2], 1, 0.2);
        assert_close(skin.ita_deg, row[3], 4);
    }
}

static void melanin_looks_like_shade_on_dark_skin(void **state)
{
    const struct derm_optics *const o = &((struct bench *)*state)->optics;
    double cosine[2];

    for (int i = 0; i < 2; i++) {
        const double *const j = o->row[i ? o->fms - 2 : 3][o->fbs / 2] + 4;
        cosine[i] = (j[0] + j[1] + j[2]) / sqrt(3 * (j[0] * j[0] + j[1] * j[1] + j[2] * j[2]));
    }
    assert_close(cosine[0], 0.972, 0.01); /* 14 degrees */
    assert_true(cosine[1] > 0.985);       /* below 10 degrees */
}

static void weights_keep_their_promise(void **state)
{
    static const double covariance[3][3] = { { 1.0, 0.9, 0.8 },
                                             { 0.9, 1.1, 0.9 },
                                             { 0.8, 0.9, 1.3 } };
    const struct derm_optics *const o = &((struct bench *)*state)->optics;
    struct derm_skin_optics skin;

    derm_optics_fit(o, o->row[8][4], &skin);
    for (int blind = 0; blind < 2; blind++) {
        double m[3], b[3], mm = 0, bb = 0, bm = 0;

        assert_true(derm_optics_weights(&skin, covariance, blind, m, b));
        for (int i = 0; i < 3; i++) {
            mm += m[i] * skin.melanin[i];
            bb += b[i] * skin.blood[i];
            bm += b[i] * skin.melanin[i];
        }
        assert_close(mm, 1, 1e-9);
        assert_close(bb, 1, 1e-9);
        assert_true(blind ? fabs(bm) < 1e-9 : fabs(bm) > 1e-3);
    }
    assert_false(derm_optics_weights(&skin, (const double[3][3]){ { 0 } }, true, (double[3]){ 0 },
                                     (double[3]){ 0 }));
}

/* colour_error: what every photo's colour is uncertain by at least; -1: the default */
static void fit_tone_with(const struct bench *b, struct scene_lab *lab, struct derm_frame *f,
                          double colour_error)
{
    struct { /* as large as the parameters of any stage */
        double d[32];
    } params;

    derm_opt_defaults(derm_stage_tone.opts, &params);
    if (colour_error >= 0)
        assert_int_equal(derm_opt_set(derm_stage_tone.opts, &params, "tone", "chroma_least",
                                      colour_error, &lab->err),
                         DERM_OK);
    lab->run.models = b->models;
    lab->run.frame = lab->run.pair ? NULL : f;
    assert_int_equal(derm_stage_tone.run(&lab->run, &params), DERM_OK);
}

static double response(const struct derm_tone *t, const double od[3])
{
    return (double)t->melanin[0] * od[0] + (double)t->melanin[1] * od[1] +
           (double)t->melanin[2] * od[2];
}

static void fit_tone(const struct bench *b, struct scene_lab *lab, struct derm_frame *f)
{
    fit_tone_with(b, lab, f, -1);
}

/* Shade varies most on this skin, and its colour is certain, so the weights learn to ignore it, and
 * still read melanin in full. */
static void reads_melanin_and_ignores_shade(void **state)
{
    static const double shade[3] = { 1, 1, 1 };
    struct scene_lab lab;
    struct derm_frame f;

    scene_lab_open(&lab);
    scene_skin(&lab, &f, 200, 200, 5, 0.05, 9);
    fit_tone_with(*state, &lab, &f, 0);
    assert_true(fabs(response(&lab.tone, shade)) < 0.15);
    assert_close(response(&lab.tone, scene_melanin), 1, 0.25);
    assert_true(lab.tone.ita_deg > 0 && lab.tone.ita_deg < 60);
    scene_lab_close(&lab);
}

/* Half again or two thirds of the light, or of the blue, takes skin less than 25 degrees off, and
 * less than it would by brightness alone, or by colour alone. */
static void neither_light_nor_colour_decides_alone(void **state)
{
    const struct derm_optics *const o = &((struct bench *)*state)->optics;
    const double *const row = o->row[o->fms / 2][o->fbs / 2];

    for (int i = 0; i < 4; i++) {
        const bool light = i / 2;
        struct derm_optics alone = *o;
        struct derm_skin_optics both, one;
        double seen[3];

        memcpy(seen, row, sizeof(seen));
        seen[light ? 2 : 1] += i % 2 ? 0.4 : -0.4;
        *(light ? &alone.chromaticity_sd : &alone.exposure_sd) = 1e6;
        derm_optics_fit(o, seen, &both);
        derm_optics_fit(&alone, seen, &one);
        assert_true(fabs(both.ita_deg - row[3]) < 25);
        assert_true(fabs(both.ita_deg - row[3]) < fabs(one.ita_deg - row[3]));
    }
}

static void a_brighter_photo_is_of_fairer_skin(void **state)
{
    static const struct scene_light brighter = { { -0.3, -0.3, -0.3 }, 0, 0 };
    struct scene_lab lab;
    struct derm_frame f;
    double ita_deg;

    scene_lab_open(&lab);
    scene_skin(&lab, &f, 200, 200, 5, 0.05, 9);
    fit_tone(*state, &lab, &f);
    ita_deg = lab.tone.ita_deg;
    scene_add_light(&f, &brighter);
    fit_tone(*state, &lab, &f);
    assert_true(lab.tone.ita_deg > ita_deg && lab.tone.ita_deg < ita_deg + 25);
    scene_lab_close(&lab);
}

static void order_plays_no_part(void **state)
{
    static const struct scene_light brighter = { { -0.3, -0.3, -0.3 }, 0, 0 };
    struct scene_lab lab;
    struct derm_frame a, b;
    struct derm_pair there, back;
    struct derm_tone first;

    scene_lab_open(&lab);
    scene_skin(&lab, &a, 200, 200, 5, 0.05, 9);
    scene_skin(&lab, &b, 200, 200, 5, 0.05, 9);
    scene_add_light(&b, &brighter);
    there = (struct derm_pair){ .base = &a, .follow = &b };
    back = (struct derm_pair){ .base = &b, .follow = &a };
    lab.run.pair = &there;
    fit_tone(*state, &lab, NULL);
    first = lab.tone;
    lab.run.pair = &back;
    fit_tone(*state, &lab, NULL);
    for (int i = 0; i < 3; i++)
        assert_close((double)lab.tone.melanin[i], (double)first.melanin[i], 1e-6);
    scene_lab_close(&lab);
}

static void a_grey_photo_falls_back_to_darkness(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    scene_lab_open(&lab);
    scene_skin(&lab, &f, 200, 200, 5, 0.05, 9);
    f.source.grey = true;
    fit_tone(*state, &lab, &f);
    for (int i = 0; i < 3; i++)
        assert_close((double)lab.tone.melanin[i], 1.0 / 3, 1e-6);
    scene_lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_skin_it_was_given),
        cmocka_unit_test(melanin_looks_like_shade_on_dark_skin),
        cmocka_unit_test(weights_keep_their_promise),
        cmocka_unit_test(reads_melanin_and_ignores_shade),
        cmocka_unit_test(neither_light_nor_colour_decides_alone),
        cmocka_unit_test(a_brighter_photo_is_of_fairer_skin),
        cmocka_unit_test(order_plays_no_part),
        cmocka_unit_test(a_grey_photo_falls_back_to_darkness),
    };
    return cmocka_run_group_tests(tests, open_models, close_models);
}
