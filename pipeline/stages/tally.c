/* SPDX-License-Identifier: Apache-2.0 */
/* A metric over objects is one of five things: a count, a length, a sum per skin area, a mean over
 * objects, or the root of such a mean; those that are not over objects are untallied. Each object
 * gives a numerator and a denominator for either photo.
 *
 * sd and interval: Poisson bootstrap (each object drawn a Poisson(1) number of times, the same
 * draws for both photos and for all metrics), seeded by concern and region. For a sum it
 * has the sd of a sum over a random number of objects; with few objects the draws are widened by
 * sqrt(n / (n - 1)). Draws in which nothing is left to divide by say nothing and are left out. B.
 * Efron, R. Tibshirani, An Introduction to the Bootstrap (1993). */
#include "stages/tally.h"

#include <math.h>

#include "base/metrics.h"
#include "stages/statistics.h"

enum {
    DRAWS = 400,      /* the ends of an interval */
    DRAWS_ALONE = 100 /* an sd, to 7 % of itself */
};

static int draws_of(const struct derm_run *run)
{
    return run->pair ? DRAWS : DRAWS_ALONE;
}

enum kind { UNTALLIED, COUNT, TOTAL_LENGTH, PER_AREA, PERCENT_OF_AREA, PERCENT, MEAN, ROOT_MEAN };
enum part { PRESENT, VALUE, BLOOD, AREA, PRESENT_AREA, DIAMETER, LENGTH, WIDTH, COHERENCE };

struct recipe {
    enum derm_kind of;
    enum kind kind;
    enum part part;
    bool fields;         /* diffuse fields count too */
    bool strong;         /* only objects whose change can be measured */
    bool by_diameter;    /* VALUE: an object counts as its diameter, not as its area */
    double smallest;     /* part of the smallest object that is listed, areas in mm2; PERCENT: of
                            the metric itself */
    double lo_mm, hi_mm; /* only objects of this diameter; hi 0: all */
};

/* Smallest objects: pore 0.22 mm and 0.02 OD; spot 0.35 mm2 and 0.10 OD; scar 1 mm2; of a linear
 * scar a piece of 2 mm at either end; of a stretch mark a piece; wrinkle 8 mm long, 0.5 mm wide,
 * fine line 4 mm and 0.2 mm, both 0.02 OD. Highlights: as few as stage conditions compares. Scales:
 * as many as are seen on faces that have none.
 *
 * Relief of scars: what is broad is shallow, and stands out least of the unevenness around it. By
 * area one such scar outweighs ten sharp ones (unchanged phantoms, 37 pairs of even seeds: sd of
 * the change 4.4 % by area, 3.9 % by diameter). */
