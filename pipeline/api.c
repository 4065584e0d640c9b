/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: contexts and documents around the runner. Every handle lives in an arena that it
 * owns, so there is one thing to free. */
#define _POSIX_C_SOURCE 200809L /* gmtime_r, clock_gettime */
#include <dermetry/dermetry.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cpu.h"
#include "base/file.h"
#include "base/text.h"
#include "context.h"
#include "report/config.h"
#include "report/document.h"
#include "report/overlay.h"
#include "report/page.h"
#include "report/summary.h"
#include "stages/decide.h"
#include "stages/stages.h"

enum { OWN_BYTES = 4 << 20, MAX_CONFIG_BYTES = 1 << 20, MAX_PRECISION_BYTES = 1 << 20 };

static const double default_megapixels = 200;
/* px/mm: a body of two metres on the smallest photo that shows anything; finer than a microscope's
 * lens. Outside lies a slip of the decimal point. */
static const double least_scale = 0.1, most_scale = 1000;
static const uint64_t default_file_bytes = (uint64_t)512 << 20;

const char *derm_version(void)
{
    return DERM_VERSION;
}

/* ---- context */

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *derm_models_folder(const char *asked)
{
    const char *const environment = getenv("DERMETRY_MODELS");

    if (asked) return asked;
    if (environment && *environment) return environment;
    return is_folder(DERM_MODELS_BUILD_DIR) ? DERM_MODELS_BUILD_DIR : DERM_MODELS_INSTALL_DIR;
}

derm_err derm_copy_sized(void *to, size_t to_size, const void *from, const char *what,
                         struct derm_error *err)
{
    size_t size;

    memcpy(&size, from, sizeof(size));
    if (size < sizeof(size)) return derm_fail(err, DERM_EUSAGE, "set the size of struct %s", what);
    memcpy(to, from, size < to_size ? size : to_size);
    return DERM_OK;
}

static derm_err apply_settings(derm_context *ctx, const struct derm_settings *s)
{
    struct derm_error *const err = &ctx->err;

    if (s->threads < 0 || s->max_megapixels < 0)
        return derm_fail(err, DERM_EUSAGE, "threads and limits cannot be negative");
    if (!derm_cpu_parse(s->cpu ? s->cpu : "auto", &ctx->cpu))
        return derm_fail(err, DERM_EUSAGE, "the code path %s does not exist or cannot run here",
                         s->cpu);
    ctx->findings = s->findings != 0;
    ctx->eye_bar = s->eye_bar != 0;
    ctx->max_memory =
        (size_t)(s->max_memory_bytes ? s->max_memory_bytes : DERM_DEFAULT_MEMORY_BYTES);
    ctx->engine.limits = (struct derm_limits){
        .max_megapixels = s->max_megapixels > 0 ? s->max_megapixels : default_megapixels,
        .max_file_bytes = s->max_file_bytes ? s->max_file_bytes : default_file_bytes,
        .max_memory = ctx->max_memory,
    };
    ctx->engine.progress = s->progress;
    ctx->engine.user = s->user;
    ctx->engine.no_pictures = s->no_pictures != 0;
    return DERM_OK;
}

static derm_err load_config(derm_context *ctx, const char *path)
{
    struct derm_arena *const scratch = &ctx->engine.scratch;
    struct derm_opt_group groups[DERM_MAX_OPT_GROUPS];
    derm_err done;
    size_t size;
    char *text;

    DERM_TRY(derm_file_read(scratch, path, MAX_CONFIG_BYTES, &text, &size, &ctx->err));
    derm_opt_groups(groups, ctx->engine.stages, ctx->engine.params, &ctx->rules);
    done = derm_config_apply(groups, text, size, derm_text_basename(path), scratch, &ctx->err);
    derm_arena_reset(scratch, 0);
    return done;
}

static derm_err load_precision(derm_context *ctx, const char *path)
{
    struct derm_arena *const scratch = &ctx->engine.scratch;
    const char *const file = derm_text_basename(path);
    const struct derm_json *table;
    size_t size;
    char *text;

    DERM_TRY(derm_file_read(scratch, path, MAX_PRECISION_BYTES, &text, &size, &ctx->err));
    DERM_TRY(derm_models_replace_table(ctx->models, "precision", text, size, file, &ctx->err));
    derm_arena_reset(scratch, 0);
    DERM_TRY(derm_models_table(ctx->models, "precision", &table, &ctx->err));
    return derm_precision_check(table, file, &ctx->err);
}

