/* SPDX-License-Identifier: Apache-2.0 */
/* register: where each point of the baseline's skin lies in the follow-up, or a refusal.
 *
 * reads   match, od, skin, neck, regions  of both photos
 * writes  registration           map to the follow-up's grid, loop error, in grid px
 *         comparability          a finding when the photos do not fit
 *
 * Rough map from the match; three levels of patch matching, which also decide whether the two
 * photos show the same skin; then a fine flow on relief, from which all that stands out of the
 * skin, and so is measured, is left out (algorithms.md section 9). The decision is taken before the
 * flow: a flow makes any two textures look alike.
 *
 * The neck turns and tilts against the head, so its skin is lined up in the same way once more,
 * alone, within the box around it, and decides nothing but whether it is compared. */
#include <math.h>

#include "base/num.h"
#include "stages/coarse.h"
#include "stages/comparable.h"
#include "stages/flow.h"
#include "stages/mask_ops.h"
#include "stages/patches.h"
#include "stages/relief.h"
#include "stages/stages.h"

struct params {
    struct derm_relief_params relief;
    float level1_px_per_mm, level1_search_mm, level1_agree_mm;
    float level2_px_per_mm, level2_search_mm, level2_agree_mm;
    float level3_px_per_mm, level3_search_mm, level3_agree_mm;
    float accept_agree, limited_agree, accept_zncc;
    int least_patches, flow_rounds;
    float flow_window_mm, flow_step_mm, flow_trusted_mm;
};

static const struct derm_opt opts[] = {
    DERM_OPT(struct params, relief.work_px_per_mm, 5, 2, 14,
             "finest resolution registration works at; 7 lines made-up skin up no better"),
    DERM_OPT(struct params, relief.work_megapixels, 3, 0.1, 100,
             "and the most pixels: bounds time and memory for photos of large areas"),
    DERM_OPT(struct params, relief.texture_fine_mm, 0.25, 0.05, 1,
             "algorithms.md 9: band-pass .25 to 2 mm"),
    DERM_OPT(struct params, relief.texture_coarse_mm, 2, 0.5, 10, "algorithms.md 9"),
    DERM_OPT(struct params, relief.relief_fine_mm, 0.12, 0, 1,
             "keeps pixel noise out of the gradient"),
    DERM_OPT(struct params, relief.relief_coarse_mm, 0.6, 0.2, 5,
             "algorithms.md 9: relief is the red channel below .6 mm"),
    DERM_OPT(struct params, relief.spread_mm, 3, 1, 20,
             "algorithms.md 9: divided by the spread within 3 mm"),
    DERM_OPT(struct params, relief.spread_floor_od, 0.004, 0, 0.1,
             "spread of bare noise, optical density"),
    DERM_OPT(struct params, relief.mark_z, 2.5, 1, 20,
             "marks stand out of the texture by this many robust spreads"),
    DERM_OPT(struct params, relief.mark_od, 0.03, 0, 1, "and by this optical density of green"),
    DERM_OPT(struct params, relief.mark_grow_mm, 0.6, 0, 3,
             "algorithms.md 9: margin around a spot"),
    DERM_OPT(struct params, level1_px_per_mm, 1.75, 0.5, 14, "first patch level"),
    DERM_OPT(struct params, level1_search_mm, 5, 0, 20,
             "error of the rough map: landmarks 2 mm, similarity 5 mm"),
    DERM_OPT(struct params, level1_agree_mm, 1.5, 0, 20,
             "patches 14 mm apart on a turned head differ by 1 mm"),
    DERM_OPT(struct params, level2_px_per_mm, 3.5, 0.5, 14, "second patch level"),
    DERM_OPT(struct params, level2_search_mm, 1.5, 0, 20, "what level 1 leaves"),
    DERM_OPT(struct params, level2_agree_mm, 0.45, 0, 20, "chance agreement of two patches: 9 %"),
    DERM_OPT(struct params, level3_px_per_mm, 5, 0.5, 14, "third patch level"),
    DERM_OPT(struct params, level3_search_mm, 0.6, 0, 20, "what level 2 leaves"),
    DERM_OPT(struct params, level3_agree_mm, 0.3, 0, 20, "as level 2"),
    DERM_OPT(struct params, least_patches, 9, 1, 10000,
             "fewer say nothing: one patch and its neighbours"),
    DERM_OPT(struct params, accept_agree, 0.3, 0, 1,
             "share of agreeing patches, full trust; algorithms.md 9"),
    DERM_OPT(struct params, limited_agree, 0.1, 0, 1,
             "least share of agreeing patches; algorithms.md 9"),
    DERM_OPT(struct params, accept_zncc, 0.2, 0, 1,
             "least correlation before the flow; algorithms.md 9"),
    DERM_OPT(struct params, flow_rounds, 3, 1, 10,
             "algorithms.md 9: iterate 2 to 3 times on the recomposed warp; more fits the noise"),
    DERM_OPT(struct params, flow_window_mm, 1.7, 0.3, 10,
             "regularisation 1 to 2 mm: algorithms.md 9"),
    DERM_OPT(struct params, flow_step_mm, 0.3, 0.01, 5, "longest step"),
    DERM_OPT(struct params, flow_trusted_mm, 0.09, 0.01, 5,
             "algorithms.md 9: c = exp(-(e / .09 mm)^2)"),
    { 0 },
};

