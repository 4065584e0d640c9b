/* SPDX-License-Identifier: Apache-2.0 */
/* pigmentation: spots and fields of melanin.
 *
 * reads   view.melanin (optical density), a mask, view.regions
 * gives   objects: spots (blobs of 0.35 mm2 up to 20 mm across) and diffuse fields; value:
 * footprint area x contrast against the ring of skin around it
 *
 * Blobs of the melanin map at scales of 0.45 to 8 mm, grown to half of their height (the dark ones
 * to where they are 0.5 OD darker than the skin around), and kept when their contrast is at least
 * 0.10 OD: fainter natural spots change by +-130 % between two photos of unchanged skin. */
#include <math.h>

#include "base/num.h"
#include "stages/blobs.h"
#include "stages/clutter.h"
#include "stages/fields.h"
#include "stages/mask_ops.h"
#include "stages/reduced.h"
#include "stages/ring.h"
#include "stages/segment.h"
#include "stages/stages.h"

static const double sigma_mm[] = { 0.45, 0.65, 0.95, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0 };

struct params {
    float max_px_per_mm, fill_mm, max_hole_mm2;
    float min_z, min_z_fine, fine_mm, min_response, min_roundness;
    float smooth_mm, reach_sigma, edge_od, min_mm2, max_mm2, min_axis_ratio, max_open, max_leak;
    float min_contrast_spot, large_mm2, min_contrast_large, min_contrast_field;
    float pore_mm, tint_from_contrast, tint_to_contrast, min_tint, tint_least_ita_deg;
    float red_from_mm2, max_red;
    float ring_near_mm, ring_far_mm, field_ring_near_mm, field_ring_far_mm, half;
    struct derm_field_limits field;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, max_px_per_mm, 5, 2, 20,
             "working resolution: light scatters 0.3 mm sideways in skin, pigment shows no finer "
             "detail (algorithms, section 6, budget)"),
    DERM_OPT(struct params, fill_mm, 2, 0.5, 20, "sigma of the fill outside the skin"),
    DERM_OPT(struct params, max_hole_mm2, 60, 0, 1000,
             "a hole in the mask of skin up to this large is searched, too"),
    DERM_OPT(struct params, min_z, 2.5, 1, 100,
             "response, robust sd of the response over the skin: finds 65 of 100 inserted spots of "
             "even people, 4 found 41"),
    DERM_OPT(struct params, min_z_fine, 5, 1, 100,
             "the same at fine scales: keeps the number of other spots on their faces"),
    DERM_OPT(
        struct params, fine_mm, 0.8, 0, 10,
        "scales below are fine: pores, stubble and gloss are as small, and their responses have "
        "a long tail"),
    DERM_OPT(struct params, min_response, 0.03, 0, 5,
             "response, optical density: a spot of contrast 0.10 gives about 0.04"),
    DERM_OPT(struct params, min_roundness, 0.3125, 0, 1,
             "smaller / larger curvature at the centre: as the axis ratio, which it equals for a "
             "Gaussian spot at the scale that fits it"),
    DERM_OPT(struct params, smooth_mm, 0.45, 0, 5,
             "sigma before a region is grown, the finest scale: a footprint drawn around the grain "
             "of the skin has grain in it that does not fade"),
    DERM_OPT(struct params, reach_sigma, 2.2, 1, 10,
             "a region grows this far, in sigma of its scale (algorithms, section 6)"),
    DERM_OPT(
        struct params, edge_od, 0.5, 0, 10,
        "what is this much darker than the surround belongs to a spot, however dark its middle "
        "is: half of a black middle would leave out the brown around it"),
    DERM_OPT(struct params, min_mm2, 0.35, 0.01, 100, "least area (algorithms, section 6)"),
    DERM_OPT(struct params, max_mm2, 320, 1, 10000, "largest area: 20 mm across"),
    DERM_OPT(struct params, min_axis_ratio, 0.3125, 0, 1,
             "minor / major axis (algorithms, section 6: 1 / 3.2)"),
    DERM_OPT(struct params, max_open, 0.15, 0, 1, "share of the rim where the skin ends"),
    DERM_OPT(struct params, max_leak, 0.05, 0, 1,
             "share of the rim where the region goes on beyond its reach"),
    DERM_OPT(struct params, min_contrast_spot, 0.10, 0, 5,
             "optical density; fainter natural spots change by +-130 % between two photos of "
             "unchanged skin (algorithms, section 6)"),
    DERM_OPT(struct params, large_mm2, 45, 1, 10000,
             "from this area on (algorithms, section 6) what is faint is shade or a field"),
    DERM_OPT(struct params, min_contrast_large, 0.20, 0, 5, "optical density, for those"),
    DERM_OPT(
        struct params, min_contrast_field, 0.12, 0, 5,
        "optical density: darkness 2 of 4 (algorithms, section 6); fainter ones are as many on "
        "faces without any"),
    DERM_OPT(struct params, pore_mm, 1.5, 0, 10,
             "a smaller spot whose middle is a pore is that pore (0.8 mm, blurred by smooth_mm)"),
    DERM_OPT(struct params, tint_from_contrast, 0.25, 0, 5,
             "optical density from which on colour is tested: compression takes it from the faint"),
    DERM_OPT(struct params, tint_to_contrast, 1, 0, 100,
             "and up to which it is: no shade on open skin takes two thirds of the light, while "
             "the darkest naevi are grey, their blue being all surface reflection"),
    DERM_OPT(
        struct params, min_tint, 0.2, 0, 1,
        "blue less red density per melanin density: 0 in shade and hair, 0.5 in melanin, below "
        "0 where it lies deep and looks blue"),
    DERM_OPT(struct params, red_from_mm2, 3, 0, 1000,
             "area from which on the faint are tested, too: 2 mm across, several blocks of a JPEG"),
    DERM_OPT(struct params, max_red, -0.12, -1, 1,
             "green less blue density per melanin density: half of what melanin has down to the "
             "least ITA (-0.25); blood is above 0"),
    DERM_OPT(struct params, tint_least_ita_deg, -25, -90, 90,
             "on darker skin melanin is as neutral as shade, nothing is tested"),
    DERM_OPT(struct params, ring_near_mm, 0.4, 0, 20,
             "the surround begins this far from the footprint: beyond the blurred edge of a spot"),
    DERM_OPT(struct params, ring_far_mm, 1.5, 0.1, 40,
             "and ends this far: over 2.2 mm the shading that a smile moves adds an eighth to the "
             "error of a spot (8 people, dense null)"),
    DERM_OPT(struct params, field_ring_near_mm, 2.4, 0, 40, "the same for a field"),
    DERM_OPT(struct params, field_ring_far_mm, 6.6, 0.1, 80, "the same for a field"),
    DERM_OPT(struct params, half, 0.69, 0, 1,
             "half of a blob's height, as a share of its mean over the half-maximum area"),
    DERM_OPT(struct params, field.smooth_mm, 2, 0.1, 20, "sigma at which fields are seen"),
    DERM_OPT(struct params, field.least_od, 0.06, 0, 5,
             "optical density above the ground of the region (algorithms, section 6)"),
    DERM_OPT(struct params, field.least_sd, 2.5, 0, 20,
             "the same in sd of the skin below the ground; 2 finds fields on most faces"),
    DERM_OPT(struct params, field.min_mm2, 100, 1, 10000, "least area; a smaller region has none"),
    DERM_OPT(struct params, field.max_open, 0.5, 0, 1,
             "share of the rim where the skin ends inside the photo: shade at the turn of a face"),
    { 0 },
};

