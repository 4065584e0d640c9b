/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of threads for fixed grids of tasks. What a task computes must depend on its index alone,
 * never on which thread runs it or on the number of threads. */
#ifndef DERM_BASE_POOL_H
#define DERM_BASE_POOL_H

#include "base/error.h"

struct derm_pool;

/* threads >= 1 counts the caller, who works too; 1 starts no thread. */
derm_err derm_pool_new(struct derm_pool **out, int threads, struct derm_error *err) DERM_MUST_CHECK;
void derm_pool_free(struct derm_pool *p);

/* Calls task(arg, i) once for every i in [0, count) and returns when all are done. Tasks cannot
 * fail: they allocate nothing. One run at a time; a task may not start another run. */
void derm_pool_run(struct derm_pool *p, int count, void (*task)(void *arg, int i), void *arg);

int derm_pool_threads(const struct derm_pool *p);

#endif
