/* SPDX-License-Identifier: Apache-2.0 */
/* The analysis grid: part, resolution, optical density. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "stages/stages.h"

enum { W = 300, H = 200 };

struct bed { /* a photo of W x H, linear light = (x + 1) / 1000 */
    struct derm_error err;
    struct derm_arena keep, scratch;
    struct derm_kernels k;
    struct derm_pool *pool;
    struct derm_frame frame[2];
    struct derm_pair pair;
    struct derm_run run;
};

static int set_up(void **state)
{
    static struct bed bed;
    struct bed *const b = &bed;

    memset(b, 0, sizeof(*b));
    *state = b;
    if (derm_arena_init(&b->keep, (size_t)64 << 20, &b->err) != DERM_OK) return 1;
    if (derm_arena_init(&b->scratch, (size_t)64 << 20, &b->err) != DERM_OK) return 1;
    if (derm_pool_new(&b->pool, 1, &b->err) != DERM_OK) return 1;
    derm_kernels_init(&b->k, 0);
    for (int i = 0; i < 2; i++) {
        struct derm_frame *const f = &b->frame[i];
        f->source.width = f->light.w = W;
        f->source.height = f->light.h = H;
        f->scale.source = DERM_SCALE_USER;
        f->scale.px_per_mm = 10.0;
        if (derm_mask_new(&b->keep, &f->clipped, W, H) != DERM_OK) return 1;
        for (int c = 0; c < 3; c++) {
            if (derm_plane_new(&b->keep, &f->light.plane[c], W, H) != DERM_OK) return 1;
            for (int y = 0; y < H; y++)
                for (int x = 0; x < W; x++)
                    derm_row(&f->light.plane[c], y)[x] = (float)(x + 1) * 1e-3f;
        }
    }
    b->pair.base = &b->frame[0];
    b->pair.follow = &b->frame[1];
    b->run = (struct derm_run){ .err = &b->err,
                                .keep = &b->keep,
                                .scratch = &b->scratch,
                                .k = &b->k,
                                .pool = b->pool,
                                .frame = &b->frame[0] };
    return 0;
}

static int tear_down(void **state)
{
    struct bed *const b = *state;

    derm_pool_free(b->pool);
    derm_arena_free(&b->keep);
    derm_arena_free(&b->scratch);
    return 0;
}

static const struct derm_view *grid_of(struct bed *b, int i)
{
    unsigned char params[DERM_MAX_PARAMS] = { 0 };

    derm_opt_defaults(derm_stage_grid.opts, params);
    b->run.frame = &b->frame[i];
    assert_int_equal(derm_stage_grid.run(&b->run, params), DERM_OK);
    return &b->frame[i].view;
}

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("got %.9g, expected %.9g +- %g", got, expected, tolerance);
}

static void a_coarse_photo_is_measured_as_it_is(void **state)
{
    const struct derm_view *const v = grid_of(*state, 0);

    assert_near(v->grid.step, 1.0, 0.0);
    assert_near(v->grid.px_per_mm, 10.0, 0.0);
    assert_int_equal(v->grid.w, W);
    assert_int_equal(v->grid.h, H);
    assert_near((double)derm_row(&v->od[1], 7)[99], -log(0.1), 1e-6);
    assert_near((double)derm_row(&v->od[1], 7)[0], -log(0.002), 1e-6); /* the floor */
}

/* Light is averaged, not its logarithm: the mean of the ramp over grid pixel 10. */
static void a_fine_photo_is_thinned_to_the_target(void **state)
{
    struct bed *const b = *state;
    const struct derm_view *v;

    b->frame[0].scale.px_per_mm = 27.5;
    v = grid_of(b, 0);
    assert_near(v->grid.step, 2.5, 1e-9);
    assert_near(v->grid.px_per_mm, 11.0, 1e-5);
    assert_int_equal(v->grid.w, 120);
    assert_near((double)derm_row(&v->od[0], 3)[10], -log((25.0 + 0.5 + 1.25) * 1e-3), 2e-3);
}

/* Both ends of the scale are told apart by the light that is there; a colour that takes all of two
 * channels is neither. */
static void clipping_is_sampled(void **state)
{
    struct bed *const b = *state;
    struct derm_frame *const f = &b->frame[0];
    const struct derm_clipping *const c = &f->clipping;

    for (int x = 0; x < 100; x++) {
        derm_mask_row(&f->clipped, 20)[x] = 0xff;
        derm_row(&f->light.plane[2], 20)[x] = x < 30 ? 0.01f : x < 50 ? 0.3f : 0.9f;
    }
    grid_of(b, 0);
    assert_int_equal(c->at.step, 1);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const bool low = y == 20 && x < 30, high = y == 20 && x >= 50 && x < 100;

            assert_int_equal(derm_mask_row(&c->low, y)[x], low ? 0xff : 0);
            assert_int_equal(derm_mask_row(&c->high, y)[x], high ? 0xff : 0);
        }
}

