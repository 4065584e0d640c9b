/* SPDX-License-Identifier: Apache-2.0 */
/* The phantom's truth: it follows fading, kind by kind, and lists, maps and sums say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "small_phantom.h"

/* A skin with enough of one kind for a stable truth. */
static struct phantom_spec spec_with(enum phantom_kind kind)
{
    struct phantom_spec spec = small_shot(5).spec;

    spec.scars_per_cm2 = 2;
    spec.linear_scars = kind == PHANTOM_LINEAR_SCAR;
    spec.wrinkles_per_cm2 = kind == PHANTOM_WRINKLE ? 0.5 : 0;
    spec.fine_lines_per_cm2 = kind == PHANTOM_FINE_LINE ? 2 : 0;
    spec.melasma = kind == PHANTOM_MELASMA ? 0.3 : 0;
    spec.striae_per_cm2 = kind == PHANTOM_STRIA ? 0.3 : 0;
    spec.marks_per_cm2 = kind == PHANTOM_MARK ? 0.5 : 0;
    spec.erythema = kind == PHANTOM_ERYTHEMA ? 0.02 : 0;
    spec.vessels_per_cm2 = kind == PHANTOM_VESSEL ? 1 : 0;
    spec.flakes_per_cm2 = kind == PHANTOM_FLAKE ? 30 : 0;
    spec.width_mm = 30;
    return spec;
}

static void truth_follows_fading(void **state)
{
    (void)state;
    for (int k = 0; k < PHANTOM_KINDS; k++) {
        struct phantom_spec spec = spec_with((enum phantom_kind)k);
        double last = 0;
        for (double fade = 0; fade <= 0.6; fade += 0.2) {
            struct phantom_skin skin;
            double change;

            spec.fade[k] = fade;
            phantom_skin_init(&skin, &spec);
            change = phantom_true_change(&skin, (enum phantom_kind)k);
            phantom_skin_free(&skin);
            if (fade <= 0)
                assert_true(change == 0);
            else
                assert_true(change < last && fabs(change + 100 * fade) < 12);
            last = change;
        }
    }
}

/* A kind that fades changes its own load and no other. */
static void fading_is_apart(void **state)
{
    (void)state;
    for (int k = 0; k < PHANTOM_KINDS; k++) {
        struct phantom_spec spec = spec_with((enum phantom_kind)k);
        struct phantom_skin before = skin_of(&spec), after;

        spec.fade[k] = 0.4;
        after = skin_of(&spec);
        for (int other = 0; other < PHANTOM_KINDS; other++) {
            const double a = phantom_load(&before, (enum phantom_kind)other, 4);
            const double b = phantom_load(&after, (enum phantom_kind)other, 4);
            if (other == k)
                assert_true(fabs(b / a - 0.6) < 0.12);
            else
                assert_true(a == b);
        }
        phantom_skin_free(&before);
        phantom_skin_free(&after);
    }
}

static void melasma_covers_what_was_asked(void **state)
{
    struct phantom_shot shot = small_shot(10);
    double covered = 0;
    int n = 0;

    (void)state;
    shot.spec.width_mm = shot.spec.height_mm = 200; /* patches are wide: many of them */
    shot.spec.melasma = 0.3;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct phantom_skin skin;
        shot.spec.seed = seed;
        shot.spec.spots_per_cm2 = shot.spec.pores_per_cm2 = 0;
        skin = skin_of(&shot.spec);
        for (double y = -95; y < 95; y += 1)
            for (double x = -95; x < 95; x += 1, n++)
                covered += phantom_wide_at(&skin, PHANTOM_MELASMA, x, y);
        phantom_skin_free(&skin);
    }
    assert_true(fabs(covered / n - 0.3) < 0.05);
}

/* Every object of the list is where the map says, as large as the list says; the map holds nothing
 * else. */
