/* SPDX-License-Identifier: Apache-2.0 */
/* The series document: its parts in their order, `run` last. */
#include <string.h>

#include <cjson/cJSON.h>

#include "base/metrics.h"
#include "study/mean_change.h"
#include "study/series.h"

/* ---- photos[], scale, quality[] */

static void write_photos(struct derm_emit *e, const struct derm_series *s)
{
    cJSON *list = derm_emit_array(e, e->root, "photos");

    for (int i = 0; i < s->photos; i++)
        if (s->photo[i].read) derm_write_photo(e, list, s->photo[i].id, &s->photo[i].facts);
    list = derm_emit_array(e, derm_emit_object(e, e->root, "scale"), "photos");
    for (int i = 0; i < s->photos; i++) {
        cJSON *o;

        if (!s->photo[i].read) continue;
        o = derm_emit_object(e, list, NULL);
        derm_emit_text(e, o, "photo", s->photo[i].id);
        derm_write_scale(e, o, &s->photo[i].facts.scale);
    }
    list = derm_emit_array(e, e->root, "quality");
    for (int i = 0; i < s->photos; i++)
        if (s->photo[i].read)
            derm_write_quality(e, list, s->photo[i].id, &s->photo[i].facts.quality);
}

/* ---- comparability */

static void keep_gravest(struct derm_finding *all, int *n, const struct derm_finding *f)
{
    int i = 0;

    while (i < *n && all[i].reason != f->reason)
        i++;
    if (i == DERM_MAX_FINDINGS || (i < *n && all[i].severity >= f->severity)) return;
    all[i] = *f;
    if (i == *n) ++*n;
}

/* The worst of all comparisons, each reason once. */
static void write_comparability(struct derm_emit *e, const struct derm_series *s)
{
    enum derm_comparability worst = DERM_COMPARABLE;
    struct derm_finding all[DERM_MAX_FINDINGS];
    int n = 0;

    for (int i = 0; i < s->visits; i++)
        for (int k = 0; k < s->baselines; k++) {
            const struct derm_series_pair *const p = &s->visit[i].pair[k];

            if (p->error.code != DERM_OK) continue;
            if (p->comparability > worst) worst = p->comparability;
            for (int f = 0; f < p->findings; f++)
                keep_gravest(all, &n, &p->finding[f]);
        }
    derm_write_comparability(e, e->root, worst, all, n);
}

/* ---- sessions[] */

static void write_sessions(struct derm_emit *e, const struct derm_series *s)
{
    cJSON *const list = derm_emit_array(e, e->root, "sessions");

    for (int i = 0; i < s->course.n; i++) {
        const struct derm_session *const session = &s->course.session[i];
        cJSON *const o = derm_emit_object(e, list, NULL);
        char date[DERM_DATE_TEXT];

        derm_date_text(date, session->day);
        derm_emit_int(e, o, "session", i + 1);
        derm_emit_text(e, o, "date", date);
        if (session->needle_depth_mm > 0)
            derm_emit_number(e, o, "needle_depth_mm", session->needle_depth_mm);
        if (*session->device) derm_emit_text(e, o, "device", session->device);
    }
}

/* ---- visits[] */

static void write_when(struct derm_emit *e, cJSON *o, const struct derm_series *s,
                       const struct derm_series_photo *p)
{
    if (p->when.day == DERM_NO_DAY) return;
    derm_emit_text(e, o, "date", p->row->date);
    if (s->course.n == 0) return;
    derm_emit_int(e, o, "days_since_first_session", p->when.days);
    derm_emit_int(e, o, "sessions", p->when.sessions);
    if (p->when.sessions > 0) derm_emit_int(e, o, "days_since_session", p->when.days_since_session);
    derm_emit_text(e, o, "phase", derm_phase_id(p->when.phase));
}

static void write_error(struct derm_emit *e, cJSON *o, const struct derm_error *error)
{
    cJSON *const why = derm_emit_object(e, o, "error");

    derm_emit_text(e, why, "code", derm_err_id(error->code));
    derm_emit_text(e, why, "text", error->text);
}

static void write_pair(struct derm_emit *e, cJSON *list, const struct derm_series *s,
                       const struct derm_series_pair *p)
{
    cJSON *const o = derm_emit_object(e, list, NULL);

    derm_emit_text(e, o, "baseline", s->photo[p->base].id);
    if (p->error.code != DERM_OK) {
        write_error(e, o, &p->error);
        return;
    }
    if (p->by_way_of >= 0) derm_emit_text(e, o, "by_way_of", s->photo[p->by_way_of].row->visit);
    derm_write_registration(e, o, &p->registration, p->scaled);
    derm_write_comparability(e, o, p->comparability, p->finding, p->findings);
}

