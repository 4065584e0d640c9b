/* SPDX-License-Identifier: Apache-2.0 */
#include "io/points.h"

#include <string.h>

struct reader {
    const char *at, *end;
    int row; /* from 1 */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && is_blank(*r->at))
        r->at++;
}

/* The mark that some programs begin a text file with, and a first row of words. */
static void skip_header(struct reader *r)
{
    static const char mark[] = { '\xef', '\xbb', '\xbf' };

    if (r->end - r->at >= 3 && memcmp(r->at, mark, 3) == 0) r->at += 3;
    skip_blanks(r);
    if (r->at < r->end && (is_digit(*r->at) || *r->at == '-')) return;
    while (r->at < r->end && *r->at != '\n')
        r->at++;
}

/* Decimal places that a pixel has no use for are left out. */
static bool read_number(struct reader *r, double *out)
{
    enum { PLACES = 9 };
    const bool minus = r->at < r->end && *r->at == '-';
    const char *const start = r->at += minus;
    double whole = 0, part = 0, unit = 1;

    for (; r->at < r->end && is_digit(*r->at); r->at++)
        whole = whole < 1e9 ? 10 * whole + (*r->at - '0') : whole;
    if (r->at == start) return false;
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        for (int i = 0; r->at < r->end && is_digit(*r->at); r->at++, i++) {
            if (i >= PLACES) continue;
            unit /= 10;
            part += unit * (*r->at - '0');
        }
    }
    *out = minus ? -(whole + part) : whole + part;
    return true;
}

/* Two numbers and nothing else, up to the end of the row. */
static bool read_point(struct reader *r, double xy[2])
{
    const char *middle;

    skip_blanks(r);
    if (!read_number(r, &xy[0])) return false;
    middle = r->at;
    skip_blanks(r);
    if (r->at < r->end && (*r->at == ',' || *r->at == ';')) r->at++;
    if (r->at == middle) return false;
    skip_blanks(r);
    if (!read_number(r, &xy[1])) return false;
    skip_blanks(r);
    return r->at == r->end || *r->at == '\n';
}

/* False at the end of the file. Rows without anything are passed over. */
static bool next_row(struct reader *r)
{
    for (;;) {
        skip_blanks(r);
        if (r->at == r->end) return false;
        if (*r->at != '\n') return true;
        r->at++;
        r->row++;
    }
}

derm_err derm_points_parse(struct derm_points *out, struct derm_arena *arena,
                           struct derm_bytes file, const char *name, int width, int height,
                           struct derm_error *err)
{
    struct reader r = { (const char *)file.data, (const char *)file.data + file.size, 1 };

    out->n = 0;
    DERM_TRY(derm_arena_new(arena, &out->xy, DERM_MAX_POINTS, sizeof(*out->xy)));
    skip_header(&r);
    while (next_row(&r)) {
        double xy[2];

        if (!read_point(&r, xy))
            return derm_fail(err, DERM_EMALFORMED,
                             "row %d of %s is not two numbers, x and y in pixels, such as 120.5,88",
                             r.row, name);
        if (xy[0] < 0 || xy[1] < 0 || xy[0] > width - 1 || xy[1] > height - 1)
            return derm_fail(err, DERM_EMALFORMED,
                             "the point in row %d of %s lies outside the photo of %d x %d pixels "
                             "(upright)",
                             r.row, name, width, height);
        if (out->n == DERM_MAX_POINTS)
            return derm_fail(err, DERM_EMALFORMED, "%s has more than %d points", name,
                             DERM_MAX_POINTS);
        out->xy[out->n][0] = xy[0];
        out->xy[out->n++][1] = xy[1];
    }
    if (out->n < DERM_MIN_POINTS)
        return derm_fail(err, DERM_EMALFORMED,
                         "%s has %d points: a line takes two or more, one a row, x,y in pixels",
                         name, out->n);
    return DERM_OK;
}
