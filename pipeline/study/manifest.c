/* SPDX-License-Identifier: Apache-2.0 */
#include "study/manifest.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/input.h"
#include "study/csv.h"

static const uint64_t max_bytes = (uint64_t)256 << 20;

static const char *const known[DERM_COLUMNS] = {
#define X(name, text) text,
    DERM_COLUMN_LIST(X)
#undef X
};

enum { WHY = 256 }; /* bytes of a sentence on a row */

struct reader {
    struct derm_manifest *m;
    struct derm_arena *keep;
    struct derm_error *err;
    struct derm_csv csv;
    struct derm_row *row;
    const char **cell; /* of all rows */
};

/* ---- faults */

static derm_err add_fault(struct reader *r, int line, const char *text)
{
    struct derm_manifest *const m = r->m;
    struct derm_row_fault *const fault = &m->fault[m->faults++];

    fault->line = line;
    return derm_arena_text(r->keep, &fault->text, text);
}

static derm_err tell_faults(const struct derm_manifest *m, struct derm_error *err)
{
    const struct derm_row_fault *const first = &m->fault[0];

    if (m->faults == 0) return DERM_OK;
    if (m->faults == 1)
        return derm_fail(err, DERM_EMALFORMED, "%s: line %d %s", m->name, first->line, first->text);
    return derm_fail(err, DERM_EMALFORMED, "%s: %d rows are wrong, such as line %d, which %s",
                     m->name, m->faults, first->line, first->text);
}

/* ---- cells */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* n digits as a number; -1 when they are not n digits. */
static int digits(const char *text, int n)
{
    int value = 0;

    for (int i = 0; i < n; i++) {
        if (!is_digit(text[i])) return -1;
        value = 10 * value + (text[i] - '0');
    }
    return value;
}

static int days_of_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01 in the Gregorian calendar. The year begins in March, so that a leap day is
 * its last. */
static int day_number(int year, int month, int day)
{
    const int y = month <= 2 ? year - 1 : year;
    const int from_march = (month + 9) % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * from_march + 2) / 5 + day - 1 - 719468;
}

