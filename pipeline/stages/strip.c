/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/strip.h"

#include <assert.h>
#include <math.h>

#include "base/num.h"
#include "kernels/kernels.h"
#include "stages/statistics.h"

static const double row_mm = 0.25;

/* ---- the line */

static double distance(struct derm_point a, struct derm_point b)
{
    const double dx = a.x - b.x, dy = a.y - b.y;

    return sqrt(dx * dx + dy * dy);
}

/* Points of equal distance along a polyline; returns how many. */
static int walk(struct derm_point *out, int room, const struct derm_point *at, int n,
                double step_px)
{
    double to_go = 0;
    int count = 0;

    for (int i = 0; i + 1 < n; i++) {
        const double length = distance(at[i], at[i + 1]);

        while (to_go < length && count < room) {
            const double t = to_go / length;
            out[count++] = (struct derm_point){ at[i].x + t * (at[i + 1].x - at[i].x),
                                                at[i].y + t * (at[i + 1].y - at[i].y) };
            to_go += step_px;
        }
        to_go -= length;
    }
    return count;
}

/* Mean over as many points to either side, as there are. */
static void smooth(struct derm_point *out, const struct derm_point *at, int n, int half)
{
    for (int i = 0; i < n; i++) {
        const int reach = imin(half, imin(i, n - 1 - i));
        struct derm_point sum = { 0, 0 };

        for (int k = i - reach; k <= i + reach; k++) {
            sum.x += at[k].x;
            sum.y += at[k].y;
        }
        out[i] = (struct derm_point){ sum.x / (2 * reach + 1), sum.y / (2 * reach + 1) };
    }
}

static struct derm_point unit(struct derm_point from, struct derm_point to)
{
    const double length = distance(from, to);

    if (length <= 0) return (struct derm_point){ 1, 0 };
    return (struct derm_point){ (to.x - from.x) / length, (to.y - from.y) / length };
}

/* n rows of the line itself lie behind `extra` rows; its ends go on straight. */
static void draw_out(struct derm_strip *s, int n, int extra, int half)
{
    struct derm_point *const line = s->at + extra;
    const int reach = imin(2 * half, n - 1);
    const struct derm_point start = unit(line[reach], line[0]),
                            end = unit(line[n - 1 - reach], line[n - 1]);
    const double step = s->row_mm * s->px_per_mm;

    for (int i = 1; i <= extra; i++) {
        line[-i] =
            (struct derm_point){ line[0].x + i * step * start.x, line[0].y + i * step * start.y };
        line[n - 1 + i] = (struct derm_point){ line[n - 1].x + i * step * end.x,
                                               line[n - 1].y + i * step * end.y };
    }
    for (int i = 0; i < s->rows; i++) {
        const struct derm_point along =
            unit(s->at[imax(i - half, 0)], s->at[imin(i + half, s->rows - 1)]);
        s->across[i] = (struct derm_point){ -along.y, along.x };
    }
}

derm_err derm_strip_lay(struct derm_run *run, struct derm_strip *s,
                        const struct derm_strip_rule *rule, const struct derm_point *at, int n,
                        const struct derm_grid *grid, double beyond_mm)
{
    const double step_px = row_mm * grid->px_per_mm;
    const int extra = (int)(beyond_mm / row_mm + 0.5), half = (int)(rule->smooth_mm / row_mm + 0.5);
    const size_t columns = 2 * (size_t)rule->reach + 1;
    struct derm_point *even;
    double length = 0;
    int room, rows;

    for (int i = 0; i + 1 < n; i++)
        length += distance(at[i], at[i + 1]);
    room = (int)(length / step_px) + 2;
    *s = (struct derm_strip){ .k = run->k,
                              .rule = rule,
                              .columns = (int)columns,
                              .row_mm = row_mm,
                              .column_mm = rule->column_mm,
                              .px_per_mm = grid->px_per_mm };
    DERM_TRY(derm_arena_raw(run->scratch, &even, (size_t)room, sizeof(*even)));
    rows = walk(even, room, at, n, step_px);
    s->rows = rows + 2 * extra;
    DERM_TRY(derm_arena_new(run->scratch, &s->at, (size_t)s->rows + 1, sizeof(*s->at)));
    DERM_TRY(derm_arena_new(run->scratch, &s->across, (size_t)s->rows + 1, sizeof(*s->across)));
    DERM_TRY(
        derm_arena_raw(run->scratch, &s->value, (size_t)s->rows * columns + 1, sizeof(*s->value)));
    if (rows == 0) return DERM_OK;
    smooth(s->at + extra, even, rows, half);
    draw_out(s, rows, extra, half);
    return DERM_OK;
}

/* ---- samples */

