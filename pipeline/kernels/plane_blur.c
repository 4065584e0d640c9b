/* SPDX-License-Identifier: Apache-2.0 */
/* Gaussians and their second derivatives, separable, and normalised convolution (Knutsson & Westin
 * 1993).
 *
 * A row of the result needs only the rows of src within the radius: they are filtered vertically
 * into one row, its ends replicated, and that row horizontally into dst. Nothing between the two is
 * ever a whole plane. Where only part of it is wanted, that is so by tiles. Wide filters run on a
 * coarse copy (plane_pyramid.c) with the variance that thinning has already added taken off;
 * test_filter.c holds the error under 0.5 % of the range.
 *
 * Second derivatives are short differences of one Gaussian: a third of the work of three wide
 * filters. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "kernels/bands.h"
#include "kernels/pyramid.h"
#include "kernels/taps.h"

enum { MAX_PASSES = 3 };
static const double narrow_sigma_px = 0.7, truncate_sigmas = 4.0;

/* exp(-x), x >= 0, as the 1024th power of a short series: libm's last bit varies. */
static double exp_minus(double x)
{
    const double r = -x / 1024.0;
    double p = 1.0 + r * (1.0 + r / 2.0 * (1.0 + r / 3.0 * (1.0 + r / 4.0 * (1.0 + r / 5.0))));

    for (int i = 0; i < 10; i++)
        p *= p;
    return p;
}

static void narrow_taps(struct derm_taps *k, double v)
{
    k->radius = 1;
    k->t[0] = (float)(1.0 - v);
    k->t[1] = (float)(0.5 * v);
}

static void wide_taps(struct derm_taps *k, double v)
{
    double g[DERM_MAX_RADIUS + 1], sum = 0.0;

    k->radius = (int)ceil(truncate_sigmas * sqrt(v));
    for (int j = 0; j <= k->radius; j++) {
        g[j] = exp_minus(0.5 * j * j / v);
        sum += (j ? 2.0 : 1.0) * g[j];
    }
    for (int j = 0; j <= k->radius; j++)
        k->t[j] = (float)(g[j] / sum);
}

void derm_taps_make(struct derm_taps *k, double variance_px)
{
    k->odd = false;
    if (variance_px < narrow_sigma_px * narrow_sigma_px)
        narrow_taps(k, variance_px);
    else
        wide_taps(k, variance_px);
}

enum { MAX_OUTPUTS = 3 };

struct pass { /* out = across(down(src)) */
    const struct derm_taps *down, *across;
    int out;
};
struct blur_job {
    const struct derm_kernels *k;
    struct derm_plane src, out[MAX_OUTPUTS];
    int outputs, passes;
    struct pass pass[MAX_PASSES];
    int radius; /* the largest */
    const struct derm_taps
        *before;                  /* the Gaussian that the passes are taken of; NULL: src itself */
    const struct derm_mask *done; /* where nothing is wanted, of the plane that was asked of; NULL:
                                     nowhere */
    int levels;                   /* src is a copy of it so much coarser */
};

static size_t padded(int w)
{
    return ((size_t)w + DERM_LANES - 1) / DERM_LANES * DERM_LANES;
}

struct tile { /* columns [x0, x1) and rows [y0, y1) of the result */
    int x0, x1, y0, y1;
};
enum { TILE_COLUMNS = 256, TILE_ROWS = 16 };

/* Kernels begin at a multiple of so many samples, and end at one: they have a tail else. */
enum { ALIGNED = 16 };
_Static_assert(DERM_MAX_RADIUS + 2 * ALIGNED <= DERM_LANES, "what is read beside a tile has room");

static int first_read(const struct blur_job *j, const struct tile *t)
{
    return imax(t->x0 - j->radius, 0) / ALIGNED * ALIGNED;
}

static size_t whole(int n)
{
    return ((size_t)n + ALIGNED - 1) / ALIGNED * ALIGNED;
}

