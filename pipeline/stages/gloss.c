/* SPDX-License-Identifier: Apache-2.0 */
/* gloss: how much of the light comes back from the surface of the skin.
 *
 * reads   od, skin, gloss, regions, and in a pair those of the warped view and the common skin
 * writes  gloss: objects[GLOSS_PATCH], tiles of the skin, glossy or not; value: sum of the squared
 *         deviation of the surface reflection from its mean, area: grid px that shine
 *
 * Dichromatic reflection (Shafer 1985): light I = a D + m (1, 1, 1), where D is the colour of the
 * body of the skin, which pigment gives it, and the surface returns the light as it came. D is the
 * colour of the skin around that does not shine; a and m follow by least squares. The shadow of a
 * beard is as colourless as gloss, and the bright side of a nose as bright: the surface reflects
 * what colour and brightness both say, the smaller of 3 m and of the light beyond that of the skin
 * around. It is measured as a share of the light around, so that how bright the photo is and how
 * the skin lies in the light cancel. (On dark skin the same oil is a larger share of less light.)
 * Without polarisers a pale patch is a little gloss, too, and a sheen broader than the surround is
 * none. So it is a proxy. */
#include <math.h>

#include "base/num.h"
#include "stages/comparable.h"
#include "stages/mask_ops.h"
#include "stages/objects.h"
#include "stages/segment.h"
#include "stages/stages.h"
#include "stages/surface.h"
#include "stages/tiles.h"

struct params {
    float max_px_per_mm, body_mm, least_colour, limit, tile_mm;
    int rounds;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, max_px_per_mm, 5, 1, 20,
             "working resolution; stage skin marks gloss at about as much"),
    DERM_OPT(struct params, body_mm, 12, 1, 100,
             "sigma of the surround that the body's light is learnt from"),
    DERM_OPT(struct params, least_colour, 0.01, 1e-4, 1,
             "3 |D|^2 - 1 of skin, at least: nearly colourless skin cannot be told from its gloss"),
    DERM_OPT(struct params, limit, 0.1, 0.001, 10,
             "share of the light around above which skin shines: .04 of white (algorithms, section "
             "8) on "
             "skin that returns .4"),
    DERM_OPT(struct params, tile_mm, 6, 1, 100, "side of a patch"),
    DERM_OPT(struct params, rounds, 2, 1, 10,
             "times that the body's light is learnt, each without what was seen to shine"),
    { 0 },
};

struct work { /* on the reduced grid */
    const struct params *params;
    struct derm_reduced reduced; /* its where: what is measured */
    struct derm_tiles tiles;
    struct derm_objects *objects;
};

/* Surface reflection as a share of the light around, of a row of light; body: the light around. */
static void split_row(float *restrict out, const struct derm_plane light[3],
                      const struct derm_plane body[3], int y, float least_colour)
{
    const float *const r = derm_row(&light[0], y), *const g = derm_row(&light[1], y),
                       *const b = derm_row(&light[2], y);
    const float *const body_r = derm_row(&body[0], y), *const body_g = derm_row(&body[1], y),
                       *const body_b = derm_row(&body[2], y);

    for (int x = 0; x < light->w; x++) {
        const float around = body_r[x] + body_g[x] + body_b[x];
        const float by_colour =
            derm_white_share(r[x], g[x], b[x], body_r[x], body_g[x], body_b[x], least_colour);
        const float beyond = 1 / derm_larger(around, 1e-6f) * (r[x] + g[x] + b[x] - around);

        out[x] = derm_larger(derm_smaller(by_colour, beyond), 0);
    }
}

static void leave_out(uint8_t *restrict body, const float *restrict surface, int n, float limit)
{
    for (int x = 0; x < n; x++)
        body[x] = (uint8_t)(body[x] & -(surface[x] <= limit));
}

