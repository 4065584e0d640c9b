/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical face mesh: the topology that the landmarks follow (MediaPipe indices). Vertex i of
 * the mesh is landmark i; landmarks 468.. (irises) have no vertex. */
#ifndef DERM_NN_MESH_H
#define DERM_NN_MESH_H

#include <stdint.h>

#include "nn/models.h"

enum { DERM_MESH_VERTICES = 468, DERM_MESH_TRIANGLES = 898 };

struct derm_mesh {
    float xyz[DERM_MESH_VERTICES][3]; /* cm; x to the subject's left, y up, z to the camera */
    float uv[DERM_MESH_VERTICES][2];  /* unrolled face, [0, 1]; u to the subject's left, v down */
    uint16_t triangle[DERM_MESH_TRIANGLES][3]; /* one winding for the whole surface */
    float weight[DERM_MESH_VERTICES];          /* in a fit of the head's pose; 0 for most */
    uint16_t mirror[DERM_MESH_VERTICES];       /* the vertex on the other side of the face */
};

/* Owned by m. */
const struct derm_mesh *derm_models_mesh(const struct derm_models *m);

/* Reads the mesh from MediaPipe's geometry metadata (protocol buffers). DERM_EMODEL when the bytes
 * are not what they should be; never reads outside them. */
derm_err derm_mesh_read(struct derm_mesh *mesh, const unsigned char *bytes, size_t n,
                        struct derm_error *err) DERM_MUST_CHECK;

#endif
