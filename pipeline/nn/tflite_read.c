/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a TensorFlow Lite file: a FlatBuffer, schema version 3, little-endian.
 *
 * A FlatBuffer is tables with offsets to tables. Every access goes through `word` and friends,
 * which check it against the size of the file and remember a failure; a failed read gives 0, so the
 * reader can go on to a place where it asks once. */
#include <string.h>

#include "nn/tflite_graph.h"

struct file {
    const unsigned char *b;
    size_t n;
    bool ok;
};
struct list {
    size_t at;
    int count;
};

static uint32_t number(struct file *f, size_t at, size_t size)
{
    uint32_t value = 0;

    if (at > f->n || f->n - at < size)
        f->ok = false;
    else
        for (size_t i = 0; i < size; i++)
            value |= (uint32_t)f->b[at + i] << (8 * i);
    return value;
}

static uint32_t word(struct file *f, size_t at)
{
    return number(f, at, 4);
}

/* Where field `id` of the table is, 0 when it has its default. */
static size_t field(struct file *f, size_t table, int id)
{
    const int64_t vtable = (int64_t)table - (int32_t)word(f, table);
    const size_t slot = 4 + 2 * (size_t)id;
    uint32_t offset;

    if (!f->ok || vtable < 0) {
        f->ok = false;
        return 0;
    }
    if (slot + 2 > number(f, (size_t)vtable, 2)) return 0;
    offset = number(f, (size_t)vtable + slot, 2);
    return offset && f->ok ? table + offset : 0;
}

static size_t follow(struct file *f, size_t at)
{
    return at + word(f, at);
}

static struct list list_of(struct file *f, size_t table, int id, size_t element)
{
    const size_t at = field(f, table, id);
    struct list l = { 0, 0 };
    size_t start;
    uint32_t count;

    if (!at) return l;
    start = follow(f, at);
    count = word(f, start);
    if (!f->ok || count > (f->n - start - 4) / element || count > INT32_MAX) {
        f->ok = false;
        return l;
    }
    return (struct list){ start + 4, (int)count };
}

static size_t table_in(struct file *f, struct list l, int i)
{
    if (i < 0 || i >= l.count) {
        f->ok = false;
        return 0;
    }
    return follow(f, l.at + 4 * (size_t)i);
}

static int int_field(struct file *f, size_t table, int id, size_t size, int otherwise)
{
    const size_t at = field(f, table, id);
    const uint32_t value = at ? number(f, at, size) : 0;

    return !at ? otherwise : size == 1 ? (int8_t)value : (int32_t)value;
}

static derm_err read_shape(struct net_reader *r, struct file *f, struct net_tensor *t, size_t table)
{
    const struct list shape = list_of(f, table, 0, 4);

    if (!f->ok || shape.count > DIMS) return net_refuse(r, "a tensor's shape");
    t->rank = shape.count;
    t->count = 1;
    for (int i = 0; i < DIMS; i++)
        t->dim[i] = 1;
    for (int i = 0; i < shape.count; i++) {
        const uint32_t size = word(f, shape.at + 4 * (size_t)i);

        if (size < 1 || size > NET_MAX_DIM) return net_refuse(r, "a tensor's size");
        t->dim[DIMS - shape.count + i] = (int)size;
        t->count *= size;
        if (t->count > NET_MAX_COUNT) return net_refuse(r, "a tensor's size");
    }
    return DERM_OK;
}

/* Constants stay in the file's bytes, or in an aligned copy of them. */
static derm_err read_constant(struct net_reader *r, struct file *f, struct net_tensor *t,
                              struct list data)
{
    const size_t size = t->type == TYPE_F16 ? 2 : 4;
    void *copy;

    if (t->type != TYPE_F32 && t->type != TYPE_F16 && t->type != TYPE_I32) return DERM_OK;
    if ((size_t)data.count != t->count * size) return net_refuse(r, "a constant's size");
    DERM_TRY(derm_arena_new(r->temp, &copy, t->count, size));
    memcpy(copy, f->b + data.at, t->count * size);
    t->data = copy;
    t->defined = true;
    return DERM_OK;
}

static derm_err read_tensors(struct net_reader *r, struct file *f, struct list tensors,
                             struct list buffers)
{
    if (!f->ok || tensors.count < 1 || tensors.count > NET_MAX_TENSORS)
        return net_refuse(r, "the number of tensors");
    r->net->tensors = tensors.count;
    DERM_TRY(
        derm_arena_new(r->keep, &r->net->tensor, (size_t)tensors.count, sizeof(*r->net->tensor)));
    for (int i = 0; i < tensors.count; i++) {
        struct net_tensor *const t = &r->net->tensor[i];
        const size_t table = table_in(f, tensors, i);
        struct list data;

        DERM_TRY(read_shape(r, f, t, table));
        t->type = int_field(f, table, 1, 1, TYPE_F32);
        data = list_of(f, table_in(f, buffers, int_field(f, table, 2, 4, 0)), 0, 1);
        if (!f->ok) return net_refuse(r, "a tensor");
        if (data.count) DERM_TRY(read_constant(r, f, t, data));
    }
    return DERM_OK;
}

