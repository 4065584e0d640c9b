/* SPDX-License-Identifier: Apache-2.0 */
/* track: what became of each spot, red mark and hollow between the two photos, and the areas of
 * spots and red marks in the follow-up.
 *
 * reads   registration  map to the follow-up's grid
 *         conditions    what the photos are too different for
 *         pigmentation, redness, scars  objects of the pair, their values at the same places, the
 *                       spread of blanks
 * writes  tracks        fate of each lesion; how far the map stretches a spot or a red mark
 *                       (warp_area_bias), and its area in the follow-up corrected for that
 *
 * Contrast is optical density for all: of a spot or mark its value per area; the value of a hollow
 * is an energy, whose root scatters alike in shallow and deep ones.
 *
 * What a lesion's contrast changes by when it is none has three parts. Blanks show what the two
 * photos make of plain skin in this pair. A blur or a tone curve takes a share of the contrast,
 * which blanks do not have. And gloss and folds move over lesions more than over the plain skin
 * where blanks lie: by how much more than the first two parts say the lesions of this pair, of all
 * kinds together, scatter about the change that those of a kind share, by so much both are scaled
 * (R. T. Birge, Phys. Rev. 40, 207, 1932). A few lesions that did change hardly move a median.
 *
 * The map is smooth and spots do not drive it, but what lies around one may stretch it by a little
 * and so hide a part of its shrinking: its area counts in the geometry of its surround (algorithms,
 * section 9, anti-erasure). */
#include "stages/track.h"

#include <math.h>

#include "stages/comparable.h"
#include "stages/field.h"
#include "stages/stages.h"
#include "stages/statistics.h"

static const double PI = 3.14159265358979323846;

struct kind_params {
    float of_blank, of_contrast, gone_od;
};
struct params {
    float sure, left_sure, min_power;
    int least_lesions;
    float ring_mm;
    struct kind_params spot, red_mark, scar;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, sure, 2.58, 0, 10,
             "sd of the change in unchanged skin: one lesion in a hundred by chance"),
    DERM_OPT(struct params, left_sure, 1.96, 0, 10,
             "sd of what is left of a lesion that is called gone: the end of its 95 % interval "
             "(algorithms, section 9)"),
    DERM_OPT(struct params, min_power, 0.8, 0, 1, "algorithms, section 9"),
    DERM_OPT(struct params, least_lesions, 8, 2, 1000,
             "fewer do not say how much lesions differ from each other by chance"),
    DERM_OPT(struct params, ring_mm, 3, 0.1, 40,
             "width of the surround that its stretch is told against: flow is smooth over 1.7"),
    DERM_OPT(struct params, spot.of_blank, 1, 0.01, 10,
             "sd of the change of an unchanged spot's contrast in that of blanks, and"),
    DERM_OPT(struct params, spot.of_contrast, 0.05, 0, 1,
             "as a share of its contrast (of 866 unchanged spots of truth_fates even it is 0.9 of "
             "both together)"),
    DERM_OPT(struct params, spot.gone_od, 0.05, 0, 5,
             "optical density: half of the faintest spot that is listed (algorithms, section 9)"),
    DERM_OPT(struct params, red_mark.of_blank, 1.5, 0.01, 10, "the same of a red mark, and"),
    DERM_OPT(struct params, red_mark.of_contrast, 0.1, 0, 1,
             "as a share (of 576 unchanged marks it is 1.0 of both)"),
    DERM_OPT(struct params, red_mark.gone_od, 0.05, 0, 5,
             "half of the faintest mark that is listed"),
    DERM_OPT(struct params, scar.of_blank, 0.4, 0.01, 10,
             "the same of the relief of a hollow, and"),
    DERM_OPT(struct params, scar.of_contrast, 0, 0, 1,
             "as a share (of 115 unchanged scars it is 1.0 of both)"),
    DERM_OPT(struct params, scar.gone_od, 0.035, 0, 5,
             "half of the faintest relief of 95 in 100 scars that are found (truth_fates even)"),
    { 0 },
};

static double normal_share_below(double z)
{
    return 0.5 * erfc(-z / sqrt(2));
}

static bool has_left(const struct derm_sight *there, const struct derm_sight *other,
                     const struct derm_fate_rule *rule)
{
    const double seen = (there->contrast - rule->gone_od) / there->sd - rule->sure;

    return other->most < rule->gone_od && normal_share_below(seen) >= rule->min_power;
}

