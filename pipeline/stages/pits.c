/* SPDX-License-Identifier: Apache-2.0 */
/* Laplacian-of-Gaussian blobs. Per scale: the response of the whole plane, its local noise (mean
 * magnitude in a wide window, large responses capped), maxima above the threshold. Then over all
 * scales the strongest of those near each other, its place to a fraction of a pixel. Values at a
 * place are always computed there, by weights made for that place: measuring a pit again, in
 * another photo, needs no plane and no search. */
#include "stages/pits.h"

#include <math.h>
#include <stdlib.h>

#include "base/num.h"

static const double cell_mm = 0.5; /* the noise is averaged over cells first */
enum { CAP_ROUNDS = 4 };
static const double cap = 3;                /* times the mean magnitude: what counts as noise */
static const double sd_of_mean = 1.2533141; /* sd of a normal variable whose mean magnitude is 1 */

/* ---- weights for one place */

enum { MAX_REACH = 128 };
struct taps {
    int first, n; /* samples first .. first + n - 1 */
    float g[2 * MAX_REACH + 2], d1[2 * MAX_REACH + 2], d2[2 * MAX_REACH + 2];
};

/* Sampled Gaussian and its derivatives around `at`, normalised so that a constant, a ramp and a
 * parabola come out exactly. */
static void make_taps(struct taps *t, double at, double sigma_px)
{
    const int reach = imin(imax((int)ceil(4 * sigma_px), 2), MAX_REACH);
    const double variance = fmax(sigma_px * sigma_px, 0.25);
    double sum = 0, mean = 0, spread = 0, bend = 0;

    t->first = (int)floor(at) - reach;
    t->n = 2 * reach + 2;
    for (int i = 0; i < t->n; i++) {
        const double u = t->first + i - at;

        t->g[i] = derm_expf((float)(-0.5 * u * u / variance));
        sum += (double)t->g[i];
        mean += u * (double)t->g[i];
    }
    mean /= sum;
    for (int i = 0; i < t->n; i++) {
        const double u = t->first + i - at - mean;

        t->g[i] = (float)((double)t->g[i] / sum);
        spread += u * u * (double)t->g[i];
    }
    for (int i = 0; i < t->n; i++) {
        const double u = t->first + i - at - mean;

        t->d1[i] = (float)(u * (double)t->g[i] / spread);
        t->d2[i] = (float)((u * u - spread) * (double)t->g[i]);
        bend += u * u * (double)t->d2[i];
    }
    for (int i = 0; i < t->n; i++)
        t->d2[i] = (float)(2 * (double)t->d2[i] / bend);
}

enum { TWO = 2 }; /* rows summed side by side: each sum waits for its own last addition */

/* sum[r]: row r under the weights g, d1, d2 of h. */
static void sum_rows(const struct taps *h, const float *const row[TWO], double sum[TWO][3])
{
    double g0 = 0, d10 = 0, d20 = 0, g1 = 0, d11 = 0, d21 = 0;

    for (int i = 0; i < h->n; i++) {
        const double g = (double)h->g[i], d1 = (double)h->d1[i], d2 = (double)h->d2[i];
        const double p = (double)row[0][i], q = (double)row[1][i];
        g0 += g * p;
        d10 += d1 * p;
        d20 += d2 * p;
        g1 += g * q;
        d11 += d1 * q;
        d21 += d2 * q;
    }
    sum[0][0] = g0, sum[0][1] = d10, sum[0][2] = d20;
    sum[1][0] = g1, sum[1][1] = d11, sum[1][2] = d21;
}

/* n samples of row y from x, with replicated borders: where they are, or copied. */
static const float *samples(const struct derm_plane *plane, int x, int y, int n, float *copy)
{
    const float *const row = derm_row(plane, clampi(y, 0, plane->h - 1));

    if (x >= 0 && x + n <= plane->w) return row + x;
    for (int i = 0; i < n; i++)
        copy[i] = row[clampi(x + i, 0, plane->w - 1)];
    return copy;
}

