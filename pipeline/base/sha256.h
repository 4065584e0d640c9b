/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 as lower-case hexadecimal text, over Nettle: it uses the processor's SHA instructions,
 * which makes the hash of a photo's pixels a tenth of what portable code takes, and is loaded in a
 * millisecond (OpenSSL's libcrypto takes five). */
#ifndef DERM_BASE_SHA256_H
#define DERM_BASE_SHA256_H

#include <stddef.h>

#include <nettle/sha2.h>

#include "base/error.h"

enum { DERM_SHA256_SIZE = 65 }; /* characters with the ending NUL */

struct derm_sha256 {
    struct sha256_ctx ctx;
};
void derm_sha256_begin(struct derm_sha256 *s);
void derm_sha256_add(struct derm_sha256 *s, const void *bytes, size_t n);
void derm_sha256_end(struct derm_sha256 *s, char text[DERM_SHA256_SIZE]);

/* The three in one. */
void derm_sha256_of(const void *bytes, size_t n, char text[DERM_SHA256_SIZE]);

/* Of the file at path, read piece by piece; nothing but a file is opened. DERM_EMISSING when there
 * is none, DERM_EIO when reading fails. */
derm_err derm_sha256_file(const char *path, char text[DERM_SHA256_SIZE],
                          struct derm_error *err) DERM_MUST_CHECK;

#endif
