/* SPDX-License-Identifier: Apache-2.0 */
/* Bands along arcs: their geometry, and where they are. A kind draws from a random stream of its
 * own, as in phantom_skin.c. */
#include <math.h>

#include "phantom.h"

enum stream {
    STREAM_LINEAR_SCAR = 200,
    STREAM_WRINKLE,
    STREAM_FINE_LINE,
    STREAM_STRIA,
    STREAM_VESSEL
};

static const double pi = 3.141592653589793, ln2 = 0.6931471805599453;
static const double margin_mm = 6; /* as far outside the frame as a pose looks */

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

/* ---- what they are like */

/* Young scars are red, often darker and raised; old ones are paler than the skin and sunk. */
static struct phantom_curve new_linear_scar(struct phantom_rng *r, const struct phantom_spec *spec)
{
    const double shorter = fmin(spec->width_mm, spec->height_mm);
    const int young = phantom_uniform(r, 0, 1) < 0.5;
    struct phantom_curve c = { 0 };

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

/* Lines of one place run one way, and they are grooves. */
static struct phantom_curve new_line(struct phantom_rng *r, const struct phantom_spec *spec)
{
    struct phantom_curve c = { 0 };

    (void)spec;
    c.bend = 0.3 * phantom_normal(r);
    c.sway = phantom_uniform(r, 0.05, 0.25);
    c.turn = phantom_uniform(r, 0, 2 * pi);
    c.angle = 0.12 * phantom_normal(r);
    return c;
}

static struct phantom_curve new_wrinkle(struct phantom_rng *r, const struct phantom_spec *spec)
{
    struct phantom_curve c = new_line(r, spec);

    c.length_mm = phantom_uniform(r, 10, 35);
    c.width_mm = phantom_uniform(r, 0.5, 1.2);
    c.depth_mm = phantom_uniform(r, 0.15, 0.35) * c.width_mm;
    c.end_mm = 0.2 * c.length_mm;
    c.bend /= c.length_mm;
    return c;
}

static struct phantom_curve new_fine_line(struct phantom_rng *r, const struct phantom_spec *spec)
{
    struct phantom_curve c = new_line(r, spec);

    c.length_mm = phantom_uniform(r, 4, 12);
    c.width_mm = phantom_uniform(r, 0.18, 0.4);
    c.depth_mm = phantom_uniform(r, 0.12, 0.25) * c.width_mm;
    c.end_mm = 0.2 * c.length_mm;
    c.bend /= c.length_mm;
    return c;
}

/* Stretch marks begin red and end pale, sunk and finely wrinkled. */
static struct phantom_curve new_stria(struct phantom_rng *r, const struct phantom_spec *spec)
{
    const int pale = phantom_uniform(r, 0, 1) < spec->striae_alba;
    struct phantom_curve c = new_line(r, spec);

    c.length_mm = phantom_uniform(r, 15, 45);
    c.width_mm = phantom_uniform(r, 2, 5);
    c.edge_mm = phantom_uniform(r, 0.3, 0.6) * c.width_mm;
    c.end_mm = 0.15 * c.length_mm;
    c.bend *= 1.5 / c.length_mm;
    c.melanin = pale ? phantom_uniform(r, -0.5, -0.2) / (1 + 4 * spec->fm) : 0;
    c.blood = spec->fb * (pale ? phantom_uniform(r, -0.5, -0.2) : phantom_uniform(r, 0.6, 1.5));
    c.depth_mm = pale ? phantom_uniform(r, 0.03, 0.12) : phantom_uniform(r, -0.05, 0.02);
    c.smooth = phantom_uniform(r, 0.3, 0.7);
    return c;
}

static struct phantom_curve new_vessel(struct phantom_rng *r, const struct phantom_spec *spec)
{
    struct phantom_curve c = new_line(r, spec);

