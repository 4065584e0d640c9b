/* SPDX-License-Identifier: Apache-2.0 */
/* Scatters spots, pores, scars, red marks, moles, papules, flushes and hairs over a skin, and makes
 * its random fields. Every kind draws from a random stream of its own, so that asking for more of
 * one leaves the others. */
#include <math.h>
#include <stdlib.h>

#include "phantom.h"

enum stream {
    STREAM_FIELD,
    STREAM_SPOT = 100,
    STREAM_PORE,
    STREAM_SCAR,
    STREAM_FLUSH,
    STREAM_HAIR, /* and one more for stubble */
    STREAM_PATCH = 110,
    STREAM_MARK,
    STREAM_MOLE,
    STREAM_PAPULE,
    STREAM_FLAKE
};

static const double pi = 3.141592653589793;
static const double margin_mm = 6; /* skin outside the frame, for poses that look past it */
static const double spline_cell = 1.7320508075688772; /* cubic B-spline of unit cell: sd 1/sqrt 3 */
static const double spline_rms = 0.4793650793650794;  /* of a sum of B-splines with unit weights */

static void field_init(struct phantom_field *f, const struct phantom_spec *spec, int index,
                       double sigma_mm)
{
    struct phantom_rng r;

    phantom_rng_init(&r, spec->seed, (uint64_t)(STREAM_FIELD + index));
    f->cell_mm = sigma_mm * spline_cell;
    f->x0_mm = -0.5 * spec->width_mm - margin_mm - 2 * f->cell_mm;
    f->y0_mm = -0.5 * spec->height_mm - margin_mm - 2 * f->cell_mm;
    f->nx = (int)ceil(-2 * f->x0_mm / f->cell_mm) + 4;
    f->ny = (int)ceil(-2 * f->y0_mm / f->cell_mm) + 4;
    f->node = phantom_alloc((size_t)f->nx * (size_t)f->ny, sizeof(float));
    for (int i = 0; i < f->nx * f->ny; i++)
        f->node[i] = (float)(phantom_normal(&r) / spline_rms);
}

/* Cubic B-spline weights of the four nodes around x; returns the first of them. */
static int place(double x, double x0, double cell, int n, double w[4])
{
    double t = (x - x0) / cell;
    int i = (int)t;

    i = i < 1 ? 1 : i > n - 3 ? n - 3 : i;
    t -= i;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    w[0] = (1 - t) * (1 - t) * (1 - t) / 6;
    w[1] = (4 - 6 * t * t + 3 * t * t * t) / 6;
    w[2] = (1 + 3 * t + 3 * t * t - 3 * t * t * t) / 6;
    w[3] = t * t * t / 6;
    return i - 1;
}

double phantom_field_at(const struct phantom_field *f, double x_mm, double y_mm)
{
    double wx[4], wy[4], sum = 0;
    const int i = place(x_mm, f->x0_mm, f->cell_mm, f->nx, wx);
    const int j = place(y_mm, f->y0_mm, f->cell_mm, f->ny, wy);

    for (int b = 0; b < 4; b++) {
        const float *const row = f->node + (ptrdiff_t)(j + b) * f->nx + i;
        sum += wy[b] * (wx[0] * (double)row[0] + wx[1] * (double)row[1] + wx[2] * (double)row[2] +
                        wx[3] * (double)row[3]);
    }
    return sum;
}

/* Whether next keeps gap_mm from the others; a red mark may have pores. */
static int is_free(const struct phantom_object *o, int n, const struct phantom_object *next,
                   double gap_mm)
{
    for (int i = 0; i < n; i++) {
        const double dx = o[i].x_mm - next->x_mm, dy = o[i].y_mm - next->y_mm;
        const double need = o[i].radius_mm + (next->radius_mm + gap_mm);
        if (next->kind == PHANTOM_MARK && o[i].kind == PHANTOM_PORE) continue;
        if (dx * dx + dy * dy < need * need) return 0;
    }
    return 1;
}

static struct phantom_object new_spot(struct phantom_rng *r, const struct phantom_spec *spec)
{
    struct phantom_object o = { .kind = PHANTOM_SPOT };

