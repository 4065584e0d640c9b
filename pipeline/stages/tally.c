/* SPDX-License-Identifier: Apache-2.0 */
/* A metric over objects is one of four things: a count, a sum per skin area, a mean over objects,
 * or the root of such a mean. Each object gives a numerator and a denominator for either photo.
 *
 * sd and interval: Poisson bootstrap (each object drawn a Poisson(1) number of times, the same
 * draws for both photos), 400 draws, seeded by metric and region. For a sum it has the sd of a sum
 * over a random number of objects; with few objects the draws are widened by sqrt(n / (n - 1)).
 * Draws in which nothing is left to divide by say nothing and are left out. B. Efron, R.
 * Tibshirani, An Introduction to the Bootstrap (1993). */
#include "stages/tally.h"

#include <math.h>
#include <string.h>

#include "stages/statistics.h"

enum { DRAWS = 400 };

enum kind { COUNT, PER_AREA, PERCENT_OF_AREA, MEAN, ROOT_MEAN };
enum part { PRESENT, VALUE, AREA, PRESENT_AREA, DIAMETER };

struct recipe {
    enum kind kind;
    enum part part;
    bool fields;         /* diffuse fields count too */
    bool strong;         /* only objects whose change can be measured */
    double smallest;     /* part of the smallest object that is listed; areas in mm2 */
    double lo_mm, hi_mm; /* only objects of this diameter; hi 0: all */
};

/* Smallest objects: pore 0.22 mm and 0.02 OD; spot 0.35 mm2 and 0.10 OD; scar 1 mm2. */
static const struct recipe recipes[DERM_METRIC_COUNT] = {
    [DERM_METRIC_PORES_AMPLITUDE] = { PER_AREA, VALUE, .strong = true, .smallest = 0.02 },
    [DERM_METRIC_PORES_DENSITY] = { PER_AREA, PRESENT, .smallest = 1 },
    [DERM_METRIC_PORES_AREA_FRACTION] = { PERCENT_OF_AREA, AREA, .smallest = 0.04 },
    [DERM_METRIC_PORES_MEAN_DIAMETER] = { MEAN, DIAMETER },
    [DERM_METRIC_PIGMENTATION_LOAD] = { PERCENT_OF_AREA, VALUE, .smallest = 0.035 },
    [DERM_METRIC_PIGMENTATION_AREA_FRACTION] = { PERCENT_OF_AREA, AREA, true, .smallest = 0.35 },
    [DERM_METRIC_PIGMENTATION_SPOT_COUNT] = { COUNT, PRESENT, .smallest = 1 },
    [DERM_METRIC_PIGMENTATION_CONTRAST] = { MEAN, VALUE },
    [DERM_METRIC_SCARS_RELIEF] = { ROOT_MEAN, VALUE },
    [DERM_METRIC_SCARS_COUNT_SMALL] = { COUNT, PRESENT, .smallest = 1, .hi_mm = 1.5 },
    [DERM_METRIC_SCARS_COUNT_MEDIUM] = { COUNT, PRESENT, .smallest = 1, .lo_mm = 1.5, .hi_mm = 4 },
    [DERM_METRIC_SCARS_COUNT_LARGE] = { COUNT, PRESENT, .smallest = 1, .lo_mm = 4, .hi_mm = 1e9 },
    [DERM_METRIC_SCARS_AREA_FRACTION] = { PERCENT_OF_AREA, PRESENT_AREA, .smallest = 1 },
};

struct share { /* what one object adds, in the baseline and in the follow-up */
    double top[2], bottom[2];
};

static double diameter_mm(double area_px, double px_per_mm)
{
    return 2 * sqrt(area_px / 3.14159265358979323846) / px_per_mm;
}

static struct share share_of(const struct recipe *r, const struct derm_object *o, double px_per_mm)
{
    const double value[2] = { o->base_value, o->follow_value };
    const double area[2] = { o->base_area_px, o->follow_area_px };
    struct share s = { 0 };

    for (int i = 0; i < 2; i++) {
        switch (r->part) {
        case PRESENT:
            s.top[i] = (o->found_in >> i) & 1;
            s.bottom[i] = 1;
            break;
        case VALUE:
            s.top[i] = value[i];
            s.bottom[i] = o->area_px;
            break;
        case AREA:
            s.top[i] = area[i];
            s.bottom[i] = 1;
            break;
        case PRESENT_AREA: /* of footprints that both photos share */
            s.top[i] = (o->found_in >> i) & 1 ? area[i] : 0;
            s.bottom[i] = 1;
            break;
        case DIAMETER:
            s.top[i] = diameter_mm(area[i], px_per_mm);
            s.bottom[i] = area[i] > 0;
            break;
        }
    }
    return s;
}

