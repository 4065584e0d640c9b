/* SPDX-License-Identifier: Apache-2.0 */
/* Bands along arcs: their geometry, and where they are. A kind draws from a random stream of its
 * own, as in phantom_skin.c. */
#include <math.h>

#include "phantom.h"

enum stream { STREAM_LINEAR_SCAR = 200 };

static const double pi = 3.141592653589793, ln2 = 0.6931471805599453;

/* ---- geometry: an arc of curvature |bend| about a centre on the side to which it bends */

static double bend_side(const struct phantom_curve *c)
{
    return c->bend < 0 ? -1 : 1;
}

/* A line is an arc of a very large radius. */
static double bend_radius(const struct phantom_curve *c)
{
    return 1 / fmax(fabs(c->bend), 1e-6);
}

void phantom_curve_point(const struct phantom_curve *c, double s_mm, double t_mm, double *x_mm,
                         double *y_mm)
{
    const double side = bend_side(c), radius = bend_radius(c), turned = s_mm / radius;
    const double along = (radius - side * t_mm) * sin(turned);
    const double across = side * (radius - (radius - side * t_mm) * cos(turned));

    *x_mm = c->x_mm + cos(c->angle) * along - sin(c->angle) * across;
    *y_mm = c->y_mm + sin(c->angle) * along + cos(c->angle) * across;
}

void phantom_curve_place(const struct phantom_curve *c, double x_mm, double y_mm, double *s_mm,
                         double *t_mm)
{
    const double side = bend_side(c), radius = bend_radius(c);
    const double dx = x_mm - c->x_mm, dy = y_mm - c->y_mm;
    const double along = cos(c->angle) * dx + sin(c->angle) * dy;
    const double inwards = side * (-sin(c->angle) * dx + cos(c->angle) * dy);

    *s_mm = radius * atan2(along, radius - inwards);
    *t_mm = side * (radius - hypot(along, radius - inwards));
}

static double rim(double distance_mm, double edge_mm)
{
    return 1 / (1 + exp(distance_mm / (0.25 * edge_mm)));
}

double phantom_curve_profile(const struct phantom_curve *c, double s_mm, double t_mm)
{
    const double u = 2 * s_mm / c->length_mm, end = fabs(s_mm) - 0.5 * c->length_mm;
    const double slim = 1 - 0.6 * fmin(u * u * u * u, 1);
    const double half = 0.5 * c->width_mm * slim * (1 + c->sway * sin(2 * pi * u + c->turn));
    const double across = c->edge_mm > 0 ? rim(fabs(t_mm) - half, c->edge_mm)
                                         : exp(-ln2 * t_mm * t_mm / (half * half));

    return across * rim(end, c->end_mm);
}

double phantom_curve_reach(const struct phantom_curve *c)
{
    const double half = 0.5 * c->width_mm * (1 + c->sway);

    return c->edge_mm > 0 ? half + 2.5 * c->edge_mm : 3.5 * half;
}

double phantom_curve_end(const struct phantom_curve *c)
{
    return 0.5 * c->length_mm + 2.5 * c->end_mm;
}

/* ---- where they are */

/* Young scars are red, often darker and raised; old ones are paler than the skin and sunk. */
static struct phantom_curve new_linear_scar(struct phantom_rng *r, const struct phantom_spec *spec)
{
    const double shorter = fmin(spec->width_mm, spec->height_mm);
    const int young = phantom_uniform(r, 0, 1) < 0.5;
    struct phantom_curve c = { .kind = PHANTOM_LINEAR_SCAR };

    c.width_mm = phantom_uniform(r, 1, 6);
    c.length_mm = fmin(phantom_uniform(r, 15, 60), 0.65 * shorter);
    c.edge_mm = phantom_uniform(r, 0.15, 0.45) * c.width_mm;
    c.end_mm = 0.7 * c.width_mm;
    c.bend = 0.5 * phantom_normal(r) / c.length_mm;
    c.sway = phantom_uniform(r, 0.05, 0.2);
    c.turn = phantom_uniform(r, 0, 2 * pi);
    c.melanin = young ? phantom_uniform(r, 0, 0.4) : phantom_uniform(r, -0.9, -0.3);
    c.melanin /= 1 + 4 * spec->fm; /* so that a scar of dark skin does not look like vitiligo */
    c.blood = spec->fb * (young ? phantom_uniform(r, 0.5, 1.5) : phantom_uniform(r, -0.6, -0.2));
    c.depth_mm = phantom_uniform(r, 0.02, 0.12) * (young ? -1 : 1);
    c.smooth = phantom_uniform(r, 0.6, 0.9);
    return c;
}

/* The whole curve lies in the frame and keeps gap_mm from those before it. */
static int has_room(const struct phantom_skin *s, const struct phantom_curve *c, double gap_mm)
{
    for (int k = -8; k <= 8; k++) {
        double x, y, along, across;

        phantom_curve_point(c, c->length_mm * k / 16, 0, &x, &y);
        if (fabs(x) > 0.5 * s->spec.width_mm - c->width_mm) return 0;
        if (fabs(y) > 0.5 * s->spec.height_mm - c->width_mm) return 0;
        for (int i = 0; i < s->curves; i++) {
            const struct phantom_curve *const o = &s->curve[i];
            const double need = gap_mm + 0.5 * (c->width_mm + o->width_mm);
            phantom_curve_place(o, x, y, &along, &across);
            if (fabs(across) < need && fabs(along) < 0.5 * o->length_mm + need) return 0;
        }
    }
    return 1;
}

static void add_linear_scars(struct phantom_skin *s)
{
    struct phantom_rng r;

    phantom_rng_init(&r, s->spec.seed, STREAM_LINEAR_SCAR);
    for (int i = 0; i < s->spec.linear_scars; i++) {
        struct phantom_curve c = new_linear_scar(&r, &s->spec);
        for (int attempt = 0; attempt < 300; attempt++) {
            c.x_mm = phantom_uniform(&r, -0.5, 0.5) * s->spec.width_mm;
            c.y_mm = phantom_uniform(&r, -0.5, 0.5) * s->spec.height_mm;
            c.angle = phantom_uniform(&r, 0, pi);
            if (!has_room(s, &c, 2 * c.width_mm)) continue;
            s->curve[s->curves++] = c;
            break;
        }
    }
    for (int i = 0; i < s->curves; i++) { /* not before all have their places */
        s->curve[i].width_mm *= 1 - s->spec.linear_scar_narrowing;
        s->curve[i].edge_mm *= 1 - s->spec.linear_scar_narrowing;
    }
}

void phantom_curves_init(struct phantom_skin *s)
{
    s->curve = phantom_alloc((size_t)s->spec.linear_scars, sizeof(*s->curve));
    add_linear_scars(s);
}
