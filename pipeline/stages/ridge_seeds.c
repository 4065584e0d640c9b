/* SPDX-License-Identifier: Apache-2.0 */
/* A pixel is asked in the order of what the questions cost: by its own curvatures; whether the mean
 * along a line through it could be enough, by the depths of the pixels that the line comes to; its
 * neighbours across; the mean itself, ahead and, where that leaves a chance, behind. */
#include "stages/ridge_seeds.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "kernels/bands.h"
#include "stages/mask_ops.h"

static const double straight = 0.5; /* most of the lesser curvature, of the larger */

/* ---- pixels alone */

/* A response between four pixels is at most what the deepest of them has across any direction. For
 * each pixel and those after it to the right and below that is s->deep, in steps of which the cap
 * has CAP_STEPS; around the plane, as far as a line may reach, nothing responds: 0. */
enum { CAP_STEPS = 254 };

static int reach_of(const struct derm_sheet *s)
{
    return s->sight + 1;
}

/* Columns before the plane: kernels write aligned rows. */
static int left_of(const struct derm_sheet *s)
{
    return (reach_of(s) + DERM_LANES - 1) / DERM_LANES * DERM_LANES;
}

static uint8_t *deep_at(const struct derm_sheet *s, int x, int y)
{
    return derm_mask_row(&s->deep, y + reach_of(s)) + left_of(s) + x;
}

static void deepest_of_four(uint8_t *restrict row, const uint8_t *restrict below, int n)
{
    for (int x = 0; x < n; x++) {
        const uint8_t a = row[x] > row[x + 1] ? row[x] : row[x + 1];
        const uint8_t b = below[x] > below[x + 1] ? below[x] : below[x + 1];

        row[x] = a > b ? a : b;
    }
}

struct look {
    const struct derm_kernels *k;
    struct derm_sheet *sheet;
    struct derm_line_limits limits;
};

/* The tests that a pixel can be asked alone are made in single precision, with a margin for it. */
static void look_over_band(const void *job, int y0, int y1, void *own)
{
    const struct look *const j = job;
    struct derm_sheet *const s = j->sheet;
    const ptrdiff_t stride = s->where->stride;
    float *const xx = own, *const xy = xx + stride, *const yy = xy + stride;
    const size_t w = (size_t)s->w;

    for (int y = y0; y < y1; y++) {
        float *const px = derm_row(&s->px, y);

        for (ptrdiff_t i = 0; i < DERM_SECONDS * stride; i += DERM_LANES)
            memcpy(xx + i, px + i, sizeof(float) * DERM_LANES);
        j->k->lines(derm_mask_row(&s->may, y), xx, xy, yy, derm_mask_row(s->where, y), &j->limits,
                    w);
        if (s->deep.px) {
            j->k->depths(deep_at(s, 0, y), xx, xy, yy, (float)(CAP_STEPS / (s->cap * s->noise)), w);
            memset(deep_at(s, s->w, y), 0, (size_t)reach_of(s));
        }
        j->k->weave(px, xx, xy, yy, w);
    }
}

derm_err derm_ridge_look_over(struct derm_run *run, struct derm_sheet *s,
                              const struct derm_ridge_search *search)
{
    const struct derm_filter f = derm_run_filter(run);
    const float margin = 1e-5f;
    const struct look j = { run->k,
                            s,
                            { .least = (1 - margin) * (float)(search->z_point * s->noise),
                              .most_round = (1 + margin) * (float)straight,
                              /* it has the larger one's sign */
                              .most_mean = search->dark_only ? 0.0f : FLT_MAX } };
    const int reach = reach_of(s);

    DERM_TRY(derm_mask_raw(run->scratch, &s->may, s->w, s->h));
    s->deep.px = NULL;
    if (s->cap < HUGE_VAL && search->dark_only)
        DERM_TRY(
            derm_mask_new(run->scratch, &s->deep, left_of(s) + s->w + reach, s->h + 2 * reach));
    DERM_TRY(derm_bands_run(&f, s->h, sizeof(float) * DERM_SECONDS * (size_t)s->where->stride,
                            look_over_band, &j));
    for (int y = -1; s->deep.px && y < s->h; y++)
        deepest_of_four(deep_at(s, -1, y), deep_at(s, -1, y + 1), s->w + 1);
    return DERM_OK;
}

/* ---- tracks: the blocks of four pixels that a line comes to */

/* Directions of half a turn lie on 0 to 2 (derm_bends), in TRACKS parts. Of each part the blocks,
 * as distances in s->deep, that a ray through a pixel comes to at 1, 2, ... sight pixels; where the
 * part's rays come to several, all. The ray backwards comes to -1 - stride less each. */
enum { TRACKS = 512 };

