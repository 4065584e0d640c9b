/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_read.h"

#include <cjson/cJSON.h>
#include <math.h>

static const cJSON *item(const struct derm_json *node)
{
    return (const cJSON *)node;
}
static const struct derm_json *node_of(const cJSON *i)
{
    return (const struct derm_json *)i;
}

/* Line of the byte at end, from 1. */
static int line_of(const char *text, const char *end)
{
    int line = 1;

    for (const char *p = text; p < end; p++)
        line += *p == '\n';
    return line;
}

derm_err derm_json_parse(struct derm_json **root, const char *text, size_t n, const char *name,
                         struct derm_error *err)
{
    const char *end = text;
    cJSON *const parsed = cJSON_ParseWithLengthOpts(text, n, &end, 0);
    bool clean = parsed != NULL;

    for (const char *p = end; clean && p < text + n; p++)
        clean = *p == ' ' || *p == '\n' || *p == '\r' || *p == '\t';
    if (!clean) {
        cJSON_Delete(parsed);
        return derm_fail(err, DERM_EMALFORMED, "%s is not valid JSON near line %d", name,
                         line_of(text, end));
    }
    *root = (struct derm_json *)parsed;
    return DERM_OK;
}

void derm_json_free(struct derm_json *root)
{
    cJSON_Delete((cJSON *)root);
}

const struct derm_json *derm_json_get(const struct derm_json *node, const char *key)
{
    return node_of(cJSON_GetObjectItemCaseSensitive(item(node), key));
}

const struct derm_json *derm_json_at(const struct derm_json *node, int index)
{
    return node_of(cJSON_GetArrayItem(item(node), index));
}

int derm_json_count(const struct derm_json *node)
{
    return node ? cJSON_GetArraySize(item(node)) : 0;
}

const char *derm_json_key(const struct derm_json *node)
{
    return node ? item(node)->string : NULL;
}

const struct derm_json *derm_json_first(const struct derm_json *node)
{
    return node ? node_of(item(node)->child) : NULL;
}

const struct derm_json *derm_json_next(const struct derm_json *node)
{
    return node_of(item(node)->next);
}

bool derm_json_is_object(const struct derm_json *node)
{
    return cJSON_IsObject(item(node));
}

bool derm_json_as_number(const struct derm_json *node, double *out)
{
    if (!cJSON_IsNumber(item(node)) || !isfinite(item(node)->valuedouble)) return false;
    *out = item(node)->valuedouble;
    return true;
}

const char *derm_json_as_text(const struct derm_json *node)
{
    return cJSON_GetStringValue(item(node));
}

derm_err derm_json_number(const struct derm_json *node, const char *key, double *out,
                          struct derm_error *err)
{
    if (!derm_json_as_number(derm_json_get(node, key), out))
        return derm_fail(err, DERM_EMALFORMED, "\"%s\" is missing or not a number", key);
    return DERM_OK;
}

derm_err derm_json_text(const struct derm_json *node, const char *key, const char **out,
                        struct derm_error *err)
{
    const char *const text = derm_json_as_text(derm_json_get(node, key));

    if (!text) return derm_fail(err, DERM_EMALFORMED, "\"%s\" is missing or not a string", key);
    *out = text;
    return DERM_OK;
}

derm_err derm_json_numbers(const struct derm_json *node, const char *key, double *out, int n,
                           struct derm_error *err)
{
    const struct derm_json *const array = derm_json_get(node, key);
    const struct derm_json *element = derm_json_first(array);

    for (int i = 0; i < n; i++, element = derm_json_next(element))
        if (!element || !derm_json_as_number(element, &out[i]))
            return derm_fail(err, DERM_EMALFORMED, "\"%s\" must be an array of %d numbers", key, n);
    if (element)
        return derm_fail(err, DERM_EMALFORMED, "\"%s\" must be an array of %d numbers", key, n);
    return DERM_OK;
}
