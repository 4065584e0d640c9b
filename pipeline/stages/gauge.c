/* SPDX-License-Identifier: Apache-2.0 */
/* gauge: how much sharper one photo is than the other, by what is not treated.
 *
 * reads   registration, warped, od, skin, quality (level of skin, noise), face
 * writes  gauge           variance of the follow-up's blur less the baseline's, its sd, sharpening
 *
 * Skin that is being treated cannot say whether a photo is blurred or the skin smoother
 * (algorithms.md, section 0.9). Hair can: windows of a few millimetres around what is dark and not
 * skin (hairs, a marker; of a face brows, lashes, irises) are compared in linear light, on the
 * baseline's grid. What the warp's cubic took from the follow-up's finest detail is given back
 * first: it is known, and no Gaussian; read as one it passes for a blur of 0.05 px2, which pores,
 * less fine than hair, do not have. Each window finds its own shift, for brows move, and has a
 * vote; votes far from the others (what moved or was shed) are dropped.
 *
 * Without such windows the skin itself is compared in the same way. It bounds the difference of
 * blur, but only as far as treatment leaves skin alone, so that nothing is corrected by it. */
#include "stages/gauge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "stages/cross_spectrum.h"
#include "stages/field.h"
#include "stages/outline.h"
#include "stages/sharpening.h"
#include "stages/stages.h"
#include "stages/statistics.h"

struct params {
    float window_mm, lo_per_mm, hi_per_mm, skin_hi_per_mm, hi_per_px;
    float min_contrast, core_mm, fade_mm;
    float reach_mm, least_coherence;
    int least_rings, least_seeds, most_windows, least_windows;
    float outlier_mads;
    float hair_relative_sd, skin_hides_mm2;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, window_mm, 4, 1, 30, "side of a window; a hair's length"),
    DERM_OPT(struct params, lo_per_mm, 0.5, 0.05, 10, "cycles; algorithms.md 3.1"),
    DERM_OPT(struct params, hi_per_mm, 3, 0.1, 20, "cycles; algorithms.md 3.1"),
    DERM_OPT(
        struct params, skin_hi_per_mm, 1.5, 0.1, 20,
        "cycles; beyond it sharpening no longer rises, so that it would not show as less blur"),
    DERM_OPT(struct params, hi_per_px, 0.35, 0.05, 0.5,
             "cycles; near half a cycle the warp's cubic is no Gaussian"),
    DERM_OPT(struct params, min_contrast, 0.25, 0.02, 3,
             "of hair over skin, optical density, mean of both photos; as quality's edges"),
    DERM_OPT(struct params, core_mm, 0.3, 0, 5, "around hair that counts fully"),
    DERM_OPT(
        struct params, fade_mm, 1, 0.01, 5,
        "and beyond it fades: the skin there is treated; at 0.3 that is steeper than the edge of a "
        "marker, which then reads half of a blur"),
    DERM_OPT(struct params, reach_mm, 1, 0, 10, "that hair may have moved against the skin"),
    DERM_OPT(struct params, least_coherence, 0.5, 0, 1, "algorithms.md 3.1"),
    DERM_OPT(struct params, least_rings, 3, 3, 24, "frequencies that a vote rests on"),
    DERM_OPT(struct params, least_seeds, 20, 1, 10000,
             "pixels at edges of hair that a window must have"),
    DERM_OPT(struct params, most_windows, 96, 1, 10000, "bounds time; those with most edges"),
    DERM_OPT(struct params, least_windows, 5, 2, 1000, "fewer do not tell how far they differ"),
    DERM_OPT(struct params, outlier_mads, 3, 1, 100, "votes further from the median are dropped"),
    DERM_OPT(struct params, hair_relative_sd, 0.05, 0, 1,
             "of the variance that hair shows, besides the votes' spread; truth_sharpness even"),
    DERM_OPT(struct params, skin_hides_mm2, 0.0012, 0, 1,
             "sd of what treatment adds to the variance that skin shows; truth_sharpness even"),
    { 0 },
};

static const double tau = 6.283185307179586;
enum { LARGEST_SIDE = 80, SMALLEST_SIDE = 24 }; /* px */

struct job {
    struct derm_run *run;
    const struct params *p;
    const struct derm_pair *pair;
    int side;
    struct derm_mask seeds; /* what the windows are laid around */
    bool edges;             /* of the seeds are what windows are laid around, not all of them */
    bool masked;            /* only what is near seeds counts */
    struct derm_spectra spectra;
    double *hann;           /* of a row */
    double *taper, *window; /* side x side */
    double *stamp;          /* the taper around one seed, up to reach px away */
    int reach;
};

