/* SPDX-License-Identifier: Apache-2.0 */
/* A response is made row by row, and only three rows of it exist at a time: what is wanted of it is
 * taken while it is in the cache. Between the first and the last column that the mask holds in a
 * band of rows; nothing is done elsewhere. */
#include "kernels/response.h"

#include <limits.h>
#include <stdatomic.h>
#include <string.h>

#include "base/num.h"
#include "kernels/bands.h"
#include "kernels/taps.h"

enum { RING = 3, AHEAD = DERM_DOWN_ROWS }; /* rows of smoothed pixels are made AHEAD at a time */
enum { TILE = 512 }; /* columns: the rows that a filter reads stay in the first cache */

struct job {
    const struct derm_filter *f;
    const struct derm_plane *src;
    const struct derm_mask *mask;
    const float *weight;
    struct derm_taps taps;
    const struct derm_plane *rows; /* what is wanted: rows, step apart */
    int step;
    const struct derm_maxima_search *search; /* or maxima */
    struct derm_maximum *maximum;
    atomic_int *maxima;
};

struct strip { /* of one band: rows of columns x0 .. x0 + n - 1, to be read from -1 to n */
    const struct job *j;
    int lo, hi; /* what is wanted, of the plane's columns */
    int x0, n;
    int ahead; /* smoothed rows that are made at a time */
    float *mid[AHEAD], *gauss[2 * AHEAD], *response[RING];
    int gauss_y[2 * AHEAD], response_y[RING]; /* which row lies there; -1 none */
    uint8_t *block;
};

/* A tile, what a filter reads beside it, and room for its ends. */
enum { ROW = TILE + 4 * DERM_LANES };
_Static_assert(2 * (DERM_MAX_RADIUS + 2) + 16 <= 2 * DERM_LANES, "a filter reads no farther");

/* The mid rows, the two rings, and the flags, a byte for every block. */
enum { STRIP_BYTES = ROW * ((3 * AHEAD + RING) * (int)sizeof(float) + 1) };

/* Columns of the set pixels in rows y0, y0 + step, ... below y1; false when there are none. */
static bool extent(const struct derm_mask *m, int y0, int y1, int step, int *lo, int *hi)
{
    *lo = INT_MAX;
    *hi = -1;
    for (int y = y0; y < y1; y += step) {
        const uint8_t *const row = derm_mask_row(m, y);
        const uint8_t *const first = memchr(row, 0xff, (size_t)m->w);
        int last = m->w - 1;

        if (!first) continue;
        while (!row[last])
            last--;
        *lo = imin(*lo, (int)(first - row));
        *hi = imax(*hi, last);
    }
    return *hi >= 0;
}

static void strip_start(struct strip *s, const struct job *j, int lo, int hi, void *own)
{
    enum { ALIGNED = 16 };
    const int beyond = 2 + j->taps.radius; /* of a maximum's neighbours */
    float *at = (float *)own + DERM_LANES;

    *s = (struct strip){ .j = j, .lo = lo, .hi = hi };
    s->x0 = imax(lo - beyond, 0) / ALIGNED * ALIGNED;
    s->n = imin(hi + beyond + 1, j->src->w) - s->x0;
    s->ahead = j->step <= RING ? AHEAD : RING; /* of rows far apart each needs its own three */
    for (int i = 0; i < AHEAD; i++, at += ROW)
        s->mid[i] = at;
    for (int i = 0; i < 2 * AHEAD; i++, at += ROW) {
        s->gauss[i] = at;
        s->gauss_y[i] = -1;
    }
    for (int i = 0; i < RING; i++, at += ROW) {
        s->response[i] = at;
        s->response_y[i] = -1;
    }
    s->block = (uint8_t *)(at - DERM_LANES);
}

/* Rows y, y + 1, ... of the smoothed plane, n of them. */
static void make_gauss(struct strip *s, int y, int n)
{
    const struct job *const j = s->j;
    const float *row[AHEAD + 2 * DERM_MAX_RADIUS];
    const int radius = j->taps.radius, bottom = j->src->h - 1, w = s->n;

    for (int i = 0; i < n + 2 * radius; i++)
        row[i] = derm_row(j->src, clampi(y - radius + i, 0, bottom)) + s->x0;
    j->f->k->blur_v(s->mid, n, row + radius, j->taps.t, radius, (size_t)w);
    for (int k = 0; k < n; k++) {
        float *const mid = s->mid[k], *const out = s->gauss[(y + k) % (2 * AHEAD)];

        for (int i = 1; i <= radius; i++) {
            mid[-i] = mid[0];
            mid[w - 1 + i] = mid[w - 1];
        }
        j->f->k->blur_h(out, mid, j->taps.t, radius, (size_t)w);
        out[-1] = out[0];
        out[w] = out[w - 1];
        s->gauss_y[(y + k) % (2 * AHEAD)] = y + k;
    }
}

static const float *gauss_row(struct strip *s, int y)
{
    const int bottom = s->j->src->h - 1, at = clampi(y, 0, bottom);

    if (s->gauss_y[at % (2 * AHEAD)] != at) make_gauss(s, at, imin(s->ahead, bottom + 1 - at));
    return s->gauss[at % (2 * AHEAD)];
}

