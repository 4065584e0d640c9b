/* SPDX-License-Identifier: Apache-2.0 */
/* One job, an analysis or a comparison: what the runner fills and the report reads. */
#ifndef DERM_STAGES_WORK_H
#define DERM_STAGES_WORK_H

#include "stages/stage.h"

struct derm_timing {
    const char *stage;
    int photo; /* 0, 1; -1: not of one photo */
    double seconds;
};

struct derm_baseline;
struct derm_work {
    int photos;                     /* 1: analysis; 2: comparison, baseline first */
    struct derm_baseline *baseline; /* what is known of it from other pairs; NULL: nothing */
    struct derm_photo_request request[2];
    struct derm_frame frame[2];
    struct derm_pair pair;
    struct derm_tone tone;
    struct derm_results results;
    struct derm_timing timing[3 * DERM_MAX_STAGES];
    int timings;
};

#endif
