/* SPDX-License-Identifier: Apache-2.0 */
#include "study/precision_profile.h"

#include <string.h>

#include "base/metrics.h"
#include "report/json.h"
#include "stages/decide.h"
#include "study/repeat_figures.h"

enum { WHOLE = 1 << DERM_REGION_FACE | 1 << DERM_REGION_ROI };

/* Of null figures, by `whole`: regions move more than the whole face or close-up does. */
static const struct extent {
    const char *id;
    unsigned regions;
} extents[] = {
    { "region", ~(unsigned)WHOLE },
    { "whole", WHOLE },
};

/* ---- statistics */

static const char *tone_id(const struct derm_profile *p, int tone)
{
    if (tone < 0) return "all";
    return derm_json_as_text(
        derm_json_get(derm_json_at(derm_json_get(p->table, "tones"), tone), "id"));
}

static void emit_estimate(struct derm_emit *e, struct cJSON *parent, const char *key,
                          const struct derm_estimate *estimate)
{
    struct cJSON *const o = derm_emit_object(e, parent, key), *interval;

    derm_emit_number(e, o, "value", estimate->value);
    interval = derm_emit_array(e, o, "ci95");
    derm_emit_number(e, interval, NULL, estimate->lo);
    derm_emit_number(e, interval, NULL, estimate->hi);
}

static void emit_agreement(struct derm_emit *e, struct cJSON *o, const struct derm_agreement *a)
{
    derm_emit_number(e, o, "mean", a->mean);
    derm_emit_number(e, o, "sem", a->sem);
    derm_emit_number(e, o, "mdc95", a->mdc95);
    if (a->has_percent) {
        derm_emit_number(e, o, "wcv_percent", a->wcv_percent);
        derm_emit_number(e, o, "mdc95_percent", a->mdc95_percent);
    }
    if (!a->has_icc) return;
    emit_estimate(e, o, "icc_2_1", &a->icc21);
    emit_estimate(e, o, "icc_3_1", &a->icc31);
}

static void emit_limits(struct derm_emit *e, struct cJSON *parent,
                        const struct derm_bland_altman *l)
{
    struct cJSON *const o = derm_emit_object(e, parent, "bland_altman");

    derm_emit_number(e, o, "sd", l->sd);
    emit_estimate(e, o, "bias", &l->bias);
    emit_estimate(e, o, "lower", &l->lower);
    emit_estimate(e, o, "upper", &l->upper);
}

/* Of one region: its figures would be too good with those of others among them, as regions differ
 * more than shots do. */
static derm_err emit_statistic(const struct derm_profile *p, struct derm_emit *e,
                               struct cJSON *list, enum derm_region region,
                               const struct derm_selection *s)
{
    struct derm_agreement_figures f;
    struct cJSON *o;
    bool enough;

    DERM_TRY(derm_agreement_figures(&f, &enough, p->repeats, s, p->scratch));
    if (!enough) return DERM_OK;
    o = derm_emit_object(e, list, NULL);
    derm_emit_text(e, o, "metric", derm_metrics[s->metric].id);
    derm_emit_text(e, o, "region", derm_region_id(region));
    derm_emit_text(e, o, "tone", tone_id(p, s->tone));
    derm_emit_text(e, o, "unit", s->unit);
    derm_emit_int(e, o, "subjects", f.subjects);
    derm_emit_int(e, o, "targets", f.targets);
    derm_emit_int(e, o, "shots", f.shots);
    emit_agreement(e, o, &f.agreement);
    emit_limits(e, o, &f.limits);
    return DERM_OK;
}

static derm_err emit_statistics(const struct derm_profile *p, struct derm_emit *e)
{
    struct cJSON *const list = derm_emit_array(e, e->root, "statistics");
    const int tones = derm_json_count(derm_json_get(p->table, "tones"));

    for (int i = 0; i < DERM_METRIC_COUNT * DERM_REGION_COUNT; i++)
        for (int tone = -1; tone < tones; tone++) {
            const enum derm_metric_id metric = (enum derm_metric_id)(i / DERM_REGION_COUNT);
            const enum derm_region region = (enum derm_region)(i % DERM_REGION_COUNT);
            const struct derm_metric_def *const def = &derm_metrics[metric];
            struct derm_selection s = { metric, 1u << region, tone, def->unit };

            DERM_TRY(emit_statistic(p, e, list, region, &s));
            if (!*def->unit_no_scale || strcmp(def->unit, def->unit_no_scale) == 0) continue;
            s.unit = def->unit_no_scale;
            DERM_TRY(emit_statistic(p, e, list, region, &s));
        }
    return DERM_OK;
}

