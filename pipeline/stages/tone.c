/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/stages.h"

static derm_err run_tone(struct derm_run *run, const void *params)
{
    (void)run;
    (void)params;
    return DERM_OK;
}

const struct derm_stage derm_stage_tone = {
    .name = "tone",
    .scope = DERM_ONCE,
    .run = run_tone,
};
