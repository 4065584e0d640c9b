/* SPDX-License-Identifier: Apache-2.0 */
/* evenness: how much the colour of the skin differs from place to place.
 *
 * reads   od, skin, regions, tone (broad weights), and in a pair the warped view and common skin
 * writes  evenness: objects[COLOUR_PATCH], tiles of the skin; value: over the tile's pixels, the
 *         sum of how far melanin and haemoglobin are from what they are around (optical density)
 *
 * The two maps are made by weights that shade, being neutral, does not move; what is left of the
 * light is a quadratic of the place, which is taken away, and what is broader than 20 mm. Finer
 * than 1 mm it is texture. A mean of distances, not of their squares: a few dark lesions count by
 * their area and contrast, but do not drown the rest (algorithms, section 8, asks for a robust sd).
 * Lesions belong to it; hair and gloss are not in the mask. */
#include <math.h>

#include "base/num.h"
#include "stages/bend.h"
#include "stages/comparable.h"
#include "stages/segment.h"
#include "stages/stages.h"
#include "stages/tiles.h"

struct params {
    float max_px_per_mm, fill_mm, fine_mm, broad_mm, tile_mm, shade_od;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, max_px_per_mm, 3, 1, 20, "working resolution: finer is averaged out"),
    DERM_OPT(struct params, fill_mm, 2, 0.5, 20, "sigma of the fill outside the skin"),
    DERM_OPT(struct params, fine_mm, 0.5, 0.1, 10,
             "sigma of the fine end of the band: features 1 mm wide (algorithms, section 8)"),
    DERM_OPT(struct params, broad_mm, 10, 1, 100,
             "sigma of the broad end: features 20 mm wide (the same)"),
    DERM_OPT(struct params, tile_mm, 6, 1, 100, "side of a patch"),
    DERM_OPT(
        struct params, shade_od, 0.1, 0.001, 5,
        "what is further from the quadratic of the light does not pull at it, optical density"),
    { 0 },
};

enum { MELANIN, BLOOD, PIGMENTS };

struct work { /* on the reduced grid */
    const struct params *params;
    const struct derm_mask *where; /* grid px */
    struct derm_reduced reduced;
    struct derm_tiles tiles;
    struct derm_objects *objects;
};

static derm_err make_maps(struct derm_run *run, const struct work *w, const struct derm_view *view,
                          struct derm_plane map[PIGMENTS])
{
    struct derm_plane od[3];

    for (int c = 0; c < 3; c++)
        DERM_TRY(derm_reduced_plane(run, &w->reduced, &od[c], &view->od[c], w->where));
    for (int i = 0; i < PIGMENTS; i++) {
        const float *const weight =
            i == MELANIN ? run->tone->broad_melanin : run->tone->broad_blood;

        DERM_TRY(derm_plane_raw(run->scratch, &map[i], od->w, od->h));
        for (int y = 0; y < od->h; y++)
            run->k->mix3(derm_row(&map[i], y), derm_row(&od[0], y), derm_row(&od[1], y),
                         derm_row(&od[2], y), weight, (size_t)od->w);
    }
    return DERM_OK;
}

/* Takes from both maps at once the quadratic of the place that fits the tiles' means: a bend whose
 * two coordinates are the pigments. */
static derm_err flatten(struct derm_run *run, const struct work *w, struct derm_plane map[PIGMENTS])
{
    const struct derm_objects *const tiles = w->objects;
    struct derm_pairing *mean;
    struct derm_bend light = { .terms = 0 };
    double *sum[PIGMENTS];

    DERM_TRY(derm_arena_new(run->scratch, &mean, (size_t)tiles->n + 1, sizeof(*mean)));
    for (int i = 0; i < PIGMENTS; i++) {
        DERM_TRY(derm_arena_new(run->scratch, &sum[i], (size_t)tiles->n + 1, sizeof(*sum[i])));
        derm_tiles_sum(&w->tiles, &map[i], tiles, sum[i]);
    }
    for (int i = 0; i < tiles->n; i++) {
        const struct derm_object *const o = &tiles->item[i];

        mean[i] = (struct derm_pairing){
            .from = { o->x, o->y },
            .to = { sum[MELANIN][i] / o->area_px, sum[BLOOD][i] / o->area_px },
            .weight = 1,
        };
    }
    if (!derm_bend_fit(&light, DERM_BEND_TERMS, mean, tiles->n, (double)w->params->shade_od))
        return DERM_OK; /* a strip or a speck of skin: the band alone must do */
    for (int y = 0; y < map->h; y++)
        for (int x = 0; x < map->w; x++) {
            const struct derm_point at = { derm_reduced_to_grid(&w->reduced, x),
                                           derm_reduced_to_grid(&w->reduced, y) };
            const struct derm_point shade = derm_bend_apply(&light, at);

            derm_row(&map[MELANIN], y)[x] -= (float)shade.x;
            derm_row(&map[BLOOD], y)[x] -= (float)shade.y;
        }
    return DERM_OK;
}

