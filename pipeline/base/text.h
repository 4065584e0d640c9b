/* SPDX-License-Identifier: Apache-2.0 */
/* Text from outside: file names and tags may hold any bytes, documents hold UTF-8. */
#ifndef DERM_BASE_TEXT_H
#define DERM_BASE_TEXT_H

#include <stddef.h>

/* Copies src to dst (size > 0 bytes with the NUL). What is not UTF-8 and control characters become
 * U+FFFD; a text that is too long is cut between characters. */
void derm_text_clean(char *dst, size_t size, const char *src);

/* The part of path after its last slash. */
const char *derm_text_basename(const char *path);

#endif
