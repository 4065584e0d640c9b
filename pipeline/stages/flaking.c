/* SPDX-License-Identifier: Apache-2.0 */
/* flaking: how much of the skin lies under white scales. Experimental.
 *
 * reads   od, skin, gloss, regions, and in a pair those of the warped view and the common skin
 * writes  flaking: objects[FLAKE_PATCH], tiles of the skin, flaking or not; value and area: grid px
 *         under scales. No items where a photo has too few pixels per millimetre
 *
 * Both a scale and a highlight are small, whiter and brighter than the skin around. A highlight is
 * light that the surface adds to the whole light of the body; a scale covers the body and sends
 * back white light of its own: of I = a B + m (1, 1, 1), where B is the light of the skin around, a
 * stays 1 under gloss, and falls by the opacity of a scale. With it go the size (one that is larger
 * is a sheen or a scar) and the sharp border. What is transparent, or as pale as the skin, is
 * missed; a scale that shines itself, too. Clipped light has lost its colour, so what is nearly as
 * bright as white counts for nothing. */
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
    float min_px_per_mm, max_px_per_mm, body_mm, least_colour, limit;
    float min_mm2, max_mm2, min_cover, min_slope, most_light, tile_mm;
    int rounds;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, min_px_per_mm, 8, 0, 100,
             "scales are not searched for with less (algorithms, section 11)"),
    DERM_OPT(struct params, max_px_per_mm, 16, 2, 100, "working resolution"),
    DERM_OPT(struct params, body_mm, 1.5, 0.2, 20,
             "sigma of the surround that the body's light is learnt from: beyond a scale"),
    DERM_OPT(struct params, least_colour, 0.01, 1e-4, 1,
             "3 |D|^2 - 1 of skin, at least: as in stage gloss"),
    DERM_OPT(struct params, limit, 0.1, 0.001, 10,
             "white light, and brightness, beyond the light around, as a share of it"),
    DERM_OPT(struct params, min_mm2, 0.04, 0, 10, "smallest scale: 0.2 mm wide"),
    DERM_OPT(struct params, max_mm2, 3.2, 0, 100, "largest scale: 2 mm wide"),
    DERM_OPT(struct params, min_cover, 0.15, -1, 1,
             "share of the body's light that a scale takes, on average: gloss takes none"),
    DERM_OPT(struct params, min_slope, 2, 0, 100,
             "mean slope of its brightness, weighted by itself, over its height, per mm: an edge "
             "that rises from 10 to 90 % within 0.25 mm has 2.8"),
    DERM_OPT(struct params, most_light, 0.97, 0, 2, "of white, in any channel: is clipped"),
    DERM_OPT(struct params, tile_mm, 4, 0.5, 50, "side of a patch"),
    DERM_OPT(struct params, rounds, 2, 1, 10,
             "times that the body's light is learnt, each without what was seen to be white"),
    { 0 },
};

struct work { /* on the reduced grid */
    const struct params *params;
    struct derm_reduced reduced; /* its where: what is measured */
    struct derm_tiles tiles;
    struct derm_objects *objects;
};
struct layers {                  /* as shares of the light around */
    struct derm_plane white;     /* 3 m */
    struct derm_plane beyond;    /* brightness, less 1 */
    struct derm_plane brightest; /* of the channels, of white */
};

static void split_row(const struct layers *out, const struct derm_plane light[3],
                      const struct derm_plane body[3], int y, float least_colour)
{
    const float *const r = derm_row(&light[0], y), *const g = derm_row(&light[1], y),
                       *const b = derm_row(&light[2], y);
    const float *const body_r = derm_row(&body[0], y), *const body_g = derm_row(&body[1], y),
                       *const body_b = derm_row(&body[2], y);
    float *const restrict white = derm_row(&out->white, y);
    float *const restrict beyond = derm_row(&out->beyond, y);
    float *const restrict brightest = derm_row(&out->brightest, y);

    for (int x = 0; x < light->w; x++) {
        const float around = derm_larger(body_r[x] + body_g[x] + body_b[x], 1e-6f);

        white[x] =
            derm_white_share(r[x], g[x], b[x], body_r[x], body_g[x], body_b[x], least_colour);
        beyond[x] = (r[x] + g[x] + b[x]) / around - 1;
        brightest[x] = derm_larger(r[x], derm_larger(g[x], b[x]));
    }
}

