/* SPDX-License-Identifier: Apache-2.0 */
/* What became of one lesion: a spot, a red mark, a hollow. A pure function of numbers. */
#ifndef DERM_STAGES_TRACK_H
#define DERM_STAGES_TRACK_H

#include "stages/frame.h"

struct derm_fate_rule {
    double sure;      /* in sd: how far beyond chance a statement has to be */
    double gone_od;   /* contrast below which nobody would call it a lesion */
    double min_power; /* least chance that a lesion as strong as before would have been seen */
};

struct derm_sight { /* of a lesion in one photo; optical density all */
    double contrast;
    double most; /* the upper end of its interval */
    double sd;   /* > 0: of the change of a lesion as strong as this, where nothing changed */
};

/* seen: at the same place in the two photos; sd: of the change of this lesion's contrast where
 * nothing changed, > 0.
 *
 * A lesion is gone only when it certainly was there, what is left is certainly below gone_od, and
 * it would have been seen, had it stayed: "not found" alone would call every faint one gone. New is
 * the same with the photos exchanged. */
enum derm_fate derm_fate_of(const struct derm_sight seen[2], double sd,
                            const struct derm_fate_rule *rule);

#endif
