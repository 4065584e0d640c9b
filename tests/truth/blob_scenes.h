/* SPDX-License-Identifier: Apache-2.0 */
/* Phantoms with everything that a spot on the skin can be, under all tones, lamps, cameras and
 * resolutions, and what lies at a place. */
#ifndef DERM_TRUTH_BLOB_SCENES_H
#define DERM_TRUTH_BLOB_SCENES_H

#include "phantom_samples.h"

#include "blob_table.h"

static inline double between(struct phantom_rng *r, double lo, double hi)
{
    return phantom_uniform(r, lo, hi);
}

static inline double log_between(struct phantom_rng *r, double lo, double hi)
{
    return exp(phantom_uniform(r, log(lo), log(hi)));
}

/* Each thing is on some skins: times 0 on the others. */
static inline double on_some(struct phantom_rng *r, double share, double lo, double hi)
{
    const double is = phantom_uniform(r, 0, 1), much = phantom_uniform(r, lo, hi);

    return is < share ? much : 0;
}

static inline void draw_skin(struct phantom_rng *r, struct phantom_spec *s)
{
    s->tissue = phantom_tissue_of(s->seed);
    s->fm = phantom_tissue_fm(&s->tissue, between(r, -45, 65), s->fb);
    s->radius_mm = between(r, 0, 1) < 0.7 ? 75 : 0;
    s->spots_per_cm2 = between(r, 0.3, 0.9);
    s->pores_per_cm2 = between(r, 10, 60);
    s->scars_per_cm2 = between(r, 0.2, 0.6);
    s->flushes_per_cm2 = between(r, 0, 0.3);
    s->hairs_per_cm2 = on_some(r, 0.7, 0.2, 1.5);
    s->stubble_per_cm2 = on_some(r, 0.35, 2, 25);
    s->marks_per_cm2 = on_some(r, 0.7, 0.2, 0.8);
    s->moles_per_cm2 = on_some(r, 0.7, 0.3, 1);
    s->papules_per_cm2 = on_some(r, 0.7, 0.3, 1);
    s->vessels_per_cm2 = on_some(r, 0.25, 0.3, 1.5);
    s->wrinkles_per_cm2 = on_some(r, 0.2, 0.05, 0.3);
    s->fine_lines_per_cm2 = on_some(r, 0.2, 0.3, 2);
}

static inline void draw_light(struct phantom_rng *r, struct phantom_light *l)
{
    static const enum phantom_illuminant lamp[4] = { PHANTOM_DAYLIGHT, PHANTOM_DAYLIGHT,
                                                     PHANTOM_LED, PHANTOM_BLACKBODY };

    l->illuminant = lamp[(int)between(r, 0, 3.999)];
    l->azimuth_deg = between(r, 0, 360);
    l->elevation_deg = between(r, 40, 70);
    l->ambient = between(r, 0.25, 0.55);
    l->gain = log_between(r, 0.75, 1.3);
    l->cct_k = between(r, 4000, 7000);
    for (int c = 0; c < 3; c++)
        l->cast[c] = log_between(r, 0.95, 1.05);
    l->gradient_x = between(r, -0.3, 0.3);
    l->gradient_y = between(r, -0.3, 0.3);
    l->oil = between(r, 0.2, 1);
}

static inline struct phantom_shot draw_shot(uint64_t seed)
{
    enum { STREAM = 2000, SIDE = 520 };
    struct phantom_shot shot = phantom_default_shot();
    struct phantom_camera *const c = &shot.camera;
    struct phantom_rng r;

    phantom_rng_init(&r, seed, STREAM);
    shot.spec.seed = seed;
    draw_skin(&r, &shot.spec);
    draw_light(&r, &shot.light);
    c->px_per_mm = between(&r, 4.5, 14);
    c->width = c->height = (int)fmin(SIDE, 70 * c->px_per_mm);
    c->distance_mm = between(&r, 250, 400);
    c->defocus_px = between(&r, 0.4, 1);
    c->noise = log_between(&r, 0.003, 0.012);
    c->vignette = between(&r, 0, 0.15);
    c->s_curve = between(&r, 0, 0.1);
    c->noise_seed = seed;
    shot.spec.width_mm = shot.spec.height_mm = c->width / c->px_per_mm;
    shot.file.jpeg_quality = (int)between(&r, 75, 97);
    return shot;
}

