/* SPDX-License-Identifier: Apache-2.0 */
/* Spots of known size and contrast: found, measured, and their change read under another light. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pigment_scene.h"
#include "stages/statistics.h"

static const struct scene_spot spots[] = {
    { 12, 12, 0.6, 0.30 }, { 30, 10, 1.0, 0.25 }, { 50, 14, 1.5, 0.40 }, { 20, 32, 2.2, 0.35 },
    { 40, 34, 0.8, 0.50 }, { 60, 38, 1.2, 0.20 }, { 14, 50, 1.0, 0.45 }, { 34, 50, 1.4, 0.30 },
};
enum { SPOTS = sizeof(spots) / sizeof(spots[0]) };

static void make(struct scene_lab *lab, struct derm_frame *f, double fading, uint64_t seed,
                 const struct scene_light *light)
{
    scene_skin(lab, f, W, H, PX_PER_MM, 0.02, seed);
    scene_add_spots(f, spots, SPOTS, fading);
    if (light) scene_add_light(f, light);
    scene_tone(&lab->tone);
}

static void finds_the_spots_and_nothing_else(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    make(&lab, &f, 0, 7, NULL);
    segment(&lab, &f);
    assert_int_equal(f.objects[DERM_KIND_SPOT].n, SPOTS);
    for (int i = 0; i < SPOTS; i++) {
        const struct derm_object *const o = object_at(&f.objects[DERM_KIND_SPOT], &spots[i]);

        assert_non_null(o);
        assert_close(o->diameter_mm, 2 * spots[i].radius_mm, 0.15 * 2 * spots[i].radius_mm);
        assert_close(o->contrast, 0.85 * spots[i].contrast, 0.15 * spots[i].contrast);
        assert_int_equal(o->field, 0);
        assert_int_equal(o->regions, 1u << DERM_REGION_ROI);
        assert_close(o->base_value, o->area_px * o->contrast, 1e-9 * o->base_value);
    }
    scene_lab_close(&lab);
}

static void a_hair_is_no_spot(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    scene_skin(&lab, &f, W, H, PX_PER_MM, 0.02, 3);
    for (int x = 60; x < 260; x++)
        for (int c = 0; c < 3; c++)
            for (int t = 0; t < 2; t++)
                derm_row(&f.view.od[c], 100 + x / 4 + t)[x] += 0.8f * (1.0f + 0.2f * (float)c);
    scene_tone(&lab.tone);
    segment(&lab, &f);
    assert_int_equal(f.objects[DERM_KIND_SPOT].n, 0);
    scene_lab_close(&lab);
}

/* The same small dark thing with a pore in its middle, with a pore too faint to count, beside one.
 */
static void a_pore_is_no_spot(void **state)
{
    static const struct scene_spot small = { 15, 15, 0.5, 0.40 };
    static const struct {
        double away_mm;
        bool plain;
        int left;
    } with[] = { { 0.1, true, 0 }, { 0.1, false, 1 }, { 1, true, 1 } };
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    for (size_t i = 0; i < sizeof(with) / sizeof(*with); i++) {
        struct derm_object pore = { .x = (15 + with[i].away_mm) * PX_PER_MM,
                                    .y = 15 * PX_PER_MM,
                                    .plain = with[i].plain };

        scene_skin(&lab, &f, 150, 150, PX_PER_MM, 0.01, 3);
        scene_add_spots(&f, &small, 1, 0);
        scene_tone(&lab.tone);
        f.objects[DERM_KIND_PORE] = (struct derm_objects){ .item = &pore, .n = 1 };
        segment(&lab, &f);
        assert_int_equal(f.objects[DERM_KIND_SPOT].n, with[i].left);
    }
    scene_lab_close(&lab);
}

/* Fields that are found, of one that lies this far (px) from where the skin ends, 40 x 5 mm. */
static int fields_below_hair(int away)
{
    struct scene_lab lab;
    struct derm_frame f;
    int fields = 0;

    scene_lab_open(&lab);
    scene_skin(&lab, &f, W, H, PX_PER_MM, 0.02, 5);
    for (int y = 0; y < 60; y++)
        for (int x = 0; x < W; x++)
            derm_mask_row(&f.view.skin, y)[x] = 0;
    for (int y = 60 + away; y < 85 + away; y++)
        for (int x = 80; x < 280; x++)
            for (int c = 0; c < 3; c++)
                derm_row(&f.view.od[c], y)[x] += (float)(0.3 * scene_melanin[c]);
    scene_tone(&lab.tone);
    segment(&lab, &f);
    for (int i = 0; i < f.objects[DERM_KIND_SPOT].n; i++)
        fields += f.objects[DERM_KIND_SPOT].item[i].field;
    scene_lab_close(&lab);
    return fields;
}

