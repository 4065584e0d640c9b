/* SPDX-License-Identifier: Apache-2.0 */
/* Widths of a face: a turn of the head and the camera's distance leave them, swelling does not, and
 * faces that move differently have none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nn/models.h"
#include "stages/stages.h"
#include "stages/swelling.h"

struct lab {
    struct derm_error err;
    struct derm_models *models;
    struct derm_frame frame[2];
    struct derm_pair pair;
    struct derm_run run;
};

/* A bowl of landmarks, turned about the upright and enlarged. */
static void put_face(struct derm_face *f, double turn, double zoom)
{
    *f = (struct derm_face){ .used = true };
    for (int i = 0; i < DERM_LANDMARK_COUNT; i++) {
        const double x = 100 * sin(i), y = 140 * cos(1.7 * i), z = 0.004 * (x * x + y * y);

        f->at[i].x = zoom * (cos(turn) * x + sin(turn) * z);
        f->at[i].y = zoom * y;
        f->z[i] = zoom * (-sin(turn) * x + cos(turn) * z);
    }
}

static void compare(struct lab *lab)
{
    lab->pair.base = &lab->frame[0];
    lab->pair.follow = &lab->frame[1];
    lab->frame[0].scale.px_per_mm = 4;
    lab->run = (struct derm_run){ .err = &lab->err, .models = lab->models, .pair = &lab->pair };
    assert_int_equal(derm_stage_swelling.run(&lab->run, NULL), DERM_OK);
}

static int open_lab(void **state)
{
    static struct lab lab;

    *state = &lab;
    return derm_models_open(&lab.models, DERM_TEST_MODELS, &lab.err) != DERM_OK;
}

static int close_lab(void **state)
{
    derm_models_close(((struct lab *)*state)->models);
    return 0;
}

static void turn_and_distance_leave_widths(void **state)
{
    struct lab *const lab = *state;

    memset(&lab->pair, 0, sizeof(lab->pair));
    put_face(&lab->frame[0].face, 0, 1);
    put_face(&lab->frame[1].face, 0.2, 1.3);
    compare(lab);
    assert_int_equal(lab->pair.swelling.reason, DERM_REASON_NONE);
    for (int i = 0; i < DERM_WIDTH_COUNT; i++) {
        const struct derm_width_change *const w = &lab->pair.swelling.width[i];

        assert_true(w->base_mm > 1);
        assert_true(fabs(w->follow_mm / w->base_mm - 1) < 1e-9);
        assert_true(w->mdc95_mm > 0);
    }
}

static void higher_lips_are_read_in_mm(void **state)
{
    struct lab *const lab = *state;
    struct derm_face *const f = &lab->frame[1].face;
    const struct derm_width_change *const lips = &lab->pair.swelling.width[DERM_WIDTH_LIPS];

    memset(&lab->pair, 0, sizeof(lab->pair));
    put_face(&lab->frame[0].face, 0, 1);
    put_face(f, 0, 1);
    f->at[17].x += 0.1 * (f->at[17].x - f->at[0].x); /* the lips' outer rims: 0 and 17 */
    f->at[17].y += 0.1 * (f->at[17].y - f->at[0].y);
    f->z[17] += 0.1 * (f->z[17] - f->z[0]);
    compare(lab);
    assert_true(fabs(lips->follow_mm / lips->base_mm - 1.1) < 1e-9);
}

static void faces_that_move_differently_have_none(void **state)
{
    struct lab *const lab = *state;

    memset(&lab->pair, 0, sizeof(lab->pair));
    put_face(&lab->frame[0].face, 0, 1);
    put_face(&lab->frame[1].face, 0, 1);
    lab->pair.finding[lab->pair.n++] = (struct derm_finding){
        .reason = DERM_REASON_EXPRESSION_DIFFERS, .severity = DERM_SEVERITY_FAIL, .regions = 1
    };
    compare(lab);
    assert_int_equal(lab->pair.swelling.reason, DERM_REASON_EXPRESSION_DIFFERS);
    lab->pair.n = 0;
    lab->frame[1].face.used = false;
    compare(lab);
    assert_int_equal(lab->pair.swelling.reason, DERM_REASON_NO_FACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turn_and_distance_leave_widths),
        cmocka_unit_test(higher_lips_are_read_in_mm),
        cmocka_unit_test(faces_that_move_differently_have_none),
    };
    return cmocka_run_group_tests(tests, open_lab, close_lab);
}
