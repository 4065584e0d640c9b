/* SPDX-License-Identifier: Apache-2.0 */
/* Masked halving: a reduced pixel is the mean of the measurable pixels below it, so that hair or
 * gloss at the edge of the skin does not leak in. */
#include "stages/reduced.h"

#include "base/num.h"

/* One step of halving: weighted sums and weights, both as means over 2 x 2. */
struct pair_of_planes {
    struct derm_plane sum, weight;
};

static derm_err start(struct derm_run *run, struct pair_of_planes *p, const struct derm_plane *src,
                      const struct derm_mask *mask)
{
    DERM_TRY(derm_plane_new(run->scratch, &p->sum, mask->w, mask->h));
    DERM_TRY(derm_plane_new(run->scratch, &p->weight, mask->w, mask->h));
    for (int y = 0; y < mask->h; y++) {
        const uint8_t *const m = derm_mask_row(mask, y);
        const float *const s = src ? derm_row(src, y) : NULL;
        float *const sum = derm_row(&p->sum, y), *const weight = derm_row(&p->weight, y);

        for (int x = 0; x < mask->w; x++) {
            weight[x] = m[x] ? 1.0f : 0.0f;
            sum[x] = m[x] && s ? s[x] : 0.0f;
        }
    }
    return DERM_OK;
}

static derm_err halve(struct derm_run *run, struct derm_plane *p, int factor)
{
    const struct derm_filter f = derm_run_filter(run);

    for (; factor > 1; factor /= 2) {
        struct derm_plane half;

        DERM_TRY(derm_plane_new(run->scratch, &half, (p->w + 1) / 2, (p->h + 1) / 2));
        DERM_TRY(derm_half(&f, &half, p));
        *p = half;
    }
    return DERM_OK;
}

derm_err derm_reduced_new(struct derm_run *run, struct derm_reduced *c,
                          const struct derm_mask *mask, double px_per_mm, double max_px_per_mm)
{
    struct pair_of_planes p;

    c->factor = 1;
    c->px_per_mm = px_per_mm;
    while (c->px_per_mm > max_px_per_mm && imin(mask->w, mask->h) > 2 * c->factor) {
        c->factor *= 2;
        c->px_per_mm /= 2;
    }
    DERM_TRY(start(run, &p, NULL, mask));
    DERM_TRY(halve(run, &p.weight, c->factor));
    DERM_TRY(derm_mask_new(run->scratch, &c->where, p.weight.w, p.weight.h));
    for (int y = 0; y < c->where.h; y++)
        for (int x = 0; x < c->where.w; x++)
            if (derm_row(&p.weight, y)[x] >= 0.5f) derm_mask_row(&c->where, y)[x] = 0xff;
    return DERM_OK;
}

static derm_err fill(struct derm_run *run, const struct derm_reduced *c, struct derm_plane *p,
                     double fill_mm)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_plane smooth;
    double median, mad;
    int count;

    DERM_TRY(derm_plane_new(run->scratch, &smooth, p->w, p->h));
    DERM_TRY(derm_masked_median(&f, p, &c->where, &median, &mad, &count));
    for (int y = 0; y < p->h; y++)
        for (int x = 0; x < p->w; x++)
            derm_row(p, y)[x] -= (float)median;
    DERM_TRY(derm_gaussian_masked(&f, &smooth, p, &c->where, fill_mm * c->px_per_mm));
    for (int y = 0; y < p->h; y++) {
        const uint8_t *const where = derm_mask_row(&c->where, y);
        float *const row = derm_row(p, y), *const s = derm_row(&smooth, y);

        for (int x = 0; x < p->w; x++)
            row[x] = (where[x] ? row[x] : s[x]) + (float)median;
    }
    return DERM_OK;
}

derm_err derm_reduced_plane(struct derm_run *run, const struct derm_reduced *c,
                            struct derm_plane *dst, const struct derm_plane *src,
                            const struct derm_mask *mask, double fill_mm)
{
    struct pair_of_planes p;

    DERM_TRY(start(run, &p, src, mask));
    DERM_TRY(halve(run, &p.sum, c->factor));
    DERM_TRY(halve(run, &p.weight, c->factor));
    for (int y = 0; y < p.sum.h; y++) {
        float *const sum = derm_row(&p.sum, y), *const weight = derm_row(&p.weight, y);

        for (int x = 0; x < p.sum.w; x++)
            if (weight[x] > 0.0f) sum[x] /= weight[x];
    }
    *dst = p.sum;
    return fill(run, c, dst, fill_mm);
}
