/* SPDX-License-Identifier: Apache-2.0 */
/* From the store of a study to its tables. Few records are in memory at a time; only the manifest
 * is held whole. */
#define _POSIX_C_SOURCE 200809L /* access, mkdir, open_memstream */
#include <dermetry/study.h>

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pool.h"
#include "study/answer.h"
#include "study/cohort.h"
#include "study/database.h"
#include "study/plan.h"
#include "study/store.h"
#include "study/tables.h"

enum { MAX_RECORD_BYTES = 64 << 20, LISTED = 50, BATCH = 16 };
enum { PUSHED = 256 }; /* records, a multiple of BATCH: 10 MB of close-ups, 50 MB of faces */
static const size_t keep_bytes = (size_t)8 << 30; /* of address space */

/* Records on their way: while one batch is read and written as text, the one before goes into the
 * database, by another thread. */
struct batch {
    struct derm_arena scratch; /* holds the text of the records */
    struct derm_entry entry[BATCH];
    const struct derm_row *row[BATCH];
    int n;
    struct derm_error err;
};

struct merge {
    struct derm_merge_request request;
    char tables_folder[PATH_MAX]; /* when none is asked for */
    struct derm_merge_counts *counts;
    struct derm_arena keep;
    struct derm_store store;
    struct derm_manifest manifest;
    const struct derm_plan_record **record; /* in the order of the manifest */
    int baselines;
    struct batch batch[2];
    int next; /* record to be read */
    int turn; /* which batch is being filled */
    struct derm_pool *pool;
    struct derm_layout layout;
    struct derm_tables tables;
    struct derm_database *database;
    FILE *answer;
    struct derm_error err;
};

/* ---- what is asked for */

static int by_followup(const void *a, const void *b)
{
    const struct derm_plan_record *const x = *(const struct derm_plan_record *const *)a;
    const struct derm_plan_record *const y = *(const struct derm_plan_record *const *)b;

    return (x->followup->line > y->followup->line) - (x->followup->line < y->followup->line);
}

static derm_err read_plan(struct merge *m)
{
    char path[PATH_MAX];
    struct derm_plan plan;

    DERM_TRY(derm_store_open(&m->store, &m->keep, m->request.store, &m->err));
    if (snprintf(path, sizeof(path), "%s/manifest.csv", m->request.store) >= (int)sizeof(path))
        return derm_fail(&m->err, DERM_EUSAGE, "the name of %s is too long", m->request.store);
    DERM_TRY(derm_manifest_read(&m->manifest, &m->keep, path, &m->err));
    if (strcmp(m->manifest.sha256, m->store.manifest) != 0)
        return derm_fail(&m->err, DERM_EMALFORMED, "%s is not the manifest that the study has",
                         path);
    DERM_TRY(derm_plan_make(&plan, &m->keep, &m->manifest));
    DERM_TRY(derm_arena_raw(&m->keep, &m->record, (size_t)plan.records, sizeof(void *)));
    for (int i = 0; i < plan.records; i++)
        m->record[i] = &plan.record[i];
    qsort(m->record, (size_t)plan.records, sizeof(void *), by_followup);
    m->counts->records = plan.records;
    m->baselines = plan.groups;
    return DERM_OK;
}

/* ---- is everything there? */

static void list_missing(struct merge *m, const struct derm_plan_record *r)
{
    const struct derm_row *const row = r->followup;

    if (++m->counts->missing <= LISTED)
        fprintf(m->answer, "missing: line %d, %s, %s, visit %s (record %s)\n", row->line,
                row->subject, row->view, row->visit, r->key);
}

static derm_err find_missing(struct merge *m)
{
    struct derm_merge_counts *const n = m->counts;
    char path[PATH_MAX];

    for (int k = 1; k <= m->store.shards; k++) {
        if (derm_store_shard_is_done(&m->store, k)) continue;
        if (++n->missing_shards <= LISTED)
            fprintf(m->answer, "missing: shard %d of %d has not finished\n", k, m->store.shards);
    }
    if (n->missing_shards > LISTED)
        fprintf(m->answer, "missing: %d more shards\n", n->missing_shards - LISTED);
    for (int i = 0; i < n->records; i++) {
        DERM_TRY(derm_store_path(&m->store, m->record[i]->key, path, &m->err));
        if (access(path, F_OK) != 0) list_missing(m, m->record[i]);
    }
    if (n->missing > LISTED) fprintf(m->answer, "missing: %d more records\n", n->missing - LISTED);
    return DERM_OK;
}

/* ---- one record */

static bool says(const struct derm_entry *r, enum derm_entry_field field, const char *text)
{
    return strcmp(r->field[field].at, text) == 0;
}

