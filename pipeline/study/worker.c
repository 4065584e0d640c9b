/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* prctl, sysconf */
#include "study/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "context.h"
#include "report/document.h"
#include "study/series.h"

static const size_t keep_bytes = (size_t)128 << 20; /* address space for a record's text */
static const size_t text_bytes = (size_t)16 << 20;  /* of it: there however little memory is left */
static const char page_suffix[] = ".html";

struct worker {
    const struct derm_assignment *a;
    const struct derm_plan_record *record;
    derm_context *ctx;                /* of the assignment */
    struct derm_arena keep;           /* of one record */
    struct derm_baseline baseline;    /* analysed for the first comparison */
    struct derm_record_inputs inputs; /* those of the baseline stay */
    bool on_page;                     /* its records have ended */
    int fd;
};

static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int signal_number)
{
    (void)signal_number;
    stop_asked = 1;
}

/* Less than PIPE_BUF: whole or not at all. A parent that is gone ends the worker. */
static void report(const struct worker *w, enum derm_report_kind kind, const struct derm_error *why)
{
    struct derm_report r = { .kind = kind };

    _Static_assert(sizeof(r) <= 4096, "PIPE_BUF");
    if (why) r.why = *why;
    while (write(w->fd, &r, sizeof(r)) < 0)
        if (errno != EINTR) _exit(EXIT_FAILURE);
}

/* The time of a record is that of all its stages; a page, of many comparisons, has it for each. */
static int is_stopped(void *user, const struct derm_progress *at)
{
    const struct worker *const w = user;

    (void)at;
    if (w->on_page) report(w, DERM_REPORT_BEGUN, NULL);
    return stop_asked;
}

/* ---- the process */

/* Bytes that this process has for itself already: all but code, files and what is reserved. */
static rlim_t private_bytes(void)
{
    enum { FIELD = 6 }; /* of statm: data and stack, in pages */
    FILE *const f = fopen("/proc/self/statm", "r");
    char text[128] = "", *at = text;
    rlim_t pages = 0;

    if (!f) return 0;
    if (!fgets(text, sizeof(text), f)) *text = '\0';
    fclose(f);
    for (int i = 0; i < FIELD; i++)
        pages = strtoul(at, &at, 10);
    return pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* max_memory_bytes bounds the sum of all that the worker takes beside what it was born with: of the
 * arenas, and of what the libraries and threads allocate. A dump of its memory would be patient
 * data on the disk. */
static void limit_resources(const struct derm_assignment *a)
{
    const struct rlimit no_dump = { 0, 0 };
    const rlim_t had = private_bytes();
    struct rlimit data;

    setrlimit(RLIMIT_CORE, &no_dump);
    if (had == 0 || getrlimit(RLIMIT_DATA, &data) != 0) return;
    if (had + a->settings.max_memory_bytes < data.rlim_cur)
        data.rlim_cur = had + a->settings.max_memory_bytes;
    setrlimit(RLIMIT_DATA, &data);
}

/* Ends with its parent, stops by SIGTERM, and leaves a terminal's ^C to the parent, which has
 * blocked both signals over the fork. */
static void become_worker(const struct worker *w, long parent)
{
    struct sigaction action = { .sa_handler = ask_to_stop };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(EXIT_FAILURE);
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGINT, SIG_IGN);
    sigprocmask(SIG_SETMASK, &action.sa_mask, NULL);
    limit_resources(w->a);
}

/* ---- a record */

static derm_err hash_input(struct worker *w, enum derm_record_input input, const char *path,
                           struct derm_error *why)
{
    char *const hash = w->inputs.sha256[input];
    char hex[DERM_SHA256_SIZE];

    if (!*path || *hash) return DERM_OK;
    DERM_TRY(derm_sha256_file(path, hex, why));
    memcpy(hash, hex, sizeof(hex));
    return DERM_OK;
}

static derm_err hash_inputs(struct worker *w, struct derm_error *why)
{
    const struct derm_manifest *const m = &w->a->manifest;
    const struct derm_row *const b = w->record->baseline, *const f = w->record->followup;

    *w->inputs.sha256[DERM_INPUT_FOLLOWUP] = *w->inputs.sha256[DERM_INPUT_FOLLOWUP_ROI] = '\0';
    DERM_TRY(hash_input(w, DERM_INPUT_BASELINE, b->path, why));
    DERM_TRY(hash_input(w, DERM_INPUT_FOLLOWUP, f->path, why));
    DERM_TRY(hash_input(w, DERM_INPUT_BASELINE_ROI, derm_row_text(m, b, DERM_COLUMN_ROI), why));
    return hash_input(w, DERM_INPUT_FOLLOWUP_ROI, derm_row_text(m, f, DERM_COLUMN_ROI), why);
}