struct job {
    struct derm_filter filter;
    const struct params *p;
    bool skin_alone; /* of the views, not all of them */
    struct derm_relief base, follow;
    struct derm_field to_follow, to_base; /* working px */
    struct derm_plane error;              /* at the nodes of to_follow, working px */
    int u0, v0;                           /* its first node in the lattice of the whole view */
    int patches;                          /* places where both photos show skin */
};

/* Lattice cells of about a millimetre, a multiple of four pixels. */
static int cell_px(double px_per_mm)
{
    return px_per_mm < 4.5 ? 4 : 8;
}

static derm_err build(const struct job *job, const struct derm_view *view, double step, int cell,
                      struct derm_relief *out)
{
    const struct derm_relief_part part =
        job->skin_alone ? derm_relief_skin(view, step, cell) : derm_relief_whole(view, step);

    return derm_relief_build(&job->filter, view, &job->p->relief, step, &part, out);
}

/* What both photos show, and the rough map between it. */
static derm_err prepare(struct derm_run *run, struct job *job, const struct derm_view *base,
                        const struct derm_view *follow)
{
    const double step = derm_relief_step(base, follow, &job->p->relief);
    const int cell = cell_px(base->grid.px_per_mm / step);

    DERM_TRY(build(job, base, step, cell, &job->base));
    DERM_TRY(build(job, follow, step, cell, &job->follow));
    job->u0 = job->base.part.x0 / cell;
    job->v0 = job->base.part.y0 / cell;
    DERM_TRY(
        derm_field_new(run->scratch, &job->to_follow, job->base.skin.w, job->base.skin.h, cell));
    DERM_TRY(
        derm_field_new(run->scratch, &job->to_base, job->follow.skin.w, job->follow.skin.h, cell));
    DERM_TRY(derm_plane_new(run->scratch, &job->error, job->to_follow.x.w, job->to_follow.x.h));
    return derm_coarse_map(run->scratch, &job->to_follow, run->pair, &job->base.grid,
                           &job->follow.grid);
}

static derm_err match_patches(struct job *job, struct derm_registration *r)
{
    const struct params *const p = job->p;
    const struct derm_patch_level level[] = {
        { (double)p->level1_px_per_mm, (double)p->level1_search_mm, (double)p->level1_agree_mm },
        { (double)p->level2_px_per_mm, (double)p->level2_search_mm, (double)p->level2_agree_mm },
        { (double)p->level3_px_per_mm, (double)p->level3_search_mm, (double)p->level3_agree_mm },
    };
    const struct derm_patch_side base = { &job->base.texture, &job->base.skin };
    const struct derm_patch_side follow = { &job->follow.texture, &job->follow.skin };
    /* Marks help to find the place; the last level must not follow their edges when they fade. */
    const struct derm_patch_side base_plain = { &job->base.texture, &job->base.weight };
    const struct derm_patch_side follow_plain = { &job->follow.texture, &job->follow.weight };

    for (int i = 0; i < 3; i++) {
        struct derm_patch_stats stats;
        DERM_TRY(derm_patches_refine(&job->filter, &job->to_follow, i < 2 ? &base : &base_plain,
                                     i < 2 ? &follow : &follow_plain, job->base.grid.px_per_mm,
                                     &level[i], &stats));
        /* The second level decides: its patches are small enough to be many and its search is wide
         * enough that chance agreement is rare. */
        if (i == 1) {
            job->patches = stats.patches;
            r->agree_fraction = stats.patches > 0 ? (double)stats.agreeing / stats.patches : 0.0;
        }
    }
    return derm_patches_judge(&job->filter, &job->to_follow, &base, &follow, &r->zncc,
                              &r->coverage);
}

static derm_err flow(struct job *job)
{
    const struct params *const p = job->p;
    const double s = job->base.grid.px_per_mm;
    const struct derm_flow_side base = { &job->base.relief, &job->base.weight };
    const struct derm_flow_side follow = { &job->follow.relief, &job->follow.weight };
    const struct derm_flow_params params = {
        .rounds = p->flow_rounds,
        .window_px = (double)p->flow_window_mm * s,
        .max_step_px = (double)p->flow_step_mm * s,
        .trusted_px = (double)p->flow_trusted_mm * s,
    };

    derm_field_invert(&job->to_base, &job->to_follow);
    return derm_flow_refine(&job->filter, &job->to_follow, &job->to_base, &base, &follow, &params,
                            &job->error);
}

