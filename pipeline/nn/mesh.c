/* SPDX-License-Identifier: Apache-2.0 */
/* Reads GeometryPipelineMetadata: field 1 is a mesh {3: vertices as packed-out floats x y z u v,
 * 4: triangle corners}, field 2 the landmarks that define the head's pose {1: number, 2: weight}.
 */
#include "nn/mesh.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { VERTEX_FLOATS = 5, WIRE_VARINT = 0, WIRE_BYTES = 2, WIRE_FLOAT = 5 };

struct bytes {
    const unsigned char *at, *end;
};
struct field {
    unsigned number, wire;
    uint32_t integer;
    float real;
    struct bytes body;
};

static bool varint(struct bytes *b, uint32_t *out)
{
    uint32_t value = 0;

    for (int shift = 0; shift < 32 && b->at < b->end; shift += 7) {
        const unsigned char c = *b->at++;
        value |= (uint32_t)(c & 127u) << shift;
        if (c < 128) {
            *out = value;
            return true;
        }
    }
    return false;
}

/* The next field of a message; false at a malformed one. */
static bool next(struct bytes *b, struct field *f)
{
    uint32_t tag, n;

    if (!varint(b, &tag)) return false;
    f->number = tag >> 3;
    f->wire = tag & 7;
    if (f->wire == WIRE_VARINT) return varint(b, &f->integer);
    n = 4;
    if (f->wire == WIRE_BYTES) {
        if (!varint(b, &n)) return false;
    } else if (f->wire != WIRE_FLOAT) {
        return false;
    }
    if (n > (size_t)(b->end - b->at)) return false;
    f->body = (struct bytes){ b->at, b->at + n };
    if (f->wire == WIRE_FLOAT) memcpy(&f->real, b->at, sizeof(f->real));
    b->at += n;
    return true;
}

static bool read_vertex_value(struct derm_mesh *mesh, int i, float value)
{
    const int vertex = i / VERTEX_FLOATS, part = i % VERTEX_FLOATS;

    if (vertex >= DERM_MESH_VERTICES || !isfinite(value)) return false;
    if (part < 3)
        mesh->xyz[vertex][part] = value;
    else
        mesh->uv[vertex][part - 3] = value;
    return true;
}

static bool read_surface(struct derm_mesh *mesh, struct bytes b)
{
    int values = 0, corners = 0;
    struct field f;

    while (b.at < b.end) {
        if (!next(&b, &f)) return false;
        if (f.number == 3 && f.wire == WIRE_FLOAT) {
            if (!read_vertex_value(mesh, values++, f.real)) return false;
        } else if (f.number == 4 && f.wire == WIRE_VARINT) {
            if (corners >= 3 * DERM_MESH_TRIANGLES || f.integer >= DERM_MESH_VERTICES) return false;
            mesh->triangle[corners / 3][corners % 3] = (uint16_t)f.integer;
            corners++;
        }
    }
    return values == VERTEX_FLOATS * DERM_MESH_VERTICES && corners == 3 * DERM_MESH_TRIANGLES;
}

static bool read_weight(struct derm_mesh *mesh, struct bytes b)
{
    uint32_t vertex = DERM_MESH_VERTICES;
    float weight = 0.0f;
    struct field f;

    while (b.at < b.end) {
        if (!next(&b, &f)) return false;
        if (f.number == 1 && f.wire == WIRE_VARINT) vertex = f.integer;
        if (f.number == 2 && f.wire == WIRE_FLOAT) weight = f.real;
    }
    if (vertex >= DERM_MESH_VERTICES || !(weight > 0.0f)) return false;
    mesh->weight[vertex] = weight;
    return true;
}

/* The surface is symmetric: each vertex has its partner nearest to (-x, y, z). */
static void find_mirror(struct derm_mesh *mesh)
{
    for (int i = 0; i < DERM_MESH_VERTICES; i++) {
        float best = INFINITY;

        for (int j = 0; j < DERM_MESH_VERTICES; j++) {
            const float dx = mesh->xyz[i][0] + mesh->xyz[j][0];
            const float dy = mesh->xyz[i][1] - mesh->xyz[j][1];
            const float dz = mesh->xyz[i][2] - mesh->xyz[j][2];
            const float d2 = dx * dx + dy * dy + dz * dz;
            if (d2 < best) {
                best = d2;
                mesh->mirror[i] = (uint16_t)j;
            }
        }
    }
}

derm_err derm_mesh_read(struct derm_mesh *mesh, const unsigned char *bytes, size_t n,
                        struct derm_error *err)
{
    struct bytes b = { bytes, bytes + n };
    bool ok = true, surface = false;
    struct field f;

    memset(mesh, 0, sizeof(*mesh));
    while (ok && b.at < b.end) {
        ok = next(&b, &f);
        if (ok && f.number == 1 && f.wire == WIRE_BYTES)
            ok = surface = read_surface(mesh, f.body);
        else if (ok && f.number == 2 && f.wire == WIRE_BYTES)
            ok = read_weight(mesh, f.body);
    }
    if (!ok || !surface)
        return derm_fail(err, DERM_EMODEL, "the canonical face mesh cannot be read");
    find_mirror(mesh);
    return DERM_OK;
}
