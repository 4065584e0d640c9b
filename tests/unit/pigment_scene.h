/* SPDX-License-Identifier: Apache-2.0 */
/* Skin that stage pigmentation is run on, with options of the test's own. */
#ifndef DERM_TESTS_PIGMENT_SCENE_H
#define DERM_TESTS_PIGMENT_SCENE_H

#include "skin_scene.h"
#include "stage_params.h"
#include "stages/stages.h"

enum { W = 360, H = 300 };
static const double PX_PER_MM = 5, PI = 3.14159265358979323846;

static struct stage_params params;

static inline void set(const char *option, double value)
{
    struct derm_error err;

    assert_int_equal(
        derm_opt_set(derm_stage_pigmentation.opts, params.at, "pigmentation", option, value, &err),
        DERM_OK);
}

static inline void segment(struct scene_lab *lab, struct derm_frame *f)
{
    lab->run.frame = f;
    lab->run.pair = NULL;
    assert_int_equal(
        derm_stage_pigmentation.run(&lab->run, stage_defaults(&derm_stage_pigmentation, &params)),
        DERM_OK);
}

static inline const struct derm_object *object_at(const struct derm_objects *o,
                                                  const struct scene_spot *s)
{
    for (int i = 0; i < o->n; i++)
        if (hypot(o->item[i].x / PX_PER_MM - s->x_mm, o->item[i].y / PX_PER_MM - s->y_mm) < 0.4)
            return &o->item[i];
    return NULL;
}

#endif
