/* SPDX-License-Identifier: Apache-2.0 */
/* Faces: golden values on a public-domain portrait (NASA's Eileen Collins, from scikit-image;
 * skipped where Debian's python3-skimage is not installed), its turned and covered copies, and the
 * pose of heads that are turned by a known angle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nn/face.h"
#include "nn/person.h"
#include "unit/face_photo.h"

static const char portrait[] =
    "/usr/lib/python3/dist-packages/skimage/data/astronaut.png"; /* 512 x 512 */
static struct face_photo photo;

static const struct derm_face *face_in(enum derm_site site)
{
    const struct derm_photo_request request = { .path = portrait, .site = site };

    assert_int_equal(face_photo_run(&photo, &request), DERM_OK);
    return &photo.photo.frame->face;
}

/* The face stage again, on the picture as the test left it. */
static const struct derm_face *face_again(void)
{
    const struct derm_photo_request request = { .path = portrait };

    assert_int_equal(face_photo_stage(&photo, &derm_stage_face, &request), DERM_OK);
    return &photo.photo.frame->face;
}

static void need_portrait(void)
{
    if (access(portrait, R_OK) == 0) return;
    printf("SKIPPED: %s is not there (apt-get install python3-skimage)\n", portrait);
    skip();
}

static void portrait_has_its_golden_values(void **state)
{
    const struct derm_face *f;

    (void)state;
    need_portrait();
    f = face_in(DERM_SITE_FACE);
    assert_int_equal(f->count, 1);
    assert_true(f->used);
    assert_true(fabs(f->score - 0.923) < 0.005);
    /* the pupils by eye, on an enlargement */
    assert_true(fabs(f->at[468].x - 203) < 1.5 && fabs(f->at[468].y - 101) < 1.5);
    assert_true(fabs(f->at[473].x - 246.5) < 1.5 && fabs(f->at[473].y - 103) < 1.5);
    assert_true(fabs(f->yaw_deg) < 10 && fabs(f->pitch_deg) < 15 && fabs(f->roll_deg - 3) < 2);
    for (int i = 0; i < DERM_LANDMARK_COUNT; i++)
        assert_true(f->at[i].x > 150 && f->at[i].x < 290 && f->at[i].y > 40 && f->at[i].y < 200);
}

static void box_has_its_golden_values(void **state)
{
    struct derm_detection d[4];
    struct derm_thumb thumb;
    const struct derm_crop whole = { 256, 256, 512, 1, 0 };
    struct derm_nn nn;
    int n;

    (void)state;
    need_portrait();
    face_in(DERM_SITE_FACE);
    nn = (struct derm_nn){ photo.models, &photo.k, photo.pool, &photo.photo.scratch };
    assert_int_equal(derm_thumb_new(&nn, nn.scratch, &thumb, &photo.photo.frame->rgb, NULL, 2),
                     DERM_OK);
    assert_int_equal(derm_face_detect(&nn, DERM_NET_FACE_SHORT, &thumb, &whole, 0.5, d, 4, &n),
                     DERM_OK);
    derm_arena_reset(nn.scratch, 0);
    assert_int_equal(n, 1);
    assert_true(fabs(d[0].x - d[0].width / 2 - 178) < 2 && fabs(d[0].y - d[0].height / 2 - 81) < 2);
    assert_true(fabs(d[0].x + d[0].width / 2 - 272) < 2 &&
                fabs(d[0].y + d[0].height / 2 - 175) < 2);
}

/* Turning the picture by a quarter turns the landmarks with it. */
static void turned_portrait_is_found(void **state)
{
    enum { SIDE = 512 };
    static uint8_t copy[SIDE][3 * SIDE];
    struct derm_face before;
    const struct derm_face *after;
    struct derm_rgb8 *rgb;

    (void)state;
    need_portrait();
    before = *face_in(DERM_SITE_FACE);
    rgb = &photo.photo.frame->rgb;
    for (int y = 0; y < SIDE; y++)
        memcpy(copy[y], derm_rgb8_row(rgb, y), sizeof(copy[y]));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) /* clockwise: old (x, y) goes to (SIDE - 1 - y, x) */
            memcpy(derm_rgb8_row(rgb, x) + 3 * (SIDE - 1 - y), &copy[y][3 * x], 3);
    after = face_again();
    assert_true(after->used);
    for (int i = 0; i < DERM_LANDMARK_COUNT; i++) {
        assert_true(fabs(after->at[i].x - (SIDE - 1 - before.at[i].y)) < 5);
        assert_true(fabs(after->at[i].y - before.at[i].x) < 5);
    }
    assert_true(fabs(after->roll_deg - before.roll_deg - 90) < 3);
}

