/* SPDX-License-Identifier: Apache-2.0 */
/* Phantoms of bodies with stretch marks: which are found, told apart and covered, and what change
 * of their contrast is read. */
#ifndef DERM_TRUTH_STRIA_SCENES_H
#define DERM_TRUTH_STRIA_SCENES_H

#include "stages/lines.h"
#include "truth/line_scenes.h"

static const double margin_mm = 4; /* of the picture, where a mark has no skin on both sides */
enum { STRIA_SIDE_MM = 90, MOST_CURVES = 128 };

static inline struct phantom_shot body_shot(int seed, int tone, double px_per_mm)
{
    struct phantom_shot shot = line_shot(9000, seed, tone, STRIA_SIDE_MM, px_per_mm);

    shot.spec.tissue = phantom_tissue_of(shot.spec.seed);
    shot.spec.fm = phantom_tissue_fm(&shot.spec.tissue, line_ita[tone], shot.spec.fb);
    shot.spec.striae_per_cm2 = 0.25;
    shot.spec.striae_alba = 0.5;
    shot.spec.hairs_per_cm2 = 0.2;
    shot.spec.spots_per_cm2 = 0.05;
    return shot;
}

static inline void find_striae(struct view_bed *b)
{
    run_stage(b, &derm_stage_tone);
    run_stage(b, &derm_stage_stretch_marks);
    run_stage(b, &derm_stage_linear_scars);
}

/* ---- one photo */

/* The pixels of the pieces of one line, or with label 0 of all, at their own width in the first
 * photo. */
static inline void paint(const struct derm_objects *o, int label, double px_per_mm,
                         struct derm_mask *m)
{
    for (int i = 0; i < o->n; i++) {
        const struct derm_object *const p = &o->item[i];
        const struct derm_object *const q =
            &o->item[i + 1 < o->n && o->item[i + 1].label == p->label ? i + 1 : i - 1];
        const double area = p->base_area_px > 0 ? p->base_area_px : p->area_px;
        const double half_long = 0.5 * p->length_mm * px_per_mm,
                     r = hypot(half_long, 20 * px_per_mm);
        const double half_wide = area / (4 * half_long);
        const double d = hypot(q->x - p->x, q->y - p->y);
        const double ax = (q->x - p->x) / d, ay = (q->y - p->y) / d;

        if (label && p->label != label) continue;
        for (int y = imax((int)(p->y - r), 0); y < imin((int)(p->y + r), m->h); y++)
            for (int x = imax((int)(p->x - r), 0); x < imin((int)(p->x + r), m->w); x++)
                if (fabs((x - p->x) * ax + (y - p->y) * ay) <= half_long + 0.5 &&
                    fabs((y - p->y) * ax - (x - p->x) * ay) <= half_wide)
                    derm_mask_row(m, y)[x] = 0xff;
    }
}

struct stria_score {
    int marks, found, lines, wrong, kinds, right_kind, as_scars, scars, scars_found;
    double both, either, area;  /* px: of the marks and what is drawn; area: of the marks */
    double od_found, od_missed; /* sums over marks: how much they differ from the skin */
    struct tally width;         /* % */
};

static inline void add_stria_score(struct stria_score *sum, const struct stria_score *s, int times)
{
    sum->marks += times * s->marks;
    sum->found += times * s->found;
    sum->lines += times * s->lines;
    sum->wrong += times * s->wrong;
    sum->both += times * s->both;
    sum->either += times * s->either;
    sum->area += times * s->area;
    sum->od_found += times * s->od_found;
    sum->od_missed += times * s->od_missed;
}

static inline bool is_inside(const struct phantom_shot *shot, double x, double y)
{
    const double margin_px = margin_mm * shot->camera.px_per_mm;

    return x >= margin_px && y >= margin_px && x < shot->camera.width - margin_px &&
           y < shot->camera.height - margin_px;
}

/* Share of the middle of a curve that is set; *inside_mm: how much of it lies in the picture. */
static inline double covered(const struct phantom_skin *skin, const struct phantom_shot *shot,
                             const struct phantom_curve *c, const struct derm_mask *m,
                             double *inside_mm)
{
    const int steps = (int)c->length_mm;
    int in = 0, set = 0;

    for (int i = 0; i <= steps; i++) {
        double x_mm, y_mm, x, y;

        phantom_curve_point(c, c->length_mm * ((double)i / steps - 0.5), 0, &x_mm, &y_mm);
        phantom_to_image(skin, &shot->camera, x_mm, y_mm, &x, &y);
        if (!is_inside(shot, x, y)) continue;
        in++;
        set += derm_mask_row(m, (int)(y + 0.5))[(int)(x + 0.5)] != 0;
    }
    *inside_mm = c->length_mm * in / (steps + 1);
    return in > 0 ? (double)set / in : 0;
}

/* The phantom's curve under most pieces of a line, -1 for none. */
static inline int curve_under(const struct phantom_skin *skin, const struct phantom_shot *shot,
                              const struct derm_objects *o, int first, int end)
{
    int most = -1, on[MOST_CURVES] = { 0 };

    for (int i = first; i < end; i++) {
        double x, y;

        phantom_to_skin(skin, &shot->camera, o->item[i].x, o->item[i].y, &x, &y);
        for (int c = 0; c < imin(skin->curves, MOST_CURVES); c++) {
            on[c] += is_on_curve(&skin->curve[c], x, y, 2);
            if (2 * on[c] > end - first) most = c;
        }
    }
    return most;
}

