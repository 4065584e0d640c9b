/* SPDX-License-Identifier: Apache-2.0 */
/* join_neck: from here on the neck is skin like any other.
 *
 * reads   skin, neck; in a pair the warped view, whose neck is what both photos show and lined up
 * writes  view.skin, and in a pair those of the warped view and common, with the neck */
#include "stages/comparable.h"
#include "stages/mask_ops.h"
#include "stages/stages.h"
#include <string.h>

/* The baseline of several pairs has its skin without the neck for the next one: see baseline.h. */
static derm_err add_to_copy(struct derm_arena *keep, struct derm_mask *skin,
                            const struct derm_mask *neck)
{
    const struct derm_mask head = *skin;

    DERM_TRY(derm_mask_raw(keep, skin, head.w, head.h));
    memcpy(skin->px, head.px, (size_t)head.stride * (size_t)head.h);
    derm_mask_or(skin, neck);
    return DERM_OK;
}

static derm_err run_join_neck(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;
    struct derm_frame *const photo = pair ? pair->base : run->frame;

    (void)params;
    if (!photo->face.used) return DERM_OK;
    if (!pair) {
        derm_mask_or(&photo->view.skin, &photo->view.neck);
        return DERM_OK;
    }
    if (!pair->warped.neck.px) return DERM_OK;
    derm_mask_or(&pair->warped.skin, &pair->warped.neck);
    derm_mask_or(&pair->common, &pair->warped.neck);
    return add_to_copy(run->keep, &photo->view.skin, &photo->view.neck);
}

const struct derm_stage derm_stage_join_neck = {
    .name = "join_neck",
    .scope = DERM_ONCE,
    .reads = DERM_SLOT(skin) | DERM_SLOT(neck) | DERM_SLOT(warped),
    .writes = DERM_SLOT(whole_skin),
    .run = run_join_neck,
};