    c.length_mm = phantom_uniform(r, 3, 12);
    c.width_mm = phantom_uniform(r, 0.15, 0.4);
    c.end_mm = 0.15 * c.length_mm;
    c.bend *= 5 / c.length_mm;
    c.blood = phantom_uniform(r, 0.02, 0.07);
    return c;
}

/* ---- where they are */

static int in_frame(const struct phantom_spec *spec, const struct phantom_curve *c, double x,
                    double y)
{
    return fabs(x) <= 0.5 * spec->width_mm - c->width_mm &&
           fabs(y) <= 0.5 * spec->height_mm - c->width_mm;
}

/* Whether it keeps from those before it, and, if it must, lies in the frame. Both sides of a curve
 * are free of its kind, so that its contrast can be read. */
static int has_room(const struct phantom_skin *s, const struct phantom_curve *c, int inside)
{
    for (int k = -8; k <= 8; k++) {
        double x, y, along, across;

        phantom_curve_point(c, c->length_mm * k / 16, 0, &x, &y);
        if (inside && !in_frame(&s->spec, c, x, y)) return 0;
        for (int i = 0; i < s->curves; i++) {
            const struct phantom_curve *const o = &s->curve[i];
            const double gap = o->kind == c->kind ? 2 * c->width_mm : 0.5;
            const double need = gap + 0.5 * (c->width_mm + o->width_mm);
            phantom_curve_place(o, x, y, &along, &across);
            if (fabs(across) < need && fabs(along) < 0.5 * o->length_mm + need) return 0;
        }
    }
    return 1;
}

/* What is particular to a kind of curve. */
struct recipe {
    enum phantom_kind kind;
    enum stream stream;
    struct phantom_curve (*make)(struct phantom_rng *r, const struct phantom_spec *spec);
    int inside, any_way; /* it lies wholly in the frame; its angle is no choice of the skin */
    int attempts;
};
static const struct recipe recipes[] = {
    { PHANTOM_LINEAR_SCAR, STREAM_LINEAR_SCAR, new_linear_scar, 1, 1, 300 },
    { PHANTOM_WRINKLE, STREAM_WRINKLE, new_wrinkle, 0, 0, 20 },
    { PHANTOM_FINE_LINE, STREAM_FINE_LINE, new_fine_line, 0, 0, 20 },
    { PHANTOM_STRIA, STREAM_STRIA, new_stria, 0, 0, 40 },
    { PHANTOM_VESSEL, STREAM_VESSEL, new_vessel, 0, 1, 20 },
};

enum { RECIPES = sizeof(recipes) / sizeof(*recipes) };

int phantom_is_curve(enum phantom_kind kind)
{
    int n = 0;

    for (int k = 0; k < RECIPES; k++)
        n += recipes[k].kind == kind;
    return n;
}

static int wanted(const struct phantom_spec *spec, enum phantom_kind kind)
{
    const double cm2 = (spec->width_mm + margin_mm) * (spec->height_mm + margin_mm) / 100;
    const double per_cm2 = kind == PHANTOM_WRINKLE     ? spec->wrinkles_per_cm2
                           : kind == PHANTOM_FINE_LINE ? spec->fine_lines_per_cm2
                           : kind == PHANTOM_STRIA     ? spec->striae_per_cm2
                                                       : spec->vessels_per_cm2;

    return kind == PHANTOM_LINEAR_SCAR ? spec->linear_scars : (int)(per_cm2 * cm2 + 0.5);
}

static void add_curves(struct phantom_skin *s, const struct recipe *k)
{
    const double w = s->spec.width_mm + (k->inside ? 0 : margin_mm);
    const double h = s->spec.height_mm + (k->inside ? 0 : margin_mm);
    const int n = wanted(&s->spec, k->kind);
    struct phantom_rng r;
    double way;

    phantom_rng_init(&r, s->spec.seed, k->stream);
    way = k->any_way ? 0 : phantom_uniform(&r, 0, pi);
    for (int i = 0; i < n; i++) {
        struct phantom_curve c = k->make(&r, &s->spec);
        const double own_angle = c.angle;
        c.kind = k->kind;
        for (int attempt = 0; attempt < k->attempts; attempt++) {
            c.x_mm = phantom_uniform(&r, -0.5, 0.5) * w;
            c.y_mm = phantom_uniform(&r, -0.5, 0.5) * h;
            c.angle = k->any_way ? phantom_uniform(&r, 0, pi) : way + own_angle;
            if (!has_room(s, &c, k->inside)) continue;
            s->curve[s->curves++] = c;
            break;
        }
    }
}

void phantom_curves_init(struct phantom_skin *s)
{
    int room = 0;

    for (int k = 0; k < RECIPES; k++)
        room += wanted(&s->spec, recipes[k].kind);
    s->curve = phantom_alloc((size_t)room, sizeof(*s->curve));
    for (int k = 0; k < RECIPES; k++)
        add_curves(s, &recipes[k]);
    for (int i = 0; i < s->curves; i++) { /* not before all have their places */
        if (s->curve[i].kind != PHANTOM_LINEAR_SCAR) continue;
        s->curve[i].width_mm *= 1 - s->spec.linear_scar_narrowing;
        s->curve[i].edge_mm *= 1 - s->spec.linear_scar_narrowing;
    }
}
