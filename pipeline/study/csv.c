/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* putc_unlocked */
#include "study/csv.h"

#include <assert.h>
#include <string.h>

derm_err derm_csv_open(struct derm_csv *c, struct derm_arena *keep, const char *text, size_t n)
{
    static const char mark[] = { '\xef', '\xbb', '\xbf' };
    const bool marked = n >= sizeof(mark) && memcmp(text, mark, sizeof(mark)) == 0;

    *c = (struct derm_csv){ .at = text + (marked ? sizeof(mark) : 0), .end = text + n };
    c->next_line = 1;
    /* A field and its NUL need no more than the field and its comma or line end. */
    return derm_arena_raw(keep, &c->to, n + 1, 1);
}

static bool is_break(char ch)
{
    return ch == '\n' || ch == '\r';
}

/* Over a line end, if one is here: CRLF, LF or CR. */
static void skip_break(struct derm_csv *c)
{
    if (c->at == c->end || !is_break(*c->at)) return;
    if (*c->at == '\r' && c->at + 1 < c->end && c->at[1] == '\n') c->at++;
    c->at++;
    c->next_line++;
}

static void skip_line(struct derm_csv *c)
{
    while (c->at < c->end && !is_break(*c->at))
        c->at++;
    skip_break(c);
}

/* From behind the opening quote to behind the closing one. NULL, or what is wrong. */
static const char *read_quoted(struct derm_csv *c)
{
    for (; c->at < c->end; c->at++) {
        if (*c->at == '\0') return "holds a zero byte";
        if (*c->at == '"' && (c->at + 1 == c->end || c->at[1] != '"')) {
            c->at++;
            return NULL;
        }
        c->at += *c->at == '"';
        c->next_line +=
            *c->at == '\n' || (*c->at == '\r' && c->at + 1 < c->end && c->at[1] != '\n');
        *c->to++ = *c->at;
    }
    return "has a quote that is never closed";
}

static const char *read_plain(struct derm_csv *c)
{
    for (; c->at < c->end && *c->at != ',' && !is_break(*c->at); c->at++) {
        if (*c->at == '\0') return "holds a zero byte";
        if (*c->at == '"')
            return "has a quote inside a field: put the field in quotes and double that quote";
        *c->to++ = *c->at;
    }
    return NULL;
}

static const char *read_field(struct derm_csv *c)
{
    const bool quoted = c->at < c->end && *c->at == '"';
    const char *fault;

    c->at += quoted;
    fault = quoted ? read_quoted(c) : read_plain(c);
    if (fault) return fault;
    if (c->at < c->end && *c->at != ',' && !is_break(*c->at))
        return "has text behind a closing quote";
    *c->to++ = '\0';
    return NULL;
}

bool derm_csv_next(struct derm_csv *c, char **field, int max, int *n, const char **fault)
{
    while (c->at < c->end && is_break(*c->at))
        skip_break(c);
    *n = 0;
    *fault = NULL;
    if (c->at == c->end) return false;
    c->line = c->next_line;
    for (;;) {
        char *const text = c->to;

        *fault = read_field(c);
        if (*fault) {
            skip_line(c);
            return true;
        }
        if (*n < max) field[*n] = text;
        ++*n;
        if (c->at == c->end || *c->at != ',') break;
        c->at++;
    }
    skip_break(c);
    return true;
}

static bool needs_quotes(const char *text)
{
    while (*text && *text != ',' && *text != '"' && !is_break(*text))
        text++;
    return *text != '\0';
}

/* Character by character: most fields are a few long, less than what a call costs. */
static void write_field(FILE *out, const char *text)
{
    const bool quoted = needs_quotes(text);

    if (quoted) putc_unlocked('"', out);
    for (; *text; text++) {
        if (*text == '"') putc_unlocked('"', out);
        putc_unlocked(*text, out);
    }
    if (quoted) putc_unlocked('"', out);
}

void derm_csv_write(FILE *out, const char *const *field, int n)
{
    for (int i = 0; i < n; i++) {
        if (i > 0) putc_unlocked(',', out);
        write_field(out, field[i]);
    }
    putc_unlocked('\r', out);
    putc_unlocked('\n', out);
}

void derm_csv_add(struct derm_csv_line *l, const char *text)
{
    assert(l->n < DERM_CSV_LINE);
    l->field[l->n++] = text;
}

void derm_csv_add_number(struct derm_csv_line *l, double value, bool known)
{
    char *const text = l->number[l->n];

    text[0] = '\0';
    if (known) derm_number_text(text, value);
    derm_csv_add(l, text);
}
