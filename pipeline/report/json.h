/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON: a thin layer over cJSON that makes its pitfalls impossible. Numbers go through one
 * formatter, text is valid UTF-8, a failure sticks and is reported once by derm_emit_end. */
#ifndef DERM_REPORT_JSON_H
#define DERM_REPORT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct cJSON;

struct derm_emit {
    struct cJSON *root;
    struct derm_error *err;
};

enum { DERM_NUMBER_TEXT = 32 };

/* value rounded to 6 significant digits, written as short as possible with a decimal point in any
 * locale; -0 is 0. False, and an empty text, when value is not finite. */
bool derm_number_text(char text[DERM_NUMBER_TEXT], double value);

derm_err derm_emit_begin(struct derm_emit *e, struct derm_error *err) DERM_MUST_CHECK;

/* The document as indented text, allocated in keep; frees the tree, also on failure. */
derm_err derm_emit_end(struct derm_emit *e, struct derm_arena *keep,
                       const char **text) DERM_MUST_CHECK;

/* The text without white space between values. */
derm_err derm_json_line(struct derm_arena *keep, const char **line,
                        const char *text) DERM_MUST_CHECK;

/* Add a member to an object, or with key NULL an element to an array. keys are literals. */
struct cJSON *derm_emit_object(struct derm_emit *e, struct cJSON *parent, const char *key);
struct cJSON *derm_emit_array(struct derm_emit *e, struct cJSON *parent, const char *key);
void derm_emit_number(struct derm_emit *e, struct cJSON *parent, const char *key, double value);
void derm_emit_int(struct derm_emit *e, struct cJSON *parent, const char *key, int64_t value);
void derm_emit_bool(struct derm_emit *e, struct cJSON *parent, const char *key, bool value);
void derm_emit_text(struct derm_emit *e, struct cJSON *parent, const char *key, const char *text);

#endif
