/* SPDX-License-Identifier: Apache-2.0 */
/* Order-2 spherical harmonics of log-luminance on the normals (9 coefficients) describe the shading
 * of a convex matt body (Ramamoorthi & Hanrahan 2001, J Opt Soc Am A 18:2448). The three of order 1
 * point to where it is brightest: the dominant direction. Only the front of a head is seen, where
 * the two orders look alike, so order 2 is held back by a ridge. */
#include "stages/light_direction.h"

#include <math.h>

#include "base/angle.h"
#include "base/num.h"
#include "nn/mesh.h"
#include "stages/place.h"
#include "stages/statistics.h"

enum { TERMS = 9, FIRST = 1, SECOND = 4, PHOTOS = 2, LEAST_PLACES = 100 };
static const double RIDGE = 0.02;           /* of the number of places, on terms of order 2 */
static const double LEAST_DIRECTION = 0.15; /* below this light has no direction to speak of */

struct shading { /* normal equations with a right-hand side for each photo; normals of the places */
    double m[TERMS][TERMS + PHOTOS];
    double (*normal)[3];
    int n, most;
};

static void basis(double t[TERMS], const double n[3])
{
    const double all[TERMS] = { 1,           n[0],        n[1],
                                n[2],        n[0] * n[1], n[0] * n[2],
                                n[1] * n[2], n[2] * n[2], n[0] * n[0] - n[1] * n[1] };

    for (int i = 0; i < TERMS; i++)
        t[i] = all[i];
}

/* x right, y down, z to the camera. */
static void vertex(double p[3], const struct derm_face *face, int v)
{
    p[0] = face->at[v].x;
    p[1] = face->at[v].y;
    p[2] = -face->z[v];
}

/* Normals of the vertices, each the sum over its triangles of normal times area. */
static void add_triangle(double (*normal)[3], const struct derm_face *face,
                         const uint16_t corner[3])
{
    double p[3][3], a[3], b[3];

    for (int k = 0; k < 3; k++)
        vertex(p[k], face, corner[k]);
    for (int c = 0; c < 3; c++) {
        a[c] = p[1][c] - p[0][c];
        b[c] = p[2][c] - p[0][c];
    }
    for (int k = 0; k < 3; k++) {
        double *const n = normal[corner[k]];
        n[0] += a[1] * b[2] - a[2] * b[1];
        n[1] += a[2] * b[0] - a[0] * b[2];
        n[2] += a[0] * b[1] - a[1] * b[0];
    }
}

/* The mesh has one winding: the side that is seen on the whole is the outside. */
static void find_normals(double (*normal)[3], const struct derm_mesh *mesh,
                         const struct derm_face *face)
{
    double front = 0;

    for (int t = 0; t < DERM_MESH_TRIANGLES; t++)
        add_triangle(normal, face, mesh->triangle[t]);
    for (int v = 0; v < DERM_MESH_VERTICES; v++)
        front += normal[v][2];
    for (int v = 0; v < DERM_MESH_VERTICES; v++) {
        double *const n = normal[v], length = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
        for (int c = 0; c < 3 && length > 0; c++)
            n[c] *= (front < 0 ? -1 : 1) / length;
    }
}

static void add_place(struct shading *s, const double normal[3], const struct derm_cell *cell)
{
    double t[TERMS];

    if (s->n == s->most) return;
    basis(t, normal);
    for (int i = 0; i < TERMS; i++) {
        for (int j = 0; j < TERMS; j++)
            s->m[i][j] += t[i] * t[j];
        s->m[i][TERMS] -= t[i] * cell->base[1]; /* optical density falls where light grows */
        s->m[i][TERMS + 1] -= t[i] * cell->follow[1];
    }
    for (int c = 0; c < 3; c++)
        s->normal[s->n][c] = normal[c];
    s->n++;
}

