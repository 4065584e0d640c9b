/* SPDX-License-Identifier: Apache-2.0 */
/* CSV as RFC 4180 has it and as spreadsheets write it; a study's manifest, and the sentence for
 * every way in which one can be wrong. */
#define _POSIX_C_SOURCE 200809L /* open_memstream, mkstemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <math.h>

#include "base/file.h"
#include "study/csv.h"
#include "study/manifest.h"

static struct derm_arena arena;
static struct derm_error err;
static struct derm_manifest manifest;

#define HEAD "subject,visit,date,view,path\n"

static derm_err read_manifest(const char *text)
{
    char path[] = "/tmp/derm_manifest_XXXXXX";
    const int fd = mkstemp(path);
    derm_err code;

    assert_true(fd >= 0);
    close(fd);
    err = (struct derm_error){ 0 };
    derm_arena_reset(&arena, 0);
    assert_int_equal(derm_file_write(path, text, strlen(text), &err), DERM_OK);
    code = derm_manifest_read(&manifest, &arena, path, &err);
    unlink(path);
    assert_int_equal(err.code, code);
    return code;
}

/* ---- CSV */

/* The fields of text in brackets, the line of each record in front; faults in braces. */
static void expect_csv(const char *text, size_t n, const char *expected)
{
    char got[512] = "", *field[4];
    const char *fault;
    struct derm_csv c;
    int fields;

    derm_arena_reset(&arena, 0);
    assert_int_equal(derm_csv_open(&c, &arena, text, n), DERM_OK);
    while (derm_csv_next(&c, field, 4, &fields, &fault)) {
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%d", c.line);
        for (int i = 0; i < fields && i < 4 && !fault; i++)
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "[%s]", field[i]);
        if (fault) snprintf(got + strlen(got), sizeof(got) - strlen(got), "{%s}", fault);
    }
    assert_string_equal(got, expected);
}

static void csv_is_read(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "", "" },
        { "\n\r\n\n", "" },
        { "a,b\n1,2\n", "1[a][b]2[1][2]" },
        { "a,b\r\n1,2", "1[a][b]2[1][2]" },
        { "a,b\r1,2\r", "1[a][b]2[1][2]" },
        { "\xef\xbb\xbf\"a\",b\n\n\n1,\n", "1[a][b]4[1][]" },
        { "\"a,\"\"b\"\"\",\"1\n2\r\n3\"\nc,\"\"\n", "1[a,\"b\"][1\n2\r\n3]4[c][]" },
        { ",\n,", "1[][]2[][]" },
        { "a,b,c,d,e\n", "1[a][b][c][d]" },
        { "a\"b,c\nd\n",
          "1{has a quote inside a field: put the field in quotes and double that quote}"
          "2[d]" },
        { "\"a\"b,c\nd\n", "1{has text behind a closing quote}2[d]" },
        { "x\n\"a\nb\n", "1[x]2{has a quote that is never closed}" },
        { "x\n\"", "1[x]2{has a quote that is never closed}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        expect_csv(cases[i].text, strlen(cases[i].text), cases[i].expected);
    expect_csv("a,b\0c\nd\n", 8, "1{holds a zero byte}2[d]");
}

static void what_is_written_is_read_again(void **state)
{
    static const char *const row[] = { "plain", "", "a,b", "\"quoted\"\r\nlines", " space" };
    enum { FIELDS = sizeof(row) / sizeof(*row) };
    char *text, *field[FIELDS];
    const char *fault;
    struct derm_csv c;
    size_t size;
    int n;
    FILE *const out = open_memstream(&text, &size);

    (void)state;
    derm_csv_write(out, row, FIELDS);
    derm_csv_write(out, row, 1);
    fclose(out);
    assert_string_equal(text, "plain,,\"a,b\",\"\"\"quoted\"\"\r\nlines\", space\r\nplain\r\n");
    derm_arena_reset(&arena, 0);
    assert_int_equal(derm_csv_open(&c, &arena, text, size), DERM_OK);
    assert_true(derm_csv_next(&c, field, FIELDS, &n, &fault) && !fault && n == FIELDS);
    for (int i = 0; i < FIELDS; i++)
        assert_string_equal(field[i], row[i]);
    assert_true(derm_csv_next(&c, field, FIELDS, &n, &fault) && !fault && n == 1);
    assert_int_equal(c.line, 3);
    free(text);
}

/* ---- manifest */

