/* SPDX-License-Identifier: Apache-2.0 */
/* Which photos of a manifest make a series; loops of alignments. */
#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "stages/field.h"
#include "study/series.h"

#define HEAD "subject,visit,date,view,path,treatment_date,repeat\n"
#define assert_close(value, truth, within) assert_true(fabs((value) - (truth)) <= (within))

static struct derm_arena arena;
static struct derm_error err;
static struct derm_series series;

static int open_arena(void **state)
{
    (void)state;
    return derm_arena_init(&arena, (size_t)1 << 26, &err) != DERM_OK;
}

static int close_arena(void **state)
{
    (void)state;
    derm_arena_free(&arena);
    return 0;
}

static derm_err plan(const char *text, const struct derm_series_request *request)
{
    char path[] = "/tmp/derm_series_XXXXXX";
    const int fd = mkstemp(path);

    assert_true(fd >= 0);
    close(fd);
    err = (struct derm_error){ 0 };
    derm_arena_reset(&arena, 0);
    series = (struct derm_series){ .keep = &arena };
    derm_opt_defaults(derm_timeline_opts, &series.timeline);
    assert_int_equal(derm_file_write(path, text, strlen(text), &err), DERM_OK);
    assert_int_equal(derm_manifest_read(&series.manifest, &arena, path, &err), DERM_OK);
    unlink(path);
    return derm_series_plan(&series, request, &err);
}

static const struct derm_series_request anyone;

/* "1 2/a | 3": the photos of the baseline, then the later ones. */
static void expect_photos(const char *text, const char *expected)
{
    char got[256] = "";

    assert_int_equal(plan(text, &anyone), DERM_OK);
    for (int i = 0; i < series.photos; i++) {
        strcat(got, i == series.baselines ? "| " : "");
        strcat(got, series.photo[i].id);
        strcat(got, " ");
    }
    strcat(got, series.baselines == series.photos ? "| " : "");
    assert_string_equal(got, expected);
}

static bool noted(enum derm_note_code code)
{
    for (int i = 0; i < series.notes.n; i++)
        if (series.notes.item[i].code == code) return true;
    return false;
}

static void photos_from_before_are_the_baseline(void **state)
{
    (void)state;
    expect_photos(HEAD "A,3,2024-02-20,f,c.jpg,,\n"
                       "A,2,2024-01-10,f,b.jpg,2024-01-10,2\n"
                       "A,1,2024-01-03,f,a.jpg,,\n"
                       "A,2,2024-01-10,f,b.jpg,2024-01-10,1\n",
                  "1 2/2 2/1 | 3 ");
    assert_int_equal(series.course.n, 1);
    assert_true(noted(DERM_NOTE_SAME_DAY));
    assert_false(noted(DERM_NOTE_NO_PRETREATMENT_PHOTO));
    assert_int_equal(series.photo[3].when.phase, DERM_PHASE_ENDPOINT);
}

static void sessions_are_those_of_all_views(void **state)
{
    const struct derm_series_request left = { .view = "left" };

    (void)state;
    assert_int_equal(plan(HEAD "A,1,2024-01-03,left,a.jpg,,\n"
                               "A,2,2024-02-20,left,b.jpg,,\n"
                               "A,1,2024-01-03,right,c.jpg,2024-01-04,\n",
                          &left),
                     DERM_OK);
    assert_int_equal(series.photos, 2);
    assert_int_equal(series.baselines, 1);
    assert_int_equal(series.course.n, 1);
    assert_string_equal(series.photo[0].request.path, "/tmp/a.jpg");
}

static void without_sessions_the_first_visit_is_the_baseline(void **state)
{
    (void)state;
    expect_photos(HEAD "A,2,2024-01-10,f,b.jpg,,\nA,1,2024-01-03,f,a.jpg,,\n", "1 | 2 ");
    assert_true(noted(DERM_NOTE_NO_SESSIONS));
    assert_false(noted(DERM_NOTE_NO_PRETREATMENT_PHOTO));
    assert_int_equal(series.photo[1].when.phase, DERM_PHASE_UNKNOWN);
}

static void equal_dates_keep_the_order_of_the_rows(void **state)
{
    (void)state;
    expect_photos(HEAD "A,b,2024-01-10,f,b.jpg,,\nA,a,2024-01-10,f,a.jpg,,\n", "b | a ");
}