/* map[0] = how far the colour is from that around it. */
static derm_err take_distance(struct derm_run *run, const struct work *w,
                              struct derm_plane map[PIGMENTS])
{
    const struct derm_filter f = derm_run_filter(run);
    const double px_per_mm = w->reduced.px_per_mm;
    struct derm_plane fine[PIGMENTS], broad[PIGMENTS];

    for (int i = 0; i < PIGMENTS; i++) {
        DERM_TRY(derm_plane_raw(run->scratch, &fine[i], map->w, map->h));
        DERM_TRY(derm_plane_raw(run->scratch, &broad[i], map->w, map->h));
    }
    DERM_TRY(derm_gaussian_masked_planes(&f, fine, map, 2, &w->reduced.where,
                                         (double)w->params->fine_mm * px_per_mm));
    DERM_TRY(derm_gaussian_masked_planes(&f, broad, map, 2, &w->reduced.where,
                                         (double)w->params->broad_mm * px_per_mm));
    for (int y = 0; y < map->h; y++)
        for (int x = 0; x < map->w; x++) {
            const float m = derm_row(&fine[MELANIN], y)[x] - derm_row(&broad[MELANIN], y)[x];
            const float b = derm_row(&fine[BLOOD], y)[x] - derm_row(&broad[BLOOD], y)[x];

            derm_row(map, y)[x] = sqrtf(m * m + b * b);
        }
    return DERM_OK;
}

static derm_err measure(struct derm_run *run, const struct work *w, const struct derm_view *view,
                        int photo)
{
    const size_t mark = run->scratch->used;
    struct derm_plane map[PIGMENTS];
    double *sum;

    DERM_TRY(derm_arena_new(run->scratch, &sum, (size_t)w->objects->n + 1, sizeof(*sum)));
    DERM_TRY(make_maps(run, w, view, map));
    DERM_TRY(flatten(run, w, map));
    DERM_TRY(take_distance(run, w, map));
    derm_tiles_sum(&w->tiles, map, w->objects, sum);
    for (int i = 0; i < w->objects->n; i++) {
        struct derm_object *const o = &w->objects->item[i];

        *(photo == 0 ? &o->base_value : &o->follow_value) = sum[i];
        *(photo == 0 ? &o->base_area_px : &o->follow_area_px) = o->area_px;
    }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

static derm_err run_evenness(struct derm_run *run, const void *params)
{
    const struct params *const p = params;
    struct derm_pair *const pair = run->pair;
    struct derm_mask where;
    struct work w = { .params = p, .where = &where };

    if (!derm_segment_is_measured(run, DERM_CONCERN_TONE)) return DERM_OK;
    const struct derm_view *const view = &derm_measured_frame(run)->view;
    w.objects = &(pair ? pair->objects : run->frame->objects)[DERM_KIND_COLOUR_PATCH];
    DERM_TRY(derm_segment_where(run, &where));
    derm_leave_out_neck(view, &where);
    DERM_TRY(derm_reduced_new(run, &w.reduced, &where, view->grid.px_per_mm,
                              (double)p->max_px_per_mm, (double)p->fill_mm));
    DERM_TRY(derm_tiles_cut(run, view, &w.reduced.where, w.reduced.factor, (double)p->tile_mm,
                            &w.tiles, w.objects));
    DERM_TRY(measure(run, &w, view, 0));
    return pair ? measure(run, &w, &pair->warped, 1) : DERM_OK;
}

const struct derm_stage derm_stage_evenness = {
    .name = "evenness",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS,
    .writes = DERM_SLOT(evenness),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_evenness,
};