/* The main metrics of the whole face or roi, around the loop. */
static void write_gaps(struct derm_emit *e, cJSON *loop, const struct derm_series *s,
                       const struct derm_series_visit *v)
{
    const struct derm_series_visit *const way = &s->visit[v->way];
    cJSON *const list = derm_emit_array(e, loop, "metrics");

    for (int i = 0; i < v->rows; i++) {
        const struct derm_result *const r = &v->row[i];
        const struct derm_result *const to =
            derm_series_row(way->row, way->rows, r->metric, r->region);
        const struct derm_result *const on =
            derm_series_row(v->onward->row, v->onward->rows, r->metric, r->region);
        struct derm_value gap;
        cJSON *o;

        if (!derm_metrics[r->metric].is_main || !derm_is_whole(r->region)) continue;
        if (!derm_is_judged(r) || !derm_is_judged(to) || !derm_is_judged(on)) continue;
        if (v->scaled != way->scaled || v->scaled != v->onward->scaled) continue;
        gap = derm_loop_gap(r, to, on);
        o = derm_emit_object(e, list, NULL);
        derm_emit_text(e, o, "metric", derm_metrics[r->metric].id);
        derm_emit_text(e, o, "region", derm_region_id(r->region));
        derm_emit_number(e, o, "gap", gap.value);
        derm_emit_number(e, o, "sd", gap.sd);
        derm_emit_bool(e, o, "closed",
                       gap.value <= derm_z95 * gap.sd && gap.value >= -derm_z95 * gap.sd);
    }
}

static void write_loop(struct derm_emit *e, cJSON *visit, const struct derm_series *s,
                       const struct derm_series_visit *v)
{
    const struct derm_loop *const loop = &v->loop;
    cJSON *o;

    if (!v->onward || v->onward->error.code != DERM_OK) return;
    o = derm_emit_object(e, visit, "loop");
    derm_emit_text(e, o, "by_way_of", s->photo[s->visit[v->way].photo].row->visit);
    derm_emit_int(e, o, "places", loop->places);
    if (loop->places > 0) {
        derm_emit_number(e, o, loop->scaled ? "median_mm" : "median_px", loop->median);
        derm_emit_number(e, o, loop->scaled ? "p95_mm" : "p95_px", loop->p95);
        if (loop->scaled) derm_emit_bool(e, o, "closed", !derm_loop_is_open(s, v));
    }
    write_gaps(e, o, s, v);
}

static void write_later_visit(struct derm_emit *e, cJSON *list, const struct derm_series *s,
                              const struct derm_series_visit *v)
{
    const struct derm_series_photo *const p = &s->photo[v->photo];
    cJSON *const o = derm_emit_object(e, list, NULL);

    derm_emit_text(e, o, "visit", p->row->visit);
    derm_emit_text(e, o, "role", "followup");
    write_when(e, o, s, p);
    derm_emit_text(e, o, "photo", p->id);
    if (p->error.code != DERM_OK) {
        derm_emit_text(e, o, "status", "failed");
        write_error(e, o, &p->error);
        return;
    }
    derm_emit_text(e, o, "status", derm_visit_refused(s, v) ? "not_comparable" : "compared");
    cJSON *const pairs = derm_emit_array(e, o, "comparisons");
    for (int i = 0; i < s->baselines; i++)
        write_pair(e, pairs, s, &v->pair[i]);
    write_loop(e, o, s, v);
}

static void write_baseline_photo(struct derm_emit *e, cJSON *list, const struct derm_series *s,
                                 const struct derm_series_photo *p)
{
    cJSON *const o = derm_emit_object(e, list, NULL);

    derm_emit_text(e, o, "visit", p->row->visit);
    derm_emit_text(e, o, "role", "baseline");
    write_when(e, o, s, p);
    derm_emit_text(e, o, "photo", p->id);
    derm_emit_text(e, o, "status", p->error.code == DERM_OK ? "read" : "failed");
    if (p->error.code != DERM_OK) write_error(e, o, &p->error);
}

static void write_visits(struct derm_emit *e, const struct derm_series *s)
{
    cJSON *const list = derm_emit_array(e, e->root, "visits");

    for (int i = 0; i < s->baselines; i++)
        write_baseline_photo(e, list, s, &s->photo[i]);
    for (int i = 0; i < s->visits; i++)
        write_later_visit(e, list, s, &s->visit[i]);
}

/* ---- metrics[], summary[] */

static void write_row(struct derm_emit *e, cJSON *list, const struct derm_series *s,
                      const struct derm_series_visit *v, int i, bool summary)
{
    const struct derm_row_form form = { .pair = true, .scaled = v->scaled, .summary = summary };
    cJSON *const row = derm_write_row(e, list, &v->row[i], &form);

    derm_emit_text(e, row, "visit", s->photo[v->photo].row->visit);
    if (v->used[i] > 0) derm_emit_int(e, row, "baseline_photos", v->used[i]);
}

