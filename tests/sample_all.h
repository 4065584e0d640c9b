/* SPDX-License-Identifier: Apache-2.0 */
/* What a segmenter measures of all objects of a list in one view, as a stage does with what it has
 * prepared. */
#ifndef DERM_TEST_SAMPLE_ALL_H
#define DERM_TEST_SAMPLE_ALL_H

#include "stages/segment.h"

static inline derm_err sample_all(struct derm_run *run, const struct derm_segmenter *s,
                                  const void *params, const struct derm_view *view,
                                  const struct derm_mask *where, const struct derm_objects *objects,
                                  double *value, double *area_px)
{
    const size_t mark = run->scratch->used;
    const void *prepared;

    DERM_TRY(s->prepare(run, params, view, where, &prepared));
    DERM_TRY(s->sample(run, params, prepared, objects, 0, value, area_px));
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

#endif
