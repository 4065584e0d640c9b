/* SPDX-License-Identifier: Apache-2.0 */
/* derm_series: compares every later photo with every photo of the baseline, and with the visit
 * before, and keeps what the document needs. What fails is kept as a failure, the others go on. */
#include "study/series.h"

#include <math.h>
#include <string.h>

#include "base/metrics.h"
#include "base/text.h"
#include "stages/decide.h"
#include "stages/stages.h"
#include "study/mean_change.h"

/* ---- progress: one count of steps through all comparisons */

struct whole_progress {
    int (*progress)(void *user, const struct derm_progress *at);
    void *user;
    int done, all; /* comparisons */
};

static int tell_whole(void *user, const struct derm_progress *at)
{
    const struct whole_progress *const w = user;
    const struct derm_progress whole = { at->stage, w->done * at->steps + at->step,
                                         w->all * at->steps };

    return w->progress(w->user, &whole);
}

/* ---- photos */

static derm_err keep_facts(struct derm_series *s, int photo, const struct derm_frame *f)
{
    struct derm_series_photo *const p = &s->photo[photo];

    if (p->read) return DERM_OK;
    p->read = true;
    p->facts.source = f->source;
    p->facts.face = f->face;
    p->facts.scale = f->scale;
    p->facts.quality = f->quality;
    return derm_arena_text(s->keep, &p->facts.source.file_name, f->source.file_name);
}

/* The folders of a photo's path may name a patient, and differ from machine to machine. */
static void drop_folders(char *text, const char *path)
{
    char *const at = strstr(text, path);
    const size_t folders = (size_t)(derm_text_basename(path) - path);

    if (at) memmove(at, at + folders, strlen(at + folders) + 1);
}

/* What ends the series rather than one of its photos. */
static bool ends_all(derm_err code)
{
    return code == DERM_EINTERRUPTED || code == DERM_EMODEL;
}

static derm_err read_alone(struct derm_series *s, int photo)
{
    struct derm_series_photo *const p = &s->photo[photo];
    derm_document *doc;
    derm_err code;

    if (p->read || p->error.code != DERM_OK) return DERM_OK;
    code = derm_analyze(s->ctx, &p->request, &doc);
    if (ends_all(code)) return code;
    if (code == DERM_OK) {
        code = keep_facts(s, photo, &doc->work.frame[0]);
        derm_document_free(doc);
        return code;
    }
    p->error = s->ctx->err;
    s->ctx->err = (struct derm_error){ 0 };
    drop_folders(p->error.text, p->request.path);
    return DERM_OK;
}

/* ---- pairs */

static derm_err copy(struct derm_arena *keep, void *out, const void *from, int n, size_t size)
{
    void *to;

    DERM_TRY(derm_arena_new(keep, &to, (size_t)(n > 0 ? n : 1), size));
    if (n > 0) memcpy(to, from, (size_t)n * size);
    memcpy(out, &to, sizeof(to));
    return DERM_OK;
}

static derm_err keep_pair(struct derm_series *s, const struct derm_work *work,
                          struct derm_series_pair *out)
{
    const struct derm_pair *const pair = &work->pair;

    DERM_TRY(keep_facts(s, out->base, &work->frame[0]));
    DERM_TRY(keep_facts(s, out->follow, &work->frame[1]));
    if (s->px_per_mm == 0) {
        s->ita_deg = work->tone.ita_deg;
        s->px_per_mm = work->frame[0].view.grid.px_per_mm;
    }
    out->comparability = pair->comparability;
    out->findings = pair->n;
    out->registration = pair->registration;
    out->registration.map = (struct derm_field){ 0 };
    out->registration.fb_error = (struct derm_plane){ 0 };
    out->scaled = derm_scale_known(work);
    out->rows = work->results.n;
    out->spots = derm_new_spots_of(&pair->objects[DERM_KIND_SPOT], &s->rules);
    DERM_TRY(copy(s->keep, &out->finding, pair->finding, pair->n, sizeof(*out->finding)));
    DERM_TRY(copy(s->keep, &out->row, work->results.item, out->rows, sizeof(*out->row)));
    return derm_place_map_of(pair, s->keep, &out->places);
}

static const struct derm_known nothing;

/* A photo that cannot be read is at fault; if both can, their comparison is. */
static derm_err find_fault(struct derm_series *s, struct derm_series_pair *out)
{
    out->error = s->ctx->err;
    s->ctx->err = (struct derm_error){ 0 };
    drop_folders(out->error.text, s->photo[out->base].request.path);
    drop_folders(out->error.text, s->photo[out->follow].request.path);
    DERM_TRY(read_alone(s, out->base));
    return read_alone(s, out->follow);
}

