/* SPDX-License-Identifier: Apache-2.0 */
/* warp: the follow-up on the baseline's grid, and the skin that both photos show.
 *
 * reads   registration, od, skin, regions, maps, tone
 * writes  warped       resampled once, cubic, through the composed map
 *         common       baseline grid
 *
 * A refused pair keeps warped and common empty (px NULL). */
#include "stages/comparable.h"
#include "stages/field.h"
#include "stages/stages.h"

struct params {
    float loop_error_mm;
    float least_common;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, loop_error_mm, 0.3, 0.01, 5,
             "skin lined up worse is left out; algorithms.md 9"),
    DERM_OPT(struct params, least_common, 0.15, 0, 1,
             "share of the baseline's skin that must be common"),
    { 0 },
};

/* Planes of the follow-up that nothing asks for after this are given back as soon as they are read.
 */
static derm_err warp_planes(struct derm_run *run, struct derm_view *out, struct derm_frame *photo,
                            const struct derm_registration *r)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_view *const follow = &photo->view;
    const int w = r->x.w, h = r->x.h;

    for (int c = 0; c < 3; c++) {
        DERM_TRY(derm_plane_raw(run->keep, &out->od[c], w, h));
        DERM_TRY(derm_resample_map(&f, &out->od[c], &follow->od[c], &r->x, &r->y));
        derm_plane_give(run->keep, &follow->od[c]);
    }
    if (!photo->user_control.px) derm_plane_give(run->keep, &follow->melanin); /* else: measure */
    /* Pigment is linear in optical density, so it is made from the warped planes. */
    DERM_TRY(derm_plane_raw(run->keep, &out->melanin, w, h));
    for (int y = 0; y < h; y++) {
        const float *const red = derm_row(&out->od[0], y), *const green = derm_row(&out->od[1], y);
        const float *const blue = derm_row(&out->od[2], y);
        run->k->mix3(derm_row(&out->melanin, y), red, green, blue, run->tone->melanin, (size_t)w);
    }
    return DERM_OK;
}

static derm_err find_common(struct derm_run *run, const struct params *p)
{
    struct derm_pair *const pair = run->pair;
    const struct derm_registration *const r = &pair->registration;
    const struct derm_view *const base = &pair->base->view;
    const float limit_px = p->loop_error_mm * (float)base->grid.px_per_mm;
    long long skin = 0, both = 0;
    double share;

    DERM_TRY(derm_mask_new(run->keep, &pair->warped.skin, r->x.w, r->x.h));
    DERM_TRY(derm_mask_new(run->keep, &pair->common, r->x.w, r->x.h));
    for (int y = 0; y < r->x.h; y++) {
        const float *const px = derm_row(&r->x, y), *const py = derm_row(&r->y, y);
        const float *const e = derm_row(&r->fb_error, y);
        const uint8_t *const b = derm_mask_row(&base->skin, y);
        for (int x = 0; x < r->x.w; x++) {
            const bool seen = derm_mask_near(&pair->follow->view.skin, px[x], py[x]);
            const bool ok = seen && b[x] && e[x] <= limit_px;
            derm_mask_row(&pair->warped.skin, y)[x] = seen ? 0xff : 0x00;
            derm_mask_row(&pair->common, y)[x] = ok ? 0xff : 0x00;
            skin += b[x] != 0;
            both += ok;
        }
    }
    share = skin > 0 ? (double)both / (double)skin : 0.0;
    if (share < (double)p->least_common) {
        pair->comparability = DERM_INCOMPARABLE;
        derm_pair_note(pair, DERM_REASON_NO_COMMON_SKIN, DERM_SEVERITY_FAIL, "common_skin_fraction",
                       share, (double)p->least_common);
    }
    return DERM_OK;
}

static derm_err run_warp(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;

    if (!pair->registration.accepted) return DERM_OK;
    pair->warped.grid = pair->base->view.grid;
    pair->warped.regions = pair->base->view.regions;
    pair->warped.regions_visible = pair->base->view.regions_visible;
    DERM_TRY(warp_planes(run, &pair->warped, pair->follow, &pair->registration));
    DERM_TRY(find_common(run, params));
    derm_plane_give(run->keep, &pair->registration.fb_error);
    return DERM_OK;
}

const struct derm_stage derm_stage_warp = {
    .name = "warp",
    .scope = DERM_PAIR,
    .reads = DERM_SLOT(registration) | DERM_SLOT(od) | DERM_SLOT(skin) | DERM_SLOT(regions) |
             DERM_SLOT(tone) | DERM_SLOT(maps),
    .writes = DERM_SLOT(warped),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_warp,
};
