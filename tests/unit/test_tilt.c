/* SPDX-License-Identifier: Apache-2.0 */
/* Close-ups of one skin that a camera saw from two sides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "conditions_scene.h"
#include "stages/field.h"
#include "stages/tilt.h"

/* A close-up, turned by `turn` degrees in its plane, and seen from aside. */
static void lay(struct bench *b, double turn_deg, double tilt_deg)
{
    struct derm_field *const map = &b->pair.registration.map;
    const double degree = 0.017453292519943295, flat = cos(tilt_deg * degree);
    const double c = 1.3 * cos(turn_deg * degree), s = 1.3 * sin(turn_deg * degree);

    b->base.face.used = b->follow.face.used = false;
    assert_int_equal(derm_field_new(&b->keep, map, SIZE, SIZE, 8), DERM_OK);
    for (int j = 0; j < map->x.h; j++)
        for (int i = 0; i < map->x.w; i++) {
            const double x = derm_field_node(map, i), y = flat * derm_field_node(map, j);
            derm_row(&map->x, j)[i] = (float)(c * x - s * y);
            derm_row(&map->y, j)[i] = (float)(s * x + c * y);
        }
}

static void a_close_up_from_aside(void **state)
{
    struct bench *const b = *state;
    struct derm_finding f;

    lay(b, 30, 15);
    f = judge(b);
    assert_int_equal(f.reason, DERM_REASON_POSE_DIFFERS);
    assert_int_equal(f.severity, DERM_SEVERITY_WARN);
    assert_true(fabs(f.measured - 15) < 0.01);
    lay(b, -70, 31);
    assert_int_equal(judge(b).severity, DERM_SEVERITY_FAIL);
    assert_int_equal(b->pair.comparability, DERM_INCOMPARABLE);
    b->pair.registration.accepted = false; /* its map says nothing */
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
    b->pair.registration.accepted = true;
    lay(b, 30, 5);
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
    lay(b, 30, 30);
    b->base.face.used = b->follow.face.used = true; /* the mesh knows better */
    assert_int_equal(judge(b).reason, DERM_REASON_NONE);
}

static void without_common_skin_there_is_no_tilt(void **state)
{
    struct bench *const b = *state;
    double deg;

    lay(b, 10, 20);
    assert_true(derm_tilt_difference(&b->pair, &deg));
    assert_true(fabs(deg - 20) < 0.01);
    for (int y = 0; y < SIZE; y++)
        memset(derm_mask_row(&b->pair.common, y), 0, SIZE);
    assert_false(derm_tilt_difference(&b->pair, &deg));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_close_up_from_aside),
        TEST(without_common_skin_there_is_no_tilt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
