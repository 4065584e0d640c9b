/* SPDX-License-Identifier: Apache-2.0 */
/* warp: the follow-up on the baseline's grid, and the skin that both photos show.
 *
 * reads   registration, od, skin, regions, maps (of no use to anyone after this: given back)
 * writes  warped       resampled once, cubic, through the composed map; its neck is that of both
 *                      photos, where it is lined up
 *         common       baseline grid
 *
 * A refused pair keeps warped and common empty (px NULL). */
#include "kernels/bands.h"
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

struct job {
    const struct derm_kernels *k;
    struct derm_pair *pair;
    struct derm_plane dst, src; /* one colour */
    float most_error_px;
};

static void warp_band(const void *job, int y0, int y1, void *own)
{
    const struct job *const j = job;
    const struct derm_field *const map = &j->pair->registration.map;
    const struct derm_raster size = { j->src.w, j->src.h, j->src.stride };
    const float *const src = j->src.px;
    float *const at_x = own, *const at_y = at_x + j->dst.stride;

    for (int y = y0; y < y1; y++) {
        float *const dst = derm_row(&j->dst, y);
        derm_nodes_row(at_x, j->dst.w, &map->x, map->cell_px, &derm_field_whole, y);
        derm_nodes_row(at_y, j->dst.w, &map->y, map->cell_px, &derm_field_whole, y);
        j->k->cubic(&dst, &src, 1, &size, at_x, at_y, (size_t)j->dst.w);
    }
}

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

/* Of the necks what is skin in both and lined up. */
static void see_neck(const struct job *j, int y, const int32_t *at, const float *error)
{
    const struct derm_mask *const neck = &j->pair->warped.neck;
    const uint8_t *const base = derm_mask_row(&j->pair->base->view.neck, y);
    uint8_t *const both = derm_mask_row(neck, y);

    look_up(both, at, neck->w, &j->pair->follow->view.neck);
    for (int x = 0; x < neck->w; x++)
        both[x] = error[x] <= j->most_error_px ? both[x] & base[x] : 0x00;
}

/* The skin of the follow-up, and what is skin in both and lined up. */
static void see_band(const void *job, int y0, int y1, void *own)
{
    const struct job *const j = job;
    const struct derm_registration *const r = &j->pair->registration;
    const struct derm_mask *const skin = &j->pair->follow->view.skin;
    const struct derm_mask *const gloss = &j->pair->follow->view.gloss;
    const struct derm_mask *const seen = &j->pair->warped.skin;
    float *const at_x = own, *const at_y = at_x + j->dst.stride,
                 *const error = at_y + j->dst.stride;
    int32_t *const at = (int32_t *)(error + j->dst.stride); /* skin, gloss, neck: one size */

    for (int y = y0; y < y1; y++) {
        const uint8_t *const base = derm_mask_row(&j->pair->base->view.skin, y);
        uint8_t *const s = derm_mask_row(seen, y), *const both = derm_mask_row(&j->pair->common, y);
        derm_nodes_row(at_x, seen->w, &r->map.x, r->map.cell_px, &derm_field_whole, y);
        derm_nodes_row(at_y, seen->w, &r->map.y, r->map.cell_px, &derm_field_whole, y);
        derm_nodes_row(error, seen->w, &r->fb_error, r->map.cell_px, &derm_field_whole, y);
        find_samples(at, at_x, at_y, seen->w, skin);
        look_up(s, at, seen->w, skin);
        look_up(derm_mask_row(&j->pair->warped.gloss, y), at, seen->w, gloss);
        for (int x = 0; x < seen->w; x++) {
            const uint8_t common = s[x] & base[x];
            both[x] = error[x] <= j->most_error_px ? common : 0x00;
        }
        if (j->pair->warped.neck.px) see_neck(j, y, at, error);
    }
}

static void give_masks(struct derm_arena *keep, struct derm_view *v)
{
    derm_mask_give(keep, &v->skin);
    derm_mask_give(keep, &v->gloss);
    derm_bits_give(keep, &v->regions);
}

/* Planes of the follow-up that nothing asks for after this are given back as soon as they are read,
 * each colour for the next one. */
static derm_err warp_view(struct derm_run *run, struct derm_view *out, struct derm_frame *photo,
                          float most_error_px)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct derm_grid *const g = &out->grid;
    struct derm_view *const follow = &photo->view;
    struct job job = { .k = run->k, .pair = run->pair, .most_error_px = most_error_px };

    derm_plane_give(run->keep, &follow->melanin);
    derm_plane_give(run->keep, &run->pair->base->view.melanin);
    for (int c = 0; c < 3; c++) {
        DERM_TRY(derm_plane_raw(run->keep, &out->od[c], g->w, g->h));
        job.src = follow->od[c];
        job.dst = out->od[c];
        DERM_TRY(
            derm_bands_run(&f, g->h, 2 * sizeof(float) * (size_t)job.dst.stride, warp_band, &job));
        if (!photo->user_control.px) derm_plane_give(run->keep, &follow->od[c]); /* else: measure */
    }
    DERM_TRY(derm_mask_new(run->keep, &out->skin, g->w, g->h));
    DERM_TRY(derm_mask_new(run->keep, &out->gloss, g->w, g->h));
    DERM_TRY(derm_mask_new(run->keep, &run->pair->common, g->w, g->h));
    if (run->pair->registration.neck) DERM_TRY(derm_mask_new(run->keep, &out->neck, g->w, g->h));
    DERM_TRY(derm_bands_run(&f, g->h, 4 * sizeof(float) * (size_t)job.dst.stride, see_band, &job));
    if (!photo->user_control.px) give_masks(run->keep, follow);
    return DERM_OK;
}

static long long pixels_of(const struct derm_mask *m)
{
    long long n = 0;

    for (int y = 0; y < m->h; y++)
        for (int x = 0; x < m->w; x++)
            n += derm_mask_row(m, y)[x] != 0;
    return n;
}

static void check_common(struct derm_pair *pair, const struct params *p)
{
    const long long skin = pixels_of(&pair->base->view.skin), both = pixels_of(&pair->common);
    const double share = skin > 0 ? (double)both / (double)skin : 0.0;

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
    .reads = DERM_SLOT(registration) | DERM_SLOT(od) | DERM_SLOT(skin) | DERM_SLOT(regions) |
             DERM_SLOT(maps),
    .writes = DERM_SLOT(warped),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_warp,
};
