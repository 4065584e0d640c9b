/* SPDX-License-Identifier: Apache-2.0 */
/* Texture: relief is read by its mean square, noise is not, objects and hairs are left out, and
 * stripes are told from what goes all ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "skin_scene.h"
#include "stage_params.h"
#include "stages/stages.h"

enum { SIDE = 400 };
static const double px_per_mm = 10, pi = 3.141592653589793;
static const double noise_od = 0.02, wave_od = 0.03, wave_mm = 1.6;

static void add_stripes(struct derm_view *v, double amplitude)
{
    for (int y = 0; y < v->grid.h; y++)
        for (int x = 0; x < v->grid.w; x++)
            derm_row(&v->od[1], y)[x] +=
                (float)(amplitude * sin(2 * pi * x / (wave_mm * px_per_mm)));
}

static void run_texture(struct scene_lab *lab)
{
    struct stage_params p;

    assert_int_equal(derm_stage_texture.run(&lab->run, stage_defaults(&derm_stage_texture, &p)),
                     DERM_OK);
    derm_arena_reset(&lab->scratch, 0);
}

/* Mean square over all cells, and mean coherence. */
static double level_of(const struct derm_objects *all, bool follow, double *coherence)
{
    double sum = 0, area = 0, one_way = 0;

    for (int i = 0; i < all->n; i++) {
        const struct derm_object *const o = &all->item[i];

        sum += follow ? o->follow_value : o->base_value;
        one_way += o->area_px * (follow ? o->follow_coherence : o->base_coherence);
        area += o->area_px;
    }
    assert_true(area > 0.7 * SIDE * SIDE);
    if (coherence) *coherence = one_way / area;
    return sum / area;
}

/* Of skin with noise and stripes. */
static double read_photo(struct scene_lab *lab, double noise, double amplitude, double *coherence)
{
    struct derm_frame f;

    scene_skin(lab, &f, SIDE, SIDE, px_per_mm, noise, 7);
    f.quality.noise_od = noise;
    add_stripes(&f.view, amplitude);
    lab->run.frame = &f;
    run_texture(lab);
    return level_of(&f.objects[DERM_KIND_RELIEF_PATCH], false, coherence);
}

/* What the two Gaussians, 0.15 and 0.5 mm, leave of a wave. */
static double wave_level(void)
{
    const double k = 2 * pi / wave_mm;
    const double left = exp(-0.5 * k * k * 0.15 * 0.15) - exp(-0.5 * k * k * 0.5 * 0.5);

    return 0.5 * wave_od * wave_od * left * left;
}

static void waves_are_read_and_noise_is_not(void **state)
{
    struct scene_lab lab;

    (void)state;
    scene_lab_open(&lab);
    assert_close(read_photo(&lab, 0, wave_od, NULL) / wave_level(), 1, 0.02);
    assert_close(read_photo(&lab, noise_od, wave_od, NULL) / wave_level(), 1, 0.03);
    assert_close(read_photo(&lab, noise_od, 0, NULL) / wave_level(), 0, 0.01);
    scene_lab_close(&lab);
}

static void stripes_run_one_way_and_noise_all_ways(void **state)
{
    struct scene_lab lab;
    double coherence;

    (void)state;
    scene_lab_open(&lab);
    read_photo(&lab, 0, wave_od, &coherence);
    assert_close(coherence, 1, 1e-3);
    read_photo(&lab, noise_od, wave_od, &coherence);
    assert_close(coherence, 1, 0.05);
    read_photo(&lab, noise_od, 0, &coherence);
    assert_true(coherence < 0.3);
    scene_lab_close(&lab);
}

static void objects_and_hairs_are_left_out(void **state)
{
    struct scene_lab lab;
    struct derm_frame f;
    struct derm_object pore = { .x = 300, .y = 120, .diameter_mm = 1 },
                       spot_object = { .label = 1 };

    (void)state;
    scene_lab_open(&lab);
    scene_skin(&lab, &f, SIDE, SIDE, px_per_mm, 0, 7);
    add_stripes(&f.view, wave_od);
    assert_int_equal(derm_labels_new(&lab.keep, &f.objects[DERM_KIND_SPOT].labels, SIDE, SIDE),
                     DERM_OK);
    f.objects[DERM_KIND_SPOT].item = &spot_object;
    f.objects[DERM_KIND_PORE].item = &pore;
    f.objects[DERM_KIND_PORE].n = 1;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const bool spot = hypot(x - 100, y - 100) < 15, dot = hypot(x - 300, y - 120) < 5;

            if (spot) derm_labels_row(&f.objects[DERM_KIND_SPOT].labels, y)[x] = 1;
            if (spot || dot || y == 250) derm_row(&f.view.od[1], y)[x] += 0.5f; /* y: a hair */
        }
    lab.run.frame = &f;
    run_texture(&lab);
    assert_close(level_of(&f.objects[DERM_KIND_RELIEF_PATCH], false, NULL) / wave_level(), 1, 0.1);
    scene_lab_close(&lab);
}

/* The baseline was blurred, noise and all, as stage equalise does. */
static void a_pair_is_read_at_the_same_places(void **state)
{
    struct scene_lab lab;
    struct derm_frame frame[2];
    struct derm_pair pair = { .base = &frame[0], .follow = &frame[1], .equalised = 1 };
    const struct derm_objects *const all = &pair.objects[DERM_KIND_RELIEF_PATCH];
    double left;

    (void)state;
    scene_lab_open(&lab);
    for (int i = 0; i < 2; i++) {
        scene_skin(&lab, &frame[i], SIDE, SIDE, px_per_mm, noise_od, 7 + (uint64_t)i);
        frame[i].quality.noise_od = noise_od;
        add_stripes(&frame[i].view, i ? 0.6 * wave_od : wave_od);
    }
    const struct derm_filter filter = derm_run_filter(&lab.run);
    struct derm_plane *const green = &frame[0].view.od[1];
    assert_int_equal(derm_gaussian(&filter, green, green, 1.2), DERM_OK);
    pair.gauge = (struct derm_gauge){ .source = DERM_GAUGE_HAIR, .variance_px2 = 1.2 * 1.2 };
    pair.registration.accepted = true;
    pair.warped = frame[1].view;
    pair.common = frame[0].view.skin;
    lab.run.pair = &pair;
    run_texture(&lab);
    left = exp(-pow(2 * pi * 1.2 / (wave_mm * px_per_mm), 2)); /* of the mean square */
    assert_close(level_of(all, false, NULL) / (left * wave_level()), 1, 0.03);
    assert_close(level_of(all, true, NULL) / (0.36 * wave_level()), 1, 0.06);
    for (int i = 0; i < all->n; i++)
        assert_int_equal(all->item[i].found_in, 3);
    scene_lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waves_are_read_and_noise_is_not),
        cmocka_unit_test(stripes_run_one_way_and_noise_all_ways),
        cmocka_unit_test(objects_and_hairs_are_left_out),
        cmocka_unit_test(a_pair_is_read_at_the_same_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
