/* SPDX-License-Identifier: Apache-2.0 */
/* warp: the follow-up on the baseline's grid, and the skin that both photos show.
 *
 * reads   registration, od, skin, regions
 * writes  warped       resampled once, cubic, through the composed map; its neck is that of both
 *                      photos, where it is lined up
 *         common       baseline grid
 *
 * A refused pair keeps warped and common empty (px NULL). */
#include <string.h>

#include "kernels/bands.h"
#include "stages/comparable.h"
#include "stages/field.h"
#include "stages/mask_ops.h"
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

struct job {
    const struct derm_kernels *k;
    struct derm_pair *pair;
    float most_error_px;
};

/* The sample of a mask at the upper left of each place, -1 where there are not four around it. */
static void find_samples(int32_t *restrict at, const float *restrict x, const float *restrict y,
                         int n, const struct derm_mask *mask)
{
    const float right = (float)(mask->w - 1), bottom = (float)(mask->h - 1);
    const int32_t stride = (int32_t)mask->stride;

    for (int i = 0; i < n; i++) {
        const int in = (x[i] >= 0.0f) & (y[i] >= 0.0f) & (x[i] < right) & (y[i] < bottom);
        const float u = in ? x[i] : 0.0f, v = in ? y[i] : 0.0f;
        const int32_t sample = (int32_t)v * stride + (int32_t)u;

        at[i] = in ? sample : -1;
    }
}

/* Where all four are set. */
static void look_up(uint8_t *restrict out, const int32_t *restrict at, int n,
                    const struct derm_mask *mask)
{
    for (int i = 0; i < n; i++) {
        const uint8_t *const a = mask->px + at[i], *const b = a + mask->stride;

        out[i] = at[i] < 0 ? 0x00 : a[0] & a[1] & b[0] & b[1];
    }
}

/* both = what is set in base and in both, where the two photos are lined up. */
static void keep_common(uint8_t *restrict both, const uint8_t *restrict base,
                        const float *restrict error, float most_error, int n)
{
    for (int x = 0; x < n; x++)
        both[x] &= base[x] & (error[x] <= most_error ? 0xff : 0x00);
}

/* The map of the neck lines up nothing of the head, whose skin reaches up to it beside the jaw. */
static void leave_out_neck(uint8_t *restrict both, const float *restrict of_neck, int n)
{
    for (int x = 0; x < n; x++)
        both[x] &= of_neck[x] > 0.0f ? 0x00 : 0xff;
}

/* Which of a row's places are skin, glossy, and skin in both; of the necks what is in both. */
static void see_row(const struct job *j, int y, const int32_t *at, const float *error,
                    const float *of_neck)
{
    const struct derm_view *const base = &j->pair->base->view, *const out = &j->pair->warped;
    const struct derm_view *const follow = &j->pair->follow->view;
    const int n = out->grid.w;
    uint8_t *const both = derm_mask_row(&j->pair->common, y);

    look_up(derm_mask_row(&out->skin, y), at, n, &follow->skin);
    look_up(derm_mask_row(&out->gloss, y), at, n, &follow->gloss);
    memcpy(both, derm_mask_row(&out->skin, y), (size_t)n);
    keep_common(both, derm_mask_row(&base->skin, y), error, j->most_error_px, n);
    if (!out->neck.px) return;
    leave_out_neck(both, of_neck, n);
    look_up(derm_mask_row(&out->neck, y), at, n, &follow->neck);
    keep_common(derm_mask_row(&out->neck, y), derm_mask_row(&base->neck, y), error,
                j->most_error_px, n);
}

