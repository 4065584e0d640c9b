/* SPDX-License-Identifier: Apache-2.0 */
/* For each size: second derivatives, their noise, the places that stand out on a straight line of
 * their own; from the strongest on a walker follows the band both ways. It looks ahead along a few
 * directions and takes the best, so that noise at one place does not turn it, and keeps to the
 * middle. Directions turn by fixed small angles: no sine, the same bits everywhere. */
#include "stages/ridge.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/num.h"
#include "kernels/bands.h"
#include "stages/mask_ops.h"
#include "stages/ridge_sheet.h"

/* The turns of one step, straight on first: 0, +-5 and +-10 degrees a pixel; see set_turns. */
static const struct derm_point turn[DERM_RIDGE_TURNS] = {
    { 1, 0 },
    { 0.99619469809174553, 0.08715574274765817 },
    { 0.99619469809174553, -0.08715574274765817 },
    { 0.98480775301220802, 0.17364817766693033 },
    { 0.98480775301220802, -0.17364817766693033 },
};

struct seed {
    struct derm_point at, along;
    double sign, z;
};

struct trail {
    struct derm_point *at;
    int n, room;
    double sum;       /* of responses */
    double radius_px; /* nearer than this it is the same ridge */
};

/* ---- where a trace may start */

static const double straight = 0.5; /* most of the lesser curvature, of the larger */

/* Of a line, the curvature at a pixel, with its sign, and its direction; 0 where the other
 * curvature is too large: a spot is no line. */
static double curvature(const struct derm_sheet *s, int x, int y, struct derm_point *along)
{
    const double xx = (double)derm_row(&s->xx, y)[x], xy = (double)derm_row(&s->xy, y)[x],
                 yy = (double)derm_row(&s->yy, y)[x];
    const double mean = 0.5 * (xx + yy), half = 0.5 * (xx - yy);
    const double root = sqrt(half * half + xy * xy);
    const double larger = mean < 0 ? mean - root : mean + root;
    const double a = larger - yy, b = larger - xx; /* of which one is far from 0 */
    struct derm_point across =
        fabs(a) > fabs(b) ? (struct derm_point){ a, xy } : (struct derm_point){ xy, b };
    const double length = sqrt(across.x * across.x + across.y * across.y);

    if (length <= 0 || fabs(2 * mean - larger) > straight * fabs(larger)) return 0;
    *along = (struct derm_point){ -across.y / length, across.x / length };
    return larger;
}

static void deepest_of_four(uint8_t *restrict row, const uint8_t *restrict below, int n)
{
    for (int x = 0; x < n; x++) {
        const uint8_t a = row[x] > row[x + 1] ? row[x] : row[x + 1];
        const uint8_t b = below[x] > below[x + 1] ? below[x] : below[x + 1];

        row[x] = a > b ? a : b;
    }
}

/* A response between four pixels is at most what the deepest of them has across any direction. For
 * each pixel and those after it to the right and below, in scratch, in steps of which the cap has
 * CAP_STEPS; none where there is no cap, and few seeds, or pale bands are sought as well. */
enum { CAP_STEPS = 254 };

static derm_err find_depths(struct derm_run *run, struct derm_sheet *s,
                            const struct derm_ridge_search *search)
{
    const double half_step = 0.5; /* for what is rounded */
    const int w = s->xx.w, h = s->xx.h;

    s->deep.px = NULL;
    s->least_steps = 2 * s->sight * s->z_start * (CAP_STEPS / s->cap) - half_step;
    if (s->cap == HUGE_VAL || !search->dark_only) return DERM_OK;
    DERM_TRY(derm_mask_raw(run->scratch, &s->deep, w, h));
    for (int y = 0; y < h; y++)
        run->k->depths(derm_mask_row(&s->deep, y), derm_row(&s->xx, y), derm_row(&s->xy, y),
                       derm_row(&s->yy, y), (float)(CAP_STEPS / (s->cap * s->noise)), (size_t)w);
    for (int y = 0; y + 1 < h; y++)
        deepest_of_four(derm_mask_row(&s->deep, y), derm_mask_row(&s->deep, y + 1), w - 1);
    return DERM_OK;
}

