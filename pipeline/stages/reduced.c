/* SPDX-License-Identifier: Apache-2.0 */
/* Masked halving: a reduced pixel is the mean of the measurable pixels below it, so that hair or
 * gloss at the edge of the skin does not leak in. */
#include "stages/reduced.h"

#include "base/num.h"
#include "kernels/bands.h"

/* The first step of halving takes the mask along, so that no plane of weights is as large as the
 * grid. */
struct first_job {
    const struct derm_kernels *k;
    const struct derm_plane *dst, *src; /* src NULL: 1 */
    const struct derm_mask *mask;
    int factor;
};

static void first_band(const void *job, int y0, int y1, void *own)
{
    const struct first_job *const j = job;
    const int w = j->mask->w;
    float *const ones = own;

    for (int x = 0; !j->src && x < w; x++)
        ones[x] = 1.0f;
    for (int y = y0; y < y1; y++) {
        const int top = y * imin(j->factor, 2), below = imin(top + 1, j->mask->h - 1);
        const uint8_t *const ma = derm_mask_row(j->mask, top);
        const uint8_t *const mb = derm_mask_row(j->mask, below);
        const float *const a = j->src ? derm_row(j->src, top) : ones;
        const float *const b = j->src ? derm_row(j->src, below) : ones;
        float *const dst = derm_row(j->dst, y);

        if (j->factor == 1) {
            for (int x = 0; x < w; x++)
                dst[x] = ma[x] ? a[x] : 0.0f;
            continue;
        }
        if (w > 1) j->k->half_masked(dst, a, b, ma, mb, (size_t)w / 2);
        if (w % 2)
            dst[w / 2] = 0.5f * ((ma[w - 1] ? a[w - 1] : 0.0f) + (mb[w - 1] ? b[w - 1] : 0.0f));
    }
}

/* *out = means over factor x factor of src where the mask is set, 0 elsewhere. */
static derm_err reduce(const struct derm_run *run, struct derm_plane *out,
                       const struct derm_plane *src, const struct derm_mask *mask, int factor)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct first_job job = { run->k, out, src, mask, factor };
    const int by = factor > 1 ? 2 : 1;

    DERM_TRY(derm_plane_raw(run->scratch, out, (mask->w + by - 1) / by, (mask->h + by - 1) / by));
    DERM_TRY(derm_bands_run(&f, out->h, sizeof(float) * (size_t)mask->w, first_band, &job));
    for (factor /= 2; factor > 1; factor /= 2) {
        struct derm_plane half;

        DERM_TRY(derm_plane_raw(run->scratch, &half, (out->w + 1) / 2, (out->h + 1) / 2));
        DERM_TRY(derm_half(&f, &half, out));
        *out = half;
    }
    return DERM_OK;
}

derm_err derm_reduced_new(struct derm_run *run, struct derm_reduced *c,
                          const struct derm_mask *mask, double px_per_mm, double max_px_per_mm)
{
    c->factor = 1;
    c->px_per_mm = px_per_mm;
    while (c->px_per_mm > max_px_per_mm && imin(mask->w, mask->h) > 2 * c->factor) {
        c->factor *= 2;
        c->px_per_mm /= 2;
    }
    DERM_TRY(reduce(run, &c->weight, NULL, mask, c->factor));
    DERM_TRY(derm_mask_new(run->scratch, &c->where, c->weight.w, c->weight.h));
    for (int y = 0; y < c->where.h; y++)
        for (int x = 0; x < c->where.w; x++)
            if (derm_row(&c->weight, y)[x] >= 0.5f) derm_mask_row(&c->where, y)[x] = 0xff;
    return DERM_OK;
}

static derm_err fill(struct derm_run *run, const struct derm_reduced *c, struct derm_plane *p,
                     double fill_mm)
{
    const struct derm_filter f = derm_run_filter(run);
    const size_t mark = run->scratch->used;
    struct derm_plane smooth;
    double median;
    int count;

    DERM_TRY(derm_masked_median(&f, p, &c->where, &median, NULL, &count));
    for (int y = 0; y < p->h; y++)
        for (int x = 0; x < p->w; x++)
            derm_row(p, y)[x] -= (float)median;
    DERM_TRY(derm_plane_raw(run->scratch, &smooth, p->w, p->h));
    DERM_TRY(derm_gaussian_masked(&f, &smooth, p, &c->where, fill_mm * c->px_per_mm));
    for (int y = 0; y < p->h; y++) {
        const uint8_t *const where = derm_mask_row(&c->where, y);
        float *const row = derm_row(p, y), *const s = derm_row(&smooth, y);

        for (int x = 0; x < p->w; x++)
            row[x] = (where[x] ? row[x] : s[x]) + (float)median;
    }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

derm_err derm_reduced_plane(struct derm_run *run, const struct derm_reduced *c,
                            struct derm_plane *dst, const struct derm_plane *src,
                            const struct derm_mask *mask, double fill_mm)
{
    DERM_TRY(reduce(run, dst, src, mask, c->factor));
    for (int y = 0; y < dst->h; y++) {
        float *const sum = derm_row(dst, y), *const weight = derm_row(&c->weight, y);

        for (int x = 0; x < dst->w; x++)
            if (weight[x] > 0.0f) sum[x] /= weight[x];
    }
    return fill(run, c, dst, fill_mm);
}