static void one_visit_is_a_series(void **state)
{
    (void)state;
    expect_photos(HEAD "A,1,2024-01-10,f,b.jpg,,\n", "1 | ");
    expect_photos(HEAD "A,1,,f,b.jpg,,\n", "1 | ");
    assert_true(noted(DERM_NOTE_NO_DATE));
}

static void all_acute_begins_with_the_first(void **state)
{
    (void)state;
    expect_photos(HEAD "A,1,2024-01-11,f,a.jpg,2024-01-10,\nA,2,2024-01-12,f,b.jpg,,\n", "1 | 2 ");
    assert_true(noted(DERM_NOTE_NO_PRETREATMENT_PHOTO));
    expect_photos(HEAD "A,1,2024-01-11,f,a.jpg,2024-01-10,\nA,2,2024-02-12,f,b.jpg,,\n", "2 | 1 ");
}

static void undated_photos_come_last(void **state)
{
    (void)state;
    expect_photos(HEAD "A,x,,f,x.jpg,,\nA,2,2024-02-10,f,b.jpg,,\nA,1,2024-01-03,f,a.jpg,"
                       "2024-01-03,\n",
                  "1 | 2 x ");
    assert_true(noted(DERM_NOTE_NO_DATE));
}

static void later_repeats_are_left_out(void **state)
{
    (void)state;
    expect_photos(HEAD "A,1,2024-01-03,f,a.jpg,2024-01-03,\nA,2,2024-03-03,f,c.jpg,,2\n"
                       "A,2,2024-03-03,f,b.jpg,,1\n",
                  "1 | 2/1 ");
    assert_true(noted(DERM_NOTE_REPEAT_LEFT_OUT));
}

static void whose_it_is_must_be_clear(void **state)
{
    static const char two[] = HEAD "A,1,,f,a.jpg,,\nB,1,,f,b.jpg,,\nB,1,,g,b.jpg,,\n";
    const struct derm_series_request b = { .subject = "B" }, c = { .subject = "C" };
    const struct derm_series_request bg = { .subject = "B", .view = "g" };

    (void)state;
    assert_int_equal(plan(two, &anyone), DERM_EUSAGE);
    assert_non_null(strstr(err.text, "more than one subject, such as \"A\" and \"B\""));
    assert_int_equal(plan(two, &b), DERM_EUSAGE);
    assert_non_null(strstr(err.text, "give --view"));
    assert_int_equal(plan(two, &c), DERM_EUSAGE);
    assert_non_null(strstr(err.text, "has no subject \"C\""));
    assert_int_equal(plan(two, &bg), DERM_OK);
    assert_int_equal(series.photos, 1);
}

static void a_date_that_the_manifest_lacks_is_called_that(void **state)
{
    (void)state;
    assert_int_equal(plan(HEAD "A,1,,f,b.jpg,,\n", &anyone), DERM_OK);
    assert_non_null(strstr(series.notes.item[1].text, "no date in the manifest"));
}

/* ---- visits that were compared: redness alone, by day; a session on day 0 */

enum { VISITS = 4, SESSION = 20000 };

static struct derm_series_photo photos[1 + VISITS];
static struct derm_series_visit visits[VISITS];
static struct derm_series_pair of_baseline[VISITS], since_least[VISITS];
static struct derm_result against_baseline[VISITS], against_least[VISITS];
static struct derm_session session = { .day = SESSION, .device = "" };
static int used[VISITS];

static struct derm_result redness(double change)
{
    return (struct derm_result){ .metric = DERM_METRIC_REDNESS_LOAD,
                                 .region = DERM_REGION_ROI,
                                 .status = DERM_MEASURED,
                                 .verdict = DERM_NO_DETECTABLE_CHANGE,
                                 .change = change,
                                 .change_sd = 0.1 };
}

