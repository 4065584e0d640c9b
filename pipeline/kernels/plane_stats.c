/* SPDX-License-Identifier: Apache-2.0 */
/* Exact order statistics. The bits of a float, with the sign turned round, sort as an unsigned
 * whole number: one histogram of the upper 16 bits finds the bucket of the median, one of the lower
 * 16 bits the value. */
#include <math.h>
#include <string.h>

#include "kernels/bands.h"

enum { HALF_BITS = 16, BUCKETS = 1 << HALF_BITS };

static uint32_t key_of(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof(bits));
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

static float value_of(uint32_t key)
{
    const uint32_t bits = key & 0x80000000u ? key & 0x7fffffffu : ~key;
    float x;

    memcpy(&x, &bits, sizeof(x));
    return x;
}

/* The key of the given rank, 0 for the least. */
static uint32_t select_key(const uint32_t *key, size_t n, size_t rank, uint32_t *histogram)
{
    uint32_t upper = 0, lower = 0;

    memset(histogram, 0, BUCKETS * sizeof(*histogram));
    for (size_t i = 0; i < n; i++)
        histogram[key[i] >> HALF_BITS]++;
    while (rank >= histogram[upper])
        rank -= histogram[upper++];
    memset(histogram, 0, BUCKETS * sizeof(*histogram));
    for (size_t i = 0; i < n; i++)
        if (key[i] >> HALF_BITS == upper) histogram[key[i] & (BUCKETS - 1)]++;
    while (rank >= histogram[lower])
        rank -= histogram[lower++];
    return upper << HALF_BITS | lower;
}

/* The next key in order after the one of the given rank, which is known. */
static uint32_t next_key(const uint32_t *key, size_t n, size_t rank, uint32_t at_rank)
{
    uint32_t next = UINT32_MAX;
    size_t up_to = 0;

    for (size_t i = 0; i < n; i++) {
        if (key[i] <= at_rank)
            up_to++;
        else if (key[i] < next)
            next = key[i];
    }
    return up_to > rank + 1 ? at_rank : next;
}

static double median_of(const uint32_t *key, size_t n, uint32_t *histogram)
{
    const size_t rank = (n - 1) / 2;
    const uint32_t low = select_key(key, n, rank, histogram);
    const uint32_t high = n % 2 ? low : next_key(key, n, rank, low);

    return 0.5 * ((double)value_of(low) + (double)value_of(high));
}

static size_t count_set(const struct derm_mask *mask)
{
    size_t n = 0;

    for (int y = 0; y < mask->h; y++) {
        const uint8_t *const px = derm_mask_row(mask, y);
        int row = 0;
        for (int x = 0; x < mask->w; x++)
            row += px[x] != 0;
        n += (size_t)row;
    }
    return n;
}

static void gather(uint32_t *key, const struct derm_plane *src, const struct derm_mask *mask)
{
    for (int y = 0; y < mask->h; y++) {
        const uint8_t *const set = derm_mask_row(mask, y);
        const float *const px = derm_row(src, y);
        for (int x = 0; x < mask->w; x++)
            if (set[x]) *key++ = key_of(px[x]);
    }
}

derm_err derm_masked_median(const struct derm_filter *f, const struct derm_plane *src,
                            const struct derm_mask *mask, double *median, double *mad, int *count)
{
    const double sd_of_mad = 1.4826; /* of a normal distribution */
    const size_t mark = f->scratch->used, n = count_set(mask);
    uint32_t *key, *histogram;

    *median = *mad = 0.0;
    *count = (int)n;
    if (n == 0) return DERM_OK;
    DERM_TRY(derm_arena_raw(f->scratch, &key, n, sizeof(*key)));
    DERM_TRY(derm_arena_raw(f->scratch, &histogram, BUCKETS, sizeof(*histogram)));
    gather(key, src, mask);
    *median = median_of(key, n, histogram);
    for (size_t i = 0; i < n; i++)
        key[i] = key_of((float)fabs((double)value_of(key[i]) - *median));
    *mad = sd_of_mad * median_of(key, n, histogram);
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
