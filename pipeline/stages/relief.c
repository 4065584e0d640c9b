/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/relief.h"

#include <math.h>
#include <stdbool.h>

#include "base/num.h"
#include "stages/bandpass.h"
#include "stages/mask_ops.h"

struct work { /* a view at the working resolution */
    struct derm_plane red, green;
    struct derm_mask skin;
};

static derm_err shrink(const struct derm_filter *f, struct derm_plane *dst,
                       const struct derm_plane *src, const struct derm_relief *out)
{
    const struct derm_relief_part *const p = &out->part;

    if (out->step == 1.0) {
        *dst = (struct derm_plane){ derm_row(src, p->y0) + p->x0, p->w, p->h, src->stride };
        return DERM_OK;
    }
    DERM_TRY(derm_plane_raw(f->scratch, dst, p->w, p->h));
    return derm_resample_area(f, dst, src, p->x0 * out->step, p->y0 * out->step, out->step);
}

static derm_err make_work(const struct derm_filter *f, const struct derm_view *view,
                          struct derm_relief *out, struct work *work)
{
    const int w = out->part.w, h = out->part.h;

    DERM_TRY(shrink(f, &work->red, &view->od[0], out));
    DERM_TRY(shrink(f, &work->green, &view->od[1], out));
    DERM_TRY(derm_plane_raw(f->scratch, &out->skin, w, h));
    DERM_TRY(derm_resample_share(f, &out->skin, &view->skin, out->part.x0 * out->step,
                                 out->part.y0 * out->step, out->step));
    DERM_TRY(derm_mask_new(f->scratch, &work->skin, w, h));
    for (int y = 0; y < h; y++) {
        float *const s = derm_row(&out->skin, y);
        for (int x = 0; x < w; x++) {
            s[x] = s[x] > 0.75f ? 1.0f : 0.0f;
            derm_mask_row(&work->skin, y)[x] = s[x] > 0.0f ? 0xff : 0x00;
        }
    }
    return DERM_OK;
}

/* For the other view to take. The view's own planes are not of this arena and stay. */
static void give_work(const struct derm_filter *f, struct work *work)
{
    derm_plane_give(f->scratch, &work->red);
    derm_plane_give(f->scratch, &work->green);
    derm_mask_give(f->scratch, &work->skin);
}

static void mark_beyond(uint8_t *restrict out, const float *restrict x, float limit, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = fabsf(x[i]) > limit ? 0xff : 0x00;
}

/* weight <- skin without what stands out of the texture, dark or pale, and a margin around it:
 * spots, pores, scars and lines fade under treatment, and a flow that followed their edges would
 * hide it. The texture is in optical density still. */
static derm_err leave_out_marks(const struct derm_filter *f, const struct work *work,
                                const struct derm_relief_params *p, struct derm_relief *out,
                                struct derm_mask *plain)
{
    const size_t mark = f->scratch->used;
    struct derm_mask marks;
    double median, spread;
    int count;
    float limit;

    DERM_TRY(derm_mask_new(f->scratch, &marks, out->skin.w, out->skin.h));
    DERM_TRY(derm_masked_median(f, &out->texture, &work->skin, &median, &spread, &count));
    limit = fmaxf(p->mark_od, (float)((double)p->mark_z * spread));
    for (int y = 0; y < marks.h; y++)
        mark_beyond(derm_mask_row(&marks, y), derm_row(&out->texture, y), limit, marks.w);
    DERM_TRY(derm_dilate(f, &marks, &marks, (double)p->mark_grow_mm * out->grid.px_per_mm));
    for (int y = 0; y < marks.h; y++)
        for (int x = 0; x < marks.w; x++) {
            const bool use = derm_mask_row(&work->skin, y)[x] && !derm_mask_row(&marks, y)[x];
            derm_mask_row(plain, y)[x] = use ? 0xff : 0x00;
            derm_row(&out->weight, y)[x] = use ? 1.0f : 0.0f;
        }
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

double derm_relief_step(const struct derm_view *base, const struct derm_view *follow,
                        const struct derm_relief_params *p)
{
    const double most_px = 1e6 * (double)p->work_megapixels;
    const double base_px = (double)base->grid.w * base->grid.h;
    const double follow_px = (double)follow->grid.w * follow->grid.h;
    const double step = fmax(1.0, base->grid.px_per_mm / (double)p->work_px_per_mm);

    return fmax(step, sqrt(fmax(base_px, follow_px) / most_px));
}

struct derm_relief_part derm_relief_whole(const struct derm_view *view, double step)
{
    return (struct derm_relief_part){ 0, 0, imax(1, (int)(view->grid.w / step)),
                                      imax(1, (int)(view->grid.h / step)) };
}

struct derm_relief_part derm_relief_skin(const struct derm_view *view, double step, int cell_px)
{
    enum { NODES = 2 }; /* around the skin: each of its pixels lies between nodes */
    const struct derm_relief_part whole = derm_relief_whole(view, step);
    /* Rows of planes begin at whole vectors. */
    const int column_px = imax(cell_px, DERM_LANES);
    const struct derm_mask *const skin = &view->skin;
    int left = skin->w, right = 0, top = skin->h, bottom = 0;
    struct derm_relief_part part;