static void labels_match_the_list(void **state)
{
    struct phantom_shot shot = small_shot(12);
    const struct phantom_camera *const c = &shot.camera;
    struct phantom_grey16 label;
    struct phantom_skin skin;
    int *area, seen = 0;

    (void)state;
    shot.spec.spots_per_cm2 = 3;
    shot.camera.turn_deg = 5;
    shot.camera.bend_mm = 0.2;
    skin = skin_of(&shot.spec);
    label = phantom_labels(&skin, c, PHANTOM_SPOT);
    area = calloc((size_t)skin.n + 1, sizeof(*area));
    assert_non_null(area);
    for (int i = 0; i < label.w * label.h; i++) {
        assert_true(label.px[i] <= skin.n);
        area[label.px[i]]++;
    }
    for (int i = 0; i < skin.n; i++) {
        const struct phantom_object *const o = &skin.object[i];
        const double reach = 2 * o->radius_mm * 10, disc = 3.1416 * pow(10 * o->radius_mm, 2);
        double x, y;

        phantom_to_image(&skin, c, o->x_mm, o->y_mm, &x, &y);
        if (o->kind != PHANTOM_SPOT) assert_int_equal(area[i + 1], 0);
        if (o->kind != PHANTOM_SPOT || x < reach || y < reach || x > c->width - reach ||
            y > c->height - reach)
            continue;
        assert_int_equal(label.px[(ptrdiff_t)lround(y) * label.w + lround(x)], i + 1);
        assert_true(fabs(area[i + 1] / disc - 1) < 0.15);
        seen++;
    }
    assert_true(seen >= 3);
    free(area);
    free(label.px);
    phantom_skin_free(&skin);
}

/* The label on the middle of a curve is the curve's. */
static void lines_match_the_list(void **state)
{
    struct phantom_shot shot = small_shot(13);
    struct phantom_grey16 label;
    struct phantom_skin skin;
    int on = 0, n = 0;

    (void)state;
    shot.spec.wrinkles_per_cm2 = 1;
    skin = skin_of(&shot.spec);
    label = phantom_labels(&skin, &shot.camera, PHANTOM_WRINKLE);
    for (int i = 0; i < skin.curves; i++)
        for (double s = -0.3; s <= 0.3; s += 0.05) {
            double x, y;
            phantom_curve_point(&skin.curve[i], s * skin.curve[i].length_mm, 0, &x, &y);
            phantom_to_image(&skin, &shot.camera, x, y, &x, &y);
            if (x < 0 || y < 0 || x > 199 || y > 199) continue;
            n++;
            on += label.px[(ptrdiff_t)lround(y) * label.w + lround(x)] == i + 1;
        }
    assert_true(n > 20 && on == n);
    free(label.px);
    phantom_skin_free(&skin);
}

static double number(const cJSON *j, const char *name)
{
    const cJSON *const n = cJSON_GetObjectItem(j, name);

    assert_true(cJSON_IsNumber(n));
    return n->valuedouble;
}

/* The description holds each kind that the skin has; fading one changes its load as it says. */
static void descriptions_are_whole(void **state)
{
    struct phantom_shot shot = small_shot(14);
    const cJSON *item;
    struct phantom_skin skin;
    cJSON *truth, *faded;
    int marks = 0;

    (void)state;
    shot.spec.marks_per_cm2 = 1;
    shot.spec.vessels_per_cm2 = 1;
    skin = skin_of(&shot.spec);
    truth = phantom_describe(&skin, &shot);
    skin.spec.fade[PHANTOM_MARK] = 0.3;
    faded = phantom_describe(&skin, &shot);
    for (int k = 0; k < PHANTOM_KINDS; k++) {
        const char *const name = phantom_kind_name((enum phantom_kind)k);
        const cJSON *const one = cJSON_GetObjectItem(cJSON_GetObjectItem(truth, "kinds"), name);
        const cJSON *const two = cJSON_GetObjectItem(cJSON_GetObjectItem(faded, "kinds"), name);
        const double expected = k == PHANTOM_MARK ? 0.7 : 1;
        assert_true(!!one == phantom_has_kind(&skin, (enum phantom_kind)k));
        if (one) assert_true(fabs(number(two, "load") / number(one, "load") - expected) < 0.05);
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(truth, "objects")) marks +=
        !strcmp(cJSON_GetObjectItem(item, "kind")->valuestring, "mark");
    item = cJSON_GetObjectItem(cJSON_GetObjectItem(truth, "kinds"), "mark");
    assert_true(marks > 0 && number(item, "count") == marks);
    assert_true(number(item, "mean_contrast_od") > 0.03);
    assert_true(number(item, "area_percent") > 0);
    assert_true(
        fabs(number(cJSON_GetObjectItem(faded, "true_change_percent"), "redness.load") + 30) < 5);
    cJSON_Delete(truth);
    cJSON_Delete(faded);
    phantom_skin_free(&skin);
}

