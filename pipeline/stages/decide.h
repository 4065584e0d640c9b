/* SPDX-License-Identifier: Apache-2.0 */
/* Is a change more than what two photos of unchanged skin would show? Pure functions of numbers. */
#ifndef DERM_STAGES_DECIDE_H
#define DERM_STAGES_DECIDE_H

#include "base/json_read.h"
#include "stages/frame.h"

/* What models/precision.json says about one metric on one kind of skin. */
struct derm_precision {
    double sd_percent;  /* of the difference of two photos of unchanged skin; 0: none */
    double sd_absolute; /* the same in the metric's unit; 0: none */
    double objects;     /* how many objects sd_percent rests on */
    int min_objects;
};

/* What the bootstrap over objects says. The interval is in percent of the baseline, and serves only
 * where the baseline is large enough to divide by. */
struct derm_spread {
    double base_sd, follow_sd, change_sd;
    double percent_lo, percent_hi;
};

/* Tone groups by ITA; metric: its JSON id. */
derm_err derm_precision_read(const struct derm_json *table, const char *metric, double ita_deg,
                             struct derm_precision *out, struct derm_error *err) DERM_MUST_CHECK;

/* Fills the comparison part of r from r->base, r->follow and r->objects. floor: the smallest
 * baseline that a percentage may be taken of.
 *
 * The spread over objects and the null figure are added in quadrature: objects that all fade alike
 * have no spread, and are still no more certain than two photos of the same skin. The null figure
 * grows as 1 / sqrt(n) when there are fewer objects than it was measured on, so that one spot has
 * to change more than twenty. The verdict needs both: a change beyond MDC95 and an interval without
 * 0. */
void derm_decide(struct derm_result *r, enum derm_better better,
                 const struct derm_precision *precision, const struct derm_spread *spread,
                 double floor);

#endif
