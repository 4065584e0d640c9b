/* SPDX-License-Identifier: Apache-2.0 */
/* For each size: second derivatives, their noise, the places that stand out on a straight line of
 * their own; from the strongest on a walker follows the band both ways. It looks ahead along a few
 * directions and takes the best, so that noise at one place does not turn it, and keeps to the
 * middle. Directions turn by fixed small angles: no sine, the same bits everywhere. */
#include "stages/ridge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "stages/ridge_seeds.h"

/* The turns of one step, straight on first: 0, +-5 and +-10 degrees a pixel; see set_turns. */
static const struct derm_point turn[DERM_RIDGE_TURNS] = {
    { 1, 0 },
    { 0.99619469809174553, 0.08715574274765817 },
    { 0.99619469809174553, -0.08715574274765817 },
    { 0.98480775301220802, 0.17364817766693033 },
    { 0.98480775301220802, -0.17364817766693033 },
};

struct trail {
    struct derm_point *at;
    int n, room;
    double sum;       /* of responses */
    double radius_px; /* nearer than this it is the same ridge */
};

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
        if (at.x < 0 || at.y < 0 || at.x > s->w - 1 || at.y > s->h - 1) return;
        if (derm_mask_row(taken, (int)(at.y + 0.5))[(int)(at.x + 0.5)] || is_round(t, at)) return;
        t->at[t->n++] = at;
        t->sum += counted(s, at, along, &v);
    }
}

/* Both ways from the seed, then in order from one end to the other. */
static void trace(struct derm_sheet *s, const struct derm_ridge_search *search,
                  const struct derm_mask *taken, const struct derm_ridge_seed *seed,
                  struct trail *t)
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

    for (int dy = -r; dy <= r; dy++) {
        int half = r;

        while (half >= 0 && half * half + dy * dy > t->radius_px * t->radius_px)
            half--;
        for (int i = 0; i < t->n && half >= 0; i++) {
            const int cx = (int)(t->at[i].x + 0.5), y = (int)(t->at[i].y + 0.5) + dy;
            const int from = imax(cx - half, 0), to = imin(cx + half, taken->w - 1);

            if (y >= 0 && y < taken->h)
                memset(derm_mask_row(taken, y) + from, 0xff, (size_t)to + 1 - (size_t)from);
        }
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
    struct trail t = { .room = 2 * (s->w + s->h), .radius_px = fmax(1, sigma_px) };
    struct derm_mask taken;
    struct derm_ridge_seed *seed;
    int seeds;

    DERM_TRY(derm_arena_raw(run->scratch, &t.at, (size_t)t.room, sizeof(*t.at)));
    DERM_TRY(derm_mask_new(run->scratch, &taken, s->w, s->h));
    DERM_TRY(derm_ridge_seeds(run, s, search, &seed, &seeds));
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
                            .sight = imax(1, (int)(search->sight_mm * search->px_per_mm + 0.5)),
                            .cap = search->cap > 0 ? search->cap : HUGE_VAL };
    struct ridges found = { NULL, 0 };

    *out = NULL;
    *n = 0;
    if (plane->w < 2 || plane->h < 2) return DERM_OK; /* no place between pixels */
    set_turns(&s, search);
    DERM_TRY(derm_arena_raw(run->scratch, &found.item, (size_t)search->most, sizeof(*found.item)));
    DERM_TRY(derm_sheet_new(run, &s, where));
    for (int i = 0; i < search->sizes; i++) {
        const double sigma_px = search->sigma_mm[i] * search->px_per_mm;
        struct derm_plane xx = derm_sheet_plane(&s, 0), xy = derm_sheet_plane(&s, 1),
                          yy = derm_sheet_plane(&s, 2);

        DERM_TRY(derm_hessian(&f, &xx, &xy, &yy, plane, sigma_px));
        DERM_TRY(derm_sheet_noise(run, &s, search, i));
        if (s.noise <= 0) continue;
        DERM_TRY(derm_ridge_look_over(run, &s, search));
        DERM_TRY(derm_sheet_limits(run, &s, search, i));
        DERM_TRY(trace_all(run, &s, search, sigma_px, &found));
    }
    derm_plane_give(run->scratch, &s.px);
    qsort(found.item, (size_t)found.n, sizeof(*found.item), stronger_ridge);
    *out = found.item;
    *n = found.n;
    return DERM_OK;
}