static derm_err open_context(derm_context *ctx, const struct derm_settings *given)
{
    struct derm_settings s = { 0 };
    int threads;

    DERM_TRY(derm_copy_sized(&s, sizeof(s), given, "derm_settings", &ctx->err));
    DERM_TRY(apply_settings(ctx, &s));
    derm_kernels_init(&ctx->engine.kernels, ctx->cpu);
    ctx->engine.stages = derm_stages;
    DERM_TRY(derm_engine_defaults(&ctx->engine, &ctx->own));
    derm_study_defaults(&ctx->rules);
    DERM_TRY(derm_arena_init(&ctx->engine.scratch, ctx->max_memory, &ctx->err));
    if (s.config) DERM_TRY(load_config(ctx, s.config));
    DERM_TRY(derm_models_open(&ctx->models, derm_models_folder(s.models), &ctx->err));
    if (s.precision) DERM_TRY(load_precision(ctx, s.precision));
    ctx->engine.models = ctx->models;
    threads = s.threads > 0 ? s.threads : derm_cpu_threads();
    return derm_pool_new(&ctx->engine.pool, threads, &ctx->err);
}

derm_err derm_context_new(derm_context **out, const struct derm_settings *settings)
{
    struct derm_error err = { 0 };
    struct derm_arena own;
    derm_context *ctx;

    *out = NULL;
    DERM_TRY(derm_arena_init(&own, OWN_BYTES, &err));
    DERM_TRY(derm_arena_new(&own, &ctx, 1, sizeof(*ctx)));
    ctx->own = own;
    ctx->own.err = &ctx->err;
    *out = ctx;
    return open_context(ctx, settings);
}

derm_err derm_context_inherit(derm_context *ctx, const struct derm_settings *s)
{
    ctx->engine.progress = s->progress;
    ctx->engine.user = s->user;
    derm_pool_free(ctx->engine.pool);
    ctx->engine.pool = NULL;
    return derm_pool_new(&ctx->engine.pool, s->threads, &ctx->err);
}

void derm_context_free(derm_context *ctx)
{
    struct derm_arena own;

    if (!ctx) return;
    if (ctx->engine.pool) derm_pool_free(ctx->engine.pool);
    if (ctx->models) derm_models_close(ctx->models);
    derm_arena_free(&ctx->engine.scratch);
    derm_arena_free(&ctx->spare);
    own = ctx->own;
    derm_arena_free(&own);
}

const char *derm_error_text(const derm_context *ctx)
{
    return ctx ? ctx->err.text : "not enough memory for a context";
}

/* ---- documents */

struct derm_start derm_start_now(void)
{
    const time_t now = time(NULL);
    struct derm_start start;
    struct timespec t;
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(start.at, sizeof(start.at), "%Y-%m-%dT%H:%M:%SZ", &utc);
    clock_gettime(CLOCK_MONOTONIC, &t);
    start.seconds = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    return start;
}

struct derm_circumstances derm_circumstances_since(const derm_document *doc,
                                                   const struct derm_start *start)
{
    const derm_context *const ctx = doc->ctx;

    return (struct derm_circumstances){
        .stages = ctx->engine.stages,
        .params = ctx->engine.params,
        .models = ctx->models,
        .version = DERM_VERSION,
        .cpu = derm_cpu_name(ctx->cpu),
        .threads = derm_pool_threads(ctx->engine.pool),
        .findings = ctx->findings,
        .started_at = start->at,
        .seconds = derm_start_now().seconds - start->seconds,
        .memory_bytes = doc->keep.peak + ctx->engine.scratch.peak,
    };
}

static derm_err build(derm_document *doc, const struct derm_start *start)
{
    const struct derm_circumstances about = derm_circumstances_since(doc, start);

    doc->refused = derm_work_refused(&doc->work);
    DERM_TRY(derm_document_build(&doc->work, &about, &doc->keep, &doc->text, &doc->ctx->err));
    DERM_TRY(derm_json_line(&doc->keep, &doc->line, doc->text));
    return derm_summary_build(&doc->work, &doc->keep, &doc->summary);
}

