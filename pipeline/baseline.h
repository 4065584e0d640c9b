/* SPDX-License-Identifier: Apache-2.0 */
/* A photo that several others are compared with: what is found of it alone is found once.
 *
 * Known after the first comparison is the photo itself, its face and its scale; its keypoints, if
 * they were asked for; and, for as long as the pairs are measured on one grid, its skin, regions
 * and quality. Its optical density is made anew for each pair: a pair may blur it. */
#ifndef DERM_BASELINE_H
#define DERM_BASELINE_H

#include "stages/work.h"

struct derm_baseline { /* zero before its first comparison */
    uint64_t known;    /* slots; the rest is 0 */
    size_t of_photo;   /* bytes of keep; what lies beyond is of one grid */
    struct derm_arena keep;
    struct derm_frame frame;
};

/* Gives a comparison's frame what is known. cap: of its own arena, bytes. */
derm_err derm_baseline_begin(struct derm_baseline *b, struct derm_frame *frame, size_t cap,
                             struct derm_error *err) DERM_MUST_CHECK;

/* Whether all that a stage writes is known. */
static inline bool derm_baseline_knows(const struct derm_baseline *b, const struct derm_stage *s)
{
    return b && !(s->writes & ~b->known);
}

/* Where a stage on the photo allocates: what is of the photo outlives the pair, whose arena is
 * keep. */
struct derm_arena *derm_baseline_arena(struct derm_baseline *b, const struct derm_stage *s,
                                       struct derm_arena *keep);

/* After a stage on the photo. */
derm_err derm_baseline_learn(struct derm_baseline *b, struct derm_frame *frame,
                             const struct derm_stage *s) DERM_MUST_CHECK;

void derm_baseline_free(struct derm_baseline *b);

#endif
