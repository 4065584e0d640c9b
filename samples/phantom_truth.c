/* SPDX-License-Identifier: Apache-2.0 */
/* What truly changed, in the terms in which it is measured. Half the depth of a pore is not half
 * its darkness, so the truth is read from ideal renderings with and without the features. */
#include <math.h>
#include <stdlib.h>

#include "phantom_samples.h"

static const double window_mm = 36; /* of the skin, enough features for a stable mean */
static const double beside_mm = 8;  /* around the frame, for both sides of a curve */
static const double slow_mm = 2;    /* shading of scars is measured against this surround */

static const struct phantom_light ideal = { .azimuth_deg = 90,
                                            .elevation_deg = 50,
                                            .ambient = 0.35,
                                            .gain = 1,
                                            .cct_k = 6504,
                                            .awb = 1,
                                            .cast = { 1, 1, 1 } };

/* Green light from the skin, laid flat, in ideal light. */
static struct phantom_plane picture(const struct phantom_skin *s, unsigned kinds, int w, int h,
                                    double px_per_mm)
{
    const struct phantom_camera camera = {
        .width = w, .height = h, .px_per_mm = px_per_mm, .zoom = 1
    };
    struct phantom_skin flat = *s; /* shares what s owns */
    struct phantom_plane lin[3];

    flat.spec.radius_mm = 0;
    phantom_render(&flat, &ideal, &camera, kinds, 1, lin);
    phantom_plane_free(&lin[0]);
    phantom_plane_free(&lin[2]);
    return lin[1];
}

/* The skin without objects: all of it, or the middle, where the load of kinds with many small
 * objects is read. */
static struct phantom_plane bare(const struct phantom_skin *s, int all, double px_per_mm)
{
    const double w = all ? s->spec.width_mm + 2 * beside_mm : fmin(s->spec.width_mm, window_mm);
    const double h = all ? s->spec.height_mm + 2 * beside_mm : fmin(s->spec.height_mm, window_mm);

    return picture(s, 0, (int)(w * px_per_mm), (int)(h * px_per_mm), px_per_mm);
}