static derm_err compare(struct derm_series *s, struct derm_series_pair *out, int base, int follow,
                        const struct derm_known *known)
{
    derm_document *doc;
    derm_err code;

    *out = (struct derm_series_pair){ .base = base, .follow = follow, .by_way_of = -1 };
    out->error =
        s->photo[base].error.code != DERM_OK ? s->photo[base].error : s->photo[follow].error;
    if (out->error.code != DERM_OK) return DERM_OK;
    code =
        derm_compare_with(s->ctx, known, &s->photo[base].request, &s->photo[follow].request, &doc);
    if (ends_all(code)) return code;
    if (code != DERM_OK) return find_fault(s, out);
    code = keep_pair(s, &doc->work, out);
    derm_document_free(doc);
    return code;
}

/* ---- rows */

const struct derm_result *derm_series_row(const struct derm_result *row, int rows,
                                          enum derm_metric_id metric, enum derm_region region)
{
    for (int i = 0; i < rows; i++)
        if (row[i].metric == metric && row[i].region == region) return &row[i];
    return NULL;
}

static double false_discovery_rate(const derm_context *ctx)
{
    for (int i = 0; derm_stages[i]; i++)
        for (const struct derm_opt *o = derm_stages[i]->opts; o && o->name; o++)
            if (strcmp(o->name, "false_discovery_rate") == 0)
                return derm_opt_get(o, ctx->engine.params[i]);
    return 0;
}

/* A pair whose scale is not known has other units: it counts only where all are so. */
static bool counts(const struct derm_series_pair *p, bool scaled)
{
    return p->error.code == DERM_OK && p->scaled == scaled;
}

static void add_row(const struct derm_series *s, struct derm_series_visit *v,
                    enum derm_metric_id metric, enum derm_region region)
{
    const struct derm_result *found[DERM_MEAN_MOST];
    int n = 0;

    for (int i = 0; i < s->baselines; i++) {
        const struct derm_result *const r =
            derm_series_row(v->pair[i].row, v->pair[i].rows, metric, region);

        if (r && counts(&v->pair[i], v->scaled)) found[n++] = r;
    }
    if (n == 0) return;
    derm_mean_change(found, n, &v->row[v->rows], &v->used[v->rows]);
    v->rows++;
}

static derm_err average(struct derm_series *s, struct derm_series_visit *v)
{
    enum { MOST = DERM_METRIC_COUNT * DERM_REGION_COUNT };

    for (int i = 0; i < s->baselines; i++)
        v->scaled = v->scaled || counts(&v->pair[i], true);
    DERM_TRY(derm_arena_new(s->keep, &v->row, MOST, sizeof(*v->row)));
    DERM_TRY(derm_arena_new(s->keep, &v->used, MOST, sizeof(*v->used)));
    for (int m = 0; m < DERM_METRIC_COUNT; m++)
        for (int r = 0; r < DERM_REGION_COUNT; r++)
            add_row(s, v, (enum derm_metric_id)m, (enum derm_region)r);
    derm_decide_together(v->row, v->rows, false_discovery_rate(s->ctx));
    return DERM_OK;
}

/* ---- the chain: from the baseline by way of a visit before, as a rule the last one */

/* Where a baseline and a visit could not be matched straight away, and both could be with a visit
 * between them, that way round is the start of their registration; whether they show the same skin
 * is then decided as ever. */
static derm_err go_round(struct derm_series *s, struct derm_series_visit *v, int baseline)
{
    const struct derm_series_visit *const way = &s->visit[v->way];
    struct derm_series_pair *const straight = &v->pair[baseline];
    struct derm_series_pair round;
    struct derm_match match;

    if (straight->error.code != DERM_OK || straight->registration.accepted) return DERM_OK;
    DERM_TRY(derm_loop_match(&way->pair[baseline].places, &v->onward->places,
                             &s->ctx->engine.scratch, &match));
    if (!match.found) return DERM_OK;
    DERM_TRY(compare(s, &round, baseline, v->photo, &(struct derm_known){ .match = &match }));
    if (!round.registration.accepted) return DERM_OK;
    *straight = round;
    straight->by_way_of = way->photo;
    return DERM_OK;
}

static derm_err close_loops(struct derm_series *s, struct derm_series_visit *v)
{
    const struct derm_series_visit *const way = &s->visit[v->way];
    const char *const id = s->photo[v->photo].id;

    for (int i = 0; i < s->baselines; i++) {
        struct derm_loop loop;

        DERM_TRY(derm_loop_of(&v->pair[i].places, &way->pair[i].places, &v->onward->places,
                              &s->ctx->engine.scratch, &loop));
        if (loop.places > 0 && (v->loop.places == 0 || loop.median > v->loop.median))
            v->loop = loop;
    }
    if (derm_loop_is_open(s, v))
        derm_note_add(
            &s->notes, DERM_NOTE_LOOP_OPEN,
            "visit %.60s lines up with the baseline and with visit %.60s at places %.2g mm "
            "apart: one of the alignments is wrong, so it is in no trend",
            id, s->photo[way->photo].id, v->loop.median);
    return DERM_OK;
}

