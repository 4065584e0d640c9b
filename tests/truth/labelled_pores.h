/* SPDX-License-Identifier: Apache-2.0 */
/* The photo with labelled pores, and the average precision of what is found on labelled skin. */
#ifndef DERM_TRUTH_LABELLED_PORES_H
#define DERM_TRUTH_LABELLED_PORES_H

#include "base/num.h"
#include "stage_params.h"
#include "stages/segment.h"

#include "truth/view_bed.h"
#include "unit/decode_photo.h"

/* Pores that stand out from their surround by at least z_min. */
static inline derm_err find_above(struct view_bed *b, const struct derm_view *v, double z_min,
                                  struct derm_objects *out)
{
    struct stage_params p;

    stage_defaults(&derm_stage_pores, &p);
    DERM_TRY(derm_opt_set(derm_stage_pores.opts, p.at, "pores", "z_min", z_min, &b->err));
    return derm_segment_find(&b->run, &derm_segmenter_pores, p.at, v, &v->skin, out);
}

/* ---- labelled photo */

struct label {
    double x, y, radius, pixels;
    int used;
};
struct photo {
    struct derm_plane lin[3];
    struct derm_mask inside;
    struct label *label;
    int labels;
    struct decoded *file[3]; /* the photo, its labels, its region of interest */
};
static const double photo_px_per_mm = 13.7; /* pupil distance of 63 mm */
static const double tolerance_mm = 0.25;

static inline struct decoded *read_photo(struct view_bed *b, const char *folder)
{
    struct decoded *const d = malloc(sizeof(*d));
    char path[1024];

    snprintf(path, sizeof(path), "%s/lesions/porenet/%s/20190315_144533_white.png", DERM_TEST_DATA,
             folder);
    if (!d) exit(1);
    must(b, decoded_open(d));
    if (decoded_photo(d, path) != DERM_OK) {
        decoded_close(d);
        free(d);
        return NULL;
    }
    return d;
}

static inline void find_labels(struct view_bed *b, const struct derm_plane *ink,
                               const struct derm_mask *inside, struct photo *out)
{
    const struct derm_filter f = derm_run_filter(&b->run);
    struct derm_labels labels;
    struct derm_mask mask;
    int n, kept = 0;

    must(b, derm_mask_new(&b->scratch, &mask, ink->w, ink->h));
    must(b, derm_labels_new(&b->scratch, &labels, ink->w, ink->h));
    for (int y = 0; y < ink->h; y++)
        for (int x = 0; x < ink->w; x++)
            derm_mask_row(&mask, y)[x] = derm_row(ink, y)[x] > 0 ? 0xff : 0;
    must(b, derm_label(&f, &labels, &mask, &n));
    out->label = calloc((size_t)n + 1, sizeof(*out->label));
    if (!out->label) exit(1);
    for (int y = 0; y < ink->h; y++)
        for (int x = 0; x < ink->w; x++) {
            const int id = derm_labels_row(&labels, y)[x];
            if (!id) continue;
            out->label[id - 1].x += x;
            out->label[id - 1].y += y;
            out->label[id - 1].pixels += 1;
        }
    for (int i = 0; i < n; i++) {
        struct label l = out->label[i];
        l.x /= l.pixels;
        l.y /= l.pixels;
        l.radius = sqrt(l.pixels / 3.141592653589793);
        if (derm_mask_row(inside, (int)l.y)[(int)l.x]) out->label[kept++] = l;
    }
    out->labels = kept;
}

/* The nearest that no object has taken yet, if one is near enough; NULL: none. */
static inline struct label *free_label(const struct photo *p, double x, double y)
{
    struct label *best = NULL;
    double nearest = 1e9;

    for (int j = 0; j < p->labels; j++) {
        struct label *const l = &p->label[j];
        const double d = hypot(l->x - x, l->y - y);

        if (l->used || d >= nearest || d > fmax(tolerance_mm * photo_px_per_mm, l->radius))
            continue;
        nearest = d;
        best = l;
    }
    return best;
}

