/* SPDX-License-Identifier: Apache-2.0 */
/* Planes: the pixel containers. Rows start on 64-byte boundaries and are padded to a multiple of
 * DERM_LANES samples that kernels may read and write, so no kernel has a tail.
 *
 * Coordinates everywhere: the centre of pixel (i, j) is at (x, y) = (i, j). */
#ifndef DERM_BASE_PLANE_H
#define DERM_BASE_PLANE_H

#include <stdint.h>

#include "base/arena.h"

enum { DERM_LANES = 64 }; /* samples that a row is padded to, for every sample type */

struct derm_plane {
    float *px;
    int w, h;
    ptrdiff_t stride; /* samples */
};
struct derm_mask { /* 0x00 or 0xff; padding 0x00 */
    uint8_t *px;
    int w, h;
    ptrdiff_t stride;
};
struct derm_bits { /* a set of up to 16 flags a pixel: the regions it belongs to; padding 0 */
    uint16_t *px;
    int w, h;
    ptrdiff_t stride;
};
struct derm_labels { /* 0 = none, 1..n = object */
    int32_t *px;
    int w, h;
    ptrdiff_t stride;
};
struct derm_rgb8 { /* interleaved R G B, sRGB-encoded, for display and for the networks */
    uint8_t *px;
    int w, h;
    ptrdiff_t stride; /* bytes */
};

/* Zeroed planes of w x h; w, h > 0. */
derm_err derm_plane_new(struct derm_arena *a, struct derm_plane *p, int w, int h) DERM_MUST_CHECK;
derm_err derm_mask_new(struct derm_arena *a, struct derm_mask *p, int w, int h) DERM_MUST_CHECK;
derm_err derm_bits_new(struct derm_arena *a, struct derm_bits *p, int w, int h) DERM_MUST_CHECK;
derm_err derm_labels_new(struct derm_arena *a, struct derm_labels *p, int w, int h) DERM_MUST_CHECK;
derm_err derm_rgb8_new(struct derm_arena *a, struct derm_rgb8 *p, int w, int h) DERM_MUST_CHECK;

/* Not cleared (but the padding of masks): every row is written whole before it is read. */
derm_err derm_plane_raw(struct derm_arena *a, struct derm_plane *p, int w, int h) DERM_MUST_CHECK;
derm_err derm_mask_raw(struct derm_arena *a, struct derm_mask *p, int w, int h) DERM_MUST_CHECK;
derm_err derm_labels_raw(struct derm_arena *a, struct derm_labels *p, int w, int h) DERM_MUST_CHECK;
derm_err derm_rgb8_raw(struct derm_arena *a, struct derm_rgb8 *p, int w, int h) DERM_MUST_CHECK;

/* Gives a plane back to its arena when nothing reads it any more; px is NULL then. */
void derm_plane_give(struct derm_arena *a, struct derm_plane *p);
void derm_mask_give(struct derm_arena *a, struct derm_mask *p);
void derm_bits_give(struct derm_arena *a, struct derm_bits *p);
void derm_labels_give(struct derm_arena *a, struct derm_labels *p);

/* The same for what is as large as a photo: derm_arena_drop. */
void derm_rgb8_drop(struct derm_arena *a, struct derm_rgb8 *p);

static inline float *derm_row(const struct derm_plane *p, int y)
{
    return p->px + y * p->stride;
}
static inline uint8_t *derm_mask_row(const struct derm_mask *p, int y)
{
    return p->px + y * p->stride;
}
static inline uint16_t *derm_bits_row(const struct derm_bits *p, int y)
{
    return p->px + y * p->stride;
}
static inline int32_t *derm_labels_row(const struct derm_labels *p, int y)
{
    return p->px + y * p->stride;
}
static inline uint8_t *derm_rgb8_row(const struct derm_rgb8 *p, int y)
{
    return p->px + y * p->stride;
}

#endif
