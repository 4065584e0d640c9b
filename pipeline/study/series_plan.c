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

/* The asked for, or the only one there is. of_view: within the subject, which is known. */
static derm_err choose(struct derm_series *s, bool of_view, const char *asked, const char **out,
                       struct derm_error *err)
{
    const struct derm_manifest *const m = &s->manifest;
    const char *const what = of_view ? "view" : "subject";
    const char *other = NULL;

    *out = NULL;
    for (int i = 0; i < m->rows; i++) {
        const char *const is = of_view ? m->row[i].view : m->row[i].subject;

        if (of_view && strcmp(m->row[i].subject, s->subject) != 0) continue;
        if (asked && strcmp(is, asked) != 0) continue;
        if (!*out) *out = is;
        if (strcmp(is, *out) != 0) other = is;
    }
    if (!*out)
        return derm_fail(err, DERM_EUSAGE, "%s has no %s \"%s\"%s%s", m->name, what, asked,
                         of_view ? " of subject " : "", of_view ? s->subject : "");
    if (other)
        return derm_fail(err, DERM_EUSAGE,
                         "%s has more than one %s, such as \"%s\" and \"%s\": give --%s", m->name,
                         what, *out, other, what);
    return DERM_OK;
}

/* ---- sessions */

static derm_err find_sessions(struct derm_series *s)
{
    const struct derm_manifest *const m = &s->manifest;

    DERM_TRY(
        derm_arena_new(s->keep, &s->course.session, (size_t)m->rows, sizeof(*s->course.session)));
    for (int i = 0; i < m->rows; i++) {
        const struct derm_row *const row = &m->row[i];
        const struct derm_session session = { row->treatment_day, row->needle_depth_mm,
                                              derm_row_text(m, row, DERM_COLUMN_DEVICE) };

        if (strcmp(row->subject, s->subject) == 0 && row->treatment_day != DERM_NO_DAY)
            derm_course_add(&s->course, &session);
    }
    return DERM_OK;
}

/* ---- photos */

static int by_day(const void *a, const void *b)
{
    const struct derm_row *const x = *(const struct derm_row *const *)a;
    const struct derm_row *const y = *(const struct derm_row *const *)b;

    if ((x->day == DERM_NO_DAY) != (y->day == DERM_NO_DAY)) return x->day == DERM_NO_DAY ? 1 : -1;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    return x->line - y->line;
}

/* Of one visit the first repeat comes first: then its day alone decides. */
static bool is_repeat(const struct derm_row *const *row, int n, int i)
{
    for (int j = 0; j < n; j++)
        if (j != i && strcmp(row[j]->visit, row[i]->visit) == 0 &&
            derm_row_order(&row[j], &row[i]) < 0)
            return true;
    return false;
}

static struct derm_moment when(const struct derm_series *s, const struct derm_row *row)
{
    return derm_moment_of(&s->course, row->day, &s->timeline);
}

/* The visit that is the baseline when no photo is from before the first session. */
static const char *first_visit(const struct derm_series *s, const struct derm_row *const *row,
                               int n)
{
    for (int i = 0; i < n; i++)
        if (when(s, row[i]).phase != DERM_PHASE_ACUTE) return row[i]->visit;
    return row[0]->visit;
}

static bool any_before_treatment(const struct derm_series *s, const struct derm_row *const *row,
                                 int n)
{
    for (int i = 0; i < n; i++)
        if (when(s, row[i]).phase == DERM_PHASE_BASELINE) return true;
    return false;
}

static derm_err name_photo(const struct derm_series *s, struct derm_series_photo *p)
{
    const size_t size = strlen(p->row->visit) + strlen(p->row->repeat) + 2;
    char *id;

    if (!*p->row->repeat) return derm_arena_text(s->keep, &p->id, p->row->visit);
    DERM_TRY(derm_arena_new(s->keep, &id, size, 1));
    snprintf(id, size, "%s/%s", p->row->visit, p->row->repeat);
    p->id = id;
    return DERM_OK;
}