/* ---- where to look */

/* Hair of a close-up is anywhere; of a face it is in the outlines of brows and eyes, for what is
 * dark beyond the face need not be as far away as the skin. */
static derm_err mark_where_hair_may_be(struct job *j)
{
    struct derm_run *const run = j->run;
    const struct derm_frame *const base = j->pair->base;
    const struct derm_json *table;

    DERM_TRY(derm_mask_new(run->scratch, &j->seeds, base->view.grid.w, base->view.grid.h));
    if (base->face.used) {
        DERM_TRY(derm_models_table(run->models, "regions", &table, run->err));
        return derm_outline_fill_list(&j->seeds, table, "exclude", &base->face, &base->view.grid,
                                      0xff, run->err);
    }
    for (int y = 0; y < j->seeds.h; y++)
        memset(derm_mask_row(&j->seeds, y), 0xff, (size_t)j->seeds.w);
    return DERM_OK;
}

/* Dark in both photos together, and taken for skin by at most one of them. */
static derm_err find_hair(struct job *j)
{
    const struct derm_view *const base = &j->pair->base->view, *const follow = &j->pair->warped;
    const double level = j->pair->base->quality.skin_od + j->pair->follow->quality.skin_od;
    const float least = (float)(level + 2 * (double)j->p->min_contrast);

    DERM_TRY(mark_where_hair_may_be(j));
    for (int y = 0; y < j->seeds.h; y++) {
        const uint8_t *const skin = derm_mask_row(&base->skin, y);
        const uint8_t *const seen = derm_mask_row(&follow->skin, y);
        const float *const a = derm_row(&base->od[1], y), *const b = derm_row(&follow->od[1], y);
        uint8_t *const seed = derm_mask_row(&j->seeds, y);

        for (int x = 0; x < j->seeds.w; x++)
            if (a[x] + b[x] < least || (skin[x] & seen[x])) seed[x] = 0;
    }
    return DERM_OK;
}

struct place {
    int x, y; /* of the window's first pixel */
    int seeds;
};

static int most_seeds_first(const void *pa, const void *pb)
{
    const struct place *const a = pa, *const b = pb;

    if (a->seeds != b->seeds) return b->seeds - a->seeds;
    return a->y != b->y ? a->y - b->y : a->x - b->x;
}

/* Deep in a shadow or a thick of hair there is nothing to tell sharp from blurred. */
static bool is_at_edge(const struct derm_mask *seeds, int x, int y)
{
    const uint8_t *const row = derm_mask_row(seeds, y);

    return !row[imax(x - 1, 0)] || !row[imin(x + 1, seeds->w - 1)] ||
           !derm_mask_row(seeds, imax(y - 1, 0))[x] ||
           !derm_mask_row(seeds, imin(y + 1, seeds->h - 1))[x];
}

/* A window about the middle of the seeds at edges in a cell; no seeds: none. */
static struct place place_in(const struct job *j, int x0, int y0)
{
    const int x1 = imin(x0 + j->side, j->seeds.w), y1 = imin(y0 + j->side, j->seeds.h);
    struct place at = { 0, 0, 0 };
    int64_t sum_x = 0, sum_y = 0;

    for (int y = y0; y < y1; y++) {
        const uint8_t *const seed = derm_mask_row(&j->seeds, y);
        if (!memchr(seed + x0, 0xff, (size_t)(x1 - x0))) continue;
        for (int x = x0; x < x1; x++) {
            if (!seed[x] || (j->edges && !is_at_edge(&j->seeds, x, y))) continue;
            at.seeds++;
            sum_x += x;
            sum_y += y;
        }
    }
    if (at.seeds == 0) return at;
    at.x = (int)((double)sum_x / at.seeds + 0.5) - j->side / 2;
    at.y = (int)((double)sum_y / at.seeds + 0.5) - j->side / 2;
    return at;
}