static derm_err fill(derm_document *doc, const struct derm_photo_request *const *photo, int photos)
{
    const struct derm_start start = derm_start_now();

    for (int i = 0; i < photos; i++) {
        struct derm_photo_request *const r = &doc->work.request[i];

        DERM_TRY(derm_copy_sized(r, sizeof(*r), photo[i], "derm_photo_request", &doc->ctx->err));
        if (!r->path || !*r->path)
            return derm_fail(&doc->ctx->err, DERM_EUSAGE, "a photo has no path");
        if (r->px_per_mm != 0 && !(r->px_per_mm >= least_scale && r->px_per_mm <= most_scale))
            return derm_fail(&doc->ctx->err, DERM_EUSAGE,
                             "%g pixels per millimetre is no scale of a photo: give %g to %g",
                             r->px_per_mm, least_scale, most_scale);
    }
    doc->work.photos = photos;
    DERM_TRY(derm_run(&doc->ctx->engine, &doc->work, &doc->keep, &doc->ctx->err));
    return build(doc, &start);
}

/* The system takes longer to clear new pages than we to use them. */
static derm_err take_arena(derm_context *ctx, struct derm_arena *keep)
{
    if (!ctx->spare.base) return derm_arena_init(keep, ctx->max_memory, &ctx->err);
    *keep = ctx->spare;
    keep->peak = 0;
    ctx->spare = (struct derm_arena){ 0 };
    return DERM_OK;
}

static void give_arena(derm_context *ctx, struct derm_arena *keep)
{
    if (ctx->spare.base) {
        derm_arena_free(keep);
        return;
    }
    derm_arena_reset(keep, 0);
    ctx->spare = *keep;
}

derm_document *derm_document_open(derm_context *ctx)
{
    struct derm_arena keep;
    derm_document *doc;

    ctx->err = (struct derm_error){ 0 };
    ctx->engine.scratch.peak = 0;
    if (take_arena(ctx, &keep) != DERM_OK) return NULL;
    if (derm_arena_new(&keep, &doc, 1, sizeof(*doc)) != DERM_OK) {
        give_arena(ctx, &keep);
        return NULL;
    }
    doc->ctx = ctx;
    doc->keep = keep;
    return doc;
}

derm_err derm_document_close(derm_document *doc, derm_err built, derm_document **out)
{
    *out = built == DERM_OK ? doc : NULL;
    if (built != DERM_OK) derm_document_free(doc);
    return built;
}

static const struct derm_known nothing;

static derm_err make(derm_context *ctx, const struct derm_photo_request *const *photo, int photos,
                     const struct derm_known *known, derm_document **out)
{
    derm_document *const doc = derm_document_open(ctx);

    *out = NULL;
    if (!doc) return ctx->err.code;
    doc->work.baseline = known->baseline;
    if (known->match) doc->work.pair.match = *known->match;
    return derm_document_close(doc, fill(doc, photo, photos), out);
}

derm_err derm_analyze(derm_context *ctx, const struct derm_photo_request *photo,
                      derm_document **out)
{
    return make(ctx, &photo, 1, &nothing, out);
}

derm_err derm_compare(derm_context *ctx, const struct derm_photo_request *baseline,
                      const struct derm_photo_request *followup, derm_document **out)
{
    return derm_compare_with(ctx, &nothing, baseline, followup, out);
}

derm_err derm_compare_with(derm_context *ctx, const struct derm_known *known,
                           const struct derm_photo_request *baseline,
                           const struct derm_photo_request *followup, derm_document **out)
{
    const struct derm_photo_request *const photo[2] = { baseline, followup };

    return make(ctx, photo, 2, known, out);
}

void derm_document_free(derm_document *doc)
{
    struct derm_arena keep;

    if (!doc) return;
    keep = doc->keep; /* which the document itself lives in */
    give_arena(doc->ctx, &keep);
}

const char *derm_document_json(const derm_document *doc)
{
    return doc->text;
}

const char *derm_document_line(const derm_document *doc)
{
    return doc->line;
}

