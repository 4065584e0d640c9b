/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of the tables that a merge writes: the fields of records and metrics, and what else
 * the manifest says of the later visit's photo. */
#ifndef DERM_STUDY_LAYOUT_H
#define DERM_STUDY_LAYOUT_H

#include "study/entry.h"
#include "study/manifest.h"

struct derm_layout {
    int extras;
    const char *extra[DERM_MAX_COLUMNS]; /* name in our tables, unlike any other in any case */
    int cell[DERM_MAX_COLUMNS];          /* which column of the manifest it is */
};

/* Fields of the record that stand in every row of metrics.csv, before those of the metric. */
extern const enum derm_entry_field derm_tidy_fields[];
extern const int derm_tidy_field_count;

/* A column of the manifest whose name one of our own has becomes manifest_NAME. */
derm_err derm_layout_new(struct derm_layout *l, const struct derm_manifest *m,
                         struct derm_arena *keep) DERM_MUST_CHECK;

#endif
