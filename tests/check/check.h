/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks share: a seeded generator, the list of instruction sets, the command line
 * [seed] [--filter name], and the tally. */
#ifndef DERM_TESTS_CHECK_H
#define DERM_TESTS_CHECK_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"

struct rng {
    uint64_t state;
};

static inline uint32_t rng_bits(struct rng *r) /* splitmix64 */
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

static inline int rng_int(struct rng *r, int lo, int hi) /* inclusive */
{
    return lo + (int)(rng_bits(r) % (uint32_t)(hi - lo + 1));
}

static inline float rng_unit(struct rng *r) /* [0, 1) */
{
    return (float)(rng_bits(r) >> 8) * 0x1p-24f;
}

/* Ordinary values, zeros of both signs and every magnitude from the least normal float to 2^top. */
static inline float rng_wild(struct rng *r, int top)
{
    const float sign = rng_bits(r) & 1 ? -1.0f : 1.0f;

    switch (rng_int(r, 0, 9)) {
    case 0:
        return sign * 0.0f;
    case 1:
        return sign * FLT_MIN;
    case 2:
    case 3:
        return sign * ldexpf(0.5f + 0.5f * rng_unit(r), rng_int(r, -120, top));
    case 4:
        return sign * ldexpf(0.5f + 0.5f * rng_unit(r), top);
    default:
        return sign * rng_unit(r);
    }
}

struct check {
    struct rng rng;
    const char *only; /* NULL: all */
    int failed, done;
};

static inline bool check_options(struct check *c, int argc, char **argv)
{
    *c = (struct check){ .rng = { 1 } };
    for (int i = 1; i < argc; i++) {
        char *end;
        if (strcmp(argv[i], "--filter") == 0 && i + 1 < argc) {
            c->only = argv[++i];
            continue;
        }
        c->rng.state = strtoull(argv[i], &end, 0);
        if (*end || end == argv[i]) {
            fprintf(stderr, "usage: %s [seed] [--filter name]\n", argv[0]);
            return false;
        }
    }
    return true;
}

static inline bool check_wants(const struct check *c, const char *name)
{
    return !c->only || strstr(name, c->only);
}

/* The instruction sets other than plain C that can run here. */
static inline int check_variants(const char *names[4], unsigned flags[4])
{
    static const char *const all[] = { "avx2", "avx512", "neon" };
    int n = 0;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (derm_cpu_parse(all[i], &flags[n]))
            names[n++] = all[i];
        else
            printf("no %s here\n", all[i]);
    }
    return n;
}

static inline int check_verdict(const struct check *c)
{
    if (c->done == 0) {
        fprintf(stderr, "nothing was checked\n");
        return 1;
    }
    printf("%d checks, %d failed\n", c->done, c->failed);
    return c->failed != 0;
}

#endif
