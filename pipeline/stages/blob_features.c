/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/blob_features.h"

#include <assert.h>
#include <math.h>

#include "base/fetch.h"
#include "base/num.h"
#include "kernels/bands.h"
#include "stages/blob_strand.h"
#include "stages/blob_surround.h"
#include "stages/clutter.h"

enum { CIRCLES = 9, DIRECTIONS = 16, INNER = 4, SURROUND = 6 /* first circle of it */ };
_Static_assert(DERM_BLOB_blue_5 - DERM_BLOB_red_0 + 1 == 3 * SURROUND, "colours by circles");

/* In radii of the place. The first is its middle. */
static const double circle[CIRCLES] = { 0, 0.35, 0.7, 1, 1.3, 1.6, 1.9, 2.25, 2.6 };
/* Of the area inside the radius, by the circles 0 to 3. */
static const double share[INNER] = { 0.03, 0.25, 0.44, 0.28 };

/* Cosine of k / 16 of a turn; the sine is a quarter turn behind. */
static const double cosine[DIRECTIONS] = {
    1,  0.92387953251128674,  0.70710678118654752,  0.38268343236508977,
    0,  -0.38268343236508977, -0.70710678118654752, -0.92387953251128674,
    -1, -0.92387953251128674, -0.70710678118654752, -0.38268343236508977,
    0,  0.38268343236508977,  0.70710678118654752,  0.92387953251128674,
};
static double sine(int k)
{
    return cosine[(k + 3 * DIRECTIONS / 4) % DIRECTIONS];
}

static const double least_depth = 0.004; /* optical density: ratios are to no less */
static const double most_ratio = 4;      /* and are no more */
static const double small_mm = 1.2;      /* hollows up to this wide tell where the light is */
/* Of those on one direction, in sd. From here on it is right: mean cosine of the error 0.84 at 1.5
 * to 2, even phantoms. */
static const double light_agreement = 1.5;
static const double least_energy = 1e-8; /* of fine detail, optical density squared */
static const double least_noise = 1e-3;  /* optical density */

const char *derm_blob_feature_name(int feature)
{
    static const char *const name[DERM_BLOB_FEATURES] = {
#define X(name, meaning) #name,
        DERM_BLOB_FEATURE_LIST(X)
#undef X
    };
    return name[feature];
}

/* ---- samples on circles */

struct vector {
    double x, y;
};
struct samples { /* optical density */
    float at[3][CIRCLES][DIRECTIONS];
    double mean[3][CIRCLES];
    double around[3]; /* median of the surround */
    double no_skin;   /* share of the surround */
};

static struct derm_raster raster_of(const struct derm_plane *p)
{
    return (struct derm_raster){ p->w, p->h, p->stride };
}

/* Places in all directions from one. */
static void look_round(double px, double py, double radius, double *x, double *y)
{
    for (int k = 0; k < DIRECTIONS; k++) {
        x[k] = px + radius * cosine[k];
        y[k] = py + radius * sine(k);
    }
}

/* All directions of the first circle are its middle. */
static void take_middle(const struct derm_kernels *k, const struct derm_plane od[3],
                        const struct derm_blob_place *place, struct samples *s)
{
    const float *const src[3] = { od[0].px, od[1].px, od[2].px };
    float *const dst[3] = { s->at[0][0], s->at[1][0], s->at[2][0] };
    const struct derm_raster size = raster_of(&od[0]);
    int32_t corner;

    k->bilinear(dst, &corner, src, 3, &size, &place->x, &place->y, 1);
    for (int i = 0; i < 3; i++)
        for (int d = 1; d < DIRECTIONS; d++)
            s->at[i][0][d] = s->at[i][0][0];
}

_Static_assert((CIRCLES - SURROUND) * DIRECTIONS == DERM_SURROUND_SAMPLES, "all of its circles");