void derm_pit_curvature(const struct derm_plane *plane, double x, double y, double sigma_px,
                        double curvature[3])
{
    const double scale = sigma_px * sigma_px;
    float copy[TWO][2 * MAX_REACH + 2];
    struct taps h, v;

    make_taps(&h, x, sigma_px);
    make_taps(&v, y, sigma_px);
    curvature[0] = curvature[1] = curvature[2] = 0;
    for (int j = 0; j < v.n; j += TWO) { /* v.n is even */
        const float *const row[TWO] = { samples(plane, h.first, v.first + j, h.n, copy[0]),
                                        samples(plane, h.first, v.first + j + 1, h.n, copy[1]) };
        double sum[TWO][3];

        sum_rows(&h, row, sum);
        for (int k = 0; k < TWO; k++) {
            /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): v.n is even */
            curvature[0] += (double)v.g[j + k] * sum[k][2] * scale;
            curvature[1] += (double)v.d1[j + k] * sum[k][1] * scale;
            curvature[2] += (double)v.d2[j + k] * sum[k][0] * scale;
        }
    }
}

void derm_pit_slope(const struct derm_plane *plane, double x, double y, double sigma_px,
                    double slope[2])
{
    struct taps h, v;

    make_taps(&h, x, sigma_px);
    make_taps(&v, y, sigma_px);
    slope[0] = slope[1] = 0;
    for (int j = 0; j < v.n; j++) {
        const float *const row = derm_row(plane, clampi(v.first + j, 0, plane->h - 1));
        double g = 0, d1 = 0;

        for (int i = 0; i < h.n; i++) {
            const double p = (double)row[clampi(h.first + i, 0, plane->w - 1)];
            g += (double)h.g[i] * p;
            d1 += (double)h.d1[i] * p;
        }
        slope[0] += (double)v.g[j] * d1 * sigma_px;
        slope[1] += (double)v.d1[j] * g * sigma_px;
    }
}

double derm_pit_response(const struct derm_plane *plane, double x, double y, double sigma_px)
{
    double c[3];

    derm_pit_curvature(plane, x, y, sigma_px, c);
    return -(c[0] + c[2]);
}

static double ratio_of(const double c[3])
{
    const double half = -0.5 * (c[0] + c[2]);
    const double apart = sqrt(0.25 * (c[0] - c[2]) * (c[0] - c[2]) + c[1] * c[1]);

    return half + apart > 0 ? (half - apart) / (half + apart) : -1;
}

/* ---- local noise */

struct noise {
    struct derm_plane magnitude;     /* px: of the response, 0 off the skin, then capped */
    struct derm_plane share, weight; /* cells: skin; skin, smoothed */
    struct derm_plane level;         /* cells: noise, sd */
    double cell_px;
};

static derm_err noise_init(struct derm_run *run, struct noise *noise, const struct derm_mask *where,
                           const struct derm_pit_search *s)
{
    const struct derm_filter f = derm_run_filter(run);
    int w, h;

    noise->cell_px = fmax(cell_mm * s->px_per_mm, 1);
    w = (int)ceil(where->w / noise->cell_px);
    h = (int)ceil(where->h / noise->cell_px);
    DERM_TRY(derm_plane_new(run->scratch, &noise->magnitude, where->w, where->h));
    DERM_TRY(derm_plane_new(run->scratch, &noise->share, w, h));
    DERM_TRY(derm_plane_new(run->scratch, &noise->weight, w, h));
    DERM_TRY(derm_plane_new(run->scratch, &noise->level, w, h));
    for (int y = 0; y < where->h; y++)
        for (int x = 0; x < where->w; x++)
            derm_row(&noise->magnitude, y)[x] = derm_mask_row(where, y)[x] ? 1.0f : 0.0f;
    DERM_TRY(derm_resample_area(&f, &noise->share, &noise->magnitude, 0, 0, noise->cell_px));
    return derm_gaussian(&f, &noise->weight, &noise->share, s->window_mm / cell_mm);
}

/* In four partial sums, which do not wait for each other. */
static double capped_sum(const float *v, float limit, int n)
{
    double part[4] = { 0 };

    for (int x = 0; x < n; x++)
        part[x % 4] += (double)(v[x] < limit ? v[x] : limit);
    return (part[0] + part[1]) + (part[2] + part[3]);
}

/* Mean magnitude, what exceeds the cap counted as the cap: found by repetition, so that objects of
 * many times the noise do not raise it. */
