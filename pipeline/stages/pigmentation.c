/* SPDX-License-Identifier: Apache-2.0 */
/* pigmentation: spots and fields of melanin.
 *
 * reads   view.melanin (optical density), a mask, view.regions
 * gives   objects: spots (blobs of 0.35 mm2 up to 20 mm across) and diffuse fields; value:
 * footprint area x contrast against the ring of skin around it
 *
 * Blobs of the melanin map at scales of 0.45 to 8 mm, grown to half of their height, and kept when
 * their contrast is at least 0.10 OD: fainter natural spots change by +-130 % between two photos of
 * unchanged skin. Works at no more than 7 px/mm: pigment has no detail finer than its scatter
 * (about 0.3 mm). */
#include "stages/segment.h"
#include "stages/stages.h"

#include <math.h>

#include "base/num.h"
#include "stages/blobs.h"
#include "stages/fields.h"
#include "stages/reduced.h"
#include "stages/ring.h"

static const double sigma_mm[] = { 0.45, 0.65, 0.95, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0 };

static const struct derm_blob_limits blob_limits = {
    .sigma_mm = sigma_mm,
    .scales = sizeof(sigma_mm) / sizeof(sigma_mm[0]),
    .min_z = 4,
    .min_response = 0.03,
    .min_roundness = 0.2,
};

static const struct {
    double max_px_per_mm, fill_mm;
    double smooth_mm; /* before a region is grown */
    double reach_sigma, min_mm2, max_mm2, min_axis_ratio, max_open, max_leak;
    double min_contrast_spot, min_contrast_field;            /* optical density */
    double large_mm2, min_contrast_large;                    /* fainter large things are fields */
    double tint_from_contrast, min_tint, tint_least_ita_deg; /* what is dark but not brown */
    double ring_near_mm, ring_far_mm;
    double field_ring; /* times wider */
    double half; /* half of a blob's height, as a share of its mean over the half-maximum area */
} limits = {
    .max_px_per_mm = 7,
    .fill_mm = 2,
    .smooth_mm = 0.25,
    .reach_sigma = 2.2,
    .min_mm2 = 0.35,
    .max_mm2 = 320,
    .min_axis_ratio = 1 / 3.2,
    .max_open = 0.15,
    .max_leak = 0.05,
    .min_contrast_spot = 0.10,
    .min_contrast_field = 0.06,
    .large_mm2 = 45,
    .min_contrast_large = 0.20,
    .tint_from_contrast = 0.25,
    .min_tint = 0.2,
    .tint_least_ita_deg = -25,
    .ring_near_mm = 0.8,
    .ring_far_mm = 2.2,
    .field_ring = 3,
    .half = 0.69,
};

struct work { /* everything on the reduced grid */
    struct derm_reduced reduced;
    struct derm_plane melanin;
    struct derm_labels labels;
    struct derm_object *item;
    int n;
};

static derm_err start_work(struct derm_run *run, const struct derm_view *view,
                           const struct derm_mask *where, struct work *w)
{
    DERM_TRY(derm_reduced_new(run, &w->reduced, where, view->grid.px_per_mm, limits.max_px_per_mm));
    DERM_TRY(
        derm_reduced_plane(run, &w->reduced, &w->melanin, &view->melanin, where, limits.fill_mm));
    return derm_labels_new(run->scratch, &w->labels, w->melanin.w, w->melanin.h);
}

static void erase(struct derm_labels *labels, int label, const struct derm_blob *blob)
{
    const int reach = (int)ceil(limits.reach_sigma * blob->sigma_px) + 1;
    const int x0 = imax((int)blob->x - reach, 0), x1 = imin((int)blob->x + reach, labels->w - 1);
    const int y0 = imax((int)blob->y - reach, 0), y1 = imin((int)blob->y + reach, labels->h - 1);

    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++)
            if (derm_labels_row(labels, y)[x] == label) derm_labels_row(labels, y)[x] = 0;
}