/* What is of no kind changes, too: smoothing the relief alone, fading spots the evenness alone. */
static void descriptions_hold_plain_skin(void **state)
{
    struct phantom_shot shot = small_shot(15);
    struct phantom_skin skin;

    (void)state;
    shot.spec.spots_per_cm2 = 3;
    skin = skin_of(&shot.spec);
    for (int faded = 0; faded < 2; faded++) {
        const cJSON *changes;
        cJSON *truth;

        skin.spec.fade[PHANTOM_SPOT] = faded ? 0.5 : 0;
        skin.spec.smoothing = faded ? 0 : 0.4;
        truth = phantom_describe(&skin, &shot);
        changes = cJSON_GetObjectItem(truth, "true_change_percent");
        assert_true(fabs(number(changes, "texture.roughness") + (faded ? 0 : 40)) < 5);
        if (faded)
            assert_true(number(changes, "tone.evenness") < -10);
        else
            assert_true(fabs(number(changes, "tone.evenness")) < 1e-9);
        assert_true(number(truth, "evenness_od") > 0);
        cJSON_Delete(truth);
    }
    phantom_skin_free(&skin);
}

/* Oil shines where the skin mirrors the lamp; without any there is nothing to shine. */
static void descriptions_hold_gloss(void **state)
{
    struct phantom_shot shot = small_shot(15);
    struct phantom_skin skin = skin_of(&shot.spec);
    double last = -1;

    (void)state;
    shot.light.elevation_deg = 60;
    for (int oil = 0; oil < 3; oil++) {
        cJSON *truth;

        shot.light.oil = oil;
        truth = phantom_describe(&skin, &shot);
        assert_true(number(truth, "highlight_percent") > last);
        last = number(truth, "highlight_percent");
        assert_true(oil ? last < 100 : last == 0);
        cJSON_Delete(truth);
    }
    phantom_skin_free(&skin);
}

static void scars_of_cuts_are_as_described(void **state)
{
    struct phantom_shot shot = small_shot(8);
    struct phantom_band before[8], after[8];
    struct phantom_skin skin, later;

    (void)state;
    shot.spec.width_mm = shot.spec.height_mm = 60;
    shot.spec.linear_scars = 4;
    skin = skin_of(&shot.spec);
    shot.spec.fade[PHANTOM_LINEAR_SCAR] = 0.4;
    shot.spec.linear_scar_narrowing = 0.25;
    later = skin_of(&shot.spec);
    assert_true(skin.curves >= 2 && later.curves == skin.curves);
    phantom_bands(&skin, PHANTOM_LINEAR_SCAR, 6, before);
    phantom_bands(&later, PHANTOM_LINEAR_SCAR, 6, after);
    for (int i = 0; i < skin.curves; i++) {
        assert_true(fabs(before[i].width_mm / skin.curve[i].width_mm - 1) < 0.25);
        assert_true(fabs(before[i].length_mm / skin.curve[i].length_mm - 1) < 0.15);
        assert_true(fabs(before[i].contrast) > 0.05);
        assert_true(fabs(after[i].width_mm / before[i].width_mm - 0.75) < 0.06);
        assert_true(fabs(after[i].length_mm / before[i].length_mm - 1) < 0.1);
        assert_true(fabs(after[i].contrast / before[i].contrast - 0.6) < 0.15);
    }
    phantom_skin_free(&skin);
    phantom_skin_free(&later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truth_follows_fading),           cmocka_unit_test(fading_is_apart),
        cmocka_unit_test(melasma_covers_what_was_asked),  cmocka_unit_test(labels_match_the_list),
        cmocka_unit_test(lines_match_the_list),           cmocka_unit_test(descriptions_are_whole),
        cmocka_unit_test(descriptions_hold_plain_skin),   cmocka_unit_test(descriptions_hold_gloss),
        cmocka_unit_test(scars_of_cuts_are_as_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
