/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to a pit and what surrounds it. */
#include <math.h>

#include "base/num.h"
#include "stages/pits.h"

struct window { /* the pixels that may be reached, and a rim of one around them */
    int x0, y0, w, h;
    uint8_t *may; /* 1 where a pixel may be taken, 0 on the rim */
};

static derm_err window_new(struct derm_arena *a, struct window *win, const struct derm_plane *plane,
                           struct derm_point centre, double radius_px)
{
    win->x0 = imax((int)ceil(centre.x - radius_px), 0);
    win->y0 = imax((int)ceil(centre.y - radius_px), 0);
    win->w = imin((int)floor(centre.x + radius_px), plane->w - 1) - win->x0 + 1;
    win->h = imin((int)floor(centre.y + radius_px), plane->h - 1) - win->y0 + 1;
    if (win->w <= 0 || win->h <= 0) return DERM_OK;
    return derm_arena_new(a, &win->may, (size_t)(win->w + 2) * (size_t)(win->h + 2), 1);
}

static int index_in(const struct window *win, int x, int y)
{
    return (y - win->y0 + 1) * (win->w + 2) + x - win->x0 + 1;
}

struct rule { /* of what may be taken */
    struct derm_point centre;
    double threshold, radius_px;
};

static void mark_row(const struct rule *r, const struct window *win, int y,
                     const float *restrict value, const uint8_t *restrict taken,
                     uint8_t *restrict may)
{
    const double x = r->centre.x, dy = y - r->centre.y, most = r->radius_px * r->radius_px;
    const double threshold = r->threshold;
    const int n = win->w, x0 = win->x0;

    for (int i = 0; i < n; i++) {
        const double dx = x0 + i - x;

        may[i] = (taken[i] == 0) & ((double)value[i] > threshold) & (dx * dx + dy * dy <= most);
    }
}

/* Everything that hangs together with the first pixel, in a list that has room for one more; no
 * branch depends on a pixel, every other one would be guessed wrong. */
static int flood(uint8_t *may, int stride, int first, int *list)
{
    const int step[4] = { -1, 1, -stride, stride };
    int n = may[first];

    list[0] = first;
    may[first] = 0;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 4; k++) {
            const int at = list[i] + step[k];

            list[n] = at;
            n += may[at];
            may[at] = 0;
        }
    return n;
}

derm_err derm_pit_grow(struct derm_run *run, struct derm_mask *taken,
                       const struct derm_plane *plane, struct derm_point centre, double threshold,
                       double radius_px, struct derm_footprint *out)
{
    const struct rule rule = { centre, threshold, radius_px };
    struct window win;

    *out = (struct derm_footprint){ NULL, 0 };
    DERM_TRY(window_new(run->scratch, &win, plane, centre, radius_px));
    if (win.w <= 0 || win.h <= 0) return DERM_OK;
    DERM_TRY(derm_arena_raw(run->scratch, &out->pixel, (size_t)win.w * (size_t)win.h + 1,
                            sizeof(*out->pixel)));
    for (int y = win.y0; y < win.y0 + win.h; y++)
        mark_row(&rule, &win, y, derm_row(plane, y) + win.x0, derm_mask_row(taken, y) + win.x0,
                 win.may + index_in(&win, win.x0, y));
    out->n = flood(win.may, win.w + 2,
                   index_in(&win, clampi((int)floor(centre.x + 0.5), win.x0, win.x0 + win.w - 1),
                            clampi((int)floor(centre.y + 0.5), win.y0, win.y0 + win.h - 1)),
                   out->pixel);
    for (int i = 0; i < out->n; i++) {
        const int x = win.x0 + out->pixel[i] % (win.w + 2) - 1;
        const int y = win.y0 + out->pixel[i] / (win.w + 2) - 1;

        derm_mask_row(taken, y)[x] = 0xff;
        out->pixel[i] = y * plane->w + x;
    }
    return DERM_OK;
}

/* floor and ceil of what an int holds, without a call: there are two for every row of a ring. */
static inline int round_down(double x)
{
    const int i = (int)x;

    return i - (x < i);
}
static inline int round_up(double x)
{
    const int i = (int)x;

    return i + (x > i);
}

/* The pixels of row j within radius_px of a place: lo..hi, none where hi < lo. */
static void chord(double x, double y, double radius_px, int j, int *lo, int *hi)
{
    const double left = radius_px * radius_px - (j - y) * (j - y);
    const double half = left >= 0 ? sqrt(left) : -1;

    *lo = round_up(x - half);
    *hi = left >= 0 ? round_down(x + half) : *lo - 1;
}

struct total {
    double sum;
    int count;
};

/* Adds the pixels x0..x1 of a row where the mask is set. */
static void add_run(struct total *t, const float *row, const uint8_t *counts, int x0, int x1)
{
    for (int i = x0; i <= x1; i++) {
        t->sum += counts[i] ? (double)row[i] : 0;
        t->count += counts[i] & 1;
    }
}

double derm_pit_ring(const struct derm_plane *plane, const struct derm_mask *where, double x,
                     double y, double lo_px, double hi_px, int *count)
{
    const int y0 = imax((int)ceil(y - hi_px), 0), y1 = imin((int)floor(y + hi_px), plane->h - 1);
    const int last = plane->w - 1;
    struct total t = { 0, 0 };

    for (int j = y0; j <= y1; j++) {
        const uint8_t *const counts = derm_mask_row(where, j);
        const float *const row = derm_row(plane, j);
        int outer[2], inner[2];

        chord(x, y, hi_px, j, &outer[0], &outer[1]);
        chord(x, y, lo_px, j, &inner[0], &inner[1]);
        if (inner[1] < inner[0]) inner[0] = outer[1] + 1, inner[1] = outer[1];
        add_run(&t, row, counts, imax(outer[0], 0), imin(inner[0] - 1, last));
        add_run(&t, row, counts, imax(inner[1] + 1, 0), imin(outer[1], last));
    }
    *count = t.count;
    return t.count > 0 ? t.sum / t.count : 0;
}

double derm_pit_share(const struct derm_mask *where, double x, double y, double radius_px)
{
    const int y0 = (int)ceil(y - radius_px), y1 = (int)floor(y + radius_px);
    int set = 0, all = 0;

    for (int j = y0; j <= y1; j++) {
        int lo, hi;

        chord(x, y, radius_px, j, &lo, &hi);
        all += hi - lo + 1;
        if (j < 0 || j >= where->h) continue;
        for (int i = imax(lo, 0); i <= imin(hi, where->w - 1); i++)
            set += derm_mask_row(where, j)[i] & 1;
    }
    return all > 0 ? (double)set / all : 0;
}
