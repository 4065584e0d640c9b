/* SPDX-License-Identifier: Apache-2.0 */
/* ISA(name) is name_c, name_avx2, ...: the build compiles each row_*.c once per instruction set
 * with DERM_ISA set. Per-ISA files include only kernel headers, and everything else in them is
 * static: otherwise an AVX2 copy of a shared inline function could be linked into plain code. */
#ifndef DERM_KERNELS_ISA_H
#define DERM_KERNELS_ISA_H

#define DERM_PASTE2(a, b) a##_##b
#define DERM_PASTE(a, b) DERM_PASTE2(a, b)
#define ISA(name) DERM_PASTE(name, DERM_ISA)

struct derm_kernels;
void ISA(derm_row_filter_init)(struct derm_kernels *k);
void ISA(derm_row_nn_init)(struct derm_kernels *k);
void ISA(derm_row_colour_init)(struct derm_kernels *k);
void ISA(derm_row_resample_init)(struct derm_kernels *k);
void ISA(derm_row_match_init)(struct derm_kernels *k);
void ISA(derm_row_pit_init)(struct derm_kernels *k);
void ISA(derm_row_tree_init)(struct derm_kernels *k);

#endif
