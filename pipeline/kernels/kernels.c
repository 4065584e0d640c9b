/* SPDX-License-Identifier: Apache-2.0 */
/* The dispatch: plain C fills the whole table, each better instruction set overrides it. */
#include "kernels/kernels.h"

#include "base/cpu.h"

void derm_row_filter_init_c(struct derm_kernels *k);
void derm_row_filter_init_avx2(struct derm_kernels *k);
void derm_row_filter_init_avx512(struct derm_kernels *k);
void derm_row_filter_init_neon(struct derm_kernels *k);

void derm_kernels_init(struct derm_kernels *k, unsigned cpu)
{
    (void)cpu;
    derm_row_filter_init_c(k);
#ifdef DERM_HAVE_AVX2
    if (cpu & DERM_CPU_AVX2) derm_row_filter_init_avx2(k);
#endif
#ifdef DERM_HAVE_AVX512
    if (cpu & DERM_CPU_AVX512) derm_row_filter_init_avx512(k);
#endif
#ifdef DERM_HAVE_NEON
    if (cpu & DERM_CPU_NEON) derm_row_filter_init_neon(k);
#endif
}