struct tracks {
    int from[TRACKS + 1];
    int32_t *block;
    ptrdiff_t stride; /* of s->deep */
};

/* Where a direction is at |x|, |y| = 1 - p, p times so much. */
static double scale_of(double p)
{
    return 1 / sqrt((1 - p) * (1 - p) + p * p);
}

struct range {
    int lo, hi;
};

static struct range whole_between(double a, double b)
{
    const double rounding = 1e-6;

    return (struct range){ (int)fmax(fmin(a, b) - rounding, 0), (int)(fmax(a, b) + rounding) };
}

/* Returns how many; block NULL: only that. */
static int blocks_at(int track, int px, ptrdiff_t stride, int32_t *block)
{
    const double first = 2.0 * track / TRACKS, last = 2.0 * (track + 1) / TRACKS;
    const bool falls = track >= TRACKS / 2; /* x and y have different signs */
    const double p = falls ? 2 - first : first, q = falls ? 2 - last : last;
    const double sp = px * scale_of(p), sq = px * scale_of(q);
    const struct range x = whole_between(sp * (1 - p), sq * (1 - q)),
                       y = whole_between(sp * p, sq * q);
    int n = 0;

    for (int j = y.lo; j <= y.hi; j++)
        for (int i = x.lo; i <= x.hi; i++, n++)
            if (block) block[n] = (int32_t)(j * stride + (falls ? -i - 1 : i));
    return n;
}

static derm_err make_tracks(struct derm_run *run, const struct derm_sheet *s, struct tracks *t)
{
    int n = 0;

    t->stride = s->deep.stride;
    for (int i = 0; i < TRACKS; i++)
        for (int px = 1; px <= s->sight; px++)
            n += blocks_at(i, px, t->stride, NULL);
    DERM_TRY(derm_arena_raw(run->scratch, &t->block, (size_t)n, sizeof(*t->block)));
    n = 0;
    for (int i = 0; i < TRACKS; i++) {
        t->from[i] = n;
        for (int px = 1; px <= s->sight; px++)
            n += blocks_at(i, px, t->stride, t->block + n);
    }
    t->from[TRACKS] = n;
    return DERM_OK;
}

/* Bounds of the sums of responses along a line, one way from a pixel and the other. */
struct bounds {
    double one, other;
};

static struct bounds bounds_at(const struct tracks *t, double step, const uint8_t *deep,
                               double turn)
{
    const double half_step = 0.5; /* for what is rounded */
    const int track = imin((int)(0.5 * turn * TRACKS), TRACKS - 1);
    const uint8_t *const back = deep - t->stride - 1;
    const int32_t *const end = t->block + t->from[track + 1];
    int one = 0, other = 0;

    for (const int32_t *block = t->block + t->from[track]; block < end; block++) {
        const ptrdiff_t at = *block;

        one += deep[at];
        other += back[-at];
    }
    return (struct bounds){ step * (one + half_step), step * (other + half_step) };
}

/* ---- seeds */

enum { BATCH = 256, STEP = 8 }; /* pixels of a row that are looked at together; bytes at once */

struct batch {
    int x[BATCH], n;
    double xx[BATCH], xy[BATCH], yy[BATCH];
    double larger[BATCH], along_x[BATCH], along_y[BATCH], turn[BATCH];
    double behind[BATCH];
    uint8_t crest[BATCH];
};

struct seed_job {
    struct derm_sheet *sheet;
    const struct derm_ridge_search *search;
    const struct tracks *tracks;
    struct derm_ridge_seed *seed;
    atomic_int *seeds; /* in any order */
};

/* The next pixels of a row that may be one of a line, from *from on; none: the row is over. */
static void fill_batch(const struct derm_sheet *s, int y, int *from, struct batch *b)
{
    const uint8_t *const may = derm_mask_row(&s->may, y);
    const float *const px = derm_row(&s->px, y);
    int n = 0, x = *from;

    for (; x < s->w && n <= BATCH - STEP; x += STEP) {
        uint64_t any;

        memcpy(&any, may + x, sizeof(any)); /* a row is padded */
        for (int i = x; any && i < x + STEP; i++) {
            b->x[n] = i;
            n += may[i] & 1;
        }
    }
    *from = x;
    b->n = n;
    for (int i = 0; i < n; i++) {
        const float *const at = px + (ptrdiff_t)DERM_SECONDS * b->x[i];

        b->xx[i] = (double)at[0];
        b->xy[i] = (double)at[1];
        b->yy[i] = (double)at[2];
    }
}

