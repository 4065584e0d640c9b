/* SPDX-License-Identifier: Apache-2.0 */
/* Light on skin. Chromophore and height maps are drawn where the camera looks, straight at image
 * resolution, so that a pose costs no resampling; then Lambert shading on the height map, softened
 * per channel by subsurface scattering, light lost in hollows, and highlights. */
#include <math.h>
#include <stdlib.h>

#include "phantom.h"

static const double pi = 3.141592653589793, degree = 0.017453292519943295;
static const double curvature_mm = 75; /* radius of the body part */
static const double scatter_mm[3] = { 0.32, 0.20, 0.15 };
static const double scatter_contrast = 0.45;     /* what scattering leaves of shading */
static const double hollow_mm[2] = { 0.3, 1.4 }; /* sizes of hollows that light does not reach */
static const double hollow_per_mm[2] = { 3.2, 1.0 };
static const double relief_mm[2] = { 0.014, 0.009 }; /* rms height of skin relief, wide and fine */

struct view { /* what the functions below share */
    const struct phantom_skin *skin;
    const struct phantom_light *light;
    struct phantom_camera camera; /* at rendered resolution */
    struct phantom_plane u, v;    /* mm */
    struct phantom_plane fm, fb, height, hair;
};

void phantom_to_skin(const struct phantom_skin *s, const struct phantom_camera *c, double x_px,
                     double y_px, double *x_mm, double *y_mm)
{
    const double scale = c->px_per_mm * c->zoom, a = c->turn_deg * degree;
    const double x = (x_px - 0.5 * (c->width - 1)) / scale;
    const double y = (y_px - 0.5 * (c->height - 1)) / scale;
    const double u = cos(a) * x + sin(a) * y + c->shift_x_mm;
    const double v = -sin(a) * x + cos(a) * y + c->shift_y_mm;

    *x_mm = u;
    *y_mm = v;
    if (c->bend_mm > 0) {
        *x_mm += c->bend_mm * phantom_field_at(&s->field[PHANTOM_BEND_X], u, v);
        *y_mm += c->bend_mm * phantom_field_at(&s->field[PHANTOM_BEND_Y], u, v);
    }
}

void phantom_to_image(const struct phantom_skin *s, const struct phantom_camera *c, double x_mm,
                      double y_mm, double *x_px, double *y_px)
{
    const double scale = c->px_per_mm * c->zoom, a = c->turn_deg * degree;
    double x = 0.5 * (c->width - 1), y = 0.5 * (c->height - 1);

    for (int i = 0; i < 6; i++) { /* the deformation is small: a fixed point is near */
        double u, v;
        phantom_to_skin(s, c, x, y, &u, &v);
        x += scale * (cos(a) * (x_mm - u) - sin(a) * (y_mm - v));
        y += scale * (sin(a) * (x_mm - u) + cos(a) * (y_mm - v));
    }
    *x_px = x;
    *y_px = y;
}

static void draw_base(struct view *g)
{
    const struct phantom_field *const f = g->skin->field;
    const struct phantom_spec *const spec = &g->skin->spec;

    for (int y = 0; y < g->camera.height; y++)
        for (int x = 0; x < g->camera.width; x++) {
            const ptrdiff_t i = (ptrdiff_t)y * g->camera.width + x;
            double u, v;

            phantom_to_skin(g->skin, &g->camera, x, y, &u, &v);
            g->u.px[i] = (float)u;
            g->v.px[i] = (float)v;
            g->fm.px[i] =
                (float)(spec->fm * exp(0.06 * phantom_field_at(&f[PHANTOM_MELANIN_WIDE], u, v) +
                                       0.05 * phantom_field_at(&f[PHANTOM_MELANIN_FINE], u, v)));
            g->fb.px[i] =
                (float)(spec->fb * exp(0.12 * phantom_field_at(&f[PHANTOM_BLOOD_WIDE], u, v) +
                                       0.08 * phantom_field_at(&f[PHANTOM_BLOOD_FINE], u, v)));
            g->height.px[i] =
                (float)(relief_mm[0] * phantom_field_at(&f[PHANTOM_RELIEF_WIDE], u, v) +
                        relief_mm[1] * phantom_field_at(&f[PHANTOM_RELIEF_FINE], u, v));
        }
}

