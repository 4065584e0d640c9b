/* SPDX-License-Identifier: Apache-2.0 */
/* conditions: were the two photos taken alike? What differs can pass for a change of the skin.
 *
 * reads   source, face, scale, quality, match of both; gauge; tone; od on the common skin, if
 *         registered
 * writes  findings of the pair. FAIL: the concerns it names are not assessable, in the regions it
 *         names if it names any; when that is all concerns everywhere the pair is not comparable.
 *
 * Every limit is in models/gates.json, by the name of the quantity. What is read off the skin is
 * compared at the same skin, so dark and fair skin are judged alike. */
#include <math.h>
#include <string.h>

#include "stages/comparable.h"
#include "stages/expression.h"
#include "stages/fine_relief.h"
#include "stages/gates.h"
#include "stages/gauge.h"
#include "stages/light_direction.h"
#include "stages/processing.h"
#include "stages/stages.h"
#include "stages/tilt.h"

struct params {
    float cell_mm;
    int wide_cells;
    float least_highlights, veil_response;
    float relief_px_per_mm;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, cell_mm, 1.6, 0.1, 10,
             "side of the cells that contrast is compared on: pores are averaged out"),
    DERM_OPT(struct params, wide_cells, 2, 1, 100,
             "cells along a side of those that the direction of light is read from"),
    DERM_OPT(struct params, least_highlights, 0.001, 1e-6, 1,
             "share of the skin; fewer count as this many"),
    DERM_OPT(struct params, veil_response, 1.5, 0, 10,
             "share of a spot's contrast that gloss takes, by the sd of its change over the skin: "
             "oil x 1.8 and x .5 read .015 to .035 and take 3 to 15 % (phantoms, even seeds), as "
             "there is an even part, too"),
    DERM_OPT(struct params, relief_px_per_mm, 6, 1, 100,
             "of a close-up whose relief tells where light comes from; as for fine lines "
             "(algorithms, section 11)"),
    { 0 },
};

/* ---- the files */
static bool same_camera(const struct derm_camera *b, const struct derm_camera *f)
{
    return strcmp(b->make, f->make) == 0 && strcmp(b->model, f->model) == 0 &&
           strcmp(b->lens, f->lens) == 0 && b->flash_fired == f->flash_fired &&
           b->white_balance == f->white_balance;
}

/* A file without loss counts as the best JPEG. */
static double loss(const struct derm_source *s)
{
    return s->jpeg_quality > 0 ? 100 - s->jpeg_quality : 0;
}

static derm_err check_source(struct derm_run *run)
{
    struct derm_pair *const pair = run->pair;
    const struct derm_source *const b = &pair->base->source, *const f = &pair->follow->source;

    if (strcmp(b->sha256_pixels, f->sha256_pixels) == 0)
        derm_pair_note(pair, DERM_REASON_SAME_FILE, DERM_SEVERITY_WARN, NULL, 0, 0);
    DERM_TRY(derm_gate_check(run, "device_difference", !same_camera(&b->camera, &f->camera)));
    DERM_TRY(derm_gate_check(run, "processing_difference",
                             strcmp(b->colour_space, f->colour_space) != 0 ||
                                 b->camera.custom_rendered != f->camera.custom_rendered));
    pair->compression = fabs(loss(b) - loss(f));
    DERM_TRY(derm_gate_check(run, "jpeg_quality_difference", pair->compression));
    return derm_gate_check(run, "chroma_subsampling_difference",
                           b->chroma_subsampled != f->chroma_subsampled);
}

/* ---- the camera's place */
static derm_err check_residual(struct derm_run *run)
{
    const struct derm_pair *const pair = run->pair;

    if (!pair->registration.accepted || pair->base->scale.source == DERM_SCALE_UNKNOWN)
        return DERM_OK; /* not in millimetres */
    return derm_gate_check(run, "residual_mm", pair->registration.residual_mm);
}

/* By what share the ratio of the photos' scales is off that of the sizes in which they line up,
 * less two standard errors. Eyes err by their subject's own size, which cancels between two of
 * them. */
static double scale_disagreement(const struct derm_pair *pair)
{
    const struct derm_scale *const b = &pair->base->scale, *const f = &pair->follow->scale;
    const double ratio = f->px_per_mm / (b->px_per_mm * pair->match.scale_ratio);
    const bool of_eyes = b->source == DERM_SCALE_IRIS_IPD && f->source == DERM_SCALE_IRIS_IPD;
    const double sd = of_eyes ? 0 : sqrt(b->rel_sd * b->rel_sd + f->rel_sd * f->rel_sd);

    return fmax(fmax(ratio, 1 / ratio) - 1 - 2 * sd, 0);
}

