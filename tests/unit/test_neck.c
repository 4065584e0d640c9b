/* SPDX-License-Identifier: Apache-2.0 */
/* The neck: parted from the head, lined up by itself or not compared, and skin again after that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "stages/field.h"
#include "stages/mask_ops.h"
#include "synthetic_pair.h"

/* Finer than registration works at, so that its pixels are no whole ones. */
enum { PX_PER_MM = 7, W = 60 * PX_PER_MM, H = 100 * PX_PER_MM, JAW = 60 * PX_PER_MM };
enum { GAP = 4 * PX_PER_MM, MOVED = 3 * PX_PER_MM, SIDE = 20 * PX_PER_MM };
/* Beside the jaw the region of the neck reaches up the head as far, on the right side. */
enum { STRIP = 6 * PX_PER_MM };
static const uint32_t all = 1u << DERM_REGION_CHIN | 1u << DERM_REGION_NECK;
enum { MIDDLE = W / 2, HEAD = JAW / 2, NECK = JAW + GAP + (H - JAW - GAP) / 2 };

/* Head above, neck below the jaw, GAP apart; all of it skin but what is SIDE beside the neck. */
static void divide(struct world *w, struct derm_view *v)
{
    must(derm_mask_new(&w->keep, &v->skin, W, H));
    must(derm_mask_new(&w->keep, &v->gloss, W, H));
    must(derm_bits_new(&w->keep, &v->regions, W, H));
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            const bool head = y < JAW && (x < W - STRIP || y < JAW - STRIP);
            const enum derm_region r = head ? DERM_REGION_CHIN : DERM_REGION_NECK;

            derm_mask_row(&v->skin, y)[x] = y < JAW || x >= SIDE ? 0xff : 0x00;
            if (y < JAW || y >= JAW + GAP) derm_bits_row(&v->regions, y)[x] = (uint16_t)(1u << r);
        }
    v->grid.neck_h = H - JAW;
    v->regions_visible = all;
}

static void part(struct world *w, struct derm_frame *photo)
{
    photo->face.used = true;
    w->run.frame = photo;
    world_run(w, &derm_stage_part_neck);
}

/* A head that is where it was; neck: whose skin the follow-up's neck is, moved to the left; seen:
 * regions that the follow-up shows. */
static struct world *pair_with_neck(const struct derm_view *(*neck)(struct world *w), uint32_t seen)
{
    struct world *const w = world_new(0, 1);
    const struct derm_view *from;
    struct known_map m;

    make_view(w, &w->base.view, W, H, PX_PER_MM, 7);
    m = known_map(&w->base.view.grid, 0, 1, 0, 0);
    make_follow(w, &m, 0.1f);
    from = neck(w);
    for (int c = 0; c < 3; c++)
        for (int y = JAW; y < H; y++)
            for (int x = 0; x < W - MOVED; x++)
                derm_row(&w->follow.view.od[c], y)[x] = derm_row(&from->od[c], y)[x + MOVED];
    finish_view(w, &w->base.view, 100);
    finish_view(w, &w->follow.view, 200);
    divide(w, &w->base.view);
    divide(w, &w->follow.view);
    w->follow.view.regions_visible = seen;
    w->base.scale = w->follow.scale = (struct derm_scale){ DERM_SCALE_USER, PX_PER_MM, 0.0 };
    make_match(w, &m, 0.0);
    part(w, &w->base);
    part(w, &w->follow);
    w->base.face.used = w->follow.face.used = false; /* no landmarks: the match alone */
    world_run(w, &derm_stage_register);
    world_run(w, &derm_stage_warp);
    w->base.face.used = true;
    return w;
}

static const struct derm_view *same_neck(struct world *w)
{
    return &w->base.view;
}

static const struct derm_view *other_neck(struct world *w)
{
    static struct derm_view other;

    make_view(w, &other, W, H, PX_PER_MM, 70);
    return &other;
}

/* Share of [x0, x1) x [y0, y1) that is set. */
static double share_of(const struct derm_mask *m, int x0, int x1, int y0, int y1)
{
    double n = 0;

    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            n += derm_mask_row(m, y)[x] != 0;
    return n / (y1 - y0) / (x1 - x0);
}

/* Of the rows, away from the sides of the neck. */
static double share(const struct derm_mask *m, int y0, int y1)
{
    return share_of(m, SIDE + 2 * MOVED, W - 2 * MOVED, y0, y1);
}