static const struct recipe recipes[DERM_METRIC_COUNT] = {
    [DERM_METRIC_PORES_AMPLITUDE] = { DERM_KIND_PORE, PER_AREA, VALUE, .strong = true,
                                      .smallest = 0.02 },
    [DERM_METRIC_PORES_DENSITY] = { DERM_KIND_PORE, PER_AREA, PRESENT, .smallest = 1 },
    [DERM_METRIC_PORES_AREA_FRACTION] = { DERM_KIND_PORE, PERCENT_OF_AREA, AREA, .smallest = 0.04 },
    [DERM_METRIC_PORES_MEAN_DIAMETER] = { DERM_KIND_PORE, MEAN, DIAMETER },
    [DERM_METRIC_PIGMENTATION_LOAD] = { DERM_KIND_SPOT, PERCENT_OF_AREA, VALUE, .smallest = 0.035 },
    [DERM_METRIC_PIGMENTATION_AREA_FRACTION] = { DERM_KIND_SPOT, PERCENT_OF_AREA, AREA, true,
                                                 .smallest = 0.35 },
    [DERM_METRIC_PIGMENTATION_SPOT_COUNT] = { DERM_KIND_SPOT, COUNT, PRESENT, .smallest = 1 },
    [DERM_METRIC_PIGMENTATION_CONTRAST] = { DERM_KIND_SPOT, MEAN, VALUE },
    [DERM_METRIC_REDNESS_LOAD] = { DERM_KIND_RED_MARK, PERCENT_OF_AREA, VALUE, .smallest = 0.035 },
    [DERM_METRIC_REDNESS_AREA_FRACTION] = { DERM_KIND_RED_MARK, PERCENT_OF_AREA, AREA, true,
                                            .smallest = 0.35 },
    [DERM_METRIC_SCARS_RELIEF] = { DERM_KIND_SCAR, ROOT_MEAN, VALUE, .by_diameter = true },
    [DERM_METRIC_SCARS_COUNT_SMALL] = { DERM_KIND_SCAR, COUNT, PRESENT, .smallest = 1,
                                        .hi_mm = 1.5 },
    [DERM_METRIC_SCARS_COUNT_MEDIUM] = { DERM_KIND_SCAR, COUNT, PRESENT, .smallest = 1,
                                         .lo_mm = 1.5, .hi_mm = 4 },
    [DERM_METRIC_SCARS_COUNT_LARGE] = { DERM_KIND_SCAR, COUNT, PRESENT, .smallest = 1, .lo_mm = 4,
                                        .hi_mm = 1e9 },
    [DERM_METRIC_SCARS_AREA_FRACTION] = { DERM_KIND_SCAR, PERCENT_OF_AREA, PRESENT_AREA,
                                          .smallest = 1 },
    [DERM_METRIC_LINEAR_SCARS_WIDTH] = { DERM_KIND_LINEAR_SCAR, MEAN, WIDTH },
    [DERM_METRIC_LINEAR_SCARS_LENGTH] = { DERM_KIND_LINEAR_SCAR, TOTAL_LENGTH, LENGTH,
                                          .smallest = 4 },
    [DERM_METRIC_LINEAR_SCARS_CONTRAST] = { DERM_KIND_LINEAR_SCAR, MEAN, VALUE },
    [DERM_METRIC_TEXTURE_ROUGHNESS] = { DERM_KIND_RELIEF_PATCH, ROOT_MEAN, VALUE },
    [DERM_METRIC_TEXTURE_ANISOTROPY] = { DERM_KIND_RELIEF_PATCH, MEAN, COHERENCE },
    [DERM_METRIC_TEXTURE_FLAKING] = { DERM_KIND_FLAKE_PATCH, PERCENT, AREA, .smallest = 0.5 },
    [DERM_METRIC_TONE_EVENNESS] = { DERM_KIND_COLOUR_PATCH, MEAN, VALUE },
    [DERM_METRIC_WRINKLES_CONTRAST] = { DERM_KIND_WRINKLE, PER_AREA, VALUE, .smallest = 0.16 },
    [DERM_METRIC_WRINKLES_LENGTH_DENSITY] = { DERM_KIND_WRINKLE, PER_AREA, LENGTH, .smallest = 8 },
    [DERM_METRIC_WRINKLES_AREA_FRACTION] = { DERM_KIND_WRINKLE, PERCENT_OF_AREA, AREA,
                                             .smallest = 4 },
    [DERM_METRIC_WRINKLES_MEAN_WIDTH] = { DERM_KIND_WRINKLE, MEAN, WIDTH },
    [DERM_METRIC_FINE_LINES_CONTRAST] = { DERM_KIND_FINE_LINE, PER_AREA, VALUE, .smallest = 0.08 },
    [DERM_METRIC_FINE_LINES_LENGTH_DENSITY] = { DERM_KIND_FINE_LINE, PER_AREA, LENGTH,
                                                .smallest = 4 },
    [DERM_METRIC_FINE_LINES_AREA_FRACTION] = { DERM_KIND_FINE_LINE, PERCENT_OF_AREA, AREA,
                                               .smallest = 0.8 },
    [DERM_METRIC_FINE_LINES_MEAN_WIDTH] = { DERM_KIND_FINE_LINE, MEAN, WIDTH },
    [DERM_METRIC_STRETCH_MARKS_CONTRAST] = { DERM_KIND_STRETCH_MARK, MEAN, VALUE },
    [DERM_METRIC_STRETCH_MARKS_AREA_FRACTION] = { DERM_KIND_STRETCH_MARK, PERCENT_OF_AREA, AREA,
                                                  .smallest = 4 },
    [DERM_METRIC_STRETCH_MARKS_MEAN_WIDTH] = { DERM_KIND_STRETCH_MARK, MEAN, WIDTH },
    [DERM_METRIC_STRETCH_MARKS_REDNESS] = { DERM_KIND_STRETCH_MARK, MEAN, BLOOD },
    [DERM_METRIC_RADIANCE_HIGHLIGHT_FRACTION] = { DERM_KIND_GLOSS_PATCH, PERCENT, AREA,
                                                  .smallest = 0.2 },
    [DERM_METRIC_RADIANCE_HIGHLIGHT_SPREAD] = { DERM_KIND_GLOSS_PATCH, ROOT_MEAN, VALUE },
};

