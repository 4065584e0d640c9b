/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the models folder. The rule for what is trusted: networks come from packages, so their
 * bytes are pinned in manifest.json; tables are part of the source, so they are only hashed.
 *
 * To read, hash and unpack the networks takes longer than to analyse a small photo, and a close-up
 * needs none of them: each is loaded when it is first asked for. */
#include "nn/models.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "nn/mesh.h"

enum {
    MAX_TABLES = 16,
    MAX_FILE = 16 << 20,    /* bytes of one network or table */
    ARENA_BYTES = 256 << 20 /* of address space */
};

/* What each network must look like; counts are values. */
static const struct {
    const char *id, *name;
    size_t input, output[8];
} expected[DERM_NET_COUNT] = {
    { "face_short", "face_detection_short_range", 128 * 128 * 3, { 896 * 16, 896 } },
    { "face_full", "face_detection_full_range", 192 * 192 * 3, { 2304 * 16, 2304 } },
    { "mesh",
      "face_landmark_with_attention",
      192 * 192 * 3,
      { 468 * 3, 80 * 2, 71 * 2, 71 * 2, 5 * 2, 5 * 2, 1 } },
    { "person", "selfie_segmentation", 256 * 256 * 3, { 256 * 256 } },
    { "canonical", "geometry_pipeline_metadata_landmarks", 0, { 0 } },
};

struct network {
    const char *path;
    size_t offset, size;  /* bytes within the file */
    const char *sha256;   /* that the manifest demands */
    struct derm_net *net; /* NULL until it is loaded */
};
struct table {
    const char *name, *file; /* file: NULL for the folder's own */
    struct derm_json *root;
    char sha256[DERM_SHA256_SIZE];
};
struct derm_models {
    struct derm_arena arena; /* holds this struct too */
    struct derm_arena temp;  /* files and unpacked weights, while something is loaded */
    const char *folder;
    struct network net[DERM_NET_COUNT];
    struct derm_mesh mesh;
    struct table table[MAX_TABLES];
    int tables;
};

const char *derm_model_name(enum derm_network net)
{
    return expected[net].name;
}

const char *derm_model_sha256(const struct derm_models *m, enum derm_network net)
{
    return m->net[net].sha256;
}

const struct derm_mesh *derm_models_mesh(const struct derm_models *m)
{
    return &m->mesh;
}

/* Opens the file at *size bytes from offset, all of which it has; *size 0: from there to its end,
 * and *size says how many those are. */
static derm_err open_part(FILE **out, const char *path, size_t offset, size_t *size,
                          struct derm_error *err)
{
    FILE *const file = fopen(path, "rb");
    long end;

    if (!file)
        return derm_fail(err, DERM_EMODEL,
                         "%s cannot be opened; run setup.sh, or name the folder with --models",
                         path);
    end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (end >= 0 && *size == 0 && (size_t)end > offset) *size = (size_t)end - offset;
    if (end < 0 || *size == 0 || *size > MAX_FILE || offset > (size_t)end ||
        *size > (size_t)end - offset || fseek(file, (long)offset, SEEK_SET) != 0) {
        fclose(file);
        return derm_fail(err, DERM_EMODEL, "%s does not have the size expected; run setup.sh again",
                         path);
    }
    *out = file;
    return DERM_OK;
}

/* Reads that part; the bytes are followed by a NUL. */
static derm_err read_file(struct derm_arena *a, const char *path, size_t offset, size_t *size,
                          const unsigned char **bytes)
{
    unsigned char *to = NULL;
    FILE *file;
    derm_err e;

    DERM_TRY(open_part(&file, path, offset, size, a->err));
    e = derm_arena_new(a, &to, *size + 1, 1);
    if (e == DERM_OK && fread(to, 1, *size, file) != *size)
        e = derm_fail(a->err, DERM_EMODEL, "%s cannot be read", path);
    fclose(file);
    *bytes = to;
    return e;
}

static derm_err path_in(struct derm_models *m, const char *file, const char *suffix,
                        const char **path)
{
    const size_t n = strlen(m->folder) + strlen(file) + strlen(suffix) + 2;
    char *text;

    DERM_TRY(derm_arena_new(&m->arena, &text, n, 1));
    snprintf(text, n, "%s/%s%s", m->folder, file, suffix);
    *path = text;
    return DERM_OK;
}

