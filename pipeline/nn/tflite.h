/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and runs the small pinned networks (TensorFlow Lite files, float with 16-bit weights).
 *
 * Reading checks everything: offsets, sizes, shapes, what every operation needs. A network that was
 * read can be run without a check and without failing. Values are float, layout rows, columns,
 * channels; the result is the same for every instruction set and number of threads. */
#ifndef DERM_NN_TFLITE_H
#define DERM_NN_TFLITE_H

#include "base/arena.h"
#include "base/pool.h"
#include "kernels/kernels.h"

struct derm_net;

/* Reads n bytes. The network lives in keep, temp is used for the unpacked weights and can be reset
 * afterwards; bytes need not outlive the call. name is for messages. DERM_EMODEL: not a network of
 * the kind that is supported, or damaged. */
derm_err derm_net_read(struct derm_net **out, struct derm_arena *keep, struct derm_arena *temp,
                       const unsigned char *bytes, size_t n, const char *name) DERM_MUST_CHECK;

size_t derm_net_input_count(const struct derm_net *net); /* values; one input */
int derm_net_outputs(const struct derm_net *net);        /* in the file's order */
size_t derm_net_output_count(const struct derm_net *net, int output);
double derm_net_work(const struct derm_net *net); /* multiply-adds of a run, roughly */

/* A workspace holds the values of one run; it can be used again. */
derm_err derm_net_workspace(const struct derm_net *net, struct derm_arena *a,
                            float **workspace) DERM_MUST_CHECK;
/* Fill derm_net_input, run, read derm_net_output (until the next run). Input is kept. */
float *derm_net_input(const struct derm_net *net, float *workspace);
void derm_net_run(const struct derm_net *net, float *workspace, const struct derm_kernels *k,
                  struct derm_pool *pool);
const float *derm_net_output(const struct derm_net *net, const float *workspace, int output);

#endif