static void write_rows(struct derm_emit *e, const struct derm_series *s)
{
    cJSON *list = derm_emit_array(e, e->root, "metrics");

    for (int k = 0; k < s->visits; k++)
        for (int i = 0; i < s->visit[k].rows; i++)
            write_row(e, list, s, &s->visit[k], i, false);
    list = derm_emit_array(e, e->root, "summary");
    for (int k = 0; k < s->visits; k++)
        for (int i = 0; i < s->visit[k].rows; i++) {
            const struct derm_result *const r = &s->visit[k].row[i];

            if (derm_metrics[r->metric].is_main && derm_is_whole(r->region))
                write_row(e, list, s, &s->visit[k], i, true);
        }
}

/* ---- alerts[], notes[], provenance, run */

static void write_alerts(struct derm_emit *e, const struct derm_series *s)
{
    cJSON *const list = derm_emit_array(e, e->root, "alerts");

    for (int i = 0; i < s->alerts; i++) {
        const struct derm_series_alert *const a = &s->alert[i];
        cJSON *const row = derm_emit_object(e, list, NULL);
        cJSON *regions;

        derm_emit_text(e, row, "code", a->code);
        derm_emit_text(e, row, "visit", a->visit);
        derm_emit_text(e, row, "concern", derm_concern_id(a->concern));
        regions = derm_emit_array(e, row, "regions");
        for (int r = 0; r < DERM_REGION_COUNT; r++)
            if (a->regions >> r & 1)
                derm_emit_text(e, regions, NULL, derm_region_id((enum derm_region)r));
        derm_emit_text(e, row, "text", a->text);
    }
}

static void write_notes(struct derm_emit *e, const struct derm_series *s)
{
    cJSON *const list = derm_emit_array(e, e->root, "notes");

    for (int i = 0; i < s->notes.n; i++) {
        cJSON *const o = derm_emit_object(e, list, NULL);

        derm_emit_text(e, o, "code", derm_note_id(s->notes.item[i].code));
        derm_emit_text(e, o, "text", s->notes.item[i].text);
    }
}

struct configured {
    const struct derm_series *s;
    const struct derm_circumstances *about;
};

static void write_configuration(struct derm_emit *e, cJSON *o, const void *user)
{
    const struct configured *const c = user;
    const struct derm_series *const s = c->s;
    cJSON *list = derm_emit_object(e, o, "manifest");

    derm_emit_text(e, list, "file", s->manifest.name);
    derm_emit_text(e, list, "sha256", s->manifest.sha256);
    list = derm_emit_array(e, o, "requests");
    for (int i = 0; i < s->photos; i++)
        derm_write_request(e, list, s->photo[i].id, &s->photo[i].request);
    derm_write_option_table(e, o, "series", derm_series_opts, &s->rules);
    derm_write_option_table(e, o, "timeline", derm_timeline_opts, &s->timeline);
    derm_write_option_table(e, o, "recovery", derm_recovery_opts, &s->recovery);
    derm_write_options(e, o, c->about->stages, c->about->params);
}

static derm_err write_all(struct derm_emit *e, const struct derm_series *s,
                          const struct derm_circumstances *about)
{
    const struct configured user = { s, about };
    const struct derm_configuration configuration = {
        .write = write_configuration,
        .user = &user,
        .verdict_basis =
            "of each comparison: null figures measured on pairs of photos of unchanged skin, by "
            "tone and resolution; changes against several photos of the baseline are averaged; "
            "Benjamini-Hochberg over the rows of a visit",
    };

    derm_emit_text(e, e->root, "schema", "dermetry/series/1");
    derm_emit_text(e, e->root, "subject", s->subject);
    derm_emit_text(e, e->root, "view", s->view);
    write_photos(e, s);
    write_comparability(e, s);
    write_sessions(e, s);
    write_visits(e, s);
    write_rows(e, s);
    DERM_TRY(derm_series_write_trends(e, s));
    DERM_TRY(derm_series_write_recovery(e, s));
    write_alerts(e, s);
    write_notes(e, s);
    if (s->px_per_mm > 0)
        DERM_TRY(derm_write_precision(e, about->models, s->ita_deg, s->px_per_mm));
    DERM_TRY(derm_write_origin(e, about, "dermetry/series/1", &configuration, s->keep));
    derm_write_machine(e, about);
    return e->err->code;
}

derm_err derm_series_write(const struct derm_series *s, const struct derm_circumstances *about,
                           const char **text, struct derm_error *err)
{
    struct derm_emit e;
    derm_err done, ended;

    DERM_TRY(derm_emit_begin(&e, err));
    done = write_all(&e, s, about);
    ended = derm_emit_end(&e, s->keep, text);
    return done != DERM_OK ? done : ended;
}
