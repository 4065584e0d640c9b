/* SPDX-License-Identifier: Apache-2.0 */
/* From the manifest of repeat shots to a profile. */
#include <dermetry/study.h>

#include <stdio.h>
#include <string.h>

#include "base/metrics.h"
#include "report/json.h"
#include "study/answer.h"
#include "study/csv.h"
#include "study/precision_profile.h"
#include "study/stream.h"

static const size_t keep_bytes = (size_t)8 << 30; /* of address space */

struct measurement {
    derm_context *ctx;
    struct derm_precision_request request;
    struct derm_arena keep, scratch;
    struct derm_manifest manifest;
    struct derm_repeats repeats;
    const struct derm_json *table;
};

/* ---- readings as CSV */

static const char *const header[] = {
    "subject", "view",           "visit",  "sitting",        "shot", "row",
    "metric",  "region",         "extent", "tone",           "unit", "analysis_px_per_mm",
    "objects", "baseline_value", "change", "change_percent",
};
enum { COLUMNS = sizeof(header) / sizeof(*header) };
_Static_assert((int)COLUMNS <= (int)DERM_CSV_LINE, "a line holds all columns");

static void write_reading(FILE *out, const struct measurement *m, const struct derm_repeat *p,
                          int metric, int region)
{
    const struct derm_reading *const r = &p->reading[metric][region];
    const struct derm_json *const tone = derm_json_at(derm_json_get(m->table, "tones"), p->tone);
    const char *const tone_id = derm_json_as_text(derm_json_get(tone, "id"));
    const bool whole = region == DERM_REGION_FACE || region == DERM_REGION_ROI;
    struct derm_csv_line l = { .n = 0 };

    if (!r->unit) return;
    derm_csv_add(&l, p->first->subject);
    derm_csv_add(&l, p->first->view);
    derm_csv_add(&l, p->first->visit);
    derm_csv_add_number(&l, p->sitting, true);
    derm_csv_add_number(&l, p->shot, true);
    derm_csv_add_number(&l, p->other->line, true);
    derm_csv_add(&l, derm_metrics[metric].id);
    derm_csv_add(&l, derm_region_id((enum derm_region)region));
    derm_csv_add(&l, whole ? "whole" : "region");
    derm_csv_add(&l, tone_id ? tone_id : "");
    derm_csv_add(&l, r->unit);
    derm_csv_add_number(&l, p->px_per_mm, p->px_per_mm > 0);
    derm_csv_add_number(&l, r->objects, true);
    derm_csv_add_number(&l, r->baseline, true);
    derm_csv_add_number(&l, r->change, true);
    derm_csv_add_number(&l, r->percent, r->has_percent);
    derm_csv_write(out, l.field, l.n);
}

static derm_err write_readings(const struct measurement *m)
{
    struct derm_stream s = { .file = NULL };

    DERM_TRY(derm_stream_open_path(&s, m->request.readings, &m->ctx->err));
    derm_csv_write(s.file, header, COLUMNS);
    for (int i = 0; i < m->repeats.pairs; i++)
        for (int k = 0; k < DERM_METRIC_COUNT * DERM_REGION_COUNT && m->repeats.pair[i].reading;
             k++)
            write_reading(s.file, m, &m->repeats.pair[i], k / DERM_REGION_COUNT,
                          k % DERM_REGION_COUNT);
    return derm_stream_finish(&s, &m->ctx->err);
}

/* ---- the whole */

static derm_err take_request(struct measurement *m, const struct derm_precision_request *given)
{
    const size_t known = sizeof(m->request);

    if (given->size < sizeof(given->size))
        return derm_fail(&m->ctx->err, DERM_EUSAGE,
                         "set the size of struct derm_precision_request");
    memcpy(&m->request, given, given->size < known ? given->size : known);
    if (m->request.manifest) return DERM_OK;
    return derm_fail(&m->ctx->err, DERM_EUSAGE, "precision needs a manifest");
}

static derm_err measure(struct measurement *m, struct derm_precision_counts *counts,
                        const char **text)
{
    struct derm_error *const err = &m->ctx->err;
    const struct derm_profile profile = { &m->repeats, m->table,    m->manifest.sha256,
                                          &m->keep,    &m->scratch, err,
                                          counts };

    DERM_TRY(derm_repeats_measure(&m->repeats, m->ctx, &m->keep, &m->manifest, &m->request,
                                  derm_json_get(m->table, "tones")));
    *counts = (struct derm_precision_counts){
        m->repeats.sittings, m->repeats.pairs, m->repeats.faults, m->repeats.refused, 0, 0
    };
    if (m->request.readings) DERM_TRY(write_readings(m));
    return derm_profile_build(&profile, text);
}

static derm_err run(struct measurement *m, const struct derm_precision_request *request,
                    struct derm_precision_counts *counts, const char **text)
{
    struct derm_error *const err = &m->ctx->err;

    DERM_TRY(take_request(m, request));
    DERM_TRY(derm_arena_init(&m->keep, keep_bytes, err));
    DERM_TRY(derm_arena_init(&m->scratch, keep_bytes, err));
    DERM_TRY(derm_manifest_read(&m->manifest, &m->keep, m->request.manifest, err));
    DERM_TRY(derm_models_table(m->ctx->models, "precision", &m->table, err));
    return measure(m, counts, text);
}

derm_err derm_measure_precision(derm_context *ctx, const struct derm_precision_request *request,
                                struct derm_precision_counts *counts, char **profile)
{
    struct measurement m = { .ctx = ctx };
    const char *text = "";
    derm_err done;

    *profile = NULL;
    *counts = (struct derm_precision_counts){ 0 };
    ctx->err = (struct derm_error){ 0 };
    done = run(&m, request, counts, &text);
    if (done == DERM_OK) done = derm_answer(profile, text, &ctx->err);
    derm_arena_free(&m.scratch);
    derm_arena_free(&m.keep);
    return done;
}
