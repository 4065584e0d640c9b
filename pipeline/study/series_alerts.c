/* SPDX-License-Identifier: Apache-2.0 */
/* alerts[]: what is worth showing to a clinician. They follow from verdicts, say what was measured
 * and when, and name no condition. */
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/metrics.h"
#include "study/series.h"

struct alert {
    const char *code;
    const char *visit;
    enum derm_concern concern;
    unsigned regions; /* bit r: enum derm_region */
    char text[DERM_NOTE_TEXT];
};

static void write_alert(struct derm_emit *e, cJSON *list, const struct alert *a)
{
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

/* Where the concern's main metric has worsened. */
static unsigned worse_in(const struct derm_result *row, int rows, enum derm_concern concern)
{
    unsigned regions = 0;

    for (int i = 0; i < rows; i++)
        if (derm_metrics[row[i].metric].concern == concern && derm_metrics[row[i].metric].is_main &&
            row[i].status == DERM_MEASURED && row[i].verdict == DERM_WORSENED)
            regions |= 1u << row[i].region;
    return regions;
}

/* ---- worsening, and redness that lasts */

static void alert_worse(struct derm_emit *e, cJSON *list, const struct derm_series *s,
                        const struct derm_series_visit *v)
{
    const struct derm_moment *const when = &s->photo[v->photo].when;

    for (int c = 0; c < DERM_CONCERN_COUNT; c++) {
        const bool lasts = c == DERM_CONCERN_REDNESS && when->sessions > 0;
        struct alert a = { .code = lasts ? "redness_persists" : "worsening",
                           .visit = s->photo[v->photo].row->visit,
                           .concern = (enum derm_concern)c,
                           .regions = worse_in(v->row, v->rows, (enum derm_concern)c) };

        /* Shine comes and goes with oil and light: no reason to see anyone. */
        if (!a.regions || c == DERM_CONCERN_RADIANCE) continue;
        if (lasts)
            snprintf(a.text, sizeof(a.text),
                     "%d days after the session the skin is still redder than in the baseline: "
                     "worth showing to a clinician",
                     when->days_since_session);
        else
            snprintf(a.text, sizeof(a.text),
                     "%s measures worse than in the baseline: worth showing to a clinician",
                     derm_concern_id(a.concern));
        write_alert(e, list, &a);
    }
}

/* ---- redness that grows */

static void alert_growth(struct derm_emit *e, cJSON *list, const struct derm_series *s,
                         const struct derm_series_visit *v)
{
    const struct derm_moment *const now = &s->photo[v->photo].when;
    const struct derm_moment *before;
    struct alert a = { .code = "redness_grows",
                       .visit = s->photo[v->photo].row->visit,
                       .concern = DERM_CONCERN_REDNESS };

    if (!v->step) return;
    before = &s->photo[s->visit[v->before].photo].when;
    if (now->sessions == 0 || before->sessions != now->sessions ||
        before->days_since_session < (int)s->rules.growing_days)
        return;
    a.regions = worse_in(v->step->row, v->step->rows, DERM_CONCERN_REDNESS);
    if (!a.regions) return;
    snprintf(a.text, sizeof(a.text),
             "redness grew from day %d to day %d after the session: worth showing to a clinician",
             before->days_since_session, now->days_since_session);
    write_alert(e, list, &a);
}

/* ---- new pigmentation */

/* The chance that at least `seen` of n are called new, each by chance. */
static double chance_of(int seen, int n, double each)
{
    double fewer = 0, exactly = 1;

    for (int k = 0; k < n; k++)
        exactly *= 1 - each; /* none */
    for (int k = 0; k < seen; k++) {
        fewer += exactly;
        exactly *= (n - k) / (k + 1.0) * each / (1 - each);
    }
    return 1 - fewer;
}

/* New is what no photo of the baseline shows: the fewest that any of them calls so count. */
static void alert_spots(struct derm_emit *e, cJSON *list, const struct derm_series *s,
                        const struct derm_series_visit *v)
{
    struct alert a = { .code = "new_pigmentation",
                       .visit = s->photo[v->photo].row->visit,
                       .concern = DERM_CONCERN_PIGMENTATION };
    const struct derm_series_pair *fewest = NULL;

    for (int i = 0; i < s->baselines; i++)
        if (v->pair[i].tracked && (!fewest || v->pair[i].new_spots < fewest->new_spots))
            fewest = &v->pair[i];
    if (!fewest || fewest->new_spots == 0) return;
    if (chance_of(fewest->new_spots, fewest->spots, (double)s->rules.new_spot_chance) >
        (double)s->rules.most_chance)
        return;
    snprintf(a.text, sizeof(a.text),
             "%d of %d pigmented spots are not in the baseline: worth showing to a clinician",
             fewest->new_spots, fewest->spots);
    write_alert(e, list, &a);
}

void derm_series_write_alerts(struct derm_emit *e, const struct derm_series *s)
{
    cJSON *const list = derm_emit_array(e, e->root, "alerts");

    for (int i = 0; i < s->visits; i++) {
        const struct derm_series_visit *const v = &s->visit[i];

        alert_growth(e, list, s, v);
        if (s->photo[v->photo].when.phase == DERM_PHASE_ACUTE) continue;
        alert_worse(e, list, s, v);
        alert_spots(e, list, s, v);
    }
}
