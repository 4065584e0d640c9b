/* SPDX-License-Identifier: Apache-2.0 */
/* A network in memory, between its reader, its planner and its operations. Private to tflite_*.c.
 *
 * Shapes have four dimensions (batch, rows, columns, channels), filled with ones from the left. */
#ifndef DERM_NN_TFLITE_GRAPH_H
#define DERM_NN_TFLITE_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "nn/tflite.h"

/* The four dimensions of a shape, batch first. */
enum { H = 1, W = 2, C = 3, DIMS = 4 };
enum {
    NET_MAX_TENSORS = 4096,
    NET_MAX_OPS = 4096,
    NET_MAX_INPUTS = 8,
    NET_MAX_OUTPUTS = 16,
    NET_MAX_DIM = 1 << 16,
    NET_MAX_COUNT = 1 << 24, /* values of a tensor */
    NET_MAX_TAPS = 64,
    NET_SLACK = DERM_NN_GROUP /* values that may be read past a tensor's end */
};

/* The numbers of the file format. */
enum net_type { TYPE_F32 = 0, TYPE_F16 = 1, TYPE_I32 = 2 };
enum net_code {
    CODE_ADD = 0,
    CODE_AVERAGE_POOL = 1,
    CODE_CONCAT = 2,
    CODE_CONV = 3,
    CODE_DEPTHWISE = 4,
    CODE_DEQUANTIZE = 6,
    CODE_LOGISTIC = 14,
    CODE_MAX_POOL = 17,
    CODE_MUL = 18,
    CODE_RELU = 19,
    CODE_RESHAPE = 22,
    CODE_RESIZE_BILINEAR = 23,
    CODE_CUSTOM = 32,
    CODE_PAD = 34,
    CODE_STRIDED_SLICE = 45,
    CODE_PRELU = 54,
    CODE_HARD_SWISH = 117
};
enum net_activation { ACTIVATION_NONE = 0, ACTIVATION_RELU = 1, ACTIVATION_RELU6 = 3 };

struct net_tensor {
    int dim[DIMS], rank;
    size_t count;
    int type;
    const void *data; /* constants: in temp, of the given type; NULL otherwise */
    int first, last;  /* operations between which the values live; first -1: input */
    bool defined;
    size_t at; /* in the workspace, values */
};

struct net_window { /* of convolutions and pools */
    int height, width, stride_y, stride_x, dilation_y, dilation_x, top, left;
};

struct net_op;
struct net_task { /* what the rows of one operation need */
    const struct derm_net *net;
    const struct net_op *op;
    const struct derm_kernels *k;
    float *ws;
    int bands;
};

struct net_op {
    /* Computes rows [y0, y1) of the output. */
    void (*rows)(const struct net_task *t, int y0, int y1);
    int row_count;
    double work;         /* multiply-adds, roughly */
    int in[2], in_count; /* tensors */
    int out;
    int activation;
    struct net_window window;
    struct derm_nn_shape shape;
    const float *weight, *bias; /* packed for the kernels; other constants: as they are */
    const float *zeros;         /* a pixel outside the picture */
    size_t operand_count;       /* values of the second operand: all, per channel, or one */
    int axis;                   /* concatenation */
    int before[DIMS];           /* padding */
    int head;                   /* attention: lips, left eye, right eye */
};

/* The file, operation by operation, before planning. */
struct net_raw_op {
    int code;
    char custom[40]; /* name of a custom operation */
    int in[NET_MAX_INPUTS], in_count;
    int out[2], out_count;
    int option[8]; /* by field number, defaults filled in */
    size_t bytes_at, bytes_n;
};

struct derm_net {
    const char *name;
    struct net_tensor *tensor;
    int tensors;
    struct net_op *op;
    int ops;
    int input, output[NET_MAX_OUTPUTS], outputs;
    size_t workspace; /* values */
    double work;
    int attention_heads; /* seen so far */
};

/* tflite_plan.c: turns one operation of the file into one that can be run, or refuses it. */
struct net_reader {
    struct derm_net *net;
    struct derm_arena *keep, *temp;
    const unsigned char *bytes;
    size_t n;
};
derm_err net_plan_op(struct net_reader *r, const struct net_raw_op *raw) DERM_MUST_CHECK;
derm_err net_plan_memory(struct net_reader *r) DERM_MUST_CHECK;
derm_err net_refuse(const struct net_reader *r, const char *what);

/* tflite_ops.c */
void net_rows_conv(const struct net_task *t, int y0, int y1);
void net_rows_depthwise(const struct net_task *t, int y0, int y1);
void net_rows_transpose(const struct net_task *t, int y0, int y1);
void net_rows_add(const struct net_task *t, int y0, int y1);
void net_rows_mul(const struct net_task *t, int y0, int y1);
void net_rows_relu(const struct net_task *t, int y0, int y1);
void net_rows_prelu(const struct net_task *t, int y0, int y1);
void net_rows_hard_swish(const struct net_task *t, int y0, int y1);
void net_rows_logistic(const struct net_task *t, int y0, int y1);
void net_rows_max_pool(const struct net_task *t, int y0, int y1);
void net_rows_average_pool(const struct net_task *t, int y0, int y1);
void net_rows_resize(const struct net_task *t, int y0, int y1);
void net_rows_pad(const struct net_task *t, int y0, int y1);
void net_rows_concat(const struct net_task *t, int y0, int y1);
void net_rows_copy(const struct net_task *t, int y0, int y1);

/* tflite_attention.c */
void net_rows_head_matrix(const struct net_task *t, int y0, int y1);
void net_rows_head_sample(const struct net_task *t, int y0, int y1);
void net_rows_head_points(const struct net_task *t, int y0, int y1);

static inline const float *net_in(const struct net_task *t, int i)
{
    return t->ws + t->net->tensor[t->op->in[i]].at;
}
static inline float *net_out(const struct net_task *t)
{
    return t->ws + t->net->tensor[t->op->out].at;
}
static inline const int *net_dim_in(const struct net_task *t, int i)
{
    return t->net->tensor[t->op->in[i]].dim;
}
static inline const int *net_dim_out(const struct net_task *t)
{
    return t->net->tensor[t->op->out].dim;
}

#endif
