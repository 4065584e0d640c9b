/* SPDX-License-Identifier: Apache-2.0 */
/* Which pigmented spots came up between two photos, for sure. A pure function of what a pair
 * measured. */
#ifndef DERM_STUDY_NEW_SPOTS_H
#define DERM_STUDY_NEW_SPOTS_H

#include "stages/frame.h"
#include "study/rules.h"

/* The fate of a spot in a comparison says what is known of it by itself, and is careful: one in a
 * hundred is called new by chance, and in uneven light a new one may be called darkened. An alert
 * asks something else: whether any spot is new. So only those count that were not found in the
 * baseline, that are pigment and not a fold or stubble, and that gained more than chance gives:
 * one alone more than to any of all spots, several as many as chance would not (Benjamini and
 * Hochberg, at most_chance). */
struct derm_new_spots {
    bool known; /* what chance gives */
    int spots, fresh;
};

/* Where the pair does not say what chance does to a spot, what it does to blanks is taken. */
struct derm_new_spots derm_new_spots_of(const struct derm_objects *spots,
                                        const struct derm_series_rules *rules);

#endif
