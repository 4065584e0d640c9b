/* SPDX-License-Identifier: Apache-2.0 */
/* Set operations on masks of one size. */
#ifndef DERM_STAGES_MASK_OPS_H
#define DERM_STAGES_MASK_OPS_H

#include <string.h>

#include "kernels/filter.h"
#include "stages/frame.h"

void derm_mask_clear(struct derm_mask *m);
void derm_mask_and(struct derm_mask *a, const struct derm_mask *b);     /* a and b */
void derm_mask_or(struct derm_mask *a, const struct derm_mask *b);      /* a or b */
void derm_mask_and_not(struct derm_mask *a, const struct derm_mask *b); /* a without b */

/* The first set pixel of row y from x on; the width when there is none. */
static inline int derm_mask_next(const struct derm_mask *m, int y, int x)
{
    const uint8_t *const row = derm_mask_row(m, y);
    const void *const at = x < m->w ? memchr(row + x, 0xff, (size_t)(m->w - x)) : NULL;

    return at ? (int)((const uint8_t *)at - row) : m->w;
}

/* Whether a pixel of row y has any of the bits. */
bool derm_bits_in_row(const struct derm_bits *p, int y, unsigned bits);

/* How many pixels are set. */
double derm_mask_count(const struct derm_mask *m);

/* Of the pixels of whole, the share that is in part; 0 when whole is empty. */
double derm_mask_share(const struct derm_mask *part, const struct derm_mask *whole);

/* to = from, stretched over it; nearest pixel. */
derm_err derm_mask_stretch(struct derm_arena *scratch, struct derm_mask *to,
                           const struct derm_mask *from) DERM_MUST_CHECK;

/* to = from with its holes of up to most_px pixels set (their corners do not join). */
derm_err derm_mask_close_holes(const struct derm_filter *f, struct derm_mask *to,
                               const struct derm_mask *from, double most_px) DERM_MUST_CHECK;

/* Removes from mask, on grid, every pixel with a set pixel of photo under it. */
derm_err derm_mask_remove_under(struct derm_arena *scratch, struct derm_mask *mask,
                                const struct derm_grid *grid,
                                const struct derm_mask *photo) DERM_MUST_CHECK;

#endif
