/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/skin_colour.h"

#include <math.h>

#include "base/num.h"

enum { MIN_SEEDS = 200, REFITS = 4, BINS = 2048 };

/* Chosen on photos that are not in the test set: models.md of the design notes measured F1 0.86 and
 * 0.90 on two public skin sets with these. */
static const double keep_share = 0.92;              /* of the seeds at every refit */
static const double floor_var[3] = { 9, 1.5, 1.5 }; /* Lab^2: camera noise and mottle */
static const double lightness_slack = 1.5;          /* shading moves L, not the colour */
static const double max_d2 = 64;                    /* of the histogram of squared distances */

static void lab_row(const struct derm_run *run, struct derm_skin_planes *p, int y)
{
    /* linear sRGB to XYZ over the D65 white (IEC 61966-2-1) */
    static const float x_of[3] = { 0.4339f, 0.3762f, 0.1899f };
    static const float y_of[3] = { 0.2126f, 0.7152f, 0.0722f };
    static const float z_of[3] = { 0.0178f, 0.1095f, 0.8727f };
    const float *const r = derm_row(&p->lin[0], y), *const g = derm_row(&p->lin[1], y),
                       *const b = derm_row(&p->lin[2], y);
    float *const l = derm_row(&p->lab[0], y), *const a = derm_row(&p->lab[1], y),
                 *const bb = derm_row(&p->lab[2], y);
    const size_t n = (size_t)p->grid.w;

    run->k->mix3(l, r, g, b, y_of, n);
    run->k->mix3(a, r, g, b, x_of, n);
    run->k->mix3(bb, r, g, b, z_of, n);
    for (size_t i = 0; i < n; i++) {
        const float fx = derm_cbrtf(fmaxf(a[i], 0)), fy = derm_cbrtf(fmaxf(l[i], 0)),
                    fz = derm_cbrtf(fmaxf(bb[i], 0));
        l[i] = 116 * fy - 16;
        a[i] = 500 * (fx - fy);
        bb[i] = 200 * (fy - fz);
    }
}

derm_err derm_skin_planes_fill(const struct derm_run *run, struct derm_skin_planes *p,
                               double window_px)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_plane mean;

    for (int c = 0; c < 3; c++)
        DERM_TRY(derm_plane_new(run->scratch, &p->lab[c], p->grid.w, p->grid.h));
    DERM_TRY(derm_plane_new(run->scratch, &p->rough, p->grid.w, p->grid.h));
    DERM_TRY(derm_plane_new(run->scratch, &mean, p->grid.w, p->grid.h));
    for (int y = 0; y < p->grid.h; y++) {
        float *const square = derm_row(&p->rough, y);
        const float *const l = derm_row(&p->lab[0], y);

        lab_row(run, p, y);
        for (int x = 0; x < p->grid.w; x++)
            square[x] = l[x] * l[x];
    }
    DERM_TRY(derm_gaussian(&f, &mean, &p->lab[0], window_px));
    DERM_TRY(derm_gaussian(&f, &p->rough, &p->rough, window_px));
    for (int y = 0; y < p->grid.h; y++) {
        float *const rough = derm_row(&p->rough, y);
        const float *const m = derm_row(&mean, y);

        for (int x = 0; x < p->grid.w; x++)
            rough[x] = sqrtf(fmaxf(rough[x] - m[x] * m[x], 0));
    }
    return DERM_OK;
}

static double distance2(const struct derm_skin_colour *c, const float lab[3])
{
    double d[3], sum = 0;

    for (int i = 0; i < 3; i++)
        d[i] = (double)lab[i] - c->mean[i];
    for (int i = 0; i < 3; i++)
        sum += d[i] * (c->inverse[i][0] * d[0] + c->inverse[i][1] * d[1] + c->inverse[i][2] * d[2]);
    return sum;
}

static void invert(double inv[3][3], double m[3][3])
{
    double cof[3][3], det;

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            const int r = (i + 1) % 3, s = (i + 2) % 3, u = (j + 1) % 3, v = (j + 2) % 3;
            cof[i][j] = m[r][u] * m[s][v] - m[r][v] * m[s][u];
        }
    det = m[0][0] * cof[0][0] + m[0][1] * cof[0][1] + m[0][2] * cof[0][2];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            inv[i][j] = cof[j][i] / det; /* det > 0: floor_var is added to a covariance */
}

