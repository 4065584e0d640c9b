/* SPDX-License-Identifier: Apache-2.0 */
/* How uneven the colour of a skin truly is: from the maps of its pigments, never from a picture. */
#include <math.h>

#include "phantom_view.h"

static const double fine_mm = 0.5, broad_mm = 10; /* features 1 to 20 mm wide */

static const struct phantom_light daylight = {
    .gain = 1, .cct_k = 6504, .awb = 1, .cast = { 1, 1, 1 }
};

static double distance(const double a[3], const double b[3])
{
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
                (a[2] - b[2]) * (a[2] - b[2]));
}

/* A pigment's map becomes the optical density that it has beyond the base skin. */
static void to_density(struct phantom_plane *map, const struct phantom_spec *spec, int blood)
{
    struct phantom_optics optics;
    double base[3];

    phantom_optics_init(&optics, &spec->tissue, &daylight);
    phantom_optics_od(&optics, spec->fm, spec->fb, base);
    for (int i = 0; i < map->w * map->h; i++) {
        const double v = (double)map->px[i];
        double od[3];

        phantom_optics_od(&optics, blood ? spec->fm : v, blood ? v : spec->fb, od);
        map->px[i] = (float)copysign(distance(od, base), v - (blood ? spec->fb : spec->fm));
    }
}

static void keep_band(struct phantom_plane *map, double px_per_mm)
{
    struct phantom_plane broad;

    phantom_plane_init(&broad, map->w, map->h);
    for (int i = 0; i < map->w * map->h; i++)
        broad.px[i] = map->px[i];
    phantom_blur(map, fine_mm * px_per_mm);
    phantom_blur(&broad, broad_mm * px_per_mm);
    for (int i = 0; i < map->w * map->h; i++)
        map->px[i] -= broad.px[i];
    phantom_plane_free(&broad);
}

double phantom_evenness(const struct phantom_skin *s, double px_per_mm)
{
    struct phantom_skin flat = *s; /* shares what s owns */
    const struct phantom_camera camera = { .width = (int)(s->spec.width_mm * px_per_mm),
                                           .height = (int)(s->spec.height_mm * px_per_mm),
                                           .px_per_mm = px_per_mm,
                                           .zoom = 1 };
    struct phantom_view g = { .skin = &flat, .camera = camera };
    struct phantom_plane *const all[] = { &g.u, &g.v, &g.fm, &g.fb, &g.height, &g.scale, &g.hair };
    const int n = camera.width * camera.height;
    double sum = 0;

    flat.spec.radius_mm = 0;
    g.pose = phantom_pose_of(&flat, &g.camera);
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        phantom_plane_init(all[i], camera.width, camera.height);
    phantom_draw_maps(&g, (1u << PHANTOM_KINDS) - 1);
    to_density(&g.fm, &s->spec, 0);
    to_density(&g.fb, &s->spec, 1);
    keep_band(&g.fm, px_per_mm);
    keep_band(&g.fb, px_per_mm);
    for (int i = 0; i < n; i++)
        sum += hypot((double)g.fm.px[i], (double)g.fb.px[i]);
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        phantom_plane_free(all[i]);
    return sum / n;
}