static derm_err check_record(const struct merge *m, const struct derm_entry *r,
                             const struct derm_plan_record *plan, struct derm_error *err)
{
    const int line = plan->followup->line;
    char text[16];

    snprintf(text, sizeof(text), "%d", line);
    if (!says(r, DERM_ENTRY_KEY, plan->key) || !says(r, DERM_ENTRY_LINE, text))
        return derm_fail(err, DERM_EMALFORMED,
                         "record %s is not the record of line %d of the manifest", plan->key, line);
    if (!says(r, DERM_ENTRY_VERSION, m->store.version))
        return derm_fail(err, DERM_EMALFORMED,
                         "the study is of dermetry %s, the record of line %d of %s: versions are "
                         "not mixed, run batch again",
                         m->store.version, line, r->field[DERM_ENTRY_VERSION].at);
    if (!says(r, DERM_ENTRY_CONFIGURATION, m->store.configuration))
        return derm_fail(err, DERM_EMALFORMED,
                         "the record of line %d was made with another configuration than the study "
                         "has: run batch again",
                         line);
    return DERM_OK;
}

static derm_err add_record(struct merge *m, struct batch *b, const struct derm_plan_record *plan)
{
    struct derm_entry *const entry = &b->entry[b->n];
    char path[PATH_MAX], *text;
    size_t size;

    DERM_TRY(derm_store_path(&m->store, plan->key, path, &b->err));
    if (m->counts->missing > 0 && access(path, F_OK) != 0) return DERM_OK;
    DERM_TRY(derm_file_read(&b->scratch, path, MAX_RECORD_BYTES, &text, &size, &b->err));
    derm_tables_add_line(&m->tables, text, size);
    DERM_TRY(derm_entry_read(entry, text, size, path, &b->err));
    DERM_TRY(check_record(m, entry, plan, &b->err));
    m->counts->failed += says(entry, DERM_ENTRY_STATUS, "failed");
    derm_tables_add(&m->tables, entry, plan->followup);
    b->row[b->n++] = plan->followup;
    return DERM_OK;
}

static void fill(struct merge *m, struct batch *b)
{
    b->n = 0;
    derm_arena_reset(&b->scratch, 0);
    while (b->n < BATCH && m->next < m->counts->records)
        if (add_record(m, b, m->record[m->next++]) != DERM_OK) return;
    if (m->next % PUSHED == 0) derm_tables_push(&m->tables);
}

/* Errors are in m->err. */
static void empty(struct merge *m, const struct batch *b)
{
    for (int i = 0; i < b->n; i++)
        if (derm_database_add(m->database, &b->entry[i], b->row[i]) != DERM_OK) return;
}

static void work(void *merge, int task)
{
    struct merge *const m = merge;

    if (task == 0)
        fill(m, &m->batch[m->turn]);
    else
        empty(m, &m->batch[1 - m->turn]);
}

static derm_err add_all(struct merge *m)
{
    const int n = m->counts->records;

    do {
        const struct batch *const filled = &m->batch[m->turn];

        if (m->request.progress && m->request.progress(m->request.user, m->next, n))
            return derm_fail(&m->err, DERM_EINTERRUPTED, "the merge was stopped");
        derm_pool_run(m->pool, 2, work, m);
        if (m->err.code != DERM_OK) return m->err.code;
        if (filled->err.code != DERM_OK)
            return derm_fail(&m->err, filled->err.code, "%s", filled->err.text);
        m->turn = 1 - m->turn;
    } while (m->batch[1 - m->turn].n > 0);
    return DERM_OK;
}

static derm_err open_batches(struct merge *m)
{
    for (int i = 0; i < 2; i++) {
        struct batch *const b = &m->batch[i];

        DERM_TRY(derm_arena_init(&b->scratch, (size_t)BATCH * 2 * MAX_RECORD_BYTES, &b->err));
        for (int k = 0; k < BATCH; k++)
            DERM_TRY(derm_entry_new(&b->entry[k], &m->keep));
    }
    return derm_pool_new(&m->pool, 2, &m->err);
}

/* ---- tables */

static derm_err write_tables(struct merge *m)
{
    const char *const out = m->request.out;
    const struct derm_cohort cohort = {
        .folder = out,
        .version = m->store.version,
        .configuration = m->store.configuration,
        .manifest = &m->manifest,
        .record = m->record,
        .records = m->counts->records,
        .keep = &m->keep,
        .err = &m->err,
    };

    if (mkdir(out, 0777) != 0 && errno != EEXIST)
        return derm_fail(&m->err, DERM_ECREATE, "cannot create the folder %s: %s", out,
                         strerror(errno));
    DERM_TRY(derm_layout_new(&m->layout, &m->manifest, &m->keep));
    DERM_TRY(open_batches(m));
    DERM_TRY(derm_tables_open(&m->tables, out, &m->layout, m->request.cohort != 0, &m->err));
    DERM_TRY(derm_database_open(&m->database, &m->keep, out, &m->layout, &m->err));
    DERM_TRY(add_all(m));
    DERM_TRY(derm_database_index(m->database));
    if (m->request.cohort) DERM_TRY(derm_cohort_write(&cohort, m->database));
    DERM_TRY(derm_tables_finish(&m->tables));
    return derm_database_finish(m->database);
}

