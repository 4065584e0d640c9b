/* SPDX-License-Identifier: Apache-2.0 */
/* Light on skin: Lambert shading on the height map, softened per channel by subsurface scattering,
 * light lost in hollows, and highlights. */
#include <math.h>
#include <string.h>

#include "phantom_view.h"

static const double degree = 0.017453292519943295;
static const double curvature_mm = 75; /* radius of the body part */
static const double scatter_mm[3] = { 0.32, 0.20, 0.15 };
static const double scatter_contrast = 0.45;     /* what scattering leaves of shading */
static const double hollow_mm[2] = { 0.3, 1.4 }; /* sizes of hollows that light does not reach */
static const double hollow_per_mm[2] = { 3.2, 1.0 };
static const double scale_reflectance = 0.85; /* of a flake so thick that no light passes */

/* The direction of light in image axes, x right, y down, z to the camera. */
static void light_direction(const struct phantom_light *l, double d[3])
{
    const double a = l->azimuth_deg * degree, e = l->elevation_deg * degree;

    d[0] = cos(e) * cos(a);
    d[1] = -cos(e) * sin(a);
    d[2] = sin(e);
}

/* Of a plane that faces the camera, bowed. */
static void flat_normal(const struct phantom_view *g, int x, int y, double n[3])
{
    const struct phantom_plane *const h = &g->height;
    const double scale = g->pose.scale;
    const int xa = x > 0 ? x - 1 : x, xb = x < h->w - 1 ? x + 1 : x;
    const int ya = y > 0 ? y - 1 : y, yb = y < h->h - 1 ? y + 1 : y;
    const ptrdiff_t row = (ptrdiff_t)y * h->w;
    const double slope_x = (double)(h->px[row + xb] - h->px[row + xa]) / (xb - xa) * scale;
    const double slope_y =
        (double)(h->px[(ptrdiff_t)yb * h->w + x] - h->px[(ptrdiff_t)ya * h->w + x]) / (yb - ya) *
        scale;
    const double bow_x = (x - 0.5 * h->w) / scale / curvature_mm;
    const double bow_y = (y - 0.5 * h->h) / scale / curvature_mm;

    n[0] = bow_x - slope_x;
    n[1] = bow_y - slope_y;
    n[2] = 1;
}

static void point_at(const struct phantom_view *g, int x, int y, double out[3])
{
    const ptrdiff_t i = (ptrdiff_t)y * g->height.w + x;

    phantom_pose_point(&g->pose, (double)g->u.px[i], (double)g->v.px[i], (double)g->height.px[i],
                       out);
}

/* Across two steps on the surface. */
static void solid_normal(const struct phantom_view *g, int x, int y, double n[3])
{
    const int last_x = g->height.w - 1, last_y = g->height.h - 1;
    double left[3], right[3], up[3], down[3];

    point_at(g, x > 0 ? x - 1 : x, y, left);
    point_at(g, x < last_x ? x + 1 : x, y, right);
    point_at(g, x, y > 0 ? y - 1 : y, up);
    point_at(g, x, y < last_y ? y + 1 : y, down);
    for (int c = 0; c < 3; c++) {
        right[c] -= left[c];
        down[c] -= up[c];
    }
    for (int c = 0; c < 3; c++) {
        const int a = (c + 1) % 3, b = (c + 2) % 3;
        n[c] = right[a] * down[b] - right[b] * down[a];
    }
}

static void normal_at(const struct phantom_view *g, int x, int y, double n[3])
{
    double length;

    if (g->pose.solid)
        solid_normal(g, x, y, n);
    else
        flat_normal(g, x, y, n);
    length = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
    for (int c = 0; c < 3 && length > 0; c++)
        n[c] /= length;
}

/* Diffuse shading relative to flat skin that faces the camera, and highlights. */
static void shade(const struct phantom_view *g, struct phantom_plane *diffuse,
                  struct phantom_plane *gloss)
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
            if (g->light->oil > 0)
                gloss->px[i] = (float)(g->light->oil * (0.012 + 0.10 * pow(mirror, 45)));
        }
}

/* Optical density of the light that hollows do not get. */
static void shadow_hollows(const struct phantom_view *g, struct phantom_plane *shadow)
{
    const double scale = g->pose.scale;
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

static void compose(const struct phantom_view *g, const struct phantom_optics *optics,
                    const struct phantom_plane *diffuse, const struct phantom_plane *gloss,
                    const struct phantom_plane *shadow, struct phantom_plane lin[3])
{
    const double scale = g->pose.scale * phantom_tissue_spread(&g->skin->spec.tissue);
    const int n = diffuse->w * diffuse->h;

    for (int i = 0; i < n; i++)
        lin[0].px[i] = diffuse->px[i] * expf(-shadow->px[i]);
    for (int c = 1; c < 3; c++)
        memcpy(lin[c].px, lin[0].px, (size_t)n * sizeof(float));
    for (int c = 0; c < 3; c++)
        phantom_blur(&lin[c], scatter_mm[c] * scale);
    for (int i = 0; i < n; i++) {
        const double opaque = (double)g->scale.px[i];
        const double sharp = (double)diffuse->px[i] * exp(-(double)shadow->px[i]);
        double od[3];

        phantom_optics_od(optics, (double)g->fm.px[i], (double)g->fb.px[i], od);
        for (int c = 0; c < 3; c++) {
            const double lit =
                scatter_contrast * sharp + (1 - scatter_contrast) * (double)lin[c].px[i];
            const double bare = exp(-od[c]) * lit + (double)gloss->px[i];
            const double seen = bare * (1 - opaque) + opaque * scale_reflectance * lit;
            lin[c].px[i] = (float)(seen * (1 - (double)g->hair.px[i]));
        }
    }
}

/* Automatic exposure, the light's colour and its fall-off. */
static void expose(const struct phantom_view *g, const struct phantom_optics *optics,
                   struct phantom_plane lin[3])
{
    const struct phantom_light *const l = g->light;
    double od[3], level;

    phantom_optics_od(optics, g->skin->spec.fm, g->skin->spec.fb, od);
    level = pow(0.45 * exp(od[0]), 0.7);
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < lin[c].h; y++)
            for (int x = 0; x < lin[c].w; x++) {
                const double fall = 1 + l->gradient_x * ((double)x / lin[c].w - 0.5) +
                                    l->gradient_y * ((double)y / lin[c].h - 0.5);
                float *const at = &lin[c].px[(ptrdiff_t)y * lin[c].w + x];
                *at = (float)((double)*at * l->gain * level * fall * optics->cast[c] * l->cast[c]);
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
    struct phantom_view g = { .skin = s, .light = light, .camera = *camera };
    struct phantom_plane diffuse, gloss, shadow;
    struct phantom_plane *const all[] = { &g.u,     &g.v,    &g.fm,    &g.fb,  &g.height,
                                          &g.scale, &g.hair, &diffuse, &gloss, &shadow,
                                          &lin[0],  &lin[1], &lin[2] };
    struct phantom_optics optics;

    scale_camera(&g.camera, oversample);
    g.pose = phantom_pose_of(s, &g.camera);
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        phantom_plane_init(all[i], g.camera.width, g.camera.height);
    phantom_optics_init(&optics, &s->spec.tissue, light);
    phantom_draw_maps(&g, kinds);
    shade(&g, &diffuse, &gloss);
    shadow_hollows(&g, &shadow);
    compose(&g, &optics, &diffuse, &gloss, &shadow, lin);
    expose(&g, &optics, lin);
    for (size_t i = 0; i + 3 < sizeof(all) / sizeof(*all); i++)
        phantom_plane_free(all[i]);
}