/* ISO 8601: YYYY-MM-DD, with or without a time of day behind it, which is not looked at. */
static bool read_day(const char *text, int *out)
{
    static const char time_characters[] = "0123456789:.,+-Z";
    int year, month, day;

    *out = DERM_NO_DAY;
    if (!*text) return true;
    if (strlen(text) < 10 || text[4] != '-' || text[7] != '-') return false;
    year = digits(text, 4);
    month = digits(text + 5, 2);
    day = digits(text + 8, 2);
    if (year < 1900 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
        return false;
    if (text[10] && text[10] != 'T' && text[10] != ' ') return false;
    if (text[10] && text[11 + strspn(text + 11, time_characters)]) return false;
    *out = day_number(year, month, day);
    return true;
}

/* A decimal number in any locale: digits with at most one point. 15 of them are exact; programs
 * write more, whose decimals make no difference. */
static bool read_number(const char *text, double *out)
{
    enum { EXACT = 15 };
    double mantissa = 0, unit = 1;
    int n = 0;
    bool point = false;

    for (; *text; text++) {
        if (*text == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(*text) || (n == EXACT && !point)) return false;
        if (n == EXACT) continue;
        n++;
        mantissa = 10 * mantissa + (*text - '0');
        if (point) unit *= 10;
    }
    *out = mantissa / unit;
    return n > 0;
}

/* Trimmed, with line breaks as spaces. */
static char *tidy(char *text)
{
    size_t n;

    for (char *p = text; *p; p++)
        if (*p == '\n' || *p == '\r' || *p == '\t') *p = ' ';
    text += strspn(text, " ");
    n = strlen(text);
    while (n > 0 && text[n - 1] == ' ')
        text[--n] = '\0';
    return text;
}

/* ---- rows */

const char *derm_row_text(const struct derm_manifest *m, const struct derm_row *row,
                          enum derm_column column)
{
    return m->at[column] < 0 ? "" : row->cell[m->at[column]];
}

/* Writes what is wrong with a row and says that it is not right. */
DERM_PRINTF(2, 3)
static bool wrong(char why[WHY], const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(why, WHY, fmt, args);
    va_end(args);
    return false;
}

static bool texts_are_right(const struct derm_manifest *m, const struct derm_row *row,
                            char why[WHY])
{
    for (int i = 0; i < m->columns; i++) {
        if (strlen(row->cell[i]) > DERM_MAX_CELL)
            return wrong(why, "has more than %d bytes in column %s", DERM_MAX_CELL, m->column[i]);
        if (!derm_text_is_clean(row->cell[i]))
            return wrong(why, "is not UTF-8 text in column %s: save the table as CSV UTF-8",
                         m->column[i]);
    }
    for (int c = 0; c < DERM_REQUIRED_COLUMNS; c++)
        if (c != DERM_COLUMN_DATE && !*derm_row_text(m, row, (enum derm_column)c))
            return wrong(why, "has no %s", known[c]);
    return true;
}

static bool day_is_right(const struct derm_manifest *m, const struct derm_row *row,
                         enum derm_column column, int *day, char why[WHY])
{
    const char *const text = derm_row_text(m, row, column);

    return read_day(text, day) ||
           wrong(why, "has \"%.40s\" as %s, which is no date such as 2026-03-31", text,
                 known[column]);
}

static bool number_is_right(const struct derm_manifest *m, const struct derm_row *row,
                            enum derm_column column, double *out, char why[WHY])
{
    static const double least = 0.1, most = 1000; /* as derm_compare takes a scale */
    const char *const text = derm_row_text(m, row, column);

    *out = 0;
    return !*text || (read_number(text, out) && *out >= least && *out <= most) ||
           wrong(why, "has \"%.40s\" as %s, which is no number from %g to %g", text, known[column],
                 least, most);
}

static bool row_is_right(const struct derm_manifest *m, struct derm_row *row, char why[WHY])
{
    return texts_are_right(m, row, why) && day_is_right(m, row, DERM_COLUMN_DATE, &row->day, why) &&
           day_is_right(m, row, DERM_COLUMN_TREATMENT_DATE, &row->treatment_day, why) &&
           number_is_right(m, row, DERM_COLUMN_PX_PER_MM, &row->px_per_mm, why) &&
           number_is_right(m, row, DERM_COLUMN_NEEDLE_DEPTH, &row->needle_depth_mm, why);
}

static void name_row(const struct derm_manifest *m, struct derm_row *row)
{
    row->subject = derm_row_text(m, row, DERM_COLUMN_SUBJECT);
    row->visit = derm_row_text(m, row, DERM_COLUMN_VISIT);
    row->date = derm_row_text(m, row, DERM_COLUMN_DATE);
    row->view = derm_row_text(m, row, DERM_COLUMN_VIEW);
    row->path = derm_row_text(m, row, DERM_COLUMN_PATH);
    row->repeat = derm_row_text(m, row, DERM_COLUMN_REPEAT);
}

static derm_err read_rows(struct reader *r)
{
    struct derm_manifest *const m = r->m;
    char *field[DERM_MAX_COLUMNS];
    char why[WHY];
    const char *fault;
    int n;

    while (derm_csv_next(&r->csv, field, DERM_MAX_COLUMNS, &n, &fault)) {
        const char **const cell = r->cell + (size_t)m->rows * (size_t)m->columns;
        struct derm_row *const row = &r->row[m->rows];
        bool right = !fault;

        if (fault)
            wrong(why, "%s", fault);
        else if (n != m->columns)
            right = wrong(why, "has %d fields, but the header has %d", n, m->columns);
        for (int i = 0; i < n && right; i++)
            cell[i] = tidy(field[i]);
        *row = (struct derm_row){ .cell = cell, .line = r->csv.line };
        if (right) {
            name_row(m, row);
            right = row_is_right(m, row, why);
        }
        if (!right) DERM_TRY(add_fault(r, row->line, why));
        m->rows += right;
    }
    return DERM_OK;
}

/* ---- one photo, one row */

int derm_row_order(const void *a, const void *b)
{
    const struct derm_row *const x = *(const struct derm_row *const *)a;
    const struct derm_row *const y = *(const struct derm_row *const *)b;
    int order = strcmp(x->subject, y->subject);

    if (order == 0) order = strcmp(x->view, y->view);
    if (order == 0) order = strcmp(x->visit, y->visit);
    if (order == 0) order = strcmp(x->repeat, y->repeat);
    return order ? order : x->line - y->line;
}

static bool same_photo(const struct derm_row *a, const struct derm_row *b)
{
    return strcmp(a->subject, b->subject) == 0 && strcmp(a->view, b->view) == 0 &&
           strcmp(a->visit, b->visit) == 0 && strcmp(a->repeat, b->repeat) == 0;
}

/* Rows that are wrong in themselves are not among them. */
static derm_err find_doubles(struct reader *r)
{
    const struct derm_manifest *const m = r->m;
    const struct derm_row **sorted;
    char why[WHY];

    DERM_TRY(derm_arena_raw(r->keep, &sorted, (size_t)m->rows, sizeof(void *)));
    for (int i = 0; i < m->rows; i++)
        sorted[i] = &m->row[i];
    qsort(sorted, (size_t)m->rows, sizeof(void *), derm_row_order);
    for (int i = 1; i < m->rows; i++) {
        if (!same_photo(sorted[i - 1], sorted[i])) continue;
        wrong(why,
              "has the subject, view, visit and repeat of line %d: number repeats of a shot in a "
              "column repeat",
              sorted[i - 1]->line);
        DERM_TRY(add_fault(r, sorted[i]->line, why));
    }
    return DERM_OK;
}

/* ---- header */

static int find_column(const struct derm_manifest *m, const char *name)
{
    for (int i = 0; i < m->columns; i++)
        if (strcmp(m->column[i], name) == 0) return i;
    return -1;
}

bool derm_column_is_known(const char *name)
{
    for (int c = 0; c < DERM_COLUMNS; c++)
        if (strcmp(known[c], name) == 0) return true;
    return false;
}

static derm_err check_header(struct reader *r)
{
    struct derm_manifest *const m = r->m;

    for (int i = 0; i < m->columns; i++) {
        const char *const name = m->column[i];

        if (!*name || strlen(name) > DERM_MAX_CELL || !derm_text_is_clean(name))
            return derm_fail(r->err, DERM_EMALFORMED,
                             "%s: column %d needs a name in the header, as UTF-8 text", m->name,
                             i + 1);
        if (find_column(m, name) != i)
            return derm_fail(r->err, DERM_EMALFORMED, "%s: two columns are called %s", m->name,
                             name);
    }
    for (int c = 0; c < DERM_COLUMNS; c++) {
        m->at[c] = find_column(m, known[c]);
        if (m->at[c] < 0 && c < DERM_REQUIRED_COLUMNS)
            return derm_fail(r->err, DERM_EMALFORMED,
                             "%s has no column %s: the first row must name subject, visit, date, "
                             "view and path, parted by commas",
                             m->name, known[c]);
    }
    return DERM_OK;
}

static derm_err read_header(struct reader *r)
{
    struct derm_manifest *const m = r->m;
    char *field[DERM_MAX_COLUMNS];
    const char **name, *fault;
    int n;

    if (!derm_csv_next(&r->csv, field, DERM_MAX_COLUMNS, &n, &fault))
        return derm_fail(r->err, DERM_EMALFORMED, "%s has no rows", m->name);
    if (fault)
        return derm_fail(r->err, DERM_EMALFORMED, "%s: line %d %s", m->name, r->csv.line, fault);
    if (n > DERM_MAX_COLUMNS)
        return derm_fail(r->err, DERM_ELIMIT, "%s has %d columns: more than %d are not read",
                         m->name, n, DERM_MAX_COLUMNS);
    DERM_TRY(derm_arena_raw(r->keep, &name, (size_t)n, sizeof(*name)));
    for (int i = 0; i < n; i++)
        name[i] = tidy(field[i]);
    m->column = name;
    m->columns = n;
    return check_header(r);
}

/* ---- the whole */

/* No more rows, or faults, than line ends can begin; of each, memory is taken as it is filled. */
static derm_err make_room(struct reader *r)
{
    const struct derm_manifest *const m = r->m;
    size_t lines = 1;

    for (size_t i = 0; i < m->size; i++)
        lines += m->text[i] == '\n' || m->text[i] == '\r';
    if (lines > DERM_MAX_LINES)
        return derm_fail(r->err, DERM_ELIMIT, "%s has %zu lines: more than %d are not read",
                         m->name, lines, DERM_MAX_LINES);
    DERM_TRY(derm_arena_raw(r->keep, &r->row, lines, sizeof(*r->row)));
    DERM_TRY(derm_arena_raw(r->keep, &r->cell, lines * (size_t)m->columns, sizeof(*r->cell)));
    return derm_arena_raw(r->keep, &r->m->fault, lines, sizeof(*m->fault));
}

static derm_err name_file(struct derm_manifest *m, struct derm_arena *keep, const char *path)
{
    const char *const base = derm_text_basename(path);
    char name[DERM_ERROR_TEXT / 4];
    char *folder;

    derm_text_clean(name, sizeof(name), strcmp(path, "-") == 0 ? "standard input" : base);
    DERM_TRY(derm_arena_text(keep, &m->name, name));
    if (base == path) return derm_arena_text(keep, &m->folder, ".");
    DERM_TRY(derm_arena_new(keep, &folder, (size_t)(base - path) + 1, 1));
    memcpy(folder, path, (size_t)(base - path)); /* with its slash: "/" stays one */
    m->folder = folder;
    return DERM_OK;
}

derm_err derm_manifest_read(struct derm_manifest *m, struct derm_arena *keep, const char *path,
                            struct derm_error *err)
{
    struct reader r = { .m = m, .keep = keep, .err = err };
    struct derm_bytes file;

    *m = (struct derm_manifest){ 0 };
    DERM_TRY(name_file(m, keep, path));
    DERM_TRY(derm_input_read(&file, keep, path, max_bytes, err));
    m->text = (const char *)file.data;
    m->size = file.size;
    derm_sha256_of(m->text, m->size, m->sha256);
    DERM_TRY(derm_csv_open(&r.csv, keep, m->text, m->size));
    DERM_TRY(read_header(&r));
    DERM_TRY(make_room(&r));
    m->row = r.row;
    DERM_TRY(read_rows(&r));
    DERM_TRY(find_doubles(&r));
    if (m->rows == 0 && m->faults == 0)
        return derm_fail(err, DERM_EMALFORMED, "%s has a header but no rows", m->name);
    return tell_faults(m, err);
}

derm_err derm_manifest_path(const struct derm_manifest *m, struct derm_arena *keep,
                            const char **out, const char *path)
{
    const size_t folder = strlen(m->folder);
    const char *const slash = m->folder[folder - 1] == '/' ? "" : "/";
    char *text;

    if (*path == '/') return derm_arena_text(keep, out, path);
    DERM_TRY(derm_arena_new(keep, &text, folder + 1 + strlen(path) + 1, 1));
    sprintf(text, "%s%s%s", m->folder, slash, path);
    *out = text;
    return DERM_OK;
}
