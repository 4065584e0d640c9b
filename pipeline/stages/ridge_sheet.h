/* SPDX-License-Identifier: Apache-2.0 */
/* The second derivatives of a plane at one size, and how a band would respond there. */
#ifndef DERM_STAGES_RIDGE_SHEET_H
#define DERM_STAGES_RIDGE_SHEET_H

#include "kernels/kernels.h"
#include "stages/ridge.h"

enum { DERM_RIDGE_TURNS = 5 };

struct derm_sheet { /* second derivatives at one size */
    const struct derm_kernels *k;
    struct derm_plane px; /* a row holds one of xx, of xy and of yy, until they are woven */
    int w, h;
    const struct derm_mask *where;
    struct derm_second second;           /* of px, woven */
    struct derm_mask may;                /* where a pixel alone would be one of a line */
    struct derm_mask deep;               /* see derm_ridge_look_over */
    double noise;                        /* of the response to an even surface */
    double sign;                         /* -1 looks for dark bands, 1 for pale ones */
    int sight;                           /* px */
    double cap;                          /* of a response in a mean */
    double mean_noise, z_start, z_ahead; /* of a mean along 2 sight + 1 responses */
    struct derm_point turn[DERM_RIDGE_TURNS];
};

static inline struct derm_point derm_point_ahead(struct derm_point at, struct derm_point along,
                                                 double px)
{
    return (struct derm_point){ at.x + px * along.x, at.y + px * along.y };
}

/* What the derivatives weigh in the response to a band that runs along a unit vector. */
struct derm_across derm_sheet_view(const struct derm_sheet *s, struct derm_point along);

/* The planes of derivatives, not made yet; `where` is kept. */
derm_err derm_sheet_new(struct derm_run *run, struct derm_sheet *s,
                        const struct derm_mask *where) DERM_MUST_CHECK;

/* xx, xy or yy, before they are woven. */
struct derm_plane derm_sheet_plane(const struct derm_sheet *s, int which);

/* Responses to a band with the view v, at n places from `from` pixels along a direction on; 0
 * outside and where nothing is measured. */
void derm_sheet_respond(const struct derm_sheet *s, struct derm_point at, struct derm_point along,
                        int from, const struct derm_across *v, int n, double *out);

/* Mean response along the next stretch in a direction; v: across it. Where it cannot come to
 * `least` any more the rest is not looked at, and the mean is some value below. */
double derm_sheet_ahead(const struct derm_sheet *s, struct derm_point at, struct derm_point along,
                        const struct derm_across *v, double least);

/* The noise at one size, before the planes are woven; */
derm_err derm_sheet_noise(struct derm_run *run, struct derm_sheet *s,
                          struct derm_ridge_search *search, int size) DERM_MUST_CHECK;

/* and what has to stand out of it, afterwards. */
derm_err derm_sheet_limits(struct derm_run *run, struct derm_sheet *s,
                           struct derm_ridge_search *search, int size) DERM_MUST_CHECK;

#endif