/* Where the manifest says that the network is, and that a file of that length is there. */
static derm_err locate(struct derm_models *m, struct network *net, const char *name,
                       const struct derm_json *entry)
{
    struct derm_error *const err = m->arena.err;
    const char *file, *sha256;
    double offset, size;
    FILE *there;

    DERM_TRY(derm_json_text(entry, "file", &file, err));
    DERM_TRY(derm_json_text(entry, "sha256", &sha256, err));
    DERM_TRY(derm_json_number(entry, "offset", &offset, err));
    DERM_TRY(derm_json_number(entry, "size", &size, err));
    if (!(offset >= 0 && offset < 1e9 && size >= 1 && size <= MAX_FILE))
        return derm_fail(err, DERM_EMODEL, "manifest.json gives %s a range that cannot be", name);
    net->offset = (size_t)offset;
    net->size = (size_t)size;
    DERM_TRY(path_in(m, file, "", &net->path));
    DERM_TRY(derm_arena_text(&m->arena, &net->sha256, sha256));
    DERM_TRY(open_part(&there, net->path, net->offset, &net->size, err));
    fclose(there);
    return DERM_OK;
}

static derm_err locate_networks(struct derm_models *m, const struct derm_json *list)
{
    for (int i = 0; i < DERM_NET_COUNT; i++) {
        const struct derm_json *entry = derm_json_first(list);

        for (; entry; entry = derm_json_next(entry)) {
            const char *const id = derm_json_as_text(derm_json_get(entry, "id"));
            if (id && strcmp(id, expected[i].id) == 0) break;
        }
        if (!entry)
            return derm_fail(m->arena.err, DERM_EMODEL, "manifest.json does not list %s",
                             expected[i].id);
        DERM_TRY(locate(m, &m->net[i], expected[i].name, entry));
    }
    return DERM_OK;
}

/* The network's bytes, in m->temp: those that the manifest demands, or a refusal. */
static derm_err verified(struct derm_models *m, enum derm_network i, const unsigned char **bytes)
{
    const struct network *const net = &m->net[i];
    char sha256[DERM_SHA256_SIZE];
    size_t size = net->size;

    DERM_TRY(read_file(&m->temp, net->path, net->offset, &size, bytes));
    derm_sha256_of(*bytes, size, sha256);
    if (strcmp(net->sha256, sha256) != 0)
        return derm_fail(m->temp.err, DERM_EMODEL,
                         "%s holds a different %s than manifest.json (SHA-256 %.12s...); remove "
                         "models/node_modules and run setup.sh again",
                         net->path, expected[i].name, sha256);
    return DERM_OK;
}

static bool fits(const struct derm_net *net, enum derm_network i)
{
    bool as_expected = derm_net_input_count(net) == expected[i].input;

    for (int k = 0; expected[i].output[k]; k++)
        as_expected = as_expected && k < derm_net_outputs(net) &&
                      derm_net_output_count(net, k) == expected[i].output[k];
    return as_expected;
}

static derm_err load_network(struct derm_models *m, enum derm_network i)
{
    struct network *const n = &m->net[i];
    const unsigned char *bytes = NULL;
    struct derm_net *net;

    DERM_TRY(verified(m, i, &bytes));
    DERM_TRY(derm_net_read(&net, &m->arena, &m->temp, bytes, n->size, expected[i].name));
    if (!fits(net, i))
        return derm_fail(m->arena.err, DERM_EMODEL,
                         "the network %s has other outputs than expected", expected[i].name);
    n->net = net;
    return DERM_OK;
}

derm_err derm_models_net(struct derm_models *m, enum derm_network i, const struct derm_net **net,
                         struct derm_error *err)
{
    const size_t mark = m->arena.used;
    derm_err e = DERM_OK;

    if (!m->net[i].net) {
        DERM_TRY(derm_arena_init(&m->temp, ARENA_BYTES, err));
        m->arena.err = err;
        e = load_network(m, i);
        if (e != DERM_OK) derm_arena_reset(&m->arena, mark);
        m->arena.err = NULL;
        derm_arena_free(&m->temp);
    }
    *net = m->net[i].net;
    return e;
}

static derm_err load_mesh(struct derm_models *m)
{
    const unsigned char *bytes = NULL;

    DERM_TRY(verified(m, DERM_NET_CANONICAL, &bytes));
    return derm_mesh_read(&m->mesh, bytes, m->net[DERM_NET_CANONICAL].size, m->arena.err);
}

