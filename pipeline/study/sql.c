/* SPDX-License-Identifier: Apache-2.0 */
#include "study/sql.h"

#include "base/metrics.h"

void derm_sql_name(FILE *out, const char *name)
{
    putc('"', out);
    for (; *name; name++) {
        if (*name == '"') putc('"', out);
        putc(*name, out);
    }
    putc('"', out);
}

static void write_text(FILE *out, const char *text)
{
    putc('\'', out);
    for (; *text; text++) {
        if (*text == '\'') putc('\'', out);
        putc(*text, out);
    }
    putc('\'', out);
}

static void write_column(FILE *out, const struct derm_field *f, const char *const type[3])
{
    fputs(",\n  ", out);
    derm_sql_name(out, f->column);
    fprintf(out, " %s", type[f->type]);
}

static void write_extras(FILE *out, const struct derm_layout *l, const char *type)
{
    for (int i = 0; i < l->extras; i++) {
        fputs(",\n  ", out);
        derm_sql_name(out, l->extra[i]);
        fprintf(out, " %s", type);
    }
}

static const char *const sqlite_type[] = { "TEXT", "INTEGER", "REAL" };
static const char *const postgres_type[] = { "text", "integer", "double precision" };

/* ---- SQLite */

bool derm_sql_in_result(enum derm_metric_field field)
{
    return field != DERM_CELL_METRIC && field != DERM_CELL_CONCERN && field != DERM_CELL_REGION &&
           field != DERM_CELL_CLASS && field != DERM_CELL_BETTER;
}

bool derm_sql_is_word(enum derm_metric_field field)
{
    return derm_sql_in_result(field) && derm_metric_fields[field].type == DERM_FIELD_TEXT;
}

static void fill_names(FILE *out)
{
    for (int i = 0; i < DERM_METRIC_COUNT; i++) {
        const struct derm_metric_def *const m = &derm_metrics[i];

        fprintf(out, "INSERT INTO metric VALUES (%d, '%s', '%s', '%s', '%s', '%s', %d, ", i, m->id,
                derm_concern_id(m->concern), derm_class_id(m->klass), m->unit,
                derm_better_id(m->better), m->is_main);
        write_text(out, m->help);
        fputs(");\n", out);
    }
    for (int i = 0; i < DERM_REGION_COUNT; i++)
        fprintf(out, "INSERT INTO region VALUES (%d, '%s');\n", i,
                derm_region_id((enum derm_region)i));
}

/* time is in seconds since 1970, UTC: Grafana's SQLite source takes a number for that. */
void derm_sql_tables(FILE *out, const struct derm_layout *l)
{
    fputs(
        "CREATE TABLE metric (id INTEGER PRIMARY KEY, metric TEXT NOT NULL UNIQUE,\n"
        "  concern TEXT NOT NULL, class TEXT NOT NULL, unit TEXT NOT NULL, better TEXT NOT NULL,\n"
        "  is_main INTEGER NOT NULL, help TEXT NOT NULL) STRICT;\n"
        "CREATE TABLE region (id INTEGER PRIMARY KEY, region TEXT NOT NULL UNIQUE) STRICT;\n"
        "CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE) STRICT;\n",
        out);
    fill_names(out);
    fputs("CREATE TABLE comparison (\n  \"row\" INTEGER PRIMARY KEY", out);
    for (int i = 1; i < DERM_ENTRY_FIELDS; i++)
        write_column(out, &derm_entry_fields[i], sqlite_type);
    write_extras(out, l, sqlite_type[DERM_FIELD_TEXT]);
    fputs(",\n  time INTEGER AS (CAST(strftime('%s', session_datetime) AS INTEGER))) STRICT;\n"
          "CREATE TABLE result (\n  \"row\" INTEGER NOT NULL REFERENCES comparison,\n"
          "  metric_id INTEGER NOT NULL REFERENCES metric,\n"
          "  region_id INTEGER NOT NULL REFERENCES region",
          out);
    for (int i = 0; i < DERM_METRIC_FIELDS; i++)
        if (derm_sql_is_word((enum derm_metric_field)i))
            fprintf(out, ",\n  %s_id INTEGER REFERENCES word", derm_metric_fields[i].column);
        else if (derm_sql_in_result((enum derm_metric_field)i))
            write_column(out, &derm_metric_fields[i], sqlite_type);
    fputs(",\n  PRIMARY KEY (\"row\", metric_id, region_id)) STRICT, WITHOUT ROWID;\n"
          "CREATE TABLE verdict_tally (view TEXT NOT NULL, visit TEXT NOT NULL,\n"
          "  metric_id INTEGER NOT NULL REFERENCES metric,\n"
          "  region_id INTEGER NOT NULL REFERENCES region,\n"
          "  verdict_id INTEGER REFERENCES word, n INTEGER NOT NULL) STRICT;\n",
          out);
}

/* ---- both */

