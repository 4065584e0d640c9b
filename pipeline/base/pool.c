/* SPDX-License-Identifier: Apache-2.0 */
/* Workers sleep between runs. A run is a generation: every worker wakes, takes task numbers from
 * one counter until they are used up, and reports back; the caller does the same. */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

struct derm_pool {
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    unsigned generation; /* of the latest run; under lock, like all below but next */
    int busy;            /* workers that have not finished this generation */
    bool quit;

    void (*task)(void *arg, int i);
    void *arg;
    int count;
    atomic_int next;

    int workers; /* threads besides the caller */
    pthread_t worker[];
};

static void take_tasks(struct derm_pool *p)
{
    int i;

    while ((i = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed)) < p->count)
        p->task(p->arg, i);
}

static void *work(void *arg)
{
    struct derm_pool *const p = arg;
    unsigned seen = 0;

    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->quit && p->generation == seen)
            pthread_cond_wait(&p->wake, &p->lock);
        if (p->quit) break;
        seen = p->generation;
        pthread_mutex_unlock(&p->lock);
        take_tasks(p);
        pthread_mutex_lock(&p->lock);
        if (--p->busy == 0) pthread_cond_signal(&p->done);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

derm_err derm_pool_new(struct derm_pool **out, int threads, struct derm_error *err)
{
    struct derm_pool *p;

    assert(threads >= 1);
    p = calloc(1, sizeof(*p) + (size_t)(threads - 1) * sizeof(p->worker[0]));
    if (!p) return derm_fail(err, DERM_ENOMEM, "out of memory for %d threads", threads);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    pthread_cond_init(&p->done, NULL);
    while (p->workers < threads - 1) {
        if (pthread_create(&p->worker[p->workers], NULL, work, p) != 0) {
            derm_pool_free(p);
            return derm_fail(err, DERM_ENOMEM, "cannot start %d threads (lower --threads)",
                             threads);
        }
        p->workers++;
    }
    *out = p;
    return DERM_OK;
}

void derm_pool_free(struct derm_pool *p)
{
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->quit = true;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->workers; i++)
        pthread_join(p->worker[i], NULL);
    pthread_cond_destroy(&p->done);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

void derm_pool_run(struct derm_pool *p, int count, void (*task)(void *arg, int i), void *arg)
{
    if (p->workers == 0 || count <= 1) {
        for (int i = 0; i < count; i++)
            task(arg, i);
        return;
    }
    pthread_mutex_lock(&p->lock);
    assert(p->busy == 0);
    p->task = task;
    p->arg = arg;
    p->count = count;
    atomic_store_explicit(&p->next, 0, memory_order_relaxed);
    p->busy = p->workers;
    p->generation++;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    take_tasks(p);
    pthread_mutex_lock(&p->lock);
    while (p->busy > 0)
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

int derm_pool_threads(const struct derm_pool *p)
{
    return p->workers + 1;
}
