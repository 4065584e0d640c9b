/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are read or written as a whole. */
#ifndef DERM_BASE_FILE_H
#define DERM_BASE_FILE_H

#include <stdbool.h>

#include "base/arena.h"

/* The content of a file, followed by a NUL that *size does not count, allocated in keep.
 * DERM_EMISSING when it cannot be opened or is no file, DERM_ELIMIT when longer than max bytes. */
derm_err derm_file_read(struct derm_arena *keep, const char *path, size_t max, char **text,
                        size_t *size, struct derm_error *err) DERM_MUST_CHECK;

/* Creates or replaces a file, which appears whole or not at all: a temporary file in the same
 * folder is filled, synchronised and renamed. A device or pipe is written directly. DERM_ECREATE
 * when it cannot be created, DERM_EIO when it cannot be filled. */
derm_err derm_file_write(const char *path, const void *data, size_t size,
                         struct derm_error *err) DERM_MUST_CHECK;

/* The same for what is too large to be held or is written by a library: the caller fills the file
 * whose name derm_file_part gives (DERM_PATH_SIZE bytes; no such file exists; DERM_ECREATE when
 * path is a folder or device, which must not be replaced), closes it, and derm_file_finish
 * synchronises it and gives it the name path; or it unlinks it. */
enum { DERM_PATH_SIZE = 4096 };
derm_err derm_file_part(char part[DERM_PATH_SIZE], const char *path,
                        struct derm_error *err) DERM_MUST_CHECK;
derm_err derm_file_finish(const char *part, const char *path,
                          struct derm_error *err) DERM_MUST_CHECK;

/* Sends what is written so far of a file on its way to the disk, without waiting, and gives back
 * the memory of what has arrived there. Called now and then on a file of gigabytes that is written
 * in order it keeps the disk at work beside the processor and leaves the end little to synchronise;
 * and the same few pages hold all of the file, where fresh ones cost more than what fills them. */
void derm_file_push(int fd);

/* Removes what killed processes left of a file that no other one is filling: NAME.part-* beside
 * NAME. */
void derm_file_sweep(const char *path);

/* The same for files that belong together: the caller fills the folder `part`, an empty one within
 * `folder`, which is created unless it exists. derm_file_set_finish moves its files to `folder`;
 * derm_file_set_drop removes it and them, and `folder` if it was created for them. */
struct derm_file_set {
    const char *folder; /* the caller's, for as long as the set is */
    char part[DERM_PATH_SIZE];
    bool created;
};
derm_err derm_file_set_begin(struct derm_file_set *set, const char *folder,
                             struct derm_error *err) DERM_MUST_CHECK;
derm_err derm_file_set_finish(struct derm_file_set *set, struct derm_error *err) DERM_MUST_CHECK;
void derm_file_set_drop(struct derm_file_set *set);

#endif
