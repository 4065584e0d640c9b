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

/* ---- area means. Neighbouring rows of the grid share one row of the photo at most, so light is
 * kept of one row; sums are of whole triples, and only the row of sums is cut into channels. */
struct area_job {
    const struct derm_light *light;
    const struct derm_kernels *k;
    const struct derm_plane *out;
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
    return padded(3 * (size_t)j->x.taps);
}

static size_t area_row(const struct area_job *j)
{
    return padded(3 * (size_t)(j->right - j->left) + 1);
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

/* sum points to pixel j->left; what lies outside of the photo is like its border. */
static void area_across(const struct area_job *j, float *sum, float *const out[3])
{
    const int n = 3 * (j->right - j->left), taps = j->x.taps;

    for (int i = 0; i < 3 * taps; i++) {
        sum[-1 - i] = sum[2 - i % 3];
        sum[n + i] = sum[n - 3 + i % 3];
    }
    if (taps == 2)
        weigh_triples(j, sum, out, 2);
    else if (taps == 3)
        weigh_triples(j, sum, out, 3);
    else if (taps == 4)
        weigh_triples(j, sum, out, 4);
    else
        weigh_triples(j, sum, out, taps);
}

static void area_band(const void *job, int y0, int y1, void *own)
{
    const struct area_job *const j = job;
    const size_t n = 3 * (size_t)(j->right - j->left), row = padded((size_t)j->out->w);
    float *const lin = own, *const sum = lin + area_row(j) + area_margin(j);
    float *const mean = sum + area_row(j) + area_margin(j);
    int held = -1; /* the row of the photo in lin */

    for (int y = y0; y < y1; y++) {
        float *out[3];

        memset(sum, 0, n * sizeof(*sum));
        for (int k = 0; k < j->y.taps; k++) {
            const float weight = j->y.weight[y * j->y.taps + k];
            const int at = clampi(j->y.first[y] + k, 0, j->light->h - 1);

            if (!(weight > 0.0f)) continue;
            if (at != held) derm_light_row(j->light, lin, j->left, at, j->right - j->left);
            held = at;
            j->k->axpy(sum, lin, weight, n);
        }
        for (int c = 0; c < 3; c++)
            out[c] = j->od_floor > 0.0f ? mean + (size_t)c * row : derm_row(&j->out[c], y);
        area_across(j, sum, out);
        if (!(j->od_floor > 0.0f)) continue;
        for (int c = 0; c < 3; c++)
            j->k->density(derm_row(&j->out[c], y), out[c], j->od_floor, (size_t)j->out->w);
    }
}

derm_err derm_light_area(const struct derm_filter *f, struct derm_plane out[3],
                         const struct derm_light *l, double x0, double y0, double step,
                         float od_floor)
{
    const size_t mark = f->scratch->used;
    const int w = out->w;
    struct area_job job = { .light = l, .k = f->k, .out = out, .od_floor = od_floor };
    size_t samples;

    DERM_TRY(derm_area_axis_new(f->scratch, &job.x, x0, step, w, l->w));
    DERM_TRY(derm_area_axis_new(f->scratch, &job.y, y0, step, out->h, l->h));
    job.left = clampi(job.x.first[0], 0, l->w - 1);
    job.right = clampi(job.x.first[w - 1] + job.x.taps, job.left + 1, l->w);
    samples = 2 * (area_row(&job) + area_margin(&job)) + 3 * padded((size_t)w);
    DERM_TRY(derm_bands_run(f, out->h, sizeof(float) * samples, area_band, &job));
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
