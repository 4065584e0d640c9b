/* SPDX-License-Identifier: Apache-2.0 */
/* The network reader and its operations: against plain definitions, on every instruction set and
 * number of threads, and with damaged files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "kernels/filter.h"
#include "nn/models.h"
#include "nn/tflite_graph.h"

enum { MAX_TENSORS = 8 };

/* A network of one operation, put together by hand. Tensor 0 is the input, 1 the output. */
struct lone {
    struct derm_error err;
    struct derm_arena keep, temp;
    struct derm_net net;
    struct net_tensor tensor[MAX_TENSORS];
    struct net_op op;
    struct net_raw_op raw;
    float *ws;
};

static uint32_t seed = 1;

static float noise(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (float)(seed >> 8) * 0x1p-23f - 1.0f;
}

static void shape(struct lone *l, int i, int h, int w, int c)
{
    l->tensor[i] = (struct net_tensor){ .dim = { 1, h, w, c }, .rank = DIMS };
    l->tensor[i].count = (size_t)h * (size_t)w * (size_t)c;
}

static float *constant(struct lone *l, int i, int n, int h, int w, int c)
{
    float *data = NULL;

    shape(l, i, h, w, c);
    l->tensor[i].dim[0] = n;
    l->tensor[i].count *= (size_t)n;
    l->tensor[i].defined = true;
    assert_int_equal(derm_arena_new(&l->temp, &data, l->tensor[i].count, sizeof(*data)), DERM_OK);
    for (size_t k = 0; k < l->tensor[i].count; k++)
        data[k] = noise();
    l->tensor[i].data = data;
    return data;
}

static void begin(struct lone *l, int code)
{
    *l = (struct lone){ .net = { .name = "lone", .outputs = 1, .output = { 1 } } };
    assert_int_equal(derm_arena_init(&l->keep, (size_t)64 << 20, &l->err), DERM_OK);
    assert_int_equal(derm_arena_init(&l->temp, (size_t)64 << 20, &l->err), DERM_OK);
    l->net.tensor = l->tensor;
    l->net.tensors = MAX_TENSORS;
    l->net.op = &l->op;
    l->raw = (struct net_raw_op){
        .code = code, .in = { 0 }, .in_count = 1, .out = { 1 }, .out_count = 1
    };
}

static derm_err plan(struct lone *l)
{
    struct net_reader r = { .net = &l->net, .keep = &l->keep, .temp = &l->temp };

    l->tensor[0].defined = true;
    l->tensor[0].first = -1;
    DERM_TRY(net_plan_op(&r, &l->raw));
    return net_plan_memory(&r);
}

/* Fills the input with noise and runs on two threads. */
static const float *run(struct lone *l)
{
    struct derm_kernels k;
    struct derm_pool *pool;
    float *in;

    assert_int_equal(plan(l), DERM_OK);
    assert_int_equal(derm_net_workspace(&l->net, &l->keep, &l->ws), DERM_OK);
    assert_int_equal(derm_pool_new(&pool, 2, &l->err), DERM_OK);
    derm_kernels_init(&k, derm_cpu_detect());
    in = derm_net_input(&l->net, l->ws);
    for (size_t i = 0; i < l->tensor[0].count; i++)
        in[i] = noise();
    derm_net_run(&l->net, l->ws, &k, pool);
    derm_pool_free(pool);
    return derm_net_output(&l->net, l->ws, 0);
}

static void end(struct lone *l)
{
    derm_arena_free(&l->keep);
    derm_arena_free(&l->temp);
}

static float at(const struct lone *l, const float *px, int i, int y, int x, int c)
{
    const int *const d = l->tensor[i].dim;

    if (y < 0 || x < 0 || y >= d[H] || x >= d[W]) return 0.0f;
    return px[(y * d[W] + x) * d[C] + c];
}

