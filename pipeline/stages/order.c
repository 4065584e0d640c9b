/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/order.h"

#include "base/num.h"

derm_err derm_order_by_tile(struct derm_run *run, const struct derm_grid *grid,
                            const struct derm_point *at, int n, int **order)
{
    enum { TILE = 64 }; /* px: three planes of it, and what lies beside, stay in the second cache */
    const int w = grid->w / TILE + 1, h = grid->h / TILE + 1;
    int *tile, *first;

    DERM_TRY(derm_arena_raw(run->scratch, order, (size_t)n + 1, sizeof(**order)));
    DERM_TRY(derm_arena_raw(run->scratch, &tile, (size_t)n + 1, sizeof(*tile)));
    DERM_TRY(derm_arena_new(run->scratch, &first, (size_t)w * (size_t)h + 1, sizeof(*first)));
    for (int i = 0; i < n; i++) {
        tile[i] = clampi((int)at[i].y / TILE, 0, h - 1) * w + clampi((int)at[i].x / TILE, 0, w - 1);
        first[tile[i] + 1]++;
    }
    for (int t = 0; t < w * h; t++)
        first[t + 1] += first[t];
    for (int i = 0; i < n; i++)
        (*order)[first[tile[i]]++] = i;
    return DERM_OK;
}
