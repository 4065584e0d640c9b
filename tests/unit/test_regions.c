/* SPDX-License-Identifier: Apache-2.0 */
/* Regions on the canonical face: complete, disjoint, left and right where they belong, and the far
 * side of a turned head given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/metrics.h"
#include "cv/cv.h"
#include "nn/mesh.h"
#include "stages/outline.h"
#include "stages/stages.h"

enum { SIDE = 720 }; /* the neck has room, too */

static struct derm_error err;
static struct derm_arena keep, scratch;
static struct derm_kernels kernels;
static struct derm_models *models;
static struct derm_pool *pool;
static struct derm_frame frame;
static unsigned char params[DERM_MAX_PARAMS];

static struct derm_run run = {
    .err = &err, .keep = &keep, .scratch = &scratch, .k = &kernels, .frame = &frame
};

static int set_up(void **state)
{
    (void)state;
    derm_kernels_init(&kernels, 0);
    derm_opt_defaults(derm_stage_regions.opts, params);
    if (derm_arena_init(&keep, (size_t)256 << 20, &err) != DERM_OK ||
        derm_arena_init(&scratch, (size_t)256 << 20, &err) != DERM_OK ||
        derm_pool_new(&pool, 1, &err) != DERM_OK ||
        derm_models_open(&models, DERM_TEST_MODELS, &err) != DERM_OK)
        return -1;
    run.models = models;
    run.pool = pool;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    derm_models_close(models);
    derm_pool_free(pool);
    derm_arena_free(&keep);
    derm_arena_free(&scratch);
    return 0;
}

/* The canonical face, turned to the subject's left, in a photo that is all skin. */
static void photograph(double yaw_deg)
{
    const struct derm_mesh *const mesh = derm_models_mesh(models);
    const double px_per_cm = 25, yaw = yaw_deg * 3.14159265358979 / 180;

    memset(&frame, 0, sizeof(frame));
    derm_arena_reset(&keep, 0);
    frame.face.used = true;
    frame.face.count = 1;
    frame.face.ipd_px = 6.3 * px_per_cm;
    for (int i = 0; i < DERM_MESH_VERTICES; i++) {
        const double x = (double)mesh->xyz[i][0], y = (double)mesh->xyz[i][1],
                     z = (double)mesh->xyz[i][2];
        frame.face.at[i].x = SIDE / 2 + px_per_cm * (x * cos(yaw) + z * sin(yaw));
        frame.face.at[i].y = SIDE / 2 - px_per_cm * y;
        frame.face.z[i] = -px_per_cm * (z * cos(yaw) - x * sin(yaw));
    }
    frame.view.grid = (struct derm_grid){ .step = 1, .w = SIDE, .h = SIDE, .px_per_mm = 2.5 };
    assert_int_equal(derm_mask_new(&keep, &frame.view.skin, SIDE, SIDE), DERM_OK);
    for (int y = 0; y < SIDE; y++)
        memset(derm_mask_row(&frame.view.skin, y), 0xff, SIDE);
    assert_int_equal(derm_stage_regions.run(&run, params), DERM_OK);
    derm_arena_reset(&scratch, 0);
}

static double middle_x(enum derm_region r)
{
    double sum = 0, n = 0;

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            if (derm_bits_row(&frame.view.regions, y)[x] >> r & 1) {
                sum += x;
                n++;
            }
    return sum / n;
}

static void a_frontal_face_has_all_regions(void **state)
{
    (void)state;
    photograph(0);
    for (int r = 0; r < DERM_REGION_ROI; r++)
        assert_true(frame.view.regions_visible >> r & 1);
    assert_true(middle_x(DERM_REGION_LEFT_CHEEK) > middle_x(DERM_REGION_RIGHT_CHEEK) + 100);
    assert_true(middle_x(DERM_REGION_LEFT_CROWSFEET) > middle_x(DERM_REGION_RIGHT_CROWSFEET));
}

static void no_pixel_counts_twice(void **state)
{
    (void)state;
    photograph(0);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const unsigned bits = derm_bits_row(&frame.view.regions, y)[x];
            const unsigned own = bits & ~(1u << DERM_REGION_FACE);
            assert_int_equal(own & (own - 1), 0);
            assert_int_equal(own != 0 && own != 1u << DERM_REGION_NECK,
                             bits >> DERM_REGION_FACE & 1);
        }
}

static void both_nasolabial_folds_are_one_region(void **state)
{
    static const int on_fold[] = { 206, 216, 426, 436 }, beside[] = { 205, 425, 0, 17 };

    (void)state;
    photograph(0);
    for (int i = 0; i < 4; i++) {
        const struct derm_point in = frame.face.at[on_fold[i]], out = frame.face.at[beside[i]];

        assert_true(
            derm_bits_row(&frame.view.regions, (int)in.y)[(int)in.x] >> DERM_REGION_NASOLABIAL & 1);
        assert_false(derm_bits_row(&frame.view.regions, (int)out.y)[(int)out.x] >>
                         DERM_REGION_NASOLABIAL &
                     1);
    }
}

