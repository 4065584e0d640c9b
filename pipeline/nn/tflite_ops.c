/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of a network, each over a range of output rows. Sums have a fixed order, so the
 * result depends neither on the instruction set nor on how rows are shared among threads. */
#include <string.h>

#include "base/num.h"
#include "kernels/filter.h"
#include "nn/tflite_graph.h"

enum { PIXELS = 16 /* that the kernels get at a time */ };

static size_t row_size(const int *dim)
{
    return (size_t)dim[W] * (size_t)dim[C];
}

static void activate(float *x, size_t n, int activation)
{
    const float top = activation == ACTIVATION_RELU6 ? 6.0f : 3.4e38f;

    if (activation == ACTIVATION_NONE) return;
    for (size_t i = 0; i < n; i++)
        x[i] = clampf(x[i], 0.0f, top);
}

/* The taps of n output pixels from (x0, y) on, in the order rows, columns. */
static void find_taps(const struct net_task *t, const float **tap, int y, int x0, int n)
{
    const struct net_window *const w = &t->op->window;
    const int *const in = net_dim_in(t, 0);
    const float *const base = net_in(t, 0);
    int k = 0;

    for (int ky = 0; ky < w->height; ky++)
        for (int kx = 0; kx < w->width; kx++, k++) {
            const int yy = y * w->stride_y - w->top + ky * w->dilation_y;
            for (int p = 0; p < n; p++) {
                const int xx = (x0 + p) * w->stride_x - w->left + kx * w->dilation_x;
                const bool inside = yy >= 0 && yy < in[H] && xx >= 0 && xx < in[W];
                tap[k * n + p] = inside
                                     ? base + (size_t)yy * row_size(in) + (size_t)xx * (size_t)in[C]
                                     : t->op->zeros;
            }
        }
}

static void conv_rows(const struct net_task *t, int y0, int y1, bool depthwise)
{
    const struct net_op *const op = t->op;
    const int *const out = net_dim_out(t);
    const float *tap[NET_MAX_TAPS * PIXELS];

    for (int y = y0; y < y1; y++) {
        float *const row = net_out(t) + (size_t)y * row_size(out);

        for (int x = 0; x < out[W]; x += PIXELS) {
            const int n = imin(PIXELS, out[W] - x);
            float *const to = row + (size_t)x * (size_t)out[C];

            find_taps(t, tap, y, x, n);
            (depthwise ? t->k->nn_depth : t->k->nn_dense)(to, tap, op->weight, op->bias, &op->shape,
                                                          (size_t)n);
        }
        activate(row, row_size(out), op->activation);
    }
}

void net_rows_conv(const struct net_task *t, int y0, int y1)
{
    conv_rows(t, y0, y1, false);
}

void net_rows_depthwise(const struct net_task *t, int y0, int y1)
{
    conv_rows(t, y0, y1, true);
}

/* Each output pixel comes from one input pixel and one of the 2 x 2 taps. */
void net_rows_transpose(const struct net_task *t, int y0, int y1)
{
    const struct derm_nn_shape s = t->op->shape;
    const int *const out = net_dim_out(t), *const in = net_dim_in(t, 0);

    for (int y = y0; y < y1; y++)
        for (int x = 0; x < out[W]; x++) {
            const float *const px =
                net_in(t, 0) + (size_t)(y / 2) * row_size(in) + (size_t)(x / 2) * (size_t)s.cin;
            float *const to = net_out(t) + (size_t)y * row_size(out) + (size_t)x * (size_t)s.cout;

            for (int c = 0; c < s.cout; c++) {
                const int tap = (c * 2 + y % 2) * 2 + x % 2;
                const float *const w = t->op->weight + (size_t)tap * (size_t)s.cin;
                float sum = t->op->bias[c];
                for (int k = 0; k < s.cin; k++)
                    sum += px[k] * w[k];
                to[c] = sum;
            }
        }
}

/* ---- two operands ---- */

