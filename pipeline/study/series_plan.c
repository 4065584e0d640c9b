/* SPDX-License-Identifier: Apache-2.0 */
/* Which photos of the manifest make the series, which of them are the baseline, and in which order
 * they come.
 *
 * Sessions are the treatment dates of all rows of the subject, whatever the view. The baseline is
 * every photo from before the first of them, repeats included. Where there is none, it is the first
 * visit that is not acute. Of a later visit the first repeat is taken, as batch does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/metrics.h"
#include "study/mean_change.h"
#include "study/series.h"

/* ---- whose */

/* The one asked for, or the only one there is. of_view: within the subject, which is known. NULL:
 * err says why. */
static const char *choose(const struct derm_series *s, bool of_view, const char *asked,
                          struct derm_error *err)
{
    const struct derm_manifest *const m = &s->manifest;
    const char *const what = of_view ? "view" : "subject";
    const char *chosen = NULL;

    for (int i = 0; i < m->rows; i++) {
        const char *const is = of_view ? m->row[i].view : m->row[i].subject;

        if (of_view && strcmp(m->row[i].subject, s->subject) != 0) continue;
        if (asked && strcmp(is, asked) != 0) continue;
        if (chosen && strcmp(is, chosen) != 0) {
            derm_fail(err, DERM_EUSAGE,
                      "%s has more than one %s, such as \"%s\" and \"%s\": give --%s", m->name,
                      what, chosen, is, what);
            return NULL;
        }
        chosen = is;
    }
    if (!chosen)
        derm_fail(err, DERM_EUSAGE, "%s has no %s \"%s\"%s%s", m->name, what, asked,
                  of_view ? " of subject " : "", of_view ? s->subject : "");
    return chosen;
}

/* ---- sessions */

static derm_err find_sessions(struct derm_series *s)
{
    const struct derm_manifest *const m = &s->manifest;

    DERM_TRY(
        derm_arena_new(s->keep, &s->course.session, (size_t)m->rows, sizeof(*s->course.session)));
    for (int i = 0; i < m->rows; i++) {
        const struct derm_row *const row = &m->row[i];
        const struct derm_session session = { .day = row->treatment_day,
                                              .needle_depth_mm = row->needle_depth_mm,
                                              .device = derm_row_text(m, row, DERM_COLUMN_DEVICE) };

        if (strcmp(row->subject, s->subject) == 0 && row->treatment_day != DERM_NO_DAY)
            derm_course_add(&s->course, &session);
    }
    return DERM_OK;
}

/* ---- photos */

struct candidate {
    const struct derm_row *row;
    struct derm_moment when;
};

static int by_day(const void *a, const void *b)
{
    const struct derm_row *const x = ((const struct candidate *)a)->row;
    const struct derm_row *const y = ((const struct candidate *)b)->row;

    if ((x->day == DERM_NO_DAY) != (y->day == DERM_NO_DAY)) return x->day == DERM_NO_DAY ? 1 : -1;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    return x->line - y->line;
}

/* Of one visit the first repeat counts. */
static bool is_repeat(const struct candidate *c, int n, int i)
{
    for (int j = 0; j < n; j++)
        if (j != i && strcmp(c[j].row->visit, c[i].row->visit) == 0 &&
            derm_row_order(&c[j].row, &c[i].row) < 0)
            return true;
    return false;
}

/* The visit that is the baseline when no photo is from before the first session; else NULL. */
static const char *visit_instead(const struct candidate *c, int n)
{
    int first = -1;

    for (int i = 0; i < n; i++) {
        if (c[i].when.phase == DERM_PHASE_BASELINE) return NULL;
        if (first < 0 && c[i].when.phase != DERM_PHASE_ACUTE) first = i;
    }
    return c[first < 0 ? 0 : first].row->visit;
}

static bool is_baseline(const struct candidate *c, const char *instead)
{
    return instead ? strcmp(c->row->visit, instead) == 0 : c->when.phase == DERM_PHASE_BASELINE;
}

static derm_err name_photo(const struct derm_row *row, struct derm_arena *keep, const char **out)
{
    const int n = snprintf(NULL, 0, "%s/%s", row->visit, row->repeat);
    char *id;

    if (!*row->repeat) return derm_arena_text(keep, out, row->visit);
    DERM_TRY(derm_arena_new(keep, &id, (size_t)n + 1, 1));
    snprintf(id, (size_t)n + 1, "%s/%s", row->visit, row->repeat);
    *out = id;
    return DERM_OK;
}

