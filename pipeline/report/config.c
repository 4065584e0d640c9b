/* SPDX-License-Identifier: Apache-2.0 */
#include "report/config.h"

#include <string.h>

#include "base/json_read.h"

static derm_err set_option(const struct derm_opt_group *group, const struct derm_json *option,
                           const char *name, struct derm_error *err)
{
    const char *const key = derm_json_key(option);
    double value;

    if (!derm_json_as_number(option, &value))
        return derm_fail(err, DERM_EUSAGE, "%s: option %s.%s must be a number", name, group->name,
                         key);
    return derm_opt_set(group->opts, group->params, group->name, key, value, err);
}

static derm_err set_group(const struct derm_opt_group *groups, const struct derm_json *node,
                          const char *name, struct derm_error *err)
{
    const char *const key = derm_json_key(node);

    if (!derm_json_is_object(node))
        return derm_fail(err, DERM_EUSAGE, "%s: \"%s\" must hold {\"option\": value}", name, key);
    for (const struct derm_opt_group *g = groups; g->name; g++) {
        if (strcmp(g->name, key) != 0) continue;
        for (const struct derm_json *o = derm_json_first(node); o; o = derm_json_next(o))
            DERM_TRY(set_option(g, o, name, err));
        return DERM_OK;
    }
    return derm_fail(err, DERM_EUSAGE, "%s: there is no stage %s; see dermetry --list-options",
                     name, key);
}

/* Comments become blanks, so that messages keep their line numbers. */
static void blank_comments(char *text)
{
    enum { PLAIN, STRING, LINE, BLOCK } in = PLAIN;

    for (char *p = text; *p; p++) {
        if (in == STRING) {
            if (*p == '\\' && p[1])
                p++;
            else if (*p == '"')
                in = PLAIN;
        } else if (in == LINE || in == BLOCK) {
            const bool ends = in == LINE ? *p == '\n' : *p == '*' && p[1] == '/';

            if (ends && in == BLOCK) *p++ = ' ';
            if (*p != '\n') *p = ' ';
            if (ends) in = PLAIN;
        } else if (*p == '"') {
            in = STRING;
        } else if (*p == '/' && (p[1] == '/' || p[1] == '*')) {
            in = p[1] == '/' ? LINE : BLOCK;
            *p++ = ' ';
            *p = ' ';
        }
    }
}

derm_err derm_config_apply(const struct derm_opt_group *groups, const char *text, size_t n,
                           const char *name, struct derm_arena *scratch, struct derm_error *err)
{
    struct derm_json *root;
    derm_err done = DERM_OK;
    char *plain;

    if (memchr(text, '\0', n)) return derm_fail(err, DERM_EMALFORMED, "%s: not a JSON text", name);
    DERM_TRY(derm_arena_new(scratch, &plain, n + 1, 1));
    memcpy(plain, text, n);
    blank_comments(plain);
    DERM_TRY(derm_json_parse(&root, plain, strlen(plain), name, err));
    if (!derm_json_is_object(root))
        done = derm_fail(err, DERM_EUSAGE, "%s: must hold {\"stage\": {...}}", name);
    for (const struct derm_json *s = derm_json_first(root); s && done == DERM_OK;
         s = derm_json_next(s))
        done = set_group(groups, s, name, err);
    derm_json_free(root);
    return done;
}
