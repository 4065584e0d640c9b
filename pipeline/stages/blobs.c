/* SPDX-License-Identifier: Apache-2.0 */
/* Blob detection (T. Lindeberg, Int. J. Comput. Vis. 30, 79, 1998) and half-maximum regions.
 *
 * Broad scales are searched on a halved plane: a response varies no faster than its scale. The
 * strongest response comes first in the list, so a blob is grown at the scale that fits it best,
 * and its weaker echoes at other scales find their centre taken. */
#include "stages/blobs.h"

#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "stages/statistics.h"

/* A scale is searched where it is at least this many pixels wide: the response is then sampled well
 * enough for its maxima to be found. */
static const double MIN_SIGMA_PX = 3.0;
/* Background: the annulus from the reach to this many times the reach. */
static const double BACKGROUND_REACH = 1.5;
enum { MIN_BACKGROUND_PX = 8 };

enum { ROOMS = 4 };
struct level {
    struct derm_plane plane;
    struct derm_mask where, usual;
    int factor;
    struct derm_plane room[ROOMS]; /* for the Hessian and the response; as large as any level */
};

static int strongest(const void *a, const void *b)
{
    const struct derm_blob *const p = a, *const q = b;

    if (p->response != q->response) return p->response > q->response ? -1 : 1;
    if (p->y != q->y) return p->y < q->y ? -1 : 1;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    return (p->sigma_px > q->sigma_px) - (p->sigma_px < q->sigma_px);
}

static derm_err halve_mask(struct derm_run *run, struct derm_mask *mask)
{
    const struct derm_mask whole = *mask;

    DERM_TRY(derm_mask_new(run->scratch, mask, (whole.w + 1) / 2, (whole.h + 1) / 2));
    for (int y = 0; y < mask->h; y++) {
        const uint8_t *const restrict from = derm_mask_row(&whole, 2 * y);
        uint8_t *const restrict to = derm_mask_row(mask, y);
        const int w = mask->w;

        for (int x = 0; x < w; x++)
            to[x] = from[2 * x];
    }
    return DERM_OK;
}

static derm_err halve(struct derm_run *run, struct level *l)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_plane half;

    DERM_TRY(derm_plane_raw(run->scratch, &half, (l->plane.w + 1) / 2, (l->plane.h + 1) / 2));
    DERM_TRY(derm_half(&f, &half, &l->plane));
    l->plane = half;
    l->factor *= 2;
    DERM_TRY(halve_mask(run, &l->where));
    return halve_mask(run, &l->usual);
}

static bool is_peak(const struct derm_plane *r, int x, int y)
{
    const float v = derm_row(r, y)[x];

    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            const float other = derm_row(r, y + dy)[x + dx];
            const bool before = dy < 0 || (dy == 0 && dx < 0);
            if ((dx || dy) && (before ? other >= v : other > v)) return false;
        }
    return true;
}

/* Of the curvatures along the two principal directions, both negative at a peak. */
static double roundness(double xx, double xy, double yy)
{
    const double mean = (xx + yy) / 2, d = (xx - yy) / 2, r = sqrt(d * d + xy * xy);

    return mean - r < 0 ? fmax((mean + r) / (mean - r), 0) : 0;
}