/* Whether both photos show the whole window. */
static bool is_whole(const struct job *j, const struct place *at)
{
    const struct derm_grid *const base = &j->pair->base->view.grid;
    const struct derm_grid *const follow = &j->pair->follow->view.grid;

    if (at->x < 0 || at->y < 0 || at->x + j->side > base->w || at->y + j->side > base->h)
        return false;
    for (int corner = 0; corner < 4; corner++) {
        const struct derm_point p =
            derm_field_at(&j->pair->registration.map, at->x + (corner & 1 ? j->side - 1 : 0),
                          at->y + (corner & 2 ? j->side - 1 : 0));
        if (p.x < 0 || p.y < 0 || p.x > follow->w - 1 || p.y > follow->h - 1) return false;
    }
    return true;
}

static derm_err choose_places(struct job *j, struct place **out, int *n)
{
    const int columns = j->seeds.w / j->side + 1, rows = j->seeds.h / j->side + 1;

    *n = 0;
    DERM_TRY(derm_arena_raw(j->run->scratch, out, (size_t)columns * (size_t)rows, sizeof(**out)));
    for (int y = 0; y < j->seeds.h; y += j->side)
        for (int x = 0; x < j->seeds.w; x += j->side) {
            const struct place at = place_in(j, x, y);
            if (at.seeds >= j->p->least_seeds && is_whole(j, &at)) (*out)[(*n)++] = at;
        }
    qsort(*out, (size_t)*n, sizeof(**out), most_seeds_first);
    *n = imin(*n, j->p->most_windows);
    return DERM_OK;
}

/* ---- one window */

/* 1 within core of a seed, then falling to 0. */
static double nearness(double distance_px, double core_px, double fade_px)
{
    const double t = (distance_px - core_px) / fade_px;

    if (t <= 0) return 1;
    return t >= 1 ? 0 : 1 - t * t * (3 - 2 * t);
}

/* The nearness of all that lies within reach of a seed in the middle. */
static derm_err new_stamp(struct job *j, double core_px, double fade_px)
{
    const int reach = (int)(core_px + fade_px), side = 2 * reach + 1;

    j->reach = reach;
    DERM_TRY(
        derm_arena_raw(j->run->scratch, &j->stamp, (size_t)side * (size_t)side, sizeof(*j->stamp)));
    for (int v = -reach; v <= reach; v++)
        for (int u = -reach; u <= reach; u++)
            j->stamp[(v + reach) * side + u + reach] =
                nearness(sqrt((double)(u * u + v * v)), core_px, fade_px);
    return DERM_OK;
}

static void stamp(struct job *j, int x, int y)
{
    const int reach = j->reach, side = 2 * reach + 1;
    const int left = imax(x - reach, 0), right = imin(x + reach, j->side - 1);

    for (int v = imax(y - reach, 0); v <= imin(y + reach, j->side - 1); v++) {
        const double *const near = j->stamp + (v - y + reach) * side + reach - x;
        double *const taper = j->taper + v * j->side;

        for (int u = left; u <= right; u++)
            taper[u] = near[u] > taper[u] ? near[u] : taper[u];
    }
}

static void make_taper(struct job *j, const struct place *at)
{
    const int n = j->side;

    for (int i = 0; i < n * n; i++)
        j->taper[i] = j->masked ? 0 : 1;
    for (int y = 0; y < n && j->masked; y++)
        for (int x = 0; x < n; x++)
            if (derm_mask_row(&j->seeds, at->y + y)[at->x + x]) stamp(j, x, y);
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++)
            j->taper[y * n + x] *= j->hann[x] * j->hann[y];
}

/* Light of the window relative to its level where the taper falls off, so that the taper's own
 * shape does not show. */
static void look(struct job *j, const struct derm_plane *od, int x0, int y0,
                 struct derm_complex *out)
{
    const int n = j->side;
    double sum = 0, weight = 0, level;

    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++) {
            const double t = j->taper[y * n + x], border = t * (1 - t);
            const double light = (double)derm_expf(-derm_row(od, y0 + y)[x0 + x]);
            j->window[y * n + x] = light;
            sum += border * light;
            weight += border;
        }
    level = sum / weight;
    for (int i = 0; i < n * n; i++)
        j->window[i] = (j->window[i] / level - 1) * j->taper[i];
    derm_spectra_set(&j->spectra, out, j->window);
}

/* What cubic convolution, read t of the way from one sample to the next, leaves of a wave
 * of w radians per px: R. Keys, IEEE Trans. ASSP 29, 1153 (1981), a = -1/2. */