/* Whether the mean along a line through a pixel may come to z_start; near the edge it may. */
static bool may_stand_out(const struct derm_sheet *s, int x, int y, struct derm_point along)
{
    const struct derm_ray ray = { x, y, along.x, along.y, -s->sight };
    const int reach = s->sight + 1;

    if (!s->deep.px || imin(x, y) < reach || x + reach >= s->xx.w || y + reach >= s->xx.h)
        return true;
    return s->k->sum_along(s->deep.px, s->deep.stride, &ray, 2 * (size_t)s->sight + 1) -
               derm_mask_row(&s->deep, y)[x] >=
           s->least_steps;
}

/* Stands out, more than its neighbours across, and on a straight line through it. */
static bool is_seed(struct derm_sheet *s, int x, int y, const struct derm_ridge_search *search,
                    struct seed *seed)
{
    const double larger = curvature(s, x, y, &seed->along);
    const struct derm_point across = { -seed->along.y, seed->along.x };
    const struct derm_point back = { -seed->along.x, -seed->along.y };
    struct derm_across v;
    double beside[3], before;

    if (fabs(larger) <= 0 || fabs(larger) < search->z_point * s->noise) return false;
    if (search->dark_only && larger > 0) return false;
    if (!may_stand_out(s, x, y, seed->along)) return false;
    s->sign = seed->sign = larger < 0 ? -1 : 1;
    seed->at = (struct derm_point){ x, y };
    v = derm_sheet_view(s, seed->along); /* back has the same */
    derm_sheet_respond(s, seed->at, across, -1, &v, 3, beside);
    if (beside[1] < beside[0] || beside[1] < beside[2]) return false;
    before = derm_sheet_ahead(s, seed->at, seed->along, &v, 2 * s->z_start - s->cap);
    seed->z = 0.5 * (before + derm_sheet_ahead(s, seed->at, back, &v, 2 * s->z_start - before));
    return seed->z >= s->z_start;
}

static int stronger_seed(const void *pa, const void *pb)
{
    const struct seed *const a = pa, *const b = pb;

    if (a->z != b->z) return a->z > b->z ? -1 : 1;
    if (a->at.y != b->at.y) return a->at.y < b->at.y ? -1 : 1;
    return (a->at.x > b->at.x) - (a->at.x < b->at.x);
}

/* The tests of is_seed that a pixel can be asked alone, in single precision and with a margin for
 * it: may[x] = 0xff where it might pass. Returns how many might. */
static int look_over(const struct derm_kernels *k, const struct derm_sheet *s,
                     const struct derm_ridge_search *search, int y, uint8_t *may)
{
    const float margin = 1e-5f;
    const struct derm_line_limits limits = {
        .least = (1 - margin) * (float)(search->z_point * s->noise),
        .most_round = (1 + margin) * (float)straight,
        .most_mean = search->dark_only ? 0.0f : FLT_MAX, /* it has the larger one's sign */
    };

    return k->lines(may, derm_row(&s->xx, y), derm_row(&s->xy, y), derm_row(&s->yy, y),
                    derm_mask_row(s->where, y), &limits, (size_t)s->xx.w);
}

struct seed_job {
    const struct derm_kernels *k;
    const struct derm_sheet *sheet;
    const struct derm_ridge_search *search;
    struct derm_mask may;
    struct seed *seed;
    atomic_int *most, *seeds; /* that may be; that are, in any order */
};

static void look_over_band(const void *job, int y0, int y1, void *own)
{
    const struct seed_job *const j = job;
    int n = 0;

    (void)own;
    for (int y = y0; y < y1; y++)
        n += look_over(j->k, j->sheet, j->search, y, derm_mask_row(&j->may, y));
    atomic_fetch_add_explicit(j->most, n, memory_order_relaxed);
}

