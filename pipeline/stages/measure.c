/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/stages.h"

static derm_err run_measure(struct derm_run *run, const void *params)
{
    (void)run;
    (void)params;
    return DERM_OK;
}

const struct derm_stage derm_stage_measure = {
    .name = "measure",
    .scope = DERM_ONCE,
    .run = run_measure,
};