static void take_samples(const struct derm_kernels *k, const struct derm_view *view,
                         const struct derm_blob_place *place, struct samples *s)
{
    const struct derm_plane *const od = view->od;
    const float *const src[3] = { od[0].px, od[1].px, od[2].px };
    float *const dst[3] = { s->at[0][1], s->at[1][1], s->at[2][1] };
    const struct derm_raster size = raster_of(&od[0]);
    double x[CIRCLES][DIRECTIONS], y[CIRCLES][DIRECTIONS];
    int32_t corner[CIRCLES][DIRECTIONS];
    int off = 0;

    assert(view->skin.stride == od[0].stride); /* every row is padded to as many samples */
    take_middle(k, od, place, s);
    for (int j = 1; j < CIRCLES; j++)
        look_round(place->x, place->y, circle[j] * place->radius, x[j], y[j]);
    k->bilinear(dst, corner[1], src, 3, &size, x[1], y[1], (CIRCLES - 1) * DIRECTIONS);
    for (int j = SURROUND; j < CIRCLES; j++)
        for (int d = 0; d < DIRECTIONS; d++)
            off += !view->skin.px[corner[j][d]];
    s->no_skin = (double)off / DERM_SURROUND_SAMPLES;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < CIRCLES; j++) {
            s->mean[i][j] = 0;
            for (int d = 0; d < DIRECTIONS; d++)
                s->mean[i][j] += (double)s->at[i][j][d] / DIRECTIONS;
        }
        s->around[i] = derm_surround_median(s->at[i][SURROUND]);
    }
}

/* Amplitude and direction of the part of a circle that goes round m times. */
static struct vector harmonic(const struct samples *s, int channel, int j, int m)
{
    struct vector sum = { 0, 0 };

    for (int k = 0; k < DIRECTIONS; k++) {
        sum.x += (double)s->at[channel][j][k] * cosine[m * k % DIRECTIONS];
        sum.y += (double)s->at[channel][j][k] * sine(m * k % DIRECTIONS);
    }
    return (struct vector){ 2 * sum.x / DIRECTIONS, 2 * sum.y / DIRECTIONS };
}

static double length(struct vector v)
{
    return sqrt(v.x * v.x + v.y * v.y);
}

/* ---- one place */

struct depth {
    double of[3], all; /* all: their mean, at least least_depth */
};

static double ln(double x)
{
    return (double)derm_lnf((float)x);
}

static double ratio(double x, const struct depth *d)
{
    return clampd(x / d->all, -most_ratio, most_ratio);
}

static struct depth depth_of(const struct samples *s)
{
    struct depth d = { { 0 }, 0 };

    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < INNER; j++)
            d.of[i] += share[j] * s->mean[i][j];
        d.of[i] -= s->around[i];
    }
    d.all = fmax((d.of[0] + d.of[1] + d.of[2]) / 3, least_depth);
    return d;
}

/* Depth of a circle, mean of the three colours. */
static double depth_at(const struct samples *s, int j)
{
    double sum = 0;

    for (int i = 0; i < 3; i++)
        sum += s->mean[i][j] - s->around[i];
    return sum / 3;
}

static void read_colour(const struct depth *d, const struct derm_tone *tone, double *f)
{
    const double sum = fmax(fabs(d->of[0]) + fabs(d->of[1]) + fabs(d->of[2]), 3 * least_depth);
    double melanin = 0, blood = 0, weights = 0;

    for (int i = 0; i < 3; i++) {
        melanin += (double)tone->melanin[i] * d->of[i];
        blood += (double)tone->blood[i] * d->of[i];
        weights += fabs((double)tone->blood[i]);
    }
    f[DERM_BLOB_red] = d->of[0] / sum;
    f[DERM_BLOB_blue] = d->of[2] / sum;
    f[DERM_BLOB_melanin] = ratio(melanin, d);
    f[DERM_BLOB_blood] = ratio(blood, d);
    f[DERM_BLOB_colour] = weights > 0;
    f[DERM_BLOB_tone] = tone->ita_deg / 100;
}