/* Optical density that the skin with objects of these kinds (bits) has above another. */
static struct phantom_plane added(const struct phantom_skin *s, unsigned kinds,
                                  const struct phantom_plane *without, double px_per_mm)
{
    struct phantom_plane d = picture(s, kinds, without->w, without->h, px_per_mm);

    for (int i = 0; i < d.w * d.h; i++)
        d.px[i] = logf(without->px[i] / d.px[i]);
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

static double contrast_of(const struct phantom_plane *d, const struct phantom_object *o,
                          double px_per_mm)
{
    const double x = o->x_mm * px_per_mm + 0.5 * (d->w - 1);
    const double y = o->y_mm * px_per_mm + 0.5 * (d->h - 1);

    return depth(d, x, y, o->radius_mm * px_per_mm);
}

static double blobs(const struct phantom_skin *s, const struct phantom_plane *d,
                    enum phantom_kind kind, double px_per_mm)
{
    double sum = 0;

    for (int i = 0; i < s->n; i++)
        if (s->object[i].kind == kind) sum += contrast_of(d, &s->object[i], px_per_mm);
    return sum / (d->w * d->h / (px_per_mm * px_per_mm)) * 100;
}

/* ---- bands */

enum { PROFILE = 161 }; /* samples across, up to 2.5 widths to both sides */

/* The picture at a place on the curve; 0 and *seen 0 outside it. */
static double on_curve(const struct phantom_plane *d, const struct phantom_curve *c,
                       double px_per_mm, double s_mm, double t_mm, int *seen)
{
    double x, y, fx, fy;
    const float *at;

    phantom_curve_point(c, s_mm, t_mm, &x, &y);
    x = x * px_per_mm + 0.5 * (d->w - 1);
    y = y * px_per_mm + 0.5 * (d->h - 1);
    *seen = x >= 0 && y >= 0 && x < d->w - 1 && y < d->h - 1;
    if (!*seen) return 0;
    at = d->px + (ptrdiff_t)y * d->w + (ptrdiff_t)x;
    fx = x - floor(x);
    fy = y - floor(y);
    return (1 - fy) * ((1 - fx) * (double)at[0] + fx * (double)at[1]) +
           fy * ((1 - fx) * (double)at[d->w] + fx * (double)at[d->w + 1]);
}

static double offset_mm(const struct phantom_curve *c, int k)
{
    return 2.5 * c->width_mm * (2.0 * k / (PROFILE - 1) - 1);
}

/* Mean of the profile between two distances from the middle, in widths. */
static double mean_between(const double profile[PROFILE], double near, double far)
{
    double sum = 0;
    int n = 0;

    for (int k = 0; k < PROFILE; k++) {
        const double t = fabs(2.5 * (2.0 * k / (PROFILE - 1) - 1));
        if (t < near || t > far) continue;
        sum += profile[k];
        n++;
    }
    return sum / n;
}

/* How far from its peak a profile falls to half, in samples; step is 1 or -1. */
static double half_way(const double profile[PROFILE], int peak, int step)
{
    const double half = 0.5 * profile[peak];

    for (int k = peak; k + step >= 0 && k + step < PROFILE; k += step)
        if (profile[k + step] < half)
            return abs(k - peak) + (profile[k] - half) / (profile[k] - profile[k + step]);
    return 0;
}

/* Mean profile across the middle eight tenths, against both sides and positive; returns its sign,
 * or 0 when nothing is seen of the curve. */
static double mean_profile(const struct phantom_plane *d, const struct phantom_curve *c,
                           double px_per_mm, double profile[PROFILE])
{
    const int steps = (int)ceil(1.6 * c->length_mm * px_per_mm); /* of half a pixel */
    double sides, sign;

    for (int k = 0; k < PROFILE; k++) {
        int n = 0;
        profile[k] = 0;
        for (int i = 0; i <= steps; i++) {
            const double s = 0.8 * c->length_mm * ((double)i / steps - 0.5);
            int seen;
            profile[k] += on_curve(d, c, px_per_mm, s, offset_mm(c, k), &seen);
            n += seen;
        }
        if (!n) return 0;
        profile[k] /= n;
    }
    sides = mean_between(profile, 1.5, 2.5);
    sign = mean_between(profile, 0, 0.5) < sides ? -1 : 1;
    for (int k = 0; k < PROFILE; k++)
        profile[k] = sign * (profile[k] - sides);
    return sign;
}

static struct phantom_band band_of(const struct phantom_plane *d, const struct phantom_curve *c,
                                   double px_per_mm)
{
    struct phantom_band band = { 0 };
    const double end = phantom_curve_end(c);
    const int steps = (int)ceil(4 * end * px_per_mm);
    double profile[PROFILE], sign;
    int peak = PROFILE / 2, seen;

    sign = mean_profile(d, c, px_per_mm, profile);
    if (sign == 0) return band;
    for (int k = PROFILE / 4; k <= PROFILE - 1 - PROFILE / 4; k++)
        if (profile[k] > profile[peak]) peak = k;
    band.width_mm = (half_way(profile, peak, 1) + half_way(profile, peak, -1)) *
                    (5 * c->width_mm / (PROFILE - 1));
    band.contrast = sign * mean_between(profile, 0, 0.5);
    for (int i = 0; i < steps; i++) {
        const double s = end * ((2.0 * i + 1) / steps - 1);
        const double left = on_curve(d, c, px_per_mm, s, -2 * c->width_mm, &seen);
        const double right = on_curve(d, c, px_per_mm, s, 2 * c->width_mm, &seen);
        const double in = on_curve(d, c, px_per_mm, s, 0, &seen) - 0.5 * (left + right);
        if (seen && sign * in > 0.5 * sign * band.contrast) band.length_mm += 2 * end / steps;
    }
    return band;
}

/* ---- what others call */

void phantom_contrasts(const struct phantom_skin *s, enum phantom_kind kind, double px_per_mm,
                       double *contrast)
{
    struct phantom_plane without = bare(s, 1, px_per_mm);
    struct phantom_plane d = added(s, 1u << kind, &without, px_per_mm);

    for (int i = 0; i < s->n; i++)
        contrast[i] = s->object[i].kind == kind ? contrast_of(&d, &s->object[i], px_per_mm) : 0;
    phantom_plane_free(&d);
    phantom_plane_free(&without);
}

static void read_bands(const struct phantom_skin *s, enum phantom_kind kind,
                       const struct phantom_plane *d, double px_per_mm, struct phantom_band *bands)
{
    for (int i = 0; i < s->curves; i++)
        bands[i] = s->curve[i].kind == kind ? band_of(d, &s->curve[i], px_per_mm)
                                            : (struct phantom_band){ 0 };
}

void phantom_bands(const struct phantom_skin *s, enum phantom_kind kind, double px_per_mm,
                   struct phantom_band *bands)
{
    struct phantom_plane without = bare(s, 1, px_per_mm);
    struct phantom_plane d = added(s, 1u << kind, &without, px_per_mm);

    read_bands(s, kind, &d, px_per_mm, bands);
    phantom_plane_free(&d);
    phantom_plane_free(&without);
}

/* Contrast, whichever way: its mean over the length of all, or times length per cm2. */
static double band_load(const struct phantom_skin *s, enum phantom_kind kind,
                        const struct phantom_plane *d, double px_per_mm)
{
    struct phantom_band *const band = phantom_alloc((size_t)s->curves, sizeof(*band));
    double sum = 0, length = 0;

    read_bands(s, kind, d, px_per_mm, band);
    for (int i = 0; i < s->curves; i++) {
        sum += fabs(band[i].contrast) * band[i].length_mm;
        length += band[i].length_mm;
    }
    free(band);
    if (kind == PHANTOM_LINEAR_SCAR || kind == PHANTOM_STRIA) return length > 0 ? sum / length : 0;
    return 100 * sum / (d->w * d->h / (px_per_mm * px_per_mm));
}

/* Percent of the skin that flakes cover. */
static double flaked(const struct phantom_skin *s, const struct phantom_plane *window,
                     double px_per_mm)
{
    const struct phantom_camera camera = {
        .width = window->w, .height = window->h, .px_per_mm = px_per_mm, .zoom = 1
    };
    struct phantom_skin flat = *s; /* shares what s owns */

    flat.spec.radius_mm = 0;
    return 100 * phantom_labelled_share(&flat, &camera, PHANTOM_FLAKE);
}

static double load_above(const struct phantom_skin *s, enum phantom_kind kind,
                         const struct phantom_plane *without, double px_per_mm)
{
    struct phantom_plane d;
    double load = 0;

    if (kind == PHANTOM_FLAKE) return flaked(s, without, px_per_mm);
    d = added(s, 1u << kind, without, px_per_mm);

    if (phantom_is_curve(kind)) {
        load = band_load(s, kind, &d, px_per_mm);
    } else if (kind == PHANTOM_SCAR) {
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

double phantom_load(const struct phantom_skin *s, enum phantom_kind kind, double px_per_mm)
{
    struct phantom_plane without = bare(s, phantom_is_curve(kind), px_per_mm);
    const double load = load_above(s, kind, &without, px_per_mm);

    phantom_plane_free(&without);
    return load;
}

double phantom_true_change(const struct phantom_skin *s, enum phantom_kind kind)
{
    static const double px_per_mm = 9;
    struct phantom_skin whole = *s;
    struct phantom_plane without;
    double before, now;

    if (s->spec.fade[kind] <= 0) return 0;
    whole.spec.fade[kind] = 0;
    without = bare(s, phantom_is_curve(kind), px_per_mm);
    before = load_above(&whole, kind, &without, px_per_mm);
    now = load_above(s, kind, &without, px_per_mm);
    phantom_plane_free(&without);
    return before > 0 ? 100 * (now / before - 1) : 0;
}

static double relief_above(const struct phantom_skin *s, const struct phantom_plane *without,
                           double px_per_mm)
{
    struct phantom_plane d = added(s, 0, without, px_per_mm);
    const double rms = relief(&d, px_per_mm);

    phantom_plane_free(&d);
    return rms;
}

double phantom_true_smoothing(const struct phantom_skin *s)
{
    static const double px_per_mm = 9;
    struct phantom_skin flat = *s, whole = *s;
    struct phantom_plane without;
    double before, now;

    if (s->spec.smoothing <= 0) return 0;
    flat.spec.smoothing = 1;
    whole.spec.smoothing = 0;
    without = bare(&flat, 0, px_per_mm);
    before = relief_above(&whole, &without, px_per_mm);
    now = relief_above(s, &without, px_per_mm);
    phantom_plane_free(&without);
    return 100 * (now / before - 1);
}