static void find_band(const void *job, int y0, int y1, void *own)
{
    const struct seed_job *const j = job;
    struct derm_sheet s = *j->sheet; /* with the sign of what is looked at */
    struct seed seed;

    (void)own;
    for (int y = y0; y < y1; y++)
        for (int x = -1; (x = derm_mask_next(&j->may, y, x + 1)) < j->may.w;)
            if (is_seed(&s, x, y, j->search, &seed))
                j->seed[atomic_fetch_add_explicit(j->seeds, 1, memory_order_relaxed)] = seed;
}

/* The strongest first, in scratch. */
static derm_err find_seeds(struct derm_run *run, struct derm_sheet *s,
                           const struct derm_ridge_search *search, struct seed **out, int *seeds)
{
    const struct derm_filter f = derm_run_filter(run);
    struct seed_job j = { .k = run->k, .sheet = s, .search = search };
    const int h = s->xx.h;
    atomic_int most, found;
    size_t bytes;

    atomic_init(&most, 0);
    atomic_init(&found, 0);
    j.most = &most;
    j.seeds = &found;
    DERM_TRY(find_depths(run, s, search));
    DERM_TRY(derm_mask_new(run->scratch, &j.may, s->xx.w, h));
    DERM_TRY(derm_bands_run(&f, h, 0, look_over_band, &j));
    bytes = ((size_t)atomic_load(&most) + 1) * sizeof(*j.seed);
    DERM_TRY(derm_arena_raw(run->scratch, &j.seed, bytes, 1));
    DERM_TRY(derm_bands_run(&f, h, 0, find_band, &j));
    *seeds = atomic_load(&found);
    derm_arena_trim(run->scratch, j.seed, bytes, (size_t)*seeds * sizeof(*j.seed));
    derm_mask_give(run->scratch, &j.may);
    derm_mask_give(run->scratch, &s->deep);
    qsort(j.seed, (size_t)*seeds, sizeof(*j.seed), stronger_seed);
    *out = j.seed;
    return DERM_OK;
}

/* ---- tracing */

static struct derm_point unit_of(double x, double y)
{
    const double length = sqrt(x * x + y * y);

    return (struct derm_point){ x / length, y / length };
}

static struct derm_point turned(struct derm_point along, struct derm_point by)
{
    return unit_of(along.x * by.x - along.y * by.y, along.x * by.y + along.y * by.x);
}

static const double most_aside = 0.33;   /* px */
static const double longest_step = 1.06; /* px: one ahead, and most_aside across */

/* What the response at a place adds to a mean. */
static double counted(const struct derm_sheet *s, struct derm_point at, struct derm_point along,
                      const struct derm_across *v)
{
    double value;

    derm_sheet_respond(s, at, along, 0, v, 1, &value);
    return mind(value, s->cap);
}

/* To the middle of the band: the top of a parabola through three responses across, at most a third
 * of a pixel away. */
static struct derm_point centred(const struct derm_sheet *s, struct derm_point at,
                                 struct derm_point along, const struct derm_across *v)
{
    const struct derm_point across = { -along.y, along.x };
    double beside[3];

    derm_sheet_respond(s, at, across, -1, v, 3, beside);
    const double left = beside[0], right = beside[2], bend = left - 2 * beside[1] + right;
    const double shift = bend < 0 ? 0.5 * (left - right) / bend : right > left ? 1 : -1;

    return derm_point_ahead(at, across, clampd(shift, -most_aside, most_aside));
}

/* Whether the trail has come round to itself. From a point that is far away as many are passed over
 * as it takes to come near. */
