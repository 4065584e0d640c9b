/* SPDX-License-Identifier: Apache-2.0 */
/* The common skin in square cells: what light and camera do to a photo is wider than a pixel, and
 * seen best where noise and fine features are averaged out. */
#ifndef DERM_STAGES_CELLS_H
#define DERM_STAGES_CELLS_H

#include "stages/stage.h"

struct derm_cell {
    double x, y;               /* baseline grid px, centre */
    double base[3], follow[3]; /* mean optical density of R, G, B over the same skin */
    int n;                     /* pixels it is a mean of; 0: too little common skin */
};
struct derm_cells {
    int w, h;
    double size_px;       /* side of a cell, baseline grid */
    struct derm_cell *at; /* at[j w + i] */
};

/* Cells of side size_mm over the baseline's grid, in run->scratch. A cell counts when at least half
 * of it is common skin. Pixels are taken on a lattice, at least four along a side. */
derm_err derm_cells_new(struct derm_run *run, struct derm_cells *cells,
                        double size_mm) DERM_MUST_CHECK;

/* factor x factor cells in one; it counts when at least half of them do. */
derm_err derm_cells_merge(struct derm_run *run, struct derm_cells *out,
                          const struct derm_cells *cells, int factor) DERM_MUST_CHECK;

#endif
