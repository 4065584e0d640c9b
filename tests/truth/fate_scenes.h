/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of photos of phantoms whose lesions each have a fate of their own: most stay as they are,
 * the others fade by a known share, go, or come. What the comparison says of each. */
#ifndef DERM_TRUTH_FATE_SCENES_H
#define DERM_TRUTH_FATE_SCENES_H

#include "null_pairs.h"

enum true_fate { UNCHANGED, FADED_20, FADED_40, FADED_60, IS_GONE, IS_NEW, TRUE_FATES };
static const struct {
    const char *name;
    double strength[2]; /* in either photo, of its own */
} true_fates[TRUE_FATES] = {
    [UNCHANGED] = { "unchanged", { 1, 1 } },
    [FADED_20] = { "faded by 20 %", { 1, 0.8 } },
    [FADED_40] = { "faded by 40 %", { 1, 0.6 } },
    [FADED_60] = { "faded by 60 %", { 1, 0.4 } },
    [IS_GONE] = { "gone", { 1, 0 } },
    [IS_NEW] = { "new", { 0, 1 } },
};

/* What is said of a lesion: one of enum derm_fate, or that it is not even listed. */
enum { NOT_LISTED = DERM_FATE_COUNT, SAID };

enum { TRACKED = 3 };
static const struct {
    const char *name;
    enum derm_kind kind;
    enum phantom_kind phantom;
} tracked[TRACKED] = {
    { "spots", DERM_KIND_SPOT, PHANTOM_SPOT },
    { "scars", DERM_KIND_SCAR, PHANTOM_SCAR },
    { "red marks", DERM_KIND_RED_MARK, PHANTOM_MARK },
};

struct fate_score {
    int pairs, refused;
    int said[TRACKED][TRUE_FATES][SAID];
    double squares[TRACKED]; /* of the changes of unchanged lesions, in their sd: sum */
};

/* ---- the skin */

static inline enum true_fate draw_fate(struct phantom_rng *r)
{
    static const double SAME = 0.7;

    if (phantom_uniform(r, 0, 1) < SAME) return UNCHANGED;
    return (enum true_fate)(int)phantom_uniform(r, FADED_20, TRUE_FATES);
}

/* Of each object of the skin; what is not tracked stays. */
static inline enum true_fate *draw_fates(const struct phantom_skin *skin)
{
    enum { STREAM = 2100 };
    enum true_fate *const fate = phantom_alloc((size_t)skin->n + 1, sizeof(*fate));
    struct phantom_rng r;

    phantom_rng_init(&r, skin->spec.seed, STREAM);
    for (int i = 0; i < skin->n; i++)
        for (int k = 0; k < TRACKED; k++)
            if (skin->object[i].kind == tracked[k].phantom) fate[i] = draw_fate(&r);
    return fate;
}

/* Photographs the skin as it is in the one photo or the other. */
static inline void write_fates(struct null_lab *lab, int photo, const struct phantom_skin *skin,
                               const enum true_fate *fate, const struct phantom_shot *shot)
{
    struct phantom_skin now = *skin;
    struct phantom_rgb8 picture;

    now.object = phantom_alloc((size_t)skin->n + 1, sizeof(*now.object));
    for (int i = 0; i < skin->n; i++) {
        now.object[i] = skin->object[i];
        now.object[i].strength *= true_fates[fate[i]].strength[photo];
    }
    phantom_shoot(&now, shot, &picture);
    write_photo(lab, photo, &picture);
    free(picture.px);
    free(now.object);
}

/* ---- what is said */

struct fate_scene {
    const struct phantom_skin *skin;
    const struct phantom_shot *shot; /* two */
    const struct derm_work *work;
};

/* Well inside both photos. */
static inline bool is_seen(const struct fate_scene *s, const struct phantom_object *o)
{
    static const double EDGE_MM = 4;

    for (int i = 0; i < 2; i++) {
        const struct phantom_camera *const c = &s->shot[i].camera;
        const double edge = (o->radius_mm + EDGE_MM) * c->px_per_mm;
        double x, y;

        phantom_to_image(s->skin, c, o->x_mm, o->y_mm, &x, &y);
        if (x < edge || y < edge || x > c->width - edge || y > c->height - edge) return false;
    }
    return true;
}

/* The object of the kind that is nearest to the lesion's middle, and on it; NULL: none. */
static inline const struct derm_object *object_on(const struct fate_scene *s, enum derm_kind kind,
                                                  const struct phantom_object *lesion)
{
    static const double NEAR_MM = 1;
    const struct derm_grid *const g = &s->work->frame[0].view.grid;
    const struct derm_objects *const all = &s->work->pair.objects[kind];
    const struct derm_object *on = NULL;
    double least = fmax(lesion->radius_mm, NEAR_MM);

    for (int i = 0; i < all->n; i++) {
        const struct derm_object *const o = &all->item[i];
        double x, y, away;

        phantom_to_skin(s->skin, &s->shot[0].camera, g->x0 + (o->x + 0.5) * g->step - 0.5,
                        g->y0 + (o->y + 0.5) * g->step - 0.5, &x, &y);
        away = hypot(x - lesion->x_mm, y - lesion->y_mm);
        if (o->field || away > least) continue;
        least = away;
        on = o;
    }
    return on;
}

static inline void note_fate(const struct derm_object *o, int kind, enum true_fate fate,
                             struct fate_score *score)
{
    score->said[kind][fate][o ? (int)o->fate : NOT_LISTED]++;
    if (o && fate == UNCHANGED && o->fate != DERM_FATE_UNKNOWN)
        score->squares[kind] += pow(o->contrast_change / o->change_sd, 2);
}

static inline void note_fates(const struct fate_scene *s, const enum true_fate *fate,
                              struct fate_score *score)
{
    for (int i = 0; i < s->skin->n; i++)
        for (int k = 0; k < TRACKED; k++) {
            const struct phantom_object *const lesion = &s->skin->object[i];

            if (lesion->kind != tracked[k].phantom || !is_seen(s, lesion)) continue;
            note_fate(object_on(s, tracked[k].kind, lesion), k, fate[i], score);
        }
}

/* One pair, added to the score. */
static inline void score_fates(struct null_lab *lab, int seed, double ita_deg, double px_per_mm,
                               struct fate_score *score)
{
    const struct phantom_shot scene = phantom_scene(lab, seed, ita_deg, px_per_mm);
    struct phantom_shot shot[2];
    struct phantom_skin skin;
    enum true_fate *fate;

    for (int photo = 0; photo < 2; photo++)
        shot[photo] = other_shot(lab, &scene, photo);
    phantom_skin_init(&skin, &scene.spec);
    fate = draw_fates(&skin);
    for (int photo = 0; photo < 2; photo++)
        write_fates(lab, photo, &skin, fate, &shot[photo]);
    compare_files(lab, FADED, seed, px_per_mm);
    score->pairs++;
    if (lab->work.pair.comparability == DERM_INCOMPARABLE)
        score->refused++;
    else
        note_fates(&(struct fate_scene){ &skin, shot, &lab->work }, fate, score);
    free(fate);
    phantom_skin_free(&skin);
}

/* Pair i of the phantoms, of all tones and resolutions in turn. */
static inline void score_fates_of(struct null_lab *lab, int i, int odd, struct fate_score *score)
{
    score_fates(lab, 2 * i + odd, phantom_itas[i % PHANTOM_TONES],
                phantom_scales[i % PHANTOM_CELLS / PHANTOM_TONES], score);
}

#endif
