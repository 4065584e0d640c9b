/* SPDX-License-Identifier: Apache-2.0 */
/* How far a study is, judged by the records that are there and by nothing else. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include <dermetry/study.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/json.h"
#include "study/answer.h"
#include "study/record.h"

static const size_t keep_bytes = (size_t)2 << 30; /* address space */

enum { SHOWN = 100 }; /* rows of a list for people */

struct failure {
    int row; /* line of the manifest */
    const char *key, *code, *text;
};

struct survey {
    struct derm_store store;
    struct derm_manifest manifest;
    struct derm_plan plan;
    struct failure *failure;
    int *missing; /* lines of the manifest */
    int failures, missings;
};

/* ---- look */

static derm_err look_at(struct survey *s, struct derm_arena *keep,
                        const struct derm_plan_record *record, struct derm_error *err)
{
    struct derm_record_head head;
    struct failure *f;

    DERM_TRY(derm_record_read(&head, keep, &s->store, record, err));
    if (head.state == DERM_RECORD_MISSING) s->missing[s->missings++] = record->followup->line;
    if (head.state != DERM_RECORD_FAILED) return DERM_OK;
    f = &s->failure[s->failures++];
    f->row = record->followup->line;
    f->key = record->key;
    DERM_TRY(derm_arena_text(keep, &f->code, head.code));
    return derm_arena_text(keep, &f->text, head.text);
}

static int by_row(const void *a, const void *b)
{
    return ((const struct failure *)a)->row - ((const struct failure *)b)->row;
}

static int by_line(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static derm_err survey(struct survey *s, struct derm_arena *keep, const char *folder,
                       struct derm_error *err)
{
    size_t n;

    DERM_TRY(derm_store_open(&s->store, keep, folder, err));
    DERM_TRY(derm_store_manifest(&s->store, &s->manifest, keep, err));
    DERM_TRY(derm_plan_make(&s->plan, keep, &s->manifest));
    n = (size_t)s->plan.records;
    DERM_TRY(derm_arena_raw(keep, &s->failure, n, sizeof(*s->failure)));
    DERM_TRY(derm_arena_raw(keep, &s->missing, n, sizeof(*s->missing)));
    for (int i = 0; i < s->plan.records; i++)
        DERM_TRY(look_at(s, keep, &s->plan.record[i], err));
    qsort(s->failure, (size_t)s->failures, sizeof(*s->failure), by_row);
    qsort(s->missing, (size_t)s->missings, sizeof(*s->missing), by_line);
    return DERM_OK;
}

static int done(const struct survey *s)
{
    return s->plan.records - s->failures - s->missings;
}

/* ---- for programs */

static derm_err write_json(const struct survey *s, struct derm_arena *keep, const char **text,
                           struct derm_error *err)
{
    struct derm_emit e;
    struct cJSON *list;

    DERM_TRY(derm_emit_begin(&e, err));
    derm_emit_int(&e, e.root, "records", s->plan.records);
    derm_emit_int(&e, e.root, "done", done(s));
    derm_emit_int(&e, e.root, "failed", s->failures);
    derm_emit_int(&e, e.root, "missing", s->missings);
    derm_emit_int(&e, e.root, "shards", s->store.shards);
    list = derm_emit_array(&e, e.root, "missing_shards");
    for (int k = 1; k <= s->store.shards; k++)
        if (!derm_store_shard_is_done(&s->store, k)) derm_emit_int(&e, list, NULL, k);
    list = derm_emit_array(&e, e.root, "missing_rows");
    for (int i = 0; i < s->missings; i++)
        derm_emit_int(&e, list, NULL, s->missing[i]);
    list = derm_emit_array(&e, e.root, "failures");
    for (int i = 0; i < s->failures; i++) {
        const struct failure *const f = &s->failure[i];
        struct cJSON *const o = derm_emit_object(&e, list, NULL);

        derm_emit_int(&e, o, "row", f->row);
        derm_emit_text(&e, o, "key", f->key);
        derm_emit_text(&e, o, "code", f->code);
        derm_emit_text(&e, o, "text", f->text);
    }
    return derm_emit_end(&e, keep, text);
}

/* ---- for people */

static void print_missing(FILE *out, const struct survey *s)
{
    if (s->missings == 0) return;
    fprintf(out, "missing, by line of the manifest:");
    for (int i = 0; i < s->missings && i < SHOWN; i++)
        fprintf(out, " %d", s->missing[i]);
    fprintf(out, s->missings > SHOWN ? " and more\n" : "\n");
}

static void print_failures(FILE *out, const struct survey *s)
{
    if (s->failures > 0) fprintf(out, "failed:\n");
    for (int i = 0; i < s->failures && i < SHOWN; i++)
        fprintf(out, "  line %d: %s: %s\n", s->failure[i].row, s->failure[i].code,
                s->failure[i].text);
    if (s->failures > SHOWN) fprintf(out, "  and %d more\n", s->failures - SHOWN);
}

static void print_shards(FILE *out, const struct survey *s)
{
    int finished = 0;

    for (int k = 1; k <= s->store.shards; k++)
        finished += derm_store_shard_is_done(&s->store, k);
    fprintf(out, "shards   %d of %d finished", finished, s->store.shards);
    for (int k = 1; k <= s->store.shards && finished < s->store.shards; k++)
        if (!derm_store_shard_is_done(&s->store, k)) fprintf(out, ", %d is not", k);
    fputc('\n', out);
}

static derm_err write_text(const struct survey *s, struct derm_arena *keep, const char **text,
                           struct derm_error *err)
{
    char *printed = NULL;
    size_t size;
    FILE *const out = open_memstream(&printed, &size);
    derm_err code;

    if (!out) return derm_fail(err, DERM_ENOMEM, "not enough memory for the status");
    fprintf(out, "records  %d\ndone     %d\nfailed   %d\nmissing  %d\n", s->plan.records, done(s),
            s->failures, s->missings);
    print_shards(out, s);
    print_failures(out, s);
    print_missing(out, s);
    if (fclose(out) != 0)
        code = derm_fail(err, DERM_ENOMEM, "not enough memory for the status");
    else
        code = derm_arena_text(keep, text, printed);
    free(printed);
    return code;
}

static derm_err describe(struct survey *s, struct derm_arena *keep, const char *folder, bool json,
                         const char **text, struct derm_error *err)
{
    DERM_TRY(derm_arena_init(keep, keep_bytes, err));
    DERM_TRY(survey(s, keep, folder, err));
    return json ? write_json(s, keep, text, err) : write_text(s, keep, text, err);
}

derm_err derm_status(const char *folder, int json, struct derm_study_counts *counts, char **answer)
{
    struct derm_error err = { 0 };
    struct survey s = { 0 };
    struct derm_arena keep;
    const char *text = "";
    derm_err code;

    *counts = (struct derm_study_counts){ 0 };
    if (describe(&s, &keep, folder, json != 0, &text, &err) == DERM_OK)
        *counts = (struct derm_study_counts){ s.plan.records, done(&s), 0, s.failures };
    code = derm_answer(answer, text, &err);
    derm_arena_free(&keep);
    return code;
}