static void the_shade_of_hair_is_no_field(void **state)
{
    (void)state;
    assert_int_equal(fields_below_hair(0), 0);
    assert_int_equal(fields_below_hair(60), 1);
}

static void finds_a_large_lesion_and_a_field(void **state)
{
    static const struct scene_spot lesion = { 20, 30, 6, 0.6 };
    struct scene_lab lab;
    struct derm_frame f;
    int fields = 0;

    (void)state;
    scene_lab_open(&lab);
    scene_skin(&lab, &f, W, H, PX_PER_MM, 0.02, 5);
    scene_add_spots(&f, &lesion, 1, 0);
    for (int y = 60; y < 240; y++)
        for (int x = 230; x < 300; x++)
            for (int c = 0; c < 3; c++)
                derm_row(&f.view.od[c], y)[x] += (float)(0.15 * scene_melanin[c]);
    scene_tone(&lab.tone);
    segment(&lab, &f);
    const struct derm_objects *const o = &f.objects[DERM_KIND_SPOT];
    assert_non_null(object_at(o, &lesion));
    assert_close(object_at(o, &lesion)->diameter_mm, 12, 1);
    for (int i = 0; i < o->n; i++)
        if (o->item[i].field) {
            fields++;
            assert_close(o->item[i].area_px, 180 * 70, 0.15 * 180 * 70);
            assert_close(o->item[i].contrast, 0.15, 0.04);
        }
    assert_int_equal(fields, 1);
    assert_int_equal(o->n, 2);
    scene_lab_close(&lab);
}

/* With ties, and for every length that a small ring can have. */
static void median_is_the_middle_of_the_sorted(void **state)
{
    enum { MOST = 130 };
    struct derm_random random = { 17 };
    double x[MOST], sorted[MOST];

    (void)state;
    for (int n = 1; n <= MOST; n++)
        for (int values = 1; values <= MOST; values *= 4) {
            for (int i = 0; i < n; i++)
                x[i] = sorted[i] = floor(values * derm_random_uniform(&random));
            derm_sort(sorted, n);
            assert_true(derm_median(x, n) == derm_percentile(sorted, n, 0.5));
        }
}

/* Neutral, as shade is: the same optical density in R, G and B. */
static void add_grey(struct derm_frame *f, const struct scene_spot *spot)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double r = hypot(x / PX_PER_MM - spot->x_mm, y / PX_PER_MM - spot->y_mm);

            for (int c = 0; c < 3; c++)
                derm_row(&f->view.od[c], y)[x] +=
                    (float)(spot->contrast / (1 + exp((r - spot->radius_mm) / 0.15)));
        }
}

static void shade_is_no_spot_but_a_black_naevus_is(void **state)
{
    static const struct scene_spot shade = { 15, 20, 2, 0.25 }, naevus = { 30, 30, 3, 1.5 };
    static const float weight[3] = { 0.5f, 0.53f, 0.7f }; /* as fitted to a JPEG: not blind to it */
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    scene_skin(&lab, &f, W, H, PX_PER_MM, 0.02, 9);
    add_grey(&f, &shade);
    add_grey(&f, &naevus);
    scene_tone(&lab.tone);
    for (int c = 0; c < 3; c++)
        lab.tone.melanin[c] = weight[c];
    segment(&lab, &f);
    const struct derm_objects *const o = &f.objects[DERM_KIND_SPOT];
    assert_null(object_at(o, &shade));
    assert_non_null(object_at(o, &naevus));
    /* its edge is where the surround is 0.5 OD darker, not where half of the black is: 2 x (3 +
     * 0.15 ln(1.73 x 1.5 / 0.5 - 1)) */
    assert_close(object_at(o, &naevus)->diameter_mm, 6.43, 0.6);
    scene_lab_close(&lab);
}

/* Grey, and more of it in blue; whether it passes where melanin has this direction. */
static bool is_pigment(double bluer, const double melanin[3])
{
    static const struct scene_spot lesion = { 30, 30, 3, 0.5 };
    static const float weight[3] = { 0.5f, 0.53f, 0.7f };
    struct scene_lab lab;
    struct derm_frame f;

    scene_lab_open(&lab);
    scene_skin(&lab, &f, W, H, PX_PER_MM, 0.02, 15);
    add_grey(&f, &lesion);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            if (hypot(x / PX_PER_MM - 30, y / PX_PER_MM - 30) < 3)
                derm_row(&f.view.od[2], y)[x] += (float)bluer;
    scene_tone(&lab.tone);
    memcpy(lab.tone.direction, melanin, sizeof(lab.tone.direction));
    for (int c = 0; c < 3; c++)
        lab.tone.melanin[c] = weight[c];
    segment(&lab, &f);
    const struct derm_object *const o = object_at(&f.objects[DERM_KIND_SPOT], &lesion);
    const bool found = o && !o->field;
    scene_lab_close(&lab);
    return found;
}

