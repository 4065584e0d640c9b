/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* strcasecmp */
#include "study/layout.h"

#include <string.h>
#include <strings.h>

const enum derm_entry_field derm_tidy_fields[] = {
    DERM_ENTRY_LINE,       DERM_ENTRY_SUBJECT,   DERM_ENTRY_VIEW,
    DERM_ENTRY_BASE_VISIT, DERM_ENTRY_BASE_DATE, DERM_ENTRY_VISIT,
    DERM_ENTRY_DATE,       DERM_ENTRY_DAYS,      DERM_ENTRY_COMPARABILITY,
};
const int derm_tidy_field_count = sizeof(derm_tidy_fields) / sizeof(*derm_tidy_fields);

static const char prefix[] = "manifest_";

/* Columns that only views and the database have. */
static const char *const reserved[] = { "time", "metric_id", "region_id", "n" };

static bool is_listed(const struct derm_field *list, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcasecmp(list[i].column, name) == 0) return true;
    return false;
}

static bool is_taken(const struct derm_layout *l, const char *name)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
        if (strcasecmp(reserved[i], name) == 0) return true;
    for (int i = 0; i < l->extras; i++)
        if (strcasecmp(l->extra[i], name) == 0) return true;
    return is_listed(derm_entry_fields, DERM_ENTRY_FIELDS, name) ||
           is_listed(derm_metric_fields, DERM_METRIC_FIELDS, name);
}

/* These are in the fields of a record under names of their own. */
static bool is_field(const struct derm_manifest *m, int column)
{
    for (int i = 0; i < DERM_REQUIRED_COLUMNS; i++)
        if (m->at[i] == column) return true;
    return false;
}

static derm_err add_extra(struct derm_layout *l, const char *name, int cell,
                          struct derm_arena *keep)
{
    l->cell[l->extras] = cell;
    while (is_taken(l, name)) {
        char *longer;

        DERM_TRY(derm_arena_new(keep, &longer, sizeof(prefix) + strlen(name), 1));
        memcpy(longer, prefix, sizeof(prefix));
        memcpy(longer + sizeof(prefix) - 1, name, strlen(name) + 1);
        name = longer;
    }
    l->extra[l->extras++] = name;
    return DERM_OK;
}

derm_err derm_layout_new(struct derm_layout *l, const struct derm_manifest *m,
                         struct derm_arena *keep)
{
    l->extras = 0;
    for (int i = 0; i < m->columns; i++)
        if (!is_field(m, i)) DERM_TRY(add_extra(l, m->column[i], i, keep));
    return DERM_OK;
}
