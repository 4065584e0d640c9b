/* SPDX-License-Identifier: Apache-2.0 */
/* scars: atrophic (sunken) scars of 1 to 8 mm: icepick, boxcar, rolling.
 *
 * find    view.od, skin or what is common to two photos, grid
 * sample  footprint area x (relief energy in the footprint - energy of the surround); the energy is
 *         the square of optical density (a mean of red and green) between 0.25 and 2 mm. The area
 *         is that of the footprint in either photo: where a faded scar ends cannot be seen apart
 *         from its depth
 *
 * One photo shows a hollow in two ways: less light reaches its ground, so it is a dark spot; and
 * the side of it that is towards the light lies in shade while the far side gleams. The direction
 * of the light is read from the skin itself: the small hollows (pores, fine scars) shade all alike.
 * Where they do not agree on a direction only dark spots are looked for. Shape in millimetres of
 * depth cannot be had from one photo.
 *
 * Red shows pigment and blood least; what is much stronger in green or blue than in red is colour,
 * not relief. But a JPEG stores red coarsely: with some green the measure is steadier. Lines and
 * single pores are left out by shape and size. */
#include <math.h>

#include "base/num.h"
#include "stages/clutter.h"
#include "stages/hollow_energy.h"
#include "stages/objects.h"
#include "stages/pits.h"
#include "stages/reduced.h"
#include "stages/segment.h"
#include "stages/stages.h"

static const double pi = 3.141592653589793;

/* Sigma, in equal steps over scars of 1 to 8 mm across. The first size is that of pores and the
 * last that of the body's own shape: what responds to them most is no scar. */
static const struct derm_pit_search dark_sizes = {
    .sigma_mm = { 0.3, 0.45, 0.7, 1.1, 1.8, 2.8, 4.2 },
    .scales = 7,
    .unwanted = 1u << 0 | 1u << 6,
};
static const struct derm_pit_search hollow_sizes = {
    .sigma_mm = { 0.3, 0.45, 0.7, 1.1, 1.8, 2.8 },
    .scales = 6,
    .unwanted = 1u << 0 | 1u << 5,
};
/* Small hollows that tell where the light comes from: pores and fine scars. */
static const struct derm_pit_search light_sizes = {
    .sigma_mm = { 0.16, 0.25 },
    .scales = 2,
};