static void pigment_is_as_brown_as_melanin_is_there_or_blue(void **state)
{
    static const double dark[3] = { 0.43, 0.56, 0.71 };

    (void)state;
    assert_true(is_pigment(0.35, scene_melanin));
    assert_false(is_pigment(0.14, scene_melanin));
    assert_true(is_pigment(0.14, dark));
    assert_true(is_pigment(-0.3, scene_melanin)); /* it lies deep, or under thick horn */
}

/* Black in the middle, with gloss that is no measurable skin on top, and brown around: one lesion,
 * as wide as the brown, its gloss with it. */
/* As faint and as broad, one brown, one red. */
static void reddening_is_no_pigment(void **state)
{
    static const struct scene_spot red = { 20, 20, 2, 0.2 }, brown = { 45, 30, 2, 0.2 };
    static const float weight[3] = { 0.5f, 0.53f, 0.7f };
    static const double blood[3] = { 0.32, 0.74, 0.59 };
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    scene_lab_open(&lab);
    scene_skin(&lab, &f, W, H, PX_PER_MM, 0.01, 15);
    scene_add_spots(&f, &brown, 1, 0);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const double r = hypot(x / PX_PER_MM - red.x_mm, y / PX_PER_MM - red.y_mm);
            for (int c = 0; c < 3; c++)
                derm_row(&f.view.od[c], y)[x] +=
                    (float)(red.contrast * blood[c] / (1 + exp((r - red.radius_mm) / 0.12)));
        }
    scene_tone(&lab.tone);
    for (int c = 0; c < 3; c++)
        lab.tone.melanin[c] = weight[c];
    segment(&lab, &f);
    assert_non_null(object_at(&f.objects[DERM_KIND_SPOT], &brown));
    assert_null(object_at(&f.objects[DERM_KIND_SPOT], &red));
    set("red_from_mm2", 1000);
    lab.run.frame = &f;
    assert_int_equal(derm_stage_pigmentation.run(&lab.run, params.at), DERM_OK);
    assert_non_null(object_at(&f.objects[DERM_KIND_SPOT], &red));
    scene_lab_close(&lab);
}

static void fine_scales_have_a_limit_of_their_own(void **state)
{
    static const double limit[2] = { 5, 100 }; /* the response of no spot */

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct scene_lab lab;
        struct derm_frame f;

        scene_lab_open(&lab);
        scene_skin(&lab, &f, W, H, PX_PER_MM, 0.3, 7);
        scene_add_spots(&f, spots, SPOTS, 0);
        scene_tone(&lab.tone);
        stage_defaults(&derm_stage_pigmentation, &params);
        set("fine_mm", 10);
        set("min_z_fine", limit[i]);
        set("min_z", limit[1 - i]);
        lab.run.frame = &f;
        assert_int_equal(derm_stage_pigmentation.run(&lab.run, params.at), DERM_OK);
        assert_int_equal(f.objects[DERM_KIND_SPOT].n > 0, i == 0);
        scene_lab_close(&lab);
    }
}

/* The pair stage's part: everything is common, the follow-up already lies on the baseline's grid.
 */
static void segment_pair(struct scene_lab *lab, struct derm_pair *pair, struct derm_frame *base,
                         struct derm_frame *follow)
{
    *pair = (struct derm_pair){ .base = base, .follow = follow };
    pair->warped = follow->view;
    pair->common = base->view.skin;
    pair->registration.accepted = true;
    lab->run.frame = NULL;
    lab->run.pair = pair;
    assert_int_equal(
        derm_stage_pigmentation.run(&lab->run, stage_defaults(&derm_stage_pigmentation, &params)),
        DERM_OK);
}

static void sums(const struct derm_objects *o, double *base, double *follow)
{
    *base = *follow = 0;
    for (int i = 0; i < o->n; i++) {
        *base += o->item[i].base_value;
        *follow += o->item[i].follow_value;
    }
}

static void light_changes_nothing(void **state)
{
    static const struct scene_light light = { { 0.5, 0.35, 0.15 }, 0.004, -0.003 };
    struct scene_lab lab;
    struct derm_frame a, b;
    struct derm_pair pair;
    double base, follow;

    (void)state;
    scene_lab_open(&lab);
    make(&lab, &a, 0, 11, NULL);
    make(&lab, &b, 0, 11, &light);
    segment_pair(&lab, &pair, &a, &b);
    sums(&pair.objects[DERM_KIND_SPOT], &base, &follow);
    assert_int_equal(pair.objects[DERM_KIND_SPOT].n, SPOTS);
    assert_close(follow / base, 1, 1e-3);
    for (int i = 0; i < pair.objects[DERM_KIND_SPOT].n; i++) {
        const struct derm_object *const o = &pair.objects[DERM_KIND_SPOT].item[i];
        assert_close(o->follow_value / o->base_value, 1, 2e-3);
        assert_int_equal(o->found_in, 3);
    }
    scene_lab_close(&lab);
}

