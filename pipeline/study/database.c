/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is kept safe while the file has its temporary name: no journal, no synchronisation. At
 * the end it is set to WAL, for readers that look while a later program writes, and synchronised.
 */
#define _POSIX_C_SOURCE 200809L /* open_memstream, unlink */
#include "study/database.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/file.h"
#include "base/metrics.h"
#include "study/sql.h"

const char derm_database_name[] = "study.sqlite";

enum {
    MAX_WORDS = 256, /* units, reasons, verdicts ...: a version says some thirty */
    MAX_VERDICTS = 8,
    TALLIES = 64,
    NO_WORD = -1
};

/* How often each verdict was found at the visits of one name, counted while the records pass: to
 * count millions of rows afterwards takes as long as half a merge. */
struct tally {
    const char *view, *visit; /* of the manifest; NULL: of none yet */
    int n[DERM_METRIC_COUNT][DERM_REGION_COUNT][MAX_VERDICTS];
};

struct derm_database {
    sqlite3 *db;
    sqlite3_stmt *comparison, *result, *word, *count;
    const struct derm_layout *layout;
    struct derm_arena *keep;
    struct derm_error *err;
    struct derm_span said[MAX_WORDS]; /* the words that are in the table, by their numbers */
    int words;
    struct tally *tally;       /* TALLIES */
    int verdict[MAX_VERDICTS]; /* the numbers of words that were verdicts */
    int verdicts;
    int region_hint, metric_hint; /* rows come in the order of the lists */
    char path[DERM_PATH_SIZE], part[DERM_PATH_SIZE];
};

static derm_err failed(struct derm_database *d)
{
    return derm_fail(d->err, DERM_EIO, "cannot write %s: %s", d->path, sqlite3_errmsg(d->db));
}

static derm_err execute(struct derm_database *d, const char *sql)
{
    return sqlite3_exec(d->db, sql, NULL, NULL, NULL) == SQLITE_OK ? DERM_OK : failed(d);
}

/* ---- create */

/* What write puts on the stream, executed. */
static derm_err execute_written(struct derm_database *d,
                                void (*write)(FILE *out, const struct derm_layout *l))
{
    char *sql = NULL;
    size_t size;
    FILE *const out = open_memstream(&sql, &size);
    derm_err done;

    if (!out) return derm_fail(d->err, DERM_ENOMEM, "not enough memory for SQL");
    write(out, d->layout);
    done = fclose(out) == 0 ? execute(d, sql)
                            : derm_fail(d->err, DERM_ENOMEM, "not enough memory for SQL");
    free(sql);
    return done;
}

static void write_views(FILE *out, const struct derm_layout *l)
{
    (void)l;
    derm_sql_views(out);
}

