/* SPDX-License-Identifier: Apache-2.0 */
/* Derivatives at one place, by weights made for that place: measuring a pit again, in another
 * photo, needs no plane and no search. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "stages/pits.h"

enum { GROUP = 16 };                     /* columns are weighed in whole groups */
enum { COPIED_ROWS = 16 };               /* at a time, where a window leaves the plane */
static const double truncate_sigmas = 4; /* as the filters are */
static const double least_variance = 0.25;

/* exp(x) as the 1024th power of a short series: libm's last bit varies. */
static double exp_of(double x)
{
    const double r = x / 1024;
    double p = 1 + r * (1 + r / 2 * (1 + r / 3 * (1 + r / 4 * (1 + r / 5))));

    for (int i = 0; i < 10; i++)
        p *= p;
    return p;
}

static int reach_of(double sigma_px)
{
    return imin(imax((int)ceil(truncate_sigmas * sigma_px), 2), DERM_PIT_REACH);
}

static int padded(int n)
{
    return (n + GROUP - 1) / GROUP * GROUP;
}

/* Sampled Gaussian and its derivatives around at, from sample first on, normalised so that a
 * constant, a ramp and a parabola come out exactly. The ratio of neighbouring samples of a Gaussian
 * falls by a constant factor. Behind the n weights follow zeros to the end of the group. */
static void make_weights(float *const d[3], int first, int n, double at, double variance)
{
    const double from = first - at;
    const double fall = exp_of(-1 / variance);
    double g[2 * DERM_PIT_REACH + 2], sum = 0, mean = 0, spread = 0, bend = 0;
    double value = exp_of(-0.5 * from * from / variance);
    double ratio = exp_of(-(from + 0.5) / variance);

    for (int i = 0; i < n; i++) {
        g[i] = value;
        sum += value;
        mean += (from + i) * value;
        value *= ratio;
        ratio *= fall;
    }
    mean /= sum;
    for (int i = 0; i < n; i++) {
        const double u = from + i - mean;
        g[i] /= sum;
        spread += u * u * g[i];
    }
    for (int i = 0; i < n; i++) {
        const double u2 = (from + i - mean) * (from + i - mean);
        bend += u2 * (u2 - spread) * g[i];
    }
    for (int i = 0; i < n; i++) {
        const double u = from + i - mean;
        d[0][i] = (float)g[i];
        d[1][i] = (float)(u * g[i] / spread);
        d[2][i] = (float)(2 * (u * u - spread) * g[i] / bend);
    }
    for (int k = 0; k < 3; k++)
        for (int i = n; i < padded(n); i++)
            d[k][i] = 0.0f;
}

static void aim_along(struct derm_pit_axis *a, float weight[3][DERM_PIT_WEIGHTS], double at,
                      double sigma_px)
{
    const int reach = reach_of(sigma_px);
    float *const d[3] = { weight[0], weight[1], weight[2] };

    *a = (struct derm_pit_axis){ (int)floor(at) - reach,
                                 2 * reach + 2,
                                 { weight[0], weight[1], weight[2] } };
    make_weights(d, a->first, a->n, at, fmax(sigma_px * sigma_px, least_variance));
}

void derm_pit_aim(struct derm_pit_aim *aim, double x, double y, double sigma_px)
{
    aim->sigma_px = sigma_px;
    aim_along(&aim->x, aim->weight[0], x, sigma_px);
    aim_along(&aim->y, aim->weight[1], y, sigma_px);
}

/* A window that leaves the plane, with replicated borders, a few rows at a time. */
static void look_over_border(const struct derm_kernels *k, const struct derm_plane *plane,
                             const struct derm_pit_axis *x, const struct derm_pit_axis *y,
                             double sum[5])
{
    float copy[COPIED_ROWS][DERM_PIT_WEIGHTS];
    const float *row[COPIED_ROWS];

    memset(sum, 0, 5 * sizeof(*sum));
    for (int j = 0; j < y->n; j += COPIED_ROWS) {
        const float *const down[3] = { y->d[0] + j, y->d[1] + j, y->d[2] + j };
        const int rows = imin(COPIED_ROWS, y->n - j);
        float part[5];

        for (int r = 0; r < rows; r++) {
            const float *const from = derm_row(plane, clampi(y->first + j + r, 0, plane->h - 1));
            row[r] = copy[r];
            for (int i = 0; i < padded(x->n); i++)
                copy[r][i] = from[clampi(x->first + i, 0, plane->w - 1)];
        }
        k->window(part, row, rows, down, x->d, (size_t)padded(x->n));
        for (int i = 0; i < 5; i++)
            sum[i] += (double)part[i];
    }
}

