/* SPDX-License-Identifier: Apache-2.0 */
/* What a study says as a whole: per view, visit, arm, metric and region the paired change with its
 * interval, Wilcoxon's test and the share of subjects that responded. Written as cohort.csv and
 * cohort.json (schema cohort). */
#ifndef DERM_STUDY_COHORT_H
#define DERM_STUDY_COHORT_H

#include "study/database.h"
#include "study/plan.h"

extern const char derm_cohort_table_name[];

enum { DERM_COHORT_FIELDS = 26 };
extern const struct derm_field derm_cohort_fields[DERM_COHORT_FIELDS]; /* its columns */

struct derm_cohort {
    const char *folder;                  /* where the files go */
    const char *version, *configuration; /* of the records */
    const struct derm_manifest *manifest;
    const struct derm_plan_record *const *record; /* of the study */
    int records;
    struct derm_arena *keep; /* room for the rows */
    struct derm_error *err;
};

/* Reads the database, which must have its indices, and writes both files. */
derm_err derm_cohort_write(const struct derm_cohort *c, struct derm_database *d) DERM_MUST_CHECK;

#endif
