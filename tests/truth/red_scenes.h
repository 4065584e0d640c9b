/* SPDX-License-Identifier: Apache-2.0 */
/* Phantoms with red marks and vessels in pairs of photos: what the whole pipeline reads of their
 * change, and what it finds. */
#ifndef DERM_TRUTH_RED_SCENES_H
#define DERM_TRUTH_RED_SCENES_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stages/statistics.h"

#include "acceptance.h"

enum { FADINGS = 3, MOST_ERRORS = 256, LEAST_PIECES = 5 };
static const double fading[FADINGS] = { 0, 0.2, 0.4 };
static const double edge_mm = 4, near_mm = 1; /* of the photo; a feature's centre */

enum wrong { ON_SPOT, ON_PORE, ON_SCAR, ON_FLUSH, ON_SKIN, WRONGS };

struct red_score { /* of one tone */
    int pairs, refused;
    double all[MOST_ERRORS], marks[MOST_ERRORS], vessels[MOST_ERRORS]; /* reading minus truth, % */
    int n, n_marks, n_vessels;
    double fade[MOST_ERRORS];                        /* of each of all */
    double circumstance[CIRCUMSTANCES][MOST_ERRORS]; /* how its photos differ */
    double limit[MOST_ERRORS];
    int limits;
    int there, found, objects, right, wrong[WRONGS]; /* marks of the baseline */
    double blood, blood_missed; /* added by all marks, by those not found: sums */
    int vessels_there, vessels_found, lines, lines_right;
    int spots_on_marks, spots_found;
};

struct scene {
    const struct phantom_skin *skin;
    const struct phantom_pair *pair;
    const struct derm_work *work;
};

static inline void skin_at(const struct scene *s, double x, double y, double *x_mm, double *y_mm)
{
    const struct derm_grid *const g = &s->work->frame[0].view.grid;

    phantom_to_skin(s->skin, &s->pair->shot[0].camera, g->x0 + (x + 0.5) * g->step - 0.5,
                    g->y0 + (y + 0.5) * g->step - 0.5, x_mm, y_mm);
}

/* Well inside both photos. */
static inline bool is_seen(const struct scene *s, double x_mm, double y_mm)
{
    for (int i = 0; i < 2; i++) {
        const struct phantom_camera *const c = &s->pair->shot[i].camera;
        const double edge = edge_mm * c->px_per_mm;
        double x, y;

        phantom_to_image(s->skin, c, x_mm, y_mm, &x, &y);
        if (x < edge || y < edge || x > c->width - edge || y > c->height - edge) return false;
    }
    return true;
}

static inline int feature_at(const struct scene *s, enum phantom_kind kind, double x_mm,
                             double y_mm)
{
    for (int i = 0; i < s->skin->n; i++) {
        const struct phantom_object *const o = &s->skin->object[i];

        if (o->kind == kind && hypot(o->x_mm - x_mm, o->y_mm - y_mm) <= fmax(o->radius_mm, near_mm))
            return i;
    }
    return -1;
}

static inline enum wrong taken_for_mark(const struct scene *s, double x_mm, double y_mm)
{
    static const enum phantom_kind order[3] = { PHANTOM_SPOT, PHANTOM_SCAR, PHANTOM_PORE };
    static const enum wrong is[3] = { ON_SPOT, ON_SCAR, ON_PORE };

    for (int i = 0; i < s->skin->flushes; i++)
        if (hypot(s->skin->flush[i].x_mm - x_mm, s->skin->flush[i].y_mm - y_mm) <=
            s->skin->flush[i].radius_mm)
            return ON_FLUSH;
    for (int k = 0; k < 3; k++)
        if (feature_at(s, order[k], x_mm, y_mm) >= 0) return is[k];
    return ON_SKIN;
}