/* ---- what lies at a place */

static inline int class_of_kind(enum phantom_kind kind)
{
    switch (kind) {
    case PHANTOM_PORE:
        return DERM_IS_pore;
    case PHANTOM_SCAR:
        return DERM_IS_scar;
    case PHANTOM_SPOT:
        return DERM_IS_pigment;
    case PHANTOM_MARK:
    case PHANTOM_VESSEL:
        return DERM_IS_vascular;
    case PHANTOM_MOLE:
        return DERM_IS_mole;
    case PHANTOM_PAPULE:
        return DERM_IS_papule;
    default:
        return DERM_IS_artefact;
    }
}

static inline double hair_distance(const struct phantom_hair *h, double x_mm, double y_mm)
{
    const double step_mm = 0.1;
    double x = h->x_mm, y = h->y_mm, a = h->angle, least = HUGE_VAL;

    for (double run = 0; run <= h->length_mm; run += step_mm) {
        least = fmin(least, hypot(x - x_mm, y - y_mm));
        x += step_mm * cos(a);
        y += step_mm * sin(a);
        a += h->bend * step_mm;
    }
    return least;
}

struct guess { /* how badly a feature fits a place; smaller is better */
    double misfit;
    int klass;
};

/* An object fits a place that is near to its middle and about as large. */
static inline void try_object(const struct phantom_object *o, double x, double y, double radius,
                              struct guess *g)
{
    const double off = hypot(o->x_mm - x, o->y_mm - y) / (o->radius_mm + 0.15);
    const double other_size = fabs(log(radius / o->radius_mm));

    if (off < 1 && other_size < 1.2 && off + other_size < g->misfit)
        *g = (struct guess){ off + other_size, class_of_kind(o->kind) };
}

/* A line is what a place not much broader than it shows. Where something as large as the place lies
 * under a hair, it is that. */
static inline void try_lines(const struct phantom_skin *s, double x, double y, double radius,
                             struct guess *g)
{
    for (int i = 0; i < s->hairs && radius < 0.6; i++) {
        const double off = hair_distance(&s->hair[i], x, y) / (0.1 + 0.3 * radius);

        if (off < 1 && 0.4 + 0.4 * off < g->misfit)
            *g = (struct guess){ 0.4 + 0.4 * off, DERM_IS_hair };
    }
    for (int i = 0; i < s->curves; i++) {
        const struct phantom_curve *const c = &s->curve[i];
        double along, across;

        phantom_curve_place(c, x, y, &along, &across);
        const double off = fabs(across) / (0.5 * c->width_mm + 0.3 * radius);

        if (radius < 0.3 + c->width_mm && fabs(along) < 0.5 * c->length_mm && off < 1 &&
            0.8 + 0.5 * off < g->misfit)
            *g = (struct guess){ 0.8 + 0.5 * off, class_of_kind(c->kind) };
    }
}

/* Whether anything reaches to the place: then it is not plain skin, and its class not sure. */
static inline bool is_touched(const struct phantom_skin *s, double x, double y, double radius)
{
    for (int i = 0; i < s->n; i++) {
        const struct phantom_object *const o = &s->object[i];
        const double reach = o->radius_mm * (o->kind == PHANTOM_PORE ? 1 : 1.4);

        /* a broad place has pores on it */
        if (o->kind == PHANTOM_PORE && radius > 1.5 * o->radius_mm) continue;
        if (hypot(o->x_mm - x, o->y_mm - y) < reach + 0.7 * radius) return true;
    }
    for (int i = 0; i < s->hairs; i++)
        if (hair_distance(&s->hair[i], x, y) < 0.3 + 0.5 * radius) return true;
    return false;
}

/* The class of a place on the skin; BLOB_UNKNOWN where the truth is not clear. */
static inline int class_at(const struct phantom_skin *s, double x, double y, double radius)
{
    struct guess g = { HUGE_VAL, BLOB_UNKNOWN };

    for (int i = 0; i < s->n; i++)
        try_object(&s->object[i], x, y, radius, &g);
    try_lines(s, x, y, radius, &g);
    if (g.klass != BLOB_UNKNOWN) return g.klass;
    for (int i = 0; i < s->flushes; i++)
        try_object(&s->flush[i], x, y, radius, &g);
    if (g.klass != BLOB_UNKNOWN) return BLOB_UNKNOWN; /* on a flush: so faint, it may be anything */
    return is_touched(s, x, y, radius) ? BLOB_UNKNOWN : DERM_IS_artefact;
}

