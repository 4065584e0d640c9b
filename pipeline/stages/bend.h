/* SPDX-License-Identifier: Apache-2.0 */
/* A polynomial map of the plane, at most quadratic: what a similarity misses when a head has turned
 * (perspective, curvature), with few enough terms for noisy matches to carry. */
#ifndef DERM_STAGES_BEND_H
#define DERM_STAGES_BEND_H

#include "stages/similarity.h"

struct derm_point derm_bend_apply(const struct derm_bend *b, struct derm_point p);

/* Robust fit (Cauchy weights of width slack_px) starting from the weights given. 3 terms: affine;
 * 6: quadratic. False when the places do not determine it; b is then left alone. */
bool derm_bend_fit(struct derm_bend *b, int terms, const struct derm_pairing *pair, int n,
                   double slack_px);

#endif
