/* SPDX-License-Identifier: Apache-2.0 */
/* conditions: were the two photos taken alike? What differs can pass for a change of the skin.
 *
 * reads   source, face, scale, match of both; gauge; od on the common skin, if registered
 * writes  findings of the pair. FAIL: the concerns it names are not assessable; when that is all of
 *         them the pair is not comparable.
 *
 * Limits: algorithms, section 11 (paired gates). Light levels are compared as medians of optical
 * density over the common skin, so the same light on dark and on fair skin is judged alike. */
#include <math.h>
#include <string.h>

#include "stages/comparable.h"
#include "stages/gauge.h"
#include "stages/stages.h"

struct params {
    float pose_deg_warn, pose_deg_fail;
    float blur_mm_warn, blur_mm_fail;
    float skin_blur_mm_fail;
    float exposure_od_warn, exposure_od_fail;
    float cast_od_warn, cast_od_fail;
    float scale_ratio_warn;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, pose_deg_warn, 5, 0, 90, "yaw, pitch or roll; algorithms, section 11"),
    DERM_OPT(struct params, pose_deg_fail, 10, 0, 90, "yaw, pitch or roll; algorithms, section 11"),
    DERM_OPT(struct params, blur_mm_warn, 0.06, 0, 10,
             "sigma between the two, for pores; algorithms, section 11"),
    DERM_OPT(struct params, blur_mm_fail, 0.12, 0, 10,
             "sigma between the two, for pores; algorithms, section 11"),
    DERM_OPT(struct params, skin_blur_mm_fail, 0.05, 0, 10,
             "sigma that skin shows, for pores: more than treatment (.04, two sd) and the warp "
             "(.03 at 6 px/mm) make; truth_sharpness even"),
    DERM_OPT(struct params, exposure_od_warn, 0.35, 0, 10, "algorithms, section 11"),
    DERM_OPT(struct params, exposure_od_fail, 0.7, 0, 10, "algorithms, section 11"),
    DERM_OPT(struct params, cast_od_warn, 0.12, 0, 10, "algorithms, section 11"),
    DERM_OPT(struct params, cast_od_fail, 0.3, 0, 10, "algorithms, section 11"),
    DERM_OPT(struct params, scale_ratio_warn, 1.5, 1, 100,
             "the finer photo loses a third of its resolution"),
    { 0 },
};

enum {
    PORES = 1 << DERM_CONCERN_PORES,
    SPOTS = 1 << DERM_CONCERN_PIGMENTATION,
    ALL = (1 << DERM_CONCERN_COUNT) - 1,
};

struct gate {
    enum derm_reason reason;
    const char *quantity;
    unsigned concerns;
    float warn, fail;
};

static void check(struct derm_pair *pair, const struct gate *gate, double measured)
{
    if (measured > (double)gate->fail)
        derm_pair_note_on(pair, gate->reason, DERM_SEVERITY_FAIL, gate->concerns, gate->quantity,
                          measured, (double)gate->fail);
    else if (measured > (double)gate->warn)
        derm_pair_note_on(pair, gate->reason, DERM_SEVERITY_WARN, gate->concerns, gate->quantity,
                          measured, (double)gate->warn);
}

static void check_source(struct derm_pair *pair)
{
    const struct derm_source *const b = &pair->base->source, *const f = &pair->follow->source;
    const bool same_camera = strcmp(b->camera.make, f->camera.make) == 0 &&
                             strcmp(b->camera.model, f->camera.model) == 0 &&
                             strcmp(b->camera.lens, f->camera.lens) == 0;
    const bool same_settings = b->camera.flash_fired == f->camera.flash_fired &&
                               b->camera.white_balance == f->camera.white_balance;

    if (strcmp(b->sha256_pixels, f->sha256_pixels) == 0)
        derm_pair_note_on(pair, DERM_REASON_SAME_FILE, DERM_SEVERITY_WARN, ALL, NULL, 0, 0);
    if (!same_camera || !same_settings)
        derm_pair_note_on(pair, DERM_REASON_DEVICE_DIFFERS, DERM_SEVERITY_WARN, ALL, NULL, 0, 0);
}

static void check_geometry(struct derm_pair *pair, const struct params *p)
{
    const struct gate pose = { DERM_REASON_POSE_DIFFERS, "pose_difference_deg", ALL,
                               p->pose_deg_warn, p->pose_deg_fail };
    const struct gate scale = { DERM_REASON_SCALE_DIFFERS, "scale_ratio", ALL, p->scale_ratio_warn,
                                HUGE_VALF };
    const struct derm_frame *const b = pair->base, *const f = pair->follow;

    if (b->face.used && f->face.used) {
        const double turn = fmax(fabs(b->face.yaw_deg - f->face.yaw_deg),
                                 fabs(b->face.pitch_deg - f->face.pitch_deg));

        check(pair, &pose, fmax(turn, fabs(b->face.roll_deg - f->face.roll_deg)));
    }
    if (pair->match.found && pair->match.scale_ratio > 0)
        check(pair, &scale, fmax(pair->match.scale_ratio, 1 / pair->match.scale_ratio));
}

