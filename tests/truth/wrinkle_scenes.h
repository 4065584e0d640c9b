/* SPDX-License-Identifier: Apache-2.0 */
/* Phantoms with wrinkles and fine lines: how much of their length is found, and what change of
 * their contrast is read. */
#ifndef DERM_TRUTH_WRINKLE_SCENES_H
#define DERM_TRUTH_WRINKLE_SCENES_H

#include "stages/lines.h"
#include "truth/line_scenes.h"

static const double tolerance_mm = 0.5, edge_mm = 3, step_mm = 0.25, least_contrast = 0.02;
enum { WRINKLE_SIDE_MM = 60, MOST_POINTS = 20000 };
enum sort { WRINKLE, FINE_LINE, SORTS };

static const enum phantom_kind phantom_kinds[SORTS] = { PHANTOM_WRINKLE, PHANTOM_FINE_LINE };
static const enum derm_kind line_kinds[SORTS] = { DERM_KIND_WRINKLE, DERM_KIND_FINE_LINE };

static inline struct phantom_shot wrinkle_shot(int seed, int tone, double px_per_mm)
{
    struct phantom_shot shot = line_shot(7000, seed, tone, WRINKLE_SIDE_MM, px_per_mm);

    shot.spec.wrinkles_per_cm2 = 0.25;
    shot.spec.fine_lines_per_cm2 = 0.5;
    shot.spec.hairs_per_cm2 = 0.1;
    return shot;
}

/* What is no line has to be known before: the other segmenters, then the lines. */
static inline void find_wrinkles(struct view_bed *b)
{
    static const struct derm_stage *const order[] = {
        &derm_stage_pores, &derm_stage_pigmentation, &derm_stage_redness,
        &derm_stage_scars, &derm_stage_classify,     &derm_stage_wrinkles,
    };

    for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
        run_stage(b, order[i]);
}

/* ---- lengths: points of equal distance along the lines, mm on the skin */

struct points {
    struct derm_point at[MOST_POINTS];
    double od[MOST_POINTS]; /* of the truth: what the line adds */
    int n;
};

static inline void add_point(struct points *p, double x, double y, double od)
{
    const double most = 0.5 * WRINKLE_SIDE_MM - edge_mm;

    if (fabs(x) > most || fabs(y) > most || p->n == MOST_POINTS) return;
    p->od[p->n] = od;
    p->at[p->n++] = (struct derm_point){ x, y };
}

/* Of the lines that show. */
static inline void true_points(const struct phantom_skin *skin, const struct phantom_shot *shot,
                               enum phantom_kind kind, struct points *p)
{
    struct phantom_plane d = shade_of(skin, shot, kind);

    p->n = 0;
    for (int c = 0; c < skin->curves; c++) {
        const struct phantom_curve *const curve = &skin->curve[c];
        const int half = (int)(0.5 * curve->length_mm / step_mm);

        if (curve->kind != kind) continue;
        const double od = contrast_of(&d, skin, shot, curve);
        if (od < least_contrast) continue;
        for (int i = -half; i <= half; i++) {
            double x, y;
            phantom_curve_point(curve, i * step_mm, 0, &x, &y);
            add_point(p, x, y, od);
        }
    }
    phantom_plane_free(&d);
}

/* Along the direction between the neighbours of a piece. */
static inline void found_points(const struct derm_objects *o, const struct phantom_skin *skin,
                                const struct phantom_shot *shot, struct points *p)
{
    const double s = shot->camera.px_per_mm;

    p->n = 0;
    for (int i = 0; i < o->n; i++) {
        const struct derm_object *const a =
            &o->item[i > 0 && o->item[i - 1].label == o->item[i].label ? i - 1 : i];
        const struct derm_object *const b =
            &o->item[i + 1 < o->n && o->item[i + 1].label == o->item[i].label ? i + 1 : i];
        const double length = fmax(hypot(b->x - a->x, b->y - a->y), 1e-6);
        const int half = (int)(0.5 * o->item[i].length_mm / step_mm);

        for (int k = -half; k < half; k++) {
            const double px = (k + 0.5) * step_mm * s / length;
            double x, y;

            phantom_to_skin(skin, &shot->camera, o->item[i].x + px * (b->x - a->x),
                            o->item[i].y + px * (b->y - a->y), &x, &y);
            add_point(p, x, y, 0);
        }
    }
}

/* od: what those near add to the skin, summed; NULL: nobody asks. */
static inline int count_near(const struct points *of, const struct points *to,
                             const struct points * or, double *od)
{
    int n = 0;

    for (int i = 0; i < of->n; i++) {
        bool near = false;

        for (int k = 0; !near && k < to->n + or->n; k++) {
            const struct derm_point q = k < to->n ? to->at[k] : or->at[k - to->n];
            near = hypot(q.x - of->at[i].x, q.y - of->at[i].y) <= tolerance_mm;
        }
        n += near;
        if (near && od) *od += of->od[i];
    }
    return n;
}

struct wrinkle_score { /* of one sort: points */
    double wanted, got, got_either, found, right, right_either;
    double wanted_od, got_od, pores_od; /* sums of what lines and, by photo, pores add to it */
    int photos;
};