static void warp_band(const void *job, int y0, int y1, void *own)
{
    const struct job *const j = job;
    const struct derm_registration *const r = &j->pair->registration;
    const struct derm_view *const follow = &j->pair->follow->view, *const out = &j->pair->warped;
    const struct derm_raster size = { follow->grid.w, follow->grid.h, follow->od[0].stride };
    const float *const src[3] = { follow->od[0].px, follow->od[1].px, follow->od[2].px };
    const ptrdiff_t row = out->od[0].stride;
    float *const at_x = own, *const at_y = at_x + row, *const error = at_y + row;
    float *const of_neck = error + row;
    int32_t *const at = (int32_t *)(of_neck + row); /* in all masks: they are of one size */
    const int n = out->grid.w;

    for (int y = y0; y < y1; y++) {
        float *const dst[3] = { derm_row(&out->od[0], y), derm_row(&out->od[1], y),
                                derm_row(&out->od[2], y) };

        derm_nodes_row(j->k, at_x, n, &r->map.x, r->map.cell_px, &derm_field_whole, y);
        derm_nodes_row(j->k, at_y, n, &r->map.y, r->map.cell_px, &derm_field_whole, y);
        derm_nodes_row(j->k, error, n, &r->fb_error, r->map.cell_px, &derm_field_whole, y);
        j->k->cubic(dst, src, 3, &size, at_x, at_y, (size_t)n);
        find_samples(at, at_x, at_y, n, &follow->skin);
        if (r->of_neck.px)
            derm_nodes_row(j->k, of_neck, n, &r->of_neck, r->map.cell_px, &derm_field_whole, y);
        see_row(j, y, at, error, of_neck);
    }
}

/* What was warped. */
static void give_warped(struct derm_arena *keep, struct derm_view *v)
{
    for (int c = 0; c < 3; c++)
        derm_plane_give(keep, &v->od[c]);
    derm_mask_give(keep, &v->skin);
    derm_mask_give(keep, &v->gloss);
}

static derm_err warp_view(struct derm_run *run, struct derm_view *out, struct derm_frame *photo,
                          float most_error_px)
{
    const struct derm_filter f = derm_run_filter(run);
    const int w = out->grid.w, h = out->grid.h;
    const bool measured = photo->user_control.px != NULL; /* once more, in its own geometry */
    const struct job job = { run->k, run->pair, most_error_px };

    if (!measured) derm_bits_give(run->keep, &photo->view.regions);
    for (int c = 0; c < 3; c++)
        DERM_TRY(derm_plane_raw(run->keep, &out->od[c], w, h));
    DERM_TRY(derm_mask_raw(run->keep, &out->skin, w, h));
    DERM_TRY(derm_mask_raw(run->keep, &out->gloss, w, h));
    DERM_TRY(derm_mask_raw(run->keep, &run->pair->common, w, h));
    if (run->pair->registration.of_neck.px) DERM_TRY(derm_mask_raw(run->keep, &out->neck, w, h));
    DERM_TRY(derm_bands_run(&f, h, 5 * sizeof(float) * (size_t)out->od[0].stride, warp_band, &job));
    if (!measured) give_warped(run->keep, &photo->view);
    return DERM_OK;
}

static void check_common(struct derm_pair *pair, const struct params *p)
{
    const double skin = derm_mask_count(&pair->base->view.skin);
    const double share = skin > 0 ? derm_mask_count(&pair->common) / skin : 0.0;

    if (share >= (double)p->least_common) return;
    pair->comparability = DERM_INCOMPARABLE;
    derm_pair_note(pair, DERM_REASON_NO_COMMON_SKIN, DERM_SEVERITY_FAIL, "common_skin_fraction",
                   share, (double)p->least_common);
}

static derm_err run_warp(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;
    const struct params *const p = params;

    if (!pair->registration.accepted) return DERM_OK;
    pair->warped.grid = pair->base->view.grid;
    pair->warped.regions = pair->base->view.regions;
    pair->warped.regions_visible = pair->base->view.regions_visible;
    DERM_TRY(warp_view(run, &pair->warped, pair->follow,
                       p->loop_error_mm * (float)pair->warped.grid.px_per_mm));
    check_common(pair, p);
    return DERM_OK;
}

const struct derm_stage derm_stage_warp = {
    .name = "warp",
    .scope = DERM_PAIR,
    .reads = DERM_SLOT(registration) | DERM_SLOT(od) | DERM_SLOT(skin) | DERM_SLOT(regions),
    .writes = DERM_SLOT(warped),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_warp,
};