struct share { /* what one object adds, in the baseline and in the follow-up */
    double top[2], bottom[2];
};

static double diameter_mm(double area_px, double px_per_mm)
{
    return 2 * sqrt(area_px / 3.14159265358979323846) / px_per_mm;
}

/* Of what an object adds. */
static double weight_of(const struct recipe *r, const struct derm_object *o, double px_per_mm)
{
    return r->by_diameter ? 1 / diameter_mm(o->area_px, px_per_mm) : 1;
}

static struct share share_of(const struct recipe *r, const struct derm_object *o, double px_per_mm)
{
    const double value[2] = { o->base_value, o->follow_value };
    const double area[2] = { o->base_area_px, o->follow_area_px };
    const double coherence[2] = { o->base_coherence, o->follow_coherence };
    const double weight = weight_of(r, o, px_per_mm);
    struct share s = { 0 };

    for (int i = 0; i < 2; i++) {
        switch (r->part) {
        case PRESENT:
            s.top[i] = (o->found_in >> i) & 1;
            s.bottom[i] = 1;
            break;
        case VALUE:
            s.top[i] = weight * value[i];
            s.bottom[i] = weight * o->area_px;
            break;
        case BLOOD:
            s.top[i] = o->blood[i];
            s.bottom[i] = o->area_px;
            break;
        case AREA:
            s.top[i] = area[i];
            s.bottom[i] = o->area_px;
            break;
        case PRESENT_AREA: /* of footprints that both photos share */
            s.top[i] = (o->found_in >> i) & 1 ? area[i] : 0;
            s.bottom[i] = 1;
            break;
        case DIAMETER:
            s.top[i] = diameter_mm(area[i], px_per_mm);
            s.bottom[i] = area[i] > 0;
            break;
        case LENGTH:
            s.top[i] = (o->found_in >> i) & 1 ? o->length_mm : 0;
            s.bottom[i] = o->length_mm;
            break;
        case WIDTH: /* pieces too faint for a width have none */
            s.top[i] = area[i] / (px_per_mm * px_per_mm);
            s.bottom[i] = area[i] > 0 ? o->length_mm : 0;
            break;
        case COHERENCE:
            s.top[i] = coherence[i] * o->area_px;
            s.bottom[i] = o->area_px;
            break;
        }
    }
    return s;
}

/* scale: by how much more px_per_mm is thought to be. */
static bool taken(const struct recipe *r, const struct derm_object *o, double scale)
{
    const double diameter = o->diameter_mm / (1 + scale);

    if (o->field && !r->fields) return false;
    if (r->strong && !o->strong) return false;
    return r->hi_mm <= 0 || (diameter >= r->lo_mm && diameter < r->hi_mm);
}

/* NAN where there is nothing to divide by. */
static double value_of(const struct recipe *r, double top, double bottom,
                       const struct derm_place *place)
{
    switch (r->kind) {
    case UNTALLIED:
        break;
    case COUNT:
    case TOTAL_LENGTH:
        return top;
    case PER_AREA: /* per cm2 */
        return top / place->area_px * (100 * place->px_per_mm * place->px_per_mm);
    case PERCENT_OF_AREA:
        return top / place->area_px * 100;
    case PERCENT:
        return bottom > 0 ? 100 * top / bottom : (double)NAN;
    case MEAN:
        return bottom > 0 ? top / bottom : (double)NAN;
    case ROOT_MEAN:
        return bottom > 0 ? sqrt(fmax(top / bottom, 0)) : (double)NAN;
    }
    return (double)NAN;
}

