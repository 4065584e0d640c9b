/* SPDX-License-Identifier: Apache-2.0 */
/* Row kernels: the only code built once per instruction set.
 *
 * Contract of every kernel in the table:
 *   rows    DERM_ALIGN-byte aligned unless said otherwise. A variant may read and write the padding
 *           up to the next multiple of 16 samples, so none has a tail.
 *   truth   the build for plain C defines the result. A variant does the same operations in the
 *           same order, no FMA, and matches it bit for bit on [0, n). tests/check proves it for
 * every n. inputs  finite; n > 0 counts samples; outputs do not alias inputs. */
#ifndef DERM_KERNELS_H
#define DERM_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* A convolution at one output pixel: taps input pixels of cin channels to cout channels. */
struct derm_nn_shape {
    int taps, cin, cout;
};
enum { DERM_NN_GROUP = 16 }; /* output channels whose weights lie together */
enum { DERM_DOWN_ROWS = 4 }; /* that a filter across rows makes at once, at most */
enum { DERM_BLOCK = 32 };    /* samples that exceeds() looks at together */
enum { DERM_SORTED = 8 };    /* rows that middle_halves() sorts at once, at most */

/* Planes of one size; rows need not be aligned. */
struct derm_raster {
    int w, h;
    ptrdiff_t stride; /* samples */
};

/* What second derivatives show where a line is: of the two curvatures the larger is at least
 * `least`, the other at most most_round of it, and their mean is at most most_mean. */
struct derm_line_limits {
    float least, most_round, most_mean;
};

/* The places (x + t dx, y + t dy), t = from, from + 1, ...; samples. */
struct derm_ray {
    double x, y, dx, dy;
    int from;
};

/* Second derivatives of a plane: xx, xy and yy of a sample lie side by side, so that a place
 * between four samples reads two stretches of memory; and where they are measured (0x00 or 0xff).
 * One number more than the last sample has is readable. */
enum { DERM_SECONDS = 3 };
struct derm_second {
    const float *px;
    const uint8_t *where;
    ptrdiff_t stride, where_stride; /* numbers from one row to the next */
    int w, h;                       /* two or more */
};

/* The derivative across a direction is unit (xx XX - xy XY + yy YY). */
struct derm_across {
    double xx, xy, yy, unit;
};

/* Of each place the larger curvature, with its sign, or 0 where the other is more than most_round
 * of it; a unit vector along the line; and which way that is, of half a turn: p = |y| / (|x| +
 * |y|), or 2 - p where one of x and y is below 0. What a place without any curvature has for a
 * direction has no meaning. */
struct derm_bends {
    double *restrict larger, *restrict along_x, *restrict along_y, *restrict turn;
};

/* Of a sum: what a term counts for at most, and what it is not looked at any more below. */
struct derm_sum_limits {
    double most, least;
};

/* One sample of each of a row of cells, and 1 or 0 whether it counts. */
struct derm_samples {
    const float *px, *mask;
};

/* A row across a lattice of values: n of them, those of the row of nodes above with those of the
 * row below mixed in by `below`, times scale, plus offset. Pixel i is at the node
 * u0 + i per_px; px_per_cell is its inverse. */
struct derm_nodes {
    const float *upper, *lower;
    float below;
    int n; /* 2 or more */
    double u0, per_px, px_per_cell;
    double scale, offset;
};

struct derm_kernels {
    /* od[i] = -ln(max(x[i], floor)). x: linear light; floor > 0. */
    void (*density)(float *restrict od, const float *restrict x, float floor, size_t n);

    /* x[i] = exp(-od[i]), |od| <= 87: linear light of optical density. */
    void (*light)(float *restrict x, const float *restrict od, size_t n);

    /* out[i] = m[0] a[i] + m[1] b[i] + m[2] c[i], added from left to right. */
    void (*mix3)(float *restrict out, const float *restrict a, const float *restrict b,
                 const float *restrict c, const float m[3], size_t n);

    /* out[i] = 0.25 ((a[2i] + a[2i + 1]) + (b[2i] + b[2i + 1])). */
    void (*half)(float *restrict out, const float *restrict a, const float *restrict b, size_t n);

    /* out[i] = 0.25 ((a[2i] + b[2i]) + (a[2i + 1] + b[2i + 1])), a sample being 0 where its mask,
     * ma of a and mb of b (0x00 or 0xff), is not set. 2 n samples of each are readable. */
    void (*half_masked)(float *restrict out, const float *restrict a, const float *restrict b,
                        const uint8_t *restrict ma, const uint8_t *restrict mb, size_t n);