struct params {
    float max_px_per_mm, fill_mm;
    float z_min, broad_z_min, broad_sigma_mm, apart_mm, noise_window_mm;
    float light_z_min, light_apart_mm, light_min_agreement;
    float min_ratio, min_response, max_response, min_skin_share, max_colour, max_colour_faint;
    float dark_ita_deg;
    float max_rebound, min_mm2, min_px, max_nose_mm, reach, echo;
    float red_share, band_lo_mm, band_hi_mm, ring_lo_mm, ring_hi_mm;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, max_px_per_mm, 7, 2, 100,
             "working resolution: the finest scale of scars is 2 px or so"),
    DERM_OPT(struct params, fill_mm, 2, 0.1, 20, "sigma of the fill outside the skin"),
    DERM_OPT(struct params, z_min, 4.5, 1, 100,
             "response in units of the noise around it (algorithms, section 5, has 4; at 4.5 faces "
             "without scars show a third fewer small ones, even people, and phantoms, even seeds, "
             "lose 1 of 47)"),
    DERM_OPT(struct params, broad_z_min, 3, 1, 100,
             "the same for a broad dark spot: rolling scars lie in noise that is partly their own "
             "(found 1.2 times as many, even seeds, none false)"),
    DERM_OPT(struct params, broad_sigma_mm, 0.7, 0, 100,
             "from this size on a spot is broad: beyond pores and the smallest naevi"),
    DERM_OPT(struct params, apart_mm, 1.2, 0.1, 20,
             "of scars nearer than this the strongest counts: the smallest scar's size"),
    DERM_OPT(struct params, noise_window_mm, 10, 1, 100,
             "sigma of the window of the noise: wider than the largest scar"),
    DERM_OPT(struct params, light_z_min, 3, 1, 100,
             "response of the small hollows that tell the light's direction, in units of noise"),
    DERM_OPT(struct params, light_apart_mm, 0.5, 0.1, 20, "distance of such hollows"),
    DERM_OPT(struct params, light_min_agreement, 3, 0, 100,
             "of such hollows on one direction, in sd; below it only dark spots are looked for"),
    DERM_OPT(struct params, min_ratio, 0.3, -1, 1,
             "smaller / larger curvature: lines are below 0.2"),
    DERM_OPT(struct params, min_response, 0.04, 0.001, 1,
             "optical density; less cannot be told from uneven skin"),
    DERM_OPT(struct params, max_response, 0.3, 0.01, 5,
             "optical density; brows and lashes are beyond"),
    DERM_OPT(struct params, min_skin_share, 0.85, 0, 1,
             "of the surround that is skin: the edge of the skin is no scar"),
    DERM_OPT(struct params, max_colour, 1.35, 0.5, 10,
             "green or blue response relative to red; pigment and blood are beyond"),
    DERM_OPT(struct params, max_colour_faint, 1.2, 0.5, 10,
             "the same for what is broad and below z_min: faint pigment is common, and a shallow "
             "hollow hardly reddens its own light"),
    DERM_OPT(struct params, dark_ita_deg, 15, -90, 90,
             "on darker skin melanin takes green less than max_colour times as much as red, and "
             "nothing counts (of what is found, right: 56 of 56 at ITA 25 and more, 5 of 7 at 5, "
             "where 5 of 28 are found; skin of -10 to -45 reads up to 11; phantoms, even seeds)"),
    DERM_OPT(struct params, max_rebound, 0.75, 0, 10,
             "opposite slope beside a hollow, relative to its own: half for a hollow, all for the "
             "edge of a spot"),
    DERM_OPT(struct params, min_mm2, 0.6, 0, 100, "area of the smallest scar that is listed"),
    DERM_OPT(
        struct params, min_px, 6, 0, 100,
        "and its diameter, photo px: a JPEG takes the colour from what is narrower, so naevi look "
        "like it (none of 47 such on even people was a scar by eye)"),
    DERM_OPT(struct params, max_nose_mm, 4, 0, 100,
             "diameter of the widest scar on a nose: its own sides are wider hollows (in 3 of 41 "
             "faces, of 8 mm)"),
    DERM_OPT(struct params, reach, 2, 0.5, 10, "of a footprint and of the surround, in sigma"),
    DERM_OPT(struct params, echo, 1.6, 0, 10,
             "radii of a scar within which nothing else is one: its shaded side and its ground are "
             "dark spots, too"),
    DERM_OPT(struct params, red_share, 0.7, 0, 1,
             "of red in the mean whose relief is measured, the rest is green"),
    DERM_OPT(struct params, band_lo_mm, 0.25, 0.05, 5,
             "relief: sigma of the finer Gaussian (algorithms, section 5)"),
    DERM_OPT(struct params, band_hi_mm, 2, 0.1, 20,
             "relief: sigma of the broader Gaussian (algorithms, section 5)"),
    DERM_OPT(struct params, ring_lo_mm, 0.3, 0, 20,
             "inner radius of the surround, beyond the footprint's farthest pixel"),
    DERM_OPT(struct params, ring_hi_mm, 2, 0.1, 20,
             "outer radius of the surround, beyond the footprint's farthest pixel"),
    { 0 },
};

struct bench { /* working planes, reduced */
    const struct derm_kernels *k;
    const struct params *params;
    const struct derm_view *view;
    const struct derm_mask *where; /* of the grid */
    struct derm_reduced c;
    struct derm_plane od[3];
    struct derm_plane soft;    /* od[0], smoothed by the finer Gaussian */
    double toward_x, toward_y; /* the light; 0, 0 when the skin does not say */
    bool dark_skin;            /* on which nothing is sought: pigment looks like scars there */
};

