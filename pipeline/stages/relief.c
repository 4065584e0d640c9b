/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/relief.h"

#include <math.h>

#include "base/num.h"

/* Sums of src w and of w in the cells of a lattice. */
static void cell_sums(struct derm_plane *num, struct derm_plane *den, const struct derm_plane *src,
                      const struct derm_plane *w, int cell_px)
{
    for (int y = 0; y < src->h; y++) {
        const float *const s = derm_row(src, y), *const m = derm_row(w, y);
        float *const n = derm_row(num, y / cell_px), *const d = derm_row(den, y / cell_px);
        for (int x0 = 0, i = 0; x0 < src->w; x0 += cell_px, i++) {
            const int x1 = imin(x0 + cell_px, src->w);
            float a = 0.0f, b = 0.0f;
            for (int x = x0; x < x1; x++) {
                a += s[x] * m[x];
                b += m[x];
            }
            n[i] += a;
            d[i] += b;
        }
    }
}

static void divide(struct derm_plane *num, const struct derm_plane *den, float floor_weight)
{
    for (int y = 0; y < num->h; y++) {
        float *const n = derm_row(num, y);
        const float *const d = derm_row(den, y);
        for (int x = 0; x < num->w; x++)
            n[x] = d[x] > floor_weight ? n[x] / d[x] : 0.0f;
    }
}

/* Weighted Gaussian mean, wide kernels only: sums in cells of about half a sigma, blurred there,
 * interpolated back. */