/* Where a picture or page goes: beside, a folder of the request, and the key of what it shows. */
static derm_err path_beside(const char *beside, const char *key, const char *suffix,
                            char path[PATH_MAX], struct derm_error *err)
{
    if (snprintf(path, PATH_MAX, "%s/%s%s", beside, key, suffix) < PATH_MAX) return DERM_OK;
    return derm_fail(err, DERM_ECREATE, "the name of the folder %s is too long", beside);
}

/* Or was not asked for. */
static bool is_beside(const char *beside, const char *key, const char *suffix)
{
    struct derm_error unused = { 0 };
    char path[PATH_MAX];

    return !beside ||
           (path_beside(beside, key, suffix, path, &unused) == DERM_OK && access(path, F_OK) == 0);
}

static bool is_there(struct worker *w)
{
    struct derm_error unreadable = { 0 };
    struct derm_record_head head;
    bool there =
        derm_record_read(&head, &w->keep, &w->a->store, w->record, &unreadable) == DERM_OK &&
        head.state == DERM_RECORD_DONE && is_beside(w->a->request.overlays, w->record->key, "") &&
        is_beside(w->a->request.reports, w->record->key, page_suffix);

    for (int i = 0; i < DERM_INPUTS && there; i++)
        there = strcmp(head.inputs.sha256[i], w->inputs.sha256[i]) == 0;
    return there;
}

static struct derm_photo_request photo_of(const struct derm_assignment *a,
                                          const struct derm_row *row)
{
    const char *const roi = derm_row_text(&a->manifest, row, DERM_COLUMN_ROI);

    return (struct derm_photo_request){
        .size = sizeof(struct derm_photo_request),
        .path = row->path,
        .roi_path = *roi ? roi : NULL,
        .px_per_mm = row->px_per_mm > 0 ? row->px_per_mm : a->request.px_per_mm,
        .site = a->request.site,
    };
}

/* The document says which bytes were measured. */
static bool measured_these(const struct worker *w, const char *line)
{
    return strstr(line, w->inputs.sha256[DERM_INPUT_BASELINE]) &&
           strstr(line, w->inputs.sha256[DERM_INPUT_FOLLOWUP]);
}

static derm_err draw(const struct worker *w, derm_document *doc, struct derm_error *why)
{
    char path[PATH_MAX];
    derm_err code;

    if (!w->a->request.overlays) return DERM_OK;
    DERM_TRY(path_beside(w->a->request.overlays, w->record->key, "", path, why));
    code = derm_document_overlays(doc, path);
    return code == DERM_OK ? DERM_OK : derm_fail(why, code, "%s", derm_error_text(w->ctx));
}

static derm_err write_page(const struct worker *w, derm_document *doc, const char *key,
                           struct derm_error *why)
{
    const struct derm_report_request page = { .size = sizeof(page), .document = doc };
    char path[PATH_MAX], *html;
    derm_err code;

    if (!w->a->request.reports) return DERM_OK;
    DERM_TRY(path_beside(w->a->request.reports, key, page_suffix, path, why));
    code = derm_report(w->ctx, &page, &html);
    if (code == DERM_OK) code = derm_text_write(w->ctx, html, path);
    derm_text_free(html);
    return code == DERM_OK ? DERM_OK : derm_fail(why, code, "%s", derm_error_text(w->ctx));
}

/* A folder that cannot be written to is no fault of the record: that goes to err and ends the
 * batch, as it does for records. */
static derm_err part_faults(const struct derm_error *said, struct derm_error *why,
                            struct derm_error *err)
{
    if (said->code == DERM_ECREATE || said->code == DERM_EIO)
        *err = *said;
    else
        *why = *said;
    return err->code;
}

static derm_err illustrate(const struct worker *w, derm_document *doc, struct derm_error *why,
                           struct derm_error *err)
{
    struct derm_error said = { 0 };

    if (draw(w, doc, &said) == DERM_OK && write_page(w, doc, w->record->key, &said) == DERM_OK)
        return DERM_OK;
    return part_faults(&said, why, err);
}

