/* SPDX-License-Identifier: Apache-2.0 */
/* What a place looks like does not depend on light, turning or mirroring; a model that is not this
 * program's is refused; what is none of its concern is dropped, and nothing counts twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "skin_scene.h"
#include "stage_params.h"
#include "stages/classifier.h"
#include "stages/objects.h"
#include "stages/stages.h"

enum { SIDE = 200 };
static const double px_per_mm = 10;

struct lab {
    struct scene_lab scene;
    struct derm_models *models;
    struct derm_frame frame;
};

static void open_lab(struct lab *l)
{
    scene_lab_open(&l->scene);
    assert_int_equal(derm_models_open(&l->models, DERM_TEST_MODELS, &l->scene.err), DERM_OK);
    scene_tone(&l->scene.tone);
    l->scene.tone.blood[0] = (float)(-scene_melanin[1] / scene_melanin[0]); /* blind to melanin */
    scene_skin(&l->scene, &l->frame, SIDE, SIDE, px_per_mm, 0.002, 1);
    l->scene.run.models = l->models;
    l->scene.run.frame = &l->frame;
}

static void close_lab(struct lab *l)
{
    derm_models_close(l->models);
    scene_lab_close(&l->scene);
}

/* A Gaussian hollow: colours alike, one side darker; x and y in px. */
static void add_hollow(struct derm_frame *f, double x, double y, double radius, double depth,
                       double tilt)
{
    for (int j = 0; j < f->view.grid.h; j++)
        for (int i = 0; i < f->view.grid.w; i++) {
            const double u = (i - x) / radius, v = (j - y) / radius;
            const double g = depth * exp(-0.693 * (u * u + v * v)) * (1 + tilt * u);

            for (int c = 0; c < 3; c++)
                derm_row(&f->view.od[c], j)[i] += (float)g;
        }
}

static void ask(struct lab *l, const struct derm_blob_place *place,
                double feature[DERM_BLOB_FEATURES])
{
    double one[1][DERM_BLOB_FEATURES];

    assert_int_equal(derm_blob_features(&l->scene.run, &l->frame.view, place, 1, one), DERM_OK);
    memcpy(feature, one[0], sizeof(one[0]));
}

static void assert_same(const double *a, const double *b, double within)
{
    for (int k = 0; k < DERM_BLOB_FEATURES; k++)
        assert_close(a[k], b[k], within);
}

static void light_changes_nothing(void **state)
{
    const struct derm_blob_place place = { 90, 80, 6 };
    const struct scene_light light = { { 0.3, 0.1, -0.2 }, 0, 0 };
    double before[DERM_BLOB_FEATURES], after[DERM_BLOB_FEATURES];
    struct lab l = { .models = NULL };

    (void)state;
    open_lab(&l);
    add_hollow(&l.frame, 90, 80, 6, 0.2, 0.3);
    ask(&l, &place, before);
    scene_add_light(&l.frame, &light);
    ask(&l, &place, after);
    assert_same(before, after, 1e-4);
    assert_close(before[DERM_BLOB_size], log(1.2), 1e-6);
    assert_close(before[DERM_BLOB_red], 1 / 3.0, 0.02);
    assert_true(before[DERM_BLOB_shading] > 0.1 && before[DERM_BLOB_elongation] < 0.1);
    close_lab(&l);
}

static void swap(float *a, float *b)
{
    const float t = *a;

    *a = *b;
    *b = t;
}

/* About the diagonal: turned and mirrored at once. */
static void transpose(struct derm_view *v)
{
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < y; x++)
                swap(&derm_row(&v->od[c], y)[x], &derm_row(&v->od[c], x)[y]);
}

static void turning_changes_nothing(void **state)
{
    struct derm_blob_place place = { 90, 80, 6 };
    double before[DERM_BLOB_FEATURES], after[DERM_BLOB_FEATURES];
    struct lab l = { .models = NULL };

    (void)state;
    open_lab(&l);
    add_hollow(&l.frame, 90, 80, 6, 0.2, 0.3);
    ask(&l, &place, before);
    transpose(&l.frame.view);
    place = (struct derm_blob_place){ 80, 90, 6 };
    ask(&l, &place, after);
    assert_same(before, after, 1e-4);
    close_lab(&l);
}

