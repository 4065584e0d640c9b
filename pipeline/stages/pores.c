/* SPDX-License-Identifier: Apache-2.0 */
/* pores: dark round hollows of 0.2 to 0.8 mm.
 *
 * find    view.od (green finds, red and blue tell pores from pigment and blood), skin or what is
 *         common to two photos, grid
 * sample  the amplitude at the place and scale of each pore: scale-normalised Laplacian of Gaussian
 *         of green optical density, half the contrast of a Gaussian blob
 *
 * Not a pore: a line (hair, wrinkle); what is larger than the largest pore; what is darker than a
 * hollow in skin gets (stubble, naevi); what absorbs blue much more than green (pigment) or red
 * much less (blood). A hollow takes about the same share of all three colours, a little less of
 * red, which comes in sideways through the skin.
 *
 * F. Flament et al., Clin. Cosmet. Investig. Dermatol. 8, 85 (2015) for the sizes. */
#include <math.h>

#include "base/num.h"
#include "stages/pits.h"
#include "stages/segment.h"
#include "stages/stages.h"

/* Diameter of a blob that a filter of sigma 1 responds to most: 2 sqrt 2. */
static const double diameter_of_sigma = 2.8284271247461903;

/* The last size is larger than pores: what responds to it most is something else. */
static const struct derm_pit_search search = {
    .sigma_mm = { 0.0778, 0.1061, 0.1485, 0.2051, 0.2828, 0.4066 }, /* .22 .30 .42 .58 .80 1.15 */
    .scales = 6,
    .z_min = 3.5,
    .apart_mm = 0.25,
    .window_mm = 4,
};

static const struct {
    double min_ratio;         /* of curvatures; cheek pores are drawn out, lines are below 0.2 */
    double surround;          /* sigma */
    double min_share;         /* of the surround that is skin: gaps between gleams are no pores */
    double max_amplitude;     /* optical density; hairs and naevi are beyond */
    double max_blue, min_red; /* response relative to green; melanin 1.6, blood 0.4 */
    double ring_lo, ring_hi;  /* of the surround, in diameters from the centre */
    double strong_z;          /* below it relief that stays as it is dilutes the change of pores */
    double reach;             /* of the footprint, in diameters from the centre */
} rule = {
    .min_ratio = 0.25,
    .surround = 4,
    .min_share = 0.7,
    .max_amplitude = 0.25,
    .max_blue = 1.45,
    .min_red = 0.42,
    .ring_lo = 0.9,
    .ring_hi = 1.5,
    .strong_z = 7,
    .reach = 0.8,
};

static bool is_pore(const struct derm_view *view, const struct derm_mask *where,
                    const struct derm_pit *b)
{
    double red, blue;

    if (b->scale == search.scales - 1) return false;
    if (b->ratio < rule.min_ratio || b->response > rule.max_amplitude) return false;
    if (derm_pit_share(where, b->x, b->y, rule.surround * b->sigma_px) < rule.min_share)
        return false;
    red = derm_pit_response(&view->od[0], b->x, b->y, b->sigma_px) / b->response;
    blue = derm_pit_response(&view->od[2], b->x, b->y, b->sigma_px) / b->response;
    return red >= rule.min_red && blue <= rule.max_blue;
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

/* Pixels below half depth, and the contrast against the surround. */
static derm_err measure_footprint(struct derm_run *run, const struct derm_view *view,
                                  const struct derm_mask *where, const struct derm_object *o,
                                  struct derm_labels *labels, int id, double *contrast, int *pixels)
{
    const double d = diameter_of_sigma * o->scale_px;
    int count;
    const double around =
        derm_pit_ring(&view->od[1], where, o->x, o->y, rule.ring_lo * d, rule.ring_hi * d, &count);

    *contrast = count > 0 ? mean_3x3(&view->od[1], o->x, o->y) - around : 0;
    *pixels = 0;
    if (*contrast <= 0) return DERM_OK;
    return derm_pit_grow(run, labels, id, &view->od[1], (struct derm_point){ o->x, o->y },
                         around + 0.5 * *contrast, rule.reach * d, pixels);
}

static derm_err describe(struct derm_run *run, const struct derm_view *view,
                         const struct derm_mask *where, const struct derm_pit *b,
                         struct derm_objects *out)
{
    struct derm_object *const o = &out->item[out->n];
    int pixels;

    *o = (struct derm_object){
        .x = b->x,
        .y = b->y,
        .amplitude = b->response,
        .axis_ratio = b->ratio,
        .scale_px = b->sigma_px,
        .diameter_mm = diameter_of_sigma * b->sigma_px / view->grid.px_per_mm,
        .regions = derm_bits_row(&view->regions, (int)(b->y + 0.5))[(int)(b->x + 0.5)],
        .label = out->n + 1,
        .strong = b->z >= rule.strong_z,
    };
    DERM_TRY(measure_footprint(run, view, where, o, &out->labels, o->label, &o->contrast, &pixels));
    o->area_px = pixels;
    out->n++;
    return DERM_OK;
}

/* Pores that stand out from their surround by at least z_min. */
static derm_err find_above(struct derm_run *run, const void *params, const struct derm_view *view,
                           const struct derm_mask *where, double z_min, struct derm_objects *out)
{
    struct derm_pit_search s = search;
    struct derm_pit *pit;
    int n;

    (void)params;
    s.px_per_mm = view->grid.px_per_mm;
    s.z_min = z_min;
    DERM_TRY(derm_pits_find(run, &view->od[1], where, &s, &pit, &n));
    DERM_TRY(derm_arena_new(run->keep, &out->item, (size_t)n + 1, sizeof(*out->item)));
    DERM_TRY(derm_labels_new(run->keep, &out->labels, where->w, where->h));
    out->n = 0;
    for (int i = 0; i < n; i++)
        if (is_pore(view, where, &pit[i])) DERM_TRY(describe(run, view, where, &pit[i], out));
    return DERM_OK;
}

static derm_err find(struct derm_run *run, const void *params, const struct derm_view *view,
                     const struct derm_mask *where, struct derm_objects *out)
{
    return find_above(run, params, view, where, search.z_min, out);
}

static derm_err sample(struct derm_run *run, const void *params, const struct derm_view *view,
                       const struct derm_mask *where, const struct derm_objects *objects,
                       double *value, double *area_px)
{
    struct derm_labels taken;

    (void)params;
    DERM_TRY(derm_labels_new(run->scratch, &taken, where->w, where->h));
    for (int i = 0; i < objects->n; i++) {
        const struct derm_object *const o = &objects->item[i];
        double contrast;
        int pixels;

        value[i] = derm_pit_response(&view->od[1], o->x, o->y, o->scale_px);
        DERM_TRY(measure_footprint(run, view, where, o, &taken, i + 1, &contrast, &pixels));
        area_px[i] = pixels;
    }
    return DERM_OK;
}

const struct derm_segmenter derm_segmenter_pores = {
    .concern = DERM_CONCERN_PORES,
    .merge_mm = 0.35,
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
    .run = run_pores,
};