static const float *response_row(struct strip *s, int y)
{
    float *const out = s->response[y % RING];

    if (s->response_y[y % RING] != y) {
        const float *const above = gauss_row(s, y - 1), *const at = gauss_row(s, y);
        const float *const below = gauss_row(s, y + 1);

        s->j->f->k->stencil(out, above, at, below, s->j->weight, (size_t)s->n);
        s->response_y[y % RING] = y;
    }
    return out;
}

static void rows_band(const void *job, int i0, int i1, void *own)
{
    const struct job *const j = job;
    int lo, hi;

    if (!extent(j->mask, i0 * j->step, imin(i1 * j->step, j->src->h), j->step, &lo, &hi)) return;
    for (; lo <= hi; lo += TILE) {
        struct strip s;

        strip_start(&s, j, lo, imin(lo + TILE - 1, hi), own);
        for (int i = i0; i < i1; i++)
            memcpy(derm_row(j->rows, i) + s.lo, response_row(&s, i * j->step) + (s.lo - s.x0),
                   sizeof(float) * (size_t)(s.hi - s.lo + 1));
    }
}

/* Vertex of the parabola through three samples, from the middle one. */
static float vertex(float before, float at, float after)
{
    const float bend = before - 2.0f * at + after;

    return bend < 0.0f ? clampf(0.5f * (before - after) / bend, -0.5f, 0.5f) : 0.0f;
}

/* Of equal neighbours the first is the maximum. */
static bool is_maximum(const float *a, const float *b, const float *c)
{
    const float v = b[0];

    return v > b[-1] && v >= b[1] && v > a[-1] && v > a[0] && v > a[1] && v >= c[-1] && v >= c[0] &&
           v >= c[1];
}

static void add_maximum(const struct job *j, const struct derm_maximum *m)
{
    const struct derm_maxima_search *const search = j->search;

    if (search->accept && !search->accept(search->asker, m)) return;
    j->maximum[atomic_fetch_add_explicit(j->maxima, 1, memory_order_relaxed)] = *m;
}

static void maxima_row(struct strip *s, int y)
{
    const struct job *const j = s->j;
    const float *const a = response_row(s, y - 1), *const b = response_row(s, y);
    const float *const c = response_row(s, y + 1), floor = j->search->floor[y];
    const uint8_t *const mask = derm_mask_row(j->mask, y) + s->x0;

    j->f->k->exceeds(s->block, b, floor, (size_t)s->n);
    for (int from = 0; from < s->n; from += DERM_BLOCK) {
        const int first = imax(from, imax(s->lo, 1) - s->x0);
        const int last = imin(from + DERM_BLOCK - 1, imin(s->hi, j->src->w - 2) - s->x0);

        if (!s->block[from / DERM_BLOCK]) continue;
        for (int x = first; x <= last; x++)
            if (b[x] > floor && mask[x] && is_maximum(a + x, b + x, c + x))
                add_maximum(j, &(struct derm_maximum){ s->x0 + x, y, b[x],
                                                       vertex(b[x - 1], b[x], b[x + 1]),
                                                       vertex(a[x], b[x], c[x]) });
    }
}

static void maxima_band(const void *job, int y0, int y1, void *own)
{
    const struct job *const j = job;
    int lo, hi;

    if (!extent(j->mask, y0, y1, 1, &lo, &hi)) return;
    for (; lo <= hi; lo += TILE) {
        struct strip s;

        strip_start(&s, j, lo, imin(lo + TILE - 1, hi), own);
        for (int y = imax(y0, 1); y < imin(y1, j->src->h - 1); y++)
            maxima_row(&s, y);
    }
}

derm_err derm_response_rows(const struct derm_filter *f, struct derm_plane *dst,
                            const struct derm_plane *src, const struct derm_response *r,
                            const struct derm_mask *mask, int step)
{
    struct job j = { .f = f, .src = src, .mask = mask, .weight = r->weight, .step = step };

    j.rows = dst;
    derm_taps_make(&j.taps, r->variance_px);
    return derm_bands_run(f, dst->h, STRIP_BYTES, rows_band, &j);
}

derm_err derm_response_maxima(const struct derm_filter *f, const struct derm_plane *src,
                              const struct derm_response *r,
                              const struct derm_maxima_search *search, struct derm_maximum **out,
                              int *n)
{
    /* Two maxima are never neighbours. */
    const size_t most = (size_t)(src->w + 1) / 2 * ((size_t)(src->h + 1) / 2);
    struct job j = { .f = f, .src = src, .mask = search->mask, .weight = r->weight, .step = 1 };
    atomic_int maxima;

    DERM_TRY(derm_arena_raw(f->scratch, out, most, sizeof(**out)));
    atomic_init(&maxima, 0);
    j.search = search;
    j.maximum = *out;
    j.maxima = &maxima;
    derm_taps_make(&j.taps, r->variance_px);
    DERM_TRY(derm_bands_run(f, src->h, STRIP_BYTES, maxima_band, &j));
    *n = atomic_load(&maxima);
    derm_arena_trim(f->scratch, *out, most * sizeof(**out), (size_t)*n * sizeof(**out));
    return DERM_OK;
}
