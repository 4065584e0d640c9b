/* SPDX-License-Identifier: Apache-2.0 */
/* Gloss by the dichromatic model: sigma_max = max(I) / sum(I) falls where neutral light from the
 * surface dilutes the body's colour. With the body's sigma_max L, the surface adds
 * m = (L sum(I) - max(I)) / (3 L - 1) (Tan & Ikeuchi 2005, eq. 17; Yang, Wang & Ahuja 2010). L is
 * the mean over the skin around. Pale marks are less coloured too, so gloss must also be clearly
 * brighter than the skin around it, which an added m is. Broad even gloss is not seen by this; it
 * cancels in local contrast, save for a slow loss of gain. */
#include "stages/shine.h"

#include "stages/mask_ops.h"

/* fmaxf, which looks for NaN too, keeps a compiler from making vectors. */
static inline float larger(float a, float b)
{
    return a > b ? a : b;
}

static void split_row(float *restrict light, float *restrict sigma, const struct derm_plane lin[3],
                      int y)
{
    const float *const r = derm_row(&lin[0], y), *const g = derm_row(&lin[1], y),
                       *const b = derm_row(&lin[2], y);

    for (int x = 0; x < lin[0].w; x++) {
        const float sum = r[x] + g[x] + b[x];

        light[x] = sum;
        sigma[x] = sum > 0 ? larger(r[x], larger(g[x], b[x])) / sum : 1.0f / 3;
    }
}

struct surface {
    struct derm_plane own[2];    /* sum(I), sigma_max */
    struct derm_plane around[2]; /* the same of the skin around */
};

/* Nearly colourless skin cannot be told from its gloss: 3 L - 1 goes to 0. */
static inline float surface_light(float light, float sigma, float body)
{
    const float least_colour = 0.12f;

    return light * (body - sigma) / larger(3 * body - 1, least_colour);
}

static void mark_row(struct derm_mask *out, const struct surface *s, int y, float max_shine,
                     float min_gain)
{
    const float *const light = derm_row(&s->own[0], y), *const sigma = derm_row(&s->own[1], y);
    const float *const light_0 = derm_row(&s->around[0], y);
    const float *const body = derm_row(&s->around[1], y);
    uint8_t *const restrict shine = derm_mask_row(out, y);
    const int w = out->w;

    for (int x = 0; x < w; x++) {
        const float m = surface_light(light[x], sigma[x], body[x]);

        shine[x] = (m > max_shine) & (light[x] > min_gain * light_0[x]) ? 0xff : 0;
    }
}

static int count_gloss(const struct surface *s, const struct derm_mask *skin, int y,
                       float min_gloss, float min_gain)
{
    const float *const light = derm_row(&s->own[0], y), *const sigma = derm_row(&s->own[1], y);
    const float *const light_0 = derm_row(&s->around[0], y);
    const float *const body = derm_row(&s->around[1], y);
    const uint8_t *const counts = derm_mask_row(skin, y);
    int n = 0;

    for (int x = 0; x < skin->w; x++) /* light is the sum of three channels */
        n += (counts[x] != 0) & (light[x] > min_gain * light_0[x]) &
             (3 * surface_light(light[x], sigma[x], body[x]) > min_gloss * light_0[x]);
    return n;
}

derm_err derm_find_shine(const struct derm_run *run, struct derm_mask *out,
                         const struct derm_plane lin[3], const struct derm_mask *skin,
                         const struct derm_grid *grid, const struct derm_shine_limits *limits,
                         double *gloss)
{
    const struct derm_filter f = derm_run_filter(run);
    const double sigma_px = limits->window_mm / 2 * grid->px_per_mm;
    const double pixels = derm_mask_count(skin);
    const size_t mark = run->scratch->used;
    double glossy = 0;
    struct surface s;

    for (int i = 0; i < 2; i++) {
        DERM_TRY(derm_plane_raw(run->scratch, &s.own[i], grid->w, grid->h));
        DERM_TRY(derm_plane_raw(run->scratch, &s.around[i], grid->w, grid->h));
    }
    for (int y = 0; y < grid->h; y++)
        split_row(derm_row(&s.own[0], y), derm_row(&s.own[1], y), lin, y);
    DERM_TRY(derm_gaussian_masked_planes(&f, s.around, s.own, 2, skin, sigma_px));
    for (int y = 0; y < grid->h; y++) {
        mark_row(out, &s, y, (float)limits->max_shine, (float)limits->min_gain);
        glossy += count_gloss(&s, skin, y, (float)limits->min_gloss, (float)limits->min_gain);
    }
    *gloss = pixels > 0 ? glossy / pixels : 0;
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}