static void a_place_at_the_rim_is_read(void **state)
{
    const struct derm_blob_place place = { 0, SIDE - 1, 30 };
    double feature[DERM_BLOB_FEATURES];
    struct lab l = { .models = NULL };

    (void)state;
    open_lab(&l);
    ask(&l, &place, feature);
    for (int k = 0; k < DERM_BLOB_FEATURES; k++)
        assert_true(isfinite(feature[k]));
    close_lab(&l);
}

/* One pixel wide, beside a round hollow. */
static void a_hair_goes_on_on_both_sides(void **state)
{
    const struct derm_blob_place hair = { 60, 60, 3 }, hollow = { 140, 60, 3 };
    double on_hair[DERM_BLOB_FEATURES], on_hollow[DERM_BLOB_FEATURES];
    struct lab l = { .models = NULL };

    (void)state;
    open_lab(&l);
    for (int c = 0; c < 3; c++)
        for (int i = 30; i < 90; i++)
            derm_row(&l.frame.view.od[c], i)[i] += 0.3F;
    add_hollow(&l.frame, 140, 60, 3, 0.3, 0);
    ask(&l, &hair, on_hair);
    ask(&l, &hollow, on_hollow);
    assert_true(on_hair[DERM_BLOB_strand] > 1 && on_hair[DERM_BLOB_strand_z] > 2.5);
    assert_true(on_hollow[DERM_BLOB_strand] < 0.2 && on_hollow[DERM_BLOB_strand_z] < 2.5);
    close_lab(&l);
}

/* ---- the model */

static void a_broken_model_is_refused(void **state)
{
    static const struct {
        const char *from, *to, *message;
    } fault[] = {
        { "\"pore\", \"scar\"", "\"scar\", \"pore\"", "classes" },
        { "\"size\", \"pixels\"", "\"pixels\", \"size\"", "features" },
        { "\"temperature\": ", "\"temperature\": -", "temperature" },
        { "\"trees\": [\n[0,", "\"trees\": [\n[0,1,", "tree" },
        { "\"trees\": [\n[0,", "\"trees\": [\n[8,", "tree" },
        { "\"trees\": [\n[0,", "\"trees\": [\n[0.5,\"x\",", "tree" },
        { "\"trees\"", "\"bushes\"", "no trees" },
    };
    static char text[1 << 19], faulty[1 << 19];
    FILE *const f = fopen(DERM_TEST_MODELS "/classifier.json", "rb");
    struct derm_classifier c;
    struct lab l = { .models = NULL };

    (void)state;
    assert_non_null(f);
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    fclose(f);
    open_lab(&l);
    assert_int_equal(derm_classifier_read(&l.scene.run, &c), DERM_OK);
    for (size_t i = 0; i < sizeof(fault) / sizeof(*fault); i++) {
        const char *const at = strstr(text, fault[i].from);

        assert_non_null(at);
        snprintf(faulty, sizeof(faulty), "%.*s%s%s", (int)(at - text), text, fault[i].to,
                 at + strlen(fault[i].from));
        assert_int_equal(derm_models_replace_table(l.models, "classifier", faulty, strlen(faulty),
                                                   "faulty", &l.scene.err),
                         DERM_OK);
        assert_int_equal(derm_classifier_read(&l.scene.run, &c), DERM_EMODEL);
        assert_non_null(strstr(l.scene.err.text, fault[i].message));
        l.scene.err = (struct derm_error){ 0 };
    }
    close_lab(&l);
}

