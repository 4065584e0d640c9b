/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* flock, nanosleep */
#include "study/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json_read.h"
#include "report/json.h"

enum { MAX_STUDY_BYTES = 1 << 16, LOCK_TRIES = 20 };

DERM_PRINTF(4, 5)
static derm_err path_of(const struct derm_store *s, char path[PATH_MAX], struct derm_error *err,
                        const char *fmt, ...)
{
    const int folder = snprintf(path, PATH_MAX, "%s/", s->folder);
    va_list args;
    int n;

    va_start(args, fmt);
    n = folder < PATH_MAX ? vsnprintf(path + folder, (size_t)(PATH_MAX - folder), fmt, args) : 0;
    va_end(args);
    if (folder + n < PATH_MAX) return DERM_OK;
    return derm_fail(err, DERM_ECREATE, "the name of the folder %s is too long", s->folder);
}

static derm_err make_folder(const char *path, struct derm_error *err)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST) return DERM_OK;
    return derm_fail(err, DERM_ECREATE, "cannot create the folder %s: %s", path, strerror(errno));
}

derm_err derm_store_path(const struct derm_store *s, const char *key, char path[PATH_MAX],
                         struct derm_error *err)
{
    return path_of(s, path, err, "records/%.2s/%s.json", key, key);
}

derm_err derm_store_write(const struct derm_store *s, const char *key, const char *line,
                          struct derm_error *err)
{
    char path[PATH_MAX];

    DERM_TRY(path_of(s, path, err, "records/%.2s", key));
    DERM_TRY(make_folder(path, err));
    DERM_TRY(derm_store_path(s, key, path, err));
    derm_file_sweep(path);
    return derm_file_write(path, line, strlen(line), err);
}

/* ---- study.json */

static derm_err describe(const struct derm_store *s, struct derm_arena *keep, const char **text,
                         struct derm_error *err)
{
    struct derm_emit e;

    DERM_TRY(derm_emit_begin(&e, err));
    derm_emit_text(&e, e.root, "schema", "dermetry/study/1");
    derm_emit_text(&e, e.root, "version", s->version);
    derm_emit_text(&e, e.root, "manifest", s->manifest);
    derm_emit_text(&e, e.root, "configuration", s->configuration);
    derm_emit_int(&e, e.root, "records", s->records);
    derm_emit_int(&e, e.root, "shards", s->shards);
    return derm_emit_end(&e, keep, text);
}

static derm_err read_hash(const struct derm_json *root, const char *key, char hex[DERM_SHA256_SIZE],
                          struct derm_error *err)
{
    const char *text;

    DERM_TRY(derm_json_text(root, key, &text, err));
    snprintf(hex, DERM_SHA256_SIZE, "%s", text);
    return DERM_OK;
}

static derm_err read_study(struct derm_store *s, struct derm_arena *keep,
                           const struct derm_json *root, struct derm_error *err)
{
    double records, shards;
    const char *text;

    DERM_TRY(derm_json_text(root, "schema", &text, err));
    if (strcmp(text, "dermetry/study/1") != 0)
        return derm_fail(err, DERM_EUNSUPPORTED, "%s holds a study of another kind: %s", s->folder,
                         text);
    DERM_TRY(derm_json_text(root, "version", &text, err));
    DERM_TRY(derm_arena_text(keep, &s->version, text));
    DERM_TRY(read_hash(root, "manifest", s->manifest, err));
    DERM_TRY(read_hash(root, "configuration", s->configuration, err));
    DERM_TRY(derm_json_number(root, "records", &records, err));
    DERM_TRY(derm_json_number(root, "shards", &shards, err));
    if (!(records >= 1 && records <= DERM_MAX_LINES && shards >= 1 && shards <= DERM_MAX_LINES))
        return derm_fail(err, DERM_EMALFORMED, "%s/study.json is damaged", s->folder);
    s->records = (int)records;
    s->shards = (int)shards;
    return DERM_OK;
}

derm_err derm_store_open(struct derm_store *s, struct derm_arena *keep, const char *folder,
                         struct derm_error *err)
{
    struct derm_json *root;
    char path[PATH_MAX], *text;
    size_t size;
    derm_err done;

