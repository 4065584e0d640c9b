/* SPDX-License-Identifier: Apache-2.0 */
#include "study/repeats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "base/metrics.h"

/* ---- sittings */

static bool same_subject(const struct derm_row *a, const struct derm_row *b)
{
    return strcmp(a->subject, b->subject) == 0;
}

static bool same_sitting(const struct derm_row *a, const struct derm_row *b)
{
    return same_subject(a, b) && strcmp(a->view, b->view) == 0 && strcmp(a->visit, b->visit) == 0;
}

/* Room for as many pairs as there are rows is room enough. */
static derm_err find_pairs(struct derm_repeats *out, struct derm_arena *keep,
                           const struct derm_manifest *m)
{
    const size_t n = (size_t)m->rows;
    int subject = -1;
    const struct derm_row **row;

    DERM_TRY(derm_arena_raw(keep, &row, n, sizeof(void *)));
    DERM_TRY(derm_arena_new(keep, &out->pair, n, sizeof(*out->pair)));
    for (int i = 0; i < m->rows; i++)
        row[i] = &m->row[i];
    qsort(row, n, sizeof(void *), derm_row_order);
    for (int i = 0, end; i < m->rows; i = end) {
        subject += i == 0 || !same_subject(row[i - 1], row[i]);
        for (end = i + 1; end < m->rows && same_sitting(row[i], row[end]); end++)
            if (end - i < DERM_MAX_SHOTS)
                out->pair[out->pairs++] = (struct derm_repeat){ .first = row[i],
                                                                .other = row[end],
                                                                .subject = subject,
                                                                .sitting = out->sittings,
                                                                .shot = end - i };
        out->sittings += end > i + 1;
    }
    return DERM_OK;
}

/* What the measurement of every pair needs. */
struct lab {
    struct derm_repeats *out;
    derm_context *ctx;
    struct derm_arena *keep;
    const struct derm_manifest *manifest;
    const struct derm_precision_request *request;
    const struct derm_json *tones;
};

/* ---- what a comparison says */

static int tone_named(const struct derm_json *tones, const char *id)
{
    int i = 0;

    for (const struct derm_json *t = derm_json_first(tones); t; t = derm_json_next(t), i++) {
        const char *const name = derm_json_as_text(derm_json_get(t, "id"));

        if (name && id && strcmp(name, id) == 0) return i;
    }
    return -1;
}

static bool is_text(const struct derm_json *row, const char *key, const char *text)
{
    const char *const there = derm_json_as_text(derm_json_get(row, key));

    return there && strcmp(there, text) == 0;
}

static const char *unit_of(enum derm_metric_id metric, const struct derm_json *row)
{
    const struct derm_metric_def *const m = &derm_metrics[metric];

    return is_text(row, "unit", m->unit) ? m->unit : m->unit_no_scale;
}

static derm_err read_row(struct derm_repeat *p, const struct derm_json *row, struct derm_error *err)
{
    const struct derm_json *const change = derm_json_get(row, "change");
    const char *metric_id, *region_id;
    struct derm_reading r = { 0 };
    double objects;
    int metric, region;

    if (!is_text(row, "status", "measured") || is_text(row, "verdict", "not_comparable"))
        return DERM_OK;
    DERM_TRY(derm_json_text(row, "metric", &metric_id, err));
    DERM_TRY(derm_json_text(row, "region", &region_id, err));
    DERM_TRY(derm_json_number(derm_json_get(row, "baseline"), "value", &r.baseline, err));
    DERM_TRY(derm_json_number(change, "value", &r.change, err));
    DERM_TRY(derm_json_number(row, "objects", &objects, err));
    metric = derm_metric_named(metric_id, 0);
    region = derm_region_named(region_id, 0);
    if (metric < 0 || region < 0)
        return derm_fail(err, DERM_EINTERNAL, "%s of %s is no metric", metric_id, region_id);
    r.unit = unit_of((enum derm_metric_id)metric, row);
    r.objects = (int)objects;
    r.has_percent = derm_json_as_number(derm_json_get(change, "percent"), &r.percent);
    p->reading[metric][region] = r;
    return DERM_OK;
}