/* ---- table of null figures */

static void emit_classes(const struct derm_profile *p, struct derm_emit *e, const char *key,
                         const char *limit_key)
{
    struct cJSON *const list = derm_emit_array(e, e->root, key);

    for (const struct derm_json *c = derm_json_first(derm_json_get(p->table, key)); c;
         c = derm_json_next(c)) {
        struct cJSON *const o = derm_emit_object(e, list, NULL);
        double limit;

        derm_emit_text(e, o, "id", derm_json_as_text(derm_json_get(c, "id")));
        if (derm_json_as_number(derm_json_get(c, limit_key), &limit))
            derm_emit_number(e, o, limit_key, limit);
    }
}

/* Of a tone that was photographed, though too little, the figure is that of all tones: with the
 * user's camera, as the program's own table has it of its own. */
static derm_err find_figure(const struct derm_profile *p, const struct derm_selection *s,
                            int resolution, const struct derm_precision *known,
                            struct derm_null_figure *f, const char **from)
{
    struct derm_selection all = *s;
    bool enough;

    *from = "repeat shots";
    DERM_TRY(derm_null_figure(f, &enough, p->repeats, s, resolution, p->table, known, p->scratch));
    if (enough) return DERM_OK;
    *from = "repeat shots of all tones";
    all.tone = -1;
    if (f->rows > 0)
        DERM_TRY(derm_null_figure(f, &enough, p->repeats, &all, resolution, p->table, known,
                                  p->scratch));
    if (!enough) *from = NULL;
    return DERM_OK;
}

static derm_err emit_cell(const struct derm_profile *p, struct derm_emit *e, struct cJSON *list,
                          const struct derm_selection *s, int resolution,
                          const struct derm_precision *known)
{
    const struct derm_json *const resolutions = derm_json_get(p->table, "resolutions");
    const bool absolute = known->sd_absolute > 0;
    const double sd = absolute ? known->sd_absolute : known->sd_percent;
    struct cJSON *const o = derm_emit_object(e, list, NULL);
    struct derm_null_figure f;
    const char *from;

    DERM_TRY(find_figure(p, s, resolution, known, &f, &from));
    p->counts->figures++;
    p->counts->own += from != NULL;
    derm_emit_text(e, o, "tone", tone_id(p, s->tone));
    derm_emit_text(e, o, "resolution",
                   derm_json_as_text(derm_json_get(derm_json_at(resolutions, resolution), "id")));
    derm_emit_number(e, o, absolute ? "sd_absolute" : "sd_percent", from ? f.sd : sd);
    if (from) {
        derm_emit_number(e, o, absolute ? "bias_absolute" : "bias_percent", f.bias);
        derm_emit_int(e, o, "subjects", f.subjects);
        derm_emit_int(e, o, "pairs", f.pairs);
        derm_emit_int(e, o, "rows", f.rows);
    }
    derm_emit_text(e, o, "from", from ? from : "the table before");
    return DERM_OK;
}

static derm_err emit_extent(const struct derm_profile *p, struct derm_emit *e, struct cJSON *row,
                            enum derm_metric_id metric, bool whole)
{
    const struct derm_precision_key key = { .metric = derm_metrics[metric].id, .whole = whole };
    const int tones = derm_json_count(derm_json_get(p->table, "tones"));
    const int resolutions = derm_json_count(derm_json_get(p->table, "resolutions"));
    struct cJSON *const o = derm_emit_object(e, row, extents[whole].id);
    struct derm_precision known;
    struct cJSON *list;

