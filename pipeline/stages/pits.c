/* SPDX-License-Identifier: Apache-2.0 */
/* Per size: the responses, their local noise, maxima above the threshold; no plane of responses is
 * kept. Then over all sizes the strongest of those near each other, its place to a fraction of a
 * pixel, and its own size by a closer look. Wide filters look for maxima on a coarse copy of the
 * plane, where they are sampled as finely as narrow ones are on the plane itself. */
#include "stages/pits.h"

#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "kernels/bands.h"
#include "kernels/pyramid.h"
#include "stages/pit_noise.h"

/* ---- the plane at several resolutions */

/* px of a level: a Gaussian of this sigma passes 2e-4 at half the sampling rate. */
static const double finest_sigma = 1.4;
enum { MAX_LEVELS = 10 };

struct level { /* its pixel at: scale (x of the plane) + offset */
    struct derm_plane plane;
    struct derm_mask where;
    double scale, offset;
};
struct levels {
    struct level at[MAX_LEVELS];
    int n;
};

static int level_of(double sigma_px)
{
    int level = 0;

    for (; sigma_px >= 2 * finest_sigma && level < MAX_LEVELS - 1; level++)
        sigma_px *= 0.5;
    return level;
}

/* A compiler makes vectors where it knows the step. */
static inline void take_every(uint8_t *restrict to, const uint8_t *restrict from, int step, int n)
{
    for (int x = 0; x < n; x++)
        to[x] = from[x * step];
}

/* The mask at the centres of the level's pixels; its margin is off the plane. */
static derm_err thin_mask(struct derm_run *run, struct level *l, const struct derm_mask *where)
{
    const int step = (int)(1 / l->scale + 0.5);
    const int margin = (int)ceil(l->offset); /* the plane's first pixel, and those before it */
    const int first = (int)floor((margin - l->offset) / l->scale + 0.5);
    const int n = imin((where->w - first + step - 1) / step, l->plane.w - margin);

    DERM_TRY(derm_mask_new(run->scratch, &l->where, l->plane.w, l->plane.h));
    for (int y = 0; first + y * step < where->h && margin + y < l->plane.h; y++) {
        const uint8_t *const from = derm_mask_row(where, first + y * step) + first;
        uint8_t *const to = derm_mask_row(&l->where, margin + y) + margin;

        if (step == 2)
            take_every(to, from, 2, n);
        else
            take_every(to, from, step, n);
    }
    return DERM_OK;
}

static derm_err levels_new(struct derm_run *run, struct levels *l, const struct derm_plane *plane,
                           const struct derm_mask *where, const struct derm_pit_search *s)
{
    const struct derm_filter f = derm_run_filter(run);

    l->n = level_of(s->sigma_mm[s->scales - 1] * s->px_per_mm) + 1;
    l->at[0] = (struct level){ *plane, *where, 1, 0 };
    for (int i = 1; i < l->n; i++) {
        const struct level *const fine = &l->at[i - 1];
        struct level *const coarse = &l->at[i];

        coarse->scale = 0.5 * fine->scale;
        coarse->offset = 0.5 * (fine->offset - 0.5) + DERM_SHRINK_MARGIN;
        DERM_TRY(derm_shrink(&f, &coarse->plane, &fine->plane, 1));
        DERM_TRY(thin_mask(run, coarse, where));
    }
    return DERM_OK;
}

/* ---- maxima of one size */

static bool is_lit(const struct derm_pit_search *s)
{
    return s->toward_x != 0 || s->toward_y != 0;
}

/* px^2 of the level that are still to be smoothed: thinning by [1 3 3 1] / 8 has the variance 3/4.
 */
static double variance_left(const struct level *l, double sigma_px)
{
    const double thinned = (1 / (l->scale * l->scale) - 1) / 4;

    return (sigma_px * sigma_px - thinned) * l->scale * l->scale;
}

/* Noise bends a pit by its share of the response, which is 1 / z. */
static double least_ratio(const struct derm_pit_search *s, double z)
{
    return s->min_ratio - s->ratio_error / z;
}

