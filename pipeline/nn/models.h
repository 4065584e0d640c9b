/* SPDX-License-Identifier: Apache-2.0 */
/* The models folder: networks pinned by the SHA-256 in manifest.json, verified when opened, and
 * committed tables of numbers (regions.json, ...), hashed for provenance. Opened once, read-only,
 * shared by all runs and threads. */
#ifndef DERM_NN_MODELS_H
#define DERM_NN_MODELS_H

#include "base/arena.h"
#include "base/json_read.h"
#include "nn/tflite.h"

struct derm_models;

/* DERM_EMODEL with a sentence naming the file when a network is missing or differs from the
 * manifest, or a table is no valid JSON. */
derm_err derm_models_open(struct derm_models **out, const char *folder,
                          struct derm_error *err) DERM_MUST_CHECK;
void derm_models_close(struct derm_models *m);

enum derm_network {
    DERM_NET_FACE_SHORT, /* face_detection_short_range */
    DERM_NET_FACE_FULL,  /* face_detection_full_range */
    DERM_NET_MESH,       /* face_landmark_with_attention */
    DERM_NET_PERSON,     /* selfie_segmentation */
    DERM_NET_CANONICAL,  /* the canonical face mesh: data, no network */
    DERM_NET_COUNT
};
/* The network's name, and its hash for provenance. */
const char *derm_model_name(enum derm_network net);
const char *derm_model_sha256(const struct derm_models *m, enum derm_network net);

/* Ready to run, with the inputs and outputs that README.md gives; not for DERM_NET_CANONICAL. */
const struct derm_net *derm_models_net(const struct derm_models *m, enum derm_network net);

/* The root of models/<name>.json, owned by m; the tables are listed in manifest.json. DERM_EMODEL
 * when there is none of that name. */
derm_err derm_models_table(const struct derm_models *m, const char *name,
                           const struct derm_json **root, struct derm_error *err) DERM_MUST_CHECK;
/* The tables by number, for provenance; NULL past the last one. */
const char *derm_models_table_name(const struct derm_models *m, int i);
const char *derm_models_table_sha256(const struct derm_models *m, int i);
/* What the caller's file is called that was put in its place; NULL: it is the folder's. */
const char *derm_models_table_file(const struct derm_models *m, int i);

/* Puts text (n bytes of JSON, from file) in place of the table; before the models are shared. */
derm_err derm_models_replace_table(struct derm_models *m, const char *name, const char *text,
                                   size_t n, const char *file,
                                   struct derm_error *err) DERM_MUST_CHECK;

#endif
