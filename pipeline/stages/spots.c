/* SPDX-License-Identifier: Apache-2.0 */
/* Blobs of the map at scales of 0.45 to 8 mm, grown to half of their height (the dark ones to where
 * they are as much darker than the skin around as always belongs to a spot). */
#include "stages/spots.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "stages/blobs.h"
#include "stages/comparable.h"
#include "stages/mask_ops.h"
#include "stages/objects.h"

static const double sigma_mm[] = { 0.45, 0.65, 0.95, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 11.3 };
static const double PI = 3.14159265358979323846;

derm_err derm_spots_prepare(struct derm_run *run, const struct derm_spot_limits *limits,
                            const struct derm_view *view, const float weight[3],
                            const struct derm_mask *where, const void **prepared)
{
    struct derm_spot_search *s;

    DERM_TRY(derm_arena_new(run->scratch, &s, 1, sizeof(*s)));
    *s = (struct derm_spot_search){ .limits = limits, .view = view, .of = where };
    DERM_TRY(derm_reduced_new(run, &s->reduced, where, view->grid.px_per_mm,
                              (double)limits->max_px_per_mm, (double)limits->fill_mm));
    DERM_TRY(derm_reduced_use_head(run, &s->reduced, &view->regions));
    *prepared = s;
    return derm_reduced_mix(run, &s->reduced, &s->map, view->od, weight, where);
}

/* ---- finding */

/* Gloss, and what a photo shows as black, make holes in the mask of skin, most of all in dark
 * lesions. They are searched as what is around them suggests, so that a lesion stays one; measured
 * is only what is seen. A large hole of a face is no skin: an eye, a mouth. */
static derm_err close_holes(struct derm_run *run, struct derm_spot_search *s)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct derm_spot_limits *const l = s->limits;
    const bool face = derm_measured_frame(run)->face.used;
    const double most_mm2 = (double)(face ? l->max_hole_face_mm2 : l->max_hole_mm2);

    DERM_TRY(derm_mask_new(run->scratch, &s->whole, s->map.w, s->map.h));
    return derm_mask_close_holes(&f, &s->whole, &s->reduced.where,
                                 most_mm2 * s->reduced.px_per_mm * s->reduced.px_per_mm);
}

static bool is_spot(const struct derm_spot_limits *l, const struct derm_region_shape *s,
                    double px_per_mm)
{
    const double mm2 = s->area_px / (px_per_mm * px_per_mm);

    return mm2 >= (double)l->min_mm2 && mm2 <= (double)l->max_mm2 &&
           s->axis_ratio >= (double)l->min_axis_ratio && s->open <= (double)l->max_open &&
           s->leak <= (double)l->max_leak;
}

static bool is_large(const struct derm_spot_search *s, const struct derm_object *o)
{
    const double px_per_mm = s->reduced.px_per_mm;

    return o->area_px > (double)s->limits->large_mm2 * px_per_mm * px_per_mm;
}

/* Draws the region of a blob, and lists it when it is a spot's; *leaks: it flows out instead. */
static derm_err draw(struct derm_run *run, struct derm_spot_search *s,
                     const struct derm_plane *smooth, const struct derm_blob *b, double most,
                     bool *leaks)
{
    const struct derm_spot_limits *const l = s->limits;
    const struct derm_growth growth = { (double)l->reach_sigma, most };
    struct derm_region_shape shape;

    DERM_TRY(derm_blob_grow(run, smooth, &s->whole, b, &growth, s->n + 1, &s->labels, &shape));
    *leaks = shape.leak > (double)l->max_leak && shape.open <= 0;
    if (!is_spot(l, &shape, s->reduced.px_per_mm)) {
        if (shape.area_px > 0) derm_blob_erase(b, growth.reach_sigma, s->n + 1, &s->labels);
        return DERM_OK;
    }
    s->item[s->n] = (struct derm_object){ .label = s->n + 1,
                                          .x = shape.x,
                                          .y = shape.y,
                                          .area_px = shape.area_px,
                                          .amplitude = b->response,
                                          .axis_ratio = shape.axis_ratio,
                                          .scale_px = b->sigma_px };
    s->n++;
    return DERM_OK;
}

