/* SPDX-License-Identifier: Apache-2.0 */
/* recovery: how redness faded after each session, by its acute photos and those beyond them until
 * nine tenths are gone. The measure of redness is the best that was
 * measured: the mean blood against a colour card, against untreated skin, or the red marks and
 * vessels alone.
 *
 * A pair measures the marks that either of its photos shows. When they have faded in both, many are
 * found in neither, and the excess over the baseline reads too small: on made-up skin .09 for a
 * true .22 of the peak, so that nine tenths were gone on day 6 and not on day 13.7. So each photo
 * is compared with the reddest one, too, which shows them all: its excess is that of the reddest
 * over the baseline, less what has gone since. */
#include <cjson/cJSON.h>

#include "base/metrics.h"
#include "study/series.h"

static const enum derm_metric_id measures[] = { DERM_METRIC_REDNESS_INDEX,
                                                DERM_METRIC_REDNESS_INDEX_REGIONAL,
                                                DERM_METRIC_REDNESS_LOAD };
enum { MEASURES = sizeof(measures) / sizeof(*measures) };

static const struct derm_result *whole_row(const struct derm_series_visit *v,
                                           enum derm_metric_id metric)
{
    for (int i = 0; i < v->rows; i++)
        if (v->row[i].metric == metric && derm_is_whole(v->row[i].region) &&
            derm_is_judged(&v->row[i]))
            return &v->row[i];
    return NULL;
}

static enum derm_metric_id measure_of(const struct derm_series *s)
{
    for (int m = 0; m < MEASURES; m++)
        for (int i = 0; i < s->visits; i++)
            if (s->photo[s->visit[i].photo].when.phase == DERM_PHASE_ACUTE &&
                whole_row(&s->visit[i], measures[m]))
                return measures[m];
    return measures[MEASURES - 1];
}

struct curve {
    struct derm_recovery_point *point;
    int *visit; /* of point i */
    int points;
};

/* Excess of a visit, by way of the reddest one of its session where they were compared. */
static struct derm_recovery_point point_of(const struct derm_series *s,
                                           const struct derm_series_visit *v,
                                           const struct derm_result *r)
{
    const double days = s->photo[v->photo].when.days_since_session;
    const struct derm_series_pair *const since = v->since_peak;
    const struct derm_result *to, *on;

    if (!since || since->scaled != v->scaled || s->visit[v->peak].scaled != v->scaled)
        return (struct derm_recovery_point){ days, r->change, r->change_sd };
    to = whole_row(&s->visit[v->peak], r->metric);
    on = derm_series_row(since->row, since->rows, r->metric, r->region);
    if (!to || to->region != r->region || !derm_is_judged(on))
        return (struct derm_recovery_point){ days, r->change, r->change_sd };
    return (struct derm_recovery_point){ days, to->change + on->change, on->change_sd };
}

/* All photos of the session, of which those that belong to its recovery are kept. The visits are in
 * the order of their days. */
static void collect(struct curve *c, const struct derm_series *s, int session,
                    enum derm_metric_id metric)
{
    int acute = 0;

    c->points = 0;
    for (int i = 0; i < s->visits; i++) {
        const struct derm_series_visit *const v = &s->visit[i];
        const struct derm_moment *const when = &s->photo[v->photo].when;
        const struct derm_result *const r = whole_row(v, metric);

        if (when->sessions != session + 1 || !r) continue;
        acute += when->phase == DERM_PHASE_ACUTE;
        c->visit[c->points] = i;
        c->point[c->points++] = point_of(s, v, r);
    }
    c->points = derm_recovery_length(c->point, c->points, acute);
}

static derm_err new_curve(struct curve *c, const struct derm_series *s)
{
    DERM_TRY(derm_arena_new(s->keep, &c->point, (size_t)s->visits + 1, sizeof(*c->point)));
    return derm_arena_new(s->keep, &c->visit, (size_t)s->visits + 1, sizeof(*c->visit));
}

derm_err derm_series_find_peaks(struct derm_series *s)
{
    const enum derm_metric_id metric = measure_of(s);
    struct curve c = { 0 };

    DERM_TRY(new_curve(&c, s));
    for (int i = 0; i < s->course.n; i++) {
        struct derm_recovery r;
        int peak = 0;

        collect(&c, s, i, metric);
        derm_recovery_of(c.point, c.points, &s->recovery, &r);
        if (r.reason != DERM_REASON_NONE) continue;
        while (c.point[peak].excess < r.peak)
            peak++;
        for (int k = 0; k < c.points; k++)
            if (s->visit[c.visit[k]].peak < 0) s->visit[c.visit[k]].peak = c.visit[peak];
    }
    return DERM_OK;
}

