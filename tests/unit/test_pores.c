/* SPDX-License-Identifier: Apache-2.0 */
/* Pores: found where they are, at their size; what is no pore is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pits_scene.h"
#include "sample_all.h"

enum { SIDE = 200 };

static int set_up(void **state)
{
    *state = scene_new(&derm_stage_pores, SIDE, 0.005, 3);
    return *state ? 0 : 1;
}

static void a_pore_is_found_where_it_is(void **state)
{
    static const double sigma_mm[3] = { 0.08, 0.13, 0.24 };
    struct scene *const s = *state;
    const struct derm_objects *o;

    for (int i = 0; i < 3; i++)
        add(s, 40.3 + 50 * i, 60.6, sigma_mm[i], sigma_mm[i], 0.15, even);
    o = find(s, &derm_segmenter_pores);
    for (int i = 0; i < 3; i++) {
        const struct derm_object *const p = nearest(o, 40.3 + 50 * i, 60.6, 3);
        assert_non_null(p);
        assert_true(hypot(p->x - 40.3 - 50 * i, p->y - 60.6) < 0.5);
        assert_true(fabs(log(p->diameter_mm / (2.83 * sigma_mm[i]))) < 0.35);
        assert_true(p->amplitude > 0.05 && p->amplitude < 0.1); /* half the contrast, blurred */
        assert_int_equal(p->regions, 1u << DERM_REGION_ROI);
        assert_true(p->base_value > 0.95 * p->amplitude && p->base_value <= p->amplitude);
        assert_true(p->base_area_px == p->area_px);
        assert_true(p->area_px >= 2);
    }
    assert_true(o->n <= 3 + 20); /* 4 cm2 of noise at 3.5 sd */
}

static void sampling_follows_the_contrast(void **state)
{
    struct scene *const s = *state;
    const struct derm_objects *o;
    double before[64], after[64], area[64];

    add(s, 60, 60, 0.12, 0.12, 0.20, even);
    o = find(s, &derm_segmenter_pores);
    assert_true(o->n > 0 && o->n < 64);
    must(&s->bed, sample_all(&s->bed.run, &derm_segmenter_pores, s->params.at, &s->view,
                             &s->view.skin, o, before, area));
    for (int i = 0; i < o->n; i++) { /* as when it was found */
        assert_true(before[i] == o->item[i].base_value);
        assert_true(area[i] == o->item[i].base_area_px);
    }
    add(s, 60, 60, 0.12, 0.12, -0.05, even);
    for (int c = 0; c < 3; c++) /* less light: a constant in optical density */
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                derm_row(&s->view.od[c], y)[x] += 0.3f + 0.001f * (float)x;
    must(&s->bed, sample_all(&s->bed.run, &derm_segmenter_pores, s->params.at, &s->view,
                             &s->view.skin, o, after, area));
    assert_true(nearest(o, 60, 60, 3) == &o->item[0]);
    assert_true(fabs(after[0] / before[0] - 0.75) < 0.03);
}

/* Bumps of the skin, the same in all colours. */
static void roughen(struct scene *s, double relief_od)
{
    struct phantom_rng r;

    phantom_rng_init(&r, 1, 1);
    for (int y = 0; y < s->view.grid.h; y++)
        for (int x = 0; x < s->view.grid.w; x++) {
            const float bump = (float)(relief_od * phantom_normal(&r));

            for (int c = 0; c < 3; c++)
                derm_row(&s->view.od[c], y)[x] += bump;
        }
}

/* Of two sorts, many at the threshold: a pore is listed where bumps help it, and bumps do not fade.
 */
static void add_pores(struct scene *s, double share)
{
    enum { APART = 20 };

    for (int j = 1; j < SIDE / APART; j++)
        for (int i = 1; i < SIDE / APART; i++)
            add(s, i * APART, j * APART, 0.16, 0.16, share * ((i + j) % 2 ? 0.15 : 0.24), even);
}

static double measured(struct scene *s, const struct derm_objects *o, double value[1000])
{
    double area[1000], sum = 0;

    assert_true(o->n < 1000);
    must(&s->bed, sample_all(&s->bed.run, &derm_segmenter_pores, s->params.at, &s->view,
                             &s->view.skin, o, value, area));
    for (int i = 0; i < o->n; i++)
        sum += o->item[i].strong ? value[i] : 0;
    return sum;
}

