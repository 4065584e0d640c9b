/* SPDX-License-Identifier: Apache-2.0 */
/* trends[]: how each metric went on, against days and against the number of sessions.
 *
 * The points are the baseline (no change, on the mean of its photos' days) and every later visit
 * that is not acute and whose loop is not open: its change in percent of the baseline, or in the
 * metric's unit where there is no percentage. All changes share the error of the baseline, so a
 * point's own sd is the later photo's part of it (mean_change.h), and the baseline's point has the
 * rest. */
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/metrics.h"
#include "study/mean_change.h"
#include "study/series.h"
#include "study/trend.h"

struct line {
    const struct derm_series *s;
    enum derm_metric_id metric;
    enum derm_region region;
    bool by_sessions;
    bool percent;
    bool scaled; /* the unit, where it is not percent */
    struct derm_trend_point *point;
    int points;
};

/* The row of a visit that belongs in the trend; NULL when it does not. */
static const struct derm_result *row_in(const struct line *l, const struct derm_series_visit *v,
                                        int *used)
{
    const struct derm_moment *const when = &l->s->photo[v->photo].when;
    const struct derm_result *const r = derm_series_row(v->row, v->rows, l->metric, l->region);

    if (when->day == DERM_NO_DAY || when->phase == DERM_PHASE_ACUTE) return NULL;
    if (derm_loop_is_open(l->s, v)) return NULL;
    if (!derm_is_judged(r) || v->scaled != l->scaled) return NULL;
    *used = v->used[r - v->row];
    return r;
}

/* On the mean day of its photos. False: none has a date. */
static bool baseline_day(const struct derm_series *s, double *day)
{
    int dated = 0;

    *day = 0;
    for (int i = 0; i < s->baselines; i++)
        if (s->photo[i].when.day != DERM_NO_DAY) {
            *day += s->photo[i].when.day;
            dated++;
        }
    if (dated > 0) *day /= dated;
    return dated > 0;
}

static double own_sd(const struct derm_result *r, bool percent)
{
    return percent ? (r->percent_hi - r->percent_lo) / (2 * derm_z95) : r->change_sd;
}

static void collect(struct line *l)
{
    const struct derm_series *const s = l->s;
    double baseline_sd = 0, day;
    int used;

    l->points = 1;
    if (!baseline_day(s, &day) || (l->by_sessions && s->course.n == 0)) return;
    for (int i = 0; i < s->visits; i++) {
        const struct derm_result *const r = row_in(l, &s->visit[i], &used);
        const struct derm_moment *const when = &s->photo[s->visit[i].photo].when;

        if (!r) continue;
        l->point[l->points++] = (struct derm_trend_point){
            .x = l->by_sessions ? when->sessions : when->day,
            .y = l->percent ? r->percent : r->change,
            .sd = derm_followup_sd(own_sd(r, l->percent), used),
        };
        baseline_sd += derm_baseline_sd(own_sd(r, l->percent), used);
    }
    l->point[0] = (struct derm_trend_point){
        .x = l->by_sessions ? 0 : day,
        .sd = l->points > 1 ? baseline_sd / (l->points - 1) : 0,
    };
}

/* Percent, where every visit has it. False: nothing was measured that could make a trend. */
static bool choose_unit(struct line *l)
{
    bool any = false;
    int used;

    l->percent = true;
    for (int i = 0; i < l->s->visits; i++) {
        const struct derm_result *const r = row_in(l, &l->s->visit[i], &used);

        any = any || r;
        if (r) l->percent = l->percent && r->has_percent;
    }
    return any;
}

static void write_unit(struct derm_emit *e, cJSON *row, const struct line *l)
{
    const struct derm_metric_def *const def = &derm_metrics[l->metric];
    const char *const unit = l->percent ? "%" : l->scaled ? def->unit : def->unit_no_scale;
    char text[64];

    snprintf(text, sizeof(text), "%s/%s", unit, l->by_sessions ? "{session}" : "d");
    derm_emit_text(e, row, "unit", text);
    derm_emit_text(e, row, "change", l->percent ? "relative" : "absolute");
}

static void write_trend(struct derm_emit *e, cJSON *row, const struct derm_trend *t,
                        enum derm_better better)
{
    const bool changes = t->lo > 0 || t->hi < 0;
    const bool improves = (t->slope < 0) == (better == DERM_BETTER_LOWER);
    cJSON *o = derm_emit_object(e, row, "slope"), *interval;

    derm_emit_number(e, o, "value", t->slope);
    interval = derm_emit_array(e, o, "ci95");
    derm_emit_number(e, interval, NULL, t->lo);
    derm_emit_number(e, interval, NULL, t->hi);
    derm_emit_text(e, o, "interval", t->distribution_free ? "distribution_free" : "photo_errors");
    o = derm_emit_object(e, row, "kendall");
    derm_emit_number(e, o, "tau_b", t->tau_b);
    derm_emit_number(e, o, "p", t->p);
    derm_emit_bool(e, o, "exact", t->exact);
    derm_emit_text(e, row, "trend",
                   !changes   ? "no_detectable_trend"
                   : improves ? "improving"
                              : "worsening");
}

static derm_err write_line(struct derm_emit *e, cJSON *list, struct line *l)
{
    const struct derm_metric_def *const def = &derm_metrics[l->metric];
    cJSON *const row = derm_emit_object(e, list, NULL);
    struct derm_trend trend;

    collect(l);
    derm_emit_text(e, row, "metric", def->id);
    derm_emit_text(e, row, "concern", derm_concern_id(def->concern));
    derm_emit_text(e, row, "region", derm_region_id(l->region));
    derm_emit_text(e, row, "better", derm_better_id(def->better));
    derm_emit_text(e, row, "against", l->by_sessions ? "sessions" : "days");
    write_unit(e, row, l);
    derm_emit_int(e, row, "points", l->points);
    if (!derm_trend_possible(l->point, l->points)) {
        derm_emit_text(e, row, "status", "not_assessable");
        derm_emit_text(e, row, "reason", derm_reason_id(DERM_REASON_TOO_FEW_PHOTOS));
        derm_emit_text(e, row, "text", derm_reason_text(DERM_REASON_TOO_FEW_PHOTOS));
        return DERM_OK;
    }
    derm_emit_text(e, row, "status", "measured");
    DERM_TRY(derm_trend_fit(&l->s->ctx->engine.scratch, l->point, l->points, &trend));
    write_trend(e, row, &trend, def->better);
    return DERM_OK;
}

derm_err derm_series_write_trends(struct derm_emit *e, const struct derm_series *s)
{
    cJSON *const list = derm_emit_array(e, e->root, "trends");
    struct line l = { .s = s };

    DERM_TRY(derm_arena_new(s->keep, &l.point, (size_t)s->visits + 1, sizeof(*l.point)));
    for (int i = 0; i < s->visits; i++)
        l.scaled = l.scaled || s->visit[i].scaled;
    for (int m = 0; m < DERM_METRIC_COUNT; m++)
        for (int r = 0; r < DERM_REGION_COUNT; r++) {
            l.metric = (enum derm_metric_id)m;
            l.region = (enum derm_region)r;
            if (!choose_unit(&l)) continue;
            for (int by_sessions = 0; by_sessions < 2; by_sessions++) {
                l.by_sessions = by_sessions != 0;
                DERM_TRY(write_line(e, list, &l));
            }
        }
    return DERM_OK;
}
