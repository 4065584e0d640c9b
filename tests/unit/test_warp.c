/* SPDX-License-Identifier: Apache-2.0 */
/* The follow-up on the baseline's grid: the same values at the same tissue, and a shrinking spot
 * that stays a shrinking spot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "synthetic_pair.h"

static const double px_per_mm = 8.0;

/* Optical density. A hollow is shade, the same in each channel. */
static const float spot[3] = { 0.15f, 0.25f, 0.325f }, hollow[3] = { 0.08f, 0.08f, 0.08f };

/* A spot with a soft edge. */
static void add_spot(struct derm_view *v, double cx, double cy, double radius_px,
                     const float density[3])
{
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < v->grid.h; y++)
            for (int x = 0; x < v->grid.w; x++) {
                const double d = hypot(x - cx, y - cy) - radius_px;
                const double part = clampd(0.5 - d / 3.0, 0.0, 1.0);
                derm_row(&v->od[c], y)[x] += density[c] * (float)part;
            }
}

static double area_above(const struct derm_view *v, const struct derm_view *clean, double cx,
                         double cy, float limit)
{
    double n = 0.0;

    for (int y = (int)cy - 30; y <= (int)cy + 30; y++)
        for (int x = (int)cx - 30; x <= (int)cx + 30; x++)
            n += derm_row(&v->od[1], y)[x] - derm_row(&clean->od[1], y)[x] > limit;
    return n;
}

static struct world *plain_pair(struct known_map *m, double bend_mm)
{
    struct world *const w = world_new(0, 1);

    make_view(w, &w->base.view, 400, 440, px_per_mm, 7);
    w->base.scale = w->follow.scale = (struct derm_scale){ DERM_SCALE_USER, px_per_mm, 0.0 };
    *m = known_map(&w->base.view.grid, 0.05, 1.02, bend_mm, 1.0);
    return w;
}

static void values_follow_the_tissue(void **state)
{
    struct known_map m;
    struct world *const w = plain_pair(&m, 0.8);
    double sum = 0.0, square = 0.0;
    long n = 0;

    (void)state;
    make_follow(w, &m, 0.25f);
    finish_view(w, &w->base.view, 100);
    finish_view(w, &w->follow.view, 200);
    make_match(w, &m, 0.5);
    world_run(w, &derm_stage_register);
    world_run(w, &derm_stage_warp);
    assert_true(w->pair.registration.accepted);
    assert_int_equal(w->pair.warped.grid.w, 400);
    for (int y = 0; y < 440; y++)
        for (int x = 0; x < 400; x++) {
            const double d = (double)derm_row(&w->pair.warped.od[1], y)[x] -
                             (double)derm_row(&w->base.view.od[1], y)[x];
            if (!derm_mask_row(&w->pair.common, y)[x]) continue;
            assert_true(derm_mask_row(&w->base.view.skin, y)[x] != 0);
            sum += d;
            square += d * d;
            n++;
        }
    printf("common %.2f, difference %.4f sd %.4f (noise alone .011)\n", (double)n / (400 * 440),
           sum / (double)n, sqrt(square / (double)n - sum / (double)n * sum / (double)n));
    assert_true((double)n > 0.8 * 400 * 440);
    assert_true(fabs(sum / (double)n - 0.25) < 0.001);
    assert_true(sqrt(square / (double)n - sum / (double)n * sum / (double)n) < 0.016);
    world_free(w);
}

/* The stage gives the follow-up back, but where untreated skin is drawn. */
static void warp_along(struct world *w, const struct derm_registration *r)
{
    w->pair.registration = *r;
    w->follow.user_control = w->follow.view.skin;
    world_run(w, &derm_stage_warp);
}