/* Spread of the skin's own responses: 1.4826 x median absolute deviation where the mask is set. */
static derm_err find_spread(struct derm_run *run, const struct derm_plane *r,
                            const struct derm_mask *where, double *spread)
{
    enum { ENOUGH = 32768 }; /* to 1 %, neighbours responding alike */
    const struct derm_lattice at = derm_lattice_over(r->w, r->h, (double)r->w * r->h, ENOUGH);
    const size_t mark = run->scratch->used;
    double *value, median;
    int n = 0;

    DERM_TRY(derm_arena_raw(run->scratch, &value, (size_t)at.w * (size_t)at.h + 1, sizeof(*value)));
    for (int j = 0; j < at.h; j++)
        for (int i = 0; i < at.w; i++) {
            const int x = derm_lattice_at(&at, i), y = derm_lattice_at(&at, j);

            if (derm_mask_row(where, y)[x]) value[n++] = (double)derm_row(r, y)[x];
        }
    median = n > 0 ? derm_median(value, n) : 0;
    for (int i = 0; i < n; i++)
        value[i] = fabs(value[i] - median);
    *spread = n > 0 ? 1.4826 * derm_median(value, n) : 0;
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

/* A plane of this size in the room of a larger one. */
static struct derm_plane within(const struct derm_plane *room, const struct derm_plane *size)
{
    return (struct derm_plane){ room->px, size->w, size->h, size->stride };
}

static void add_up(float *restrict out, const float *restrict xx, const float *restrict yy, int n)
{
    for (int x = 0; x < n; x++)
        out[x] = -xx[x] - yy[x];
}

static derm_err keep_peaks(struct derm_run *run, const struct level *l,
                           const struct derm_plane hessian[3], double sigma_px, double min_z,
                           const struct derm_blob_limits *limits, struct derm_blobs *out)
{
    static const double slack = 1 - 1e-6; /* for rounding: the response itself decides */
    const struct derm_plane r = within(&l->room[3], &l->plane);
    uint8_t *high; /* blocks of a row with a response that may do */
    double spread;

    for (int y = 0; y < r.h; y++)
        add_up(derm_row(&r, y), derm_row(&hessian[0], y), derm_row(&hessian[2], y), r.w);
    DERM_TRY(find_spread(run, &r, &l->usual, &spread));
    const double least = fmin(fmax(min_z * spread, limits->min_response), limits->sure_response);
    DERM_TRY(derm_arena_raw(run->scratch, &high, (size_t)r.w / DERM_BLOCK + 1, sizeof(*high)));
    for (int y = 1; y < r.h - 1; y++) {
        run->k->exceeds(high, derm_row(&r, y), (float)(slack * least), (size_t)r.w);
        for (int x = 1; x < r.w - 1; x++) {
            const double v = (double)derm_row(&r, y)[x];

            if (!high[x / DERM_BLOCK]) {
                x |= DERM_BLOCK - 1; /* the last one of it */
                continue;
            }
            if (!derm_mask_row(&l->where, y)[x] || !(v > least) || !is_peak(&r, x, y)) continue;
            if (roundness((double)derm_row(&hessian[0], y)[x], (double)derm_row(&hessian[1], y)[x],
                          (double)derm_row(&hessian[2], y)[x]) < limits->min_roundness)
                continue;
            out->item[out->n++] =
                (struct derm_blob){ (x + 0.5) * l->factor - 0.5, (y + 0.5) * l->factor - 0.5,
                                    sigma_px * l->factor, v };
        }
    }
    return DERM_OK;
}

static derm_err search_scale(struct derm_run *run, const struct level *l, double sigma_px,
                             double min_z, const struct derm_blob_limits *limits,
                             struct derm_blobs *out)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_plane hessian[3];

    for (int i = 0; i < 3; i++)
        hessian[i] = within(&l->room[i], &l->plane);
    DERM_TRY(derm_hessian(&f, &hessian[0], &hessian[1], &hessian[2], &l->plane, sigma_px));
    return keep_peaks(run, l, hessian, sigma_px, min_z, limits, out);
}

derm_err derm_blobs_find(struct derm_run *run, const struct derm_plane *plane,
                         const struct derm_mask *where, const struct derm_mask *usual,
                         double px_per_mm, const struct derm_blob_limits *limits,
                         struct derm_blobs *out)
{
    /* Two peaks of one scale are never neighbours: a quarter of the pixels is enough for each. */
    const size_t most =
        (size_t)limits->scales * (size_t)((plane->w + 1) / 2) * (size_t)((plane->h + 1) / 2);
    struct level l = { .plane = *plane, .where = *where, .usual = *usual, .factor = 1 };
    size_t mark;

    out->n = 0;
    /* Before the list, few of whose pages are ever touched: they lie where others have been. */
    for (int i = 0; i < ROOMS; i++)
        DERM_TRY(derm_plane_raw(run->scratch, &l.room[i], plane->w, plane->h));
    DERM_TRY(derm_arena_raw(run->scratch, &out->item, most, sizeof(*out->item)));
    mark = run->scratch->used;
    for (int i = 0; i < limits->scales; i++) {
        const double sigma_px = limits->sigma_mm[i] * px_per_mm;
        const bool fine = limits->sigma_mm[i] < limits->fine_mm;

        while (sigma_px / l.factor >= 2 * MIN_SIGMA_PX && imin(l.plane.w, l.plane.h) > 8)
            DERM_TRY(halve(run, &l));
        DERM_TRY(search_scale(run, &l, sigma_px / l.factor,
                              fine ? limits->min_z_fine : limits->min_z, limits, out));
    }
    qsort(out->item, (size_t)out->n, sizeof(*out->item), strongest);
    derm_arena_reset(run->scratch, mark);
    derm_arena_trim(run->scratch, out->item, most * sizeof(*out->item),
                    (size_t)out->n * sizeof(*out->item));
    return DERM_OK;
}

