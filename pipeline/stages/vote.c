/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/vote.h"

enum { FINALISTS = 12, ROUNDS = 5, LEAST_INLIERS = 3 };

/* How far a keypoint's own size and direction may be from the whole: a factor of 1.6, 30 degrees.
 */
static const double size_slack = 1.6, turn_slack_cosine = 0.866;
/* A single keypoint's direction is off by about 10 degrees, so its prediction worsens with
 * distance. */
static const double error_per_distance = 0.15;
static const double steepest_turn_cosine = 0.64; /* photos are turned by less than 50 degrees */

struct opinion { /* of one match */
    struct derm_pairing place;
    double a, b; /* size times cosine and sine of the turn */
    double size;
};

static struct opinion opinion_of(const struct derm_keypoint *p, const struct derm_keypoint *q)
{
    const double size = (double)q->sigma_px / (double)p->sigma_px;
    const double c = (double)p->cosine * (double)q->cosine + (double)p->sine * (double)q->sine;
    const double s = (double)p->cosine * (double)q->sine - (double)p->sine * (double)q->cosine;

    return (struct opinion){
        .place = { { (double)p->x, (double)p->y }, { (double)q->x, (double)q->y }, 1.0 },
        .a = size * c,
        .b = size * s,
        .size = size
    };
}

/* Matches at the same pixel of both photos are marks of the file (a watermark, a date), which would
 * pull the fit to the identity; when most are, the photos really have not moved. */
static void weigh_still(struct opinion *o, int n, double still_weight)
{
    const double still_px = 1.0;
    int still = 0;

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < n; i++) {
            const struct derm_pairing *const p = &o[i].place;
            if (fabs(p->from.x - p->to.x) > still_px || fabs(p->from.y - p->to.y) > still_px)
                continue;
            if (round == 0)
                still++;
            else if (2 * still < n)
                o[i].place.weight = still_weight;
        }
}

static bool agrees(const struct opinion *o, const struct derm_similarity *m, double scale,
                   double tolerance_px)
{
    const struct derm_point at = derm_similarity_apply(m, o->place.from);
    const double dx = at.x - o->place.to.x, dy = at.y - o->place.to.y;

    return dx * dx + dy * dy <= tolerance_px * tolerance_px && o->size < scale * size_slack &&
           o->size * size_slack > scale &&
           o->a * m->a + o->b * m->b >= turn_slack_cosine * o->size * scale;
}

static double seed_score(const struct opinion *o, int n, int seed, double tolerance_px)
{
    const struct opinion *const s = o + seed;
    const struct derm_similarity m = {
        s->a, s->b, s->place.to.x - (s->a * s->place.from.x - s->b * s->place.from.y),
        s->place.to.y - (s->b * s->place.from.x + s->a * s->place.from.y)
    };
    double score = 0.0;

    for (int i = 0; i < n; i++) {
        const double dx = o[i].place.to.x - s->place.to.x, dy = o[i].place.to.y - s->place.to.y;
        const double slack = tolerance_px + error_per_distance * sqrt(dx * dx + dy * dy);
        if (agrees(o + i, &m, s->size, slack)) score += o[i].place.weight;
    }
    return score;
}

struct fit {
    struct derm_similarity m;
    double score;
    int inliers;
};

/* Refits to the agreeing matches until they settle; the first round trusts the seed's own
 * neighbourhood only. */
static struct fit refine(const struct opinion *o, int n, int seed, double tolerance_px,
                         struct derm_pairing *pair)
{
    const struct opinion *const s = o + seed;
    struct fit fit = { .m = { s->a, s->b, 0.0, 0.0 } };

    fit.m.tx = s->place.to.x - (s->a * s->place.from.x - s->b * s->place.from.y);
    fit.m.ty = s->place.to.y - (s->b * s->place.from.x + s->a * s->place.from.y);
    for (int round = 0; round < ROUNDS; round++) {
        const double scale = derm_similarity_scale(&fit.m);
        fit.score = 0.0;
        fit.inliers = 0;
        for (int i = 0; i < n; i++) {
            const double dx = o[i].place.to.x - s->place.to.x, dy = o[i].place.to.y - s->place.to.y;
            const double slack =
                round ? tolerance_px : tolerance_px + error_per_distance * sqrt(dx * dx + dy * dy);
            if (!agrees(o + i, &fit.m, scale, slack)) continue;
            fit.score += o[i].place.weight;
            pair[fit.inliers++] = o[i].place;
        }
        if (fit.inliers < LEAST_INLIERS || !derm_similarity_fit(&fit.m, pair, fit.inliers)) {
            fit.score = 0.0;
            fit.inliers = 0;
            break;
        }
    }
    return fit;
}

