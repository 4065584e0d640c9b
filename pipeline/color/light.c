/* SPDX-License-Identifier: Apache-2.0 */
#include "color/light.h"

#include <string.h>

#include "base/num.h"
#include "kernels/area.h"
#include "kernels/bands.h"

void derm_light_row(const struct derm_light *l, float *lin, int x, int y, int n)
{
    if (l->samples) {
        const size_t triple = 3 * (size_t)l->colour.bits / 8;

        derm_colour_row(&l->colour, lin, l->samples + y * l->stride + (size_t)x * triple, n);
        return;
    }
    for (int c = 0; c < 3; c++) {
        const float *const plane = derm_row(&l->plane[c], y) + x;

        for (int i = 0; i < n; i++)
            lin[3 * i + c] = plane[i];
    }
}

/* One channel alone is a third of the look-ups where the photo's own samples are that channel. */
static void channel_row(const struct derm_light *l, float *lin, int channel, int x, int y, int n)
{
    enum { AT_ONCE = 64 };
    float triples[3 * AT_ONCE];

    if (!l->samples) {
        memcpy(lin, derm_row(&l->plane[channel], y) + x, sizeof(*lin) * (size_t)n);
    } else if (l->colour.is_srgb && l->colour.bits == 8) {
        const uint8_t *const own = l->samples + y * l->stride + (ptrdiff_t)3 * x + channel;
        const float *const curve = l->colour.curve[0];

#pragma GCC unroll 8
        for (int i = 0; i < n; i++)
            lin[i] = curve[own[3 * i]];
    } else {
        for (int i = 0; i < n; i += AT_ONCE) {
            const int some = imin(n - i, AT_ONCE);

            derm_light_row(l, triples, x + i, y, some);
            for (int k = 0; k < some; k++)
                lin[i + k] = triples[3 * k + channel];
        }
    }
}

/* ---- area means. Neighbouring rows of the grid share one row of the photo at most, so light is
 * kept of one row; sums are of whole triples, and only the row of sums is cut into channels. If a
 * single channel is asked for, rows are of it from the start. */
struct area_job {
    const struct derm_light *light;
    const struct derm_kernels *k;
    const struct derm_plane *out;
    int channels, channel; /* 3, or 1: which */
    struct derm_area_axis x, y;
    int left, right; /* photo px that the grid needs */
    float od_floor;
};

static size_t padded(size_t samples)
{
    return (samples + DERM_LANES - 1) / DERM_LANES * DERM_LANES;
}

static size_t area_margin(const struct area_job *j)
{
    return padded((size_t)j->channels * (size_t)j->x.taps);
}

static size_t area_row(const struct area_job *j)
{
    return padded((size_t)j->channels * (size_t)(j->right - j->left) + 1);
}

/* Sums of four lanes, the last of no use, are what a compiler makes one instruction of. taps is
 * known where this is inlined, but for the last of area_across. */
static inline void weigh_triples(const struct area_job *j, const float *sum, float *const out[3],
                                 int taps)
{
    const int *const first = j->x.first;
    const float *weight = j->x.weight;

    for (int i = 0; i < j->out->w; i++, weight += taps) {
        const float *const x = sum + 3 * (first[i] - j->left);
        float mean[4] = { 0.0f };

        for (int k = 0; k < taps; k++)
            for (int c = 0; c < 4; c++)
                mean[c] += weight[k] * x[3 * k + c];
        for (int c = 0; c < 3; c++)
            out[c][i] = mean[c];
    }
}

static void weigh_singles(const struct area_job *j, const float *sum, float *out)
{
    const int *const first = j->x.first;
    const int taps = j->x.taps;
    const float *weight = j->x.weight;

    for (int i = 0; i < j->out->w; i++, weight += taps) {
        const float *const x = sum + first[i] - j->left;
        float mean = 0.0f;

        for (int k = 0; k < taps; k++)
            mean += weight[k] * x[k];
        out[i] = mean;
    }
}