/* The last visit before this one that is known to be before it and was compared. */
static int visit_before(const struct derm_series *s, int visit)
{
    if (s->photo[s->visit[visit].photo].when.day == DERM_NO_DAY) return -1;
    for (int i = visit - 1; i >= 0; i--)
        if (s->visit[i].rows > 0) return i;
    return -1;
}

static bool is_matched(const struct derm_series *s, const struct derm_series_visit *v)
{
    for (int i = 0; i < s->baselines; i++)
        if (v->pair[i].registration.accepted) return true;
    return false;
}

/* One photo that shows something else must not break the chain for all that follow. */
static derm_err find_way(struct derm_series *s, struct derm_series_visit *v,
                         struct whole_progress *at)
{
    struct derm_series_pair *onward;
    int way = v->before;

    v->way = v->before;
    v->onward = v->step;
    while (way >= 0 && !is_matched(s, &s->visit[way]))
        way--;
    if (way < 0 || way == v->before) return DERM_OK;
    at->all++;
    DERM_TRY(derm_arena_new(s->keep, &onward, 1, sizeof(*onward)));
    DERM_TRY(compare(s, onward, s->visit[way].photo, v->photo, &nothing));
    at->done++;
    v->way = way;
    v->onward = onward;
    return DERM_OK;
}

static derm_err step_from(struct derm_series *s, struct derm_series_visit *v,
                          struct whole_progress *at)
{
    bool round = false;

    DERM_TRY(derm_arena_new(s->keep, &v->step, 1, sizeof(*v->step)));
    DERM_TRY(compare(s, v->step, s->visit[v->before].photo, v->photo, &nothing));
    DERM_TRY(find_way(s, v, at));
    for (int i = 0; i < s->baselines; i++) {
        DERM_TRY(go_round(s, v, i));
        round = round || v->pair[i].by_way_of >= 0;
    }
    if (round)
        derm_note_add(&s->notes, DERM_NOTE_BY_WAY,
                      "visit %.60s could not be matched with the baseline straight away: it was by "
                      "way of visit %.60s",
                      s->photo[v->photo].id, s->photo[s->visit[v->way].photo].id);
    return DERM_OK;
}

/* ---- the whole */

/* Compares a visit with another, unless the two have been as neighbours. */
static derm_err compare_since(struct derm_series *s, const struct derm_series_visit *v, int other,
                              struct whole_progress *at, struct derm_series_pair **since)
{
    *since = v->step;
    if (v->before == other) return DERM_OK;
    at->all++;
    DERM_TRY(derm_arena_new(s->keep, since, 1, sizeof(**since)));
    DERM_TRY(compare(s, *since, s->visit[other].photo, v->photo, &nothing));
    at->done++;
    return DERM_OK;
}

/* Every photo of a recovery with the reddest one. How much redness that leaves decides how far the
 * curve goes on, so that photos may join it. */
static derm_err measure_recovery(struct derm_series *s, struct whole_progress *at)
{
    bool more = true;

    for (int i = 0; i < s->visits; i++)
        s->visit[i].peak = -1;
    while (more) {
        more = false;
        DERM_TRY(derm_series_find_peaks(s));
        for (int i = 0; i < s->visits; i++) {
            struct derm_series_visit *const v = &s->visit[i];

            if (v->peak < 0 || v->peak == i || v->since_peak) continue;
            DERM_TRY(compare_since(s, v, v->peak, at, &v->since_peak));
            more = true;
        }
    }
    return DERM_OK;
}

static derm_err measure_growth(struct derm_series *s, struct whole_progress *at)
{
    for (int i = 0; i < s->visits; i++) {
        struct derm_series_visit *const v = &s->visit[i];

        v->least = derm_series_least_red(s, i);
        if (v->least >= 0) DERM_TRY(compare_since(s, v, v->least, at, &v->since_least));
    }
    return DERM_OK;
}

/* Every later photo with one of the baseline, which is analysed once. */
static derm_err compare_with_baseline(struct derm_series *s, int baseline,
                                      struct whole_progress *at)
{
    struct derm_baseline shared = { 0 };
    derm_err code = DERM_OK;

    for (int i = 0; i < s->visits && code == DERM_OK; i++, at->done++)
        code = compare(s, &s->visit[i].pair[baseline], baseline, s->visit[i].photo,
                       &(struct derm_known){ .baseline = &shared });
    derm_baseline_free(&shared);
    return code;
}