static derm_err soften(struct derm_run *run, struct bench *b)
{
    const struct derm_filter f = derm_run_filter(run);

    DERM_TRY(derm_plane_new(run->scratch, &b->soft, b->od[0].w, b->od[0].h));
    return derm_gaussian(&f, &b->soft, &b->od[0], (double)b->params->band_lo_mm * b->c.px_per_mm);
}

static derm_err prepare(struct derm_run *run, const void *params, const struct derm_view *view,
                        const struct derm_mask *where, const void **prepared)
{
    const struct params *const p = params;
    struct bench *b;

    DERM_TRY(derm_arena_new(run->scratch, &b, 1, sizeof(*b)));
    *b = (struct bench){ .k = run->k,
                         .params = p,
                         .view = view,
                         .where = where,
                         .dark_skin = run->tone->ita_deg < (double)p->dark_ita_deg };
    *prepared = b;
    DERM_TRY(derm_reduced_new(run, &b->c, where, view->grid.px_per_mm, (double)p->max_px_per_mm,
                              (double)p->fill_mm));
    return derm_reduced_use_head(run, &b->c, &view->regions);
}

static derm_err find_light(struct derm_run *run, struct bench *b)
{
    const struct params *const p = b->params;
    struct derm_pit_search s = light_sizes;
    struct derm_pit *pit;
    double sum[2] = { 0 }, squares = 0, length;
    int n;

    s.px_per_mm = b->c.px_per_mm;
    s.z_min = (double)p->light_z_min;
    s.min_ratio = (double)p->min_ratio;
    s.apart_mm = (double)p->light_apart_mm;
    s.window_mm = (double)p->noise_window_mm;
    DERM_TRY(derm_pits_find(run, &b->od[1], &b->c.where, &s, &pit, &n));
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 2; k++) {
            /* Unit weight at most: one large object must not decide. */
            const double slope =
                (k ? pit[i].slope_y : pit[i].slope_x) / fmax(pit[i].response, 1e-6);
            sum[k] += clampd(slope, -1, 1);
            squares += slope * slope < 1 ? slope * slope : 1;
        }
    length = sqrt(sum[0] * sum[0] + sum[1] * sum[1]);
    if (length > 0 && length > (double)p->light_min_agreement * sqrt(squares)) {
        b->toward_x = sum[0] / length;
        b->toward_y = sum[1] / length;
    }
    return DERM_OK;
}

/* Response of the filter that finds dark spots, or of the one that finds hollows, in one channel.
 */
static double seen_in(const struct bench *b, const struct derm_pit_aim *aim, bool by_slope,
                      int channel)
{
    const struct derm_pit_look look = derm_pit_look(b->k, &b->od[channel], aim);

    return by_slope ? b->toward_x * look.x + b->toward_y * look.y : derm_pit_response(&look);
}

static double slope_at(const struct bench *b, double x, double y, double sigma_px)
{
    struct derm_pit_aim aim;

    derm_pit_aim(&aim, x, y, sigma_px);
    return seen_in(b, &aim, true, 0);
}

/* The edge of a dark spot slopes as a hollow does, but has an equal slope the other way at the
 * opposite edge; a hollow has half of it on either side. */
static bool is_edge(const struct bench *b, const struct derm_pit *p)
{
    static const double step = 0.4; /* sigma */
    enum { STEPS = 8 };

    for (int i = 1; i <= STEPS; i++)
        for (int side = -1; side <= 1; side += 2) {
            const double away_px = side * i * step * p->sigma_px;
            const double x = p->x + away_px * b->toward_x;
            const double y = p->y + away_px * b->toward_y;

            if (slope_at(b, x, y, p->sigma_px) < -(double)b->params->max_rebound * p->response)
                return true;
        }
    return false;
}

