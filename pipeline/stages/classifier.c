/* SPDX-License-Identifier: Apache-2.0 */
/* J. Friedman, Ann. Statist. 29, 1189 (2001) for boosted trees; C. Guo et al., ICML 2017, for the
 * temperature. */
#include "stages/classifier.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

static derm_err broken(struct derm_run *run, const char *what)
{
    return derm_fail(run->err, DERM_EMODEL,
                     "classifier.json: %s; install the models again, or make it again with "
                     "models/classifier.py",
                     what);
}

const char *derm_identity_name(int identity)
{
    static const char *const name[DERM_IDENTITIES + 1] = {
#define X(name, meaning) #name,
        DERM_IDENTITY_LIST(X)
#undef X
            "unsure",
    };
    return name[identity];
}

/* A list of names must be the program's own, in its order. */
static bool same_names(const struct derm_json *list, const char *(*name)(int), int n)
{
    int i = 0;

    if (derm_json_count(list) != n) return false;
    for (const struct derm_json *e = derm_json_first(list); e; e = derm_json_next(e), i++) {
        const char *const text = derm_json_as_text(e);

        if (!text || strcmp(text, name(i)) != 0) return false;
    }
    return true;
}

/* The next number of a list that is walked; false at its end. */
static bool next_number(const struct derm_json **at, double *out)
{
    const bool is = derm_json_as_number(*at, out);

    *at = derm_json_next(*at);
    return is;
}

static bool read_tree(const struct derm_json *list, struct derm_tree *t)
{
    const struct derm_json *at = derm_json_first(list);
    double v = 0;
    bool good = derm_json_count(list) == 1 + 2 * DERM_TREE_FORKS + DERM_TREE_LEAVES &&
                next_number(&at, &v) && v >= 0 && v < DERM_IDENTITIES;

    if (!good) return false;
    t->identity = (int)v;
    for (int i = 0; i < DERM_TREE_FORKS; i++) {
        if (!next_number(&at, &v) || !(v >= 0 && v < DERM_BLOB_FEATURES)) return false;
        t->feature[i] = (int)v;
    }
    for (int i = 0; i < DERM_TREE_FORKS; i++)
        good = good && next_number(&at, &t->above[i]);
    for (int i = 0; i < DERM_TREE_LEAVES; i++)
        good = good && next_number(&at, &t->value[i]);
    return good;
}

derm_err derm_classifier_read(struct derm_run *run, struct derm_classifier *c)
{
    const struct derm_json *table, *trees;
    struct derm_tree *tree;

    DERM_TRY(derm_models_table(run->models, "classifier", &table, run->err));
    if (!same_names(derm_json_get(table, "classes"), derm_identity_name, DERM_IDENTITIES))
        return broken(run, "its classes are others");
    if (!same_names(derm_json_get(table, "features"), derm_blob_feature_name, DERM_BLOB_FEATURES))
        return broken(run, "its features are others");
    DERM_TRY(derm_json_numbers(table, "prior", c->prior, DERM_IDENTITIES, run->err));
    DERM_TRY(derm_json_number(table, "temperature", &c->temperature, run->err));
    if (!(c->temperature > 0)) return broken(run, "its temperature is not above 0");
    trees = derm_json_get(table, "trees");
    c->k = run->k;
    c->trees = 0;
    DERM_TRY(
        derm_arena_new(run->scratch, &tree, (size_t)derm_json_count(trees) + 1, sizeof(*tree)));
    for (const struct derm_json *t = derm_json_first(trees); t; t = derm_json_next(t))
        if (!read_tree(t, &tree[c->trees++])) return broken(run, "a tree is malformed");
    if (c->trees == 0) return broken(run, "it has no trees");
    c->tree = tree;
    return DERM_OK;
}

_Static_assert(DERM_TREE_LEAVES == 8, "three levels");

/* The scores' softmax, in their place. */
static void cool(double score[DERM_IDENTITIES], double temperature)
{
    double most = -HUGE_VAL, sum = 0;

    for (int k = 0; k < DERM_IDENTITIES; k++)
        most = fmax(most, score[k]);
    for (int k = 0; k < DERM_IDENTITIES; k++) {
        score[k] = (double)derm_expf((float)((score[k] - most) / temperature));
        sum += score[k];
    }
    for (int k = 0; k < DERM_IDENTITIES; k++)
        score[k] /= sum;
}

enum { TOGETHER = 64 };

struct bench { /* some places, feature by feature */
    double feature[DERM_BLOB_FEATURES][TOGETHER];
    double score[DERM_IDENTITIES][TOGETHER];
};

static void lay_out(struct bench *b, const double prior[DERM_IDENTITIES],
                    double (*feature)[DERM_BLOB_FEATURES], int n)
{
    for (int k = 0; k < DERM_BLOB_FEATURES; k++)
        for (int i = 0; i < n; i++)
            b->feature[k][i] = feature[i][k];
    for (int k = 0; k < DERM_IDENTITIES; k++)
        for (int i = 0; i < n; i++)
            b->score[k][i] = prior[k];
}

static void ask(const struct derm_kernels *k, const struct derm_tree *t, struct bench *b, int n)
{
    const double *x[DERM_TREE_FORKS];

    for (int i = 0; i < DERM_TREE_FORKS; i++)
        x[i] = b->feature[t->feature[i]];
    k->vote(b->score[t->identity], x, t->above, t->value, (size_t)n);
}

/* A tree says its word on many places while it is in the cache; all trees do not fit there. */
void derm_classifier_ask(const struct derm_classifier *c, double (*feature)[DERM_BLOB_FEATURES],
                         int n, double (*probability)[DERM_IDENTITIES])
{
    for (int from = 0; from < n; from += TOGETHER) {
        const int some = imin(TOGETHER, n - from);
        struct bench b;

        lay_out(&b, c->prior, feature + from, some);
        for (int t = 0; t < c->trees; t++)
            ask(c->k, &c->tree[t], &b, some);
        for (int i = 0; i < some; i++) {
            for (int j = 0; j < DERM_IDENTITIES; j++)
                probability[from + i][j] = b.score[j][i];
            cool(probability[from + i], c->temperature);
        }
    }
}