    for (int y = 0; y < skin->h; y++)
        for (int x = -1; (x = derm_mask_next(skin, y, x + 1)) < skin->w;) {
            left = imin(left, x);
            right = imax(right, x + 1);
            top = imin(top, y);
            bottom = y + 1;
        }
    if (right == 0) return (struct derm_relief_part){ 0 };
    part.x0 = imax(0, (int)(left / step) - NODES * cell_px) / column_px * column_px;
    part.y0 = imax(0, (int)(top / step) - NODES * cell_px) / cell_px * cell_px;
    part.w = imin(whole.w, (int)(right / step) + NODES * cell_px) - part.x0;
    part.h = imin(whole.h, (int)(bottom / step) + NODES * cell_px) - part.y0;
    return part;
}

static void set_grid(struct derm_grid *out, const struct derm_grid *of,
                     const struct derm_relief_part *part, double step)
{
    const double to_photo = of->step * step;

    *out = (struct derm_grid){ .x0 = of->x0 + part->x0 * to_photo,
                               .y0 = of->y0 + part->y0 * to_photo,
                               .step = to_photo,
                               .w = part->w,
                               .h = part->h,
                               .px_per_mm = of->px_per_mm / step };
}

derm_err derm_relief_build(const struct derm_filter *f, const struct derm_view *view,
                           const struct derm_relief_params *p, double step,
                           const struct derm_relief_part *part, struct derm_relief *out)
{
    struct work work;
    struct derm_plane slow;
    struct derm_mask plain;
    double s;
    int w, h;

    out->part = *part;
    out->step = step;
    set_grid(&out->grid, &view->grid, part, step);
    s = out->grid.px_per_mm;
    DERM_TRY(make_work(f, view, out, &work));
    w = out->skin.w;
    h = out->skin.h;
    DERM_TRY(derm_plane_raw(f->scratch, &out->texture, w, h));
    DERM_TRY(derm_plane_raw(f->scratch, &out->relief, w, h));
    DERM_TRY(derm_plane_raw(f->scratch, &out->weight, w, h));
    DERM_TRY(derm_plane_raw(f->scratch, &slow, w, h));
    DERM_TRY(derm_mask_new(f->scratch, &plain, w, h));

    DERM_TRY(derm_gaussian_masked(f, &out->texture, &work.green, &work.skin,
                                  (double)p->texture_fine_mm * s));
    DERM_TRY(derm_wide_mean(f, &slow, &work.green, &out->skin, (double)p->texture_coarse_mm * s));
    derm_subtract_weighted(&out->texture, &slow, &out->skin);
    DERM_TRY(leave_out_marks(f, &work, p, out, &plain));
    DERM_TRY(derm_unit_spread(f, &out->texture, &out->skin, (double)p->spread_mm * s,
                              p->spread_floor_od));

    /* Marks are left out of the means too: their halo would move with their edges. */
    DERM_TRY(derm_gaussian_masked(f, &slow, &work.red, &plain, (double)p->relief_coarse_mm * s));
    DERM_TRY(derm_gaussian(f, &out->relief, &work.red, (double)p->relief_fine_mm * s));
    derm_subtract_weighted(&out->relief, &slow, &out->weight);
    derm_plane_give(f->scratch, &slow);
    derm_mask_give(f->scratch, &plain);
    give_work(f, &work);
    return derm_unit_spread(f, &out->relief, &out->weight, (double)p->spread_mm * s,
                            p->spread_floor_od);
}
