/* SPDX-License-Identifier: Apache-2.0 */
/* equalise: the sharper photo of a pair is brought to the blur of the other.
 *
 * reads   gauge, od, warped
 * writes  equalised       od of one photo, in place
 *
 * Blur acts on light, so it is light that is blurred, hair and all, as a camera would. Everything
 * after this sees two photos that are equally sharp; no other place deals with blur. */
#include <float.h>
#include <string.h>

#include "stages/gauge.h"
#include "stages/stages.h"

static void to_light(const struct derm_kernels *k, struct derm_plane *light,
                     const struct derm_plane *od)
{
    for (int y = 0; y < od->h; y++)
        k->light(derm_row(light, y), derm_row(od, y), (size_t)od->w);
}

static derm_err blur_view(struct derm_run *run, struct derm_view *v, double sigma_px)
{
    const struct derm_filter f = derm_run_filter(run);
    const size_t mark = run->scratch->used;
    struct derm_plane light;

    for (int c = 0; c < 3; c++) {
        DERM_TRY(derm_plane_raw(run->scratch, &light, v->od[c].w, v->od[c].h));
        to_light(run->k, &light, &v->od[c]);
        DERM_TRY(derm_gaussian(&f, &v->od[c], &light, sigma_px));
        for (int y = 0; y < light.h; y++) {
            run->k->density(derm_row(&light, y), derm_row(&v->od[c], y), FLT_MIN, (size_t)light.w);
            memcpy(derm_row(&v->od[c], y), derm_row(&light, y), sizeof(float) * (size_t)light.w);
        }
        derm_arena_reset(run->scratch, mark);
    }
    return DERM_OK;
}

static derm_err run_equalise(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;
    const struct derm_gauge *const g = &pair->gauge;

    (void)params;
    if (derm_gauge_sigma_px(g) <= 0) return DERM_OK; /* one picture twice */
    if (g->source != DERM_GAUGE_HAIR || pair->comparability == DERM_INCOMPARABLE) return DERM_OK;
    pair->equalised = g->variance_px2 > 0 ? 1 : 2;
    return blur_view(run, pair->equalised == 1 ? &pair->base->view : &pair->warped,
                     derm_gauge_sigma_px(g));
}

const struct derm_stage derm_stage_equalise = {
    .name = "equalise",
    .scope = DERM_PAIR,
    .reads = DERM_SLOT(gauge) | DERM_SLOT(od) | DERM_SLOT(warped) | DERM_SLOT(conditions),
    .writes = DERM_SLOT(equalised),
    .run = run_equalise,
};
