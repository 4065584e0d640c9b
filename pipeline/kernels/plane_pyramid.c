/* SPDX-License-Identifier: Apache-2.0 */
/* Thinning by [1 3 3 1] / 8 a level: unlike 2x2 means it has a triple zero at the frequency that
 * folds to zero, so nothing measurable aliases.
 *
 * Coarse pixel i is centred at src pixel 2^levels i + (2^levels - 1) / 2. It is stored at
 * i + margin. Two pixels outside the border a coarse pixel depends on the border pixel alone, so
 * with four the coarse plane continues exactly as the replicated src would. */
#include "kernels/pyramid.h"

#include <string.h>

#include "base/num.h"
#include "kernels/bands.h"

enum { MARGIN = DERM_SHRINK_MARGIN };
enum { REACH = 16 }; /* px by which a thinned row is extended each side */

struct thin_job {
    const struct derm_plane *dst, *src;
    int src_margin;
};

static void thin_row(float *restrict dst, float *restrict row, int w, int src_w, int src_margin)
{
    const float *const x = row + src_margin - 2 * MARGIN;

    for (int i = 1; i <= REACH; i++) {
        row[-i] = row[0];
        row[src_w - 1 + i] = row[src_w - 1];
    }
    for (int i = 0; i < w; i++)
        dst[i] = 0.125f * (x[2 * i - 1] + x[2 * i + 2]) + 0.375f * (x[2 * i] + x[2 * i + 1]);
}

static void thin_band(const void *job, int y0, int y1, void *own)
{
    const struct thin_job *const j = job;
    const int top = j->src->h - 1;
    float *const row = (float *)own + REACH;

    for (int y = y0; y < y1; y++) {
        const int at = 2 * (y - MARGIN) + j->src_margin;
        const float *const a = derm_row(j->src, clampi(at - 1, 0, top));
        const float *const b = derm_row(j->src, clampi(at, 0, top));
        const float *const c = derm_row(j->src, clampi(at + 1, 0, top));
        const float *const d = derm_row(j->src, clampi(at + 2, 0, top));
        for (int x = 0; x < j->src->w; x++)
            row[x] = 0.125f * (a[x] + d[x]) + 0.375f * (b[x] + c[x]);
        thin_row(derm_row(j->dst, y), row, j->dst->w, j->src->w, j->src_margin);
    }
}

derm_err derm_shrink(const struct derm_filter *f, struct derm_plane *coarse,
                     const struct derm_plane *src, int levels)
{
    int right = src->w - 1, bottom = src->h - 1; /* first pixel that depends on the border alone */
    struct derm_plane from = *src;

    for (int level = 0; level < levels; level++) {
        const struct thin_job job = { coarse, &from, level ? MARGIN : 0 };

        right = (right + 2) / 2;
        bottom = (bottom + 2) / 2;
        DERM_TRY(
            derm_plane_raw(f->scratch, coarse, right + 1 + 2 * MARGIN, bottom + 1 + 2 * MARGIN));
        DERM_TRY(derm_bands_run(f, coarse->h, sizeof(float) * (size_t)(from.w + 2 * REACH),
                                thin_band, &job));
        from = *coarse;
    }
    return DERM_OK;
}

/* Weights of coarse pixels q - 2 .. q + 2 for dst pixel 2^levels q + phase. */
static void grow_weights(float w[5], int phase, int levels)
{
    const double u = (phase + 0.5) / (double)(1 << levels) - 0.5;
    const double t = u < 0.0 ? u + 1.0 : u;
    const int first = u < 0.0 ? 0 : 1;

    memset(w, 0, 5 * sizeof(*w));
    w[first] = (float)(((2.0 - t) * t - 1.0) * t * 0.5);
    w[first + 1] = (float)(((3.0 * t - 5.0) * t * t + 2.0) * 0.5);
    w[first + 2] = (float)(((4.0 - 3.0 * t) * t + 1.0) * t * 0.5);
    w[first + 3] = (float)((t - 1.0) * t * t * 0.5);
}

struct grow_job {
    const struct derm_plane *dst, *coarse;
    int levels;
};

static void grow_row(float *restrict dst, const float *restrict row, int w, int levels)
{
    const int scale = 1 << levels;

    for (int phase = 0; phase < imin(scale, w); phase++) {
        const int count = (w - 1 - phase) / scale + 1;
        float a[5];
        grow_weights(a, phase, levels);
        for (int q = 0; q < count; q++) {
            const float *const x = row + MARGIN + q;
            dst[q * scale + phase] =
                a[0] * x[-2] + a[1] * x[-1] + a[2] * x[0] + a[3] * x[1] + a[4] * x[2];
        }
    }
}

static void grow_band(const void *job, int y0, int y1, void *own)
{
    const struct grow_job *const j = job;
    float *const row = own;

    for (int y = y0; y < y1; y++) {
        const int q = (y >> j->levels) + MARGIN;
        const float *x[5];
        float a[5];
        grow_weights(a, y & ((1 << j->levels) - 1), j->levels);
        for (int i = 0; i < 5; i++)
            x[i] = derm_row(j->coarse, q + i - 2);
        for (int i = 0; i < j->coarse->w; i++)
            row[i] =
                a[0] * x[0][i] + a[1] * x[1][i] + a[2] * x[2][i] + a[3] * x[3][i] + a[4] * x[4][i];
        grow_row(derm_row(j->dst, y), row, j->dst->w, j->levels);
    }
}

derm_err derm_grow(const struct derm_filter *f, struct derm_plane *dst,
                   const struct derm_plane *coarse, int levels)
{
    const struct grow_job job = { dst, coarse, levels };

    return derm_bands_run(f, dst->h, sizeof(float) * (size_t)coarse->w, grow_band, &job);
}
