/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/patches.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "kernels/bands.h"
#include "stages/mask_ops.h"

enum { CELL = 8, SAMPLES = CELL * CELL, MAX_REACH = 12 }; /* px; in a cell; largest search radius */

/* An image cut up so that the same sample of all cells of a row lies side by side, which is what
 * the correlation runs along: pixel (8 c + l, y) is at row 8 y + l, column c. */
struct cut {
    struct derm_plane px, mask;
};

/* Everything of one level. The follow-up is warped by the field so far onto the base, with a border
 * of `reach` pixels, so that the search is around zero. */
struct search {
    const struct derm_kernels *k;
    struct cut base, follow;             /* base padded to whole cells; that + 2 reach */
    int cols, rows, reach, side, shifts; /* side = 2 reach + 1; shifts = side^2 */
    struct derm_mask seen;               /* cells with skin */
    struct peak *peak;                   /* of all cells */
};

struct peak { /* of one patch; px of the level */
    float x, y, zncc;
    int valid, agrees;
};

/* The follow-up on the skin of the base and `reach` around it, zero where it must not count. */
static derm_err warp_follow(const struct derm_filter *f, const struct derm_field *p, int reach,
                            const struct derm_patch_side *base,
                            const struct derm_patch_side *follow, struct cut *out)
{
    const struct derm_rows skin = derm_rows_of_weight(base->skin);
    const struct derm_field_view view = { p,
                                          { -reach, -reach, 1, 1, 0 },
                                          { follow->texture, follow->skin },
                                          0.0f,
                                          { skin.y0, skin.y1 + 2 * reach } };

    DERM_TRY(derm_field_resample(f, &view, &out->px, &out->mask));
    for (int j = 0; j < out->px.h; j++) {
        float *const t = derm_row(&out->px, j), *const m = derm_row(&out->mask, j);
        for (int i = 0; i < out->px.w; i++) {
            m[i] = m[i] > 0.5f ? 1.0f : 0.0f;
            t[i] *= m[i];
        }
    }
    return DERM_OK;
}

static derm_err plain_new(struct derm_arena *a, struct cut *out, int w, int h)
{
    DERM_TRY(derm_plane_raw(a, &out->px, w, h));
    return derm_plane_raw(a, &out->mask, w, h);
}

static derm_err cut_new(struct derm_arena *a, struct cut *out, int w, int h)
{
    const int columns = (w + CELL - 1) / CELL + 1;

    DERM_TRY(derm_plane_raw(a, &out->px, columns, CELL * h));
    return derm_plane_raw(a, &out->mask, columns, CELL * h);
}

/* Columns beyond the image are zero. */
static void cut_row(const struct derm_plane *dst, int y, const float *src, int w)
{
    for (int l = 0; l < CELL; l++) {
        float *const out = derm_row(dst, CELL * y + l);
        int c = 0;

        for (int i = l; i < w; i += CELL, c++)
            out[c] = src[i];
        for (; c < dst->w; c++)
            out[c] = 0.0f;
    }
}

