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
 * bright as white counts for nothing.
 *
 * The light around is broad and is learnt from a lattice of pixels. White shows most in blue, of
 * which skin returns least: what is not brighter in blue is not looked at any closer. */
#include <math.h>

#include "base/num.h"
#include "stages/comparable.h"
#include "stages/mask_ops.h"
#include "stages/objects.h"
#include "stages/segment.h"
#include "stages/stages.h"
#include "stages/statistics.h"
#include "stages/surface.h"
#include "stages/tiles.h"

struct params {
    float min_px_per_mm, body_mm, step_mm, least_colour, limit;
    float min_mm2, max_mm2, min_cover, min_slope, most_light, tile_mm;
    int rounds;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, min_px_per_mm, 8, 0, 100,
             "scales are not searched for with less (algorithms, section 11)"),
    DERM_OPT(struct params, body_mm, 1.5, 0.2, 20,
             "sigma of the surround that the body's light is learnt from: beyond a scale"),
    DERM_OPT(struct params, step_mm, 0.5, 0.02, 5,
             "of the lattice of pixels that it is learnt from: a third of that sigma"),
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

struct work {
    const struct params *params;
    struct derm_mask where; /* what is measured, grid px */
    struct derm_tiles tiles;
    struct derm_objects *objects;
};

/* ---- one photo's light beside that of the body */

struct skin {
    const struct params *params;
    const struct derm_view *view;
    struct derm_lattice at;    /* at whose nodes the light of the body is held */
    struct derm_plane body[3]; /* 0 where no skin is near */
};
struct look {        /* at a pixel; as shares of the light around */
    float white;     /* 3 m */
    float beyond;    /* brightness, less 1 */
    float around;    /* that light, all channels */
    float brightest; /* of the channels, of white */
};

static float light_at(const struct derm_view *view, int c, int x, int y)
{
    return derm_expf(-derm_row(&view->od[c], y)[x]);
}

static float brightness_at(const struct derm_view *view, int x, int y)
{
    return light_at(view, 0, x, y) + light_at(view, 1, x, y) + light_at(view, 2, x, y);
}

/* Of the lattice's nodes along one axis those before and after px, and how far between them. */
struct between {
    int before, after;
    float t;
};
static struct between between_nodes(int px, int step, int nodes)
{
    const int beyond_first = px - step / 2;
    const float u = clampf((float)beyond_first / (float)step, 0, (float)(nodes - 1));
    const int i = (int)u;

    return (struct between){ i, imin(i + 1, nodes - 1), u - (float)i };
}

static void body_at(float body[3], const struct skin *s, int x, int y)
{
    const struct between u = between_nodes(x, s->at.step, s->at.w),
                         v = between_nodes(y, s->at.step, s->at.h);

    for (int c = 0; c < 3; c++) {
        const float *const above = derm_row(&s->body[c], v.before);
        const float *const below = derm_row(&s->body[c], v.after);
        const float top = above[u.before] + u.t * (above[u.after] - above[u.before]);
        const float low = below[u.before] + u.t * (below[u.after] - below[u.before]);

        body[c] = top + v.t * (low - top);
    }
}

static struct look look_at(const struct skin *s, int x, int y)
{
    const float r = light_at(s->view, 0, x, y), g = light_at(s->view, 1, x, y),
                b = light_at(s->view, 2, x, y);
    float body[3];

    body_at(body, s, x, y);
    const float around = derm_larger(body[0] + body[1] + body[2], 1e-6f);
    return (struct look){
        .white = derm_white_share(r, g, b, body[0], body[1], body[2], s->params->least_colour),
        .beyond = (r + g + b) / around - 1,
        .around = around,
        .brightest = derm_larger(r, derm_larger(g, b)),
    };
}

/* Whiter and brighter than the skin around, in blue, too. */
static bool is_white(const struct skin *s, int x, int y)
{
    const float limit = s->params->limit;
    float body[3];

    body_at(body, s, x, y);
    if (light_at(s->view, 2, x, y) <= (1 + limit) * body[2]) return false;
    const struct look l = look_at(s, x, y);
    return derm_smaller(l.white, l.beyond) > limit;
}

static void take_light(const struct skin *s, const struct derm_mask *where,
                       struct derm_plane light[3], struct derm_mask *plain)
{
    for (int j = 0; j < s->at.h; j++)
        for (int i = 0; i < s->at.w; i++) {
            const int x = derm_lattice_at(&s->at, i), y = derm_lattice_at(&s->at, j);

            derm_mask_row(plain, j)[i] = derm_mask_row(where, y)[x];
            for (int c = 0; c < 3; c++)
                derm_row(&light[c], j)[i] = light_at(s->view, c, x, y);
        }
}

