/* SPDX-License-Identifier: Apache-2.0 */
/* Stubble: dense fine texture. Single dark points are pores or spots, an area full of them is not.
 */
#include <math.h>

#include "stages/skin_colour.h"

/* Of a face on its coarse grid, about 1.5 px/mm: hairs are finer than the first, lie more densely
 * than the second. */
static const double detail_px = 1.5, window_px = 3;

static void density_row(const struct derm_run *run, float *od, const struct derm_skin_planes *p,
                        int y)
{
    static const float luminance[3] = { 0.2126f, 0.7152f, 0.0722f }; /* IEC 61966-2-1 */
    const float darkest = 0.002f;                                    /* of white: noise below */
    const size_t n = (size_t)p->grid.w;

    run->k->mix3(od, derm_row(&p->lin[0], y), derm_row(&p->lin[1], y), derm_row(&p->lin[2], y),
                 luminance, n);
    for (size_t i = 0; i < n; i++)
        od[i] = -derm_lnf(fmaxf(od[i], darkest));
}

/* RMS of what is finer than detail_px. */
static derm_err fine_texture(const struct derm_run *run, struct derm_plane *texture,
                             const struct derm_skin_planes *p, const struct derm_mask *valid)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_plane od, slow;

    DERM_TRY(derm_plane_new(run->scratch, &od, p->grid.w, p->grid.h));
    DERM_TRY(derm_plane_new(run->scratch, &slow, p->grid.w, p->grid.h));
    DERM_TRY(derm_plane_new(run->scratch, texture, p->grid.w, p->grid.h));
    for (int y = 0; y < p->grid.h; y++)
        density_row(run, derm_row(&od, y), p, y);
    DERM_TRY(derm_gaussian_masked(&f, &slow, &od, valid, detail_px));
    for (int y = 0; y < p->grid.h; y++)
        for (int x = 0; x < p->grid.w; x++) {
            const float fine = derm_row(&od, y)[x] - derm_row(&slow, y)[x];
            derm_row(&od, y)[x] = fine * fine;
        }
    DERM_TRY(derm_gaussian_masked(&f, texture, &od, valid, window_px));
    for (int y = 0; y < p->grid.h; y++)
        for (int x = 0; x < p->grid.w; x++)
            derm_row(texture, y)[x] = sqrtf(fmaxf(derm_row(texture, y)[x], 0));
    return DERM_OK;
}

derm_err derm_skin_find_stubble(const struct derm_run *run, struct derm_mask *out,
                                const struct derm_skin_planes *p, const struct derm_mask *seed,
                                const struct derm_mask *valid, double max_factor,
                                double min_texture, double radius_px)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_mask rough, core;
    struct derm_plane texture;
    double median, mad, limit;
    int count;

    DERM_TRY(fine_texture(run, &texture, p, valid));
    DERM_TRY(derm_masked_median(&f, &texture, seed, &median, &mad, &count));
    limit = fmax(min_texture, max_factor * median);
    DERM_TRY(derm_mask_new(run->scratch, &rough, p->grid.w, p->grid.h));
    DERM_TRY(derm_mask_new(run->scratch, &core, p->grid.w, p->grid.h));
    for (int y = 0; y < p->grid.h; y++)
        for (int x = 0; x < p->grid.w; x++)
            if ((double)derm_row(&texture, y)[x] > limit || !derm_mask_row(valid, y)[x])
                derm_mask_row(&rough, y)[x] = 0xff;
    DERM_TRY(derm_erode(&f, &core, &rough, radius_px));
    return derm_dilate(&f, out, &core, radius_px);
}