static void probabilities_are_probabilities(void **state)
{
    double feature[1][DERM_BLOB_FEATURES] = { { 0 } }, p[1][DERM_IDENTITIES], sum = 0;
    struct derm_classifier c;
    struct lab l = { .models = NULL };

    (void)state;
    open_lab(&l);
    assert_int_equal(derm_classifier_read(&l.scene.run, &c), DERM_OK);
    derm_classifier_ask(&c, feature, 1, p);
    for (int k = 0; k < DERM_IDENTITIES; k++) {
        assert_true(p[0][k] >= 0 && p[0][k] <= 1);
        sum += p[0][k];
    }
    assert_close(sum, 1, 1e-9);
    close_lab(&l);
}

/* ---- the stage */

static struct derm_object *list(struct lab *l, enum derm_kind kind, int n)
{
    struct derm_objects *const o = &l->frame.objects[kind];

    assert_int_equal(derm_arena_new(&l->scene.keep, &o->item, (size_t)n, sizeof(*o->item)),
                     DERM_OK);
    o->n = n;
    for (int i = 0; i < n; i++)
        o->item[i].label = i + 1;
    return o->item;
}

static void run_stage(struct lab *l, double other)
{
    static const char *const option[3] = { "other", "other_pores", "other_coarse" };
    struct stage_params p;

    stage_defaults(&derm_stage_classify, &p);
    for (int i = 0; i < 3; i++)
        assert_int_equal(derm_opt_set(derm_stage_classify.opts, p.at, "classify", option[i], other,
                                      &l->scene.err),
                         DERM_OK);
    assert_int_equal(derm_stage_classify.run(&l->scene.run, p.at), DERM_OK);
}

/* A spot and a small grey hollow, both on both lists. */
static void make_two(struct lab *l)
{
    const struct scene_spot spot = { 5, 5, 1.2, 0.35 };

    open_lab(l);
    scene_add_spots(&l->frame, &spot, 1, 0);
    add_hollow(&l->frame, 150, 150, 2, 0.12, 0.2);
    for (int k = 0; k < 2; k++) {
        struct derm_object *const o = list(l, k ? DERM_KIND_SPOT : DERM_KIND_PORE, 2);

        o[0].x = o[0].y = 50;
        o[1].x = o[1].y = 150;
        o[0].scale_px = 12 / sqrt(2);
        o[1].scale_px = 2 / sqrt(2);
        o[0].area_px = 3.14159 * 144;
        o[1].area_px = 3.14159 * 4;
    }
}

static void nothing_counts_under_two_concerns(void **state)
{
    const struct derm_objects *pores, *spots;
    struct lab l = { .models = NULL };

    (void)state;
    make_two(&l);
    run_stage(&l, 0.6);
    pores = &l.frame.objects[DERM_KIND_PORE];
    spots = &l.frame.objects[DERM_KIND_SPOT];
    assert_int_equal(spots->n, 1);
    assert_close(spots->item[0].x, 50, 0);
    assert_int_equal(spots->item[0].label, 1);
    assert_int_equal(spots->item[0].identity, DERM_IS_pigment);
    assert_true(spots->item[0].probability > 0.6);
    for (int i = 0; i < pores->n; i++)
        assert_close(pores->item[i].x, 150, 0);
    close_lab(&l);
}

static void twins_go_even_when_nobody_is_sure(void **state)
{
    struct lab l = { .models = NULL };

    (void)state;
    make_two(&l);
    run_stage(&l, 1);
    assert_int_equal(l.frame.objects[DERM_KIND_PORE].n + l.frame.objects[DERM_KIND_SPOT].n, 2);
    close_lab(&l);
}

/* A pore within a broad spot is one; what has the same middle is the same thing in any size. */
static void what_has_one_middle_is_one_thing(void **state)
{
    struct lab l = { .models = NULL };

    (void)state;
    for (int aside = 0; aside < 2; aside++) {
        struct derm_object *o;

        make_two(&l);
        o = list(&l, DERM_KIND_PORE, 1);
        o->x = 50 + 6 * aside;
        o->y = 50;
        o->scale_px = 3 / sqrt(2);
        o->area_px = 3.14159 * 9;
        o->plain = true;
        add_hollow(&l.frame, (int)o->x, 50, 3, 0.2, 0.2);
        l.frame.objects[DERM_KIND_SPOT].n = 1;
        run_stage(&l, 1);
        assert_int_equal(l.frame.objects[DERM_KIND_PORE].n + l.frame.objects[DERM_KIND_SPOT].n,
                         1 + aside);
        close_lab(&l);
    }
}