static void leave_out_white(const struct skin *s, struct derm_mask *plain)
{
    for (int j = 0; j < plain->h; j++) {
        uint8_t *const row = derm_mask_row(plain, j);

        for (int i = 0; i < plain->w; i++)
            if (row[i] && is_white(s, derm_lattice_at(&s->at, i), derm_lattice_at(&s->at, j)))
                row[i] = 0;
    }
}

static derm_err learn_body(struct derm_run *run, struct skin *s, const struct derm_mask *where)
{
    const struct derm_filter f = derm_run_filter(run);
    const double sigma_px =
        (double)s->params->body_mm * s->view->grid.px_per_mm / (double)s->at.step;
    struct derm_plane light[3];
    struct derm_mask plain; /* of which it is learnt */

    DERM_TRY(derm_mask_raw(run->scratch, &plain, s->at.w, s->at.h));
    for (int c = 0; c < 3; c++) {
        DERM_TRY(derm_plane_raw(run->scratch, &light[c], s->at.w, s->at.h));
        DERM_TRY(derm_plane_raw(run->scratch, &s->body[c], s->at.w, s->at.h));
    }
    take_light(s, where, light, &plain);
    for (int round = 0; round < s->params->rounds; round++) {
        if (round > 0) leave_out_white(s, &plain);
        DERM_TRY(derm_gaussian_masked_planes(&f, s->body, light, 3, &plain, sigma_px));
    }
    return DERM_OK;
}

/* ---- what is white */

/* The density in blue that a white pixel of the cell around node (i, j) is below: of such a pixel
 * and the darkest of the nodes that its body's light lies between. Where one has none nothing is
 * white. */
static float most_blue_od(const struct skin *s, int i, int j)
{
    float least = INFINITY;

    for (int v = imax(j - 1, 0); v <= imin(j + 1, s->at.h - 1); v++)
        for (int u = imax(i - 1, 0); u <= imin(i + 1, s->at.w - 1); u++)
            least = derm_smaller(least, derm_row(&s->body[2], v)[u]);
    return least > 0 ? -derm_lnf((1 + s->params->limit) * least) : -INFINITY;
}

/* The same for the pixels of a row of cells; what is left of the photo is of the last cell. */
static void most_blue_row(float *restrict most, const struct skin *s, int j, int w)
{
    for (int i = 0, x = 0; i < s->at.w; i++) {
        const float od = most_blue_od(s, i, j);
        const int end = i + 1 < s->at.w ? x + s->at.step : w;

        while (x < end)
            most[x++] = od;
    }
}

static void mark_blue(uint8_t *restrict out, const float *restrict od, const float *restrict most,
                      const uint8_t *restrict measured, int w)
{
    for (int x = 0; x < w; x++)
        out[x] = (uint8_t)(measured[x] & -(od[x] < most[x]));
}

static derm_err mark_white(struct derm_run *run, const struct skin *s,
                           const struct derm_mask *where, struct derm_mask *white)
{
    float *most;

    DERM_TRY(derm_mask_raw(run->scratch, white, where->w, where->h));
    DERM_TRY(derm_arena_raw(run->scratch, &most, (size_t)where->w, sizeof(*most)));
    for (int y = 0; y < white->h; y++) {
        uint8_t *const row = derm_mask_row(white, y);

        if (y % s->at.step == 0 && y / s->at.step < s->at.h)
            most_blue_row(most, s, y / s->at.step, white->w);
        mark_blue(row, derm_row(&s->view->od[2], y), most, derm_mask_row(where, y), white->w);
        for (int x = -1; (x = derm_mask_next(white, y, x + 1)) < white->w;)
            if (!is_white(s, x, y)) row[x] = 0;
    }
    return DERM_OK;
}

/* ---- scales */

struct patch { /* sums over its pixels, and what follows from them */
    double n, cover, height, height2, slope, slope2;
    float brightest, level;
};

/* Of the brightness, as a share of the light around, per px. */
static double slope_at(const struct skin *s, float around, int x, int y)
{
    const int left = imax(x - 1, 0), right = imin(x + 1, s->view->od[0].w - 1);
    const int above = imax(y - 1, 0), below = imin(y + 1, s->view->od[0].h - 1);
    const double dx = (double)(brightness_at(s->view, right, y) - brightness_at(s->view, left, y));
    const double dy = (double)(brightness_at(s->view, x, below) - brightness_at(s->view, x, above));

    return 0.5 * sqrt(dx * dx + dy * dy) / (double)around;
}

