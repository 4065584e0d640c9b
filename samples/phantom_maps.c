/* SPDX-License-Identifier: Apache-2.0 */
/* What a camera looks at: chromophore and height maps, drawn straight at image resolution, so that
 * a pose costs no resampling. */
#include <math.h>

#include "phantom_view.h"

static const double pi = 3.141592653589793;
static const double relief_mm[2] = { 0.014, 0.009 }; /* rms height of skin relief, wide and fine */

static void draw_base(struct phantom_view *g)
{
    const struct phantom_field *const f = g->skin->field;
    const struct phantom_spec *const spec = &g->skin->spec;
    const double left = 1 - spec->smoothing;

    for (int y = 0; y < g->camera.height; y++)
        for (int x = 0; x < g->camera.width; x++) {
            const ptrdiff_t i = (ptrdiff_t)y * g->camera.width + x;
            double u, v;

            if (!phantom_pose_to_skin(&g->pose, x, y, &u, &v)) g->hair.px[i] = 1;
            g->u.px[i] = (float)u;
            g->v.px[i] = (float)v;
            g->fm.px[i] =
                (float)(spec->fm * exp(0.06 * phantom_field_at(&f[PHANTOM_MELANIN_WIDE], u, v) +
                                       0.05 * phantom_field_at(&f[PHANTOM_MELANIN_FINE], u, v)));
            g->fb.px[i] =
                (float)(spec->fb * exp(0.12 * phantom_field_at(&f[PHANTOM_BLOOD_WIDE], u, v) +
                                       0.08 * phantom_field_at(&f[PHANTOM_BLOOD_FINE], u, v)));
            g->height.px[i] =
                (float)(left * (relief_mm[0] * phantom_field_at(&f[PHANTOM_RELIEF_WIDE], u, v) +
                                relief_mm[1] * phantom_field_at(&f[PHANTOM_RELIEF_FINE], u, v)));
        }
}

static void draw_wide(struct phantom_view *g, enum phantom_kind kind, struct phantom_plane *map)
{
    const struct phantom_skin *const s = g->skin;
    const double strength = phantom_wide_strength(s, kind);

    if (!phantom_has_wide(s, kind)) return;
    for (int i = 0; i < map->w * map->h; i++)
        map->px[i] +=
            (float)(strength * phantom_wide_at(s, kind, (double)g->u.px[i], (double)g->v.px[i]));
}

/* How much of the object there is at (du, dv) mm from its centre, 0..1. */
static double profile(const struct phantom_object *o, double du, double dv)
{
    const double c = cos(o->angle), s = sin(o->angle), q = sqrt(o->axis_ratio);
    const double a = (c * du + s * dv) * q, b = (-s * du + c * dv) / q;
    const double r = sqrt(a * a + b * b);

    if (o->kind == PHANTOM_SPOT || o->kind == PHANTOM_MARK || o->kind == PHANTOM_MOLE ||
        o->kind == PHANTOM_FLAKE) {
        const double edge = o->radius_mm * (1 + o->lobe * cos(3 * atan2(b, a) + o->turn));
        return 1 / (1 + exp((r - edge) / (0.5 * o->edge_mm)));
    }
    if (o->kind == PHANTOM_SCAR && o->shape == PHANTOM_BOXCAR)
        return 1 / (1 + exp((r - o->radius_mm) / (0.5 * o->edge_mm)));
    if (o->kind == PHANTOM_SCAR && o->shape == PHANTOM_ROLLING)
        return r < 2 * o->radius_mm ? 0.5 + 0.5 * cos(pi * r / (2 * o->radius_mm)) : 0;
    return exp(-0.6931471805599453 * r * r / (o->radius_mm * o->radius_mm)); /* half at radius */
}

struct box {
    int x0, y0, x1, y1; /* the last included; empty when x1 < x0 or y1 < y0 */
};