static inline void score_marks(const struct scene *s, struct red_score *t)
{
    const struct derm_objects *const o = &s->work->pair.objects[DERM_KIND_RED_MARK];
    const struct derm_objects *const spots = &s->work->pair.objects[DERM_KIND_SPOT];
    bool *const hit = phantom_alloc((size_t)s->skin->n + 1, sizeof(bool));
    double x, y;

    for (int i = 0; i < o->n; i++) {
        skin_at(s, o->item[i].x, o->item[i].y, &x, &y);
        if (o->item[i].field || !(o->item[i].found_in & 1) || !is_seen(s, x, y)) continue;
        const int mark = feature_at(s, PHANTOM_MARK, x, y);

        t->objects++;
        t->right += mark >= 0;
        if (mark >= 0)
            hit[mark] = true;
        else
            t->wrong[taken_for_mark(s, x, y)]++;
    }
    for (int i = 0; i < s->skin->n; i++) {
        const struct phantom_object *const m = &s->skin->object[i];

        if (m->kind != PHANTOM_MARK || !is_seen(s, m->x_mm, m->y_mm)) continue;
        t->there++;
        t->found += hit[i];
        t->blood += m->strength;
        t->blood_missed += hit[i] ? 0 : m->strength;
    }
    for (int i = 0; i < spots->n; i++) {
        skin_at(s, spots->item[i].x, spots->item[i].y, &x, &y);
        if (spots->item[i].field || !(spots->item[i].found_in & 1)) continue;
        t->spots_found++;
        t->spots_on_marks +=
            feature_at(s, PHANTOM_MARK, x, y) >= 0 && feature_at(s, PHANTOM_SPOT, x, y) < 0;
    }
    free(hit);
}

static inline int vessel_at(const struct scene *s, double x_mm, double y_mm)
{
    for (int c = 0; c < s->skin->curves; c++) {
        double along, across;

        if (s->skin->curve[c].kind != PHANTOM_VESSEL) continue;
        phantom_curve_place(&s->skin->curve[c], x_mm, y_mm, &along, &across);
        if (fabs(across) < 0.6 && fabs(along) < 0.5 * s->skin->curve[c].length_mm + 0.5) return c;
    }
    return -1;
}

static inline void score_vessels(const struct scene *s, struct red_score *t)
{
    const struct derm_objects *const o = &s->work->pair.objects[DERM_KIND_VESSEL];
    bool *const hit = phantom_alloc((size_t)s->skin->curves + 1, sizeof(bool));

    for (int i = 0; i < o->n; i++) {
        double x, y;

        skin_at(s, o->item[i].x, o->item[i].y, &x, &y);
        if (!(o->item[i].found_in & 1) || !is_seen(s, x, y)) continue;
        const int vessel = vessel_at(s, x, y);

        t->lines++;
        t->lines_right += vessel >= 0;
        if (vessel >= 0) hit[vessel] = true;
    }
    for (int c = 0; c < s->skin->curves; c++) {
        const struct phantom_curve *const v = &s->skin->curve[c];

        if (v->kind != PHANTOM_VESSEL || !is_seen(s, v->x_mm, v->y_mm)) continue;
        t->vessels_there++;
        t->vessels_found += hit[c];
    }
    free(hit);
}

/* Change in percent of the sum over a list; NAN when there is nothing. */
static inline double change_of(const struct derm_objects *o)
{
    double base = 0, follow = 0;

    for (int i = 0; i < o->n; i++) {
        if (o->item[i].field) continue;
        base += o->item[i].base_value;
        follow += o->item[i].follow_value;
    }
    return base > 0 ? 100 * (follow / base - 1) : (double)NAN;
}

static inline void note(double *list, int *n, double error)
{
    if (!isnan(error) && *n < MOST_ERRORS) list[(*n)++] = error;
}

/* An error of the load, and what it may go with. */
static inline void note_load(struct red_score *t, double error, double fade,
                             const double circumstance[CIRCUMSTANCES])
{
    const int i = t->n;

    note(t->all, &t->n, error);
    if (t->n == i) return;
    t->fade[i] = fade;
    for (int k = 0; k < CIRCUMSTANCES; k++)
        t->circumstance[k][i] = circumstance[k];
}

static inline void photograph(const struct phantom_skin *skin, const struct phantom_shot *shot,
                              const char *path)
{
    struct phantom_rgb8 picture;

    phantom_shoot(skin, shot, &picture);
    if (phantom_write(path, &picture, &shot->file)) exit(1);
    free(picture.px);
}

