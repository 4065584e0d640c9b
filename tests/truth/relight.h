/* SPDX-License-Identifier: Apache-2.0 */
/* New photos of a real face, made from one: in other light, smoothed, mirrored, exposed anew. */
#ifndef DERM_TRUTH_RELIGHT_H
#define DERM_TRUTH_RELIGHT_H

#include "cut.h"
#include "nn/mesh.h"

struct shade_light {
    double azimuth_deg, elevation_deg; /* 0 right, 90 top; 90 elevation: from the camera */
    double ambient;                    /* share of light from everywhere */
};

static inline void shade_direction(const struct shade_light *l, double d[3])
{
    const double degree = 0.017453292519943295;
    const double a = l->azimuth_deg * degree, e = l->elevation_deg * degree;

    d[0] = cos(e) * cos(a);
    d[1] = -cos(e) * sin(a);
    d[2] = sin(e);
}

static inline double shade_angle_deg(const struct shade_light *a, const struct shade_light *b)
{
    double p[3], q[3];

    shade_direction(a, p);
    shade_direction(b, q);
    return acos(fmin(p[0] * q[0] + p[1] * q[1] + p[2] * q[2], 1)) / 0.017453292519943295;
}

/* Normal of the nearest landmark, from the triangles around it; smooth enough over a lattice. */
static inline void face_normals(const struct derm_mesh *mesh, const struct derm_face *face,
                                double (*normal)[3])
{
    memset(normal, 0, DERM_MESH_VERTICES * sizeof(*normal));
    for (int t = 0; t < DERM_MESH_TRIANGLES; t++) {
        const uint16_t *const v = mesh->triangle[t];
        double u[3], w[3];

        for (int c = 0; c < 3; c++) {
            const double at[3] = { c == 0   ? face->at[v[0]].x
                                   : c == 1 ? face->at[v[0]].y
                                            : -face->z[v[0]],
                                   c == 0   ? face->at[v[1]].x
                                   : c == 1 ? face->at[v[1]].y
                                            : -face->z[v[1]],
                                   c == 0   ? face->at[v[2]].x
                                   : c == 1 ? face->at[v[2]].y
                                            : -face->z[v[2]] };
            u[c] = at[1] - at[0];
            w[c] = at[2] - at[0];
        }
        const double n[3] = { u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2],
                              u[0] * w[1] - u[1] * w[0] };
        for (int k = 0; k < 3; k++)
            for (int c = 0; c < 3; c++)
                normal[v[k]][c] += n[c];
    }
    for (int v = 0; v < DERM_MESH_VERTICES; v++) {
        double *const n = normal[v];
        const double sign = normal[1][2] < 0 ? -1 : 1; /* the tip of the nose faces the camera */
        const double length = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
        if (v == 1) continue; /* last: it gives the sign */
        for (int c = 0; c < 3; c++)
            n[c] *= sign / length;
    }
    for (int c = 0; c < 3; c++)
        normal[1][c] = normal[4][c];
}

enum { SHADE_CELL = 8 };

/* How much light a place of the face gets, 1 facing the camera; landmarks weigh by distance^-4. */
static inline double shade_at(const struct derm_face *face, double (*normal)[3],
                              const struct shade_light *light, double x, double y)
{
    double d[3], n[3] = { 0 }, length, facing;

    shade_direction(light, d);
    for (int v = 0; v < DERM_MESH_VERTICES; v++) {
        const double dx = face->at[v].x - x, dy = face->at[v].y - y;
        const double r2 = dx * dx + dy * dy + 16, w = 1 / (r2 * r2);
        for (int c = 0; c < 3; c++)
            n[c] += w * normal[v][c];
    }
    length = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
    facing = fmax((n[0] * d[0] + n[1] * d[1] + n[2] * d[2]) / length, 0);
    return (light->ambient + (1 - light->ambient) * facing) /
           (light->ambient + (1 - light->ambient) * d[2]);
}

