/* SPDX-License-Identifier: Apache-2.0 */
/* Lines as objects: pieces of about 2 mm of a centreline, those of one line in a row and with its
 * number as label. */
#ifndef DERM_STAGES_LINES_H
#define DERM_STAGES_LINES_H

#include "stages/strip.h"

/* A centreline and the band along it, as it is in both photos. */
struct derm_line {
    const struct derm_point *at; /* grid px */
    int n;
    double width_mm, contrast; /* optical density; only its sign counts: negative is pale */
};

struct derm_line_probe { /* how lines of a kind are measured */
    struct derm_run *run;
    const struct derm_strip_rule *rule;
    const struct derm_view *view[2]; /* on one grid; the second of a pair only */
    const float *mix; /* what contrasts are of: weights on the view's densities; NULL: green */
    int photos;
    bool coloured;                 /* melanin and blood are wanted, too */
    const struct derm_mask *where; /* what is measured */
    const struct derm_bits *own;   /* regions of a pixel */
    unsigned regions;              /* flanks lie in these, too */
    double piece_mm;
    double min_piece; /* of the line's contrast, in a piece whose own width can be told */
};

/* Pieces that a line may come to, at most. */
size_t derm_line_most_pieces(const struct derm_line_probe *p, const struct derm_line *line);

/* Adds the pieces of a line to out, which has room for them: place, length, area within the line's
 * width, regions. base_value and follow_value are the contrasts in each photo within the line's
 * width, of the line's sign; contrast is their mean, with sign; base_area_px and follow_area_px are
 * of its own width there, 0 where there is too little contrast. A piece without skin in either
 * photo has area_px 0. Colours are contrasts times area_px. */
derm_err derm_line_measure(const struct derm_line_probe *p, const struct derm_line *line, int label,
                           struct derm_objects *out) DERM_MUST_CHECK;

/* The line whose pieces begin at *from, as one object at its middle: lengths, areas and values are
 * sums, the contrast is the mean. *from becomes where the next line begins. */
struct derm_object derm_line_next(const struct derm_objects *pieces, int *from);

/* In either photo redder than the skin beside it. */
bool derm_line_is_red(const struct derm_object *line);

/* How many lines the pieces make. */
int derm_line_count(const struct derm_objects *pieces);

#endif
