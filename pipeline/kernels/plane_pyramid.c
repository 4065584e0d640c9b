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

struct cubic { /* weights of the coarse pixels q + first .. q + first + 3 */
    int first;
    float w[4];
};

/* For dst pixel 2^levels q + phase; Catmull-Rom. */
static struct cubic grow_weights(int phase, int levels)
{
    const double u = (phase + 0.5) / (double)(1 << levels) - 0.5;
    const double t = u < 0.0 ? u + 1.0 : u;

    return (struct cubic){ .first = u < 0.0 ? -2 : -1,
                           .w = { (float)(((2.0 - t) * t - 1.0) * t * 0.5),
                                  (float)(((3.0 * t - 5.0) * t * t + 2.0) * 0.5),
                                  (float)(((4.0 - 3.0 * t) * t + 1.0) * t * 0.5),
                                  (float)((t - 1.0) * t * t * 0.5) } };
}

struct grow_job {
    const struct derm_plane *dst, *coarse;
    int levels;
};

static void sum_four(float *restrict out, const float *a, const float *b, const float *c,
                     const float *d, const float w[4], int n)
{
    const float wa = w[0], wb = w[1], wc = w[2], wd = w[3];

    for (int i = 0; i < n; i++)
        out[i] = wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i];
}

/* dst[scale q + phase] = by_phase[phase n + q]; a compiler shuffles where it knows the scale. */
static inline void interleave(float *restrict dst, const float *restrict by_phase, int n, int scale)
{
    for (int q = 0; q < n; q++)
        for (int phase = 0; phase < scale; phase++)
            dst[q * scale + phase] = by_phase[phase * n + q];
}

static void interleave_scale(float *restrict dst, const float *restrict by_phase, int n, int scale)
{
    switch (scale) {
    case 2:
        interleave(dst, by_phase, n, 2);
        return;
    case 4:
        interleave(dst, by_phase, n, 4);
        return;
    case 8:
        interleave(dst, by_phase, n, 8);
        return;
    default:
        interleave(dst, by_phase, n, scale);
    }
}

/* Groups of 2^levels pixels that a row of dst begins. */
static int groups(int w, int levels)
{
    return (w + (1 << levels) - 1) >> levels;
}

/* by_phase, whole: of groups() << levels. */
static void grow_row(float *restrict dst, const float *row, float *restrict by_phase,
                     float *restrict whole, int w, int levels)
{
    const int scale = 1 << levels, n = groups(w, levels);

    for (int phase = 0; phase < scale; phase++) {
        const struct cubic k = grow_weights(phase, levels);
        const float *const x = row + MARGIN + k.first;

        sum_four(by_phase + (ptrdiff_t)phase * n, x, x + 1, x + 2, x + 3, k.w, n);
    }
    interleave_scale(whole, by_phase, n, scale);
    memcpy(dst, whole, sizeof(*dst) * (size_t)w);
}

static void grow_band(const void *job, int y0, int y1, void *own)
{
    const struct grow_job *const j = job;
    float *const row = own, *const by_phase = row + j->coarse->stride;
    float *const whole = by_phase + ((ptrdiff_t)groups(j->dst->w, j->levels) << j->levels);

    for (int y = y0; y < y1; y++) {
        const struct cubic k = grow_weights(y & ((1 << j->levels) - 1), j->levels);
        const int q = (y >> j->levels) + MARGIN + k.first;

        sum_four(row, derm_row(j->coarse, q), derm_row(j->coarse, q + 1),
                 derm_row(j->coarse, q + 2), derm_row(j->coarse, q + 3), k.w, j->coarse->w);
        grow_row(derm_row(j->dst, y), row, by_phase, whole, j->dst->w, j->levels);
    }
}

derm_err derm_grow(const struct derm_filter *f, struct derm_plane *dst,
                   const struct derm_plane *coarse, int levels)
{
    const struct grow_job job = { dst, coarse, levels };
    const size_t samples = (size_t)coarse->stride + 2 * ((size_t)groups(dst->w, levels) << levels);

    return derm_bands_run(f, dst->h, sizeof(float) * samples, grow_band, &job);
}