/* How many of one object of a kind in the middle are left. */
static int left_of_one(struct lab *l, enum derm_kind kind, double radius_px)
{
    struct derm_object *const o = list(l, kind, 1);

    o->x = o->y = 100;
    o->area_px = 3.14159 * radius_px * radius_px;
    run_stage(l, 1);
    return l->frame.objects[kind].n;
}

static void what_is_surely_hair_is_no_spot(void **state)
{
    struct lab l = { .models = NULL };

    (void)state;
    open_lab(&l);
    for (int c = 0; c < 3; c++)
        for (int x = 40; x < 160; x++)
            derm_row(&l.frame.view.od[c], 100)[x] += 0.8F;
    assert_int_equal(left_of_one(&l, DERM_KIND_SPOT, 2), 0);
    close_lab(&l);
}

/* 2.6 mm and 2 mm wide, a rim's width from where the skin ends. */
static void a_wide_spot_at_the_end_of_the_skin_is_shade(void **state)
{
    const double radius_px[] = { 13, 10 };

    (void)state;
    for (int i = 0; i < 2; i++)
        for (int cut = 0; cut < 2; cut++) {
            const struct scene_spot spot = { 10, 10, radius_px[i] / 10, 0.35 };
            const int end = (int)(100 - 1.1 * radius_px[i]);
            struct lab l = { .models = NULL };

            open_lab(&l);
            scene_add_spots(&l.frame, &spot, 1, 0);
            for (int y = 0; cut && y < SIDE; y++)
                memset(derm_mask_row(&l.frame.view.skin, y), 0, (size_t)end);
            assert_int_equal(left_of_one(&l, DERM_KIND_SPOT, radius_px[i]), !(cut && i == 0));
            close_lab(&l);
        }
}

/* A brown spot on even skin, and where the light falls off as steeply as at its rim. */
static void the_form_of_a_face_is_none(void **state)
{
    static const enum derm_kind kind[] = { DERM_KIND_SPOT, DERM_KIND_SCAR, DERM_KIND_RED_MARK };
    const struct scene_spot spot = { 10, 10, 1, 0.35 };

    (void)state;
    for (int i = 0; i < 12; i++) {
        const bool face = i & 1, steep = i & 2;
        const struct scene_light light = { { 0, 0, 0 }, steep ? 0.5 : 0, 0 };
        struct lab l = { .models = NULL };

        open_lab(&l);
        l.frame.face.used = face;
        scene_add_spots(&l.frame, &spot, 1, 0);
        scene_add_light(&l.frame, &light);
        assert_int_equal(left_of_one(&l, kind[i / 4], 10), !(face && steep));
        close_lab(&l);
    }
}

static void a_red_mark_takes_light(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        const bool face = i & 1, faint = i & 2;
        struct lab l = { .models = NULL };

        open_lab(&l);
        l.frame.face.used = face;
        add_hollow(&l.frame, 100, 100, 10, faint ? 0.02 : 0.1, 0);
        assert_int_equal(left_of_one(&l, DERM_KIND_RED_MARK, 10), !(face && faint));
        close_lab(&l);
    }
}

static void as_coarse(struct lab *l)
{
    l->frame.view.grid.px_per_mm = 3.5;
}

/* A spot alone, and between darker ones. */
static void what_this_skin_does_anyhow_is_no_spot(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        const bool coarse = i & 1, among_others = i & 2;
        struct lab l = { .models = NULL };

        open_lab(&l);
        for (int y = -2; y <= 2; y++)
            for (int x = -2; x <= 2; x++) {
                const bool own = x == 0 && y == 0;
                const struct scene_spot spot = { 10 + 3.2 * x, 10 + 3.2 * y, 0.8, own ? 0.35 : 1 };

                if (own || among_others) scene_add_spots(&l.frame, &spot, 1, 0);
            }
        if (coarse) as_coarse(&l);
        assert_int_equal(left_of_one(&l, DERM_KIND_SPOT, 8), !(coarse && among_others));
        close_lab(&l);
    }
}