    o.radius_mm = 0.5 * exp(phantom_uniform(r, log(1.2), log(5)));
    o.strength = (0.012 + 0.25 * spec->fm) * exp(phantom_uniform(r, log(0.7), log(2)));
    o.edge_mm = phantom_uniform(r, 0.18, 0.4) * 0.5;
    o.lobe = phantom_uniform(r, 0, 0.15);
    o.turn = phantom_uniform(r, 0, 2 * pi);
    return o;
}

static struct phantom_object new_pore(struct phantom_rng *r)
{
    struct phantom_object o = { .kind = PHANTOM_PORE };

    o.radius_mm = 0.5 * fmin(fmax(0.36 * exp(0.25 * phantom_normal(r)), 0.22), 0.8);
    o.strength = phantom_uniform(r, 0.03, 0.12) * o.radius_mm / 0.18;
    return o;
}

static struct phantom_object new_scar(struct phantom_rng *r)
{
    struct phantom_object o = { .kind = PHANTOM_SCAR };
    const double which = phantom_uniform(r, 0, 1);

    if (which < 0.35) {
        o.shape = PHANTOM_ICEPICK;
        o.radius_mm = 0.5 * phantom_uniform(r, 0.9, 1.5);
        o.strength = phantom_uniform(r, 0.12, 0.25);
    } else if (which < 0.75) {
        o.shape = PHANTOM_BOXCAR;
        o.radius_mm = 0.5 * phantom_uniform(r, 1.6, 4);
        o.strength = phantom_uniform(r, 0.10, 0.25);
        o.edge_mm = phantom_uniform(r, 0.10, 0.18);
    } else {
        o.shape = PHANTOM_ROLLING;
        o.radius_mm = 0.5 * phantom_uniform(r, 4, 7);
        o.strength = phantom_uniform(r, 0.25, 0.5);
    }
    return o;
}

static struct phantom_object new_flush(struct phantom_rng *r)
{
    struct phantom_object o = { .kind = PHANTOM_FLUSH };

    o.radius_mm = phantom_uniform(r, 1.5, 3.5);
    o.strength = phantom_uniform(r, 0.005, 0.02);
    return o;
}

static struct phantom_object new_mark(struct phantom_rng *r)
{
    struct phantom_object o = { .kind = PHANTOM_MARK };

    o.radius_mm = 0.5 * exp(phantom_uniform(r, log(1.5), log(5)));
    o.strength = phantom_uniform(r, 0.012, 0.04);
    o.edge_mm = phantom_uniform(r, 0.3, 0.8);
    o.lobe = phantom_uniform(r, 0, 0.15);
    o.turn = phantom_uniform(r, 0, 2 * pi);
    return o;
}

static struct phantom_object new_mole(struct phantom_rng *r)
{
    struct phantom_object o = { .kind = PHANTOM_MOLE };

    o.radius_mm = 0.5 * exp(phantom_uniform(r, log(1.2), log(5)));
    o.strength = exp(phantom_uniform(r, log(0.08), log(0.35)));
    o.edge_mm = phantom_uniform(r, 0.05, 0.15);
    o.lobe = phantom_uniform(r, 0, 0.1);
    o.turn = phantom_uniform(r, 0, 2 * pi);
    return o;
}

static struct phantom_object new_papule(struct phantom_rng *r)
{
    struct phantom_object o = { .kind = PHANTOM_PAPULE };

    o.radius_mm = 0.5 * exp(phantom_uniform(r, log(1.5), log(4)));
    o.strength = phantom_uniform(r, 0.02, 0.06);
    o.height_mm = o.radius_mm * phantom_uniform(r, 0.25, 0.5);
    return o;
}

static struct phantom_object new_flake(struct phantom_rng *r)
{
    struct phantom_object o = { .kind = PHANTOM_FLAKE };

    o.radius_mm = 0.5 * exp(phantom_uniform(r, log(0.3), log(1.5)));
    o.strength = phantom_uniform(r, 0.25, 0.6);
    o.edge_mm = phantom_uniform(r, 0.03, 0.08);
    o.height_mm = phantom_uniform(r, 0.01, 0.03);
    o.lobe = phantom_uniform(r, 0.1, 0.35);
    o.turn = phantom_uniform(r, 0, 2 * pi);
    o.hold = phantom_uniform(r, 0, 1);
    return o;
}

