/* SPDX-License-Identifier: Apache-2.0 */
/* Is a change more than what two photos of unchanged skin would show? Pure functions of numbers. */
#ifndef DERM_STAGES_DECIDE_H
#define DERM_STAGES_DECIDE_H

#include "base/json_read.h"
#include "stages/ensemble.h"

/* What models/precision.json says about one metric on one kind of skin: how much two photos of
 * unchanged skin differ. */
struct derm_precision {
    double sd_percent;  /* of the difference, for `objects` objects; 0: none */
    double sd_absolute; /* the same in the metric's unit; 0: none */
    double objects;
    double shared;      /* share of that variance, [0, 1], that more objects do not average out */
    const char *from;   /* what kind of photos, or which other figure, it is of; NULL: not said */
    double with_change; /* sd where there is a change, as a share of its concern's main metric's */
    double with_compression; /* sd in percent per step of JPEG quality between the photos */
};

/* What this pair says. The bootstrap over objects: the interval is in percent of the baseline, and
 * serves only where the baseline is large enough to divide by. The ensemble and the alignment: sd
 * of the follow-up's value, relative to it. */
struct derm_spread {
    double base_sd, follow_sd, change_sd;
    double percent_lo, percent_hi;
    struct derm_moved moved;
    double main_percent;    /* change of the concern's main metric in this place; 0: unknown */
    double control_percent; /* the same on untreated skin, when that is more than chance; else 0 */
    double compression;     /* steps of JPEG quality between the photos */
};

/* A table of the user's: DERM_EMALFORMED with a sentence that starts with its name unless every
 * metric that can be measured has its figures for all tones and resolutions that it names. */
derm_err derm_precision_check(const struct derm_json *table, const char *name,
                              struct derm_error *err) DERM_MUST_CHECK;

/* What is looked up. Regions of a face move more than the whole of it: each has a table. */
struct derm_precision_key {
    const char *metric;        /* its JSON id */
    bool whole;                /* the whole face or close-up */
    double ita_deg, px_per_mm; /* px_per_mm of the analysis grid */
};
derm_err derm_precision_read(const struct derm_json *table, const struct derm_precision_key *key,
                             struct derm_precision *out, struct derm_error *err) DERM_MUST_CHECK;

/* Of the table's classes of tone: which one a skin falls in, and what the table says of the i-th at
 * the key's resolution. *tone becomes its id, NULL past the last. */
int derm_precision_tone(const struct derm_json *table, double ita_deg);
int derm_precision_resolution(const struct derm_json *table, double px_per_mm);
derm_err derm_precision_of_tone(const struct derm_json *table, const struct derm_precision_key *key,
                                int i, const char **tone, struct derm_precision *out,
                                struct derm_error *err) DERM_MUST_CHECK;

/* The same by the numbers of the classes, whatever ita_deg and px_per_mm the key has. */
derm_err derm_precision_cell(const struct derm_json *table, const struct derm_precision_key *key,
                             int tone, int resolution, struct derm_precision *out,
                             struct derm_error *err) DERM_MUST_CHECK;

/* Fills the comparison part of r from r->base, r->follow and r->objects. floor: the smallest
 * baseline that a percentage may be taken of.
 *
 * The uncertainty has two parts, added in quadrature. Of what differs from object to object the
 * larger of two estimates counts: the bootstrap of this pair, which sees objects that change
 * unlike each other, and the table, which knows how little a bootstrap of few objects says; or a
 * third, what the program's limits decide, where that is larger. Of what
 * all objects share, which no bootstrap sees, the larger of the table's figure and of what small
 * errors of these photos would do: the table was measured with such errors, so they are not added.
 * What this pair's alignment does to areas is: it differs from pair to pair; so is what stronger
 * compression of one photo does, of which the table's pairs knew little.
 * And where much has changed, all is read less well: a share of the change itself is added. Where
 * untreated skin changed, its change is added, too: treated skin may have done the same untreated.
 *
 * The verdict is what this row would get alone: changed, if the interval leaves out 0, which is so
 * when the change exceeds MDC95. derm_decide_together has the last word. */
void derm_decide(struct derm_result *r, enum derm_better better,
                 const struct derm_precision *precision, const struct derm_spread *spread,
                 double floor);

/* Many rows, some of which exceed MDC95 by chance: takes back verdicts so that of those that stay
 * at most the share q is expected to be false. Rows that are not judged are left alone. */
void derm_decide_together(struct derm_result *r, int n, double q);

#endif
