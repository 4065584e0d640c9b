/* SPDX-License-Identifier: Apache-2.0 */
/* Ring contrast. Adding a constant or a plane to the values changes nothing: gain, cast and
 * gradient of the light cancel exactly, so that no normalisation of the light is needed.
 *
 * Robust plane: iteratively reweighted least squares, Cauchy weights with the usual 95 % efficiency
 * constant (P. Holland, R. Welsch, Commun. Stat. A6, 813, 1977). */
#include "stages/ring.h"

#include <math.h>

#include "base/num.h"
#include "stages/statistics.h"

enum { ITERATIONS = 3, MIN_RING_PX = 12 };
static const double CAUCHY = 2.385;

struct sample {
    double x, y, v, weight;
};
struct window {
    int x0, y0, w, h;
    double *across2; /* squared distance to the footprint within the row */
    struct sample *ring;
    double *residual;
    int n;
};

void derm_label_boxes(const struct derm_labels *labels, int n, struct derm_box *box)
{
    for (int i = 0; i <= n; i++)
        box[i] = (struct derm_box){ labels->w, labels->h, -1, -1 };
    for (int y = 0; y < labels->h; y++) {
        const int32_t *const row = derm_labels_row(labels, y);

        for (int x = 0; x < labels->w; x++) {
            struct derm_box *const b = &box[row[x]];

            if (row[x] == 0) continue;
            b->x0 = imin(b->x0, x);
            b->y0 = imin(b->y0, y);
            b->x1 = imax(b->x1, x);
            b->y1 = imax(b->y1, y);
        }
    }
}

static derm_err open_window(struct derm_run *run, const struct derm_labels *l,
                            const struct derm_box *box, int margin, struct window *win)
{
    win->x0 = imax(box->x0 - margin, 0);
    win->y0 = imax(box->y0 - margin, 0);
    win->w = imin(box->x1 + margin, l->w - 1) - win->x0 + 1;
    win->h = imin(box->y1 + margin, l->h - 1) - win->y0 + 1;
    const size_t n = (size_t)win->w * (size_t)win->h;

    win->n = 0;
    DERM_TRY(derm_arena_raw(run->scratch, &win->across2, n, sizeof(*win->across2)));
    DERM_TRY(derm_arena_raw(run->scratch, &win->ring, n, sizeof(*win->ring)));
    return derm_arena_raw(run->scratch, &win->residual, n, sizeof(*win->residual));
}

static void distances_in_rows(const struct derm_labels *l, int label, struct window *win)
{
    const double far = (double)win->w + (double)win->h;

    for (int y = 0; y < win->h; y++) {
        const int32_t *const row = derm_labels_row(l, win->y0 + y) + win->x0;
        double *const d = win->across2 + (size_t)y * (size_t)win->w;
        double away = far;

        for (int x = 0; x < win->w; x++)
            d[x] = away = row[x] == label ? 0 : away + 1;
        away = far;
        for (int x = win->w - 1; x >= 0; x--) {
            away = row[x] == label ? 0 : away + 1;
            if (away < d[x]) d[x] = away;
            d[x] *= d[x];
        }
    }
}

/* Is a pixel farther than near and at most far from the footprint? Rows above and below can only
 * bring it nearer: most pixels are decided by a few. */
static bool in_ring(const struct window *win, int x, int y, double near_px, double far_px)
{
    const double near2 = near_px * near_px, far2 = far_px * far_px;
    bool reached = false;

    for (int away = 0; away <= far_px && (!reached || away <= near_px); away++)
        for (int side = 0; side < 2; side++) {
            const int row = side ? y + away : y - away;

            if (row < 0 || row >= win->h) continue;
            const double d2 =
                win->across2[(size_t)row * (size_t)win->w + (size_t)x] + (double)away * away;
            if (d2 <= near2) return false;
            reached = reached || d2 <= far2;
        }
    return reached;
}

static void gather_ring(const struct derm_scene *s, double near_px, double far_px,
                        struct window *win)
{
    for (int y = 0; y < win->h; y++) {
        const int32_t *const l = derm_labels_row(s->labels, win->y0 + y) + win->x0;
        const uint8_t *const m = derm_mask_row(s->where, win->y0 + y) + win->x0;
        const float *const v = derm_row(s->value, win->y0 + y) + win->x0;

        for (int x = 0; x < win->w; x++) {
            if (!m[x] || (l[x] > 0 && !s->objects[l[x] - 1].field)) continue;
            if (in_ring(win, x, y, near_px, far_px))
                win->ring[win->n++] = (struct sample){ x, y, (double)v[x], 1 };
        }
    }
}

