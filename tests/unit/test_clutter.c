/* SPDX-License-Identifier: Apache-2.0 */
/* Clutter: what lies among hairs is no object, what stands out of them or lies on smooth skin is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pits_scene.h"
#include "stages/clutter.h"

enum { SIDE = 400, BEARD = 200, SMOOTH_X = 80, BEARD_X = 300 }; /* skin is bearded from BEARD on */

static const struct derm_segmenter *const segmenters[] = { &derm_segmenter_pores,
                                                           &derm_segmenter_pigmentation,
                                                           &derm_segmenter_scars };
static const struct derm_stage *const stages[] = { &derm_stage_pores, &derm_stage_pigmentation,
                                                   &derm_stage_scars };

static int set_up(void **state)
{
    *state = scene_new(&derm_stage_scars, SIDE, 0.005, 5);
    return *state ? 0 : 1;
}

/* Dots of a hair's width every 0.8 mm. */
static void grow_beard(struct scene *s, double contrast)
{
    for (int y = 4; y < SIDE; y += 8)
        for (int x = BEARD + 4 + y % 3; x < SIDE; x += 8)
            for (int c = 0; c < 3; c++)
                for (int j = 0; j < 2; j++)
                    derm_row(&s->view.od[c], y + j)[x] += (float)contrast;
}

static bool among_hair(struct scene *s, enum derm_concern concern, double x, double contrast)
{
    return derm_in_clutter(&s->view.clutter, concern, x, 200, 5, contrast);
}

static void what_lies_among_hairs_is_one_of_them(void **state)
{
    struct scene *const s = *state;

    grow_beard(s, 0.5);
    bed_clutter(&s->bed, &s->view);
    assert_true(among_hair(s, DERM_CONCERN_SCARS, BEARD_X, 0.3));
    assert_false(among_hair(s, DERM_CONCERN_SCARS, SMOOTH_X, 0.3));
    assert_true(among_hair(s, DERM_CONCERN_SCARS, BEARD - 10, 0.3)); /* where the beard begins */
    assert_false(among_hair(s, DERM_CONCERN_SCARS, BEARD_X, 3));     /* many times darker */
    assert_true(
        derm_in_clutter(&s->view.clutter, DERM_CONCERN_PIGMENTATION, BEARD_X, 200, 20, 0.3));
    assert_false(/* so wide is a lesion */
                 derm_in_clutter(&s->view.clutter, DERM_CONCERN_PIGMENTATION, BEARD_X, 200, 45,
                                 0.3));
}

/* Hair is taken out of the skin where it is dense; its edge is still seen. */
static void hair_off_the_skin_counts(void **state)
{
    struct scene *const s = *state;

    grow_beard(s, 0.5);
    for (int y = 0; y < SIDE; y++)
        memset(derm_mask_row(&s->view.skin, y) + BEARD, 0, SIDE - BEARD);
    bed_clutter(&s->bed, &s->view);
    assert_true(among_hair(s, DERM_CONCERN_SCARS, BEARD - 10, 0.3));
    assert_false(among_hair(s, DERM_CONCERN_SCARS, SMOOTH_X, 0.3));
}

/* 1.4 mm beside what lies on smooth skin. */
static void grow_hair(struct scene *s)
{
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < SIDE; y++)
            derm_row(&s->view.od[c], y)[SMOOTH_X + 14] += 0.5F;
}

static void one_hair_is_no_crowd(void **state)
{
    struct scene *const s = *state;

    grow_hair(s);
    bed_clutter(&s->bed, &s->view);
    assert_false(among_hair(s, DERM_CONCERN_PIGMENTATION, SMOOTH_X, 0.3));
    assert_true(among_hair(s, DERM_CONCERN_SCARS, SMOOTH_X, 0.3)); /* a scar may be its shade */
    grow_beard(s, 0.5);
    bed_clutter(&s->bed, &s->view);
    assert_true(among_hair(s, DERM_CONCERN_PIGMENTATION, BEARD_X, 0.3));
}

