/* SPDX-License-Identifier: Apache-2.0 */
/* The ensemble: its design, its members against the same errors made on numbers, and what a metric
 * makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "color/transfer.h"
#include "skin_scene.h"
#include "stages/ensemble.h"
#include "stages/tally.h"

static const struct derm_errors no_errors;

static double curved(double od, double s)
{
    const double v = derm_srgb_encode(exp(-od));

    return -log(derm_srgb_decode(v + s * (3 * v * v - 2 * v * v * v - v)));
}

static struct derm_frame frame_of(double skin_od)
{
    return (struct derm_frame){ .quality.skin_od = skin_od };
}

/* Every error is at each level in half of the members, and says nothing of another. */
static void the_design_is_orthogonal(void **state)
{
    const struct derm_errors one = { 1, 1, 1, 1 };
    const struct derm_ensemble e = derm_ensemble_of(&one, 1);

    (void)state;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
            double sum = 0, product = 0;

            for (int m = 0; m < DERM_MEMBERS; m++) {
                const struct derm_member *const at = &e.member[m];
                const double x[4] = { at->contrast, at->blur_px2, at->scale, at->limit };

                sum += x[i];
                product += x[i] * x[j];
            }
            assert_true(sum == 0);
            assert_true(product == (i == j ? DERM_MEMBERS : 0));
        }
}

/* Skin from fair in good light to dark: a faint spot, its contrast through the curve. */
static void a_tone_curve_scales_contrast(void **state)
{
    static const double ods[] = { 0.4, 0.7, 1.1, 1.6, 2.2 };

    (void)state;
    for (size_t i = 0; i < sizeof(ods) / sizeof(*ods); i++) {
        struct derm_frame a = frame_of(ods[i] - 0.1), b = frame_of(ods[i] + 0.1);
        struct derm_pair pair = { .base = &a, .follow = &b };
        const double plus = (curved(ods[i] + 0.01, 0.03) - curved(ods[i] - 0.01, 0.03)) / 0.02;

        assert_close(derm_contrast_error(&pair, 0.03, 0) * sqrt(3), fabs(plus - 1), 0.003);
        pair.contrast_change = 0.09; /* what changed all the skin counts where it is more */
        assert_close(derm_contrast_error(&pair, 0.03, 0.12), 0.15, 1e-9);
    }
}

/* Response at sigma to a Gaussian blob of variance own and mass 1, up to a factor: sigma^2 times
 * the Laplacian of Gaussian, whose value at the centre goes as 1 / (own + sigma^2)^2. */
static double response(double own, double sigma)
{
    return sigma * sigma / ((own + sigma * sigma) * (own + sigma * sigma));
}

static void blur_lowers_small_pores(void **state)
{
    const double added = 0.65 * 0.65 - 0.6 * 0.6;
    const struct derm_errors sd = { .blur_px2 = added };
    const struct derm_ensemble e = derm_ensemble_of(&sd, 1);
    const struct derm_object pore = { .scale_px = 1.2 };
    const double left = response(1.44 + added, 1.2) / response(1.44, 1.2);

    (void)state;
    for (int m = 0; m < DERM_MEMBERS; m++) {
        const double expected = e.member[m].blur_px2 > 0 ? left : 2 - left;

        assert_close(derm_member_gain(&e, m, DERM_KIND_PORE, &pore), expected, 0.05 * (1 - left));
        assert_true(derm_member_gain(&e, m, DERM_KIND_SPOT, &pore) == 1);
    }
}

/* ---- whole metrics */

enum { N = 100 };

struct bed {
    struct scene_lab lab;
    struct derm_pair pair;
    struct derm_object object[N];
    struct derm_objects objects;
};

static int open_bed(void **state)
{
    struct bed *const b = calloc(1, sizeof(*b));

    scene_lab_open(&b->lab);
    b->lab.run.pair = &b->pair;
    b->objects = (struct derm_objects){ .item = b->object, .n = N };
    for (int i = 0; i < N; i++) /* from 1 to 2 times their limits */
        b->object[i] = (struct derm_object){ .area_px = 20,
                                             .diameter_mm = 1 + 0.01 * i,
                                             .margin = { 1 + 0.01 * i, 1 + 0.01 * i },
                                             .scale_px = 2,
                                             .strong = true,
                                             .regions = 1u << DERM_REGION_ROI,
                                             .found_in = 3,
                                             .base_value = 5,
                                             .follow_value = 4,
                                             .base_area_px = 20,
                                             .follow_area_px = 20 };
    *state = b;
    return 0;
}