/* Which of the measured skin is whiter and brighter than the skin around. */
static void mark_white(struct derm_mask *out, const struct layers *l, const struct derm_mask *where,
                       float limit)
{
    for (int y = 0; y < out->h; y++) {
        const float *const white = derm_row(&l->white, y), *const beyond = derm_row(&l->beyond, y);
        const uint8_t *const measured = derm_mask_row(where, y);
        uint8_t *const restrict to = derm_mask_row(out, y);

        for (int x = 0; x < out->w; x++)
            to[x] = measured[x] && derm_smaller(white[x], beyond[x]) > limit ? 0xff : 0;
    }
}

static derm_err find_white(struct derm_run *run, const struct work *w, const struct derm_view *view,
                           struct layers *l, struct derm_mask *white)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct params *const p = w->params;
    const struct derm_mask *const where = &w->reduced.where;
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
        for (int c = 0; c < 3; c++)
            DERM_TRY(derm_gaussian_masked(&f, &body[c], &light[c], &plain,
                                          (double)p->body_mm * w->reduced.px_per_mm));
        for (int y = 0; y < where->h; y++)
            split_row(l, light, body, y, p->least_colour);
        mark_white(white, l, where, p->limit);
        derm_mask_and_not(&plain, white);
    }
    return DERM_OK;
}

/* ---- scales */

struct patch { /* sums over its pixels, and what follows from them */
    double n, cover, height, height2, slope, slope2;
    float brightest, level;
};

static double slope_at(const struct derm_plane *p, int x, int y)
{
    const float *const row = derm_row(p, y);
    const float *const above = derm_row(p, imax(y - 1, 0));
    const float *const below = derm_row(p, imin(y + 1, p->h - 1));
    const double dx = 0.5 * (double)(row[imin(x + 1, p->w - 1)] - row[imax(x - 1, 0)]);
    const double dy = 0.5 * (double)(below[x] - above[x]);

    return sqrt(dx * dx + dy * dy);
}

static void add_up(struct patch *patch, const struct layers *l, const struct derm_labels *labels,
                   const struct derm_mask *white)
{
    for (int y = 0; y < labels->h; y++)
        for (int x = -1; (x = derm_mask_next(white, y, x + 1)) < labels->w;) {
            struct patch *const s = &patch[derm_labels_row(labels, y)[x]];
            const double height = (double)derm_row(&l->beyond, y)[x];
            const double slope = slope_at(&l->beyond, x, y);

            s->n++;
            s->cover += (double)derm_row(&l->white, y)[x] - height;
            s->height += height;
            s->height2 += height * height;
            s->slope += slope;
            s->slope2 += slope * slope;
            s->brightest = derm_larger(s->brightest, derm_row(&l->brightest, y)[x]);
        }
}

/* The brightness from which a pixel of the patch lies under a scale: half its height. */
static float level_of(const struct patch *s, const struct params *p, double px_per_mm)
{
    const double mm2 = s->n / (px_per_mm * px_per_mm);
    const double height = s->height2 / s->height, slope = s->slope2 / fmax(s->slope, 1e-12);
    const bool is_scale = mm2 >= (double)p->min_mm2 && mm2 <= (double)p->max_mm2 &&
                          s->cover >= (double)p->min_cover * s->n &&
                          slope * px_per_mm >= (double)p->min_slope * height &&
                          s->brightest < p->most_light;

    return is_scale ? (float)(0.5 * height) : INFINITY;
}

