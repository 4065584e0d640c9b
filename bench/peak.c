/* SPDX-License-Identifier: Apache-2.0 */
/* Twelve independent sums, enough to hide the latency of an operation, all in registers. Built with
 * contraction, unlike all else. */
#include "peak.h"

#include <stddef.h>
#include <string.h>

enum { SUMS = 12, REPEAT = 1 << 20 };

static volatile float sink; /* so that the work has a purpose */

#define PEAK(isa, bytes, target)                                                                   \
    typedef float lanes_##isa __attribute__((vector_size(bytes)));                                 \
    target static double run_##isa(void)                                                           \
    {                                                                                              \
        lanes_##isa sum[SUMS], factor, term;                                                       \
                                                                                                   \
        memset(sum, 0, sizeof(sum));                                                               \
        for (size_t i = 0; i < sizeof(factor) / sizeof(float); i++) {                              \
            factor[i] = 0.5f + sink;                                                               \
            term[i] = 0.25f + sink;                                                                \
        }                                                                                          \
        for (int r = 0; r < REPEAT; r++)                                                           \
            for (int i = 0; i < SUMS; i++)                                                         \
                sum[i] = sum[i] * factor + term;                                                   \
        for (int i = 1; i < SUMS; i++)                                                             \
            sum[0] += sum[i];                                                                      \
        sink = 0.0f * sum[0][0];                                                                   \
        return 2.0 * REPEAT * SUMS * (double)(sizeof(factor) / sizeof(float));                     \
    }

PEAK(c, 16, )
#if defined(__x86_64__)
PEAK(avx2, 32, __attribute__((target("avx2,fma"))))
PEAK(avx512, 64, __attribute__((target("avx512f,fma"))))
#endif

double peak_run(const char *isa)
{
    static const struct {
        const char *isa;
        double (*run)(void);
    } known[] = {
        { "c", run_c },
#if defined(__x86_64__)
        { "avx2", run_avx2 },
        { "avx512", run_avx512 },
#else
        { "neon", run_c }, /* the compiler's default */
#endif
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].isa, isa) == 0) return known[i].run();
    return 0.0;
}