static derm_err measure_visit(struct derm_series *s, int visit, struct whole_progress *at)
{
    struct derm_series_visit *const v = &s->visit[visit];

    v->before = visit_before(s, visit);
    if (v->before >= 0) DERM_TRY(step_from(s, v, at));
    DERM_TRY(average(s, v));
    if (v->step) DERM_TRY(close_loops(s, v));
    at->done += visit > 0;
    return DERM_OK;
}

static derm_err measure(struct derm_series *s, struct whole_progress *at)
{
    s->visits = s->photos - s->baselines;
    at->all = s->visits > 0 ? s->visits * s->baselines + s->visits - 1 : s->photos;
    DERM_TRY(derm_arena_new(s->keep, &s->visit, (size_t)(s->visits > 0 ? s->visits : 1),
                            sizeof(*s->visit)));
    for (int i = 0; i < s->visits; i++) {
        s->visit[i].photo = s->baselines + i;
        DERM_TRY(derm_arena_new(s->keep, &s->visit[i].pair, (size_t)s->baselines,
                                sizeof(*s->visit[i].pair)));
    }
    for (int i = 0; i < s->baselines; i++)
        DERM_TRY(compare_with_baseline(s, i, at));
    for (int i = 0; i < s->visits; i++)
        DERM_TRY(measure_visit(s, i, at));
    DERM_TRY(measure_recovery(s, at));
    DERM_TRY(measure_growth(s, at));
    for (int i = 0; i < s->photos; i++) /* without a partner */
        DERM_TRY(read_alone(s, i));
    return DERM_OK;
}

static derm_err measure_with_progress(struct derm_series *s)
{
    struct derm_engine *const e = &s->ctx->engine;
    struct whole_progress at = { e->progress, e->user, 0, 1 };
    derm_err done;

    if (e->progress) {
        e->progress = tell_whole;
        e->user = &at;
    }
    done = measure(s, &at);
    e->progress = at.progress;
    e->user = at.user;
    return done;
}

bool derm_visit_refused(const struct derm_series *s, const struct derm_series_visit *v)
{
    for (int i = 0; i < s->baselines; i++)
        if (v->pair[i].error.code == DERM_OK && v->pair[i].comparability != DERM_INCOMPARABLE)
            return false;
    return true;
}

/* known: the manifest, when it has been read. */
static derm_err fill(derm_document *doc, const struct derm_manifest *known,
                     const struct derm_series_request *given)
{
    const struct derm_start start = derm_start_now();
    struct derm_error *const err = &doc->ctx->err;
    struct derm_series_request request = { 0 };
    struct derm_circumstances about;
    struct derm_series *s;

    DERM_TRY(derm_copy_sized(&request, sizeof(request), given, "derm_series_request", err));
    if (!known && (!request.manifest || !*request.manifest))
        return derm_fail(err, DERM_EUSAGE, "a series has no manifest");
    DERM_TRY(derm_arena_new(&doc->keep, &s, 1, sizeof(*s)));
    s->ctx = doc->ctx;
    s->keep = &doc->keep;
    s->rules = s->ctx->rules.series;
    s->timeline = s->ctx->rules.timeline;
    s->recovery = s->ctx->rules.recovery;
    if (known)
        s->manifest = *known;
    else
        DERM_TRY(derm_manifest_read(&s->manifest, s->keep, request.manifest, err));
    DERM_TRY(derm_series_plan(s, &request, err));
    DERM_TRY(measure_with_progress(s));
    DERM_TRY(derm_series_find_alerts(s));
    doc->refused = s->visits > 0;
    for (int i = 0; i < s->visits; i++)
        doc->refused = doc->refused && derm_visit_refused(s, &s->visit[i]);
    for (int i = 0; i < s->photos; i++)
        doc->failed += s->photo[i].error.code != DERM_OK;
    doc->blank = doc->failed == s->photos;
    about = derm_circumstances_since(doc, &start);
    DERM_TRY(derm_series_write(s, &about, &doc->text, err));
    DERM_TRY(derm_json_line(s->keep, &doc->line, doc->text));
    return derm_series_summary(s, &doc->summary);
}

derm_err derm_series_of(derm_context *ctx, const struct derm_manifest *known,
                        const struct derm_series_request *request, derm_document **out)
{
    derm_document *const doc = derm_document_open(ctx);

    *out = NULL;
    if (!doc) return ctx->err.code;
    return derm_document_close(doc, fill(doc, known, request), out);
}

derm_err derm_series(derm_context *ctx, const struct derm_series_request *request,
                     derm_document **out)
{
    return derm_series_of(ctx, NULL, request, out);
}

int derm_series_failed(const derm_document *doc)
{
    return doc->failed;
}
