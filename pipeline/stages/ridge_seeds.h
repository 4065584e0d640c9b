/* SPDX-License-Identifier: Apache-2.0 */
/* Where a trace of a ridge may start. */
#ifndef DERM_STAGES_RIDGE_SEEDS_H
#define DERM_STAGES_RIDGE_SEEDS_H

#include "stages/ridge_sheet.h"

struct derm_ridge_seed {
    struct derm_point at, along;
    double sign, z;
};

/* While a row of all three planes is at hand: which of its pixels may be one of a line (s->may, in
 * scratch), how deep they are (s->deep), and the planes are woven. Asks for the noise only. */
derm_err derm_ridge_look_over(struct derm_run *run, struct derm_sheet *s,
                              const struct derm_ridge_search *search) DERM_MUST_CHECK;

/* Of a sheet that has its limits the pixels that stand out on a straight line of their own, the
 * strongest first. *out is allocated in run->scratch; what they were chosen of is given back. */
derm_err derm_ridge_seeds(struct derm_run *run, struct derm_sheet *s,
                          const struct derm_ridge_search *search, struct derm_ridge_seed **out,
                          int *n) DERM_MUST_CHECK;

#endif