struct work { /* everything on the reduced grid */
    const struct params *params;
    struct derm_reduced reduced;
    struct derm_mask whole; /* where, and its small holes: what is searched */
    struct derm_plane melanin;
    struct derm_labels labels;
    struct derm_object *item;
    int n;
};

static derm_err start_work(struct derm_run *run, const struct derm_view *view,
                           const struct derm_mask *where, struct work *w)
{
    DERM_TRY(derm_reduced_new(run, &w->reduced, where, view->grid.px_per_mm,
                              (double)w->params->max_px_per_mm, (double)w->params->fill_mm));
    DERM_TRY(derm_reduced_plane(run, &w->reduced, &w->melanin, &view->melanin, where));
    return derm_labels_new(run->scratch, &w->labels, w->melanin.w, w->melanin.h);
}

/* Gloss, and what a photo shows as black, make holes in the mask of skin, most of all in dark
 * lesions. They are searched as what is around them suggests, so that a lesion stays one; measured
 * is only what is seen. A large hole is no skin: an eye, a mouth. */
static derm_err close_holes(struct derm_run *run, struct work *w)
{
    const struct derm_filter f = derm_run_filter(run);
    const double most_px =
        (double)w->params->max_hole_mm2 * w->reduced.px_per_mm * w->reduced.px_per_mm;

    DERM_TRY(derm_mask_new(run->scratch, &w->whole, w->melanin.w, w->melanin.h));
    return derm_mask_close_holes(&f, &w->whole, &w->reduced.where, most_px);
}

