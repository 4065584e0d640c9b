/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a network: its operations in order, the large ones cut in bands of rows. */
#include "nn/tflite_graph.h"

enum { BANDS = 8 };
static const double work_for_bands = 2e5; /* multiply-adds; below, waking a thread costs more */

size_t derm_net_input_count(const struct derm_net *net)
{
    return net->tensor[net->input].count;
}

int derm_net_outputs(const struct derm_net *net)
{
    return net->outputs;
}

size_t derm_net_output_count(const struct derm_net *net, int output)
{
    return net->tensor[net->output[output]].count;
}

double derm_net_work(const struct derm_net *net)
{
    return net->work;
}

derm_err derm_net_workspace(const struct derm_net *net, struct derm_arena *a, float **workspace)
{
    return derm_arena_new(a, workspace, net->workspace, sizeof(**workspace));
}

float *derm_net_input(const struct derm_net *net, float *workspace)
{
    return workspace + net->tensor[net->input].at;
}

const float *derm_net_output(const struct derm_net *net, const float *workspace, int output)
{
    return workspace + net->tensor[net->output[output]].at;
}

static void run_band(void *arg, int band)
{
    const struct net_task *const t = arg;
    const int rows = t->op->row_count;

    t->op->rows(t, rows * band / t->bands, rows * (band + 1) / t->bands);
}

void derm_net_run(const struct derm_net *net, float *workspace, const struct derm_kernels *k,
                  struct derm_pool *pool)
{
    for (int i = 0; i < net->ops; i++) {
        const struct net_op *const op = &net->op[i];
        struct net_task t = { net, op, k, workspace, 1 };

        if (op->work > work_for_bands) t.bands = op->row_count < BANDS ? op->row_count : BANDS;
        if (t.bands > 1)
            derm_pool_run(pool, t.bands, run_band, &t);
        else
            run_band(&t, 0);
    }
}