static void write_shared_views(FILE *out)
{
    const char *separator = "";

    fputs("CREATE VIEW headline AS SELECT * FROM measurement\n"
          "  WHERE region IN ('face', 'roi') AND metric IN (",
          out);
    for (int i = 0; i < DERM_METRIC_COUNT; i++) {
        if (!derm_metrics[i].is_main) continue;
        fprintf(out, "%s'%s'", separator, derm_metrics[i].id);
        separator = ", ";
    }
    fputs(");\n"
          "CREATE VIEW failure AS SELECT \"row\", subject, view, visit, path, error, error_text\n"
          "  FROM comparison WHERE record_status = 'failed';\n",
          out);
}

static void write_measurement(FILE *out)
{
    fputs("CREATE VIEW measurement AS SELECT c.*, m.metric, m.concern, n.region, m.class, m.better",
          out);
    for (int i = 0; i < DERM_METRIC_FIELDS; i++) {
        const char *const column = derm_metric_fields[i].column;

        if (derm_sql_is_word((enum derm_metric_field)i))
            fprintf(out, ", %s.word AS %s", column, column);
        else if (derm_sql_in_result((enum derm_metric_field)i))
            fprintf(out, ", r.%s", column);
    }
    fputs(
        "\n  FROM result r JOIN comparison c USING (\"row\") JOIN metric m ON m.id = r.metric_id\n"
        "  JOIN region n ON n.id = r.region_id",
        out);
    for (int i = 0; i < DERM_METRIC_FIELDS; i++) {
        const char *const column = derm_metric_fields[i].column;

        if (derm_sql_is_word((enum derm_metric_field)i))
            fprintf(out, "\n  LEFT JOIN word %s ON %s.id = r.%s_id", column, column, column);
    }
    fputs(";\n", out);
}

void derm_sql_views(FILE *out)
{
    fputs("CREATE INDEX result_by_metric ON result (metric_id, region_id, \"row\");\n"
          "CREATE INDEX comparison_by_subject ON comparison (subject, view, session_datetime);\n"
          "CREATE UNIQUE INDEX comparison_by_key ON comparison (\"key\");\n",
          out);
    write_measurement(out);
    write_shared_views(out);
    fputs("CREATE VIEW verdict_count AS SELECT t.view, t.visit, m.metric, g.region,\n"
          "  w.word AS verdict, cast(sum(t.n) AS INTEGER) AS n FROM verdict_tally t\n"
          "  JOIN metric m ON m.id = t.metric_id JOIN region g ON g.id = t.region_id\n"
          "  LEFT JOIN word w ON w.id = t.verdict_id\n"
          "  GROUP BY t.view, t.visit, t.metric_id, t.region_id, t.verdict_id;\n",
          out);
}

/* ---- PostgreSQL */

void derm_sql_postgres(FILE *out, const struct derm_layout *l)
{
    fputs(
        "-- Loads the tables of a study: psql -d DATABASE -f postgres.sql, in this folder.\n"
        "-- In the place of those that were loaded before, and of what depends on them:\n"
        "-- psql -d DATABASE -v replace=1 -f postgres.sql. Readers see the old tables or the new.\n"
        "\\set ON_ERROR_STOP on\nBEGIN;\n"
        "\\if :{?replace}\nDROP TABLE IF EXISTS comparison, metrics CASCADE;\n\\endif\n"
        "CREATE TABLE comparison (\n  \"row\" integer PRIMARY KEY",
        out);
    for (int i = 1; i < DERM_ENTRY_FIELDS; i++)
        write_column(out, &derm_entry_fields[i], postgres_type);
    write_extras(out, l, postgres_type[DERM_FIELD_TEXT]);
    fputs(");\nCREATE TABLE metrics (\n  \"row\" integer NOT NULL REFERENCES comparison", out);
    for (int i = 1; i < derm_tidy_field_count; i++)
        write_column(out, &derm_entry_fields[derm_tidy_fields[i]], postgres_type);
    for (int i = 0; i < DERM_METRIC_FIELDS; i++)
        write_column(out, &derm_metric_fields[i], postgres_type);
    write_extras(out, l, postgres_type[DERM_FIELD_TEXT]);
    fputs(",\n  PRIMARY KEY (\"row\", metric, region));\n"
          "\\copy comparison FROM 'comparisons.csv' WITH (FORMAT csv, HEADER true)\n"
          "\\copy metrics FROM 'metrics.csv' WITH (FORMAT csv, HEADER true)\n"
          "CREATE INDEX metrics_by_metric ON metrics (metric, region, subject);\n"
          "CREATE INDEX comparison_by_subject ON comparison (subject, view, session_datetime);\n"
          "-- A time without an offset is taken for UTC, as in the SQLite file.\n"
          "CREATE VIEW measurement AS SELECT *, extract(epoch FROM (session_datetime ||\n"
          "  CASE WHEN session_datetime ~ 'T.*(Z|[+-][0-9][0-9]:?[0-9][0-9])$' THEN ''\n"
          "  ELSE ' UTC' END)::timestamptz)::bigint AS time FROM metrics;\n",
          out);
    write_shared_views(out);
    fputs("CREATE MATERIALIZED VIEW verdict_count AS SELECT view, visit, metric, region, verdict,\n"
          "  count(*) AS n FROM metrics WHERE status = 'measured'\n"
          "  GROUP BY view, visit, metric, region, verdict;\nCOMMIT;\n",
          out);
}