    /* out[k][i] = t[0] row[k][i] + sum over j = 1..radius of t[j] (row[k-j][i] + row[k+j][i]), j
     * rising, for 1..DERM_DOWN_ROWS rows k; so many cost least. row[-radius..rows-1+radius] are
     * there. */
    void (*blur_v)(float *const *out, int rows, const float *const *row, const float *t, int radius,
                   size_t n);

    /* The same along a row: out[i] = t[0] x[i] + sum t[j] (x[i-j] + x[i+j]). x[-radius..n-1+radius]
     * are readable; x need not be aligned. */
    void (*blur_h)(float *restrict out, const float *restrict x, const float *t, int radius,
                   size_t n);

    /* Odd filters (first derivatives): out[i] = sum t[j] (x[i+j] - x[i-j]), j = 1..radius. */
    void (*diff_v)(float *const *out, int rows, const float *const *row, const float *t, int radius,
                   size_t n);
    void (*diff_h)(float *restrict out, const float *restrict x, const float *t, int radius,
                   size_t n);

    /* acc[i] += a x[i]: the inner loop of the networks and of weighted sums. */
    void (*axpy)(float *restrict acc, const float *restrict x, float a, size_t n);

    /* out[i] = sum of w, row by row, over the 3 x 3 samples around i: above[i - 1], above[i], ...
     * below[i + 1]; (above + below) + at, each added from left to right. Rows are readable from -1
     * to n and need not be aligned. */
    void (*stencil)(float *restrict out, const float *restrict above, const float *restrict at,
                    const float *restrict below, const float w[9], size_t n);

    /* block[k] = 1 where one of the DERM_BLOCK samples from x[DERM_BLOCK k] on that are below n
     * exceeds floor, else 0. */
    void (*exceeds)(uint8_t *restrict block, const float *restrict x, float floor, size_t n);

    /* may[i] = 0xff where where[i] is set (0x00 or 0xff) and the second derivatives are those of a
     * line, else 0x00; returns how many are. */
    int (*lines)(uint8_t *restrict may, const float *restrict xx, const float *restrict xy,
                 const float *restrict yy, const uint8_t *restrict where,
                 const struct derm_line_limits *limits, size_t n);

    /* deep[i] = a bound of how far second derivatives are below 0, across whichever direction, in
     * steps, per_step to one; from 1 to 255, which is 254 steps and more. */
    void (*depths)(uint8_t *restrict deep, const float *restrict xx, const float *restrict xy,
                   const float *restrict yy, float per_step, size_t n);

    /* out[DERM_SECONDS i + 0, 1, 2] = a[i], b[i], c[i]. */
    void (*weave)(float *restrict out, const float *restrict a, const float *restrict b,
                  const float *restrict c, size_t n);

    /* out[i] = the second derivative across, by its weights from left to right, at each of n places
     * of a ray, in double between the four samples around, first along rows; 0 outside, which the
     * last row and column are, and where the nearest sample is not measured. Nothing need be
     * aligned. */
    void (*across)(double *restrict out, const struct derm_second *of, const struct derm_ray *ray,
                   const struct derm_across *weight, size_t n);

    /* The sum of the same, a place counting for limits->most at most, in their order. Where it
     * cannot come to limits->least any more it is some sum below. */
    double (*along)(const struct derm_second *of, const struct derm_ray *ray,
                    const struct derm_across *weight, const struct derm_sum_limits *limits,
                    size_t n);

    /* crest[i] = 1 where the same in the sample (x[i], y), which is measured, across the line i,
     * is no less than one sample before it and one after it, else 0. Times unit, with the sign of
     * the larger curvature. Nothing need be aligned. */
    void (*crests)(uint8_t *restrict crest, const struct derm_second *of,
                   const struct derm_bends *line, const int *x, int y, double unit, size_t n);

    /* The bends that second derivatives show at n places, in double. Nothing need be aligned. */
    void (*bends)(const struct derm_bends *out, const double *restrict xx,
                  const double *restrict xy, const double *restrict yy, double most_round,
                  size_t n);

    /* Derivatives at one place, from a window of rows: down[d][j] weighs row j and across[d][i]
     * column i for the derivative d = 0, 1, 2. out: xx, xy, yy, x, y. Columns are summed down
     * first, rising; then across in 16 partial sums, of columns i % 16, folded in halves. n is a
     * multiple of 16; what is not meant has the weight 0. */
    void (*window)(float out[5], const float *const *row, int rows, const float *const down[3],
                   const float *const across[3], size_t n);

    /* sum[0] = sum of weight[i] a[i], sum[1] = of weight[i] b[i], in 16 partial sums, of i % 16,
     * folded in halves. n is a multiple of 16. */
    void (*weigh)(float sum[2], const uint8_t *restrict weight, const float *restrict a,
                  const float *restrict b, size_t n);