static inline struct phantom_pair red_pair(int tone, int number, int odd)
{
    struct phantom_pair p = draw_pair(tone, number, odd ? REPORTING : TUNING);

    disturb_all(&p, number);
    for (int i = 0; i < 2; i++) {
        struct phantom_spec *const spec = &p.shot[i].spec;

        spec->marks_per_cm2 = 0.4 + 0.3 * (number % 5);
        spec->vessels_per_cm2 = 0.3 * (number % 3);
        spec->flushes_per_cm2 = 0; /* redness that does not fade */
        spec->erythema = 0.004 * (number % 4);
        spec->width_mm = spec->height_mm = p.shot[0].camera.width / p.shot[0].camera.px_per_mm;
    }
    return p;
}

/* One pair, added to the score. */
static inline void score_red_pair(struct lab *l, int tone, int number, int odd, double fade,
                                  struct red_score *t)
{
    const struct phantom_pair p = red_pair(tone, number, odd);
    const double px_per_mm[2] = { p.shot[0].camera.px_per_mm, p.shot[1].camera.px_per_mm };
    struct scene s = { .pair = &p, .work = &l->work };
    const struct derm_objects *found;
    struct phantom_skin skin;
    struct reading r;
    double truth, vessel_truth, how[CIRCUMSTANCES];

    phantom_skin_init(&skin, &p.shot[0].spec);
    s.skin = &skin;
    photograph(&skin, &p.shot[0], l->path[0]);
    skin.spec.fade[PHANTOM_MARK] = skin.spec.fade[PHANTOM_VESSEL] = fade;
    photograph(&skin, &p.shot[1], l->path[1]);
    truth = fade > 0 ? phantom_true_change(&skin, PHANTOM_MARK) : 0;
    vessel_truth = fade > 0 && p.shot[0].spec.vessels_per_cm2 > 0
                       ? phantom_true_change(&skin, PHANTOM_VESSEL)
                       : 0;
    lab_compare(l, l->path[0], l->path[1], px_per_mm);
    r = lab_reading(l, DERM_METRIC_REDNESS_LOAD, DERM_REGION_ROI);
    t->pairs++;
    t->refused += !r.judged;
    if (r.judged) {
        found = l->work.pair.objects;
        circumstances(&p, how);
        note_load(t, r.percent - truth, fade, how);
        note(t->marks, &t->n_marks, change_of(&found[DERM_KIND_RED_MARK]) - truth);
        if (found[DERM_KIND_VESSEL].n >= LEAST_PIECES)
            note(t->vessels, &t->n_vessels, change_of(&found[DERM_KIND_VESSEL]) - vessel_truth);
        if (found[DERM_KIND_RED_MARK].blank_sd > 0)
            note(t->limit, &t->limits, 3 * found[DERM_KIND_RED_MARK].blank_sd / sqrt(2));
        score_marks(&s, t);
        score_vessels(&s, t);
    }
    phantom_skin_free(&skin);
}

static inline void add_red_score(struct red_score *sum, const struct red_score *t)
{
    sum->pairs += t->pairs;
    sum->refused += t->refused;
    for (int i = 0; i < t->n; i++) {
        double how[CIRCUMSTANCES];

        for (int k = 0; k < CIRCUMSTANCES; k++)
            how[k] = t->circumstance[k][i];
        note_load(sum, t->all[i], t->fade[i], how);
    }
    for (int i = 0; i < t->n_marks; i++)
        note(sum->marks, &sum->n_marks, t->marks[i]);
    for (int i = 0; i < t->n_vessels; i++)
        note(sum->vessels, &sum->n_vessels, t->vessels[i]);
    for (int i = 0; i < t->limits; i++)
        note(sum->limit, &sum->limits, t->limit[i]);
    sum->there += t->there;
    sum->found += t->found;
    sum->blood += t->blood;
    sum->blood_missed += t->blood_missed;
    sum->objects += t->objects;
    sum->right += t->right;
    for (int i = 0; i < WRONGS; i++)
        sum->wrong[i] += t->wrong[i];
    sum->vessels_there += t->vessels_there;
    sum->vessels_found += t->vessels_found;
    sum->lines += t->lines;
    sum->lines_right += t->lines_right;
    sum->spots_on_marks += t->spots_on_marks;
    sum->spots_found += t->spots_found;
}

#endif
