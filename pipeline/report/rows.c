/* SPDX-License-Identifier: Apache-2.0 */
/* metrics[], one row per metric and region, and summary[], one row per concern. A row has either
 * numbers or a reason, never both. */
#include <math.h>

#include <cjson/cJSON.h>

#include "base/metrics.h"
#include "report/document.h"

static const char *const verdict_id[] = { "no_detectable_change", "improved", "worsened",
                                          "not_comparable" };
static const char *const component_id[] = { "objects", "measurement", "repeatability", "control" };

static bool finite_value(struct derm_value v)
{
    return isfinite(v.value) && isfinite(v.sd);
}

/* The last gate before the reader: what is not a number or has no unit is not measured. */
static struct derm_result checked(const struct derm_result *result,
                                  const struct derm_row_form *form)
{
    const struct derm_metric_def *const def = &derm_metrics[result->metric];
    struct derm_result r = *result;
    bool finite;

    if (r.status != DERM_MEASURED) return r;
    finite = finite_value(r.base);
    if (form->pair)
        finite = finite && finite_value(r.follow) && isfinite(r.change) && isfinite(r.change_sd);
    if (!finite) {
        r.status = DERM_OUT_OF_RANGE;
        r.reason = DERM_REASON_OUT_OF_RANGE;
    } else if (!form->scaled && !*def->unit_no_scale) {
        r.status = DERM_NOT_ASSESSABLE;
        r.reason = DERM_REASON_NO_SCALE;
    }
    r.has_percent = r.has_percent && isfinite(r.percent) && isfinite(r.percent_lo) &&
                    isfinite(r.percent_hi) && isfinite(r.mdc95_percent);
    return r;
}

static void write_value(struct derm_emit *e, cJSON *row, const char *key, struct derm_value v)
{
    cJSON *const o = derm_emit_object(e, row, key);

    derm_emit_number(e, o, "value", v.value);
    derm_emit_number(e, o, "sd", v.sd);
}

static void write_change(struct derm_emit *e, cJSON *row, const struct derm_result *r)
{
    cJSON *change, *interval;

    write_value(e, row, "baseline", r->base);
    write_value(e, row, "followup", r->follow);
    change = derm_emit_object(e, row, "change");
    derm_emit_number(e, change, "value", r->change);
    derm_emit_number(e, change, "sd", r->change_sd);
    derm_emit_text(e, change, "dominated_by", component_id[r->dominated_by]);
    if (!r->has_percent) return;
    derm_emit_number(e, change, "percent", r->percent);
    interval = derm_emit_array(e, change, "ci95_percent");
    derm_emit_number(e, interval, NULL, r->percent_lo);
    derm_emit_number(e, interval, NULL, r->percent_hi);
    derm_emit_number(e, row, "mdc95_percent", r->mdc95_percent);
}

static void write_outcome(struct derm_emit *e, cJSON *row, const struct derm_result *r, bool pair)
{
    static const char *const status[] = { "measured", "not_assessable", "out_of_range" };
    const bool measured = r->status == DERM_MEASURED;

    derm_emit_text(e, row, "status", status[r->status]);
    if (r->reason != DERM_REASON_NONE) { /* also why a measured change is not comparable */
        derm_emit_text(e, row, "reason", derm_reason_id(r->reason));
        derm_emit_text(e, row, "text", derm_reason_text(r->reason));
    }
    if (measured && pair) {
        write_change(e, row, r);
    } else if (measured) {
        derm_emit_number(e, row, "value", r->base.value);
        derm_emit_number(e, row, "sd", r->base.sd);
    }
    if (measured) derm_emit_int(e, row, "objects", r->objects);
    if (pair)
        derm_emit_text(e, row, "verdict", verdict_id[measured ? r->verdict : DERM_NOT_COMPARABLE]);
}

cJSON *derm_write_row(struct derm_emit *e, cJSON *list, const struct derm_result *result,
                      const struct derm_row_form *form)
{
    const struct derm_result r = checked(result, form);
    const struct derm_metric_def *const def = &derm_metrics[r.metric];
    const bool scaled = form->scaled || r.status != DERM_MEASURED;
    cJSON *const row = derm_emit_object(e, list, NULL);

    if (form->summary) derm_emit_text(e, row, "concern", derm_concern_id(def->concern));
    derm_emit_text(e, row, "metric", def->id);
    if (!form->summary) derm_emit_text(e, row, "concern", derm_concern_id(def->concern));
    derm_emit_text(e, row, "region", derm_region_id(r.region));
    derm_emit_text(e, row, "class", derm_class_id(def->klass));
    derm_emit_text(e, row, "unit", scaled ? def->unit : def->unit_no_scale);
    derm_emit_text(e, row, "better", derm_better_id(def->better));
    write_outcome(e, row, &r, form->pair);
    return row;
}

static void write_row(struct derm_writer *w, cJSON *list, const struct derm_result *r, bool summary)
{
    const struct derm_row_form form = { .pair = w->work->photos == 2,
                                        .scaled = derm_scale_known(w->work),
                                        .summary = summary };

    derm_write_row(&w->emit, list, r, &form);
}

static bool is_whole(enum derm_region region)
{
    return region == DERM_REGION_FACE || region == DERM_REGION_ROI;
}

void derm_write_control(struct derm_writer *w)
{
    const struct derm_control *const control = &w->work->results.control;
    cJSON *o, *list;

    if (!control->given) return;
    o = derm_emit_object(&w->emit, w->emit.root, "control");
    list = derm_emit_array(&w->emit, o, "concerns");
    for (int c = 0; c < DERM_CONCERN_COUNT; c++)
        write_row(w, list, &control->concern[c], true);
    if (!control->coloured) return;
    write_value(&w->emit, o, "melanin_change", control->melanin);
    write_value(&w->emit, o, "haemoglobin_change", control->blood);
}

void derm_write_results(struct derm_writer *w)
{
    const struct derm_results *const results = &w->work->results;
    cJSON *list = derm_emit_array(&w->emit, w->emit.root, "metrics");

    for (int m = 0; m < DERM_METRIC_COUNT; m++)
        for (int region = 0; region < DERM_REGION_COUNT; region++)
            for (int i = 0; i < results->n; i++)
                if ((int)results->item[i].metric == m && (int)results->item[i].region == region)
                    write_row(w, list, &results->item[i], false);
    list = derm_emit_array(&w->emit, w->emit.root, "summary");
    for (int c = 0; c < DERM_CONCERN_COUNT; c++)
        for (int i = 0; i < results->n; i++) {
            const struct derm_result *const r = &results->item[i];
            const struct derm_metric_def *const def = &derm_metrics[r->metric];

            if ((int)def->concern == c && def->is_main && is_whole(r->region))
                write_row(w, list, r, true);
        }
}