static void a_pair_takes_the_coarser_resolution(void **state)
{
    struct bed *const b = *state;

    b->run.pair = &b->pair;
    b->frame[1].scale.px_per_mm = 6.0;
    assert_near(grid_of(b, 0)->grid.step, 10.0 / 6.0, 1e-9);
    assert_near(grid_of(b, 1)->grid.step, 1.0, 0.0);
    assert_near(b->frame[0].view.grid.px_per_mm, b->frame[1].view.grid.px_per_mm, 0.0);
}

static void an_unknown_scale_follows_the_match(void **state)
{
    struct bed *const b = *state;

    b->run.pair = &b->pair;
    b->pair.match.found = true;
    b->pair.match.scale_ratio = 0.5; /* the follow-up has half the resolution on the skin */
    b->frame[1].scale.source = DERM_SCALE_UNKNOWN;
    b->frame[1].scale.px_per_mm = 99.0;
    assert_near(grid_of(b, 0)->grid.step, 2.0, 1e-9);
    assert_near(grid_of(b, 1)->grid.step, 1.0, 0.0);
    assert_near(b->frame[0].view.grid.px_per_mm, 5.0, 1e-9);
    assert_near(b->frame[1].view.grid.px_per_mm, 5.0, 1e-9);
    b->frame[0].scale.source = DERM_SCALE_UNKNOWN;
    assert_near(grid_of(b, 0)->grid.step, 2.0, 1e-9);
    b->frame[1].scale.source = DERM_SCALE_USER;
    b->frame[1].scale.px_per_mm = 4.0;
    assert_near(grid_of(b, 0)->grid.px_per_mm, 4.0, 1e-9);
    assert_near(b->frame[0].view.grid.step, 2.0, 1e-9);
}

static void the_users_region_has_a_margin(void **state)
{
    struct bed *const b = *state;
    const struct derm_view *v;

    assert_int_equal(derm_mask_new(&b->keep, &b->frame[0].user_roi, W, H), DERM_OK);
    for (int y = 80; y < 90; y++)
        memset(derm_mask_row(&b->frame[0].user_roi, y) + 100, 0xff, 21);
    v = grid_of(b, 0);
    assert_near(v->grid.x0, 60.0, 0.0);
    assert_near(v->grid.y0, 40.0, 0.0);
    assert_int_equal(v->grid.w, 101);
    assert_int_equal(v->grid.h, 90);
    b->frame[0].user_roi.px = NULL;
}

/* A face 60 wide and 80 high, upright and lying on its side; the neck is sought below both. */
static void a_face_gets_its_forehead_and_neck(void **state)
{
    struct bed *const b = *state;
    struct derm_face *const face = &b->frame[0].face;

    for (int lying = 0; lying < 2; lying++) {
        for (int i = 0; i < DERM_LANDMARK_COUNT; i++) {
            const double x = 30.0 * cos(i), y = -40.0 * sin(i);
            face->at[i] = (struct derm_point){ 150.0 + (lying ? -y : x), 100.0 + (lying ? x : y) };
        }
        face->at[10] = (struct derm_point){ 150.0 + (lying ? 40.0 : 0.0), lying ? 100.0 : 60.0 };
        face->at[152] = (struct derm_point){ 150.0 - (lying ? 40.0 : 0.0), lying ? 100.0 : 140.0 };
        face->used = true;
        const struct derm_grid *const g = &grid_of(b, 0)->grid;
        assert_near(g->x0, lying ? 102.0 : 111.0, 1.01);
        assert_near(g->y0, lying ? 61.0 : 32.0, 1.01);
        assert_near(g->w, lying ? 116.0 : 78.0, 2.01);
        assert_near(g->h - g->neck_h, lying ? 78.0 : 116.0, 2.01);
        assert_near(g->neck_h, 20.0, 1.01);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_coarse_photo_is_measured_as_it_is),
        TEST(a_fine_photo_is_thinned_to_the_target),
        TEST(clipping_is_sampled),
        TEST(a_pair_takes_the_coarser_resolution),
        TEST(an_unknown_scale_follows_the_match),
        TEST(the_users_region_has_a_margin),
        TEST(a_face_gets_its_forehead_and_neck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
