/* SPDX-License-Identifier: Apache-2.0 */
/* Masked halving: a reduced pixel is the mean of the measurable pixels below it, so that hair or
 * gloss at the edge of the skin does not leak in. */
#include "stages/reduced.h"

#include <string.h>

#include "base/num.h"
#include "kernels/bands.h"
#include "stages/mask_ops.h"
#include "stages/statistics.h"

/* The first step of halving takes the mask along, and all steps go on row by row, so that no plane
 * but the last is made. */
struct reduce_job {
    const struct derm_kernels *k;
    const struct derm_plane *dst, *src; /* src NULL: 1 */
    const float *mix;                   /* not NULL: of three planes src the mixture */
    const struct derm_mask *mask;
    int steps;
};

/* Row y of the source; made: where to make it when it is not there as it is, all 1 for no source.
 */
static const float *source_row(const struct reduce_job *j, int y, float *made)
{
    const int w = j->mask->w;

    if (j->src && !j->mix) return derm_row(j->src, y);
    if (j->src)
        j->k->mix3(made, derm_row(&j->src[0], y), derm_row(&j->src[1], y), derm_row(&j->src[2], y),
                   j->mix, (size_t)w);
    return made;
}

static size_t padded(int w)
{
    return ((size_t)w + DERM_LANES - 1) / DERM_LANES * DERM_LANES;
}

static int halved(int n, int steps)
{
    return (n + (1 << steps) - 1) >> steps;
}

/* Samples of the two rows that a row after `steps` halvings is made of. */
static size_t two_rows(const struct reduce_job *j, int steps)
{
    return 2 * padded(halved(j->mask->w, steps - 1));
}

static void masked_row(const struct reduce_job *j, int y, float *restrict dst, float *made)
{
    const uint8_t *const restrict mask = derm_mask_row(j->mask, y);
    const float *const restrict from = source_row(j, y, made);
    const int w = j->mask->w;

    for (int x = 0; x < w; x++)
        dst[x] = mask[x] ? from[x] : 0.0f;
}

static void first_half(const struct reduce_job *j, int y, float *dst, float *made)
{
    const int w = j->mask->w, below = imin(2 * y + 1, j->mask->h - 1);
    const uint8_t *const ma = derm_mask_row(j->mask, 2 * y);
    const uint8_t *const mb = derm_mask_row(j->mask, below);
    const float *const a = source_row(j, 2 * y, made);
    const float *const b = source_row(j, below, made + padded(w));

    if (w > 1) j->k->half_masked(dst, a, b, ma, mb, (size_t)w / 2);
    if (w % 2) dst[w / 2] = 0.5f * ((ma[w - 1] ? a[w - 1] : 0.0f) + (mb[w - 1] ? b[w - 1] : 0.0f));
}

/* Row y after so many halvings. room: of the two rows that it is made of; those that they are made
 * of lie before it, and so on. */
static void half_row(const struct reduce_job *j, int steps, int y, float *dst, float *room)
{
    const int w = halved(j->mask->w, steps - 1), h = halved(j->mask->h, steps - 1);
    float *const b = room + padded(w);

    if (steps == 1) {
        first_half(j, y, dst, room);
        return;
    }
    half_row(j, steps - 1, 2 * y, room, room - two_rows(j, steps - 1));
    half_row(j, steps - 1, imin(2 * y + 1, h - 1), b, room - two_rows(j, steps - 1));
    if (w > 1) j->k->half(dst, room, b, (size_t)w / 2);
    if (w % 2) dst[w / 2] = 0.5f * (room[w - 1] + b[w - 1]);
}

static void reduce_band(const void *job, int y0, int y1, void *own)
{
    const struct reduce_job *const j = job;
    float *room = own;

    for (size_t x = 0; !j->src && x < 2 * padded(j->mask->w); x++)
        room[x] = 1.0f;
    for (int step = 1; step < j->steps; step++)
        room += two_rows(j, step);
    for (int y = y0; y < y1; y++)
        if (j->steps > 0)
            half_row(j, j->steps, y, derm_row(j->dst, y), room);
        else
            masked_row(j, y, derm_row(j->dst, y), room);
}