static struct phantom_object new_object(int stream, struct phantom_rng *r,
                                        const struct phantom_spec *spec)
{
    struct phantom_object o;

    if (stream == STREAM_SPOT)
        o = new_spot(r, spec);
    else if (stream == STREAM_PORE)
        o = new_pore(r);
    else if (stream == STREAM_SCAR)
        o = new_scar(r);
    else if (stream == STREAM_MARK)
        o = new_mark(r);
    else if (stream == STREAM_MOLE)
        o = new_mole(r);
    else if (stream == STREAM_PAPULE)
        o = new_papule(r);
    else if (stream == STREAM_FLAKE)
        o = new_flake(r);
    else
        o = new_flush(r);
    o.axis_ratio = phantom_uniform(r, 0.7, 1);
    o.angle = phantom_uniform(r, 0, pi);
    return o;
}

/* Appends objects to o[0..n-1] that keep gap_mm from each other and from those before; places that
 * are taken are tried again, but not for ever, so a crowded skin may hold fewer. */
static int scatter(struct phantom_object *o, int n, int stream, const struct phantom_spec *spec,
                   double per_cm2, double gap_mm)
{
    const double w = spec->width_mm + margin_mm, h = spec->height_mm + margin_mm;
    const int want = (int)(per_cm2 * w * h / 100 + 0.5);
    struct phantom_rng r;
    int made = 0;

    phantom_rng_init(&r, spec->seed, (uint64_t)stream);
    for (int i = 0; i < want; i++) {
        struct phantom_object next = new_object(stream, &r, spec);
        for (int attempt = 0; attempt < 12; attempt++) {
            next.x_mm = phantom_uniform(&r, -0.5, 0.5) * w;
            next.y_mm = phantom_uniform(&r, -0.5, 0.5) * h;
            if (!is_free(o, n + made, &next, gap_mm)) continue;
            o[n + made++] = next;
            break;
        }
    }
    return made;
}

static int capacity(const struct phantom_spec *spec, double per_cm2)
{
    return (int)(per_cm2 * (spec->width_mm + margin_mm) * (spec->height_mm + margin_mm) / 100) + 1;
}

static void add_hairs(struct phantom_skin *s, double per_cm2, int stubble)
{
    const struct phantom_spec *const spec = &s->spec;
    const int n = capacity(spec, per_cm2) - 1;
    struct phantom_rng r;

    phantom_rng_init(&r, spec->seed, (uint64_t)(STREAM_HAIR + stubble));
    for (int i = 0; i < n; i++) {
        struct phantom_hair *const h = &s->hair[s->hairs++];
        h->x_mm = phantom_uniform(&r, -0.5, 0.5) * (spec->width_mm + margin_mm);
        h->y_mm = phantom_uniform(&r, -0.5, 0.5) * (spec->height_mm + margin_mm);
        h->angle = 1.2 + 0.4 * phantom_normal(&r); /* hairs of one place lie one way */
        h->bend = stubble ? 0 : 0.08 * phantom_normal(&r);
        h->length_mm = stubble ? phantom_uniform(&r, 0.05, 0.4) : phantom_uniform(&r, 4, 14);
        h->width_mm = phantom_uniform(&r, 0.05, 0.09);
        h->density = phantom_uniform(&r, 1.2, 2.2);
    }
}

/* The level that a normal variable exceeds with this probability. */
static double level_of(double share)
{
    double lo = -6, hi = 6;

    for (int i = 0; i < 60; i++) {
        const double mid = 0.5 * (lo + hi);
        if (0.5 * erfc(mid / sqrt(2)) > share)
            lo = mid;
        else
            hi = mid;
    }
    return 0.5 * (lo + hi);
}

static void init_patches(struct phantom_skin *s)
{
    struct phantom_rng r;

    phantom_rng_init(&r, s->spec.seed, STREAM_PATCH);
    s->patch_level = level_of(s->spec.melasma);
    s->patch_strength = (0.012 + 0.25 * s->spec.fm) * phantom_uniform(&r, 0.7, 1.4);
}

static double melasma_at(const struct phantom_skin *s, double x_mm, double y_mm)
{
    static const double softness = 0.09; /* in sd of the fields: borders of about 2 mm */
    const double v = 0.92 * phantom_field_at(&s->field[PHANTOM_PATCH_WIDE], x_mm, y_mm) +
                     0.39 * phantom_field_at(&s->field[PHANTOM_PATCH_FINE], x_mm, y_mm);

    return 1 / (1 + exp((s->patch_level - v) / softness));
}