/* What is broad may be fainter. */
static double least_z(const struct params *p, const struct derm_pit *pit)
{
    return (double)(pit->z < (double)p->z_min ? p->broad_z_min : p->z_min);
}

/* What costs least is asked first. */
static bool is_scar(const struct bench *b, const struct derm_pit *pit, bool by_slope)
{
    const struct params *const p = b->params;
    const bool faint = pit->z < (double)p->z_min;
    const double max_colour = (double)(faint ? p->max_colour_faint : p->max_colour);
    struct derm_pit_aim aim;

    if (faint && dark_sizes.sigma_mm[pit->scale] < (double)p->broad_sigma_mm) return false;
    if (pit->response < (double)p->min_response || pit->response > (double)p->max_response)
        return false;
    if (derm_pit_share(&b->c.where, pit->x, pit->y, (double)p->reach * pit->sigma_px) <
        (double)p->min_skin_share)
        return false;
    derm_pit_aim(&aim, pit->x, pit->y, pit->sigma_px);
    for (int channel = 1; channel <= 2; channel++)
        if (seen_in(b, &aim, by_slope, channel) > max_colour * pit->response) return false;
    return !by_slope || !is_edge(b, pit);
}

/* The pixels of a hollow: of a dark spot those below half depth; of shade and gleam a disc, the
 * size of a Gaussian pit whose slope the filter fits best (sigma of the pit: sqrt 3 of the
 * filter's). */
static derm_err grow(struct derm_run *run, const struct bench *b, const struct derm_pit *p,
                     bool by_slope, struct derm_mask *taken, struct derm_footprint *shape)
{
    const struct derm_point centre = { p->x, p->y };
    const double reach = (double)b->params->reach * p->sigma_px;
    const double disc = 1.1774 * 1.7320508 * p->sigma_px; /* half depth */
    const int x = clampi((int)(p->x + 0.5), 0, b->soft.w - 1);
    const int y = clampi((int)(p->y + 0.5), 0, b->soft.h - 1);
    int count;
    double around, here;

    if (by_slope) return derm_pit_grow(run, taken, &b->soft, centre, -1e30, disc, shape);
    around = derm_pit_ring(&b->soft, &b->c.where, p->x, p->y, reach, 1.5 * reach, &count);
    here = (double)derm_row(&b->soft, y)[x];
    *shape = (struct derm_footprint){ NULL, 0 };
    if (count == 0 || here <= around) return DERM_OK;
    return derm_pit_grow(run, taken, &b->soft, centre, around + 0.5 * (here - around), reach,
                         shape);
}

struct candidates {
    struct derm_objects *out;
    struct derm_mask taken; /* reduced */
    const struct derm_view *view;
};

/* Labels the measured pixels of a footprint; what is small (label 0) frees them. */
static void mark(const struct bench *b, struct candidates *c, const struct derm_footprint *shape,
                 int label)
{
    const int w = c->taken.w;

    for (int i = 0; i < shape->n; i++) {
        const int x = shape->pixel[i] % w, y = shape->pixel[i] / w;

        if (label == 0)
            derm_mask_row(&c->taken, y)[x] = 0;
        else if (derm_mask_row(&b->c.where, y)[x])
            derm_labels_row(&c->out->labels, y)[x] = label;
    }
}

/* One scar is seen several times: its shaded side and its ground are dark spots, too. */
static bool is_echo(const struct candidates *c, double echo, double x, double y)
{
    for (int i = 0; i < c->out->n; i++) {
        const struct derm_object *const o = &c->out->item[i];
        const double dx = o->x - x, dy = o->y - y;

        if (dx * dx + dy * dy < echo * echo * o->area_px / pi) return true;
    }
    return false;
}

static bool is_side_of_nose(const struct derm_object *o, const struct params *p)
{
    return ((o->regions >> DERM_REGION_NOSE) & 1) && o->diameter_mm > (double)p->max_nose_mm;
}