static struct box box_around(const struct phantom_view *g, double x_mm, double y_mm,
                             double reach_mm)
{
    double reach = reach_mm * g->pose.scale * 1.15, x, y;

    phantom_pose_to_image(&g->pose, x_mm, y_mm, &x, &y);
    if (g->pose.solid) reach *= 1.3; /* what is near or on the side may be larger than the middle */
    return (struct box){ .x0 = (int)fmax(ceil(x - reach), 0),
                         .y0 = (int)fmax(ceil(y - reach), 0),
                         .x1 = (int)fmin(floor(x + reach), g->camera.width - 1),
                         .y1 = (int)fmin(floor(y + reach), g->camera.height - 1) };
}

void phantom_cover_object(const struct phantom_view *g, const struct phantom_object *o,
                          phantom_touch touch, void *arg)
{
    const struct box b = box_around(g, o->x_mm, o->y_mm, 2.6 * o->radius_mm + 2 * o->edge_mm);

    for (int j = b.y0; j <= b.y1; j++)
        for (int i = b.x0; i <= b.x1; i++) {
            const ptrdiff_t at = (ptrdiff_t)j * g->camera.width + i;
            touch(arg, at,
                  profile(o, (double)g->u.px[at] - o->x_mm, (double)g->v.px[at] - o->y_mm));
        }
}

/* One stretch of a curve, from s0 to s1 along its middle. */
static void cover_stretch(const struct phantom_view *g, const struct phantom_curve *c, double s0,
                          double s1, phantom_touch touch, void *arg)
{
    const double reach_mm = phantom_curve_reach(c);
    struct box b;
    double x, y;

    phantom_curve_point(c, 0.5 * (s0 + s1), 0, &x, &y);
    b = box_around(g, x, y, hypot(0.5 * (s1 - s0), reach_mm));
    for (int j = b.y0; j <= b.y1; j++)
        for (int i = b.x0; i <= b.x1; i++) {
            const ptrdiff_t at = (ptrdiff_t)j * g->camera.width + i;
            double s, t;

            phantom_curve_place(c, (double)g->u.px[at], (double)g->v.px[at], &s, &t);
            if (s < s0 || s >= s1 || fabs(t) > reach_mm) continue;
            touch(arg, at, phantom_curve_profile(c, s, t));
        }
}

void phantom_cover_curve(const struct phantom_view *g, const struct phantom_curve *c,
                         phantom_touch touch, void *arg)
{
    const double end = phantom_curve_end(c);
    const int n = (int)ceil(2 * end / fmax(2 * phantom_curve_reach(c), 1));

    for (int i = 0; i < n; i++)
        cover_stretch(g, c, end * (2.0 * i / n - 1), end * (2.0 * (i + 1) / n - 1), touch, arg);
}

struct brush { /* of an object */
    struct phantom_plane *target;
    double strength;
};

static void add_to_map(void *arg, ptrdiff_t at, double share)
{
    const struct brush *const b = arg;

    b->target->px[at] += (float)(b->strength * share);
}

/* The rim of a flake stands off the skin. */
static void raise_rim(void *arg, ptrdiff_t at, double share)
{
    add_to_map(arg, at, 4 * share * (1 - share));
}

static void draw_flake(struct phantom_view *g, const struct phantom_object *o)
{
    struct brush b = { &g->scale, phantom_strength(g->skin, o) };

    if (b.strength <= 0) return;
    phantom_cover_object(g, o, add_to_map, &b);
    b = (struct brush){ &g->height, o->height_mm };
    phantom_cover_object(g, o, raise_rim, &b);
}

