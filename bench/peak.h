/* SPDX-License-Identifier: Apache-2.0 */
/* What the arithmetic units of a core can do: fused multiply-adds in single precision, or, where
 * an instruction set has none, multiplications and additions. */
#ifndef DERM_BENCH_PEAK_H
#define DERM_BENCH_PEAK_H

/* Works some milliseconds with the instruction set ("c", "avx2", "avx512", "neon"), which this
 * processor must have; returns how many operations that were. 0: not known here. */
double peak_run(const char *isa);

#endif
