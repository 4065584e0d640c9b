/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/field.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "kernels/bands.h"

derm_err derm_field_new(struct derm_arena *a, struct derm_field *f, int w, int h, double cell_px)
{
    const int cols = imax(2, (int)ceil(w / cell_px)), rows = imax(2, (int)ceil(h / cell_px));

    f->cell_px = cell_px;
    DERM_TRY(derm_plane_new(a, &f->x, cols, rows));
    return derm_plane_new(a, &f->y, cols, rows);
}

struct tap { /* linear interpolation along one axis; t leaves [0, 1] outside the lattice */
    int i;
    float t;
};

static struct tap tap_at(double px, double cell_px, int nodes)
{
    const double u = (px + 0.5) / cell_px - 0.5;
    const int i = clampi((int)floor(clampd(u, -1.0, nodes)), 0, nodes - 2);
    return (struct tap){ i, (float)(u - i) };
}

static double lerp2(const struct derm_plane *p, struct tap u, struct tap v)
{
    const float *const a = derm_row(p, v.i) + u.i, *const b = derm_row(p, v.i + 1) + u.i;
    const double top = (double)a[0] + (double)u.t * ((double)a[1] - (double)a[0]);
    const double low = (double)b[0] + (double)u.t * ((double)b[1] - (double)b[0]);
    return top + (double)v.t * (low - top);
}

struct derm_point derm_field_at(const struct derm_field *f, double x, double y)
{
    const struct tap u = tap_at(x, f->cell_px, f->x.w), v = tap_at(y, f->cell_px, f->x.h);
    return (struct derm_point){ lerp2(&f->x, u, v), lerp2(&f->y, u, v) };
}

const struct derm_field_window derm_field_whole = { 0, 0, 1, 1, 0 };

void derm_nodes_row(const struct derm_kernels *k, float *out, int n, const struct derm_plane *nodes,
                    double cell_px, const struct derm_field_window *window, int j)
{
    const struct tap v = tap_at(window->y0 + j * window->step, cell_px, nodes->h);

    k->between_nodes(out,
                     &(struct derm_nodes){ .upper = derm_row(nodes, v.i),
                                           .lower = derm_row(nodes, v.i + 1),
                                           .below = v.t,
                                           .n = nodes->w,
                                           .u0 = (window->x0 + 0.5) / cell_px - 0.5,
                                           .per_px = window->step / cell_px,
                                           .px_per_cell = cell_px / window->step,
                                           .scale = window->scale,
                                           .offset = window->offset },
                     (size_t)n);
}

void derm_nodes_expand(const struct derm_kernels *k, struct derm_plane *dst,
                       const struct derm_plane *nodes, double cell_px)
{
    for (int j = 0; j < dst->h; j++)
        derm_nodes_row(k, derm_row(dst, j), dst->w, nodes, cell_px, &derm_field_whole, j);
}

struct view_job {
    const struct derm_kernels *k;
    const struct derm_field_view *view;
    const struct derm_plane *image, *weight;
};

static void drop_outside(float *restrict weight, const float *restrict x, const float *restrict y,
                         int n, const float most[2], float least)
{
    for (int i = 0; i < n; i++) {
        const int inside =
            (x[i] >= least) & (y[i] >= least) & (x[i] <= most[0]) & (y[i] <= most[1]);
        weight[i] = inside ? weight[i] : 0.0f;
    }
}

struct derm_rows derm_rows_of_weight(const struct derm_plane *weight)
{
    struct derm_rows rows = { 0, 0 };

    for (int y = 0; y < weight->h; y++) {
        const float *const row = derm_row(weight, y);
        int x = 0;

        while (x < weight->w && !(row[x] > 0.0f))
            x++;
        if (x == weight->w) continue;
        if (rows.y1 == 0) rows.y0 = y;
        rows.y1 = y + 1;
    }
    return rows;
}

