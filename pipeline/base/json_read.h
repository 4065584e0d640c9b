/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON: the tables in models/, configuration, precision profiles. A node is a value of a
 * parsed document and lives as long as the document. A lookup in NULL gives NULL or fails, so
 * lookups can be chained. cJSON stays behind this header. */
#ifndef DERM_BASE_JSON_READ_H
#define DERM_BASE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct derm_json; /* a node */

/* Parses text (n bytes, UTF-8, nothing but white space after the value). name is for messages.
 * DERM_EMALFORMED says where it broke. Free the root with derm_json_free. */
derm_err derm_json_parse(struct derm_json **root, const char *text, size_t n, const char *name,
                         struct derm_error *err) DERM_MUST_CHECK;
void derm_json_free(struct derm_json *root);

/* Member of an object, element of an array; NULL when there is none. */
const struct derm_json *derm_json_get(const struct derm_json *node, const char *key);
const struct derm_json *derm_json_at(const struct derm_json *node, int index);
int derm_json_count(const struct derm_json *node);       /* members or elements; 0 otherwise */
const char *derm_json_key(const struct derm_json *node); /* of a member; NULL in arrays */

/* Visits members or elements in order: for (n = derm_json_first(x); n; n = derm_json_next(n)). */
const struct derm_json *derm_json_first(const struct derm_json *node);
const struct derm_json *derm_json_next(const struct derm_json *node);

bool derm_json_is_object(const struct derm_json *node); /* also an empty one */

/* False, *out untouched, when node is NULL or not a (finite) number. */
bool derm_json_as_number(const struct derm_json *node, double *out);
const char *derm_json_as_text(const struct derm_json *node); /* NULL when it is no string */

/* Required members: DERM_EMALFORMED with a sentence naming the member. */
derm_err derm_json_number(const struct derm_json *node, const char *key, double *out,
                          struct derm_error *err) DERM_MUST_CHECK;
derm_err derm_json_text(const struct derm_json *node, const char *key, const char **out,
                        struct derm_error *err) DERM_MUST_CHECK;
/* An array of exactly n numbers. */
derm_err derm_json_numbers(const struct derm_json *node, const char *key, double *out, int n,
                           struct derm_error *err) DERM_MUST_CHECK;

#endif
