/* SPDX-License-Identifier: Apache-2.0 */
/* Dark round things of several sizes: maxima of the Laplacian of Gaussian over place and scale
 * (T. Lindeberg, IJCV 30, 79 (1998)), in units of what the skin around them does anyway. */
#ifndef DERM_STAGES_PITS_H
#define DERM_STAGES_PITS_H

#include "stages/stage.h"

struct derm_pit {
    double x, y;             /* px, to a fraction of a pixel */
    double sigma_px;         /* of the filter that responds most; a Gaussian blob's own sigma */
    double response;         /* scale-normalised, in the units of the plane; dark: positive */
    double slope_x, slope_y; /* sigma times those of the smoothed plane at its place */
    double z;                /* largest response / local noise of the responses at that scale */
    double ratio;            /* smaller / larger curvature: 1 round, 0 a line, < 0 a saddle */
    int scale;               /* index into sigma_mm, nearest to sigma_px */
    double around;           /* for accept to note: what surrounds it, in the units of the plane */
};

enum { DERM_MAX_PIT_SCALES = 8 };
struct derm_pit_aim;

struct derm_pit_search {
    double sigma_mm[DERM_MAX_PIT_SCALES];
    int scales;
    unsigned unwanted; /* bit i: what responds most to size i is something else, and left out */
    double px_per_mm;
    double z_min;
    double min_ratio; /* of curvatures, see derm_pit_ratio; a line hides no round thing beside it */
    double ratio_error; /* of that ratio at z = 1: what is faint may look longer than it is */
    double apart_mm;    /* of pits nearer than this the strongest counts */
    double window_mm;   /* sigma of the window in which the noise is taken */
    /* 0, 0: dark spots, by the Laplacian. Else the unit vector towards the light, for hollows that
     * show as a shadow on its side and a gleam on the other, by the slope. */
    double toward_x, toward_y;
    /* What else is asked of a pit, with the weights of its place and size; NULL: nothing. Called
     * for many at a time, on several threads, in order of place: what lies there is in the cache.
     */
    bool (*accept)(const void *asker, struct derm_pit *pit, const struct derm_pit_aim *aim);
    const void *asker;
};

/* The pits of plane (optical density: dark is large) whose centres lie in `where`, strongest
 * first. *out is allocated in run->scratch. */
derm_err derm_pits_find(struct derm_run *run, const struct derm_plane *plane,
                        const struct derm_mask *where, const struct derm_pit_search *search,
                        struct derm_pit **out, int *n) DERM_MUST_CHECK;

/* ---- one place */

enum { DERM_PIT_REACH = 128, DERM_PIT_WEIGHTS = 272, DERM_PIT_PHASES = 16 };

struct derm_pit_axis { /* weights of samples first .. first + n - 1, for derivatives 0, 1, 2 */
    int first, n;
    const float *d[3];
};
struct derm_pit_aim { /* a place and a size; holds pointers into itself: not to be copied */
    double sigma_px;
    struct derm_pit_axis x, y;
    float weight[2][3][DERM_PIT_WEIGHTS];
};

/* What the smoothed plane does at a place: sigma^2 times the second derivatives, sigma times the
 * slopes. */
struct derm_pit_look {
    double xx, xy, yy, x, y;
};

void derm_pit_aim(struct derm_pit_aim *aim, double x, double y, double sigma_px);
struct derm_pit_look derm_pit_look(const struct derm_kernels *k, const struct derm_plane *plane,
                                   const struct derm_pit_aim *aim);

/* Response to a dark spot; dark: positive. */
static inline double derm_pit_response(const struct derm_pit_look *l)
{
    return -(l->xx + l->yy);
}
/* Smaller / larger curvature of a dark spot. */
double derm_pit_ratio(const struct derm_pit_look *l);

/* For a quick look at many places with one size, to the nearest 1/16 px. variance_px is what is
 * left to be smoothed of sigma_px squared on a coarse copy. In run->scratch. */
struct derm_pit_sight {
    double sigma_px;
    int reach;
    const float *d[DERM_PIT_PHASES][3];
};
derm_err derm_pit_sight_new(struct derm_run *run, struct derm_pit_sight *s, double sigma_px,
                            double variance_px) DERM_MUST_CHECK;
struct derm_pit_look derm_pit_glance(const struct derm_kernels *k, const struct derm_plane *plane,
                                     const struct derm_pit_sight *s, double x, double y);

/* ---- its surround */

struct derm_footprint {
    int *pixel; /* y w + x, of the plane's width w */
    int n;
};

/* Takes the pixels that hang together with the one at the centre, exceed the threshold, lie within
 * radius_px and are not yet taken. The list is allocated in run->scratch. */
derm_err derm_pit_grow(struct derm_run *run, struct derm_mask *taken,
                       const struct derm_plane *plane, struct derm_point centre, double threshold,
                       double radius_px, struct derm_footprint *out) DERM_MUST_CHECK;

/* Mean of the plane over the ring lo_px <= r <= hi_px where the mask is set; count of pixels. */
double derm_pit_ring(const struct derm_plane *plane, const struct derm_mask *where, double x,
                     double y, double lo_px, double hi_px, int *count);

/* Share of the disc of radius_px around a place where the mask is set. */
double derm_pit_share(const struct derm_mask *where, double x, double y, double radius_px);

#endif
