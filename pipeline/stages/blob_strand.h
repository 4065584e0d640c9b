/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a fine dark line runs on through a place: a hair does, a pore or a spot does not. */
#ifndef DERM_STAGES_BLOB_STRAND_H
#define DERM_STAGES_BLOB_STRAND_H

#include "stages/blob_features.h"

struct derm_strand { /* how much darker the line is than what lies beside it, optical density */
    double both;     /* in the direction in which it goes on on both sides, the weaker side */
    double usual;    /* rms over all directions */
};

/* od: of red, which shows hair best. Place in px of it. */
struct derm_strand derm_strand_at(const struct derm_kernels *k, const struct derm_plane *od,
                                  const struct derm_blob_place *place, double px_per_mm);

#endif