/* 3 x 3, stride 2, SAME, on odd sizes: the padding is 1 before and 1 after; then relu6. */
static void convolution_is_its_definition(void **state)
{
    enum { SIDE = 13, CIN = 5, COUT = 21, OUT = 7 };
    struct lone l;
    const float *w, *bias, *in, *out;

    (void)state;
    begin(&l, CODE_CONV);
    shape(&l, 0, SIDE, SIDE, CIN);
    shape(&l, 1, OUT, OUT, COUT);
    w = constant(&l, 2, COUT, 3, 3, CIN);
    bias = constant(&l, 3, 1, 1, 1, COUT);
    memcpy(l.raw.in, (int[]){ 0, 2, 3 }, 3 * sizeof(int));
    l.raw.in_count = 3;
    memcpy(l.raw.option, (int[]){ 0, 2, 2, ACTIVATION_RELU6, 1, 1 }, 6 * sizeof(int));
    out = run(&l);
    in = derm_net_input(&l.net, l.ws);
    for (int i = 0; i < OUT * OUT * COUT; i++) {
        const int c = i % COUT, x = i / COUT % OUT, y = i / COUT / OUT;
        double sum = (double)bias[c];

        for (int t = 0; t < 9 * CIN; t++) {
            const int k = t % CIN, kx = t / CIN % 3, ky = t / CIN / 3;
            sum += (double)w[(c * 9 + ky * 3 + kx) * CIN + k] *
                   (double)at(&l, in, 0, 2 * y - 1 + ky, 2 * x - 1 + kx, k);
        }
        assert_true(fabs((double)out[i] - fmin(fmax(sum, 0), 6)) < 1e-5);
    }
    end(&l);
}

/* 5 x 5, stride 2, SAME on an even size: 1 before, 2 after. */
static void depthwise_is_its_definition(void **state)
{
    enum { SIDE = 8, CHANNELS = 19, OUT = 4 };
    struct lone l;
    const float *w, *bias, *in, *out;

    (void)state;
    begin(&l, CODE_DEPTHWISE);
    shape(&l, 0, SIDE, SIDE, CHANNELS);
    shape(&l, 1, OUT, OUT, CHANNELS);
    w = constant(&l, 2, 1, 5, 5, CHANNELS);
    bias = constant(&l, 3, 1, 1, 1, CHANNELS);
    memcpy(l.raw.in, (int[]){ 0, 2, 3 }, 3 * sizeof(int));
    l.raw.in_count = 3;
    memcpy(l.raw.option, (int[]){ 0, 2, 2, 1, 0, 1, 1 }, 7 * sizeof(int));
    out = run(&l);
    in = derm_net_input(&l.net, l.ws);
    for (int i = 0; i < OUT * OUT * CHANNELS; i++) {
        const int c = i % CHANNELS, x = i / CHANNELS % OUT, y = i / CHANNELS / OUT;
        double sum = (double)bias[c];

        for (int t = 0; t < 25; t++)
            sum += (double)w[t * CHANNELS + c] *
                   (double)at(&l, in, 0, 2 * y - 1 + t / 5, 2 * x - 1 + t % 5, c);
        assert_true(fabs((double)out[i] - sum) < 1e-5);
    }
    end(&l);
}

static void pools_and_maps_are_their_definitions(void **state)
{
    struct lone l;
    const float *in, *out, *slope;

    (void)state;
    begin(&l, CODE_MAX_POOL);
    shape(&l, 0, 5, 5, 3);
    shape(&l, 1, 3, 3, 3);
    memcpy(l.raw.option, (int[]){ 0, 2, 2, 2, 2, 0 }, 6 * sizeof(int));
    out = run(&l);
    in = derm_net_input(&l.net, l.ws);
    assert_true(out[0] == fmaxf(fmaxf(in[0], in[3]), fmaxf(in[15], in[18])));
    assert_true(out[8 * 3 + 2] == in[24 * 3 + 2]); /* the last window holds one pixel */
    end(&l);

    begin(&l, CODE_PRELU);
    shape(&l, 0, 2, 2, 3);
    shape(&l, 1, 2, 2, 3);
    slope = constant(&l, 2, 1, 1, 1, 3);
    l.raw.in[1] = 2;
    l.raw.in_count = 2;
    out = run(&l);
    in = derm_net_input(&l.net, l.ws);
    for (int i = 0; i < 12; i++)
        assert_true(out[i] == (in[i] > 0 ? in[i] : in[i] * slope[i % 3]));
    end(&l);

    begin(&l, CODE_RESIZE_BILINEAR);
    shape(&l, 0, 2, 2, 1);
    shape(&l, 1, 4, 4, 1);
    l.raw.in[1] = 0;
    l.raw.in_count = 2;
    l.raw.option[3] = 1;
    out = run(&l);
    in = derm_net_input(&l.net, l.ws);
    assert_true(out[0] == in[0] && out[15] == in[3]);
    assert_true(fabsf(out[1] - (0.75f * in[0] + 0.25f * in[1])) < 1e-6f);
    end(&l);
}

