/* SPDX-License-Identifier: Apache-2.0 */
/* The parent of the workers: it hands out subjects and views, keeps time, and writes the record of
 * a worker that died. What it knows of a record fits in one report, so its memory stays the same
 * however many records there are. */
#define _GNU_SOURCE /* pipe2, strsignal */
#include <dermetry/study.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cpu.h"
#include "base/num.h"
#include "context.h"
#include "study/answer.h"
#include "study/configuration.h"
#include "study/index.h"
#include "study/worker.h"

enum { MAX_JOBS = 4096, TICK_MS = 200 };

static const size_t keep_bytes = (size_t)2 << 30;     /* address space for manifest and plan */
static const size_t scratch_bytes = (size_t)16 << 20; /* for one failed record */
static const double default_time_limit_s = 900;
static const double grace_s = 20; /* from SIGTERM to SIGKILL: longer than any stage */

struct job {
    pid_t pid;     /* 0: free */
    int fd;        /* its reports */
    int next, end; /* records that have not ended */
    double since;  /* when the one that runs began */
    bool late;     /* it was killed for that */
    bool page;     /* of the subject and view: asked for and not there yet */
};

struct batch {
    struct derm_assignment a;
    struct derm_arena keep, scratch;
    struct derm_error err;
    struct derm_study_counts counts;
    struct job *job;
    struct pollfd *poll;
    int jobs, next_group;
    int pageless;                   /* subjects and views whose page could not be made */
    struct derm_error why_pageless; /* the first */
    double stopped_at;              /* 0: it runs */
    int lock;                       /* of the shard; -1: there is none */
};

static double seconds_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- stopping */

/* The first reason stays in b->err. */
static void stop(struct batch *b)
{
    if (b->stopped_at > 0) return;
    b->stopped_at = seconds_now();
    for (int i = 0; i < b->jobs; i++)
        if (b->job[i].pid) kill(b->job[i].pid, SIGTERM);
}

/* row: that has ended, 0 for none. */
static void tell(struct batch *b, int row, const char *status, const char *text)
{
    const struct derm_batch_request *const r = &b->a.request;
    const struct derm_batch_progress at = { row, status, text, b->counts };
    const int left = b->counts.records - b->counts.done - b->counts.failed;

    if (!r->progress || r->progress(r->user, &at) == 0 || left == 0) return;
    derm_fail(&b->err, DERM_EINTERRUPTED,
              "stopped with %d of %d records left; run it again to resume", left,
              b->counts.records);
    stop(b);
}

/* ---- records that end */

static void end_record(struct batch *b, struct job *j, const struct derm_report *r)
{
    static const char *const status[] = {
        [DERM_REPORT_KEPT] = "kept", [DERM_REPORT_DONE] = "done", [DERM_REPORT_FAILED] = "failed"
    };
    const int row = b->a.plan.record[j->next].followup->line;

    j->next++;
    b->counts.done += r->kind != DERM_REPORT_FAILED;
    b->counts.kept += r->kind == DERM_REPORT_KEPT;
    b->counts.failed += r->kind == DERM_REPORT_FAILED;
    tell(b, row, status[r->kind], r->why.text);
}

static void describe_death(const struct batch *b, const struct job *j, int status,
                           struct derm_error *why)
{
    if (j->late)
        derm_fail(why, DERM_ELIMIT, "took more than %g s and was stopped (raise --time-limit)",
                  b->a.request.time_limit_s);
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        derm_fail(why, DERM_ENOMEM,
                  "was killed, most likely because the machine ran out of memory");
    else if (WIFSIGNALED(status))
        derm_fail(why, DERM_EINTERNAL, "crashed: %s", strsignal(WTERMSIG(status)));
    else
        derm_fail(why, DERM_EINTERNAL, "ended early with exit code %d", WEXITSTATUS(status));
}

/* The worker can no longer say which files it read: the record has no inputs. */
static void fail_record(struct batch *b, struct job *j, int status)
{
    static const struct derm_record_inputs unknown;
    const struct derm_plan_record *const record = &b->a.plan.record[j->next];
    struct derm_report r = { .kind = DERM_REPORT_FAILED };
    const struct derm_outcome outcome = { &unknown, NULL, &r.why };
    const char *line;

    describe_death(b, j, status, &r.why);
    if (derm_record_build(&b->scratch, &line, &b->a.store, &b->a.manifest, record, &outcome,
                          &b->err) != DERM_OK ||
        derm_store_write(&b->a.store, record->key, line, &b->err) != DERM_OK)
        stop(b);
    else
        end_record(b, j, &r);
    derm_arena_reset(&b->scratch, 0);
}

