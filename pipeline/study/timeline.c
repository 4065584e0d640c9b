/* SPDX-License-Identifier: Apache-2.0 */
#include "study/timeline.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "study/manifest.h"

#define RULES struct derm_timeline_rules
const struct derm_opt derm_timeline_opts[] = {
    DERM_OPT(RULES, acute_days, 7, 0, 60,
             "after a session, while redness and swelling may last (domain, section 5.2)"),
    DERM_OPT(RULES, endpoint_days, 28, 1, 365,
             "after a session, when its result may be judged (domain, section 5.2)"),
    DERM_OPT(RULES, least_gap_days, 28, 0, 365, "between sessions (DESIGN, section 2)"),
    DERM_OPT(RULES, most_gap_days, 42, 0, 365, "between sessions (DESIGN, section 2)"),
    DERM_OPT(RULES, maintenance_days, 84, 1, 1000,
             "without a session, after which the series is over and what follows maintains it; the "
             "last result is confirmed then (domain, section 5.2)"),
    DERM_OPT(RULES, least_depth_mm, 0.25, 0, 10, "of needles (DESIGN, section 2)"),
    DERM_OPT(RULES, most_depth_mm, 2.5, 0, 10, "of needles (DESIGN, section 2)"),
    { 0 },
};

/* ---- sessions */

void derm_course_add(struct derm_course *c, const struct derm_session *session)
{
    int i = c->n;

    while (i > 0 && c->session[i - 1].day > session->day)
        i--;
    if (i > 0 && c->session[i - 1].day == session->day) {
        struct derm_session *const known = &c->session[i - 1];

        if (!(known->needle_depth_mm > 0))
            known->needle_depth_mm = session->needle_depth_mm;
        else if (session->needle_depth_mm > 0 && session->needle_depth_mm != known->needle_depth_mm)
            known->other_depth_mm = session->needle_depth_mm;
        if (!*known->device) known->device = session->device;
        return;
    }
    for (int j = c->n++; j > i; j--)
        c->session[j] = c->session[j - 1];
    c->session[i] = *session;
}

/* Days since the session before; 0 for the first. */
static int gap_before(const struct derm_course *c, int i)
{
    return i > 0 ? c->session[i].day - c->session[i - 1].day : 0;
}

/* ---- photos */

const char *derm_phase_id(enum derm_phase phase)
{
    static const char *const id[] = { "unknown", "baseline", "acute",
                                      "healing", "endpoint", "maintenance" };

    return id[phase];
}

static enum derm_phase phase_of(const struct derm_course *c, const struct derm_moment *m,
                                const RULES *rules)
{
    const int since = m->days_since_session, longest = (int)rules->maintenance_days;

    if (c->n == 0) return DERM_PHASE_UNKNOWN;
    if (m->sessions == 0) return DERM_PHASE_BASELINE;
    if (since <= (int)rules->acute_days) return DERM_PHASE_ACUTE;
    if (since < (int)rules->endpoint_days) return DERM_PHASE_HEALING;
    return since > longest || gap_before(c, m->sessions - 1) > longest ? DERM_PHASE_MAINTENANCE
                                                                       : DERM_PHASE_ENDPOINT;
}

struct derm_moment derm_moment_of(const struct derm_course *c, int day, const RULES *rules)
{
    struct derm_moment m = { .day = day };

    if (day == DERM_NO_DAY) return m;
    if (c->n > 0) m.days = day - c->session[0].day;
    while (m.sessions < c->n && c->session[m.sessions].day < day)
        m.sessions++;
    if (m.sessions > 0) m.days_since_session = day - c->session[m.sessions - 1].day;
    m.phase = phase_of(c, &m, rules);
    return m;
}

/* ---- notes */

const char *derm_note_id(enum derm_note_code code)
{
    static const char *const id[] = {
#define X(name, text) text,
        DERM_NOTE_LIST(X)
#undef X
    };

    return id[code];
}

void derm_note_add(struct derm_notes *notes, enum derm_note_code code, const char *fmt, ...)
{
    struct derm_note *const note = &notes->item[notes->n++];
    va_list args;

    assert(notes->n <= notes->most);
    note->code = code;
    va_start(args, fmt);
    vsnprintf(note->text, sizeof(note->text), fmt, args);
    va_end(args);
}

static void note_gap(struct derm_notes *notes, int gap, const char *date, const RULES *rules)
{
    const int least = (int)rules->least_gap_days, most = (int)rules->most_gap_days;

    if (gap < least)
        derm_note_add(notes, DERM_NOTE_SESSIONS_CLOSE,
                      "the session of %s came %d days after the one before: less than %d is close",
                      date, gap, least);
    else if (gap > (int)rules->maintenance_days)
        derm_note_add(notes, DERM_NOTE_MAINTENANCE_SESSION,
                      "the session of %s came %d days after the one before: it is taken as "
                      "maintenance",
                      date, gap);
    else if (gap > most)
        derm_note_add(notes, DERM_NOTE_SESSIONS_FAR,
                      "the session of %s came %d days after the one before: more than %d is far",
                      date, gap, most);
}

void derm_course_notes(struct derm_notes *notes, const struct derm_course *c, const RULES *rules)
{
    const double least = (double)rules->least_depth_mm, most = (double)rules->most_depth_mm;

    if (c->n == 0)
        derm_note_add(notes, DERM_NOTE_NO_SESSIONS,
                      "no treatment date is given, so no photo has a phase and nothing is said "
                      "about recovery");
    for (int i = 0; i < c->n; i++) {
        const double depth = c->session[i].needle_depth_mm;
        char date[DERM_DATE_TEXT];

        derm_date_text(date, c->session[i].day);
        if (i > 0) note_gap(notes, gap_before(c, i), date, rules);
        if (depth > 0 && (depth < least || depth > most))
            derm_note_add(notes, DERM_NOTE_NEEDLE_DEPTH,
                          "the needle depth of %g mm on %s lies outside %g to %g mm", depth, date,
                          least, most);
        if (c->session[i].other_depth_mm > 0)
            derm_note_add(notes, DERM_NOTE_DEPTHS_DIFFER,
                          "the session of %s has more than one needle depth: %g mm is taken, not "
                          "%g mm",
                          date, depth, c->session[i].other_depth_mm);
    }
}

/* The inverse of the manifest's day number: years that begin in March, in cycles of 400. */
void derm_date_text(char text[DERM_DATE_TEXT], int day)
{
    enum { CYCLE = 146097, CENTURY = 36524, FOUR_YEARS = 1461, YEAR = 365 };
    const int of_era = day + 719468, cycle = of_era / CYCLE, d = of_era % CYCLE;
    const int year = (d - d / (FOUR_YEARS - 1) + d / CENTURY - d / (CYCLE - 1)) / YEAR;
    const int of_year = d - (YEAR * year + year / 4 - year / 100);
    const int from_march = (5 * of_year + 2) / 153;
    const int month = from_march < 10 ? from_march + 3 : from_march - 9;

    snprintf(text, DERM_DATE_TEXT, "%04d-%02d-%02d", (400 * cycle + year + (month <= 2)) % 10000,
             month, of_year - (153 * from_march + 2) / 5 + 1);
}
