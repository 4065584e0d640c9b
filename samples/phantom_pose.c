/* SPDX-License-Identifier: Apache-2.0 */
/* Which point of the skin a pixel shows. As a rule the skin is a plane that faces a camera far
 * away. A skin with a radius, a camera that is tilted or near, make a scene in space: the skin is a
 * sphere (or a plane) that touches z = 0 at its origin, its own coordinates are lengths along the
 * surface from there, and z points out of the skin. */
#include <math.h>

#include "phantom_view.h"

static const double degree = 0.017453292519943295;

struct phantom_pose phantom_pose_of(const struct phantom_skin *s, const struct phantom_camera *c)
{
    const double a = c->turn_deg * degree, b = c->tilt_x_deg * degree, d = -c->tilt_y_deg * degree;
    struct phantom_pose p = { .skin = s, .camera = c, .cos = cos(a), .sin = sin(a) };
    const double roll[3][3] = { { p.cos, p.sin, 0 }, { -p.sin, p.cos, 0 }, { 0, 0, 1 } };
    const double tilt[3][3] = { { cos(b), 0, sin(b) },
                                { sin(b) * sin(d), cos(d), -cos(b) * sin(d) },
                                { -sin(b) * cos(d), sin(d), cos(b) * cos(d) } };

    p.scale = c->px_per_mm * c->zoom;
    p.solid = s->spec.radius_mm > 0 || c->distance_mm > 0 || b < 0 || b > 0 || d < 0 || d > 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                p.turn[i][j] += tilt[i][k] * roll[k][j];
    return p;
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void to_scene(const struct phantom_pose *p, const double v[3], double out[3])
{
    for (int i = 0; i < 3; i++)
        out[i] = dot(p->turn[i], v);
}

static void from_scene(const struct phantom_pose *p, const double v[3], double out[3])
{
    for (int i = 0; i < 3; i++)
        out[i] = p->turn[0][i] * v[0] + p->turn[1][i] * v[1] + p->turn[2][i] * v[2];
}

/* Where a ray from o along d meets the skin. 0 past a sphere's limb or a plane's horizon, with some
 * point of the skin. */
static int meet(double radius, const double o[3], const double d[3], double at[3])
{
    int met = d[2] < -1e-3 * sqrt(dot(d, d));
    double t = met ? -o[2] / d[2] : 0;

    if (radius > 0) {
        const double from_centre[3] = { o[0], o[1], o[2] + radius };
        const double a = dot(d, d), b = dot(d, from_centre);
        const double square = b * b - a * (dot(from_centre, from_centre) - radius * radius);
        met = square >= 0;
        t = (-b - sqrt(met ? square : 0)) / a;
    }
    for (int i = 0; i < 3; i++)
        at[i] = o[i] + t * d[i];
    return met;
}

/* Lengths along the surface of a point on it, and back. */
static void unroll(double radius, const double at[3], double *u, double *v)
{
    const double out = hypot(at[0], at[1]);
    const double stretch = radius > 0 && out > 0 ? radius * atan2(out, at[2] + radius) / out : 1;

    *u = at[0] * stretch;
    *v = at[1] * stretch;
}

static void roll_on(double radius, double u, double v, double at[3])
{
    const double out = hypot(u, v), turn = radius > 0 ? out / radius : 0;
    const double shrink = turn > 0 ? sin(turn) / turn : 1;

    at[0] = u * shrink;
    at[1] = v * shrink;
    at[2] = radius > 0 ? radius * (cos(turn) - 1) : 0;
}

static int solid_to_skin(const struct phantom_pose *p, double x, double y, double *u, double *v)
{
    const struct phantom_camera *const c = p->camera;
    const double distance = c->distance_mm;
    const double from[3] = { distance > 0 ? 0 : x, distance > 0 ? 0 : y, distance };
    const double along[3] = { distance > 0 ? x : 0, distance > 0 ? y : 0,
                              distance > 0 ? -distance : -1 };
    double o[3], d[3], at[3];
    int met;

    to_scene(p, from, o);
    to_scene(p, along, d);
    o[0] += c->shift_x_mm;
    o[1] += c->shift_y_mm;
    met = meet(p->skin->spec.radius_mm, o, d, at);
    unroll(p->skin->spec.radius_mm, at, u, v);
    return met;
}

/* The camera's axes: x right, y down, z towards it; the origin is what its middle shows. */
void phantom_pose_point(const struct phantom_pose *p, double u, double v, double height_mm,
                        double out[3])
{
    const double radius = p->skin->spec.radius_mm;
    double at[3];

    roll_on(radius, u, v, at);
    for (int i = 0; i < 3 && radius > 0; i++)
        at[i] += height_mm * (at[i] + (i == 2 ? radius : 0)) / radius;
    if (radius <= 0) at[2] += height_mm;
    at[0] -= p->camera->shift_x_mm;
    at[1] -= p->camera->shift_y_mm;
    from_scene(p, at, out);
}

static void solid_to_image(const struct phantom_pose *p, double u, double v, double *x, double *y)
{
    const double distance = p->camera->distance_mm;
    double at[3], nearness;

    phantom_pose_point(p, u, v, 0, at);
    nearness = distance > 0 ? distance / (distance - at[2]) : 1;
    *x = 0.5 * (p->camera->width - 1) + p->scale * at[0] * nearness;
    *y = 0.5 * (p->camera->height - 1) + p->scale * at[1] * nearness;
}

int phantom_pose_to_skin(const struct phantom_pose *p, double x_px, double y_px, double *x_mm,
                         double *y_mm)
{
    const struct phantom_camera *const c = p->camera;
    const double x = (x_px - 0.5 * (c->width - 1)) / p->scale;
    const double y = (y_px - 0.5 * (c->height - 1)) / p->scale;
    double u = p->cos * x + p->sin * y + c->shift_x_mm;
    double v = -p->sin * x + p->cos * y + c->shift_y_mm;
    const int met = !p->solid || solid_to_skin(p, x, y, &u, &v);

    *x_mm = u;
    *y_mm = v;
    if (c->bend_mm > 0) {
        *x_mm += c->bend_mm * phantom_field_at(&p->skin->field[PHANTOM_BEND_X], u, v);
        *y_mm += c->bend_mm * phantom_field_at(&p->skin->field[PHANTOM_BEND_Y], u, v);
    }
    return met;
}

/* Where the skin was before it was deformed. */
static void unbend(const struct phantom_pose *p, double x_mm, double y_mm, double *u, double *v)
{
    const double bend = p->camera->bend_mm;

    *u = x_mm;
    *v = y_mm;
    for (int i = 0; i < 6 && bend > 0; i++) { /* the deformation is small: a fixed point is near */
        const double du = bend * phantom_field_at(&p->skin->field[PHANTOM_BEND_X], *u, *v);
        const double dv = bend * phantom_field_at(&p->skin->field[PHANTOM_BEND_Y], *u, *v);
        *u = x_mm - du;
        *v = y_mm - dv;
    }
}

void phantom_pose_to_image(const struct phantom_pose *p, double x_mm, double y_mm, double *x_px,
                           double *y_px)
{
    const struct phantom_camera *const c = p->camera;
    double x = 0.5 * (c->width - 1), y = 0.5 * (c->height - 1), u, v;

    if (p->solid) {
        unbend(p, x_mm, y_mm, &u, &v);
        solid_to_image(p, u, v, x_px, y_px);
        return;
    }
    for (int i = 0; i < 6; i++) { /* as in unbend */
        phantom_pose_to_skin(p, x, y, &u, &v);
        x += p->scale * (p->cos * (x_mm - u) - p->sin * (y_mm - v));
        y += p->scale * (p->sin * (x_mm - u) + p->cos * (y_mm - v));
    }
    *x_px = x;
    *y_px = y;
}

void phantom_to_skin(const struct phantom_skin *s, const struct phantom_camera *c, double x_px,
                     double y_px, double *x_mm, double *y_mm)
{
    const struct phantom_pose p = phantom_pose_of(s, c);

    phantom_pose_to_skin(&p, x_px, y_px, x_mm, y_mm);
}

void phantom_to_image(const struct phantom_skin *s, const struct phantom_camera *c, double x_mm,
                      double y_mm, double *x_px, double *y_px)
{
    const struct phantom_pose p = phantom_pose_of(s, c);

    phantom_pose_to_image(&p, x_mm, y_mm, x_px, y_px);
}