static derm_err wide_mean(const struct derm_filter *f, struct derm_plane *dst,
                          const struct derm_plane *src, const struct derm_plane *weight,
                          double sigma_px)
{
    const size_t mark = f->scratch->used;
    const int cell_px = clampi((int)(sigma_px / 2.0), 1, 16);
    const double sigma_cells = sigma_px / cell_px;
    /* Summing in cells and interpolating linearly add 1/12 + 1/6 cell^2 of variance. */
    const double own = sqrt(fmax(sigma_cells * sigma_cells - 0.25, 0.04));
    struct derm_field sums; /* x: weighted sum, y: weight */

    DERM_TRY(derm_field_new(f->scratch, &sums, src->w, src->h, cell_px));
    cell_sums(&sums.x, &sums.y, src, weight, cell_px);
    DERM_TRY(derm_gaussian(f, &sums.x, &sums.x, own));
    DERM_TRY(derm_gaussian(f, &sums.y, &sums.y, own));
    divide(&sums.x, &sums.y, 1e-4f);
    derm_nodes_expand(dst, &sums.x, cell_px, &(struct derm_field_window){ 0, 0, 1, 1, 0 });
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

/* dst <- band / local spread of band on the skin, 0 elsewhere. */
static derm_err normalise(const struct derm_filter *f, struct derm_plane *band,
                          const struct derm_plane *skin, double sigma_px, float floor_od)
{
    const size_t mark = f->scratch->used;
    struct derm_plane square;

    DERM_TRY(derm_plane_new(f->scratch, &square, band->w, band->h));
    for (int y = 0; y < band->h; y++)
        for (int x = 0; x < band->w; x++)
            derm_row(&square, y)[x] = derm_row(band, y)[x] * derm_row(band, y)[x];
    DERM_TRY(wide_mean(f, &square, &square, skin, sigma_px));
    for (int y = 0; y < band->h; y++) {
        float *const b = derm_row(band, y);
        const float *const v = derm_row(&square, y), *const m = derm_row(skin, y);
        for (int x = 0; x < band->w; x++)
            /* Beyond 4 spreads it is a hair or a mole, which must not outvote the skin. */
            b[x] = m[x] * clampf(b[x] / sqrtf(v[x] + floor_od * floor_od), -4.0f, 4.0f);
    }
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

static void subtract(struct derm_plane *a, const struct derm_plane *b, const struct derm_plane *m)
{
    for (int y = 0; y < a->h; y++)
        for (int x = 0; x < a->w; x++)
            derm_row(a, y)[x] = (derm_row(a, y)[x] - derm_row(b, y)[x]) * derm_row(m, y)[x];
}

struct work { /* a view at the working resolution */
    struct derm_plane red, green, melanin;
    struct derm_mask skin;
};

static derm_err shrink(const struct derm_filter *f, struct derm_plane *dst,
                       const struct derm_plane *src, const struct derm_relief *out, int w, int h)
{
    if (out->step == 1.0) {
        *dst = *src;
        return DERM_OK;
    }
    DERM_TRY(derm_plane_new(f->scratch, dst, w, h));
    return derm_resample_area(f, dst, src, 0.0, 0.0, out->step);
}

static derm_err make_work(const struct derm_filter *f, const struct derm_view *view,
                          struct derm_relief *out, struct work *work)
{
    const int w = imax(1, (int)(view->grid.w / out->step));
    const int h = imax(1, (int)(view->grid.h / out->step));
    struct derm_plane cover;

    DERM_TRY(derm_plane_new(f->scratch, &cover, view->skin.w, view->skin.h));
    for (int y = 0; y < cover.h; y++)
        for (int x = 0; x < cover.w; x++)
            derm_row(&cover, y)[x] = derm_mask_row(&view->skin, y)[x] ? 1.0f : 0.0f;
    DERM_TRY(shrink(f, &out->skin, &cover, out, w, h));
    DERM_TRY(shrink(f, &work->red, &view->od[0], out, w, h));
    DERM_TRY(shrink(f, &work->green, &view->od[1], out, w, h));
    DERM_TRY(shrink(f, &work->melanin, &view->melanin, out, w, h));
    DERM_TRY(derm_mask_new(f->scratch, &work->skin, w, h));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            float *const s = derm_row(&out->skin, y) + x;
            *s = *s > 0.75f ? 1.0f : 0.0f;
            derm_mask_row(&work->skin, y)[x] = *s > 0.0f ? 0xff : 0x00;
        }
    return DERM_OK;
}

/* weight <- skin without pigmented spots and a margin around them: they fade under treatment, and a
 * flow that followed their edges would hide it. */
static derm_err leave_out_spots(const struct derm_filter *f, const struct work *work,
                                const struct derm_relief_params *p, struct derm_relief *out)
{
    const double s = out->px_per_mm;
    const size_t mark = f->scratch->used;
    struct derm_plane band, slow;
    struct derm_mask spots;
    double median, spread;
    int count;
    float limit;

    DERM_TRY(derm_plane_new(f->scratch, &band, out->skin.w, out->skin.h));
    DERM_TRY(derm_plane_new(f->scratch, &slow, out->skin.w, out->skin.h));
    DERM_TRY(derm_mask_new(f->scratch, &spots, out->skin.w, out->skin.h));
    DERM_TRY(derm_gaussian_masked(f, &band, &work->melanin, &work->skin,
                                  (double)p->texture_fine_mm * s));
    DERM_TRY(wide_mean(f, &slow, &work->melanin, &out->skin, (double)p->spot_coarse_mm * s));
    subtract(&band, &slow, &out->skin);
    DERM_TRY(derm_masked_median(f, &band, &work->skin, &median, &spread, &count));
    limit = fmaxf(p->spot_od, (float)(median + (double)p->spot_z * spread));
    for (int y = 0; y < band.h; y++)
        for (int x = 0; x < band.w; x++)
            derm_mask_row(&spots, y)[x] = derm_row(&band, y)[x] > limit ? 0xff : 0x00;
    DERM_TRY(derm_dilate(f, &spots, &spots, (double)p->spot_grow_mm * s));
    for (int y = 0; y < band.h; y++)
        for (int x = 0; x < band.w; x++)
            derm_row(&out->weight, y)[x] =
                derm_mask_row(&spots, y)[x] ? 0.0f : derm_row(&out->skin, y)[x];
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

derm_err derm_relief_build(const struct derm_filter *f, const struct derm_view *view,
                           const struct derm_relief_params *p, struct derm_relief *out)
{
    struct work work;
    struct derm_plane slow;
    double s;
    int w, h;

    out->step = fmax(1.0, view->grid.px_per_mm / (double)p->work_px_per_mm);
    out->px_per_mm = s = view->grid.px_per_mm / out->step;
    DERM_TRY(make_work(f, view, out, &work));
    w = out->skin.w;
    h = out->skin.h;
    DERM_TRY(derm_plane_new(f->scratch, &out->texture, w, h));
    DERM_TRY(derm_plane_new(f->scratch, &out->relief, w, h));
    DERM_TRY(derm_plane_new(f->scratch, &out->weight, w, h));
    DERM_TRY(derm_plane_new(f->scratch, &slow, w, h));

    DERM_TRY(derm_gaussian_masked(f, &out->texture, &work.green, &work.skin,
                                  (double)p->texture_fine_mm * s));
    DERM_TRY(wide_mean(f, &slow, &work.green, &out->skin, (double)p->texture_coarse_mm * s));
    subtract(&out->texture, &slow, &out->skin);
    DERM_TRY(normalise(f, &out->texture, &out->skin, (double)p->spread_mm * s, p->spread_floor_od));

    DERM_TRY(
        derm_gaussian_masked(f, &slow, &work.red, &work.skin, (double)p->relief_coarse_mm * s));
    DERM_TRY(derm_gaussian(f, &out->relief, &work.red, (double)p->relief_fine_mm * s));
    subtract(&out->relief, &slow, &out->skin);
    DERM_TRY(normalise(f, &out->relief, &out->skin, (double)p->spread_mm * s, p->spread_floor_od));
    return leave_out_spots(f, &work, p, out);
}