static bool is_spot(const struct params *p, const struct derm_region_shape *s, double px_per_mm)
{
    const double mm2 = s->area_px / (px_per_mm * px_per_mm);

    return mm2 >= (double)p->min_mm2 && mm2 <= (double)p->max_mm2 &&
           s->axis_ratio >= (double)p->min_axis_ratio && s->open <= (double)p->max_open &&
           s->leak <= (double)p->max_leak;
}

static derm_err grow_spots(struct derm_run *run, struct work *w)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct params *const p = w->params;
    const struct derm_growth growth = { (double)p->reach_sigma, (double)p->edge_od };
    const struct derm_blob_limits limits = { .sigma_mm = sigma_mm,
                                             .scales = sizeof(sigma_mm) / sizeof(sigma_mm[0]),
                                             .min_z = (double)p->min_z,
                                             .min_z_fine = (double)p->min_z_fine,
                                             .fine_mm = (double)p->fine_mm,
                                             .min_response = (double)p->min_response,
                                             .min_roundness = (double)p->min_roundness };
    struct derm_plane smooth;
    struct derm_blobs blobs;

    DERM_TRY(derm_plane_new(run->scratch, &smooth, w->melanin.w, w->melanin.h));
    DERM_TRY(derm_gaussian(&f, &smooth, &w->melanin, (double)p->smooth_mm * w->reduced.px_per_mm));
    DERM_TRY(derm_blobs_find(run, &w->melanin, &w->whole, w->reduced.px_per_mm, &limits, &blobs));
    DERM_TRY(derm_arena_new(run->scratch, &w->item, (size_t)blobs.n + 1, sizeof(*w->item)));
    for (int i = 0; i < blobs.n; i++) {
        const struct derm_blob *const b = &blobs.item[i];
        struct derm_region_shape shape;

        DERM_TRY(derm_blob_grow(run, &smooth, &w->whole, b, &growth, w->n + 1, &w->labels, &shape));
        if (!is_spot(p, &shape, w->reduced.px_per_mm)) {
            if (shape.area_px > 0) derm_blob_erase(b, growth.reach_sigma, w->n + 1, &w->labels);
            continue;
        }
        w->item[w->n++] = (struct derm_object){ .x = shape.x,
                                                .y = shape.y,
                                                .amplitude = b->response,
                                                .axis_ratio = shape.axis_ratio,
                                                .scale_px = b->sigma_px };
    }
    return DERM_OK;
}

static derm_err add_fields(struct derm_run *run, const struct derm_view *view,
                           const struct derm_mask *where, struct work *w)
{
    struct derm_object *item;
    double *pixels;
    int n;

    DERM_TRY(
        derm_fields_find(run, &w->params->field, view, where, &w->reduced, &w->labels, w->n, &n));
    DERM_TRY(derm_arena_new(run->scratch, &item, (size_t)(w->n + n) + 1, sizeof(*item)));
    DERM_TRY(derm_arena_new(run->scratch, &pixels, (size_t)n + 1, sizeof(*pixels)));
    for (int i = 0; i < w->n; i++)
        item[i] = w->item[i];
    for (int y = 0; y < w->labels.h; y++)
        for (int x = 0; x < w->labels.w; x++) {
            const int label = derm_labels_row(&w->labels, y)[x];

            if (label <= w->n) continue;
            item[label - 1].x += x;
            item[label - 1].y += y;
            pixels[label - w->n] += 1;
        }
    for (int i = w->n; i < w->n + n; i++) {
        const double area = pixels[i - w->n + 1];

        item[i].x /= area;
        item[i].y /= area;
        item[i].field = 1;
        item[i].axis_ratio = 1;
        item[i].scale_px = sqrt(area / 3.14159265358979323846);
    }
    w->item = item;
    w->n += n;
    return DERM_OK;
}