/* The cells whose centres lie in a triangle, seen from the front. */
static void add_cells(struct shading *s, const struct derm_cells *cells, struct derm_point p[3],
                      double *normal[3])
{
    const double ax = p[1].x - p[0].x, ay = p[1].y - p[0].y, bx = p[2].x - p[0].x,
                 by = p[2].y - p[0].y, area = ax * by - ay * bx;
    const double x0 = fmin(p[0].x, fmin(p[1].x, p[2].x)), x1 = fmax(p[0].x, fmax(p[1].x, p[2].x));
    const double y0 = fmin(p[0].y, fmin(p[1].y, p[2].y)), y1 = fmax(p[0].y, fmax(p[1].y, p[2].y));
    const int i0 = imax((int)(x0 / cells->size_px) - 1, 0),
              j0 = imax((int)(y0 / cells->size_px) - 1, 0);
    const int i1 = imin((int)(x1 / cells->size_px), cells->w - 1);
    const int j1 = imin((int)(y1 / cells->size_px), cells->h - 1);

    if (area == 0) return;
    for (int j = j0; j <= j1; j++)
        for (int i = i0; i <= i1; i++) {
            const struct derm_cell *const cell = &cells->at[j * cells->w + i];
            const double x = cell->x - p[0].x, y = cell->y - p[0].y;
            const double u = (x * by - y * bx) / area, v = (ax * y - ay * x) / area;
            double n[3], length = 0;

            if (cell->n == 0 || u < 0 || v < 0 || u + v > 1) continue;
            for (int c = 0; c < 3; c++) {
                n[c] = (1 - u - v) * normal[0][c] + u * normal[1][c] + v * normal[2][c];
                length += n[c] * n[c];
            }
            for (int c = 0; c < 3; c++)
                n[c] /= sqrt(length);
            if (n[2] > 0) add_place(s, n, cell);
        }
}

/* Gauss-Jordan; the matrix is positive definite, so the diagonal serves as pivot. */
static bool solve(struct shading *s)
{
    for (int i = SECOND; i < TERMS; i++)
        s->m[i][i] += RIDGE * s->n;
    for (int i = 0; i < TERMS; i++) {
        if (!(s->m[i][i] > 1e-9 * s->n)) return false;
        for (int j = 0; j < TERMS; j++) {
            const double f = j == i ? 0 : s->m[j][i] / s->m[i][i];
            for (int k = i; k < TERMS + PHOTOS && f != 0; k++)
                s->m[j][k] -= f * s->m[i][k];
        }
    }
    for (int i = 0; i < TERMS; i++)
        for (int photo = 0; photo < PHOTOS; photo++)
            s->m[i][TERMS + photo] /= s->m[i][i];
    return true;
}

/* How much more light the lit side gets: 5-95 % of the fitted shading over the places. */
static double contrast(const struct shading *s, int photo, double *value)
{
    for (int i = 0; i < s->n; i++) {
        double t[TERMS];

        basis(t, s->normal[i]);
        value[i] = 0;
        for (int k = 0; k < TERMS; k++)
            value[i] += t[k] * s->m[k][TERMS + photo];
    }
    derm_sort(value, s->n);
    return derm_percentile(value, s->n, 0.95) - derm_percentile(value, s->n, 0.05);
}

static void compare(const struct shading *s, struct derm_light_turn *out)
{
    double d[PHOTOS][3], length[PHOTOS], dot = 0, cross;

    for (int photo = 0; photo < PHOTOS; photo++) {
        for (int c = 0; c < 3; c++)
            d[photo][c] = s->m[FIRST + c][TERMS + photo];
        length[photo] =
            sqrt(d[photo][0] * d[photo][0] + d[photo][1] * d[photo][1] + d[photo][2] * d[photo][2]);
    }
    for (int c = 0; c < 3; c++)
        dot += d[0][c] * d[1][c];
    cross = sqrt(fmax(length[0] * length[0] * length[1] * length[1] - dot * dot, 0));
    out->has_angle = fmin(length[0], length[1]) > LEAST_DIRECTION;
    out->angle_deg = derm_angle_deg(cross, dot);
}

derm_err derm_face_light_turn(struct derm_run *run, const struct derm_cells *cells,
                              struct derm_light_turn *out, bool *known)
{
    const struct derm_mesh *const mesh = derm_models_mesh(run->models);
    const struct derm_frame *const base = run->pair->base;
    struct shading s = { .most = cells->w * cells->h };
    double(*normal)[3], *value;

    *known = false;
    DERM_TRY(derm_arena_new(run->scratch, &normal, DERM_MESH_VERTICES, sizeof(*normal)));
    DERM_TRY(derm_arena_raw(run->scratch, &s.normal, (size_t)s.most + 1, sizeof(*s.normal)));
    DERM_TRY(derm_arena_raw(run->scratch, &value, (size_t)s.most + 1, sizeof(*value)));
    find_normals(normal, mesh, &base->face);
    for (int t = 0; t < DERM_MESH_TRIANGLES; t++) {
        double *corner[3];
        struct derm_point p[3];

        for (int k = 0; k < 3; k++) {
            const int v = mesh->triangle[t][k];
            corner[k] = normal[v];
            p[k] = derm_grid_from_photo(&base->view.grid, base->face.at[v]);
        }
        add_cells(&s, cells, p, corner);
    }
    if (s.n < LEAST_PLACES || !solve(&s)) return DERM_OK;
    compare(&s, out);
    out->contrast = fabs(contrast(&s, 0, value) - contrast(&s, 1, value));
    *known = true;
    return DERM_OK;
}
