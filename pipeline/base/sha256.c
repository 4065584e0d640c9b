/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* O_CLOEXEC */
#include "base/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 1 << 16 };

void derm_sha256_begin(struct derm_sha256 *s)
{
    sha256_init(&s->ctx);
}

void derm_sha256_add(struct derm_sha256 *s, const void *bytes, size_t n)
{
    sha256_update(&s->ctx, n, bytes);
}

void derm_sha256_end(struct derm_sha256 *s, char text[DERM_SHA256_SIZE])
{
    static const char digit[] = "0123456789abcdef";
    uint8_t sum[SHA256_DIGEST_SIZE];

    sha256_digest(&s->ctx, sizeof(sum), sum);
    for (int i = 0; i < SHA256_DIGEST_SIZE; i++) {
        text[2 * i] = digit[sum[i] >> 4];
        text[2 * i + 1] = digit[sum[i] & 15];
    }
    text[DERM_SHA256_SIZE - 1] = '\0';
}

void derm_sha256_of(const void *bytes, size_t n, char text[DERM_SHA256_SIZE])
{
    struct derm_sha256 s;

    derm_sha256_begin(&s);
    derm_sha256_add(&s, bytes, n);
    derm_sha256_end(&s, text);
}

static derm_err add_file(struct derm_sha256 *s, int fd, const char *path, struct derm_error *err)
{
    uint8_t piece[PIECE_BYTES];

    for (;;) {
        const ssize_t n = read(fd, piece, sizeof(piece));

        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return derm_fail(err, DERM_EIO, "cannot read %s: %s", path, strerror(errno));
        if (n == 0) return DERM_OK;
        derm_sha256_add(s, piece, (size_t)n);
    }
}

derm_err derm_sha256_file(const char *path, char text[DERM_SHA256_SIZE], struct derm_error *err)
{
    /* A pipe that nobody writes to would be waited for. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct derm_sha256 s;
    struct stat st;
    derm_err done;

    if (fd < 0) return derm_fail(err, DERM_EMISSING, "cannot open %s: %s", path, strerror(errno));
    derm_sha256_begin(&s);
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        done = add_file(&s, fd, path, err);
    else
        done = derm_fail(err, DERM_EMISSING, "%s is not a file", path);
    derm_sha256_end(&s, text);
    close(fd);
    return done;
}