/* rows: of the result, from row y on; row[0]: what lies at y. */
static void blur_pass(const struct blur_job *j, const struct pass *pass, const struct tile *t,
                      int y, int rows, const float *const *row, float *const *mid)
{
    const struct derm_taps *const down = pass->down, *const across = pass->across;
    const int from = first_read(j, t), n = imin(t->x1 + j->radius, j->src.w) - from;

    (down->odd ? j->k->diff_v : j->k->blur_v)(mid, rows, row, down->t, down->radius, whole(n));
    for (int k = 0; k < rows; k++) {
        float *const m = mid[k], *const out = derm_row(&j->out[pass->out], y + k) + t->x0;

        for (int i = 1; i <= across->radius; i++) { /* read only where the plane ends */
            m[-i] = m[0];
            m[n - 1 + i] = m[n - 1];
        }
        (across->odd ? j->k->diff_h : j->k->blur_h)(out, m + (t->x0 - from), across->t,
                                                    across->radius, whole(t->x1 - t->x0));
    }
}

/* Of a coarse pixel: by any of the pixels that are interpolated from it. */
static bool is_wanted(const struct blur_job *j, const struct tile *t)
{
    const struct derm_mask *const done = j->done;
    const int scale = 1 << j->levels, before = j->levels ? DERM_SHRINK_MARGIN + 2 : 0,
              after = j->levels ? 2 - DERM_SHRINK_MARGIN : 0;

    if (!done) return true;
    const int x0 = imax((t->x0 - before) * scale, 0), x1 = imin((t->x1 + after) * scale, done->w);
    const int y0 = imax((t->y0 - before) * scale, 0), y1 = imin((t->y1 + after) * scale, done->h);

    for (int y = y0; y < y1 && x0 < x1; y++)
        if (memchr(derm_mask_row(done, y) + x0, 0, (size_t)(x1 - x0))) return true;
    return false;
}

static void blur_tile(const struct blur_job *j, const struct tile *t, float *const *mid)
{
    const float *row[TILE_ROWS + 2 * DERM_MAX_RADIUS]; /* from y0 - radius on */
    const int from = first_read(j, t);

    for (int i = 0; i < t->y1 - t->y0 + 2 * j->radius; i++)
        row[i] = derm_row(&j->src, clampi(t->y0 - j->radius + i, 0, j->src.h - 1)) + from;
    for (int y = t->y0; y < t->y1; y += DERM_DOWN_ROWS)
        for (int i = 0; i < j->passes; i++)
            blur_pass(j, &j->pass[i], t, y, imin(DERM_DOWN_ROWS, t->y1 - y),
                      row + (y - t->y0) + j->radius, mid);
}

/* Where all is wanted a tile is as wide as the plane: narrow ones cost a tenth more. */
static int tile_columns(const struct blur_job *j)
{
    return j->done ? TILE_COLUMNS : j->src.w;
}

/* Samples of a row between the two directions, with room for a radius before it and after it. */
static size_t mid_samples(const struct blur_job *j)
{
    return padded(tile_columns(j)) + 4 * DERM_LANES;
}

static void blur_band(const void *job, int y0, int y1, void *own)
{
    const struct blur_job *const j = job;
    const int columns = tile_columns(j);
    float *mid[DERM_DOWN_ROWS];

    for (int k = 0; k < DERM_DOWN_ROWS; k++)
        mid[k] = (float *)own + (size_t)k * mid_samples(j) + DERM_LANES;
    for (int y = y0; y < y1; y += TILE_ROWS)
        for (int x = 0; x < j->src.w; x += columns) {
            const struct tile t = { x, imin(x + columns, j->src.w), y, imin(y + TILE_ROWS, y1) };

            if (is_wanted(j, &t)) blur_tile(j, &t, mid);
        }
}

