/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE, madvise */
#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const size_t huge_page = (size_t)2 << 20;  /* bytes */
static const size_t retained = (size_t)256 << 20; /* bytes that an empty arena keeps */

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

derm_err derm_arena_init(struct derm_arena *a, size_t cap, struct derm_error *err)
{
    void *p;

    *a = (struct derm_arena){ .err = err };
    cap = round_up(cap, huge_page);
    p = mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return derm_fail(err, DERM_ENOMEM, "cannot reserve %zu MiB of address space", cap >> 20);
    madvise(p, cap, MADV_HUGEPAGE);
    a->base = p;
    a->cap = cap;
    return DERM_OK;
}

void derm_arena_free(struct derm_arena *a)
{
    if (a->base) munmap(a->base, a->cap);
    *a = (struct derm_arena){ 0 };
}

derm_err derm_arena_raw(struct derm_arena *a, void *out, size_t count, size_t size)
{
    size_t bytes;
    void *p;

    if (size && count > (SIZE_MAX - DERM_ALIGN) / size)
        return derm_fail(a->err, DERM_ENOMEM, "a buffer of %zu x %zu bytes is too large", count,
                         size);
    bytes = round_up(count * size, DERM_ALIGN);
    if (bytes > a->cap - a->used)
        return derm_fail(a->err, DERM_ENOMEM,
                         "out of memory: %zu MiB needed, %zu MiB allowed (raise --max-memory-mib)",
                         (a->used + bytes) >> 20, a->cap >> 20);
    p = a->base + a->used;
    a->used += bytes;
    if (a->used > a->peak) a->peak = a->used;
    if (a->used > a->touched) a->touched = a->used;
    memcpy(out, &p, sizeof(p));
    return DERM_OK;
}

derm_err derm_arena_new(struct derm_arena *a, void *out, size_t count, size_t size)
{
    const size_t start = a->used, touched = a->touched;

    DERM_TRY(derm_arena_raw(a, out, count, size));
    if (start < touched) {
        const size_t end = a->used < touched ? a->used : touched;

        /* The analyser takes out for a pointer into *a. */
        memset(a->base + start, 0,
               end - start); /* NOLINT(clang-analyzer-core.NonNullParamChecker) */
    }
    return DERM_OK;
}

derm_err derm_arena_text(struct derm_arena *a, const char **out, const char *text)
{
    const size_t n = strlen(text) + 1;
    char *p = NULL;

    DERM_TRY(derm_arena_new(a, &p, n, 1));
    assert(p);
    memcpy(p, text, n);
    *out = p;
    return DERM_OK;
}

void derm_arena_reset(struct derm_arena *a, size_t mark)
{
    assert(mark <= a->used);
    a->used = mark;
    if (mark == 0 && a->touched > retained &&
        madvise(a->base + retained, round_up(a->touched - retained, huge_page), MADV_DONTNEED) == 0)
        a->touched = retained;
}

void derm_arena_discard(void *at, size_t bytes)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t from = ((uintptr_t)at + page - 1) / page * page;
    const uintptr_t to = ((uintptr_t)at + bytes) / page * page;

    if (to > from) madvise((unsigned char *)at + (from - (uintptr_t)at), to - from, MADV_DONTNEED);
}
