/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions of the small networks, several pixels of one row at a time.
 *
 * Every output is one sum in one order: bias, then tap after tap, channel after channel. The
 * vectors run across output channels, so no lane count changes the order, and the sums of a block
 * of pixels stay in registers while its weights are read once. Arrays of floats do not: compilers
 * keep them in memory, at half the speed. */
#include "kernels/isa.h"
#include "kernels/kernels.h"

/* Pixels that share the weights, as many as the registers hold. It changes speed, not sums. */
#if defined(__AVX512F__) || defined(__aarch64__)
enum { BLOCK = 8 };
#elif defined(__AVX__)
enum { BLOCK = 4 };
#else
enum { BLOCK = 2 };
#endif
enum { GROUP = DERM_NN_GROUP, VECS = GROUP / DERM_VEC };

struct sums { /* of a group of channels, for a block of pixels */
    derm_vec of[BLOCK][VECS];
};

static inline void begin(struct sums *s, const float *bias)
{
    for (int p = 0; p < BLOCK; p++)
        for (int v = 0; v < VECS; v++)
            s->of[p][v] = derm_vec_load(bias + v * DERM_VEC);
}

/* Of the first n pixels, which lie stride apart, the channels that there are. */
static inline void store(float *out, int stride, const struct sums *s, int n, int channels)
{
    for (int p = 0; p < n; p++) {
        float group[GROUP];

        for (int v = 0; v < VECS; v++)
            derm_vec_store(group + v * DERM_VEC, s->of[p][v]);
        memcpy(out + (ptrdiff_t)p * stride, group,
               sizeof(float) * (size_t)(channels < GROUP ? channels : GROUP));
    }
}

/* Tap t of the block's pixels, in[t stride + p]; n of them are there, the rest are like the first.
 */
static inline void gather(const float *x[BLOCK], const float *const *in, size_t stride, int t,
                          int n)
{
    for (int p = 0; p < BLOCK; p++)
        x[p] = in[(size_t)t * stride + (size_t)(p < n ? p : 0)];
}

static void dense_block(float *restrict out, const float *const *in, size_t stride, const float *w,
                        const float *bias, const struct derm_nn_shape *s, int n)
{
    for (int group = 0; group < s->cout; group += GROUP) {
        struct sums sum;

        begin(&sum, bias + group);
        for (int t = 0; t < s->taps; t++) {
            const float *x[BLOCK];

            gather(x, in, stride, t, n);
            for (int k = 0; k < s->cin; k++, w += GROUP)
                for (int v = 0; v < VECS; v++) {
                    const derm_vec weight = derm_vec_load(w + v * DERM_VEC);

                    for (int p = 0; p < BLOCK; p++)
                        sum.of[p][v] += x[p][k] * weight;
                }
        }
        store(out + group, s->cout, &sum, n, s->cout - group);
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
        struct sums sum;

        begin(&sum, bias + group);
        for (int t = 0; t < s->taps; t++) {
            const float *const row = w + (ptrdiff_t)t * padded + group;
            const float *x[BLOCK];

            gather(x, in, stride, t, n);
            for (int v = 0; v < VECS; v++) {
                const derm_vec weight = derm_vec_load(row + v * DERM_VEC);

                for (int p = 0; p < BLOCK; p++)
                    sum.of[p][v] += derm_vec_load(x[p] + group + v * DERM_VEC) * weight;
            }
        }
        store(out + group, s->cout, &sum, n, s->cout - group);
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
