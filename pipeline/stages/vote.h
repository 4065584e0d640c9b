/* SPDX-License-Identifier: Apache-2.0 */
/* Which similarity do most matches speak for? Every match carries a whole one (place, size, turn),
 * so each is tried as a hypothesis and judged by all others; the best are refitted to those that
 * agree. No random sampling, no bins. */
#ifndef DERM_STAGES_VOTE_H
#define DERM_STAGES_VOTE_H

#include "base/arena.h"
#include "stages/bend.h"
#include "stages/keypoints.h"

struct derm_vote_params {
    double size_px;   /* of the baseline image: its longer side */
    double tolerance; /* of size_px: how far a head is from flat */
    double least_scale, most_scale;
    double still_weight; /* of a match that has not moved at all, unless most have not */
};

struct derm_vote {
    struct derm_similarity from_a; /* px of image a to px of image b */
    struct derm_bend bend;         /* the same, finer; terms is 0 when the matches are too few */
    int inliers;
    double inlier_fraction; /* of all matches */
};

/* inliers is 0 when nothing agrees. */
derm_err derm_vote_similarity(struct derm_arena *scratch, const struct derm_keypoint *a,
                              const struct derm_keypoint *b,
                              const struct derm_keypoint_match *match, int n,
                              const struct derm_vote_params *params,
                              struct derm_vote *out) DERM_MUST_CHECK;

#endif
