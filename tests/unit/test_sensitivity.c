/* SPDX-License-Identifier: Apache-2.0 */
/* The closed forms against the same errors made on numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "color/transfer.h"
#include "stages/sensitivity.h"

#define assert_close(value, truth, within) assert_true(fabs((value) - (truth)) <= (within))

static double curved(double od, double s)
{
    const double v = derm_srgb_encode(exp(-od));

    return -log(derm_srgb_decode(v + s * (3 * v * v - 2 * v * v * v - v)));
}

static struct derm_frame frame_of(double skin_od)
{
    return (struct derm_frame){ .quality.skin_od = skin_od };
}

/* Skin from fair in good light to dark: a faint spot, its contrast through the curve. */
static void a_tone_curve_scales_contrast(void **state)
{
    static const double ods[] = { 0.4, 0.7, 1.1, 1.6, 2.2 };
    const struct derm_errors errors = { .tone_curve = 0.03 };

    (void)state;
    for (size_t i = 0; i < sizeof(ods) / sizeof(*ods); i++) {
        struct derm_frame a = frame_of(ods[i] - 0.1), b = frame_of(ods[i] + 0.1);
        const struct derm_pair pair = { .base = &a, .follow = &b };
        const double plus = (curved(ods[i] + 0.01, 0.03) - curved(ods[i] - 0.01, 0.03)) / 0.02;
        const double read =
            derm_sensitivity(&pair, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_FACE, &errors);

        assert_close(read * sqrt(3), fabs(plus - 1), 0.003);
        assert_close(
            derm_sensitivity(&pair, DERM_METRIC_PIGMENTATION_SPOT_COUNT, DERM_REGION_FACE, &errors),
            0, 0);
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
    const struct derm_errors errors = { .blur_sd_px2 = added, .blur_response = 1 };
    struct derm_frame a = frame_of(1), b = frame_of(1);
    struct derm_object pore[3] = {
        { .strong = true, .scale_px = 1.2, .follow_value = 0.2, .regions = 1 },
        { .strong = false, .scale_px = 0.5, .follow_value = 0.2, .regions = 1 }, /* not measured */
        { .strong = true, .scale_px = 0.5, .follow_value = 0.2, .regions = 2 },  /* elsewhere */
    };
    struct derm_pair pair = { .base = &a, .follow = &b };
    const double lost = 1 - response(1.44 + added, 1.2) / response(1.44, 1.2);

    (void)state;
    pair.objects[DERM_KIND_PORE] = (struct derm_objects){ .item = pore, .n = 3 };
    assert_close(derm_sensitivity(&pair, DERM_METRIC_PORES_AMPLITUDE, DERM_REGION_FACE, &errors),
                 lost, 0.05 * lost);
    assert_close(derm_sensitivity(&pair, DERM_METRIC_PIGMENTATION_LOAD, DERM_REGION_FACE, &errors),
                 0, 0);
    pair.objects[DERM_KIND_PORE].n = 0;
    assert_close(derm_sensitivity(&pair, DERM_METRIC_PORES_AMPLITUDE, DERM_REGION_FACE, &errors), 0,
                 0);
}

/* What changed all the skin is an sd of every contrast; of what has none, nothing. */
static void change_of_all_the_skin_counts(void **state)
{
    const struct derm_errors errors = { .tone_curve = 0.03 };
    struct derm_frame a = frame_of(1), b = frame_of(1);
    struct derm_pair pair = { .base = &a, .follow = &b, .contrast_sd = 0.09 };

    (void)state;
    assert_close(derm_sensitivity(&pair, DERM_METRIC_SCARS_RELIEF, DERM_REGION_FACE, &errors), 0.09,
                 1e-9);
    assert_close(derm_sensitivity(&pair, DERM_METRIC_SCARS_COUNT_SMALL, DERM_REGION_FACE, &errors),
                 0, 0);
    pair.contrast_sd = 0;
    assert_true(derm_sensitivity(&pair, DERM_METRIC_SCARS_RELIEF, DERM_REGION_FACE, &errors) <
                0.03);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_curve_scales_contrast),
        cmocka_unit_test(blur_lowers_small_pores),
        cmocka_unit_test(change_of_all_the_skin_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
