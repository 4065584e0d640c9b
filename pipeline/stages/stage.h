/* SPDX-License-Identifier: Apache-2.0 */
/* A stage: one step of the pipeline, declared as data. The runner (run.c) walks the table in
 * stages.c, checks that what a stage reads has been written, and clears scratch after it. */
#ifndef DERM_STAGES_STAGE_H
#define DERM_STAGES_STAGE_H

#include <dermetry/dermetry.h>

#include "base/arena.h"
#include "base/opt.h"
#include "base/pool.h"
#include "kernels/filter.h"
#include "kernels/kernels.h"
#include "nn/models.h"
#include "stages/frame.h"

struct derm_limits {
    double max_megapixels;
    uint64_t max_file_bytes;
    size_t max_memory; /* bytes of address space for an arena */
};

struct derm_run {
    struct derm_error *err;
    struct derm_arena *keep, *scratch;
    const struct derm_kernels *k;
    struct derm_pool *pool;
    struct derm_models *models;
    const struct derm_limits *limits;
    bool no_pictures; /* nothing shows the photo when it has been measured */
    const struct derm_photo_request *request; /* of frame; NULL in a pair stage */
    struct derm_frame *frame;                 /* the photo at work; NULL in a pair stage */
    struct derm_pair *pair;                   /* NULL in an analysis */
    struct derm_tone *tone;                   /* of the subject */
    struct derm_results *results;
};

/* EACH: once per photo (frame set). PAIR: once per comparison (pair set), skipped in an analysis.
 * ONCE: once per document, with frame = the photo of an analysis or NULL and pair set. */
enum derm_scope { DERM_EACH, DERM_PAIR, DERM_ONCE };

struct derm_stage {
    const char *name;
    enum derm_scope scope;
    uint64_t reads, writes;      /* DERM_SLOT bits */
    const struct derm_opt *opts; /* ends with { 0 }; NULL: no parameters */
    size_t params_size;
    derm_err (*run)(struct derm_run *run, const void *params);
};

enum { DERM_MAX_STAGES = 40, DERM_MAX_PARAMS = 256 /* bytes */ };

extern const struct derm_stage *const derm_stages[]; /* in order, ends with NULL; stages.c */

/* Filters for a stage's planes: kernels, threads and scratch in one. */
static inline struct derm_filter derm_run_filter(const struct derm_run *run)
{
    return (struct derm_filter){ run->k, run->pool, run->scratch };
}

#endif