static void fading_is_read_in_both_directions(void **state)
{
    static const struct scene_light light = { { -0.2, -0.15, -0.1 }, -0.003, 0.002 };
    struct scene_lab lab;
    struct derm_frame a, b;
    struct derm_pair there, back;
    double base, follow, back_base, back_follow;

    (void)state;
    scene_lab_open(&lab);
    make(&lab, &a, 0, 21, NULL);
    make(&lab, &b, 0.4, 22, &light);
    segment_pair(&lab, &there, &a, &b);
    segment_pair(&lab, &back, &b, &a);
    sums(&there.objects[DERM_KIND_SPOT], &base, &follow);
    sums(&back.objects[DERM_KIND_SPOT], &back_base, &back_follow);
    assert_close(follow / base, 0.6, 0.02);
    assert_int_equal(there.objects[DERM_KIND_SPOT].n, back.objects[DERM_KIND_SPOT].n);
    assert_close(back_base, follow, 1e-9 * follow);
    assert_close(back_follow, base, 1e-9 * base);
    scene_lab_close(&lab);
}

/* A spot that only one photo shows is measured in both, at the same place. */
static void a_new_spot_and_a_gone_one_are_measured_in_both(void **state)
{
    static const struct scene_spot gone = { 20, 20, 1.2, 0.4 }, fresh = { 45, 40, 1.2, 0.4 };
    struct scene_lab lab;
    struct derm_frame a, b;
    struct derm_pair pair;

    (void)state;
    scene_lab_open(&lab);
    scene_skin(&lab, &a, W, H, PX_PER_MM, 0.02, 31);
    scene_skin(&lab, &b, W, H, PX_PER_MM, 0.02, 32);
    scene_add_spots(&a, &gone, 1, 0);
    scene_add_spots(&b, &fresh, 1, 0);
    scene_tone(&lab.tone);
    segment_pair(&lab, &pair, &a, &b);
    const struct derm_objects *const o = &pair.objects[DERM_KIND_SPOT];
    assert_int_equal(o->n, 2);
    assert_int_equal(object_at(o, &gone)->found_in, 1);
    assert_int_equal(object_at(o, &fresh)->found_in, 2);
    assert_true(fabs(object_at(o, &gone)->follow_value) < 0.05 * object_at(o, &gone)->base_value);
    assert_true(fabs(object_at(o, &fresh)->base_value) < 0.05 * object_at(o, &fresh)->follow_value);
    scene_lab_close(&lab);
}

static void a_refused_pair_has_no_objects(void **state)
{
    struct scene_lab lab;
    struct derm_frame a, b;
    struct derm_pair pair = { 0 };

    (void)state;
    scene_lab_open(&lab);
    make(&lab, &a, 0, 41, NULL);
    make(&lab, &b, 0, 42, NULL);
    pair.base = &a;
    pair.follow = &b;
    lab.run.frame = NULL;
    lab.run.pair = &pair;
    assert_int_equal(
        derm_stage_pigmentation.run(&lab.run, stage_defaults(&derm_stage_pigmentation, &params)),
        DERM_OK);
    for (int k = 0; k < DERM_KIND_COUNT; k++)
        assert_int_equal(pair.objects[k].n, 0);
    scene_lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_spots_and_nothing_else),
        cmocka_unit_test(a_hair_is_no_spot),
        cmocka_unit_test(a_pore_is_no_spot),
        cmocka_unit_test(the_shade_of_hair_is_no_field),
        cmocka_unit_test(finds_a_large_lesion_and_a_field),
        cmocka_unit_test(median_is_the_middle_of_the_sorted),
        cmocka_unit_test(shade_is_no_spot_but_a_black_naevus_is),
        cmocka_unit_test(pigment_is_as_brown_as_melanin_is_there_or_blue),
        cmocka_unit_test(reddening_is_no_pigment),
        cmocka_unit_test(fine_scales_have_a_limit_of_their_own),
        cmocka_unit_test(light_changes_nothing),
        cmocka_unit_test(fading_is_read_in_both_directions),
        cmocka_unit_test(a_new_spot_and_a_gone_one_are_measured_in_both),
        cmocka_unit_test(a_refused_pair_has_no_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