    *s = (struct derm_store){ .folder = folder, .version = "" };
    DERM_TRY(path_of(s, path, err, "study.json"));
    if (access(path, F_OK) != 0)
        return derm_fail(err, DERM_EMISSING, "%s holds no study: %s", folder, strerror(errno));
    DERM_TRY(derm_file_read(keep, path, MAX_STUDY_BYTES, &text, &size, err));
    DERM_TRY(derm_json_parse(&root, text, size, path, err));
    done = read_study(s, keep, root, err);
    derm_json_free(root);
    return done;
}

/* ---- the locks of shards */

derm_err derm_store_lock(const struct derm_store *s, int shard, int *fd, struct derm_error *err)
{
    static const struct timespec pause = { .tv_nsec = 100000000 };
    char path[PATH_MAX];
    int tries = LOCK_TRIES;

    DERM_TRY(path_of(s, path, err, "shards/%d-of-%d.lock", shard, s->shards));
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*fd < 0) return derm_fail(err, DERM_ECREATE, "cannot create %s: %s", path, strerror(errno));
    /* The workers of a batch that was killed a moment ago are about to end. */
    while (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
        const bool held = errno == EWOULDBLOCK;

        if (held && --tries > 0) {
            nanosleep(&pause, NULL);
            continue;
        }
        close(*fd);
        *fd = -1;
        if (!held) return DERM_OK;
        return derm_fail(err, DERM_EUSAGE,
                         "another batch is at work on this part of %s: wait until it has ended",
                         s->folder);
    }
    return DERM_OK;
}

derm_err derm_store_reopen_shard(const struct derm_store *s, int shard, struct derm_error *err)
{
    char path[PATH_MAX];

    DERM_TRY(path_of(s, path, err, "shards/%d-of-%d.done", shard, s->shards));
    if (unlink(path) == 0 || errno == ENOENT) return DERM_OK;
    return derm_fail(err, DERM_EIO, "cannot remove %s: %s", path, strerror(errno));
}

/* ---- begin */

/* A link is made only if there is none: of several batches that begin at once, one writes. */
static derm_err write_once(const struct derm_store *s, const char *text, struct derm_error *err)
{
    char path[PATH_MAX], own[PATH_MAX];
    bool there;

    DERM_TRY(path_of(s, path, err, "study.json"));
    if (access(path, F_OK) == 0) return DERM_OK;
    DERM_TRY(path_of(s, own, err, "study.json.part-new-%ld", (long)getpid()));
    DERM_TRY(derm_file_write(own, text, strlen(text), err));
    there = link(own, path) == 0 || access(path, F_OK) == 0;
    unlink(own);
    if (there) return DERM_OK;
    return derm_fail(err, DERM_ECREATE, "cannot create %s: %s", path, strerror(errno));
}

static derm_err compare_studies(const struct derm_store *s, const struct derm_store *there,
                                struct derm_error *err)
{
    static const char advice[] = "give another --out";

    if (strcmp(s->version, there->version) != 0)
        return derm_fail(err, DERM_EUSAGE, "%s was begun by dermetry %s, this is %s: %s", s->folder,
                         there->version, s->version, advice);
    if (strcmp(s->configuration, there->configuration) != 0)
        return derm_fail(err, DERM_EUSAGE, "%s was begun with other options or models: %s",
                         s->folder, advice);
    if (s->shards != there->shards)
        return derm_fail(err, DERM_EUSAGE, "%s was begun in %d shards, not %d: %s", s->folder,
                         there->shards, s->shards, advice);
    return DERM_OK;
}

/* Whoever holds a shard's lock goes by the manifest that was there; whoever is about to take one
 * waits behind begin.lock. */
static derm_err expect_nobody(const struct derm_store *s, struct derm_error *err)
{
    for (int k = 1; k <= s->shards; k++) {
        struct derm_error why = { 0 };
        int lock = -1;

        if (derm_store_lock(s, k, &lock, &why) == DERM_EUSAGE)
            return derm_fail(
                err, DERM_EUSAGE,
                "a batch is at work in %s by another manifest: wait until it has ended", s->folder);
        if (why.code != DERM_OK) return derm_fail(err, why.code, "%s", why.text);
        if (lock >= 0) close(lock);
    }
    return DERM_OK;
}

/* Which records are still good shows when a batch looks at them. */
static derm_err replace_study(const struct derm_store *s, const char *text, struct derm_error *err)
{
    char path[PATH_MAX];

    DERM_TRY(expect_nobody(s, err));
    for (int k = 1; k <= s->shards; k++)
        DERM_TRY(derm_store_reopen_shard(s, k, err));
    DERM_TRY(path_of(s, path, err, "study.json"));
    return derm_file_write(path, text, strlen(text), err);
}

