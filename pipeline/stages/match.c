/* SPDX-License-Identifier: Apache-2.0 */
/* match: where the skin of the baseline photo lies in the follow-up, roughly.
 *
 * reads   face, light  of both photos
 * writes  match       similarity, photo px to photo px; ratio of scales; unless a series knows it
 *
 * Two faces: least squares on landmarks that expression leaves alone. Everything else (close-ups,
 * turned heads, one face found only): keypoints and a vote (keypoints.h, vote.h). A wrong answer
 * does no harm: register decides, patch by patch, whether this is the same skin. */
#include "base/num.h"
#include "stages/bandpass.h"
#include "stages/keypoints.h"
#include "stages/stages.h"
#include "stages/vote.h"

struct params {
    int work_px, keypoints, least_inliers;
    float light_floor, coarse_px, spread_px, least_od, least_strength;
    float ratio, tolerance, least_scale, most_scale, still_weight;
};

static const struct derm_opt opts[] = {
    DERM_OPT(struct params, work_px, 1000, 200, 4000, "longest side at which keypoints are sought"),
    DERM_OPT(struct params, keypoints, 1500, 50, 10000, "most keypoints a photo"),
    DERM_OPT(struct params, least_inliers, 5, 3, 1000,
             "matches that must agree; fewer agree by chance"),
    DERM_OPT(struct params, light_floor, 0.002, 1e-5, 0.1,
             "darkest linear light still signal; algorithms.md 1"),
    DERM_OPT(struct params, coarse_px, 16, 4, 100, "band-pass: algorithms.md 9 (2 mm at 8 px/mm)"),
    DERM_OPT(struct params, spread_px, 24, 4, 200,
             "divided by the spread within: algorithms.md 9 (3 mm)"),
    DERM_OPT(struct params, least_od, 0.006, 0, 0.1, "spread of bare noise, optical density"),
    DERM_OPT(struct params, least_strength, 0.08, 0, 2, "weakest keypoint, in spreads"),
    DERM_OPT(struct params, ratio, 0.95, 0.5, 1,
             "distance to best over second best; algorithms.md 9"),
    DERM_OPT(struct params, tolerance, 0.03, 0.001, 0.2,
             "of the longer side: how far a head is from flat"),
    DERM_OPT(struct params, least_scale, 0.35, 0.1, 1, "smallest follow-up px per baseline px"),
    DERM_OPT(struct params, most_scale, 2.8, 1, 10, "largest"),
    DERM_OPT(struct params, still_weight, 0.15, 0, 1, "say of a match that sits still (watermark)"),
    { 0 },
};

/* MediaPipe indices of landmarks that a smile hardly moves: corners of the eyes, bridge of the
 * nose, middle of the forehead. */
static const int stable[] = { 33, 133, 362, 263, 6, 168, 197, 195, 9, 151, 10, 67, 297, 109, 338 };
enum { STABLE = sizeof(stable) / sizeof(stable[0]) };

static bool match_faces(struct derm_similarity *m, const struct derm_face *base,
                        const struct derm_face *follow)
{
    struct derm_pairing pair[STABLE];

    for (int i = 0; i < STABLE; i++)
        pair[i] = (struct derm_pairing){ base->at[stable[i]], follow->at[stable[i]], 1.0 };
    return derm_similarity_fit(m, pair, STABLE);
}