static void covered_eyes_make_a_close_up(void **state)
{
    struct derm_rgb8 *rgb;

    (void)state;
    need_portrait();
    face_in(DERM_SITE_FACE);
    rgb = &photo.photo.frame->rgb;
    for (int y = 100; y < 125; y++)
        memset(derm_rgb8_row(rgb, y) + 3 * 170, 0, 3 * 110);
    assert_false(face_again()->used);
}

static void no_face_is_used_where_none_is_asked_for_or_seen(void **state)
{
    struct derm_rgb8 *rgb;

    (void)state;
    need_portrait();
    assert_int_equal(face_in(DERM_SITE_BODY)->count, 1);
    assert_false(photo.photo.frame->face.used);
    face_in(DERM_SITE_FACE);
    rgb = &photo.photo.frame->rgb;
    for (int y = 0; y < rgb->h; y++)
        for (int x = 0; x < 3 * rgb->w; x++)
            derm_rgb8_row(rgb, y)[x] = (uint8_t)(150 + (x * 7 + y * 13) % 23);
    assert_int_equal(face_again()->count, 0);
}

static void person_is_told_from_background(void **state)
{
    struct derm_nn nn;
    struct derm_plane p;

    (void)state;
    need_portrait();
    face_in(DERM_SITE_FACE);
    nn = (struct derm_nn){ photo.models, &photo.k, photo.pool, &photo.photo.scratch };
    assert_int_equal(derm_plane_new(&photo.photo.keep, &p, DERM_PERSON_SIZE, DERM_PERSON_SIZE),
                     DERM_OK);
    assert_int_equal(derm_person(&nn, &p, &photo.photo.frame->rgb), DERM_OK);
    assert_true(derm_row(&p, 64)[112] > 0.95f);  /* between the eyes */
    assert_true(derm_row(&p, 200)[100] > 0.95f); /* the suit */
    assert_true(derm_row(&p, 10)[30] < 0.2f);    /* the flag */
}

/* A head of known pose: the canonical mesh turned and projected. */
static void pose_is_what_it_was_made_with(void **state)
{
    static const double deg = 3.14159265358979323846 / 180;
    static const double angle[][3] = {
        { 0, 0, 0 }, { 25, 0, 0 }, { -40, 10, 0 }, { 10, -20, 30 }, { 5, 5, 170 }
    };
    const struct derm_mesh *const mesh = derm_models_mesh(photo.models);

    (void)state;
    for (size_t k = 0; k < sizeof(angle) / sizeof(angle[0]); k++) {
        const double cy = cos(angle[k][0] * deg), sy = sin(angle[k][0] * deg);
        const double cp = cos(angle[k][1] * deg), sp = sin(angle[k][1] * deg);
        const double cr = cos(angle[k][2] * deg), sr = sin(angle[k][2] * deg);
        static struct derm_face_points q;
        struct derm_face_pose pose;

        for (int i = 0; i < DERM_MESH_VERTICES; i++) {
            const double x = (double)mesh->xyz[i][0], y = (double)mesh->xyz[i][1];
            const double z = (double)mesh->xyz[i][2];
            const double y1 = cp * y + sp * z, z1 = cp * z - sp * y;   /* nod: up */
            const double x2 = cy * x + sy * z1, z2 = cy * z1 - sy * x; /* turn: to its left */

            q.x[i] = 20 * (cr * x2 + sr * y1) + 300; /* clockwise in the photo, y down */
            q.y[i] = 20 * (sr * x2 - cr * y1) + 200;
            q.z[i] = -20 * z2;
        }
        pose = derm_face_pose(mesh, &q);
        if (angle[k][2] == 0) {
            assert_true(fabs(pose.yaw_deg - angle[k][0]) < 1e-3);
            assert_true(fabs(pose.pitch_deg - angle[k][1]) < 1e-3);
        }
        if (angle[k][0] == 0 || k == 4) assert_true(fabs(pose.roll_deg - angle[k][2]) < 1);
    }
}

static int open_photo(void **state)
{
    (void)state;
    return face_photo_open(&photo, derm_cpu_detect(), 2) == DERM_OK ? 0 : -1;
}

static int close_photo(void **state)
{
    (void)state;
    face_photo_close(&photo);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(portrait_has_its_golden_values),
        cmocka_unit_test(box_has_its_golden_values),
        cmocka_unit_test(turned_portrait_is_found),
        cmocka_unit_test(covered_eyes_make_a_close_up),
        cmocka_unit_test(no_face_is_used_where_none_is_asked_for_or_seen),
        cmocka_unit_test(person_is_told_from_background),
        cmocka_unit_test(pose_is_what_it_was_made_with),
    };
    return cmocka_run_group_tests(tests, open_photo, close_photo);
}