/* ---- growing ---- */

struct site { /* a disc around the blob */
    const struct derm_plane *plane;
    const struct derm_mask *where;
    const struct derm_labels *labels;
    double x, y, reach_px;
    double slope_x, slope_y; /* of the surroundings, taken off: a shade is not part of the blob */
};

static bool usable(const struct site *s, int x, int y)
{
    return x >= 0 && y >= 0 && x < s->plane->w && y < s->plane->h &&
           derm_mask_row(s->where, y)[x] && derm_labels_row(s->labels, y)[x] == 0;
}

static double level_at(const struct site *s, int x, int y)
{
    return (double)derm_row(s->plane, y)[x] - s->slope_x * (x - s->x) - s->slope_y * (y - s->y);
}

/* Values between two radii; *n of them, in v when v is not NULL. */
static void annulus(const struct site *s, double from_px, double to_px, double *v, int *n)
{
    const int reach = (int)ceil(to_px), cx = (int)floor(s->x + 0.5), cy = (int)floor(s->y + 0.5);

    *n = 0;
    for (int y = cy - reach; y <= cy + reach; y++)
        for (int x = cx - reach; x <= cx + reach; x++) {
            const double dx = x - s->x, dy = y - s->y, d2 = dx * dx + dy * dy;

            if (d2 < from_px * from_px || d2 > to_px * to_px || !usable(s, x, y)) continue;
            v[(*n)++] = level_at(s, x, y);
        }
}

/* Least squares slope over the annulus. */
static void take_slope(struct site *s, double from_px, double to_px)
{
    const int reach = (int)ceil(to_px), cx = (int)floor(s->x + 0.5), cy = (int)floor(s->y + 0.5);
    double n = 0, mx = 0, my = 0, mv = 0, xx = 0, xy = 0, yy = 0, xv = 0, yv = 0;

    for (int y = cy - reach; y <= cy + reach; y++)
        for (int x = cx - reach; x <= cx + reach; x++) {
            const double dx = x - s->x, dy = y - s->y, d2 = dx * dx + dy * dy;

            if (d2 < from_px * from_px || d2 > to_px * to_px || !usable(s, x, y)) continue;
            const double v = (double)derm_row(s->plane, y)[x];
            n += 1;
            mx += dx;
            my += dy;
            mv += v;
            xx += dx * dx;
            xy += dx * dy;
            yy += dy * dy;
            xv += dx * v;
            yv += dy * v;
        }
    if (n < MIN_BACKGROUND_PX) return;
    xx -= mx * mx / n;
    xy -= mx * my / n;
    yy -= my * my / n;
    xv -= mx * mv / n;
    yv -= my * mv / n;
    const double det = xx * yy - xy * xy;
    if (!(det > 0.05 * xx * yy)) return; /* skin on one side only */
    s->slope_x = (yy * xv - xy * yv) / det;
    s->slope_y = (xx * yv - xy * xv) / det;
}

