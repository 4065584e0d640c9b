/* SPDX-License-Identifier: Apache-2.0 */
/* pores: dark round hollows of 0.2 to 0.8 mm.
 *
 * find    view.od (a mean of red and green finds, red and blue tell pores from blood and
 *         pigment), skin or what is common to two photos, grid
 * sample  the amplitude at the place and scale of each pore: scale-normalised Laplacian of Gaussian
 *         of that mean, half the contrast of a Gaussian blob, less the relief that is to be
 *         expected where one looks for the darkest place and keeps the darkest pores
 *
 * Not a pore: a line (hair, wrinkle); what is larger than the largest pore; what is darker than a
 * hollow in skin gets (stubble, naevi); what absorbs blue much more (pigment) or red much less
 * (blood). A hollow takes about the same share of all three colours, a little less of red, which
 * comes in sideways through the skin. But red has the least grain, all the more on dark skin.
 *
 * What grain adds to a ratio of responses is a share of 1 / z: the limits of shape and blue widen
 * by that, or they would drop the faint pores of dark skin.
 *
 * F. Flament et al., Clin. Cosmet. Investig. Dermatol. 8, 85 (2015) for the sizes. */
#include <math.h>

#include "base/fetch.h"
#include "base/num.h"
#include "stages/clutter.h"
#include "stages/pits.h"
#include "stages/segment.h"
#include "stages/stages.h"

/* Diameter of a blob that a filter of sigma 1 responds to most: 2 sqrt 2. */
static const double diameter_of_sigma = 2.8284271247461903;

/* Sigma, for diameters of .22 .30 .42 .58 .80 1.15 mm: the literature's 0.2 to 0.8 mm in equal
 * steps. The last size is larger than pores: what responds to it most is something else. */
static const struct derm_pit_search sizes = {
    .sigma_mm = { 0.0778, 0.1061, 0.1485, 0.2051, 0.2828, 0.4066 },
    .scales = 6,
    .unwanted = 1u << 5,
};

struct params {
    float z_min, apart_mm, noise_window_mm;
    float red_share, min_ratio, ratio_error, surround_sigma, min_skin_share, max_amplitude;
    float max_blue, blue_error, min_red;
    float ring_lo, ring_hi, reach;
    float plain_z, strong_z, hair_sigma_mm, camera_sigma_px;
    float strong_plateau, usual_excess, excess_pores;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, z_min, 3.5, 1, 100,
             "response in units of the noise around it (algorithms, section 3)"),
    DERM_OPT(struct params, apart_mm, 0.25, 0.05, 5,
             "of pores nearer than this the strongest counts (algorithms, section 3)"),
    DERM_OPT(struct params, noise_window_mm, 4, 0.5, 100,
             "sigma of the window of the noise: many pores wide, narrower than a region"),
    DERM_OPT(struct params, red_share, 0.7, 0, 1,
             "of red in the mean that is searched, the rest is green (average precision on a "
             "phantom of tone VI, even seed: .65 with green alone, .71 with 0.5, .74 with 0.7, .75 "
             "with red alone, which a JPEG stores coarsely)"),
    DERM_OPT(struct params, min_ratio, 0.45, -1, 1,
             "smaller / larger curvature: below it may be a piece of a hair (phantoms, even seeds: "
             "3 of 4 such pieces, 1 of 10 pores)"),
    DERM_OPT(struct params, ratio_error, 1, 0, 10,
             "of that ratio at z = 1, which a faint pore is allowed (average precision on phantoms "
             "of even seeds .78, with a fixed ratio .75 at best)"),
    DERM_OPT(struct params, surround_sigma, 4, 1, 20, "radius of the surround, in sigma"),
    DERM_OPT(struct params, min_skin_share, 0.7, 0, 1,
             "of the surround that is skin: gaps between gleams are no pores"),
    DERM_OPT(struct params, max_amplitude, 0.25, 0.01, 5,
             "optical density; hairs and naevi are beyond"),
    DERM_OPT(struct params, max_blue, 1.6, 0.1, 10,
             "blue response relative to that of the mean; of a hollow it is 1.3, of melanin 2.2"),
    DERM_OPT(
        struct params, blue_error, 3, 0, 100,
        "of that ratio at z = 1 (twice its sd at the pores of tone VI, phantoms of even seeds; "
        "with 1 average precision there is .62, from 2 on .67)"),
    DERM_OPT(struct params, min_red, 0.7, -10, 10,
             "red response relative to that of the mean; of blood it is 0.7, for 0.4 of green"),
    DERM_OPT(struct params, ring_lo, 0.9, 0.5, 10,
             "inner radius of the surround of a footprint, in diameters"),
    DERM_OPT(struct params, ring_hi, 1.5, 0.5, 10,
             "outer radius of the surround of a footprint, in diameters"),
    DERM_OPT(struct params, reach, 0.8, 0.1, 10, "of the footprint, in diameters from the centre"),
    DERM_OPT(struct params, plain_z, 7, 1, 100,
             "from here on it is a pore for certain: no spot is looked for there"),
    DERM_OPT(struct params, strong_z, 4.5, 1, 100, "from here on a pore's change is measured"),
    DERM_OPT(struct params, hair_sigma_mm, 0.08, 0, 5,
             "the same of its size: a hair's root, short stubble and their shadow seen sharply"),
    DERM_OPT(struct params, camera_sigma_px, 1, 0, 10,
             "and what a camera makes of a point: lens, pixels, compression"),
    DERM_OPT(
        struct params, strong_plateau, 0.77, 0, 10,
        "response at twice its size, relative: a Gaussian has 0.64, 9 of 10 labelled pores and "
        "19 of 20 of phantoms less than this, 3 of 4 pieces of dark spots more"),
    DERM_OPT(struct params, usual_excess, 1.6, 0.1, 100,
             "of z over strong_z, mean of such pores, where there are few (phantoms, even seeds)"),
    DERM_OPT(struct params, excess_pores, 10, 0, 1000, "that this mean counts for"),
    { 0 },
};

