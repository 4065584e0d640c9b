/* SPDX-License-Identifier: Apache-2.0 */
/* Arena: allocation by moving a pointer, release all at once.
 *
 * One range of address space is reserved at the start and only opened and touched as it is used, so
 * the capacity is a limit and costs nothing, nor does it count where the system limits the data of
 * a process (RLIMIT_DATA). "keep" arenas live as long as a frame, "scratch" as long
 * as a stage. Sizes are multiplied here and nowhere else, checked. */
#ifndef DERM_BASE_ARENA_H
#define DERM_BASE_ARENA_H

#include <stddef.h>

#include "base/error.h"

enum {
    DERM_ALIGN = 64, /* bytes; every allocation starts on a multiple */
    DERM_ARENA_HOLES = 32
};

struct derm_arena {
    unsigned char *base;
    size_t used, cap; /* bytes */
    size_t peak;      /* highest used so far */
    size_t touched;   /* pages beyond were never handed out and read as zero */
    size_t open;      /* pages beyond cannot be read or written yet */
    size_t retained;  /* bytes that it keeps when it is empty; whole pages */
    int holes;        /* allocations that were given back below used, for others to take */
    struct {
        size_t at, bytes;
    } hole[DERM_ARENA_HOLES];
    struct derm_error *err; /* where failures are reported */
};

/* Reserves cap bytes (rounded up to pages). The arena is empty. */
derm_err derm_arena_init(struct derm_arena *a, size_t cap, struct derm_error *err) DERM_MUST_CHECK;
void derm_arena_free(struct derm_arena *a);

/* *out = count * size bytes, zeroed, aligned to DERM_ALIGN. DERM_ENOMEM when the arena is full, or
 * the system gives no more. */
derm_err derm_arena_new(struct derm_arena *a, void *out, size_t count, size_t size) DERM_MUST_CHECK;

/* The same without clearing: for buffers that are written whole before they are read. */
derm_err derm_arena_raw(struct derm_arena *a, void *out, size_t count, size_t size) DERM_MUST_CHECK;

/* A copy of text (NUL-terminated). */
derm_err derm_arena_text(struct derm_arena *a, const char **out, const char *text) DERM_MUST_CHECK;

/* Everything allocated since used had the value mark is released: a->used gives a mark. The pages
 * stay with the arena, but an empty one (mark 0: a stage has ended) gives back those beyond
 * a->retained. To give all back each time and get them cleared again cost a sixth of an analysis.
 */
void derm_arena_reset(struct derm_arena *a, size_t mark);

/* Gives an allocation of this arena back: what nothing reads any more makes room for what comes,
 * and pages that are there already need no clearing by the system. What lies elsewhere is left
 * alone: NULL, or a photo that is paired several times and kept in an arena of its own. */
void derm_arena_give(struct derm_arena *a, const void *p, size_t bytes);

/* Gives back what lies beyond the first `kept` bytes of an allocation of `bytes`: of a list that
 * had to have room for more. */
void derm_arena_trim(struct derm_arena *a, const void *p, size_t bytes, size_t kept);

/* The same as derm_arena_give, and its pages go back to the system: for the largest of all, whose
 * room what comes does not fill. */
void derm_arena_drop(struct derm_arena *a, const void *p, size_t bytes);

#endif
