/* SPDX-License-Identifier: Apache-2.0 */
/* What running a network needs, in one. */
#ifndef DERM_NN_NN_H
#define DERM_NN_NN_H

#include "base/pool.h"
#include "kernels/kernels.h"
#include "nn/models.h"

struct derm_nn {
    struct derm_models *models;
    const struct derm_kernels *k;
    struct derm_pool *pool;
    struct derm_arena *scratch; /* used and given back before a call returns, unless said */
};

#endif
