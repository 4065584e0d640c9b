/* SPDX-License-Identifier: Apache-2.0 */
/* What this processor can do, and what the user allows. */
#ifndef DERM_BASE_CPU_H
#define DERM_BASE_CPU_H

#include <stdbool.h>

enum { DERM_CPU_AVX2 = 1, DERM_CPU_AVX512 = 2, DERM_CPU_NEON = 4 };

/* The set that both this machine and this build have. AVX512 stands for F, BW, DQ and VL. */
unsigned derm_cpu_detect(void);

/* name: "auto", "c", "avx2", "avx512", "neon". False when unknown or not to be had here; *flags is
 * a subset of derm_cpu_detect(), with the lesser sets that the named one includes. */
bool derm_cpu_parse(const char *name, unsigned *flags);

const char *derm_cpu_name(unsigned flags); /* the best path in the set: "c", "avx2", ... */

/* Threads worth starting: affinity, cgroup quota, SLURM_CPUS_PER_TASK, whichever is least. */
int derm_cpu_threads(void);

/* limit, or the cgroup quota (v1 or v2) in whole processors where that is less. root: where /proc
 * and /sys are, "" outside of tests. */
int derm_cpu_quota(const char *root, int limit);

#endif