static double cubic_gain(double t, double w)
{
    const double u = 1 - t;

    return (((-0.5 * t + 1) * t - 0.5) * t) * cos(w * (1 + t)) +
           ((1.5 * t - 2.5) * t * t + 1) * cos(w * t) + ((1.5 * u - 2.5) * u * u + 1) * cos(w * u) +
           (((-0.5 * u + 1) * u - 0.5) * u) * cos(w * (1 + u));
}

/* What the warp left of waves along x and y in a window, gain[axis][cycles per side], in the mean
 * over a few of its places: at samples it took nothing, between them most. */
static void find_warp_gain(const struct job *j, int x0, int y0,
                           double gain[2][DERM_SPECTRUM_CYCLES + 1])
{
    const int step = j->side / 5;
    int n = 0;

    for (int y = y0 + step / 2; y < y0 + j->side; y += step)
        for (int x = x0 + step / 2; x < x0 + j->side; x += step, n++) {
            const struct derm_point at = derm_field_at(&j->pair->registration.map, x, y);

            for (int k = 0; k <= j->spectra.rule.hi; k++) {
                gain[0][k] += cubic_gain(at.x - floor(at.x), tau * k / j->side);
                gain[1][k] += cubic_gain(at.y - floor(at.y), tau * k / j->side);
            }
        }
    for (int k = 0; k <= j->spectra.rule.hi; k++) {
        gain[0][k] /= n;
        gain[1][k] /= n;
    }
}

/* The follow-up's window without what the warp did to it. */
static void look_through_warp(struct job *j, int x0, int y0)
{
    double gain[2][DERM_SPECTRUM_CYCLES + 1] = { { 0 } };

    look(j, &j->pair->warped.od[1], x0, y0, j->spectra.b);
    find_warp_gain(j, x0, y0, gain);
    derm_spectra_undo(&j->spectra, j->spectra.b, gain[0], gain[1]);
}

static struct derm_blur_vote vote_of(struct job *j, const struct place *at)
{
    struct place there = *at;
    double dx, dy;

    make_taper(j, at);
    look(j, &j->pair->base->view.od[1], at->x, at->y, j->spectra.a);
    look_through_warp(j, at->x, at->y);
    derm_spectra_shift(&j->spectra, &dx, &dy);
    there.x += (int)floor(dx + 0.5);
    there.y += (int)floor(dy + 0.5);
    if (there.x != at->x || there.y != at->y) {
        if (!is_whole(j, &there)) return (struct derm_blur_vote){ 0 };
        look_through_warp(j, there.x, there.y);
        derm_spectra_shift(&j->spectra, &dx, &dy);
    }
    return derm_spectra_blur(&j->spectra, dx, dy);
}

/* ---- all windows */

static void drop_outliers(struct derm_blur_vote *vote, int *n, double *value, double mads)
{
    double median, mad;
    int kept = 0;

    for (int i = 0; i < *n; i++)
        value[i] = vote[i].variance_px2;
    derm_sort(value, *n);
    median = derm_percentile(value, *n, 0.5);
    for (int i = 0; i < *n; i++)
        value[i] = fabs(vote[i].variance_px2 - median);
    derm_sort(value, *n);
    mad = 1.4826 * derm_percentile(value, *n, 0.5);
    for (int i = 0; i < *n; i++)
        if (fabs(vote[i].variance_px2 - median) <= mads * mad) vote[kept++] = vote[i];
    *n = kept;
}

static derm_err ask_windows(struct job *j, struct derm_gauge *out)
{
    struct derm_blur_vote *vote;
    struct place *place;
    double *value, sum = 0, weight = 0, squares = 0;
    int places, n = 0;

    DERM_TRY(choose_places(j, &place, &places));
    DERM_TRY(derm_arena_raw(j->run->scratch, &vote, (size_t)places + 1, sizeof(*vote)));
    DERM_TRY(derm_arena_raw(j->run->scratch, &value, (size_t)places + 1, sizeof(*value)));
    for (int i = 0; i < places; i++) {
        vote[n] = vote_of(j, &place[i]);
        n += vote[n].rings > 0;
    }
    if (n < j->p->least_windows) return DERM_OK;
    drop_outliers(vote, &n, value, (double)j->p->outlier_mads);
    for (int i = 0; i < n; i++) {
        sum += vote[i].weight * vote[i].variance_px2;
        weight += vote[i].weight;
    }
    out->windows = n;
    out->sharpening = derm_sharpening(vote, n);
    out->variance_px2 = sum / weight;
    for (int i = 0; i < n; i++) {
        const double d = vote[i].weight * (vote[i].variance_px2 - out->variance_px2);
        squares += d * d;
    }
    out->sd_px2 = sqrt(squares) / weight * sqrt(n / (n - 1.0));
    return DERM_OK;
}