static double capped_mean(const struct derm_plane *magnitude, const struct derm_mask *where)
{
    double mean = 0, count = 0;

    for (int y = 0; y < where->h; y++)
        for (int x = 0; x < where->w; x++)
            count += derm_mask_row(where, y)[x] != 0;
    for (int round = 0; round < CAP_ROUNDS; round++) {
        const float limit = round > 0 ? (float)(cap * mean) : INFINITY;
        double sum = 0;

        for (int y = 0; y < where->h; y++)
            sum += capped_sum(derm_row(magnitude, y), limit, where->w);
        mean = count > 0 ? sum / count : 0;
    }
    return mean;
}

static derm_err noise_measure(struct derm_run *run, struct noise *noise,
                              const struct derm_plane *response, const struct derm_mask *where,
                              double window_mm)
{
    const struct derm_filter f = derm_run_filter(run);
    float limit;

    for (int y = 0; y < where->h; y++) {
        const uint8_t *const counts = derm_mask_row(where, y);
        const float *const in = derm_row(response, y);
        float *const out = derm_row(&noise->magnitude, y);
        for (int x = 0; x < where->w; x++)
            out[x] = counts[x] ? fabsf(in[x]) : 0.0f;
    }
    limit = (float)(cap * capped_mean(&noise->magnitude, where));
    for (int y = 0; y < where->h; y++) {
        float *const out = derm_row(&noise->magnitude, y);
        for (int x = 0; x < where->w; x++)
            out[x] = out[x] > limit ? limit : out[x];
    }
    DERM_TRY(derm_resample_area(&f, &noise->level, &noise->magnitude, 0, 0, noise->cell_px));
    DERM_TRY(derm_gaussian(&f, &noise->level, &noise->level, window_mm / cell_mm));
    for (int y = 0; y < noise->level.h; y++)
        for (int x = 0; x < noise->level.w; x++) {
            const double weight = fmax((double)derm_row(&noise->weight, y)[x], 1e-6);
            const double mean = (double)derm_row(&noise->level, y)[x] / weight;
            derm_row(&noise->level, y)[x] = (float)fmax(sd_of_mean * mean, 1e-9);
        }
    return DERM_OK;
}

static double noise_at(const struct noise *noise, double x, double y)
{
    const struct derm_plane *const p = &noise->level;
    const double u = clampd((x + 0.5) / noise->cell_px - 0.5, 0, p->w - 1);
    const double v = clampd((y + 0.5) / noise->cell_px - 0.5, 0, p->h - 1);
    const int i = imin((int)u, imax(p->w - 2, 0)), j = imin((int)v, imax(p->h - 2, 0));
    const int i1 = imin(i + 1, p->w - 1), j1 = imin(j + 1, p->h - 1);
    const float *const a = derm_row(p, j), *const b = derm_row(p, j1);
    const double top = (double)a[i] + (u - i) * (double)(a[i1] - a[i]);
    const double below = (double)b[i] + (u - i) * (double)(b[i1] - b[i]);

    return top + (v - j) * (below - top);
}

/* ---- maxima of one scale */

/* flag[x] = 1 where a pixel counts and is positive, larger than the neighbours before it and at
 * least as large as those after it. No branches: noise has a maximum every nine pixels. */
static void flag_peaks(uint8_t *restrict flag, const struct derm_plane *r,
                       const struct derm_mask *where, int y)
{
    const float *const a = derm_row(r, y - 1), *const b = derm_row(r, y);
    const float *const c = derm_row(r, y + 1);
    const uint8_t *const counts = derm_mask_row(where, y);

    for (int x = 1; x < r->w - 1; x++) {
        const float v = b[x];
        const int larger = (v > 0.0f) & (v > a[x - 1]) & (v > a[x]) & (v > a[x + 1]) &
                           (v > b[x - 1]) & (v >= b[x + 1]) & (v >= c[x - 1]) & (v >= c[x]) &
                           (v >= c[x + 1]);
        flag[x] = (uint8_t)(larger & (counts[x] != 0));
    }
}

/* Vertex of the parabola through three samples, from the middle one. */
static double vertex(double before, double at, double after)
{
    const double bend = before - 2 * at + after;

    return bend < 0 ? clampd(0.5 * (before - after) / bend, -0.5, 0.5) : 0;
}