static derm_err read_document(struct derm_repeat *p, const struct derm_json *root,
                              const struct derm_json *tones, struct derm_error *err)
{
    const struct derm_json *const precision = derm_json_get(root, "precision");

    p->refused = is_text(derm_json_get(root, "comparability"), "verdict", "not_comparable");
    p->tone = tone_named(tones, derm_json_as_text(derm_json_get(precision, "tone")));
    derm_json_as_number(derm_json_get(derm_json_get(root, "scale"), "analysis_px_per_mm"),
                        &p->px_per_mm);
    for (const struct derm_json *row = derm_json_first(derm_json_get(root, "metrics")); row;
         row = derm_json_next(row))
        DERM_TRY(read_row(p, row, err));
    return DERM_OK;
}

static void note_configuration(struct derm_repeats *out, const struct derm_json *root)
{
    const char *const hash =
        derm_json_as_text(derm_json_get(derm_json_get(root, "provenance"), "configuration_sha256"));

    if (hash && !*out->configuration)
        snprintf(out->configuration, sizeof(out->configuration), "%s", hash);
}

static derm_err keep_document(const struct lab *lab, struct derm_repeat *p,
                              const derm_document *doc, struct derm_error *err)
{
    const char *const line = derm_document_line(doc);
    struct derm_json *root;
    derm_err done;

    DERM_TRY(derm_arena_new(lab->keep, &p->reading, DERM_METRIC_COUNT, sizeof(*p->reading)));
    DERM_TRY(derm_json_parse(&root, line, strlen(line), "a comparison", err));
    note_configuration(lab->out, root);
    done = read_document(p, root, lab->tones, err);
    derm_json_free(root);
    return done;
}

/* ---- comparisons */

static derm_err request_photo(const struct lab *lab, struct derm_photo_request *photo,
                              const struct derm_row *row)
{
    const struct derm_manifest *const m = lab->manifest;
    const char *const roi = derm_row_text(m, row, DERM_COLUMN_ROI);

    *photo = (struct derm_photo_request){
        .size = sizeof(*photo),
        .px_per_mm = row->px_per_mm > 0 ? row->px_per_mm : lab->request->px_per_mm,
        .site = lab->request->site,
    };
    DERM_TRY(derm_manifest_path(m, lab->keep, &photo->path, row->path));
    return *roi ? derm_manifest_path(m, lab->keep, &photo->roi_path, roi) : DERM_OK;
}

static derm_err measure_pair(const struct lab *lab, struct derm_repeat *p)
{
    derm_context *const ctx = lab->ctx;
    struct derm_photo_request first, other;
    struct derm_error err = { 0 };
    derm_document *doc = NULL;
    derm_err code;

    DERM_TRY(request_photo(lab, &first, p->first));
    DERM_TRY(request_photo(lab, &other, p->other));
    code = derm_compare(ctx, &first, &other, &doc);
    if (code == DERM_EINTERRUPTED) return code;
    if (code != DERM_OK) {
        DERM_TRY(derm_arena_text(lab->keep, &p->fault, derm_error_text(ctx)));
        ctx->err = (struct derm_error){ 0 }; /* the others go on */
        return DERM_OK;
    }
    code = keep_document(lab, p, doc, &err);
    derm_document_free(doc);
    return code == DERM_OK ? DERM_OK : derm_fail(&ctx->err, code, "%s", err.text);
}

derm_err derm_repeats_measure(struct derm_repeats *out, derm_context *ctx, struct derm_arena *keep,
                              const struct derm_manifest *m,
                              const struct derm_precision_request *request,
                              const struct derm_json *tones)
{
    const struct lab lab = { out, ctx, keep, m, request, tones };

    *out = (struct derm_repeats){ 0 };
    DERM_TRY(find_pairs(out, keep, m));
    if (out->pairs == 0)
        return derm_fail(&ctx->err, DERM_EUSAGE,
                         "%s has no repeat shots: photos of one subject, view and visit with "
                         "different entries in a column repeat",
                         m->name);
    for (int i = 0; i < out->pairs; i++) {
        DERM_TRY(measure_pair(&lab, &out->pair[i]));
        out->faults += out->pair[i].fault != NULL;
        out->refused += out->pair[i].refused;
    }
    return DERM_OK;
}