static derm_err run_passes(const struct derm_filter *f, struct blur_job *job)
{
    const size_t own_bytes = sizeof(float) * DERM_DOWN_ROWS * mid_samples(job);
    const struct derm_plane src = job->src;
    bool in_place = false;

    for (int i = 0; i < job->passes; i++)
        job->radius =
            imax(job->radius, imax(job->pass[i].down->radius, job->pass[i].across->radius));
    for (int i = 0; i < job->outputs; i++)
        in_place |= job->out[i].px == src.px;
    if (in_place) { /* neighbouring bands need rows that this one would overwrite */
        DERM_TRY(derm_plane_raw(f->scratch, &job->src, src.w, src.h));
        for (int y = 0; y < src.h; y++)
            memcpy(derm_row(&job->src, y), derm_row(&src, y), sizeof(float) * (size_t)src.w);
    }
    return derm_bands_run(f, src.h, own_bytes, blur_band, job);
}

static derm_err run_job(const struct derm_filter *f, struct blur_job *job)
{
    if (job->before) {
        struct blur_job soften = { .k = f->k, .src = job->src, .outputs = 1, .passes = 1 };

        soften.pass[0] = (struct pass){ job->before, job->before, 0 };
        DERM_TRY(derm_plane_raw(f->scratch, &soften.out[0], job->src.w, job->src.h));
        DERM_TRY(run_passes(f, &soften));
        job->src = soften.out[0];
        DERM_TRY(run_passes(f, job));
        derm_plane_give(f->scratch, &soften.out[0]); /* it may lie in a hole */
        return DERM_OK;
    }
    return run_passes(f, job);
}

/* Where a filter runs: on src itself or on a coarse copy. Both are in pixels of that level. */
struct level {
    int levels;
    double variance; /* still to be smoothed */
    double sigma;    /* nominal */
};

static struct level choose_level(double sigma_px)
{
    struct level at = { 0, sigma_px * sigma_px, sigma_px };

    while (at.sigma > DERM_WIDEST_SIGMA_PX) {
        at.levels++;
        at.sigma *= 0.5;
        at.variance = (at.variance - 0.75) * 0.25; /* [1 3 3 1] / 8 has the variance 3/4 */
    }
    return at;
}

static derm_err run_coarse(const struct derm_filter *f, struct blur_job *job, int levels)
{
    struct blur_job small = *job;

    small.levels = levels;
    DERM_TRY(derm_shrink(f, &small.src, &job->src, levels));
    for (int i = 0; i < job->outputs; i++)
        DERM_TRY(derm_plane_raw(f->scratch, &small.out[i], small.src.w, small.src.h));
    DERM_TRY(run_job(f, &small));
    for (int i = 0; i < job->outputs; i++)
        DERM_TRY(derm_grow(f, &job->out[i], &small.out[i], levels));
    return DERM_OK;
}

