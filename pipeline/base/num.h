/* SPDX-License-Identifier: Apache-2.0 */
/* Typed small arithmetic, in place of macros. */
#ifndef DERM_BASE_NUM_H
#define DERM_BASE_NUM_H

static inline int imin(int a, int b)
{
    return a < b ? a : b;
}
static inline int imax(int a, int b)
{
    return a > b ? a : b;
}
static inline int clampi(int x, int lo, int hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}
static inline float clampf(float x, float lo, float hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}
/* As fmin of what are numbers, without a call. */
static inline double mind(double a, double b)
{
    return a < b ? a : b;
}
static inline double clampd(double x, double lo, double hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

#endif