static derm_err check_scale(struct derm_run *run)
{
    const struct derm_pair *const pair = run->pair;
    const double ratio = pair->match.scale_ratio;

    if (!pair->match.found || !(ratio > 0)) return DERM_OK;
    DERM_TRY(derm_gate_check(run, "scale_ratio", fmax(ratio, 1 / ratio)));
    if (!pair->registration.accepted || pair->base->scale.source == DERM_SCALE_UNKNOWN ||
        pair->follow->scale.source == DERM_SCALE_UNKNOWN)
        return DERM_OK;
    return derm_gate_check(run, "scale_disagreement", scale_disagreement(pair));
}

static derm_err check_geometry(struct derm_run *run)
{
    const struct derm_face *const b = &run->pair->base->face, *const f = &run->pair->follow->face;
    double tilt_deg;

    if (b->used && f->used) {
        DERM_TRY(derm_gate_check(
            run, "pose_difference_deg",
            fmax(fabs(b->yaw_deg - f->yaw_deg), fabs(b->pitch_deg - f->pitch_deg))));
        DERM_TRY(derm_gate_check(run, "expression_change", derm_expression_change(b, f)));
    } else if (run->pair->registration.accepted && derm_tilt_difference(run->pair, &tilt_deg)) {
        DERM_TRY(derm_gate_check(run, "tilt_difference_deg", tilt_deg));
    }
    return check_scale(run);
}

/* What a blur takes away. */
static const unsigned lost_by_blur =
    1u << DERM_CONCERN_PORES | 1u << DERM_CONCERN_WRINKLES | 1u << DERM_CONCERN_TEXTURE;

/* By the edges of each photo alone: coarse, but it knows of the blur that is too large for hair to
 * be a gauge. Stage equalise removes nothing then, and spots fade like treated ones. */
static derm_err check_edges(struct derm_run *run)
{
    const struct derm_frame *const base = run->pair->base, *const follow = run->pair->follow;
    const double b = base->quality.blur_mm, f = follow->quality.blur_mm;

    if (!(b > 0) || !(f > 0) || follow->scale.source == DERM_SCALE_UNKNOWN) return DERM_OK;
    return derm_gate_check(run, "edge_blur_mm", sqrt(fabs(f * f - b * b)));
}

/* What hair shows to differ has a limit although stage equalise removes it: a pore that one photo
 * does not show is in neither then. Skin shows no size, for it may have changed; but when it looks
 * alike, so does the blur. */
static derm_err check_sharpness(struct derm_run *run)
{
    struct derm_pair *const pair = run->pair;
    const struct derm_gauge *const gauge = &pair->gauge;
    const double blur_mm = derm_gauge_sigma_px(gauge) / pair->base->view.grid.px_per_mm;

    if (pair->base->scale.source == DERM_SCALE_UNKNOWN || !pair->registration.accepted)
        return DERM_OK;
    if (gauge->source == DERM_GAUGE_HAIR) {
        DERM_TRY(derm_gate_check(run, "sharpening_difference", gauge->sharpening));
        return derm_gate_check(run, "relative_blur_mm", blur_mm);
    }
    DERM_TRY(check_edges(run));
    if (gauge->source == DERM_GAUGE_SKIN) return derm_gate_check(run, "skin_blur_mm", blur_mm);
    derm_pair_add(pair, &(struct derm_finding){ .reason = DERM_REASON_SHARPNESS_UNKNOWN,
                                                .severity = DERM_SEVERITY_FAIL,
                                                .concerns = lost_by_blur });
    return DERM_OK;
}

/* ---- light, and what skin and camera made of it */
static derm_err check_gloss(struct derm_run *run, double least)
{
    const double b = fmax(run->pair->base->view.highlights, least);
    const double f = fmax(run->pair->follow->view.highlights, least);

    return derm_gate_check(run, "highlight_ratio", fmax(b / f, f / b));
}

/* What changed the contrast of all the skin changed that of its features, too, and nothing in the
 * photos tells how much of it is the treatment's. Over a face light and blood have more colours
 * than one: without any change of gloss but by a smile its veil reads .06 to .09. */
static derm_err check_contrast(struct derm_run *run, const struct derm_cells *fine,
                               const struct derm_cells *wide, double veil_response)
{
    /* Light and curvature are even over it; four fifths of what varies are the same skin. */
    static const struct derm_surround around = { { 0, 1, 0 }, 4, 27, 0.8 };
    struct derm_pair *const pair = run->pair;
    double change, veil = 0;
    bool known;

    DERM_TRY(derm_contrast_change(run, fine, &around, &change, &known));
    pair->contrast_change = known ? fabs(change) : 0;
    if (known) DERM_TRY(derm_gate_check(run, "skin_contrast_difference", pair->contrast_change));
    if (pair->base->face.used) return DERM_OK;
    DERM_TRY(derm_veil_change(run, wide, &veil, &known));
    if (known) DERM_TRY(derm_gate_check(run, "veil_difference", veil));
    pair->veil = veil * veil_response;
    return DERM_OK;
}

