/* SPDX-License-Identifier: Apache-2.0 */
/* The models folder: pinned networks and tables of numbers, each verified by its SHA-256 when
 * opened (manifest.json). Opened once, read-only, shared by all runs. */
#ifndef DERM_NN_MODELS_H
#define DERM_NN_MODELS_H

#include "base/arena.h"

struct derm_models;

/* DERM_EMODEL with a sentence naming the file when one is missing or differs from the manifest. */
derm_err derm_models_open(struct derm_models **out, const char *folder,
                          struct derm_error *err) DERM_MUST_CHECK;
void derm_models_close(struct derm_models *m);

enum derm_network {
    DERM_NET_FACE_SHORT, /* face_detection_short_range */
    DERM_NET_FACE_FULL,  /* face_detection_full_range */
    DERM_NET_MESH,       /* face_landmark_with_attention */
    DERM_NET_PERSON,     /* selfie_segmentation */
    DERM_NET_COUNT
};
/* The network's name, and its hash for provenance. */
const char *derm_model_name(enum derm_network net);
const char *derm_model_sha256(const struct derm_models *m, enum derm_network net);

/* A table of numbers, such as "chromophores.json": its text, NUL-terminated, owned by m.
 * DERM_EMODEL when the manifest has no such file. */
derm_err derm_models_text(const struct derm_models *m, const char *file, const char **text,
                          struct derm_error *err) DERM_MUST_CHECK;

#endif