static void read_profile(const struct samples *s, const struct depth *d, double radius_mm,
                         double *f)
{
    double fall = 0;

    for (int j = 2; j < 5; j++)
        fall = fmax(fall, (depth_at(s, j - 1) - depth_at(s, j)) / (circle[j] - circle[j - 1]));
    f[DERM_BLOB_edge] = ln(fmax(fall, least_depth) / radius_mm);
    /* Light spreads further in red: relief is softer there, blood lies deeper than pigment. */
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < SURROUND; j++)
            f[DERM_BLOB_red_0 + i * SURROUND + j] = ratio(s->mean[i][j] - s->around[i], d);
}

/* How much darker one side is than the other, at the radius: red shows pigment and blood least. */
static struct vector shading_of(const struct samples *s, struct vector *slope)
{
    const struct vector a = harmonic(s, 0, 2, 1), b = harmonic(s, 0, 3, 1);
    const struct vector c = harmonic(s, 0, CIRCLES - 2, 1), e = harmonic(s, 0, CIRCLES - 1, 1);
    const double out = circle[CIRCLES - 2] + circle[CIRCLES - 1], in = circle[2] + circle[3];

    slope->x = (c.x + e.x) / out;
    slope->y = (c.y + e.y) / out;
    return (struct vector){ 0.5 * (a.x + b.x - slope->x * in), 0.5 * (a.y + b.y - slope->y * in) };
}

/* The surround's mean on both sides of a direction, where it is largest. */
static double darkest_line(const struct samples *s, int channel)
{
    double most = -HUGE_VAL;

    for (int k = 0; k < DIRECTIONS / 2; k++) {
        double side[2] = { 0, 0 };

        for (int j = SURROUND - 1; j < CIRCLES; j++)
            for (int i = 0; i < 2; i++)
                side[i] +=
                    (double)s->at[channel][j][k + i * DIRECTIONS / 2] / (CIRCLES - SURROUND + 1);
        most = fmax(most, fmin(side[0], side[1]));
    }
    return most - s->around[channel];
}

static double spread(const struct samples *s, int channel, int from, int end)
{
    double sum = 0;

    for (int j = from; j < end; j++)
        for (int k = 0; k < DIRECTIONS; k++) {
            const double v = (double)s->at[channel][j][k] - s->mean[channel][j];
            sum += v * v;
        }
    return sqrt(sum / ((end - from) * DIRECTIONS));
}

static void read_shape(const struct samples *s, const struct depth *d, double *f)
{
    float brightest = s->at[1][1][0];
    double two = 0;

    for (int j = 2; j < 5; j++)
        two += length(harmonic(s, 1, j, 2)) / 3;
    for (int j = 1; j < SURROUND; j++)
        for (int k = 0; k < DIRECTIONS; k++)
            brightest = s->at[1][j][k] < brightest ? s->at[1][j][k] : brightest;
    f[DERM_BLOB_elongation] = ratio(two, d);
    f[DERM_BLOB_line] = ratio(darkest_line(s, 0), d);
    f[DERM_BLOB_gleam] = ratio(fmax(s->around[1] - (double)brightest, 0), d);
    f[DERM_BLOB_unrest] = ratio(spread(s, 1, SURROUND, CIRCLES), d);
    f[DERM_BLOB_grain] = ratio(spread(s, 1, 1, INNER), d);
    f[DERM_BLOB_open] = s->no_skin;
}

static void read_clutter(const struct derm_clutter *c, const struct derm_blob_place *place,
                         const struct depth *d, double *f)
{
    const double around = derm_clutter_around(c, place->x, place->y, place->radius);
    const double energy = fmax(around, least_energy);

    f[DERM_BLOB_clutter] = 0.5 * ln(energy / fmax(c->smooth, least_energy));
    f[DERM_BLOB_apart] = ln(d->all / sqrt(energy));
}