static derm_err load_json(struct derm_models *m, const char *name, struct table *t)
{
    const unsigned char *bytes = NULL;
    const char *path = NULL;
    size_t size = 0;

    DERM_TRY(path_in(m, name, ".json", &path));
    DERM_TRY(read_file(&m->temp, path, 0, &size, &bytes));
    DERM_TRY(derm_json_parse(&t->root, (const char *)bytes, size, path, m->arena.err));
    DERM_TRY(derm_arena_text(&m->arena, &t->name, name));
    derm_sha256_of(bytes, size, t->sha256);
    return DERM_OK;
}

static derm_err load_tables(struct derm_models *m, const struct derm_json *list)
{
    const struct derm_json *entry = derm_json_first(list);

    for (; entry; entry = derm_json_next(entry)) {
        const char *const name = derm_json_as_text(entry);

        if (!name || m->tables == MAX_TABLES)
            return derm_fail(m->arena.err, DERM_EMODEL, "manifest.json: bad list of tables");
        DERM_TRY(load_json(m, name, &m->table[m->tables]));
        m->tables++;
    }
    return DERM_OK;
}

static derm_err load(struct derm_models *m, const char *folder)
{
    struct table manifest = { 0 };
    derm_err e;

    DERM_TRY(derm_arena_text(&m->arena, &m->folder, folder));
    e = load_json(m, "manifest", &manifest);
    if (e == DERM_OK) e = locate_networks(m, derm_json_get(manifest.root, "networks"));
    if (e == DERM_OK) e = load_mesh(m);
    if (e == DERM_OK) e = load_tables(m, derm_json_get(manifest.root, "tables"));
    derm_json_free(manifest.root);
    return e;
}

derm_err derm_models_open(struct derm_models **out, const char *folder, struct derm_error *err)
{
    struct derm_models *m;
    struct derm_arena arena;
    derm_err e;

    *out = NULL;
    DERM_TRY(derm_arena_init(&arena, ARENA_BYTES, err));
    e = derm_arena_new(&arena, &m, 1, sizeof(*m));
    if (e != DERM_OK) {
        derm_arena_free(&arena);
        return e;
    }
    m->arena = arena;
    e = derm_arena_init(&m->temp, ARENA_BYTES, err);
    if (e == DERM_OK) e = load(m, folder);
    derm_arena_free(&m->temp);
    m->arena.err = NULL; /* the caller's, and nothing is allocated any more */
    if (e != DERM_OK)
        derm_models_close(m);
    else
        *out = m;
    return e;
}

void derm_models_close(struct derm_models *m)
{
    struct derm_arena arena;

    if (!m) return;
    for (int i = 0; i < m->tables; i++)
        derm_json_free(m->table[i].root);
    arena = m->arena;
    derm_arena_free(&arena);
}

derm_err derm_models_table(const struct derm_models *m, const char *name,
                           const struct derm_json **root, struct derm_error *err)
{
    for (int i = 0; i < m->tables; i++)
        if (strcmp(m->table[i].name, name) == 0) {
            *root = m->table[i].root;
            return DERM_OK;
        }
    return derm_fail(err, DERM_EMODEL, "the models folder has no table %s.json; install it again",
                     name);
}

derm_err derm_models_replace_table(struct derm_models *m, const char *name, const char *text,
                                   size_t n, const char *file, struct derm_error *err)
{
    struct table *t = m->table;
    struct derm_json *root;

    while (t < m->table + m->tables && strcmp(t->name, name) != 0)
        t++;
    if (t == m->table + m->tables)
        return derm_fail(err, DERM_EMODEL, "the models folder has no table %s.json", name);
    DERM_TRY(derm_json_parse(&root, text, n, file, err));
    derm_json_free(t->root);
    t->root = root;
    derm_sha256_of(text, n, t->sha256);
    m->arena.err = err;
    const derm_err named = derm_arena_text(&m->arena, &t->file, file);
    m->arena.err = NULL;
    return named;
}

const char *derm_models_table_name(const struct derm_models *m, int i)
{
    return i < m->tables ? m->table[i].name : NULL;
}

const char *derm_models_table_sha256(const struct derm_models *m, int i)
{
    return i < m->tables ? m->table[i].sha256 : NULL;
}

const char *derm_models_table_file(const struct derm_models *m, int i)
{
    return i < m->tables ? m->table[i].file : NULL;
}
