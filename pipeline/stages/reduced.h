/* SPDX-License-Identifier: Apache-2.0 */
/* Pigment is broader than pores: its maps are worked on at a few pixels per millimetre. */
#ifndef DERM_STAGES_REDUCED_H
#define DERM_STAGES_REDUCED_H

#include "stages/ring.h"
#include "stages/stage.h"

struct derm_reduced {
    int factor;               /* grid px per reduced px: 1, 2, 4, ... */
    double px_per_mm;         /* reduced px */
    struct derm_plane weight; /* share of the grid pixels below that were set */
    struct derm_mask where;   /* at least half of the grid pixels below were set */
    struct derm_mask usual;   /* of it, what says what is usual: all, or without the neck */
    double fill_px;           /* sigma of the Gaussian that fills the rest */
    struct derm_plane near;   /* that Gaussian of where, outside it */
};

/* Chooses the factor so that px_per_mm <= max_px_per_mm, and halves the mask; without what fills
 * the rest, for whoever makes planes otherwise. In run->scratch. */
derm_err derm_reduced_where(struct derm_run *run, struct derm_reduced *c,
                            const struct derm_mask *mask, double px_per_mm,
                            double max_px_per_mm) DERM_MUST_CHECK;

/* The same, and what derm_reduced_plane and derm_reduced_mix need. */
derm_err derm_reduced_new(struct derm_run *run, struct derm_reduced *c,
                          const struct derm_mask *mask, double px_per_mm, double max_px_per_mm,
                          double fill_mm) DERM_MUST_CHECK;

/* dst (allocated in run->scratch) = mean of src over the set pixels below each reduced pixel; where
 * fewer than half are set, what the others around it suggest (Gaussian of fill_mm, further away
 * about the median of what is usual), so that filters see no step at the edge of the skin. mask is
 * that of derm_reduced_new. */
derm_err derm_reduced_plane(struct derm_run *run, const struct derm_reduced *c,
                            struct derm_plane *dst, const struct derm_plane *src,
                            const struct derm_mask *mask) DERM_MUST_CHECK;

/* The same of weight[0] src[0] + weight[1] src[1] + weight[2] src[2]: a pigment's map, without a
 * plane of it as large as the grid. */
derm_err derm_reduced_mix(struct derm_run *run, const struct derm_reduced *c,
                          struct derm_plane *dst, const struct derm_plane src[3],
                          const float weight[3], const struct derm_mask *mask) DERM_MUST_CHECK;

/* No plane is made any more: gives back what they were made with. */
void derm_reduced_finish(struct derm_run *run, struct derm_reduced *c);

/* dst (allocated in run->scratch) = c->where in any of the regions (bits; own is of the grid), kept
 * edge_mm from what lies in none of them. */
derm_err derm_reduced_regions(struct derm_run *run, const struct derm_reduced *c,
                              struct derm_mask *dst, const struct derm_bits *own, unsigned regions,
                              double edge_mm) DERM_MUST_CHECK;

/* dst (allocated in run->scratch) = mask, on the reduced grid, without the neck. own is of the
 * grid.
 */
derm_err derm_reduced_head(struct derm_run *run, const struct derm_reduced *c,
                           struct derm_mask *dst, const struct derm_mask *mask,
                           const struct derm_bits *own) DERM_MUST_CHECK;

/* From now on c->usual is without the neck: what is usual on a face is not told by it. */
derm_err derm_reduced_use_head(struct derm_run *run, struct derm_reduced *c,
                               const struct derm_bits *own) DERM_MUST_CHECK;

/* dst, within the box (reduced px, clipped to dst) = mean of a - b over the set pixels below; 0
 * where none is. b NULL: of a. */
void derm_reduced_difference(const struct derm_reduced *c, const struct derm_plane *dst,
                             const struct derm_plane *a, const struct derm_plane *b,
                             const struct derm_mask *mask, const struct derm_box *box);

/* A reduced pixel is 2^this grid pixels wide. */
static inline int derm_reduced_shift(const struct derm_reduced *c)
{
    int shift = 0;

    while (1 << shift < c->factor)
        shift++;
    return shift;
}

/* Grid coordinate of a reduced coordinate, and the reduced pixel that holds a grid pixel. */
static inline double derm_reduced_to_grid(const struct derm_reduced *c, double at)
{
    return (at + 0.5) * c->factor - 0.5;
}

#endif
