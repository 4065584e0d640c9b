/* SPDX-License-Identifier: Apache-2.0 */
/* ISA(name) is name_c, name_avx2, ...: the build compiles each row_*.c once per instruction set
 * with DERM_ISA set. Per-ISA files include only kernel headers, and everything else in them is
 * static: otherwise an AVX2 copy of a shared inline function could be linked into plain code. */
#ifndef DERM_KERNELS_ISA_H
#define DERM_KERNELS_ISA_H

#include <string.h>

#define DERM_PASTE2(a, b) a##_##b
#define DERM_PASTE(a, b) DERM_PASTE2(a, b)
#define ISA(name) DERM_PASTE(name, DERM_ISA)
/* What is known of a function's arguments is known in it. */
#define DERM_INLINE static inline __attribute__((always_inline))
#define DERM_VECTOR(bytes) __attribute__((vector_size(bytes)))

struct derm_kernels;
void ISA(derm_row_filter_init)(struct derm_kernels *k);
void ISA(derm_row_nn_init)(struct derm_kernels *k);
void ISA(derm_row_colour_init)(struct derm_kernels *k);
void ISA(derm_row_resample_init)(struct derm_kernels *k);
void ISA(derm_row_match_init)(struct derm_kernels *k);
void ISA(derm_row_pit_init)(struct derm_kernels *k);
void ISA(derm_row_tree_init)(struct derm_kernels *k);
void ISA(derm_row_ray_init)(struct derm_kernels *k);
void ISA(derm_row_strip_init)(struct derm_kernels *k);

/* A register of this instruction set, where sums must not leave it; operators work lane by lane. */
#if defined(__AVX512F__)
enum { DERM_VEC = 16 };
#elif defined(__AVX__)
enum { DERM_VEC = 8 };
#else
enum { DERM_VEC = 4 };
#endif
typedef float derm_vec DERM_VECTOR(4 * DERM_VEC);

static inline derm_vec derm_vec_load(const float *x) /* x need not be aligned */
{
    derm_vec v;

    memcpy(&v, x, sizeof(v));
    return v;
}

static inline void derm_vec_store(float *x, derm_vec v)
{
    memcpy(x, &v, sizeof(v));
}

#endif
