/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions of the small networks, several pixels of one row at a time.
 *
 * Every output is one sum in one order: bias, then tap after tap, channel after channel. The
 * vectors run across output channels, so no lane count changes the order, and the sums of a block
 * of pixels stay in registers while its weights are read once. */
#include "kernels/isa.h"
#include "kernels/kernels.h"

/* Pixels that share the weights, as many as the registers hold. It changes speed, not sums. */
#if defined(__AVX512F__) || defined(__aarch64__)
enum { BLOCK = 8 };
#else
enum { BLOCK = 4 };
#endif
enum { GROUP = DERM_NN_GROUP };

static void store(float *restrict out, const float *restrict sum, int channels)
{
    for (int j = 0; j < channels; j++)
        out[j] = sum[j];
}

/* n <= BLOCK pixels; in[t stride + p] is tap t of pixel p. */
static void dense_block(float *restrict out, const float *const *in, size_t stride, const float *w,
                        const float *bias, const struct derm_nn_shape *s, int n)
{
    const float *x[BLOCK];

    for (int group = 0; group < s->cout; group += GROUP) {
        float sum[BLOCK][GROUP];
        const int left = s->cout - group;

        for (int p = 0; p < BLOCK; p++)
            for (int j = 0; j < GROUP; j++)
                sum[p][j] = bias[group + j];
        for (int t = 0; t < s->taps; t++) {
            for (int p = 0; p < BLOCK; p++)
                x[p] = in[(size_t)t * stride + (size_t)(p < n ? p : 0)];
            for (int k = 0; k < s->cin; k++, w += GROUP)
                for (int p = 0; p < BLOCK; p++)
                    for (int j = 0; j < GROUP; j++)
                        sum[p][j] += x[p][k] * w[j];
        }
        for (int p = 0; p < n; p++)
            store(out + p * s->cout + group, sum[p], left < GROUP ? left : GROUP);
    }
}

static void nn_dense(float *restrict out, const float *const *in, const float *w, const float *bias,
                     const struct derm_nn_shape *s, size_t n)
{
    for (size_t p = 0; p < n; p += BLOCK)
        dense_block(out + p * (size_t)s->cout, in + p, n, w, bias, s,
                    n - p < BLOCK ? (int)(n - p) : BLOCK);
}

static void depth_block(float *restrict out, const float *const *in, size_t stride, const float *w,
                        const float *bias, const struct derm_nn_shape *s, int n)
{
    const int padded = (s->cout + GROUP - 1) / GROUP * GROUP;

    for (int group = 0; group < s->cout; group += GROUP) {
        float sum[BLOCK][GROUP];
        const int left = s->cout - group;

        for (int p = 0; p < BLOCK; p++)
            for (int j = 0; j < GROUP; j++)
                sum[p][j] = bias[group + j];
        for (int t = 0; t < s->taps; t++) {
            const float *const restrict row = w + (ptrdiff_t)t * padded + group;
            for (int p = 0; p < BLOCK; p++) {
                const float *const restrict x =
                    in[(size_t)t * stride + (size_t)(p < n ? p : 0)] + group;
                for (int j = 0; j < GROUP; j++)
                    sum[p][j] += x[j] * row[j];
            }
        }
        for (int p = 0; p < n; p++)
            store(out + p * s->cout + group, sum[p], left < GROUP ? left : GROUP);
    }
}

static void nn_depth(float *restrict out, const float *const *in, const float *w, const float *bias,
                     const struct derm_nn_shape *s, size_t n)
{
    for (size_t p = 0; p < n; p += BLOCK)
        depth_block(out + p * (size_t)s->cout, in + p, n, w, bias, s,
                    n - p < BLOCK ? (int)(n - p) : BLOCK);
}

void ISA(derm_row_nn_init)(struct derm_kernels *k)
{
    k->nn_dense = nn_dense;
    k->nn_depth = nn_depth;
}