/* *out = means over c->factor x c->factor of src (mixed when mix is not NULL) where the mask is
 * set, 0 elsewhere. */
static derm_err reduce(const struct derm_run *run, const struct derm_reduced *c,
                       struct derm_plane *out, const struct derm_plane *src, const float *mix,
                       const struct derm_mask *mask)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct reduce_job job = { run->k, out, src, mix, mask, derm_reduced_shift(c) };
    size_t room = 2 * padded(mask->w);

    for (int step = 2; step <= job.steps; step++)
        room += two_rows(&job, step);
    DERM_TRY(
        derm_plane_raw(run->scratch, out, halved(mask->w, job.steps), halved(mask->h, job.steps)));
    return derm_bands_run(&f, out->h, room * sizeof(float), reduce_band, &job);
}

/* A store of bytes might be to anything, so n is no field of a mask: loops with such a bound are
 * not made vectors of. */
static void find_half(uint8_t *restrict where, const float *restrict weight, int n)
{
    for (int x = 0; x < n; x++)
        where[x] = weight[x] >= 0.5f ? 0xff : 0x00;
}

static void one_where(float *restrict near, const uint8_t *restrict where, int n)
{
    for (int x = 0; x < n; x++)
        near[x] = where[x] ? 1.0f : 0.0f;
}

/* How much of where lies near each pixel that is not in it. */
static derm_err find_near(struct derm_run *run, struct derm_reduced *c)
{
    const struct derm_filter f = derm_run_filter(run);

    DERM_TRY(derm_plane_raw(run->scratch, &c->near, c->where.w, c->where.h));
    for (int y = 0; y < c->where.h; y++)
        one_where(derm_row(&c->near, y), derm_mask_row(&c->where, y), c->where.w);
    return derm_gaussian_outside(&f, &c->near, &c->near, &c->where, c->fill_px);
}

derm_err derm_reduced_where(struct derm_run *run, struct derm_reduced *c,
                            const struct derm_mask *mask, double px_per_mm, double max_px_per_mm)
{
    c->factor = 1;
    c->px_per_mm = px_per_mm;
    while (c->px_per_mm > max_px_per_mm && imin(mask->w, mask->h) > 2 * c->factor) {
        c->factor *= 2;
        c->px_per_mm /= 2;
    }
    DERM_TRY(reduce(run, c, &c->weight, NULL, NULL, mask));
    DERM_TRY(derm_mask_raw(run->scratch, &c->where, c->weight.w, c->weight.h));
    for (int y = 0; y < c->where.h; y++)
        find_half(derm_mask_row(&c->where, y), derm_row(&c->weight, y), c->where.w);
    c->usual = c->where;
    return DERM_OK;
}

derm_err derm_reduced_new(struct derm_run *run, struct derm_reduced *c,
                          const struct derm_mask *mask, double px_per_mm, double max_px_per_mm,
                          double fill_mm)
{
    DERM_TRY(derm_reduced_where(run, c, mask, px_per_mm, max_px_per_mm));
    c->fill_px = fill_mm * c->px_per_mm;
    return find_near(run, c);
}