/* The brown around a black middle belongs to a spot, the inflamed skin around a dark one does not:
 * what flows out at the height of the former is drawn at half of its own, unless a broader scale of
 * its place holds it: its turn will come, or has when what it draws is large, before what is around
 * takes pieces of it. Not where the skin ends: the shade at the side of a nose is dark, too. */
static derm_err draw_place(struct derm_run *run, struct derm_spot_search *s,
                           const struct derm_plane *smooth, const struct derm_blobs *blobs, int i)
{
    const double edge_od = (double)s->limits->edge_od;
    const struct derm_blob *const b = &blobs->item[i];
    const int before = s->n;
    bool leaks, broader;

    DERM_TRY(draw(run, s, smooth, b, edge_od, &leaks));
    if (!leaks) return DERM_OK;
    for (int k = i + 1; k < blobs->n; k++) {
        const struct derm_blob *const o = &blobs->item[k];

        if (o->sigma_px <= b->sigma_px || hypot(o->x - b->x, o->y - b->y) >= b->sigma_px) continue;
        DERM_TRY(draw(run, s, smooth, o, edge_od, &broader));
        if (s->n == before) continue;
        if (!is_large(s, &s->item[before]))
            derm_blob_erase(o, (double)s->limits->reach_sigma, s->n--, &s->labels);
        return DERM_OK;
    }
    return draw(run, s, smooth, b, HUGE_VAL, &leaks);
}

static derm_err grow(struct derm_run *run, struct derm_spot_search *s)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct derm_spot_limits *const l = s->limits;
    const struct derm_blob_limits limits = { .sigma_mm = sigma_mm,
                                             .scales = sizeof(sigma_mm) / sizeof(sigma_mm[0]),
                                             .min_z = (double)l->min_z,
                                             .min_z_fine = (double)l->min_z_fine,
                                             .fine_mm = (double)l->fine_mm,
                                             .min_response = (double)l->min_response,
                                             .sure_response = (double)l->sure_response,
                                             .min_roundness = (double)l->min_roundness };
    struct derm_plane smooth;
    struct derm_blobs blobs;
    struct derm_mask usual;

    DERM_TRY(derm_reduced_head(run, &s->reduced, &usual, &s->whole, &s->view->regions));
    DERM_TRY(derm_plane_new(run->scratch, &smooth, s->map.w, s->map.h));
    DERM_TRY(derm_gaussian(&f, &smooth, &s->map, (double)l->smooth_mm * s->reduced.px_per_mm));
    DERM_TRY(
        derm_blobs_find(run, &s->map, &s->whole, &usual, s->reduced.px_per_mm, &limits, &blobs));
    DERM_TRY(derm_arena_new(run->scratch, &s->item, (size_t)blobs.n + 1, sizeof(*s->item)));
    for (int i = 0; i < blobs.n; i++)
        DERM_TRY(draw_place(run, s, &smooth, &blobs, i));
    return DERM_OK;
}

/* ---- what stands out */

struct derm_box derm_spots_around(const struct derm_spot_search *s, int i,
                                  const struct derm_box *box)
{
    const struct derm_spot_limits *const l = s->limits;
    const float far_mm = s->item[i].field ? l->field_ring_far_mm : l->ring_far_mm;
    const int margin = (int)ceil((double)far_mm * s->reduced.px_per_mm);

    return (struct derm_box){ box->x0 - margin, box->y0 - margin, box->x1 + margin,
                              box->y1 + margin };
}

/* The contrast of object i of any list whose labels are drawn. */
static derm_err measure(struct derm_run *run, const struct derm_spot_search *s,
                        const struct derm_object *item, const struct derm_plane *plane, int i,
                        const struct derm_box *box, double threshold,
                        struct derm_ring_contrast *out)
{
    const struct derm_scene scene = { plane, &s->reduced.where, &s->labels, item };
    const struct derm_spot_limits *const l = s->limits;
    const double near_mm = (double)(item[i].field ? l->field_ring_near_mm : l->ring_near_mm);
    const double far_mm = (double)(item[i].field ? l->field_ring_far_mm : l->ring_far_mm);