/* The records are there: this ends nothing. */
static void miss_page(struct batch *b, struct job *j, const struct derm_error *why)
{
    j->page = false;
    if (b->pageless++ == 0) b->why_pageless = *why;
}

/* ---- workers */

/* No signal meets the child before it can handle it. */
static pid_t fork_quietly(void)
{
    sigset_t stop_signals, before;
    pid_t pid;

    sigemptyset(&stop_signals);
    sigaddset(&stop_signals, SIGTERM);
    sigaddset(&stop_signals, SIGINT);
    sigprocmask(SIG_BLOCK, &stop_signals, &before);
    pid = fork();
    if (pid != 0) sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

static derm_err start_worker(struct batch *b, struct job *j)
{
    const long parent = (long)getpid();
    int end[2];

    if (pipe2(end, O_CLOEXEC) != 0)
        return derm_fail(&b->err, DERM_ENOMEM, "cannot start a worker: %s", strerror(errno));
    j->pid = fork_quietly();
    if (j->pid == 0) {
        close(end[0]);
        derm_worker(&b->a, j->next, j->end, end[1], parent);
    }
    if (j->pid < 0) {
        derm_fail(&b->err, DERM_ENOMEM, "cannot start a worker: %s", strerror(errno));
        close(end[0]);
        j->pid = 0;
    }
    close(end[1]);
    j->fd = end[0];
    j->since = seconds_now();
    j->late = false;
    return b->err.code;
}

/* The next subject and view of this shard; false when none is left. */
static bool take_group(struct batch *b, struct job *j)
{
    const struct derm_plan *const plan = &b->a.plan;

    for (; b->next_group < plan->groups; b->next_group++) {
        const struct derm_plan_group *const g = &plan->group[b->next_group];

        if (derm_plan_shard(g, b->a.store.shards) != b->a.request.shard) continue;
        j->next = g->first;
        j->end = g->first + g->n;
        j->page = b->a.request.reports != NULL;
        b->next_group++;
        return true;
    }
    return false;
}

static void fill_jobs(struct batch *b)
{
    for (int i = 0; i < b->jobs && b->stopped_at == 0; i++) {
        struct job *const j = &b->job[i];

        if (j->pid || (j->next == j->end && !j->page && !take_group(b, j))) continue;
        if (start_worker(b, j) != DERM_OK) stop(b);
    }
}

static void reap(struct batch *b, struct job *j)
{
    struct derm_error why = { 0 };
    int status;

    close(j->fd);
    while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    j->pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS) {
        j->page = false;
        return;
    }
    if (b->stopped_at > 0) return;
    if (j->next < j->end) {
        fail_record(b, j, status);
    } else if (j->page) {
        describe_death(b, j, status, &why);
        miss_page(b, j, &why);
    }
}

static void read_report(struct batch *b, struct job *j)
{
    struct derm_report r;
    const ssize_t n = read(j->fd, &r, sizeof(r));

    if (n < 0 && errno == EINTR) return;
    if (n != (ssize_t)sizeof(r)) {
        reap(b, j);
        return;
    }
    j->since = seconds_now();
    switch (r.kind) {
    case DERM_REPORT_BEGUN:
        return;
    case DERM_REPORT_NO_PAGE:
        miss_page(b, j, &r.why);
        return;
    case DERM_REPORT_BROKEN:
        derm_fail(&b->err, r.why.code, "%s", r.why.text);
        stop(b);
        return;
    case DERM_REPORT_KEPT:
    case DERM_REPORT_DONE:
    case DERM_REPORT_FAILED:
        end_record(b, j, &r);
        return;
    }
}

static void keep_time(struct batch *b)
{
    const double now = seconds_now();

    for (int i = 0; i < b->jobs; i++) {
        struct job *const j = &b->job[i];

        if (!j->pid || j->late) continue;
        j->late = now - j->since > b->a.request.time_limit_s;
        if (j->late || (b->stopped_at > 0 && now - b->stopped_at > grace_s)) kill(j->pid, SIGKILL);
    }
}