/* Both photos, cut up. */
static derm_err cut_images(const struct derm_filter *f, struct search *s,
                           const struct derm_field *p, const struct derm_patch_side *base,
                           const struct derm_patch_side *follow)
{
    const int w = s->cols * CELL + 2 * s->reach, h = s->rows * CELL + 2 * s->reach;
    struct cut plain;
    size_t mark;

    DERM_TRY(cut_new(f->scratch, &s->base, s->cols * CELL, s->rows * CELL));
    DERM_TRY(cut_new(f->scratch, &s->follow, w, h));
    for (int y = 0; y < s->rows * CELL; y++) {
        const int at = imin(y, base->skin->h - 1), n = y == at ? base->skin->w : 0;

        cut_row(&s->base.px, y, derm_row(base->texture, at), n);
        cut_row(&s->base.mask, y, derm_row(base->skin, at), n);
    }
    for (int y = 0; y < s->base.px.h; y++) {
        float *const t = derm_row(&s->base.px, y);
        const float *const m = derm_row(&s->base.mask, y);
        for (int c = 0; c < s->cols; c++)
            t[c] *= m[c];
    }
    mark = f->scratch->used;
    DERM_TRY(plain_new(f->scratch, &plain, w, h));
    DERM_TRY(warp_follow(f, p, s->reach, base, follow, &plain));
    for (int y = 0; y < h; y++) {
        cut_row(&s->follow.px, y, derm_row(&plain.px, y), w);
        cut_row(&s->follow.mask, y, derm_row(&plain.mask, y), w);
    }
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

/* Sets seen: cells with skin. */
static derm_err find_cells(const struct derm_filter *f, struct search *s)
{
    DERM_TRY(derm_mask_new(f->scratch, &s->seen, s->cols, s->rows));
    for (int y = 0; y < s->base.mask.h; y++) {
        const float *const m = derm_row(&s->base.mask, y);
        uint8_t *const seen = derm_mask_row(&s->seen, y / SAMPLES);
        for (int c = 0; c < s->cols; c++)
            if (m[c] > 0.0f) seen[c] = 0xff;
    }
    return DERM_OK;
}

/* ---- the sums of a row of cells, at all shifts */
enum { SUMS = 3, AB = 0, AA = 1, BB = 2 };

/* A row of sums with a zero before it and one after it. */
static size_t sums_stride(const struct search *s)
{
    return ((size_t)s->cols + DERM_LANES) / DERM_LANES * DERM_LANES + DERM_LANES;
}

/* Row r of SUMS x shifts rows; its first cell. */
static float *sums_row(const struct search *s, float *sums, int r)
{
    return sums + (size_t)r * sums_stride(s) + DERM_LANES;
}

static void sum_cells(const struct search *s, int j, float *sums)
{
    struct derm_samples a[SAMPLES], b[SAMPLES];

    for (int t = 0; t < SAMPLES; t++)
        a[t] = (struct derm_samples){ derm_row(&s->base.px, j * SAMPLES + t),
                                      derm_row(&s->base.mask, j * SAMPLES + t) };
    for (int shift = 0; shift < s->shifts; shift++) {
        float *const sum[SUMS] = { sums_row(s, sums, SUMS * shift + AB),
                                   sums_row(s, sums, SUMS * shift + AA),
                                   sums_row(s, sums, SUMS * shift + BB) };
        for (int t = 0; t < SAMPLES; t++) {
            const int y = j * CELL + t / CELL + shift / s->side, x = t % CELL + shift % s->side;
            const int row = CELL * y + x % CELL;
            b[t] = (struct derm_samples){ derm_row(&s->follow.px, row) + x / CELL,
                                          derm_row(&s->follow.mask, row) + x / CELL };
        }
        s->k->correlate(sum, a, b, SAMPLES, (size_t)s->cols);
        for (int c = 0; c < SUMS; c++)
            sum[c][-1] = sum[c][s->cols] = 0.0f;
    }
}

/* The 3 x 3 cells around each of a row: out[i] for i in [0, n). */
static void sum_patches(float *restrict out, const float *const row[3], int n)
{
    for (int i = 0; i < n; i++)
        out[i] = ((row[0][i - 1] + row[1][i - 1] + row[2][i - 1]) +
                  (row[0][i + 1] + row[1][i + 1] + row[2][i + 1])) +
                 (row[0][i] + row[1][i] + row[2][i]);
}

/* The patches' correlations; -2 where the overlap is too small. */
static void correlations(float *restrict out, const float *restrict ab, const float *restrict aa,
                         const float *restrict bb, int n)
{
    /* A third of a full patch of unit spread. */
    const float least = 3.0f * SAMPLES;

    for (int i = 0; i < n; i++) {
        const float zncc = ab[i] / sqrtf(aa[i] * bb[i]);
        out[i] = (aa[i] > least) & (bb[i] > least) ? zncc : -2.0f;
    }
}

static void keep_best(float *restrict best, int32_t *restrict at, const float *restrict zncc,
                      int32_t shift, int n)
{
    for (int i = 0; i < n; i++) {
        at[i] = zncc[i] > best[i] ? shift : at[i];
        best[i] = zncc[i] > best[i] ? zncc[i] : best[i];
    }
}

/* Vertex of the parabola through three samples, at most half a step away. */
static float vertex(float before, float at, float after)
{
    const float bend = before - 2.0f * at + after;
    return bend < -1e-6f ? clampf(0.5f * (before - after) / bend, -0.5f, 0.5f) : 0.0f;
}

/* zncc: the correlations of one patch, a stride apart. */
static struct peak peak_at(const struct search *s, const float *zncc, int shift)
{
    const int col = shift % s->side, row = shift / s->side;
    const ptrdiff_t next = (ptrdiff_t)sums_stride(s), below = next * s->side;
    const float *const at = zncc + next * shift;
    struct peak p = {
        .valid = 1, .zncc = at[0], .x = (float)(col - s->reach), .y = (float)(row - s->reach)
    };

    if (col > 0 && col < s->side - 1) p.x += vertex(at[-next], at[0], at[next]);
    if (row > 0 && row < s->side - 1) p.y += vertex(at[-below], at[0], at[below]);
    return p;
}

struct bench {          /* a band's own memory */
    float *sums[3];     /* of the cell rows j - 1, j, j + 1 */
    float *zncc;        /* at all shifts */
    float *patch[SUMS]; /* at one shift */
    float *best;
    int32_t *at;
};

static size_t bench_floats(const struct search *s)
{
    return sums_stride(s) * ((size_t)s->shifts * (3 * SUMS + 1) + SUMS + 2);
}

static void lay_out(struct bench *b, const struct search *s, float *own)
{
    const size_t stride = sums_stride(s);

    for (int i = 0; i < 3; i++, own += stride * SUMS * (size_t)s->shifts)
        b->sums[i] = own;
    b->zncc = own;
    own += stride * (size_t)s->shifts;
    for (int c = 0; c < SUMS; c++, own += stride)
        b->patch[c] = own;
    b->best = own;
    b->at = (int32_t *)(own + stride);
}

static void find_peaks(const struct search *s, const struct bench *b, int j)
{
    struct peak *const peak = s->peak + (size_t)j * (size_t)s->cols;

    for (int i = 0; i < s->cols; i++) {
        b->best[i] = -2.0f;
        b->at[i] = -1;
    }
    for (int shift = 0; shift < s->shifts; shift++) {
        float *const zncc = sums_row(s, b->zncc, shift);
        for (int c = 0; c < SUMS; c++) {
            const float *const row[3] = { sums_row(s, b->sums[0], SUMS * shift + c),
                                          sums_row(s, b->sums[1], SUMS * shift + c),
                                          sums_row(s, b->sums[2], SUMS * shift + c) };
            sum_patches(b->patch[c], row, s->cols);
        }
        correlations(zncc, b->patch[AB], b->patch[AA], b->patch[BB], s->cols);
        keep_best(b->best, b->at, zncc, shift, s->cols);
    }
    for (int i = 0; i < s->cols; i++)
        if (b->at[i] >= 0 && derm_mask_row(&s->seen, j)[i])
            peak[i] = peak_at(s, sums_row(s, b->zncc, 0) + i, b->at[i]);
}

static bool has_skin(const struct search *s, int j)
{
    return j >= 0 && j < s->rows && derm_mask_next(&s->seen, j, 0) < s->cols;
}

static void fill_sums(const struct search *s, int j, float *sums)
{
    if (!has_skin(s, j))
        memset(sums, 0, sizeof(float) * sums_stride(s) * SUMS * (size_t)s->shifts);
    else
        sum_cells(s, j, sums);
}

static void search_band(const void *job, int y0, int y1, void *own)
{
    const struct search *const s = job;
    struct bench b;

    lay_out(&b, s, own);
    fill_sums(s, y0 - 1, b.sums[1]);
    fill_sums(s, y0, b.sums[2]);
    for (int j = y0; j < y1; j++) {
        float *const spent = b.sums[0];
        b.sums[0] = b.sums[1];
        b.sums[1] = b.sums[2];
        b.sums[2] = spent;
        fill_sums(s, j + 1, spent);
        if (has_skin(s, j)) find_peaks(s, &b, j);
    }
}

/* A patch agrees when most of the patches around it that share no pixel with it moved alike. */
static void mark_agreement(struct peak *peak, int cols, int rows, float tolerance_px)
{
    enum { APART = 3, LEAST = 2 };

    for (int j = 0; j < rows; j++)
        for (int i = 0; i < cols; i++) {
            struct peak *const p = peak + j * cols + i;
            int seen = 0, alike = 0;
            if (!p->valid) continue;
            for (int v = j - APART; v <= j + APART; v += APART)
                for (int u = i - APART; u <= i + APART; u += APART) {
                    const struct peak *q;
                    if (u < 0 || v < 0 || u >= cols || v >= rows || (u == i && v == j)) continue;
                    q = peak + v * cols + u;
                    seen += q->valid;
                    alike += q->valid && fabsf(q->x - p->x) <= tolerance_px &&
                             fabsf(q->y - p->y) <= tolerance_px;
                }
            p->agrees = alike >= LEAST && 2 * alike >= seen;
        }
}

/* d <- weighted mean of the agreeing patches' shifts, over about a patch where there are any and
 * over a wide neighbourhood where there are none. */
static derm_err smooth_shifts(const struct derm_filter *f, struct derm_field *d,
                              const struct peak *peak)
{
    const double near_cells = 1.0, far_cells = 4.0;
    const float far_weight = 0.02f;
    const int cols = d->x.w, rows = d->x.h;
    struct derm_plane sum[3], wide;

    for (int c = 0; c < 3; c++)
        DERM_TRY(derm_plane_new(f->scratch, &sum[c], cols, rows));
    DERM_TRY(derm_plane_new(f->scratch, &wide, cols, rows));
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < cols; i++) {
            const struct peak *const p = peak + j * cols + i;
            const float q = p->agrees && p->zncc > 0.0f ? p->zncc * p->zncc : 0.0f;
            derm_row(&sum[0], j)[i] = q * p->x;
            derm_row(&sum[1], j)[i] = q * p->y;
            derm_row(&sum[2], j)[i] = q;
        }
    for (int c = 0; c < 3; c++) {
        DERM_TRY(derm_gaussian(f, &wide, &sum[c], far_cells));
        DERM_TRY(derm_gaussian(f, &sum[c], &sum[c], near_cells));
        for (int j = 0; j < rows; j++)
            for (int i = 0; i < cols; i++)
                derm_row(&sum[c], j)[i] += far_weight * derm_row(&wide, j)[i];
    }
    for (int j = 0; j < rows; j++)
        for (int i = 0; i < cols; i++) {
            const float q = derm_row(&sum[2], j)[i];
            derm_row(&d->x, j)[i] = q > 1e-6f ? derm_row(&sum[0], j)[i] / q : 0.0f;
            derm_row(&d->y, j)[i] = q > 1e-6f ? derm_row(&sum[1], j)[i] / q : 0.0f;
        }
    return DERM_OK;
}

