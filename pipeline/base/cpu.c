/* SPDX-License-Identifier: Apache-2.0 */
/* Reads /proc/self/cgroup, /sys/fs/cgroup and SLURM_CPUS_PER_TASK; anything missing or unreadable
 * counts as "no limit". */
#define _GNU_SOURCE /* sched_getaffinity, CPU_COUNT */
#include "base/cpu.h"

#include <limits.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

unsigned derm_cpu_detect(void)
{
    unsigned flags = 0;

#ifdef DERM_HAVE_AVX2
    if (__builtin_cpu_supports("avx2")) flags |= DERM_CPU_AVX2;
#endif
#ifdef DERM_HAVE_AVX512
    if ((flags & DERM_CPU_AVX2) && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        flags |= DERM_CPU_AVX512;
#endif
#ifdef DERM_HAVE_NEON
    flags |= DERM_CPU_NEON; /* part of every AArch64 */
#endif
    return flags;
}

static const struct {
    const char *name;
    unsigned flags;
} paths[] = {
    /* from the best to the least */
    { "avx512", DERM_CPU_AVX512 | DERM_CPU_AVX2 },
    { "avx2", DERM_CPU_AVX2 },
    { "neon", DERM_CPU_NEON },
    { "c", 0 },
};
enum { PATHS = sizeof(paths) / sizeof(paths[0]) };

bool derm_cpu_parse(const char *name, unsigned *flags)
{
    const unsigned here = derm_cpu_detect();

    if (strcmp(name, "auto") == 0) {
        *flags = here;
        return true;
    }
    for (int i = 0; i < PATHS; i++) {
        if (strcmp(name, paths[i].name) != 0) continue;
        *flags = paths[i].flags;
        return (here & paths[i].flags) == paths[i].flags;
    }
    return false;
}

const char *derm_cpu_name(unsigned flags)
{
    int i = 0;

    while ((flags & paths[i].flags) != paths[i].flags)
        i++;
    return paths[i].name;
}

/* A number of a file of a group, index from 0; 0: there is none, as in "max 100000". */
static long read_number(const char *group, const char *name, int index)
{
    char path[PATH_MAX], line[64] = "", *at = line;
    long value = 0;
    FILE *f = NULL;

    if (snprintf(path, sizeof(path), "%s/%s", group, name) < (int)sizeof(path))
        f = fopen(path, "r");
    if (!f) return 0;
    if (!fgets(line, sizeof(line), f)) *line = '\0';
    fclose(f);
    for (int i = 0; i <= index; i++)
        value = strtol(at, &at, 10);
    return value;
}

/* In whole processors, rounded up; 0: no quota. */
static int read_quota(const char *group)
{
    long quota = read_number(group, "cpu.max", 0), period = read_number(group, "cpu.max", 1);

    if (quota <= 0 || period <= 0) { /* cgroup v1 */
        quota = read_number(group, "cpu.cfs_quota_us", 0);
        period = read_number(group, "cpu.cfs_period_us", 0);
    }
    if (quota <= 0 || period <= 0) return 0;
    return imax(1, (int)((quota + period - 1) / period));
}

/* The least quota of a group below mount and of its ancestors, if it is less than limit. */
static int climb(const char *mount, char *group, int limit)
{
    char path[PATH_MAX];

    for (;;) {
        char *const last = strrchr(group, '/');
        int quota = 0;

        if (last && last[1] == '\0') *last = '\0';
        if (snprintf(path, sizeof(path), "%s%s", mount, group) < (int)sizeof(path))
            quota = read_quota(path);
        if (quota > 0) limit = imin(limit, quota);
        if (!last) return limit;
        *last = '\0';
    }
}

/* Of a list such as "cpu,cpuacct". */
static bool names_cpu(const char *controllers)
{
    for (;;) {
        const size_t n = strcspn(controllers, ",");

        if (n == 3 && strncmp(controllers, "cpu", n) == 0) return true;
        if (!controllers[n]) return false;
        controllers += n + 1;
    }
}

int derm_cpu_quota(const char *root, int limit)
{
    char line[512], path[PATH_MAX];
    FILE *f = NULL;

    if (snprintf(path, sizeof(path), "%s/proc/self/cgroup", root) < (int)sizeof(path))
        f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f)) { /* "0::/group", or in v1 "4:cpu,cpuacct:/group" */
        char *const controllers = strchr(line, ':');
        char *const group = controllers ? strchr(controllers + 1, ':') : NULL;

        if (!group) continue;
        *group = '\0';
        group[1 + strcspn(group + 1, "\n")] = '\0';
        if (controllers[1] && !names_cpu(controllers + 1)) continue;
        snprintf(path, sizeof(path), "%s/sys/fs/cgroup%s", root, controllers[1] ? "/cpu" : "");
        limit = climb(path, group + 1, limit);
    }
    if (f) fclose(f);
    return limit;
}

int derm_cpu_threads(void)
{
    const char *const slurm = getenv("SLURM_CPUS_PER_TASK");
    int limit = 1;
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) == 0) limit = imax(1, CPU_COUNT(&set));
    limit = derm_cpu_quota("", limit);
    if (slurm) {
        const long asked = strtol(slurm, NULL, 10);
        if (asked > 0 && asked < limit) limit = (int)asked;
    }
    return limit;
}
