/* SPDX-License-Identifier: Apache-2.0 */
/* Every pair differs by pose, elastic deformation, noise and compression; single nuisances come on
 * top at full strength, all together at random strengths up to about that (phantom_nuisance.h). */
#include <math.h>
#include <stddef.h>

#include "acceptance.h"
#include "phantom_nuisance.h"

const char *const tone_name[TONES] = { "I", "II", "III", "IV", "V", "VI" };
/* Borders of ITA after Chardon et al. 1991; the ends are those of skin that is often seen. */
static const double ita_from[TONES] = { 55, 41, 28, 10, -30, -50 };
static const double ita_to[TONES] = { 65, 55, 41, 28, 10, -30 };

double tone_ita(int tone)
{
    return 0.5 * (ita_from[tone] + ita_to[tone]);
}

static const double px_per_mm[2] = { 9, 11 };

enum stream { STREAM_PAIR = 1000, STREAM_ALL, STREAM_ALL_TUNING };

const struct nuisance nuisances[NUISANCES] = {
    { .name = "none" },
    { .name = "exposure +30 %", .gain = 0.3 },
    { .name = "exposure -30 %", .gain = -0.3 },
    { .name = "+1000 K", .cct_k = 1000 },
    { .name = "-1000 K", .cct_k = -1000 },
    { .name = "gains", .gain = 0.25, .cast = 0.15 },
    { .name = "S-curve .2", .s_curve = 0.2 },
    { .name = "oil x1.8", .oil = 1.8 },
    { .name = "oil x.5", .oil = 0.5 },
    { .name = "defocus .7 px", .defocus_px = 0.7 },
    { .name = "gradient .35", .gradient = 0.35 },
    { .name = "light 10 deg", .azimuth_deg = 10 },
};

struct phantom_pair draw_pair(int tone, int number, enum half half)
{
    enum { SIDE = 640 };
    const uint64_t seed = 2 * (uint64_t)number + (half == REPORTING);
    struct phantom_pair p = { .tone = tone };
    struct phantom_shot *const base = &p.shot[0], *const follow = &p.shot[1];
    struct phantom_rng r;

    phantom_rng_init(&r, seed, STREAM_PAIR);
    *base = phantom_default_shot();
    p.ita_deg = phantom_uniform(&r, ita_from[tone], ita_to[tone]);
    base->spec.seed = seed;
    base->spec.tissue = phantom_tissue_of(seed);
    base->spec.fm = phantom_tissue_fm(&base->spec.tissue, p.ita_deg, base->spec.fb);
    draw_scene(&r, px_per_mm, base);
    base->camera.width = base->camera.height = SIDE;
    base->camera.noise_seed = 2 * seed;
    base->spec.width_mm = base->spec.height_mm = SIDE / base->camera.px_per_mm;
    base->file.jpeg_quality = (int)phantom_uniform(&r, 88, 96);
    *follow = *base;
    follow->camera.noise_seed++;
    draw_pose(&r, &follow->camera);
    follow->file.jpeg_quality = (int)phantom_uniform(&r, 88, 96);
    return p;
}

void disturb_one(struct phantom_pair *p, const struct nuisance *n)
{
    struct phantom_shot *const s = &p->shot[1];
    const double sign = p->shot[0].spec.seed % 4 == 1 ? 1 : -1;

    s->light.gain *= 1 + n->gain;
    s->light.cct_k += n->cct_k;
    s->light.cast[0] *= 1 + sign * n->cast;
    s->light.cast[2] *= 1 - sign * n->cast;
    s->light.gradient_x += sign * n->gradient;
    s->light.azimuth_deg += sign * n->azimuth_deg;
    if (n->oil > 0) s->light.oil *= n->oil;
    s->camera.s_curve += n->s_curve;
    add_defocus(&s->camera, n->defocus_px);
}

void disturb_all(struct phantom_pair *p, int number)
{
    struct phantom_rng r;

    phantom_rng_init(&r, (uint64_t)number,
                     p->shot[0].spec.seed % 2 ? STREAM_ALL : STREAM_ALL_TUNING);
    for (int i = 0; i < 2; i++)
        draw_nuisances(&r, i, &p->shot[i]);
}

const char *const circumstance_name[CIRCUMSTANCES] = { "exposure",     "colour temperature",
                                                       "gradient",     "light from the side",
                                                       "light height", "oil",
                                                       "defocus",      "S-curve",
                                                       "noise",        "scale",
                                                       "hairs",        "stubble" };

void figure_limit_correlated(struct figure *f, int which, double r, int n)
{
    if (fabs(r) * sqrt(n) > 2) /* two standard errors of no correlation */
        figure_limit(f, "error goes with %s (r %.2f)", circumstance_name[which], r);
}

void circumstances(const struct phantom_pair *p, double d[CIRCUMSTANCES])
{
    const struct phantom_shot *const a = &p->shot[0], *const b = &p->shot[1];

    d[0] = log(b->light.gain / a->light.gain);
    d[1] = b->light.cct_k - a->light.cct_k;
    d[2] =
        hypot(b->light.gradient_x - a->light.gradient_x, b->light.gradient_y - a->light.gradient_y);
    d[3] = fabs(b->light.azimuth_deg - a->light.azimuth_deg);
    d[4] = b->light.elevation_deg - a->light.elevation_deg;
    d[5] = log(b->light.oil / a->light.oil);
    d[6] = b->camera.defocus_px - a->camera.defocus_px;
    d[7] = b->camera.s_curve - a->camera.s_curve;
    d[8] = log(b->camera.noise / a->camera.noise);
    d[9] = log(b->camera.zoom / a->camera.zoom);
    d[10] = a->spec.hairs_per_cm2;
    d[11] = a->spec.stubble_per_cm2;
}
