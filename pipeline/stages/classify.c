/* SPDX-License-Identifier: Apache-2.0 */
/* classify: what every object is, for all segmenters at once.
 *
 * reads   pores, pigmentation, scars and red marks; od, skin, tone, clutter of the photo, or of
 *         both photos of a pair on the baseline's grid; regions, face
 * writes  identified: identity and probability of each object. What is surely not of its kind is
 *         dropped, and of what is on two lists the likelier one stays
 *
 * A segmenter knows what it looks for, and takes what is near to it for it. Here every object is
 * asked the same questions (blob_features.h), and one model (classifier.h) weighs the answers. In a
 * pair the answers are the mean over the photos that show the object, so that exchanging the photos
 * changes nothing. On faces, and in photos coarser than those that the model learned from, rules
 * judge beside it: the form of a face, a strand of hair and uneven skin are nothing, whatever they
 * look like. Fields and linear scars are no spots, and without a scale nothing is classified: size
 * tells most. */
#include <math.h>

#include "base/num.h"
#include "stages/classifier.h"
#include "stages/comparable.h"
#include "stages/objects.h"
#include "stages/stages.h"

struct params {
    float sure, other, other_pores, other_coarse, coarse_px_per_mm, same_distance, same_size,
        same_centre;
    float shade_mm, shade_open, max_form, max_form_red, least_red, min_stands;
    float max_strand, max_strand_z;
};
static const struct derm_opt opts[] = {
    DERM_OPT(
        struct params, sure, 0.6, 0, 1.01,
        "probability from which on an object is what it seems (algorithms, section 5), and dropped "
        "when that is hair or an artefact (33 of 389 on even people, none of 85 spots painted on "
        "them); above 1: nothing is classified"),
    DERM_OPT(
        struct params, other, 0.75, 0, 1,
        "probability that it is not of its kind from which on it is dropped: at 0.6 spots of "
        "tones I to IV have precision .989 and recall .962, at 0.75 .980 and .967 (baselines of "
        "the acceptance suite, even seeds)"),
    DERM_OPT(
        struct params, other_pores, 0.6, 0, 1,
        "the same for a pore: what is left of hair and relief dilutes a change, while one pore "
        "of many is no loss (bias 6.2 points, at 0.75 6.9, with all pores 8.9; the same)"),
    DERM_OPT(
        struct params, other_coarse, 0.95, 0, 1,
        "the same for a spot in a photo that is coarse: there 0.75 drops 24 of 168 spots and moles "
        "on even people, 0.95 drops 10 (and 94 of 128 hairs; cross-validated)"),
    DERM_OPT(struct params, coarse_px_per_mm, 4.5, 0, 100,
             "a photo with less is coarse: no phantom that the classifier learned from was"),
    DERM_OPT(struct params, same_distance, 0.6, 0, 10,
             "of objects of two kinds, in radii of the larger: nearer ones are the same thing"),
    DERM_OPT(struct params, same_size, 2, 1, 100,
             "if one is no more than so many times as large: a pore on a broad spot is a pore"),
    DERM_OPT(struct params, same_centre, 0.5, 0, 10,
             "in radii of the smaller: nearer ones are the same thing whatever their sizes"),
    DERM_OPT(struct params, shade_mm, 2.5, 0, 1000,
             "diameter from which a spot at the end of the skin may be shade: beside an eye, under "
             "a lip, at the hair"),
    DERM_OPT(struct params, shade_open, 0.25, 0, 1,
             "share of its surround that is no skin from which on it is (all 9 of 104 spots of 2.5 "
             "mm and more on even people, judged by eye)"),
    DERM_OPT(
        struct params, max_form, 0.33, 0.01, 100,
        "face: how steeply the light falls off around a spot or a scar, over the steepest fall "
        "at its rim; more is the form of the face: the side of a nose, the corner of an eye "
        "or mouth, the shadow under a chin, where cheek or hair begins (63 of 165 spots that "
        "are shade or hair and 1 of 139 that are spots, by eye on even people, and 9 of 339 "
        "painted on them)"),
    DERM_OPT(struct params, max_form_red, 0.54, 0.01, 100,
             "face: the same for a red mark, whose rim is softer: blood lies deeper (13 of 26 that "
             "are shade and none of 19 marks; the same)"),
    DERM_OPT(struct params, least_red, 0.04, 0, 1,
             "face: optical density, mean of the three colours, that a red mark takes from the "
             "light; less is coloured light (7 of the other 13 and none of the marks; the same)"),
    DERM_OPT(struct params, min_stands, 1.15, 0.01, 100,
             "in a photo that is coarse: depth of a spot or a scar over that of places of its size "
             "around it, rms; less is what this skin does anyhow, or hair (20 of the other 102, "
             "none of the 138, 5 of the 330; the same)"),
    DERM_OPT(struct params, max_strand, 0.44, 0, 100,
             "the same, of a spot on a forehead: contrast of a fine line that goes on on both "
             "sides of it, over its depth; more is a strand of hair"),
    DERM_OPT(struct params, max_strand_z, 1.5, 0, 100,
             "if it is so many times that of all directions, rms (all 4 spots that are strands "
             "among 16 on foreheads that are none, none of 12 that are; the same)"),
    { 0 },
};