/* flaking: 1 under scales. */
static derm_err find_scales(struct derm_run *run, const struct work *w,
                            const struct derm_view *view, struct derm_plane *flaking)
{
    const struct derm_filter f = derm_run_filter(run);
    struct layers l;
    struct derm_mask white;
    struct derm_labels labels;
    struct patch *patch;
    int n;

    DERM_TRY(derm_plane_raw(run->scratch, &l.white, flaking->w, flaking->h));
    DERM_TRY(derm_plane_raw(run->scratch, &l.beyond, flaking->w, flaking->h));
    DERM_TRY(derm_plane_raw(run->scratch, &l.brightest, flaking->w, flaking->h));
    DERM_TRY(derm_mask_raw(run->scratch, &white, flaking->w, flaking->h));
    DERM_TRY(find_white(run, w, view, &l, &white));
    DERM_TRY(derm_labels_new(run->scratch, &labels, white.w, white.h));
    DERM_TRY(derm_label(&f, &labels, &white, &n));
    DERM_TRY(derm_arena_new(run->scratch, &patch, (size_t)n + 1, sizeof(*patch)));
    add_up(patch, &l, &labels, &white);
    for (int i = 1; i <= n; i++)
        patch[i].level = level_of(&patch[i], w->params, w->reduced.px_per_mm);
    for (int y = 0; y < white.h; y++)
        for (int x = -1; (x = derm_mask_next(&white, y, x + 1)) < white.w;)
            derm_row(flaking, y)[x] =
                derm_row(&l.beyond, y)[x] >= patch[derm_labels_row(&labels, y)[x]].level;
    return DERM_OK;
}

static derm_err measure(struct derm_run *run, const struct work *w, const struct derm_view *view,
                        int photo)
{
    const struct derm_mask *const where = &w->reduced.where;
    const size_t mark = run->scratch->used;
    struct derm_plane flaking;
    double *area;

    DERM_TRY(derm_arena_new(run->scratch, &area, (size_t)w->objects->n + 1, sizeof(*area)));
    DERM_TRY(derm_plane_new(run->scratch, &flaking, where->w, where->h));
    DERM_TRY(find_scales(run, w, view, &flaking));
    derm_tiles_sum(&w->tiles, &flaking, w->objects, area);
    derm_objects_set(w->objects, photo, area, area);
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

static bool is_fine_enough(const struct derm_run *run, double min_px_per_mm)
{
    const struct derm_pair *const pair = run->pair;

    return derm_measured_frame(run)->view.grid.px_per_mm >= min_px_per_mm &&
           (!pair || pair->follow->view.grid.px_per_mm >= min_px_per_mm);
}

static derm_err run_flaking(struct derm_run *run, const void *params)
{
    const struct params *const p = params;
    struct derm_pair *const pair = run->pair;
    struct work w = { .params = p };
    struct derm_mask where;

    if (!derm_segment_is_measured(run, DERM_CONCERN_TEXTURE)) return DERM_OK;
    if (!is_fine_enough(run, (double)p->min_px_per_mm)) return DERM_OK;
    const struct derm_view *const view = &derm_measured_frame(run)->view;
    w.objects = &(pair ? pair->objects : run->frame->objects)[DERM_KIND_FLAKE_PATCH];
    DERM_TRY(derm_segment_where_lit(run, &where));
    DERM_TRY(derm_reduced_new(run, &w.reduced, &where, view->grid.px_per_mm,
                              (double)p->max_px_per_mm, (double)p->body_mm));
    DERM_TRY(derm_tiles_cut(run, view, &w.reduced.where, w.reduced.factor, (double)p->tile_mm,
                            &w.tiles, w.objects));
    DERM_TRY(measure(run, &w, view, 0));
    return pair ? measure(run, &w, &pair->warped, 1) : DERM_OK;
}

const struct derm_stage derm_stage_flaking = {
    .name = "flaking",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS,
    .writes = DERM_SLOT(flaking),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_flaking,
};