static bool is_round(const struct trail *t, struct derm_point at)
{
    const int recent = (int)(3 * t->radius_px) + 1; /* points that are near because they are last */

    for (int i = 0; i + recent < t->n;) {
        const double dx = t->at[i].x - at.x, dy = t->at[i].y - at.y, d2 = dx * dx + dy * dy;

        if (d2 <= t->radius_px * t->radius_px) return true;
        i += 1 + (int)((sqrt(d2) - t->radius_px) / longest_step);
    }
    return false;
}

static void walk(const struct derm_sheet *s, const struct derm_ridge_search *search,
                 const struct derm_mask *taken, struct derm_point along, struct trail *t)
{
    struct derm_point at = t->at[t->n - 1];

    while (t->n < t->room) {
        const double least = fmax(s->z_ahead, search->share * t->sum / t->n);
        struct derm_point best_way = along;
        double best = -HUGE_VAL, z;
        struct derm_across v;

        for (int i = 0; i < DERM_RIDGE_TURNS; i++) {
            const struct derm_point way = turned(along, s->turn[i]);

            v = derm_sheet_view(s, way);
            z = derm_sheet_ahead(s, at, way, &v, fmax(best, least));
            if (z <= best) continue;
            best = z;
            best_way = way;
        }
        if (best < least) return;
        along = best_way;
        v = derm_sheet_view(s, along);
        at = centred(s, derm_point_ahead(at, along, 1), along, &v);
        if (at.x < 0 || at.y < 0 || at.x > s->xx.w - 1 || at.y > s->xx.h - 1) return;
        if (derm_mask_row(taken, (int)(at.y + 0.5))[(int)(at.x + 0.5)] || is_round(t, at)) return;
        t->at[t->n++] = at;
        t->sum += counted(s, at, along, &v);
    }
}

/* Both ways from the seed, then in order from one end to the other. */
static void trace(struct derm_sheet *s, const struct derm_ridge_search *search,
                  const struct derm_mask *taken, const struct seed *seed, struct trail *t)
{
    const struct derm_point back = { -seed->along.x, -seed->along.y };
    struct derm_across v;
    int first;

    s->sign = seed->sign;
    v = derm_sheet_view(s, seed->along);
    t->at[0] = seed->at;
    t->n = 1;
    t->sum = counted(s, seed->at, seed->along, &v);
    walk(s, search, taken, back, t);
    first = t->n;
    for (int i = 0; i < first / 2; i++) {
        const struct derm_point swap = t->at[i];
        t->at[i] = t->at[first - 1 - i];
        t->at[first - 1 - i] = swap;
    }
    walk(s, search, taken, seed->along, t);
}

static void take(struct derm_mask *taken, const struct trail *t)
{
    const int r = (int)ceil(t->radius_px);

    for (int i = 0; i < t->n; i++) {
        const int cx = (int)(t->at[i].x + 0.5), cy = (int)(t->at[i].y + 0.5);

        for (int y = imax(cy - r, 0); y <= imin(cy + r, taken->h - 1); y++)
            for (int x = imax(cx - r, 0); x <= imin(cx + r, taken->w - 1); x++)
                if ((x - cx) * (x - cx) + (y - cy) * (y - cy) <= t->radius_px * t->radius_px)
                    derm_mask_row(taken, y)[x] = 0xff;
    }
}

/* The noise of a mean falls with the root of its length. */
static double z_of(const struct derm_sheet *s, const struct trail *t)
{
    if (s->mean_noise <= 0) return 0;
    return t->sum / (s->mean_noise * sqrt((2.0 * s->sight + 1) * t->n));
}

struct ridges {
    struct derm_ridge *item;
    int n;
};

static derm_err trace_all(struct derm_run *run, struct derm_sheet *s,
                          const struct derm_ridge_search *search, double sigma_px,
                          struct ridges *out)
{
    struct trail t = { .room = 2 * (s->xx.w + s->xx.h), .radius_px = fmax(1, sigma_px) };
    struct derm_mask taken;
    struct seed *seed;
    int seeds;

