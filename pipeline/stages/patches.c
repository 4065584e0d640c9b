/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/patches.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/num.h"

enum { CELL = 8, LANES = 4, MAX_REACH = 12 }; /* px; partial sums; largest search radius, px */

/* The three sums of a masked correlation. */
struct sums {
    float bf, bb, ff;
};

/* Everything of one level. The follow-up is warped by the field so far onto the base, with a border
 * of `reach` pixels, so that the search is around zero. */
struct search {
    struct derm_plane base, base_skin;     /* padded to whole cells */
    struct derm_plane follow, follow_skin; /* base size + 2 reach */
    int cols, rows, reach, side, shifts;   /* side = 2 reach + 1; shifts = side^2 */
    struct sums *cell;                     /* [rows][cols][shifts] */
};

static derm_err warp_follow(const struct derm_filter *f, struct search *s,
                            const struct derm_field *p, const struct derm_plane *texture,
                            const struct derm_plane *skin)
{
    const int w = s->cols * CELL + 2 * s->reach, h = s->rows * CELL + 2 * s->reach;
    struct derm_plane x, y;
    size_t mark;

    DERM_TRY(derm_plane_new(f->scratch, &s->follow, w, h));
    DERM_TRY(derm_plane_new(f->scratch, &s->follow_skin, w, h));
    mark = f->scratch->used;
    DERM_TRY(derm_plane_new(f->scratch, &x, w, h));
    DERM_TRY(derm_plane_new(f->scratch, &y, w, h));
    derm_field_expand(p, &x, &y, &(struct derm_field_window){ -s->reach, -s->reach, 1, 1, 0 });
    DERM_TRY(derm_resample_map(f, &s->follow, texture, &x, &y));
    DERM_TRY(derm_resample_map(f, &s->follow_skin, skin, &x, &y));
    for (int j = 0; j < h; j++) {
        float *const t = derm_row(&s->follow, j), *const m = derm_row(&s->follow_skin, j);
        const float *const px = derm_row(&x, j), *const py = derm_row(&y, j);
        for (int i = 0; i < w; i++) {
            const int inside = px[i] >= 0.0f && py[i] >= 0.0f && px[i] <= (float)(skin->w - 1) &&
                               py[i] <= (float)(skin->h - 1);
            m[i] = inside && m[i] > 0.5f ? 1.0f : 0.0f;
            t[i] *= m[i];
        }
    }
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

/* The base, padded to whole cells, its texture zero where it must not count. */
static derm_err pad_base(const struct derm_filter *f, struct search *s,
                         const struct derm_patch_side *base)
{
    DERM_TRY(derm_plane_new(f->scratch, &s->base, s->cols * CELL, s->rows * CELL));
    DERM_TRY(derm_plane_new(f->scratch, &s->base_skin, s->cols * CELL, s->rows * CELL));
    for (int y = 0; y < base->skin->h; y++) {
        const float *const t = derm_row(base->texture, y), *const m = derm_row(base->skin, y);
        memcpy(derm_row(&s->base_skin, y), m, sizeof(float) * (size_t)base->skin->w);
        for (int x = 0; x < base->skin->w; x++)
            derm_row(&s->base, y)[x] = t[x] * m[x];
    }
    return DERM_OK;
}

/* One cell at one shift. LANES partial sums a row, folded in a fixed order. */
static struct sums cell_at_shift(const struct search *s, int x0, int y0, int dx, int dy)
{
    float bf[LANES] = { 0 }, bb[LANES] = { 0 }, ff[LANES] = { 0 };

    for (int y = y0; y < y0 + CELL; y++) {
        const float *const b = derm_row(&s->base, y) + x0;
        const float *const m = derm_row(&s->base_skin, y) + x0;
        const float *const g = derm_row(&s->follow, y + dy + s->reach) + x0 + dx + s->reach;
        const float *const n = derm_row(&s->follow_skin, y + dy + s->reach) + x0 + dx + s->reach;
        for (int x = 0; x < CELL; x += LANES)
            for (int l = 0; l < LANES; l++) {
                bf[l] += b[x + l] * g[x + l];
                bb[l] += b[x + l] * b[x + l] * n[x + l];
                ff[l] += g[x + l] * g[x + l] * m[x + l];
            }
    }
    return (struct sums){ (bf[0] + bf[2]) + (bf[1] + bf[3]), (bb[0] + bb[2]) + (bb[1] + bb[3]),
                          (ff[0] + ff[2]) + (ff[1] + ff[3]) };
}

static int cell_has_skin(const struct search *s, int i, int j)
{
    float n = 0.0f;
    for (int y = j * CELL; y < (j + 1) * CELL; y++)
        for (int x = i * CELL; x < (i + 1) * CELL; x++)
            n += derm_row(&s->base_skin, y)[x];
    return n > 0.0f;
}

static void search_row(void *arg, int j)
{
    const struct search *const s = arg;

    for (int i = 0; i < s->cols; i++) {
        struct sums *out = s->cell + ((size_t)j * (size_t)s->cols + (size_t)i) * (size_t)s->shifts;
        if (!cell_has_skin(s, i, j)) continue; /* the arena gives zeroes */
        for (int dy = -s->reach; dy <= s->reach; dy++)
            for (int dx = -s->reach; dx <= s->reach; dx++)
                *out++ = cell_at_shift(s, i * CELL, j * CELL, dx, dy);
    }
}

struct peak { /* of one patch; px of the level */
    float x, y, zncc;
    int valid, agrees;
};

/* Correlation of the patch around cell (i, j) at one shift; -1 where the overlap is too small. */
static float patch_zncc(const struct search *s, int i, int j, int shift)
{
    /* A third of a full patch of unit spread. */
    const float least = 3.0f * CELL * CELL;
    struct sums t = { 0.0f, 0.0f, 0.0f };

    for (int v = imax(j - 1, 0); v <= imin(j + 1, s->rows - 1); v++)
        for (int u = imax(i - 1, 0); u <= imin(i + 1, s->cols - 1); u++) {
            const struct sums *const c =
                s->cell + ((size_t)v * (size_t)s->cols + (size_t)u) * (size_t)s->shifts + shift;
            t.bf += c->bf;
            t.bb += c->bb;
            t.ff += c->ff;
        }
    return t.bb > least && t.ff > least ? t.bf / sqrtf(t.bb * t.ff) : -1.0f;
}

/* Vertex of the parabola through three samples, at most half a step away. */
static float vertex(float before, float at, float after)
{
    const float bend = before - 2.0f * at + after;
    return bend < -1e-6f ? clampf(0.5f * (before - after) / bend, -0.5f, 0.5f) : 0.0f;
}

static struct peak find_peak(const struct search *s, int i, int j, float *zncc)
{
    const int side = s->side;
    struct peak p = { 0 };
    int best = -1, col, row;

    for (int k = 0; k < s->shifts; k++) {
        zncc[k] = patch_zncc(s, i, j, k);
        if (zncc[k] > -1.0f && (best < 0 || zncc[k] > zncc[best])) best = k;
    }
    if (best < 0) return p;
    col = best % side;
    row = best / side;
    p.valid = 1;
    p.zncc = zncc[best];
    p.x = (float)(col - s->reach);
    p.y = (float)(row - s->reach);
    if (col > 0 && col < side - 1) p.x += vertex(zncc[best - 1], zncc[best], zncc[best + 1]);
    if (row > 0 && row < side - 1) p.y += vertex(zncc[best - side], zncc[best], zncc[best + side]);
    return p;
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
    struct search s = { .cols = p->x.w, .rows = p->x.h, .reach = reach };
    struct derm_field d;
    struct peak *peak;
    float *zncc;

    s.side = 2 * reach + 1;
    s.shifts = s.side * s.side;
    DERM_TRY(pad_base(f, &s, base));
    DERM_TRY(warp_follow(f, &s, p, follow->texture, follow->skin));
    DERM_TRY(derm_arena_new(f->scratch, &s.cell, (size_t)s.cols * (size_t)s.rows,
                            (size_t)s.shifts * sizeof(*s.cell)));
    DERM_TRY(derm_arena_new(f->scratch, &peak, (size_t)s.cols * (size_t)s.rows, sizeof(*peak)));
    DERM_TRY(derm_arena_new(f->scratch, &zncc, (size_t)s.shifts, sizeof(*zncc)));
    DERM_TRY(derm_field_new(f->scratch, &d, s.cols * CELL, s.rows * CELL, CELL));

    derm_pool_run(f->pool, s.rows, search_row, &s);
    for (int j = 0; j < s.rows; j++)
        for (int i = 0; i < s.cols; i++)
            if (cell_has_skin(&s, i, j)) peak[j * s.cols + i] = find_peak(&s, i, j, zncc);
    mark_agreement(peak, s.cols, s.rows, agree_px);
    *stats = (struct derm_patch_stats){ 0 };
    for (int i = 0; i < s.cols * s.rows; i++) {
        stats->patches += peak[i].valid;
        stats->agreeing += peak[i].agrees;
    }
    DERM_TRY(smooth_shifts(f, &d, peak));
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
    struct search s = { .cols = (base->skin->w + CELL - 1) / CELL,
                        .rows = (base->skin->h + CELL - 1) / CELL };
    double bf = 0.0, bb = 0.0, ff = 0.0, skin = 0.0, both = 0.0;

    DERM_TRY(warp_follow(f, &s, p, follow->texture, follow->skin));
    for (int y = 0; y < base->skin->h; y++) {
        const float *const b = derm_row(base->texture, y), *const m = derm_row(base->skin, y);
        const float *const g = derm_row(&s.follow, y), *const n = derm_row(&s.follow_skin, y);
        for (int x = 0; x < base->skin->w; x++) {
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
