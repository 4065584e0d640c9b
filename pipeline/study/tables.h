/* SPDX-License-Identifier: Apache-2.0 */
/* What a merge writes beside the database: comparisons.ndjson, comparisons.csv (a row per record),
 * metrics.csv (a row per record, metric and region), data_dictionary.csv, postgres.sql. CSV as RFC
 * 4180 has it, in UTF-8; an empty field is a missing one. */
#ifndef DERM_STUDY_TABLES_H
#define DERM_STUDY_TABLES_H

#include "study/layout.h"
#include "study/stream.h"

enum derm_table {
    DERM_TABLE_NDJSON,
    DERM_TABLE_COMPARISONS,
    DERM_TABLE_METRICS,
    DERM_TABLE_DICTIONARY,
    DERM_TABLE_POSTGRES,
    DERM_TABLE_COUNT
};
extern const char *const derm_table_names[DERM_TABLE_COUNT]; /* of the files */

struct derm_tables {
    const struct derm_layout *layout;
    struct derm_stream stream[DERM_TABLE_COUNT];
    struct derm_error *err;
};

/* Creates the files in a folder; the dictionary also describes cohort.csv where there is to be one.
 * Call derm_tables_drop after a failure, of this function too. */
derm_err derm_tables_open(struct derm_tables *t, const char *folder,
                          const struct derm_layout *layout, bool cohort,
                          struct derm_error *err) DERM_MUST_CHECK;

/* The record's line as it is; then its rows, with the cells of the follow-up's row of the
 * manifest. */
void derm_tables_add_line(struct derm_tables *t, const char *line, size_t n);
void derm_tables_add(struct derm_tables *t, const struct derm_entry *r, const struct derm_row *row);

/* What is written so far may go to the disk. */
void derm_tables_push(struct derm_tables *t);

/* They appear, or are gone. */
derm_err derm_tables_finish(struct derm_tables *t) DERM_MUST_CHECK;
void derm_tables_drop(struct derm_tables *t);

#endif