static derm_err accept(struct derm_run *run, const struct bench *b, const struct derm_pit *p,
                       bool by_slope, struct candidates *c)
{
    const size_t used = run->scratch->used;
    const double scale = b->c.factor;
    const struct derm_grid *const g = &c->view->grid;
    struct derm_object *const o = &c->out->item[c->out->n];
    const double x = derm_reduced_to_grid(&b->c, p->x), y = derm_reduced_to_grid(&b->c, p->y);
    const int column = clampi((int)(x + 0.5), 0, g->w - 1);
    const int row = clampi((int)(y + 0.5), 0, g->h - 1);
    struct derm_footprint shape;
    bool large, counts;

    if (is_echo(c, (double)b->params->echo, x, y) || !is_scar(b, p, by_slope)) return DERM_OK;
    DERM_TRY(grow(run, b, p, by_slope, &c->taken, &shape));
    *o = (struct derm_object){
        .x = x,
        .y = y,
        .area_px = shape.n * scale * scale,
        .contrast = 2 * p->response,
        .margin = { p->z / least_z(b->params, p) },
        .amplitude = p->response,
        .axis_ratio = clampd(p->ratio, 0.01, 1),
        .scale_px = p->sigma_px * scale,
        .regions = derm_bits_row(&c->view->regions, row)[column],
        .label = c->out->n + 1,
    };
    o->diameter_mm = 2 * sqrt(o->area_px / pi) / g->px_per_mm;
    large = shape.n >= (double)b->params->min_mm2 * b->c.px_per_mm * b->c.px_per_mm &&
            o->diameter_mm * g->px_per_mm * g->step >= (double)b->params->min_px;
    counts = large && !is_side_of_nose(o, b->params) &&
             !derm_in_clutter(&c->view->clutter, DERM_CONCERN_SCARS, o->x, o->y,
                              sqrt(o->area_px / pi), o->contrast);
    mark(b, c, &shape, counts ? o->label : 0);
    c->out->n += counts;
    derm_arena_reset(run->scratch, used);
    return DERM_OK;
}

static void set_search(const struct bench *b, struct derm_pit_search *s)
{
    s->px_per_mm = b->c.px_per_mm;
    s->z_min = (double)b->params->z_min;
    s->min_ratio = (double)b->params->min_ratio;
    s->apart_mm = (double)b->params->apart_mm;
    s->window_mm = (double)b->params->noise_window_mm;
}

/* Dark spots; and shade and gleam, where it is known where the light comes from. */
static derm_err search(struct derm_run *run, struct bench *b, struct derm_pit *pit[2], int n[2])
{
    struct derm_pit_search dark = dark_sizes, lit = hollow_sizes;

    DERM_TRY(find_light(run, b));
    set_search(b, &dark);
    set_search(b, &lit);
    dark.z_min = fmin(dark.z_min, (double)b->params->broad_z_min);
    lit.min_ratio = -INFINITY; /* shade and gleam: a saddle */
    lit.toward_x = b->toward_x;
    lit.toward_y = b->toward_y;
    DERM_TRY(derm_pits_find(run, &b->od[0], &b->c.where, &dark, &pit[0], &n[0]));
    if (b->toward_x != 0 || b->toward_y != 0)
        DERM_TRY(derm_pits_find(run, &b->od[0], &b->c.where, &lit, &pit[1], &n[1]));
    return DERM_OK;
}

/* ---- measuring */

/* Values and areas of the objects from `first` on, of the planes on the bench. */
static derm_err measure(struct derm_run *run, const struct bench *b,
                        const struct derm_objects *objects, int first, double *value,
                        double *area_px)
{
    const struct params *const p = b->params;
    const struct derm_hollow_bench hollow = { .c = &b->c,
                                              .od = &b->od[0],
                                              .soft = &b->soft,
                                              .coarse_mm = (double)p->band_hi_mm,
                                              .ring_lo_mm = (double)p->ring_lo_mm,
                                              .ring_hi_mm = (double)p->ring_hi_mm };

    return derm_hollow_energy(run, &hollow, objects, first, value, area_px);
}

