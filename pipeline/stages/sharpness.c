/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/sharpness.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/num.h"

static bool inside(const struct derm_mask *mask, int x, int y)
{
    for (int dy = -1; dy <= 1; dy++) {
        const uint8_t *const row = derm_mask_row(mask, y + dy);
        if (!row[x - 1] || !row[x] || !row[x + 1]) return false;
    }
    return true;
}

static float second_difference(const struct derm_plane *src, int x, int y)
{
    const float *const a = derm_row(src, y - 1) + x, *const b = derm_row(src, y) + x;
    const float *const c = derm_row(src, y + 1) + x;

    return (4.0f * b[0] - 2.0f * (a[0] + b[-1] + b[1] + c[0]) + a[-1] + a[1] + c[-1] + c[1]) / 6.0f;
}

derm_err derm_noise_sd(const struct derm_filter *f, double *sd, const struct derm_plane *src,
                       const struct derm_mask *mask, const struct derm_lattice *lattice)
{
    const size_t mark = f->scratch->used;
    struct derm_plane response;
    struct derm_mask core;
    double median;
    int count;

    DERM_TRY(derm_plane_new(f->scratch, &response, lattice->w, lattice->h));
    DERM_TRY(derm_mask_new(f->scratch, &core, lattice->w, lattice->h));
    for (int j = 0; j < lattice->h; j++) {
        const int y = derm_lattice_at(lattice, j);

        for (int i = 0; i < lattice->w; i++) {
            const int x = derm_lattice_at(lattice, i);

            if (x < 1 || y < 1 || x > src->w - 2 || y > src->h - 2 || !inside(mask, x, y)) continue;
            derm_mask_row(&core, j)[i] = 0xff;
            derm_row(&response, j)[i] = second_difference(src, x, y);
        }
    }
    DERM_TRY(derm_masked_median(f, &response, &core, &median, sd, &count));
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

/* ---- edges */
static const double near_px = 1.0, far_px = 2.0; /* the two further blurs */
static const double pixel_px = 0.29;            /* sd of a pixel's own square: nothing is sharper */
static const double difference_px2 = 1.0 / 3.0; /* variance that a central difference adds */

struct slopes {
    struct derm_plane near, far; /* src after the two blurs */
};

static float slope2(const struct derm_plane *p, int x, int y, float *gx, float *gy)
{
    *gx = derm_row(p, y)[x + 1] - derm_row(p, y)[x - 1];
    *gy = derm_row(p, y + 1)[x] - derm_row(p, y - 1)[x];
    return *gx * *gx + *gy * *gy;
}

/* A pixel whose slope is the steepest along its own direction. */
static bool is_crest(const struct derm_plane *p, int x, int y, float own, float gx, float gy)
{
    const int dx = fabsf(gx) > 0.414f * fabsf(gy) ? (gx > 0.0f ? 1 : -1) : 0;
    const int dy = fabsf(gy) > 0.414f * fabsf(gx) ? (gy > 0.0f ? 1 : -1) : 0;
    float ignore_x, ignore_y;

    return own > slope2(p, x + dx, y + dy, &ignore_x, &ignore_y) &&
           own >= slope2(p, x - dx, y - dy, &ignore_x, &ignore_y);
}

/* The slope over two pixels of the step that counts, squared, of its level squared, were it
 * perfectly sharp: no sharp edge misses it, and a blurred one needs more contrast. */
static float least_slope2(double min_contrast)
{
    const double n2 = near_px * near_px + difference_px2;

    return (float)(4.0 * min_contrast * min_contrast / (2.0 * 3.14159265358979 * n2));
}

/* steep[x] = 0xff where row y may hold an edge, for 1 <= x < w - 1; the mask is of that row. */
static void mark_steep(uint8_t *restrict steep, const struct derm_plane *p, int y,
                       const uint8_t *restrict mask, float least)
{
    const float *const above = derm_row(p, y - 1), *const row = derm_row(p, y);
    const float *const below = derm_row(p, y + 1);
    const int w = p->w; /* a store of bytes might be to it */

    for (int x = 1; x < w - 1; x++) {
        const float gx = row[x + 1] - row[x - 1], gy = below[x] - above[x];
        const uint8_t is_steep = gx * gx + gy * gy >= least * (row[x] * row[x]) ? 0xff : 0x00;
        steep[x] = mask[x] & is_steep;
    }
}

/* sigma of the edge at (x, y), px; negative when there is none. */
static double edge_sigma(const struct slopes *s, int x, int y)
{
    float gx, gy;
    const float near = slope2(&s->near, x, y, &gx, &gy);
    const double n2 = near_px * near_px + difference_px2;
    const double f2 = far_px * far_px + difference_px2;
    double ratio2, sigma2;

    if (!is_crest(&s->near, x, y, near, gx, gy)) return -1.0;
    ratio2 = (double)near / fmax(1e-30, (double)slope2(&s->far, x, y, &gx, &gy));
    if (ratio2 <= 1.0001) return -1.0; /* no lone step */
    sigma2 = (f2 - ratio2 * n2) / (ratio2 - 1.0);
    return sigma2 > 0.0 ? sqrt(sigma2) : 0.0;
}

/* ---- one level of the pyramid, in its own pixels */
enum { BORDER = 2, STRIP = 64 /* rows */, PAD = 10 /* what far_px and a crest reach beyond */ };

struct level {
    const struct derm_plane *src;
    const struct derm_mask *mask;
    bool density;  /* src is of optical density, not of light */
    float least;   /* slope2 over level squared */
    double *sigma; /* of the edges found */
    int n;
};

static bool any(const struct derm_mask *mask, int y0, int y1)
{
    for (int y = y0; y < y1; y++)
        if (memchr(derm_mask_row(mask, y), 0xff, (size_t)mask->w)) return true;
    return false;
}

/* *plane, of optical density, becomes one of light in f->scratch. */
static derm_err make_light(const struct derm_filter *f, struct derm_plane *plane)
{
    const struct derm_plane od = *plane;

    DERM_TRY(derm_plane_raw(f->scratch, plane, od.w, od.h));
    for (int y = 0; y < od.h; y++)
        f->k->light(derm_row(plane, y), derm_row(&od, y), (size_t)od.w);
    return DERM_OK;
}

/* Rows [y0, y1) of the level, and what the filters reach beyond, from row top on. */
struct strip {
    struct derm_plane rows;
    struct derm_mask steep; /* of y0 and on */
    int y0, y1, top;
};

/* False: there is nothing that could be an edge. */
static derm_err look_for_steep(const struct derm_filter *f, const struct level *l, struct strip *s,
                               struct derm_plane *near, bool *found)
{
    *found = false;
    if (l->density) DERM_TRY(make_light(f, &s->rows));
    DERM_TRY(derm_plane_raw(f->scratch, near, s->rows.w, s->rows.h));
    DERM_TRY(derm_mask_new(f->scratch, &s->steep, s->rows.w, s->y1 - s->y0));
    DERM_TRY(derm_gaussian(f, near, &s->rows, near_px));
    for (int y = imax(s->y0, BORDER); y < imin(s->y1, l->src->h - BORDER); y++)
        mark_steep(derm_mask_row(&s->steep, y - s->y0), near, y - s->top, derm_mask_row(l->mask, y),
                   l->least);
    *found = any(&s->steep, 0, s->steep.h);
    return DERM_OK;
}

static derm_err find_edges(const struct derm_filter *f, struct level *l, int y0, int y1)
{
    const size_t mark = f->scratch->used;
    struct strip strip = { .rows = *l->src, .y0 = y0, .y1 = y1, .top = imax(y0 - PAD, 0) };
    struct slopes s;
    bool found;

    if (!any(l->mask, y0, y1)) return DERM_OK;
    strip.rows.px = derm_row(l->src, strip.top);
    strip.rows.h = imin(y1 + PAD, l->src->h) - strip.top;
    DERM_TRY(look_for_steep(f, l, &strip, &s.near, &found));
    if (found) {
        DERM_TRY(derm_plane_raw(f->scratch, &s.far, strip.rows.w, strip.rows.h));
        DERM_TRY(derm_gaussian(f, &s.far, &strip.rows, far_px));
        for (int y = y0; y < y1; y++)
            for (int x = BORDER; x < strip.rows.w - BORDER; x++) {
                if (!derm_mask_row(&strip.steep, y - y0)[x]) continue;
                l->sigma[l->n] = edge_sigma(&s, x, y - strip.top);
                l->n += l->sigma[l->n] >= 0.0;
            }
    }
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

static derm_err measure_level(const struct derm_filter *f, struct derm_edges *out,
                              const struct level *of, int needed, double percentile)
{
    const double enough_px = 5e5;
    const size_t mark = f->scratch->used;
    const int w = of->src->w, h = of->src->h, strips = (h + STRIP - 1) / STRIP;
    const int every = imax(1, (int)((double)w * h / enough_px));
    const size_t most = (size_t)(strips / every + 1) * STRIP * (size_t)w;
    struct level l = *of;

    /* Fewer than needed are known before the last round, so there is room. */
    DERM_TRY(derm_arena_raw(f->scratch, &l.sigma, most + (size_t)needed, sizeof(*l.sigma)));
    for (int first = 0; first < every && l.n < needed; first++)
        for (int i = first; i < strips; i += every)
            DERM_TRY(find_edges(f, &l, i * STRIP, imin((i + 1) * STRIP, h)));
    *out = (struct derm_edges){ .n = l.n };
    if (l.n > 0) {
        derm_sort(l.sigma, l.n);
        out->sigma_px = derm_percentile(l.sigma, l.n, percentile);
    }
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

static derm_err halve(const struct derm_filter *f, struct derm_plane *plane, struct derm_mask *mask)
{
    const int w = (plane->w + 1) / 2, h = (plane->h + 1) / 2;
    struct derm_plane half;
    struct derm_mask half_mask;

    DERM_TRY(derm_plane_raw(f->scratch, &half, w, h));
    DERM_TRY(derm_mask_new(f->scratch, &half_mask, w, h));
    DERM_TRY(derm_half(f, &half, plane));
    for (int y = 0; y < h; y++) {
        const uint8_t *const restrict from = derm_mask_row(mask, 2 * y);
        uint8_t *const restrict to = derm_mask_row(&half_mask, y);

        for (int x = 0; x < w; x++)
            to[x] = from[2 * x];
    }
    *plane = half;
    *mask = half_mask;
    return DERM_OK;
}

/* The two further blurs tell little about a blur much wider than they: such edges are looked at
 * again at half the resolution. */
derm_err derm_edge_blur(const struct derm_filter *f, struct derm_edges *out,
                        const struct derm_plane *od, const struct derm_mask *mask,
                        const struct derm_edge_rule *rule)
{
    enum { LEVELS = 5, LEAST_SIDE = 16 };
    const double widest_px = 2.5;
    const size_t mark = f->scratch->used;
    struct derm_plane plane = *od;
    struct derm_mask where = *mask;

    for (int level = 0; level < LEVELS && imin(plane.w, plane.h) >= LEAST_SIDE; level++) {
        const int needed = imax(1, rule->min_edges >> level); /* an edge's length halves, too */
        const struct level of = { .src = &plane,
                                  .mask = &where,
                                  .density = level == 0,
                                  .least = least_slope2(rule->min_contrast) };

        DERM_TRY(measure_level(f, out, &of, needed, rule->percentile));
        if (out->n >= needed && out->sigma_px <= widest_px) {
            out->sigma_px = fmax(pixel_px, out->sigma_px) * (1 << level);
            derm_arena_reset(f->scratch, mark);
            return DERM_OK;
        }
        if (level == 0) DERM_TRY(make_light(f, &plane));
        DERM_TRY(halve(f, &plane, &where));
    }
    *out = (struct derm_edges){ 0 };
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