static derm_err measure(struct derm_run *run, const struct work *w, const struct derm_object *o,
                        int label, const struct derm_box *box, double threshold,
                        struct derm_ring_contrast *out)
{
    const struct derm_scene scene = { &w->melanin, &w->reduced.where, &w->labels, w->item };
    const struct params *const p = w->params;
    const double near_mm = (double)(o->field ? p->field_ring_near_mm : p->ring_near_mm);
    const double far_mm = (double)(o->field ? p->field_ring_far_mm : p->ring_far_mm);

    return derm_ring_measure(run, &scene, label, box, near_mm * w->reduced.px_per_mm,
                             far_mm * w->reduced.px_per_mm, threshold, out);
}

static bool stands_out(const struct params *p, const struct derm_object *o, double px_per_mm)
{
    const bool large = o->area_px > (double)p->large_mm2 * px_per_mm * px_per_mm;

    if (o->field) return o->contrast >= (double)p->min_contrast_field;
    return o->contrast >= (double)(large ? p->min_contrast_large : p->min_contrast_spot);
}

/* Keeps the objects with a new number (1..kept, rising; 0: dropped), in the list and the labels. */
static void keep_numbered(struct work *w, const int *number, int kept)
{
    for (int i = 0; i < w->n; i++)
        if (number[i + 1] > 0) w->item[number[i + 1] - 1] = w->item[i];
    for (int y = 0; y < w->labels.h; y++)
        for (int x = 0; x < w->labels.w; x++)
            derm_labels_row(&w->labels, y)[x] = number[derm_labels_row(&w->labels, y)[x]];
    w->n = kept;
}

/* Measures the objects from number `first` on against their rings and drops those that do not stand
 * out, from the list and from the labels. */
static derm_err prune(struct derm_run *run, struct work *w, int first)
{
    struct derm_box *box;
    int *number, kept = first;

    DERM_TRY(derm_arena_new(run->scratch, &box, (size_t)w->n + 1, sizeof(*box)));
    DERM_TRY(derm_arena_new(run->scratch, &number, (size_t)w->n + 1, sizeof(*number)));
    derm_label_boxes(&w->labels, w->n, box);
    for (int i = 0; i < w->n; i++) {
        struct derm_object *const o = &w->item[i];
        struct derm_ring_contrast c = { .measured = true };

        number[i + 1] = i + 1;
        if (i < first) continue;
        DERM_TRY(measure(run, w, o, i + 1, &box[i + 1], 0, &c));
        o->contrast = c.contrast;
        o->area_px = c.area_px;
        number[i + 1] = c.measured && stands_out(w->params, o, w->reduced.px_per_mm) ? ++kept : 0;
    }
    keep_numbered(w, number, kept);
    return DERM_OK;
}

/* Which two channels tell whether an object is pigment; false: none do. Hair and creases are dark
 * without being brown, or blue: there blue is no denser than red. Compression takes the colour from
 * the faint but not from the broad: there reddening shows, which takes more green than blue. */
static bool choose_tint(const struct work *w, const struct derm_object *o, int channel[2])
{
    const struct params *const p = w->params;
    const double mm2 = o->area_px / (w->reduced.px_per_mm * w->reduced.px_per_mm);
    const bool faint = o->contrast < (double)p->tint_from_contrast;

    channel[0] = faint ? 1 : 2;
    channel[1] = faint ? 2 : 0;
    return faint ? mm2 >= (double)p->red_from_mm2 : o->contrast <= (double)p->tint_to_contrast;
}

