/* SPDX-License-Identifier: Apache-2.0 */
#include "study/entry.h"

#include <string.h>

#define X(name, column, path, type, help) { column, path, help, DERM_FIELD_##type },
const struct derm_field derm_entry_fields[DERM_ENTRY_FIELDS] = { DERM_ENTRY_FIELD_LIST(X) };
const struct derm_field derm_metric_fields[DERM_METRIC_FIELDS] = { DERM_METRIC_FIELD_LIST(X) };
#undef X

enum { MAX_PATH = 64 };

/* An object that is being read into its fields. */
struct reader {
    struct derm_scan *scan;
    struct derm_entry *record;
    const struct derm_field *list;
    struct derm_span *out;
    int fields, next;    /* next: the field that the text is likely to have next */
    char path[MAX_PATH]; /* of the value that comes next */
};

/* Its number; -1: none. *inside: there are fields within the value at this path. */
static int find_field(struct reader *r, size_t length, bool *inside)
{
    *inside = false;
    for (int i = 0; i < r->fields && !*inside; i++) {
        const int at = (r->next + i) % r->fields;
        const char *const path = r->list[at].path;

        if (path[0] != r->path[0] || strncmp(path, r->path, length) != 0) continue;
        if (path[length] == '\0') {
            r->next = at + 1;
            return at;
        }
        *inside = path[length] == '.';
    }
    return -1;
}

/* Appends .key to the path; one that is too long is cut, and no field's. */
static size_t extend(struct reader *r, size_t length, const char *key, size_t n)
{
    if (length > 0 && length < MAX_PATH) r->path[length++] = '.';
    if (n > MAX_PATH - length) n = MAX_PATH - length;
    memcpy(r->path + length, key, n);
    return length + n;
}

static void read_value(struct reader *r, size_t length);

static bool read_object(struct reader *r, size_t length)
{
    struct derm_span key;

    if (!derm_scan_enter(r->scan, '{')) return false;
    while (derm_scan_member(r->scan, &key))
        read_value(r, extend(r, length, key.at, key.n));
    return true;
}

static bool read_array(struct reader *r, size_t length)
{
    if (!derm_scan_enter(r->scan, '[')) return false;
    for (char i = '0'; derm_scan_element(r->scan); i++)
        read_value(r, extend(r, length, &i, 1));
    return true;
}

static bool read_rows(struct derm_entry *record, struct derm_scan *scan)
{
    if (!derm_scan_enter(scan, '[')) return false;
    while (derm_scan_element(scan)) {
        struct reader row = { scan, record, derm_metric_fields, NULL, DERM_METRIC_FIELDS, 0, "" };

        if (record->rows == DERM_ENTRY_ROWS) return false;
        row.out = record->row[record->rows++];
        memset(row.out, 0, sizeof(*record->row));
        if (!read_object(&row, 0)) return false;
    }
    return true;
}

static bool is_metrics(const struct reader *r, size_t length)
{
    static const char metrics[] = "comparison.metrics";

    return r->list == derm_entry_fields && length == sizeof(metrics) - 1 &&
           memcmp(r->path, metrics, length) == 0;
}

/* The value at the path: a field, something with fields in it, or neither. */
static void read_value(struct reader *r, size_t length)
{
    bool inside;
    const int field = find_field(r, length, &inside);

    if (field >= 0)
        derm_scan_value(r->scan, &r->out[field]);
    else if (is_metrics(r, length))
        r->scan->fault = !read_rows(r->record, r->scan) || r->scan->fault;
    else if (!inside || !(read_object(r, length) || read_array(r, length)))
        derm_scan_skip(r->scan);
}

/* ---- strings */

static void make_strings(char *text, struct derm_span *field, int n)
{
    static const struct derm_span nothing = { "", 0 };

    for (int i = 0; i < n; i++)
        if (field[i].at)
            field[i].n = derm_span_text(field[i], text + (field[i].at - text));
        else
            field[i] = nothing;
}

derm_err derm_entry_new(struct derm_entry *r, struct derm_arena *keep)
{
    *r = (struct derm_entry){ 0 };
    return derm_arena_raw(keep, &r->row, DERM_ENTRY_ROWS, sizeof(*r->row));
}

derm_err derm_entry_read(struct derm_entry *r, char *text, size_t n, const char *name,
                         struct derm_error *err)
{
    struct derm_scan scan = { text, text + n, false };
    struct reader reader = { &scan, r, derm_entry_fields, r->field, DERM_ENTRY_FIELDS, 0, "" };

    memset(r->field, 0, sizeof(r->field));
    r->rows = 0;
    if (!read_object(&reader, 0) || scan.fault)
        return derm_fail(err, DERM_EMALFORMED, "%s is damaged near byte %td", name, scan.at - text);
    make_strings(text, r->field, DERM_ENTRY_FIELDS);
    for (int i = 0; i < r->rows; i++)
        make_strings(text, r->row[i], DERM_METRIC_FIELDS);
    return DERM_OK;
}
