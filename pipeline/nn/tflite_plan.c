/* SPDX-License-Identifier: Apache-2.0 */
/* Turns the operations of a file into ones that can be run: checks that shapes fit and packs the
 * weights for the kernels. */
#include <string.h>

#include "nn/tflite_graph.h"

static const double max_work = 4e9; /* multiply-adds */

static const struct net_tensor *tensor(const struct net_reader *r, int i)
{
    return &r->net->tensor[i];
}

static bool same_shape(const struct net_tensor *a, const struct net_tensor *b)
{
    return memcmp(a->dim, b->dim, sizeof(a->dim)) == 0;
}

static bool has_shape(const struct net_tensor *t, int height, int width, int channels)
{
    return t->dim[0] == 1 && t->dim[H] == height && t->dim[W] == width && t->dim[C] == channels;
}

/* A constant's floats, NULL when it is none. */
static const float *floats(const struct net_tensor *t)
{
    return t->type == TYPE_F32 ? t->data : NULL;
}

/* IEEE 754 binary16, exactly. */
static float half_to_float(uint16_t h)
{
    const uint32_t sign = (uint32_t)(h & 0x8000u) << 16;
    uint32_t exponent = (h >> 10) & 31u, fraction = h & 1023u, bits;
    float value;

    if (exponent == 0) { /* zero and subnormals: fraction x 2^-24 */
        value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    exponent = exponent == 31 ? 255 : exponent + 112;
    bits = sign | exponent << 23 | fraction << 13;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static derm_err keep_constant(struct net_reader *r, struct net_op *op, const struct net_tensor *c)
{
    float *copy;

    DERM_TRY(derm_arena_new(r->keep, &copy, c->count, sizeof(*copy)));
    memcpy(copy, c->data, c->count * sizeof(*copy));
    op->weight = copy;
    return DERM_OK;
}

static derm_err plan_dequantize(struct net_reader *r, const struct net_raw_op *raw)
{
    const struct net_tensor *const from = tensor(r, raw->in[0]);
    struct net_tensor *const to = &r->net->tensor[raw->out[0]];
    const uint16_t *const half = from->data;
    float *value;

    if (raw->in_count != 1 || from->type != TYPE_F16 || !half || !same_shape(from, to))
        return net_refuse(r, "a packed constant");
    DERM_TRY(derm_arena_new(r->temp, &value, from->count, sizeof(*value)));
    for (size_t i = 0; i < from->count; i++)
        value[i] = half_to_float(half[i]);
    to->data = value;
    return DERM_OK;
}

/* ---- windows ---- */

static int extent(int size, int dilation)
{
    return (size - 1) * dilation + 1;
}

/* Output size along one axis; *before is the padding in front (SAME pads asymmetrically). */
static int slide(int in, int size, int stride, int dilation, bool same, int *before)
{
    const int reach = extent(size, dilation);
    const int out = same ? (in + stride - 1) / stride : (in - reach) / stride + 1;
    const int total = (out - 1) * stride + reach - in;

    *before = same && total > 0 ? total / 2 : 0;
    return !same && in < reach ? 0 : out;
}

/* Fills in where the window starts; false when its numbers or the output's size cannot be. */
static bool fit_window(struct net_window *w, bool same, const struct net_tensor *in,
                       const struct net_tensor *out)
{
    const int part[] = {
        w->height, w->width, w->stride_y, w->stride_x, w->dilation_y, w->dilation_x
    };

    for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
        if (part[i] < 1 || part[i] > 1024) return false;
    return slide(in->dim[H], w->height, w->stride_y, w->dilation_y, same, &w->top) == out->dim[H] &&
           slide(in->dim[W], w->width, w->stride_x, w->dilation_x, same, &w->left) == out->dim[W] &&
           in->dim[0] == 1 && out->dim[0] == 1;
}

static int groups_of(int channels)
{
    return (channels + DERM_NN_GROUP - 1) / DERM_NN_GROUP;
}

/* [group][tap][cin][DERM_NN_GROUP] from the file's [cout][tap][cin]. */
static derm_err pack_dense(struct net_reader *r, struct net_op *op, const float *from)
{
    const struct derm_nn_shape s = op->shape;
    const size_t per_out = (size_t)s.taps * (size_t)s.cin;
    float *to;

    DERM_TRY(derm_arena_new(r->keep, &to, (size_t)groups_of(s.cout) * per_out,
                            DERM_NN_GROUP * sizeof(*to)));
    op->weight = to;
    for (int out = 0; out < s.cout; out++) {
        float *const group = to + (size_t)(out / DERM_NN_GROUP) * per_out * DERM_NN_GROUP;
        for (size_t i = 0; i < per_out; i++)
            group[i * DERM_NN_GROUP + (size_t)(out % DERM_NN_GROUP)] =
                from[(size_t)out * per_out + i];
    }
    return DERM_OK;
}

/* [tap][channels padded to whole groups] from the file's [tap][channels]. */
static derm_err pack_depth(struct net_reader *r, struct net_op *op, const float *from)
{
    const struct derm_nn_shape s = op->shape;
    const size_t padded = (size_t)groups_of(s.cout) * DERM_NN_GROUP;
    float *to;

    DERM_TRY(derm_arena_new(r->keep, &to, (size_t)s.taps * padded, sizeof(*to)));
    op->weight = to;
    for (int t = 0; t < s.taps; t++)
        memcpy(to + (size_t)t * padded, from + (size_t)t * (size_t)s.cout,
               (size_t)s.cout * sizeof(*to));
    return DERM_OK;
}

static derm_err pack_bias(struct net_reader *r, struct net_op *op, const struct net_tensor *bias)
{
    const float *const from = floats(bias);
    float *to, *zeros;

    if (!from || bias->count != (size_t)op->shape.cout) return net_refuse(r, "a bias");
    DERM_TRY(derm_arena_new(r->keep, &to, (size_t)groups_of(op->shape.cout),
                            DERM_NN_GROUP * sizeof(*to)));
    DERM_TRY(derm_arena_new(r->keep, &zeros, (size_t)op->shape.cin + NET_SLACK, sizeof(*zeros)));
    memcpy(to, from, bias->count * sizeof(*to));
    op->bias = to;
    op->zeros = zeros;
    return DERM_OK;
}

static derm_err plan_conv(struct net_reader *r, const struct net_raw_op *raw, struct net_op *op)
{
    const bool depthwise = raw->code == CODE_DEPTHWISE;
    const int *const option = raw->option, *const last = option + (depthwise ? 4 : 3);
    const struct net_tensor *const in = tensor(r, raw->in[0]), *const out = tensor(r, raw->out[0]);
    const struct net_tensor *const w = tensor(r, raw->in[1]);
    const int cout = depthwise ? w->dim[C] : w->dim[0];

    op->window = (struct net_window){
        .height = w->dim[H],
        .width = w->dim[W],
        .stride_y = option[2],
        .stride_x = option[1],
        .dilation_y = last[2],
        .dilation_x = last[1],
    };
    op->activation = last[0];
    op->shape.taps = w->dim[H] * w->dim[W];
    op->shape.cin = in->dim[C];
    op->shape.cout = cout;
    if (!floats(w) || w->dim[H] > NET_MAX_TAPS || w->dim[W] > NET_MAX_TAPS ||
        op->shape.taps > NET_MAX_TAPS || out->dim[C] != cout ||
        (depthwise ? w->dim[0] != 1 || in->dim[C] != cout : w->dim[C] != in->dim[C]) ||
        !fit_window(&op->window, option[0] == 0, in, out))
        return net_refuse(r, "a convolution");
    DERM_TRY(pack_bias(r, op, tensor(r, raw->in[2])));
    op->work = (double)out->count * op->shape.taps * (depthwise ? 1 : op->shape.cin);
    op->row_count = out->dim[H];
    op->rows = depthwise ? net_rows_depthwise : net_rows_conv;
    return depthwise ? pack_depth(r, op, floats(w)) : pack_dense(r, op, floats(w));
}

/* Only the case that has no overlap: a window as large as its stride. */
static derm_err plan_transpose(struct net_reader *r, const struct net_raw_op *raw,
                               struct net_op *op)
{
    static const unsigned char same_by_two[12] = { 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0 };
    const struct net_tensor *const in = tensor(r, raw->in[0]), *const out = tensor(r, raw->out[0]);
    const struct net_tensor *const w = tensor(r, raw->in[1]);

    op->shape = (struct derm_nn_shape){ 4, in->dim[C], w->dim[0] };
    if (raw->bytes_n != sizeof(same_by_two) ||
        memcmp(r->bytes + raw->bytes_at, same_by_two, sizeof(same_by_two)) != 0 || !floats(w) ||
        w->dim[H] != 2 || w->dim[W] != 2 || w->dim[C] != in->dim[C] || in->dim[0] != 1 ||
        !has_shape(out, 2 * in->dim[H], 2 * in->dim[W], w->dim[0]))
        return net_refuse(r, "a transposed convolution");
    DERM_TRY(pack_bias(r, op, tensor(r, raw->in[2])));
    op->work = (double)out->count * in->dim[C];
    op->row_count = out->dim[H];
    op->rows = net_rows_transpose;
    return keep_constant(r, op, w);
}

static derm_err plan_pool(struct net_reader *r, const struct net_raw_op *raw, struct net_op *op)
{
    const int *const option = raw->option;
    const struct net_tensor *const in = tensor(r, raw->in[0]), *const out = tensor(r, raw->out[0]);

    op->window = (struct net_window){ .height = option[4],
                                      .width = option[3],
                                      .stride_y = option[2],
                                      .stride_x = option[1],
                                      .dilation_y = 1,
                                      .dilation_x = 1 };
    op->activation = option[5];
    if (!fit_window(&op->window, option[0] == 0, in, out) || in->dim[C] != out->dim[C])
        return net_refuse(r, "a pooling");
    op->work = (double)out->count * option[3] * option[4];
    op->row_count = out->dim[H];
    op->rows = raw->code == CODE_MAX_POOL ? net_rows_max_pool : net_rows_average_pool;
    return DERM_OK;
}

/* ---- element by element ---- */

/* One operand: relu, logistic, ...; prelu with its slopes. */
static derm_err plan_map(struct net_reader *r, const struct net_raw_op *raw, struct net_op *op)
{
    const struct net_tensor *const in = tensor(r, raw->in[0]), *const out = tensor(r, raw->out[0]);

    if (!same_shape(in, out)) return net_refuse(r, "an activation");
    op->row_count = in->dim[H];
    if (raw->code == CODE_PRELU) {
        const struct net_tensor *const slope = tensor(r, raw->in[1]);

        if (!floats(slope) || !has_shape(slope, 1, 1, in->dim[C]))
            return net_refuse(r, "the slopes of an activation");
        op->rows = net_rows_prelu;
        return keep_constant(r, op, slope);
    }
    if (raw->code == CODE_LOGISTIC) op->work *= 10;
    op->rows = raw->code == CODE_RELU       ? net_rows_relu
               : raw->code == CODE_LOGISTIC ? net_rows_logistic
                                            : net_rows_hard_swish;
    return DERM_OK;
}

/* Two operands; the second has the shape of the first, one value per channel, or one value. */
static derm_err plan_pair(struct net_reader *r, const struct net_raw_op *raw, struct net_op *op)
{
    const struct net_tensor *const a = tensor(r, raw->in[0]), *const b = tensor(r, raw->in[1]);
    const bool fits = same_shape(a, b) || has_shape(b, 1, 1, a->dim[C]) || b->count == 1;

    if (!same_shape(a, tensor(r, raw->out[0])) || !fits) return net_refuse(r, "an addition");
    op->activation = raw->option[0];
    op->operand_count = b->count;
    op->row_count = a->dim[H];
    op->rows = raw->code == CODE_ADD ? net_rows_add : net_rows_mul;
    if (b->data) return b->type == TYPE_F32 ? keep_constant(r, op, b) : net_refuse(r, "a factor");
    op->in[1] = raw->in[1];
    op->in_count = 2;
    return DERM_OK;
}

/* ---- moving values ---- */

static derm_err plan_copy(struct net_reader *r, const struct net_raw_op *raw, struct net_op *op)
{
    const struct net_tensor *const in = tensor(r, raw->in[0]), *const out = tensor(r, raw->out[0]);

    if (in->count != out->count) return net_refuse(r, "a change of shape");
    op->row_count = 1;
    op->rows = net_rows_copy;
    return DERM_OK;
}

/* Only the slice that takes everything. */
static derm_err plan_slice(struct net_reader *r, const struct net_raw_op *raw, struct net_op *op)
{
    const struct net_tensor *const begin = tensor(r, raw->in[1]), *const step =
                                                                      tensor(r, raw->in[3]);
    const int32_t *const from = begin->data, *const by = step->data;
    bool whole = from && by && begin->type == TYPE_I32 && step->type == TYPE_I32 &&
                 begin->count == step->count && !raw->option[2] && !raw->option[3] &&
                 !raw->option[4] && same_shape(tensor(r, raw->in[0]), tensor(r, raw->out[0]));

    for (size_t i = 0; whole && i < begin->count; i++)
        whole = from[i] == 0 && by[i] == 1;
    return whole ? plan_copy(r, raw, op) : net_refuse(r, "a slice");
}

static derm_err plan_pad(struct net_reader *r, const struct net_raw_op *raw, struct net_op *op)
{
    const struct net_tensor *const in = tensor(r, raw->in[0]), *const out = tensor(r, raw->out[0]);
    const struct net_tensor *const pad = tensor(r, raw->in[1]);
    const int32_t *const by = pad->data;

    if (!by || pad->type != TYPE_I32 || pad->count != 2 * DIMS) return net_refuse(r, "a padding");
    for (int i = 0; i < DIMS; i++) {
        const int32_t before = by[2 * i], after = by[2 * i + 1];

        if (before < 0 || after < 0 || before > NET_MAX_DIM || after > NET_MAX_DIM ||
            in->dim[i] + before + after != out->dim[i])
            return net_refuse(r, "a padding");
        op->before[i] = before;
    }
    if (out->dim[0] != 1) return net_refuse(r, "a padding");
    op->row_count = out->dim[H];
    op->rows = net_rows_pad;
    return DERM_OK;
}

static derm_err plan_concat(struct net_reader *r, const struct net_raw_op *raw, struct net_op *op)
{
    const struct net_tensor *const a = tensor(r, raw->in[0]), *const b = tensor(r, raw->in[1]);
    const struct net_tensor *const out = tensor(r, raw->out[0]);
    const int axis = raw->option[0] < 0 ? DIMS + raw->option[0] : DIMS - out->rank + raw->option[0];

    if (a->data || b->data || raw->option[1] || axis < 0 || axis >= DIMS)
        return net_refuse(r, "a concatenation");
    for (int i = 0; i < DIMS; i++)
        if (i == axis ? a->dim[i] + b->dim[i] != out->dim[i]
                      : a->dim[i] != out->dim[i] || b->dim[i] != out->dim[i])
            return net_refuse(r, "a concatenation");
    op->axis = axis;
    op->in[1] = raw->in[1];
    op->in_count = 2;
    op->row_count = 1;
    op->rows = net_rows_concat;
    return DERM_OK;
}

static derm_err plan_resize(struct net_reader *r, const struct net_raw_op *raw, struct net_op *op)
{
    const struct net_tensor *const in = tensor(r, raw->in[0]), *const out = tensor(r, raw->out[0]);

    /* align_corners off, half_pixel_centers on */
    if (raw->option[2] || !raw->option[3] || in->dim[C] != out->dim[C])
        return net_refuse(r, "a resizing");
    op->row_count = out->dim[H];
    op->work = 4 * (double)out->count;
    op->rows = net_rows_resize;
    return DERM_OK;
}

/* ---- attention ---- */

static derm_err plan_attention(struct net_reader *r, const struct net_raw_op *raw,
                               struct net_op *op)
{
    const struct net_tensor *const in = tensor(r, raw->in[0]), *const out = tensor(r, raw->out[0]);
    const struct net_tensor *const matrix = tensor(r, raw->in[1]);
    bool fits;

    op->row_count = 1;
    if (strcmp(raw->custom, "Landmarks2TransformMatrix") == 0) {
        op->head = r->net->attention_heads++;
        op->rows = net_rows_head_matrix;
        if (!has_shape(in, 1, 468, 3) || !has_shape(out, 1, 4, 4) || op->head >= 3)
            return net_refuse(r, "an attention matrix");
        return DERM_OK;
    }
    fits = raw->in_count == 2 && has_shape(matrix, 1, 4, 4) && !matrix->data;
    op->in[1] = raw->in[1];
    op->in_count = 2;
    if (strcmp(raw->custom, "TransformTensorBilinear") == 0) {
        op->rows = net_rows_head_sample;
        op->row_count = out->dim[H];
        fits = fits && in->dim[0] == 1 && out->dim[0] == 1 && in->dim[C] == out->dim[C];
    } else {
        op->rows = net_rows_head_points;
        fits = fits && same_shape(in, out) && in->dim[C] == 2;
    }
    return fits ? DERM_OK : net_refuse(r, "an attention operation");
}

static const struct {
    int code, inputs;
    const char *custom;
    derm_err (*plan)(struct net_reader *r, const struct net_raw_op *raw, struct net_op *op);
} known[] = {
    { CODE_ADD, 2, "", plan_pair },
    { CODE_AVERAGE_POOL, 1, "", plan_pool },
    { CODE_CONCAT, 2, "", plan_concat },
    { CODE_CONV, 3, "", plan_conv },
    { CODE_DEPTHWISE, 3, "", plan_conv },
    { CODE_LOGISTIC, 1, "", plan_map },
    { CODE_MAX_POOL, 1, "", plan_pool },
    { CODE_MUL, 2, "", plan_pair },
    { CODE_RELU, 1, "", plan_map },
    { CODE_RESHAPE, 1, "", plan_copy },
    { CODE_RESIZE_BILINEAR, 2, "", plan_resize },
    { CODE_PAD, 2, "", plan_pad },
    { CODE_STRIDED_SLICE, 4, "", plan_slice },
    { CODE_PRELU, 2, "", plan_map },
    { CODE_HARD_SWISH, 1, "", plan_map },
    { CODE_CUSTOM, 3, "Convolution2DTransposeBias", plan_transpose },
    { CODE_CUSTOM, 1, "Landmarks2TransformMatrix", plan_attention },
    { CODE_CUSTOM, 2, "TransformTensorBilinear", plan_attention },
    { CODE_CUSTOM, 2, "TransformLandmarks", plan_attention },
};

/* Inputs are known by now, the output is not. */
static bool in_order(const struct net_reader *r, const struct net_raw_op *raw)
{
    const struct net_tensor *const out = tensor(r, raw->out[0]);

    for (int i = 0; i < raw->in_count; i++)
        if (!tensor(r, raw->in[i])->defined) return false;
    return raw->out_count == 1 && raw->in_count > 0 && !out->defined && out->type == TYPE_F32;
}

derm_err net_plan_op(struct net_reader *r, const struct net_raw_op *raw)
{
    struct derm_net *const net = r->net;
    struct net_op *const op = &net->op[net->ops];
    struct net_tensor *const out = &net->tensor[raw->out[0]];
    const struct net_tensor *const in = tensor(r, raw->in[0]);
    size_t k = 0;

    if (!in_order(r, raw)) return net_refuse(r, "the order of operations");
    out->defined = true;
    if (raw->code == CODE_DEQUANTIZE) return plan_dequantize(r, raw);
    while (k < sizeof(known) / sizeof(known[0]) &&
           (known[k].code != raw->code || strcmp(known[k].custom, raw->custom) != 0))
        k++;
    if (k == sizeof(known) / sizeof(known[0]) || raw->in_count < known[k].inputs || in->data ||
        in->type != TYPE_F32 || in->dim[0] != 1 || out->dim[0] != 1)
        return net_refuse(r, "an operation");
    op->in[0] = raw->in[0];
    op->in_count = 1;
    op->out = raw->out[0];
    op->work = (double)out->count;
    DERM_TRY(known[k].plan(r, raw, op));
    for (int i = 0; i < op->in_count; i++)
        net->tensor[op->in[i]].last = net->ops;
    out->first = out->last = net->ops;
    net->work += op->work;
    net->ops++;
    return net->work <= max_work ? DERM_OK : net_refuse(r, "its size");
}