struct places { /* of a row, grid px */
    double x[DERM_STRIP_COLUMNS], y[DERM_STRIP_COLUMNS];
};

static void find_places(const struct derm_strip *s, int row, struct places *restrict p)
{
    const struct derm_point at = s->at[row], across = s->across[row];
    const double column_px = s->column_mm * s->px_per_mm;
    const int reach = s->rule->reach;

    for (int c = 0; c < s->columns; c++) {
        p->x[c] = at.x + (c - reach) * column_px * across.x;
        p->y[c] = at.y + (c - reach) * column_px * across.y;
    }
}

/* The places of a row, and which of them are measured. */
static void find_row(const struct derm_strip *s, int row, const struct derm_mask *where,
                     const struct derm_bits *own, unsigned regions, struct places *p,
                     uint8_t *measured)
{
    const struct derm_raster size = { where->w, where->h, where->stride };

    assert(where->stride == own->stride); /* every row is padded to as many samples */
    find_places(s, row, p);
    s->k->is_measured(measured, where->px, own->px, regions, &size, p->x, p->y, (size_t)s->columns);
}

static void drop_unmeasured(float *restrict value, const uint8_t *restrict measured, int columns)
{
    for (int c = 0; c < columns; c++)
        value[c] = measured[c] ? value[c] : INFINITY;
}

void derm_strip_sample(struct derm_strip *s, const struct derm_plane *plane,
                       const struct derm_mask *where, const struct derm_bits *own, unsigned regions)
{
    const struct derm_raster size = { plane->w, plane->h, plane->stride };
    const float *const px = plane->px;
    int32_t corner[DERM_STRIP_COLUMNS];
    uint8_t measured[DERM_STRIP_COLUMNS];
    struct places at;

    for (int r = 0; r < s->rows; r++) {
        float *const value = s->value + (ptrdiff_t)r * s->columns;

        find_row(s, r, where, own, regions, &at, measured);
        s->k->bilinear(&value, corner, &px, 1, &size, at.x, at.y, (size_t)s->columns);
        drop_unmeasured(value, measured, s->columns);
    }
}

void derm_strip_sample_mix(struct derm_strip *s, const struct derm_plane plane[3],
                           const float weight[3], const struct derm_mask *where,
                           const struct derm_bits *own, unsigned regions)
{
    const struct derm_raster size = { plane->w, plane->h, plane->stride };
    const float *const px[3] = { plane[0].px, plane[1].px, plane[2].px };
    uint8_t measured[DERM_STRIP_COLUMNS];
    struct places at;

    for (int r = 0; r < s->rows; r++) {
        float *const value = s->value + (ptrdiff_t)r * s->columns;

        find_row(s, r, where, own, regions, &at, measured);
        s->k->bilinear_mix(value, px, weight, &size, at.x, at.y, (size_t)s->columns);
        drop_unmeasured(value, measured, s->columns);
    }
}

/* ---- profiles. In each column the middle half of the measured values of a block of rows counts: a
 * hair that crosses, or a pore, counts for nothing. */

/* A single row is its own middle half. */
static void profile_of_row(const struct derm_strip *s, int row, struct derm_profile *out)
{
    const float *const value = s->value + (ptrdiff_t)row * s->columns;

    for (int c = 0; c < s->columns; c++) {
        out->valid[c] = value[c] < INFINITY;
        out->value[c] = out->valid[c] ? (double)value[c] : 0;
    }
}

static void profile_of_rows(const struct derm_strip *s, int first, int end,
                            struct derm_profile *out)
{
    double sum[DERM_STRIP_COLUMNS] = { 0 };
    int32_t n[DERM_STRIP_COLUMNS] = { 0 };

    for (int r = first; r < end; r += DERM_SORTED)
        s->k->middle_halves(sum, n, s->value + (ptrdiff_t)r * s->columns, s->columns,
                            imin(DERM_SORTED, end - r), (size_t)s->columns);
    for (int c = 0; c < s->columns; c++) {
        out->valid[c] = n[c] > 0 && 4 * n[c] >= end - first; /* half of the rows, half of them */
        out->value[c] = n[c] > 0 ? sum[c] / n[c] : 0;
    }
}

void derm_strip_profile(const struct derm_strip *s, int first, int end, struct derm_profile *out)
{
    out->rule = s->rule;
    out->columns = s->columns;
    out->column_mm = s->column_mm;
    if (end - first == 1)
        profile_of_row(s, first, out);
    else
        profile_of_rows(s, first, end, out);
}

/* ---- the band in a profile */