/* As the document has it, without the braces around it. */
static derm_err say_request(struct worker *w, const char **asked, struct derm_error *err)
{
    const struct derm_photo_request baseline = photo_of(w->a, w->record->baseline);
    const struct derm_photo_request followup = photo_of(w->a, w->record->followup);
    struct cJSON *requests;
    struct derm_emit e;
    const char *text;
    char *inner;
    size_t n;

    DERM_TRY(derm_emit_begin(&e, err));
    requests = derm_emit_array(&e, e.root, "requests");
    derm_write_request(&e, requests, "baseline", &baseline);
    derm_write_request(&e, requests, "followup", &followup);
    DERM_TRY(derm_emit_end(&e, &w->keep, &text));
    DERM_TRY(derm_json_line(&w->keep, &text, text));
    n = strlen(text) - 2;
    DERM_TRY(derm_arena_new(&w->keep, &inner, n + 1, 1));
    memcpy(inner, text + 1, n);
    *asked = inner;
    return DERM_OK;
}

/* The manifest may have changed since the record was made. */
static derm_err keep_record(struct worker *w, bool *kept, struct derm_error *err)
{
    struct derm_record_refresh refresh = { .store = &w->a->store,
                                           .manifest = &w->a->manifest,
                                           .record = w->record,
                                           .inputs = &w->inputs };

    *kept = false;
    if (!is_there(w)) return DERM_OK;
    DERM_TRY(say_request(w, &refresh.asked, err));
    DERM_TRY(derm_record_refresh(&refresh, &w->keep, err));
    *kept = refresh.kept;
    return DERM_OK;
}

static derm_err compare(struct worker *w, derm_document **doc, struct derm_error *why)
{
    const struct derm_photo_request baseline = photo_of(w->a, w->record->baseline);
    const struct derm_photo_request followup = photo_of(w->a, w->record->followup);
    const struct derm_known known = { .baseline = &w->baseline };
    const derm_err code = derm_compare_with(w->ctx, &known, &baseline, &followup, doc);

    if (code != DERM_OK) return derm_fail(why, code, "%s", derm_error_text(w->ctx));
    if (!measured_these(w, derm_document_line(*doc)))
        return derm_fail(why, DERM_EIO, "a photo changed while it was read: try again");
    return DERM_OK;
}

static derm_err write_record(struct worker *w, const derm_document *doc,
                             const struct derm_error *why, struct derm_error *err)
{
    const struct derm_outcome outcome = { &w->inputs, doc ? derm_document_line(doc) : NULL, why };
    const struct derm_assignment *const a = w->a;
    const char *line;

    DERM_TRY(derm_record_build(&w->keep, &line, &a->store, &a->manifest, w->record, &outcome, err));
    return derm_store_write(&a->store, w->record->key, line, err);
}

/* ---- the page of the subject and view: a series */

/* It shows all of its records, and is made anew when one of them is. */
static void drop_page(const struct worker *w)
{
    struct derm_error unused = { 0 };
    char key[DERM_KEY_SIZE], path[PATH_MAX];

    derm_plan_group_key(w->record->followup, key);
    if (w->a->request.reports &&
        path_beside(w->a->request.reports, key, page_suffix, path, &unused) == DERM_OK)
        unlink(path);
}

/* It shows what the manifest says, too, whose copy in the store is written when that changes. */
static bool is_page_of_today(const struct worker *w, const char *key)
{
    struct derm_error unused = { 0 };
    char page[PATH_MAX], manifest[PATH_MAX];
    struct stat p, m;

    return path_beside(w->a->request.reports, key, page_suffix, page, &unused) == DERM_OK &&
           path_beside(w->a->store.folder, "manifest", ".csv", manifest, &unused) == DERM_OK &&
           stat(page, &p) == 0 && stat(manifest, &m) == 0 &&
           (p.st_mtim.tv_sec != m.st_mtim.tv_sec ? p.st_mtim.tv_sec > m.st_mtim.tv_sec
                                                 : p.st_mtim.tv_nsec >= m.st_mtim.tv_nsec);
}

