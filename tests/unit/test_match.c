/* SPDX-License-Identifier: Apache-2.0 */
/* The rough match of close-ups: turned, nearer or farther, other skin, a watermark, the same file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "stages/vote.h"
#include "synthetic_pair.h"

static void sized(struct derm_light *light)
{
    light->w = light->plane[0].w;
    light->h = light->plane[0].h;
}

/* light of both photos, from density planes; the follow-up through the map. */
static void make_photos(struct world *w, const struct known_map *m, uint64_t follow_seed)
{
    make_view(w, &w->base.view, 480, 560, 8.0, 7);
    if (follow_seed)
        make_view(w, &w->follow.view, 480, 560, 8.0, follow_seed);
    else
        make_follow(w, m, 0.2f);
    finish_view(w, &w->base.view, 100);
    finish_view(w, &w->follow.view, 200);
    for (int c = 0; c < 3; c++) {
        struct derm_plane *const plane[2] = { &w->base.view.od[c], &w->follow.view.od[c] };
        for (int i = 0; i < 2; i++)
            for (int y = 0; y < plane[i]->h; y++)
                for (int x = 0; x < plane[i]->w; x++)
                    derm_row(plane[i], y)[x] = expf(-derm_row(plane[i], y)[x]);
        w->base.light.plane[c] = *plane[0];
        w->follow.light.plane[c] = *plane[1];
    }
    sized(&w->base.light);
    sized(&w->follow.light);
}

/* Largest error of the match over the photo's middle, px. */
static double match_error(const struct world *w, const struct known_map *m)
{
    const double(*const a)[3] = w->pair.match.follow_from_base;
    double worst = 0.0;

    for (int y = 120; y <= 440; y += 80)
        for (int x = 100; x <= 380; x += 70) {
            const struct derm_point back = known_base(m, a[0][0] * x + a[0][1] * y + a[0][2],
                                                      a[1][0] * x + a[1][1] * y + a[1][2]);
            worst = fmax(worst, hypot(back.x - x, back.y - y));
        }
    return worst;
}

static void turned_and_scaled_skin_is_found(void **state)
{
    static const struct {
        double turn_deg, scale;
    } view[] = { { 0, 1 },   { 20, 1.1 },  { -45, 1 }, { 45, 0.9 },
                 { 5, 0.5 }, { -10, 2.2 }, { 0, 2.4 }, { 30, 0.42 } };

    (void)state;
    for (size_t i = 0; i < sizeof(view) / sizeof(view[0]); i++) {
        struct world *const w = world_new(0, 1);
        const struct derm_grid g = { 0, 0, 1, 480, 560, 8.0, 0 };
        const struct known_map m =
            known_map(&g, view[i].turn_deg * 3.14159265 / 180, view[i].scale, 0.2, 1.0);
        make_photos(w, &m, 0);
        world_run(w, &derm_stage_match);
        printf("turn %4.0f deg, scale %.2f: %d inliers, off by %.1f px\n", view[i].turn_deg,
               view[i].scale, w->pair.match.inliers,
               w->pair.match.found ? match_error(w, &m) : -1.0);
        assert_true(w->pair.match.found);
        assert_true(match_error(w, &m) < 8.0);
        assert_true(fabs(w->pair.match.scale_ratio * view[i].scale - 1.0) < 0.03);
        world_free(w);
    }
}

static void other_skin_gives_few_inliers(void **state)
{
    struct world *const w = world_new(0, 1);

    (void)state;
    make_photos(w, NULL, 70);
    world_run(w, &derm_stage_match);
    printf("other skin: %d inliers\n", w->pair.match.inliers);
    assert_true(w->pair.match.inliers < 15);
    world_free(w);
}

