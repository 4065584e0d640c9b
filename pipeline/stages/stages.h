/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DERM_STAGES_STAGES_H
#define DERM_STAGES_STAGES_H

#include "stages/stage.h"

extern const struct derm_stage derm_stage_decode, derm_stage_face, derm_stage_scale,
    derm_stage_match, derm_stage_grid, derm_stage_skin, derm_stage_regions, derm_stage_part_neck,
    derm_stage_join_neck, derm_stage_quality, derm_stage_tone, derm_stage_register, derm_stage_warp,
    derm_stage_gauge, derm_stage_conditions, derm_stage_swelling, derm_stage_equalise,
    derm_stage_clutter, derm_stage_pores, derm_stage_pigmentation, derm_stage_redness,
    derm_stage_vessels, derm_stage_scars, derm_stage_linear_scars, derm_stage_texture,
    derm_stage_evenness, derm_stage_wrinkles, derm_stage_stretch_marks, derm_stage_gloss,
    derm_stage_flaking, derm_stage_classify, derm_stage_track, derm_stage_measure;

#endif
