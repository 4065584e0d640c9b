/* SPDX-License-Identifier: Apache-2.0 */
/* Local contrast: a feature against the ring of skin around it. */
#ifndef DERM_STAGES_RING_H
#define DERM_STAGES_RING_H

#include "stages/stage.h"

struct derm_scene { /* planes of one size: what is measured, where, and which objects are there */
    const struct derm_plane *value;
    const struct derm_mask *where;
    const struct derm_labels *labels;
    const struct derm_object *objects; /* by label - 1; a diffuse field may lie in another's ring */
};
struct derm_box { /* pixels, inclusive; x1 < x0: empty */
    int x0, y0, x1, y1;
};

struct derm_ring_contrast {
    bool measured;       /* the ring has enough skin */
    double contrast;     /* mean inside minus the ring's plane, continued inside */
    double area_px;      /* of the footprint; its holes in the mask count, by what fills them */
    double half_area_px; /* those of them above the threshold that was asked for */
    double plane[3];     /* at the box's corner x0, y0: plane[0] + plane[1] dx + plane[2] dy */
};

/* The boxes of labels 1..n; box[0] is not used. */
void derm_label_boxes(const struct derm_labels *labels, int n, struct derm_box *box);

/* The ring reaches from near_px to far_px outside the footprint of the label, without other
 * objects. A plane is fitted to it with Cauchy weights, so that a gradient of the light cancels and
 * hair or an overlooked spot in the ring counts little. threshold: above the plane. */
derm_err derm_ring_measure(struct derm_run *run, const struct derm_scene *scene, int label,
                           const struct derm_box *box, double near_px, double far_px,
                           double threshold, struct derm_ring_contrast *out) DERM_MUST_CHECK;

#endif
