/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the acceptance suite share. One file per concern:
 *
 *   acceptance.c           the program: which parts run, by two threads; the printed tables
 *   acceptance_table.c     rows with target, figure and sampling error; the golden table
 *   acceptance_sampling.c  statistics and their sampling errors
 *   acceptance_pair.c      one pair of pictures through the whole pipeline, and what it read
 *   acceptance_alter.c     what is done to photos afterwards
 *   acceptance_nuisance.c  how two photos of one skin differ
 *   acceptance_phantom.c   the series of phantom pairs, and the tables below the rows
 *   acceptance_rows.c      the rows made of them
 *   acceptance_intervals.c those of flags, intervals and verdicts
 *   acceptance_document.c  row 17, second half: what documents print of each tone
 *   acceptance_photo.c     the rows that are measured on photos of faces
 *   acceptance_pores.c     average precision of pores
 *   acceptance_refusal.c   the rows of what must be refused
 *   acceptance_wrinkles.c  wrinkles and fine lines, each with its scenes: wrinkle_scenes.h
 *   acceptance_cuts.c      scars of cuts
 *   acceptance_striae.c    stretch marks
 *   acceptance_concerns.c  red marks, lesions, what a spot is
 *
 * Only odd seeds and odd people, but for the command that tunes: it sees the even seeds alone. */
#ifndef DERM_TRUTH_ACCEPTANCE_H
#define DERM_TRUTH_ACCEPTANCE_H

#include <stdbool.h>
#include <stdio.h>

#include "context.h"
#include "stages/work.h"

#include "phantom_samples.h"

enum { TONES = 6, NUISANCES = 12, CIRCUMSTANCES = 12, MOST_PAIRS = 1024 };
extern const char *const tone_name[TONES]; /* "I" to "VI" */
enum { KINDS = PHANTOM_SCAR + 1 };         /* of phantom_kind: those that have a row */
extern const char *const kind_name[KINDS];

/* ---- acceptance_sampling.c: an error is one standard error. A unit (a skin, a person, a photo) is
 * what has its things in common; how sure a figure is depends on how many units it rests on. */
struct estimate {
    double value, error; /* error HUGE_VAL: one unit says nothing of others */
    int n, units;        /* of things, and of the units that they come in */
};
enum { MOST_UNITS = 2048 };
/* A figure of units, the i-th of which was drawn times[i] times. */
typedef double unit_figure(const int *times, const void *of);
struct estimate estimate_by_units(int units, int n, unit_figure *figure, const void *of);
/* x has n > 0 numbers; unit says what each belongs to, in any order. Without it, or NULL: each is a
 * unit of its own. */
struct estimate estimate_mean(const double *x, int n);
struct estimate estimate_sd(const double *x, const int *unit, int n);
struct estimate estimate_rms(const double *x, const int *unit, int n);
struct estimate estimate_quantile(double *x, int n, double q); /* sorts x */
struct shares {                                                /* of things that hit or miss */
    int hits, n, units;
    struct share {
        int unit, hits, n;
    } of[MOST_UNITS];
};
void shares_add(struct shares *s, int unit, int hits, int n);
struct estimate estimate_share(const struct shares *s);      /* n 0: there is nothing */
double correlation(const double *x, const double *y, int n); /* Pearson's; 0 where undefined */
/* Largest sd of a group over the smallest; groups with fewer than 3 numbers are left out. */
struct estimate estimate_sd_ratio(const double *x, const int *group, int n, int groups);

/* ---- acceptance_table.c */
enum goal { AT_MOST, AT_LEAST, WITHIN, REPORTED /* an error that has no target */ };
struct figure {
    const char *row, *what; /* literals */
    enum goal goal;
    double target, target_hi; /* AT_MOST: of the figure without its sign */
    bool measured, skipped;   /* skipped: its photos are not here */
    struct estimate is;
    bool recorded; /* in the golden table, as */
    double was;
    char limited_by[900];
    const char *otherwise; /* what meets the target, too; NULL: nothing does */
    bool otherwise_met;
};
enum { MOST_FIGURES = 96 };
struct table {
    struct figure figure[MOST_FIGURES];
    int n;
};
/* A new row, not measured yet. */
struct figure *table_row(struct table *t, const char *row, const char *what, enum goal goal,
                         double target, double target_hi);