/* How much of the object there is at (du, dv) mm from its centre, 0..1. */
static double profile(const struct phantom_object *o, double du, double dv)
{
    const double c = cos(o->angle), s = sin(o->angle), q = sqrt(o->axis_ratio);
    const double a = (c * du + s * dv) * q, b = (-s * du + c * dv) / q;
    const double r = sqrt(a * a + b * b);

    if (o->kind == PHANTOM_SPOT) {
        const double edge = o->radius_mm * (1 + o->lobe * cos(3 * atan2(b, a) + o->turn));
        return 1 / (1 + exp((r - edge) / (0.5 * o->edge_mm)));
    }
    if (o->kind == PHANTOM_SCAR && o->shape == PHANTOM_BOXCAR)
        return 1 / (1 + exp((r - o->radius_mm) / (0.5 * o->edge_mm)));
    if (o->kind == PHANTOM_SCAR && o->shape == PHANTOM_ROLLING)
        return r < 2 * o->radius_mm ? 0.5 + 0.5 * cos(pi * r / (2 * o->radius_mm)) : 0;
    return exp(-0.6931471805599453 * r * r / (o->radius_mm * o->radius_mm)); /* half at radius */
}

static void draw_object(struct view *g, const struct phantom_object *o,
                        struct phantom_plane *target, double strength)
{
    const double reach_mm = 2.6 * o->radius_mm + 2 * o->edge_mm;
    const double reach = reach_mm * g->camera.px_per_mm * g->camera.zoom * 1.15;
    double x, y;
    int x0, x1, y0, y1;

    phantom_to_image(g->skin, &g->camera, o->x_mm, o->y_mm, &x, &y);
    x0 = (int)fmax(ceil(x - reach), 0);
    y0 = (int)fmax(ceil(y - reach), 0);
    x1 = (int)fmin(floor(x + reach), g->camera.width - 1);
    y1 = (int)fmin(floor(y + reach), g->camera.height - 1);
    for (int j = y0; j <= y1; j++)
        for (int i = x0; i <= x1; i++) {
            const ptrdiff_t at = (ptrdiff_t)j * g->camera.width + i;
            target->px[at] += (float)(strength * profile(o, (double)g->u.px[at] - o->x_mm,
                                                         (double)g->v.px[at] - o->y_mm));
        }
}

static void draw_objects(struct view *g, unsigned kinds)
{
    const struct phantom_skin *const s = g->skin;

    for (int i = 0; i < s->n; i++) {
        const struct phantom_object *const o = &s->object[i];
        const int spot = o->kind == PHANTOM_SPOT;
        if (kinds & 1u << o->kind)
            draw_object(g, o, spot ? &g->fm : &g->height, (spot ? 1 : -1) * phantom_strength(s, o));
    }
    for (int i = 0; i < s->flushes; i++)
        draw_object(g, &s->flush[i], &g->fb, s->flush[i].strength);
}

static void draw_dab(struct view *g, double x_mm, double y_mm, const struct phantom_hair *h)
{
    const double scale = g->camera.px_per_mm * g->camera.zoom, r = 0.5 * h->width_mm * scale;
    double x, y;

    phantom_to_image(g->skin, &g->camera, x_mm, y_mm, &x, &y);
    for (int j = (int)floor(y - r - 1); j <= (int)ceil(y + r + 1); j++)
        for (int i = (int)floor(x - r - 1); i <= (int)ceil(x + r + 1); i++) {
            const double cover = fmin(fmax(r + 0.5 - hypot(i - x, j - y), 0), fmin(2 * r, 1));
            float *const at = g->hair.px + (ptrdiff_t)j * g->camera.width + i;
            if (i < 0 || j < 0 || i >= g->camera.width || j >= g->camera.height) continue;
            *at = (float)fmax((double)*at, cover * (1 - exp(-h->density)));
        }
}