/* Rows of the manifest that no record is about: a subject's only visit, further shots of one. */
static derm_err list_unused(struct merge *m)
{
    const struct derm_row *const row = m->manifest.row;
    bool *used;
    int listed = 0;

    DERM_TRY(derm_arena_new(&m->keep, &used, (size_t)m->manifest.rows, sizeof(*used)));
    for (int i = 0; i < m->counts->records; i++)
        used[m->record[i]->baseline - row] = used[m->record[i]->followup - row] = true;
    for (int i = 0; i < m->manifest.rows; i++)
        if (!used[i] && ++listed <= LISTED)
            fprintf(m->answer, "not compared: line %d, %s, %s, visit %s\n", row[i].line,
                    row[i].subject, row[i].view, row[i].visit);
    if (listed > LISTED) fprintf(m->answer, "not compared: %d more rows\n", listed - LISTED);
    return DERM_OK;
}

static void list_written(struct merge *m)
{
    const struct derm_merge_counts *const n = m->counts;
    const char *const out = m->request.out;

    fprintf(m->answer, "%d rows in the manifest: %d baselines, %d later visits, %d other photos\n",
            m->manifest.rows, m->baselines, n->records,
            m->manifest.rows - m->baselines - n->records);
    fprintf(m->answer, "%d records: %d done, %d failed, %d missing\n", n->records,
            n->records - n->failed - n->missing, n->failed, n->missing);
    for (int i = 0; i < DERM_TABLE_COUNT; i++)
        fprintf(m->answer, "%s/%s\n", out, derm_table_names[i]);
    fprintf(m->answer, "%s/%s\n", out, derm_database_name);
    if (m->request.cohort) fprintf(m->answer, "%s/cohort.csv\n%s/cohort.json\n", out, out);
}

/* ---- the whole */

static derm_err take_request(struct merge *m, const struct derm_merge_request *given)
{
    const size_t known = sizeof(m->request);

    if (given->size < sizeof(given->size))
        return derm_fail(&m->err, DERM_EUSAGE, "set the size of struct derm_merge_request");
    memcpy(&m->request, given, given->size < known ? given->size : known);
    if (!m->request.store) return derm_fail(&m->err, DERM_EUSAGE, "a merge needs a store");
    if (m->request.out) return DERM_OK;
    if (snprintf(m->tables_folder, sizeof(m->tables_folder), "%s/tables", m->request.store) >=
        (int)sizeof(m->tables_folder))
        return derm_fail(&m->err, DERM_EUSAGE, "the name of %s is too long", m->request.store);
    m->request.out = m->tables_folder;
    return DERM_OK;
}

static derm_err run_merge(struct merge *m, const struct derm_merge_request *given)
{
    DERM_TRY(take_request(m, given));
    DERM_TRY(derm_arena_init(&m->keep, keep_bytes, &m->err));
    DERM_TRY(read_plan(m));
    DERM_TRY(find_missing(m));
    if ((m->counts->missing || m->counts->missing_shards) && !m->request.partial) {
        fputs("nothing was written: run batch again, or ask for a partial merge\n", m->answer);
        return DERM_OK;
    }
    DERM_TRY(write_tables(m));
    m->counts->written = 1;
    list_written(m);
    return list_unused(m);
}

derm_err derm_merge(const struct derm_merge_request *request, struct derm_merge_counts *counts,
                    char **answer)
{
    struct merge m = { .counts = counts };
    char *text = NULL;
    size_t size;
    derm_err done;

    *answer = NULL;
    *counts = (struct derm_merge_counts){ 0 };
    m.answer = open_memstream(&text, &size);
    if (!m.answer) return DERM_ENOMEM;
    run_merge(&m, request);
    derm_tables_drop(&m.tables);
    derm_database_drop(m.database);
    if (m.pool) derm_pool_free(m.pool);
    for (int i = 0; i < 2; i++)
        derm_arena_free(&m.batch[i].scratch);
    derm_arena_free(&m.keep);
    done = fclose(m.answer) == 0 ? derm_answer(answer, text, &m.err) : DERM_ENOMEM;
    free(text);
    return done;
}
