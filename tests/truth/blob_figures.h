/* SPDX-License-Identifier: Apache-2.0 */
/* How well the classifier knows places whose class is known. */
#ifndef DERM_TRUTH_BLOB_FIGURES_H
#define DERM_TRUTH_BLOB_FIGURES_H

#include "stages/classifier.h"

#include "blob_scenes.h"

enum { CELLS = 10, FIRST_SCENE = 100000 };

struct blob_figures {
    int said[DERM_IDENTITIES][DERM_IDENTITIES]; /* [truth][said] */
    int n, sure, sure_right;
    struct {
        int n, right;
        double probability;
    } cell[CELLS]; /* by probability of what is said */
};

/* What the classifier says of the places of one photo, added. */
static inline void judge(struct blob_figures *f, const struct derm_classifier *c,
                         const struct blobs_of *b)
{
    for (int i = 0; i < b->n; i++) {
        double p[DERM_IDENTITIES];
        int best = 0;

        if (b->item[i].klass == BLOB_UNKNOWN) continue;
        derm_classifier_ask(c, &b->item[i].feature, 1, &p);
        for (int k = 1; k < DERM_IDENTITIES; k++)
            if (p[k] > p[best]) best = k;
        const bool right = best == b->item[i].klass;
        const int cell = (int)fmin(p[best] * CELLS, CELLS - 1);

        f->said[b->item[i].klass][best]++;
        f->n++;
        f->sure += p[best] >= 0.6;
        f->sure_right += p[best] >= 0.6 && right;
        f->cell[cell].n++;
        f->cell[cell].right += right;
        f->cell[cell].probability += p[best];
    }
}

static inline double blob_f1(const struct blob_figures *f, int k)
{
    int truth = 0, said = 0;

    for (int i = 0; i < DERM_IDENTITIES; i++) {
        truth += f->said[k][i];
        said += f->said[i][k];
    }
    return truth + said > 0 ? 2.0 * f->said[k][k] / (truth + said) : 0;
}

static inline double macro_f1(const struct blob_figures *f)
{
    double sum = 0;

    for (int k = 0; k < DERM_IDENTITIES; k++)
        sum += blob_f1(f, k) / DERM_IDENTITIES;
    return sum;
}

static inline double calibration_error(const struct blob_figures *f)
{
    double sum = 0;

    for (int i = 0; i < CELLS; i++)
        sum += fabs(f->cell[i].right - f->cell[i].probability) / fmax(f->n, 1);
    return sum;
}

static inline struct derm_classifier classifier_of(struct blob_lab *l)
{
    struct derm_run run = blob_run(l);
    struct derm_classifier c;

    if (derm_classifier_read(&run, &c) != DERM_OK) blob_die(run.err->text);
    return c;
}

/* A phantom's places, added. */
static inline void judge_scene(struct blob_lab *l, uint64_t seed, struct blob_figures *f)
{
    struct blobs_of b = scene_rows(l, seed);
    const struct derm_classifier c = classifier_of(l);

    judge(f, &c, &b);
    free(b.item);
}

static inline void add_figures(struct blob_figures *sum, const struct blob_figures *f)
{
    for (int t = 0; t < DERM_IDENTITIES; t++)
        for (int k = 0; k < DERM_IDENTITIES; k++)
            sum->said[t][k] += f->said[t][k];
    sum->n += f->n;
    sum->sure += f->sure;
    sum->sure_right += f->sure_right;
    for (int i = 0; i < CELLS; i++) {
        sum->cell[i].n += f->cell[i].n;
        sum->cell[i].right += f->cell[i].right;
        sum->cell[i].probability += f->cell[i].probability;
    }
}

#endif
