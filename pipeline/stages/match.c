/* SPDX-License-Identifier: Apache-2.0 */
/* match: where the skin of the baseline photo lies in the follow-up, roughly.
 *
 * reads   face, lin   of both photos
 * writes  match       similarity, photo px to photo px; ratio of scales
 *
 * Two faces: least squares on landmarks that expression leaves alone. Everything else (close-ups,
 * turned heads, one face found only): keypoints and a vote (keypoints.h, vote.h). */
#include "stages/similarity.h"
#include "stages/stages.h"

/* MediaPipe indices of landmarks that a smile hardly moves: corners of the eyes, bridge of the
 * nose, middle of the forehead. */
static const int stable[] = { 33, 133, 362, 263, 6, 168, 197, 195, 9, 151, 10, 67, 297, 109, 338 };
enum { STABLE = sizeof(stable) / sizeof(stable[0]) };

static bool match_faces(struct derm_similarity *m, const struct derm_face *base,
                        const struct derm_face *follow)
{
    struct derm_pairing pair[STABLE];

    for (int i = 0; i < STABLE; i++)
        pair[i] = (struct derm_pairing){ base->at[stable[i]], follow->at[stable[i]], 1.0 };
    return derm_similarity_fit(m, pair, STABLE);
}

static derm_err run_match(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;
    struct derm_match *const match = &pair->match;
    struct derm_similarity m;

    (void)params;
    if (pair->base->face.used && pair->follow->face.used) {
        match->found = match_faces(&m, &pair->base->face, &pair->follow->face);
        match->inliers = STABLE;
        match->inlier_fraction = 1.0;
    }
    if (match->found) {
        match->follow_from_base[0][0] = match->follow_from_base[1][1] = m.a;
        match->follow_from_base[1][0] = m.b;
        match->follow_from_base[0][1] = -m.b;
        match->follow_from_base[0][2] = m.tx;
        match->follow_from_base[1][2] = m.ty;
        match->scale_ratio = derm_similarity_scale(&m);
    }
    return DERM_OK;
}

const struct derm_stage derm_stage_match = {
    .name = "match",
    .scope = DERM_PAIR,
    .reads = DERM_SLOT(rgb) | DERM_SLOT(lin) | DERM_SLOT(face),
    .writes = DERM_SLOT(match),
    .run = run_match,
};
