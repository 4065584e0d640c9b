/* SPDX-License-Identifier: Apache-2.0 */
/* A patch of skin for tests of pigment: known spots, mottle, light, as the frame that stages see.
 */
#ifndef DERM_TESTS_SKIN_SCENE_H
#define DERM_TESTS_SKIN_SCENE_H

#include <math.h>
#include <string.h>

#include "base/pool.h"
#include "stages/segment.h"
#include "stages/statistics.h"

struct scene_spot {
    double x_mm, y_mm, radius_mm, contrast; /* contrast: length of the optical density vector */
};
struct scene_light {
    double gain[3], slope_x, slope_y; /* optical density added: per channel, and per mm to all */
};
struct scene_lab { /* what a run needs besides a frame */
    struct derm_error err;
    struct derm_arena keep, scratch;
    struct derm_kernels k;
    struct derm_pool *pool;
    struct derm_tone tone;
    struct derm_results results;
    struct derm_run run;
};

#define assert_close(value, truth, within) assert_true(fabs((value) - (truth)) <= (within))

static const double scene_melanin[3] = { 0.41, 0.54, 0.74 }; /* direction, length about 1 */

static inline void scene_lab_open(struct scene_lab *lab)
{
    *lab = (struct scene_lab){ 0 };
    assert_int_equal(derm_arena_init(&lab->keep, (size_t)1 << 30, &lab->err), DERM_OK);
    assert_int_equal(derm_arena_init(&lab->scratch, (size_t)1 << 30, &lab->err), DERM_OK);
    assert_int_equal(derm_pool_new(&lab->pool, 1, &lab->err), DERM_OK);
    derm_kernels_init(&lab->k, 0);
    lab->run = (struct derm_run){ .err = &lab->err,
                                  .keep = &lab->keep,
                                  .scratch = &lab->scratch,
                                  .k = &lab->k,
                                  .pool = lab->pool,
                                  .tone = &lab->tone,
                                  .results = &lab->results };
}

static inline void scene_lab_close(struct scene_lab *lab)
{
    derm_pool_free(lab->pool);
    derm_arena_free(&lab->keep);
    derm_arena_free(&lab->scratch);
}

/* Even skin of w x h px with mottle of mottle_od (sd, 1 px), all of it in region ROI. */
static inline void scene_skin(struct scene_lab *lab, struct derm_frame *f, int w, int h,
                              double px_per_mm, double mottle_od, uint64_t seed)
{
    struct derm_random random = { seed };
    struct derm_view *const v = &f->view;

    *f = (struct derm_frame){ 0 };
    v->grid = (struct derm_grid){ .step = 1, .w = w, .h = h, .px_per_mm = px_per_mm };
    f->scale.source = DERM_SCALE_USER;
    f->scale.px_per_mm = px_per_mm;
    for (int c = 0; c < 3; c++)
        assert_int_equal(derm_plane_new(&lab->keep, &v->od[c], w, h), DERM_OK);
    assert_int_equal(derm_mask_new(&lab->keep, &v->skin, w, h), DERM_OK);
    assert_int_equal(derm_mask_new(&lab->keep, &v->gloss, w, h), DERM_OK);
    assert_int_equal(derm_bits_new(&lab->keep, &v->regions, w, h), DERM_OK);
    v->regions_visible = 1u << DERM_REGION_ROI;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const double shade = mottle_od * (derm_random_uniform(&random) - 0.5) * 3.46;

            derm_mask_row(&v->skin, y)[x] = 0xff;
            derm_bits_row(&v->regions, y)[x] = 1u << DERM_REGION_ROI;
            for (int c = 0; c < 3; c++)
                derm_row(&v->od[c], y)[x] =
                    (float)(0.87 + 0.47 * c + shade +
                            0.3 * mottle_od * (derm_random_uniform(&random) - 0.5));
        }
}

/* Round spots with soft edges, of a pigment that darkens R, G and B so; fading 0.4 takes 40 % of
 * their contrast. */
static inline void scene_add_coloured(struct derm_frame *f, const struct scene_spot *spot, int n,
                                      double fading, const double colour[3])
{
    const double s = f->view.grid.px_per_mm;

    for (int y = 0; y < f->view.grid.h; y++)
        for (int x = 0; x < f->view.grid.w; x++)
            for (int i = 0; i < n; i++) {
                const double r = hypot(x / s - spot[i].x_mm, y / s - spot[i].y_mm);
                const double c =
                    spot[i].contrast * (1 - fading) / (1 + exp((r - spot[i].radius_mm) / 0.12));

                for (int k = 0; k < 3; k++)
                    derm_row(&f->view.od[k], y)[x] += (float)(c * colour[k]);
            }
}

static inline void scene_add_spots(struct derm_frame *f, const struct scene_spot *spot, int n,
                                   double fading)
{
    scene_add_coloured(f, spot, n, fading, scene_melanin);
}

static inline void scene_add_light(struct derm_frame *f, const struct scene_light *light)
{
    const double s = f->view.grid.px_per_mm;

    for (int c = 0; c < 3; c++)
        for (int y = 0; y < f->view.grid.h; y++)
            for (int x = 0; x < f->view.grid.w; x++)
                derm_row(&f->view.od[c], y)[x] +=
                    (float)(light->gain[c] + light->slope_x * x / s + light->slope_y * y / s);
}

/* Weights that are blind to shade, and give a spot its contrast. */
static inline void scene_tone(struct derm_tone *tone)
{
    const double w[3] = { -0.46, -0.54, 1.0 };
    double gain = 0;

    for (int i = 0; i < 3; i++)
        gain += w[i] * scene_melanin[i];
    for (int i = 0; i < 3; i++)
        tone->melanin[i] = tone->broad_melanin[i] = (float)(w[i] / gain);
    memcpy(tone->direction, scene_melanin, sizeof(scene_melanin));
    tone->ita_deg = 30;
    tone->blood[1] = 1;
    tone->broad_blood[0] = -1;
    tone->broad_blood[1] = 1;
    tone->parted = true;
}

#endif
