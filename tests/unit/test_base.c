/* SPDX-License-Identifier: Apache-2.0 */
/* The arena, planes, errors and options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/opt.h"
#include "base/plane.h"

static void arena_aligns_zeroes_and_resets(void **state)
{
    struct derm_error err = { 0 };
    struct derm_arena a;
    unsigned char *p, *q;
    size_t mark;

    (void)state;
    assert_int_equal(derm_arena_init(&a, (size_t)64 << 20, &err), DERM_OK);
    assert_int_equal(derm_arena_new(&a, &p, 3, 5), DERM_OK);
    assert_int_equal((uintptr_t)p % DERM_ALIGN, 0);
    mark = a.used;
    for (int round = 0; round < 2; round++) {
        const size_t n = (size_t)9 << 20;
        assert_int_equal(derm_arena_new(&a, &q, n, 1), DERM_OK);
        for (size_t i = 0; i < n; i += 997)
            assert_int_equal(q[i], 0);
        memset(q, 0x5a, n);
        derm_arena_reset(&a, mark);
    }
    derm_arena_free(&a);
}

static void arena_clears_what_raw_memory_left(void **state)
{
    struct derm_error err = { 0 };
    struct derm_arena a;
    const size_t n = (size_t)300 << 20; /* some pages are given back, some kept */
    unsigned char *p;

    (void)state;
    assert_int_equal(derm_arena_init(&a, n, &err), DERM_OK);
    for (size_t mark = 0; mark <= 64; mark += 64) {
        assert_int_equal(derm_arena_raw(&a, &p, n, 1), DERM_OK);
        memset(p, 0x5a, n);
        derm_arena_reset(&a, mark);
        assert_int_equal(derm_arena_new(&a, &p, n - mark, 1), DERM_OK);
        for (size_t i = 0; i < n - mark; i += 997)
            assert_int_equal(p[i], 0);
        derm_arena_reset(&a, 0);
    }
    derm_arena_free(&a);
}

static void arena_fills_what_was_given_back(void **state)
{
    enum { N = 100 << 10, PIECES = 6 };
    static const unsigned char elsewhere[N];
    struct derm_error err = { 0 };
    struct derm_arena a;
    unsigned char *piece[PIECES], *p;
    size_t used;

    (void)state;
    assert_int_equal(derm_arena_init(&a, (size_t)4 << 20, &err), DERM_OK);
    for (int i = 0; i < PIECES; i++) {
        assert_int_equal(derm_arena_raw(&a, &piece[i], N, 1), DERM_OK);
        memset(piece[i], i + 1, N);
    }
    used = a.used;
    derm_arena_give(&a, NULL, 0);
    derm_arena_give(&a, elsewhere, N);
    assert_int_equal(a.holes, 0);
    derm_arena_give(&a, piece[4], N);
    derm_arena_give(&a, piece[1], N);
    derm_arena_give(&a, piece[2], N); /* one hole with the one before */
    assert_int_equal(derm_arena_raw(&a, &p, 64, 1), DERM_OK);
    assert_ptr_equal(p, a.base + used); /* small things fill no holes */
    used = a.used;
    assert_int_equal(derm_arena_new(&a, &p, 2 * N, 1), DERM_OK);
    assert_ptr_equal(p, piece[1]);
    for (int i = 0; i < 2 * N; i++)
        assert_int_equal(p[i], 0);
    assert_int_equal(derm_arena_new(&a, &p, N - 100, 1), DERM_OK);
    assert_ptr_equal(p, piece[4]);
    assert_int_equal(a.used, used);
    assert_int_equal(derm_arena_raw(&a, &p, N, 1), DERM_OK);
    assert_ptr_equal(p, a.base + used);
    for (int i = 0; i < PIECES; i += 3) /* the neighbours are untouched */
        assert_true(piece[i][0] == i + 1 && piece[i][N - 1] == i + 1);
    derm_arena_give(&a, piece[3], N);
    derm_arena_reset(&a, N); /* a hole beyond goes with what it lies in */
    assert_int_equal(derm_arena_raw(&a, &p, N, 1), DERM_OK);
    assert_ptr_equal(p, piece[1]);
    derm_arena_free(&a);
}

/* What is kept stays in its place, though there is a hole that would hold it. */
static void arena_takes_back_the_rest_of_a_list(void **state)
{
    enum { N = 100 << 10 };
    struct derm_error err = { 0 };
    struct derm_arena a;
    unsigned char *hole, *first, *last, *p;
    size_t used;

    (void)state;
    assert_int_equal(derm_arena_init(&a, (size_t)4 << 20, &err), DERM_OK);
    assert_int_equal(derm_arena_raw(&a, &hole, N, 1), DERM_OK);
    assert_int_equal(derm_arena_raw(&a, &first, 4 * N, 1), DERM_OK);
    used = a.used;
    assert_int_equal(derm_arena_raw(&a, &last, 4 * N, 1), DERM_OK);
    derm_arena_give(&a, hole, N);
    derm_arena_trim(&a, last, 4 * N, N - 10);
    assert_int_equal(a.used, used + N);
    derm_arena_trim(&a, first, 4 * N, N);
    assert_int_equal(a.used, used + N);
    assert_int_equal(derm_arena_raw(&a, &p, 3 * N, 1), DERM_OK);
    assert_ptr_equal(p, first + N);
    assert_int_equal(derm_arena_raw(&a, &p, N, 1), DERM_OK);
    assert_ptr_equal(p, hole);
    assert_int_equal(derm_arena_raw(&a, &p, N, 1), DERM_OK);
    assert_ptr_equal(p, last + N);
    derm_arena_free(&a);
}