static int close_bed(void **state)
{
    struct bed *const b = *state;

    scene_lab_close(&b->lab);
    free(b);
    return 0;
}

static struct derm_moved moved(struct bed *b, enum derm_metric_id metric,
                               const struct derm_errors *sd)
{
    const struct derm_place place = { .region = DERM_REGION_ROI, .area_px = 1e4, .px_per_mm = 5 };
    struct derm_ensemble e = derm_ensemble_of(sd, 1.2);
    struct derm_draws draws = { .objects = NULL };
    struct derm_tally t;

    e.sure_bias = 0.03;
    assert_int_equal(derm_tally_metric(&b->lab.run, metric, &b->objects, &place, &e, &draws, &t),
                     DERM_OK);
    return t.spread.moved;
}

/* The product of two errors shows in the columns of the others, by a third of it. */
static double alike(struct bed *b, enum derm_metric_id metric, const struct derm_errors *sd)
{
    assert_close(moved(b, metric, sd).chosen, 0, 1e-3);
    return moved(b, metric, sd).alike;
}

static double chosen(struct bed *b, enum derm_metric_id metric, const struct derm_errors *sd)
{
    assert_close(moved(b, metric, sd).alike, 0, 1e-9);
    return moved(b, metric, sd).chosen;
}

static void contrast_moves_what_is_of_contrast(void **state)
{
    const struct derm_errors sd = { .contrast = 0.04 };

    assert_close(alike(*state, DERM_METRIC_PIGMENTATION_LOAD, &sd), 0.04, 1e-9);
    assert_close(alike(*state, DERM_METRIC_WRINKLES_CONTRAST, &sd), 0.04, 1e-9);
    assert_close(alike(*state, DERM_METRIC_SCARS_RELIEF, &sd), 0.04, 1e-9); /* of its square */
    assert_close(alike(*state, DERM_METRIC_TONE_EVENNESS, &sd), 0.04, 1e-9);
    assert_close(alike(*state, DERM_METRIC_PIGMENTATION_AREA_FRACTION, &sd), 0, 1e-9);
    assert_close(alike(*state, DERM_METRIC_PIGMENTATION_SPOT_COUNT, &sd), 0, 1e-9);
    assert_close(alike(*state, DERM_METRIC_RADIANCE_HIGHLIGHT_SPREAD, &sd), 0, 1e-9);
    assert_close(alike(*state, DERM_METRIC_PIGMENTATION_LOAD, &no_errors), 0, 0);
}

/* Whatever there was before, and nothing afterwards. */
static void what_came_moves_with_contrast(void **state)
{
    struct bed *const b = *state;
    const struct derm_errors sd = { .contrast = 0.04 };

    for (int i = 0; i < N; i++)
        b->object[i].base_value = 0;
    assert_close(alike(b, DERM_METRIC_PIGMENTATION_LOAD, &sd), 0.04, 1e-9);
    for (int i = 0; i < N; i++)
        b->object[i].follow_value = 0;
    assert_close(alike(b, DERM_METRIC_PIGMENTATION_LOAD, &sd), 0, 0);
}

static void blur_moves_pores_alone(void **state)
{
    const struct derm_errors sd = { .contrast = 0.04, .blur_px2 = 0.1 };
    const struct derm_errors huge = { .blur_px2 = 10 };

    assert_close(alike(*state, DERM_METRIC_PORES_AMPLITUDE, &sd), hypot(0.04, 1.2 * 0.1 / 4), 1e-4);
    assert_close(alike(*state, DERM_METRIC_PIGMENTATION_LOAD, &sd), 0.04, 1e-9);
    assert_true(moved(*state, DERM_METRIC_PORES_AMPLITUDE, &huge).alike > 1); /* says nothing */
}

/* What lies above its limit by less than the limit may be off came from nothing. */
static void limits_move_what_is_near_them(void **state)
{
    struct bed *const b = *state;
    const struct derm_errors sd = { .limit = 0.1005 }; /* the first 11 of 100 */
    const double raised = 1 / 0.89 - 1, lowered = 100.0 / 111 - 1;

    assert_close(chosen(b, DERM_METRIC_PIGMENTATION_SPOT_COUNT, &sd), 0, 1e-12); /* all alike */
    for (int i = 0; i < 11; i++)
        b->object[i].found_in = 1;
    /* of 89 and 100 persist 89; of 111 as many: 1 and 89 / 111 beside 0.89 */
    assert_close(chosen(b, DERM_METRIC_PIGMENTATION_SPOT_COUNT, &sd), (raised - lowered) / 2, 1e-9);
    assert_true(chosen(b, DERM_METRIC_PORES_DENSITY, &sd) > 0.05);
    for (int i = 0; i < N; i++)
        b->object[i].margin[0] = 0; /* as pieces of lines */
    assert_close(chosen(b, DERM_METRIC_PIGMENTATION_SPOT_COUNT, &sd), 0, 1e-12);
}