/* Weighted least squares about the centre of the ring; false when its points lie on a line. */
static bool fit_plane(const struct window *win, double plane[3])
{
    double w = 0, mx = 0, my = 0, mv = 0, xx = 0, xy = 0, yy = 0, xv = 0, yv = 0;

    for (int i = 0; i < win->n; i++) {
        const struct sample *const p = &win->ring[i];
        w += p->weight;
        mx += p->weight * p->x;
        my += p->weight * p->y;
        mv += p->weight * p->v;
    }
    mx /= w;
    my /= w;
    mv /= w;
    for (int i = 0; i < win->n; i++) {
        const struct sample *const p = &win->ring[i];
        const double dx = p->x - mx, dy = p->y - my, dv = p->v - mv;
        xx += p->weight * dx * dx;
        xy += p->weight * dx * dy;
        yy += p->weight * dy * dy;
        xv += p->weight * dx * dv;
        yv += p->weight * dy * dv;
    }
    const double det = xx * yy - xy * xy;
    if (!(det > 1e-6 * xx * yy)) return false;
    plane[1] = (yy * xv - xy * yv) / det;
    plane[2] = (xx * yv - xy * xv) / det;
    plane[0] = mv - plane[1] * mx - plane[2] * my;
    return true;
}

static double plane_at(const double plane[3], double x, double y)
{
    return plane[0] + plane[1] * x + plane[2] * y;
}

static bool robust_plane(struct window *win, double plane[3])
{
    if (win->n < MIN_RING_PX || !fit_plane(win, plane)) return false;
    for (int k = 0; k < ITERATIONS; k++) {
        for (int i = 0; i < win->n; i++)
            win->residual[i] =
                fabs(win->ring[i].v - plane_at(plane, win->ring[i].x, win->ring[i].y));
        const double scale = CAUCHY * 1.4826 * derm_median(win->residual, win->n);
        if (!(scale > 0)) return true;
        for (int i = 0; i < win->n; i++) {
            struct sample *const p = &win->ring[i];
            const double u = (p->v - plane_at(plane, p->x, p->y)) / scale;
            p->weight = 1 / (1 + u * u);
        }
        if (!fit_plane(win, plane)) return false;
    }
    return true;
}

/* How many pixels the contrast was measured at. */
static int measure_inside(const struct derm_scene *s, int label, const struct derm_box *box,
                          double threshold, struct derm_ring_contrast *out)
{
    double sum = 0;
    int seen = 0;

    for (int y = box->y0; y <= box->y1; y++)
        for (int x = box->x0; x <= box->x1; x++) {
            if (derm_labels_row(s->labels, y)[x] != label) continue;
            const double above =
                (double)derm_row(s->value, y)[x] - plane_at(out->plane, x - box->x0, y - box->y0);
            out->area_px += 1;
            out->half_area_px += above > threshold;
            if (!derm_mask_row(s->where, y)[x]) continue;
            sum += above;
            seen++;
        }
    if (seen > 0) out->contrast = sum / seen;
    return seen;
}

derm_err derm_ring_measure(struct derm_run *run, const struct derm_scene *scene, int label,
                           const struct derm_box *box, double near_px, double far_px,
                           double threshold, struct derm_ring_contrast *out)
{
    const size_t mark = run->scratch->used;
    struct window win;

    *out = (struct derm_ring_contrast){ 0 };
    if (box->x1 < box->x0) return DERM_OK;
    DERM_TRY(open_window(run, scene->labels, box, (int)ceil(far_px), &win));
    distances_in_rows(scene->labels, label, &win);
    gather_ring(scene, near_px, far_px, &win);
    out->measured = robust_plane(&win, out->plane);
    if (out->measured) {
        out->plane[0] = plane_at(out->plane, box->x0 - win.x0, box->y0 - win.y0);
        out->measured = measure_inside(scene, label, box, threshold, out) > 0;
    }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}
