/* SPDX-License-Identifier: Apache-2.0 */
/* Bright round things of a plane, at several scales: candidates, and the region of each. */
#ifndef DERM_STAGES_BLOBS_H
#define DERM_STAGES_BLOBS_H

#include "stages/stage.h"

struct derm_blob_limits {
    const double *sigma_mm; /* scales, rising */
    int scales;
    double min_z;      /* response in robust sd of the response over the skin */
    double min_z_fine; /* the same at scales below fine_mm */
    double fine_mm;
    double min_response;  /* scale-normalised, unit of the plane */
    double sure_response; /* the same: from here on no spread is asked */
    double min_roundness; /* of the Hessian at the centre: smaller / larger curvature */
};

struct derm_blob {
    double x, y;     /* px of the plane */
    double sigma_px; /* px of the plane */
    double response; /* -sigma^2 Laplacian, unit of the plane */
};
struct derm_blobs {
    struct derm_blob *item;
    int n;
};

/* Local maxima of the Laplacian of Gaussian at every scale, strongest first. The plane has values
 * outside the mask, too; centres are in the mask. usual: where the spread that a peak has to stand
 * out of is measured. In run->scratch. */
derm_err derm_blobs_find(struct derm_run *run, const struct derm_plane *plane,
                         const struct derm_mask *where, const struct derm_mask *usual,
                         double px_per_mm, const struct derm_blob_limits *limits,
                         struct derm_blobs *out) DERM_MUST_CHECK;

struct derm_region_shape {
    double area_px, axis_ratio; /* minor / major of the second moments, (0, 1] */
    double x, y;                /* centroid */
    double open;                /* share of its rim where the mask or another label ends it, 0..1 */
    double leak;                /* share of its rim where it goes on beyond the reach */
};

struct derm_growth {
    double reach_sigma; /* how far, in sigma of the blob */
    double most;        /* height above the surroundings that always belongs to the blob */
};

/* Gives label to the connected pixels around the blob that lie above half of its height or above
 * the most that is asked for, within reach and free of other labels. area_px is 0, and nothing is
 * labelled, when there is no skin around it to compare with. */
derm_err derm_blob_grow(struct derm_run *run, const struct derm_plane *plane,
                        const struct derm_mask *where, const struct derm_blob *blob,
                        const struct derm_growth *growth, int label, struct derm_labels *labels,
                        struct derm_region_shape *shape) DERM_MUST_CHECK;

/* Takes the label back. */
void derm_blob_erase(const struct derm_blob *blob, double reach_sigma, int label,
                     struct derm_labels *labels);

#endif