/* The known halves of IEEE 754: one, the largest, the least normal, the least, minus two. */
static void halves_become_floats(void **state)
{
    static const uint16_t half[] = { 0x3c00, 0x7bff, 0x0400, 0x0001, 0xc000 };
    static const float value[] = { 1.0f, 65504.0f, 0x1p-14f, 0x1p-24f, -2.0f };
    struct lone l;
    struct net_reader r;

    (void)state;
    begin(&l, CODE_DEQUANTIZE);
    shape(&l, 0, 1, 1, 5);
    shape(&l, 1, 1, 1, 5);
    l.tensor[0].type = TYPE_F16;
    l.tensor[0].data = half;
    l.tensor[0].defined = true;
    r = (struct net_reader){ .net = &l.net, .keep = &l.keep, .temp = &l.temp };
    assert_int_equal(net_plan_op(&r, &l.raw), DERM_OK);
    assert_memory_equal(l.tensor[1].data, value, sizeof(value));
    end(&l);
}

static void shapes_that_do_not_fit_are_refused(void **state)
{
    struct lone l;

    (void)state;
    for (int fault = 0; fault < 5; fault++) {
        begin(&l, CODE_CONV);
        shape(&l, 0, 8, 8, fault == 0 ? 4 : 3);  /* channels */
        shape(&l, 1, fault == 1 ? 7 : 8, 8, 16); /* output size */
        constant(&l, 2, 16, 3, 3, 3);
        constant(&l, 3, 1, 1, 1, fault == 2 ? 15 : 16); /* bias */
        if (fault == 3) l.tensor[2].data = NULL;        /* weights that are none */
        memcpy(l.raw.in, (int[]){ 0, 2, 3 }, 3 * sizeof(int));
        l.raw.in_count = 3;
        memcpy(l.raw.option, (int[]){ 0, fault == 4 ? 0 : 1, 1, 0, 1, 1 }, 6 * sizeof(int));
        assert_int_equal(plan(&l), DERM_EMODEL);
        assert_non_null(strstr(l.err.text, "lone"));
        end(&l);
    }
}

static struct derm_models *models;

static const struct derm_net *network_of(enum derm_network i)
{
    struct derm_error err = { 0 };
    const struct derm_net *net;

    assert_int_equal(derm_models_net(models, i, &net, &err), DERM_OK);
    return net;
}

static void run_network(enum derm_network net, unsigned cpu, int threads, float *out, size_t n)
{
    const struct derm_net *const network = network_of(net);
    struct derm_error err = { 0 };
    struct derm_arena a;
    struct derm_kernels k;
    struct derm_pool *pool;
    float *ws;

    assert_int_equal(derm_arena_init(&a, (size_t)256 << 20, &err), DERM_OK);
    assert_int_equal(derm_pool_new(&pool, threads, &err), DERM_OK);
    derm_kernels_init(&k, cpu);
    assert_int_equal(derm_net_workspace(network, &a, &ws), DERM_OK);
    seed = 7;
    for (size_t i = 0; i < derm_net_input_count(network); i++)
        derm_net_input(network, ws)[i] = 0.5f + 0.5f * noise();
    derm_net_run(network, ws, &k, pool);
    derm_net_run(network, ws, &k, pool); /* the workspace serves again, the input stays */
    memcpy(out, derm_net_output(network, ws, 0), n * sizeof(*out));
    derm_pool_free(pool);
    derm_arena_free(&a);
}

