/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* gethostname */
#include "study/record.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json_read.h"
#include "report/json.h"

static const size_t max_record_bytes = (size_t)64 << 20;
static const char comparison_key[] = ",\"comparison\":{", run_key[] = ",\"run\":{";

static const char *const input_name[DERM_INPUTS] = { "baseline", "followup", "baseline_roi",
                                                     "followup_roi" };

/* ---- write */

static void write_shot(struct derm_emit *e, const char *key, const struct derm_row *row)
{
    struct cJSON *const o = derm_emit_object(e, e->root, key);

    derm_emit_text(e, o, "visit", row->visit);
    if (*row->repeat) derm_emit_text(e, o, "repeat", row->repeat);
    if (*row->date) derm_emit_text(e, o, "date", row->date);
    derm_emit_text(e, o, "path", row->path);
}

/* Whatever is not said already. */
static void write_columns(struct derm_emit *e, const struct derm_manifest *m,
                          const struct derm_row *row)
{
    static const enum derm_column said[] = { DERM_COLUMN_SUBJECT, DERM_COLUMN_VISIT,
                                             DERM_COLUMN_DATE,    DERM_COLUMN_VIEW,
                                             DERM_COLUMN_PATH,    DERM_COLUMN_REPEAT };
    struct cJSON *const o = derm_emit_object(e, e->root, "columns");

    for (int i = 0; i < m->columns; i++) {
        bool new = *row->cell[i] != '\0';

        for (size_t k = 0; k < sizeof(said) / sizeof(*said); k++)
            new = new && m->at[said[k]] != i;
        if (new) derm_emit_text(e, o, m->column[i], row->cell[i]);
    }
}

static void write_error(struct derm_emit *e, const struct derm_error *why)
{
    struct cJSON *const o = derm_emit_object(e, e->root, "error");

    derm_emit_text(e, o, "code", derm_err_id(why->code));
    derm_emit_text(e, o, "text", why->text);
}

static void write_inputs(struct derm_emit *e, const struct derm_record_inputs *inputs)
{
    struct cJSON *const o = derm_emit_object(e, e->root, "inputs");

    for (int i = 0; i < DERM_INPUTS; i++)
        if (*inputs->sha256[i]) derm_emit_text(e, o, input_name[i], inputs->sha256[i]);
}

/* The run of a failed record; a comparison brings its own. */
static void write_run(struct derm_emit *e)
{
    char host[256] = "";

    gethostname(host, sizeof(host) - 1);
    derm_emit_text(e, derm_emit_object(e, e->root, "run"), "host", host);
}

/* The head ends with "}", the comparison with its run and "}": the run moves behind it. */
static derm_err join(struct derm_arena *keep, const char **line, const char *head,
                     const char *comparison, struct derm_error *err)
{
    const char *run = NULL;
    size_t size;
    char *text;

    for (const char *at = comparison; (at = strstr(at, run_key)); at++)
        run = at;
    if (!run) return derm_fail(err, DERM_EINTERNAL, "a comparison has no run");
    size = strlen(head) + strlen(comparison) + sizeof(comparison_key) + 4;
    DERM_TRY(derm_arena_raw(keep, &text, size, 1));
    snprintf(text, size, "%.*s%s%.*s}%s\n", (int)strlen(head) - 1, head, comparison_key,
             (int)(run - comparison - 1), comparison + 1, run);
    *line = text;
    return DERM_OK;
}

/* All but the comparison and the run behind it: an object on one line. */
static derm_err build_head(struct derm_arena *keep, const char **head, const struct derm_store *s,
                           const struct derm_manifest *m, const struct derm_plan_record *r,
                           const struct derm_outcome *outcome, struct derm_error *err)
{
    const int from = r->baseline->day, to = r->followup->day;
    const bool done = outcome->comparison != NULL;
    struct derm_emit e;

    DERM_TRY(derm_emit_begin(&e, err));
    derm_emit_text(&e, e.root, "schema", "dermetry/study-row/1");
    derm_emit_text(&e, e.root, "key", r->key);
    derm_emit_int(&e, e.root, "row", r->followup->line);
    derm_emit_text(&e, e.root, "subject", r->followup->subject);
    derm_emit_text(&e, e.root, "view", r->followup->view);
    write_shot(&e, "baseline", r->baseline);
    write_shot(&e, "followup", r->followup);
    if (from != DERM_NO_DAY && to != DERM_NO_DAY) derm_emit_int(&e, e.root, "days", to - from);
    write_columns(&e, m, r->followup);
    derm_emit_text(&e, e.root, "status", done ? "done" : "failed");
    if (!done) write_error(&e, outcome->why);
    write_inputs(&e, outcome->inputs);
    derm_emit_text(&e, e.root, "configuration", s->configuration);
    derm_emit_text(&e, e.root, "version", s->version);
    if (!done) write_run(&e);
    DERM_TRY(derm_emit_end(&e, keep, head));
    return derm_json_line(keep, head, *head);
}

