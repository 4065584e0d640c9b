/* SPDX-License-Identifier: Apache-2.0 */
/* Creases are the relaxed skin tension lines, A. F. Borges, J. W. Alexander, Br J Plast Surg 15,
 * 242 (1962): across a forehead, a chin and a neck, up between the brows or across the root of the
 * nose, around an eye and away from its outer corner, away from the mouth, along the fold between
 * nose, mouth and cheek. A young cheek has none but that. */
#include "stages/creases.h"

#include <math.h>

#include "stages/place.h"

enum { SIDES = 2 }; /* right and left of the subject */

/* MediaPipe: centres of the irises, corners of the eyes, corners of the mouth, and what
 * models/regions.json has as the border between cheek and mouth. */
static const int irises[SIDES] = { 468, 473 }, outer_corners[SIDES] = { 33, 263 },
                 inner_corners[SIDES] = { 133, 362 }, mouth_corners[SIDES] = { 61, 291 };
static const int folds[SIDES][DERM_FOLD_POINTS] = { { 129, 203, 206, 216, 212, 202 },
                                                    { 358, 423, 426, 436, 432, 422 } };

static struct derm_point minus(struct derm_point a, struct derm_point b)
{
    return (struct derm_point){ a.x - b.x, a.y - b.y };
}

static double dot(struct derm_point a, struct derm_point b)
{
    return a.x * b.x + a.y * b.y;
}

static double cross(struct derm_point a, struct derm_point b)
{
    return a.x * b.y - a.y * b.x;
}

struct derm_creases derm_creases_of(const struct derm_face *face, const struct derm_grid *grid,
                                    double fold_reach_mm)
{
    struct derm_creases c = { .level = { 1, 0 }, .fold_reach_px = fold_reach_mm * grid->px_per_mm };
    struct derm_point corner[SIDES];
    double apart;

    if (!face->used) return c;
    for (int side = 0; side < SIDES; side++) {
        c.eye[side] = derm_grid_from_photo(grid, face->at[irises[side]]);
        c.eye_corner[side] = derm_grid_from_photo(grid, face->at[outer_corners[side]]);
        c.inner_corner[side] = derm_grid_from_photo(grid, face->at[inner_corners[side]]);
        corner[side] = derm_grid_from_photo(grid, face->at[mouth_corners[side]]);
        for (int i = 0; i < DERM_FOLD_POINTS; i++)
            c.fold[side][i] = derm_grid_from_photo(grid, face->at[folds[side][i]]);
    }
    c.mouth =
        (struct derm_point){ 0.5 * (corner[0].x + corner[1].x), 0.5 * (corner[0].y + corner[1].y) };
    c.level = minus(c.eye[1], c.eye[0]);
    apart = sqrt(dot(c.level, c.level));
    c.known = apart > 0;
    c.level = c.known ? (struct derm_point){ c.level.x / apart, c.level.y / apart }
                      : (struct derm_point){ 1, 0 };
    return c;
}

/* Square of the sine between a unit vector and a way. */
static double aside(struct derm_point along, struct derm_point way)
{
    const double off = cross(along, way), square = dot(way, way);

    return square > 0 ? off * off / square : 0;
}

/* The way of the nearest fold, and how far away that is, squared. */
static struct derm_point nearest_fold(const struct derm_creases *c, struct derm_point at,
                                      double *square)
{
    struct derm_point way = { 1, 0 };

    *square = HUGE_VAL;
    for (int side = 0; side < SIDES; side++)
        for (int i = 0; i + 1 < DERM_FOLD_POINTS; i++) {
            const struct derm_point from = c->fold[side][i],
                                    piece = minus(c->fold[side][i + 1], from), to = minus(at, from);
            const double length = dot(piece, piece);
            const double t = length > 0 ? clampd(dot(to, piece) / length, 0, 1) : 0;
            const struct derm_point off = { to.x - t * piece.x, to.y - t * piece.y };

            if (dot(off, off) >= *square) continue;
            *square = dot(off, off);
            way = piece;
        }
    return way;
}

static const unsigned around_eyes =
    1u << DERM_REGION_LEFT_PERIORBITAL | 1u << DERM_REGION_RIGHT_PERIORBITAL;

static int side_of(const struct derm_creases *c, struct derm_point at)
{
    return dot(minus(at, c->mouth), c->level) > 0;
}

static struct derm_point down_of(const struct derm_creases *c)
{
    return (struct derm_point){ -c->level.y, c->level.x };
}

bool derm_on_lid_or_nose(const struct derm_creases *c, unsigned regions, struct derm_point at)
{
    const int side = side_of(c, at);
    const double outwards = dot(minus(at, c->inner_corner[side]), c->level) * (side ? 1 : -1);

    return c->known && (regions & around_eyes) &&
           (outwards < 0 || dot(minus(at, c->eye[side]), down_of(c)) <= 0);
}

double derm_crease_stray(const struct derm_creases *c, unsigned regions, struct derm_point at,
                         struct derm_point along)
{
    const int side = side_of(c, at);
    const struct derm_point down = down_of(c);
    struct derm_point way;
    double square;

    if (!c->known) return 0;
    if (regions & (1u << DERM_REGION_FOREHEAD | 1u << DERM_REGION_CHIN | 1u << DERM_REGION_NECK))
        return aside(along, c->level);
    if (regions & 1u << DERM_REGION_GLABELLA)
        return fmin(aside(along, c->level), aside(along, down));
    if (regions & (1u << DERM_REGION_LEFT_CROWSFEET | 1u << DERM_REGION_RIGHT_CROWSFEET))
        return aside(along, minus(at, c->eye_corner[side]));
    if (regions & around_eyes) return 1 - aside(along, minus(at, c->eye[side]));
    way = nearest_fold(c, at, &square);
    if (square <= c->fold_reach_px * c->fold_reach_px || regions & 1u << DERM_REGION_NASOLABIAL)
        return dot(minus(at, c->mouth), down) > 0 ? fmin(aside(along, way), aside(along, down))
                                                  : aside(along, way);
    if (regions & 1u << DERM_REGION_PERIORAL) return aside(along, minus(at, c->mouth));
    return 1;
}