    DERM_TRY(derm_precision_cell(p->table, &key, 0, 0, &known, p->err));
    if (known.sd_absolute <= 0) {
        derm_emit_number(e, o, "objects", known.objects);
        derm_emit_number(e, o, "shared", known.shared);
    }
    list = derm_emit_array(e, o, "cells");
    for (int i = 0; i < tones * resolutions; i++) {
        const struct derm_selection s = { metric, extents[whole].regions, i / resolutions, NULL };

        DERM_TRY(derm_precision_cell(p->table, &key, s.tone, i % resolutions, &known, p->err));
        DERM_TRY(emit_cell(p, e, list, &s, i % resolutions, &known));
    }
    return DERM_OK;
}

static derm_err emit_table(const struct derm_profile *p, struct derm_emit *e)
{
    static const char *const responses[] = { "with_change", "with_compression" };
    struct cJSON *metrics;

    emit_classes(p, e, "tones", "ita_above_deg");
    emit_classes(p, e, "resolutions", "px_per_mm_below");
    metrics = derm_emit_object(e, e->root, "metrics");
    for (int m = 0; m < DERM_METRIC_COUNT; m++) {
        const struct derm_json *const known =
            derm_json_get(derm_json_get(p->table, "metrics"), derm_metrics[m].id);
        struct cJSON *row;
        double response;

        if (!known) continue;
        row = derm_emit_object(e, metrics, derm_metrics[m].id);
        for (int i = 0; i < 2; i++)
            if (derm_json_as_number(derm_json_get(known, responses[i]), &response))
                derm_emit_number(e, row, responses[i], response);
        DERM_TRY(emit_extent(p, e, row, (enum derm_metric_id)m, false));
        DERM_TRY(emit_extent(p, e, row, (enum derm_metric_id)m, true));
    }
    return DERM_OK;
}

/* ---- the document */

static void emit_failures(const struct derm_profile *p, struct derm_emit *e)
{
    struct cJSON *const list = derm_emit_array(e, e->root, "failures");

    for (int i = 0; i < p->repeats->pairs; i++) {
        const struct derm_repeat *const pair = &p->repeats->pair[i];
        struct cJSON *o;

        if (!pair->fault) continue;
        o = derm_emit_object(e, list, NULL);
        derm_emit_int(e, o, "row", pair->other->line);
        derm_emit_text(e, o, "text", pair->fault);
    }
}

static derm_err emit_document(const struct derm_profile *p, struct derm_emit *e)
{
    const struct derm_repeats *const r = p->repeats;
    struct cJSON *figures;
    int subjects = 0;

    for (int i = 0; i < r->pairs; i++)
        subjects += i == 0 || r->pair[i].subject != r->pair[i - 1].subject;
    derm_emit_text(e, e->root, "schema", "dermetry/precision/1");
    derm_emit_text(e, e->root, "source",
                   "Made by dermetry precision from repeat shots: how much two photos of unchanged "
                   "skin differ. Cells with fewer than 12 rows or 3 subjects have the figure of "
                   "all tones, when theirs was photographed, or keep that of the table that was "
                   "there before.");
    derm_emit_text(e, e->root, "version", derm_version());
    derm_emit_text(e, e->root, "configuration", r->configuration);
    derm_emit_text(e, e->root, "manifest", p->manifest);
    derm_emit_int(e, e->root, "subjects", subjects);
    derm_emit_int(e, e->root, "sittings", r->sittings);
    derm_emit_int(e, e->root, "pairs", r->pairs);
    derm_emit_int(e, e->root, "not_comparable", r->refused);
    emit_failures(p, e);
    DERM_TRY(emit_statistics(p, e));
    DERM_TRY(emit_table(p, e));
    figures = derm_emit_object(e, e->root, "figures");
    derm_emit_int(e, figures, "all", p->counts->figures);
    derm_emit_int(e, figures, "own", p->counts->own);
    return DERM_OK;
}

derm_err derm_profile_build(const struct derm_profile *p, const char **text)
{
    struct derm_emit e;
    derm_err done, ended;

    DERM_TRY(derm_emit_begin(&e, p->err));
    done = emit_document(p, &e);
    ended = derm_emit_end(&e, p->keep, text);
    return done == DERM_OK ? ended : done;
}
