/* SPDX-License-Identifier: Apache-2.0 */
/* track: what became of each pigmented spot between the two photos, and the areas of spots and red
 * marks in the follow-up.
 *
 * reads   registration  map to the follow-up's grid
 *         pigmentation, redness  objects of the pair, their values at the same places, the spread
 *                       of blanks
 * writes  tracks        fate of each spot; how far the map stretches it (warp_area_bias), and its
 *                       area in the follow-up corrected for that; the same of red marks
 *
 * The map is smooth and spots do not drive it, but what lies around one may stretch it by a little
 * and so hide a part of its shrinking: its area counts in the geometry of its surround (algorithms,
 * section 9, anti-erasure). */
#include "stages/track.h"

#include <math.h>

#include "stages/field.h"
#include "stages/stages.h"
#include "stages/statistics.h"

static const double PI = 3.14159265358979323846;

struct params {
    float sure, gone_od, min_power;
    int least_spots;
    float ring_mm;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, sure, 2.58, 0, 10,
             "sd of the change in unchanged skin: one spot in a hundred by chance"),
    DERM_OPT(struct params, gone_od, 0.05, 0, 5,
             "optical density: half of the faintest spot that is listed (algorithms, section 9)"),
    DERM_OPT(struct params, min_power, 0.8, 0, 1, "algorithms, section 9"),
    DERM_OPT(struct params, least_spots, 8, 2, 1000,
             "fewer do not say how much spots differ from each other by chance"),
    DERM_OPT(struct params, ring_mm, 3, 0.1, 40,
             "width of the surround that its stretch is told against: flow is smooth over 1.7"),
    { 0 },
};

static double normal_share_below(double z)
{
    return 0.5 * erfc(-z / sqrt(2));
}

static bool has_left(double before, double after, double sd, const struct derm_fate_rule *rule)
{
    const double power = normal_share_below((before - rule->gone_od) / sd - rule->sure);

    return after + rule->sure * sd < rule->gone_od && power >= rule->min_power;
}

enum derm_fate derm_fate_of(double before, double after, double sd,
                            const struct derm_fate_rule *rule)
{
    if (has_left(before, after, sd, rule)) return DERM_FATE_GONE;
    if (has_left(after, before, sd, rule)) return DERM_FATE_NEW;
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

struct contrast {
    double before, after;
};

static struct contrast contrast_of(const struct derm_object *o)
{
    return (struct contrast){ o->base_value / o->area_px, o->follow_value / o->area_px };
}

static bool is_spot(const struct derm_object *o)
{
    return !o->field && o->area_px > 0;
}

/* sd of the change of one spot's contrast that is none: that of blanks, or how much the spots
 * scatter about a change that they all share, whichever is larger. Gloss and folds move over spots
 * more than over the plain skin where blanks lie; a few that did change hardly move a median.
 * 0: not known. */
static derm_err chance_sd(struct derm_run *run, const struct derm_objects *spots,
                          const struct params *p, double *sd)
{
    double *x, ratio;
    int n = 0;

    *sd = 0;
    DERM_TRY(derm_arena_new(run->scratch, &x, (size_t)spots->n + 1, sizeof(*x)));
    for (int i = 0; i < spots->n; i++) {
        const struct contrast c = contrast_of(&spots->item[i]);

        if (is_spot(&spots->item[i]) && c.before > (double)p->gone_od) x[n++] = c.after / c.before;
    }
    if (n < p->least_spots || !(spots->blank_sd > 0)) return DERM_OK;
    ratio = derm_median(x, n);
    n = 0;
    for (int i = 0; i < spots->n; i++) {
        const struct contrast c = contrast_of(&spots->item[i]);

        if (is_spot(&spots->item[i])) x[n++] = fabs(c.after - ratio * c.before);
    }
    *sd = fmax(spots->blank_sd, 1.4826 * derm_median(x, n));
    return DERM_OK;
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

static derm_err run_track(struct derm_run *run, const void *params)
{
    const struct params *const p = params;
    const struct derm_fate_rule rule = { (double)p->sure, (double)p->gone_od,
                                         (double)p->min_power };
    struct derm_pair *const pair = run->pair;
    struct derm_objects *const spots = &pair->objects[DERM_KIND_SPOT];
    const double ring_px = (double)p->ring_mm * pair->base->view.grid.px_per_mm;

    correct_areas(&pair->registration.map, spots, ring_px);
    correct_areas(&pair->registration.map, &pair->objects[DERM_KIND_RED_MARK], ring_px);
    DERM_TRY(chance_sd(run, spots, p, &pair->spot_change_sd));
    for (int i = 0; i < spots->n && pair->spot_change_sd > 0; i++) {
        struct derm_object *const o = &spots->item[i];

        if (!is_spot(o)) continue;
        const struct contrast c = contrast_of(o);
        o->fate = derm_fate_of(c.before, c.after, pair->spot_change_sd, &rule);
    }
    return DERM_OK;
}

const struct derm_stage derm_stage_track = {
    .name = "track",
    .scope = DERM_PAIR,
    .reads = DERM_SLOT(registration) | DERM_SLOT(pigmentation) | DERM_SLOT(redness) |
             DERM_SLOT(identified),
    .writes = DERM_SLOT(tracks),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_track,
};