/* How deep places of the same size are beside it, rms, green: what the skin does anyway. */
static double usual_depth(const struct derm_kernels *k, const struct derm_plane *od,
                          const struct derm_blob_place *place)
{
    static const double away[2] = { 4, 6 }; /* radii, in turn */
    enum { BESIDE = 4, PLACES = 1 + BESIDE };
    double x[PLACES][DIRECTIONS], y[PLACES][DIRECTIONS], sum = 0;
    float value[PLACES][DIRECTIONS];
    float *const dst = value[0];
    int32_t corner[PLACES][DIRECTIONS];
    const struct derm_raster size = raster_of(od);
    const float *const src = od->px;

    for (int d = 0; d < DIRECTIONS; d++) {
        x[0][d] = place->x + away[d % 2] * place->radius * cosine[d];
        y[0][d] = place->y + away[d % 2] * place->radius * sine(d);
    }
    for (int i = 0; i < BESIDE; i++) {
        const int turn = i * DIRECTIONS / BESIDE;

        for (int d = 0; d < DIRECTIONS; d++) {
            x[1 + i][d] = x[0][d] + 1.6 * place->radius * cosine[turn];
            y[1 + i][d] = y[0][d] + 1.6 * place->radius * sine(turn);
        }
    }
    k->bilinear(&dst, corner[0], &src, 1, &size, x[0], y[0], PLACES * DIRECTIONS);
    for (int j = 0; j < 2; j++) /* the near ones first */
        for (int d = j; d < DIRECTIONS; d += 2) {
            double depth = (double)value[0][d];

            for (int i = 1; i < PLACES; i++)
                depth -= (double)value[i][d] / BESIDE;
            sum += depth * depth;
        }
    return sqrt(sum / DIRECTIONS);
}

/* ---- all places */

struct derm_blob_place derm_blob_place_of(enum derm_kind kind, const struct derm_object *o)
{
    static const double radius_of_sigma = 1.4142135623730951; /* where a LoG filter fits best */
    static const double pi = 3.141592653589793;
    const double radius =
        kind == DERM_KIND_PORE ? radius_of_sigma * o->scale_px : sqrt(o->area_px / pi);

    return (struct derm_blob_place){ o->x, o->y, radius };
}

struct survey {
    const struct derm_run *run;
    const struct derm_view *view;
    const struct derm_blob_place *place;
    const int *order; /* by place, for what is near to lie near in the cache */
    double (*feature)[DERM_BLOB_FEATURES];
    struct vector *shading; /* over depth */
};

/* What take_samples will read of a place. */
static void fetch(const struct derm_view *view, const struct derm_blob_place *place)
{
    enum { LINE = 16 }; /* samples that are fetched together */
    const double reach = circle[CIRCLES - 1] * place->radius;
    const int left = imax((int)(place->x - reach), 0);
    const int right = imin((int)(place->x + reach) + 1, view->grid.w - 1);
    const int end = imin((int)(place->y + reach) + 2, view->grid.h);

    for (int y = imax((int)(place->y - reach), 0); y < end; y++)
        for (int i = 0; i < 3; i++)
            for (int x = left; x < right + LINE; x += LINE)
                derm_fetch(derm_row(&view->od[i], y) + imin(x, right));
}