struct scene {
    struct derm_run *run;
    const struct params *params;
    const struct derm_view *view;
    const struct derm_mask *where;
    struct derm_plane shade; /* the mean of red and green that hollows show in, optical density */
};

static derm_err prepare(struct derm_run *run, const void *params, const struct derm_view *view,
                        const struct derm_mask *where, const void **prepared)
{
    struct scene *s;

    DERM_TRY(derm_arena_new(run->scratch, &s, 1, sizeof(*s)));
    *s = (struct scene){ .run = run, .params = params, .view = view, .where = where };
    *prepared = s;
    return DERM_OK;
}

/* Not kept with what was prepared: it is as large as the grid, and soon made. */
static derm_err make_shade(struct derm_run *run, struct scene *s)
{
    const struct params *const p = s->params;
    const float weight[3] = { p->red_share, 1 - p->red_share, 0 };
    const struct derm_plane *const od = s->view->od;

    DERM_TRY(derm_plane_raw(run->scratch, &s->shade, od[0].w, od[0].h));
    for (int y = 0; y < od[0].h; y++)
        run->k->mix3(derm_row(&s->shade, y), derm_row(&od[0], y), derm_row(&od[1], y),
                     derm_row(&od[2], y), weight, (size_t)od[0].w);
    return DERM_OK;
}

static double mean_3x3(const struct derm_plane *p, double x, double y)
{
    const int i = clampi((int)floor(x + 0.5), 1, p->w - 2);
    const int j = clampi((int)floor(y + 0.5), 1, p->h - 2);
    double sum = 0;

    for (int v = j - 1; v <= j + 1; v++)
        for (int u = i - 1; u <= i + 1; u++)
            sum += (double)derm_row(p, v)[u];
    return sum / 9;
}

/* Mean over the surround of a pore of this sigma; where no skin is around, what the pore itself is:
 * it has no contrast then. */
static double mean_around(const struct scene *s, double x, double y, double sigma_px)
{
    const struct params *const p = s->params;
    const double d = diameter_of_sigma * sigma_px;
    int count;
    const double around = derm_pit_ring(&s->shade, s->where, x, y, (double)p->ring_lo * d,
                                        (double)p->ring_hi * d, &count);

    return count > 0 ? around : mean_3x3(&s->shade, x, y);
}

/* What costs least is asked first. */
static bool is_pore(const void *scene, struct derm_pit *b, const struct derm_pit_aim *aim)
{
    const struct scene *const s = scene;
    const struct params *const p = s->params;
    const double max_blue = (double)p->max_blue + (double)p->blue_error / b->z;
    struct derm_pit_look red, blue;

    if (b->response > (double)p->max_amplitude) return false;
    if (derm_pit_share(s->where, b->x, b->y, (double)p->surround_sigma * b->sigma_px) <
        (double)p->min_skin_share)
        return false;
    if (derm_in_clutter(&s->view->clutter, DERM_CONCERN_PORES, b->x, b->y,
                        0.5 * diameter_of_sigma * b->sigma_px, 2 * b->response))
        return false;
    red = derm_pit_look(s->run->k, &s->view->od[0], aim);
    if (derm_pit_response(&red) < (double)p->min_red * b->response) return false;
    blue = derm_pit_look(s->run->k, &s->view->od[2], aim);
    if (derm_pit_response(&blue) > max_blue * b->response) return false;
    b->around = mean_around(s, b->x, b->y, b->sigma_px);
    return true;
}