static bool taken(const struct recipe *r, const struct derm_object *o, enum derm_region region)
{
    if (!((o->regions >> region) & 1) || (o->field && !r->fields)) return false;
    if (r->strong && !o->strong) return false;
    return r->hi_mm <= 0 || (o->diameter_mm >= r->lo_mm && o->diameter_mm < r->hi_mm);
}

/* NAN where there is nothing to divide by. */
static double value_of(const struct recipe *r, double top, double bottom,
                       const struct derm_place *place)
{
    switch (r->kind) {
    case COUNT:
        return top;
    case PER_AREA: /* per cm2 */
        return top / place->area_px * (100 * place->px_per_mm * place->px_per_mm);
    case PERCENT_OF_AREA:
        return top / place->area_px * 100;
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

    return value_of(r, r->smallest * (areal ? px2 : 1), 0, place);
}

/* Sums over the shares, drawn by weight[], or each once. */
static void values(const struct recipe *r, const struct share *s, const int *weight, int n,
                   const struct derm_place *place, double out[2])
{
    for (int i = 0; i < 2; i++) {
        double top = 0, bottom = 0;

        for (int k = 0; k < n; k++) {
            top += weight ? weight[k] * s[k].top[i] : s[k].top[i];
            bottom += weight ? weight[k] * s[k].bottom[i] : s[k].bottom[i];
        }
        out[i] = value_of(r, top, bottom, place);
    }
}

struct draws {
    double value[2][DRAWS], change[DRAWS], percent[DRAWS];
    int n, percents;
};

static derm_err draw(struct derm_run *run, const struct recipe *r, const struct share *s, int n,
                     const struct derm_place *place, struct draws *d)
{
    struct derm_random random = { (uint64_t)(r - recipes) * 64 + (uint64_t)place->region + 1 };
    int *weight;

    DERM_TRY(derm_arena_new(run->scratch, &weight, (size_t)n + 1, sizeof(*weight)));
    for (int b = 0; b < DRAWS; b++) {
        double v[2];

        for (int k = 0; k < n; k++)
            weight[k] = derm_random_poisson(&random);
        values(r, s, weight, n, place, v);
        if (isnan(v[0]) || isnan(v[1])) continue;
        d->value[0][d->n] = v[0];
        d->value[1][d->n] = v[1];
        d->change[d->n++] = v[1] - v[0];
        if (v[0] > 0) d->percent[d->percents++] = 100 * (v[1] / v[0] - 1);
    }
    return DERM_OK;
}

static void summarise(struct draws *d, int objects, struct derm_tally *out)
{
    const double few = objects > 1 ? sqrt((double)objects / (objects - 1)) : 1;
    const double percent = out->base > 0 ? 100 * (out->follow / out->base - 1) : 0;
    struct derm_spread *const s = &out->spread;

    s->base_sd = fmax(few * derm_sd(d->value[0], d->n), out->floor);
    s->follow_sd = fmax(few * derm_sd(d->value[1], d->n), out->floor);
    s->change_sd = few * derm_sd(d->change, d->n);
    s->percent_lo = s->percent_hi = percent;
    if (d->percents == 0) return;
    derm_sort(d->percent, d->percents);
    const double lo = derm_percentile(d->percent, d->percents, 0.025);
    const double hi = derm_percentile(d->percent, d->percents, 0.975);
    s->percent_lo = percent - few * fmax(percent - lo, 0);
    s->percent_hi = percent + few * fmax(hi - percent, 0);
}

derm_err derm_tally_metric(struct derm_run *run, enum derm_metric_id metric,
                           const struct derm_objects *objects, const struct derm_place *place,
                           struct derm_tally *out)
{
    const struct recipe *const r = &recipes[metric];
    const size_t mark = run->scratch->used;
    struct share *s;
    struct draws *d;
    double v[2];
    int n = 0;

    *out = (struct derm_tally){ .floor = floor_of(r, place) };
    DERM_TRY(derm_arena_new(run->scratch, &s, (size_t)objects->n + 1, sizeof(*s)));
    DERM_TRY(derm_arena_new(run->scratch, &d, 1, sizeof(*d)));
    for (int i = 0; i < objects->n; i++)
        if (taken(r, &objects->item[i], place->region))
            s[n++] = share_of(r, &objects->item[i], place->px_per_mm);
    values(r, s, NULL, n, place, v);
    if (isnan(out->floor)) out->floor = 0;
    out->undefined = isnan(v[0]) || (run->pair && isnan(v[1]));
    if (!out->undefined) {
        out->objects = n;
        out->base = v[0];
        out->follow = run->pair ? v[1] : 0;
        DERM_TRY(draw(run, r, s, n, place, d));
        summarise(d, n, out);
    }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}
