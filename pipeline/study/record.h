/* SPDX-License-Identifier: Apache-2.0 */
/* A record of a study: one comparison as one line of JSON (include/schema/study-row-1.schema.json).
 * Everything that may differ between two runs is in `run`, the last member. */
#ifndef DERM_STUDY_RECORD_H
#define DERM_STUDY_RECORD_H

#include "study/plan.h"
#include "study/store.h"

/* The files that a comparison reads. */
enum derm_record_input {
    DERM_INPUT_BASELINE,
    DERM_INPUT_FOLLOWUP,
    DERM_INPUT_BASELINE_ROI,
    DERM_INPUT_FOLLOWUP_ROI,
    DERM_INPUTS
};

struct derm_record_inputs {
    char sha256[DERM_INPUTS][DERM_SHA256_SIZE]; /* "": there is none, or it cannot be read */
};

struct derm_outcome {
    const struct derm_record_inputs *inputs;
    const char *comparison;       /* the document on one line; NULL: it failed */
    const struct derm_error *why; /* it failed */
};

/* *line: the record with its final line end, in keep. */
derm_err derm_record_build(struct derm_arena *keep, const char **line, const struct derm_store *s,
                           const struct derm_manifest *m, const struct derm_plan_record *r,
                           const struct derm_outcome *outcome,
                           struct derm_error *err) DERM_MUST_CHECK;

enum derm_record_state {
    DERM_RECORD_MISSING, /* or damaged, or of another version, configuration or path */
    DERM_RECORD_DONE,
    DERM_RECORD_FAILED,
};

struct derm_record_head {
    enum derm_record_state state;
    struct derm_record_inputs inputs;
    char code[32], text[DERM_ERROR_TEXT]; /* of the error of a failed one */
};

struct derm_record_refresh {
    const struct derm_store *store;
    const struct derm_manifest *manifest;
    const struct derm_plan_record *record;
    const struct derm_record_inputs *inputs;
    const char *asked; /* of the photos, as a comparison says it: "requests":[...] */
    bool kept;         /* that is what the comparison answers */
};

/* Of a record that is done and has these inputs. When its comparison is kept, whatever else it says
 * of the manifest, such as its line, is brought up to date. scratch is left as it was. */
derm_err derm_record_refresh(struct derm_record_refresh *f, struct derm_arena *scratch,
                             struct derm_error *err) DERM_MUST_CHECK;

/* What the record of *r says besides the comparison. scratch is left as it was. */
derm_err derm_record_read(struct derm_record_head *head, struct derm_arena *scratch,
                          const struct derm_store *s, const struct derm_plan_record *r,
                          struct derm_error *err) DERM_MUST_CHECK;

#endif