struct level {
    struct derm_plane response;
    struct derm_pit *pit;
    int n;
};

/* Counts the maxima, or with list set writes them. flag: a row of scratch. */
static int peaks(const struct level *l, const struct derm_mask *where, const struct noise *noise,
                 const struct derm_pit_search *s, int scale, uint8_t *flag, struct derm_pit *list)
{
    const struct derm_plane *const r = &l->response;
    int n = 0;

    for (int y = 1; y < r->h - 1; y++) {
        const float *const row = derm_row(r, y);

        flag_peaks(flag, r, where, y);
        for (int x = 1; x < r->w - 1; x++) {
            double z;

            if (!flag[x]) continue;
            z = (double)row[x] / noise_at(noise, x, y);
            if (z < s->z_min) continue;
            if (list)
                list[n] = (struct derm_pit){
                    .x = x + vertex((double)row[x - 1], (double)row[x], (double)row[x + 1]),
                    .y = y + vertex((double)derm_row(r, y - 1)[x], (double)row[x],
                                    (double)derm_row(r, y + 1)[x]),
                    .sigma_px = s->sigma_mm[scale] * s->px_per_mm,
                    .response = (double)row[x],
                    .z = z,
                    .scale = scale,
                };
            n++;
        }
    }
    return n;
}

static bool is_lit(const struct derm_pit_search *s)
{
    return s->toward_x != 0 || s->toward_y != 0;
}

static double response_at(const struct derm_plane *plane, const struct derm_pit_search *s, double x,
                          double y, double sigma_px)
{
    double slope[2];

    if (!is_lit(s)) return derm_pit_response(plane, x, y, sigma_px);
    derm_pit_slope(plane, x, y, sigma_px, slope);
    return s->toward_x * slope[0] + s->toward_y * slope[1];
}

static derm_err respond_to_dark(struct derm_run *run, const struct derm_plane *plane,
                                double sigma_px, struct derm_plane *out)
{
    const struct derm_filter f = derm_run_filter(run);

    DERM_TRY(derm_log(&f, out, plane, sigma_px));
    for (int y = 0; y < out->h; y++)
        for (int x = 0; x < out->w; x++)
            derm_row(out, y)[x] = -derm_row(out, y)[x];
    return DERM_OK;
}

static derm_err respond_to_slope(struct derm_run *run, const struct derm_plane *plane,
                                 const struct derm_pit_search *s, double sigma_px,
                                 struct derm_plane *out)
{
    const struct derm_filter f = derm_run_filter(run);
    const size_t mark = run->scratch->used;
    const float ax = (float)(0.5 * sigma_px * s->toward_x);
    const float ay = (float)(0.5 * sigma_px * s->toward_y);
    struct derm_plane g;