static void a_manifest_is_read(void **state)
{
    const struct derm_row *row;
    const char *path;

    (void)state;
    assert_int_equal(
        read_manifest("\xef\xbb\xbfpath,arm,view,date, visit ,subject,px_per_mm,repeat\r\n"
                      "a.jpg,A,frontal,1970-01-02,1,Zo\xc3\xab,12.5,\r\n"
                      "\r\n"
                      "/b.jpg,\"two\nlines\",frontal,2024-02-29T10:00:00+01:00,2, Zo\xc3\xab ,,1"),
        DERM_OK);
    assert_int_equal(manifest.rows, 2);
    assert_int_equal(manifest.columns, 8);
    row = &manifest.row[0];
    assert_string_equal(row->subject, "Zo\xc3\xab");
    assert_string_equal(row->repeat, "");
    assert_string_equal(row->cell[1], "A");
    assert_int_equal(row->line, 2);
    assert_int_equal(row->day, 1);
    assert_int_equal(row->treatment_day, DERM_NO_DAY);
    assert_true(row->px_per_mm == 12.5);
    assert_int_equal(derm_manifest_path(&manifest, &arena, &path, row->path), DERM_OK);
    assert_string_equal(path, "/tmp/a.jpg");
    row = &manifest.row[1];
    assert_string_equal(row->subject, "Zo\xc3\xab");
    assert_string_equal(row->cell[1], "two lines");
    assert_int_equal(row->line, 4);
    assert_int_equal(row->day, 19782);
    assert_true(row->px_per_mm == 0);
    assert_int_equal(derm_manifest_path(&manifest, &arena, &path, row->path), DERM_OK);
    assert_string_equal(path, "/b.jpg");
    assert_string_equal(derm_row_text(&manifest, row, DERM_COLUMN_DEVICE), "");
    assert_int_equal(strlen(manifest.sha256), 64);
}

/* As programs write them that know no better. */
static void numbers_may_have_many_digits(void **state)
{
    (void)state;
    assert_int_equal(read_manifest("px_per_mm,needle_depth_mm," HEAD
                                   "7.542472332656508123,0.30000000000000004,A,1,,f,a\n"),
                     DERM_OK);
    assert_true(fabs(manifest.row[0].px_per_mm - 7.542472332656508) < 1e-13);
    assert_true(fabs(manifest.row[0].needle_depth_mm - 0.3) < 1e-15);
    assert_int_equal(read_manifest("px_per_mm," HEAD "10000000000000000,A,1,,f,a\n"),
                     DERM_EMALFORMED);
    err = (struct derm_error){ 0 };
}

static void what_is_wrong_is_told(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "", "is empty" },
        { "\n\n", "has no rows" },
        { HEAD, "header but no rows" },
        { "subject,visit,date,path\nA,1,,a.jpg\n", "has no column view" },
        { "subject;visit;date;view;path\n", "parted by commas" },
        { "subject,visit,date,view,path,\nA,1,,f,a.jpg,\n", "column 6 needs a name" },
        { "subject,visit,date,view,path,view\n", "two columns are called view" },
        { "\"subject\n", "line 1 has a quote that is never closed" },
        { HEAD "A,1,,f\n", "line 2 has 4 fields, but the header has 5" },
        { HEAD "A,1,,f,a,b\n", "line 2 has 6 fields, but the header has 5" },
        { HEAD "A,1,,f,a\n\nA,,,f,a\n", "line 4 has no visit" },
        { HEAD " ,1,,f,a\n", "line 2 has no subject" },
        { HEAD "A,1,31.03.2026,f,a\n", "line 2 has \"31.03.2026\" as date" },
        { HEAD "A,1,2026-02-29,f,a\n", "no date such as 2026-03-31" },
        { HEAD "A,1,2026-00-10,f,a\n", "no date" },
        { HEAD "A,1,2026-01-10 noon,f,a\n", "no date" },
        { "treatment_date," HEAD "2026-1-1,A,1,,f,a\n", "as treatment_date" },
        { "px_per_mm," HEAD "0,A,1,,f,a\n", "as px_per_mm, which is no number from 0.1 to 1000" },
        { "px_per_mm," HEAD "1e1,A,1,,f,a\n", "as px_per_mm" },
        { "needle_depth_mm," HEAD "1.5 mm,A,1,,f,a\n", "as needle_depth_mm" },
        { HEAD "A\xff,1,,f,a\n", "line 2 is not UTF-8 text in column subject" },
        { HEAD "A,1,,f,a\nA,1,,f,b\n", "line 3 has the subject, view, visit and repeat of line 2" },
        { HEAD "A,1,,f\nB,1,,f,a\nC\n", "2 rows are wrong, such as line 2, which has 4 fields" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(read_manifest(cases[i].text), DERM_EMALFORMED);
        if (!strstr(err.text, cases[i].says)) fail_msg("%s: not \"%s\"", err.text, cases[i].says);
    }
    err = (struct derm_error){ 0 };
    assert_int_equal(derm_manifest_read(&manifest, &arena, "/nowhere.csv", &err), DERM_EMISSING);
}

static void every_wrong_row_is_kept(void **state)
{
    char text[16384] = HEAD;

    (void)state;
    for (int i = 0; i < 150; i++)
        strcat(text, i % 10 ? "A,1,,f\n" : "A,1,2026-13-01,f,a\n");
    assert_int_equal(read_manifest(text), DERM_EMALFORMED);
    assert_int_equal(manifest.faults, 150);
    for (int i = 0; i < manifest.faults; i++) {
        assert_int_equal(manifest.fault[i].line, i + 2);
        assert_non_null(strstr(manifest.fault[i].text, i % 10 ? "4 fields" : "no date"));
    }
}

static int open_arena(void **state)
{
    (void)state;
    return derm_arena_init(&arena, (size_t)1 << 30, &err) != DERM_OK;
}

static int close_arena(void **state)
{
    (void)state;
    derm_arena_free(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_is_read),           cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_manifest_is_read),    cmocka_unit_test(numbers_may_have_many_digits),
        cmocka_unit_test(what_is_wrong_is_told), cmocka_unit_test(every_wrong_row_is_kept),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