/* Which identities are whose. A mole is pigment; hair and artefacts are nobody's. */
static const struct {
    enum derm_kind kind;
    unsigned identities;
} owner[] = {
    { DERM_KIND_PORE, 1u << DERM_IS_pore },
    { DERM_KIND_SPOT, 1u << DERM_IS_pigment | 1u << DERM_IS_mole },
    { DERM_KIND_SCAR, 1u << DERM_IS_scar },
    { DERM_KIND_RED_MARK, 1u << DERM_IS_vascular | 1u << DERM_IS_papule },
};
enum { OWNERS = sizeof(owner) / sizeof(*owner) };
static const unsigned nobodys = 1u << DERM_IS_hair | 1u << DERM_IS_artefact;

struct spot { /* an object of one of the lists */
    struct derm_object *object;
    int list;     /* of owner[] */
    double own;   /* probability that it is of its list's kind */
    bool nothing; /* in every photo that shows it */
    bool dropped;
};
struct spots {
    struct spot *item;
    struct derm_blob_place *place;
    int n;
};

static derm_err gather(struct derm_run *run, struct derm_objects *objects, struct spots *all)
{
    int most = 0;

    for (int k = 0; k < OWNERS; k++)
        most += objects[owner[k].kind].n;
    all->n = 0;
    DERM_TRY(derm_arena_raw(run->scratch, &all->item, (size_t)most + 1, sizeof(*all->item)));
    DERM_TRY(derm_arena_raw(run->scratch, &all->place, (size_t)most + 1, sizeof(*all->place)));
    for (int k = 0; k < OWNERS; k++) {
        struct derm_objects *const list = &objects[owner[k].kind];

        for (int i = 0; i < list->n; i++) {
            struct derm_object *const o = &list->item[i];

            if (o->field) continue;
            all->place[all->n] = derm_blob_place_of(owner[k].kind, o);
            all->item[all->n++] = (struct spot){ .object = o, .list = k, .nothing = true };
        }
    }
    return DERM_OK;
}

static bool is_coarse(const struct params *p, const struct derm_frame *measured)
{
    return measured->view.grid.px_per_mm < (double)p->coarse_px_per_mm;
}

/* Whether the light falls off around a place nearly as steeply as at its rim: what is darker there
 * is the form of a face. A pore is smaller than any. */
static bool is_form(const struct params *p, enum derm_kind kind,
                    const double feature[DERM_BLOB_FEATURES])
{
    const float limit = kind == DERM_KIND_RED_MARK ? p->max_form_red : p->max_form;
    const float slope = fmaxf((float)feature[DERM_BLOB_slope], 1e-6f); /* over its radius */
    const double fall =
        (double)derm_lnf(2 * slope) + feature[DERM_BLOB_depth] - feature[DERM_BLOB_size];

    return kind != DERM_KIND_PORE && fall > (double)derm_lnf(limit) + feature[DERM_BLOB_edge];
}

/* Blood takes light; what only reddens it is light from a lip or a shirt, or an edge's colour. */
static bool is_tint(const struct params *p, enum derm_kind kind,
                    const double feature[DERM_BLOB_FEATURES])
{
    return kind == DERM_KIND_RED_MARK &&
           feature[DERM_BLOB_depth] < (double)derm_lnf(fmaxf(p->least_red, 1e-6f));
}

static bool is_usual(const struct params *p, enum derm_kind kind,
                     const double feature[DERM_BLOB_FEATURES])
{
    return (kind == DERM_KIND_SPOT || kind == DERM_KIND_SCAR) &&
           feature[DERM_BLOB_stands] < (double)derm_lnf(p->min_stands);
}