    DERM_TRY(derm_plane_new(run->scratch, &g, plane->w, plane->h));
    DERM_TRY(derm_gaussian(&f, &g, plane, sigma_px));
    for (int y = 0; y < g.h; y++) {
        const float *const row = derm_row(&g, y);
        const float *const above = derm_row(&g, imax(y - 1, 0));
        const float *const below = derm_row(&g, imin(y + 1, g.h - 1));

        for (int x = 0; x < g.w; x++)
            derm_row(out, y)[x] =
                ax * (row[imin(x + 1, g.w - 1)] - row[imax(x - 1, 0)]) + ay * (below[x] - above[x]);
    }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

static derm_err search_scale(struct derm_run *run, const struct derm_plane *plane,
                             const struct derm_mask *where, const struct derm_pit_search *s,
                             int scale, struct noise *noise, struct level *l)
{
    const double sigma_px = s->sigma_mm[scale] * s->px_per_mm;
    uint8_t *flag;

    DERM_TRY(derm_arena_raw(run->scratch, &flag, (size_t)plane->w, sizeof(*flag)));
    if (is_lit(s))
        DERM_TRY(respond_to_slope(run, plane, s, sigma_px, &l->response));
    else
        DERM_TRY(respond_to_dark(run, plane, sigma_px, &l->response));
    DERM_TRY(noise_measure(run, noise, &l->response, where, s->window_mm));
    l->n = peaks(l, where, noise, s, scale, flag, NULL);
    DERM_TRY(derm_arena_new(run->scratch, &l->pit, (size_t)l->n + 1, sizeof(*l->pit)));
    peaks(l, where, noise, s, scale, flag, l->pit);
    return DERM_OK;
}

/* ---- strongest of those near each other */

static int stronger_first(const void *pa, const void *pb)
{
    const struct derm_pit *const a = pa, *const b = pb;

    if (a->z != b->z) return a->z > b->z ? -1 : 1;
    if (a->y != b->y) return a->y < b->y ? -1 : 1;
    if (a->x != b->x) return a->x < b->x ? -1 : 1;
    return a->scale - b->scale;
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

static derm_err thin(struct derm_run *run, const struct derm_plane *plane, double apart_px,
                     struct derm_pit *pit, int *n)
{
    struct buckets k = { .side = fmax(apart_px, 1.0) }; /* else tiny scales make endless buckets */
    int kept = 0;

    k.w = (int)(plane->w / apart_px) + 1;
    k.h = (int)(plane->h / apart_px) + 1;
    DERM_TRY(derm_arena_new(run->scratch, &k.first, (size_t)k.w * (size_t)k.h, sizeof(int)));
    DERM_TRY(derm_arena_new(run->scratch, &k.next, (size_t)*n + 1, sizeof(int)));
    qsort(pit, (size_t)*n, sizeof(*pit), stronger_first);
    for (int i = 0; i < *n; i++) {
        int *bucket;

        if (is_near_kept(&k, pit, &pit[i])) continue;
        pit[kept] = pit[i];
        bucket = &k.first[(int)(pit[kept].y / k.side) * k.w + (int)(pit[kept].x / k.side)];
        k.next[kept] = *bucket;
        *bucket = ++kept;
    }
    *n = kept;
    return DERM_OK;
}

/* z decides what is a pit, and favours sizes at which the skin is quiet; the size of a pit is
 * where the response itself is largest, between the sizes of the search by a parabola. */
static void settle(const struct derm_plane *plane, const struct derm_pit_search *s,
                   struct derm_pit *b)
{
    double response[DERM_MAX_PIT_SCALES], curvature[3];
    int best = 0;

    for (int i = 0; i < s->scales; i++) {
        response[i] = response_at(plane, s, b->x, b->y, s->sigma_mm[i] * s->px_per_mm);
        if (response[i] > response[best]) best = i;
    }
    b->scale = best;
    b->sigma_px = s->sigma_mm[best] * s->px_per_mm;
    if (best > 0 && best < s->scales - 1) {
        const double t = vertex(response[best - 1], response[best], response[best + 1]);
        const double to = s->sigma_mm[t < 0 ? best - 1 : best + 1] * s->px_per_mm;
        b->sigma_px += fabs(t) * (to - b->sigma_px);
    }
    derm_pit_curvature(plane, b->x, b->y, b->sigma_px, curvature);
    b->ratio = ratio_of(curvature);
    b->response = response_at(plane, s, b->x, b->y, b->sigma_px);
}

derm_err derm_pits_find(struct derm_run *run, const struct derm_plane *plane,
                        const struct derm_mask *where, const struct derm_pit_search *search,
                        struct derm_pit **out, int *n)
{
    struct level level[DERM_MAX_PIT_SCALES] = { 0 };
    struct noise noise;
    int total = 0;

    DERM_TRY(noise_init(run, &noise, where, search));
    DERM_TRY(derm_plane_new(run->scratch, &level[0].response, plane->w, plane->h));
    for (int i = 0; i < search->scales; i++) {
        level[i].response = level[0].response;
        DERM_TRY(search_scale(run, plane, where, search, i, &noise, &level[i]));
        total += level[i].n;
    }
    DERM_TRY(derm_arena_new(run->scratch, out, (size_t)total + 1, sizeof(**out)));
    *n = 0;
    for (int i = 0; i < search->scales; i++)
        for (int j = 0; j < level[i].n; j++)
            (*out)[(*n)++] = level[i].pit[j];
    DERM_TRY(thin(run, plane, search->apart_mm * search->px_per_mm, *out, n));
    for (int i = 0; i < *n; i++)
        settle(plane, search, &(*out)[i]);
    return DERM_OK;
}
