/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/statistics.h"

#include <math.h>
#include <stdbool.h>

static uint64_t random_bits(struct derm_random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double derm_random_uniform(struct derm_random *r)
{
    return (double)(random_bits(r) >> 11) * 0x1p-53;
}

void derm_random_poisson(struct derm_random *r, uint8_t *out, int n)
{
    /* 2^16 times the probabilities of at most 0, 1, ... */
    static const uint16_t below[] = { 24109, 48219, 60273, 64292, 65296, 65497, 65531, 65535 };
    enum { STEPS = sizeof(below) / sizeof(below[0]), CHUNK = 64 };
    uint16_t u[CHUNK];

    for (int from = 0; from < n; from += CHUNK) {
        uint16_t k[CHUNK] = { 0 };

        for (int i = 0; i < CHUNK; i += 4) {
            const uint64_t z = random_bits(r);
            for (int j = 0; j < 4; j++)
                u[i + j] = (uint16_t)(z >> (16 * j));
        }
        for (int s = 0; s < STEPS; s++) /* no early end: it cannot be predicted */
            for (int i = 0; i < CHUNK; i++)
                k[i] = (uint16_t)(k[i] + (u[i] >= below[s]));
        for (int i = 0; i < CHUNK && from + i < n; i++)
            out[from + i] = (uint8_t)k[i];
    }
}

static void insertion_sort(double *x, int n)
{
    for (int i = 1; i < n; i++) {
        const double v = x[i];
        int j = i;
        for (; j > 0 && v < x[j - 1]; j--)
            x[j] = x[j - 1];
        x[j] = v;
    }
}

/* Quicksort (Hoare), three times as fast as qsort with its calls. The pivot is drawn, so that no
 * order of the input is slow. */
void derm_sort(double *x, int n)
{
    enum { SHORT = 24 };
    struct derm_random draw = { (uint64_t)n };

    while (n > SHORT) {
        const double pivot = x[(int)(derm_random_uniform(&draw) * n)];
        int i = 0, j = n - 1;

        for (;; i++, j--) {
            while (x[i] < pivot)
                i++;
            while (pivot < x[j])
                j--;
            if (i >= j) break;
            const double v = x[i];
            x[i] = x[j];
            x[j] = v;
        }
        j = i;             /* [0, j) is at most, [j, n) at least the pivot */
        if (j == 0) j = 1; /* the pivot was the least */
        if (j < n - j) {
            derm_sort(x, j);
            x += j;
            n -= j;
        } else {
            derm_sort(x + j, n - j);
            n = j;
        }
    }
    insertion_sort(x, n);
}

double derm_percentile(const double *sorted, int n, double p)
{
    const double at = p * (n - 1);
    const int i = (int)at;

    if (i >= n - 1) return sorted[n - 1];
    return sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]);
}

struct derm_lattice derm_lattice_over(int w, int h, double count, double enough)
{
    const int most = w < h ? w : h;
    const double step = sqrt(count / enough);
    struct derm_lattice l = { .step = step < 1 ? 1 : step > most ? most : (int)step };

    l.w = (w - l.step / 2 - 1) / l.step + 1;
    l.h = (h - l.step / 2 - 1) / l.step + 1;
    return l;
}

/* Moves what is less than the pivot, or_equal: no more than it, to the front; how many that is. No
 * branch depends on a value: every second one would be guessed wrong. */
static inline int move_low(double *x, int n, double pivot, bool or_equal)
{
    int low = 0;

    for (int i = 0; i < n; i++) {
        const double v = x[i];

        x[i] = x[low];
        x[low] = v;
        low += or_equal ? !(v > pivot) : v < pivot;
    }
    return low;
}

/* About the value of this rank, by that of a sample; beyond it, so that the smaller part is likely
 * to hold it (R. Floyd, R. Rivest, Comm. ACM 18, 165 (1975)). */
static double pivot_for(const double *x, int n, int rank, struct derm_random *draw)
{
    enum { SAMPLE = 33, BEYOND = 2, MANY = 16 * SAMPLE };
    const int size = n < MANY ? 1 : SAMPLE, at = (int)((double)rank / n * size);
    const int beyond = rank < n / 2 ? at + BEYOND : at - BEYOND;
    double sample[SAMPLE];

    for (int i = 0; i < size; i++)
        sample[i] = x[(int)(derm_random_uniform(draw) * n)];
    insertion_sort(sample, size);
    return sample[beyond < 0 ? 0 : beyond < size ? beyond : size - 1];
}

/* Quickselect (Hoare): the part that does not hold the middle is left unsorted. */
double derm_median(double *x, int n)
{
    struct derm_random draw = { (uint64_t)n };
    const int middle = (n - 1) / 2;
    int from = 0, end = n;

    while (end - from > 1) {
        const double pivot = pivot_for(x + from, end - from, middle - from, &draw);
        const int less = from + move_low(x + from, end - from, pivot, false);

        if (middle < less) {
            end = less;
            continue;
        }
        from = less + move_low(x + less, end - less, pivot, true);
        if (middle < from) break; /* it is the pivot's equal */
    }
    if (n % 2) return x[middle];
    double next = x[middle + 1];
    for (int i = middle + 2; i < n; i++)
        next = fmin(next, x[i]);
    return x[middle] + 0.5 * (next - x[middle]);
}

double derm_mean(const double *x, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += x[i];
    return n > 0 ? sum / n : 0;
}

double derm_sd(const double *x, int n)
{
    const double mean = derm_mean(x, n);
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return n > 1 ? sqrt(sum / (n - 1)) : 0;
}