enum derm_fate derm_fate_of(const struct derm_sight seen[2], double sd,
                            const struct derm_fate_rule *rule)
{
    const double before = seen[0].contrast, after = seen[1].contrast;

    if (has_left(&seen[0], &seen[1], rule)) return DERM_FATE_GONE;
    if (has_left(&seen[1], &seen[0], rule)) return DERM_FATE_NEW;
    if (before - after > rule->sure * sd) return DERM_FATE_FADED;
    if (after - before > rule->sure * sd) return DERM_FATE_DARKENED;
    if (fmin(before, after) - rule->sure * sd > rule->gone_od) return DERM_FATE_PERSISTENT;
    return DERM_FATE_UNSURE;
}

/* Area that the map makes of a circle, px2. */
static double mapped_area(const struct derm_field *map, double x, double y, double radius_px)
{
    enum { CORNERS = 24 };
    struct derm_point last = derm_field_at(map, x + radius_px, y);
    double twice = 0;

    for (int i = 1; i <= CORNERS; i++) {
        const double angle = 2 * PI * i / CORNERS;
        const struct derm_point p =
            derm_field_at(map, x + radius_px * cos(angle), y + radius_px * sin(angle));

        twice += last.x * p.y - p.x * last.y;
        last = p;
    }
    return fabs(twice) / 2;
}

/* How much more the map enlarges a disc than the ring around it, less 1. */
static double stretch(const struct derm_field *map, const struct derm_object *o, double ring_px)
{
    const double r = sqrt(o->area_px / PI), far = r + ring_px;
    const double inside = mapped_area(map, o->x, o->y, r);
    const double ring = mapped_area(map, o->x, o->y, far) - inside;

    if (!(ring > 0)) return 0; /* a map that folds onto a line */
    return inside / ring * (far * far - r * r) / (r * r) - 1;
}

static void correct_areas(const struct derm_field *map, struct derm_objects *objects,
                          double ring_px)
{
    for (int i = 0; i < objects->n; i++) {
        struct derm_object *const o = &objects->item[i];

        if (!(o->area_px > 0)) continue;
        o->warp_area_bias = stretch(map, o, ring_px);
        o->follow_area_px *= 1 + o->warp_area_bias;
    }
}

/* ---- what chance does */

struct tracked { /* the lesions of one kind */
    enum derm_concern concern;
    struct derm_objects *objects;
    const struct kind_params *params;
    bool relief; /* their value is an energy */
};

static bool is_lesion(const struct derm_object *o)
{
    return !o->field && o->area_px > 0;
}

static double value_in(const struct derm_object *o, int photo)
{
    return (photo ? o->follow_value : o->base_value) / o->area_px;
}

/* Of a value per area. */
static double contrast_of(const struct tracked *t, double value)
{
    return t->relief ? copysign(sqrt(fabs(value)), value) : value;
}

static double contrast_in(const struct tracked *t, const struct derm_object *o, int photo)
{
    return contrast_of(t, value_in(o, photo));
}

/* What blanks and its contrast give a lesion of this contrast. */
static double sd_at(const struct tracked *t, double contrast)
{
    return hypot((double)t->params->of_blank * contrast_of(t, t->objects->blank_sd),
                 (double)t->params->of_contrast * fmax(contrast, 0));
}

static double sd_of(const struct tracked *t, double before, double after)
{
    return sd_at(t, (before + after) / 2);
}

/* The change that the lesions of a kind share, as a ratio: the median of those that both photos
 * show. False: too few of them. */
static derm_err shared_ratio(struct derm_run *run, const struct tracked *t, double *ratio,
                             bool *known)
{
    enum { LEAST = 4 }; /* fewer scatter little about their own median */
    double *each;
    int n = 0;

    DERM_TRY(derm_arena_new(run->scratch, &each, (size_t)t->objects->n + 1, sizeof(*each)));
    for (int i = 0; i < t->objects->n; i++) {
        const struct derm_object *const o = &t->objects->item[i];

        if (!is_lesion(o)) continue;
        const double before = contrast_in(t, o, 0), after = contrast_in(t, o, 1);
        if (fmin(before, after) > (double)t->params->gone_od) each[n++] = after / before;
    }
    *known = n >= LEAST && t->objects->blank_sd > 0;
    if (*known) *ratio = derm_median(each, n);
    return DERM_OK;
}