/* sum points to pixel j->left; what lies outside of the photo is like its border. */
static void area_across(const struct area_job *j, float *sum, float *const out[3])
{
    const int channels = j->channels, n = channels * (j->right - j->left), taps = j->x.taps;

    for (int i = 0; i < channels * taps; i++) {
        sum[-1 - i] = sum[channels - 1 - i % channels];
        sum[n + i] = sum[n - channels + i % channels];
    }
    if (channels == 1)
        weigh_singles(j, sum, out[0]);
    else if (taps == 2)
        weigh_triples(j, sum, out, 2);
    else if (taps == 3)
        weigh_triples(j, sum, out, 3);
    else if (taps == 4)
        weigh_triples(j, sum, out, 4);
    else
        weigh_triples(j, sum, out, taps);
}

static void read_row(const struct area_job *j, float *lin, int y)
{
    const int n = j->right - j->left;

    if (j->channels == 1)
        channel_row(j->light, lin, j->channel, j->left, y, n);
    else
        derm_light_row(j->light, lin, j->left, y, n);
}

static void area_band(const void *job, int y0, int y1, void *own)
{
    const struct area_job *const j = job;
    const size_t n = (size_t)j->channels * (size_t)(j->right - j->left);
    const size_t row = padded((size_t)j->out->w);
    float *const lin = own, *const sum = lin + area_row(j) + area_margin(j);
    float *const mean = sum + area_row(j) + area_margin(j);
    int held = -1; /* the row of the photo in lin */

    for (int y = y0; y < y1; y++) {
        bool begun = false;
        float *out[3];

        for (int k = 0; k < j->y.taps; k++) {
            const float weight = j->y.weight[y * j->y.taps + k];
            const int at = clampi(j->y.first[y] + k, 0, j->light->h - 1);

            if (!(weight > 0.0f)) continue;
            if (at != held) read_row(j, lin, at);
            held = at;
            if (begun)
                j->k->axpy(sum, lin, weight, n);
            else
                j->k->blur_v(&sum, 1, (const float *const[]){ lin }, &weight, 0, n);
            begun = true;
        }
        for (int c = 0; c < 3; c++)
            out[c] = j->od_floor > 0.0f ? mean + (size_t)c * row
                                        : derm_row(&j->out[imin(c, j->channels - 1)], y);
        area_across(j, sum, out);
        if (!(j->od_floor > 0.0f)) continue;
        for (int c = 0; c < j->channels; c++)
            j->k->density(derm_row(&j->out[c], y), out[c], j->od_floor, (size_t)j->out->w);
    }
}

static derm_err run_area(const struct derm_filter *f, struct area_job *j, double x0, double y0,
                         double step)
{
    const size_t mark = f->scratch->used;
    const int w = j->out->w, photo_w = j->light->w;
    size_t samples;

    DERM_TRY(derm_area_axis_new(f->scratch, &j->x, x0, step, w, photo_w));
    DERM_TRY(derm_area_axis_new(f->scratch, &j->y, y0, step, j->out->h, j->light->h));
    j->left = clampi(j->x.first[0], 0, photo_w - 1);
    j->right = clampi(j->x.first[w - 1] + j->x.taps, j->left + 1, photo_w);
    samples = 2 * (area_row(j) + area_margin(j)) + 3 * padded((size_t)w);
    DERM_TRY(derm_bands_run(f, j->out->h, sizeof(float) * samples, area_band, j));
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

derm_err derm_light_area(const struct derm_filter *f, struct derm_plane out[3],
                         const struct derm_light *l, double x0, double y0, double step,
                         float od_floor)
{
    struct area_job job = {
        .light = l, .k = f->k, .out = out, .channels = 3, .od_floor = od_floor
    };

    return run_area(f, &job, x0, y0, step);
}

derm_err derm_light_area_of(const struct derm_filter *f, struct derm_plane *out, int channel,
                            const struct derm_light *l, double x0, double y0, double step)
{
    struct area_job job = { .light = l, .k = f->k, .out = out, .channels = 1, .channel = channel };

    return run_area(f, &job, x0, y0, step);
}
