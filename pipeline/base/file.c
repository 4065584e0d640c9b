/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* realpath, O_NOFOLLOW, unlinkat, posix_fadvise */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

/* ---- read */

static derm_err read_all(int fd, char *text, size_t size, const char *path, struct derm_error *err)
{
    size_t done = 0;

    while (done < size) {
        const ssize_t n = read(fd, text + done, size - done);

        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return derm_fail(err, DERM_EIO, "cannot read %s: %s", path, strerror(errno));
        if (n == 0) return derm_fail(err, DERM_EIO, "%s became shorter while it was read", path);
        done += (size_t)n;
    }
    return DERM_OK;
}

derm_err derm_file_read(struct derm_arena *keep, const char *path, size_t max, char **text,
                        size_t *size, struct derm_error *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    derm_err done;

    if (fd < 0) return derm_fail(err, DERM_EMISSING, "cannot open %s: %s", path, strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return derm_fail(err, DERM_EMISSING, "%s is not a file", path);
    }
    *size = (size_t)st.st_size;
    if (*size > max) {
        close(fd);
        return derm_fail(err, DERM_ELIMIT, "%s is larger than %zu KiB", path, max >> 10);
    }
    done = derm_arena_raw(keep, text, *size + 1, 1);
    if (done == DERM_OK) done = read_all(fd, *text, *size, path, err);
    if (done == DERM_OK) (*text)[*size] = '\0';
    close(fd);
    return done;
}

/* ---- write */

static bool write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        const ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

static derm_err cannot(struct derm_error *err, derm_err code, const char *verb, const char *path)
{
    return derm_fail(err, code, "cannot %s %s: %s", verb, path, strerror(errno));
}

static derm_err write_device(const char *path, const void *data, size_t size,
                             struct derm_error *err)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool filled;

    if (fd < 0) return cannot(err, DERM_ECREATE, "open", path);
    filled = write_all(fd, data, size);
    if (!filled) {
        const int why = errno;

        close(fd);
        errno = why;
        return cannot(err, DERM_EIO, "write", path);
    }
    return close(fd) == 0 ? DERM_OK : cannot(err, DERM_EIO, "write", path);
}

derm_err derm_file_part(char part[DERM_PATH_SIZE], const char *path, struct derm_error *err)
{
    struct stat st;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return derm_fail(err, DERM_ECREATE, "cannot create %s: it is there and no file", path);
    if (snprintf(part, DERM_PATH_SIZE, "%s.part-%ld", path, (long)getpid()) >= DERM_PATH_SIZE) {
        errno = ENAMETOOLONG;
        return cannot(err, DERM_ECREATE, "create", path);
    }
    unlink(part); /* of an earlier process with this number */
    return DERM_OK;
}

void derm_file_push(int fd)
{
    /* A hint only: errors are told by the fsync at the end. */
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

derm_err derm_file_finish(const char *part, const char *path, struct derm_error *err)
{
    const int fd = open(part, O_RDONLY | O_CLOEXEC);
    int why;

    if (fd >= 0 && fsync(fd) == 0 && close(fd) == 0 && rename(part, path) == 0) return DERM_OK;
    why = errno;
    unlink(part);
    errno = why;
    return cannot(err, DERM_EIO, "write", path);
}

static derm_err write_regular(const char *path, const void *data, size_t size,
                              struct derm_error *err)
{
    char part[DERM_PATH_SIZE];
    bool filled;
    int fd, why;

    DERM_TRY(derm_file_part(part, path, err));
    fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) return cannot(err, DERM_ECREATE, "create", path);
    filled = write_all(fd, data, size);
    why = errno;
    filled = close(fd) == 0 && filled;
    if (filled) return derm_file_finish(part, path, err);
    unlink(part);
    errno = why;
    return cannot(err, DERM_EIO, "write", path);
}

derm_err derm_file_write(const char *path, const void *data, size_t size, struct derm_error *err)
{
    char resolved[PATH_MAX];
    struct stat st;

    if (stat(path, &st) != 0) return write_regular(path, data, size, err);
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return cannot(err, DERM_ECREATE, "create", path);
    }
    if (!S_ISREG(st.st_mode)) return write_device(path, data, size, err);
    /* A link stays a link; the file it names is replaced. */
    if (!realpath(path, resolved)) return cannot(err, DERM_ECREATE, "create", path);
    return write_regular(resolved, data, size, err);
}

void derm_file_sweep(const char *path)
{
    const char *const name = derm_text_basename(path);
    const size_t n = strlen(name);
    char other[PATH_MAX];
    DIR *folder;

    snprintf(other, sizeof(other), "%.*s.", (int)(name - path), path);
    folder = opendir(other);
    if (!folder) return;
    for (const struct dirent *e; (e = readdir(folder));) {
        if (strncmp(e->d_name, name, n) != 0 || strncmp(e->d_name + n, ".part-", 6) != 0) continue;
        unlinkat(dirfd(folder), e->d_name, 0);
    }
    closedir(folder);
}

/* ---- a set of files */

static bool is_entry(const struct dirent *e)
{
    return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static void remove_flat(const char *path)
{
    DIR *const folder = opendir(path);

    if (!folder) return;
    for (const struct dirent *e; (e = readdir(folder));)
        if (is_entry(e)) unlinkat(dirfd(folder), e->d_name, 0);
    closedir(folder);
    rmdir(path);
}

void derm_file_set_drop(struct derm_file_set *set)
{
    remove_flat(set->part);
    if (set->created) rmdir(set->folder);
}

derm_err derm_file_set_begin(struct derm_file_set *set, const char *folder, struct derm_error *err)
{
    int why;

    set->folder = folder;
    if (snprintf(set->part, sizeof(set->part), "%s/.part-%ld", folder, (long)getpid()) >=
        (int)sizeof(set->part)) {
        errno = ENAMETOOLONG;
        return cannot(err, DERM_ECREATE, "create", folder);
    }
    set->created = mkdir(folder, 0777) == 0;
    if (!set->created && errno != EEXIST) return cannot(err, DERM_ECREATE, "create", folder);
    remove_flat(set->part); /* of an earlier process with this number */
    if (mkdir(set->part, 0777) == 0) return DERM_OK;
    why = errno;
    derm_file_set_drop(set);
    errno = why;
    return cannot(err, DERM_ECREATE, "write into", folder);
}

derm_err derm_file_set_finish(struct derm_file_set *set, struct derm_error *err)
{
    const int to = open(set->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *const from = opendir(set->part);
    bool moved = to >= 0 && from;
    int why;

    for (const struct dirent *e; moved && (e = readdir(from));)
        if (is_entry(e)) moved = renameat(dirfd(from), e->d_name, to, e->d_name) == 0;
    why = errno;
    if (from) closedir(from);
    if (to >= 0) close(to);
    derm_file_set_drop(set); /* of the folder only one that is empty */
    errno = why;
    return moved ? DERM_OK : cannot(err, DERM_EIO, "write into", set->folder);
}
