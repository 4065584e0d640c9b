/* SPDX-License-Identifier: Apache-2.0 */
/* One task per thread, not per band, so that there are as many scratch buffers as threads and they
 * stay in that thread's cache; each task takes bands until none is left. */
#include "kernels/bands.h"

#include <stdatomic.h>

#include "base/num.h"

struct crew {
    void (*band)(const void *job, int y0, int y1, void *own);
    const void *job;
    int rows;
    unsigned char *own;
    size_t own_bytes;
    atomic_int next;
};

static void work(void *arg, int i)
{
    struct crew *const c = arg;
    unsigned char *const own = c->own + (size_t)i * c->own_bytes;
    const int bands = (c->rows + DERM_BAND_ROWS - 1) / DERM_BAND_ROWS;
    int b;

    while ((b = atomic_fetch_add_explicit(&c->next, 1, memory_order_relaxed)) < bands) {
        const int y0 = b * DERM_BAND_ROWS;
        c->band(c->job, y0, imin(y0 + DERM_BAND_ROWS, c->rows), own);
    }
}

derm_err derm_bands_run(const struct derm_filter *f, int rows, size_t own_bytes,
                        void (*band)(const void *job, int y0, int y1, void *own), const void *job)
{
    const int tasks = derm_pool_threads(f->pool);
    const size_t mark = f->scratch->used;
    struct crew c = { .band = band, .job = job, .rows = rows };

    c.own_bytes = (own_bytes + DERM_ALIGN - 1) / DERM_ALIGN * DERM_ALIGN;
    DERM_TRY(derm_arena_raw(f->scratch, &c.own, (size_t)tasks, c.own_bytes));
    atomic_init(&c.next, 0);
    derm_pool_run(f->pool, tasks, work, &c);
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
