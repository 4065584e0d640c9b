/* SPDX-License-Identifier: Apache-2.0 */
/* maps: melanin, apart from the other pigment of skin.
 *
 * reads   od (view.od), tone (weights of this subject)
 * writes  maps: view.melanin of the photos of a pair, optical density (natural log), until they are
 * aligned: spots do not drive the alignment. Who searches a pigment mixes it as it is read
 *
 * It is a weighted sum of the optical densities of R, G and B. The weights are the same for all
 * photos of a subject, so that a change of the map is a change of the skin or of the light, never
 * of the weights. A gain or a cast of the light adds a constant; contrast against the
 * surround is free of it. */
#include "stages/maps.h"

#include "stages/stages.h"

void derm_pigment_mix(const struct derm_run *run, const struct derm_plane *out,
                      const struct derm_plane od[3], const float weight[3])
{
    for (int y = 0; y < out->h; y++)
        run->k->mix3(derm_row(out, y), derm_row(&od[0], y), derm_row(&od[1], y),
                     derm_row(&od[2], y), weight, (size_t)out->w);
}

static derm_err run_maps(struct derm_run *run, const void *params)
{
    struct derm_view *const view = &run->frame->view;
    const struct derm_plane *const od = view->od;

    (void)params;
    if (!run->pair) return DERM_OK;
    DERM_TRY(derm_plane_raw(run->keep, &view->melanin, od->w, od->h));
    derm_pigment_mix(run, &view->melanin, od, run->tone->melanin);
    return DERM_OK;
}

const struct derm_stage derm_stage_maps = {
    .name = "maps",
    .scope = DERM_EACH,
    .reads = DERM_SLOT(od) | DERM_SLOT(tone),
    .writes = DERM_SLOT(maps),
    .run = run_maps,
};
