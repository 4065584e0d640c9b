/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/stages.h"

static derm_err run_scale(struct derm_run *run, const void *params)
{
    (void)run;
    (void)params;
    return DERM_OK;
}

const struct derm_stage derm_stage_scale = {
    .name = "scale",
    .scope = DERM_EACH,
    .run = run_scale,
};