/* Keeps those that stand out, and may do so on a straight line; of that, what lies behind them. */
static void keep_likely(const struct seed_job *j, const struct derm_sheet *s, int y,
                        struct batch *b)
{
    const double least = j->search->z_point * s->noise, least_sum = 2 * s->sight * s->z_start;
    const uint8_t *const deep = s->deep.px ? deep_at(s, 0, y) : NULL;
    const double step = s->cap / CAP_STEPS;
    int n = 0;

    for (int i = 0; i < b->n; i++) {
        struct bounds most = { HUGE_VAL, HUGE_VAL };

        if (fabs(b->larger[i]) < least || (j->search->dark_only && b->larger[i] > 0)) continue;
        if (deep) most = bounds_at(j->tracks, step, deep + b->x[i], b->turn[i]);
        if (most.one + most.other < least_sum) continue;
        b->x[n] = b->x[i];
        b->larger[n] = b->larger[i];
        b->along_x[n] = b->along_x[i];
        b->along_y[n] = b->along_y[i];
        b->behind[n++] = b->along_y[i] < 0 ? most.one : most.other;
    }
    b->n = n;
}

/* Whether a pixel stands out on a straight line through it, behind which the sum of responses is at
 * most most_behind. */
static bool is_seed(const struct derm_sheet *s, double most_behind, struct derm_ridge_seed *seed)
{
    const struct derm_point back = { -seed->along.x, -seed->along.y };
    const struct derm_across v = derm_sheet_view(s, seed->along); /* back has the same */
    const double least = 2 * s->z_start - most_behind / s->sight;
    const double ahead = derm_sheet_ahead(s, seed->at, seed->along, &v, least);

    if (ahead < least) return false;
    seed->z = 0.5 * (ahead + derm_sheet_ahead(s, seed->at, back, &v, 2 * s->z_start - ahead));
    return seed->z >= s->z_start;
}

static void find_in_batch(const struct seed_job *j, struct derm_sheet *s, int y, struct batch *b)
{
    const struct derm_bends bends = { b->larger, b->along_x, b->along_y, b->turn };

    s->k->bends(&bends, b->xx, b->xy, b->yy, straight, (size_t)b->n);
    keep_likely(j, s, y, b);
    s->k->crests(b->crest, &s->second, &bends, b->x, y, 1 / s->noise, (size_t)b->n);
    for (int i = 0; i < b->n; i++) {
        struct derm_ridge_seed seed = { .at = { b->x[i], y },
                                        .along = { b->along_x[i], b->along_y[i] },
                                        .sign = b->larger[i] < 0 ? -1 : 1 };

        s->sign = seed.sign;
        if (b->crest[i] && is_seed(s, b->behind[i], &seed))
            j->seed[atomic_fetch_add_explicit(j->seeds, 1, memory_order_relaxed)] = seed;
    }
}

static void find_band(const void *job, int y0, int y1, void *own)
{
    const struct seed_job *const j = job;
    struct derm_sheet s = *j->sheet; /* with the sign of what is looked at */
    struct batch *const b = own;

    for (int y = y0; y < y1; y++)
        for (int x = 0; x < s.w;) {
            fill_batch(&s, y, &x, b);
            find_in_batch(j, &s, y, b);
        }
}

static int stronger_seed(const void *pa, const void *pb)
{
    const struct derm_ridge_seed *const a = pa, *const b = pb;

    if (a->z != b->z) return a->z > b->z ? -1 : 1;
    if (a->at.y != b->at.y) return a->at.y < b->at.y ? -1 : 1;
    return (a->at.x > b->at.x) - (a->at.x < b->at.x);
}

derm_err derm_ridge_seeds(struct derm_run *run, struct derm_sheet *s,
                          const struct derm_ridge_search *search, struct derm_ridge_seed **out,
                          int *n)
{
    const struct derm_filter f = derm_run_filter(run);
    const size_t bytes = ((size_t)derm_mask_count(&s->may) + 1) * sizeof(**out);
    struct seed_job j = { .sheet = s, .search = search };
    struct tracks tracks;
    atomic_int found;

    atomic_init(&found, 0);
    j.seeds = &found;
    j.tracks = &tracks;
    if (s->deep.px) DERM_TRY(make_tracks(run, s, &tracks));
    DERM_TRY(derm_arena_raw(run->scratch, &j.seed, bytes, 1));
    DERM_TRY(derm_bands_run(&f, s->h, sizeof(struct batch), find_band, &j));
    *n = atomic_load(&found);
    derm_arena_trim(run->scratch, j.seed, bytes, (size_t)*n * sizeof(*j.seed));
    derm_mask_give(run->scratch, &s->may);
    if (s->deep.px) derm_mask_give(run->scratch, &s->deep);
    qsort(j.seed, (size_t)*n, sizeof(*j.seed), stronger_seed);
    *out = j.seed;
    return DERM_OK;
}