static bool is_on_forehead(const struct derm_frame *measured, const struct derm_object *o)
{
    const struct derm_bits *const own = &measured->view.regions;
    const int x = clampi((int)(o->x + 0.5), 0, own->w - 1);
    const int y = clampi((int)(o->y + 0.5), 0, own->h - 1);

    return derm_bits_row(own, y)[x] >> DERM_REGION_FOREHEAD & 1;
}

/* Hair falls over foreheads; a spot there lies on a line. */
static bool is_strand(const struct params *p, enum derm_kind kind,
                      const double feature[DERM_BLOB_FEATURES])
{
    return kind == DERM_KIND_SPOT && feature[DERM_BLOB_strand] > (double)p->max_strand &&
           feature[DERM_BLOB_strand_z] > (double)p->max_strand_z;
}

/* Whether it is no object at all, whatever it looks like. */
static bool is_nothing(const struct params *p, const struct derm_frame *measured,
                       enum derm_kind kind, const struct derm_object *o,
                       const double feature[DERM_BLOB_FEATURES])
{
    const bool face = measured->face.used, coarse = is_coarse(p, measured);

    return (face && (is_form(p, kind, feature) || is_tint(p, kind, feature))) ||
           (coarse && is_usual(p, kind, feature)) ||
           (coarse && face && is_strand(p, kind, feature) && is_on_forehead(measured, o));
}

/* What one photo shows of it: a smile may swallow in its folds what the other shows. */
static void judge(const struct params *p, const struct derm_frame *measured,
                  const double feature[DERM_BLOB_FEATURES], struct spot *s)
{
    s->nothing &= is_nothing(p, measured, owner[s->list].kind, s->object, feature);
}

/* Adds what one photo of a pair (1, 2) shows of the objects found in it. */
static derm_err look_at(struct derm_run *run, const struct params *p, const struct derm_view *view,
                        unsigned photo, const struct spots *all,
                        double (*feature)[DERM_BLOB_FEATURES])
{
    double(*own)[DERM_BLOB_FEATURES];
    struct derm_blob_place *place;
    int n = 0;

    DERM_TRY(derm_arena_raw(run->scratch, &own, (size_t)all->n, sizeof(*own)));
    DERM_TRY(derm_arena_raw(run->scratch, &place, (size_t)all->n, sizeof(*place)));
    for (int i = 0; i < all->n; i++)
        if (all->item[i].object->found_in & photo) place[n++] = all->place[i];
    DERM_TRY(derm_blob_features(run, view, place, n, own));
    for (int i = all->n; i-- > 0;) {
        const unsigned found_in = all->item[i].object->found_in;

        if (!(found_in & photo)) continue;
        n--;
        judge(p, derm_measured_frame(run), own[n], &all->item[i]);
        for (int k = 0; k < DERM_BLOB_FEATURES; k++)
            feature[i][k] += (found_in == 3 ? 0.5 : 1) * own[n][k];
    }
    return DERM_OK;
}

/* Mean over the photos that show the object. */
static derm_err look(struct derm_run *run, const struct params *p, const struct spots *all,
                     double (**feature)[DERM_BLOB_FEATURES])
{
    DERM_TRY(derm_arena_new(run->scratch, feature, (size_t)all->n, sizeof(**feature)));
    if (run->pair) {
        DERM_TRY(look_at(run, p, &run->pair->base->view, 1, all, *feature));
        return look_at(run, p, &run->pair->warped, 2, all, *feature);
    }
    DERM_TRY(derm_blob_features(run, &run->frame->view, all->place, all->n, *feature));
    for (int i = 0; i < all->n; i++)
        judge(p, run->frame, (*feature)[i], &all->item[i]);
    return DERM_OK;
}

/* From which probability on an object of a kind is dropped for not being of it. */
static double limit_for(const struct params *p, const struct derm_frame *measured,
                        enum derm_kind kind)
{
    if (kind == DERM_KIND_PORE) return (double)p->other_pores;
    if (kind == DERM_KIND_SPOT && is_coarse(p, measured)) return (double)p->other_coarse;
    return (double)p->other;
}

static bool is_shade(const struct params *p, enum derm_kind kind,
                     const double feature[DERM_BLOB_FEATURES])
{
    return kind == DERM_KIND_SPOT && feature[DERM_BLOB_open] >= (double)p->shade_open &&
           feature[DERM_BLOB_size] >= (double)derm_lnf(p->shade_mm);
}