/* Of the noise's power, follow-up to baseline. Texture counts as noise in quality; what that makes
 * of the ratio is bounded. */
static double noise_ratio(const struct derm_pair *pair)
{
    const double most = 16, base = pair->base->quality.noise_od;
    const double follow = pair->follow->quality.noise_od;

    if (base <= 0 || follow <= 0) return 1;
    return clampd(follow * follow / (base * base), 1 / most, most);
}

static derm_err open_job(struct job *j, double hi_per_mm)
{
    const double s = j->pair->base->view.grid.px_per_mm;
    const struct params *const p = j->p;
    const int side =
        clampi(2 * (int)((double)p->window_mm * s / 2 + 0.5), SMALLEST_SIDE, LARGEST_SIDE);
    const double hi = fmin(hi_per_mm / s, (double)p->hi_per_px) * side;
    const struct derm_spectrum_rule rule = {
        .side_px = side,
        .lo = imax(2, (int)((double)p->lo_per_mm / s * side)),
        .hi = clampi((int)hi, 1, DERM_SPECTRUM_CYCLES),
        .noise_ratio = noise_ratio(j->pair),
        .reach_px = (double)p->reach_mm * s,
        .least_coherence = (double)p->least_coherence,
        .least_rings = p->least_rings,
    };
    const size_t pixels = (size_t)side * (size_t)side;

    j->side = side;
    DERM_TRY(derm_spectra_new(j->run->scratch, &j->spectra, &rule));
    DERM_TRY(derm_arena_raw(j->run->scratch, &j->hann, (size_t)side, sizeof(double)));
    DERM_TRY(derm_arena_raw(j->run->scratch, &j->taper, pixels, sizeof(double)));
    DERM_TRY(derm_arena_raw(j->run->scratch, &j->window, pixels, sizeof(double)));
    for (int i = 0; i < side; i++)
        j->hann[i] = 0.5 - 0.5 * cos(tau * (i + 0.5) / side);
    return new_stamp(j, (double)p->core_mm * s, (double)p->fade_mm * s);
}

static void conclude(struct derm_gauge *g, enum derm_gauge_source source, double further_sd_px2)
{
    if (g->windows == 0) return;
    g->source = source;
    g->sd_px2 = sqrt(g->sd_px2 * g->sd_px2 + further_sd_px2 * further_sd_px2);
}

static derm_err run_gauge(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;
    struct derm_gauge *const gauge = &pair->gauge;
    struct job job = { .run = run, .p = params, .pair = pair };
    const double s = pair->base->view.grid.px_per_mm;

    if (!pair->registration.accepted) return DERM_OK;
    DERM_TRY(open_job(&job, (double)job.p->hi_per_mm));
    DERM_TRY(find_hair(&job));
    job.edges = true;
    job.masked = !pair->base->face.used; /* of a face all that is looked at is untreated */
    DERM_TRY(ask_windows(&job, gauge));
    conclude(gauge, DERM_GAUGE_HAIR, (double)job.p->hair_relative_sd * gauge->variance_px2);
    if (gauge->source == DERM_GAUGE_HAIR) return DERM_OK;
    DERM_TRY(open_job(&job, (double)job.p->skin_hi_per_mm));
    job.seeds = pair->common;
    job.edges = job.masked = false;
    DERM_TRY(ask_windows(&job, gauge));
    conclude(gauge, DERM_GAUGE_SKIN, (double)job.p->skin_hides_mm2 * s * s);
    return DERM_OK;
}

double derm_gauge_sigma_px(const struct derm_gauge *g)
{
    return sqrt(fabs(g->variance_px2));
}

double derm_gauge_error_px2(const struct derm_gauge *g)
{
    if (g->source == DERM_GAUGE_HAIR) return g->sd_px2;
    return sqrt(g->variance_px2 * g->variance_px2 + g->sd_px2 * g->sd_px2);
}

const struct derm_stage derm_stage_gauge = {
    .name = "gauge",
    .scope = DERM_PAIR,
    .reads = DERM_SLOT(registration) | DERM_SLOT(od) | DERM_SLOT(skin) | DERM_SLOT(face) |
             DERM_SLOT(quality) | DERM_SLOT(warped),
    .writes = DERM_SLOT(gauge),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_gauge,
};
