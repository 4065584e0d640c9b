/* SPDX-License-Identifier: Apache-2.0 */
/* A decision tree, asked about many places side by side. */
#include "kernels/isa.h"
#include "kernels/kernels.h"

/* Every fork is asked, of every place: that costs less than to go where each place leads. */
static void vote(double *restrict sum, const double *const x[7], const double above[7],
                 const double leaf[8], size_t n)
{
    const double *const restrict x0 = x[0], *const restrict x1 = x[1], *const restrict x2 = x[2];
    const double *const restrict x3 = x[3], *const restrict x4 = x[4], *const restrict x5 = x[5];
    const double *const restrict x6 = x[6];
    const double a0 = above[0], a1 = above[1], a2 = above[2], a3 = above[3], a4 = above[4];
    const double a5 = above[5], a6 = above[6];
    const double l0 = leaf[0], l1 = leaf[1], l2 = leaf[2], l3 = leaf[3], l4 = leaf[4];
    const double l5 = leaf[5], l6 = leaf[6], l7 = leaf[7];

    for (size_t i = 0; i < n; i++) {
        const double of3 = x3[i] > a3 ? l1 : l0, of4 = x4[i] > a4 ? l3 : l2;
        const double of5 = x5[i] > a5 ? l5 : l4, of6 = x6[i] > a6 ? l7 : l6;
        const double of1 = x1[i] > a1 ? of4 : of3, of2 = x2[i] > a2 ? of6 : of5;

        sum[i] += x0[i] > a0 ? of2 : of1;
    }
}

void ISA(derm_row_tree_init)(struct derm_kernels *k)
{
    k->vote = vote;
}