static void pair_rows(const struct net_task *t, int y0, int y1, bool multiply)
{
    const int *const dim = net_dim_in(t, 0);
    const size_t row = row_size(dim), start = (size_t)y0 * row, n = row * (size_t)(y1 - y0);
    const bool full = t->op->operand_count == row * (size_t)dim[H];
    const size_t run = full ? n : t->op->operand_count; /* values before the second repeats */
    const float *const a = net_in(t, 0) + start;
    const float *const b = (t->op->weight ? t->op->weight : net_in(t, 1)) + (full ? start : 0);
    float *const out = net_out(t) + start;

    for (size_t i = 0; i < n; i += run)
        for (size_t j = 0; j < run; j++)
            out[i + j] = multiply ? a[i + j] * b[j] : a[i + j] + b[j];
    activate(out, n, t->op->activation);
}

void net_rows_add(const struct net_task *t, int y0, int y1)
{
    pair_rows(t, y0, y1, false);
}

void net_rows_mul(const struct net_task *t, int y0, int y1)
{
    pair_rows(t, y0, y1, true);
}

/* ---- one operand ---- */

void net_rows_relu(const struct net_task *t, int y0, int y1)
{
    const size_t row = row_size(net_dim_in(t, 0)), n = row * (size_t)(y1 - y0);
    const float *const in = net_in(t, 0) + (size_t)y0 * row;
    float *const out = net_out(t) + (size_t)y0 * row;

    for (size_t i = 0; i < n; i++)
        out[i] = in[i] > 0.0f ? in[i] : 0.0f;
}

static void prelu_pixel(float *restrict out, const float *restrict in, const float *restrict slope,
                        size_t channels)
{
    for (size_t c = 0; c < channels; c++) {
        const float x = in[c], falling = x * slope[c];
        out[c] = x > 0.0f ? x : falling;
    }
}

void net_rows_prelu(const struct net_task *t, int y0, int y1)
{
    const int *const dim = net_dim_in(t, 0);
    const size_t row = row_size(dim), channels = (size_t)dim[C];

    for (size_t i = (size_t)y0 * row; i < (size_t)y1 * row; i += channels)
        prelu_pixel(net_out(t) + i, net_in(t, 0) + i, t->op->weight, channels);
}

void net_rows_hard_swish(const struct net_task *t, int y0, int y1)
{
    const size_t row = row_size(net_dim_in(t, 0)), n = row * (size_t)(y1 - y0);
    const float *const in = net_in(t, 0) + (size_t)y0 * row;
    float *const out = net_out(t) + (size_t)y0 * row;

    for (size_t i = 0; i < n; i++)
        out[i] = in[i] * clampf(in[i] + 3.0f, 0.0f, 6.0f) * (1.0f / 6.0f);
}

void net_rows_logistic(const struct net_task *t, int y0, int y1)
{
    const size_t row = row_size(net_dim_in(t, 0)), n = row * (size_t)(y1 - y0);
    const float *const in = net_in(t, 0) + (size_t)y0 * row;
    float *const out = net_out(t) + (size_t)y0 * row;

    for (size_t i = 0; i < n; i++)
        out[i] = 1.0f / (1.0f + derm_expf(-in[i]));
}

/* ---- pools and resizing ---- */

/* The input pixels of output pixel (x, y), clipped to the picture. */
struct span {
    int y0, y1, x0, x1;
};
static struct span pool_span(const struct net_task *t, int y, int x)
{
    const struct net_window *const w = &t->op->window;
    const int *const in = net_dim_in(t, 0);
    const int top = y * w->stride_y - w->top, left = x * w->stride_x - w->left;

    return (struct span){ imax(top, 0), imin(top + w->height, in[H]), imax(left, 0),
                          imin(left + w->width, in[W]) };
}

static void pool_pixel(const struct net_task *t, float *out, struct span s, bool largest)
{
    const int *const in = net_dim_in(t, 0);
    const size_t channels = (size_t)in[C];
    const float scale = largest ? 1.0f : 1.0f / (float)((s.y1 - s.y0) * (s.x1 - s.x0));

    for (size_t c = 0; c < channels; c++)
        out[c] = largest ? -3.4e38f : 0.0f;
    for (int y = s.y0; y < s.y1; y++)
        for (int x = s.x0; x < s.x1; x++) {
            const float *const px = net_in(t, 0) + (size_t)y * row_size(in) + (size_t)x * channels;
            if (largest)
                for (size_t c = 0; c < channels; c++)
                    out[c] = px[c] > out[c] ? px[c] : out[c];
            else
                for (size_t c = 0; c < channels; c++)
                    out[c] += px[c];
        }
    for (size_t c = 0; c < channels; c++)
        out[c] *= scale;
    activate(out, channels, t->op->activation);
}

