/* SPDX-License-Identifier: Apache-2.0 */
/* part_neck: takes the neck of a face out of its skin, and the shade of the chin out of the neck.
 *
 * reads   od, skin, regions
 * writes  view.neck    skin of the neck, if enough of it is seen
 *         view.skin    without what lies below the head
 *
 * The neck turns and tilts against the head, and the chin shades it. What is asked of a photo or of
 * two by their skin - light, colour, do they show the same person - is asked of the head alone. The
 * neck is lined up by itself (register), and belongs to the skin from stage join_neck on. The strip
 * next to the jaw moves with it and counts as the head's up to then, and untreated skin that the
 * user marked is meant for comparison with the face and stays. */
#include "stages/mask_ops.h"
#include "stages/reduced.h"
#include "stages/stages.h"

struct params {
    float max_px_per_mm, smooth_mm, max_shade;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, max_px_per_mm, 2, 0.1, 14, "resolution at which shade is looked for"),
    DERM_OPT(struct params, smooth_mm, 1.5, 0.1, 20,
             "sigma: shade is broader than spots and lines"),
    DERM_OPT(struct params, max_shade, 0.4, 0.01, 5,
             "darker than the median of the neck by this is shade, optical density: a third of the "
             "light is gone"),
    { 0 },
};

static void part(struct derm_view *view, bool seen)
{
    const unsigned neck = 1u << DERM_REGION_NECK, control = 1u << DERM_REGION_CONTROL;
    const int head_h = view->grid.h - view->grid.neck_h;

    for (int y = 0; y < view->grid.h; y++) {
        const uint16_t *const region = derm_bits_row(&view->regions, y);
        uint8_t *const skin = derm_mask_row(&view->skin, y);
        uint8_t *const to = derm_mask_row(&view->neck, y);

        for (int x = 0; x < view->grid.w; x++) {
            if (region[x] & control) continue;
            to[x] = seen && region[x] & neck ? skin[x] : 0;
            if (y >= head_h) skin[x] = 0;
        }
    }
}

static derm_err leave_out_shade(const struct derm_run *run, struct derm_view *view,
                                const struct derm_reduced *reduced, const struct derm_plane *od,
                                double max_shade)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_mask shade, wide;
    double median, mad;
    int count;

    DERM_TRY(derm_masked_median(&f, od, &reduced->where, &median, &mad, &count));
    DERM_TRY(derm_mask_new(run->scratch, &shade, od->w, od->h));
    DERM_TRY(derm_mask_new(run->scratch, &wide, view->grid.w, view->grid.h));
    for (int y = 0; y < od->h; y++)
        for (int x = 0; x < od->w; x++)
            if ((double)derm_row(od, y)[x] > median + max_shade) derm_mask_row(&shade, y)[x] = 0xff;
    DERM_TRY(derm_mask_stretch(run->scratch, &wide, &shade));
    derm_mask_and_not(&view->neck, &wide);
    return DERM_OK;
}

static derm_err run_part_neck(struct derm_run *run, const void *params)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct params *const p = params;
    struct derm_view *const view = &run->frame->view;
    const bool seen = view->regions_visible >> DERM_REGION_NECK & 1;
    struct derm_reduced reduced;
    struct derm_plane od, smooth;

    if (!run->frame->face.used) return DERM_OK;
    DERM_TRY(derm_mask_new(run->keep, &view->neck, view->grid.w, view->grid.h));
    part(view, seen);
    if (!seen) return DERM_OK;
    DERM_TRY(derm_reduced_new(run, &reduced, &view->neck, view->grid.px_per_mm,
                              (double)p->max_px_per_mm, (double)p->smooth_mm));
    DERM_TRY(derm_reduced_plane(run, &reduced, &od, &view->od[1], &view->neck));
    DERM_TRY(derm_plane_raw(run->scratch, &smooth, od.w, od.h));
    DERM_TRY(derm_gaussian_masked(&f, &smooth, &od, &reduced.where,
                                  (double)p->smooth_mm * reduced.px_per_mm));
    return leave_out_shade(run, view, &reduced, &smooth, (double)p->max_shade);
}

const struct derm_stage derm_stage_part_neck = {
    .name = "part_neck",
    .scope = DERM_EACH,
    .reads = DERM_SLOT(grid) | DERM_SLOT(od) | DERM_SLOT(skin) | DERM_SLOT(regions),
    .writes = DERM_SLOT(neck),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_part_neck,
};