derm_err derm_record_build(struct derm_arena *keep, const char **line, const struct derm_store *s,
                           const struct derm_manifest *m, const struct derm_plan_record *r,
                           const struct derm_outcome *outcome, struct derm_error *err)
{
    const char *head;
    char *text;

    DERM_TRY(build_head(keep, &head, s, m, r, outcome, err));
    if (outcome->comparison) return join(keep, line, head, outcome->comparison, err);
    DERM_TRY(derm_arena_raw(keep, &text, strlen(head) + 2, 1));
    sprintf(text, "%s\n", head);
    *line = text;
    return DERM_OK;
}

/* ---- read */

static void copy_text(char *to, size_t size, const struct derm_json *node)
{
    const char *const text = derm_json_as_text(node);

    snprintf(to, size, "%s", text ? text : "");
}

static bool says(const struct derm_json *root, const char *key, const char *expected)
{
    const char *const text = derm_json_as_text(derm_json_get(root, key));

    return text && strcmp(text, expected) == 0;
}

static void read_head(struct derm_record_head *head, const struct derm_json *root,
                      const struct derm_store *s, const struct derm_plan_record *r)
{
    const struct derm_json *const inputs = derm_json_get(root, "inputs");
    const struct derm_json *const error = derm_json_get(root, "error");

    if (!says(root, "key", r->key) || !says(root, "version", s->version) ||
        !says(root, "configuration", s->configuration) ||
        !says(derm_json_get(root, "baseline"), "path", r->baseline->path) ||
        !says(derm_json_get(root, "followup"), "path", r->followup->path))
        return;
    if (says(root, "status", "done")) head->state = DERM_RECORD_DONE;
    if (says(root, "status", "failed")) head->state = DERM_RECORD_FAILED;
    for (int i = 0; i < DERM_INPUTS; i++)
        copy_text(head->inputs.sha256[i], DERM_SHA256_SIZE, derm_json_get(inputs, input_name[i]));
    copy_text(head->code, sizeof(head->code), derm_json_get(error, "code"));
    copy_text(head->text, sizeof(head->text), derm_json_get(error, "text"));
}

/* The comparison is most of a record and need not be parsed: what stands before it, closed with
 * "}", is an object. A quote inside a string is escaped, so the keys are found nowhere else. */
static void read_text(struct derm_record_head *head, char *text, size_t size,
                      const struct derm_store *s, const struct derm_plan_record *r)
{
    struct derm_error damaged = { 0 };
    struct derm_json *root;
    char *end = strstr(text, comparison_key);

    if (size < 2 || strcmp(text + size - 2, "}\n") != 0) return; /* not all of it is here */
    if (!end) end = strstr(text, run_key);
    if (!end) return;
    *end = '}';
    if (derm_json_parse(&root, text, (size_t)(end - text) + 1, r->key, &damaged) != DERM_OK) return;
    read_head(head, root, s, r);
    derm_json_free(root);
}

derm_err derm_record_read(struct derm_record_head *head, struct derm_arena *scratch,
                          const struct derm_store *s, const struct derm_plan_record *r,
                          struct derm_error *err)
{
    const size_t mark = scratch->used;
    char path[PATH_MAX], *text;
    size_t size;
    derm_err done;

    *head = (struct derm_record_head){ .state = DERM_RECORD_MISSING };
    DERM_TRY(derm_store_path(s, r->key, path, err));
    if (access(path, F_OK) != 0) return DERM_OK;
    done = derm_file_read(scratch, path, max_record_bytes, &text, &size, err);
    if (done == DERM_OK) read_text(head, text, size, s, r);
    derm_arena_reset(scratch, mark);
    return done;
}

/* ---- bring up to date */

/* What stands behind the head of a record, with the head that it has now. */
static derm_err renew_head(struct derm_arena *scratch, const char *record, const char *behind,
                           const char *head, const char **line)
{
    const size_t n = strlen(head) - 1, had = (size_t)(behind - record);
    char *text;

    *line = record;
    if (n == had && memcmp(record, head, n) == 0) return DERM_OK;
    DERM_TRY(derm_arena_raw(scratch, &text, n + strlen(behind) + 1, 1));
    sprintf(text, "%.*s%s", (int)n, head, behind);
    *line = text;
    return DERM_OK;
}

static derm_err refresh(struct derm_record_refresh *f, struct derm_arena *scratch,
                        struct derm_error *err)
{
    char path[PATH_MAX], *text;
    const char *behind, *head, *line;
    size_t size;

    DERM_TRY(derm_store_path(f->store, f->record->key, path, err));
    DERM_TRY(derm_file_read(scratch, path, max_record_bytes, &text, &size, err));
    behind = strstr(text, comparison_key);
    f->kept = behind && strstr(behind, f->asked);
    if (!f->kept) return DERM_OK;
    const struct derm_outcome outcome = { f->inputs, behind, NULL };

    DERM_TRY(build_head(scratch, &head, f->store, f->manifest, f->record, &outcome, err));
    DERM_TRY(renew_head(scratch, text, behind, head, &line));
    return line == text ? DERM_OK : derm_store_write(f->store, f->record->key, line, err);
}

derm_err derm_record_refresh(struct derm_record_refresh *f, struct derm_arena *scratch,
                             struct derm_error *err)
{
    const size_t mark = scratch->used;
    const derm_err done = refresh(f, scratch, err);

    derm_arena_reset(scratch, mark);
    return done;
}
