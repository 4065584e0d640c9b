/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DERM_TEST_STAGE_PARAMS_H
#define DERM_TEST_STAGE_PARAMS_H

#include "stages/stage.h"

struct stage_params {
    float at[DERM_MAX_PARAMS / sizeof(float)];
};

/* The parameters that a stage has when nobody configures it; in p. */
static inline const void *stage_defaults(const struct derm_stage *stage, struct stage_params *p)
{
    *p = (struct stage_params){ 0 };
    if (stage->opts) derm_opt_defaults(stage->opts, p->at);
    return p->at;
}

#endif