static struct derm_response response_of(const struct derm_pit_search *s, double sigma_px,
                                        const struct level *l)
{
    /* The stencil smooths, too: see kernels/response.h. */
    const double stencil = is_lit(s) ? 1 / 3.0 : 1 / 6.0, sigma = sigma_px * l->scale;
    static const double smooth[3] = { 1, 4, 1 };
    struct derm_response r = { .variance_px = fmax(variance_left(l, sigma_px) - stencil, 0) };

    for (int j = 0; j < 3; j++)
        for (int i = 0; i < 3; i++) {
            const double slope =
                s->toward_x * (i - 1) * smooth[j] + s->toward_y * (j - 1) * smooth[i];
            const double bend = (i == 1 && j == 1) * 36 - smooth[i] * smooth[j];
            r.weight[3 * j + i] =
                (float)(is_lit(s) ? sigma * slope / 12 : sigma * sigma * bend / 6);
        }
    return r;
}

/* One size of the search: the level that it is looked for on, and weights for a quick look there.
 */
struct size {
    double sigma_px;
    const struct level *level;
    struct derm_pit_sight sight;
};

static derm_err size_new(struct derm_run *run, struct size *size, const struct levels *levels,
                         double sigma_px)
{
    const struct level *const l = &levels->at[level_of(sigma_px)];

    size->sigma_px = sigma_px;
    size->level = l;
    return derm_pit_sight_new(run, &size->sight, sigma_px * l->scale, variance_left(l, sigma_px));
}

static struct derm_pit_look glance(const struct derm_kernels *k, const struct size *size, double x,
                                   double y)
{
    const struct level *const l = size->level;

    return derm_pit_glance(k, &l->plane, &size->sight, l->scale * x + l->offset,
                           l->scale * y + l->offset);
}

struct pits {
    struct derm_pit *item;
    int n;
};

struct search {
    const struct derm_kernels *k;
    const struct derm_pit_search *s;
    const struct derm_mask *where;
    const struct size *size;
    struct derm_pit_noise noise;
};

/* Of a maximum on its level. */
static struct derm_pit pit_of(const struct search *s, const struct derm_maximum *m)
{
    const struct level *const l = s->size->level;

    return (struct derm_pit){
        .x = (m->x + (double)m->dx - l->offset) / l->scale,
        .y = (m->y + (double)m->dy - l->offset) / l->scale,
        .sigma_px = s->size->sigma_px,
        .response = (double)m->value,
        .z = (double)m->value / derm_pit_noise_at(&s->noise, m->x, m->y),
    };
}

static bool may_be_pit(const void *search, const struct derm_maximum *m)
{
    const struct search *const s = search;
    const struct derm_mask *const where = s->where;
    const struct derm_pit pit = pit_of(s, m);
    const int column = (int)floor(pit.x + 0.5), row = (int)floor(pit.y + 0.5);
    struct derm_pit_look look;

    if (pit.z < s->s->z_min || column < 0 || row < 0 || column >= where->w || row >= where->h ||
        !derm_mask_row(where, row)[column])
        return false;
    look = glance(s->k, s->size, pit.x, pit.y);
    return derm_pit_ratio(&look) >= least_ratio(s->s, pit.z);
}

/* The maxima of one size as pits, in run->scratch. */
static derm_err search_size(struct derm_run *run, const struct derm_mask *where,
                            const struct derm_pit_search *search, int scale,
                            const struct size *size, struct pits *out)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct level *const l = size->level;
    const struct derm_response response = response_of(search, size->sigma_px, l);
    struct search s = { .k = run->k, .s = search, .where = where, .size = size };
    struct derm_maxima_search maxima = { .mask = &l->where, .accept = may_be_pit, .asker = &s };
    struct derm_maximum *m;
    float *least;

    DERM_TRY(derm_arena_raw(run->scratch, &least, (size_t)l->plane.h, sizeof(*least)));
    DERM_TRY(derm_pit_noise_measure(run, &s.noise, &l->plane, &l->where, &response,
                                    search->window_mm * search->px_per_mm * l->scale));
    derm_pit_noise_floor(&s.noise, search->z_min, least, l->plane.h);
    maxima.floor = least;
    DERM_TRY(derm_response_maxima(&f, &l->plane, &response, &maxima, &m, &out->n));
    DERM_TRY(derm_arena_raw(run->scratch, &out->item, (size_t)out->n, sizeof(*out->item)));
    for (int i = 0; i < out->n; i++) {
        out->item[i] = pit_of(&s, &m[i]);
        out->item[i].scale = scale;
    }
    return DERM_OK;
}