static void compared(const int *day, const double *red)
{
    static const struct derm_row row = { .visit = "v" };

    derm_arena_reset(&arena, 0);
    series = (struct derm_series){ .keep = &arena,
                                   .course = { &session, 1 },
                                   .photo = photos,
                                   .photos = 1 + VISITS,
                                   .baselines = 1,
                                   .visit = visits,
                                   .visits = VISITS };
    derm_opt_defaults(derm_series_opts, &series.rules);
    derm_opt_defaults(derm_timeline_opts, &series.timeline);
    photos[0] = (struct derm_series_photo){
        .row = &row, .when = derm_moment_of(&series.course, SESSION, &series.timeline)
    };
    for (int i = 0; i < VISITS; i++) {
        against_baseline[i] = redness(red[i]);
        against_least[i] = redness(0);
        photos[1 + i] = photos[0];
        photos[1 + i].when = derm_moment_of(&series.course, SESSION + day[i], &series.timeline);
        of_baseline[i] = (struct derm_series_pair){ .follow = 1 + i };
        since_least[i] = (struct derm_series_pair){ .row = &against_least[i], .rows = 1 };
        used[i] = 1;
        visits[i] = (struct derm_series_visit){ .photo = 1 + i,
                                                .pair = &of_baseline[i],
                                                .row = &against_baseline[i],
                                                .rows = 1,
                                                .used = &used[i],
                                                .since_least = &since_least[i] };
    }
    for (int i = 0; i < VISITS; i++)
        visits[i].least = derm_series_least_red(&series, i);
}

static void redness_grows_from_the_least_red(void **state)
{
    static const int day[] = { 1, 3, 4, 6 };

    (void)state;
    compared(day, (const double[]){ 0.5, 0.3, 0.6, 1 });
    assert_int_equal(visits[0].least, -1);
    assert_int_equal(visits[1].least, 0); /* there is none from after the first days */
    assert_int_equal(visits[2].least, 1);
    assert_int_equal(visits[3].least, 1);
    against_baseline[1].verdict = DERM_NOT_COMPARABLE;
    assert_int_equal(derm_series_least_red(&series, 3), 2);
    against_baseline[2].verdict = DERM_NOT_COMPARABLE;
    assert_int_equal(derm_series_least_red(&series, 3), 0);
    compared((const int[]){ 1, 2, 2, 2 }, (const double[]){ 0.1, 0.5, 0.7, 1 });
    assert_int_equal(visits[3].least, -1); /* still one of the first days */
}

static void growth_alerts(void **state)
{
    (void)state;
    compared((const int[]){ 1, 3, 4, 6 }, (const double[]){ 0.5, 0.3, 0.6, 1 });
    assert_int_equal(derm_series_find_alerts(&series), DERM_OK);
    assert_int_equal(series.alerts, 0);
    against_least[3].verdict = DERM_WORSENED;
    assert_int_equal(derm_series_find_alerts(&series), DERM_OK);
    assert_int_equal(series.alerts, 1);
    assert_string_equal(series.alert[0].code, "redness_grows");
    assert_non_null(strstr(series.alert[0].text, "from day 3 to day 6"));
}

static void new_spots_alert_beyond_the_acute_days(void **state)
{
    (void)state;
    compared((const int[]){ 1, 7, 40, 80 }, (const double[]){ 0, 0, 0, 0 });
    of_baseline[1].spots = (struct derm_new_spots){ true, 20, 5 };
    of_baseline[2].spots = (struct derm_new_spots){ true, 20, 1 };
    assert_int_equal(derm_series_find_alerts(&series), DERM_OK);
    assert_int_equal(series.alerts, 1);
    assert_string_equal(series.alert[0].code, "new_pigmentation");
    assert_non_null(strstr(series.alert[0].text, "at least 1 of 20 pigmented spots is not in"));
}

static char *trends(void)
{
    struct derm_emit e;
    const char *text;

    assert_int_equal(derm_emit_begin(&e, &err), DERM_OK);
    assert_int_equal(derm_series_write_trends(&e, &series), DERM_OK);
    assert_int_equal(derm_emit_end(&e, &arena, &text), DERM_OK);
    return strstr(text, "\"points\"");
}

static void an_open_loop_is_in_no_trend(void **state)
{
    (void)state;
    compared((const int[]){ 1, 2, 3, 40 }, (const double[]){ 0, 0, 0, 0 });
    assert_memory_equal(trends(), "\"points\":\t2", 11);
    visits[3].loop = (struct derm_loop){ 100, 0.29, 0.5, true };
    assert_non_null(trends());
    visits[3].loop.median = 0.31;
    assert_null(trends()); /* no visit is left */
}

/* ---- loops */

/* Photos of 200 x 100 px, seen whole, of which `to` is `from` moved by (dx, dy). */
static struct derm_place_map moved(double dx, double dy, double step)
{
    struct derm_place_map m = { .from = { 0, 0, 1, 200, 100, 10 },
                                .to = { 3, -2, step, 200, 100, 10 / step },
                                .scaled = true };