/* A spot, and a line through it, on a forehead and elsewhere. */
static void a_strand_on_a_forehead_is_no_spot(void **state)
{
    const unsigned of_forehead = 1u << DERM_REGION_FOREHEAD;

    (void)state;
    for (int i = 0; i < 4; i++) {
        const bool forehead = i & 1, line = i & 2;
        struct lab l = { .models = NULL };

        open_lab(&l);
        as_coarse(&l);
        l.frame.face.used = true;
        if (forehead) derm_bits_row(&l.frame.view.regions, 100)[100] |= (uint16_t)of_forehead;
        add_hollow(&l.frame, 100, 100, 4, 0.3, 0);
        for (int c = 0; line && c < 3; c++)
            for (int y = 60; y < 140; y++)
                derm_row(&l.frame.view.od[c], y)[100] += 0.3F;
        assert_int_equal(left_of_one(&l, DERM_KIND_SPOT, 4), !(forehead && line));
        close_lab(&l);
    }
}

/* In the fold of one photo a spot cannot be seen; in that of both there is none. */
static void of_a_pair_both_must_show_the_form_of_a_face(void **state)
{
    const struct scene_spot spot = { 10, 10, 1, 0.35 };
    const struct scene_light folded = { { 0, 0, 0 }, 0.5, 0 };

    (void)state;
    for (int folded_in = 0; folded_in < 4; folded_in++) {
        struct lab l = { .models = NULL };
        struct derm_frame frame[2];
        struct derm_pair pair = { .base = &frame[0], .follow = &frame[1] };
        struct derm_object *o;

        open_lab(&l);
        for (int i = 0; i < 2; i++) {
            scene_skin(&l.scene, &frame[i], SIDE, SIDE, px_per_mm, 0.002, 1);
            frame[i].face.used = true;
            scene_add_spots(&frame[i], &spot, 1, 0);
            if (folded_in >> i & 1) scene_add_light(&frame[i], &folded);
        }
        pair.warped = frame[1].view;
        o = list(&l, DERM_KIND_SPOT, 1);
        *o = (struct derm_object){
            .x = 100, .y = 100, .area_px = 3.14159 * 100, .label = 1, .found_in = 3
        };
        pair.objects[DERM_KIND_SPOT] = l.frame.objects[DERM_KIND_SPOT];
        l.scene.run.pair = &pair;
        l.scene.run.frame = NULL;
        run_stage(&l, 1);
        assert_int_equal(pair.objects[DERM_KIND_SPOT].n, folded_in != 3);
        close_lab(&l);
    }
}

/* One spot in a pair that has faded: what it is must not depend on which photo came first. */
static void run_pair(struct lab *l, int first, unsigned found_in, struct derm_object *out)
{
    const struct scene_spot spot = { 8, 8, 1.2, 0.35 };
    struct derm_frame frame[2];
    struct derm_pair pair = { .base = &frame[0], .follow = &frame[1] };
    struct stage_params p;

    for (int i = 0; i < 2; i++) {
        scene_skin(&l->scene, &frame[i], SIDE, SIDE, px_per_mm, 0.002, 1);
        scene_add_spots(&frame[i], &spot, 1, i == first ? 0 : 0.4);
    }
    pair.warped = frame[1].view;
    l->frame.objects[DERM_KIND_SPOT] = (struct derm_objects){ .n = 0 };
    *list(l, DERM_KIND_SPOT, 1) = (struct derm_object){
        .x = 80, .y = 80, .area_px = 3.14159 * 144, .label = 1, .found_in = found_in
    };
    pair.objects[DERM_KIND_SPOT] = l->frame.objects[DERM_KIND_SPOT];
    l->scene.run.pair = &pair;
    l->scene.run.frame = NULL;
    assert_int_equal(
        derm_stage_classify.run(&l->scene.run, stage_defaults(&derm_stage_classify, &p)), DERM_OK);
    assert_int_equal(pair.objects[DERM_KIND_SPOT].n, 1);
    *out = pair.objects[DERM_KIND_SPOT].item[0];
}

