/* SPDX-License-Identifier: Apache-2.0 */
/* The stage table: the pipeline, in order. */
#include "stages/stages.h"

const struct derm_stage *const derm_stages[] = {
    &derm_stage_decode,     /* file -> linear light */
    &derm_stage_face,       /* largest face, landmarks, pose */
    &derm_stage_scale,      /* px per mm and its source */
    &derm_stage_match,      /* pair: coarse alignment, ratio of scales */
    &derm_stage_grid,       /* the part and resolution that is measured; optical density */
    &derm_stage_skin,       /* which pixels are assessable skin */
    &derm_stage_regions,    /* which region each pixel belongs to */
    &derm_stage_part_neck,  /* the neck, which moves by itself, apart from the head */
    &derm_stage_quality,    /* is the photo good enough, for what */
    &derm_stage_tone,       /* one set of pigment weights per subject */
    &derm_stage_register,   /* pair: dense alignment; same tissue or a refusal */
    &derm_stage_warp,       /* pair: the follow-up on the baseline's grid, common skin */
    &derm_stage_gauge,      /* pair: how much sharper one photo is */
    &derm_stage_conditions, /* pair: were the photos taken alike */
    &derm_stage_swelling,   /* pair: widths of a face */
    &derm_stage_equalise,   /* pair: the sharper photo is brought to the blur of the other */
    &derm_stage_clutter,    /* fine dark detail around each place */
    &derm_stage_join_neck,  /* the neck is skin again, where two photos line up */
    &derm_stage_pores,
    &derm_stage_pigmentation, /* spots and fields */
    &derm_stage_redness,      /* red marks and fields */
    &derm_stage_vessels,      /* fine red lines */
    &derm_stage_scars,        /* atrophic */
    &derm_stage_stretch_marks,
    &derm_stage_linear_scars, /* of cuts */
    &derm_stage_classify,     /* what each spot is; each counts under one concern */
    &derm_stage_texture,      /* roughness of what is left */
    &derm_stage_evenness,     /* of colour */
    &derm_stage_wrinkles,     /* and fine lines */
    &derm_stage_gloss,        /* what the surface reflects */
    &derm_stage_flaking,      /* white scales on it */
    &derm_stage_track,        /* pair: what became of each lesion */
    &derm_stage_measure,      /* metrics, change, verdicts */
    0,
};