static void look_inside(const struct derm_kernels *k, const struct derm_plane *plane,
                        const struct derm_pit_axis *x, const struct derm_pit_axis *y, double sum[5])
{
    const float *row[2 * DERM_PIT_REACH + 2];
    float part[5];

    for (int j = 0; j < y->n; j++)
        row[j] = derm_row(plane, y->first + j) + x->first;
    k->window(part, row, y->n, y->d, x->d, (size_t)padded(x->n));
    for (int i = 0; i < 5; i++)
        sum[i] = (double)part[i];
}

static struct derm_pit_look look(const struct derm_kernels *k, const struct derm_plane *plane,
                                 const struct derm_pit_axis *x, const struct derm_pit_axis *y,
                                 double sigma_px)
{
    const double scale = sigma_px * sigma_px;
    double s[5];

    if (x->first >= 0 && x->first + padded(x->n) <= plane->w && y->first >= 0 &&
        y->first + y->n <= plane->h)
        look_inside(k, plane, x, y, s);
    else
        look_over_border(k, plane, x, y, s);
    return (struct derm_pit_look){ scale * s[0], scale * s[1], scale * s[2], sigma_px * s[3],
                                   sigma_px * s[4] };
}

struct derm_pit_look derm_pit_look(const struct derm_kernels *k, const struct derm_plane *plane,
                                   const struct derm_pit_aim *aim)
{
    return look(k, plane, &aim->x, &aim->y, aim->sigma_px);
}

double derm_pit_ratio(const struct derm_pit_look *l)
{
    const double half = -0.5 * (l->xx + l->yy);
    const double apart = sqrt(0.25 * (l->xx - l->yy) * (l->xx - l->yy) + l->xy * l->xy);

    return half + apart > 0 ? (half - apart) / (half + apart) : -1;
}

/* ---- many places, one size */

derm_err derm_pit_sight_new(struct derm_run *run, struct derm_pit_sight *s, double sigma_px,
                            double variance_px)
{
    const double variance = fmax(variance_px, least_variance);
    const int reach = reach_of(sqrt(variance)), n = padded(2 * reach + 2);
    float *w;

    *s = (struct derm_pit_sight){ .sigma_px = sigma_px, .reach = reach };
    DERM_TRY(derm_arena_raw(run->scratch, &w, (size_t)(3 * n * DERM_PIT_PHASES), sizeof(*w)));
    for (int phase = 0; phase < DERM_PIT_PHASES; phase++) {
        float *d[3];

        for (int k = 0; k < 3; k++, w += n)
            s->d[phase][k] = d[k] = w;
        make_weights(d, -reach, 2 * reach + 2, (double)phase / DERM_PIT_PHASES, variance);
    }
    return DERM_OK;
}

static void sight_along(const struct derm_pit_sight *s, double at, struct derm_pit_axis *a)
{
    const int steps = (int)floor(at * DERM_PIT_PHASES + 0.5);
    const int phase = (steps % DERM_PIT_PHASES + DERM_PIT_PHASES) % DERM_PIT_PHASES;

    *a = (struct derm_pit_axis){ .first = (steps - phase) / DERM_PIT_PHASES - s->reach,
                                 .n = 2 * s->reach + 2 };
    memcpy(a->d, s->d[phase], sizeof(a->d));
}

struct derm_pit_look derm_pit_glance(const struct derm_kernels *k, const struct derm_plane *plane,
                                     const struct derm_pit_sight *s, double x, double y)
{
    struct derm_pit_axis across, down;

    sight_along(s, x, &across);
    sight_along(s, y, &down);
    return look(k, plane, &across, &down, s->sigma_px);
}
