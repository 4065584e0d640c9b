/* SPDX-License-Identifier: Apache-2.0 */
/* How two photos of one rendered skin differ. One place for the pairs that the acceptance suite
 * judges and for those that the table of null figures is made of: an interval covers only what its
 * table has seen. Strengths: algorithms, sections 13 and 14. */
#ifndef DERM_TRUTH_PHANTOM_NUISANCE_H
#define DERM_TRUTH_PHANTOM_NUISANCE_H

#include <math.h>

#include "phantom_samples.h"

/* What both photos share: what grows on the skin, the lamp and where the camera is. The seed of the
 * skin decides what only some have; px_per_mm lies between the two. */
static inline void draw_scene(struct phantom_rng *r, const double px_per_mm[2],
                              struct phantom_shot *s)
{
    const uint64_t number = s->spec.seed / 2; /* even and odd seeds, which go in pairs, are alike */

    s->spec.radius_mm = 75;
    s->spec.hairs_per_cm2 = phantom_uniform(r, 0.2, 0.6);
    s->spec.stubble_per_cm2 = number % 4 == 3 ? 4 : 0;
    s->light.illuminant = number % 3 ? PHANTOM_DAYLIGHT : PHANTOM_LED;
    s->light.azimuth_deg = phantom_uniform(r, 50, 130);
    s->light.elevation_deg = phantom_uniform(r, 45, 62);
    s->camera.px_per_mm = phantom_uniform(r, px_per_mm[0], px_per_mm[1]);
    s->camera.distance_mm = phantom_uniform(r, 250, 400);
}

/* How the skin lies in the second photo. */
static inline void draw_pose(struct phantom_rng *r, struct phantom_camera *c)
{
    c->turn_deg = phantom_uniform(r, -4, 4);
    c->shift_x_mm = phantom_uniform(r, -2, 2);
    c->shift_y_mm = phantom_uniform(r, -2, 2);
    c->zoom = phantom_uniform(r, 0.96, 1.04);
    c->bend_mm = phantom_uniform(r, 0.05, 0.2);
}

static inline void add_defocus(struct phantom_camera *c, double sigma_px)
{
    c->defocus_px = sqrt(c->defocus_px * c->defocus_px + sigma_px * sigma_px);
}

/* All nuisances together. share is 0 for the first photo of a pair and 1 for the second: by so much
 * of what is drawn it differs from the scene; gradient, vignette, noise and focus are each photo's
 * own. */
static inline void draw_nuisances(struct phantom_rng *r, double share, struct phantom_shot *s)
{
    s->light.gain *= exp(share * phantom_uniform(r, -0.25, 0.25));
    s->light.cct_k += share * phantom_uniform(r, -1000, 1000);
    for (int c = 0; c < 3; c++)
        s->light.cast[c] *= exp(share * phantom_uniform(r, -0.03, 0.03));
    s->light.gradient_x += phantom_uniform(r, -0.25, 0.25);
    s->light.gradient_y += phantom_uniform(r, -0.25, 0.25);
    s->light.azimuth_deg += share * phantom_uniform(r, -10, 10);
    s->light.elevation_deg += share * phantom_uniform(r, -4, 4);
    s->light.ambient += share * phantom_uniform(r, -0.05, 0.05);
    s->light.oil *= exp(share * phantom_uniform(r, -0.35, 0.35));
    s->camera.noise *= exp(phantom_uniform(r, -0.35, 0.35));
    s->camera.vignette = phantom_uniform(r, 0, 0.15);
    s->camera.tilt_x_deg += share * phantom_uniform(r, -3, 3);
    s->camera.tilt_y_deg += share * phantom_uniform(r, -3, 3);
    s->camera.s_curve += share * phantom_uniform(r, 0, 0.05);
    add_defocus(&s->camera, phantom_uniform(r, 0, 0.6));
    s->camera.p3 = share > 0 && s->spec.seed / 2 % 4 == 1;
}

#endif