/* Of the head's skin beside the jaw that lies in the neck's region. */
static double share_of_strip(const struct derm_mask *m)
{
    return share_of(m, W - STRIP, W - PX_PER_MM, JAW - STRIP, JAW - PX_PER_MM);
}

static void a_neck_that_moved_is_lined_up_by_itself(void **state)
{
    struct world *const w = pair_with_neck(same_neck, all);
    const struct derm_registration *const r = &w->pair.registration;

    (void)state;
    assert_true(r->accepted);
    assert_non_null(r->of_neck.px);
    assert_true(fabs(derm_field_at(&r->map, MIDDLE, HEAD).x - MIDDLE) < 0.2);
    assert_true(fabs(derm_field_at(&r->map, MIDDLE, JAW - 3).x - MIDDLE) < 0.2);
    assert_true(fabs(derm_field_at(&r->map, MIDDLE, NECK).x - (MIDDLE - MOVED)) < 0.2);
    assert_true(fabs(derm_field_at(&r->map, MIDDLE, NECK).y - NECK) < 0.2);
    assert_true(share(&w->pair.common, JAW + GAP, H) == 0); /* of the head alone, until */
    assert_true(share_of_strip(&w->base.view.skin) == 1);
    assert_true(share_of_strip(&w->pair.common) == 0); /* lined up as the neck is */
    world_run(w, &derm_stage_join_neck);
    assert_true(share(&w->pair.common, JAW + GAP, H - GAP) > 0.95);
    assert_true(share(&w->base.view.skin, JAW + GAP, H) > 0.95);
    world_free(w);
}

static void another_neck_is_not_compared(void **state)
{
    struct world *const w = pair_with_neck(other_neck, all);

    (void)state;
    assert_true(w->pair.registration.accepted);
    assert_null(w->pair.registration.of_neck.px);
    assert_true(fabs(derm_field_at(&w->pair.registration.map, MIDDLE, HEAD).x - MIDDLE) < 0.2);
    assert_true(share_of_strip(&w->pair.common) > 0.9);
    world_run(w, &derm_stage_join_neck);
    assert_true(share(&w->pair.common, 0, JAW - GAP) > 0.95);
    assert_true(share(&w->pair.common, JAW + GAP, H) == 0);
    world_free(w);
}

static void a_neck_that_one_photo_hides_is_not_compared(void **state)
{
    struct world *const w = pair_with_neck(same_neck, 1u << DERM_REGION_CHIN);

    (void)state;
    assert_true(w->pair.registration.accepted);
    assert_null(w->pair.registration.of_neck.px);
    world_free(w);
}

/* A photo whose neck is dark from JAW + GAP to SHADE, with untreated skin at the bottom. */
static void shade_and_untreated_skin(void **state)
{
    enum { SHADE = JAW + 15 * PX_PER_MM, UNTREATED = H - 5 * PX_PER_MM };
    struct world *const w = world_new(0, 1);
    struct derm_view *const v = &w->base.view;

    (void)state;
    make_view(w, v, W, H, PX_PER_MM, 7);
    divide(w, v);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            if (y < SHADE) derm_row(&v->od[1], y)[x] += 0.8f;
            if (y >= UNTREATED) derm_bits_row(&v->regions, y)[x] |= 1u << DERM_REGION_CONTROL;
        }
    part(w, &w->base);
    assert_true(share(&v->skin, 0, JAW) == 1);
    assert_true(share(&v->skin, JAW, UNTREATED) == 0);
    assert_true(share(&v->skin, UNTREATED, H) == 1);
    assert_true(share(&v->neck, 0, SHADE - PX_PER_MM) == 0);
    assert_true(share(&v->neck, SHADE + 3 * PX_PER_MM, UNTREATED) == 1);
    assert_true(share(&v->neck, UNTREATED, H) == 0);
    v->regions_visible = 1u << DERM_REGION_CHIN;
    part(w, &w->base);
    assert_true(derm_mask_count(&v->neck) == 0);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_neck_that_moved_is_lined_up_by_itself),
        cmocka_unit_test(another_neck_is_not_compared),
        cmocka_unit_test(a_neck_that_one_photo_hides_is_not_compared),
        cmocka_unit_test(shade_and_untreated_skin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