/* Half way between the blob's centre and the median around it, at most `most` above that. */
static derm_err half_height(struct derm_run *run, struct site *s, double sigma_px, double most,
                            double *half, bool *found)
{
    const size_t mark = run->scratch->used;
    const double outer = fmax(s->reach_px * BACKGROUND_REACH, s->reach_px + 2);
    const size_t side = 2 * (size_t)ceil(outer) + 1;
    double *v;
    int inner, n;

    DERM_TRY(derm_arena_raw(run->scratch, &v, side * side, sizeof(*v)));
    take_slope(s, s->reach_px, outer);
    annulus(s, 0, fmax(sigma_px / 2, 1), v, &inner);
    const double peak = derm_mean(v, inner);
    annulus(s, s->reach_px, outer, v, &n);
    *found = n >= MIN_BACKGROUND_PX && inner > 0;
    if (*found) {
        const double around = derm_median(v, n);

        *half = around + fmin((peak - around) / 2, most);
        *found = peak > *half;
    }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

struct flood {
    int *stack; /* x, y pairs */
    int n, rim, open, leak;
    double area, sx, sy, sxx, sxy, syy;
};

static void visit(const struct site *s, double half, int label, struct derm_labels *labels,
                  struct flood *f, int x, int y)
{
    const double dx = x - s->x, dy = y - s->y;
    const bool inside = x >= 0 && y >= 0 && x < labels->w && y < labels->h;

    if (inside && derm_labels_row(labels, y)[x] == label) return;
    const bool on = usable(s, x, y);
    const bool above = on && level_at(s, x, y) > half;
    if (!above || dx * dx + dy * dy > s->reach_px * s->reach_px) {
        f->rim++;
        f->open += !on;
        f->leak += above;
        return;
    }
    derm_labels_row(labels, y)[x] = label;
    f->stack[2 * f->n] = x;
    f->stack[2 * f->n++ + 1] = y;
    f->area += 1;
    f->sx += dx;
    f->sy += dy;
    f->sxx += dx * dx;
    f->sxy += dx * dy;
    f->syy += dy * dy;
}

static void describe(const struct site *s, const struct flood *f, struct derm_region_shape *shape)
{
    const double n = f->area, mx = f->sx / n, my = f->sy / n;
    /* a pixel is a square with moments of its own */
    const double xx = f->sxx / n - mx * mx + 1.0 / 12, yy = f->syy / n - my * my + 1.0 / 12;
    const double xy = f->sxy / n - mx * my;
    const double mean = (xx + yy) / 2, d = (xx - yy) / 2, r = sqrt(d * d + xy * xy);

    shape->area_px = n;
    shape->x = s->x + mx;
    shape->y = s->y + my;
    shape->axis_ratio = sqrt(fmax(mean - r, 0) / (mean + r));
    shape->open = (double)f->open / imax(f->rim, 1);
    shape->leak = (double)f->leak / imax(f->rim, 1);
}

derm_err derm_blob_grow(struct derm_run *run, const struct derm_plane *plane,
                        const struct derm_mask *where, const struct derm_blob *blob,
                        const struct derm_growth *growth, int label, struct derm_labels *labels,
                        struct derm_region_shape *shape)
{
    struct site s = { plane, where, labels, blob->x, blob->y, growth->reach_sigma * blob->sigma_px,
                      0,     0 };
    const size_t mark = run->scratch->used, side = 2 * (size_t)ceil(s.reach_px) + 3;
    const int cx = (int)floor(blob->x + 0.5), cy = (int)floor(blob->y + 0.5);
    struct flood f = { 0 };
    double half = 0;
    bool found;

    *shape = (struct derm_region_shape){ 0 };
    if (!usable(&s, cx, cy)) return DERM_OK;
    DERM_TRY(half_height(run, &s, blob->sigma_px, growth->most, &half, &found));
    if (!found) return DERM_OK;
    DERM_TRY(derm_arena_raw(run->scratch, &f.stack, 2 * side * side, sizeof(*f.stack)));
    visit(&s, half, label, labels, &f, cx, cy);
    while (f.n > 0) {
        const int x = f.stack[2 * --f.n], y = f.stack[2 * f.n + 1];

        visit(&s, half, label, labels, &f, x, y - 1);
        visit(&s, half, label, labels, &f, x - 1, y);
        visit(&s, half, label, labels, &f, x + 1, y);
        visit(&s, half, label, labels, &f, x, y + 1);
    }
    if (f.area > 0) describe(&s, &f, shape);
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

void derm_blob_erase(const struct derm_blob *blob, double reach_sigma, int label,
                     struct derm_labels *labels)
{
    const int reach = (int)ceil(reach_sigma * blob->sigma_px) + 1;
    const int x0 = imax((int)blob->x - reach, 0), x1 = imin((int)blob->x + reach, labels->w - 1);
    const int y0 = imax((int)blob->y - reach, 0), y1 = imin((int)blob->y + reach, labels->h - 1);

    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++)
            if (derm_labels_row(labels, y)[x] == label) derm_labels_row(labels, y)[x] = 0;
}