static derm_err follow_subject(const struct worker *w, const char *key, struct derm_error *why)
{
    const struct derm_batch_request *const r = &w->a->request;
    const struct derm_series_request request = { .size = sizeof(request),
                                                 .subject = w->record->followup->subject,
                                                 .view = w->record->followup->view,
                                                 .px_per_mm = r->px_per_mm,
                                                 .site = r->site };
    derm_document *doc;
    derm_err code = derm_series_of(w->ctx, &w->a->manifest, &request, &doc);

    if (code != DERM_OK) return derm_fail(why, code, "%s", derm_error_text(w->ctx));
    if (!doc->blank) code = write_page(w, doc, key, why);
    derm_document_free(doc);
    return code;
}

/* err: why nothing can be done here. */
static derm_err make_page(struct worker *w, struct derm_error *err)
{
    struct derm_error said = { 0 }, why = { 0 };
    char key[DERM_KEY_SIZE];

    derm_plan_group_key(w->record->followup, key);
    if (!w->a->request.reports || is_page_of_today(w, key)) return DERM_OK;
    w->on_page = true;
    derm_baseline_free(&w->baseline);
    if (follow_subject(w, key, &said) == DERM_EINTERRUPTED) return DERM_EINTERRUPTED;
    DERM_TRY(part_faults(&said, &why, err));
    if (why.code != DERM_OK) report(w, DERM_REPORT_NO_PAGE, &why);
    return DERM_OK;
}

/* ---- the whole */

/* err: why nothing can be done here. */
static derm_err make_record(struct worker *w, struct derm_error *err)
{
    struct derm_error why = { 0 };
    derm_document *doc = NULL;
    derm_err code = DERM_OK;
    bool kept = false;

    report(w, DERM_REPORT_BEGUN, NULL);
    if (hash_inputs(w, &why) == DERM_OK) DERM_TRY(keep_record(w, &kept, err));
    if (kept) {
        report(w, DERM_REPORT_KEPT, NULL);
        return DERM_OK;
    }
    drop_page(w);
    if (why.code == DERM_OK) {
        code = compare(w, &doc, &why);
        if (code == DERM_EINTERRUPTED) return code;
        if (code == DERM_EMODEL) return derm_fail(err, code, "%s", why.text);
    }
    code = why.code == DERM_OK ? illustrate(w, doc, &why, err) : DERM_OK;
    if (code == DERM_OK) code = write_record(w, why.code == DERM_OK ? doc : NULL, &why, err);
    derm_document_free(doc);
    DERM_TRY(code);
    report(w, why.code == DERM_OK ? DERM_REPORT_DONE : DERM_REPORT_FAILED, &why);
    return DERM_OK;
}

/* Before memory is limited: a record that runs out of it must still be able to say so. */
static derm_err make_room(struct worker *w, struct derm_error *err)
{
    void *room;

    DERM_TRY(derm_arena_init(&w->keep, keep_bytes, err));
    DERM_TRY(derm_arena_raw(&w->keep, &room, text_bytes, 1));
    derm_arena_reset(&w->keep, 0);
    return DERM_OK;
}

void derm_worker(const struct derm_assignment *a, int first, int end, int fd, long parent)
{
    struct derm_assignment own = *a;
    struct worker w = { .a = &own, .ctx = a->ctx, .fd = fd };
    struct derm_error err = { 0 };
    derm_err code;

    own.settings.progress = is_stopped;
    own.settings.user = &w;
    code = make_room(&w, &err);
    become_worker(&w, parent);
    if (code == DERM_OK && derm_context_inherit(w.ctx, &own.settings) != DERM_OK)
        code = derm_fail(&err, DERM_ENOMEM, "%s", derm_error_text(w.ctx));
    /* Paths, and so what errors say of them, are as the manifest has them. */
    if (code == DERM_OK && chdir(own.manifest.folder) != 0)
        code = derm_fail(&err, DERM_EMISSING, "cannot enter %s: %s", own.manifest.folder,
                         strerror(errno));
    own.manifest.folder = ".";
    for (int i = first; i < end && code == DERM_OK && !stop_asked; i++) {
        w.record = &own.plan.record[i];
        code = make_record(&w, &err);
        derm_arena_reset(&w.keep, 0);
    }
    w.record = &own.plan.record[end - 1];
    if (code == DERM_OK && !stop_asked) code = make_page(&w, &err);
    if (code != DERM_OK && code != DERM_EINTERRUPTED) report(&w, DERM_REPORT_BROKEN, &err);
    _exit(EXIT_SUCCESS);
}
