/* SPDX-License-Identifier: Apache-2.0 */
/* Studies: many photos of many subjects, listed in a manifest (CSV), and the folder that holds what
 * was measured on them.
 *
 * Every function here gives a text that the caller frees with derm_text_free: its answer or, when
 * the function fails, one sentence that says why. NULL only when memory ran out. Structs start with
 * their size, as in dermetry.h. Strings are UTF-8. */
#ifndef DERMETRY_STUDY_H
#define DERMETRY_STUDY_H

#include <dermetry/dermetry.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- batch: batch, status, submit */

/* ---- series */

/* ---- merge, cohort statistics */

struct derm_merge_request {
    size_t size;       /* sizeof(struct derm_merge_request) */
    const char *store; /* the folder that batch filled */
    const char *out;   /* folder for the tables, created when missing */
    int cohort;        /* not 0: the statistics of the cohort, too */
    int partial;       /* not 0: write tables of what is there, though records are missing */
    /* Called now and then; not 0 stops the merge with DERM_EINTERRUPTED. NULL: not called. */
    int (*progress)(void *user, int done, int records);
    void *user;
};

struct derm_merge_counts {
    int records;        /* that the manifest asks for */
    int failed;         /* of those that are there */
    int missing;        /* of all */
    int missing_shards; /* that have not finished */
    int written;        /* not 0: the tables are there */
};

/* Checks that the store holds every record that its manifest asks for, all of one version and
 * configuration, and makes tables of them: comparisons.ndjson, comparisons.csv, metrics.csv,
 * data_dictionary.csv, study.sqlite and postgres.sql, and with cohort cohort.csv and cohort.json.
 * Each appears whole or not at all; without partial none does while something is missing. The
 * answer lists what was found, what is missing and what was written. */
DERM_API derm_err derm_merge(const struct derm_merge_request *request,
                             struct derm_merge_counts *counts, char **answer);

/* ---- precision */

/* ---- report */

#ifdef __cplusplus
}
#endif
#endif