/* The same hard-edged mark at the same place of both photos must not hold the match back. */
static void watermark_does_not_pull(void **state)
{
    struct world *const w = world_new(0, 1);
    const struct derm_grid g = { 0, 0, 1, 480, 560, 8.0, 0 };
    const struct known_map m = known_map(&g, 0.05, 1.0, 0.2, 3.0);

    (void)state;
    make_photos(w, &m, 0);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < 560; y++)
            for (int x = 0; x < 480; x++)
                if (y > 240 && y < 320 && (x * x + 3 * y * 7 + x * y / 5) % 97 < 16 &&
                    (x / 9 + y / 9) % 5 == 0) {
                    derm_row(&w->base.light.plane[c], y)[x] = 0.95f;
                    derm_row(&w->follow.light.plane[c], y)[x] = 0.95f;
                }
    world_run(w, &derm_stage_match);
    printf("watermark: %d inliers, off by %.1f px\n", w->pair.match.inliers, match_error(w, &m));
    assert_true(w->pair.match.found);
    assert_true(match_error(w, &m) < 8.0);
    world_free(w);
}

/* 40 matches that sit still against 30 that moved and turned together, and 30 at random. */
static void still_matches_are_outvoted(void **state)
{
    enum { STILL = 40, MOVED = 30, RANDOM = 30, ALL = STILL + MOVED + RANDOM };
    const struct derm_vote_params params = { 1000, 0.03, 0.35, 2.8, 0.15 };
    struct world *const w = world_new(0, 1);
    struct derm_keypoint a[ALL] = { 0 }, b[ALL] = { 0 };
    struct derm_keypoint_match match[ALL];
    struct derm_vote vote;
    uint64_t seed = 3;

    (void)state;
    for (int i = 0; i < ALL; i++) {
        a[i].x = 500.0f + 150.0f * noise(&seed);
        a[i].y = 500.0f + 150.0f * noise(&seed);
        a[i].sigma_px = b[i].sigma_px = 3.0f;
        a[i].cosine = b[i].cosine = 1.0f;
        b[i].x = i < STILL ? a[i].x : i < STILL + MOVED ? a[i].x + 90.0f : 900.0f * (float)i / ALL;
        b[i].y = i < STILL ? a[i].y : i < STILL + MOVED ? a[i].y - 70.0f : a[i].x;
        match[i] = (struct derm_keypoint_match){ i, i };
    }
    must(derm_vote_similarity(&w->scratch, a, b, match, ALL, &params, &vote));
    assert_true(fabs(vote.from_a.a - 1.0) < 0.05 && fabs(vote.from_a.b) < 0.05);
    assert_true(fabs(derm_similarity_apply(&vote.from_a, (struct derm_point){ 500, 500 }).x - 590) <
                10.0);
    world_free(w);
}

static void same_file_is_the_identity(void **state)
{
    struct world *const w = world_new(0, 1);
    const struct derm_grid g = { 0, 0, 1, 480, 560, 8.0, 0 };
    const struct known_map m = known_map(&g, 0.0, 1.0, 0.0, 0.0);

    (void)state;
    make_photos(w, &m, 0);
    for (int c = 0; c < 3; c++)
        w->follow.light.plane[c] = w->base.light.plane[c];
    world_run(w, &derm_stage_match);
    assert_true(w->pair.match.found);
    assert_true(w->pair.match.inlier_fraction > 0.95);
    assert_true(match_error(w, &m) < 1e-3);
    world_free(w);
}

static void tiny_and_flat_photos_are_not_found(void **state)
{
    static const int size[] = { 1, 7, 200 };

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct world *const w = world_new(0, 1);
        for (int c = 0; c < 3; c++) {
            must(derm_plane_new(&w->keep, &w->base.light.plane[c], size[i], size[i]));
            must(derm_plane_new(&w->keep, &w->follow.light.plane[c], 200, 1));
        }
        sized(&w->base.light);
        sized(&w->follow.light);
        world_run(w, &derm_stage_match);
        assert_false(w->pair.match.found);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turned_and_scaled_skin_is_found),
        cmocka_unit_test(other_skin_gives_few_inliers),
        cmocka_unit_test(watermark_does_not_pull),
        cmocka_unit_test(still_matches_are_outvoted),
        cmocka_unit_test(same_file_is_the_identity),
        cmocka_unit_test(tiny_and_flat_photos_are_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