static void draw_hairs(struct view *g)
{
    const double step_mm = 0.5 / (g->camera.px_per_mm * g->camera.zoom);

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

/* The direction of light in image axes, x right, y down, z to the camera. */
static void light_direction(const struct phantom_light *l, double d[3])
{
    const double a = l->azimuth_deg * degree, e = l->elevation_deg * degree;

    d[0] = cos(e) * cos(a);
    d[1] = -cos(e) * sin(a);
    d[2] = sin(e);
}

static void normal_at(const struct view *g, int x, int y, double n[3])
{
    const struct phantom_plane *const h = &g->height;
    const double scale = g->camera.px_per_mm * g->camera.zoom;
    const int xa = x > 0 ? x - 1 : x, xb = x < h->w - 1 ? x + 1 : x;
    const int ya = y > 0 ? y - 1 : y, yb = y < h->h - 1 ? y + 1 : y;
    const ptrdiff_t row = (ptrdiff_t)y * h->w;
    const double slope_x = (double)(h->px[row + xb] - h->px[row + xa]) / (xb - xa) * scale;
    const double slope_y =
        (double)(h->px[(ptrdiff_t)yb * h->w + x] - h->px[(ptrdiff_t)ya * h->w + x]) / (yb - ya) *
        scale;
    const double bow_x = (x - 0.5 * h->w) / scale / curvature_mm;
    const double bow_y = (y - 0.5 * h->h) / scale / curvature_mm;
    double length;

    n[0] = bow_x - slope_x;
    n[1] = bow_y - slope_y;
    n[2] = 1;
    length = sqrt(n[0] * n[0] + n[1] * n[1] + 1);
    for (int c = 0; c < 3; c++)
        n[c] /= length;
}

/* Diffuse shading relative to flat skin that faces the camera, and highlights. */
static void shade(const struct view *g, struct phantom_plane *diffuse, struct phantom_plane *gloss)
{
    double l[3], half[3], n[3], length = 0;

    light_direction(g->light, l);
    for (int c = 0; c < 3; c++)
        half[c] = l[c] + (c == 2);
    for (int c = 0; c < 3; c++)
        length += half[c] * half[c];
    length = sqrt(length);
    for (int y = 0; y < diffuse->h; y++)
        for (int x = 0; x < diffuse->w; x++) {
            const ptrdiff_t i = (ptrdiff_t)y * diffuse->w + x;
            double facing, mirror;

            normal_at(g, x, y, n);
            facing = fmax(n[0] * l[0] + n[1] * l[1] + n[2] * l[2], 0) / l[2];
            mirror = fmax((n[0] * half[0] + n[1] * half[1] + n[2] * half[2]) / length, 0);
            diffuse->px[i] = (float)(g->light->ambient + (1 - g->light->ambient) * facing);
            gloss->px[i] = (float)(g->light->oil * (0.012 + 0.10 * pow(mirror, 45)));
        }
}

/* Optical density of the light that hollows do not get. */
static void shadow_hollows(const struct view *g, struct phantom_plane *shadow)
{
    const double scale = g->camera.px_per_mm * g->camera.zoom;
    struct phantom_plane smooth;

    phantom_plane_init(&smooth, shadow->w, shadow->h);
    for (int k = 0; k < 2; k++) {
        const int n = smooth.w * smooth.h;
        for (int i = 0; i < n; i++)
            smooth.px[i] = g->height.px[i];
        phantom_blur(&smooth, hollow_mm[k] * scale);
        for (int i = 0; i < n; i++) {
            const double deep = fmax((double)(smooth.px[i] - g->height.px[i]), 0);
            shadow->px[i] += (float)(hollow_per_mm[k] * deep);
        }
    }
    phantom_plane_free(&smooth);
}

static void compose(const struct view *g, const struct phantom_optics *optics,
                    const struct phantom_plane *diffuse, const struct phantom_plane *gloss,
                    const struct phantom_plane *shadow, struct phantom_plane lin[3])
{
    const double scale = g->camera.px_per_mm * g->camera.zoom;
    const int n = diffuse->w * diffuse->h;
    struct phantom_plane soft;

    phantom_plane_init(&soft, diffuse->w, diffuse->h);
    for (int c = 0; c < 3; c++) {
        for (int i = 0; i < n; i++)
            soft.px[i] = diffuse->px[i] * expf(-shadow->px[i]);
        phantom_blur(&soft, scatter_mm[c] * scale);
        for (int i = 0; i < n; i++) {
            const double sharp = (double)diffuse->px[i] * exp(-(double)shadow->px[i]);
            const double lit =
                scatter_contrast * sharp + (1 - scatter_contrast) * (double)soft.px[i];
            double od[3];

            phantom_optics_od(optics, (double)g->fm.px[i], (double)g->fb.px[i], od);
            lin[c].px[i] =
                (float)((exp(-od[c]) * lit + (double)gloss->px[i]) * (1 - (double)g->hair.px[i]));
        }
    }
    phantom_plane_free(&soft);
}

/* Automatic exposure, the light's colour and its fall-off. */
static void expose(const struct view *g, const struct phantom_optics *optics,
                   struct phantom_plane lin[3])
{
    const struct phantom_light *const l = g->light;
    double od[3];

    phantom_optics_od(optics, g->skin->spec.fm, g->skin->spec.fb, od);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < lin[c].h; y++)
            for (int x = 0; x < lin[c].w; x++) {
                const double fall = 1 + l->gradient_x * ((double)x / lin[c].w - 0.5) +
                                    l->gradient_y * ((double)y / lin[c].h - 0.5);
                float *const at = &lin[c].px[(ptrdiff_t)y * lin[c].w + x];
                *at = (float)((double)*at * l->gain * pow(0.45 * exp(od[0]), 0.7) * fall *
                              optics->cast[c] * l->cast[c]);
            }
}

