/* SPDX-License-Identifier: Apache-2.0 */
/* A smooth map from one image to another, held on a lattice.
 *
 * The image is cut in square cells of cell_px pixels; the node of cell (i, j) is the cell's centre,
 * at (i + 0.5) cell_px - 0.5. x and y hold, at every node, the position in the other image. Between
 * nodes the map is bilinear and it goes on linearly outside, so that a rotation or a change of
 * scale stays one. Skin moves smoothly over millimetres: a node each millimetre describes it, and
 * makes every step on a field about fifty times cheaper than on pixels. */
#ifndef DERM_STAGES_FIELD_H
#define DERM_STAGES_FIELD_H

#include "kernels/filter.h"
#include "stages/frame.h"

static inline double derm_field_node(const struct derm_field *f, int i)
{
    return (i + 0.5) * f->cell_px - 0.5;
}

/* A field with whole cells that cover w x h pixels, at least 2 x 2 nodes, all zero. */
derm_err derm_field_new(struct derm_arena *a, struct derm_field *f, int w, int h,
                        double cell_px) DERM_MUST_CHECK;

struct derm_point derm_field_at(const struct derm_field *f, double x, double y);

/* Pixel (i, j) of a window is at (x0 + i step, y0 + j step); what the nodes say there is multiplied
 * by scale, and offset added. */
struct derm_field_window {
    double x0, y0, step;
    double scale, offset;
};
extern const struct derm_field_window derm_field_whole; /* the image that the lattice covers */

/* Row j of a window: out[i], i < n. Positions are finite when the nodes are. */
void derm_nodes_row(const struct derm_kernels *k, float *out, int n, const struct derm_plane *nodes,
                    double cell_px, const struct derm_field_window *window, int j);
void derm_nodes_expand(const struct derm_kernels *k, struct derm_plane *dst,
                       const struct derm_plane *nodes, double cell_px);

/* A picture and the weights of its pixels, planes of one size. */
struct derm_weighted {
    const struct derm_plane *image, *weight;
};

/* Rows [y0, y1). */
struct derm_rows {
    int y0, y1;
};

/* From the first row of the weights with any to the last; [0, 0) without any. */
struct derm_rows derm_rows_of_weight(const struct derm_plane *weight);

/* The picture seen through the map at the window's pixels, Catmull-Rom. Places less than edge_px
 * inside the picture, and those outside, have no weight. Rows that are not asked for are zero. */
struct derm_field_view {
    const struct derm_field *f;
    struct derm_field_window window;
    struct derm_weighted from;
    float edge_px;
    struct derm_rows asked;
};
derm_err derm_field_resample(const struct derm_filter *filter, const struct derm_field_view *view,
                             struct derm_plane *image, struct derm_plane *weight) DERM_MUST_CHECK;

/* p <- p o (identity + d): the map p, taken at places moved by d (px). p and d share a lattice. */
derm_err derm_field_compose(struct derm_arena *scratch, struct derm_field *p,
                            const struct derm_field *d) DERM_MUST_CHECK;

/* dst = src seen at other resolutions: one pixel of dst's images is `ratio` pixels of src's, in
 * both images. dst brings its own lattice. */
void derm_field_rescale(struct derm_field *dst, const struct derm_field *src, double ratio);

/* position = (cx, cy) + ((a, b), (c, d)) (node - (mx, my)), least squares over the nodes on the
 * mask, or all of them (NULL). False when these do not span a plane. */
struct derm_affine {
    double cx, cy, mx, my;
    double a, b, c, d;
};
bool derm_field_affine(const struct derm_field *f, const struct derm_mask *where,
                       struct derm_affine *m);

/* dst = the inverse of src, by fixed-point iteration from the affine map that fits src best. dst's
 * lattice covers the other image. */
void derm_field_invert(struct derm_field *dst, const struct derm_field *src);

/* |q(p(x)) - x| at every node of p, px. */
void derm_field_loop_error(struct derm_plane *error, const struct derm_field *p,
                           const struct derm_field *q);

/* Whether all four pixels around (x, y) are set: then what is interpolated there is inside. */
bool derm_mask_near(const struct derm_mask *mask, float x, float y);

#endif