void figure_set(struct figure *f, struct estimate is);
/* Adds to what limits a row, as printf does. */
void figure_limit(struct figure *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The figure is a share of so many things: no finer than one of them. */
void figure_limit_sample(struct figure *f, const char *things);
bool figure_met(const struct figure *f);
void table_append(struct table *t, const struct table *more);
void table_print(const struct table *t, FILE *out);
void table_bless(const struct table *t, const char *path);
/* Notes what was recorded. Prints what became worse by more than the recorded sampling error; how
 * many. */
int table_regressions(struct table *t, const char *path);

/* ---- acceptance_alter.c */
enum alteration {
    UNALTERED,
    SMOOTHED,      /* by a third of a millimetre, but for edges: pores and relief go */
    SEPARATED,     /* what is wider than half a millimetre evened out, the finest structure kept */
    SHARPENED_2PX, /* unsharp masks of 60 % and of 100 % */
    SHARPENED_15PX,
    ALTERATIONS
};
void alter(enum alteration how, uint8_t *rgb, int w, int h, double px_per_mm);
/* An altered copy of a photo, JPEG. */
void alter_photo(enum alteration how, const struct derm_rgb8 *photo, double px_per_mm,
                 const char *to);

/* ---- acceptance_pair.c */
struct reading { /* of the main metric of one kind of feature, in percent of the baseline */
    bool measured, judged; /* judged: the document gives a verdict */
    double truth, percent, lo, hi;
    enum derm_verdict verdict;
    enum derm_component dominated_by; /* what most of the interval's width is */
    bool at_features;                 /* there are objects that lie on features of this kind */
    double features_percent;          /* the change over these alone */
};
enum mistaken { /* what is taken for a spot, or lies on one; TWICE: one spot found as several */
                MISTAKEN_SCAR,
                MISTAKEN_PORE,
                MISTAKEN_FLUSH,
                MISTAKEN_HAIR,
                MISTAKEN_SKIN,
                MISTAKEN_TWICE,
                MISTAKEN
};
extern const char *const mistaken_name[MISTAKEN];
struct pair_result {
    int tone, nuisance; /* nuisance: index, where only one was put on */
    double ita_deg, fade[PHANTOM_KINDS], circumstance[CIRCUMSTANCES];
    bool registered;
    struct reading of[KINDS];
    unsigned verdicts;     /* bit c: concern c improved or worsened, says the summary */
    uint64_t flags[KINDS]; /* bit r: reason r was given against the feature */
    double tre_median_mm, tre_p95_mm;
    int spots, spots_found, objects, objects_right; /* in the baseline */
    int mistaken[MISTAKEN];                         /* what the other objects are */
    int missed[MISTAKEN];                           /* what is where spots were not found */
    double strength, strength_missed;               /* of all spots, of those missed: sums */
    unsigned tones_printed;                         /* see lab_tones_printed */
    double area_lost_mm2[KINDS], area_hidden_mm2[KINDS];
};
struct lab { /* what a comparison needs; work is that of the last one */
    derm_context *ctx;
    struct derm_arena keep;
    struct derm_work work;
    char path[2][256]; /* of pictures made for it */
};
void lab_open(struct lab *l);
void lab_close(struct lab *l);
/* px_per_mm NULL: photos of faces. Ends the program when the photos cannot be read. */
void lab_compare(struct lab *l, const char *base, const char *follow, const double px_per_mm[2]);
struct reading lab_reading(const struct lab *l, enum derm_metric_id metric,
                           enum derm_region region);
/* Bit c: the last comparison says that concern c improved or worsened, there as a whole. */
unsigned lab_verdicts(const struct lab *l, enum derm_region region);
/* Bit t: the document of the last comparison gives a null figure of this metric for tone t that was
 * measured on it. */
unsigned lab_tones_printed(struct lab *l, enum derm_metric_id metric);

struct phantom_pair {
    int tone;
    double ita_deg;
    struct phantom_shot shot[2];
    double fade[PHANTOM_KINDS]; /* of the follow-up */
    double spot_change;         /* percent, true; 0: what fade gives */
    double least_spot_od;       /* weaker spots are taken off the skin */
    double shrink;              /* of all radii in the follow-up; 0: none */
    enum alteration alteration; /* of the follow-up */
    bool same_base;             /* the baseline is the photo of the pair before */
};
struct pair_result run_phantom_pair(struct lab *l, const struct phantom_pair *p);

/* ---- acceptance_nuisance.c */
struct nuisance {
    const char *name;
    double gain, cct_k, cast, gradient, azimuth_deg, oil, defocus_px, s_curve;
};
extern const struct nuisance nuisances[NUISANCES]; /* the first: none */
double tone_ita(int tone);                         /* the middle of its range, degrees */
enum half { TUNING, REPORTING };                   /* of the seeds: the even ones, the odd ones */
/* A skin of this tone in two photos that differ by pose, noise and compression. */
struct phantom_pair draw_pair(int tone, int number, enum half half);
void disturb_one(struct phantom_pair *p, const struct nuisance *n);
void disturb_all(struct phantom_pair *p, int number);
/* What an error may go with: how much the two photos differ in each respect, with its sign, and
 * what is on the skin. */
extern const char *const circumstance_name[CIRCUMSTANCES];
void circumstances(const struct phantom_pair *p, double d[CIRCUMSTANCES]);
/* Adds that n errors go with a circumstance, unless that may be chance; r: Pearson's. */
void figure_limit_correlated(struct figure *f, int which, double r, int n);

/* ---- acceptance_phantom.c */
struct series {
    struct pair_result pair[MOST_PAIRS];
    int n;
};
struct campaign {
    struct series all;    /* all nuisances together, fadings of 0, 10, 20, 40 % */
    struct series single; /* one nuisance at a time, nothing fades; none at all comes first */
    struct series power;  /* all nuisances, spots of at least .2 OD fade by 20 % */
    struct series shrunk; /* all nuisances; spots, pores and scars shrink */
    struct series altered[ALTERATIONS]; /* nothing else differs but pose and noise */
};
struct scope {
    bool quick; /* the share that CI runs */
    enum half half;
};
struct job {
    struct phantom_pair pair;
    struct pair_result *result;
    int nuisance;
};
/* The pairs of a campaign, in chunks that do not depend on each other. */
struct plan {
    struct job job[MOST_PAIRS];
    int n;
};
void plan_campaign(struct campaign *c, const struct scope *scope, struct plan *plan);
int plan_chunks(const struct plan *plan);
void run_chunk(const struct plan *plan, int chunk);
void print_groups(const struct campaign *c);
void print_detection(const struct campaign *c);
void print_nuisances(const struct campaign *c);

/* Which readings of a series. */
struct pick {
    enum phantom_kind kind;
    int tone_from, tone_to;
    double ita_above;
    double fade;  /* EVERY: all */
    int nuisance; /* EVERY: all */
};
enum { EVERY = -1 };
static const double any_ita = -91;
/* Reading minus truth of those that the documents judge; returns how many. asked: those that were
 * to be read. */
int collect(const struct series *s, const struct pick *p, double error[MOST_PAIRS], int *asked);
/* Which skin each of those shows: the number of the first pair of it. */
void collect_skins(const struct series *s, const struct pick *p, int skin[MOST_PAIRS]);
/* The same error over the objects that lie on features of this kind, nothing else. */
int collect_at_features(const struct series *s, const struct pick *p, double error[MOST_PAIRS]);
/* The same skin, pose and noise as pair i of such a series, without the nuisance. */
int undisturbed(const struct series *s, int i);
/* The circumstance that goes best with the error; r: Pearson's. */
int strongest_circumstance(const struct series *s, const struct pick *p, double *r);
/* The same of the median error of registration, over the pairs that were lined up. */
int strongest_on_registration(const struct series *s, double *r);
/* Adds the 95 % intervals of those: how many cover the truth. Units are pairs. */
void count_covered(const struct series *s, const struct pick *p, struct shares *covered);
/* Mean half of their width over the RMS error; 1.96 would do if errors were normal. */
double relative_width(const struct series *s, const struct pick *p);

/* The other way to meet row 17; a row of its own, so that a document that fails it shows. */
struct figure *row_of_printed_tones(struct table *t, const struct campaign *c);

/* ---- acceptance_rows.c */
void rows_of_phantoms(struct table *t, const struct campaign *c);

/* ---- acceptance_intervals.c */
void rows_of_flags(struct table *t, const struct campaign *c);
void rows_of_intervals(struct table *t, const struct campaign *c);

/* ---- the files of the other rows: photos may be missing */
void rows_of_refusals(struct table *t, const struct campaign *c, const struct scope *scope);
void rows_of_photos(struct table *t, const struct scope *scope);
void rows_of_pores(struct table *t, const struct scope *scope);
void rows_of_wrinkles(struct table *t, const struct scope *scope);
void rows_of_cuts(struct table *t, const struct scope *scope);
void rows_of_striae(struct table *t, const struct scope *scope);
void rows_of_redness(struct table *t, const struct scope *scope);
void rows_of_classifier(struct table *t, const struct scope *scope);
void rows_of_lesions(struct table *t, const struct scope *scope);

#endif
