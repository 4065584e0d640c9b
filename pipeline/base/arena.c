/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE, madvise */
#include "base/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

static const size_t huge_page = (size_t)2 << 20;   /* bytes */
static const size_t step = (size_t)16 << 20;       /* bytes by which an arena is opened */
static const size_t least_hole = (size_t)64 << 10; /* bytes */
static const size_t retained = (size_t)256 << 20;  /* bytes that an empty arena keeps */

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

derm_err derm_arena_init(struct derm_arena *a, size_t cap, struct derm_error *err)
{
    void *p;

    *a = (struct derm_arena){ .retained = retained, .err = err };
    cap = round_up(cap, huge_page);
    p = mmap(NULL, cap, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
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

/* The least hole that is large enough; not for small things, which would chop them up. */
static bool take_hole(struct derm_arena *a, void *out, size_t bytes)
{
    int best = -1;
    void *p;

    if (bytes < least_hole) return false;
    for (int i = 0; i < a->holes; i++)
        if (a->hole[i].bytes >= bytes && (best < 0 || a->hole[i].bytes < a->hole[best].bytes))
            best = i;
    if (best < 0) return false;
    p = a->base + a->hole[best].at;
    a->hole[best].at += bytes;
    a->hole[best].bytes -= bytes;
    if (a->hole[best].bytes == 0) a->hole[best] = a->hole[--a->holes];
    memcpy(out, &p, sizeof(p));
    return true;
}

/* The first n bytes can be read and written. */
static derm_err open_to(struct derm_arena *a, size_t n)
{
    const size_t end = round_up(n, step) < a->cap ? round_up(n, step) : a->cap;

    if (n <= a->open) return DERM_OK;
    if (mprotect(a->base + a->open, end - a->open, PROT_READ | PROT_WRITE) != 0)
        return derm_fail(a->err, DERM_ENOMEM,
                         "out of memory: the system gives no %zu MiB more (raise --max-memory-mib)",
                         (end - a->open) >> 20);
    a->open = end;
    return DERM_OK;
}

/* What lies behind n bytes goes back to the system, which counts it no more. */
static void close_from(struct derm_arena *a, size_t n)
{
    if (madvise(a->base + n, a->open - n, MADV_DONTNEED) != 0) return;
    a->touched = n;
    if (mprotect(a->base + n, a->open - n, PROT_NONE) == 0) a->open = n;
}

derm_err derm_arena_raw(struct derm_arena *a, void *out, size_t count, size_t size)
{
    size_t bytes;
    void *p;

    if (size && count > (SIZE_MAX - DERM_ALIGN) / size)
        return derm_fail(a->err, DERM_ENOMEM, "a buffer of %zu x %zu bytes is too large", count,
                         size);
    bytes = round_up(count * size, DERM_ALIGN);
    if (take_hole(a, out, bytes)) return DERM_OK;
    if (bytes > a->cap - a->used)
        return derm_fail(a->err, DERM_ENOMEM,
                         "out of memory: %zu MiB needed, %zu MiB allowed (raise --max-memory-mib)",
                         (a->used + bytes) >> 20, a->cap >> 20);
    DERM_TRY(open_to(a, a->used + bytes));
    p = a->base + a->used;
    a->used += bytes;
    if (a->used > a->peak) a->peak = a->used;
    if (a->used > a->touched) a->touched = a->used;
    memcpy(out, &p, sizeof(p));
    return DERM_OK;
}

derm_err derm_arena_new(struct derm_arena *a, void *out, size_t count, size_t size)
{
    const size_t touched = a->touched;
    unsigned char *p = NULL;
    size_t start, end;

    DERM_TRY(derm_arena_raw(a, &p, count, size));
    assert(p);
    start = (size_t)(p - a->base);
    end = start + count * size < touched ? start + count * size : touched;
    /* The analyser takes p for NULL where asserts are off. */
    if (start < end)
        memset(p, 0, end - start); /* NOLINT(clang-analyzer-core.NonNullParamChecker) */
    memcpy(out, &p, sizeof(p));
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
    int kept = 0;

    assert(mark <= a->used);
    a->used = mark;
    for (int i = 0; i < a->holes; i++)
        if (a->hole[i].at + a->hole[i].bytes <= mark) a->hole[kept++] = a->hole[i];
    a->holes = kept;
    if (mark == 0 && a->touched > a->retained) close_from(a, a->retained);
}

/* More holes than there is room for are forgotten until the arena is reset. */
void derm_arena_give(struct derm_arena *a, const void *p, size_t bytes)
{
    const uintptr_t base = (uintptr_t)a->base, first = (uintptr_t)p;
    const size_t at = (size_t)(first - base);

    if (first < base || at >= a->used) return;
    bytes = round_up(bytes, DERM_ALIGN);
    assert(at % DERM_ALIGN == 0 && at + bytes <= a->used);
    for (int i = 0; i < a->holes; i++) /* beside another one */
        if (a->hole[i].at + a->hole[i].bytes == at || at + bytes == a->hole[i].at) {
            const size_t lower = a->hole[i].at < at ? a->hole[i].at : at;
            const size_t sum = a->hole[i].bytes + bytes;
            a->hole[i] = a->hole[--a->holes];
            derm_arena_give(a, a->base + lower, sum);
            return;
        }
    if (a->holes == DERM_ARENA_HOLES) return;
    a->hole[a->holes].at = at;
    a->hole[a->holes++].bytes = bytes;
}

void derm_arena_trim(struct derm_arena *a, const void *p, size_t bytes, size_t kept)
{
    const size_t at = (size_t)((uintptr_t)p - (uintptr_t)a->base);

    bytes = round_up(bytes, DERM_ALIGN);
    kept = round_up(kept, DERM_ALIGN);
    assert(kept <= bytes && at + bytes <= a->used);
    if (at + bytes == a->used)
        a->used = at + kept;
    else
        derm_arena_give(a, a->base + at + kept, bytes - kept);
}

void derm_arena_drop(struct derm_arena *a, const void *p, size_t bytes)
{
    const uintptr_t base = (uintptr_t)a->base, first = (uintptr_t)p;
    size_t start, end;

    derm_arena_give(a, p, bytes);
    if (first < base || first - base >= a->used) return;
    start = round_up(first - base, huge_page);
    end = (first - base + bytes) / huge_page * huge_page;
    if (start < end) madvise(a->base + start, end - start, MADV_DONTNEED);
}
