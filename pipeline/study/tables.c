/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* fileno */
#include "study/tables.h"

#include "base/metrics.h"
#include "study/cohort.h"
#include "study/csv.h"
#include "study/sql.h"

const char *const derm_table_names[DERM_TABLE_COUNT] = {
    "comparisons.ndjson", "comparisons.csv", "metrics.csv", "data_dictionary.csv", "postgres.sql",
};

enum { MAX_FIELDS = DERM_ENTRY_FIELDS + DERM_METRIC_FIELDS + DERM_MAX_COLUMNS };

/* ---- one row in the making */

struct line {
    const char *field[MAX_FIELDS];
    int n;
};

static void add(struct line *l, const char *text)
{
    l->field[l->n++] = text;
}

static void write_line(FILE *out, struct line *l)
{
    derm_csv_write(out, l->field, l->n);
    l->n = 0;
}

/* ---- headers, dictionary */

static const char *type_name(enum derm_field_type type)
{
    static const char *const name[] = { "text", "integer", "real" };

    return name[type];
}

static void describe(FILE *out, const char *file, const struct derm_field *f)
{
    const char *const field[] = { file, f->column, "", type_name(f->type), "", f->help };

    derm_csv_write(out, field, 6);
}

static void describe_extras(FILE *out, const struct derm_layout *l, const char *file)
{
    for (int i = 0; i < l->extras; i++) {
        const struct derm_field f = { l->extra[i], "", "a column of the manifest, as given",
                                      DERM_FIELD_TEXT };

        describe(out, file, &f);
    }
}

static void describe_metrics(FILE *out, const char *file)
{
    for (int i = 0; i < DERM_METRIC_COUNT; i++) {
        const struct derm_metric_def *const m = &derm_metrics[i];
        const char *const field[] = { file, "metric", m->id, "", m->unit, m->help };

        derm_csv_write(out, field, 6);
    }
    for (int i = 1; i < DERM_REASON_COUNT; i++) {
        const char *const field[] = {
            file, "reason", derm_reason_id((enum derm_reason)i),
            "",   "",       derm_reason_text((enum derm_reason)i),
        };

        derm_csv_write(out, field, 6);
    }
}

static void write_dictionary(FILE *out, const struct derm_layout *l, bool cohort)
{
    static const char *const header[] = { "file", "column", "value", "type", "unit", "meaning" };
    const char *const comparisons = derm_table_names[DERM_TABLE_COMPARISONS];
    const char *const metrics = derm_table_names[DERM_TABLE_METRICS];

    derm_csv_write(out, header, 6);
    for (int i = 0; i < DERM_ENTRY_FIELDS; i++)
        describe(out, comparisons, &derm_entry_fields[i]);
    describe_extras(out, l, comparisons);
    for (int i = 0; i < derm_tidy_field_count; i++)
        describe(out, metrics, &derm_entry_fields[derm_tidy_fields[i]]);
    for (int i = 0; i < DERM_METRIC_FIELDS; i++)
        describe(out, metrics, &derm_metric_fields[i]);
    describe_extras(out, l, metrics);
    describe_metrics(out, metrics);
    for (int i = 0; i < DERM_COHORT_FIELDS && cohort; i++)
        describe(out, derm_cohort_table_name, &derm_cohort_fields[i]);
}

static void write_headers(struct derm_tables *t)
{
    struct line comparisons = { .n = 0 }, metrics = { .n = 0 };

    for (int i = 0; i < DERM_ENTRY_FIELDS; i++)
        add(&comparisons, derm_entry_fields[i].column);
    for (int i = 0; i < derm_tidy_field_count; i++)
        add(&metrics, derm_entry_fields[derm_tidy_fields[i]].column);
    for (int i = 0; i < DERM_METRIC_FIELDS; i++)
        add(&metrics, derm_metric_fields[i].column);
    for (int i = 0; i < t->layout->extras; i++) {
        add(&comparisons, t->layout->extra[i]);
        add(&metrics, t->layout->extra[i]);
    }
    write_line(t->stream[DERM_TABLE_COMPARISONS].file, &comparisons);
    write_line(t->stream[DERM_TABLE_METRICS].file, &metrics);
}

/* ---- files */

derm_err derm_tables_open(struct derm_tables *t, const char *folder,
                          const struct derm_layout *layout, bool cohort, struct derm_error *err)
{
    t->layout = layout;
    t->err = err;
    for (int i = 0; i < DERM_TABLE_COUNT; i++)
        t->stream[i].file = NULL;
    for (int i = 0; i < DERM_TABLE_COUNT; i++)
        DERM_TRY(derm_stream_open(&t->stream[i], folder, derm_table_names[i], err));
    write_headers(t);
    write_dictionary(t->stream[DERM_TABLE_DICTIONARY].file, layout, cohort);
    derm_sql_postgres(t->stream[DERM_TABLE_POSTGRES].file, layout);
    return DERM_OK;
}

void derm_tables_add_line(struct derm_tables *t, const char *line, size_t n)
{
    fwrite(line, 1, n, t->stream[DERM_TABLE_NDJSON].file);
}

static void add_extras(struct line *l, const struct derm_layout *layout, const struct derm_row *row)
{
    for (int i = 0; i < layout->extras; i++)
        add(l, row->cell[layout->cell[i]]);
}

void derm_tables_add(struct derm_tables *t, const struct derm_entry *r, const struct derm_row *row)
{
    struct line line = { .n = 0 };

    for (int i = 0; i < DERM_ENTRY_FIELDS; i++)
        add(&line, r->field[i].at);
    add_extras(&line, t->layout, row);
    write_line(t->stream[DERM_TABLE_COMPARISONS].file, &line);
    for (int k = 0; k < r->rows; k++) {
        for (int i = 0; i < derm_tidy_field_count; i++)
            add(&line, r->field[derm_tidy_fields[i]].at);
        for (int i = 0; i < DERM_METRIC_FIELDS; i++)
            add(&line, r->row[k][i].at);
        add_extras(&line, t->layout, row);
        write_line(t->stream[DERM_TABLE_METRICS].file, &line);
    }
}

void derm_tables_push(struct derm_tables *t)
{
    for (int i = 0; i < DERM_TABLE_COUNT; i++)
        derm_file_push(fileno(t->stream[i].file));
}

derm_err derm_tables_finish(struct derm_tables *t)
{
    for (int i = 0; i < DERM_TABLE_COUNT; i++)
        DERM_TRY(derm_stream_finish(&t->stream[i], t->err));
    return DERM_OK;
}

void derm_tables_drop(struct derm_tables *t)
{
    for (int i = 0; i < DERM_TABLE_COUNT; i++)
        derm_stream_drop(&t->stream[i]);
}