/* ---- a scene as rows */

static inline double spread_radius(struct phantom_rng *r, double radius)
{
    return radius * log_between(r, 0.75, 1.3);
}

/* Of those that segmenters find the most, some: fine texture is everywhere. */
static inline void thin_out(struct blobs_of *b, struct phantom_rng *r, int most)
{
    int of[BLOB_FINDERS][DERM_IDENTITIES] = { { 0 } };

    for (int i = 0; i < b->n; i++)
        if (b->item[i].klass != BLOB_UNKNOWN) of[b->item[i].finder][b->item[i].klass]++;
    for (int i = 0; i < b->n; i++) {
        struct blob *const one = &b->item[i];
        const double draw = phantom_uniform(r, 0, 1);

        if (one->klass != BLOB_UNKNOWN && draw * of[one->finder][one->klass] > most)
            one->klass = BLOB_UNKNOWN;
    }
}

/* True objects too, where another segmenter than ours would find them. */
static inline void add_truth(const struct phantom_skin *s, const struct phantom_shot *shot,
                             const struct derm_view *view, struct phantom_rng *r,
                             struct blobs_of *b)
{
    for (int i = 0; i < s->n; i++) {
        const struct phantom_object *const o = &s->object[i];
        const double edge = 1.5 * o->radius_mm * shot->camera.px_per_mm;
        struct derm_point at;

        if (o->kind == PHANTOM_PORE) continue;
        phantom_to_image(s, &shot->camera, o->x_mm, o->y_mm, &at.x, &at.y);
        if (at.x < edge || at.y < edge || at.x > shot->camera.width - edge ||
            at.y > shot->camera.height - edge)
            continue;
        at = derm_grid_from_photo(&view->grid, at);
        b->item[b->n++] = (struct blob){
            .place = { at.x, at.y, spread_radius(r, o->radius_mm) * view->grid.px_per_mm },
            .finder = BY_TRUTH,
            .klass = class_of_kind(o->kind),
        };
    }
}

static inline bool is_visible(const struct blob *b)
{
    return b->feature[DERM_BLOB_depth] > log(0.02);
}

/* The rows of one scene. A scene in sixteen is grey. */
static inline struct blobs_of scene_rows(struct blob_lab *l, uint64_t seed)
{
    enum { STREAM = 2001, MOST_ALIKE = 12 };
    const struct phantom_shot shot = draw_shot(seed);
    struct phantom_rgb8 picture;
    struct phantom_skin skin;
    struct phantom_rng r;
    struct blobs_of b;

    phantom_rng_init(&r, seed, STREAM);
    phantom_skin_init(&skin, &shot.spec);
    phantom_shoot(&skin, &shot, &picture);
    for (int i = 0; i < picture.w * picture.h && seed / 2 % 16 == 5; i++)
        picture.px[3 * i] = picture.px[3 * i + 2] = picture.px[3 * i + 1];
    if (phantom_write(l->path, &picture, &shot.file)) exit(1);
    free(picture.px);
    blob_lab_run(l, l->path, shot.camera.px_per_mm, DERM_SITE_BODY);
    const struct derm_view *const view = &l->work.frame[0].view;
    const struct derm_grid *const g = &view->grid;
    b = blobs_found(l, skin.n);
    for (int i = 0; i < b.n; i++) {
        struct blob *const one = &b.item[i];
        double x, y;

        phantom_to_skin(&skin, &shot.camera, g->x0 + (one->place.x + 0.5) * g->step - 0.5,
                        g->y0 + (one->place.y + 0.5) * g->step - 0.5, &x, &y);
        one->klass = class_at(&skin, x, y, one->place.radius / g->px_per_mm);
    }
    add_truth(&skin, &shot, view, &r, &b);
    thin_out(&b, &r, MOST_ALIKE);
    tell_features(l, &b);
    for (int i = 0; i < b.n; i++)
        if (b.item[i].finder == BY_TRUTH && !is_visible(&b.item[i])) b.item[i].klass = BLOB_UNKNOWN;
    phantom_skin_free(&skin);
    return b;
}

#endif
