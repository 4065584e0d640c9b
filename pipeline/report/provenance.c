/* SPDX-License-Identifier: Apache-2.0 */
/* provenance: what the numbers depend on besides the photos. run: what may differ between two runs
 * of the same thing. */
#define _DEFAULT_SOURCE /* gethostname, getrusage */
#include <sys/resource.h>
#include <unistd.h>

#include <cjson/cJSON.h>
#include <string.h>

#include "base/sha256.h"
#include "report/document.h"

void derm_write_request(struct derm_emit *e, cJSON *requests, const char *photo,
                        const struct derm_photo_request *r)
{
    cJSON *const o = derm_emit_object(e, requests, NULL);

    derm_emit_text(e, o, "photo", photo);
    derm_emit_text(e, o, "site", r->site == DERM_SITE_BODY ? "body" : "face");
    if (r->px_per_mm > 0) derm_emit_number(e, o, "px_per_mm", r->px_per_mm);
    derm_emit_bool(e, o, "roi", r->roi_path);
    derm_emit_bool(e, o, "exclude", r->exclude_path);
    derm_emit_bool(e, o, "control_roi", r->control_path);
    if (r->scar_line_path) derm_emit_bool(e, o, "scar_line", true);
}

void derm_write_option_table(struct derm_emit *e, cJSON *parent, const char *owner,
                             const struct derm_opt *opts, const void *params)
{
    cJSON *const o = opts ? derm_emit_object(e, parent, owner) : NULL;

    for (const struct derm_opt *opt = opts; opt && opt->name; opt++)
        derm_emit_number(e, o, opt->name, derm_opt_get(opt, params));
}

void derm_write_options(struct derm_emit *e, cJSON *parent, const struct derm_stage *const *stages,
                        void *const *params)
{
    cJSON *const o = derm_emit_object(e, parent, "stages");

    for (int i = 0; stages[i]; i++)
        derm_write_option_table(e, o, stages[i]->name, stages[i]->opts, params[i]);
}

static void write_configuration(struct derm_emit *e, cJSON *o, const void *user)
{
    const struct derm_writer *const w = user;
    cJSON *const requests = derm_emit_array(e, o, "requests");

    for (int i = 0; i < w->work->photos; i++)
        derm_write_request(e, requests, derm_photo_id(w->work, i), &w->work->request[i]);
    derm_write_options(e, o, w->about->stages, w->about->params);
}

/* The hash of the configuration's text on one line. */
static derm_err write_configuration_hash(struct derm_emit *e, cJSON *provenance,
                                         const struct derm_configuration *of,
                                         struct derm_arena *keep)
{
    char hex[DERM_SHA256_SIZE];
    struct derm_emit part;
    const char *text;

    DERM_TRY(derm_emit_begin(&part, e->err));
    of->write(&part, part.root, of->user);
    DERM_TRY(derm_emit_end(&part, keep, &text));
    DERM_TRY(derm_json_line(keep, &text, text));
    derm_sha256_of(text, strlen(text), hex);
    derm_emit_text(e, provenance, "configuration_sha256", hex);
    return DERM_OK;
}

static void write_model(struct derm_emit *e, cJSON *models, const char *name, const char *sha256,
                        const char *file)
{
    cJSON *const model = derm_emit_object(e, models, NULL);

    derm_emit_text(e, model, "name", name);
    if (file) derm_emit_text(e, model, "file", file);
    derm_emit_text(e, model, "sha256", sha256);
}

void derm_write_models(struct derm_emit *e, cJSON *parent, const struct derm_models *m)
{
    cJSON *const models = derm_emit_array(e, parent, "models");

    for (int i = 0; m && i < DERM_NET_COUNT; i++)
        write_model(e, models, derm_model_name((enum derm_network)i),
                    derm_model_sha256(m, (enum derm_network)i), NULL);
    for (int i = 0; m && derm_models_table_name(m, i); i++)
        write_model(e, models, derm_models_table_name(m, i), derm_models_table_sha256(m, i),
                    derm_models_table_file(m, i));
}

derm_err derm_write_origin(struct derm_emit *e, const struct derm_circumstances *about,
                           const char *schema, const struct derm_configuration *configuration,
                           struct derm_arena *keep)
{
    cJSON *const o = derm_emit_object(e, e->root, "provenance");

    derm_emit_text(e, o, "program", "dermetry");
    derm_emit_text(e, o, "version", about->version);
    derm_emit_text(e, o, "schema", schema);
    configuration->write(e, derm_emit_object(e, o, "configuration"), configuration->user);
    DERM_TRY(write_configuration_hash(e, o, configuration, keep));
    derm_write_models(e, o, about->models);
    if (configuration->verdict_basis)
        derm_emit_text(e, o, "verdict_basis", configuration->verdict_basis);
    return e->err->code;
}

derm_err derm_write_provenance(struct derm_writer *w, struct derm_arena *keep)
{
    const bool pair = w->work->photos == 2;
    const struct derm_configuration configuration = {
        .write = write_configuration,
        .user = w,
        .verdict_basis =
            pair ? "null figures measured on pairs of photos of unchanged skin, by tone and "
                   "resolution (table precision); Benjamini-Hochberg over the rows judged"
                 : NULL,
    };

    return derm_write_origin(&w->emit, w->about,
                             pair ? "dermetry/comparison/1" : "dermetry/analysis/1", &configuration,
                             keep);
}

cJSON *derm_write_machine(struct derm_emit *e, const struct derm_circumstances *about)
{
    cJSON *const o = derm_emit_object(e, e->root, "run");
    struct rusage usage;
    char host[256] = "";

    gethostname(host, sizeof(host) - 1);
    getrusage(RUSAGE_SELF, &usage);
    derm_emit_text(e, o, "started_at", about->started_at);
    derm_emit_number(e, o, "seconds", about->seconds);
    derm_emit_text(e, o, "host", host);
    derm_emit_text(e, o, "cpu", about->cpu);
    derm_emit_int(e, o, "threads", about->threads);
    derm_emit_int(e, o, "arena_peak_bytes", (int64_t)about->memory_bytes);
    derm_emit_int(e, o, "process_peak_bytes", (int64_t)usage.ru_maxrss * 1024);
    return o;
}

void derm_write_run(struct derm_writer *w)
{
    struct derm_emit *const e = &w->emit;
    cJSON *const o = derm_write_machine(e, w->about);
    cJSON *const stages = derm_emit_array(e, o, "stages");

    for (int i = 0; i < w->work->timings; i++) {
        const struct derm_timing *const t = &w->work->timing[i];
        cJSON *const row = derm_emit_object(e, stages, NULL);

        derm_emit_text(e, row, "stage", t->stage);
        if (t->photo >= 0) derm_emit_text(e, row, "photo", derm_photo_id(w->work, t->photo));
        derm_emit_number(e, row, "ms", 1e3 * t->seconds);
    }
}
