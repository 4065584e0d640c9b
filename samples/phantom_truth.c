/* SPDX-License-Identifier: Apache-2.0 */
/* What truly changed, in the terms in which it is measured. Half the depth of a pore is not half
 * its darkness, so the truth is read from ideal renderings with and without the features. */
#include <math.h>

#include "phantom.h"

static const double window_mm = 36; /* of the skin, enough features for a stable mean */
static const double slow_mm = 2;    /* shading of scars is measured against this surround */

static const struct phantom_light ideal = { .azimuth_deg = 90,
                                            .elevation_deg = 50,
                                            .ambient = 0.35,
                                            .gain = 1,
                                            .cct_k = 6504,
                                            .awb = 1,
                                            .cast = { 1, 1, 1 } };

/* Green optical density that objects of the kind add. */
static struct phantom_plane added(const struct phantom_skin *s, enum phantom_kind kind,
                                  double px_per_mm)
{
    struct phantom_plane with[3], without[3], d;
    struct phantom_camera camera = { .px_per_mm = px_per_mm, .zoom = 1 };

    camera.width = (int)(fmin(s->spec.width_mm, window_mm) * px_per_mm);
    camera.height = (int)(fmin(s->spec.height_mm, window_mm) * px_per_mm);
    phantom_render(s, &ideal, &camera, 1u << kind, 1, with);
    phantom_render(s, &ideal, &camera, 0, 1, without);
    phantom_plane_init(&d, camera.width, camera.height);
    for (int i = 0; i < d.w * d.h; i++)
        d.px[i] = logf(without[1].px[i] / with[1].px[i]);
    for (int c = 0; c < 3; c++) {
        phantom_plane_free(&with[c]);
        phantom_plane_free(&without[c]);
    }
    return d;
}

/* Root of the mean square against the slow surround. */
static double relief(const struct phantom_plane *d, double px_per_mm)
{
    const int n = d->w * d->h;
    struct phantom_plane slow;
    double sum = 0;

    phantom_plane_init(&slow, d->w, d->h);
    for (int i = 0; i < n; i++)
        slow.px[i] = d->px[i];
    phantom_blur(&slow, slow_mm * px_per_mm);
    for (int i = 0; i < n; i++)
        sum += (double)(d->px[i] - slow.px[i]) * (double)(d->px[i] - slow.px[i]);
    phantom_plane_free(&slow);
    return sqrt(sum / n);
}

/* Mean within the radius minus mean of the ring between 1.5 and 2.5 radii; 0 at the rim. */
static double depth(const struct phantom_plane *d, double x, double y, double radius_px)
{
    const int reach = (int)ceil(2.5 * radius_px), x0 = (int)lround(x), y0 = (int)lround(y);
    double inside = 0, around = 0;
    int n_inside = 0, n_around = 0;

    if (x0 < reach || y0 < reach || x0 + reach >= d->w || y0 + reach >= d->h) return 0;
    for (int j = y0 - reach; j <= y0 + reach; j++)
        for (int i = x0 - reach; i <= x0 + reach; i++) {
            const double r = hypot(i - x, j - y) / radius_px;
            const double v = (double)d->px[(ptrdiff_t)j * d->w + i];
            if (r <= 1) {
                inside += v;
                n_inside++;
            } else if (r >= 1.5 && r <= 2.5) {
                around += v;
                n_around++;
            }
        }
    return n_inside && n_around ? inside / n_inside - around / n_around : 0;
}

static double blobs(const struct phantom_skin *s, const struct phantom_plane *d,
                    enum phantom_kind kind, double px_per_mm)
{
    double sum = 0;

    for (int i = 0; i < s->n; i++) {
        const struct phantom_object *const o = &s->object[i];
        const double x = o->x_mm * px_per_mm + 0.5 * (d->w - 1);
        const double y = o->y_mm * px_per_mm + 0.5 * (d->h - 1);
        if (o->kind == kind) sum += depth(d, x, y, o->radius_mm * px_per_mm);
    }
    return sum / (d->w * d->h / (px_per_mm * px_per_mm)) * 100;
}

double phantom_load(const struct phantom_skin *s, enum phantom_kind kind, double px_per_mm)
{
    struct phantom_plane d = added(s, kind, px_per_mm);
    double load = 0;

    if (kind == PHANTOM_SCAR) {
        load = relief(&d, px_per_mm);
    } else if (kind == PHANTOM_PORE) {
        load = blobs(s, &d, kind, px_per_mm);
    } else {
        for (int i = 0; i < d.w * d.h; i++)
            load += (double)d.px[i] * 100 / (d.w * d.h);
    }
    phantom_plane_free(&d);
    return load;
}

double phantom_true_change(const struct phantom_skin *s, enum phantom_kind kind)
{
    static const double px_per_mm = 9;
    struct phantom_skin whole = *s;
    double before, now;

    if (s->spec.fade[kind] <= 0) return 0;
    whole.spec.fade[kind] = 0;
    before = phantom_load(&whole, kind, px_per_mm);
    now = phantom_load(s, kind, px_per_mm);
    return before > 0 ? 100 * (now / before - 1) : 0;
}
