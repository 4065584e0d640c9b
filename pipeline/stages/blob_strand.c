/* SPDX-License-Identifier: Apache-2.0 */
/* Samples on circles around the place, beyond its own blurred rim: on each the line is darker than
 * the samples beside it. The directions are so many that no line of a pixel's width passes between
 * two of them. */
#include "stages/blob_strand.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

enum { TURN = 48, STEPS = 5, BEND = 2 /* directions that two sides may differ by: 15 degrees */ };

static const double rim_radii = 1.5; /* of the place: where its blurred rim ends */
static const double step_mm = 0.15;  /* a line is followed for STEPS of them */
static const double beside_mm = 0.2; /* what lies beside a hair of 0.1 mm */
static const double beside_px = 2;   /* and beside one pixel */
static const double turn = 6.283185307179586;
static const double next_cos = 0.99144486137381038; /* from one direction to the next */
static const double next_sin = 0.13052619222005157;
_Static_assert(TURN == 48, "7.5 degrees");

/* No libm: the places are the same on every machine. */
static void look_out(const struct derm_blob_place *place, double px_per_mm, double *radius,
                     double (*x)[TURN], double (*y)[TURN])
{
    double c = 1, s = 0;

    for (int j = 0; j < STEPS; j++)
        radius[j] = rim_radii * place->radius + (j + 0.5) * step_mm * px_per_mm;
    for (int d = 0; d < TURN; d++) {
        const double was = c;

        for (int j = 0; j < STEPS; j++) {
            x[j][d] = place->x + radius[j] * c;
            y[j][d] = place->y + radius[j] * s;
        }
        c = c * next_cos - s * next_sin;
        s = s * next_cos + was * next_sin;
    }
}

/* A circle that is gone round twice: what lies some directions on needs no remainder. */
static void repeat(double twice[2 * TURN], const double once[TURN])
{
    memcpy(twice, once, TURN * sizeof(*once));
    memcpy(twice + TURN, once, TURN * sizeof(*once));
}

/* Darker than on both sides of it, mean along each direction. */
static void follow(float (*od)[TURN], const double *radius, double px_per_mm, double line[TURN])
{
    const double beside = fmax(beside_mm * px_per_mm, beside_px);

    for (int d = 0; d < TURN; d++)
        line[d] = 0;
    for (int j = 0; j < STEPS; j++) {
        const int off = clampi((int)(beside * TURN / (turn * radius[j]) + 0.5), 1, TURN / 8);
        double at[TURN], twice[2 * TURN];

        for (int d = 0; d < TURN; d++)
            at[d] = (double)od[j][d];
        repeat(twice, at);
        for (int d = 0; d < TURN; d++)
            line[d] += (at[d] - 0.5 * twice[d + off] - 0.5 * twice[d + TURN - off]) / STEPS;
    }
}

/* fmin and fmax, which look for NaN too, are calls. */
static inline double smaller(double a, double b)
{
    return a < b ? a : b;
}
static inline double larger(double a, double b)
{
    return a > b ? a : b;
}

/* Of two sides about opposite each other the lighter one, where that is darkest. A pair is the same
 * from either of its sides: half of the directions have all pairs, and those that bend over the
 * end. */
static double both_sides(const double line[TURN])
{
    enum { FIRST = TURN / 2 + BEND };
    double twice[2 * TURN], most[FIRST], both = -HUGE_VAL;

    repeat(twice, line);
    for (int d = 0; d < FIRST; d++) {
        const double *const other = twice + d + TURN / 2;

        most[d] = other[-BEND];
        for (int b = 1 - BEND; b <= BEND; b++)
            most[d] = larger(most[d], other[b]);
    }
    for (int d = 0; d < FIRST; d++)
        both = larger(both, smaller(line[d], most[d]));
    return both;
}

struct derm_strand derm_strand_at(const struct derm_kernels *k, const struct derm_plane *od,
                                  const struct derm_blob_place *place, double px_per_mm)
{
    const struct derm_raster size = { od->w, od->h, od->stride };
    const float *const src = od->px;
    double x[STEPS][TURN], y[STEPS][TURN], radius[STEPS], line[TURN];
    float value[STEPS][TURN], *const dst = value[0];
    int32_t corner[STEPS][TURN];
    struct derm_strand s = { 0 };

    look_out(place, px_per_mm, radius, x, y);
    k->bilinear(&dst, corner[0], &src, 1, &size, x[0], y[0], STEPS * TURN);
    follow(value, radius, px_per_mm, line);
    s.both = both_sides(line);
    for (int d = 0; d < TURN; d++)
        s.usual += line[d] * line[d] / TURN;
    s.usual = sqrt(s.usual);
    return s;
}