/* The map at the job's node (i, j) and its error, from working pixels to the grids' own, to the
 * node of r that lies there. */
static void deliver_node(const struct job *job, struct derm_registration *r, int i, int j)
{
    const float error_scale = (float)job->base.step, scale = (float)job->follow.step;
    const float x0 = (float)job->follow.part.x0 + 0.5f, y0 = (float)job->follow.part.y0 + 0.5f;
    const int u = job->u0 + i, v = job->v0 + j;

    derm_row(&r->map.x, v)[u] = (derm_row(&job->to_follow.x, j)[i] + x0) * scale - 0.5f;
    derm_row(&r->map.y, v)[u] = (derm_row(&job->to_follow.y, j)[i] + y0) * scale - 0.5f;
    derm_row(&r->fb_error, v)[u] = derm_row(&job->error, j)[i] * error_scale;
}

/* All nodes, which stay where they are. */
static derm_err deliver(struct derm_run *run, const struct job *job, struct derm_registration *r)
{
    const struct derm_field *const from = &job->to_follow;

    r->map.cell_px = from->cell_px * job->base.step;
    DERM_TRY(derm_plane_raw(run->keep, &r->map.x, from->x.w, from->x.h));
    DERM_TRY(derm_plane_raw(run->keep, &r->map.y, from->x.w, from->x.h));
    DERM_TRY(derm_plane_raw(run->keep, &r->fb_error, from->x.w, from->x.h));
    for (int j = 0; j < from->x.h; j++)
        for (int i = 0; i < from->x.w; i++)
            deliver_node(job, r, i, j);
    return DERM_OK;
}

/* Whether a place of the baseline's grid, off by up to a node, belongs to the neck. */
static bool of_neck(const struct derm_bits *regions, double x, double y, double node_px)
{
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) {
            const int u = (int)(x + i * node_px), v = (int)(y + j * node_px);

            if (u >= 0 && v >= 0 && u < regions->w && v < regions->h &&
                derm_bits_row(regions, v)[u] >> DERM_REGION_NECK & 1)
                return true;
        }
    return false;
}

/* The nodes around every place of the neck; it begins more than two nodes below the chin. */
static void deliver_neck(const struct derm_view *base, const struct job *job,
                         struct derm_registration *r)
{
    for (int j = 0; j < job->to_follow.x.h; j++)
        for (int i = 0; i < job->to_follow.x.w; i++)
            if (of_neck(&base->regions, derm_field_node(&r->map, job->u0 + i),
                        derm_field_node(&r->map, job->v0 + j), r->map.cell_px)) {
                deliver_node(job, r, i, j);
                derm_row(&r->of_neck, job->v0 + j)[job->u0 + i] = 1;
            }
}

static derm_err register_neck(struct derm_run *run, const struct params *p,
                              struct derm_registration *head)
{
    struct derm_view base = run->pair->base->view, follow = run->pair->follow->view;
    struct job job = { .filter = derm_run_filter(run), .p = p, .skin_alone = true };
    struct derm_registration r = { 0 };

    if (derm_mask_count(&base.neck) == 0 || derm_mask_count(&follow.neck) == 0) return DERM_OK;
    base.skin = base.neck;
    follow.skin = follow.neck;
    derm_arena_reset(run->scratch, 0); /* the head's planes: what counts of them is delivered */
    DERM_TRY(prepare(run, &job, &base, &follow));
    DERM_TRY(match_patches(&job, &r));
    if (job.patches < p->least_patches || r.agree_fraction < (double)p->accept_agree ||
        r.zncc < (double)p->accept_zncc)
        return DERM_OK;
    DERM_TRY(flow(&job));
    DERM_TRY(derm_plane_new(run->keep, &head->of_neck, head->map.x.w, head->map.x.h));
    deliver_neck(&base, &job, head);
    return DERM_OK;
}

/* Median forward-backward error over the skin that both photos show; every fourth row says it as
 * well as all. */