static void exchanging_photos_changes_nothing(void **state)
{
    struct lab l = { .models = NULL };
    struct derm_object a, b;

    (void)state;
    open_lab(&l);
    for (unsigned found_in = 1; found_in <= 3; found_in++) {
        run_pair(&l, 0, found_in, &a);
        run_pair(&l, 1, found_in == 3 ? 3 : 3 - found_in, &b);
        assert_int_equal(a.identity, b.identity);
        assert_true(a.probability == b.probability);
    }
    close_lab(&l);
}

static void without_a_scale_all_stay(void **state)
{
    struct lab l = { .models = NULL };

    (void)state;
    make_two(&l);
    l.frame.scale.source = DERM_SCALE_UNKNOWN;
    run_stage(&l, 0.6);
    assert_int_equal(l.frame.objects[DERM_KIND_PORE].n, 2);
    assert_int_equal(l.frame.objects[DERM_KIND_SPOT].n, 2);
    assert_close(l.frame.objects[DERM_KIND_PORE].item[0].probability, 0, 0);
    close_lab(&l);
}

static void fields_are_left_alone(void **state)
{
    struct lab l = { .models = NULL };
    struct derm_object *o;

    (void)state;
    open_lab(&l);
    o = list(&l, DERM_KIND_SPOT, 1);
    o[0].field = 1;
    run_stage(&l, 0);
    assert_int_equal(l.frame.objects[DERM_KIND_SPOT].n, 1);
    close_lab(&l);
}

/* ---- keeping some of a list */

static void labels_follow_the_list(void **state)
{
    static const int number[] = { 0, 1, 0, 2 };
    struct lab l = { .models = NULL };
    struct derm_objects *const o = &l.frame.objects[DERM_KIND_SCAR];

    (void)state;
    open_lab(&l);
    list(&l, DERM_KIND_SCAR, 3);
    assert_int_equal(derm_labels_new(&l.scene.keep, &o->labels, 4, 1), DERM_OK);
    for (int x = 0; x < 4; x++)
        derm_labels_row(&o->labels, 0)[x] = x;
    o->item[2].x = 7;
    derm_objects_keep(o, number, 2);
    assert_int_equal(o->n, 2);
    assert_close(o->item[1].x, 7, 0);
    assert_int_equal(o->item[1].label, 2);
    for (int x = 0; x < 4; x++)
        assert_int_equal(derm_labels_row(&o->labels, 0)[x], number[x]);
    close_lab(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(light_changes_nothing),
        cmocka_unit_test(turning_changes_nothing),
        cmocka_unit_test(a_place_at_the_rim_is_read),
        cmocka_unit_test(a_hair_goes_on_on_both_sides),
        cmocka_unit_test(a_broken_model_is_refused),
        cmocka_unit_test(probabilities_are_probabilities),
        cmocka_unit_test(nothing_counts_under_two_concerns),
        cmocka_unit_test(twins_go_even_when_nobody_is_sure),
        cmocka_unit_test(what_has_one_middle_is_one_thing),
        cmocka_unit_test(what_is_surely_hair_is_no_spot),
        cmocka_unit_test(a_wide_spot_at_the_end_of_the_skin_is_shade),
        cmocka_unit_test(the_form_of_a_face_is_none),
        cmocka_unit_test(a_red_mark_takes_light),
        cmocka_unit_test(what_this_skin_does_anyhow_is_no_spot),
        cmocka_unit_test(a_strand_on_a_forehead_is_no_spot),
        cmocka_unit_test(of_a_pair_both_must_show_the_form_of_a_face),
        cmocka_unit_test(exchanging_photos_changes_nothing),
        cmocka_unit_test(without_a_scale_all_stay),
        cmocka_unit_test(fields_are_left_alone),
        cmocka_unit_test(labels_follow_the_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
