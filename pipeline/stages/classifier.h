/* SPDX-License-Identifier: Apache-2.0 */
/* models/classifier.json: boosted trees that say what a spot is. Each class has a score, the sum of
 * what its trees say; the softmax of the scores, cooled by a temperature that was fitted on skin
 * that the trees had not seen, gives calibrated probabilities. How it was made, and how good it is:
 * models/classifier.md. */
#ifndef DERM_STAGES_CLASSIFIER_H
#define DERM_STAGES_CLASSIFIER_H

#include "stages/blob_features.h"
#include "stages/identity.h"

enum { DERM_TREE_LEAVES = 8, DERM_TREE_FORKS = DERM_TREE_LEAVES - 1 };

struct derm_tree { /* complete, three levels; below fork i are 2 i + 1 and, when above, 2 i + 2 */
    int identity;
    int feature[DERM_TREE_FORKS];
    double above[DERM_TREE_FORKS];
    double value[DERM_TREE_LEAVES];
};
struct derm_classifier {
    const struct derm_kernels *k;
    double prior[DERM_IDENTITIES];
    double temperature;
    const struct derm_tree *tree;
    int trees;
};

/* In run->scratch. DERM_EMODEL with a sentence when the table is not one of this program's. */
derm_err derm_classifier_read(struct derm_run *run, struct derm_classifier *c) DERM_MUST_CHECK;

/* Probabilities of the identities of n places; their sum is 1. */
void derm_classifier_ask(const struct derm_classifier *c, double (*feature)[DERM_BLOB_FEATURES],
                         int n, double (*probability)[DERM_IDENTITIES]);

#endif