/* Mean and inverse covariance of the samples nearer than limit2, by their d2. */
static void refit(struct derm_skin_colour *c, const float (*sample)[3], const double *d2, int n,
                  double limit2)
{
    double sum[3] = { 0 }, square[3][3] = { { 0 } }, cov[3][3];
    int used = 0;

    for (int k = 0; k < n; k++) {
        if (d2[k] > limit2) continue;
        used++;
        for (int i = 0; i < 3; i++) {
            sum[i] += (double)sample[k][i];
            for (int j = 0; j <= i; j++)
                square[i][j] += (double)sample[k][i] * (double)sample[k][j];
        }
    }
    if (used == 0) return;
    for (int i = 0; i < 3; i++)
        c->mean[i] = sum[i] / used;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j <= i; j++)
            cov[i][j] = cov[j][i] = square[i][j] / used - c->mean[i] * c->mean[j];
    for (int i = 0; i < 3; i++) {
        cov[i][i] += floor_var[i];
        cov[0][i] *= lightness_slack;
        cov[i][0] *= lightness_slack;
    }
    invert(c->inverse, cov);
}

/* The value below which share of the n values lie, from a histogram over [0, top]. */
static double quantile(const int histogram[BINS], int n, double share, double top)
{
    double left = share * n;
    int bin = 0;

    while (bin < BINS - 1 && left > histogram[bin])
        left -= histogram[bin++];
    return top * (bin + 1) / BINS;
}

/* Squared distances d2 from the model, and the one that keep_share of the samples lie within. */
static double trim_limit2(const struct derm_skin_colour *c, const float (*sample)[3], double *d2,
                          int n)
{
    int histogram[BINS] = { 0 };

    for (int k = 0; k < n; k++) {
        d2[k] = distance2(c, sample[k]);
        histogram[(int)clampd(d2[k] * BINS / max_d2, 0, BINS - 1)]++;
    }
    return quantile(histogram, n, keep_share, max_d2);
}

static double rough_p95(const struct derm_skin_planes *p, const struct derm_mask *seed, int n)
{
    const double top = 40; /* units of L */
    int histogram[BINS] = { 0 };

    for (int y = 0; y < p->grid.h; y++)
        for (int x = 0; x < p->grid.w; x++)
            if (derm_mask_row(seed, y)[x])
                histogram[(int)clampd((double)derm_row(&p->rough, y)[x] * BINS / top, 0,
                                      BINS - 1)]++;
    return quantile(histogram, n, 0.95, top);
}

derm_err derm_skin_colour_fit(const struct derm_run *run, struct derm_skin_colour *c,
                              const struct derm_skin_planes *p, const struct derm_mask *seed,
                              bool *ok)
{
    const size_t most = (size_t)p->grid.w * (size_t)p->grid.h;
    float(*sample)[3];
    double *d2;
    int n = 0;

    *c = (struct derm_skin_colour){ { 0 }, { { 0 } }, 0 };
    DERM_TRY(derm_arena_raw(run->scratch, &sample, most, sizeof(*sample)));
    DERM_TRY(derm_arena_new(run->scratch, &d2, most, sizeof(*d2)));
    for (int y = 0; y < p->grid.h; y++)
        for (int x = 0; x < p->grid.w; x++) {
            if (!derm_mask_row(seed, y)[x]) continue;
            for (int i = 0; i < 3; i++)
                sample[n][i] = derm_row(&p->lab[i], y)[x];
            n++;
        }
    *ok = n >= MIN_SEEDS;
    if (!*ok) return DERM_OK;
    refit(c, (const float(*)[3])sample, d2, n, max_d2); /* all: d2 is 0 */
    for (int i = 0; i < REFITS; i++) {
        const double limit2 = trim_limit2(c, (const float(*)[3])sample, d2, n);

        refit(c, (const float(*)[3])sample, d2, n, limit2);
    }
    c->rough_p95 = rough_p95(p, seed, n);
    return DERM_OK;
}

void derm_skin_colour_apply(const struct derm_skin_colour *c, const struct derm_skin_planes *p,
                            double max_distance, double max_rough, struct derm_mask *out)
{
    const double limit2 = max_distance * max_distance;

    for (int y = 0; y < p->grid.h; y++) {
        const float *const l = derm_row(&p->lab[0], y), *const a = derm_row(&p->lab[1], y),
                           *const b = derm_row(&p->lab[2], y),
                           *const rough = derm_row(&p->rough, y);
        uint8_t *const skin = derm_mask_row(out, y);

        for (int x = 0; x < p->grid.w; x++) {
            const float lab[3] = { l[x], a[x], b[x] };
            const bool is = (double)rough[x] <= max_rough && distance2(c, lab) <= limit2;
            skin[x] = is ? 0xff : 0;
        }
    }
}