const char *derm_document_summary(const derm_document *doc)
{
    return doc->summary;
}

int derm_document_refused(const derm_document *doc)
{
    return doc->refused;
}

derm_err derm_text_write(derm_context *ctx, const char *text, const char *path)
{
    ctx->err = (struct derm_error){ 0 };
    return derm_file_write(path, text, strlen(text), &ctx->err);
}

/* ---- pictures and pages */

static struct derm_overlay_job overlay_job(derm_document *doc, const struct derm_filter *f)
{
    const struct derm_work *const w = &doc->work;

    return (struct derm_overlay_job){ .frame = &w->frame[0],
                                      .pair = w->photos == 2 ? &w->pair : NULL,
                                      .tone = &w->tone,
                                      .results = &w->results,
                                      .eye_bar = doc->ctx->eye_bar,
                                      .filter = f,
                                      .err = &doc->ctx->err };
}

/* Encoded once, for a folder and for a page. A series has none. */
static derm_err make_pictures(derm_document *doc, const struct derm_overlay_job *job)
{
    if (doc->pictures.photos || doc->work.photos == 0 || doc->ctx->engine.no_pictures)
        return DERM_OK;
    return derm_overlay_pictures(job, &doc->keep, &doc->pictures);
}

static derm_err write_pictures(derm_document *doc, const struct derm_overlay_job *job,
                               const char *folder)
{
    DERM_TRY(derm_overlay_draw(job, folder));
    DERM_TRY(make_pictures(doc, job));
    return derm_pictures_save(&doc->pictures, folder, &doc->keep, &doc->ctx->err);
}

derm_err derm_document_overlays(derm_document *doc, const char *folder)
{
    struct derm_engine *const e = &doc->ctx->engine;
    struct derm_error *const err = &doc->ctx->err;
    const struct derm_filter f = { &e->kernels, e->pool, &e->scratch };
    const struct derm_overlay_job job = overlay_job(doc, &f);
    struct derm_file_set set;
    derm_err done;

    *err = (struct derm_error){ 0 };
    if (doc->work.photos == 0)
        return derm_fail(err, DERM_EUSAGE, "only an analysis or a comparison has pictures");
    if (e->no_pictures) return derm_fail(err, DERM_EUSAGE, "the settings asked for no pictures");
    DERM_TRY(derm_file_set_begin(&set, folder, err));
    done = write_pictures(doc, &job, set.part);
    if (done == DERM_OK) return derm_file_set_finish(&set, err);
    derm_file_set_drop(&set);
    return done;
}

/* A page of the request's document, in the arena of this call. */
static derm_err build_page(derm_context *ctx, const struct derm_report_request *r,
                           struct derm_arena *keep, const char **page)
{
    const struct derm_engine *const e = &ctx->engine;
    const struct derm_filter f = { &e->kernels, e->pool, &ctx->engine.scratch };
    const char *const json = r->document ? r->document->text : r->json;
    const char *const name = r->name ? r->name : "the document";

    if (!json || (r->document && (r->json || r->pictures)))
        return derm_fail(&ctx->err, DERM_EUSAGE,
                         "a report is made of a document of this context or of JSON, one of them");
    if (r->document) {
        const struct derm_overlay_job job = overlay_job(r->document, &f);

        DERM_TRY(make_pictures(r->document, &job));
    }
    return derm_page_build(json, strlen(json), name, r->document ? &r->document->pictures : NULL,
                           r->pictures, keep, page);
}

derm_err derm_report(derm_context *ctx, const struct derm_report_request *given, char **html)
{
    struct derm_report_request r = { 0 };
    struct derm_arena keep;
    const char *page = NULL;

    *html = NULL;
    ctx->err = (struct derm_error){ 0 };
    DERM_TRY(derm_copy_sized(&r, sizeof(r), given, "derm_report_request", &ctx->err));
    DERM_TRY(derm_arena_init(&keep, ctx->max_memory, &ctx->err));
    if (build_page(ctx, &r, &keep, &page) == DERM_OK && page) *html = strdup(page);
    if (ctx->err.code == DERM_OK && !*html)
        derm_fail(&ctx->err, DERM_ENOMEM, "not enough memory for the page");
    derm_arena_free(&keep);
    return ctx->err.code;
}