static derm_err sample(struct derm_run *run, const void *params, const void *prepared,
                       const struct derm_objects *objects, int first, double *value,
                       double *area_px)
{
    struct bench b = *(const struct bench *)prepared;
    const float share = b.params->red_share, weight[3] = { share, 1 - share, 0 };

    (void)params;
    DERM_TRY(derm_reduced_mix(run, &b.c, &b.od[0], b.view->od, weight, b.where));
    DERM_TRY(soften(run, &b));
    return measure(run, &b, objects, first, value, area_px);
}

/* On the planes that found them. */
static derm_err measure_found(struct derm_run *run, const struct bench *found,
                              struct derm_objects *out)
{
    const float share = found->params->red_share, weight[3] = { share, 1 - share, 0 };
    const struct derm_plane *const od = found->od;
    struct bench b = *found;
    double *value, *area_px;

    if (out->n == 0) return DERM_OK;
    DERM_TRY(derm_plane_raw(run->scratch, &b.od[0], od[0].w, od[0].h));
    for (int y = 0; y < od[0].h; y++)
        run->k->mix3(derm_row(&b.od[0], y), derm_row(&od[0], y), derm_row(&od[1], y),
                     derm_row(&od[2], y), weight, (size_t)od[0].w);
    DERM_TRY(soften(run, &b));
    DERM_TRY(derm_arena_new(run->scratch, &value, (size_t)out->n, sizeof(*value)));
    DERM_TRY(derm_arena_new(run->scratch, &area_px, (size_t)out->n, sizeof(*area_px)));
    DERM_TRY(measure(run, &b, out, 0, value, area_px));
    derm_objects_set(out, 0, value, area_px);
    return DERM_OK;
}

/* ---- the segmenter */

static derm_err find(struct derm_run *run, const void *params, const void *prepared,
                     struct derm_objects *out)
{
    struct bench b = *(const struct bench *)prepared;
    struct candidates c = { .out = out, .view = b.view };
    struct derm_pit *pit[2];
    int n[2] = { 0 };

    (void)params;
    for (int i = 0; i < 3; i++)
        DERM_TRY(derm_reduced_plane(run, &b.c, &b.od[i], &b.view->od[i], b.where));
    if (!run->pair) derm_reduced_finish(run, &b.c); /* else planes are made to sample as well */
    DERM_TRY(soften(run, &b));
    if (!b.dark_skin) DERM_TRY(search(run, &b, pit, n));
    DERM_TRY(derm_arena_new(run->keep, &out->item, (size_t)(n[0] + n[1]) + 1, sizeof(*out->item)));
    DERM_TRY(derm_labels_new(run->keep, &out->labels, b.soft.w, b.soft.h));
    out->label_shift = derm_reduced_shift(&b.c);
    DERM_TRY(derm_mask_new(run->scratch, &c.taken, b.soft.w, b.soft.h));
    out->n = 0;
    for (int k = 1; k >= 0; k--)
        for (int i = 0; i < n[k]; i++)
            DERM_TRY(accept(run, &b, &pit[k][i], k == 1, &c));
    return run->pair ? DERM_OK : measure_found(run, &b, out);
}

const struct derm_segmenter derm_segmenter_scars = {
    .kind = DERM_KIND_SCAR,
    .merge_mm = 0.8,
    .summed_over_area = true,
    .prepare = prepare,
    .find = find,
    .sample = sample,
};

static derm_err run_scars(struct derm_run *run, const void *params)
{
    return derm_segment(run, &derm_segmenter_scars, params);
}

const struct derm_stage derm_stage_scars = {
    .name = "scars",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS,
    .writes = DERM_SLOT(scars),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_scars,
};
