/* SPDX-License-Identifier: Apache-2.0 */
/* Reads /proc/self/cgroup, /sys/fs/cgroup and SLURM_CPUS_PER_TASK; anything missing or unreadable
 * counts as "no limit". */
#define _GNU_SOURCE /* sched_getaffinity, CPU_COUNT */
#include "base/cpu.h"

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

/* The quota in the file, in whole processors rounded up; fallback when there is none. */
static int read_quota(const char *path, int fallback)
{
    FILE *const f = fopen(path, "r");
    char line[64], *period_text, *end;
    bool got;
    long quota, period;

    if (!f) return fallback;
    got = fgets(line, sizeof(line), f) != NULL;
    fclose(f);
    if (!got) return fallback;
    quota = strtol(line, &period_text, 10); /* "max 100000": no quota */
    period = strtol(period_text, &end, 10);
    if (period_text == line || end == period_text || quota <= 0 || period <= 0) return fallback;
    return imax(1, (int)((quota + period - 1) / period));
}

/* cgroup v2: the least quota of our group and its ancestors. */
static int cgroup_limit(int limit)
{
    static const char root[] = "/sys/fs/cgroup";
    char line[512], path[sizeof(root) + sizeof(line) + sizeof("/cpu.max")];
    FILE *const f = fopen("/proc/self/cgroup", "r");
    char *group = NULL;

    if (!f) return limit;
    while (!group && fgets(line, sizeof(line), f))
        if (strncmp(line, "0::", 3) == 0) group = line + 3;
    fclose(f);
    if (!group) return limit;
    group[strcspn(group, "\n")] = '\0';
    for (;;) {
        char *const last = strrchr(group, '/');
        snprintf(path, sizeof(path), "%s%s/cpu.max", root, strcmp(group, "/") == 0 ? "" : group);
        limit = imin(limit, read_quota(path, limit));
        if (!last) return limit;
        *last = '\0';
    }
}

int derm_cpu_threads(void)
{
    const char *const slurm = getenv("SLURM_CPUS_PER_TASK");
    int limit = 1;
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) == 0) limit = imax(1, CPU_COUNT(&set));
    limit = cgroup_limit(limit);
    if (slurm) {
        const long asked = strtol(slurm, NULL, 10);
        if (asked > 0 && asked < limit) limit = (int)asked;
    }
    return limit;
}