static void empty_arena_keeps_what_it_is_told_to(void **state)
{
    enum { KEPT = 2 << 20, LARGE = 9 << 20 };
    struct derm_error err = { 0 };
    struct derm_arena a;
    unsigned char *p;

    (void)state;
    assert_int_equal(derm_arena_init(&a, (size_t)16 << 20, &err), DERM_OK);
    a.retained = KEPT;
    assert_int_equal(derm_arena_raw(&a, &p, LARGE, 1), DERM_OK);
    memset(p, 1, LARGE);
    derm_arena_reset(&a, 0);
    assert_int_equal(a.touched, KEPT);
    assert_int_equal(derm_arena_raw(&a, &p, LARGE, 1), DERM_OK);
    assert_int_equal(p[KEPT - 1], 1);
    assert_int_equal(p[KEPT], 0); /* the system had its page */
    derm_arena_free(&a);
}

static void arena_drops_the_largest_of_all(void **state)
{
    enum { LARGE = 9 << 20, BESIDE = 1 << 20 };
    struct derm_error err = { 0 };
    struct derm_arena a;
    unsigned char *before, *large, *after, *p;

    (void)state;
    assert_int_equal(derm_arena_init(&a, (size_t)16 << 20, &err), DERM_OK);
    assert_int_equal(derm_arena_raw(&a, &before, BESIDE, 1), DERM_OK);
    assert_int_equal(derm_arena_raw(&a, &large, LARGE, 1), DERM_OK);
    assert_int_equal(derm_arena_raw(&a, &after, BESIDE, 1), DERM_OK);
    memset(before, 1, LARGE + 2 * BESIDE);
    derm_arena_drop(&a, NULL, 0);
    derm_arena_drop(&a, large, LARGE);
    assert_int_equal(large[LARGE / 2], 0); /* the system has its page */
    for (int i = 0; i < BESIDE; i++)
        assert_true(before[i] == 1 && after[i] == 1);
    assert_int_equal(derm_arena_new(&a, &p, LARGE, 1), DERM_OK);
    assert_ptr_equal(p, large);
    for (int i = 0; i < LARGE; i++)
        assert_int_equal(p[i], 0);
    derm_arena_free(&a);
}

static void arena_refuses_overflow_and_excess(void **state)
{
    struct derm_error err = { 0 };
    struct derm_arena a;
    void *p;

    (void)state;
    assert_int_equal(derm_arena_init(&a, (size_t)4 << 20, &err), DERM_OK);
    assert_int_equal(derm_arena_new(&a, &p, SIZE_MAX / 2, 3), DERM_ENOMEM);
    err = (struct derm_error){ 0 };
    assert_int_equal(derm_arena_new(&a, &p, 5 << 20, 1), DERM_ENOMEM);
    assert_true(strlen(err.text) > 0);
    derm_arena_free(&a);
}

static void every_error_has_a_text(void **state)
{
    (void)state;
    for (int i = 0; i < DERM_ERROR_COUNT; i++) {
        assert_true(strlen(derm_err_id((derm_err)i)) > 0);
        assert_true(strlen(derm_err_help((derm_err)i)) > 0);
    }
}

struct params {
    float f;
    int i;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, f, 0.5, 0, 1, "a fraction"),
    DERM_OPT(struct params, i, 3, 1, 9, "a count"),
    { 0 },
};

static void options_have_ranges(void **state)
{
    struct derm_error err = { 0 };
    struct params p;

    (void)state;
    derm_opt_defaults(opts, &p);
    assert_true(p.f == 0.5f && p.i == 3);
    assert_int_equal(derm_opt_set(opts, &p, "stage", "i", 7, &err), DERM_OK);
    assert_int_equal(p.i, 7);
    assert_int_equal(derm_opt_set(opts, &p, "stage", "i", 7.5, &err), DERM_EUSAGE);
    err = (struct derm_error){ 0 };
    assert_int_equal(derm_opt_set(opts, &p, "stage", "f", 2, &err), DERM_EUSAGE);
    err = (struct derm_error){ 0 };
    assert_int_equal(derm_opt_set(opts, &p, "stage", "none", 2, &err), DERM_EUSAGE);
    assert_non_null(strstr(err.text, "stage.none"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_aligns_zeroes_and_resets),
        cmocka_unit_test(arena_clears_what_raw_memory_left),
        cmocka_unit_test(arena_fills_what_was_given_back),
        cmocka_unit_test(arena_takes_back_the_rest_of_a_list),
        cmocka_unit_test(empty_arena_keeps_what_it_is_told_to),
        cmocka_unit_test(arena_drops_the_largest_of_all),
        cmocka_unit_test(arena_refuses_overflow_and_excess),
        cmocka_unit_test(every_error_has_a_text),
        cmocka_unit_test(options_have_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
