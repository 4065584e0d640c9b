/* SPDX-License-Identifier: Apache-2.0 */
/* The pool runs every task once; CPU names and limits. Run under tsan as well. */
#define _GNU_SOURCE /* setenv, sched_setaffinity */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/* A file of the made-up system in folder, with its folders. */
static void put(const char *folder, const char *name, const char *text)
{
    char path[512];
    FILE *f;

    snprintf(path, sizeof(path), "%s%s", folder, name);
    for (char *c = path + strlen(folder) + 1; (c = strchr(c, '/')) != NULL; c++) {
        *c = '\0';
        mkdir(path, 0700);
        *c = '/';
    }
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void threads_obey_quotas(void **state)
{
    char folder[] = "/tmp/dermetry-cgroup-XXXXXX", command[64];

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(derm_cpu_quota(folder, 64), 64); /* there is nothing */
    put(folder, "/proc/self/cgroup", "0::/job/step\n");
    put(folder, "/sys/fs/cgroup/job/step/cpu.max", "max 100000\n");
    assert_int_equal(derm_cpu_quota(folder, 64), 64);
    put(folder, "/sys/fs/cgroup/job/cpu.max", "450000 100000\n"); /* of an ancestor */
    assert_int_equal(derm_cpu_quota(folder, 64), 5);
    assert_int_equal(derm_cpu_quota(folder, 2), 2);
    put(folder, "/proc/self/cgroup", "4:memory:/job\n3:cpuset:/job\n2:cpu,cpuacct:/job\n0::/\n");
    put(folder, "/sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "50000\n");
    put(folder, "/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1\n");
    assert_int_equal(derm_cpu_quota(folder, 64), 64);
    put(folder, "/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "150000\n");
    assert_int_equal(derm_cpu_quota(folder, 64), 3);
    put(folder, "/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"); /* as a container sees it */
    put(folder, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "20000\n");
    assert_int_equal(derm_cpu_quota(folder, 64), 1);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a folder of our own */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(a_pool_may_be_idle),
        cmocka_unit_test(cpu_names_are_consistent),
        cmocka_unit_test(threads_obey_slurm_and_affinity),
        cmocka_unit_test(threads_obey_quotas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