static derm_err set_residual(struct derm_run *run, struct derm_registration *r)
{
    enum { EVERY = 4 };
    const struct derm_filter f = derm_run_filter(run);
    const struct derm_view *const base = &run->pair->base->view;
    const struct derm_mask *const follow = &run->pair->follow->view.skin;
    const int w = base->grid.w, h = (base->grid.h + EVERY - 1) / EVERY;
    struct derm_plane error, x, y;
    struct derm_mask both;
    int count;

    DERM_TRY(derm_plane_raw(run->scratch, &error, w, h));
    DERM_TRY(derm_plane_raw(run->scratch, &x, w, 1));
    DERM_TRY(derm_plane_raw(run->scratch, &y, w, 1));
    DERM_TRY(derm_mask_new(run->scratch, &both, w, h));
    for (int j = 0; j < h; j++) {
        const uint8_t *const skin = derm_mask_row(&base->skin, EVERY * j);
        derm_nodes_row(run->k, derm_row(&error, j), w, &r->fb_error, r->map.cell_px,
                       &derm_field_whole, EVERY * j);
        derm_nodes_row(run->k, x.px, w, &r->map.x, r->map.cell_px, &derm_field_whole, EVERY * j);
        derm_nodes_row(run->k, y.px, w, &r->map.y, r->map.cell_px, &derm_field_whole, EVERY * j);
        for (int i = 0; i < w; i++)
            if (skin[i] && derm_mask_near(follow, x.px[i], y.px[i]))
                derm_mask_row(&both, j)[i] = 0xff;
    }
    DERM_TRY(derm_masked_median(&f, &error, &both, &r->residual_mm, NULL, &count));
    if (run->pair->base->scale.source != DERM_SCALE_UNKNOWN) r->residual_mm /= base->grid.px_per_mm;
    return DERM_OK;
}

static void refuse(struct derm_pair *pair, enum derm_reason reason, const char *quantity,
                   double measured, double limit)
{
    pair->comparability = DERM_INCOMPARABLE;
    derm_pair_note(pair, reason, DERM_SEVERITY_FAIL, quantity, measured, limit);
}

/* Why there is too little skin in it: what makes it useless for every concern. */
static void note_unfit_photo(struct derm_pair *pair, const struct derm_quality *q)
{
    const unsigned all = (1u << DERM_CONCERN_COUNT) - 1;

    for (int i = 0; i < q->n; i++) {
        const struct derm_finding *const f = &q->finding[i];

        if (f->severity == DERM_SEVERITY_FAIL && f->concerns == all &&
            !derm_pair_is_noted(pair, f->reason))
            derm_pair_add(pair, f);
    }
}

static bool decide(struct derm_pair *pair, const struct params *p, int patches)
{
    struct derm_registration *const r = &pair->registration;
    /* Landmarks put two different faces on top of each other; a close-up that does not fit may also
     * be the same skin seen from elsewhere. */
    const enum derm_reason other = pair->base->face.used && pair->follow->face.used
                                       ? DERM_REASON_DIFFERENT_SUBJECT
                                       : DERM_REASON_NOT_REGISTERED;

    if (patches < p->least_patches) {
        note_unfit_photo(pair, &pair->base->quality);
        note_unfit_photo(pair, &pair->follow->quality);
        refuse(pair, DERM_REASON_NO_COMMON_SKIN, "skin_patches", patches, p->least_patches);
    } else if (r->agree_fraction < (double)p->limited_agree) {
        refuse(pair, other, "agreeing_patches", r->agree_fraction, (double)p->limited_agree);
    } else if (r->zncc < (double)p->accept_zncc) {
        refuse(pair, other, "texture_correlation", r->zncc, (double)p->accept_zncc);
    } else {
        r->accepted = true;
        if (r->agree_fraction < (double)p->accept_agree)
            derm_pair_note(pair, DERM_REASON_RESIDUAL_HIGH, DERM_SEVERITY_WARN, "agreeing_patches",
                           r->agree_fraction, (double)p->accept_agree);
    }
    return r->accepted;
}

static derm_err run_register(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;
    struct job job = { .filter = derm_run_filter(run), .p = params };

    if (!pair->match.found) {
        refuse(pair, DERM_REASON_NOT_REGISTERED, "matching_keypoints", pair->match.inliers,
               pair->match.least_inliers);
        return DERM_OK;
    }
    DERM_TRY(prepare(run, &job, &pair->base->view, &pair->follow->view));
    DERM_TRY(match_patches(&job, &pair->registration));
    if (!decide(pair, job.p, job.patches)) return DERM_OK;
    DERM_TRY(flow(&job));
    DERM_TRY(deliver(run, &job, &pair->registration));
    DERM_TRY(set_residual(run, &pair->registration));
    return register_neck(run, params, &pair->registration);
}

const struct derm_stage derm_stage_register = {
    .name = "register",
    .scope = DERM_PAIR,
    .reads = DERM_SLOT(match) | DERM_SLOT(od) | DERM_SLOT(skin) | DERM_SLOT(neck) |
             DERM_SLOT(regions) | DERM_SLOT(scale) | DERM_SLOT(face),
    .writes = DERM_SLOT(registration),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_register,
};
