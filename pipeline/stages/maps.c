/* SPDX-License-Identifier: Apache-2.0 */
/* maps: splits the colour of skin into melanin and blood.
 *
 * reads   od (view.od), tone (weights of this subject)
 * writes  maps: view.melanin, view.blood, optical density (natural log)
 *
 * Both are weighted sums of the optical densities of R, G and B. The weights are the same for all
 * photos of a subject, so that a change of the maps is a change of the skin or of the light, never
 * of the weights. A gain or a cast of the light adds a constant to each map; contrast against the
 * surround is free of it. */
#include "stages/stages.h"

static derm_err mix(struct derm_run *run, struct derm_plane *out, const float weight[3])
{
    const struct derm_plane *const od = run->frame->view.od;

    DERM_TRY(derm_plane_new(run->keep, out, od->w, od->h));
    for (int y = 0; y < od->h; y++)
        run->k->mix3(derm_row(out, y), derm_row(&od[0], y), derm_row(&od[1], y),
                     derm_row(&od[2], y), weight, (size_t)od->w);
    return DERM_OK;
}

static derm_err run_maps(struct derm_run *run, const void *params)
{
    struct derm_view *const view = &run->frame->view;

    (void)params;
    DERM_TRY(mix(run, &view->melanin, run->tone->melanin));
    return mix(run, &view->blood, run->tone->blood);
}

const struct derm_stage derm_stage_maps = {
    .name = "maps",
    .scope = DERM_EACH,
    .reads = DERM_SLOT(od) | DERM_SLOT(tone),
    .writes = DERM_SLOT(maps),
    .run = run_maps,
};
