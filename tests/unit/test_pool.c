/* SPDX-License-Identifier: Apache-2.0 */
/* The pool runs every task once; CPU names and limits. Run under tsan as well. */
#define _GNU_SOURCE /* setenv, sched_setaffinity */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/pool.h"

enum { TASKS = 1000 };

struct counts {
    int done[TASKS]; /* not atomic: each belongs to one task */
};

static void count(void *arg, int i)
{
    struct counts *const c = arg;
    c->done[i]++;
}

static void every_task_runs_once(void **state)
{
    struct derm_error err = { 0 };

    (void)state;
    for (int threads = 1; threads <= 5; threads++) {
        struct derm_pool *p;
        struct counts c = { { 0 } };
        assert_int_equal(derm_pool_new(&p, threads, &err), DERM_OK);
        assert_int_equal(derm_pool_threads(p), threads);
        for (int round = 0; round < 200; round++)
            derm_pool_run(p, round % 7 == 0 ? round % 3 : TASKS, count, &c);
        derm_pool_free(p);
        for (int i = 2; i < TASKS; i++)
            assert_int_equal(c.done[i], 200 - 29); /* 29 of 200 rounds are short */
    }
}

static void a_pool_may_be_idle(void **state)
{
    struct derm_error err = { 0 };
    struct derm_pool *p;

    (void)state;
    assert_int_equal(derm_pool_new(&p, 4, &err), DERM_OK);
    derm_pool_free(p);
    derm_pool_free(NULL);
}

static void cpu_names_are_consistent(void **state)
{
    static const char *const names[] = { "c", "avx2", "avx512", "neon" };
    const unsigned here = derm_cpu_detect();
    unsigned flags;

    (void)state;
    assert_true(derm_cpu_parse("auto", &flags) && flags == here);
    assert_true(derm_cpu_parse("c", &flags) && flags == 0);
    assert_false(derm_cpu_parse("sse9", &flags));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!derm_cpu_parse(names[i], &flags)) continue;
        assert_int_equal(flags & ~here, 0);
        assert_string_equal(derm_cpu_name(flags), names[i]);
    }
}

static void threads_obey_slurm_and_affinity(void **state)
{
    cpu_set_t all, one;
    size_t cpu = 0;

    (void)state;
    unsetenv("SLURM_CPUS_PER_TASK");
    assert_true(derm_cpu_threads() >= 1);
    setenv("SLURM_CPUS_PER_TASK", "1", 1);
    assert_int_equal(derm_cpu_threads(), 1);
    setenv("SLURM_CPUS_PER_TASK", "nonsense", 1);
    assert_true(derm_cpu_threads() >= 1);
    unsetenv("SLURM_CPUS_PER_TASK");
    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    while (!CPU_ISSET(cpu, &all))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    assert_int_equal(derm_cpu_threads(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(a_pool_may_be_idle),
        cmocka_unit_test(cpu_names_are_consistent),
        cmocka_unit_test(threads_obey_slurm_and_affinity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