    return derm_ring_measure(run, &scene, item[i].label, box, near_mm * s->reduced.px_per_mm,
                             far_mm * s->reduced.px_per_mm, threshold, out);
}

derm_err derm_spots_measure(struct derm_run *run, const struct derm_spot_search *s,
                            const struct derm_plane *plane, int i, const struct derm_box *box,
                            double threshold, struct derm_ring_contrast *out)
{
    return measure(run, s, s->item, plane, i, box, threshold, out);
}

static double least_contrast(const struct derm_spot_search *s, const struct derm_object *o)
{
    const struct derm_spot_limits *const l = s->limits;

    if (o->field) return (double)l->min_contrast_field;
    return (double)(is_large(s, o) ? l->min_contrast_large : l->min_contrast_spot);
}

void derm_spots_keep(struct derm_spot_search *s, const int *number, int kept)
{
    struct derm_objects list = { .item = s->item, .n = s->n, .labels = s->labels };

    derm_objects_keep(&list, number, kept);
    s->n = list.n;
}

/* Measures the objects from number `first` on against their rings and drops those that do not stand
 * out, from the list and from the labels. */
static derm_err prune(struct derm_run *run, struct derm_spot_search *s, int first)
{
    struct derm_box *box;
    int *number, kept = first;

    DERM_TRY(derm_arena_new(run->scratch, &box, (size_t)s->n + 1, sizeof(*box)));
    DERM_TRY(derm_arena_new(run->scratch, &number, (size_t)s->n + 1, sizeof(*number)));
    derm_label_boxes(&s->labels, s->n, box);
    for (int i = 0; i < s->n; i++) {
        struct derm_object *const o = &s->item[i];
        struct derm_ring_contrast c = { .measured = true };
        double least;

        number[i + 1] = i + 1;
        if (i < first) continue;
        DERM_TRY(derm_spots_measure(run, s, &s->map, i, &box[i + 1], 0, &c));
        o->contrast = c.contrast;
        o->area_px = c.area_px;
        least = least_contrast(s, o);
        o->margin[0] = least > 0 ? o->contrast / least : 0;
        number[i + 1] = c.measured && o->contrast >= least ? ++kept : 0;
    }
    derm_spots_keep(s, number, kept);
    return DERM_OK;
}

derm_err derm_spots_find(struct derm_run *run, const void *prepared, struct derm_spot_search *s)
{
    *s = *(const struct derm_spot_search *)prepared;
    DERM_TRY(derm_labels_new(run->scratch, &s->labels, s->map.w, s->map.h));
    DERM_TRY(close_holes(run, s));
    DERM_TRY(grow(run, s));
    return prune(run, s, 0);
}

derm_err derm_spots_add_fields(struct derm_run *run, const float broad[3],
                               struct derm_spot_search *s)
{
    const struct derm_view *const view = s->view;
    const int spots = s->n;
    struct derm_plane map;
    struct derm_object *item;
    double *pixels;
    int n;

    DERM_TRY(derm_reduced_mix(run, &s->reduced, &map, view->od, broad, s->of));
    DERM_TRY(
        derm_fields_find(run, &s->limits->field, view, &s->reduced, &map, &s->labels, spots, &n));
    DERM_TRY(derm_arena_new(run->scratch, &item, (size_t)(spots + n) + 1, sizeof(*item)));
    DERM_TRY(derm_arena_new(run->scratch, &pixels, (size_t)n + 1, sizeof(*pixels)));
    for (int i = 0; i < spots; i++)
        item[i] = s->item[i];
    for (int y = 0; y < s->labels.h; y++)
        for (int x = 0; x < s->labels.w; x++) {
            const int label = derm_labels_row(&s->labels, y)[x];

            if (label <= spots) continue;
            item[label - 1].x += x;
            item[label - 1].y += y;
            pixels[label - spots] += 1;
        }
    for (int i = spots; i < spots + n; i++) {
        const double area = pixels[i - spots + 1];

        item[i].x /= area;
        item[i].y /= area;
        item[i].label = i + 1;
        item[i].field = 1;
        item[i].axis_ratio = 1;
        item[i].scale_px = sqrt(area / PI);
    }
    s->item = item;
    s->n += n;
    return prune(run, s, spots);
}