    DERM_TRY(derm_arena_raw(run->scratch, &t.at, (size_t)t.room, sizeof(*t.at)));
    DERM_TRY(derm_mask_new(run->scratch, &taken, s->xx.w, s->xx.h));
    DERM_TRY(find_seeds(run, s, search, &seed, &seeds));
    for (int i = 0; i < seeds && out->n < search->most; i++) {
        struct derm_ridge *const r = &out->item[out->n];

        if (derm_mask_row(&taken, (int)seed[i].at.y)[(int)seed[i].at.x]) continue;
        trace(s, search, &taken, &seed[i], &t);
        take(&taken, &t);
        if (t.n < search->min_length_mm * search->px_per_mm) continue;
        *r = (struct derm_ridge){
            .n = t.n, .pale = seed[i].sign > 0, .strength = t.sum, .z = z_of(s, &t)
        };
        DERM_TRY(derm_arena_raw(run->scratch, &r->at, (size_t)t.n, sizeof(*r->at)));
        for (int k = 0; k < t.n; k++)
            r->at[k] = t.at[k];
        out->n++;
    }
    derm_mask_give(run->scratch, &taken);
    return DERM_OK;
}

static int stronger_ridge(const void *pa, const void *pb)
{
    const struct derm_ridge *const a = pa, *const b = pb;

    if (a->strength != b->strength) return a->strength > b->strength ? -1 : 1;
    if (a->at[0].y != b->at[0].y) return a->at[0].y < b->at[0].y ? -1 : 1;
    return (a->at[0].x > b->at[0].x) - (a->at[0].x < b->at[0].x);
}

static void set_turns(struct derm_sheet *s, const struct derm_ridge_search *search)
{
    const double most = search->min_radius_mm > 0 ? 1 / (search->min_radius_mm * search->px_per_mm)
                                                  : 0; /* tangent of the turn of one step */
    const double tangent[DERM_RIDGE_TURNS] = { 0, 0.5 * most, -0.5 * most, most, -most };

    for (int i = 0; i < DERM_RIDGE_TURNS; i++)
        s->turn[i] = most > 0 ? unit_of(1, tangent[i]) : turn[i];
}

derm_err derm_ridges_find(struct derm_run *run, const struct derm_plane *plane,
                          const struct derm_mask *where, struct derm_ridge_search *search,
                          struct derm_ridge **out, int *n)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_sheet s = { .k = run->k,
                            .where = where,
                            .sight = imax(1, (int)(search->sight_mm * search->px_per_mm + 0.5)),
                            .cap = search->cap > 0 ? search->cap : HUGE_VAL };
    struct ridges found = { NULL, 0 };

    set_turns(&s, search);
    DERM_TRY(derm_arena_raw(run->scratch, &found.item, (size_t)search->most, sizeof(*found.item)));
    DERM_TRY(derm_plane_raw(run->scratch, &s.xx, plane->w, plane->h));
    DERM_TRY(derm_plane_raw(run->scratch, &s.xy, plane->w, plane->h));
    DERM_TRY(derm_plane_raw(run->scratch, &s.yy, plane->w, plane->h));
    for (int i = 0; i < search->sizes; i++) {
        const double sigma_px = search->sigma_mm[i] * search->px_per_mm;

        DERM_TRY(derm_hessian(&f, &s.xx, &s.xy, &s.yy, plane, sigma_px));
        DERM_TRY(derm_sheet_limits(run, &s, search, i));
        if (s.noise > 0) DERM_TRY(trace_all(run, &s, search, sigma_px, &found));
    }
    derm_plane_give(run->scratch, &s.xx);
    derm_plane_give(run->scratch, &s.xy);
    derm_plane_give(run->scratch, &s.yy);
    qsort(found.item, (size_t)found.n, sizeof(*found.item), stronger_ridge);
    *out = found.item;
    *n = found.n;
    return DERM_OK;
}