static derm_err search_level(const struct derm_filter *f, struct derm_field *p,
                             const struct derm_patch_side *base,
                             const struct derm_patch_side *follow, int reach, float agree_px,
                             struct derm_patch_stats *stats)
{
    struct search s = { .k = f->k, .cols = p->x.w, .rows = p->x.h, .reach = reach };
    struct derm_field d;

    s.side = 2 * reach + 1;
    s.shifts = s.side * s.side;
    DERM_TRY(cut_images(f, &s, p, base, follow));
    DERM_TRY(find_cells(f, &s));
    DERM_TRY(derm_arena_new(f->scratch, &s.peak, (size_t)s.cols * (size_t)s.rows, sizeof(*s.peak)));
    DERM_TRY(derm_field_new(f->scratch, &d, s.cols * CELL, s.rows * CELL, CELL));
    DERM_TRY(derm_bands_run(f, s.rows, sizeof(float) * bench_floats(&s), search_band, &s));
    mark_agreement(s.peak, s.cols, s.rows, agree_px);
    *stats = (struct derm_patch_stats){ 0 };
    for (int i = 0; i < s.cols * s.rows; i++) {
        stats->patches += s.peak[i].valid;
        stats->agreeing += s.peak[i].agrees;
    }
    DERM_TRY(smooth_shifts(f, &d, s.peak));
    return derm_field_compose(f->scratch, p, &d);
}