static bool wait_for_reports(struct batch *b)
{
    int n = 0;

    for (int i = 0; i < b->jobs; i++) {
        b->poll[i] = (struct pollfd){ .fd = b->job[i].pid ? b->job[i].fd : -1, .events = POLLIN };
        n += b->job[i].pid != 0;
    }
    if (n == 0) return false;
    n = poll(b->poll, (nfds_t)b->jobs, TICK_MS);
    for (int i = 0; i < b->jobs && n > 0; i++)
        if (b->poll[i].revents) read_report(b, &b->job[i]);
    return true;
}

static derm_err run_jobs(struct batch *b)
{
    DERM_TRY(derm_arena_new(&b->keep, &b->job, (size_t)b->jobs, sizeof(*b->job)));
    DERM_TRY(derm_arena_new(&b->keep, &b->poll, (size_t)b->jobs, sizeof(*b->poll)));
    for (fill_jobs(b); wait_for_reports(b); fill_jobs(b)) {
        keep_time(b);
        tell(b, 0, "", "");
    }
    return b->err.code;
}

/* ---- before the first worker */

static derm_err absolute(struct batch *b, const char **path)
{
    char cwd[PATH_MAX], text[PATH_MAX];

    if (!*path || **path == '/') return DERM_OK;
    if (!getcwd(cwd, sizeof(cwd)) ||
        snprintf(text, sizeof(text), "%s/%s", cwd, *path) >= (int)sizeof(text))
        return derm_fail(&b->err, DERM_EUSAGE, "the name of %s is too long", *path);
    return derm_arena_text(&b->keep, path, text);
}

/* Workers change to the manifest's folder. */
static derm_err make_absolute(struct batch *b)
{
    struct derm_settings *const s = &b->a.settings;

    s->models = derm_models_folder(s->models);
    DERM_TRY(absolute(b, &s->models));
    DERM_TRY(absolute(b, &s->config));
    DERM_TRY(absolute(b, &s->precision));
    DERM_TRY(absolute(b, &b->a.request.folder));
    DERM_TRY(absolute(b, &b->a.request.overlays));
    return absolute(b, &b->a.request.reports);
}

static derm_err complete_request(struct batch *b)
{
    struct derm_batch_request *const r = &b->a.request;
    struct derm_settings *const s = &b->a.settings;

    if (!r->manifest || !r->folder)
        return derm_fail(&b->err, DERM_EUSAGE, "a batch needs a manifest and a folder");
    if (r->shards == 0) r->shard = r->shards = 1;
    if (r->shard < 1 || r->shard > r->shards)
        return derm_fail(&b->err, DERM_EUSAGE, "there is no shard %d of %d: count from 1", r->shard,
                         r->shards);
    if (r->jobs < 0 || r->jobs > MAX_JOBS || r->time_limit_s < 0)
        return derm_fail(&b->err, DERM_EUSAGE, "jobs and limits cannot be negative or above %d",
                         MAX_JOBS);
    if (r->time_limit_s == 0) r->time_limit_s = default_time_limit_s;
    if (s->threads == 0) s->threads = 1; /* photos are compared side by side before anything else */
    if (s->max_memory_bytes == 0) s->max_memory_bytes = DERM_DEFAULT_MEMORY_BYTES;
    s->findings = 0;
    s->no_pictures = !r->overlays && !r->reports;
    s->progress = NULL;
    b->jobs = r->jobs ? r->jobs : imax(1, derm_cpu_threads() / s->threads);
    return make_absolute(b);
}

static derm_err make_folder(struct batch *b, const char *path)
{
    if (!path || mkdir(path, 0777) == 0 || errno == EEXIST) return DERM_OK;
    return derm_fail(&b->err, DERM_ECREATE, "cannot create the folder %s: %s", path,
                     strerror(errno));
}

/* Wrong settings show here. */
static derm_err open_context(struct batch *b)
{
    struct derm_settings alone = b->a.settings;
    derm_err code;

    alone.threads = 1;
    code = derm_context_new(&b->a.ctx, &alone);
    return code == DERM_OK ? code : derm_fail(&b->err, code, "%s", derm_error_text(b->a.ctx));
}

