/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* newlocale */
#include "report/json.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/text.h"

bool derm_number_text(char text[DERM_NUMBER_TEXT], double value)
{
    const char *point;
    char *at;

    text[0] = '\0';
    if (!isfinite(value)) return false;
    /* 6 significant digits: %g drops trailing zeros, so nothing shorter gives the same number. */
    snprintf(text, DERM_NUMBER_TEXT, "%.6g", value + 0.0);
    if (strcmp(text, "-0") == 0) memcpy(text, "0", 2);
    point = localeconv()->decimal_point;
    at = strcmp(point, ".") == 0 ? NULL : strstr(text, point);
    if (at) {
        *at = '.';
        memmove(at + 1, at + strlen(point), strlen(at + strlen(point)) + 1);
    }
    return true;
}

derm_err derm_emit_begin(struct derm_emit *e, struct derm_error *err)
{
    e->err = err;
    e->root = cJSON_CreateObject();
    return e->root ? DERM_OK : derm_fail(err, DERM_ENOMEM, "not enough memory for the document");
}

/* cJSON_Minify takes the quote behind a text that ends with a backslash for a part of the text. */
static void drop_blanks(char *text)
{
    bool inside = false;
    char *out = text;

    for (const char *p = text; *p; p++) {
        if (!inside && strchr(" \t\n", *p)) continue;
        if (*p == '"') inside = !inside;
        *out++ = *p;
        if (inside && *p == '\\') *out++ = *++p; /* it belongs to what follows */
    }
    *out = '\0';
}

derm_err derm_json_line(struct derm_arena *keep, const char **line, const char *text)
{
    const size_t n = strlen(text) + 1;
    char *copy;

    DERM_TRY(derm_arena_new(keep, &copy, n, 1));
    memcpy(copy, text, n);
    drop_blanks(copy);
    *line = copy;
    return DERM_OK;
}

derm_err derm_emit_end(struct derm_emit *e, struct derm_arena *keep, const char **text)
{
    char *const printed = e->err->code == DERM_OK ? cJSON_Print(e->root) : NULL;

    cJSON_Delete(e->root);
    e->root = NULL;
    if (e->err->code == DERM_OK && !printed)
        derm_fail(e->err, DERM_ENOMEM, "not enough memory for the document");
    if (printed && derm_arena_text(keep, text, printed) != DERM_OK) *text = NULL;
    cJSON_free(printed);
    return e->err->code;
}

/* Takes item, which may be NULL: out of memory. */
static cJSON *add(struct derm_emit *e, cJSON *parent, const char *key, cJSON *item)
{
    const bool added =
        parent && item &&
        (key ? cJSON_AddItemToObjectCS(parent, key, item) : cJSON_AddItemToArray(parent, item));

    if (added) return item;
    cJSON_Delete(item);
    derm_fail(e->err, DERM_ENOMEM, "not enough memory for the document");
    return NULL;
}

cJSON *derm_emit_object(struct derm_emit *e, cJSON *parent, const char *key)
{
    return add(e, parent, key, cJSON_CreateObject());
}

cJSON *derm_emit_array(struct derm_emit *e, cJSON *parent, const char *key)
{
    return add(e, parent, key, cJSON_CreateArray());
}

void derm_emit_number(struct derm_emit *e, cJSON *parent, const char *key, double value)
{
    char text[DERM_NUMBER_TEXT];

    if (!derm_number_text(text, value)) {
        derm_fail(e->err, DERM_EINTERNAL, "%s is not a number", key ? key : "an element");
        return;
    }
    add(e, parent, key, cJSON_CreateRaw(text));
}

void derm_emit_int(struct derm_emit *e, cJSON *parent, const char *key, int64_t value)
{
    char text[DERM_NUMBER_TEXT];

    snprintf(text, sizeof(text), "%" PRId64, value);
    add(e, parent, key, cJSON_CreateRaw(text));
}

void derm_emit_bool(struct derm_emit *e, cJSON *parent, const char *key, bool value)
{
    add(e, parent, key, cJSON_CreateBool(value));
}

void derm_emit_text(struct derm_emit *e, cJSON *parent, const char *key, const char *text)
{
    char clean[1024];

    derm_text_clean(clean, sizeof(clean), text);
    add(e, parent, key, cJSON_CreateString(clean));
}