/* ---- strongest of those near each other */

struct rank { /* what is sorted: pits themselves are large */
    double z;
    const struct derm_pit *pit;
};

static int stronger_first(const void *pa, const void *pb)
{
    const struct rank *const ra = pa, *const rb = pb;
    const struct derm_pit *const a = ra->pit, *const b = rb->pit;

    if (ra->z != rb->z) return ra->z > rb->z ? -1 : 1;
    if (a->y != b->y) return a->y < b->y ? -1 : 1;
    if (a->x != b->x) return a->x < b->x ? -1 : 1;
    return a->scale - b->scale;
}

/* All that was found, in order. */
static derm_err rank_all(struct derm_run *run, const struct pits *found, int scales,
                         struct rank **rank, int *n)
{
    int total = 0;

    for (int i = 0; i < scales; i++)
        total += found[i].n;
    DERM_TRY(derm_arena_raw(run->scratch, rank, (size_t)total + 1, sizeof(**rank)));
    *n = 0;
    for (int i = 0; i < scales; i++)
        for (int k = 0; k < found[i].n; k++)
            (*rank)[(*n)++] = (struct rank){ found[i].item[k].z, &found[i].item[k] };
    qsort(*rank, (size_t)total, sizeof(**rank), stronger_first);
    return DERM_OK;
}

struct buckets { /* kept pits by square of side apart_px */
    int *first, *next, w, h;
    double side;
};

static bool is_near_kept(const struct buckets *k, const struct derm_pit *pit,
                         const struct derm_pit *b)
{
    const int i = (int)(b->x / k->side), j = (int)(b->y / k->side);

    for (int v = imax(j - 1, 0); v <= imin(j + 1, k->h - 1); v++)
        for (int u = imax(i - 1, 0); u <= imin(i + 1, k->w - 1); u++)
            for (int a = k->first[v * k->w + u]; a; a = k->next[a - 1]) {
                const double dx = pit[a - 1].x - b->x, dy = pit[a - 1].y - b->y;
                if (dx * dx + dy * dy < k->side * k->side) return true;
            }
    return false;
}

/* *out are the pits that are kept, strongest first; *order lists them by their places, for what is
 * near to lie near in the cache. */
static derm_err thin(struct derm_run *run, const struct derm_plane *plane, double apart_px,
                     const struct rank *rank, int ranks, struct derm_pit **out, int *n, int **order)
{
    struct buckets k = { .side = fmax(apart_px, 1.0) }; /* else tiny scales make endless buckets */
    struct derm_pit *pit;
    int kept = 0, listed = 0;

    k.w = (int)(plane->w / k.side) + 1;
    k.h = (int)(plane->h / k.side) + 1;
    DERM_TRY(derm_arena_new(run->scratch, &k.first, (size_t)k.w * (size_t)k.h, sizeof(int)));
    DERM_TRY(derm_arena_raw(run->scratch, &k.next, (size_t)ranks + 1, sizeof(int)));
    DERM_TRY(derm_arena_raw(run->scratch, &pit, (size_t)ranks + 1, sizeof(*pit)));
    for (int i = 0; i < ranks; i++) {
        int *bucket;

        if (is_near_kept(&k, pit, rank[i].pit)) continue;
        pit[kept] = *rank[i].pit;
        bucket = &k.first[(int)(pit[kept].y / k.side) * k.w + (int)(pit[kept].x / k.side)];
        k.next[kept] = *bucket;
        *bucket = ++kept;
    }
    DERM_TRY(derm_arena_raw(run->scratch, order, (size_t)kept + 1, sizeof(**order)));
    for (int i = 0; i < k.w * k.h; i++)
        for (int a = k.first[i]; a; a = k.next[a - 1])
            (*order)[listed++] = a - 1;
    *out = pit;
    *n = kept;
    return DERM_OK;
}

