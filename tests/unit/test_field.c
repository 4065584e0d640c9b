/* SPDX-License-Identifier: Apache-2.0 */
/* Maps on a lattice, and the global maps that start them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stages/bend.h"
#include "stages/field.h"
#include "synthetic_pair.h"

/* x' = 1.1 x - 0.2 y + 5 and so on: fields keep affine maps exactly, inside and outside. */
static struct derm_point affine(double x, double y)
{
    return (struct derm_point){ 1.1 * x - 0.2 * y + 5.0, 0.2 * x + 1.05 * y - 3.0 };
}

static void fill(struct derm_field *f)
{
    for (int j = 0; j < f->x.h; j++)
        for (int i = 0; i < f->x.w; i++) {
            const struct derm_point at = affine(derm_field_node(f, i), derm_field_node(f, j));
            derm_row(&f->x, j)[i] = (float)at.x;
            derm_row(&f->y, j)[i] = (float)at.y;
        }
}

static void a_field_carries_an_affine_map_on(void **state)
{
    struct world *const w = world_new(0, 1);
    struct derm_field f;
    struct derm_plane x, y;

    (void)state;
    must(derm_field_new(&w->keep, &f, 50, 41, 8));
    fill(&f);
    for (int k = -30; k < 120; k += 7) {
        const struct derm_point at = derm_field_at(&f, k, 60 - k), want = affine(k, 60 - k);
        assert_true(fabs(at.x - want.x) < 1e-3 && fabs(at.y - want.y) < 1e-3);
    }
    must(derm_plane_new(&w->keep, &x, 70, 50));
    must(derm_plane_new(&w->keep, &y, 70, 50));
    for (int j = 0; j < 50; j++) {
        const struct derm_field_window window = { -6, -4, 1, 2, 0.5 };
        derm_nodes_row(&w->k, derm_row(&x, j), 70, &f.x, 8, &window, j);
        derm_nodes_row(&w->k, derm_row(&y, j), 70, &f.y, 8, &window, j);
    }
    for (int j = 0; j < 50; j++)
        for (int i = 0; i < 70; i++) {
            const struct derm_point want = affine(i - 6, j - 4);
            assert_true(fabs((double)derm_row(&x, j)[i] - (2 * want.x + 0.5)) < 1e-3);
            assert_true(fabs((double)derm_row(&y, j)[i] - (2 * want.y + 0.5)) < 1e-3);
        }
    world_free(w);
}

/* On skin of any shape, and as if the rest were not there; nothing on a line. */
static void the_affine_map_of_a_part_is_found(void **state)
{
    struct world *const w = world_new(0, 1);
    struct derm_field f;
    struct derm_affine m;
    struct derm_mask skin;

    (void)state;
    must(derm_field_new(&w->keep, &f, 50, 41, 4));
    must(derm_mask_new(&w->keep, &skin, 50, 41));
    fill(&f);
    for (int j = 0; j < 41; j++)
        memset(derm_mask_row(&skin, j), 0xff, (size_t)(10 + j));
    assert_false(derm_mask_row(&skin, 1)[45]);
    derm_row(&f.x, 0)[11] = 1e6f; /* the node at (45.5, 1.5) */
    assert_true(derm_field_affine(&f, &skin, &m));
    assert_true(fabs(m.a - 1.1) < 1e-5 && fabs(m.b + 0.2) < 1e-5);
    assert_true(fabs(m.c - 0.2) < 1e-5 && fabs(m.d - 1.05) < 1e-5);
    const struct derm_point at = affine(m.mx, m.my);
    assert_true(fabs(m.cx - at.x) < 1e-4 && fabs(m.cy - at.y) < 1e-4);
    for (int j = 0; j < 41; j++)
        memset(derm_mask_row(&skin, j), j == 5 ? 0xff : 0, 50);
    assert_false(derm_field_affine(&f, &skin, &m));
    memset(derm_mask_row(&skin, 5), 0, 50);
    assert_false(derm_field_affine(&f, &skin, &m));
    world_free(w);
}