/* AP of objects (ranked) whose grid is `step` photo px wide. */
static inline double average_precision(struct photo *p, const struct derm_objects *o, double step,
                                       double *best_f1)
{
    double hits = 0, sum = 0;

    *best_f1 = 0;
    for (int i = 0; i < p->labels; i++)
        p->label[i].used = 0;
    for (int i = 0; i < o->n; i++) {
        const double x = (o->item[i].x + 0.5) * step - 0.5, y = (o->item[i].y + 0.5) * step - 0.5;
        struct label *const best = free_label(p, x, y);
        double f1;

        if (best) {
            best->used = 1;
            hits += 1;
            sum += hits / (i + 1);
        }
        f1 = 2 * hits / (i + 1 + p->labels);
        *best_f1 = fmax(*best_f1, f1);
    }
    return sum / p->labels;
}

/* The photo at a lower resolution, through a JPEG file when quality > 0. */
static inline void photo_view(struct view_bed *b, const struct photo *p, double px_per_mm,
                              int quality, struct derm_view *v)
{
    const struct derm_filter f = derm_run_filter(&b->run);
    const double step = photo_px_per_mm / px_per_mm;
    const int w = (int)(p->lin[0].w / step), h = (int)(p->lin[0].h / step);
    struct phantom_rgb8 picture = { .w = w, .h = h };
    struct derm_plane jpeg[3];
    struct decoded d;

    bed_view(b, v, w, h, px_per_mm);
    for (int c = 0; c < 3; c++)
        must(b, derm_resample_area(&f, &v->od[c], &p->lin[c], 0, 0, step));
    if (quality > 0) {
        const struct phantom_file how = { .jpeg_quality = quality };
        picture.px = malloc((size_t)w * (size_t)h * 3);
        if (!picture.px) exit(1);
        for (int i = 0; i < w * h * 3; i++) {
            const double l = (double)derm_row(&v->od[i % 3], i / 3 / w)[i / 3 % w];
            const double e = l <= 0.0031308 ? 12.92 * l : 1.055 * pow(l, 1 / 2.4) - 0.055;
            picture.px[i] = (uint8_t)(255 * clampd(e, 0, 1) + 0.5);
        }
        if (phantom_write("truth_pores.jpg", &picture, &how)) exit(1);
        must(b, decoded_open(&d));
        must(b, decoded_photo(&d, "truth_pores.jpg"));
        must(b, decoded_planes(&d, jpeg));
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < h; y++)
                memcpy(derm_row(&v->od[c], y), derm_row(&jpeg[c], y), (size_t)w * sizeof(float));
        decoded_close(&d);
        free(picture.px);
        remove("truth_pores.jpg");
    }
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const int px = imin((int)((x + 0.5) * step), p->inside.w - 1);
            const int py = imin((int)((y + 0.5) * step), p->inside.h - 1);
            derm_mask_row(&v->skin, y)[x] = derm_mask_row(&p->inside, py)[px];
            for (int c = 0; c < 3; c++)
                derm_row(&v->od[c], y)[x] = bed_density((double)derm_row(&v->od[c], y)[x]);
        }
    bed_clutter(b, v);
}

/* false where there is no photo. */
static inline bool photo_open(struct view_bed *b, struct photo *p)
{
    struct derm_plane ink[3], roi[3];

    *p = (struct photo){ .labels = 0 };
    p->file[0] = read_photo(b, "input_cropped");
    p->file[1] = p->file[0] ? read_photo(b, "label_cropped") : NULL;
    p->file[2] = p->file[0] ? read_photo(b, "mask_cropped") : NULL;
    if (!p->file[0] || !p->file[1] || !p->file[2]) return false;
    must(b, decoded_planes(p->file[0], p->lin));
    must(b, decoded_planes(p->file[1], ink));
    must(b, decoded_planes(p->file[2], roi));
    must(b, derm_mask_new(&p->file[0]->keep, &p->inside, p->lin[0].w, p->lin[0].h));
    for (int y = 0; y < p->inside.h; y++)
        for (int x = 0; x < p->inside.w; x++)
            derm_mask_row(&p->inside, y)[x] = derm_row(&roi[0], y)[x] > 0.5f ? 0xff : 0;
    find_labels(b, &ink[0], &p->inside, p);
    return true;
}

static inline void photo_close(struct photo *p)
{
    free(p->label);
    for (int i = 0; i < 3; i++) {
        decoded_close(p->file[i]);
        free(p->file[i]);
    }
}

#endif