static derm_err prepare(struct batch *b)
{
    struct derm_assignment *const a = &b->a;

    DERM_TRY(complete_request(b));
    DERM_TRY(derm_manifest_read(&a->manifest, &b->keep, a->request.manifest, &b->err));
    DERM_TRY(derm_plan_make(&a->plan, &b->keep, &a->manifest));
    if (a->plan.records == 0)
        return derm_fail(&b->err, DERM_EMALFORMED,
                         "%s asks for no comparison: no subject has two visits of one view",
                         a->manifest.name);
    a->store = (struct derm_store){ .folder = a->request.folder,
                                    .version = derm_version(),
                                    .records = a->plan.records,
                                    .shards = a->request.shards };
    memcpy(a->store.manifest, a->manifest.sha256, sizeof(a->store.manifest));
    DERM_TRY(open_context(b));
    DERM_TRY(derm_configuration_hash(a->ctx, &a->request, a->store.configuration, &b->err));
    for (int i = 0; i < a->plan.groups; i++)
        if (derm_plan_shard(&a->plan.group[i], a->request.shards) == a->request.shard)
            b->counts.records += a->plan.group[i].n;
    DERM_TRY(make_folder(b, a->request.overlays));
    DERM_TRY(make_folder(b, a->request.reports));
    DERM_TRY(derm_store_begin(&a->store, a->request.shard, a->manifest.text, a->manifest.size,
                              &b->lock, &b->err));
    return a->request.reports ? derm_index_write(&a->plan, a->request.reports, &b->keep) : DERM_OK;
}

/* ---- the whole */

static derm_err work_on_shard(struct batch *b)
{
    const struct derm_store *const s = &b->a.store;
    const int shard = b->a.request.shard;

    DERM_TRY(derm_store_reopen_shard(s, shard, &b->err));
    DERM_TRY(run_jobs(b));
    DERM_TRY(derm_store_finish_shard(s, shard, b->counts.done, b->counts.failed, &b->err));
    if (b->pageless == 0) return DERM_OK;
    return derm_fail(&b->err, b->why_pageless.code,
                     "all records have ended, but pages of subjects could not be made: %d, the "
                     "first: %.300s",
                     b->pageless, b->why_pageless.text);
}

static derm_err open_batch(struct batch *b, const struct derm_settings *settings,
                           const struct derm_batch_request *request)
{
    const size_t ours = sizeof(b->a.settings), asked = sizeof(b->a.request);

    if (settings->size < sizeof(size_t) || request->size < sizeof(size_t))
        return derm_fail(&b->err, DERM_EUSAGE, "set the size of settings and request");
    memcpy(&b->a.settings, settings, settings->size < ours ? settings->size : ours);
    memcpy(&b->a.request, request, request->size < asked ? request->size : asked);
    DERM_TRY(derm_arena_init(&b->keep, keep_bytes, &b->err));
    return derm_arena_init(&b->scratch, scratch_bytes, &b->err);
}

/* A manifest with wrong rows names them all, a line for each. */
static derm_err answer_faults(const struct batch *b, char **answer)
{
    const struct derm_manifest *const m = &b->a.manifest;
    size_t size;
    FILE *const out = open_memstream(answer, &size);

    if (!out) return DERM_ENOMEM;
    fprintf(out, "%s", b->err.text);
    for (int i = 0; i < m->faults && m->faults > 1; i++)
        fprintf(out, "\n  line %d %s", m->fault[i].line, m->fault[i].text);
    return fclose(out) == 0 ? b->err.code : DERM_ENOMEM;
}

static derm_err run_batch(struct batch *b, const struct derm_settings *settings,
                          const struct derm_batch_request *request)
{
    DERM_TRY(open_batch(b, settings, request));
    DERM_TRY(prepare(b));
    return work_on_shard(b);
}

derm_err derm_batch(const struct derm_settings *settings, const struct derm_batch_request *request,
                    struct derm_study_counts *counts, char **answer)
{
    struct batch b = { .lock = -1 };
    char text[128];
    derm_err code;

    code = run_batch(&b, settings, request);
    *counts = b.counts;
    snprintf(text, sizeof(text), "%d records: %d done (%d of them before), %d failed\n",
             b.counts.records, b.counts.done, b.counts.kept, b.counts.failed);
    if (code != DERM_OK && b.a.manifest.faults > 0)
        code = answer_faults(&b, answer);
    else
        code = derm_answer(answer, text, &b.err);
    if (b.lock >= 0) close(b.lock);
    derm_context_free(b.a.ctx);
    derm_arena_free(&b.scratch);
    derm_arena_free(&b.keep);
    return code;
}
