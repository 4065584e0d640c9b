/* SPDX-License-Identifier: Apache-2.0 */
/* Text from outside: file names and tags may hold any bytes, documents hold UTF-8. */
#ifndef DERM_BASE_TEXT_H
#define DERM_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Copies src to dst (size > 0 bytes with the NUL). What is not UTF-8 and control characters become
 * U+FFFD; a text that is too long is cut between characters. */
void derm_text_clean(char *dst, size_t size, const char *src);

/* Is it what derm_text_clean would leave as it is: UTF-8 without control characters? */
bool derm_text_is_clean(const char *text);

/* The part of path after its last slash. */
const char *derm_text_basename(const char *path);

#endif
