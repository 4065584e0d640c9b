/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/stages.h"

static derm_err run_skin(struct derm_run *run, const void *params)
{
    (void)run;
    (void)params;
    return DERM_OK;
}

const struct derm_stage derm_stage_skin = {
    .name = "skin",
    .scope = DERM_EACH,
    .run = run_skin,
};
