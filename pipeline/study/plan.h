/* SPDX-License-Identifier: Apache-2.0 */
/* What a study compares: every later visit of a subject and view with the first one. The same
 * manifest gives the same plan everywhere, so that shards on many machines need not talk. */
#ifndef DERM_STUDY_PLAN_H
#define DERM_STUDY_PLAN_H

#include "study/manifest.h"

enum { DERM_KEY_SIZE = 17 }; /* characters with the ending NUL */

struct derm_plan_record {
    char key[DERM_KEY_SIZE]; /* names the record's file; see the schema of a study row */
    const struct derm_row *baseline, *followup;
};

/* The records of one subject and view: record[first] to record[first + n - 1]. */
struct derm_plan_group {
    int first, n;
    unsigned hash; /* of subject and view: which shard it belongs to */
};

struct derm_plan {
    const struct derm_plan_record *record; /* by subject and view (bytes), then by date */
    const struct derm_plan_group *group;
    int records, groups;
};

/* Everything is allocated in keep; the rows stay those of m. Visits are ordered by date or, when
 * one of the subject and view has none, as the manifest has them; of a visit's repeats the first in
 * the manifest counts. A subject and view with one visit has no record. */
derm_err derm_plan_make(struct derm_plan *plan, struct derm_arena *keep,
                        const struct derm_manifest *m) DERM_MUST_CHECK;

/* The shard of 1 to shards that a group belongs to. */
int derm_plan_shard(const struct derm_plan_group *group, int shards);

/* Names what is made of all photos of a row's subject and view, as a record's key names a record.
 */
void derm_plan_group_key(const struct derm_row *row, char key[DERM_KEY_SIZE]);

#endif