/* A slope is resampled exactly; places beyond the edge have no weight, the others all of it. */
static void a_picture_is_seen_through_a_map(void **state)
{
    enum { FIRST = 2, END = 47 }; /* rows that are asked for */
    struct world *const w = world_new(0, 1);
    const struct derm_filter filter = derm_run_filter(&w->run);
    const double edge = 1.5;
    struct derm_plane image, weight, seen, counts;
    struct derm_field f;
    int inside = 0;

    (void)state;
    must(derm_plane_new(&w->keep, &image, 60, 45));
    must(derm_plane_new(&w->keep, &weight, 60, 45));
    must(derm_plane_new(&w->keep, &seen, 70, 50));
    must(derm_plane_new(&w->keep, &counts, 70, 50));
    for (int j = 0; j < 45; j++)
        for (int i = 0; i < 60; i++) {
            derm_row(&image, j)[i] = (float)(3 * i - 2 * j);
            derm_row(&weight, j)[i] = 1.0f;
        }
    must(derm_field_new(&w->keep, &f, 50, 41, 8));
    fill(&f);
    must(derm_field_resample(
        &filter,
        &(struct derm_field_view){
            &f, { -6, -4, 1, 1, 0 }, { &image, &weight }, (float)edge, { FIRST, END } },
        &seen, &counts));
    for (int j = 0; j < 50; j++)
        for (int i = 0; i < 70; i++) {
            const struct derm_point at = affine(i - 6, j - 4);
            const double x = fmin(at.x, 59 - at.x), y = fmin(at.y, 44 - at.y);
            if (fabs(x - edge) < 1e-3 || fabs(y - edge) < 1e-3) continue;
            if (x < edge || y < edge || j < FIRST || j >= END) {
                assert_true(derm_row(&counts, j)[i] == 0.0f);
                continue;
            }
            assert_true(fabs((double)derm_row(&counts, j)[i] - 1.0) < 1e-5);
            assert_true(fabs((double)derm_row(&seen, j)[i] - (3 * at.x - 2 * at.y)) < 1e-2);
            inside++;
        }
    assert_true(inside > 500);
    world_free(w);
}

static void inverse_and_composition_undo_and_chain(void **state)
{
    struct world *const w = world_new(0, 1);
    struct derm_field f, back, shift;
    struct derm_plane error;

    (void)state;
    must(derm_field_new(&w->keep, &f, 64, 48, 8));
    must(derm_field_new(&w->keep, &back, 70, 60, 8));
    must(derm_field_new(&w->keep, &shift, 64, 48, 8));
    must(derm_plane_new(&w->keep, &error, f.x.w, f.x.h));
    fill(&f);
    derm_row(&f.x, 2)[3] += 2.0f; /* a bump, so that it is more than affine */
    derm_field_invert(&back, &f);
    derm_field_loop_error(&error, &f, &back);
    for (int j = 0; j < error.h; j++)
        for (int i = 0; i < error.w; i++)
            if (abs(i - 3) > 1 || abs(j - 2) > 1) assert_true(derm_row(&error, j)[i] < 0.02f);
    fill(&f);
    for (int j = 0; j < shift.x.h; j++)
        for (int i = 0; i < shift.x.w; i++)
            derm_row(&shift.x, j)[i] = 3.0f;
    must(derm_field_compose(&w->scratch, &f, &shift));
    for (int i = 0; i < f.x.w; i++) {
        const struct derm_point want = affine(derm_field_node(&f, i) + 3.0, derm_field_node(&f, 0));
        assert_true(fabs((double)derm_row(&f.x, 0)[i] - want.x) < 1e-3);
        assert_true(fabs((double)derm_row(&f.y, 0)[i] - want.y) < 1e-3);
    }
    world_free(w);
}