/* Contrast against what is around, and the number of pixels below half depth, which become taken.
 */
static derm_err measure_footprint(const struct scene *s, const struct derm_object *o, double around,
                                  struct derm_mask *taken, double *contrast, double *area_px)
{
    const size_t mark = s->run->scratch->used;
    const double reach = (double)s->params->reach * diameter_of_sigma * o->scale_px;
    struct derm_footprint shape;

    *contrast = mean_3x3(&s->shade, o->x, o->y) - around;
    *area_px = 0;
    if (*contrast <= 0) return DERM_OK;
    DERM_TRY(derm_pit_grow(s->run, taken, &s->shade, (struct derm_point){ o->x, o->y },
                           around + 0.5 * *contrast, reach, &shape));
    *area_px = shape.n;
    derm_arena_reset(s->run->scratch, mark);
    return DERM_OK;
}

enum { FETCHED = 4 }; /* pores: a list has no order of place, what they lie on is fetched in time */

/* What lies within so many diameters of a pore of this sigma, of the shade and of a mask. */
static void fetch_around(const struct scene *s, const struct derm_mask *mask, double x, double y,
                         double sigma_px, double diameters)
{
    const double reach = diameters * diameter_of_sigma * sigma_px;
    const int left = imax((int)(x - reach), 0), right = imin((int)(x + reach), mask->w - 1);
    const int end = imin((int)(y + reach) + 1, mask->h);

    for (int j = imax((int)(y - reach), 0); j < end; j++) {
        derm_fetch(derm_row(&s->shade, j) + left);
        derm_fetch(derm_row(&s->shade, j) + right);
        derm_fetch(derm_mask_row(mask, j) + (int)x);
    }
}

/* Whether a change of the pore can be told from what never changes: relief, which is weak, and
 * hair, which no colour tells from a pore where a camera compresses, but which is long, or as small
 * as the camera can show, or part of a spot, which goes on beyond its size. */
static bool is_strong(const struct scene *s, const struct derm_pit *b)
{
    const struct params *const p = s->params;
    struct derm_pit_look wide;
    struct derm_pit_aim aim;
    const double hair_px = (double)p->hair_sigma_mm * s->view->grid.px_per_mm;
    const double camera_px = (double)p->camera_sigma_px;

    if (b->z < (double)p->strong_z || b->ratio < (double)p->min_ratio ||
        b->sigma_px * b->sigma_px < hair_px * hair_px + camera_px * camera_px)
        return false;
    derm_pit_aim(&aim, b->x, b->y, 2 * b->sigma_px);
    wide = derm_pit_look(s->run->k, &s->shade, &aim);
    return derm_pit_response(&wide) <= (double)p->strong_plateau * b->response;
}

/* ---- what relief adds: it is there whether the pore is or not, and stays when it fades */

/* In the mean a pore of true amplitude a, seen as noise z, is seen too dark: it counts only where
 * relief made it pass the threshold, by noise x (-p' / p) of the density p of z (Tweedie's formula:
 * B. Efron, J. Am. Stat. Assoc. 106, 1602 (2011)), which is 1 / the mean excess for an exponential
 * tail. */
static double chosen_dark(const struct params *p, const struct derm_objects *pores)
{
    double excess = (double)p->excess_pores * (double)p->usual_excess;
    double n = (double)p->excess_pores;

    for (int i = 0; i < pores->n; i++) {
        const struct derm_object *const o = &pores->item[i];

        if (!o->strong) continue;
        excess += o->z - (double)p->strong_z;
        n++;
    }
    return n / excess;
}

/* And it is measured where it is darkest. Near its top the response of a Gaussian blob of the
 * filter's size s falls by a r^2 / (2 s^2); on relief of white spectrum, whose slope has the
 * variance 3 noise^2 / s^2, the top is higher by 3/2 noise^2 / a. Chosen: see chosen_dark. */
static double relief_of(const struct derm_object *o, double chosen)
{
    return o->strong ? o->noise * (chosen + 1.5 / o->z) : 0;
}

static const uint16_t *regions_at(const struct scene *s, const struct derm_pit *b)
{
    return &derm_bits_row(&s->view->regions, (int)(b->y + 0.5))[(int)(b->x + 0.5)];
}