static void add_pixel(struct patch *patch, const struct skin *s, int x, int y)
{
    const struct look l = look_at(s, x, y);
    const double height = (double)l.beyond, slope = slope_at(s, l.around, x, y);

    patch->cover += (double)l.white - height;
    patch->height += height;
    patch->height2 += height * height;
    patch->slope += slope;
    patch->slope2 += slope * slope;
    patch->brightest = derm_larger(patch->brightest, l.brightest);
}

static bool has_size(const struct patch *patch, const struct skin *s)
{
    const double mm2 = patch->n / (s->view->grid.px_per_mm * s->view->grid.px_per_mm);

    return mm2 >= (double)s->params->min_mm2 && mm2 <= (double)s->params->max_mm2;
}

/* The brightness from which a pixel of the patch lies under a scale: half its height. */
static float level_of(const struct patch *patch, const struct skin *s)
{
    const struct params *const p = s->params;

    if (!has_size(patch, s)) return INFINITY;
    const double height = patch->height2 / patch->height;
    const double slope = patch->slope2 / fmax(patch->slope, 1e-12);
    const bool is_scale = patch->cover >= (double)p->min_cover * patch->n &&
                          slope * s->view->grid.px_per_mm >= (double)p->min_slope * height &&
                          patch->brightest < p->most_light;

    return is_scale ? (float)(0.5 * height) : INFINITY;
}

/* patch[object] of all that is white. */
static void weigh_patches(struct patch *patch, const struct skin *s, const struct derm_spans *white,
                          int h)
{
    for (int i = 0; i < white->row[h]; i++)
        patch[white->span[i].object].n += white->span[i].x1 - white->span[i].x0;
    for (int y = 0; y < h; y++)
        for (int i = white->row[y]; i < white->row[y + 1]; i++) {
            const struct derm_span *const span = &white->span[i];

            if (has_size(&patch[span->object], s))
                for (int x = span->x0; x < span->x1; x++)
                    add_pixel(&patch[span->object], s, x, y);
        }
    for (int i = 1; i <= white->objects; i++)
        patch[i].level = level_of(&patch[i], s);
}

/* area[tile's object] = pixels under scales. */
static derm_err find_scales(struct derm_run *run, const struct work *w, const struct skin *s,
                            double *area)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_spans spans;
    struct derm_mask white;
    struct patch *patch;

    DERM_TRY(mark_white(run, s, &w->where, &white));
    DERM_TRY(derm_label_spans(&f, &spans, &white));
    DERM_TRY(derm_arena_new(run->scratch, &patch, (size_t)spans.objects + 1, sizeof(*patch)));
    weigh_patches(patch, s, &spans, white.h);
    for (int y = 0; y < white.h; y++)
        for (int i = spans.row[y]; i < spans.row[y + 1]; i++) {
            const struct derm_span *const span = &spans.span[i];
            const float level = patch[span->object].level;

            for (int x = span->x0; x < span->x1 && level < INFINITY; x++) {
                const int object = derm_tiles_object(&w->tiles, x, y);

                if (object >= 0) area[object] += look_at(s, x, y).beyond >= level;
            }
        }
    return DERM_OK;
}

static struct derm_lattice lattice_of(const struct derm_grid *grid, double step_mm)
{
    const int step = clampi((int)lround(step_mm * grid->px_per_mm), 1, imin(grid->w, grid->h));

    return (struct derm_lattice){ step, grid->w / step, grid->h / step };
}

static derm_err measure(struct derm_run *run, const struct work *w, const struct derm_view *view,
                        int photo)
{
    const size_t mark = run->scratch->used;
    struct skin s = { .params = w->params,
                      .view = view,
                      .at = lattice_of(&view->grid, (double)w->params->step_mm) };
    double *area;

    DERM_TRY(derm_arena_new(run->scratch, &area, (size_t)w->objects->n + 1, sizeof(*area)));
    DERM_TRY(learn_body(run, &s, &w->where));
    DERM_TRY(find_scales(run, w, &s, area));
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

    if (!derm_segment_is_measured(run, DERM_CONCERN_TEXTURE)) return DERM_OK;
    if (!is_fine_enough(run, (double)p->min_px_per_mm)) return DERM_OK;
    const struct derm_view *const view = &derm_measured_frame(run)->view;
    w.objects = &(pair ? pair->objects : run->frame->objects)[DERM_KIND_FLAKE_PATCH];
    DERM_TRY(derm_segment_where_lit(run, &w.where));
    DERM_TRY(derm_tiles_cut(run, view, &w.where, 1, (double)p->tile_mm, &w.tiles, w.objects));
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
