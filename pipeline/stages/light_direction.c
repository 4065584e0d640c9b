/* SPDX-License-Identifier: Apache-2.0 */
/* A matt head in light from everywhere and light from one direction: light at a place with normal n
 * is a + max(0, n . b). On the half of a head that a photo shows, spherical harmonics of order 2
 * (algorithms, section 1) cannot tell their orders apart and read a turn of 20 degrees upwards as
 * 30; this has four unknowns in place of nine, and reads it as what it is. Least squares on light,
 * with the places in shadow found anew in every round. */
#include "stages/light_direction.h"

#include <math.h>

#include "base/angle.h"
#include "base/num.h"
#include "nn/mesh.h"
#include "stages/place.h"

enum { TERMS = 4, ROUNDS = 8, PHOTOS = 2, LEAST_PLACES = 100 };
static const double LEAST_DIRECTED = 0.1; /* share of the light; with less it has no direction */

struct place {
    double normal[3], light[PHOTOS];
};
struct places {
    struct place *at;
    int n, most;
};

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

static void add_place(struct places *s, const double normal[3], const struct derm_cell *cell)
{
    if (s->n == s->most) return;
    s->at[s->n++] = (struct place){ { normal[0], normal[1], normal[2] },
                                    { (double)derm_expf((float)-cell->base[1]),
                                      (double)derm_expf((float)-cell->follow[1]) } };
}

/* The cells whose centres lie in a triangle, seen from the front. */
static void add_cells(struct places *s, const struct derm_cells *cells, struct derm_point p[3],
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

struct lamp {
    double ambient, to[3]; /* a, b */
};

/* Gauss-Jordan; the matrix is positive definite, so the diagonal serves as pivot. */
static bool solve(double m[TERMS][TERMS + 1], struct lamp *lamp)
{
    for (int i = 0; i < TERMS; i++) {
        if (!(m[i][i] > 1e-9)) return false;
        for (int j = 0; j < TERMS; j++) {
            const double f = j == i ? 0 : m[j][i] / m[i][i];
            for (int k = i; k <= TERMS && f != 0; k++)
                m[j][k] -= f * m[i][k];
        }
    }
    lamp->ambient = m[0][TERMS] / m[0][0];
    for (int c = 0; c < 3; c++)
        lamp->to[c] = m[c + 1][TERMS] / m[c + 1][c + 1];
    return true;
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static bool fit(const struct places *s, int photo, struct lamp *lamp)
{
    *lamp = (struct lamp){ 0, { 0, 0, 1 } }; /* at first nothing is in shadow */
    for (int round = 0; round < ROUNDS; round++) {
        double m[TERMS][TERMS + 1] = { { 0 } };

        for (int p = 0; p < s->n; p++) {
            const double *const n = s->at[p].normal;
            const double lit = dot(n, lamp->to) > 0 ? 1 : 0;
            const double t[TERMS + 1] = { 1, lit * n[0], lit * n[1], lit * n[2],
                                          s->at[p].light[photo] };
            for (int i = 0; i < TERMS; i++)
                for (int k = 0; k <= TERMS; k++)
                    m[i][k] += t[i] * t[k];
        }
        if (!solve(m, lamp)) return false;
    }
    return true;
}

/* Of all light on a place that faces the lamp. */
static double directed(const struct lamp *l)
{
    const double length = sqrt(dot(l->to, l->to));

    return length / (length + fmax(l->ambient, 0));
}

static void compare(const struct lamp lamp[PHOTOS], struct derm_light_turn *out)
{
    const double d = dot(lamp[0].to, lamp[1].to);
    const double squares = dot(lamp[0].to, lamp[0].to) * dot(lamp[1].to, lamp[1].to);

    out->has_angle = fmin(directed(&lamp[0]), directed(&lamp[1])) > LEAST_DIRECTED;
    out->angle_deg = derm_angle_deg(sqrt(fmax(squares - d * d, 0)), d);
    out->directed = fabs(directed(&lamp[0]) - directed(&lamp[1]));
}

derm_err derm_face_light_turn(struct derm_run *run, const struct derm_cells *cells,
                              struct derm_light_turn *out, bool *known)
{
    const struct derm_mesh *const mesh = derm_models_mesh(run->models);
    const struct derm_frame *const base = run->pair->base;
    struct places s = { .most = cells->w * cells->h };
    struct lamp lamp[PHOTOS];
    double(*normal)[3];

    *known = false;
    DERM_TRY(derm_arena_new(run->scratch, &normal, DERM_MESH_VERTICES, sizeof(*normal)));
    DERM_TRY(derm_arena_raw(run->scratch, &s.at, (size_t)s.most + 1, sizeof(*s.at)));
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
    if (s.n < LEAST_PLACES || !fit(&s, 0, &lamp[0]) || !fit(&s, 1, &lamp[1])) return DERM_OK;
    compare(lamp, out);
    *known = true;
    return DERM_OK;
}
