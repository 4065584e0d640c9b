/* SPDX-License-Identifier: Apache-2.0 */
/* From the rows of pairs to figures: see truth_precision.c for what they mean. */
#ifndef DERM_TRUTH_PRECISION_FIT_H
#define DERM_TRUTH_PRECISION_FIT_H

#include "null_pairs.h"

#include "base/metrics.h"

enum { LEAST_ROWS = 12, LEAST_SUBJECTS = 3 }; /* of one kind in a cell, to believe it */
enum { TONES = 6, RESOLUTIONS = 3, CELLS = TONES * RESOLUTIONS };
enum extent { REGION, WHOLE, EXTENTS };

static const char *const kind_name[KINDS] = { "smiles", "copies", "phantoms", "faded phantoms",
                                              "compressed" };
static const char *const extent_name[EXTENTS] = { "region", "whole" };
static const char *const tone_name[TONES] = { "I", "II", "III", "IV", "V", "VI" };
/* Chardon et al. 1991 part skin at 55, 41, 28, 10 and -30 degrees; these are the same borders as
 * the program reads them, which draws both ends towards the middle: phantoms of ITA 60, 54, 43, 40,
 * 34, 25, 19, 0, -25, -40 and -60 (even seeds) are read as 49, 44, 36, 34, 33, 26, 19, 14, -5, -8
 * and -12 on average. It reads none of them below -30. truth_precision prints how it reads its own.
 */
static const double tone_above[TONES] = { 45, 35, 28, 17, -6, -90 };
static const char *const resolution_name[RESOLUTIONS] = { "low", "middle", "high" };
static const double resolution_below[RESOLUTIONS] = { 5, 8,
                                                      1000 }; /* section 11, limits of pores */
static const double NOT_REJECTED = 1.92; /* log likelihood within this of the best: 95 % */

struct figures { /* of one cell */
    enum null_kind kind;
    int pairs, rows, subjects;
    double sd, bias;
    const char *borrowed; /* from where; NULL: measured here */
};
struct law { /* of one metric and extent */
    double objects, shared;
    double plain, none; /* log likelihood of shared 0 and 1, less that of the best */
    struct figures cell[TONES][RESOLUTIONS];
};
typedef struct law laws[DERM_METRIC_COUNT][EXTENTS];
struct table {
    laws law;
    double with_change[DERM_METRIC_COUNT], with_compression[DERM_METRIC_COUNT];
};

static inline int tone_of(const struct null_row *r)
{
    int t = 0;

    while (t < TONES - 1 && r->ita_deg <= tone_above[t])
        t++;
    return t;
}

static inline int resolution_of(const struct null_row *r)
{
    int i = 0;

    while (i < RESOLUTIONS - 1 && r->px_per_mm >= resolution_below[i])
        i++;
    return i;
}

static inline bool is_absolute(enum derm_metric_id m)
{
    return derm_metrics[m].klass == DERM_CLASS_REGIONAL;
}

static inline double reading(const struct null_row *r)
{
    return is_absolute(r->metric) ? r->change : r->percent;
}

/* sd at n objects against that at `objects`. */
static inline double widening(double shared, double objects, int n)
{
    return sqrt(shared + (1 - shared) * objects / (n > 1 ? n : 1));
}

static inline enum extent extent_of(const struct null_row *r)
{
    return r->region == DERM_REGION_FACE || r->region == DERM_REGION_ROI ? WHOLE : REGION;
}

struct selection {
    enum derm_metric_id metric;
    enum extent extent;
    int tone, resolution, kind; /* -1: all; of kinds all that are null */
};

static inline bool is_selected(const struct null_row *r, const struct selection *s)
{
    return r->metric == s->metric && extent_of(r) == s->extent &&
           (s->tone < 0 || tone_of(r) == s->tone) &&
           (s->resolution < 0 || resolution_of(r) == s->resolution) &&
           (s->kind < 0 ? r->kind < NULL_KINDS : (int)r->kind == s->kind);
}

static inline struct selection selection(enum derm_metric_id metric, enum extent extent, int i)
{
    return (struct selection){ metric, extent, i % TONES, i / TONES % RESOLUTIONS, i / CELLS };
}