/* Redness may still grow in the first days of a session, so it counts from what is least red after
 * those; where no photo is from then, from the least red of those days. */
int derm_series_least_red(const struct derm_series *s, int visit)
{
    const struct derm_moment *const now = &s->photo[s->visit[visit].photo].when;
    const enum derm_metric_id metric = measure_of(s);
    const int from = (int)s->rules.growing_days;
    double redness = 0;
    bool settled = false;
    int least = -1;

    if (now->sessions == 0 || now->days_since_session <= from) return -1;
    for (int i = 0; i < visit; i++) {
        const struct derm_moment *const when = &s->photo[s->visit[i].photo].when;
        const struct derm_result *const r = whole_row(&s->visit[i], metric);
        const bool later = when->days_since_session >= from;

        if (when->sessions != now->sessions || !r) continue;
        if (least < 0 || later != settled || r->change < redness) {
            least = i;
            redness = r->change;
        }
        settled = later;
    }
    return least;
}

static void write_reason(struct derm_emit *e, cJSON *o, enum derm_reason reason)
{
    derm_emit_text(e, o, "status", "not_assessable");
    derm_emit_text(e, o, "reason", derm_reason_id(reason));
    derm_emit_text(e, o, "text", derm_reason_text(reason));
}

static void write_figure(struct derm_emit *e, cJSON *row, const char *key, bool known,
                         const char *unit, double value)
{
    cJSON *const o = derm_emit_object(e, row, key);

    if (!known) {
        write_reason(e, o, DERM_REASON_NOT_REACHED);
        return;
    }
    derm_emit_text(e, o, "status", "measured");
    derm_emit_text(e, o, "unit", unit);
    derm_emit_number(e, o, "value", value);
}

static void write_points(struct derm_emit *e, cJSON *row, const struct derm_series *s,
                         const struct curve *c)
{
    cJSON *const list = derm_emit_array(e, row, "points");

    for (int i = 0; i < c->points; i++) {
        cJSON *const o = derm_emit_object(e, list, NULL);

        derm_emit_text(e, o, "visit", s->photo[s->visit[c->visit[i]].photo].row->visit);
        derm_emit_number(e, o, "days", c->point[i].days);
        derm_emit_number(e, o, "excess", c->point[i].excess);
        derm_emit_number(e, o, "sd", c->point[i].sd);
    }
}

static void write_session(struct derm_emit *e, cJSON *list, const struct derm_series *s,
                          const struct curve *c, int session)
{
    cJSON *const row = derm_emit_object(e, list, NULL);
    char date[DERM_DATE_TEXT];
    struct derm_recovery r;
    cJSON *peak;

    derm_date_text(date, s->course.session[session].day);
    derm_emit_int(e, row, "session", session + 1);
    derm_emit_text(e, row, "date", date);
    write_points(e, row, s, c);
    derm_recovery_of(c->point, c->points, &s->recovery, &r);
    if (r.reason != DERM_REASON_NONE) {
        write_reason(e, row, r.reason);
        return;
    }
    derm_emit_text(e, row, "status", "measured");
    peak = derm_emit_object(e, row, "peak");
    derm_emit_number(e, peak, "excess", r.peak);
    derm_emit_number(e, peak, "days", r.peak_days);
    write_figure(e, row, "t50", r.has_t50, "d", r.t50_days);
    write_figure(e, row, "t90", r.has_t90, "d", r.t90_days);
    write_figure(e, row, "residual_day7", r.has_residual, "%", r.residual_percent);
}

derm_err derm_series_write_recovery(struct derm_emit *e, const struct derm_series *s)
{
    const struct derm_metric_def *const def = &derm_metrics[measure_of(s)];
    cJSON *const o = derm_emit_object(e, e->root, "recovery");
    cJSON *list;
    struct curve c = { 0 };
    bool scaled = false;

    DERM_TRY(new_curve(&c, s));
    for (int i = 0; i < s->visits; i++)
        scaled = scaled || s->visit[i].scaled;
    derm_emit_text(e, o, "metric", def->id);
    derm_emit_text(e, o, "unit", scaled ? def->unit : def->unit_no_scale);
    derm_emit_text(
        e, o, "method",
        "excess over the baseline on the whole face or roi, by way of the reddest photo, "
        "which shows the marks that fade; straight from photo to photo; t50, t90: days after the "
        "session on which it has first fallen to 1/2 "
        "and 1/10 of its highest photo; residual_day7: what is left after 7 days");
    list = derm_emit_array(e, o, "sessions");
    for (int i = 0; i < s->course.n; i++) {
        collect(&c, s, i, measure_of(s));
        write_session(e, list, s, &c, i);
    }
    return e->err->code;
}
