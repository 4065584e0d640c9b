/* SPDX-License-Identifier: Apache-2.0 */
/* Too little memory, everywhere: every single allocation of every stage fails once (of those, a
 * limit that grows in steps of 64 bytes meets only the ones beyond the peak so far), and the limit
 * itself grows in the smallest steps that it knows. Each failure is DERM_ENOMEM with a sentence;
 * the sanitizer build shows that nothing leaks. Linked with --wrap, so that the arena's functions,
 * when called from elsewhere, are those below. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "small_pair.h"

/* ---- allocations that fail when asked to */

static int until_failure = -1; /* allocations that still succeed; -1: all */

static bool fails_now(void)
{
    return until_failure >= 0 && until_failure-- == 0;
}

derm_err __real_derm_arena_new(struct derm_arena *a, void *out, size_t count, size_t size);
derm_err __real_derm_arena_raw(struct derm_arena *a, void *out, size_t count, size_t size);
derm_err __real_derm_arena_text(struct derm_arena *a, const char **out, const char *text);
derm_err __wrap_derm_arena_new(struct derm_arena *a, void *out, size_t count, size_t size);
derm_err __wrap_derm_arena_raw(struct derm_arena *a, void *out, size_t count, size_t size);
derm_err __wrap_derm_arena_text(struct derm_arena *a, const char **out, const char *text);

derm_err __wrap_derm_arena_new(struct derm_arena *a, void *out, size_t count, size_t size)
{
    if (fails_now()) return derm_fail(a->err, DERM_ENOMEM, "this allocation fails");
    return __real_derm_arena_new(a, out, count, size);
}

derm_err __wrap_derm_arena_raw(struct derm_arena *a, void *out, size_t count, size_t size)
{
    if (fails_now()) return derm_fail(a->err, DERM_ENOMEM, "this allocation fails");
    return __real_derm_arena_raw(a, out, count, size);
}

derm_err __wrap_derm_arena_text(struct derm_arena *a, const char **out, const char *text)
{
    if (fails_now()) return derm_fail(a->err, DERM_ENOMEM, "this allocation fails");
    return __real_derm_arena_text(a, out, text);
}

/* ---- stages that are tried with every failure before they may succeed */

static const struct derm_stage *at; /* the stage that runs */
static int failures;

/* Of so many allocations one fails: a slow build cannot try all. */
static int stride(void)
{
    const char *const text = getenv("DERM_TEST_STRIDE");

    return text ? atoi(text) : 1;
}

static int note_stage(void *user, const struct derm_progress *progress)
{
    (void)user;
    for (int i = 0; derm_stages[i]; i++)
        if (strcmp(derm_stages[i]->name, progress->stage) == 0) at = derm_stages[i];
    return 0;
}

/* Everything that a stage may change lives in the two arenas, the job itself included. */
static derm_err try_with_each_failure(struct derm_run *run, const void *params)
{
    struct derm_arena *const keep = run->keep;
    unsigned char *const memory = keep->base;
    const size_t used = keep->used;
    size_t touched;
    unsigned char *const before = malloc(used);
    derm_err done = DERM_ENOMEM;

    assert_non_null(before);
    memcpy(before, memory, used);
    for (int n = 0; done == DERM_ENOMEM; n += stride()) {
        until_failure = n;
        done = at->run(run, params);
        if (until_failure >= 0) break; /* fewer allocations than that: it went through */
        if (done != DERM_ENOMEM || run->err->code != DERM_ENOMEM || !run->err->text[0])
            fail_msg("%s hides that allocation %d failed", at->name, n);
        failures++;
        *run->err = (struct derm_error){ 0 };
        touched = keep->touched;
        memcpy(memory, before, used);
        keep->touched = touched; /* what the attempt has written must be cleared when used again */
        derm_arena_reset(run->scratch, 0);
    }
    until_failure = -1;
    free(before);
    return done;
}

static void try_document(const struct small_pair *pair, const struct derm_stage *const *stages,
                         char **core)
{
    const struct derm_settings settings = { .size = sizeof(settings),
                                            .models = DERM_TEST_MODELS,
                                            .threads = 1,
                                            .findings = 1,
                                            .progress = note_stage };
    const struct derm_photo_request base = small_request(pair, 0), follow = small_request(pair, 1);
    derm_context *ctx;
    derm_document *doc;

    assert_int_equal(derm_context_new(&ctx, &settings), DERM_OK);
    ctx->engine.stages = stages;
    assert_int_equal(derm_compare(ctx, &base, &follow, &doc), DERM_OK);
    *core = core_of(doc);
    assert_non_null(*core);
    derm_document_free(doc);
    derm_context_free(ctx);
}

static void every_allocation_may_fail(void **state)
{
    static struct derm_stage trial[DERM_MAX_STAGES];
    const struct derm_stage *table[DERM_MAX_STAGES + 1] = { 0 };
    char *plain, *tried;

    for (int i = 0; derm_stages[i]; i++) {
        trial[i] = *derm_stages[i];
        trial[i].run = try_with_each_failure;
        table[i] = &trial[i];
    }
    try_document(*state, derm_stages, &plain);
    try_document(*state, table, &tried);
    assert_string_equal(plain, tried); /* a failed attempt leaves no trace */
    print_message("%d allocations failed, each once\n", failures);
    assert_true(failures > 500 / stride());
    free(plain);
    free(tried);
}

/* ---- the limit as a user sets it */

static void every_limit_is_enough_or_an_error(void **state)
{
    const uint64_t step = 2 << 20; /* bytes: an arena rounds its size up to these */
    struct small_pair pair;
    derm_err last = DERM_ENOMEM;
    int refusals = 0;

    (void)state;
    assert_true(small_pair_make(&pair, 2 * SMALL_SIDE)); /* that needs a few of these steps */
    const struct derm_photo_request base = small_request(&pair, 0),
                                    follow = small_request(&pair, 1);
    for (uint64_t limit = step; last == DERM_ENOMEM && limit < 1 << 30; limit += step) {
        const struct derm_settings s = {
            .size = sizeof(s), .models = DERM_TEST_MODELS, .max_memory_bytes = limit, .threads = 1
        };
        derm_context *ctx;
        derm_document *doc = NULL;

        last = derm_context_new(&ctx, &s);
        if (last == DERM_OK) last = derm_compare(ctx, &base, &follow, &doc);
        assert_true(last == DERM_OK || last == DERM_ENOMEM);
        assert_true((last == DERM_OK) == (derm_error_text(ctx)[0] == '\0'));
        refusals += last == DERM_ENOMEM;
        derm_document_free(doc);
        derm_context_free(ctx);
    }
    small_pair_remove(&pair);
    assert_int_equal(last, DERM_OK);
    print_message("%d limits were too small\n", refusals);
    assert_true(refusals > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(every_limit_is_enough_or_an_error),
    };
    return cmocka_run_group_tests(tests, make_small_pair, remove_small_pair);
}