static derm_err enlarge(struct derm_run *run, struct derm_plane *dst, const struct derm_plane *src,
                        double step)
{
    const struct derm_filter f = derm_run_filter(run);
    const size_t mark = run->scratch->used;
    struct derm_plane x, y;

    DERM_TRY(derm_plane_raw(run->scratch, &x, dst->w, dst->h));
    DERM_TRY(derm_plane_raw(run->scratch, &y, dst->w, dst->h));
    for (int j = 0; j < dst->h; j++)
        for (int i = 0; i < dst->w; i++) {
            derm_row(&x, j)[i] = (float)((i + 0.5) * step - 0.5);
            derm_row(&y, j)[i] = (float)((j + 0.5) * step - 0.5);
        }
    DERM_TRY(derm_resample_map(&f, dst, src, &x, &y));
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

/* Green light of the photo, with step photo px per px. */
static derm_err green_light(struct derm_run *run, struct derm_plane *out,
                            const struct derm_light *light, double step)
{
    enum { GREEN = 1 };
    const struct derm_filter f = derm_run_filter(run);
    struct derm_plane whole;

    if (step >= 1.0) return derm_light_area_of(&f, out, GREEN, light, 0.0, 0.0, step);
    DERM_TRY(derm_plane_raw(run->scratch, &whole, light->w, light->h));
    DERM_TRY(derm_light_area_of(&f, &whole, GREEN, light, 0.0, 0.0, 1.0));
    return enlarge(run, out, &whole, step);
}

/* Optical density of green, small, band-passed, unit spread. step: photo px per px of it. */
static derm_err make_picture(struct derm_run *run, const struct derm_light *light, double step,
                             const struct params *p, struct derm_plane *band)
{
    const struct derm_filter f = derm_run_filter(run);
    const int w = imax(1, (int)(light->w / step)), h = imax(1, (int)(light->h / step));
    struct derm_plane slow, weight;

    DERM_TRY(derm_plane_raw(run->scratch, band, w, h));
    DERM_TRY(derm_plane_raw(run->scratch, &slow, w, h));
    DERM_TRY(derm_plane_raw(run->scratch, &weight, w, h));
    DERM_TRY(green_light(run, &slow, light, step));
    for (int y = 0; y < h; y++) {
        run->k->density(derm_row(band, y), derm_row(&slow, y), p->light_floor, (size_t)w);
        for (int x = 0; x < w; x++)
            derm_row(&weight, y)[x] = 1.0f;
    }
    DERM_TRY(derm_wide_mean(&f, &slow, band, &weight, (double)p->coarse_px));
    derm_subtract_weighted(band, &slow, &weight);
    derm_plane_give(run->scratch, &slow);
    DERM_TRY(derm_unit_spread(&f, band, &weight, (double)p->spread_px, p->least_od));
    derm_plane_give(run->scratch, &weight);
    return DERM_OK;
}

/* Unless an earlier pair has left it. */
static derm_err sketch(struct derm_run *run, struct derm_frame *frame, const struct params *p)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct derm_keypoint_params find = { p->keypoints, p->least_strength };
    const double longest = imax(frame->light.w, frame->light.h);
    struct derm_sketch *const s = &frame->sketch;
    const size_t mark = run->scratch->used;
    struct derm_plane band;

    if (s->point) return DERM_OK;
    /* A small photo is doubled, so that its finest detail counts too (Lowe 2004, section 3.3). */
    s->step = 2.0 * longest <= p->work_px ? 0.5 : fmax(1.0, longest / p->work_px);
    DERM_TRY(make_picture(run, &frame->light, s->step, p, &band));
    s->size_px = imax(band.w, band.h);
    DERM_TRY(derm_keypoints_find(&f, run->keep, &band, &find, &s->point, &s->n));
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

/* Small picture to small picture -> photo to photo, pixel centres at integers. */
static void to_photo(struct derm_similarity *m, struct derm_bend *bend,
                     const struct derm_vote *vote, double from, double to)
{
    const double half_from = 0.5 * from - 0.5, half_to = 0.5 * to - 0.5;

    m->a = vote->from_a.a * to / from;
    m->b = vote->from_a.b * to / from;
    m->tx = vote->from_a.tx * to + half_to - (m->a - m->b) * half_from;
    m->ty = vote->from_a.ty * to + half_to - (m->b + m->a) * half_from;
    *bend = vote->bend;
    bend->x0 = bend->x0 * from + half_from;
    bend->y0 = bend->y0 * from + half_from;
    bend->size *= from;
    for (int i = 0; i < DERM_BEND_TERMS; i++) {
        bend->x[i] = bend->x[i] * to + (i ? 0.0 : half_to);
        bend->y[i] = bend->y[i] * to + (i ? 0.0 : half_to);
    }
}

static derm_err match_keypoints(struct derm_run *run, const struct params *p,
                                struct derm_match *match, struct derm_similarity *m)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct derm_sketch *const base = &run->pair->base->sketch, *const follow =
                                                                         &run->pair->follow->sketch;
    struct derm_keypoint_match *found;
    struct derm_vote vote;
    int matches;

    DERM_TRY(sketch(run, run->pair->base, p));
    DERM_TRY(sketch(run, run->pair->follow, p));
    DERM_TRY(derm_arena_new(run->scratch, &found, (size_t)base->n + 1, sizeof(*found)));
    DERM_TRY(derm_keypoints_match(&f, base->point, base->n, follow->point, follow->n,
                                  (double)p->ratio, found, &matches));
    {
        const double step_ratio = base->step / follow->step;
        const struct derm_vote_params params = {
            .size_px = base->size_px,
            .tolerance = (double)p->tolerance,
            .least_scale = (double)p->least_scale * step_ratio,
            .most_scale = (double)p->most_scale * step_ratio,
            .still_weight = (double)p->still_weight,
        };
        DERM_TRY(derm_vote_similarity(run->scratch, base->point, follow->point, found, matches,
                                      &params, &vote));
    }
    match->inliers = vote.inliers;
    match->least_inliers = p->least_inliers;
    match->inlier_fraction = vote.inlier_fraction;
    match->found = vote.inliers >= p->least_inliers;
    to_photo(m, &match->bend, &vote, base->step, follow->step);
    return DERM_OK;
}

static derm_err run_match(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;
    struct derm_match *const match = &pair->match;
    struct derm_similarity m;

    if (match->found) return DERM_OK; /* a series knows it */
    if (pair->base->face.used && pair->follow->face.used) {
        match->found = match_faces(&m, &pair->base->face, &pair->follow->face);
        match->inliers = STABLE;
        match->inlier_fraction = 1.0;
    } else {
        DERM_TRY(match_keypoints(run, params, match, &m));
    }
    if (match->found) derm_match_by(match, &m);
    return DERM_OK;
}

const struct derm_stage derm_stage_match = {
    .name = "match",
    .scope = DERM_PAIR,
    .reads = DERM_SLOT(light) | DERM_SLOT(face),
    .writes = DERM_SLOT(match),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_match,
};
