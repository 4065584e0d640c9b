/* SPDX-License-Identifier: Apache-2.0 */
/* Lesions as phones show them: large, black, under scale or gloss, on inflamed skin. Each is one
 * spot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pigment_scene.h"

static void begin(struct scene_lab *lab, struct derm_frame *f, uint64_t seed,
                  const struct scene_spot *spot, int n)
{
    scene_lab_open(lab);
    scene_skin(lab, f, W, H, PX_PER_MM, 0.02, seed);
    scene_add_spots(f, spot, n, 0);
}

static const struct derm_objects *find(struct scene_lab *lab, struct derm_frame *f)
{
    scene_tone(&lab->tone);
    segment(lab, f);
    return &f->objects[DERM_KIND_SPOT];
}

static void leave_out(struct derm_frame *f, const struct scene_spot *middle, double radius_mm)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            if (hypot(x / PX_PER_MM - middle->x_mm, y / PX_PER_MM - middle->y_mm) < radius_mm)
                derm_mask_row(&f->view.skin, y)[x] = 0x00;
}

static void a_dark_lesion_stays_one(void **state)
{
    static const struct scene_spot part[] = { { 30, 30, 4, 0.9 }, { 30, 30, 2.5, 2.5 } };
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    begin(&lab, &f, 11, part, 2);
    leave_out(&f, &part[0], 1.5);
    const struct derm_objects *const o = find(&lab, &f);
    assert_int_equal(o->n, 1);
    assert_non_null(object_at(o, &part[0]));
    const double mm2 = PI * 4 * 4; /* its edge is blurred outwards a little */
    assert_close(o->item[0].area_px / (PX_PER_MM * PX_PER_MM), 1.05 * mm2, 0.1 * mm2);
    scene_lab_close(&lab);
}

/* As dark skin runs out of a black lesion to one side, further than any scale reaches. */
static void an_inflamed_surround_is_no_part_of_a_dark_lesion(void **state)
{
    static const struct scene_spot core = { 20, 30, 2.5, 2.5 };
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    begin(&lab, &f, 13, &core, 1);
    for (int y = (int)(27 * PX_PER_MM); y < 33 * PX_PER_MM; y++)
        for (int x = (int)(20 * PX_PER_MM); x < W; x++)
            for (int c = 0; c < 3; c++)
                derm_row(&f.view.od[c], y)[x] += (float)(1.2 * scene_melanin[c]);
    const struct derm_object *const o = &find(&lab, &f)->item[0];
    assert_int_equal(o->field, 0);
    assert_close(o->x / PX_PER_MM, core.x_mm, 1);
    assert_close(o->y / PX_PER_MM, core.y_mm, 1);
    assert_close(o->diameter_mm, 2 * core.radius_mm, 1.5);
    scene_lab_close(&lab);
}

/* Scale or gloss on most of it; on a face that may be an eye. */
static void a_large_lesion_with_a_hole_is_a_spot(void **state)
{
    static const struct scene_spot lesion = { 32, 30, 12, 0.6 };
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    begin(&lab, &f, 5, &lesion, 1);
    leave_out(&f, &lesion, 8);
    const struct derm_object *const o = object_at(find(&lab, &f), &lesion);
    assert_non_null(o);
    assert_int_equal(o->field, 0);
    assert_close(o->diameter_mm, 2 * lesion.radius_mm, 1);
    f.face.used = true;
    segment(&lab, &f);
    assert_int_equal(object_at(&f.objects[DERM_KIND_SPOT], &lesion)->field, 1);
    scene_lab_close(&lab);
}

/* A lesion that fills the photo makes the spread that its response is compared with. */
static void a_strong_response_counts_whatever_the_spread(void **state)
{
    static const struct scene_spot lesion = { 32, 30, 6, 2 };
    static const double sure[2] = { 1, 100 };
    struct scene_lab lab;
    struct derm_frame f;

    (void)state;
    begin(&lab, &f, 5, &lesion, 1);
    assert_non_null(object_at(find(&lab, &f), &lesion));
    set("min_z", 100);
    set("min_z_fine", 100);
    set("min_response", 5);
    for (int i = 0; i < 2; i++) {
        const struct derm_object *o;

        set("sure_response", sure[i]);
        assert_int_equal(derm_stage_pigmentation.run(&lab.run, params.at), DERM_OK);
        o = object_at(&f.objects[DERM_KIND_SPOT], &lesion);
        assert_true(o && o->field == i); /* what is no spot is a field */
    }
    scene_lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dark_lesion_stays_one),
        cmocka_unit_test(an_inflamed_surround_is_no_part_of_a_dark_lesion),
        cmocka_unit_test(a_large_lesion_with_a_hole_is_a_spot),
        cmocka_unit_test(a_strong_response_counts_whatever_the_spread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
