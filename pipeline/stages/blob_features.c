/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/blob_features.h"

#include <assert.h>
#include <math.h>

#include "base/num.h"
#include "kernels/bands.h"
#include "stages/clutter.h"

enum { CIRCLES = 9, DIRECTIONS = 16, INNER = 4, SURROUND = 6 /* first circle of it */ };

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
static const double light_agreement = 3; /* of those on one direction, in sd (stage scars) */
static const double least_energy = 1e-8; /* of fine detail, optical density squared */
static const double least_noise = 1e-3;  /* optical density */

static const struct {
    const char *name, *meaning;
} described[DERM_BLOB_FEATURES] = {
#define X(name, meaning) { #name, meaning },
    DERM_BLOB_FEATURE_LIST(X)
#undef X
};

const char *derm_blob_feature_name(int feature)
{
    return described[feature].name;
}

const char *derm_blob_feature_meaning(int feature)
{
    return described[feature].meaning;
}

/* ---- samples on circles */

struct vector {
    double x, y;
};
struct samples { /* optical density */
    double at[3][CIRCLES][DIRECTIONS];
    double mean[3][CIRCLES];
    double around[3]; /* median of the surround */
    double no_skin;   /* share of the surround */
};

struct corners {              /* places between four pixels each */
    ptrdiff_t at[DIRECTIONS]; /* the upper left one, samples from a plane's first */
    float right[DIRECTIONS], down[DIRECTIONS];
};

/* Of n places. */
static inline void find_corners(const struct derm_plane *p, const double *x, const double *y, int n,
                                struct corners *c)
{
    const double right = p->w - 1, bottom = p->h - 1;
    const int last_x = imax(p->w - 2, 0), last_y = imax(p->h - 2, 0);

    for (int k = 0; k < n; k++) {
        const double u = clampd(x[k], 0, right), v = clampd(y[k], 0, bottom);
        const int i = imin((int)u, last_x), j = imin((int)v, last_y);

        c->at[k] = j * p->stride + i;
        c->right[k] = (float)(u - i);
        c->down[k] = (float)(v - j);
    }
}

static inline void read_corners(const struct derm_plane *p, const struct corners *c, int n,
                                double *value)
{
    const ptrdiff_t next = p->w > 1, below = p->h > 1 ? p->stride : 0;
    float at[4][DIRECTIONS];

    for (int k = 0; k < n; k++) {
        const float *const up = p->px + c->at[k];

        at[0][k] = up[0];
        at[1][k] = up[next];
        at[2][k] = up[below];
        at[3][k] = up[below + next];
    }
    for (int k = 0; k < n; k++) {
        const float a = at[0][k] + c->right[k] * (at[1][k] - at[0][k]);
        const float b = at[2][k] + c->right[k] * (at[3][k] - at[2][k]);

        value[k] = (double)(a + c->down[k] * (b - a));
    }
}

/* Places in all directions from one. */
static void look_round(const struct derm_blob_place *place, double radius, double *x, double *y)
{
    for (int k = 0; k < DIRECTIONS; k++) {
        x[k] = place->x + radius * cosine[k];
        y[k] = place->y + radius * sine(k);
    }
}

/* All directions of the first circle are its middle. */
static void take_middle(const struct derm_view *view, const struct derm_blob_place *place,
                        struct samples *s)
{
    struct corners c;

    find_corners(&view->od[0], &place->x, &place->y, 1, &c);
    for (int i = 0; i < 3; i++) {
        read_corners(&view->od[i], &c, 1, s->at[i][0]);
        for (int k = 1; k < DIRECTIONS; k++)
            s->at[i][0][k] = s->at[i][0][0];
    }
}

enum { SURROUND_SAMPLES = (CIRCLES - SURROUND) * DIRECTIONS };

/* Of the samples, which are few: the least is that which none is less than, and so on. No branch
 * depends on a value. */
static double median_around(const double sample[SURROUND_SAMPLES])
{
    float value[SURROUND_SAMPLES]; /* which they have been */
    float lower = -INFINITY, upper = -INFINITY;
    const int half = SURROUND_SAMPLES / 2;

    for (int i = 0; i < SURROUND_SAMPLES; i++)
        value[i] = (float)sample[i];
    for (int i = 0; i < SURROUND_SAMPLES; i++) {
        int less = 0;

        for (int k = 0; k < SURROUND_SAMPLES; k++)
            less += value[k] < value[i];
        lower = less < half && value[i] > lower ? value[i] : lower;
        upper = less <= half && value[i] > upper ? value[i] : upper;
    }
    return (double)lower + 0.5 * ((double)upper - (double)lower);
}
_Static_assert(SURROUND_SAMPLES % 2 == 0, "two are in the middle");

static void take_samples(const struct derm_view *view, const struct derm_blob_place *place,
                         struct samples *s)
{
    const struct derm_mask *const skin = &view->skin;
    double x[DIRECTIONS], y[DIRECTIONS];
    int off = 0;