static inline void add_wrinkle_score(struct wrinkle_score *sum, const struct wrinkle_score *s,
                                     int times)
{
    sum->wanted += times * s->wanted;
    sum->got += times * s->got;
    sum->got_either += times * s->got_either;
    sum->found += times * s->found;
    sum->right += times * s->right;
    sum->right_either += times * s->right_either;
    sum->wanted_od += times * s->wanted_od;
    sum->got_od += times * s->got_od;
    sum->pores_od += times * s->pores_od;
    sum->photos += times * s->photos;
}

static inline double line_f1(double got, double wanted, double right, double found)
{
    const double recall = wanted > 0 ? got / wanted : 0, precision = found > 0 ? right / found : 0;

    return recall + precision > 0 ? 2 * recall * precision / (recall + precision) : 0;
}

/* How much the pores alone scatter the picture that the lines lie in: optical density, rms. */
static inline double pore_scatter(const struct phantom_skin *skin, const struct phantom_shot *shot)
{
    struct phantom_plane d = shade_of(skin, shot, PHANTOM_PORE);
    double sum = 0, squares = 0;
    const int n = d.w * d.h;

    for (int i = 0; i < n; i++) {
        const double od = (double)d.px[i];

        sum += od;
        squares += od * od;
    }
    phantom_plane_free(&d);
    return sqrt(fmax(squares / n - sum / n * (sum / n), 0));
}

/* One photo, added to the score. */
static inline void score_wrinkles(struct view_bed *b, const struct phantom_shot *shot,
                                  struct wrinkle_score score[SORTS])
{
    static struct points truth[SORTS], found[SORTS], none;
    struct phantom_skin skin;
    struct derm_frame f;

    shoot_alone(b, shot, &skin, &f);
    run_stage(b, &derm_stage_tone);
    find_wrinkles(b);
    const double pores_od = pore_scatter(&skin, shot);
    for (int k = 0; k < SORTS; k++) {
        true_points(&skin, shot, phantom_kinds[k], &truth[k]);
        found_points(&f.objects[line_kinds[k]], &skin, shot, &found[k]);
    }
    for (int k = 0; k < SORTS; k++) {
        struct wrinkle_score *const s = &score[k];

        s->photos++;
        s->pores_od += pores_od;
        s->wanted += truth[k].n;
        for (int i = 0; i < truth[k].n; i++)
            s->wanted_od += truth[k].od[i];
        s->got += count_near(&truth[k], &found[k], &none, &s->got_od);
        s->got_either += count_near(&truth[k], &found[k], &found[1 - k], NULL);
        s->found += found[k].n;
        s->right += count_near(&found[k], &truth[k], &none, NULL);
        s->right_either += count_near(&found[k], &truth[k], &truth[1 - k], NULL);
    }
    phantom_skin_free(&skin);
}

/* ---- change */

/* Sum of contrast times length over the lines of a kind. */
static inline double sum_of(const struct phantom_skin *skin, const struct phantom_shot *shot,
                            enum phantom_kind kind)
{
    struct phantom_plane d = shade_of(skin, shot, kind);
    double sum = 0;

    for (int c = 0; c < skin->curves; c++)
        if (skin->curve[c].kind == kind)
            sum += contrast_of(&d, skin, shot, &skin->curve[c]) * skin->curve[c].length_mm;
    phantom_plane_free(&d);
    return sum;
}

static inline double read_wrinkles(const struct derm_objects *o)
{
    double value[2] = { 0 };

    for (int i = 0; i < o->n; i++) {
        value[0] += o->item[i].base_value;
        value[1] += o->item[i].follow_value;
    }
    return 100 * (value[1] / value[0] - 1);
}

struct wrinkle_change { /* of one sort, percent */
    bool found;
    double truth, read;
};

/* A pair of photos of one skin, the lines less deep in the second. */
static inline void change_wrinkles(struct view_bed *b, struct phantom_shot shot,
                                   const struct difference *d, struct wrinkle_change change[SORTS])
{
    struct phantom_skin skin, faded;
    struct derm_frame f[2];
    struct derm_pair pair;

    bed_clear(b);
    phantom_skin_init(&skin, &shot.spec);
    faded = skin; /* shares what skin owns */
    for (int k = 0; k < SORTS; k++) {
        faded.spec.fade[phantom_kinds[k]] = d->fade;
        change[k].truth = d->fade > 0 ? 100 * (sum_of(&faded, &shot, phantom_kinds[k]) /
                                                   sum_of(&skin, &shot, phantom_kinds[k]) -
                                               1)
                                      : 0;
    }
    shoot_pair(b, &shot, &skin, &faded, d, f, &pair);
    run_stage(b, &derm_stage_tone);
    for (int i = 0; i < 2; i++)
        measure_frame(b, &f[i]);
    measure_pair(b, f, &pair);
    find_wrinkles(b);
    for (int k = 0; k < SORTS; k++) {
        const struct derm_objects *const o = &pair.objects[line_kinds[k]];

        change[k].found = o->n > 0;
        if (o->n > 0) change[k].read = read_wrinkles(o);
    }
    phantom_skin_free(&skin);
}

#endif
