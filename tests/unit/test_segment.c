/* SPDX-License-Identifier: Apache-2.0 */
/* What cannot be measured is not searched for, and nothing else is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "skin_scene.h"
#include "stage_params.h"
#include "stages/stages.h"

static const double PX_PER_MM = 5;
static const struct scene_spot spot = { 15, 15, 1.0, 0.40 };

static int found(struct scene_lab *lab, struct derm_frame *f, const struct derm_stage *stage,
                 enum derm_kind kind)
{
    struct stage_params params;

    f->objects[kind] = (struct derm_objects){ 0 };
    assert_int_equal(stage->run(&lab->run, stage_defaults(stage, &params)), DERM_OK);
    return f->objects[kind].n;
}

static void open_scene(struct scene_lab *lab, struct derm_frame *f)
{
    scene_lab_open(lab);
    scene_skin(lab, f, 150, 150, PX_PER_MM, 0.02, 3);
    scene_add_spots(f, &spot, 1, 0);
    scene_tone(&lab->tone);
    lab->run.frame = f;
}

static void a_failing_quality_counts_for_its_concerns(void **state)
{
    const struct derm_finding blurred = { .reason = DERM_REASON_BLURRED,
                                          .severity = DERM_SEVERITY_FAIL };
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    open_scene(&lab, &f);
    f.quality.finding[f.quality.n++] = blurred;
    f.quality.finding[0].concerns = 1u << DERM_CONCERN_PORES;
    assert_int_equal(found(&lab, &f, &derm_stage_pigmentation, DERM_KIND_SPOT), 1);
    f.quality.finding[0].concerns = 1u << DERM_CONCERN_PIGMENTATION;
    assert_int_equal(found(&lab, &f, &derm_stage_pigmentation, DERM_KIND_SPOT), 0);
    f.quality.finding[0].severity = DERM_SEVERITY_WARN;
    assert_int_equal(found(&lab, &f, &derm_stage_pigmentation, DERM_KIND_SPOT), 1);
    scene_lab_close(&lab);
}

static void without_a_scale_only_what_needs_none_is_sought(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    open_scene(&lab, &f);
    assert_int_not_equal(found(&lab, &f, &derm_stage_pores, DERM_KIND_PORE), 0);
    f.scale.source = DERM_SCALE_UNKNOWN;
    assert_int_equal(found(&lab, &f, &derm_stage_pores, DERM_KIND_PORE), 0);
    assert_int_equal(found(&lab, &f, &derm_stage_pigmentation, DERM_KIND_SPOT), 1);
    scene_lab_close(&lab);
}

/* Lined up, but refused for another reason: too little common skin, say. */
static void a_refused_pair_has_no_objects(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;
    struct derm_pair pair = { .base = &f, .follow = &f };

    (void)state;
    open_scene(&lab, &f);
    pair.warped = f.view;
    pair.common = f.view.skin;
    pair.registration.accepted = true;
    lab.run.frame = NULL;
    lab.run.pair = &pair;
    pair.comparability = DERM_INCOMPARABLE;
    found(&lab, &f, &derm_stage_pigmentation, DERM_KIND_SPOT);
    assert_int_equal(pair.objects[DERM_KIND_SPOT].n, 0);
    pair.comparability = DERM_LIMITED;
    found(&lab, &f, &derm_stage_pigmentation, DERM_KIND_SPOT);
    assert_int_equal(pair.objects[DERM_KIND_SPOT].n, 1);
    scene_lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failing_quality_counts_for_its_concerns),
        cmocka_unit_test(a_refused_pair_has_no_objects),
        cmocka_unit_test(without_a_scale_only_what_needs_none_is_sought),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