/* ---- results */

derm_err derm_spots_hand_over(struct derm_run *run, const struct derm_spot_search *s,
                              struct derm_objects *out)
{
    const struct derm_view *const view = s->view;
    const int f = s->reduced.factor;

    DERM_TRY(derm_arena_new(run->keep, &out->item, (size_t)s->n + 1, sizeof(*out->item)));
    DERM_TRY(derm_labels_new(run->keep, &out->labels, s->labels.w, s->labels.h));
    out->n = s->n;
    for (int y = 0; y < s->labels.h; y++)
        memcpy(derm_labels_row(&out->labels, y), derm_labels_row(&s->labels, y),
               sizeof(int32_t) * (size_t)s->labels.w);
    out->label_shift = derm_reduced_shift(&s->reduced);
    for (int i = 0; i < s->n; i++) {
        struct derm_object *const o = &out->item[i];

        *o = s->item[i];
        o->x = derm_reduced_to_grid(&s->reduced, o->x);
        o->y = derm_reduced_to_grid(&s->reduced, o->y);
        o->area_px *= (double)f * f;
        o->scale_px *= f;
        o->diameter_mm = 2 * sqrt(o->area_px / PI) / view->grid.px_per_mm;
        o->regions =
            derm_bits_row(&view->regions,
                          clampi((int)(o->y + 0.5), 0,
                                 view->grid.h - 1))[clampi((int)(o->x + 0.5), 0, view->grid.w - 1)];
    }
    return DERM_OK;
}

/* Values of the objects from `first` on, whose labels are drawn; areas in grid px. */
static derm_err sample(struct derm_run *run, const struct derm_spot_search *s,
                       const struct derm_object *item, int n, int first, double *value,
                       double *area_px)
{
    const double f = s->reduced.factor;
    const struct derm_spot_limits *const l = s->limits;
    struct derm_box *box;

    DERM_TRY(derm_arena_new(run->scratch, &box, (size_t)n + 1, sizeof(*box)));
    derm_label_boxes(&s->labels, n, box);
    for (int i = first; i < n; i++) {
        const struct derm_object *const o = &item[i];
        struct derm_ring_contrast c;

        DERM_TRY(measure(run, s, item, &s->map, i, &box[o->label],
                         fmin((double)l->half * o->contrast, (double)l->edge_od), &c));
        value[i] = c.contrast * o->area_px;
        area_px[i] = c.half_area_px * f * f;
    }
    return DERM_OK;
}

derm_err derm_spots_sample_found(struct derm_run *run, const struct derm_spot_search *s,
                                 struct derm_objects *out)
{
    double *value, *area_px;

    DERM_TRY(derm_arena_new(run->scratch, &value, (size_t)out->n + 1, sizeof(*value)));
    DERM_TRY(derm_arena_new(run->scratch, &area_px, (size_t)out->n + 1, sizeof(*area_px)));
    DERM_TRY(sample(run, s, out->item, out->n, 0, value, area_px));
    derm_objects_set(out, 0, value, area_px);
    return DERM_OK;
}

derm_err derm_spots_sample(struct derm_run *run, const void *params, const void *prepared,
                           const struct derm_objects *objects, int first, double *value,
                           double *area_px)
{
    struct derm_spot_search s = *(const struct derm_spot_search *)prepared;
    const size_t mark = run->scratch->used;

    (void)params;
    DERM_TRY(derm_labels_new(run->scratch, &s.labels, s.map.w, s.map.h));
    for (int y = 0; y < s.labels.h; y++)
        for (int x = 0; x < s.labels.w; x++)
            derm_labels_row(&s.labels, y)[x] =
                derm_label_at(objects, x * s.reduced.factor, y * s.reduced.factor);
    DERM_TRY(sample(run, &s, objects->item, objects->n, first, value, area_px));
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}
