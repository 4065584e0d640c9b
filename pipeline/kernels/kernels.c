/* SPDX-License-Identifier: Apache-2.0 */
/* The dispatch: plain C fills the whole table, each better instruction set overrides it. */
#include "kernels/kernels.h"

#include "base/cpu.h"

#define FAMILIES(isa)                                                                              \
    void derm_row_filter_init_##isa(struct derm_kernels *k);                                       \
    void derm_row_colour_init_##isa(struct derm_kernels *k);                                       \
    void derm_row_nn_init_##isa(struct derm_kernels *k);                                           \
    void derm_row_resample_init_##isa(struct derm_kernels *k);                                     \
    void derm_row_match_init_##isa(struct derm_kernels *k);                                        \
    void derm_row_pit_init_##isa(struct derm_kernels *k);                                          \
    void derm_row_tree_init_##isa(struct derm_kernels *k);                                         \
    void derm_row_ray_init_##isa(struct derm_kernels *k);                                          \
    void derm_row_strip_init_##isa(struct derm_kernels *k);                                        \
    static void use_##isa(struct derm_kernels *k)                                                  \
    {                                                                                              \
        derm_row_filter_init_##isa(k);                                                             \
        derm_row_colour_init_##isa(k);                                                             \
        derm_row_nn_init_##isa(k);                                                                 \
        derm_row_resample_init_##isa(k);                                                           \
        derm_row_match_init_##isa(k);                                                              \
        derm_row_pit_init_##isa(k);                                                                \
        derm_row_tree_init_##isa(k);                                                               \
        derm_row_ray_init_##isa(k);                                                                \
        derm_row_strip_init_##isa(k);                                                              \
    }

FAMILIES(c)
#ifdef DERM_HAVE_AVX2
FAMILIES(avx2)
#endif
#ifdef DERM_HAVE_AVX512
FAMILIES(avx512)
#endif
#ifdef DERM_HAVE_NEON
FAMILIES(neon)
#endif

static const struct {
    unsigned flag;
    void (*use)(struct derm_kernels *k);
} variants[] = {
    /* from the least to the best */
    { 0, use_c },
#ifdef DERM_HAVE_AVX2
    { DERM_CPU_AVX2, use_avx2 },
#endif
#ifdef DERM_HAVE_AVX512
    { DERM_CPU_AVX512, use_avx512 },
#endif
#ifdef DERM_HAVE_NEON
    { DERM_CPU_NEON, use_neon },
#endif
};

void derm_kernels_init(struct derm_kernels *k, unsigned cpu)
{
    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
        if ((cpu & variants[i].flag) == variants[i].flag) variants[i].use(k);
}