static void relief_that_stays_hides_no_fading(void **state)
{
    struct scene *const s = *state;
    const struct derm_objects *o;
    double value[1000], before, after;

    roughen(s, 0.06);
    add_pores(s, 1);
    o = find(s, &derm_segmenter_pores);
    before = measured(s, o, value);
    add_pores(s, -0.5);
    after = measured(s, o, value);
    assert_true(fabs(after / before - 0.5) < 0.02);
}

static void what_is_no_pore(void **state)
{
    static const double melanin[3] = { 0.66, 1, 1.65 }, blood[3] = { 0.35, 1, 0.8 };
    struct scene *const s = *state;
    const struct derm_objects *o;

    add(s, 40, 40, 3, 0.1, 0.3, even);       /* a hair */
    add(s, 100, 40, 0.34, 0.15, 0.2, even);  /* a piece of one */
    add(s, 40, 140, 0.2, 0.2, 0.3, melanin); /* a freckle */
    add(s, 140, 40, 0.2, 0.2, 0.3, blood);   /* a red spot */
    add(s, 140, 140, 0.9, 0.9, 0.4, even);   /* a dimple */
    add(s, 100, 100, 0.12, 0.12, 0.9, even); /* a shaved hair */
    o = find(s, &derm_segmenter_pores);
    for (int dx = -20; dx <= 20; dx += 5)
        assert_null(nearest(o, 40 + dx, 40, 3));
    assert_null(nearest(o, 100, 40, 3));
    assert_null(nearest(o, 40, 140, 3));
    assert_null(nearest(o, 140, 40, 3));
    assert_null(nearest(o, 140, 140, 3));
    assert_null(nearest(o, 100, 100, 3));
}

/* Where grain may have made them so. */
static void what_is_faint_may_look_long_and_blue(void **state)
{
    static const double bluish[3] = { 0.9, 1, 2.5 };
    struct scene *const s = *state;
    const struct derm_objects *o;

    roughen(s, 0.06);
    add(s, 60, 60, 0.4, 0.13, 0.11, even);
    add(s, 140, 60, 0.16, 0.16, 0.14, bluish);
    o = find(s, &derm_segmenter_pores);
    assert_non_null(nearest(o, 60, 60, 3));
    assert_non_null(nearest(o, 140, 60, 3));
}

/* At 10 px/mm: what may be the root of a hair, or the gap between two gleams on a spot is listed,
 * its change is not measured. */
static void what_may_be_no_pore_is_not_measured(void **state)
{
    struct scene *const s = *state;
    const struct derm_objects *o;

    add(s, 40, 100, 0.16, 0.16, 0.2, even);
    add(s, 100, 100, 0.1, 0.1, 0.2, even); /* as small as a root looks */
    add(s, 40, 40, 0.16, 0.16, 0.15, even);
    add(s, 40, 40, 0.4, 0.4, 0.12, even);
    o = find(s, &derm_segmenter_pores);
    assert_true(nearest(o, 40, 100, 3)->strong && nearest(o, 40, 100, 3)->plain);
    assert_false(nearest(o, 100, 100, 3)->strong);
    assert_true(nearest(o, 100, 100, 3)->plain);
    assert_true(nearest(o, 40, 40, 3)->plain);
    assert_false(nearest(o, 40, 40, 3)->strong);
}

static void only_skin_counts(void **state)
{
    struct scene *const s = *state;

    add(s, 60, 60, 0.12, 0.12, 0.2, even);
    add(s, 120, 60, 0.12, 0.12, 0.2, even);
    for (int y = 0; y < SIDE; y++)
        memset(derm_mask_row(&s->view.skin, y), 0, 100);
    assert_null(nearest(find(s, &derm_segmenter_pores), 60, 60, 3));
    assert_non_null(nearest(find(s, &derm_segmenter_pores), 120, 60, 3));
}

static void no_skin_is_no_pores(void **state)
{
    struct scene *const s = *state;

    for (int y = 0; y < SIDE; y++)
        memset(derm_mask_row(&s->view.skin, y), 0, SIDE);
    assert_int_equal(find(s, &derm_segmenter_pores)->n, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, scene_free)
    const struct CMUnitTest tests[] = {
        TEST(a_pore_is_found_where_it_is),
        TEST(sampling_follows_the_contrast),
        TEST(relief_that_stays_hides_no_fading),
        TEST(what_is_no_pore),
        TEST(what_is_faint_may_look_long_and_blue),
        TEST(what_may_be_no_pore_is_not_measured),
        TEST(only_skin_counts),
        TEST(no_skin_is_no_pores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