static bool is_spot(const struct derm_region_shape *s, double px_per_mm)
{
    const double mm2 = s->area_px / (px_per_mm * px_per_mm);

    return mm2 >= limits.min_mm2 && mm2 <= limits.max_mm2 &&
           s->axis_ratio >= limits.min_axis_ratio && s->open <= limits.max_open &&
           s->leak <= limits.max_leak;
}

static derm_err grow_spots(struct derm_run *run, struct work *w)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_plane smooth;
    struct derm_blobs blobs;

    DERM_TRY(derm_plane_new(run->scratch, &smooth, w->melanin.w, w->melanin.h));
    DERM_TRY(derm_gaussian(&f, &smooth, &w->melanin, limits.smooth_mm * w->reduced.px_per_mm));
    DERM_TRY(derm_blobs_find(run, &w->melanin, &w->reduced.where, w->reduced.px_per_mm,
                             &blob_limits, &blobs));
    DERM_TRY(derm_arena_new(run->scratch, &w->item, (size_t)blobs.n + 1, sizeof(*w->item)));
    for (int i = 0; i < blobs.n; i++) {
        const struct derm_blob *const b = &blobs.item[i];
        struct derm_region_shape shape;

        DERM_TRY(derm_blob_grow(run, &smooth, &w->reduced.where, b, limits.reach_sigma, w->n + 1,
                                &w->labels, &shape));
        if (!is_spot(&shape, w->reduced.px_per_mm)) {
            if (shape.area_px > 0) erase(&w->labels, w->n + 1, b);
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

static derm_err add_fields(struct derm_run *run, const struct derm_view *view, struct work *w)
{
    struct derm_object *item;
    double *pixels;
    int n;

    DERM_TRY(derm_fields_find(run, view, &w->reduced, &w->melanin, &w->labels, w->n, &n));
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
    const double wider = (o->field ? limits.field_ring : 1) * w->reduced.px_per_mm;

    return derm_ring_measure(run, &scene, label, box, limits.ring_near_mm * wider,
                             limits.ring_far_mm * wider, threshold, out);
}

static bool stands_out(const struct derm_object *o, double px_per_mm)
{
    const bool large = o->area_px > limits.large_mm2 * px_per_mm * px_per_mm;

    if (o->field) return o->contrast >= limits.min_contrast_field;
    return o->contrast >= (large ? limits.min_contrast_large : limits.min_contrast_spot);
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
        number[i + 1] = c.measured && stands_out(o, w->reduced.px_per_mm) ? ++kept : 0;
    }
    keep_numbered(w, number, kept);
    return DERM_OK;
}

/* Optical density of B minus that of R: 0 for shade and hair, near half of the contrast for
 * melanin. */
static derm_err tint_plane(struct derm_run *run, const struct derm_view *view,
                           const struct derm_mask *where, const struct work *w,
                           struct derm_plane *out)
{
    static const float weight[3] = { -1, 0, 1 };
    struct derm_plane tint;

    DERM_TRY(derm_plane_new(run->scratch, &tint, view->od[0].w, view->od[0].h));
    for (int y = 0; y < tint.h; y++)
        run->k->mix3(derm_row(&tint, y), derm_row(&view->od[0], y), derm_row(&view->od[1], y),
                     derm_row(&view->od[2], y), weight, (size_t)tint.w);
    return derm_reduced_plane(run, &w->reduced, out, &tint, where, limits.fill_mm);
}

/* Hair, creases and corners of the mouth are dark without being brown. Only strong contrast is
 * tested: compression takes the colour from the faint. On the darkest skin melanin is as neutral as
 * shade, and a grey photo has no colour: nothing is tested there. */
static derm_err drop_shade(struct derm_run *run, const struct derm_view *view,
                           const struct derm_mask *where, struct work *w)
{
    const struct derm_tone *const tone = run->tone;
    const bool grey = tone->blood[0] == 0.0f && tone->blood[1] == 0.0f && tone->blood[2] == 0.0f;
    struct work brown = *w;
    struct derm_box *box;
    int *number, kept = 0;

    if (grey || tone->ita_deg < limits.tint_least_ita_deg) return DERM_OK;
    DERM_TRY(tint_plane(run, view, where, w, &brown.melanin));
    DERM_TRY(derm_arena_new(run->scratch, &box, (size_t)w->n + 1, sizeof(*box)));
    DERM_TRY(derm_arena_new(run->scratch, &number, (size_t)w->n + 1, sizeof(*number)));
    derm_label_boxes(&w->labels, w->n, box);
    for (int i = 0; i < w->n; i++) {
        const struct derm_object *const o = &w->item[i];
        struct derm_ring_contrast c = { 0 };

        if (o->contrast >= limits.tint_from_contrast)
            DERM_TRY(measure(run, &brown, o, i + 1, &box[i + 1], 0, &c));
        if (!c.measured || c.contrast >= limits.min_tint * o->contrast) number[i + 1] = ++kept;
    }
    keep_numbered(w, number, kept);
    return DERM_OK;
}

static derm_err hand_over(struct derm_run *run, const struct derm_view *view, const struct work *w,
                          struct derm_objects *out)
{
    const int f = w->reduced.factor;

    DERM_TRY(derm_arena_new(run->keep, &out->item, (size_t)w->n + 1, sizeof(*out->item)));
    DERM_TRY(derm_labels_new(run->keep, &out->labels, view->grid.w, view->grid.h));
    out->n = w->n;
    for (int y = 0; y < out->labels.h; y++)
        for (int x = 0; x < out->labels.w; x++)
            derm_labels_row(&out->labels, y)[x] = derm_labels_row(&w->labels, y / f)[x / f];
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

static derm_err find(struct derm_run *run, const void *params, const struct derm_view *view,
                     const struct derm_mask *where, struct derm_objects *out)
{
    const size_t mark = run->scratch->used;
    struct work w = { 0 };

    (void)params;
    DERM_TRY(start_work(run, view, where, &w));
    DERM_TRY(grow_spots(run, &w));
    DERM_TRY(prune(run, &w, 0));
    DERM_TRY(drop_shade(run, view, where, &w));
    const int spots = w.n;
    DERM_TRY(add_fields(run, view, &w));
    DERM_TRY(prune(run, &w, spots));
    DERM_TRY(hand_over(run, view, &w, out));
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

static derm_err sample(struct derm_run *run, const void *params, const struct derm_view *view,
                       const struct derm_mask *where, const struct derm_objects *objects,
                       double *value, double *area_px)
{
    const size_t mark = run->scratch->used;
    struct work w = { .item = objects->item, .n = objects->n };
    struct derm_box *box;

    (void)params;
    DERM_TRY(start_work(run, view, where, &w));
    for (int y = 0; y < w.labels.h; y++)
        for (int x = 0; x < w.labels.w; x++)
            derm_labels_row(&w.labels, y)[x] =
                derm_labels_row(&objects->labels, y * w.reduced.factor)[x * w.reduced.factor];
    DERM_TRY(derm_arena_new(run->scratch, &box, (size_t)objects->n + 1, sizeof(*box)));
    derm_label_boxes(&w.labels, objects->n, box);
    for (int i = 0; i < objects->n; i++) {
        const struct derm_object *const o = &objects->item[i];
        const double f = w.reduced.factor;
        struct derm_ring_contrast c;

        DERM_TRY(measure(run, &w, o, o->label, &box[o->label], limits.half * o->contrast, &c));
        value[i] = c.contrast * o->area_px;
        area_px[i] = c.half_area_px * f * f;
    }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

const struct derm_segmenter derm_segmenter_pigmentation = {
    .concern = DERM_CONCERN_PIGMENTATION,
    .merge_mm = 1.0,
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
    .reads = DERM_SEGMENT_READS,
    .writes = DERM_SLOT(pigmentation),
    .run = run_pigmentation,
};
