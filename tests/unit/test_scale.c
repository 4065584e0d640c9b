/* SPDX-License-Identifier: Apache-2.0 */
/* Where the scale comes from, and how sure it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "stages/stages.h"

static struct derm_scale scale_of(const struct derm_face *face, double user_px_per_mm)
{
    static struct derm_frame frame;
    struct derm_error err = { 0 };
    const struct derm_photo_request request = { .px_per_mm = user_px_per_mm };
    struct derm_run run = { .err = &err, .request = &request, .frame = &frame };
    unsigned char params[DERM_MAX_PARAMS] = { 0 };

    frame.face = *face;
    frame.source.width = 3000;
    frame.source.height = 2000;
    derm_opt_defaults(derm_stage_scale.opts, params);
    assert_int_equal(derm_stage_scale.run(&run, params), DERM_OK);
    return frame.scale;
}

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-5 * fabs(b);
}

static void the_user_is_believed(void **state)
{
    const struct derm_face face = { .used = true, .iris_px = 117, .ipd_px = 630 };
    const struct derm_scale s = scale_of(&face, 12.5);

    (void)state;
    assert_int_equal(s.source, DERM_SCALE_USER);
    assert_true(near(s.px_per_mm, 12.5));
}

static void the_eyes_are_a_ruler(void **state)
{
    struct derm_face face = { .used = true, .iris_px = 117, .ipd_px = 630 };
    struct derm_scale s = scale_of(&face, 0);

    (void)state;
    assert_int_equal(s.source, DERM_SCALE_IRIS_IPD);
    assert_true(near(s.px_per_mm, 10));
    assert_true(near(s.rel_sd, 1 / sqrt(1 / (0.043 * 0.043) + 1 / (0.055 * 0.055))));

    /* they differ: weights by inverse variance */
    face.ipd_px = 567;
    s = scale_of(&face, 0);
    assert_true(near(s.px_per_mm, (10 / (0.043 * 0.043) + 9 / (0.055 * 0.055)) /
                                      (1 / (0.043 * 0.043) + 1 / (0.055 * 0.055))));
}

static void a_turned_head_measures_the_same(void **state)
{
    struct derm_face face = { .used = true, .iris_px = 117, .yaw_deg = 37 };

    (void)state;
    face.ipd_px = 630 * cos(37 * 3.14159265358979323846 / 180);
    assert_true(near(scale_of(&face, 0).px_per_mm, 10));
    face.yaw_deg = -37;
    assert_true(near(scale_of(&face, 0).px_per_mm, 10));
}

static void without_a_face_the_scale_is_only_nominal(void **state)
{
    const struct derm_face face = { .count = 1, .used = false, .iris_px = 117, .ipd_px = 630 };
    const struct derm_scale s = scale_of(&face, 0);

    (void)state;
    assert_int_equal(s.source, DERM_SCALE_UNKNOWN);
    assert_true(near(s.px_per_mm, 50)); /* the short side, 2000 px, taken as 40 mm */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_user_is_believed),
        cmocka_unit_test(the_eyes_are_a_ruler),
        cmocka_unit_test(a_turned_head_measures_the_same),
        cmocka_unit_test(without_a_face_the_scale_is_only_nominal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