/* On the darkest skin melanin is as neutral as shade, and a grey photo has no colour. */
static derm_err drop_other_colours(struct derm_run *run, const struct derm_view *view,
                                   const struct derm_mask *where, struct work *w)
{
    const struct derm_tone *const tone = run->tone;
    const struct params *const p = w->params;
    const bool grey = tone->blood[0] == 0.0f && tone->blood[1] == 0.0f && tone->blood[2] == 0.0f;
    const int margin = (int)ceil((double)p->ring_far_mm * w->reduced.px_per_mm);
    struct work brown = *w;
    struct derm_box *box;
    int *number, kept = 0;

    if (grey || tone->ita_deg < (double)p->tint_least_ita_deg) return DERM_OK;
    DERM_TRY(derm_plane_raw(run->scratch, &brown.melanin, w->melanin.w, w->melanin.h));
    DERM_TRY(derm_arena_new(run->scratch, &box, (size_t)w->n + 1, sizeof(*box)));
    DERM_TRY(derm_arena_new(run->scratch, &number, (size_t)w->n + 1, sizeof(*number)));
    derm_label_boxes(&w->labels, w->n, box);
    for (int i = 0; i < w->n; i++) {
        const struct derm_object *const o = &w->item[i];
        const struct derm_box *const b = &box[i + 1];
        const struct derm_box around = { b->x0 - margin, b->y0 - margin, b->x1 + margin,
                                         b->y1 + margin };
        struct derm_ring_contrast c = { 0 };
        int channel[2];

        if (choose_tint(w, o, channel)) {
            derm_reduced_difference(&w->reduced, &brown.melanin, &view->od[channel[0]],
                                    &view->od[channel[1]], where, &around);
            DERM_TRY(measure(run, &brown, o, i + 1, b, 0, &c));
        }
        if (!c.measured || (channel[0] == 2 ? fabs(c.contrast) >= (double)p->min_tint * o->contrast
                                            : c.contrast <= (double)p->max_red * o->contrast))
            number[i + 1] = ++kept;
    }
    keep_numbered(w, number, kept);
    return DERM_OK;
}

/* Hairs of a beard, the ends of a brow, and what is a pore already: dark without pigment. */
static derm_err drop_clutter(struct derm_run *run, const struct derm_view *view, struct work *w)
{
    const struct derm_reduced *const r = &w->reduced;
    const double pore_px = (double)w->params->pore_mm / 2 * view->grid.px_per_mm;
    int *number, kept = 0;

    DERM_TRY(derm_arena_new(run->scratch, &number, (size_t)w->n + 1, sizeof(*number)));
    for (int i = 0; i < w->n; i++) {
        const struct derm_object *const o = &w->item[i];
        const double radius_px = sqrt(o->area_px / 3.14159265358979323846) * r->factor;
        const double x = derm_reduced_to_grid(r, o->x), y = derm_reduced_to_grid(r, o->y);

        if (radius_px < pore_px && derm_pore_near(run, x, y, radius_px / 2)) continue;
        if (!derm_in_clutter(&view->clutter, DERM_CONCERN_PIGMENTATION, x, y, radius_px,
                             o->contrast))
            number[i + 1] = ++kept;
    }
    keep_numbered(w, number, kept);
    return DERM_OK;
}

/* Writes only where there is something: most of the large plane stays as fresh as it is. */
static void enlarge(const struct work *w, int x, int y, struct derm_labels *out)
{
    const int f = w->reduced.factor;

    for (int v = y * f; v < imin((y + 1) * f, out->h); v++)
        for (int u = x * f; u < imin((x + 1) * f, out->w); u++)
            derm_labels_row(out, v)[u] = derm_labels_row(&w->labels, y)[x];
}

static derm_err hand_over(struct derm_run *run, const struct derm_view *view, const struct work *w,
                          struct derm_objects *out)
{
    const int f = w->reduced.factor;

    DERM_TRY(derm_arena_new(run->keep, &out->item, (size_t)w->n + 1, sizeof(*out->item)));
    DERM_TRY(derm_labels_new(run->keep, &out->labels, view->grid.w, view->grid.h));
    out->n = w->n;
    for (int y = 0; y < w->labels.h; y++)
        for (int x = 0; x < w->labels.w; x++)
            if (derm_labels_row(&w->labels, y)[x] > 0) enlarge(w, x, y, &out->labels);
    for (int i = 0; i < w->n; i++) {
        struct derm_object *const o = &out->item[i];

        *o = w->item[i];
        o->label = i + 1;
        o->x = derm_reduced_to_grid(&w->reduced, o->x);
        o->y = derm_reduced_to_grid(&w->reduced, o->y);
        o->area_px *= (double)f * f;
        o->scale_px *= f;
        o->diameter_mm = 2 * sqrt(o->area_px / 3.14159265358979323846) / view->grid.px_per_mm;
        o->regions =
            derm_bits_row(&view->regions,
                          clampi((int)(o->y + 0.5), 0,
                                 view->grid.h - 1))[clampi((int)(o->x + 0.5), 0, view->grid.w - 1)];
    }
    return DERM_OK;
}

