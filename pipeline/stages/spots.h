/* SPDX-License-Identifier: Apache-2.0 */
/* Spots and fields of one pigment: found on its map, drawn, and measured against the skin around
 * them. What pigmentation (melanin) and redness (haemoglobin) have in common. */
#ifndef DERM_STAGES_SPOTS_H
#define DERM_STAGES_SPOTS_H

#include "stages/fields.h"
#include "stages/reduced.h"
#include "stages/ring.h"

struct derm_spot_limits { /* meaning and source: options of the stages */
    float max_px_per_mm, fill_mm, max_hole_mm2, max_hole_face_mm2;
    float min_z, min_z_fine, fine_mm, min_response, sure_response, min_roundness;
    float smooth_mm, reach_sigma, edge_od, min_mm2, max_mm2, min_axis_ratio, max_open, max_leak;
    float min_contrast_spot, large_mm2, min_contrast_large, min_contrast_field;
    float ring_near_mm, ring_far_mm, field_ring_near_mm, field_ring_far_mm, half;
    struct derm_field_limits field;
};

struct derm_spot_search { /* everything on the reduced grid, in run->scratch */
    const struct derm_spot_limits *limits;
    const struct derm_view *view;
    const struct derm_mask *of; /* the grid's mask */
    struct derm_reduced reduced;
    struct derm_plane map;  /* of the pigment, optical density */
    struct derm_mask whole; /* where, and its small holes: what is searched */
    struct derm_labels labels;
    struct derm_object *item;
    int n;
};

/* The prepare of a segmenter, see segment.h: a search up to its map. weight: of the pigment, on
 * view->od. */
derm_err derm_spots_prepare(struct derm_run *run, const struct derm_spot_limits *limits,
                            const struct derm_view *view, const float weight[3],
                            const struct derm_mask *where, const void **prepared) DERM_MUST_CHECK;

/* Blobs that are darker than what is around, each with its region; then those that stand out. */
derm_err derm_spots_find(struct derm_run *run, const void *prepared,
                         struct derm_spot_search *s) DERM_MUST_CHECK;

/* Adds diffuse fields where no spot is, as far as they stand out. */
derm_err derm_spots_add_fields(struct derm_run *run, const float broad[3],
                               struct derm_spot_search *s) DERM_MUST_CHECK;

/* Contrast of object i in any plane of the reduced grid. threshold: see derm_ring_measure. */
derm_err derm_spots_measure(struct derm_run *run, const struct derm_spot_search *s,
                            const struct derm_plane *plane, int i, const struct derm_box *box,
                            double threshold, struct derm_ring_contrast *out) DERM_MUST_CHECK;

/* The part of the reduced grid that derm_spots_measure looks at for object i. */
struct derm_box derm_spots_around(const struct derm_spot_search *s, int i,
                                  const struct derm_box *box);

/* Keeps the objects with a new number (1..kept, rising; 0: dropped), in the list and the labels. */
void derm_spots_keep(struct derm_spot_search *s, const int *number, int kept);

/* The list, in grid px, and its labels; in run->keep. */
derm_err derm_spots_hand_over(struct derm_run *run, const struct derm_spot_search *s,
                              struct derm_objects *out) DERM_MUST_CHECK;

/* Sets base_value and base_area_px of what was handed over, without another reduction. */
derm_err derm_spots_sample_found(struct derm_run *run, const struct derm_spot_search *s,
                                 struct derm_objects *out) DERM_MUST_CHECK;

/* The sample of a segmenter, see segment.h. */
derm_err derm_spots_sample(struct derm_run *run, const void *params, const void *prepared,
                           const struct derm_objects *objects, int first, double *value,
                           double *area_px) DERM_MUST_CHECK;

#endif
