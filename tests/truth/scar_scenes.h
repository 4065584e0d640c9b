/* SPDX-License-Identifier: Apache-2.0 */
/* Phantoms with scars of cuts: which are found, how wide and long, and what change of their
 * contrast is read. */
#ifndef DERM_TRUTH_SCAR_SCENES_H
#define DERM_TRUTH_SCAR_SCENES_H

#include "truth/line_scenes.h"

enum { SCAR_SIDE_MM = 70, MOST_CURVES = 128 };

static inline struct phantom_shot scar_shot(int seed, int tone, double px_per_mm, int scars)
{
    struct phantom_shot shot = line_shot(5000, seed, tone, SCAR_SIDE_MM, px_per_mm);

    shot.spec.linear_scars = scars;
    shot.spec.hairs_per_cm2 = 0.3;
    return shot;
}

/* ---- one photo */

struct whole { /* the pieces of one scar */
    double length_mm, width_mm;
    int curve; /* of the phantom, -1 none */
};

static inline struct whole add_up(const struct derm_objects *o, int label,
                                  const struct phantom_skin *skin, const struct phantom_shot *shot)
{
    const double s = shot->camera.px_per_mm;
    struct whole w = { .curve = -1 };
    double mm2 = 0, measured_mm = 0;
    int pieces = 0, on[MOST_CURVES] = { 0 };

    for (int i = 0; i < o->n; i++) {
        const struct derm_object *const p = &o->item[i];
        double x, y;

        if (p->label != label) continue;
        pieces++;
        mm2 += p->base_area_px / (s * s);
        measured_mm += p->base_area_px > 0 ? p->length_mm : 0;
        w.length_mm += p->found_in & 1 ? p->length_mm : 0;
        phantom_to_skin(skin, &shot->camera, p->x, p->y, &x, &y);
        for (int c = 0; c < imin(skin->curves, MOST_CURVES); c++)
            on[c] += is_on_curve(&skin->curve[c], x, y, 2);
    }
    w.width_mm = measured_mm > 0 ? mm2 / measured_mm : (double)NAN;
    for (int c = 0; c < imin(skin->curves, MOST_CURVES); c++)
        if (2 * on[c] > pieces) w.curve = c;
    return w;
}

static inline int labels_of(const struct derm_objects *o)
{
    return o->n > 0 ? o->item[o->n - 1].label : 0;
}

struct scar_score {
    int scars, found, wrong;
    struct tally width, length; /* %, mm */
};

/* One photo, added to the score. */
static inline void score_scars(struct view_bed *b, const struct phantom_shot *shot,
                               struct scar_score *s)
{
    struct phantom_skin skin;
    struct phantom_band *band;
    struct derm_frame f;
    int hit[MOST_CURVES] = { 0 };

    bed_clear(b);
    phantom_skin_init(&skin, &shot->spec);
    shoot(b, shot, &skin, &f);
    measure_frame(b, &f);
    run_stage(b, &derm_stage_linear_scars);
    band = phantom_alloc((size_t)skin.curves + 1, sizeof(*band));
    phantom_bands(&skin, PHANTOM_LINEAR_SCAR, shot->camera.px_per_mm, band);
    for (int label = 1; label <= labels_of(&f.objects[DERM_KIND_LINEAR_SCAR]); label++) {
        const struct whole w = add_up(&f.objects[DERM_KIND_LINEAR_SCAR], label, &skin, shot);

        if (w.curve < 0) {
            s->wrong++;
            continue;
        }
        if (hit[w.curve]++) continue;
        add(&s->width, 100 * (w.width_mm / band[w.curve].width_mm - 1));
        add(&s->length, w.length_mm - band[w.curve].length_mm);
    }
    for (int c = 0; c < imin(skin.curves, MOST_CURVES); c++) {
        if (band[c].length_mm < 15 || band[c].length_mm < 5 * band[c].width_mm) continue;
        s->scars++;
        s->found += hit[c] > 0;
    }
    free(band);
    phantom_skin_free(&skin);
}

/* ---- change */

/* Of all scars of a pair, as the metric has it: contrast in %, width in %, length in mm. */
struct scar_change {
    bool found;
    double truth, contrast, width, length;
};

static inline void read_scars(const struct derm_objects *o, double px_per_mm, struct scar_change *c)
{
    double value[2] = { 0 }, mm2[2] = { 0 }, mm[2] = { 0 }, length[2] = { 0 };

    for (int i = 0; i < o->n; i++) {
        const struct derm_object *const p = &o->item[i];
        const double area[2] = { p->base_area_px, p->follow_area_px };

        value[0] += p->base_value;
        value[1] += p->follow_value;
        for (int k = 0; k < 2; k++) {
            mm2[k] += area[k] / (px_per_mm * px_per_mm);
            mm[k] += area[k] > 0 ? p->length_mm : 0;
            length[k] += (p->found_in >> k) & 1 ? p->length_mm : 0;
        }
    }
    c->contrast = 100 * (value[1] / value[0] - 1);
    c->width = 100 * (mm2[1] / mm[1] / (mm2[0] / mm[0]) - 1);
    c->length = length[1] - length[0];
}

/* A pair of photos of one skin, the scars fainter in the second by the share `fade`. */
static inline struct scar_change change_scars(struct view_bed *b, struct phantom_shot shot,
                                              int nuisance, bool up, double fade)
{
    struct scar_change c = { .found = false };
    struct phantom_skin skin;
    struct derm_frame f[2];
    struct derm_pair pair;
    const struct derm_objects *o;

    bed_clear(b);
    phantom_skin_init(&skin, &shot.spec);
    shoot(b, &shot, &skin, &f[0]);
    skin.spec.fade[PHANTOM_LINEAR_SCAR] = fade;
    c.truth = fade > 0 ? phantom_true_change(&skin, PHANTOM_LINEAR_SCAR) : 0;
    disturb(&shot, nuisance, up);
    shoot(b, &shot, &skin, &f[1]);
    measure_pair(b, f, &pair);
    run_stage(b, &derm_stage_linear_scars);
    phantom_skin_free(&skin);
    o = &pair.objects[DERM_KIND_LINEAR_SCAR];
    c.found = o->n > 0;
    if (c.found) read_scars(o, shot.camera.px_per_mm, &c);
    return c;
}

#endif
