/* SPDX-License-Identifier: Apache-2.0 */
/* swelling: how wide the cheeks, how open the lids and how high the lips are in two photos of a
 * face. Experimental.
 *
 * reads   face, scale, conditions
 * writes  swelling: three widths in mm, and the least change that two photos of a face as it was
 *         would not show by chance (models/swelling.json)
 *
 * Widths are distances between landmarks in space, which a turn of the head leaves, in shares of
 * the distance between the pupils, which swelling leaves. Landmarks place a width to half a
 * millimetre; how the face moves changes it by millimetres. So no verdict is given, and where the
 * conditions find the faces moved or turned apart, no figure. */
#include "stages/swelling.h"
#include "base/metrics.h"
#include "stages/comparable.h"
#include "stages/face_span.h"
#include "stages/stages.h"

/* MediaPipe numbers: from, to, and the same on the other side. */
static const int ends[DERM_WIDTH_COUNT][2][2] = {
    [DERM_WIDTH_CHEEKS] = { { 132, 361 }, { 132, 361 } },
    [DERM_WIDTH_LIDS] = { { 159, 145 }, { 386, 374 } },
    [DERM_WIDTH_LIPS] = { { 0, 17 }, { 0, 17 } },
};
static const char *const names[DERM_WIDTH_COUNT] = {
    [DERM_WIDTH_CHEEKS] = "cheeks",
    [DERM_WIDTH_LIDS] = "lids",
    [DERM_WIDTH_LIPS] = "lips",
};

const char *derm_width_id(enum derm_width width)
{
    return names[width];
}

double derm_width_share(const struct derm_face *f, enum derm_width width)
{
    const int(*const e)[2] = ends[width];

    return (derm_face_span(f, e[0][0], e[0][1]) + derm_face_span(f, e[1][0], e[1][1])) / 2;
}

/* The pair was refused, or its faces are held or moved too differently. */
static enum derm_reason obstacle(const struct derm_pair *pair)
{
    if (!pair->base->face.used || !pair->follow->face.used) return DERM_REASON_NO_FACE;
    for (int i = 0; i < pair->n; i++) {
        const struct derm_finding *const f = &pair->finding[i];
        const bool of_faces =
            f->reason == DERM_REASON_POSE_DIFFERS || f->reason == DERM_REASON_EXPRESSION_DIFFERS;

        if (f->severity != DERM_SEVERITY_FAIL) continue;
        if (of_faces || pair->comparability == DERM_INCOMPARABLE) return f->reason;
    }
    return DERM_REASON_NONE;
}

static derm_err run_swelling(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;
    const struct derm_face *const face = &pair->base->face;
    const struct derm_json *table;

    (void)params;
    pair->swelling.reason = obstacle(pair);
    if (pair->swelling.reason != DERM_REASON_NONE) return DERM_OK;
    DERM_TRY(derm_models_table(run->models, "swelling", &table, run->err));
    const double pupils_mm = derm_face_pupils_px(face) / pair->base->scale.px_per_mm;
    for (int i = 0; i < DERM_WIDTH_COUNT; i++) {
        struct derm_width_change *const w = &pair->swelling.width[i];

        DERM_TRY(
            derm_json_number(derm_json_get(table, "mdc95_mm"), names[i], &w->mdc95_mm, run->err));
        w->base_mm = pupils_mm * derm_width_share(face, (enum derm_width)i);
        w->follow_mm = pupils_mm * derm_width_share(&pair->follow->face, (enum derm_width)i);
    }
    return DERM_OK;
}

const struct derm_stage derm_stage_swelling = {
    .name = "swelling",
    .scope = DERM_PAIR,
    .reads = DERM_SLOT(face) | DERM_SLOT(scale) | DERM_SLOT(conditions),
    .writes = DERM_SLOT(swelling),
    .run = run_swelling,
};