static void eyes_and_lips_belong_to_no_region(void **state)
{
    static const int inside[] = { 13, 14, 159, 386, 105, 334 }; /* lips, lids, brows */

    (void)state;
    photograph(0);
    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
        const struct derm_point p = frame.face.at[inside[i]];
        assert_int_equal(derm_bits_row(&frame.view.regions, (int)p.y)[(int)p.x], 0);
    }
}

static void the_far_side_of_a_turned_head_is_given_up(void **state)
{
    (void)state;
    photograph(50);
    assert_false(frame.view.regions_visible >> DERM_REGION_LEFT_CHEEK & 1);
    assert_true(frame.view.regions_visible >> DERM_REGION_RIGHT_CHEEK & 1);
    photograph(-50);
    assert_true(frame.view.regions_visible >> DERM_REGION_LEFT_CHEEK & 1);
    assert_false(frame.view.regions_visible >> DERM_REGION_RIGHT_CHEEK & 1);
}

static void a_region_without_skin_is_not_visible(void **state)
{
    (void)state;
    photograph(0);
    for (int y = 0; y < SIDE; y++)
        memset(derm_mask_row(&frame.view.skin, y), 0, SIDE / 2);
    assert_int_equal(derm_stage_regions.run(&run, params), DERM_OK);
    derm_arena_reset(&scratch, 0);
    assert_false(frame.view.regions_visible >> DERM_REGION_RIGHT_CHEEK & 1);
    assert_true(frame.view.regions_visible >> DERM_REGION_LEFT_CHEEK & 1);
}

static const struct derm_json *entry_of(const struct derm_json *list, const char *side,
                                        const char *id)
{
    const struct derm_json *e = derm_json_first(list);

    for (; e; e = derm_json_next(e)) {
        const char *const text = derm_json_as_text(derm_json_get(e, "id"));
        if (strncmp(text, side, strlen(side)) == 0 && strcmp(text + strlen(side), id) == 0) break;
    }
    return e;
}

/* Every landmark of a right entry has its mirror in the left one. */
static void mirrored(const struct derm_json *list)
{
    const struct derm_mesh *const mesh = derm_models_mesh(models);
    const struct derm_json *e = derm_json_first(list);

    for (; e; e = derm_json_next(e)) {
        const char *const id = derm_json_as_text(derm_json_get(e, "id"));
        const struct derm_json *const right = derm_json_get(e, "landmarks");
        const struct derm_json *left;

        if (strncmp(id, "right", 5) != 0) continue;
        left = derm_json_get(entry_of(list, "left", id + 5), "landmarks");
        assert_int_equal(derm_json_count(left), derm_json_count(right));
        for (int i = 0; i < derm_json_count(right); i++) {
            double a = -1, b = -1;
            bool found = false;

            assert_true(derm_json_as_number(derm_json_at(right, i), &a));
            for (int k = 0; k < derm_json_count(left) && !found; k++)
                found = derm_json_as_number(derm_json_at(left, k), &b) &&
                        mesh->mirror[(int)a] == (int)b;
            if (!found) print_error("%s: landmark %d has no mirror\n", id, (int)a);
            assert_true(found);
        }
    }
}

static void left_is_the_mirror_of_right(void **state)
{
    const struct derm_json *table;

    (void)state;
    assert_int_equal(derm_models_table(models, "regions", &table, &err), DERM_OK);
    mirrored(derm_json_get(table, "regions"));
    mirrored(derm_json_get(table, "exclude"));
    mirrored(derm_json_get(table, "seed"));
}

static void a_close_up_is_the_users_region(void **state)
{
    (void)state;
    photograph(0);
    frame.face.used = false;
    assert_int_equal(derm_mask_new(&keep, &frame.user_roi, SIDE, SIDE), DERM_OK);
    assert_int_equal(derm_mask_new(&keep, &frame.user_exclude, SIDE, SIDE), DERM_OK);
    for (int y = 100; y < 200; y++) {
        memset(derm_mask_row(&frame.user_roi, y) + 50, 0xff, 100);
        memset(derm_mask_row(&frame.user_exclude, y) + 50, 0xff, 10);
    }
    assert_int_equal(derm_stage_regions.run(&run, params), DERM_OK);
    derm_arena_reset(&scratch, 0);
    assert_int_equal(frame.view.regions_visible, 1u << DERM_REGION_ROI);
    assert_int_equal(derm_bits_row(&frame.view.regions, 150)[100], 1u << DERM_REGION_ROI);
    assert_int_equal(derm_bits_row(&frame.view.regions, 150)[55], 0);
    assert_int_equal(derm_bits_row(&frame.view.regions, 250)[100], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frontal_face_has_all_regions),
        cmocka_unit_test(no_pixel_counts_twice),
        cmocka_unit_test(both_nasolabial_folds_are_one_region),
        cmocka_unit_test(eyes_and_lips_belong_to_no_region),
        cmocka_unit_test(the_far_side_of_a_turned_head_is_given_up),
        cmocka_unit_test(a_region_without_skin_is_not_visible),
        cmocka_unit_test(left_is_the_mirror_of_right),
        cmocka_unit_test(a_close_up_is_the_users_region),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
