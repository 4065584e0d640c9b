/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/bandpass.h"

#include <math.h>

#include "base/num.h"
#include "stages/field.h"

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
derm_err derm_wide_mean(const struct derm_filter *f, struct derm_plane *dst,
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
    derm_nodes_expand(f->k, dst, &sums.x, cell_px);
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

derm_err derm_unit_spread(const struct derm_filter *f, struct derm_plane *band,
                          const struct derm_plane *weight, double sigma_px, float least_od)
{
    const size_t mark = f->scratch->used;
    struct derm_plane square;

    DERM_TRY(derm_plane_raw(f->scratch, &square, band->w, band->h));
    for (int y = 0; y < band->h; y++) {
        const float *const b = derm_row(band, y);
        float *const s = derm_row(&square, y);
        for (int x = 0; x < band->w; x++)
            s[x] = b[x] * b[x];
    }
    DERM_TRY(derm_wide_mean(f, &square, &square, weight, sigma_px));
    for (int y = 0; y < band->h; y++) {
        float *const b = derm_row(band, y);
        const float *const v = derm_row(&square, y), *const m = derm_row(weight, y);
        for (int x = 0; x < band->w; x++) {
            const float square_od = v[x] > 0.0f ? v[x] : 0.0f;
            /* Beyond 4 spreads it is a hair or a mole, which must not outvote the skin. */
            b[x] = m[x] * clampf(b[x] / sqrtf(square_od + least_od * least_od), -4.0f, 4.0f);
        }
    }
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

void derm_subtract_weighted(struct derm_plane *a, const struct derm_plane *b,
                            const struct derm_plane *weight)
{
    for (int y = 0; y < a->h; y++) {
        const float *const by = derm_row(b, y), *const m = derm_row(weight, y);
        float *const ay = derm_row(a, y);
        for (int x = 0; x < a->w; x++)
            ay[x] = (ay[x] - by[x]) * m[x];
    }
}
