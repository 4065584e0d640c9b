/* SPDX-License-Identifier: Apache-2.0 */
/* The runner: walks a stage table over one photo or two. */
#ifndef DERM_RUN_H
#define DERM_RUN_H

#include "stages/work.h"

/* What a run needs besides the photos; lives as long as a context. */
struct derm_engine {
    const struct derm_stage *const *stages; /* ends with NULL */
    void *params[DERM_MAX_STAGES];          /* of stages[i]; NULL where it has none */
    struct derm_kernels kernels;
    struct derm_pool *pool;
    struct derm_models *models;
    struct derm_limits limits;
    struct derm_arena scratch; /* empty between runs */
    int (*progress)(void *user, const struct derm_progress *at);
    void *user;
    bool no_pictures; /* of the documents: a photo's pixels go when they have been measured */
};

/* Allocates and fills the parameters of every stage with their defaults. */
derm_err derm_engine_defaults(struct derm_engine *e, struct derm_arena *keep) DERM_MUST_CHECK;

/* Fills work (photos and request set, everything else zero) from allocations in keep. A failure of
 * a stage on one photo starts with that photo's file name. */
derm_err derm_run(struct derm_engine *e, struct derm_work *work, struct derm_arena *keep,
                  struct derm_error *err) DERM_MUST_CHECK;

#endif