/* ---- a closer look */

static double response_to(const struct derm_pit_search *s, const struct derm_pit_look *l)
{
    return is_lit(s) ? s->toward_x * l->x + s->toward_y * l->y : derm_pit_response(l);
}

/* z decides what is a pit, and favours sizes at which the skin is quiet; the size of a pit is
 * where the response itself is largest, between the sizes of the search by a parabola. */
static bool settle(const struct derm_kernels *k, const struct derm_plane *plane,
                   const struct derm_pit_search *s, const struct size *size, struct derm_pit *b)
{
    double response[DERM_MAX_PIT_SCALES];
    struct derm_pit_look look;
    struct derm_pit_aim aim;
    int best = 0;

    for (int i = 0; i < s->scales; i++) {
        look = glance(k, &size[i], b->x, b->y);
        response[i] = response_to(s, &look);
        if (response[i] > response[best]) best = i;
    }
    if (s->unwanted >> best & 1) return false; /* before the closer look, which costs most */
    b->scale = best;
    b->sigma_px = size[best].sigma_px;
    if (best > 0 && best < s->scales - 1) {
        const double before = response[best] - response[best - 1];
        const double after = response[best] - response[best + 1];
        const double t = before + after > 0 ? 0.5 * (before - after) / (before + after) : 0;
        b->sigma_px += fabs(t) * (size[t < 0 ? best - 1 : best + 1].sigma_px - b->sigma_px);
    }
    derm_pit_aim(&aim, b->x, b->y, b->sigma_px);
    look = derm_pit_look(k, plane, &aim);
    b->ratio = derm_pit_ratio(&look);
    if (b->ratio < least_ratio(s, b->z)) return false;
    b->response = response_to(s, &look);
    b->slope_x = look.x;
    b->slope_y = look.y;
    return !s->accept || s->accept(s->asker, b, &aim);
}

struct closer {
    const struct derm_kernels *k;
    const struct derm_plane *plane;
    const struct derm_pit_search *search;
    struct size size[DERM_MAX_PIT_SCALES];
    struct derm_pit *pit;
    const int *order;
    bool *accepted;
};

static void settle_some(const void *job, int from, int end, void *own)
{
    const struct closer *const c = job;

    (void)own;
    for (int i = from; i < end; i++) {
        const int at = c->order[i];
        c->accepted[at] = settle(c->k, c->plane, c->search, c->size, &c->pit[at]);
    }
}

static derm_err settle_all(struct derm_run *run, struct closer *c, int *n)
{
    const struct derm_filter f = derm_run_filter(run);
    int kept = 0;

    DERM_TRY(derm_arena_raw(run->scratch, &c->accepted, (size_t)*n + 1, sizeof(bool)));
    DERM_TRY(derm_bands_run(&f, *n, 0, settle_some, c));
    for (int i = 0; i < *n; i++)
        if (c->accepted[i]) c->pit[kept++] = c->pit[i];
    *n = kept;
    return DERM_OK;
}

derm_err derm_pits_find(struct derm_run *run, const struct derm_plane *plane,
                        const struct derm_mask *where, const struct derm_pit_search *search,
                        struct derm_pit **out, int *n)
{
    struct closer closer = { .k = run->k, .plane = plane, .search = search };
    struct pits found[DERM_MAX_PIT_SCALES];
    struct levels levels;
    struct rank *rank;
    int ranks, *order;

    DERM_TRY(levels_new(run, &levels, plane, where, search));
    for (int i = 0; i < search->scales; i++) {
        struct size *const size = &closer.size[i];

        DERM_TRY(size_new(run, size, &levels, search->sigma_mm[i] * search->px_per_mm));
        DERM_TRY(search_size(run, where, search, i, size, &found[i]));
    }
    DERM_TRY(rank_all(run, found, search->scales, &rank, &ranks));
    DERM_TRY(thin(run, plane, search->apart_mm * search->px_per_mm, rank, ranks, out, n, &order));
    closer.pit = *out;
    closer.order = order;
    return settle_all(run, &closer, n);
}