static void resample_band(const void *job, int y0, int y1, void *own)
{
    const struct view_job *const v = job;
    const struct derm_field *const f = v->view->f;
    const struct derm_plane *const from = v->view->from.image;
    const struct derm_raster size = { from->w, from->h, from->stride };
    const float *const src[2] = { from->px, v->view->from.weight->px };
    const float least = v->view->edge_px;
    const float most[2] = { (float)(from->w - 1) - least, (float)(from->h - 1) - least };
    const int n = v->image->w;
    float *const x = own, *const y = x + v->image->stride;

    for (int j = y0; j < y1; j++) {
        float *const dst[2] = { derm_row(v->image, j), derm_row(v->weight, j) };
        if (j < v->view->asked.y0 || j >= v->view->asked.y1) {
            for (int i = 0; i < 2; i++)
                memset(dst[i], 0, sizeof(float) * (size_t)n);
            continue;
        }
        derm_nodes_row(v->k, x, n, &f->x, f->cell_px, &v->view->window, j);
        derm_nodes_row(v->k, y, n, &f->y, f->cell_px, &v->view->window, j);
        v->k->cubic(dst, src, 2, &size, x, y, (size_t)n);
        drop_outside(dst[1], x, y, n, most, least);
    }
}

derm_err derm_field_resample(const struct derm_filter *filter, const struct derm_field_view *view,
                             struct derm_plane *image, struct derm_plane *weight)
{
    const struct view_job job = { filter->k, view, image, weight };

    assert(view->from.weight->stride == view->from.image->stride);
    return derm_bands_run(filter, image->h, 2 * sizeof(float) * (size_t)image->stride,
                          resample_band, &job);
}

derm_err derm_field_compose(struct derm_arena *scratch, struct derm_field *p,
                            const struct derm_field *d)
{
    const size_t mark = scratch->used;
    struct derm_plane x, y;

    assert(p->x.w == d->x.w && p->x.h == d->x.h && p->cell_px == d->cell_px);
    DERM_TRY(derm_plane_new(scratch, &x, p->x.w, p->x.h));
    DERM_TRY(derm_plane_new(scratch, &y, p->x.w, p->x.h));
    for (int j = 0; j < x.h; j++)
        for (int i = 0; i < x.w; i++) {
            const struct derm_point at =
                derm_field_at(p, derm_field_node(p, i) + (double)derm_row(&d->x, j)[i],
                              derm_field_node(p, j) + (double)derm_row(&d->y, j)[i]);
            derm_row(&x, j)[i] = (float)at.x;
            derm_row(&y, j)[i] = (float)at.y;
        }
    memcpy(p->x.px, x.px, sizeof(float) * (size_t)(x.stride * x.h));
    memcpy(p->y.px, y.px, sizeof(float) * (size_t)(y.stride * y.h));
    derm_arena_reset(scratch, mark);
    return DERM_OK;
}

void derm_field_rescale(struct derm_field *dst, const struct derm_field *src, double ratio)
{
    for (int j = 0; j < dst->x.h; j++)
        for (int i = 0; i < dst->x.w; i++) {
            const struct derm_point at =
                derm_field_at(src, (derm_field_node(dst, i) + 0.5) * ratio - 0.5,
                              (derm_field_node(dst, j) + 0.5) * ratio - 0.5);
            derm_row(&dst->x, j)[i] = (float)((at.x + 0.5) / ratio - 0.5);
            derm_row(&dst->y, j)[i] = (float)((at.y + 0.5) / ratio - 0.5);
        }
}

static bool counts(const struct derm_field *f, int i, int j, const struct derm_mask *where)
{
    const int x = (int)derm_field_node(f, i), y = (int)derm_field_node(f, j);

    return !where || (x < where->w && y < where->h && derm_mask_row(where, y)[x]);
}

/* Sums over the nodes that count, of products of node and position about (mx, my). */
struct moments {
    double n, u, v, x, y;
    double uu, uv, vv, ux, vx, uy, vy;
};

