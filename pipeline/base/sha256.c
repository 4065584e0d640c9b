/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha256.h"

#include <stdint.h>

void derm_sha256_begin(struct derm_sha256 *s)
{
    SHA256_Init(&s->ctx);
}

void derm_sha256_add(struct derm_sha256 *s, const void *bytes, size_t n)
{
    SHA256_Update(&s->ctx, bytes, n);
}

void derm_sha256_end(struct derm_sha256 *s, char text[DERM_SHA256_SIZE])
{
    static const char digit[] = "0123456789abcdef";
    uint8_t sum[SHA256_DIGEST_LENGTH];

    SHA256_Final(sum, &s->ctx);
    for (int i = 0; i < SHA256_DIGEST_LENGTH; i++) {
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
