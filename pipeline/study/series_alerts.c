/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts: what is worth showing to a clinician. They follow from verdicts, say what was measured
 * and when, and name no condition. */
#include <stdio.h>

#include "base/metrics.h"
#include "study/series.h"

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

static void alert_worse(struct derm_series *s, const struct derm_series_visit *v)
{
    const struct derm_moment *const when = &s->photo[v->photo].when;

    for (int c = 0; c < DERM_CONCERN_COUNT; c++) {
        const bool lasts = c == DERM_CONCERN_REDNESS && when->sessions > 0;
        struct derm_series_alert a = { .code = lasts ? "redness_persists" : "worsening",
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
        s->alert[s->alerts++] = a;
    }
}

/* ---- redness that grows */

static void alert_growth(struct derm_series *s, const struct derm_series_visit *v)
{
    const struct derm_moment *const now = &s->photo[v->photo].when;
    const struct derm_moment *before;
    struct derm_series_alert a = { .code = "redness_grows",
                                   .visit = s->photo[v->photo].row->visit,
                                   .concern = DERM_CONCERN_REDNESS };

    if (v->least < 0) return;
    before = &s->photo[s->visit[v->least].photo].when;
    a.regions = worse_in(v->since_least->row, v->since_least->rows, DERM_CONCERN_REDNESS);
    if (!a.regions) return;
    snprintf(a.text, sizeof(a.text),
             "redness grew from day %d to day %d after the session: worth showing to a clinician",
             before->days_since_session, now->days_since_session);
    s->alert[s->alerts++] = a;
}

/* ---- new pigmentation */

/* New is what no photo of the baseline shows: the fewest that any of them calls so count. */
static void alert_spots(struct derm_series *s, const struct derm_series_visit *v)
{
    struct derm_series_alert a = { .code = "new_pigmentation",
                                   .visit = s->photo[v->photo].row->visit,
                                   .concern = DERM_CONCERN_PIGMENTATION };
    const struct derm_new_spots *fewest = NULL;

    for (int i = 0; i < s->baselines; i++)
        if (v->pair[i].spots.known && (!fewest || v->pair[i].spots.fresh < fewest->fresh))
            fewest = &v->pair[i].spots;
    if (!fewest || fewest->fresh == 0) return;
    snprintf(
        a.text, sizeof(a.text),
        "at least %d of %d pigmented spots %s not in the baseline: worth showing to a clinician",
        fewest->fresh, fewest->spots, fewest->fresh == 1 ? "is" : "are");
    s->alert[s->alerts++] = a;
}

derm_err derm_series_find_alerts(struct derm_series *s)
{
    enum { OTHERS = 2 }; /* growth and spots, beside each concern */
    const size_t most = (size_t)s->visits * (DERM_CONCERN_COUNT + OTHERS) + 1;

    DERM_TRY(derm_arena_new(s->keep, &s->alert, most, sizeof(*s->alert)));
    for (int i = 0; i < s->visits; i++) {
        const struct derm_series_visit *const v = &s->visit[i];

        alert_growth(s, v);
        if (s->photo[v->photo].when.phase == DERM_PHASE_ACUTE) continue;
        alert_worse(s, v);
        alert_spots(s, v);
    }
    return DERM_OK;
}
