/* SPDX-License-Identifier: Apache-2.0 */
/* Dates of photos and sessions: phases, counts, and what is noted about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "study/manifest.h"
#include "study/timeline.h"

enum { MOST = 8 };

static struct derm_timeline_rules rules;
static struct derm_session sessions[MOST];

static int set_up(void **state)
{
    (void)state;
    derm_opt_defaults(derm_timeline_opts, &rules);
    return 0;
}

/* n sessions on the days given, in the order given. */
static struct derm_course course_of(const int *day, int n)
{
    struct derm_course course = { sessions, 0 };

    for (int i = 0; i < n; i++) {
        const struct derm_session session = { .day = day[i], .device = "" };

        derm_course_add(&course, &session);
    }
    return course;
}

static void sessions_are_in_order_one_a_day(void **state)
{
    static const struct derm_session given[] = {
        { 60, 0, "", 0 }, { 0, 1.5, "", 0 },      { 60, 0.5, "pen", 0 },
        { 30, 0, "", 0 }, { 60, 2, "roller", 0 },
    };
    struct derm_course course = { sessions, 0 };

    (void)state;
    for (int i = 0; i < 5; i++)
        derm_course_add(&course, &given[i]);
    assert_int_equal(course.n, 3);
    assert_int_equal(sessions[0].day, 0);
    assert_int_equal(sessions[1].day, 30);
    assert_int_equal(sessions[2].day, 60);
    assert_true(sessions[2].needle_depth_mm == 0.5); /* what was said first */
    assert_true(sessions[2].other_depth_mm == 2);
    assert_string_equal(sessions[2].device, "pen");
}

static void every_day_has_its_phase(void **state)
{
    static const int day[] = { 100, 135, 300 };
    static const struct {
        int day, days, sessions, since;
        enum derm_phase phase;
    } expected[] = {
        { 60, -40, 0, 0, DERM_PHASE_BASELINE },      { 100, 0, 0, 0, DERM_PHASE_BASELINE },
        { 101, 1, 1, 1, DERM_PHASE_ACUTE },          { 107, 7, 1, 7, DERM_PHASE_ACUTE },
        { 108, 8, 1, 8, DERM_PHASE_HEALING },        { 127, 27, 1, 27, DERM_PHASE_HEALING },
        { 128, 28, 1, 28, DERM_PHASE_ENDPOINT },     { 135, 35, 1, 35, DERM_PHASE_ENDPOINT },
        { 136, 36, 2, 1, DERM_PHASE_ACUTE },         { 219, 119, 2, 84, DERM_PHASE_ENDPOINT },
        { 220, 120, 2, 85, DERM_PHASE_MAINTENANCE }, { 303, 203, 3, 3, DERM_PHASE_ACUTE },
        { 320, 220, 3, 20, DERM_PHASE_HEALING },     { 328, 228, 3, 28, DERM_PHASE_MAINTENANCE },
    };
    const struct derm_course course = course_of(day, 3);

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        const struct derm_moment m = derm_moment_of(&course, expected[i].day, &rules);

        assert_int_equal(m.days, expected[i].days);
        assert_int_equal(m.sessions, expected[i].sessions);
        assert_int_equal(m.days_since_session, expected[i].since);
        assert_string_equal(derm_phase_id(m.phase), derm_phase_id(expected[i].phase));
    }
}

static void without_dates_there_is_no_phase(void **state)
{
    static const int day[] = { 100 };
    const struct derm_course none = { sessions, 0 };
    struct derm_course course;
    struct derm_moment m = derm_moment_of(&none, 50, &rules);

    (void)state;
    assert_int_equal(m.phase, DERM_PHASE_UNKNOWN);
    assert_int_equal(m.days, 0);
    assert_int_equal(m.sessions, 0);
    course = course_of(day, 1);
    m = derm_moment_of(&course, DERM_NO_DAY, &rules);
    assert_int_equal(m.phase, DERM_PHASE_UNKNOWN);
    assert_int_equal(m.days, 0);
}

static struct derm_notes notes_of(const struct derm_course *course)
{
    static struct derm_note item[3 * MOST + 1];
    struct derm_notes notes = { item, 0, 3 * MOST + 1 };

    derm_course_notes(&notes, course, &rules);
    return notes;
}

static void unusual_gaps_and_depths_are_named(void **state)
{
    static const int day[] = { 0, 27, 55, 97, 140, 224, 309 };
    struct derm_course course = course_of(day, 7);
    struct derm_notes notes;

    (void)state;
    sessions[0].needle_depth_mm = 0.25;
    sessions[1].needle_depth_mm = 0.2;
    sessions[2].needle_depth_mm = 2.5;
    sessions[3].needle_depth_mm = 3;
    notes = notes_of(&course);
    assert_int_equal(notes.n, 6);
    assert_string_equal(derm_note_id(notes.item[0].code), "sessions_close");
    assert_non_null(strstr(notes.item[0].text, "1970-01-28 came 27 days"));
    assert_string_equal(derm_note_id(notes.item[1].code), "needle_depth_unusual");
    assert_non_null(strstr(notes.item[1].text, "0.2 mm on 1970-01-28 lies outside 0.25 to 2.5"));
    assert_string_equal(derm_note_id(notes.item[2].code), "needle_depth_unusual");
    assert_string_equal(derm_note_id(notes.item[3].code), "sessions_far");
    assert_non_null(strstr(notes.item[3].text, "43 days"));
    assert_string_equal(derm_note_id(notes.item[4].code), "sessions_far"); /* 84: still a series */
    assert_string_equal(derm_note_id(notes.item[5].code), "maintenance_session");
    sessions[2].other_depth_mm = 1.5;
    notes = notes_of(&course);
    assert_int_equal(notes.n, 7);
    assert_string_equal(derm_note_id(notes.item[2].code), "depths_differ");
    assert_non_null(strstr(notes.item[2].text, "2.5 mm is taken, not 1.5 mm"));
}

static void no_session_is_named(void **state)
{
    static const int day[] = { 5 };
    struct derm_course course = { sessions, 0 };

    (void)state;
    assert_int_equal(notes_of(&course).n, 1);
    assert_int_equal(notes_of(&course).item[0].code, DERM_NOTE_NO_SESSIONS);
    course = course_of(day, 1);
    assert_int_equal(notes_of(&course).n, 0);
}

static void days_are_written_as_dates(void **state)
{
    static const struct {
        int day;
        const char *text;
    } expected[] = {
        { 0, "1970-01-01" },     { -1, "1969-12-31" },     { 19782, "2024-02-29" },
        { 19783, "2024-03-01" }, { -25509, "1900-02-28" }, { -25508, "1900-03-01" },
        { 11016, "2000-02-29" }, { 20178, "2025-03-31" },
    };
    char text[DERM_DATE_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        derm_date_text(text, expected[i].day);
        assert_string_equal(text, expected[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_are_in_order_one_a_day),
        cmocka_unit_test(every_day_has_its_phase),
        cmocka_unit_test(without_dates_there_is_no_phase),
        cmocka_unit_test(unusual_gaps_and_depths_are_named),
        cmocka_unit_test(no_session_is_named),
        cmocka_unit_test(days_are_written_as_dates),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
