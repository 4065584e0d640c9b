/* SPDX-License-Identifier: Apache-2.0 */
/* Exact order statistics. The bits of a float, with the sign turned round, sort as a whole number:
 * its key. A sample of the keys, sorted, gives a bracket that almost surely holds the wanted rank
 * (Floyd & Rivest, Comm. ACM 18, 165, 1975); one pass counts the keys below it and keeps those in
 * it, few enough to sort. A bracket that misses is widened to everything: slow, never wrong. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "kernels/bands.h"

enum { SAMPLE = 4096, SLACK = 160 /* five standard deviations of the median's rank in a sample */ };

static uint32_t key_of(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof(bits));
    return bits ^ ((uint32_t) - (int32_t)(bits >> 31) | 0x80000000u);
}

static float value_of(uint32_t key)
{
    const uint32_t bits = key & 0x80000000u ? key & 0x7fffffffu : ~key;
    float x;

    memcpy(&x, &bits, sizeof(x));
    return x;
}

struct keys {
    uint32_t *key, *spare; /* n, n + 1 */
    size_t n;
};

/* Least significant byte first. Four passes: what was in k.key is sorted there. */
static void sort_keys(struct keys k)
{
    for (int shift = 0; shift < 32; shift += 8) {
        size_t start[257] = { 0 };
        uint32_t *const from = k.key;
        for (size_t i = 0; i < k.n; i++)
            start[(from[i] >> shift & 255) + 1]++;
        for (int b = 0; b < 256; b++)
            start[b + 1] += start[b];
        for (size_t i = 0; i < k.n; i++)
            k.spare[start[from[i] >> shift & 255]++] = from[i];
        k.key = k.spare;
        k.spare = from;
    }
}

/* Keeps the keys in [low, high] in k->spare and counts those below. */
static size_t keep_between(const struct keys *k, uint32_t low, uint32_t high, size_t *below)
{
    size_t kept = 0, less = 0;

    for (size_t i = 0; i < k->n; i++) {
        const uint32_t key = k->key[i];
        k->spare[kept] = key;
        kept += (key >= low) & (key <= high);
        less += key < low;
    }
    *below = less;
    return kept;
}

/* Half way between the two middle values. sample: 2 x SAMPLE. The keys are lost. */
static double median_of(const struct keys *k, uint32_t *sample)
{
    const size_t low_rank = (k->n - 1) / 2, high_rank = k->n / 2;
    const size_t samples = k->n < SAMPLE ? k->n : SAMPLE;
    const int middle = (int)samples / 2;
    size_t below, kept;
    uint32_t low, high;

    for (size_t i = 0; i < samples; i++)
        sample[i] = k->key[i * k->n / samples];
    sort_keys((struct keys){ sample, sample + SAMPLE, samples });
    low = sample[imax(middle - SLACK, 0)];
    high = sample[imin(middle + SLACK, (int)samples - 1)];
    kept = keep_between(k, low, high, &below);
    if (low_rank < below || high_rank >= below + kept)
        kept = keep_between(k, 0, UINT32_MAX, &below);
    sort_keys((struct keys){ k->spare, k->key, kept });
    return 0.5 * ((double)value_of(k->spare[low_rank - below]) +
                  (double)value_of(k->spare[high_rank - below]));
}

struct gather_job {
    const struct derm_plane *src;
    const struct derm_mask *mask;
    size_t *start; /* of row y in key; [h] is the total */
    uint32_t *key;
    const double *centre; /* NULL: the values; else their distance from it */
};

static void count_band(const void *job, int y0, int y1, void *own)
{
    const struct gather_job *const j = job;

    (void)own;
    for (int y = y0; y < y1; y++) {
        const uint8_t *const set = derm_mask_row(j->mask, y);
        int n = 0;
        for (int x = 0; x < j->mask->w; x++)
            n += set[x] != 0;
        j->start[y + 1] = (size_t)n;
    }
}

/* Keys of whole stretches: without the question whether a pixel counts, this vectorises. */
static void keys_of(uint32_t *restrict key, const float *restrict px, int n, const double *centre)
{
    if (centre) {
        const double c = *centre;
        for (int i = 0; i < n; i++)
            key[i] = key_of((float)fabs((double)px[i] - c));
    } else {
        for (int i = 0; i < n; i++)
            key[i] = key_of(px[i]);
    }
}

static void gather_band(const void *job, int y0, int y1, void *own)
{
    const struct gather_job *const j = job;
    const int w = j->mask->w;

    (void)own;
    for (int y = y0; y < y1; y++) {
        const uint8_t *const set = derm_mask_row(j->mask, y);
        const float *const px = derm_row(j->src, y);
        uint32_t *key = j->key + j->start[y];
        for (int x = 0, end; x < w; x = end) {
            const void *const next = memchr(set + x, 0xff, (size_t)(w - x));
            const void *stop;
            if (!next) break;
            x = (int)((const uint8_t *)next - set);
            stop = memchr(set + x, 0, (size_t)(w - x));
            end = stop ? (int)((const uint8_t *)stop - set) : w;
            keys_of(key, px + x, end - x, j->centre);
            key += end - x;
        }
        assert(key == j->key + j->start[y + 1]);
    }
}

static derm_err count_pixels(const struct derm_filter *f, struct gather_job *job)
{
    const int h = job->mask->h;

    DERM_TRY(derm_arena_raw(f->scratch, &job->start, (size_t)h + 1, sizeof(*job->start)));
    DERM_TRY(derm_bands_run(f, h, 0, count_band, job));
    job->start[0] = 0;
    for (int y = 0; y < h; y++)
        job->start[y + 1] += job->start[y];
    return DERM_OK;
}

derm_err derm_masked_median(const struct derm_filter *f, const struct derm_plane *src,
                            const struct derm_mask *mask, double *median, double *mad, int *count)
{
    const double sd_of_mad = 1.4826; /* of a normal distribution */
    const size_t mark = f->scratch->used;
    struct gather_job job = { .src = src, .mask = mask };
    struct keys keys;
    uint32_t *sample;

    *median = 0.0;
    if (mad) *mad = 0.0;
    DERM_TRY(count_pixels(f, &job));
    keys.n = job.start[mask->h];
    *count = (int)keys.n;
    if (keys.n > 0) {
        DERM_TRY(derm_arena_raw(f->scratch, &keys.key, keys.n, sizeof(*keys.key)));
        DERM_TRY(derm_arena_raw(f->scratch, &keys.spare, keys.n + 1, sizeof(*keys.spare)));
        DERM_TRY(derm_arena_raw(f->scratch, &sample, 2 * (size_t)SAMPLE, sizeof(*sample)));
        job.key = keys.key;
        DERM_TRY(derm_bands_run(f, mask->h, 0, gather_band, &job));
        *median = median_of(&keys, sample);
        job.centre = median;
        if (mad) DERM_TRY(derm_bands_run(f, mask->h, 0, gather_band, &job));
        if (mad) *mad = sd_of_mad * median_of(&keys, sample);
    }
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
