/* SPDX-License-Identifier: Apache-2.0 */
/* The models folder: networks pinned by the SHA-256 in manifest.json, verified when they are
 * loaded, and committed tables of numbers (regions.json, ...), hashed for provenance. Opened once;
 * tables are read-only, a network is loaded by the first run that needs it. One thread at a time.
 */
#ifndef DERM_NN_MODELS_H
#define DERM_NN_MODELS_H

#include "base/arena.h"
#include "base/json_read.h"
#include "nn/tflite.h"

struct derm_models;

/* DERM_EMODEL with a sentence naming the file when a network is missing or its file too short, the
 * face mesh differs from the manifest, or a table is no valid JSON. */
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
/* The network's name, and its hash for provenance: the manifest's, which it has or is not loaded.
 */
const char *derm_model_name(enum derm_network net);
const char *derm_model_sha256(const struct derm_models *m, enum derm_network net);

/* *net is ready to run, with the inputs and outputs that README.md gives, until m is closed; not
 * for DERM_NET_CANONICAL. DERM_EMODEL with a sentence naming the file when its bytes differ from
 * the manifest, or are no such network. */
derm_err derm_models_net(struct derm_models *m, enum derm_network i, const struct derm_net **net,
                         struct derm_error *err) DERM_MUST_CHECK;

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