    /* n neighbouring output pixels of a network, s->cout values each, written densely (no padding).
     * in[t n + p] points to tap t of pixel p. bias is padded with zeros to whole groups.
     *   dense  out[j] = bias[j] + sum over t, k of in[t][k] w[j / 16][t][k][j % 16]
     *   depth  out[j] = bias[j] + sum over t of in[t][j] w[t][j], w padded to whole groups;
     *          cin = cout, and inputs are readable to the end of the last group */
    void (*nn_dense)(float *restrict out, const float *const *in, const float *w, const float *bias,
                     const struct derm_nn_shape *s, size_t n);
    void (*nn_depth)(float *restrict out, const float *const *in, const float *w, const float *bias,
                     const struct derm_nn_shape *s, size_t n);

    /* dst[p][i] = plane src[p] at (x[i], y[i]), pixel-centre coordinates, Catmull-Rom; borders
     * replicate; x, y may be anything, not a number too. Nothing need be aligned. */
    void (*cubic)(float *const *dst, const float *const *src, int planes,
                  const struct derm_raster *size, const float *x, const float *y, size_t n);

    /* dst[p][i] = plane src[p] at (x[i], y[i]), pixel-centre coordinates, between the four samples
     * around; borders replicate. corner[i] is the upper left of the four, in samples from a plane's
     * first. x, y are finite; a sample beyond each row is readable. Nothing need be aligned. */
    void (*bilinear)(float *const *dst, int32_t *restrict corner, const float *const *src,
                     int planes, const struct derm_raster *size, const double *restrict x,
                     const double *restrict y, size_t n);

    /* dst[i] = the same of weight[0] src[0] + weight[1] src[1] + weight[2] src[2], added from left
     * to right, without a plane of it. */
    void (*bilinear_mix)(float *restrict dst, const float *const src[3], const float weight[3],
                         const struct derm_raster *size, const double *restrict x,
                         const double *restrict y, size_t n);

    /* is[i] = 1 where the sample nearest to (x[i], y[i]) is there, set in where (0x00 or 0xff) and
     * of one of the flags in own, else 0. Rasters of one column or row have none. */
    void (*is_measured)(uint8_t *restrict is, const uint8_t *where, const uint16_t *own,
                        unsigned flags, const struct derm_raster *size, const double *restrict x,
                        const double *restrict y, size_t n);

    /* Of each column i of up to DERM_SORTED rows, stride samples apart, of which at least half are
     * finite: adds their middle half to sum[i], from the least to the largest, and to count[i] how
     * many those are. What is not finite is INFINITY. Nothing need be aligned. */
    void (*middle_halves)(double *restrict sum, int32_t *restrict count, const float *px,
                          ptrdiff_t stride, int rows, size_t n);

    /* out[i]: between the nodes a line from one to the next, beyond them as the last piece goes on.
     * Values are kept within 1e6 of zero before they are scaled. out need not be aligned. */
    void (*between_nodes)(float *restrict out, const struct derm_nodes *nodes, size_t n);

    /* The three sums of a masked correlation, in n cells: sum[0] of a b, sum[1] of a a where b
     * counts, sum[2] of b b where a counts, over t = 0..terms - 1, rising; terms is a multiple of
     * four. sum is aligned, the samples need not be. px is 0 where mask is. */
    void (*correlate)(float *const sum[3], const struct derm_samples *a,
                      const struct derm_samples *b, int terms, size_t n);

    /* peak[i] = 0xff where d[i] = hi[i] - lo[i] is at least `least` or at most -least and beyond
     * that of its neighbours left, right, above and below, which are stride away, else 0x00.
     * Nothing need be aligned. */
    void (*peaks)(uint8_t *restrict peak, const float *restrict hi, const float *restrict lo,
                  ptrdiff_t stride, float least, size_t n);

    /* sum[i] += what a tree of three levels says of place i. Fork f asks whether x[f][i] >
     * above[f]; below it are, when not and when so, the forks 2 f + 1 and 2 f + 2, and below the
     * last four the leaves from left to right. Nothing need be aligned. */
    void (*vote)(double *restrict sum, const double *const x[7], const double above[7],
                 const double leaf[8], size_t n);

    /* out[i] = sum over k < length of (a[k] - b[length i + k])^2; length is at most 4096, a and b
     * hold bytes. */
    void (*distances2)(int32_t *restrict out, const int16_t *a, const int16_t *b, size_t length,
                       size_t n);
};

/* cpu is a set of DERM_CPU_ flags; 0 gives plain C. Keeps no global state. */
void derm_kernels_init(struct derm_kernels *k, unsigned cpu);

#endif
