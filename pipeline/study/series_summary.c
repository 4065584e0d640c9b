/* SPDX-License-Identifier: Apache-2.0 */
/* The series in a few lines of plain text: what each visit shows, and how often to look at the
 * document for more. */
#include <stdio.h>
#include <string.h>

#include "report/headline.h"
#include "study/series.h"

enum { LINE_BYTES = 512 };

struct text {
    char *at;
    size_t size, used;
};

static void add(struct text *t, const char *line)
{
    const int n = snprintf(t->at + t->used, t->size - t->used, "%s\n", line);

    if (n > 0 && t->used + (size_t)n < t->size) t->used += (size_t)n;
}

static void add_visit(struct text *t, const struct derm_series *s,
                      const struct derm_series_visit *v)
{
    const struct derm_series_photo *const p = &s->photo[v->photo];
    const struct derm_results results = { .item = v->row, .n = v->rows };
    const char *const phase =
        p->when.phase == DERM_PHASE_UNKNOWN ? "" : derm_phase_id(p->when.phase);
    char line[LINE_BYTES];

    snprintf(line, sizeof(line), "Visit %.80s%s%s%s:%s%.300s", p->row->visit, *phase ? " (" : "",
             phase, *phase ? ")" : "", p->error.code != DERM_OK ? " failed: " : "",
             p->error.code != DERM_OK ? p->error.text : "");
    add(t, line);
    for (int c = 0; c < DERM_CONCERN_COUNT && v->rows > 0; c++) {
        size_t used;

        if (!derm_headline_result(&results, (enum derm_concern)c)) continue;
        snprintf(line, sizeof(line), "  ");
        derm_headline_title(line + 2, sizeof(line) - 2, (enum derm_concern)c, false);
        used = strlen(line);
        used += (size_t)snprintf(line + used, sizeof(line) - used, ": ");
        derm_headline_text(line + used, sizeof(line) - used, (enum derm_concern)c,
                           &s->photo[0].facts, &results, 0, true);
        add(t, line);
    }
}

derm_err derm_series_summary(const struct derm_series *s, const char **out)
{
    const size_t per_visit = LINE_BYTES * (DERM_CONCERN_COUNT + 1);
    struct text t = { .size = LINE_BYTES + per_visit * (size_t)s->visits };
    char line[LINE_BYTES];

    DERM_TRY(derm_arena_new(s->keep, &t.at, t.size, 1));
    snprintf(
        line, sizeof(line),
        "Subject %.80s, view %.80s: %d photos of the baseline, %d later, %d sessions, %d notes",
        s->subject, s->view, s->baselines, s->visits, s->course.n, s->notes.n);
    add(&t, line);
    for (int i = 0; i < s->visits; i++)
        add_visit(&t, s, &s->visit[i]);
    *out = t.at;
    return DERM_OK;
}