static double floor_of(const struct recipe *r, const struct derm_place *place)
{
    const bool areal = r->kind == PERCENT_OF_AREA;
    const double px2 = place->px_per_mm * place->px_per_mm;

    if (r->kind == PERCENT) return r->smallest;
    return value_of(r, r->smallest * (areal ? px2 : 1), 0, place);
}

/* Shares of the members of a region, as rows for the kernels; 0 where the metric takes none. */
struct shares {
    float *top[2], *bottom[2]; /* follow is NULL in an analysis */
    double sum_top[2], sum_bottom[2];
    int taken;
};

static derm_err take_shares(struct derm_run *run, const struct recipe *r,
                            const struct derm_draws *d, double px_per_mm, struct shares *s)
{
    *s = (struct shares){ .taken = 0 };
    for (int photo = 0; photo < (run->pair ? 2 : 1); photo++) {
        DERM_TRY(derm_arena_new(run->scratch, &s->top[photo], d->row, sizeof(float)));
        DERM_TRY(derm_arena_new(run->scratch, &s->bottom[photo], d->row, sizeof(float)));
    }
    for (int i = 0; i < d->n; i++) {
        const struct derm_object *const o = &d->objects->item[d->member[i]];
        struct share share;

        if (!taken(r, o, 0)) continue;
        share = share_of(r, o, px_per_mm);
        s->taken++;
        for (int photo = 0; photo < 2; photo++) {
            s->sum_top[photo] += share.top[photo];
            s->sum_bottom[photo] += share.bottom[photo];
            if (!s->top[photo]) continue;
            s->top[photo][i] = (float)share.top[photo];
            s->bottom[photo][i] = (float)share.bottom[photo];
        }
    }
    return DERM_OK;
}

/* ---- the bootstrap */

static derm_err draw_weights(struct derm_run *run, enum derm_concern concern,
                             const struct derm_objects *objects, const struct derm_place *place,
                             struct derm_draws *d)
{
    const enum derm_region region = place->region;
    struct derm_random random = { (uint64_t)concern * 64 + (uint64_t)region + 1 };

    if (d->objects == objects && d->region == region) return DERM_OK;
    derm_arena_reset(run->scratch, 0);
    *d = (struct derm_draws){ .objects = objects, .region = region };
    DERM_TRY(derm_arena_raw(run->scratch, &d->member, (size_t)objects->n + 1, sizeof(int)));
    for (int i = 0; i < objects->n; i++)
        if (((objects->item[i].regions >> region) & 1) &&
            !(objects->item[i].regions & place->without))
            d->member[d->n++] = i;
    d->row = ((size_t)d->n + DERM_LANES - 1) / DERM_LANES * DERM_LANES;
    DERM_TRY(derm_arena_new(run->scratch, &d->weight, (size_t)draws_of(run) * d->row + 1, 1));
    for (int b = 0; b < draws_of(run); b++)
        derm_random_poisson(&random, d->weight + (size_t)b * d->row, d->n);
    return DERM_OK;
}

struct replicas {
    double value[2][DRAWS], change[DRAWS], percent[DRAWS];
    int n, percents;
};

static void draw(const struct derm_run *run, const struct recipe *r, const struct derm_draws *d,
                 const struct shares *s, const struct derm_place *place, struct replicas *out)
{
    for (int b = 0; b < draws_of(run); b++) {
        double v[2] = { 0 };

        for (int photo = 0; photo < (run->pair ? 2 : 1); photo++) {
            float sum[2] = { 0 };

            if (d->row > 0)
                run->k->weigh(sum, d->weight + (size_t)b * d->row, s->top[photo], s->bottom[photo],
                              d->row);
            /* How long the lines are that are looked at is no matter of chance; how much of them
             * a photo shows is. */
            if (r->kind == TOTAL_LENGTH && sum[1] > 0)
                sum[0] *= (float)s->sum_bottom[photo] / sum[1];
            v[photo] = value_of(r, (double)sum[0], (double)sum[1], place);
        }
        if (isnan(v[0]) || isnan(v[1])) continue;
        out->value[0][out->n] = v[0];
        out->value[1][out->n] = v[1];
        out->change[out->n++] = v[1] - v[0];
        if (v[0] > 0) out->percent[out->percents++] = 100 * (v[1] / v[0] - 1);
    }
}

