/* SPDX-License-Identifier: Apache-2.0 */
/* The runner, over a table of stages that only take notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

static char notes[256];
static size_t scratch_used_at_start;

static void note(const struct derm_run *run, const char *what)
{
    char text[32];

    snprintf(text, sizeof(text), "%s%s%s ", what, run->frame ? "f" : "", run->pair ? "p" : "");
    strcat(notes, text);
    scratch_used_at_start += run->scratch->used;
}

static derm_err run_each(struct derm_run *run, const void *params)
{
    void *p;

    assert_null(params);
    assert_non_null(run->request);
    note(run, "each");
    return derm_arena_new(run->scratch, &p, 100, 10);
}

static derm_err run_pair(struct derm_run *run, const void *params)
{
    assert_true(*(const float *)params == 0.25f);
    assert_null(run->request);
    note(run, "pair");
    return DERM_OK;
}

static derm_err run_once(struct derm_run *run, const void *params)
{
    assert_null(params);
    note(run, "once");
    return DERM_OK;
}

static derm_err run_says_nothing(struct derm_run *run, const void *params)
{
    assert_null(params);
    note(run, "mute");
    return DERM_EIO;
}

static derm_err run_goes_on(struct derm_run *run, const void *params)
{
    assert_null(params);
    derm_fail(run->err, DERM_EIO, "the disk is on fire");
    return DERM_OK;
}

static derm_err run_fails(struct derm_run *run, const void *params)
{
    assert_null(params);
    return derm_fail(run->err, DERM_EMALFORMED, "it is not a photo");
}

struct params {
    float f;
};
static const struct derm_opt opts[] = { DERM_OPT(struct params, f, 0.25, 0, 1, "a number"), { 0 } };

static const struct derm_stage each = { .name = "each", .scope = DERM_EACH, .run = run_each };
static const struct derm_stage pair = { .name = "pair",
                                        .scope = DERM_PAIR,
                                        .opts = opts,
                                        .params_size = sizeof(struct params),
                                        .run = run_pair };
static const struct derm_stage once = { .name = "once", .scope = DERM_ONCE, .run = run_once };
static const struct derm_stage mute = { .name = "mute",
                                        .scope = DERM_ONCE,
                                        .run = run_says_nothing };
static const struct derm_stage goes_on = { .name = "goes_on",
                                           .scope = DERM_ONCE,
                                           .run = run_goes_on };
static const struct derm_stage fails = { .name = "fails", .scope = DERM_EACH, .run = run_fails };

static const struct derm_stage early = {
    .name = "early", .scope = DERM_ONCE, .reads = DERM_SLOT(rgb), .run = run_once
};
static const struct derm_stage *const with_early[] = { &each, &early, NULL };
static const struct derm_stage *const good[] = { &each, &pair, &once, NULL };
static const struct derm_stage *const with_mute[] = { &each, &mute, NULL };
static const struct derm_stage *const with_goes_on[] = { &goes_on, NULL };
static const struct derm_stage *const with_failure[] = { &fails, NULL };

struct bench {
    struct derm_error err;
    struct derm_arena keep;
    struct derm_engine engine;
    struct derm_work work;
};

static derm_err run_table(struct bench *b, const struct derm_stage *const *stages, int photos)
{
    derm_err done;

    notes[0] = '\0';
    scratch_used_at_start = 0;
    b->err = (struct derm_error){ 0 };
    b->work = (struct derm_work){ .photos = photos };
    b->work.request[0].path = "/some/where/before.jpg";
    b->work.request[1].path = "after.jpg";
    b->engine.stages = stages;
    assert_int_equal(derm_arena_init(&b->keep, 1 << 20, &b->err), DERM_OK);
    assert_int_equal(derm_arena_init(&b->engine.scratch, 1 << 20, &b->err), DERM_OK);
    assert_int_equal(derm_engine_defaults(&b->engine, &b->keep), DERM_OK);
    done = derm_run(&b->engine, &b->work, &b->keep, &b->err);
    assert_int_equal(b->engine.scratch.used, 0);
    derm_arena_free(&b->keep);
    derm_arena_free(&b->engine.scratch);
    return done;
}

static void scopes_and_order(void **state)
{
    struct bench *const b = *state;

    assert_int_equal(run_table(b, good, 1), DERM_OK);
    assert_string_equal(notes, "eachf oncef ");
    assert_int_equal(b->work.timings, 2);
    assert_int_equal(run_table(b, good, 2), DERM_OK);
    assert_string_equal(notes, "eachfp eachfp pairp oncep ");
    assert_int_equal(b->work.timings, 4);
    assert_int_equal(b->work.timing[1].photo, 1);
    assert_int_equal(b->work.timing[2].photo, -1);
    assert_int_equal(scratch_used_at_start, 0);
}

static void failures_have_a_message_and_success_none(void **state)
{
    struct bench *const b = *state;

    assert_int_equal(run_table(b, with_mute, 1), DERM_EINTERNAL);
    assert_non_null(strstr(b->err.text, "mute failed without saying why"));
    assert_int_equal(run_table(b, with_goes_on, 1), DERM_EINTERNAL);
    assert_non_null(strstr(b->err.text, "the disk is on fire"));
    assert_int_equal(run_table(b, with_early, 1), DERM_EINTERNAL);
    assert_string_equal(notes, "eachf ");
}

static void failures_name_the_photo(void **state)
{
    struct bench *const b = *state;

    assert_int_equal(run_table(b, with_failure, 2), DERM_EMALFORMED);
    assert_string_equal(b->err.text, "before.jpg: it is not a photo");
}

static int stop_at_two(void *user, const struct derm_progress *at)
{
    int *const calls = user;

    assert_int_equal(at->step, (*calls)++);
    assert_int_equal(at->steps, 4);
    return at->step == 2;
}

static void progress_can_stop_the_run(void **state)
{
    struct bench *const b = *state;
    int calls = 0;

    b->engine.progress = stop_at_two;
    b->engine.user = &calls;
    assert_int_equal(run_table(b, good, 2), DERM_EINTERRUPTED);
    assert_string_equal(notes, "eachfp eachfp ");
    assert_int_equal(calls, 3);
}

static int new_bench(void **state)
{
    *state = calloc(1, sizeof(struct bench));
    return *state ? 0 : -1;
}

static int free_bench(void **state)
{
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(scopes_and_order, new_bench, free_bench),
        cmocka_unit_test_setup_teardown(failures_have_a_message_and_success_none, new_bench,
                                        free_bench),
        cmocka_unit_test_setup_teardown(failures_name_the_photo, new_bench, free_bench),
        cmocka_unit_test_setup_teardown(progress_can_stop_the_run, new_bench, free_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