/* Fields of the options by operation: size in bytes of each, 0: not there. */
static void read_options(struct file *f, size_t table, struct net_raw_op *raw)
{
    static const struct {
        int code;
        unsigned char size[8], otherwise[8];
    } layout[] = {
        { CODE_CONV, { 1, 4, 4, 1, 4, 4 }, { 0, 0, 0, 0, 1, 1 } },
        { CODE_DEPTHWISE, { 1, 4, 4, 4, 1, 4, 4 }, { 0, 0, 0, 0, 0, 1, 1 } },
        { CODE_AVERAGE_POOL, { 1, 4, 4, 4, 4, 1 }, { 0 } },
        { CODE_MAX_POOL, { 1, 4, 4, 4, 4, 1 }, { 0 } },
        { CODE_ADD, { 1 }, { 0 } },
        { CODE_MUL, { 1 }, { 0 } },
        { CODE_CONCAT, { 4, 1 }, { 0 } },
        { CODE_RESIZE_BILINEAR, { 0, 0, 1, 1 }, { 0 } },
        { CODE_STRIDED_SLICE, { 4, 4, 4, 4, 4 }, { 0 } },
    };

    for (size_t k = 0; k < sizeof(layout) / sizeof(layout[0]); k++) {
        if (layout[k].code != raw->code) continue;
        for (int i = 0; i < 8; i++) {
            raw->option[i] = layout[k].otherwise[i];
            if (table && layout[k].size[i])
                raw->option[i] = int_field(f, table, i, layout[k].size[i], raw->option[i]);
        }
    }
}

static derm_err read_indices(struct net_reader *r, struct file *f, struct list from, int *to,
                             int limit, int *count)
{
    if (!f->ok || from.count > limit) return net_refuse(r, "an operation's tensors");
    *count = from.count;
    for (int i = 0; i < from.count; i++) {
        to[i] = (int)(int32_t)word(f, from.at + 4 * (size_t)i);
        if (to[i] < 0 || to[i] >= r->net->tensors) return net_refuse(r, "a tensor's number");
    }
    return DERM_OK;
}

static void read_code(struct file *f, size_t table, struct net_raw_op *raw)
{
    const int old = int_field(f, table, 0, 1, 0), code = int_field(f, table, 3, 4, 0);
    const struct list name = list_of(f, table, 1, 1);

    raw->code = code > old ? code : old;
    if (f->ok && name.count > 0 && (size_t)name.count < sizeof(raw->custom))
        memcpy(raw->custom, f->b + name.at, (size_t)name.count);
}

static derm_err read_op(struct net_reader *r, struct file *f, size_t table, struct list codes)
{
    struct net_raw_op raw = { 0 };
    struct list bytes;
    size_t options;

    read_code(f, table_in(f, codes, int_field(f, table, 0, 4, 0)), &raw);
    DERM_TRY(read_indices(r, f, list_of(f, table, 1, 4), raw.in, NET_MAX_INPUTS, &raw.in_count));
    DERM_TRY(read_indices(r, f, list_of(f, table, 2, 4), raw.out, 2, &raw.out_count));
    options = field(f, table, 4);
    read_options(f, options ? follow(f, options) : 0, &raw);
    bytes = list_of(f, table, 5, 1);
    raw.bytes_at = bytes.at;
    raw.bytes_n = (size_t)bytes.count;
    if (!f->ok) return net_refuse(r, "an operation");
    return net_plan_op(r, &raw);
}

static derm_err read_graph(struct net_reader *r, struct file *f)
{
    struct derm_net *const net = r->net;
    const size_t model = follow(f, 0);
    const struct list codes = list_of(f, model, 1, 4), graphs = list_of(f, model, 2, 4);
    const struct list buffers = list_of(f, model, 4, 4);
    const size_t graph = table_in(f, graphs, 0);
    const struct list ops = list_of(f, graph, 3, 4);
    int inputs = 0;

    if (!f->ok || graphs.count != 1) return net_refuse(r, "the model");
    DERM_TRY(read_tensors(r, f, list_of(f, graph, 0, 4), buffers));
    DERM_TRY(read_indices(r, f, list_of(f, graph, 1, 4), &net->input, 1, &inputs));
    DERM_TRY(
        read_indices(r, f, list_of(f, graph, 2, 4), net->output, NET_MAX_OUTPUTS, &net->outputs));
    if (!f->ok || inputs != 1 || net->outputs < 1 || ops.count < 1 || ops.count > NET_MAX_OPS)
        return net_refuse(r, "the graph");
    if (net->tensor[net->input].defined || net->tensor[net->input].type != TYPE_F32)
        return net_refuse(r, "the input");
    net->tensor[net->input].defined = true;
    net->tensor[net->input].first = -1;
    DERM_TRY(derm_arena_new(r->keep, &net->op, (size_t)ops.count, sizeof(*net->op)));
    for (int i = 0; i < ops.count; i++)
        DERM_TRY(read_op(r, f, table_in(f, ops, i), codes));
    return net_plan_memory(r);
}

derm_err net_refuse(const struct net_reader *r, const char *what)
{
    return derm_fail(r->keep->err, DERM_EMODEL,
                     "the network %s cannot be used: %s is damaged or not supported", r->net->name,
                     what);
}

derm_err derm_net_read(struct derm_net **out, struct derm_arena *keep, struct derm_arena *temp,
                       const unsigned char *bytes, size_t n, const char *name)
{
    struct file f = { bytes, n, true };
    struct net_reader r = { .keep = keep, .temp = temp, .bytes = bytes, .n = n };

    DERM_TRY(derm_arena_new(keep, &r.net, 1, sizeof(*r.net)));
    DERM_TRY(derm_arena_text(keep, &r.net->name, name));
    if (n < 8 || memcmp(bytes + 4, "TFL3", 4) != 0) return net_refuse(&r, "the file");
    DERM_TRY(read_graph(&r, &f));
    *out = r.net;
    return DERM_OK;
}
