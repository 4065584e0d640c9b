/* SPDX-License-Identifier: Apache-2.0 */
/* The band along a strip: where its middle and its ends are, and how it looks piece by piece. */
#ifndef DERM_STAGES_BAND_H
#define DERM_STAGES_BAND_H

#include "base/num.h"
#include "stages/strip.h"

/* The pieces of rows [first, end) of a strip: at least one. */
static inline int derm_pieces(const struct derm_strip *s, int first, int end, double piece_mm)
{
    return imax(1, (int)((end - first) * s->row_mm / piece_mm + 0.5));
}
static inline int derm_piece_row(int first, int end, int pieces, int i)
{
    return first + (int)((long)(end - first) * i / pieces);
}

/* The band in the profile of a stretch as a whole: where and how wide it is. Sought from a broad
 * one inwards, whose flanks lie on skin for certain, unless there is no skin so far away. least: of
 * the contrast in its middle, with sign. */
bool derm_band_find(const struct derm_profile *all, double least, struct derm_band *band);

/* Rows [*first, *end) between the ends: the longest stretch of which a piece around every row has
 * at least half of the whole's contrast, but for gaps shorter than a piece. */
derm_err derm_band_ends(struct derm_run *run, const struct derm_strip *s,
                        const struct derm_band *band, double contrast, double piece_mm, int *first,
                        int *end) DERM_MUST_CHECK;

/* Contrasts of the pieces, of the sign of the whole. */
struct derm_band_pieces {
    int pieces, seen, even; /* seen: with skin inside and on both sides; even: of those,
                               with at least half of the whole's contrast */
    double sum, squares;    /* over those that are seen */
    double left, right;     /* sums against one flank */
};
struct derm_band_pieces derm_band_judge(const struct derm_strip *s, int first, int end,
                                        double piece_mm, const struct derm_band *band,
                                        double contrast);

/* Mean over its standard error between the pieces is at least z_min. Needs two pieces. */
bool derm_band_is_sure(const struct derm_band_pieces *j, double z_min);

/* The points of rows [first, end), in the middle of the band; written over s->at, returned. */
struct derm_point *derm_band_middle(struct derm_strip *s, int first, int end,
                                    const struct derm_band *band);

#endif
