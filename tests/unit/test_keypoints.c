/* SPDX-License-Identifier: Apache-2.0 */
/* Keypoints: where blobs are, what size and direction they have, and that they are found again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/cpu.h"
#include "stages/keypoints.h"
#include "synthetic_pair.h"

static const struct derm_keypoint_params usual = { 400, 0.05f };

static void blank(struct world *w, struct derm_plane *p, int width, int height)
{
    must(derm_plane_new(&w->keep, p, width, height));
}

static void add_blob(struct derm_plane *p, double cx, double cy, double sigma, float height)
{
    for (int y = 0; y < p->h; y++)
        for (int x = 0; x < p->w; x++) {
            const double d2 = (x - cx) * (x - cx) + (y - cy) * (y - cy);
            derm_row(p, y)[x] += height * (float)exp(-0.5 * d2 / (sigma * sigma));
        }
}

static void a_blob_is_found_at_its_place_and_size(void **state)
{
    static const double sigma[] = { 2.2, 3.5, 6.0, 11.0 };

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct world *const w = world_new(0, 1);
        const struct derm_filter f = derm_run_filter(&w->run);
        struct derm_keypoint *k;
        struct derm_plane p;
        int n;

        blank(w, &p, 200, 180);
        add_blob(&p, 103.3, 88.6, sigma[i], i % 2 ? 4.0f : -4.0f);
        add_blob(&p, 103.3 + 1.2 * sigma[i], 88.6, 0.8 * sigma[i], 0.3f); /* gives it a direction */
        must(derm_keypoints_find(&f, &w->keep, &p, &usual, &k, &n));
        assert_true(n > 0);
        assert_true(hypot((double)k[0].x - 103.3, (double)k[0].y - 88.6) < 0.25 * sigma[i]);
        assert_true((double)k[0].sigma_px > 0.5 * sigma[i] &&
                    (double)k[0].sigma_px < 1.5 * sigma[i]);
        assert_true(fabsf(k[0].cosine * k[0].cosine + k[0].sine * k[0].sine - 1.0f) < 1e-4f);
        world_free(w);
    }
}

static void texture(struct world *w, struct derm_plane *p, int width, int height)
{
    blank(w, p, width, height);
    add_texture(w, p, 11, 1.5, 1.0f);
    add_texture(w, p, 12, 4.0, 1.0f);
}

/* A quarter turn is exact on pixels: every keypoint must come back, turned. */
static void a_quarter_turn_turns_the_keypoints(void **state)
{
    struct world *const w = world_new(0, 1);
    const struct derm_filter f = derm_run_filter(&w->run);
    struct derm_plane a, b;
    struct derm_keypoint *ka, *kb;
    struct derm_keypoint_match match[500];
    int na, nb, n, good = 0;

    (void)state;
    texture(w, &a, 160, 160);
    blank(w, &b, 160, 160);
    for (int y = 0; y < 160; y++)
        for (int x = 0; x < 160; x++)
            derm_row(&b, x)[159 - y] = derm_row(&a, y)[x];
    must(derm_keypoints_find(&f, &w->keep, &a, &usual, &ka, &na));
    must(derm_keypoints_find(&f, &w->keep, &b, &usual, &kb, &nb));
    assert_true(na > 60 && na <= 400);
    must(derm_keypoints_match(&f, ka, na, kb, nb, 0.95, match, &n));
    for (int i = 0; i < n; i++) {
        const struct derm_keypoint *const p = ka + match[i].a, *const q = kb + match[i].b;
        good += hypotf(q->x - (159.0f - p->y), q->y - p->x) < 1.0f &&
                hypotf(q->cosine + p->sine, q->sine - p->cosine) < 0.15f;
    }
    printf("%d keypoints, %d matched, %d right\n", na, n, good);
    assert_true(n > na * 6 / 10);
    assert_true(good > n * 95 / 100);
    world_free(w);
}

static void the_same_bytes_on_any_cpu(void **state)
{
    static const char *const name[] = { "avx2", "avx512", "neon" };
    struct world *const plain = world_new(0, 1);
    const struct derm_filter f = derm_run_filter(&plain->run);
    struct derm_keypoint *want;
    struct derm_plane p;
    int n;

    (void)state;
    texture(plain, &p, 220, 190);
    must(derm_keypoints_find(&f, &plain->keep, &p, &usual, &want, &n));
    for (int i = 0; i < 3; i++) {
        struct derm_keypoint *got;
        struct derm_filter other;
        struct world *w;
        unsigned cpu;
        int m;

        if (!derm_cpu_parse(name[i], &cpu)) continue;
        w = world_new(cpu, 2);
        other = derm_run_filter(&w->run);
        must(derm_keypoints_find(&other, &w->keep, &p, &usual, &got, &m));
        assert_int_equal(m, n);
        assert_memory_equal(got, want, sizeof(*want) * (size_t)n);
        world_free(w);
    }
    world_free(plain);
}

static void odd_images_give_nothing(void **state)
{
    static const int size[][2] = { { 1, 1 }, { 23, 300 }, { 24, 24 }, { 100, 90 } };
    struct world *const w = world_new(0, 1);
    const struct derm_filter f = derm_run_filter(&w->run);

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct derm_keypoint_match match;
        struct derm_keypoint *k;
        struct derm_plane p;
        int n, matches;

        blank(w, &p, size[i][0], size[i][1]);
        must(derm_keypoints_find(&f, &w->keep, &p, &usual, &k, &n));
        assert_int_equal(n, 0);
        must(derm_keypoints_match(&f, k, 0, k, 0, 0.95, &match, &matches));
        assert_int_equal(matches, 0);
    }
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blob_is_found_at_its_place_and_size),
        cmocka_unit_test(a_quarter_turn_turns_the_keypoints),
        cmocka_unit_test(the_same_bytes_on_any_cpu),
        cmocka_unit_test(odd_images_give_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