static void same_bits_for_every_cpu_and_thread_count(void **state)
{
    static float want[1 << 16], got[1 << 16];

    (void)state;
    for (int net = 0; net < DERM_NET_CANONICAL; net++) {
        const size_t n = derm_net_output_count(network_of((enum derm_network)net), 0);

        run_network((enum derm_network)net, 0, 1, want, n);
        run_network((enum derm_network)net, derm_cpu_detect(), 3, got, n);
        assert_memory_equal(want, got, n * sizeof(*want));
        for (size_t i = 0; i < n; i++)
            assert_true(isfinite(want[i]));
    }
}

static unsigned char *read_slice(size_t offset, size_t n)
{
    static const char path[] =
        DERM_TEST_MODELS "/node_modules/@mediapipe/face_mesh/face_mesh_solution_packed_assets.data";
    unsigned char *const bytes = malloc(n);
    FILE *const f = fopen(path, "rb");

    assert_non_null(f);
    assert_non_null(bytes);
    assert_int_equal(fseek(f, (long)offset, SEEK_SET), 0);
    assert_int_equal(fread(bytes, 1, n, f), n);
    fclose(f);
    return bytes;
}

static derm_err read_bytes(const unsigned char *bytes, size_t n)
{
    struct derm_error err = { 0 };
    struct derm_arena keep, temp;
    struct derm_net *net;
    derm_err e;

    assert_int_equal(derm_arena_init(&keep, (size_t)64 << 20, &err), DERM_OK);
    assert_int_equal(derm_arena_init(&temp, (size_t)64 << 20, &err), DERM_OK);
    e = derm_net_read(&net, &keep, &temp, bytes, n, "damaged");
    derm_arena_free(&keep);
    derm_arena_free(&temp);
    return e;
}

/* Every cut and every flipped byte ends in an answer. The copy is exact, so that a sanitizer sees a
 * read past its end. */
static void damaged_files_are_answered(void **state)
{
    enum { OFFSET = 3757224, SIZE = 229032 }; /* the short-range detector, README.md */
    unsigned char *const bytes = read_slice(OFFSET, SIZE);
    int refused = 0;

    (void)state;
    assert_int_equal(read_bytes(bytes, SIZE), DERM_OK);
    for (size_t n = 0; n < SIZE; n += 2003) {
        unsigned char *const cut = malloc(n + !n);
        memcpy(cut, bytes, n);
        assert_int_not_equal(read_bytes(cut, n), DERM_OK);
        free(cut);
    }
    for (int i = 0; i < 400; i++) {
        const size_t where = (size_t)((double)(1.0f + noise()) * 0.5 * (SIZE - 1));
        const unsigned char was = bytes[where];

        bytes[where] = (unsigned char)(was ^ (1u << (i % 8)));
        refused += read_bytes(bytes, SIZE) != DERM_OK;
        bytes[where] = was;
    }
    assert_true(refused > 0);
    free(bytes);
}

static int open_models(void **state)
{
    struct derm_error err = { 0 };

    (void)state;
    return derm_models_open(&models, DERM_TEST_MODELS, &err) == DERM_OK ? 0 : -1;
}

static int close_models(void **state)
{
    (void)state;
    derm_models_close(models);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution_is_its_definition),
        cmocka_unit_test(depthwise_is_its_definition),
        cmocka_unit_test(pools_and_maps_are_their_definitions),
        cmocka_unit_test(halves_become_floats),
        cmocka_unit_test(shapes_that_do_not_fit_are_refused),
        cmocka_unit_test(same_bits_for_every_cpu_and_thread_count),
        cmocka_unit_test(damaged_files_are_answered),
    };
    return cmocka_run_group_tests(tests, open_models, close_models);
}
