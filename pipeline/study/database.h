/* SPDX-License-Identifier: Apache-2.0 */
/* study.sqlite: the tables of sql.h filled with the records of a study. SQLite stays behind this
 * header. The file is made under another name and appears whole or not at all. */
#ifndef DERM_STUDY_DATABASE_H
#define DERM_STUDY_DATABASE_H

#include "study/layout.h"

struct derm_database;

extern const char derm_database_name[]; /* of the file */

/* Creates it in a folder; the struct is allocated in keep. Call derm_database_drop after a failure,
 * when *out is not NULL. */
derm_err derm_database_open(struct derm_database **out, struct derm_arena *keep, const char *folder,
                            const struct derm_layout *layout,
                            struct derm_error *err) DERM_MUST_CHECK;

/* DERM_EMALFORMED when the record names a metric or region that this version does not know. */
derm_err derm_database_add(struct derm_database *d, const struct derm_entry *r,
                           const struct derm_row *row) DERM_MUST_CHECK;

/* All records are in: indices and views. Then derm_database_each may be called. */
derm_err derm_database_index(struct derm_database *d) DERM_MUST_CHECK;

struct derm_change { /* of one metric and region of a record */
    int line;        /* of the manifest: which record */
    const char *unit;
    double change, percent, mdc95_percent;
    bool has_percent;
};

/* Calls visit for every change that was measured and is comparable, in the order of the manifest;
 * what it is given lasts for the call. An error of visit's ends it. */
derm_err derm_database_each(struct derm_database *d, enum derm_metric_id metric,
                            enum derm_region region,
                            derm_err (*visit)(void *user, const struct derm_change *change),
                            void *user) DERM_MUST_CHECK;

derm_err derm_database_finish(struct derm_database *d) DERM_MUST_CHECK;
void derm_database_drop(struct derm_database *d);

#endif