static derm_err describe(const struct scene *s, const struct derm_pit *b, struct derm_mask *taken,
                         struct derm_object *o)
{
    *o = (struct derm_object){
        .x = b->x,
        .y = b->y,
        .amplitude = b->response,
        .axis_ratio = b->ratio,
        .scale_px = b->sigma_px,
        .diameter_mm = diameter_of_sigma * b->sigma_px / s->view->grid.px_per_mm,
        .regions = *regions_at(s, b),
        .plain = b->z >= (double)s->params->plain_z,
        .strong = is_strong(s, b),
        .z = b->z,
        .noise = b->response / b->z,
        .margin = { b->z / (double)s->params->z_min, b->z / (double)s->params->strong_z },
        .base_value = b->response,
    };
    DERM_TRY(measure_footprint(s, o, b->around, taken, &o->contrast, &o->area_px));
    o->base_area_px = o->area_px;
    return DERM_OK;
}

static derm_err find(struct derm_run *run, const void *params, const void *prepared,
                     struct derm_objects *out)
{
    struct scene s = *(const struct scene *)prepared;
    const struct derm_mask *const where = s.where;
    struct derm_pit_search search = sizes;
    struct derm_mask taken;
    struct derm_pit *pit;
    int n;

    (void)params;
    DERM_TRY(make_shade(run, &s));
    search.px_per_mm = s.view->grid.px_per_mm;
    search.z_min = (double)s.params->z_min;
    search.accept = is_pore;
    search.asker = &s;
    search.min_ratio = (double)s.params->min_ratio;
    search.ratio_error = (double)s.params->ratio_error;
    search.apart_mm = (double)s.params->apart_mm;
    search.window_mm = (double)s.params->noise_window_mm;
    DERM_TRY(derm_pits_find(run, &s.shade, where, &search, &pit, &n));
    DERM_TRY(derm_arena_new(run->keep, &out->item, (size_t)n + 1, sizeof(*out->item)));
    DERM_TRY(derm_mask_new(run->scratch, &taken, where->w, where->h));
    out->n = 0;
    for (int i = 0; i < n; i++) {
        struct derm_object *const o = &out->item[out->n];
        const struct derm_pit *const next = &pit[imin(i + FETCHED, n - 1)];

        derm_fetch(regions_at(&s, next));
        fetch_around(&s, &taken, next->x, next->y, next->sigma_px, (double)s.params->reach);
        DERM_TRY(describe(&s, &pit[i], &taken, o));
        o->label = ++out->n;
    }
    const double chosen = chosen_dark(s.params, out);
    for (int i = 0; i < out->n; i++)
        out->item[i].base_value -= relief_of(&out->item[i], chosen);
    return DERM_OK;
}

static derm_err sample(struct derm_run *run, const void *params, const void *prepared,
                       const struct derm_objects *objects, int first, double *value,
                       double *area_px)
{
    const double chosen = chosen_dark(params, objects);
    struct scene s = *(const struct scene *)prepared;
    const struct derm_mask *const where = s.where;
    struct derm_mask taken;

    DERM_TRY(make_shade(run, &s));
    DERM_TRY(derm_mask_new(run->scratch, &taken, where->w, where->h));
    for (int i = first; i < objects->n; i++) {
        const struct derm_object *const o = &objects->item[i];
        const struct derm_object *const next = &objects->item[imin(i + FETCHED, objects->n - 1)];
        struct derm_pit_look look;
        struct derm_pit_aim aim;
        double around, contrast;

        fetch_around(&s, where, next->x, next->y, next->scale_px, (double)s.params->ring_hi);
        fetch_around(&s, &taken, next->x, next->y, next->scale_px, (double)s.params->reach);
        derm_pit_aim(&aim, o->x, o->y, o->scale_px);
        look = derm_pit_look(run->k, &s.shade, &aim);
        value[i] = derm_pit_response(&look) - relief_of(o, chosen);
        around = mean_around(&s, o->x, o->y, o->scale_px);
        DERM_TRY(measure_footprint(&s, o, around, &taken, &contrast, &area_px[i]));
    }
    return DERM_OK;
}

bool derm_pore_near(const struct derm_run *run, double x, double y, double reach_px)
{
    const struct derm_objects *const pores =
        &(run->pair ? run->pair->objects : run->frame->objects)[DERM_KIND_PORE];

    for (int i = 0; i < pores->n; i++) {
        const struct derm_object *const o = &pores->item[i];
        const double dx = o->x - x, dy = o->y - y;

        if (o->plain && dx * dx + dy * dy < reach_px * reach_px) return true;
    }
    return false;
}

const struct derm_segmenter derm_segmenter_pores = {
    .kind = DERM_KIND_PORE,
    .merge_mm = 0.35,
    .prepare = prepare,
    .find = find,
    .sample = sample,
};

static derm_err run_pores(struct derm_run *run, const void *params)
{
    return derm_segment(run, &derm_segmenter_pores, params);
}

const struct derm_stage derm_stage_pores = {
    .name = "pores",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS,
    .writes = DERM_SLOT(pores),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_pores,
};