static inline void score_lines(const struct phantom_skin *skin, const struct phantom_shot *shot,
                               const struct derm_objects *o, const struct phantom_band *band,
                               struct stria_score *s)
{
    const double px2 = shot->camera.px_per_mm * shot->camera.px_per_mm;

    for (int from = 0; from < o->n;) {
        const int first = from;
        const struct derm_object line = derm_line_next(o, &from);
        const int c = curve_under(skin, shot, o, first, from);
        double mm2 = 0, mm = 0;

        s->lines++;
        if (c < 0 || skin->curve[c].kind != PHANTOM_STRIA) {
            s->wrong++;
            continue;
        }
        s->kinds++;
        s->right_kind += derm_line_is_red(&line) == (skin->curve[c].melanin >= 0);
        for (int i = first; i < from; i++) {
            mm2 += o->item[i].base_area_px / px2;
            mm += o->item[i].base_area_px > 0 ? o->item[i].length_mm : 0;
        }
        if (mm > 0 && band[c].width_mm > 0) add(&s->width, 100 * (mm2 / mm / band[c].width_mm - 1));
    }
}

static inline void score_frame(struct view_bed *b, const struct phantom_shot *shot,
                               const struct phantom_skin *skin, const struct derm_frame *f,
                               struct stria_score *s)
{
    const struct derm_objects *const o = &f->objects[DERM_KIND_STRETCH_MARK];
    const struct derm_objects *const scars = &f->objects[DERM_KIND_LINEAR_SCAR];
    struct phantom_grey16 label = phantom_labels(skin, &shot->camera, PHANTOM_STRIA);
    struct phantom_band *const band = phantom_alloc((size_t)skin->curves + 1, sizeof(*band));
    struct phantom_plane shade = shade_of(skin, shot, PHANTOM_STRIA);
    struct derm_mask m, scar_mask;

    must(b, derm_mask_new(&b->scratch, &m, label.w, label.h));
    must(b, derm_mask_new(&b->scratch, &scar_mask, label.w, label.h));
    paint(o, 0, shot->camera.px_per_mm, &m);
    paint(scars, 0, shot->camera.px_per_mm, &scar_mask);
    phantom_bands(skin, PHANTOM_STRIA, shot->camera.px_per_mm, band);
    for (int i = 0; i < label.w * label.h; i++) {
        const bool is = label.px[i] != 0, set = derm_mask_row(&m, i / label.w)[i % label.w] != 0;

        if (!is_inside(shot, i % label.w, i / label.w)) continue;
        s->both += is && set;
        s->either += is || set;
        s->area += is;
    }
    for (int c = 0; c < skin->curves; c++) {
        const enum phantom_kind kind = skin->curve[c].kind;
        const bool stria = kind == PHANTOM_STRIA;
        double inside_mm, unused;
        const double share =
            covered(skin, shot, &skin->curve[c], stria ? &m : &scar_mask, &inside_mm);

        if (inside_mm < 15 || (!stria && kind != PHANTOM_LINEAR_SCAR)) continue;
        *(stria ? &s->marks : &s->scars) += 1;
        *(stria ? &s->found : &s->scars_found) += share >= 0.5;
        if (stria)
            *(share >= 0.5 ? &s->od_found : &s->od_missed) +=
                fabs(contrast_of(&shade, skin, shot, &skin->curve[c]));
        if (stria) s->as_scars += covered(skin, shot, &skin->curve[c], &scar_mask, &unused) >= 0.5;
    }
    score_lines(skin, shot, o, band, s);
    phantom_plane_free(&shade);
    free(band);
    free(label.px);
}

/* One photo, added to the score. */
static inline void score_striae(struct view_bed *b, const struct phantom_shot *shot,
                                struct stria_score *s)
{
    struct phantom_skin skin;
    struct derm_frame f;

    shoot_alone(b, shot, &skin, &f);
    find_striae(b);
    score_frame(b, shot, &skin, &f, s);
    phantom_skin_free(&skin);
}

/* ---- change */

struct stria_change { /* percent; redness: optical density */
    bool found;
    double truth, contrast, area, width, redness;
};

static inline void read_striae(const struct derm_objects *o, struct stria_change *c)
{
    double value[2] = { 0 }, area[2] = { 0 }, mm[2] = { 0 }, blood[2] = { 0 }, all = 0;

    for (int i = 0; i < o->n; i++) {
        const struct derm_object *const p = &o->item[i];
        const double own[2] = { p->base_area_px, p->follow_area_px };

        all += p->area_px;
        value[0] += p->base_value;
        value[1] += p->follow_value;
        for (int k = 0; k < 2; k++) {
            area[k] += own[k];
            mm[k] += own[k] > 0 ? p->length_mm : 0;
            blood[k] += p->blood[k];
        }
    }
    c->contrast = 100 * (value[1] / value[0] - 1);
    c->area = 100 * (area[1] / area[0] - 1);
    c->width = 100 * (area[1] / mm[1] / (area[0] / mm[0]) - 1);
    c->redness = (blood[1] - blood[0]) / all;
}

/* A pair of photos of one skin, the marks fainter in the second. */
static inline struct stria_change change_striae(struct view_bed *b, struct phantom_shot shot,
                                                const struct difference *d)
{
    struct stria_change c = { .found = false };
    struct derm_frame f[2];
    struct derm_pair pair;
    const struct derm_objects *const o = &pair.objects[DERM_KIND_STRETCH_MARK];

    c.truth = shoot_fading(b, &shot, PHANTOM_STRIA, d, f, &pair);
    find_striae(b);
    c.found = o->n > 0;
    if (c.found) read_striae(o, &c);
    return c;
}

#endif
