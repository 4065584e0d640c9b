/* SPDX-License-Identifier: Apache-2.0 */
/* When a photo was taken, in terms of the treatment: pure functions of dates.
 *
 * A photo from the day of a session counts as taken before it: that is when it is taken, since
 * needled skin is not photographed through blood and cream. */
#ifndef DERM_STUDY_TIMELINE_H
#define DERM_STUDY_TIMELINE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/opt.h"

/* ---- sessions */

struct derm_session {
    int day;                /* since 1970-01-01 */
    double needle_depth_mm; /* 0: not known */
    const char *device;     /* "": not known */
    double other_depth_mm;  /* given for the same day, too; 0: none other */
};
struct derm_course { /* of treatment: sessions by day, one a day */
    struct derm_session *session;
    int n;
};

/* Puts a session in its place, or what is known of it to that of the same day; there is room. */
void derm_course_add(struct derm_course *course, const struct derm_session *session);

/* ---- photos */

enum derm_phase {
    DERM_PHASE_UNKNOWN, /* no date, or no session is known */
    DERM_PHASE_BASELINE,
    DERM_PHASE_ACUTE,
    DERM_PHASE_HEALING,
    DERM_PHASE_ENDPOINT,
    DERM_PHASE_MAINTENANCE,
};
const char *derm_phase_id(enum derm_phase phase);

struct derm_timeline_rules {
    float acute_days, endpoint_days, least_gap_days, most_gap_days, maintenance_days;
    float least_depth_mm, most_depth_mm;
};
extern const struct derm_opt derm_timeline_opts[];

struct derm_moment {
    int day;                /* since 1970-01-01; DERM_NO_DAY: none, and what follows is 0 */
    int days;               /* since the first session, negative before it; 0 without one */
    int sessions;           /* before this photo */
    int days_since_session; /* since the last of these */
    enum derm_phase phase;
};
struct derm_moment derm_moment_of(const struct derm_course *course, int day,
                                  const struct derm_timeline_rules *rules);

/* ---- notes: what a reader of the dates should know */

/* X(name, id) */
#define DERM_NOTE_LIST(X)                                                                          \
    X(NO_SESSIONS, "no_sessions")                                                                  \
    X(SESSIONS_CLOSE, "sessions_close")                                                            \
    X(SESSIONS_FAR, "sessions_far")                                                                \
    X(MAINTENANCE_SESSION, "maintenance_session")                                                  \
    X(NEEDLE_DEPTH, "needle_depth_unusual")                                                        \
    X(DEPTHS_DIFFER, "depths_differ")                                                              \
    X(NO_DATE, "no_date")                                                                          \
    X(SAME_DAY, "same_day_as_session")                                                             \
    X(NO_PRETREATMENT_PHOTO, "no_pretreatment_photo")                                              \
    X(NO_FOLLOWUP_PHOTO, "no_followup_photo")                                                      \
    X(REPEAT_LEFT_OUT, "repeat_left_out")                                                          \
    X(BY_WAY, "by_way")                                                                            \
    X(LOOP_OPEN, "loop_open")

enum derm_note_code {
#define X(name, id) DERM_NOTE_##name,
    DERM_NOTE_LIST(X)
#undef X
};
enum { DERM_NOTE_TEXT = 240 };
struct derm_note {
    enum derm_note_code code;
    char text[DERM_NOTE_TEXT]; /* a sentence */
};
struct derm_notes {
    struct derm_note *item; /* room for `most` */
    int n, most;
};
const char *derm_note_id(enum derm_note_code code);
void derm_note_add(struct derm_notes *notes, enum derm_note_code code, const char *fmt, ...)
    DERM_PRINTF(3, 4);

/* What is unusual about the sessions; at most three notes a session and one more. */
void derm_course_notes(struct derm_notes *notes, const struct derm_course *course,
                       const struct derm_timeline_rules *rules);

enum { DERM_DATE_TEXT = 40 };                            /* room for any int */
void derm_date_text(char text[DERM_DATE_TEXT], int day); /* 2026-03-31 */

#endif
