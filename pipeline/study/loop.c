/* SPDX-License-Identifier: Apache-2.0 */
#include "study/loop.h"

#include <math.h>

#include "base/num.h"
#include "stages/field.h"
#include "stages/similarity.h"
#include "stages/statistics.h"

static derm_err copy_plane(struct derm_plane *to, const struct derm_plane *from,
                           struct derm_arena *keep)
{
    DERM_TRY(derm_plane_new(keep, to, from->w, from->h));
    for (int y = 0; y < from->h; y++)
        for (int x = 0; x < from->w; x++)
            derm_row(to, y)[x] = derm_row(from, y)[x];
    return DERM_OK;
}

derm_err derm_place_map_of(const struct derm_pair *pair, struct derm_arena *keep,
                           struct derm_place_map *out)
{
    const struct derm_field *const map = &pair->registration.map;
    const struct derm_mask *const common = &pair->common;

    *out = (struct derm_place_map){ .from = pair->base->view.grid,
                                    .to = pair->follow->view.grid,
                                    .scaled = pair->follow->scale.source != DERM_SCALE_UNKNOWN };
    if (!pair->registration.accepted || !common->px) return DERM_OK;
    out->map.cell_px = map->cell_px;
    DERM_TRY(copy_plane(&out->map.x, &map->x, keep));
    DERM_TRY(copy_plane(&out->map.y, &map->y, keep));
    DERM_TRY(derm_mask_new(keep, &out->seen, map->x.w, map->x.h));
    for (int j = 0; j < map->x.h; j++)
        for (int i = 0; i < map->x.w; i++) {
            const int x = clampi((int)derm_field_node(map, i), 0, common->w - 1);
            const int y = clampi((int)derm_field_node(map, j), 0, common->h - 1);

            derm_mask_row(&out->seen, j)[i] = derm_mask_row(common, y)[x];
        }
    return DERM_OK;
}

/* ---- places: between pixels of the grid and of the photo, see frame.h */

static struct derm_point photo_of_grid(const struct derm_grid *g, struct derm_point p)
{
    return (struct derm_point){ g->x0 + (p.x + 0.5) * g->step - 0.5,
                                g->y0 + (p.y + 0.5) * g->step - 0.5 };
}

static struct derm_point grid_of_photo(const struct derm_grid *g, struct derm_point p)
{
    return (struct derm_point){ (p.x + 0.5 - g->x0) / g->step - 0.5,
                                (p.y + 0.5 - g->y0) / g->step - 0.5 };
}

/* Both in pixels of their photos. False: not on skin that both show. */
static bool follow_map(const struct derm_place_map *m, struct derm_point from,
                       struct derm_point *to)
{
    const struct derm_point p = grid_of_photo(&m->from, from);
    const double i = floor((p.x + 0.5) / m->map.cell_px), j = floor((p.y + 0.5) / m->map.cell_px);

    if (!(i >= 0 && i < m->seen.w && j >= 0 && j < m->seen.h)) return false;
    if (!derm_mask_row(&m->seen, (int)j)[(int)i]) return false;
    *to = photo_of_grid(&m->to, derm_field_at(&m->map, p.x, p.y));
    return true;
}

/* Node (i, j) of a map, in pixels of the photo it starts from. */
static struct derm_point node_of(const struct derm_place_map *m, int i, int j)
{
    return photo_of_grid(
        &m->from, (struct derm_point){ derm_field_node(&m->map, i), derm_field_node(&m->map, j) });
}

derm_err derm_loop_match(const struct derm_place_map *before, const struct derm_place_map *step,
                         struct derm_arena *scratch, struct derm_match *out)
{
    const int w = before->map.x.w, h = before->map.x.h;
    const size_t mark = scratch->used;
    struct derm_similarity m;
    struct derm_pairing *pair;
    int n = 0;

    *out = (struct derm_match){ .found = false };
    if (!before->map.x.px || !step->map.x.px) return DERM_OK;
    DERM_TRY(derm_arena_new(scratch, &pair, (size_t)w * (size_t)h, sizeof(*pair)));
    for (int j = 0; j < h; j++)
        for (int i = 0; i < w; i++) {
            struct derm_pairing *const p = &pair[n];
            struct derm_point middle;

            p->from = node_of(before, i, j);
            p->weight = 1;
            n += follow_map(before, p->from, &middle) && follow_map(step, middle, &p->to);
        }
    if (derm_similarity_fit(&m, pair, n)) derm_match_by(out, &m);
    derm_arena_reset(scratch, mark);
    return DERM_OK;
}

derm_err derm_loop_of(const struct derm_place_map *straight, const struct derm_place_map *before,
                      const struct derm_place_map *step, struct derm_arena *scratch,
                      struct derm_loop *out)
{
    const struct derm_field *const map = &straight->map;
    const double px_per_mm = straight->to.px_per_mm * straight->to.step;
    const size_t mark = scratch->used;
    double *distance;

    *out = (struct derm_loop){ .scaled = straight->scaled };
    if (!map->x.px || !before->map.x.px || !step->map.x.px) return DERM_OK;
    DERM_TRY(
        derm_arena_new(scratch, &distance, (size_t)map->x.w * (size_t)map->x.h, sizeof(*distance)));
    for (int j = 0; j < map->x.h; j++)
        for (int i = 0; i < map->x.w; i++) {
            const struct derm_point at = node_of(straight, i, j);
            struct derm_point end, middle, other;

            if (!follow_map(straight, at, &end) || !follow_map(before, at, &middle) ||
                !follow_map(step, middle, &other))
                continue;
            distance[out->places++] =
                sqrt((end.x - other.x) * (end.x - other.x) + (end.y - other.y) * (end.y - other.y));
        }
    if (out->places > 0) {
        derm_sort(distance, out->places);
        out->median = derm_percentile(distance, out->places, 0.5) / (out->scaled ? px_per_mm : 1);
        out->p95 = derm_percentile(distance, out->places, 0.95) / (out->scaled ? px_per_mm : 1);
    }
    derm_arena_reset(scratch, mark);
    return DERM_OK;
}

struct derm_value derm_loop_gap(const struct derm_result *straight,
                                const struct derm_result *before, const struct derm_result *step)
{
    const double a = straight->change_sd, b = before->change_sd, c = step->change_sd;

    return (struct derm_value){ straight->change - before->change - step->change,
                                sqrt(a * a + b * b + c * c) };
}