static derm_err run_at(const struct derm_filter *f, struct blur_job *job, int levels)
{
    const size_t mark = f->scratch->used;

    if (levels > 0)
        DERM_TRY(run_coarse(f, job, levels));
    else
        DERM_TRY(run_job(f, job));
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

static derm_err gaussian(const struct derm_filter *f, struct derm_plane *dst,
                         const struct derm_plane *src, const struct derm_mask *done,
                         double sigma_px)
{
    const struct level at = choose_level(sigma_px);
    struct derm_taps g;
    struct blur_job job = {
        .k = f->k,
        .src = *src,
        .out = { *dst },
        .outputs = 1,
        .passes = 1,
        .pass = { { &g, &g, 0 } },
        .done = done,
    };

    derm_taps_make(&g, at.variance);
    return run_at(f, &job, at.levels);
}

derm_err derm_gaussian(const struct derm_filter *f, struct derm_plane *dst,
                       const struct derm_plane *src, double sigma_px)
{
    return gaussian(f, dst, src, NULL, sigma_px);
}

derm_err derm_gaussian_outside(const struct derm_filter *f, struct derm_plane *dst,
                               const struct derm_plane *src, const struct derm_mask *mask,
                               double sigma_px)
{
    return gaussian(f, dst, src, mask, sigma_px);
}

/* Differences whose error is itself a smoothing, of 1/6 px^2 both along x and along y, that the
 * Gaussian before them has less (kernels/response.h). [1 -2 1] and [1 10 1] / 12 have it to fourth
 * order. Of first differences of nine samples these are nearest to it by least squares, for
 * Gaussians of sigma 1 to 2 px. */
static const double difference_variance = 1.0 / 6.0;
static const struct derm_taps smooth = { .t = { 10 / 12.0f, 1 / 12.0f }, .radius = 1 };
static const struct derm_taps first = { .t = { 0.0f, 0.70969f, -0.17788f, 0.07282f, -0.01810f },
                                        .radius = 4,
                                        .odd = true };
static const struct derm_taps second = { .t = { -2.0f, 1.0f }, .radius = 1 };

derm_err derm_hessian(const struct derm_filter *f, struct derm_plane *xx, struct derm_plane *xy,
                      struct derm_plane *yy, const struct derm_plane *src, double sigma_px)
{
    const struct level at = choose_level(sigma_px);
    struct derm_taps gauss;
    struct blur_job job = {
        .k = f->k,
        .src = *src,
        .out = { *xx, *xy, *yy },
        .outputs = 3,
        .passes = 3,
        .pass = { { &smooth, &second, 0 }, { &first, &first, 1 }, { &second, &smooth, 2 } },
        .before = &gauss,
    };

    derm_taps_make(&gauss, fmax(at.variance - difference_variance, 0.0));
    for (int j = 0; j <= gauss.radius; j++) /* along both axes: the square in all */
        gauss.t[j] *= (float)at.sigma;
    return run_at(f, &job, at.levels);
}

/* ---- normalised convolution */
struct masked_job {
    struct derm_plane *dst;
    const struct derm_plane *src;
    const struct derm_mask *mask;
    struct derm_plane weight;
    int planes; /* of dst and of src */
};
static const float least_weight = 1e-4f;

static void split_band(const void *job, int y0, int y1, void *own)
{
    const struct masked_job *const j = job;
    const int w = j->mask->w;

    (void)own;
    for (int y = y0; y < y1; y++) {
        const uint8_t *const mask = derm_mask_row(j->mask, y);
        float *const weight = derm_row(&j->weight, y);

        for (int x = 0; x < w; x++)
            weight[x] = mask[x] ? 1.0f : 0.0f;
        for (int i = 0; i < j->planes; i++) {
            const float *const src = derm_row(&j->src[i], y);
            float *const dst = derm_row(&j->dst[i], y);

            for (int x = 0; x < w; x++) {
                const float here = src[x]; /* read in any case: vectors are made of that */
                dst[x] = mask[x] ? here : 0.0f;
            }
        }
    }
}

static void divide_band(const void *job, int y0, int y1, void *own)
{
    const struct masked_job *const j = job;

    (void)own;
    for (int y = y0; y < y1; y++) {
        const float *const weight = derm_row(&j->weight, y);

        for (int i = 0; i < j->planes; i++) {
            float *const dst = derm_row(&j->dst[i], y);

            for (int x = 0; x < j->mask->w; x++)
                dst[x] = weight[x] >= least_weight ? dst[x] / weight[x] : 0.0f;
        }
    }
}

derm_err derm_gaussian_masked_planes(const struct derm_filter *f, struct derm_plane *dst,
                                     const struct derm_plane *src, int planes,
                                     const struct derm_mask *mask, double sigma_px)
{
    struct masked_job job = { .dst = dst, .src = src, .mask = mask, .planes = planes };
    const size_t mark = f->scratch->used;

    DERM_TRY(derm_plane_raw(f->scratch, &job.weight, mask->w, mask->h));
    DERM_TRY(derm_bands_run(f, mask->h, 0, split_band, &job));
    for (int i = 0; i < planes; i++)
        DERM_TRY(derm_gaussian(f, &dst[i], &dst[i], sigma_px));
    DERM_TRY(derm_gaussian(f, &job.weight, &job.weight, sigma_px));
    DERM_TRY(derm_bands_run(f, mask->h, 0, divide_band, &job));
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

derm_err derm_gaussian_masked(const struct derm_filter *f, struct derm_plane *dst,
                              const struct derm_plane *src, const struct derm_mask *mask,
                              double sigma_px)
{
    return derm_gaussian_masked_planes(f, dst, src, 1, mask, sigma_px);
}