static struct moments moments_about(const struct derm_field *f, const struct derm_mask *where,
                                    double mx, double my)
{
    struct moments s = { 0 };

    for (int j = 0; j < f->x.h; j++)
        for (int i = 0; i < f->x.w; i++) {
            const double u = derm_field_node(f, i) - mx, v = derm_field_node(f, j) - my;
            const double x = (double)derm_row(&f->x, j)[i], y = (double)derm_row(&f->y, j)[i];

            if (!counts(f, i, j, where)) continue;
            s.n++;
            s.u += u;
            s.v += v;
            s.x += x;
            s.y += y;
            s.uu += u * u;
            s.uv += u * v;
            s.vv += v * v;
            s.ux += u * x;
            s.vx += v * x;
            s.uy += u * y;
            s.vy += v * y;
        }
    return s;
}

/* About the middle of the nodes the constant part is the mean. */
bool derm_field_affine(const struct derm_field *f, const struct derm_mask *where,
                       struct derm_affine *m)
{
    struct moments s = moments_about(f, where, 0, 0);

    *m = (struct derm_affine){ 0 };
    if (s.n == 0) return false;
    m->mx = s.u / s.n;
    m->my = s.v / s.n;
    s = moments_about(f, where, m->mx, m->my);
    const double skew = s.uv / s.uu, vv = s.vv - skew * s.uv;
    m->cx = s.x / s.n;
    m->cy = s.y / s.n;
    m->b = (s.vx - skew * s.ux) / vv;
    m->d = (s.vy - skew * s.uy) / vv;
    m->a = (s.ux - m->b * s.uv) / s.uu;
    m->c = (s.uy - m->d * s.uv) / s.uu;
    return s.uu > 0 && vv > 0;
}

void derm_field_invert(struct derm_field *dst, const struct derm_field *src)
{
    struct derm_affine m;
    derm_field_affine(src, NULL, &m); /* a lattice has at least 2 x 2 nodes */
    const double det = m.a * m.d - m.b * m.c;
    /* A map that folds everything onto a line has no inverse; the refusal comes later, from the
     * patches, so any finite answer will do. */
    const double inv = fabs(det) > 1e-3 ? 1.0 / det : 1.0;
    enum { ROUNDS = 12 };

    for (int j = 0; j < dst->x.h; j++)
        for (int i = 0; i < dst->x.w; i++) {
            const double tx = derm_field_node(dst, i), ty = derm_field_node(dst, j);
            double x = m.mx, y = m.my;
            struct derm_point at = { m.cx, m.cy };
            for (int round = 0; round < ROUNDS; round++) {
                const double ex = tx - at.x, ey = ty - at.y;
                x += (m.d * ex - m.b * ey) * inv;
                y += (m.a * ey - m.c * ex) * inv;
                at = derm_field_at(src, x, y);
            }
            derm_row(&dst->x, j)[i] = (float)x;
            derm_row(&dst->y, j)[i] = (float)y;
        }
}

void derm_field_loop_error(struct derm_plane *error, const struct derm_field *p,
                           const struct derm_field *q)
{
    assert(error->w == p->x.w && error->h == p->x.h);
    for (int j = 0; j < error->h; j++)
        for (int i = 0; i < error->w; i++) {
            const struct derm_point back =
                derm_field_at(q, (double)derm_row(&p->x, j)[i], (double)derm_row(&p->y, j)[i]);
            const double dx = back.x - derm_field_node(p, i), dy = back.y - derm_field_node(p, j);
            derm_row(error, j)[i] = (float)sqrt(dx * dx + dy * dy);
        }
}

bool derm_mask_near(const struct derm_mask *mask, float x, float y)
{
    const uint8_t *a, *b;

    if (!(x >= 0.0f && y >= 0.0f && x < (float)(mask->w - 1) && y < (float)(mask->h - 1)))
        return false;
    a = derm_mask_row(mask, (int)y) + (int)x;
    b = a + mask->stride;
    return a[0] & a[1] & b[0] & b[1];
}
