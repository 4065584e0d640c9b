/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest of a study: a CSV table, one row per photo. Its header names the columns, in any
 * order; subject, visit, date, view and path must be there. Columns without a meaning here are
 * kept. Fields are trimmed, and a line break within one reads as a space. */
#ifndef DERM_STUDY_MANIFEST_H
#define DERM_STUDY_MANIFEST_H

#include <limits.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/sha256.h"

/* X(enum, name in the header). The first five are required; a date may still be left empty. */
#define DERM_COLUMN_LIST(X)                                                                        \
    X(SUBJECT, "subject")                                                                          \
    X(VISIT, "visit")                                                                              \
    X(DATE, "date")                                                                                \
    X(VIEW, "view")                                                                                \
    X(PATH, "path")                                                                                \
    X(TREATMENT_DATE, "treatment_date")                                                            \
    X(NEEDLE_DEPTH, "needle_depth_mm")                                                             \
    X(DEVICE, "device")                                                                            \
    X(PX_PER_MM, "px_per_mm")                                                                      \
    X(ROI, "roi")                                                                                  \
    X(CONDITION, "condition")                                                                      \
    X(REPEAT, "repeat")

enum derm_column {
#define X(name, text) DERM_COLUMN_##name,
    DERM_COLUMN_LIST(X)
#undef X
        DERM_COLUMNS
};

enum {
    DERM_REQUIRED_COLUMNS = 5,
    DERM_MAX_COLUMNS = 256,
    DERM_MAX_LINES = 1000000,
    DERM_MAX_CELL = 1000, /* bytes */
    DERM_NO_DAY = INT_MIN,
};

struct derm_row {
    const char *const *cell; /* one per column, "" where there is nothing */
    const char *subject, *visit, *date, *view, *path, *repeat; /* cells, too */
    int line;               /* in the file; the header is line 1 */
    int day;                /* of the date, since 1970-01-01; DERM_NO_DAY: not given */
    int treatment_day;      /* the same of the treatment date */
    double px_per_mm;       /* 0: not given */
    double needle_depth_mm; /* 0: not given */
};

struct derm_row_fault {
    int line;
    const char *text; /* what is wrong with the row, to be put after "line N " */
};

struct derm_manifest {
    const char *name;          /* for sentences: the file's, or "standard input" */
    const char *folder;        /* that relative paths start from */
    const char *text;          /* the file's bytes, of the size below */
    size_t size;               /* bytes */
    const char *const *column; /* names, as the header has them */
    int columns;
    int at[DERM_COLUMNS];       /* which column it is; -1: the table has none */
    const struct derm_row *row; /* as in the file */
    int rows;
    struct derm_row_fault *fault;  /* by line, but what rows say twice comes last */
    int faults;                    /* a wrong row takes no more memory than a right one */
    char sha256[DERM_SHA256_SIZE]; /* of the file */
};

/* Reads the manifest at path, "-" for standard input; everything is allocated in keep. Rows that
 * are wrong make it fail with DERM_EMALFORMED; m->fault then says what is wrong with each. */
derm_err derm_manifest_read(struct derm_manifest *m, struct derm_arena *keep, const char *path,
                            struct derm_error *err) DERM_MUST_CHECK;

/* "" when the table has no such column. */
const char *derm_row_text(const struct derm_manifest *m, const struct derm_row *row,
                          enum derm_column column);

/* For qsort of pointers to rows: by subject, view, visit, repeat; by line where all are the same.
 */
int derm_row_order(const void *a, const void *b);

/* path as the program opens it: from the manifest's folder, unless it is absolute. In keep. */
derm_err derm_manifest_path(const struct derm_manifest *m, struct derm_arena *keep,
                            const char **out, const char *path) DERM_MUST_CHECK;

/* Is this a column of DERM_COLUMN_LIST? */
bool derm_column_is_known(const char *name);

#endif