/* Mean over [lo, hi] mm from the middle; false when less than half of it is valid. */
static bool mean_over(const struct derm_profile *p, double lo_mm, double hi_mm, double *mean)
{
    const int lo = imax((int)ceil(lo_mm / p->column_mm) + p->rule->reach, 0);
    const int hi = imin((int)floor(hi_mm / p->column_mm) + p->rule->reach, p->columns - 1);
    double sum = 0;
    int n = 0;

    for (int c = lo; c <= hi; c++) {
        if (!p->valid[c]) continue;
        sum += p->value[c];
        n++;
    }
    if (n == 0 || 2 * n < hi - lo + 1) return false;
    *mean = sum / n;
    return true;
}

static bool flanks(const struct derm_profile *p, const struct derm_band *b, double *left,
                   double *right)
{
    const struct derm_strip_rule *const r = p->rule;
    const double gap = clampd(r->gap_share * b->width_mm, r->least_gap_mm, r->most_gap_mm);
    const double near = 0.5 * b->width_mm + gap, far = near + r->flank_mm;

    return mean_over(p, b->centre_mm - far, b->centre_mm - near, left) &&
           mean_over(p, b->centre_mm + near, b->centre_mm + far, right);
}

struct derm_band_contrast derm_profile_contrast(const struct derm_profile *p,
                                                const struct derm_band *b)
{
    struct derm_band_contrast out = { .measured = false };
    double left, right, inside;

    if (!flanks(p, b, &left, &right) ||
        !mean_over(p, b->centre_mm - 0.5 * b->width_mm, b->centre_mm + 0.5 * b->width_mm, &inside))
        return out;
    return (struct derm_band_contrast){ true, inside - 0.5 * (left + right), inside - left,
                                        inside - right };
}

double derm_profile_over_usual(const struct derm_profile *p, const struct derm_band *b)
{
    const double half_mm = 0.5 * b->width_mm;
    double value[DERM_STRIP_COLUMNS], inside;
    int n = 0;

    if (!mean_over(p, b->centre_mm - half_mm, b->centre_mm + half_mm, &inside)) return 0;
    for (int c = 0; c < p->columns; c++)
        if (p->valid[c]) value[n++] = p->value[c];
    return inside - derm_median(value, n);
}

double derm_profile_peak(const struct derm_profile *p, double reach_mm, double width_mm,
                         bool smallest)
{
    const int reach = imin((int)(reach_mm / p->column_mm), p->rule->reach);
    double best = 0, mean;
    int at = 0;
    bool any = false;

    for (int c = -reach; c <= reach; c++) {
        const double t = c * p->column_mm;

        if (!mean_over(p, t - 0.5 * width_mm, t + 0.5 * width_mm, &mean)) continue;
        if (any && (smallest ? mean >= best : mean <= best)) continue;
        best = mean;
        at = c;
        any = true;
    }
    return at * p->column_mm;
}

/* Where the profile, going outwards from the centre, first falls below half; side -1 or 1. Noise
 * is averaged over three columns. */
static bool edge(const struct derm_profile *p, double centre_mm, int side, double base, double half,
                 double *at_mm)
{
    const int start = (int)(centre_mm / p->column_mm + p->rule->reach + 0.5);
    double before = 0;

    for (int i = 0; i < p->columns; i++) {
        const int c = start + side * i;
        double v;

        if (c < 1 || c > p->columns - 2 || !p->valid[c - 1] || !p->valid[c] || !p->valid[c + 1])
            return false;
        v = ((p->value[c - 1] + p->value[c] + p->value[c + 1]) / 3 - base) / half;
        if (v < 1) {
            const double back = i > 0 ? (1 - v) / (before - v) : 0;
            *at_mm = (c - p->rule->reach - side * back) * p->column_mm;
            return i > 0;
        }
        before = v;
    }
    return false;
}

bool derm_profile_width(const struct derm_profile *p, struct derm_band *band, double least)
{
    enum { PASSES = 4 }; /* the flanks and the middle depend on the width, little */
    const double middle_share = 0.125;

    for (int pass = 0; pass < PASSES; pass++) {
        const double around = middle_share * band->width_mm > p->column_mm
                                  ? middle_share * band->width_mm
                                  : p->column_mm;
        double left, right, top, lo, hi, base;

        if (!flanks(p, band, &left, &right) ||
            !mean_over(p, band->centre_mm - around, band->centre_mm + around, &top))
            return false;
        base = 0.5 * (left + right);
        if (least < 0 ? top - base > least : top - base < least) return false;
        if (!edge(p, band->centre_mm, -1, base, 0.5 * (top - base), &lo) ||
            !edge(p, band->centre_mm, 1, base, 0.5 * (top - base), &hi))
            return false;
        band->centre_mm = 0.5 * (lo + hi);
        band->width_mm = hi - lo;
    }
    return band->width_mm > 0;
}
