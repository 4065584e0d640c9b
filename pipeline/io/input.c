/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* O_CLOEXEC */
#include "io/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static derm_err too_large(const char *path, uint64_t max_bytes, struct derm_error *err)
{
    return derm_fail(err, DERM_ELIMIT,
                     "%s is larger than the limit of %.0f MiB: raise --max-file-mib or give a "
                     "smaller file",
                     path, (double)max_bytes / (1 << 20));
}

/* A file of known size. One byte more is asked for, so that a file that grows is noticed. */
static derm_err read_regular(struct derm_bytes *out, struct derm_arena *arena, int fd, size_t size,
                             const char *path, struct derm_error *err)
{
    uint8_t *data;
    size_t at = 0;

    DERM_TRY(derm_arena_new(arena, &data, size + 1, 1));
    while (at <= size) {
        const ssize_t n = read(fd, data + at, size + 1 - at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return derm_fail(err, DERM_EIO, "reading %s failed: %s", path, strerror(errno));
        if (n == 0) break;
        at += (size_t)n;
    }
    if (at != size)
        return derm_fail(err, DERM_EIO, "%s changed while it was read: try again", path);
    *out = (struct derm_bytes){ data, size };
    return DERM_OK;
}

/* A pipe: its size is known at the end. */
static derm_err read_stream(struct derm_bytes *out, struct derm_arena *arena, int fd,
                            const char *path, uint64_t max_bytes, struct derm_error *err)
{
    size_t capacity = 1 << 20, at = 0;
    uint8_t *buffer = malloc(capacity), *copy;
    derm_err code = DERM_OK;

    while (buffer) {
        const ssize_t n = read(fd, buffer + at, capacity - at);
        uint8_t *grown;
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) code = derm_fail(err, DERM_EIO, "reading %s failed: %s", path, strerror(errno));
        if (n <= 0) break;
        at += (size_t)n;
        if (at > max_bytes) {
            code = too_large(path, max_bytes, err);
            break;
        }
        if (at < capacity) continue;
        capacity *= 2;
        grown = realloc(buffer, capacity);
        if (!grown) free(buffer);
        buffer = grown;
    }
    if (!buffer) return derm_fail(err, DERM_ENOMEM, "not enough memory to read %s", path);
    if (code == DERM_OK) code = derm_arena_new(arena, &copy, at ? at : 1, 1);
    if (code == DERM_OK) {
        memcpy(copy, buffer, at);
        *out = (struct derm_bytes){ copy, at };
    }
    free(buffer);
    return code;
}

static derm_err read_open(struct derm_bytes *out, struct derm_arena *arena, int fd,
                          const char *path, uint64_t max_bytes, struct derm_error *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return derm_fail(err, DERM_EMISSING, "%s cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return derm_fail(err, DERM_EMISSING, "%s is a folder, not a file", path);
    if (S_ISREG(st.st_mode)) {
        if ((uint64_t)st.st_size > max_bytes) return too_large(path, max_bytes, err);
        DERM_TRY(read_regular(out, arena, fd, (size_t)st.st_size, path, err));
    } else {
        DERM_TRY(read_stream(out, arena, fd, path, max_bytes, err));
    }
    if (out->size == 0) return derm_fail(err, DERM_EMALFORMED, "%s is empty", path);
    return DERM_OK;
}

derm_err derm_input_read(struct derm_bytes *out, struct derm_arena *arena, const char *path,
                         uint64_t max_bytes, struct derm_error *err)
{
    derm_err code;
    int fd;

    if (strcmp(path, "-") == 0)
        return read_open(out, arena, STDIN_FILENO, "standard input", max_bytes, err);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return derm_fail(err, DERM_EMISSING, "%s cannot be opened: %s", path, strerror(errno));
    code = read_open(out, arena, fd, path, max_bytes, err);
    close(fd);
    return code;
}