/* Values of the objects from `first` on, whose labels are drawn; areas in grid px. */
static derm_err sample_work(struct derm_run *run, const struct work *w,
                            const struct derm_object *item, int n, int first, double *value,
                            double *area_px)
{
    const double f = w->reduced.factor;
    struct derm_box *box;

    DERM_TRY(derm_arena_new(run->scratch, &box, (size_t)n + 1, sizeof(*box)));
    derm_label_boxes(&w->labels, n, box);
    for (int i = first; i < n; i++) {
        const struct derm_object *const o = &item[i];
        struct derm_ring_contrast c;

        DERM_TRY(measure(run, w, o, o->label, &box[o->label],
                         fmin((double)w->params->half * o->contrast, (double)w->params->edge_od),
                         &c));
        value[i] = c.contrast * o->area_px;
        area_px[i] = c.half_area_px * f * f;
    }
    return DERM_OK;
}

static derm_err sample_found(struct derm_run *run, const struct work *w, struct derm_objects *out)
{
    double *value, *area_px;

    DERM_TRY(derm_arena_new(run->scratch, &value, (size_t)out->n + 1, sizeof(*value)));
    DERM_TRY(derm_arena_new(run->scratch, &area_px, (size_t)out->n + 1, sizeof(*area_px)));
    DERM_TRY(sample_work(run, w, out->item, out->n, 0, value, area_px));
    for (int i = 0; i < out->n; i++) {
        out->item[i].base_value = value[i];
        out->item[i].base_area_px = area_px[i];
    }
    return DERM_OK;
}

static derm_err find(struct derm_run *run, const void *params, const struct derm_view *view,
                     const struct derm_mask *where, struct derm_objects *out)
{
    const size_t mark = run->scratch->used;
    struct work w = { .params = params };

    DERM_TRY(start_work(run, view, where, &w));
    DERM_TRY(close_holes(run, &w));
    DERM_TRY(grow_spots(run, &w));
    DERM_TRY(prune(run, &w, 0));
    DERM_TRY(drop_other_colours(run, view, where, &w));
    DERM_TRY(drop_clutter(run, view, &w));
    const int spots = w.n;
    DERM_TRY(add_fields(run, view, where, &w));
    DERM_TRY(prune(run, &w, spots));
    DERM_TRY(hand_over(run, view, &w, out));
    if (!run->pair) DERM_TRY(sample_found(run, &w, out));
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

static derm_err sample(struct derm_run *run, const void *params, const struct derm_view *view,
                       const struct derm_mask *where, const struct derm_objects *objects, int first,
                       double *value, double *area_px)
{
    const size_t mark = run->scratch->used;
    struct work w = { .params = params, .item = objects->item, .n = objects->n };

    DERM_TRY(start_work(run, view, where, &w));
    for (int y = 0; y < w.labels.h; y++)
        for (int x = 0; x < w.labels.w; x++)
            derm_labels_row(&w.labels, y)[x] =
                derm_labels_row(&objects->labels, y * w.reduced.factor)[x * w.reduced.factor];
    DERM_TRY(sample_work(run, &w, objects->item, objects->n, first, value, area_px));
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

const struct derm_segmenter derm_segmenter_pigmentation = {
    .kind = DERM_KIND_SPOT,
    .merge_mm = 1.0,
    .sampled_when_found = true,
    .summed_over_area = true,
    .find = find,
    .sample = sample,
};

static derm_err run_pigmentation(struct derm_run *run, const void *params)
{
    return derm_segment(run, &derm_segmenter_pigmentation, params);
}

const struct derm_stage derm_stage_pigmentation = {
    .name = "pigmentation",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS | DERM_SLOT(pores),
    .writes = DERM_SLOT(pigmentation),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_pigmentation,
};