/* A disc with a soft rim, which leaves a border that is not treated. */
static double erythema_at(const struct phantom_skin *s, double x_mm, double y_mm)
{
    const double radius = 0.35 * fmin(s->spec.width_mm, s->spec.height_mm), softness = 1.2;

    return 1 / (1 + exp((hypot(x_mm, y_mm) - radius) / softness));
}

int phantom_has_wide(const struct phantom_skin *s, enum phantom_kind kind)
{
    return (kind == PHANTOM_MELASMA && s->spec.melasma > 0) ||
           (kind == PHANTOM_ERYTHEMA && s->spec.erythema > 0);
}

double phantom_wide_at(const struct phantom_skin *s, enum phantom_kind kind, double x_mm,
                       double y_mm)
{
    return kind == PHANTOM_MELASMA ? melasma_at(s, x_mm, y_mm) : erythema_at(s, x_mm, y_mm);
}

double phantom_wide_strength(const struct phantom_skin *s, enum phantom_kind kind)
{
    const double whole = kind == PHANTOM_MELASMA ? s->patch_strength : s->spec.erythema;

    return whole * (1 - s->spec.fade[kind]);
}

void phantom_skin_init(struct phantom_skin *s, const struct phantom_spec *spec)
{
    static const double sigma_mm[PHANTOM_FIELDS] = { 10, 1.2, 6, 1.5, 0.3, 0.12, 9, 9, 5, 1.1 };
    int room;

    *s = (struct phantom_skin){ .spec = *spec };
    for (int i = 0; i < PHANTOM_FIELDS; i++)
        field_init(&s->field[i], spec, i, sigma_mm[i]);
    room = capacity(spec, spec->scars_per_cm2) + capacity(spec, spec->spots_per_cm2) +
           capacity(spec, spec->pores_per_cm2) + capacity(spec, spec->marks_per_cm2) +
           capacity(spec, spec->moles_per_cm2) + capacity(spec, spec->papules_per_cm2) +
           capacity(spec, spec->flakes_per_cm2);
    s->object = phantom_alloc((size_t)room, sizeof(*s->object));
    s->n = scatter(s->object, 0, STREAM_SCAR, spec, spec->scars_per_cm2, 1.0);
    s->n += scatter(s->object, s->n, STREAM_SPOT, spec, spec->spots_per_cm2, 1.0);
    s->n += scatter(s->object, s->n, STREAM_PORE, spec, spec->pores_per_cm2, 0.25);
    s->n += scatter(s->object, s->n, STREAM_MARK, spec, spec->marks_per_cm2, 0.5);
    s->n += scatter(s->object, s->n, STREAM_MOLE, spec, spec->moles_per_cm2, 0.5);
    s->n += scatter(s->object, s->n, STREAM_PAPULE, spec, spec->papules_per_cm2, 0.5);
    s->n += scatter(s->object + s->n, 0, STREAM_FLAKE, spec, spec->flakes_per_cm2, 0.1);
    s->flush = phantom_alloc((size_t)capacity(spec, spec->flushes_per_cm2), sizeof(*s->flush));
    s->flushes = scatter(s->flush, 0, STREAM_FLUSH, spec, spec->flushes_per_cm2, 0);
    room = capacity(spec, spec->hairs_per_cm2) + capacity(spec, spec->stubble_per_cm2);
    s->hair = phantom_alloc((size_t)room, sizeof(*s->hair));
    init_patches(s);
    phantom_curves_init(s);
    add_hairs(s, spec->hairs_per_cm2, 0);
    add_hairs(s, spec->stubble_per_cm2, 1);
}

void phantom_skin_free(struct phantom_skin *s)
{
    for (int i = 0; i < PHANTOM_FIELDS; i++)
        free(s->field[i].node);
    free(s->object);
    free(s->flush);
    free(s->curve);
    free(s->hair);
    *s = (struct phantom_skin){ 0 };
}

double phantom_strength(const struct phantom_skin *s, const struct phantom_object *o)
{
    if (o->kind == PHANTOM_FLAKE) return o->hold < s->spec.fade[PHANTOM_FLAKE] ? 0 : o->strength;
    return o->kind < PHANTOM_KINDS ? o->strength * (1 - s->spec.fade[o->kind]) : o->strength;
}
