/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DERM_STAGES_ORDER_H
#define DERM_STAGES_ORDER_H

#include "stages/stage.h"

/* The numbers 0 .. n - 1 of places (grid px) tile by tile, so that what is near is looked at while
 * it is in the cache; in run->scratch. */
derm_err derm_order_by_tile(struct derm_run *run, const struct derm_grid *grid,
                            const struct derm_point *at, int n, int **order) DERM_MUST_CHECK;

#endif