static derm_err find_surface(struct derm_run *run, const struct work *w,
                             const struct derm_view *view, struct derm_plane *surface)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct params *const p = w->params;
    const struct derm_mask *const where = &w->reduced.where;
    const double sigma_px = (double)p->body_mm * w->reduced.px_per_mm;
    struct derm_plane light[3], body[3];
    struct derm_mask plain; /* of which the body's light is learnt */

    for (int c = 0; c < 3; c++) {
        DERM_TRY(derm_plane_raw(run->scratch, &light[c], where->w, where->h));
        DERM_TRY(derm_plane_raw(run->scratch, &body[c], where->w, where->h));
        DERM_TRY(derm_resample_light(&f, &light[c], &view->od[c], 0, 0, w->reduced.factor));
    }
    DERM_TRY(derm_mask_new(run->scratch, &plain, where->w, where->h));
    derm_mask_or(&plain, where);
    for (int round = 0; round < p->rounds; round++) {
        DERM_TRY(derm_gaussian_masked_planes(&f, body, light, 3, &plain, sigma_px));
        for (int y = 0; y < surface->h; y++) {
            split_row(derm_row(surface, y), light, body, y, p->least_colour);
            leave_out(derm_mask_row(&plain, y), derm_row(surface, y), surface->w, p->limit);
        }
    }
    return DERM_OK;
}

/* surface becomes its squared distance from the mean; shiny, 1 where it shines. */
static void square_row(float *restrict surface, float *restrict shiny, int n, float mean,
                       float limit)
{
    for (int x = 0; x < n; x++) {
        const float s = surface[x];

        shiny[x] = s > limit ? 1.0f : 0.0f;
        surface[x] = (s - mean) * (s - mean);
    }
}

static double mean_over(const struct derm_plane *plane, const struct derm_mask *where)
{
    double sum = 0, n = 0;

    for (int y = 0; y < plane->h; y++)
        for (int x = 0; x < plane->w; x++)
            if (derm_mask_row(where, y)[x]) {
                sum += (double)derm_row(plane, y)[x];
                n += 1;
            }
    return n > 0 ? sum / n : 0;
}

static derm_err measure(struct derm_run *run, const struct work *w, const struct derm_view *view,
                        int photo)
{
    const struct derm_mask *const where = &w->reduced.where;
    const size_t mark = run->scratch->used;
    struct derm_plane surface, shiny;
    double *square, *area;

    DERM_TRY(derm_arena_new(run->scratch, &square, (size_t)w->objects->n + 1, sizeof(*square)));
    DERM_TRY(derm_arena_new(run->scratch, &area, (size_t)w->objects->n + 1, sizeof(*area)));
    DERM_TRY(derm_plane_raw(run->scratch, &surface, where->w, where->h));
    DERM_TRY(derm_plane_raw(run->scratch, &shiny, where->w, where->h));
    DERM_TRY(find_surface(run, w, view, &surface));
    const float mean = (float)mean_over(&surface, where);
    for (int y = 0; y < surface.h; y++)
        square_row(derm_row(&surface, y), derm_row(&shiny, y), surface.w, mean, w->params->limit);
    derm_tiles_sum(&w->tiles, &surface, w->objects, square);
    derm_tiles_sum(&w->tiles, &shiny, w->objects, area);
    derm_objects_set(w->objects, photo, square, area);
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

static derm_err run_gloss(struct derm_run *run, const void *params)
{
    const struct params *const p = params;
    struct derm_pair *const pair = run->pair;
    struct work w = { .params = p };
    struct derm_mask where;

    if (!derm_segment_is_measured(run, DERM_CONCERN_RADIANCE)) return DERM_OK;
    const struct derm_view *const view = &derm_measured_frame(run)->view;
    w.objects = &(pair ? pair->objects : run->frame->objects)[DERM_KIND_GLOSS_PATCH];
    DERM_TRY(derm_segment_where_lit(run, &where));
    derm_leave_out_neck(view, &where);
    DERM_TRY(derm_reduced_where(run, &w.reduced, &where, view->grid.px_per_mm,
                                (double)p->max_px_per_mm));
    DERM_TRY(derm_tiles_cut(run, view, &w.reduced.where, w.reduced.factor, (double)p->tile_mm,
                            &w.tiles, w.objects));
    DERM_TRY(measure(run, &w, view, 0));
    return pair ? measure(run, &w, &pair->warped, 1) : DERM_OK;
}

const struct derm_stage derm_stage_gloss = {
    .name = "gloss",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS,
    .writes = DERM_SLOT(gloss),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_gloss,
};