/* A plane at a lower resolution; a mask stays 0 or 1. */
static derm_err lower(const struct derm_filter *f, struct derm_plane *dst,
                      const struct derm_plane *src, double ratio, int is_mask)
{
    if (ratio == 1.0) {
        *dst = *src;
        return DERM_OK;
    }
    DERM_TRY(derm_plane_new(f->scratch, dst, imax(1, (int)(src->w / ratio)),
                            imax(1, (int)(src->h / ratio))));
    DERM_TRY(derm_resample_area(f, dst, src, 0.0, 0.0, ratio));
    for (int y = 0; is_mask && y < dst->h; y++)
        for (int x = 0; x < dst->w; x++)
            derm_row(dst, y)[x] = derm_row(dst, y)[x] > 0.5f ? 1.0f : 0.0f;
    return DERM_OK;
}

derm_err derm_patches_refine(const struct derm_filter *f, struct derm_field *p,
                             const struct derm_patch_side *base,
                             const struct derm_patch_side *follow, double px_per_mm,
                             const struct derm_patch_level *level, struct derm_patch_stats *stats)
{
    const size_t mark = f->scratch->used;
    const double ratio = fmax(1.0, px_per_mm / level->px_per_mm), s = px_per_mm / ratio;
    const int reach = clampi((int)ceil(level->search_mm * s), 1, MAX_REACH);
    struct derm_plane plane[4];
    const struct derm_patch_side b = { &plane[0], &plane[1] }, v = { &plane[2], &plane[3] };
    struct derm_field own;

    DERM_TRY(lower(f, &plane[0], base->texture, ratio, 0));
    DERM_TRY(lower(f, &plane[1], base->skin, ratio, 1));
    DERM_TRY(lower(f, &plane[2], follow->texture, ratio, 0));
    DERM_TRY(lower(f, &plane[3], follow->skin, ratio, 1));
    DERM_TRY(derm_field_new(f->scratch, &own, plane[0].w, plane[0].h, CELL));
    derm_field_rescale(&own, p, ratio);
    DERM_TRY(search_level(f, &own, &b, &v, reach, (float)(level->agree_mm * s), stats));
    derm_field_rescale(p, &own, 1.0 / ratio);
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

derm_err derm_patches_judge(const struct derm_filter *f, const struct derm_field *p,
                            const struct derm_patch_side *base,
                            const struct derm_patch_side *follow, double *zncc, double *coverage)
{
    const size_t mark = f->scratch->used;
    const int w = base->skin->w, h = base->skin->h;
    double bf = 0.0, bb = 0.0, ff = 0.0, skin = 0.0, both = 0.0;
    struct cut warped;

    DERM_TRY(plain_new(f->scratch, &warped, w, h));
    DERM_TRY(warp_follow(f, p, 0, base, follow, &warped));
    for (int y = 0; y < h; y++) {
        const float *const b = derm_row(base->texture, y), *const m = derm_row(base->skin, y);
        const float *const g = derm_row(&warped.px, y), *const n = derm_row(&warped.mask, y);
        for (int x = 0; x < w; x++) {
            bf += (double)(b[x] * g[x]);
            bb += (double)(b[x] * b[x] * n[x]);
            ff += (double)(g[x] * g[x] * m[x]);
            skin += (double)m[x];
            both += (double)(m[x] * n[x]);
        }
    }
    *zncc = bb > 0.0 && ff > 0.0 ? bf / sqrt(bb * ff) : 0.0;
    *coverage = skin > 0.0 ? both / skin : 0.0;
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