static void pool_rows(const struct net_task *t, int y0, int y1, bool largest)
{
    const int *const out = net_dim_out(t);

    for (int y = y0; y < y1; y++)
        for (int x = 0; x < out[W]; x++)
            pool_pixel(t, net_out(t) + (size_t)y * row_size(out) + (size_t)x * (size_t)out[C],
                       pool_span(t, y, x), largest);
}

void net_rows_max_pool(const struct net_task *t, int y0, int y1)
{
    pool_rows(t, y0, y1, true);
}

void net_rows_average_pool(const struct net_task *t, int y0, int y1)
{
    pool_rows(t, y0, y1, false);
}

/* Where output sample i of n lies between two of m input samples; *lo and *hi inside. */
static float between(int i, int n, int m, int *lo, int *hi)
{
    const float at = ((float)i + 0.5f) * ((float)m / (float)n) - 0.5f;
    const float clamped = at > 0.0f ? at : 0.0f;

    *lo = imin((int)clamped, m - 1);
    *hi = imin(*lo + 1, m - 1);
    return clamped - (float)*lo;
}

void net_rows_resize(const struct net_task *t, int y0, int y1)
{
    const int *const in = net_dim_in(t, 0), *const out = net_dim_out(t);
    const size_t channels = (size_t)in[C];

    for (int y = y0; y < y1; y++) {
        int top, bottom, left, right;
        const float fy = between(y, out[H], in[H], &top, &bottom);
        const float *const a = net_in(t, 0) + (size_t)top * row_size(in);
        const float *const b = net_in(t, 0) + (size_t)bottom * row_size(in);

        for (int x = 0; x < out[W]; x++) {
            const float fx = between(x, out[W], in[W], &left, &right);
            const size_t l = (size_t)left * channels, r = (size_t)right * channels;
            float *const to = net_out(t) + (size_t)y * row_size(out) + (size_t)x * channels;

            for (size_t c = 0; c < channels; c++)
                to[c] = (a[l + c] * (1.0f - fx) + a[r + c] * fx) * (1.0f - fy) +
                        (b[l + c] * (1.0f - fx) + b[r + c] * fx) * fy;
        }
    }
}

/* ---- moving values ---- */

void net_rows_pad(const struct net_task *t, int y0, int y1)
{
    const int *const in = net_dim_in(t, 0), *const out = net_dim_out(t);
    const int *const before = t->op->before;

    for (int y = y0; y < y1; y++) {
        float *const row = net_out(t) + (size_t)y * row_size(out);
        const int from = y - before[H];

        memset(row, 0, row_size(out) * sizeof(*row));
        if (from < 0 || from >= in[H]) continue;
        for (int x = 0; x < in[W]; x++)
            memcpy(row + (size_t)(x + before[W]) * (size_t)out[C] + before[C],
                   net_in(t, 0) + (size_t)from * row_size(in) + (size_t)x * (size_t)in[C],
                   (size_t)in[C] * sizeof(*row));
    }
}

/* One row: everything. */
void net_rows_concat(const struct net_task *t, int y0, int y1)
{
    const int *const out = net_dim_out(t);
    float *to = net_out(t);
    size_t outer = 1;

    for (int i = 0; i < t->op->axis; i++)
        outer *= (size_t)out[i];
    for (size_t o = 0; o < outer * (size_t)(y1 - y0); o++)
        for (int k = 0; k < 2; k++) {
            size_t n = 1;
            for (int i = t->op->axis; i < DIMS; i++)
                n *= (size_t)net_dim_in(t, k)[i];
            memcpy(to, net_in(t, k) + o * n, n * sizeof(*to));
            to += n;
        }
}

/* One row: everything. */
void net_rows_copy(const struct net_task *t, int y0, int y1)
{
    const size_t n = t->net->tensor[t->op->out].count * (size_t)(y1 - y0);

    memcpy(net_out(t), net_in(t, 0), n * sizeof(float));
}
