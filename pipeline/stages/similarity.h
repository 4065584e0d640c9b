/* SPDX-License-Identifier: Apache-2.0 */
/* Similarity transforms of the plane: (x, y) -> (a x - b y + tx, b x + a y + ty). */
#ifndef DERM_STAGES_SIMILARITY_H
#define DERM_STAGES_SIMILARITY_H

#include <math.h>

#include "stages/frame.h"

struct derm_similarity {
    double a, b, tx, ty;
};

static inline struct derm_point derm_similarity_apply(const struct derm_similarity *m,
                                                      struct derm_point p)
{
    return (struct derm_point){ m->a * p.x - m->b * p.y + m->tx, m->b * p.x + m->a * p.y + m->ty };
}

static inline double derm_similarity_scale(const struct derm_similarity *m)
{
    return sqrt(m->a * m->a + m->b * m->b);
}

struct derm_pairing { /* a place in one photo and in the other, with its say in a fit */
    struct derm_point from, to;
    double weight;
};

/* Weighted least squares (Umeyama 1991 in the plane). False when the places do not span a line. */
bool derm_similarity_fit(struct derm_similarity *m, const struct derm_pairing *pair, int n);

/* The match is found, and is *m (photo px to photo px). */
static inline void derm_match_by(struct derm_match *match, const struct derm_similarity *m)
{
    match->found = true;
    match->follow_from_base[0][0] = match->follow_from_base[1][1] = m->a;
    match->follow_from_base[1][0] = m->b;
    match->follow_from_base[0][1] = -m->b;
    match->follow_from_base[0][2] = m->tx;
    match->follow_from_base[1][2] = m->ty;
    match->scale_ratio = derm_similarity_scale(m);
}

#endif