/* Retouching that splits a photo into fine structure, which it keeps, and all that is wider, which
 * it evens out, takes the mottling of plain skin, in every colour; treatment takes spots, and may
 * take the melanin or the blood of plain skin, not both. Marks that calm take less of red than
 * that: more of it alone means that redness was evened out, too. The follow-up is the one to look
 * better. A smile moves the skin by more than a cell, so that contrasts need not correspond. */
static derm_err check_mottling(struct derm_run *run, const struct derm_cells *fine)
{
    struct derm_surround around = { { 1, 0, 0 }, 2, 17, -1 }; /* red, which blood lets pass */
    double change, of_blood;
    bool known;

    DERM_TRY(derm_contrast_change(run, fine, &around, &change, &known));
    if (!known) return DERM_OK;
    DERM_TRY(derm_gate_check(run, "red_mottling_loss", fmax(-change, 0)));
    memcpy(around.weight, run->tone->blood, sizeof(around.weight));
    DERM_TRY(derm_contrast_change(run, fine, &around, &of_blood, &known));
    if (known) change = fmax(change, of_blood);
    return derm_gate_check(run, "mottling_loss", fmax(-change, 0));
}

static derm_err check_light(struct derm_run *run, const struct derm_cells *cells)
{
    struct derm_light_change light;
    bool known;

    DERM_TRY(derm_light_change(run, cells, &light, &known));
    if (known) DERM_TRY(derm_gate_check(run, "exposure_difference_od", light.exposure_od));
    if (known) DERM_TRY(derm_gate_check(run, "cast_difference_od", light.cast_od));
    return DERM_OK;
}

static derm_err check_relief(struct derm_run *run, double least_px_per_mm)
{
    const struct derm_frame *const base = run->pair->base;
    struct derm_relief_change relief;
    bool known;

    DERM_TRY(derm_relief_change(run, &relief, &known));
    if (!known) return DERM_OK;
    DERM_TRY(derm_gate_check(run, "detail_ratio", relief.detail));
    if (base->face.used || base->view.grid.px_per_mm < least_px_per_mm) return DERM_OK;
    if (relief.has_azimuth)
        DERM_TRY(derm_gate_check(run, "light_azimuth_difference_deg", relief.azimuth_deg));
    return derm_gate_check(run, "light_one_sidedness_difference", relief.one_sided);
}

/* A close-up has no mesh: there, the relief tells. */
static derm_err check_direction(struct derm_run *run, const struct derm_cells *wide)
{
    struct derm_light_turn turn;
    bool known;

    if (!run->pair->base->face.used) return DERM_OK;
    DERM_TRY(derm_face_light_turn(run, wide, &turn, &known));
    if (known && turn.has_angle)
        DERM_TRY(derm_gate_check(run, "light_angle_difference_deg", turn.angle_deg));
    if (known) DERM_TRY(derm_gate_check(run, "directed_light_difference", turn.directed));
    return DERM_OK;
}

static derm_err run_conditions(struct derm_run *run, const void *params)
{
    const struct params *const p = params;
    struct derm_pair *const pair = run->pair;
    struct derm_cells fine, wide;
    bool comparable = false;

    DERM_TRY(check_source(run));
    DERM_TRY(check_residual(run));
    DERM_TRY(check_geometry(run));
    DERM_TRY(check_sharpness(run));
    DERM_TRY(check_gloss(run, (double)p->least_highlights));
    if (pair->registration.accepted) { /* else it is two skins, not two lights */
        DERM_TRY(derm_cells_new(run, &fine, (double)p->cell_mm));
        DERM_TRY(derm_cells_merge(run, &wide, &fine, p->wide_cells));
        DERM_TRY(check_light(run, &fine));
        DERM_TRY(check_contrast(run, &fine, &wide, (double)p->veil_response));
        DERM_TRY(check_mottling(run, &fine));
        DERM_TRY(check_direction(run, &wide));
        DERM_TRY(check_relief(run, (double)p->relief_px_per_mm));
    }
    for (int c = 0; c < DERM_CONCERN_COUNT; c++)
        if (!derm_finding_against(pair->finding, pair->n, (enum derm_concern)c)) comparable = true;
    if (!comparable) pair->comparability = DERM_INCOMPARABLE;
    return DERM_OK;
}

const struct derm_stage derm_stage_conditions = {
    .name = "conditions",
    .scope = DERM_PAIR,
    .reads = DERM_SLOT(source) | DERM_SLOT(face) | DERM_SLOT(scale) | DERM_SLOT(quality) |
             DERM_SLOT(match) | DERM_SLOT(skin) | DERM_SLOT(gauge) | DERM_SLOT(tone) |
             DERM_SLOT(od) | DERM_SLOT(registration) | DERM_SLOT(warped),
    .writes = DERM_SLOT(conditions),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_conditions,
};
