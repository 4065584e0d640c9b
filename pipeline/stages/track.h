/* SPDX-License-Identifier: Apache-2.0 */
/* What became of one spot. A pure function of numbers. */
#ifndef DERM_STAGES_TRACK_H
#define DERM_STAGES_TRACK_H

#include "stages/frame.h"

struct derm_fate_rule {
    double sure;      /* in sd: how far beyond chance a statement has to be */
    double gone_od;   /* optical density below which nobody would call it a spot */
    double min_power; /* least chance that a spot as strong as before would have been seen */
};

/* before, after: contrast at the same place in the two photos; sd: of their difference in unchanged
 * skin, > 0; optical density all.
 *
 * A spot is gone only when it certainly was there, what is left is certainly below gone_od, and it
 * would have been seen, had it stayed: "not found" alone would call every faint spot gone. New is
 * the same with the photos exchanged. */
enum derm_fate derm_fate_of(double before, double after, double sd,
                            const struct derm_fate_rule *rule);

#endif
