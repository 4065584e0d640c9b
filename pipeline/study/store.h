/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a study:
 *
 *     study.json               what was asked: manifest, configuration, version, shards
 *     manifest.csv             the manifest's bytes, so that the folder explains itself
 *     records/XX/KEY.json      one record on one line; XX: the first two digits of its key
 *     shards/K-of-N.done       written last by a shard
 *     shards/K-of-N.lock       held by the batch that works on the shard
 *     shards/begin.lock        held by a batch while it begins
 *
 * Files appear whole or not at all. A name with ".part-" in it is what a killed run left behind. */
#ifndef DERM_STUDY_STORE_H
#define DERM_STUDY_STORE_H

#include <limits.h>

#include "study/manifest.h"

struct derm_store {
    const char *folder;
    const char *version;                  /* of the program */
    char manifest[DERM_SHA256_SIZE];      /* hash of the file */
    char configuration[DERM_SHA256_SIZE]; /* hash of what all records have in common */
    int records, shards;
};

/* Creates the folder, or finds in it the study that *s describes, and takes the lock of a shard;
 * DERM_EUSAGE when it holds another study. Of a study whose manifest was another one, text (its new
 * bytes) takes the place of that, and no shard is done any more; DERM_EUSAGE while a batch is at
 * work by the one before. */
derm_err derm_store_begin(const struct derm_store *s, int shard, const char *text, size_t size,
                          int *lock, struct derm_error *err) DERM_MUST_CHECK;

/* The study that folder holds; DERM_EMISSING when it holds none. */
derm_err derm_store_open(struct derm_store *s, struct derm_arena *keep, const char *folder,
                         struct derm_error *err) DERM_MUST_CHECK;

/* Its manifest; DERM_EMALFORMED when it is not the one that the study was begun with. */
derm_err derm_store_manifest(const struct derm_store *s, struct derm_manifest *m,
                             struct derm_arena *keep, struct derm_error *err) DERM_MUST_CHECK;

/* Path of the record with a key. */
derm_err derm_store_path(const struct derm_store *s, const char *key, char path[PATH_MAX],
                         struct derm_error *err) DERM_MUST_CHECK;

/* Writes a record, after removing what killed runs left of it. */
derm_err derm_store_write(const struct derm_store *s, const char *key, const char *line,
                          struct derm_error *err) DERM_MUST_CHECK;

/* Takes a shard's lock until *fd is closed; DERM_EUSAGE when another batch holds it. Where the file
 * system has no locks, *fd is -1. */
derm_err derm_store_lock(const struct derm_store *s, int shard, int *fd,
                         struct derm_error *err) DERM_MUST_CHECK;

bool derm_store_shard_is_done(const struct derm_store *s, int shard);
derm_err derm_store_reopen_shard(const struct derm_store *s, int shard,
                                 struct derm_error *err) DERM_MUST_CHECK;
derm_err derm_store_finish_shard(const struct derm_store *s, int shard, int done, int failed,
                                 struct derm_error *err) DERM_MUST_CHECK;

#endif