/* What blanks say of the change of the sum over the objects (0: nothing): each value errs like a
 * blank of its size does, independently of the others. */
static double blank_sd(const struct recipe *r, const struct derm_draws *d, double px_per_mm)
{
    double var = 0;

    if (r->part != VALUE) return 0;
    for (int i = 0; i < d->n; i++) {
        const struct derm_object *const o = &d->objects->item[d->member[i]];
        const double one = weight_of(r, o, px_per_mm) * derm_blank_sd(d->objects, o);

        if (taken(r, o, 0)) var += one * one;
    }
    return sqrt(var);
}

/* The same for the metric; of a root, d sqrt(m) = dm / (2 sqrt(m)) at the mean of both photos. */
static double metric_sd(const struct recipe *r, double sum_sd, double bottom,
                        const struct derm_place *place, const struct derm_tally *t)
{
    const double root = (t->base + t->follow) / 2;

    if (r->kind != ROOT_MEAN) return value_of(r, sum_sd, bottom, place);
    return root > 0 ? sum_sd / bottom / (2 * root) : 0;
}

/* Of a single object all draws of a mean are alike, and say nothing of others of its kind: it may
 * be off by all of itself, as a sum over one object is. */
static double least_spread(double value, int objects)
{
    return objects == 1 ? value : 0;
}

/* Objects that happen to change alike, or are few, have less spread than their measurement. */
static void summarise(struct replicas *d, int objects, double least_sd, struct derm_tally *out)
{
    const double few = objects > 1 ? sqrt((double)objects / (objects - 1)) : 1;
    const double percent = out->base > 0 ? 100 * (out->follow / out->base - 1) : 0;
    struct derm_spread *const s = &out->spread;

    s->base_sd =
        fmax(few * derm_sd(d->value[0], d->n), fmax(out->floor, least_spread(out->base, objects)));
    s->follow_sd = fmax(few * derm_sd(d->value[1], d->n),
                        fmax(out->floor, least_spread(out->follow, objects)));
    s->change_sd = fmax(few * derm_sd(d->change, d->n), least_sd);
    s->percent_lo = s->percent_hi = percent;
    if (d->percents == 0) return;
    const double half = out->base > 0 ? 196 * least_sd / out->base : 0;
    derm_sort(d->percent, d->percents);
    const double lo = derm_percentile(d->percent, d->percents, 0.025);
    const double hi = derm_percentile(d->percent, d->percents, 0.975);
    s->percent_lo = percent - fmax(few * (percent - lo), half);
    s->percent_hi = percent + fmax(few * (hi - percent), half);
}

/* ---- the ensemble */

/* What shines keeps its share of the light. */
static bool is_of_contrast(const struct recipe *r)
{
    return (r->part == VALUE || r->part == BLOOD) && r->of != DERM_KIND_GLOSS_PATCH;
}

/* By which a member multiplies what an object adds in the follow-up. Under a root are squares. */
static double gain_of(const struct recipe *r, const struct derm_ensemble *e, int member,
                      const struct derm_object *o)
{
    const double gain = derm_member_gain(e, member, r->of, o);

    if (!is_of_contrast(r)) return 1;
    return r->kind == ROOT_MEAN ? gain * gain : gain;
}

static void add_to_members(const struct recipe *r, const struct derm_ensemble *e,
                           const struct derm_object *o, double px_per_mm,
                           struct share sum[DERM_MEMBERS])
{
    const struct share share = share_of(r, o, px_per_mm);

    for (int m = 0; m < DERM_MEMBERS; m++) {
        const double count = derm_member_count(&e->member[m], o->margin[r->strong]);
        const double gain[2] = { 1, gain_of(r, e, m, o) };

        if (!taken(r, o, e->member[m].scale)) continue;
        for (int photo = 0; photo < 2; photo++) {
            sum[m].top[photo] += count * gain[photo] * share.top[photo];
            sum[m].bottom[photo] += count * share.bottom[photo];
        }
    }
}

