/* SPDX-License-Identifier: Apache-2.0 */
/* How much relief a hollow has: the energy of a band of optical density in its footprint, above
 * that of the skin around it. */
#ifndef DERM_STAGES_HOLLOW_ENERGY_H
#define DERM_STAGES_HOLLOW_ENERGY_H

#include "stages/reduced.h"

struct derm_hollow_bench {
    const struct derm_reduced *c;
    const struct derm_plane *od, *soft; /* reduced; soft: by the finer Gaussian of the band */
    double coarse_mm;                   /* sigma of the broader one */
    double ring_lo_mm, ring_hi_mm;      /* of the surround, beyond the farthest pixel */
};

/* Of each object from `first` on, whose labels are of the reduced grid: its area x (energy - energy
 * of the surround), od^2 x grid px2, and its area, grid px2. */
derm_err derm_hollow_energy(struct derm_run *run, const struct derm_hollow_bench *b,
                            const struct derm_objects *objects, int first, double *value,
                            double *area_px) DERM_MUST_CHECK;

#endif
