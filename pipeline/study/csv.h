/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated values as RFC 4180 has them: fields in quotes hold commas, line breaks and
 * doubled quotes. Read are also other line ends (LF, CR), blank lines and a byte order mark;
 * written is CRLF and UTF-8 without a mark. */
#ifndef DERM_STUDY_CSV_H
#define DERM_STUDY_CSV_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "report/json.h"

struct derm_csv {
    const char *at, *end; /* what is left to read */
    char *to;             /* where the next field's text goes */
    int line;             /* that the record read last began on, from 1 */
    int next_line;        /* that at is on */
};

/* Reads the text (n bytes), which must stay; the fields will live in keep, which takes one
 * allocation of n + 1 bytes for all. */
derm_err derm_csv_open(struct derm_csv *c, struct derm_arena *keep, const char *text,
                       size_t n) DERM_MUST_CHECK;

/* The next record that is not a blank line; false at the end. *n counts its fields, of which the
 * first max are in field, NUL-terminated. *fault is NULL, or what is wrong with the record ("has
 * ..."): its fields are then worth nothing, and the next one is that of the following line. */
bool derm_csv_next(struct derm_csv *c, char **field, int max, int *n, const char **fault);

/* One record and its line end. Errors stay with the stream: ask ferror in the end. */
void derm_csv_write(FILE *out, const char *const *field, int n);

/* A record that grows field by field. Texts must stay until it is written. */
enum { DERM_CSV_LINE = 32 };
struct derm_csv_line {
    const char *field[DERM_CSV_LINE];
    char number[DERM_CSV_LINE][DERM_NUMBER_TEXT];
    int n;
};
void derm_csv_add(struct derm_csv_line *l, const char *text);
void derm_csv_add_number(struct derm_csv_line *l, double value, bool known); /* else: empty */

#endif