static derm_err prepare_insert(struct derm_database *d, sqlite3_stmt **out, const char *table,
                               int columns)
{
    char sql[2 * (DERM_ENTRY_FIELDS + DERM_MAX_COLUMNS) + 64];
    int n = snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES (?", table);

    for (int i = 1; i < columns; i++)
        n += snprintf(sql + n, sizeof(sql) - (size_t)n, ",?");
    snprintf(sql + n, sizeof(sql) - (size_t)n, ")");
    return sqlite3_prepare_v2(d->db, sql, -1, out, NULL) == SQLITE_OK ? DERM_OK : failed(d);
}

static derm_err create(struct derm_database *d)
{
    int columns = 3;

    /* One thread at a time uses it: no mutex. */
    if (sqlite3_open_v2(d->part, &d->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return derm_fail(d->err, DERM_ECREATE, "cannot create %s: %s", d->path,
                         sqlite3_errmsg(d->db));
    DERM_TRY(
        execute(d, "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                   "PRAGMA cache_size = -32768; PRAGMA threads = 2; BEGIN;"));
    DERM_TRY(execute_written(d, derm_sql_tables));
    for (int i = 0; i < DERM_METRIC_FIELDS; i++)
        columns += derm_sql_in_result((enum derm_metric_field)i);
    DERM_TRY(prepare_insert(d, &d->word, "word", 2));
    DERM_TRY(prepare_insert(d, &d->count, "verdict_tally", 6));
    DERM_TRY(prepare_insert(d, &d->result, "result", columns));
    return prepare_insert(d, &d->comparison, "comparison", DERM_ENTRY_FIELDS + d->layout->extras);
}

derm_err derm_database_open(struct derm_database **out, struct derm_arena *keep, const char *folder,
                            const struct derm_layout *layout, struct derm_error *err)
{
    struct derm_database *d;

    *out = NULL;
    DERM_TRY(derm_arena_new(keep, &d, 1, sizeof(*d)));
    d->layout = layout;
    d->keep = keep;
    d->err = err;
    DERM_TRY(derm_arena_new(keep, &d->tally, TALLIES, sizeof(*d->tally)));
    if (snprintf(d->path, sizeof(d->path), "%s/%s", folder, derm_database_name) >=
        (int)sizeof(d->path))
        return derm_fail(err, DERM_ECREATE, "the name of %s is too long", folder);
    derm_file_sweep(d->path);
    DERM_TRY(derm_file_part(d->part, d->path, err));
    *out = d;
    return create(d);
}

/* ---- fill */

/* An empty text is NULL; a column of numbers takes a number's text for the number. */
static void bind(sqlite3_stmt *statement, int at, const char *text, size_t n)
{
    if (n > 0)
        sqlite3_bind_text(statement, at, text, (int)n, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, at);
}

/* number: of a word, NO_WORD for none. */
static void bind_number(sqlite3_stmt *statement, int at, int number)
{
    if (number != NO_WORD)
        sqlite3_bind_int(statement, at, number);
    else
        sqlite3_bind_null(statement, at);
}

static derm_err insert(struct derm_database *d, sqlite3_stmt *statement)
{
    const bool done = sqlite3_step(statement) == SQLITE_DONE;

    return sqlite3_reset(statement) == SQLITE_OK && done ? DERM_OK : failed(d);
}

/* The number of a word, which gets one when it is new. */
static derm_err number_word(struct derm_database *d, struct derm_span word, int *number)
{
    char *copy;

    *number = NO_WORD;
    if (word.n == 0) return DERM_OK;
    for (*number = 0; *number < d->words; ++*number)
        if (d->said[*number].n == word.n && memcmp(d->said[*number].at, word.at, word.n) == 0)
            return DERM_OK;
    if (d->words == MAX_WORDS)
        return derm_fail(d->err, DERM_EMALFORMED,
                         "the records say more than %d units, reasons and verdicts: %s", MAX_WORDS,
                         word.at);
    DERM_TRY(derm_arena_new(d->keep, &copy, word.n, 1)); /* there may be a NUL among them */
    memcpy(copy, word.at, word.n);
    d->said[d->words] = (struct derm_span){ .at = copy, .n = word.n };
    sqlite3_bind_int(d->word, 1, d->words++);
    bind(d->word, 2, copy, word.n);
    return insert(d, d->word);
}

/* ---- counts of verdicts */

static derm_err write_tally(struct derm_database *d, struct tally *t)
{
    if (!t->view) return DERM_OK;
    bind(d->count, 1, t->view, strlen(t->view));
    bind(d->count, 2, t->visit, strlen(t->visit));
    for (int m = 0; m < DERM_METRIC_COUNT; m++)
        for (int r = 0; r < DERM_REGION_COUNT; r++)
            for (int v = 0; v < d->verdicts; v++) {
                if (t->n[m][r][v] == 0) continue;
                sqlite3_bind_int(d->count, 3, m);
                sqlite3_bind_int(d->count, 4, r);
                bind_number(d->count, 5, d->verdict[v]);
                sqlite3_bind_int(d->count, 6, t->n[m][r][v]);
                DERM_TRY(insert(d, d->count));
            }
    *t = (struct tally){ 0 };
    return DERM_OK;
}

/* However many names there are, few are counted at a time: two of one place take turns, and the
 * view verdict_count adds up what both have left. */
static derm_err take_tally(struct derm_database *d, const struct derm_row *row, struct tally **out)
{
    unsigned place = 5381;

    for (const char *c = row->view; *c; c++)
        place = 33 * place + (unsigned char)*c;
    for (const char *c = row->visit; *c; c++)
        place = 33 * place + (unsigned char)*c;
    *out = &d->tally[place % TALLIES];
    if ((*out)->view && strcmp((*out)->view, row->view) == 0 &&
        strcmp((*out)->visit, row->visit) == 0)
        return DERM_OK;
    DERM_TRY(write_tally(d, *out));
    (*out)->view = row->view;
    (*out)->visit = row->visit;
    return DERM_OK;
}

/* word: the number of the verdict. */
static derm_err count_verdict(struct derm_database *d, int count[MAX_VERDICTS], int word)
{
    int v = 0;

    while (v < d->verdicts && d->verdict[v] != word)
        v++;
    if (v == MAX_VERDICTS)
        return derm_fail(d->err, DERM_EMALFORMED, "the records say more than %d verdicts",
                         MAX_VERDICTS);
    if (v == d->verdicts) d->verdict[d->verdicts++] = word;
    count[v]++;
    return DERM_OK;
}

/* ---- records */

/* The row is bound already. */
static derm_err add_result(struct derm_database *d, const struct derm_entry *r,
                           const struct derm_span *cell, struct tally *tally)
{
    const char *const metric_id = cell[DERM_CELL_METRIC].at, *const region_id =
                                                                 cell[DERM_CELL_REGION].at;
    const int metric = derm_metric_named(metric_id, d->metric_hint);
    const int region = derm_region_named(region_id, d->region_hint);
    int at = 4, word[DERM_METRIC_FIELDS];

    if (metric < 0 || region < 0)
        return derm_fail(
            d->err, DERM_EMALFORMED,
            "the record of line %s measures %s on %s, which this version does not know",
            r->field[DERM_ENTRY_LINE].at, metric_id, region_id);
    d->metric_hint = metric;
    d->region_hint = region + 1;
    sqlite3_bind_int(d->result, 2, metric);
    sqlite3_bind_int(d->result, 3, region);
    for (int i = 0; i < DERM_METRIC_FIELDS; i++)
        if (derm_sql_is_word((enum derm_metric_field)i)) {
            DERM_TRY(number_word(d, cell[i], &word[i]));
            bind_number(d->result, at++, word[i]);
        } else if (derm_sql_in_result((enum derm_metric_field)i))
            bind(d->result, at++, cell[i].at, cell[i].n);
    if (strcmp(cell[DERM_CELL_STATUS].at, "measured") == 0)
        DERM_TRY(count_verdict(d, tally->n[metric][region], word[DERM_CELL_VERDICT]));
    return insert(d, d->result);
}

derm_err derm_database_add(struct derm_database *d, const struct derm_entry *r,
                           const struct derm_row *row)
{
    struct tally *tally;

    for (int i = 0; i < DERM_ENTRY_FIELDS; i++)
        bind(d->comparison, i + 1, r->field[i].at, r->field[i].n);
    for (int i = 0; i < d->layout->extras; i++) {
        const char *const cell = row->cell[d->layout->cell[i]];

        bind(d->comparison, DERM_ENTRY_FIELDS + i + 1, cell, strlen(cell));
    }
    DERM_TRY(insert(d, d->comparison));
    sqlite3_bind_int(d->result, 1, row->line);
    DERM_TRY(take_tally(d, row, &tally));
    for (int i = 0; i < r->rows; i++)
        DERM_TRY(add_result(d, r, r->row[i], tally));
    return DERM_OK;
}

/* ---- read */

derm_err derm_database_each(struct derm_database *d, enum derm_metric_id metric,
                            enum derm_region region,
                            derm_err (*visit)(void *user, const struct derm_change *change),
                            void *user)
{
    static const char sql[] =
        "SELECT \"row\", unit.word, change, change_percent, mdc95_percent"
        " FROM result JOIN word unit ON unit.id = unit_id WHERE metric_id = ? AND region_id = ?"
        " AND status_id = (SELECT id FROM word WHERE word = 'measured')"
        " AND verdict_id <> coalesce((SELECT id FROM word WHERE word = 'not_comparable'), -1)"
        " ORDER BY \"row\"";
    derm_err done = DERM_OK;
    sqlite3_stmt *s;
    int step;

    if (sqlite3_prepare_v2(d->db, sql, -1, &s, NULL) != SQLITE_OK) return failed(d);
    sqlite3_bind_int(s, 1, metric);
    sqlite3_bind_int(s, 2, region);
    while ((step = sqlite3_step(s)) == SQLITE_ROW && done == DERM_OK) {
        const struct derm_change change = {
            .line = sqlite3_column_int(s, 0),
            .unit = (const char *)sqlite3_column_text(s, 1),
            .change = sqlite3_column_double(s, 2),
            .percent = sqlite3_column_double(s, 3),
            .mdc95_percent = sqlite3_column_double(s, 4),
            .has_percent = sqlite3_column_type(s, 3) != SQLITE_NULL,
        };

        done = visit(user, &change);
    }
    if (done == DERM_OK && step != SQLITE_DONE) done = failed(d);
    sqlite3_finalize(s);
    return done;
}

/* ---- finish */

static bool close_all(struct derm_database *d)
{
    bool closed;

    sqlite3_finalize(d->comparison);
    sqlite3_finalize(d->result);
    sqlite3_finalize(d->word);
    sqlite3_finalize(d->count);
    closed = sqlite3_close(d->db) == SQLITE_OK;
    d->db = NULL;
    return closed;
}

derm_err derm_database_index(struct derm_database *d)
{
    for (int i = 0; i < TALLIES; i++)
        DERM_TRY(write_tally(d, &d->tally[i]));
    DERM_TRY(execute(d, "COMMIT; BEGIN;"));
    DERM_TRY(execute_written(d, write_views));
    return execute(d, "COMMIT;");
}

derm_err derm_database_finish(struct derm_database *d)
{
    DERM_TRY(execute(d, "PRAGMA journal_mode = WAL;"));
    if (close_all(d)) return derm_file_finish(d->part, d->path, d->err);
    return derm_fail(d->err, DERM_EIO, "cannot close %s", d->path);
}

void derm_database_drop(struct derm_database *d)
{
    if (!d || !d->db) return;
    close_all(d);
    unlink(d->part);
}