static inline double *room_for(const struct null_lab *lab)
{
    double *const x = malloc(((size_t)lab->n + 1) * sizeof(double));

    if (!x) abort();
    return x;
}

/* Of the rows, the median; where there are none as many as otherwise. */
static inline double typical_objects(const struct null_lab *lab, const struct selection *s,
                                     double otherwise)
{
    double *const x = room_for(lab);
    int n = 0;

    for (int i = 0; i < lab->n; i++)
        if (is_selected(&lab->row[i], s)) x[n++] = lab->row[i].objects;
    const double median = n > 0 ? fmax(1, floor(derm_median(x, n))) : otherwise;
    free(x);
    return median;
}

/* Log likelihood under the Laplace distribution, whose scale is free in each cell and kind: far
 * readings weigh little. */
static inline double likelihood(const struct null_lab *lab, enum derm_metric_id metric,
                                enum extent extent, double objects, double shared)
{
    double sum = 0;

    for (int i = 0; i < CELLS * NULL_KINDS; i++) {
        const struct selection s = selection(metric, extent, i);
        double scale = 0, logs = 0;
        int n = 0;

        for (int k = 0; k < lab->n; k++) {
            const struct null_row *const r = &lab->row[k];
            const double w = widening(shared, objects, r->objects);

            if (!is_selected(r, &s)) continue;
            scale += fabs(reading(r)) / w;
            logs += log(w);
            n++;
        }
        if (n >= LEAST_ROWS && scale > 0) sum -= n * log(scale / n) + logs;
    }
    return sum;
}

static inline void fit_law(const struct null_lab *lab, enum derm_metric_id metric,
                           enum extent extent, struct law *law)
{
    enum { STEPS = 20 };
    double l[STEPS + 1], best = -HUGE_VAL;
    int i;

    for (i = 0; i <= STEPS; i++) {
        l[i] = likelihood(lab, metric, extent, law->objects, (double)i / STEPS);
        best = fmax(best, l[i]);
    }
    for (i = 0; l[i] < best - NOT_REJECTED;)
        i++;
    law->shared = (double)i / STEPS;
    law->plain = l[0] - best;
    law->none = l[STEPS] - best;
}

/* False when there are too few rows of this kind in the cell. */
static inline bool figure(const struct null_lab *lab, const struct selection *s,
                          const struct law *law, struct figures *out)
{
    double *const x = room_for(lab), *const signs = room_for(lab);
    int pair = -1, subject = -1, n = 0;

    *out = (struct figures){ .kind = (enum null_kind)s->kind };
    for (int i = 0; i < lab->n; i++) {
        const struct null_row *const r = &lab->row[i];

        if (!is_selected(r, s)) continue;
        out->pairs += r->pair != pair; /* rows come pair by pair, pairs subject by subject */
        out->subjects += r->subject != subject;
        pair = r->pair;
        subject = r->subject;
        signs[n] = reading(r);
        x[n++] = fabs(reading(r)) / widening(law->shared, law->objects, r->objects);
    }
    out->rows = n;
    const bool enough = n >= LEAST_ROWS && out->subjects >= LEAST_SUBJECTS;
    if (enough) {
        derm_sort(x, n);
        out->sd = derm_percentile(x, n, 0.95) / 1.96;
        out->bias = derm_median(signs, n);
    }
    free(x);
    free(signs);
    return enough;
}

/* The largest figure of all cells; NULL: there is none. */
static inline const struct figures *worst(const struct law *law)
{
    const struct figures *most = NULL;

    for (int i = 0; i < CELLS; i++) {
        const struct figures *const c = &law->cell[i / RESOLUTIONS][i % RESOLUTIONS];

        if (c->sd > (most ? most->sd : 0)) most = c;
    }
    return most;
}

/* What a cell lacks of a kind of pairs that its resolution has, it takes from the worst tone, or
 * where none has enough from all together: that nobody smiled does not make it steadier. sd 0:
 * nobody has it. */