static void identify(const struct params *p, const struct derm_frame *measured,
                     const double feature[DERM_BLOB_FEATURES],
                     const double probability[DERM_IDENTITIES], struct spot *s)
{
    const enum derm_kind kind = owner[s->list].kind;
    int best = 0;

    s->own = 0;
    for (int k = 0; k < DERM_IDENTITIES; k++) {
        if (probability[k] > probability[best]) best = k;
        if (owner[s->list].identities >> k & 1) s->own += probability[k];
    }
    s->object->identity = probability[best] >= (double)p->sure ? best : DERM_IS_unsure;
    s->object->probability = probability[best];
    s->dropped = (nobodys >> s->object->identity & 1) != 0 ||
                 1 - s->own >= limit_for(p, measured, kind) || is_shade(p, kind, feature) ||
                 s->nothing;
}

static bool are_same(const struct params *p, const struct derm_blob_place *a,
                     const struct derm_blob_place *b)
{
    const double large = fmax(a->radius, b->radius), small = fmin(a->radius, b->radius);
    const bool alike = large <= (double)p->same_size * small;

    return hypot(a->x - b->x, a->y - b->y) <
           (alike ? (double)p->same_distance * large : (double)p->same_centre * small);
}

/* Of what is on two lists the likelier one stays, the first of equals. Pores are many, and come
 * first; the others are few. Most are far apart along a row already. */
static void drop_twins(const struct params *p, struct spots *all)
{
    const double reach = (double)fmaxf(p->same_distance, p->same_centre);

    for (int i = 0; i < all->n; i++)
        for (int k = 0; k < i && all->item[i].list > 0; k++) {
            const struct derm_blob_place *const at = &all->place[k], *const own = &all->place[i];
            struct spot *const a = &all->item[k], *const b = &all->item[i];

            if (fabs(at->x - own->x) > reach * (at->radius + own->radius) || a->list == b->list ||
                a->dropped || b->dropped || !are_same(p, own, at))
                continue;
            (a->own >= b->own ? b : a)->dropped = true;
        }
}

/* Takes the dropped ones off the lists and the planes of labels. */
static derm_err keep_rest(struct derm_run *run, struct derm_objects *objects,
                          const struct spots *all)
{
    for (int k = 0, at = 0; k < OWNERS; k++) {
        struct derm_objects *const list = &objects[owner[k].kind];
        int *number, kept = 0;

        DERM_TRY(derm_arena_new(run->scratch, &number, (size_t)list->n + 1, sizeof(*number)));
        for (int i = 0; i < list->n; i++) {
            const bool listed = at < all->n && all->item[at].object == &list->item[i];

            if (!listed || !all->item[at].dropped) number[i + 1] = ++kept;
            at += listed;
        }
        derm_objects_keep(list, number, kept);
    }
    return DERM_OK;
}

static derm_err run_classify(struct derm_run *run, const void *params)
{
    struct derm_objects *const objects = run->pair ? run->pair->objects : run->frame->objects;
    double(*feature)[DERM_BLOB_FEATURES], (*probability)[DERM_IDENTITIES];
    const struct params *const p = params;
    const struct derm_frame *const measured = derm_measured_frame(run);
    struct derm_classifier classifier;
    struct spots all;

    if (p->sure > 1) return DERM_OK;
    if (measured->scale.source == DERM_SCALE_UNKNOWN) return DERM_OK;
    DERM_TRY(gather(run, objects, &all));
    if (all.n == 0) return DERM_OK;
    DERM_TRY(derm_classifier_read(run, &classifier));
    DERM_TRY(derm_arena_raw(run->scratch, &probability, (size_t)all.n, sizeof(*probability)));
    DERM_TRY(look(run, p, &all, &feature));
    derm_classifier_ask(&classifier, feature, all.n, probability);
    for (int i = 0; i < all.n; i++)
        identify(p, measured, feature[i], probability[i], &all.item[i]);
    drop_twins(p, &all);
    return keep_rest(run, objects, &all);
}

const struct derm_stage derm_stage_classify = {
    .name = "classify",
    .scope = DERM_ONCE,
    .reads = DERM_SLOT(od) | DERM_SLOT(skin) | DERM_SLOT(regions) | DERM_SLOT(face) |
             DERM_SLOT(scale) | DERM_SLOT(tone) | DERM_SLOT(warped) | DERM_SLOT(equalised) |
             DERM_SLOT(clutter) | DERM_SLOT(pores) | DERM_SLOT(pigmentation) | DERM_SLOT(redness) |
             DERM_SLOT(scars),
    .writes = DERM_SLOT(identified),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_classify,
};