static void read_some(const void *job, int from, int end, void *own)
{
    const struct survey *const all = job;
    const double px_per_mm = all->view->grid.px_per_mm;

    (void)own;
    for (int at = from; at < end; at++) {
        const int i = all->order[at];
        const struct derm_blob_place *const place = &all->place[i];
        double *const f = all->feature[i];
        struct vector slope, shading;
        struct derm_strand strand;
        struct samples s;
        struct depth d;

        if (at + 1 < end) fetch(all->view, &all->place[all->order[at + 1]]);
        take_samples(all->run->k, all->view, place, &s);
        d = depth_of(&s);
        f[DERM_BLOB_size] = ln(2 * place->radius / px_per_mm);
        f[DERM_BLOB_pixels] = ln(2 * place->radius);
        f[DERM_BLOB_depth] = ln(d.all);
        read_colour(&d, all->run->tone, f);
        read_profile(&s, &d, place->radius / px_per_mm, f);
        read_shape(&s, &d, f);
        read_clutter(&all->view->clutter, place, &d, f);
        strand = derm_strand_at(all->run->k, &all->view->od[0], place, px_per_mm);
        f[DERM_BLOB_strand] = ratio(strand.both, &d);
        f[DERM_BLOB_strand_z] = strand.both / fmax(strand.usual, least_noise);
        f[DERM_BLOB_stands] =
            ln(d.all / fmax(usual_depth(all->run->k, &all->view->od[1], place), least_noise));
        shading = shading_of(&s, &slope);
        all->shading[i] = (struct vector){ ratio(shading.x, &d), ratio(shading.y, &d) };
        f[DERM_BLOB_shading] = ratio(length(shading), &d);
        f[DERM_BLOB_slope] = ratio(length(slope), &d);
    }
}

/* The places tile by tile. */
static derm_err by_tile(struct derm_run *run, const struct derm_view *view,
                        const struct derm_blob_place *place, int n, int **order)
{
    enum { TILE = 64 }; /* px: three planes of it, and what lies beside, stay in the second cache */
    const int w = view->grid.w / TILE + 1, h = view->grid.h / TILE + 1;
    int *tile, *first;

    DERM_TRY(derm_arena_raw(run->scratch, order, (size_t)n, sizeof(**order)));
    DERM_TRY(derm_arena_raw(run->scratch, &tile, (size_t)n, sizeof(*tile)));
    DERM_TRY(derm_arena_new(run->scratch, &first, (size_t)w * (size_t)h + 1, sizeof(*first)));
    for (int i = 0; i < n; i++) {
        tile[i] =
            clampi((int)place[i].y / TILE, 0, h - 1) * w + clampi((int)place[i].x / TILE, 0, w - 1);
        first[tile[i] + 1]++;
    }
    for (int t = 0; t < w * h; t++)
        first[t + 1] += first[t];
    for (int i = 0; i < n; i++)
        (*order)[first[tile[i]]++] = i;
    return DERM_OK;
}

/* Small hollows shade all alike. Unit vector; 0, 0 when they do not agree. */
static struct vector light_of(const struct survey *all, int n)
{
    struct vector sum = { 0, 0 };
    double squares = 0, far;

    for (int i = 0; i < n; i++) {
        const struct vector v = all->shading[i];
        const double most = fmax(length(v), 1); /* one large object must not decide */

        if (2 * all->place[i].radius > small_mm * all->view->grid.px_per_mm) continue;
        sum.x += v.x / most;
        sum.y += v.y / most;
        squares += (v.x * v.x + v.y * v.y) / (most * most);
    }
    far = length(sum);
    if (!(far > light_agreement * sqrt(squares))) return (struct vector){ 0, 0 };
    return (struct vector){ sum.x / far, sum.y / far };
}

derm_err derm_blob_features(struct derm_run *run, const struct derm_view *view,
                            const struct derm_blob_place *place, int n,
                            double (*feature)[DERM_BLOB_FEATURES])
{
    const size_t mark = run->scratch->used;
    const struct derm_filter f = derm_run_filter(run);
    struct survey all = { .run = run, .view = view, .place = place, .feature = feature };
    struct vector light;
    int *order;

    if (n == 0) return DERM_OK;
    DERM_TRY(derm_arena_raw(run->scratch, &all.shading, (size_t)n, sizeof(*all.shading)));
    DERM_TRY(by_tile(run, view, place, n, &order));
    all.order = order;
    DERM_TRY(derm_bands_run(&f, n, 0, read_some, &all));
    light = light_of(&all, n);
    for (int i = 0; i < n; i++)
        feature[i][DERM_BLOB_lit] = all.shading[i].x * light.x + all.shading[i].y * light.y;
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}
