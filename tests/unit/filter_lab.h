/* SPDX-License-Identifier: Apache-2.0 */
/* What a test of plane filters needs: two arenas, a pool of two threads, plain C kernels. Included
 * after <cmocka.h>, once a program. */
#ifndef DERM_TEST_FILTER_LAB_H
#define DERM_TEST_FILTER_LAB_H

#include "kernels/filter.h"

#define OK(call) assert_int_equal((call), DERM_OK)

static struct derm_error err;
static struct derm_arena keep, scratch;
static struct derm_kernels kernels;
static struct derm_filter filter = { &kernels, NULL, &scratch };

static int set_up(void **state)
{
    (void)state;
    derm_kernels_init(&kernels, 0);
    return derm_pool_new(&filter.pool, 2, &err) != DERM_OK ||
           derm_arena_init(&keep, (size_t)512 << 20, &err) != DERM_OK ||
           derm_arena_init(&scratch, (size_t)512 << 20, &err) != DERM_OK;
}

static int tear_down(void **state)
{
    (void)state;
    derm_pool_free(filter.pool);
    derm_arena_free(&keep);
    derm_arena_free(&scratch);
    return 0;
}

#endif