static void rescaling_keeps_the_map(void **state)
{
    struct world *const w = world_new(0, 1);
    struct derm_field fine, coarse;

    (void)state;
    must(derm_field_new(&w->keep, &fine, 120, 90, 4));
    must(derm_field_new(&w->keep, &coarse, 40, 30, 8));
    fill(&fine);
    derm_field_rescale(&coarse, &fine, 3.0);
    for (int k = 2; k < 28; k += 5) {
        const struct derm_point at = derm_field_at(&coarse, k, k);
        const struct derm_point want = affine((k + 0.5) * 3.0 - 0.5, (k + 0.5) * 3.0 - 0.5);
        assert_true(fabs((at.x + 0.5) * 3.0 - 0.5 - want.x) < 1e-3);
        assert_true(fabs((at.y + 0.5) * 3.0 - 0.5 - want.y) < 1e-3);
    }
    world_free(w);
}

static void extreme_maps_stay_finite(void **state)
{
    struct world *const w = world_new(0, 1);
    struct derm_field f, back;
    struct derm_plane x, y;

    (void)state;
    must(derm_field_new(&w->keep, &f, 30, 30, 4));
    must(derm_field_new(&w->keep, &back, 30, 30, 4));
    derm_field_invert(&back, &f); /* everything in one point */
    for (int j = 0; j < f.x.h; j++)
        for (int i = 0; i < f.x.w; i++)
            derm_row(&f.x, j)[i] = (i + j) % 2 ? 1e9f : -1e9f;
    must(derm_plane_new(&w->keep, &x, 30, 30));
    must(derm_plane_new(&w->keep, &y, 30, 30));
    derm_nodes_expand(&w->k, &x, &f.x, 4);
    derm_nodes_expand(&w->k, &y, &f.y, 4);
    for (int j = 0; j < 30; j++)
        for (int i = 0; i < 30; i++) {
            assert_true(fabsf(derm_row(&x, j)[i]) <= 3e6f); /* 1e6 at the nodes */
            assert_true(isfinite(derm_row(&y, j)[i]));
        }
    for (int i = 0; i < back.x.w; i++)
        assert_true(isfinite(derm_row(&back.x, 0)[i]));
    world_free(w);
}

static void fits_recover_known_maps(void **state)
{
    struct derm_pairing pair[80];
    struct derm_similarity m;
    struct derm_bend bend = { 0 };
    uint64_t seed = 1;

    (void)state;
    for (int i = 0; i < 80; i++) {
        const double x = 300.0 + 100.0 * (double)noise(&seed);
        const double y = 200.0 + 100.0 * (double)noise(&seed);
        pair[i] = (struct derm_pairing){ { x, y }, { 2 * x - y + 3, x + 2 * y - 4 }, 1.0 };
    }
    assert_true(derm_similarity_fit(&m, pair, 80));
    assert_true(fabs(m.a - 2) < 1e-9 && fabs(m.b - 1) < 1e-9 && fabs(m.tx - 3) < 1e-6 &&
                fabs(m.ty + 4) < 1e-6);
    for (int i = 0; i < 80; i++) {
        const double x = pair[i].from.x, y = pair[i].from.y;
        pair[i].to.x = 0.9 * x + 0.1 * y + 1e-4 * x * y;
        pair[i].to.y = y - 2e-4 * x * x + 7.0;
        if (i % 8 == 0) pair[i].to.x += 60.0; /* a wrong match */
    }
    assert_true(derm_bend_fit(&bend, 6, pair, 80, 2.0));
    for (int i = 1; i < 80; i += 8) {
        const struct derm_point at = derm_bend_apply(&bend, pair[i].from);
        assert_true(hypot(at.x - pair[i].to.x, at.y - pair[i].to.y) < 0.2);
    }
    assert_false(derm_bend_fit(&bend, 6, pair, 11, 2.0)); /* too few */
    for (int i = 0; i < 80; i++)
        pair[i].from = pair[0].from;
    assert_false(derm_similarity_fit(&m, pair, 80)); /* one place */
    assert_false(derm_bend_fit(&bend, 3, pair, 80, 2.0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_carries_an_affine_map_on),
        cmocka_unit_test(the_affine_map_of_a_part_is_found),
        cmocka_unit_test(a_picture_is_seen_through_a_map),
        cmocka_unit_test(inverse_and_composition_undo_and_chain),
        cmocka_unit_test(rescaling_keeps_the_map),
        cmocka_unit_test(extreme_maps_stay_finite),
        cmocka_unit_test(fits_recover_known_maps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