/* Share of the spots' area that is gone on the warped follow-up. */
static double area_lost(struct world *w, struct world *clean, const struct derm_registration *r,
                        float limit)
{
    double before = 0.0, after = 0.0;

    warp_along(w, r);
    warp_along(clean, r);
    for (int k = 0; k < 9; k++) {
        const double x = 90 + k % 3 * 100, y = 110 + k / 3 * 100;
        before += area_above(&w->base.view, &clean->base.view, x, y, limit);
        after += area_above(&w->pair.warped, &clean->pair.warped, x, y, limit);
    }
    return 1.0 - after / before;
}

/* Spots shrink from 1.25 to 1 mm radius: 36 % of their area. Lined up with the spots in the
 * picture, nearly as much must be seen as when the same skin is lined up without them
 * (algorithms.md 13, target 16: at least 95 % of the loss; an unguarded flow hid a quarter of it,
 * one that followed the edges of hollows 6 % of theirs). */
static void expect_shrinking_to_be_seen(const float density[3])
{
    struct known_map m;
    struct world *const w = plain_pair(&m, 0.4), *const clean = plain_pair(&m, 0.4);
    struct derm_registration with_spots, without;
    double seen, ideal;

    make_follow(w, &m, 0.0f);
    make_follow(clean, &m, 0.0f);
    for (int k = 0; k < 9; k++) {
        /* where the map puts the baseline's spot on the follow-up */
        const double bx = 90 + k % 3 * 100, by = 110 + k / 3 * 100;
        double x = bx, y = by;
        for (int round = 0; round < 30; round++) {
            const struct derm_point at = known_base(&m, x, y);
            x += bx - at.x;
            y += by - at.y;
        }
        add_spot(&w->base.view, bx, by, 1.25 * px_per_mm, density);
        add_spot(&w->follow.view, x, y, 1.0 * px_per_mm, density);
    }
    finish_view(w, &w->base.view, 100);
    finish_view(w, &w->follow.view, 200);
    finish_view(clean, &clean->base.view, 100);
    finish_view(clean, &clean->follow.view, 200);
    make_match(w, &m, 0.5);
    make_match(clean, &m, 0.5);
    world_run(w, &derm_stage_register);
    world_run(clean, &derm_stage_register);
    with_spots = w->pair.registration;
    without = clean->pair.registration;
    seen = area_lost(w, clean, &with_spots, density[1] / 2);
    ideal = area_lost(w, clean, &without, density[1] / 2);
    printf("area lost: %.1f %% seen, %.1f %% when lined up without the spots\n", 100.0 * seen,
           100.0 * ideal);
    assert_true(ideal > 0.28);
    assert_true(seen > 0.97 * ideal);
    world_free(w);
    world_free(clean);
}

static void shrinking_spots_are_seen_to_shrink(void **state)
{
    (void)state;
    expect_shrinking_to_be_seen(spot);
}

static void shrinking_hollows_are_seen_to_shrink(void **state)
{
    (void)state;
    expect_shrinking_to_be_seen(hollow);
}

static void too_little_common_skin_is_refused(void **state)
{
    struct known_map m;
    struct world *const w = plain_pair(&m, 0.2);

    (void)state;
    make_follow(w, &m, 0.0f);
    must(derm_mask_new(&w->keep, &w->follow.view.skin, 400, 440));
    for (int y = 180; y < 280; y++)
        memset(derm_mask_row(&w->follow.view.skin, y) + 150, 0xff, 120);
    finish_view(w, &w->base.view, 100);
    finish_view(w, &w->follow.view, 200);
    make_match(w, &m, 0.1);
    world_run(w, &derm_stage_register);
    world_run(w, &derm_stage_warp);
    assert_int_equal(w->pair.comparability, DERM_INCOMPARABLE);
    assert_int_equal(w->pair.finding[w->pair.n - 1].reason, DERM_REASON_NO_COMMON_SKIN);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_follow_the_tissue),
        cmocka_unit_test(shrinking_spots_are_seen_to_shrink),
        cmocka_unit_test(shrinking_hollows_are_seen_to_shrink),
        cmocka_unit_test(too_little_common_skin_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