static inline void shade_plane(struct bench *b, const struct derm_face *face,
                               const struct shade_light *light, struct derm_plane *out)
{
    const int w = out->w / SHADE_CELL + 2, h = out->h / SHADE_CELL + 2;
    struct derm_engine *const e = &b->ctx->engine;
    struct derm_plane node;
    double(*normal)[3];

    must(b, derm_arena_new(&e->scratch, &normal, DERM_MESH_VERTICES, sizeof(*normal)));
    must(b, derm_plane_new(&e->scratch, &node, w, h));
    face_normals(derm_models_mesh(e->models), face, normal);
    for (int j = 0; j < h; j++)
        for (int i = 0; i < w; i++)
            derm_row(&node, j)[i] =
                (float)shade_at(face, normal, light, i * SHADE_CELL, j * SHADE_CELL);
    for (int y = 0; y < out->h; y++)
        for (int x = 0; x < out->w; x++) {
            const int i = x / SHADE_CELL, j = y / SHADE_CELL;
            const float u = (float)(x % SHADE_CELL) / SHADE_CELL,
                        v = (float)(y % SHADE_CELL) / SHADE_CELL;
            const float *const p = derm_row(&node, j) + i, *const q = derm_row(&node, j + 1) + i;
            derm_row(out, y)[x] =
                (1 - v) * ((1 - u) * p[0] + u * p[1]) + v * ((1 - u) * q[0] + u * q[1]);
        }
}

struct remake {
    const struct shade_light *light; /* NULL: as it was */
    double gain;
    double smooth_mm; /* retouching: even skin out, keep edges; 0: none */
    int mirrored;
};

/* A filter of the beautifying kind: away from strong edges everything is replaced by its mean. */
static inline void smooth_skin(struct bench *b, struct derm_plane photo[3], double sigma_px)
{
    struct derm_engine *const e = &b->ctx->engine;
    const struct derm_filter filter = { &e->kernels, e->pool, &e->scratch };
    const float edge = 0.25f;
    struct derm_plane mean;

    for (int c = 2; c >= 0; c--) {
        must(b, derm_plane_new(&e->scratch, &mean, photo[c].w, photo[c].h));
        must(b, derm_gaussian(&filter, &mean, &photo[c], sigma_px));
        for (int y = 0; y < mean.h; y++)
            for (int x = 0; x < mean.w; x++) {
                float *const own = derm_row(&photo[c], y) + x;
                const float m = derm_row(&mean, y)[x];
                if (fabsf(*own - m) < edge * m) *own = m;
            }
    }
}

static inline void write_remade(struct bench *b, const char *from, const struct remake *how,
                                const char *to)
{
    const struct photo *const p = bench_photo(b, from);
    struct derm_engine *const e = &b->ctx->engine;
    const struct derm_filter filter = { &e->kernels, e->pool, &e->scratch };
    const struct derm_light *const light = &p->frame.light;
    struct derm_srgb_encoder *encoder;
    struct derm_plane photo[3], shade;
    struct derm_rgb8 out;
    uint64_t state = 1;

    must(b, derm_arena_new(&e->scratch, &encoder, 1, sizeof(*encoder)));
    must(b, derm_plane_new(&e->scratch, &shade, light->w, light->h));
    must(b, derm_rgb8_new(&e->scratch, &out, light->w, light->h));
    for (int c = 0; c < 3; c++)
        must(b, derm_plane_new(&e->scratch, &photo[c], light->w, light->h));
    must(b, derm_light_area(&filter, photo, light, 0.0, 0.0, 1.0, 0.0f));
    derm_srgb_encoder_init(encoder);
    if (how->light) shade_plane(b, &p->frame.face, how->light, &shade);
    if (how->smooth_mm > 0) smooth_skin(b, photo, how->smooth_mm * p->frame.scale.px_per_mm);
    for (int y = 0; y < light->h; y++)
        for (int x = 0; x < light->w; x++)
            for (int c = 0; c < 3; c++) {
                const double lit = how->light ? (double)derm_row(&shade, y)[x] : 1;
                const int at = how->mirrored ? light->w - 1 - x : x;
                state = state * 6364136223846793005u + 1442695040888963407u;
                derm_rgb8_row(&out, y)[3 * at + c] = derm_srgb_encode8(
                    encoder, (float)(how->gain * lit * (double)derm_row(&photo[c], y)[x] +
                                     0.002 * ((double)(state >> 40) / (1 << 24) - 0.5)));
            }
    must(b, derm_png_write_rgb(to, &out, &b->err));
    derm_arena_reset(&e->scratch, 0);
}

#endif