static bool plausible(const struct opinion *o, const struct derm_vote_params *p)
{
    return o->size >= p->least_scale && o->size <= p->most_scale &&
           o->a >= steepest_turn_cosine * o->size;
}

/* From the similarity's own matches outwards: an affine map, then a quadratic one, each fitted to
 * all matches near the map before it, in a narrowing margin. */
static void grow(struct derm_vote *out, const struct opinion *o, int n, double tolerance_px,
                 struct derm_pairing *pair)
{
    static const struct {
        int terms, least;
        double margin; /* of the tolerance */
    } level[] = { { 3, 10, 1.0 }, { 3, 10, 1.0 }, { 6, 30, 0.7 }, { 6, 30, 0.5 }, { 6, 30, 0.35 } };
    const double scale = derm_similarity_scale(&out->from_a);

    for (size_t k = 0; k < sizeof(level) / sizeof(level[0]); k++) {
        const double margin_px = level[k].margin * tolerance_px;
        int near = 0;
        for (int i = 0; i < n; i++) {
            const struct derm_point at = out->bend.terms
                                             ? derm_bend_apply(&out->bend, o[i].place.from)
                                             : derm_similarity_apply(&out->from_a, o[i].place.from);
            const struct derm_similarity shifted = {
                out->from_a.a, out->from_a.b,
                at.x - (out->from_a.a * o[i].place.from.x - out->from_a.b * o[i].place.from.y),
                at.y - (out->from_a.b * o[i].place.from.x + out->from_a.a * o[i].place.from.y)
            };
            if (agrees(o + i, &shifted, scale, margin_px)) pair[near++] = o[i].place;
        }
        if (near < level[k].least ||
            !derm_bend_fit(&out->bend, level[k].terms, pair, near, 0.25 * margin_px))
            return;
        out->inliers = near;
    }
}

derm_err derm_vote_similarity(struct derm_arena *scratch, const struct derm_keypoint *a,
                              const struct derm_keypoint *b,
                              const struct derm_keypoint_match *match, int n,
                              const struct derm_vote_params *params, struct derm_vote *out)
{
    const size_t mark = scratch->used;
    const double tolerance_px = params->tolerance * params->size_px;
    struct opinion *o;
    struct derm_pairing *pair;
    double *score;

    *out = (struct derm_vote){ 0 };
    DERM_TRY(derm_arena_new(scratch, &o, (size_t)n + 1, sizeof(*o)));
    DERM_TRY(derm_arena_new(scratch, &pair, (size_t)n + 1, sizeof(*pair)));
    DERM_TRY(derm_arena_new(scratch, &score, (size_t)n + 1, sizeof(*score)));
    for (int i = 0; i < n; i++)
        o[i] = opinion_of(a + match[i].a, b + match[i].b);
    weigh_still(o, n, params->still_weight);
    for (int i = 0; i < n; i++)
        score[i] = plausible(o + i, params) ? seed_score(o, n, i, 0.5 * tolerance_px) : 0.0;

    for (int k = 0; k < FINALISTS; k++) {
        double best_score = (double)out->inlier_fraction;
        int best = -1;
        struct fit fit;
        for (int i = 0; i < n; i++)
            if (score[i] > 0.0 && (best < 0 || score[i] > score[best])) best = i;
        if (best < 0) break;
        score[best] = 0.0;
        fit = refine(o, n, best, tolerance_px, pair);
        if (fit.score > best_score) {
            out->from_a = fit.m;
            out->inliers = fit.inliers;
            out->inlier_fraction = fit.score;
        }
    }
    if (out->inliers > 0) grow(out, o, n, tolerance_px, pair);
    if (n > 0) out->inlier_fraction = (double)out->inliers / n;
    derm_arena_reset(scratch, mark);
    return DERM_OK;
}