static void draw_object(struct phantom_view *g, const struct phantom_object *o)
{
    struct brush b = { .strength = phantom_strength(g->skin, o) };

    if (o->kind == PHANTOM_SPOT || o->kind == PHANTOM_MOLE) {
        b.target = &g->fm;
    } else if (o->kind == PHANTOM_MARK || o->kind == PHANTOM_FLUSH || o->kind == PHANTOM_PAPULE) {
        b.target = &g->fb;
    } else {
        b.target = &g->height;
        b.strength = -b.strength;
    }
    phantom_cover_object(g, o, add_to_map, &b);
    if (o->kind != PHANTOM_PAPULE) return;
    b = (struct brush){ &g->height, o->height_mm };
    phantom_cover_object(g, o, add_to_map, &b);
}

static void draw_objects(struct phantom_view *g, unsigned kinds)
{
    const struct phantom_skin *const s = g->skin;

    for (int i = 0; i < s->n; i++) {
        const struct phantom_object *const o = &s->object[i];

        if (!(kinds & 1u << o->kind) && o->kind < PHANTOM_KINDS) continue;
        if (o->kind == PHANTOM_FLAKE)
            draw_flake(g, o);
        else
            draw_object(g, o);
    }
    for (int i = 0; i < s->flushes; i++)
        draw_object(g, &s->flush[i]);
}

struct band_brush {
    struct phantom_view *view;
    const struct phantom_curve *curve;
    double strength;
};

static void change_maps(void *arg, ptrdiff_t at, double share)
{
    const struct band_brush *const b = arg;
    const double p = b->strength * share;

    b->view->fm.px[at] *= (float)exp(b->curve->melanin * p);
    b->view->fb.px[at] += (float)(b->curve->blood * p);
    b->view->height.px[at] *= (float)(1 - b->curve->smooth * p);
    b->view->height.px[at] -= (float)(b->curve->depth_mm * p);
}

static void draw_curves(struct phantom_view *g, unsigned kinds)
{
    for (int i = 0; i < g->skin->curves; i++) {
        const struct phantom_curve *const c = &g->skin->curve[i];
        struct band_brush b = { g, c, 1 - g->skin->spec.fade[c->kind] };
        if (kinds & 1u << c->kind) phantom_cover_curve(g, c, change_maps, &b);
    }
}

static void draw_dab(struct phantom_view *g, double x_mm, double y_mm, const struct phantom_hair *h)
{
    const double scale = g->pose.scale, r = 0.5 * h->width_mm * scale;
    double x, y;

    phantom_pose_to_image(&g->pose, x_mm, y_mm, &x, &y);
    for (int j = (int)floor(y - r - 1); j <= (int)ceil(y + r + 1); j++)
        for (int i = (int)floor(x - r - 1); i <= (int)ceil(x + r + 1); i++) {
            const double cover = fmin(fmax(r + 0.5 - hypot(i - x, j - y), 0), fmin(2 * r, 1));
            float *const at = g->hair.px + (ptrdiff_t)j * g->camera.width + i;
            if (i < 0 || j < 0 || i >= g->camera.width || j >= g->camera.height) continue;
            *at = (float)fmax((double)*at, cover * (1 - exp(-h->density)));
        }
}

static void draw_hairs(struct phantom_view *g)
{
    const double step_mm = 0.5 / (g->pose.scale);

    for (int i = 0; i < g->skin->hairs; i++) {
        const struct phantom_hair *const h = &g->skin->hair[i];
        double x = h->x_mm, y = h->y_mm, a = h->angle;
        for (double run = 0; run <= h->length_mm; run += step_mm) {
            draw_dab(g, x, y, h);
            x += step_mm * cos(a);
            y += step_mm * sin(a);
            a += h->bend * step_mm;
        }
    }
}

void phantom_draw_maps(struct phantom_view *g, unsigned kinds)
{
    draw_base(g);
    if (kinds & 1u << PHANTOM_MELASMA) draw_wide(g, PHANTOM_MELASMA, &g->fm);
    if (kinds & 1u << PHANTOM_ERYTHEMA) draw_wide(g, PHANTOM_ERYTHEMA, &g->fb);
    draw_objects(g, kinds);
    draw_curves(g, kinds);
    draw_hairs(g);
}
