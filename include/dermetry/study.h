/* SPDX-License-Identifier: Apache-2.0 */
/* Studies: many photos of many subjects, listed in a manifest (CSV), and the folder that holds what
 * was measured on them.
 *
 * A function without a context gives a text that the caller frees with derm_text_free: its answer
 * or, when the function fails, one sentence that says why. NULL only when memory ran out. Structs
 * start with their size, as in dermetry.h. Strings are UTF-8. */
#ifndef DERMETRY_STUDY_H
#define DERMETRY_STUDY_H

#include <dermetry/dermetry.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- batch: compares all photos of a study, and may be stopped and continued at any moment */

struct derm_study_counts {
    int records; /* comparisons that are asked for: every later visit with the first one */
    int done;    /* of them; a refusal ("not comparable") is done, too */
    int kept;    /* of those done: by an earlier run */
    int failed;  /* a sentence in the record says why; a next run tries again */
};

/* What a batch says from the calling thread whenever a record has ended, and several times a second
 * in between. */
struct derm_batch_progress {
    int row;                         /* line of the manifest that has ended; 0: none */
    const char *status;              /* "done", "kept" or "failed" */
    const char *text;                /* why it failed; "" otherwise */
    struct derm_study_counts counts; /* so far */
};

struct derm_batch_request {
    size_t size;          /* sizeof(struct derm_batch_request) */
    const char *manifest; /* CSV; "-" is standard input. Its paths start from its own folder */
    const char *folder;   /* of the records; created when it does not exist */
    const char *overlays; /* folder that gets a folder of pictures per record; NULL: none */
    int jobs;             /* worker processes; 0: one for each settings.threads of processors */
    int shard, shards;    /* this part of so many, from 1; 0, 0: all */
    double time_limit_s;  /* of one record; 0: 900 */
    double px_per_mm;     /* of photos whose row says nothing; 0: not known */
    enum derm_site site;
    /* Not 0 stops the batch with DERM_EINTERRUPTED. NULL: not called. */
    int (*progress)(void *user, const struct derm_batch_progress *at);
    void *user;
    const char *reports; /* folder that gets a page per record and one of all visits per subject and
                            view, KEY.html, and index.html, which names them; NULL: none */
};

/* Each record is computed in a worker process, one for every subject and view: call it from a
 * process with one thread. Of the settings progress is not used, findings are left out, threads are
 * those of one worker (0: 1), and max_memory_bytes is a limit of
 * all that one worker takes, of libraries too. A photo that cannot be
 * measured, and a worker that crashes, hangs or runs out of memory, is a failed record and no
 * error; *counts says how many. A record whose pictures or page are asked for and not there is done
 * again. A page of all visits that cannot be made is an error, but only when all records have
 * ended. */
DERM_API derm_err derm_batch(const struct derm_settings *settings,
                             const struct derm_batch_request *request,
                             struct derm_study_counts *counts, char **answer);

/* How far the study in a folder is: a text for people or, when json is not 0, a JSON object. What
 * is neither done nor failed is missing. */
DERM_API derm_err derm_status(const char *folder, int json, struct derm_study_counts *counts,
                              char **answer);

/* The shard that an array job's environment names (Slurm, SGE, PBS, Torque, LSF): 1 to *shards.
 * With *shards 0 the array must be the whole study: its tasks are numbered from 1, or 0, without a
 * gap, and *shards becomes their number; else the number of the task is that of the shard,
 * whichever tasks there are. 0 when this is no array job; -1 when its tasks are not numbered so, or
 * *shards is 0 and it does not say how many tasks it has (PBS, Torque). */
DERM_API int derm_shard_from_environment(int *shards);

/* ---- series: all visits of one subject and view */

struct derm_series_request {
    size_t size;          /* sizeof(struct derm_series_request) */
    const char *manifest; /* CSV; "-" is standard input */
    const char *subject;  /* NULL: the only one of the manifest */
    const char *view;     /* NULL: the only one of the subject */
    double px_per_mm;     /* of photos whose row says nothing; 0: not known */
    enum derm_site site;
};

/* Compares every photo since the treatment began with every photo from before, and says how the
 * skin went on. A photo that cannot be read or compared is in the document with its reason. What
 * applies to documents of derm_compare applies to this one, but it has no overlays. */
DERM_API derm_err derm_series(derm_context *ctx, const struct derm_series_request *request,
                              derm_document **out);

/* How many photos of the series could not be read. */
DERM_API int derm_series_failed(const derm_document *doc);

/* ---- merge, cohort statistics */

struct derm_merge_request {
    size_t size;       /* sizeof(struct derm_merge_request) */
    const char *store; /* the folder that batch filled */
    const char *out;   /* folder for the tables, created when missing; NULL: tables in the store */
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

/* ---- precision: how much photos of unchanged skin differ, from repeat shots */

struct derm_precision_request {
    size_t size;          /* sizeof(struct derm_precision_request) */
    const char *manifest; /* CSV with a column repeat; "-" is standard input */
    const char *readings; /* file for what every pair of shots said, as CSV; NULL: none */
    double px_per_mm;     /* of photos whose row says nothing; 0: not known */
    enum derm_site site;
};

struct derm_precision_counts {
    int sittings; /* subject, view and visit with more than one shot */
    int pairs;    /* the first shot of a sitting with each of the others */
    int failed;   /* of the pairs: a photo cannot be read; the profile says why */
    int refused;  /* of the pairs: not comparable */
    int figures;  /* null figures of the profile: metric, extent, tone and resolution */
    int own;      /* of the figures: from these shots */
};

/* Compares repeat shots and makes of them a profile (JSON, schema precision): statistics of
 * agreement per metric, region and tone, and the table of null figures that settings.precision
 * takes. A figure needs 12 rows (a pair and region each) of 3 subjects at its resolution, of its
 * tone or, when that was photographed, of all tones; others stay those of the context's own table.
 * Also on failure the sentence is derm_error_text's, not *profile, which is NULL then. */
DERM_API derm_err derm_measure_precision(derm_context *ctx,
                                         const struct derm_precision_request *request,
                                         struct derm_precision_counts *counts, char **profile);

/* ---- report */

#ifdef __cplusplus
}
#endif
#endif
