/* SPDX-License-Identifier: Apache-2.0 */
/* A compiler makes no vectors of one minimum: lane by lane it does. */
#include "stages/blob_surround.h"

#include <math.h>

enum { SAMPLES = DERM_SURROUND_SAMPLES, LANES = 16 };
_Static_assert(SAMPLES % 2 == 0 && SAMPLES % LANES == 0, "two are in the middle; no lane is short");

static int count_below(const float value[SAMPLES], float limit)
{
    int less = 0;

    for (int i = 0; i < SAMPLES; i++)
        less += value[i] < limit;
    return less;
}

/* Least of the one and largest of the other. */
static void find_range(const float low[SAMPLES], const float high[SAMPLES], float *least,
                       float *largest)
{
    float lo[LANES], hi[LANES];

    for (int k = 0; k < LANES; k++) {
        lo[k] = low[k];
        hi[k] = high[k];
    }
    for (int i = LANES; i < SAMPLES; i += LANES)
        for (int k = 0; k < LANES; k++) {
            lo[k] = low[i + k] < lo[k] ? low[i + k] : lo[k];
            hi[k] = high[i + k] > hi[k] ? high[i + k] : hi[k];
        }
    *least = lo[0];
    *largest = hi[0];
    for (int k = 1; k < LANES; k++) {
        *least = lo[k] < *least ? lo[k] : *least;
        *largest = hi[k] > *largest ? hi[k] : *largest;
    }
}

/* Between the largest value below the limit and the least of the others. */
static double middle_at(const float value[SAMPLES], float limit)
{
    float below[SAMPLES], above[SAMPLES], lower, upper;

    for (int i = 0; i < SAMPLES; i++) {
        below[i] = value[i] < limit ? value[i] : -INFINITY;
        above[i] = value[i] < limit ? INFINITY : value[i];
    }
    find_range(above, below, &upper, &lower);
    return (double)lower + 0.5 * ((double)upper - (double)lower);
}

/* The range that holds the two in the middle is halved until they are on both sides of its middle,
 * or are seen to be equal. */
double derm_surround_median(const float value[SAMPLES])
{
    float lo, hi;

    find_range(value, value, &lo, &hi);
    for (float limit = hi;;) {
        const int less = count_below(value, limit);

        if (less == SAMPLES / 2) return middle_at(value, limit);
        *(less < SAMPLES / 2 ? &lo : &hi) = limit;
        limit = lo + 0.5f * (hi - lo);
        if (!(limit > lo && limit < hi)) return (double)lo;
    }
}
