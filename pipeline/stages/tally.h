/* SPDX-License-Identifier: Apache-2.0 */
/* From objects to a metric: what each object contributes, their sum, a bootstrap over them and the
 * perturbation ensemble. */
#ifndef DERM_STAGES_TALLY_H
#define DERM_STAGES_TALLY_H

#include "stages/decide.h"
#include "stages/stage.h"

struct derm_place { /* where a metric is taken */
    enum derm_region region;
    unsigned without; /* bit r: not in region r, although the place holds it */
    double area_px;   /* skin in it, grid px2; in a pair common to both photos */
    double px_per_mm; /* nominal when the scale is unknown */
};

struct derm_tally {
    double base, follow; /* follow is 0 in an analysis */
    struct derm_spread spread;
    double floor; /* what the smallest object that is listed would add to the metric */
    int objects;
    bool undefined; /* a mean of nothing */
};

/* How often each draw of the bootstrap takes each object of a concern in one region: the same for
 * all its metrics. */
struct derm_draws {
    const struct derm_objects *objects; /* NULL: of nothing yet */
    enum derm_region region;
    int *member; /* the n objects in the region */
    int n;
    uint8_t *weight; /* of member i in draw b: weight[b row + i]; 0 from n to row */
    size_t row;
};

/* What a local metric is over. */
enum derm_kind derm_tally_kind(enum derm_metric_id metric);

/* The metric over its objects in one place. sd says how well the objects that were
 * seen stand for the skin; the relative error of the scale is kept apart, in the document's scale:
 * it cancels in a change, and adds 2 rel_sd to what is per area or an area. ensemble: of a pair,
 * NULL in an analysis. draws, at first zero,
 * keeps what the next metric of the concern and region needs, in run->scratch, which is cleared
 * for the next region. */
derm_err derm_tally_metric(struct derm_run *run, enum derm_metric_id metric,
                           const struct derm_objects *objects, const struct derm_place *place,
                           const struct derm_ensemble *ensemble, struct derm_draws *draws,
                           struct derm_tally *out) DERM_MUST_CHECK;

#endif
