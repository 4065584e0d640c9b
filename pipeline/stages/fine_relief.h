/* SPDX-License-Identifier: Apache-2.0 */
/* The finest structure of the common skin in both photos: how much there is, and along which way it
 * is lit.
 *
 * Light from a side shows the slopes that lie along it, so the derivatives of fine relief are
 * larger along the light than across it: for relief without a direction of its own their energy
 * goes as cos^2 of the angle to the light (Kube & Pentland 1988, IEEE Trans Pattern Anal 10:704).
 */
#ifndef DERM_STAGES_FINE_RELIEF_H
#define DERM_STAGES_FINE_RELIEF_H

#include "stages/stage.h"

struct derm_relief_change {
    double detail;      /* ratio of the photos' median derivatives, >= 1 */
    bool has_azimuth;   /* both photos are lit from a side */
    double azimuth_deg; /* between the two ways of the light across the skin, 0..90 */
    double one_sided;   /* |change| of the share of the energy that lies along the light */
};

derm_err derm_relief_change(struct derm_run *run, struct derm_relief_change *out,
                            bool *known) DERM_MUST_CHECK;

#endif