/* By how much the follow-up's value moves beside the baseline's, where there is one. */
static double moved_to(double base, double follow, const struct derm_tally *t)
{
    const double moved = base > 0 && t->base > 0 ? follow / base * (t->base / t->follow) - 1
                                                 : follow / t->follow - 1;

    return isnan(moved) ? -1 : moved; /* nothing is left */
}

/* What the map does to areas of objects, as far as they share it: the bootstrap sees the rest. By
 * so much, at most, may be wrong what stage track corrects areas by; and a load, area times
 * contrast, which is not corrected. */
static double stretched_sd(const struct recipe *r, const struct derm_draws *d, double px_per_mm,
                           double sure_bias)
{
    double all = 0, stretched = 0;

    if (r->kind != PERCENT_OF_AREA) return 0;
    for (int i = 0; i < d->n; i++) {
        const struct derm_object *const o = &d->objects->item[d->member[i]];
        const double value = taken(r, o, 0) ? share_of(r, o, px_per_mm).top[1] : 0;

        all += value;
        if (fabs(o->warp_area_bias) > sure_bias) stretched += value * o->warp_area_bias;
    }
    return all > 0 ? derm_uniform_sd(fabs(stretched / all)) : 0;
}

static struct derm_moved move_members(const struct recipe *r, const struct derm_draws *d,
                                      const struct derm_place *place, const struct derm_ensemble *e,
                                      const struct derm_tally *t)
{
    struct share sum[DERM_MEMBERS] = { { { 0 }, { 0 } } };
    double moved[DERM_MEMBERS];

    if (t->follow <= 0) return (struct derm_moved){ 0 };
    for (int i = 0; i < d->n; i++)
        add_to_members(r, e, &d->objects->item[d->member[i]], place->px_per_mm, sum);
    for (int m = 0; m < DERM_MEMBERS; m++)
        moved[m] = moved_to(value_of(r, sum[m].top[0], sum[m].bottom[0], place),
                            value_of(r, sum[m].top[1], sum[m].bottom[1], place), t);
    struct derm_moved sd = derm_ensemble_sd(moved);
    sd.stretched = stretched_sd(r, d, place->px_per_mm, e->sure_bias);
    return sd;
}

enum derm_kind derm_tally_kind(enum derm_metric_id metric)
{
    return recipes[metric].of;
}

derm_err derm_tally_metric(struct derm_run *run, enum derm_metric_id metric,
                           const struct derm_objects *objects, const struct derm_place *place,
                           const struct derm_ensemble *ensemble, struct derm_draws *draws,
                           struct derm_tally *out)
{
    const struct recipe *const r = &recipes[metric];
    struct replicas *replicas;
    struct shares s;
    double v[2];
    size_t mark;

    *out = (struct derm_tally){ .floor = floor_of(r, place) };
    DERM_TRY(draw_weights(run, derm_metrics[metric].concern, objects, place, draws));
    mark = run->scratch->used;
    DERM_TRY(take_shares(run, r, draws, place->px_per_mm, &s));
    for (int photo = 0; photo < 2; photo++)
        v[photo] = value_of(r, s.sum_top[photo], s.sum_bottom[photo], place);
    if (isnan(out->floor)) out->floor = 0;
    out->undefined = isnan(v[0]) || (run->pair && isnan(v[1]));
    if (!out->undefined) {
        out->objects = s.taken;
        out->base = v[0];
        out->follow = run->pair ? v[1] : 0;
        DERM_TRY(derm_arena_new(run->scratch, &replicas, 1, sizeof(*replicas)));
        draw(run, r, draws, &s, place, replicas);
        const double sum_sd = blank_sd(r, draws, place->px_per_mm);
        /* a percentage of what could as well be nothing says nothing */
        if (sum_sd > 0)
            out->floor = fmax(out->floor, value_of(r, 2 * sum_sd, s.sum_bottom[0], place));
        summarise(replicas, s.taken, metric_sd(r, sum_sd, s.sum_bottom[0], place, out), out);
        if (ensemble) out->spread.moved = move_members(r, draws, place, ensemble, out);
    }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}
