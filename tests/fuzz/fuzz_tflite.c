/* SPDX-License-Identifier: Apache-2.0 */
/* The network reader on arbitrary bytes, and on a real network with some bytes changed; what it
 * accepts is run. The first byte of the input says which:
 *   bit 0  the rest is a file (0) or changes to the real network (1): offset, 3 bytes, and value
 *   bits 1-3, 5-7 all set: run an accepted real network (slow); others are always run. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "nn/tflite.h"

enum { OFFSET = 3757224, SIZE = 229032, CHANGE = 4, RUN = 0xee };
static const double most_work = 1e8; /* multiply-adds */
static unsigned char *network;
static struct derm_pool *pool;
static struct derm_arena keep, temp;
static struct derm_error err;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char path[] =
        DERM_TEST_MODELS "/node_modules/@mediapipe/face_mesh/face_mesh_solution_packed_assets.data";
    FILE *const f = fopen(path, "rb");

    (void)argc;
    (void)argv;
    network = malloc(SIZE);
    if (!f || !network || fseek(f, OFFSET, SEEK_SET) != 0 || fread(network, 1, SIZE, f) != SIZE)
        abort();
    fclose(f);
    if (derm_pool_new(&pool, 1, &err) != DERM_OK ||
        derm_arena_init(&keep, (size_t)256 << 20, &err) != DERM_OK ||
        derm_arena_init(&temp, (size_t)256 << 20, &err) != DERM_OK)
        abort();
    return 0;
}

static void read_and_run(const unsigned char *bytes, size_t n, int want_run, unsigned cpu)
{
    struct derm_kernels k;
    struct derm_net *net;
    float *ws, sum = 0;

    err = (struct derm_error){ 0 };
    if (derm_net_read(&net, &keep, &temp, bytes, n, "fuzz") == DERM_OK && want_run &&
        derm_net_work(net) <= most_work && derm_net_workspace(net, &keep, &ws) == DERM_OK) {
        derm_kernels_init(&k, cpu);
        for (size_t i = 0; i < derm_net_input_count(net); i++)
            derm_net_input(net, ws)[i] = (float)(i % 17) * 0.1f;
        derm_net_run(net, ws, &k, pool);
        for (int o = 0; o < derm_net_outputs(net); o++)
            for (size_t i = 0; i < derm_net_output_count(net, o); i++)
                sum += derm_net_output(net, ws, o)[i];
    }
    if (err.code != DERM_OK && err.text[0] == '\0') abort();
    if (sum == 0x1.234568p77f) abort(); /* keeps the sum alive */
    derm_arena_reset(&keep, 0);
    derm_arena_reset(&temp, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char *copy;
    size_t n;

    if (size < 1) return 0;
    n = data[0] & 1 ? SIZE : size - 1;
    copy = malloc(n + !n); /* of its very size, so that reading past it shows */
    if (!copy) abort();
    memcpy(copy, data[0] & 1 ? network : data + 1, n);
    for (size_t i = 1; (data[0] & 1) && i + CHANGE <= size; i += CHANGE) {
        const size_t where = data[i] | (size_t)data[i + 1] << 8 | (size_t)data[i + 2] << 16;
        copy[where % SIZE] = data[i + 3];
    }
    read_and_run(copy, n, !(data[0] & 1) || (data[0] & RUN) == RUN,
                 data[0] & 16 ? derm_cpu_detect() : 0);
    free(copy);
    return 0;
}
