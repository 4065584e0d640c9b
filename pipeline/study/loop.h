/* SPDX-License-Identifier: Apache-2.0 */
/* Around a loop: from the baseline straight to a visit, or by way of the visit before. Both ways
 * should end at the same place and with the same change; an error of alignment that all gates of
 * one pair let pass shows here. */
#ifndef DERM_STUDY_LOOP_H
#define DERM_STUDY_LOOP_H

#include "stages/frame.h"

/* What is left of a registration when its pair is gone: where places of one photo are in the other.
 */
struct derm_place_map {
    struct derm_field map; /* px NULL: not registered */
    struct derm_mask seen; /* at its nodes: on skin that both photos show */
    struct derm_grid from, to;
    bool scaled; /* the scale of `to` is known */
};
derm_err derm_place_map_of(const struct derm_pair *pair, struct derm_arena *keep,
                           struct derm_place_map *out) DERM_MUST_CHECK;

struct derm_loop {
    int places;         /* compared; 0: the two ways have none in common, and the distances are 0 */
    double median, p95; /* distance of the two ends, mm; px of the visit's photo without a scale */
    bool scaled;
};
derm_err derm_loop_of(const struct derm_place_map *straight, const struct derm_place_map *before,
                      const struct derm_place_map *step, struct derm_arena *scratch,
                      struct derm_loop *out) DERM_MUST_CHECK;

/* The other way as a coarse alignment of the baseline with the visit. found: it has enough places.
 */
derm_err derm_loop_match(const struct derm_place_map *before, const struct derm_place_map *step,
                         struct derm_arena *scratch, struct derm_match *out) DERM_MUST_CHECK;

/* The change on the straight way less that on the other, with the sd of all three: more than they
 * have, since each photo's own error cancels around the loop. */
struct derm_value derm_loop_gap(const struct derm_result *straight,
                                const struct derm_result *before, const struct derm_result *step);

#endif