int phantom_oversample(const struct phantom_camera *camera)
{
    return camera->px_per_mm >= 9 ? 1 : (int)ceil(9 / camera->px_per_mm);
}

static void scale_camera(struct phantom_camera *c, int oversample)
{
    c->width *= oversample;
    c->height *= oversample;
    c->px_per_mm *= oversample;
}

void phantom_render(const struct phantom_skin *s, const struct phantom_light *light,
                    const struct phantom_camera *camera, unsigned kinds, int oversample,
                    struct phantom_plane lin[3])
{
    struct view g = { .skin = s, .light = light, .camera = *camera };
    struct phantom_plane diffuse, gloss, shadow;
    struct phantom_plane *const all[] = { &g.u,     &g.v,   &g.fm,   &g.fb,   &g.height, &g.hair,
                                          &diffuse, &gloss, &shadow, &lin[0], &lin[1],   &lin[2] };
    struct phantom_optics optics;

    scale_camera(&g.camera, oversample);
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        phantom_plane_init(all[i], g.camera.width, g.camera.height);
    phantom_optics_init(&optics, light->cct_k, light->awb);
    draw_base(&g);
    draw_objects(&g, kinds);
    draw_hairs(&g);
    shade(&g, &diffuse, &gloss);
    shadow_hollows(&g, &shadow);
    compose(&g, &optics, &diffuse, &gloss, &shadow, lin);
    expose(&g, &optics, lin);
    for (size_t i = 0; i + 3 < sizeof(all) / sizeof(*all); i++)
        phantom_plane_free(all[i]);
}