/* What hair shows to differ has a limit although stage equalise removes it: a pore that one photo
 * does not show is in neither then. Skin shows no size, for it may have changed; but when it looks
 * alike, so does the blur. */
static void check_sharpness(struct derm_pair *pair, const struct params *p)
{
    const struct gate differs = { DERM_REASON_SHARPNESS_DIFFERS, "relative_blur_mm", PORES,
                                  p->blur_mm_warn, p->blur_mm_fail };
    const struct gate unknown = { DERM_REASON_SHARPNESS_UNKNOWN, "relative_blur_mm", PORES,
                                  p->skin_blur_mm_fail, p->skin_blur_mm_fail };
    const double blur_mm = derm_gauge_sigma_px(&pair->gauge) / pair->base->view.grid.px_per_mm;

    if (pair->base->scale.source == DERM_SCALE_UNKNOWN || !pair->registration.accepted) return;
    if (pair->gauge.source == DERM_GAUGE_NONE)
        derm_pair_note_on(pair, DERM_REASON_SHARPNESS_UNKNOWN, DERM_SEVERITY_FAIL, PORES, NULL, 0,
                          0);
    else
        check(pair, pair->gauge.source == DERM_GAUGE_HAIR ? &differs : &unknown, blur_mm);
}

/* Light differs over centimetres, and every eighth row crosses all of them. */
enum { EVERY = 8 };

static struct derm_plane some_rows(struct derm_plane p)
{
    return (struct derm_plane){ p.px, p.w, (p.h + EVERY - 1) / EVERY, EVERY * p.stride };
}

/* Median optical density of the common skin in each channel: the follow-up's minus the baseline's.
 */
static derm_err light_change(struct derm_run *run, double change_od[3], bool *known)
{
    const struct derm_filter filter = derm_run_filter(run);
    const struct derm_pair *const pair = run->pair;
    const struct derm_mask *const all = &pair->common;
    const struct derm_mask common = { all->px, all->w, (all->h + EVERY - 1) / EVERY,
                                      EVERY * all->stride };

    for (int c = 0; c < 3; c++) {
        const struct derm_plane before = some_rows(pair->base->view.od[c]);
        const struct derm_plane after = some_rows(pair->warped.od[c]);
        double base, follow, mad;
        int count;

        DERM_TRY(derm_masked_median(&filter, &before, &common, &base, &mad, &count));
        DERM_TRY(derm_masked_median(&filter, &after, &common, &follow, &mad, &count));
        change_od[c] = follow - base;
        *known = count > 0;
    }
    return DERM_OK;
}

static derm_err check_light(struct derm_run *run, const struct params *p)
{
    const struct gate exposure = { DERM_REASON_EXPOSURE_DIFFERS, "exposure_difference_od", ALL,
                                   p->exposure_od_warn, p->exposure_od_fail };
    const struct gate cast = { DERM_REASON_CAST_DIFFERS, "cast_difference_od", SPOTS,
                               p->cast_od_warn, p->cast_od_fail };
    double d[3];
    bool known;

    if (!run->pair->registration.accepted) return DERM_OK; /* two skins, not two lights */
    DERM_TRY(light_change(run, d, &known));
    if (!known) return DERM_OK;
    check(run->pair, &exposure, fabs(d[1]));
    check(run->pair, &cast, fmax(d[0], fmax(d[1], d[2])) - fmin(d[0], fmin(d[1], d[2])));
    return DERM_OK;
}

static derm_err run_conditions(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;
    unsigned failed = 0;

    check_source(pair);
    check_geometry(pair, params);
    check_sharpness(pair, params);
    DERM_TRY(check_light(run, params));
    for (int i = 0; i < pair->n; i++)
        if (pair->finding[i].severity == DERM_SEVERITY_FAIL) failed |= pair->finding[i].concerns;
    if ((failed & ALL) == ALL) pair->comparability = DERM_INCOMPARABLE;
    return DERM_OK;
}

const struct derm_stage derm_stage_conditions = {
    .name = "conditions",
    .scope = DERM_PAIR,
    .reads = DERM_SLOT(source) | DERM_SLOT(face) | DERM_SLOT(scale) | DERM_SLOT(match) |
             DERM_SLOT(gauge) | DERM_SLOT(od) | DERM_SLOT(registration) | DERM_SLOT(warped),
    .writes = DERM_SLOT(conditions),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_conditions,
};