static derm_err add_photo(struct derm_series *s, const struct derm_row *row,
                          const struct derm_series_request *request)
{
    struct derm_series_photo *const p = &s->photo[s->photos++];
    const char *const roi = derm_row_text(&s->manifest, row, DERM_COLUMN_ROI);

    p->row = row;
    p->when = when(s, row);
    p->request = (struct derm_photo_request){
        .size = sizeof(p->request),
        .px_per_mm = row->px_per_mm > 0 ? row->px_per_mm : request->px_per_mm,
        .site = request->site,
    };
    DERM_TRY(name_photo(s, p));
    DERM_TRY(derm_manifest_path(&s->manifest, s->keep, &p->request.path, row->path));
    if (*roi) return derm_manifest_path(&s->manifest, s->keep, &p->request.roi_path, roi);
    return DERM_OK;
}

static void note_dates(struct derm_series *s, const struct derm_series_photo *p)
{
    if (p->when.day == DERM_NO_DAY)
        derm_note_add(&s->notes, DERM_NOTE_NO_DATE,
                      "photo %.60s (line %d) has no date: it is compared, but is in no trend",
                      p->id, p->row->line);
    for (int i = 0; i < s->course.n; i++)
        if (p->when.day == s->course.session[i].day)
            derm_note_add(&s->notes, DERM_NOTE_SAME_DAY,
                          "photo %.60s is from the day of a session and counts as taken before it",
                          p->id);
}

static derm_err arrange(struct derm_series *s, const struct derm_series_request *request,
                        const struct derm_row *const *row, int n, struct derm_error *err)
{
    const bool before = any_before_treatment(s, row, n);
    const char *const first = first_visit(s, row, n);

    if (!before && s->course.n > 0)
        derm_note_add(&s->notes, DERM_NOTE_NO_PRETREATMENT_PHOTO,
                      "no photo is from before the first session: the baseline is visit %.60s",
                      first);
    for (int later = 0; later < 2; later++) {
        for (int i = 0; i < n; i++) {
            const bool baseline = before ? when(s, row[i]).phase == DERM_PHASE_BASELINE
                                         : strcmp(row[i]->visit, first) == 0;

            if (baseline == (later != 0)) continue;
            if (later && is_repeat(row, n, i))
                derm_note_add(&s->notes, DERM_NOTE_REPEAT_LEFT_OUT,
                              "visit %.60s has more than one photo: line %d is left out",
                              row[i]->visit, row[i]->line);
            else
                DERM_TRY(add_photo(s, row[i], request));
        }
        if (!later) s->baselines = s->photos;
    }
    if (s->baselines > DERM_MEAN_MOST)
        return derm_fail(err, DERM_ELIMIT, "%s has %d photos of the baseline: more than %d",
                         s->manifest.name, s->baselines, DERM_MEAN_MOST);
    for (int i = 0; i < s->photos; i++)
        note_dates(s, &s->photo[i]);
    return DERM_OK;
}

static derm_err make_room(struct derm_series *s, int n)
{
    /* of sessions and of photos; of the whole; of the loops */
    s->notes.most = 2 * s->course.n + 3 * n + 2;
    DERM_TRY(
        derm_arena_new(s->keep, &s->notes.item, (size_t)s->notes.most, sizeof(*s->notes.item)));
    return derm_arena_new(s->keep, &s->photo, (size_t)n, sizeof(*s->photo));
}

derm_err derm_series_plan(struct derm_series *s, const struct derm_series_request *request,
                          struct derm_error *err)
{
    const struct derm_manifest *const m = &s->manifest;
    const struct derm_row **row;
    int n = 0;

    DERM_TRY(choose(s, false, request->subject, &s->subject, err));
    DERM_TRY(choose(s, true, request->view, &s->view, err));
    DERM_TRY(find_sessions(s));
    DERM_TRY(derm_arena_new(s->keep, &row, (size_t)m->rows, sizeof(*row)));
    for (int i = 0; i < m->rows; i++)
        if (strcmp(m->row[i].subject, s->subject) == 0 && strcmp(m->row[i].view, s->view) == 0)
            row[n++] = &m->row[i];
    qsort(row, (size_t)n, sizeof(*row), by_day);
    DERM_TRY(make_room(s, n));
    derm_course_notes(&s->notes, &s->course, &s->timeline);
    return arrange(s, request, row, n, err);
}