    assert_int_equal(derm_field_new(&arena, &m.map, 200, 100, 10), DERM_OK);
    assert_int_equal(derm_mask_new(&arena, &m.seen, m.map.x.w, m.map.x.h), DERM_OK);
    for (int j = 0; j < m.map.x.h; j++)
        for (int i = 0; i < m.map.x.w; i++) {
            const double x = derm_field_node(&m.map, i) + dx, y = derm_field_node(&m.map, j) + dy;

            derm_row(&m.map.x, j)[i] = (float)((x + 0.5 - m.to.x0) / step - 0.5);
            derm_row(&m.map.y, j)[i] = (float)((y + 0.5 - m.to.y0) / step - 0.5);
            derm_mask_row(&m.seen, j)[i] = 0xff;
        }
    return m;
}

static void a_loop_closes_or_says_by_how_much_not(void **state)
{
    struct derm_place_map straight, before, step;
    struct derm_loop loop;

    (void)state;
    derm_arena_reset(&arena, 0);
    straight = moved(12, -7, 1.5);
    before = moved(5, 4, 2);
    step = moved(7, -11, 1);
    assert_int_equal(derm_loop_of(&straight, &before, &step, &arena, &loop), DERM_OK);
    assert_true(loop.places > 100 && loop.scaled);
    assert_close(loop.median, 0, 1e-5);
    step = moved(10, -15, 1);
    assert_int_equal(derm_loop_of(&straight, &before, &step, &arena, &loop), DERM_OK);
    assert_close(loop.median, 0.5, 1e-5); /* 3 and 4 px of 10 px/mm */
    assert_close(loop.p95, 0.5, 1e-5);
}

static void places_that_a_photo_does_not_show_do_not_count(void **state)
{
    struct derm_place_map straight, before, step;
    struct derm_loop loop;
    int all;

    (void)state;
    derm_arena_reset(&arena, 0);
    straight = moved(0, 0, 1);
    before = moved(0, 0, 1);
    step = moved(0, 0, 1);
    assert_int_equal(derm_loop_of(&straight, &before, &step, &arena, &loop), DERM_OK);
    all = loop.places;
    assert_int_equal(all, 20 * 10);
    for (int j = 0; j < step.seen.h; j++)
        memset(derm_mask_row(&step.seen, j), 0, 5);
    assert_int_equal(derm_loop_of(&straight, &before, &step, &arena, &loop), DERM_OK);
    assert_int_equal(loop.places, all - 5 * 10);
    before = (struct derm_place_map){ 0 };
    assert_int_equal(derm_loop_of(&straight, &before, &step, &arena, &loop), DERM_OK);
    assert_int_equal(loop.places, 0);
}

static void the_numbers_go_around_the_loop(void **state)
{
    const struct derm_result straight = { .change = -5, .change_sd = 3 };
    const struct derm_result before = { .change = -2, .change_sd = 4 };
    const struct derm_result step = { .change = -2.5, .change_sd = 12 };
    const struct derm_value gap = derm_loop_gap(&straight, &before, &step);

    (void)state;
    assert_close(gap.value, -0.5, 1e-12);
    assert_close(gap.sd, 13, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(photos_from_before_are_the_baseline),
        cmocka_unit_test(sessions_are_those_of_all_views),
        cmocka_unit_test(without_sessions_the_first_visit_is_the_baseline),
        cmocka_unit_test(equal_dates_keep_the_order_of_the_rows),
        cmocka_unit_test(one_visit_is_a_series),
        cmocka_unit_test(all_acute_begins_with_the_first),
        cmocka_unit_test(undated_photos_come_last),
        cmocka_unit_test(later_repeats_are_left_out),
        cmocka_unit_test(whose_it_is_must_be_clear),
        cmocka_unit_test(a_date_that_the_manifest_lacks_is_called_that),
        cmocka_unit_test(redness_grows_from_the_least_red),
        cmocka_unit_test(growth_alerts),
        cmocka_unit_test(new_spots_alert_beyond_the_acute_days),
        cmocka_unit_test(an_open_loop_is_in_no_trend),
        cmocka_unit_test(a_loop_closes_or_says_by_how_much_not),
        cmocka_unit_test(places_that_a_photo_does_not_show_do_not_count),
        cmocka_unit_test(the_numbers_go_around_the_loop),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
