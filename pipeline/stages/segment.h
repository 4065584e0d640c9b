/* SPDX-License-Identifier: Apache-2.0 */
/* A segmenter finds one kind of feature on a view and samples it at given places. It reads optical
 * density and pigment maps, never RGB. One stage per concern, all with this signature.
 *
 * Change is measured on the union of what both photos show, at the same places: objects are found
 * in each photo, merged (objects nearer than merge_mm are one), then both views are sampled at
 * every merged place. Selecting on one photo alone fakes a change (winner's curse). */
#ifndef DERM_STAGES_SEGMENT_H
#define DERM_STAGES_SEGMENT_H

#include "stages/stage.h"

struct derm_segmenter {
    enum derm_kind kind; /* the objects it makes */
    double merge_mm;
    bool summed_over_area; /* value is a sum over the footprint's pixels */

    /* What find and sample both need of a view and of `where` (skin, or skin common to both
     * photos), made once. In run->scratch. */
    derm_err (*prepare)(struct derm_run *run, const void *params, const struct derm_view *view,
                        const struct derm_mask *where, const void **prepared);

    /* The objects of the view whose centre lies in `where`; on a lone photo with base_value and
     * base_area_px as sample would give them. Items and labels are
     * allocated in run->keep; run->scratch is free to use. Labels are left out where objects are
     * told apart by their centres alone (pores). */
    derm_err (*find)(struct derm_run *run, const void *params, const void *prepared,
                     struct derm_objects *out);

    /* The quantity whose sum is the concern's main metric, and the area at half maximum (grid px2),
     * of each object from `first` on, at its place and scale in this view: no search for a local
     * maximum, which would rectify noise. value[n] and area_px[n] belong to the caller.
     *   pores         amplitude (scale-normalised LoG response, optical density)
     *   pigmentation  area_px x contrast within the object's footprint (optical density x grid px2)
     *   scars         area_px x (relief energy - background energy) within the footprint (od^2 x
     * px2) */
    derm_err (*sample)(struct derm_run *run, const void *params, const void *prepared,
                       const struct derm_objects *objects, int first, double *value,
                       double *area_px);
};

/* Prepares a view and finds on it. */
derm_err derm_segment_find(struct derm_run *run, const struct derm_segmenter *s, const void *params,
                           const struct derm_view *view, const struct derm_mask *where,
                           struct derm_objects *out) DERM_MUST_CHECK;

/* The body of a segmenter's stage: the photo, or both photos of a pair and their union, into
 * objects[kind]. What measure would refuse (a refused pair, photos too bad for the concern, no
 * scale) is not searched for and has no objects. */
derm_err derm_segment(struct derm_run *run, const struct derm_segmenter *s,
                      const void *params) DERM_MUST_CHECK;

/* Whether any metric of the concern can come of it: what the photos are too bad for, or what has no
 * meaning without a scale, is not searched for. */
bool derm_segment_is_measured(const struct derm_run *run, enum derm_concern concern);

/* where (new, in run->scratch) = skin that belongs to a region: a neck or an ear is skin, but no
 * metric covers it. */
derm_err derm_skin_of_regions(struct derm_run *run, const struct derm_view *view,
                              const struct derm_mask *skin,
                              struct derm_mask *where) DERM_MUST_CHECK;

/* Where is searched: the measurable skin of the photo, or of both photos, that belongs to a region.
 * In run->scratch. */
derm_err derm_segment_where(struct derm_run *run, struct derm_mask *where) DERM_MUST_CHECK;

/* The same, whether it shines in either photo or not. */
derm_err derm_segment_where_lit(struct derm_run *run, struct derm_mask *where) DERM_MUST_CHECK;

/* Takes the neck out of it, for what is measured against the skin of the whole face. */
void derm_leave_out_neck(const struct derm_view *view, struct derm_mask *where);

/* Whether a plain pore lies within reach of a place (grid px); after stage pores. */
bool derm_pore_near(const struct derm_run *run, double x, double y, double reach_px);

/* What such a stage reads. */
#define DERM_SEGMENT_READS                                                                         \
    (DERM_SLOT(od) | DERM_SLOT(skin) | DERM_SLOT(regions) | DERM_SLOT(face) | DERM_SLOT(scale) |   \
     DERM_SLOT(quality) | DERM_SLOT(tone) | DERM_SLOT(registration) | DERM_SLOT(warped) |          \
     DERM_SLOT(conditions) | DERM_SLOT(equalised) | DERM_SLOT(clutter))

extern const struct derm_segmenter derm_segmenter_pores, derm_segmenter_pigmentation,
    derm_segmenter_redness, derm_segmenter_scars;

#endif