static derm_err add_photo(struct derm_series *s, const struct candidate *c,
                          const struct derm_series_request *request)
{
    struct derm_series_photo *const p = &s->photo[s->photos++];
    const struct derm_row *const row = c->row;
    const char *const roi = derm_row_text(&s->manifest, row, DERM_COLUMN_ROI);

    p->row = row;
    p->when = c->when;
    p->request = (struct derm_photo_request){
        .size = sizeof(p->request),
        .px_per_mm = row->px_per_mm > 0 ? row->px_per_mm : request->px_per_mm,
        .site = request->site,
    };
    DERM_TRY(name_photo(row, s->keep, &p->id));
    DERM_TRY(derm_manifest_path(&s->manifest, s->keep, &p->request.path, row->path));
    if (*roi) return derm_manifest_path(&s->manifest, s->keep, &p->request.roi_path, roi);
    return DERM_OK;
}

static derm_err add_baseline(struct derm_series *s, const struct derm_series_request *request,
                             const struct candidate *c, int n, const char *instead)
{
    for (int i = 0; i < n; i++)
        if (is_baseline(&c[i], instead)) DERM_TRY(add_photo(s, &c[i], request));
    s->baselines = s->photos;
    return DERM_OK;
}

static derm_err add_later(struct derm_series *s, const struct derm_series_request *request,
                          const struct candidate *c, int n, const char *instead)
{
    for (int i = 0; i < n; i++) {
        if (is_baseline(&c[i], instead)) continue;
        if (is_repeat(c, n, i))
            derm_note_add(&s->notes, DERM_NOTE_REPEAT_LEFT_OUT,
                          "visit %.60s has more than one photo: line %d is left out",
                          c[i].row->visit, c[i].row->line);
        else
            DERM_TRY(add_photo(s, &c[i], request));
    }
    return DERM_OK;
}

static void note_dates(struct derm_series *s, const struct derm_series_photo *p)
{
    if (p->when.day == DERM_NO_DAY)
        derm_note_add(
            &s->notes, DERM_NOTE_NO_DATE,
            "photo %.60s (line %d) has no date in the manifest: it is compared, but is in no trend",
            p->id, p->row->line);
    for (int i = 0; i < s->course.n; i++)
        if (p->when.day == s->course.session[i].day)
            derm_note_add(&s->notes, DERM_NOTE_SAME_DAY,
                          "photo %.60s is from the day of a session and counts as taken before it",
                          p->id);
}

static derm_err arrange(struct derm_series *s, const struct derm_series_request *request,
                        const struct candidate *c, int n, struct derm_error *err)
{
    const char *const instead = visit_instead(c, n);

    if (instead && s->course.n > 0)
        derm_note_add(&s->notes, DERM_NOTE_NO_PRETREATMENT_PHOTO,
                      "no photo is from before the first session: the baseline is visit %.60s",
                      instead);
    DERM_TRY(add_baseline(s, request, c, n, instead));
    DERM_TRY(add_later(s, request, c, n, instead));
    if (s->baselines > DERM_MEAN_MOST)
        return derm_fail(err, DERM_ELIMIT, "%s has %d photos of the baseline: more than %d",
                         s->manifest.name, s->baselines, DERM_MEAN_MOST);
    if (s->photos == s->baselines && s->course.n > 0)
        derm_note_add(&s->notes, DERM_NOTE_NO_FOLLOWUP_PHOTO,
                      "no photo is from after the first session: all are of the baseline, and "
                      "nothing is compared");
    for (int i = 0; i < s->photos; i++)
        note_dates(s, &s->photo[i]);
    return DERM_OK;
}

static derm_err make_room(struct derm_series *s, int n)
{
    /* a session has three at most, a photo three; three are of the whole */
    s->notes.most = 3 * s->course.n + 3 * n + 3;
    DERM_TRY(
        derm_arena_new(s->keep, &s->notes.item, (size_t)s->notes.most, sizeof(*s->notes.item)));
    return derm_arena_new(s->keep, &s->photo, (size_t)n, sizeof(*s->photo));
}

derm_err derm_series_plan(struct derm_series *s, const struct derm_series_request *request,
                          struct derm_error *err)
{
    const struct derm_manifest *const m = &s->manifest;
    struct candidate *c;
    int n = 0;

    s->subject = choose(s, false, request->subject, err);
    if (s->subject) s->view = choose(s, true, request->view, err);
    if (!s->subject || !s->view) return err->code;
    DERM_TRY(find_sessions(s));
    DERM_TRY(derm_arena_new(s->keep, &c, (size_t)m->rows, sizeof(*c)));
    for (int i = 0; i < m->rows; i++)
        if (strcmp(m->row[i].subject, s->subject) == 0 && strcmp(m->row[i].view, s->view) == 0)
            c[n++] = (struct candidate){ &m->row[i],
                                         derm_moment_of(&s->course, m->row[i].day, &s->timeline) };
    qsort(c, (size_t)n, sizeof(*c), by_day);
    DERM_TRY(make_room(s, n));
    derm_course_notes(&s->notes, &s->course, &s->timeline);
    return arrange(s, request, c, n, err);
}