/* By how many sd each lesion is from the change that its kind shares, after the n of before. */
static derm_err add_scatter(struct derm_run *run, const struct tracked *t, double *z, int *n)
{
    double ratio = 1;
    bool known;

    DERM_TRY(shared_ratio(run, t, &ratio, &known));
    for (int i = 0; i < t->objects->n && known; i++) {
        const struct derm_object *const o = &t->objects->item[i];

        if (!is_lesion(o)) continue;
        const double before = contrast_in(t, o, 0), after = contrast_in(t, o, 1);
        if (fmax(before, after) > (double)t->params->gone_od)
            z[(*n)++] = fabs(after - ratio * before) / sd_of(t, before, after);
    }
    return DERM_OK;
}

/* What the sd of all lesions of the pair are multiplied by; 0: not known. */
static derm_err pair_scatter(struct derm_run *run, const struct tracked *t, int kinds, int least,
                             double *scatter)
{
    double *z;
    int room = 1, n = 0;

    for (int k = 0; k < kinds; k++)
        room += t[k].objects->n;
    DERM_TRY(derm_arena_new(run->scratch, &z, (size_t)room, sizeof(*z)));
    for (int k = 0; k < kinds; k++)
        DERM_TRY(add_scatter(run, &t[k], z, &n));
    *scatter = n >= least ? fmax(1, 1.4826 * derm_median(z, n)) : 0;
    return DERM_OK;
}

/* ---- fates */

static struct derm_sight sight_of(const struct tracked *t, const struct derm_object *o, int photo,
                                  double scatter, double left_sure)
{
    const double value = value_in(o, photo), contrast = contrast_of(t, value);
    /* of one photo, where that of blanks is of a difference */
    const double sd = t->objects->blank_sd / sqrt(2);

    return (struct derm_sight){ .contrast = contrast,
                                .most = contrast_of(t, value + left_sure * sd),
                                .sd = scatter * sd_at(t, contrast) };
}

/* What the photos are too different for has no fate, as it has no verdict. */
static void judge(const struct derm_pair *pair, const struct tracked *t, double scatter,
                  const struct params *p)
{
    const bool comparable =
        derm_finding_against(pair->finding, pair->n, t->concern) == DERM_REASON_NONE;
    const unsigned without = derm_regions_against(pair, t->concern);
    const struct derm_fate_rule rule = { (double)p->sure, (double)t->params->gone_od,
                                         (double)p->min_power };

    for (int i = 0; i < t->objects->n && t->objects->blank_sd > 0; i++) {
        struct derm_object *const o = &t->objects->item[i];
        struct derm_sight seen[2];

        if (!is_lesion(o)) continue;
        for (int photo = 0; photo < 2; photo++)
            seen[photo] = sight_of(t, o, photo, scatter, (double)p->left_sure);
        o->contrast_change = seen[1].contrast - seen[0].contrast;
        o->change_sd = scatter * sd_of(t, seen[0].contrast, seen[1].contrast);
        if (comparable && !(o->regions & without))
            o->fate = derm_fate_of(seen, o->change_sd, &rule);
    }
}

static derm_err run_track(struct derm_run *run, const void *params)
{
    enum { SPOTS, MARKS, SCARS, KINDS };
    const struct params *const p = params;
    struct derm_pair *const pair = run->pair;
    const struct derm_field *const map = &pair->registration.map;
    const double ring_px = (double)p->ring_mm * pair->base->view.grid.px_per_mm;
    const struct tracked tracked[KINDS] = {
        [SPOTS] = { DERM_CONCERN_PIGMENTATION, &pair->objects[DERM_KIND_SPOT], &p->spot, false },
        [MARKS] = { DERM_CONCERN_REDNESS, &pair->objects[DERM_KIND_RED_MARK], &p->red_mark, false },
        [SCARS] = { DERM_CONCERN_SCARS, &pair->objects[DERM_KIND_SCAR], &p->scar, true },
    };
    double scatter;

    correct_areas(map, tracked[SPOTS].objects, ring_px);
    correct_areas(map, tracked[MARKS].objects, ring_px);
    DERM_TRY(pair_scatter(run, tracked, KINDS, p->least_lesions, &scatter));
    for (int k = 0; k < KINDS && scatter > 0; k++)
        judge(pair, &tracked[k], scatter, p);
    return DERM_OK;
}

const struct derm_stage derm_stage_track = {
    .name = "track",
    .scope = DERM_PAIR,
    .reads = DERM_SLOT(registration) | DERM_SLOT(pigmentation) | DERM_SLOT(redness) |
             DERM_SLOT(scars) | DERM_SLOT(identified) | DERM_SLOT(conditions),
    .writes = DERM_SLOT(tracks),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_track,
};