/* Another one is there when the study's was replaced, and by a run that was killed before it. */
static derm_err write_manifest(const struct derm_store *s, const char *text, size_t size,
                               struct derm_error *err)
{
    char path[PATH_MAX], hex[DERM_SHA256_SIZE];

    DERM_TRY(path_of(s, path, err, "manifest.csv"));
    if (access(path, F_OK) == 0) {
        DERM_TRY(derm_sha256_file(path, hex, err));
        if (strcmp(hex, s->manifest) == 0) return DERM_OK;
    }
    return derm_file_write(path, text, size, err);
}

static derm_err make_folders(const struct derm_store *s, struct derm_error *err)
{
    char path[PATH_MAX];

    DERM_TRY(make_folder(s->folder, err));
    DERM_TRY(path_of(s, path, err, "records"));
    DERM_TRY(make_folder(path, err));
    DERM_TRY(path_of(s, path, err, "shards"));
    return make_folder(path, err);
}

static derm_err begin(const struct derm_store *s, struct derm_arena *keep, const char *manifest,
                      size_t size, struct derm_error *err)
{
    struct derm_store there;
    const char *text;

    DERM_TRY(describe(s, keep, &text, err));
    DERM_TRY(write_once(s, text, err));
    DERM_TRY(derm_store_open(&there, keep, s->folder, err));
    DERM_TRY(compare_studies(s, &there, err));
    if (strcmp(s->manifest, there.manifest) != 0) DERM_TRY(replace_study(s, text, err));
    return write_manifest(s, manifest, size, err);
}

/* Waits for its turn; where the file system has no locks, *fd is -1. */
static derm_err lock_beginning(const struct derm_store *s, int *fd, struct derm_error *err)
{
    char path[PATH_MAX];

    DERM_TRY(path_of(s, path, err, "shards/begin.lock"));
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*fd < 0) return derm_fail(err, DERM_ECREATE, "cannot create %s: %s", path, strerror(errno));
    while (flock(*fd, LOCK_EX) != 0) {
        if (errno == EINTR) continue;
        close(*fd);
        *fd = -1;
        break;
    }
    return DERM_OK;
}

derm_err derm_store_begin(const struct derm_store *s, int shard, const char *text, size_t size,
                          int *lock, struct derm_error *err)
{
    struct derm_arena scratch;
    int turn;
    derm_err done;

    *lock = -1;
    DERM_TRY(make_folders(s, err));
    DERM_TRY(lock_beginning(s, &turn, err));
    done = derm_arena_init(&scratch, (size_t)1 << 20, err);
    if (done == DERM_OK) done = begin(s, &scratch, text, size, err);
    if (done == DERM_OK) done = derm_store_lock(s, shard, lock, err);
    derm_arena_free(&scratch);
    if (turn >= 0) close(turn);
    return done;
}

derm_err derm_store_manifest(const struct derm_store *s, struct derm_manifest *m,
                             struct derm_arena *keep, struct derm_error *err)
{
    char path[PATH_MAX];

    DERM_TRY(path_of(s, path, err, "manifest.csv"));
    DERM_TRY(derm_manifest_read(m, keep, path, err));
    if (strcmp(m->sha256, s->manifest) == 0) return DERM_OK;
    return derm_fail(err, DERM_EMALFORMED, "%s is not the manifest that the study was begun with",
                     path);
}

/* ---- shards */

bool derm_store_shard_is_done(const struct derm_store *s, int shard)
{
    struct derm_error unused = { 0 };
    char path[PATH_MAX];

    return path_of(s, path, &unused, "shards/%d-of-%d.done", shard, s->shards) == DERM_OK &&
           access(path, F_OK) == 0;
}

derm_err derm_store_finish_shard(const struct derm_store *s, int shard, int done, int failed,
                                 struct derm_error *err)
{
    char path[PATH_MAX], text[256];

    DERM_TRY(path_of(s, path, err, "shards/%d-of-%d.done", shard, s->shards));
    snprintf(
        text, sizeof(text),
        "{\"schema\":\"dermetry/shard/1\",\"shard\":%d,\"shards\":%d,\"done\":%d,\"failed\":%d}\n",
        shard, s->shards, done, failed);
    derm_file_sweep(path);
    return derm_file_write(path, text, strlen(text), err);
}