static void a_coarse_photo_does_not_count_hairs(void **state)
{
    struct scene *const s = *state;
    struct derm_frame close_up;
    struct derm_run run = s->bed.run;
    struct stage_params p;

    grow_hair(s);
    close_up = (struct derm_frame){ .view = s->view };
    run.frame = &close_up;
    stage_defaults(&derm_stage_clutter, &p);
    assert_int_equal(derm_opt_set(derm_stage_clutter.opts, p.at, "clutter", "crowd_px_per_mm",
                                  2 * s->view.grid.px_per_mm, run.err),
                     DERM_OK);
    must(&s->bed, derm_stage_clutter.run(&run, p.at));
    s->view.clutter = close_up.view.clutter;
    assert_true(among_hair(s, DERM_CONCERN_PIGMENTATION, SMOOTH_X, 0.3));
}

static void pores_may_lie_among_pores(void **state)
{
    struct scene *const s = *state;

    grow_beard(s, 0.03); /* twice the detail of the noise */
    bed_clutter(&s->bed, &s->view);
    assert_true(among_hair(s, DERM_CONCERN_SCARS, BEARD_X, 0.05));
    assert_false(among_hair(s, DERM_CONCERN_PORES, BEARD_X, 0.05));
}

static void what_was_not_measured_rejects_nothing(void **state)
{
    struct scene *const s = *state;

    grow_beard(s, 0.5);
    assert_false(among_hair(s, DERM_CONCERN_SCARS, BEARD_X, 0.3));
}

/* The same object twice: on smooth skin it is found, in the beard it is not. */
static void every_segmenter_asks(void **state)
{
    static const double sigma_mm[3] = { 0.15, 0.6, 0.6 };
    struct scene *const s = *state;
    static struct derm_frame close_up;

    grow_beard(s, 0.5);
    bed_clutter(&s->bed, &s->view);
    for (int i = 0; i < 3; i++) {
        add(s, SMOOTH_X, 80 + 120 * i, sigma_mm[i], sigma_mm[i], 0.25, even);
        add(s, BEARD_X, 80 + 120 * i, sigma_mm[i], sigma_mm[i], 0.25, even);
    }
    s->bed.tone.melanin[1] = 1;
    s->bed.tone.ita_deg = 45;
    close_up.view = s->view;
    s->bed.run.frame = &close_up;
    for (int i = 0; i < 3; i++) {
        const struct derm_objects *o;

        stage_defaults(stages[i], &s->params);
        o = find(s, segmenters[i]);
        assert_non_null(nearest(o, SMOOTH_X, 80 + 120 * i, 4));
        assert_null(nearest(o, BEARD_X, 80 + 120 * i, 8));
    }
}

static void both_photos_of_a_pair_are_measured(void **state)
{
    struct scene *const s = *state;
    struct derm_frame base = { .view = s->view };
    struct derm_pair pair = { .base = &base, .warped = s->view };
    struct derm_run run = s->bed.run;
    struct stage_params p;

    run.pair = &pair;
    stage_defaults(&derm_stage_clutter, &p);
    must(&s->bed, derm_stage_clutter.run(&run, p.at));
    assert_null(base.view.clutter.energy.px); /* refused: nothing is searched for */
    pair.registration.accepted = true;
    must(&s->bed, derm_stage_clutter.run(&run, p.at));
    assert_non_null(base.view.clutter.energy.px);
    assert_non_null(pair.warped.clutter.energy.px);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_lies_among_hairs_is_one_of_them, set_up, scene_free),
        cmocka_unit_test_setup_teardown(hair_off_the_skin_counts, set_up, scene_free),
        cmocka_unit_test_setup_teardown(one_hair_is_no_crowd, set_up, scene_free),
        cmocka_unit_test_setup_teardown(a_coarse_photo_does_not_count_hairs, set_up, scene_free),
        cmocka_unit_test_setup_teardown(pores_may_lie_among_pores, set_up, scene_free),
        cmocka_unit_test_setup_teardown(what_was_not_measured_rejects_nothing, set_up, scene_free),
        cmocka_unit_test_setup_teardown(every_segmenter_asks, set_up, scene_free),
        cmocka_unit_test_setup_teardown(both_photos_of_a_pair_are_measured, set_up, scene_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