/* A pore may be far above what is listed, and near what is measured. */
static void strong_pores_have_their_own_limit(void **state)
{
    struct bed *const b = *state;
    const struct derm_errors sd = { .limit = 0.1005 };

    for (int i = 0; i < N; i++)
        b->object[i].margin[0] = 3;
    for (int i = 0; i < 11; i++)
        b->object[i].follow_value = 0;
    assert_true(chosen(b, DERM_METRIC_PORES_AMPLITUDE, &sd) > 0.05);
    assert_close(chosen(b, DERM_METRIC_PORES_AREA_FRACTION, &sd), 0, 1e-12);
}

/* One object, near its limit: it may as well not be there. */
static void nothing_may_be_left(void **state)
{
    struct bed *const b = *state;
    const struct derm_errors sd = { .limit = 0.1 };

    b->objects.n = 1;
    assert_close(chosen(b, DERM_METRIC_PIGMENTATION_SPOT_COUNT, &sd), 0.5, 1e-9);
    assert_close(chosen(b, DERM_METRIC_PIGMENTATION_CONTRAST, &sd), 0.5, 1e-9); /* of nothing */
}

/* Scars of 1.0 to 1.99 mm: those near 1.5 mm change their class. */
static void scale_moves_classes_of_size(void **state)
{
    struct bed *const b = *state;
    const struct derm_errors sd = { .scale = 0.03 };

    for (int i = 45; i < 55; i++)
        b->object[i].found_in = 1;
    assert_true(chosen(b, DERM_METRIC_SCARS_COUNT_SMALL, &sd) > 0.03);
    assert_close(chosen(b, DERM_METRIC_SCARS_COUNT_LARGE, &sd), 0, 0);
    assert_close(chosen(b, DERM_METRIC_PIGMENTATION_AREA_FRACTION, &sd), 0, 1e-12); /* of both */
}

static double stretched(struct bed *b, enum derm_metric_id metric)
{
    return moved(b, metric, &no_errors).stretched;
}

static void the_alignment_moves_areas_that_it_stretched_much(void **state)
{
    struct bed *const b = *state;

    for (int i = 0; i < N; i++)
        b->object[i].warp_area_bias = 0.029;
    assert_close(stretched(b, DERM_METRIC_PIGMENTATION_AREA_FRACTION), 0, 0);
    for (int i = 0; i < N / 2; i++)
        b->object[i].warp_area_bias = -0.06;
    assert_close(stretched(b, DERM_METRIC_PIGMENTATION_AREA_FRACTION), 0.03 / sqrt(3), 1e-9);
    assert_close(stretched(b, DERM_METRIC_PIGMENTATION_LOAD), 0.03 / sqrt(3), 1e-9);
    assert_close(stretched(b, DERM_METRIC_PIGMENTATION_SPOT_COUNT), 0, 0);
    assert_close(stretched(b, DERM_METRIC_PIGMENTATION_CONTRAST), 0, 0);
    for (int i = N / 2; i < N; i++) /* what some gain others lose: the bootstrap sees that */
        b->object[i].warp_area_bias = 0.06;
    assert_close(stretched(b, DERM_METRIC_PIGMENTATION_AREA_FRACTION), 0, 1e-12);
    for (int i = 0; i < N; i++)
        b->object[i].follow_area_px = 0; /* nothing is left */
    assert_close(stretched(b, DERM_METRIC_PIGMENTATION_AREA_FRACTION), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define BED(f) cmocka_unit_test_setup_teardown(f, open_bed, close_bed)
        cmocka_unit_test(the_design_is_orthogonal),
        cmocka_unit_test(a_tone_curve_scales_contrast),
        cmocka_unit_test(blur_lowers_small_pores),
        BED(contrast_moves_what_is_of_contrast),
        BED(what_came_moves_with_contrast),
        BED(blur_moves_pores_alone),
        BED(limits_move_what_is_near_them),
        BED(strong_pores_have_their_own_limit),
        BED(nothing_may_be_left),
        BED(scale_moves_classes_of_size),
        BED(the_alignment_moves_areas_that_it_stretched_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