static inline struct figures figure_of_kind(const struct null_lab *lab, const struct selection *s,
                                            const struct law *law)
{
    struct figures f, most = { .sd = 0 };

    if (figure(lab, s, law, &f)) return f;
    for (int t = 0; t < TONES; t++) {
        struct selection other = *s;

        other.tone = t;
        if (figure(lab, &other, law, &f) && f.sd > most.sd) most = f;
    }
    if (most.sd > 0)
        return (struct figures){ .kind = most.kind, .sd = most.sd, .borrowed = "another tone" };
    const struct selection all = { s->metric, s->extent, -1, s->resolution, s->kind };
    if (!figure(lab, &all, law, &f)) return most;
    return (struct figures){ .kind = f.kind, .sd = f.sd, .borrowed = "all tones" };
}

/* Faces that smile are seldom measured whole. What too few wholes of a kind show, their regions do,
 * by their own law for as many objects as such a whole has: else the whole had the figures of
 * phantoms alone, which smile never. (Even people: of 11 changes of anisotropy over the face, which
 * had not changed, 6 lay outside of intervals of 95 %.) */
static inline struct figures figure_of_regions(const struct null_lab *lab,
                                               const struct selection *whole, const struct law *law,
                                               const struct law *regions)
{
    const struct selection alike = { whole->metric, WHOLE, -1, whole->resolution, whole->kind };
    const int objects = (int)typical_objects(lab, &alike, law->objects);
    struct selection s = *whole;

    s.extent = REGION;
    struct figures f = figure_of_kind(lab, &s, regions);
    f.sd *= widening(regions->shared, regions->objects, objects) /
            widening(law->shared, law->objects, objects);
    return (struct figures){ .kind = f.kind, .sd = f.sd, .borrowed = "its regions" };
}

/* A resolution without any figures takes the worst of all. */
static inline void fill_gaps(struct law *law)
{
    const struct figures *const any = worst(law);

    for (int i = 0; i < CELLS && any; i++) {
        struct figures *const c = &law->cell[i / RESOLUTIONS][i % RESOLUTIONS];

        if (c->sd <= 0)
            *c = (struct figures){ .kind = any->kind,
                                   .sd = any->sd,
                                   .borrowed = "another resolution" };
    }
}

/* No cell is steadier than all tones and resolutions together. */
static inline void pool(const struct null_lab *lab, enum derm_metric_id metric, enum extent extent,
                        struct law *law)
{
    struct figures most = { .sd = 0 }, f;

    for (int kind = 0; kind < NULL_KINDS; kind++) {
        const struct selection all = { metric, extent, -1, -1, kind };

        if (figure(lab, &all, law, &f) && f.sd > most.sd) most = f;
    }
    for (int i = 0; i < CELLS && most.sd > 0; i++) {
        struct figures *const c = &law->cell[i / RESOLUTIONS][i % RESOLUTIONS];

        if (c->sd < most.sd)
            *c = (struct figures){ .kind = most.kind,
                                   .sd = most.sd,
                                   .borrowed = "all tones and resolutions" };
    }
}

/* regions: the law of the same metric's regions, for a whole; else NULL. */
static inline void measure_law(const struct null_lab *lab, enum derm_metric_id metric,
                               enum extent extent, const struct law *regions, struct law *law)
{
    const struct selection all = { metric, extent, -1, -1, -1 };

    *law = (struct law){ .objects = typical_objects(lab, &all, 1), .shared = 1 };
    if (!is_absolute(metric)) fit_law(lab, metric, extent, law);
    for (int i = 0; i < CELLS * NULL_KINDS; i++) {
        const struct selection s = selection(metric, extent, i);
        struct figures *const cell = &law->cell[s.tone][s.resolution];
        struct figures f = figure_of_kind(lab, &s, law);

        if (f.sd <= 0 && regions) f = figure_of_regions(lab, &s, law, regions);
        if (f.sd > cell->sd) *cell = f;
    }
    /* What no cell saw often enough; and gloss, which the lamp moves: every seed has a lamp of its
     * own, and the few of a cell may all have had a steady one. (Odd seeds, by figures of cells:
     * 92 % of the intervals of its spread covered the truth, 4 % of its verdicts were false.) */
    if (!worst(law) || derm_metrics[metric].concern == DERM_CONCERN_RADIANCE)
        pool(lab, metric, extent, law);
    fill_gaps(law);
}