/* Of a lattice of pixels: it only stands where nothing measurable is near. */
static derm_err typical(struct derm_run *run, const struct derm_reduced *c,
                        const struct derm_plane *p, float *median)
{
    enum { ENOUGH = 10000 };
    const struct derm_lattice at = derm_lattice_over(p->w, p->h, (double)p->w * p->h, ENOUGH);
    const size_t mark = run->scratch->used;
    double *value;
    int n = 0;

    DERM_TRY(derm_arena_new(run->scratch, &value, (size_t)at.w * (size_t)at.h + 1, sizeof(*value)));
    for (int j = 0; j < at.h; j++)
        for (int i = 0; i < at.w; i++) {
            const int x = derm_lattice_at(&at, i), y = derm_lattice_at(&at, j);

            if (derm_mask_row(&c->usual, y)[x]) value[n++] = (double)derm_row(p, y)[x];
        }
    *median = n > 0 ? (float)derm_median(value, n) : 0.0f;
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

/* Where less than this of the Gaussian is skin nothing is near. */
static const float least_near = 1e-4f;

static derm_err fill(struct derm_run *run, const struct derm_reduced *c, struct derm_plane *p)
{
    const struct derm_filter f = derm_run_filter(run);
    const size_t mark = run->scratch->used;
    struct derm_plane smooth;
    float median;

    DERM_TRY(typical(run, c, p, &median));
    DERM_TRY(derm_plane_raw(run->scratch, &smooth, p->w, p->h));
    for (int y = 0; y < p->h; y++) {
        const uint8_t *const restrict where = derm_mask_row(&c->where, y);
        const float *const restrict row = derm_row(p, y);
        float *const restrict s = derm_row(&smooth, y);

        for (int x = 0; x < p->w; x++) {
            const float own = row[x] - median;
            s[x] = where[x] ? own : 0.0f;
        }
    }
    DERM_TRY(derm_gaussian_outside(&f, &smooth, &smooth, &c->where, c->fill_px));
    for (int y = 0; y < p->h; y++) {
        const uint8_t *const restrict where = derm_mask_row(&c->where, y);
        const float *const restrict s = derm_row(&smooth, y), *const near = derm_row(&c->near, y);
        float *const restrict row = derm_row(p, y);

        for (int x = 0; x < p->w; x++) {
            const float own = row[x], mean = s[x] / near[x];
            const float filled = median + (near[x] >= least_near ? mean : 0.0f);

            row[x] = where[x] ? own : filled;
        }
    }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

static derm_err reduce_and_fill(struct derm_run *run, const struct derm_reduced *c,
                                struct derm_plane *dst, const struct derm_plane *src,
                                const float *mix, const struct derm_mask *mask)
{
    DERM_TRY(reduce(run, c, dst, src, mix, mask));
    for (int y = 0; y < dst->h; y++) {
        float *const restrict sum = derm_row(dst, y);
        const float *const restrict weight = derm_row(&c->weight, y);

        for (int x = 0; x < dst->w; x++) {
            const float mean = sum[x] / weight[x]; /* a division costs less than asking whether */
            sum[x] = weight[x] > 0.0f ? mean : sum[x];
        }
    }
    return fill(run, c, dst);
}

derm_err derm_reduced_plane(struct derm_run *run, const struct derm_reduced *c,
                            struct derm_plane *dst, const struct derm_plane *src,
                            const struct derm_mask *mask)
{
    return reduce_and_fill(run, c, dst, src, NULL, mask);
}

derm_err derm_reduced_mix(struct derm_run *run, const struct derm_reduced *c,
                          struct derm_plane *dst, const struct derm_plane src[3],
                          const float weight[3], const struct derm_mask *mask)
{
    return reduce_and_fill(run, c, dst, src, weight, mask);
}

void derm_reduced_finish(struct derm_run *run, struct derm_reduced *c)
{
    derm_plane_give(run->scratch, &c->weight);
    derm_plane_give(run->scratch, &c->near);
}

void derm_reduced_difference(const struct derm_reduced *c, const struct derm_plane *dst,
                             const struct derm_plane *a, const struct derm_plane *b,
                             const struct derm_mask *mask, const struct derm_box *box)
{
    const int f = c->factor;

    for (int y = imax(box->y0, 0); y <= imin(box->y1, dst->h - 1); y++)
        for (int x = imax(box->x0, 0); x <= imin(box->x1, dst->w - 1); x++) {
            float sum = 0.0f;
            int n = 0;

            for (int v = y * f; v < imin((y + 1) * f, mask->h); v++)
                for (int u = x * f; u < imin((x + 1) * f, mask->w); u++) {
                    if (!derm_mask_row(mask, v)[u]) continue;
                    sum += derm_row(a, v)[u] - (b ? derm_row(b, v)[u] : 0.0f);
                    n++;
                }
            derm_row(dst, y)[x] = n > 0 ? sum / (float)n : 0.0f;
        }
}

/* Every step-th pixel; a compiler makes vectors where it knows the step. */
static inline void find_every(uint8_t *restrict in, const uint16_t *restrict from, int step,
                              uint16_t bits, int n)
{
    for (int x = 0; x < n; x++)
        in[x] = from[x * step] & bits ? 0xff : 0;
}

/* Of the n pixels of row y of the copy, those whose middle is in any of the regions; the last one's
 * may lie beyond the grid. false: none. */
static bool find_in_row(uint8_t *restrict in, const struct derm_bits *own, unsigned regions,
                        int factor, int y, int n)
{
    const int half = factor / 2, last = n - 1, at = imin(y * factor + half, own->h - 1);
    const uint16_t *const restrict from = derm_bits_row(own, at);
    const uint16_t bits = (uint16_t)regions;

    memset(in, 0, (size_t)n);
    if (!derm_bits_in_row(own, at, regions)) return false;
    switch (factor) {
    case 1:
        find_every(in, from, 1, bits, last);
        break;
    case 2:
        find_every(in, from + half, 2, bits, last);
        break;
    case 4:
        find_every(in, from + half, 4, bits, last);
        break;
    default:
        find_every(in, from + half, factor, bits, last);
    }
    in[last] = from[imin(last * factor + half, own->w - 1)] & bits ? 0xff : 0;
    return true;
}

derm_err derm_reduced_regions(struct derm_run *run, const struct derm_reduced *c,
                              struct derm_mask *dst, const struct derm_bits *own, unsigned regions,
                              double edge_mm)
{
    const struct derm_filter f = derm_run_filter(run);

    DERM_TRY(derm_mask_raw(run->scratch, dst, c->where.w, c->where.h));
    for (int y = 0; y < dst->h; y++)
        find_in_row(derm_mask_row(dst, y), own, regions, c->factor, y, dst->w);
    if (edge_mm > 0) DERM_TRY(derm_erode(&f, dst, dst, edge_mm * c->px_per_mm));
    derm_mask_and(dst, &c->where);
    return DERM_OK;
}

/* set = of, without what is set in both set and where: holes of the neck that were closed stay. */
static void keep_others(uint8_t *restrict set, const uint8_t *restrict of,
                        const uint8_t *restrict where, int n)
{
    for (int x = 0; x < n; x++)
        set[x] = of[x] & (uint8_t) ~(set[x] & where[x]);
}

derm_err derm_reduced_head(struct derm_run *run, const struct derm_reduced *c,
                           struct derm_mask *dst, const struct derm_mask *mask,
                           const struct derm_bits *own)
{
    DERM_TRY(derm_mask_raw(run->scratch, dst, mask->w, mask->h));
    for (int y = 0; y < dst->h; y++) {
        uint8_t *const row = derm_mask_row(dst, y);

        if (find_in_row(row, own, 1u << DERM_REGION_NECK, c->factor, y, dst->w))
            keep_others(row, derm_mask_row(mask, y), derm_mask_row(&c->where, y), dst->w);
        else
            memcpy(row, derm_mask_row(mask, y), (size_t)dst->w);
    }
    return DERM_OK;
}

static bool has_neck(const struct derm_bits *own)
{
    for (int y = own->h - 1; y >= 0; y--) /* where it is, if anywhere */
        if (derm_bits_in_row(own, y, 1u << DERM_REGION_NECK)) return true;
    return false;
}

/* Where there is no neck it stays as it is, and takes no mask. */
derm_err derm_reduced_use_head(struct derm_run *run, struct derm_reduced *c,
                               const struct derm_bits *own)
{
    return has_neck(own) ? derm_reduced_head(run, c, &c->usual, &c->where, own) : DERM_OK;
}
