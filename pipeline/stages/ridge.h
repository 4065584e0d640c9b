/* SPDX-License-Identifier: Apache-2.0 */
/* Long bands that are darker or paler than what lies on both sides of them, traced along their
 * middle: by the second derivative across (C. Steger, IEEE PAMI 20, 113 (1998)), in units of what
 * the plane does anyway at that width. */
#ifndef DERM_STAGES_RIDGE_H
#define DERM_STAGES_RIDGE_H

#include "stages/stage.h"

struct derm_ridge {
    struct derm_point *at; /* plane px, about one pixel apart */
    int n;
    bool pale; /* than its surround; else dark */
    double z;  /* mean response over the noise that it has along a line of this length; searches
                  that are by_mean only */
    double strength; /* sum of the responses along it, in units of the noise */
};

enum { DERM_MAX_RIDGE_SIZES = 4 };

struct derm_ridge_search {
    double sigma_mm[DERM_MAX_RIDGE_SIZES];
    int sizes;
    double noise[DERM_MAX_RIDGE_SIZES]; /* of the second derivative at each size; 0: measured and
                                           set, so that a second plane can be judged by it */
    const struct derm_mask *usual;      /* where it is measured; NULL: where is searched */
    int most;                           /* ridges, of all sizes together */
    bool dark_only;                     /* pale bands are not sought */
    double px_per_mm;
    bool by_mean; /* z_start and z_ahead are in units of the noise of a mean along a line of twice
                     sight_mm: what repeats along a line stands out of what does not */
    double mean_noise[DERM_MAX_RIDGE_SIZES]; /* that, in units of noise; 0: as noise */
    double cap;           /* a response counts for so much at most: a pore is no line; 0: for all */
    double min_radius_mm; /* how sharply a trace may turn; 0: 10 degrees a pixel */
    double z_point;       /* least response where a trace starts, */
    double z_start;       /* and mean along a line through it */
    double z_ahead;       /* a trace ends where the mean response of what lies ahead is less, */
    double share;         /* or falls to this share of its own mean */
    double sight_mm;      /* length of what lies ahead, and of half that line */
    double min_length_mm; /* shorter traces are left out */
};

/* The ridges of plane in `where`, strongest first; one band may come as several, of different
 * sizes. *out is allocated in run->scratch. */
derm_err derm_ridges_find(struct derm_run *run, const struct derm_plane *plane,
                          const struct derm_mask *where, struct derm_ridge_search *search,
                          struct derm_ridge **out, int *n) DERM_MUST_CHECK;

#endif