/* The worst of a concern, or of all (DERM_CONCERN_COUNT); NULL: there is none. */
static const struct law *worst_of(laws all, enum extent extent, enum derm_concern concern)
{
    const struct law *most = NULL;

    for (int m = 0; m < DERM_METRIC_COUNT; m++) {
        const struct law *const l = &all[m][extent];

        if ((concern != DERM_CONCERN_COUNT && derm_metrics[m].concern != concern) || !worst(l) ||
            is_absolute((enum derm_metric_id)m))
            continue;
        if (!most || worst(l)->sd > worst(most)->sd) most = l;
    }
    return most;
}

/* Of its metric's other extent, else the worst of its concern, else the worst of all. */
static const struct law *lender(laws all, enum derm_metric_id metric, enum extent extent,
                                const char **from)
{
    const struct law *law = &all[metric][1 - extent];

    *from = "the other extent";
    if (worst(law)) return law;
    *from = "another metric";
    law = worst_of(all, extent, derm_metrics[metric].concern);
    if (law) return law;
    *from = "another concern";
    law = worst_of(all, extent, DERM_CONCERN_COUNT);
    if (!law) die("no pair of unchanged skin shows anything");
    return law;
}

/* What was not seen often enough anywhere. */
static inline void borrow(laws all, enum derm_metric_id metric, enum extent extent)
{
    struct law *const law = &all[metric][extent];

    if (worst(law)) return;
    const char *from;
    *law = *lender(all, metric, extent, &from);
    for (int i = 0; i < CELLS; i++) {
        struct figures *const c = &law->cell[i / RESOLUTIONS][i % RESOLUTIONS];

        *c = (struct figures){ .kind = c->kind, .sd = c->sd, .borrowed = from };
    }
}

/* What 95 % of the readings of this kind need beside the null figures: of faded skin in shares of
 * the change, of compressed photos in percent per step of quality. */
static inline double need(const struct null_lab *lab, enum derm_metric_id metric,
                          const struct law *law, enum null_kind kind)
{
    double *const x = room_for(lab);
    int n = 0;

    for (int i = 0; i < lab->n; i++) {
        const struct null_row *const r = &lab->row[i];
        const double sd = law->cell[tone_of(r)][resolution_of(r)].sd *
                          widening(law->shared, law->objects, r->objects);
        const double error = fabs(r->percent - r->truth) / 1.96;
        const double cause = fabs(kind == FADED ? r->concern_truth : r->compression);

        if (r->metric == metric && r->kind == kind && cause > 0)
            x[n++] = sqrt(fmax(error * error - sd * sd, 0)) / cause;
    }
    if (n > 0) derm_sort(x, n);
    const double most = n > 0 ? derm_percentile(x, n, 0.95) : 0;
    free(x);
    return most;
}

static inline void measure_table(const struct null_lab *lab, struct table *t)
{
    for (int m = 0; m < DERM_METRIC_COUNT; m++) {
        struct law *const law = t->law[m];

        measure_law(lab, (enum derm_metric_id)m, REGION, NULL, &law[REGION]);
        measure_law(lab, (enum derm_metric_id)m, WHOLE, &law[REGION], &law[WHOLE]);
    }
    for (int i = 0; i < DERM_METRIC_COUNT * EXTENTS; i++)
        if (derm_metrics[i / EXTENTS].klass != DERM_CLASS_ABSOLUTE)
            borrow(t->law, (enum derm_metric_id)(i / EXTENTS), (enum extent)(i % EXTENTS));
    for (int m = 0; m < DERM_METRIC_COUNT; m++) {
        if (derm_metrics[m].klass != DERM_CLASS_LOCAL) continue;
        t->with_change[m] = need(lab, (enum derm_metric_id)m, &t->law[m][WHOLE], FADED);
        t->with_compression[m] = need(lab, (enum derm_metric_id)m, &t->law[m][WHOLE], PRESSED);
    }
}

#endif
