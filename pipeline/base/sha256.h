/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 as lower-case hexadecimal text, over libmd. */
#ifndef DERM_BASE_SHA256_H
#define DERM_BASE_SHA256_H

#include <stddef.h>
#include <sys/types.h> /* sha2.h needs it */

#include <sha2.h>

enum { DERM_SHA256_SIZE = 65 }; /* characters with the ending NUL */

struct derm_sha256 {
    SHA2_CTX ctx;
};
void derm_sha256_begin(struct derm_sha256 *s);
void derm_sha256_add(struct derm_sha256 *s, const void *bytes, size_t n);
void derm_sha256_end(struct derm_sha256 *s, char text[DERM_SHA256_SIZE]);

/* The three in one. */
void derm_sha256_of(const void *bytes, size_t n, char text[DERM_SHA256_SIZE]);

#endif