    assert(skin->stride == view->od[0].stride); /* every row is padded to as many samples */
    take_middle(view, place, s);
    for (int j = 1; j < CIRCLES; j++) {
        struct corners c;

        look_round(place, circle[j] * place->radius, x, y);
        find_corners(&view->od[0], x, y, DIRECTIONS, &c);
        for (int i = 0; i < 3; i++)
            read_corners(&view->od[i], &c, DIRECTIONS, s->at[i][j]);
        for (int k = 0; j >= SURROUND && k < DIRECTIONS; k++)
            off += !skin->px[c.at[k]];
    }
    s->no_skin = (double)off / SURROUND_SAMPLES;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < CIRCLES; j++) {
            s->mean[i][j] = 0;
            for (int k = 0; k < DIRECTIONS; k++)
                s->mean[i][j] += s->at[i][j][k] / DIRECTIONS;
        }
        s->around[i] = median_around(s->at[i][SURROUND]);
    }
}

/* Amplitude and direction of the part of a circle that goes round m times. */
static struct vector harmonic(const struct samples *s, int channel, int j, int m)
{
    struct vector sum = { 0, 0 };

    for (int k = 0; k < DIRECTIONS; k++) {
        sum.x += s->at[channel][j][k] * cosine[m * k % DIRECTIONS];
        sum.y += s->at[channel][j][k] * sine(m * k % DIRECTIONS);
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
    f[DERM_BLOB_core] = ratio(0.5 * (depth_at(s, 0) + depth_at(s, 1)), d);
    f[DERM_BLOB_rim] = ratio(depth_at(s, 3), d);
    f[DERM_BLOB_skirt] = ratio(depth_at(s, 4), d);
    f[DERM_BLOB_edge] = ln(fmax(fall, least_depth) / radius_mm);
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
                side[i] += s->at[channel][j][k + i * DIRECTIONS / 2] / (CIRCLES - SURROUND + 1);
        most = fmax(most, fmin(side[0], side[1]));
    }
    return most - s->around[channel];
}

static double spread(const struct samples *s, int channel, int from, int end)
{
    double sum = 0;

    for (int j = from; j < end; j++)
        for (int k = 0; k < DIRECTIONS; k++) {
            const double v = s->at[channel][j][k] - s->mean[channel][j];
            sum += v * v;
        }
    return sqrt(sum / ((end - from) * DIRECTIONS));
}

static void read_shape(const struct samples *s, const struct depth *d, double *f)
{
    double two = 0, brightest = 0;

    for (int j = 2; j < 5; j++)
        two += length(harmonic(s, 1, j, 2)) / 3;
    for (int j = 1; j < SURROUND; j++)
        for (int k = 0; k < DIRECTIONS; k++)
            brightest = fmax(brightest, s->around[1] - s->at[1][j][k]);
    f[DERM_BLOB_elongation] = ratio(two, d);
    f[DERM_BLOB_line] = ratio(darkest_line(s, 0), d);
    f[DERM_BLOB_gleam] = ratio(brightest, d);
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
static double usual_depth(const struct derm_plane *od, const struct derm_blob_place *place)
{
    static const double away[2] = { 4, 6 }; /* radii, in turn */
    enum { BESIDE = 4 };
    double x[DIRECTIONS], y[DIRECTIONS], depth[DIRECTIONS], sum = 0;
    struct corners c;

    for (int k = 0; k < DIRECTIONS; k++) {
        x[k] = place->x + away[k % 2] * place->radius * cosine[k];
        y[k] = place->y + away[k % 2] * place->radius * sine(k);
    }
    find_corners(od, x, y, DIRECTIONS, &c);
    read_corners(od, &c, DIRECTIONS, depth);
    for (int i = 0; i < BESIDE; i++) {
        const int turn = i * DIRECTIONS / BESIDE;
        double u[DIRECTIONS], v[DIRECTIONS], beside[DIRECTIONS];

        for (int k = 0; k < DIRECTIONS; k++) {
            u[k] = x[k] + 1.6 * place->radius * cosine[turn];
            v[k] = y[k] + 1.6 * place->radius * sine(turn);
        }
        find_corners(od, u, v, DIRECTIONS, &c);
        read_corners(od, &c, DIRECTIONS, beside);
        for (int k = 0; k < DIRECTIONS; k++)
            depth[k] -= beside[k] / BESIDE;
    }
    for (int j = 0; j < 2; j++) /* the near ones first */
        for (int k = j; k < DIRECTIONS; k += 2)
            sum += depth[k] * depth[k];
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
        struct samples s;
        struct depth d;

        take_samples(all->view, place, &s);
        d = depth_of(&s);
        f[DERM_BLOB_size] = ln(2 * place->radius / px_per_mm);
        f[DERM_BLOB_pixels] = ln(2 * place->radius);
        f[DERM_BLOB_depth] = ln(d.all);
        read_colour(&d, all->run->tone, f);
        read_profile(&s, &d, place->radius / px_per_mm, f);
        read_shape(&s, &d, f);
        read_clutter(&all->view->clutter, place, &d, f);
        f[DERM_BLOB_stands] = ln(d.all / fmax(usual_depth(&all->view->od[1], place), least_noise));
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
