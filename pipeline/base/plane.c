/* SPDX-License-Identifier: Apache-2.0 */
#include "base/plane.h"

#include <assert.h>
#include <string.h>

typedef derm_err allocate(struct derm_arena *a, void *out, size_t count, size_t size);

/* Rows of `samples` samples of `size` bytes, padded; *px and *stride (samples) are set. */
static derm_err rows_from(allocate *get, struct derm_arena *a, void *px, ptrdiff_t *stride,
                          size_t samples, int h, size_t size)
{
    const size_t padded = (samples + DERM_LANES - 1) / DERM_LANES * DERM_LANES;

    assert(samples > 0 && h > 0);
    *stride = (ptrdiff_t)padded;
    return get(a, px, (size_t)h, padded * size);
}

static derm_err rows_new(struct derm_arena *a, void *px, ptrdiff_t *stride, size_t samples, int h,
                         size_t size)
{
    return rows_from(derm_arena_new, a, px, stride, samples, h, size);
}

derm_err derm_plane_new(struct derm_arena *a, struct derm_plane *p, int w, int h)
{
    p->w = w;
    p->h = h;
    return rows_new(a, &p->px, &p->stride, (size_t)w, h, sizeof(*p->px));
}

derm_err derm_plane_raw(struct derm_arena *a, struct derm_plane *p, int w, int h)
{
    p->w = w;
    p->h = h;
    return rows_from(derm_arena_raw, a, &p->px, &p->stride, (size_t)w, h, sizeof(*p->px));
}

derm_err derm_mask_new(struct derm_arena *a, struct derm_mask *p, int w, int h)
{
    p->w = w;
    p->h = h;
    return rows_new(a, &p->px, &p->stride, (size_t)w, h, sizeof(*p->px));
}

derm_err derm_mask_raw(struct derm_arena *a, struct derm_mask *p, int w, int h)
{
    p->w = w;
    p->h = h;
    DERM_TRY(rows_from(derm_arena_raw, a, &p->px, &p->stride, (size_t)w, h, sizeof(*p->px)));
    for (int y = 0; y < h; y++)
        memset(derm_mask_row(p, y) + w, 0, (size_t)(p->stride - w));
    return DERM_OK;
}

derm_err derm_bits_new(struct derm_arena *a, struct derm_bits *p, int w, int h)
{
    p->w = w;
    p->h = h;
    return rows_new(a, &p->px, &p->stride, (size_t)w, h, sizeof(*p->px));
}

derm_err derm_labels_new(struct derm_arena *a, struct derm_labels *p, int w, int h)
{
    p->w = w;
    p->h = h;
    return rows_new(a, &p->px, &p->stride, (size_t)w, h, sizeof(*p->px));
}

derm_err derm_labels_raw(struct derm_arena *a, struct derm_labels *p, int w, int h)
{
    p->w = w;
    p->h = h;
    return rows_from(derm_arena_raw, a, &p->px, &p->stride, (size_t)w, h, sizeof(*p->px));
}

derm_err derm_rgb8_new(struct derm_arena *a, struct derm_rgb8 *p, int w, int h)
{
    p->w = w;
    p->h = h;
    return rows_new(a, &p->px, &p->stride, 3 * (size_t)w, h, sizeof(*p->px));
}

derm_err derm_rgb8_raw(struct derm_arena *a, struct derm_rgb8 *p, int w, int h)
{
    p->w = w;
    p->h = h;
    return rows_from(derm_arena_raw, a, &p->px, &p->stride, 3 * (size_t)w, h, sizeof(*p->px));
}

void derm_plane_give(struct derm_arena *a, struct derm_plane *p)
{
    derm_arena_give(a, p->px, (size_t)p->h * (size_t)p->stride * sizeof(*p->px));
    p->px = NULL;
}

void derm_mask_give(struct derm_arena *a, struct derm_mask *p)
{
    derm_arena_give(a, p->px, (size_t)p->h * (size_t)p->stride * sizeof(*p->px));
    p->px = NULL;
}

void derm_bits_give(struct derm_arena *a, struct derm_bits *p)
{
    derm_arena_give(a, p->px, (size_t)p->h * (size_t)p->stride * sizeof(*p->px));
    p->px = NULL;
}

void derm_labels_give(struct derm_arena *a, struct derm_labels *p)
{
    derm_arena_give(a, p->px, (size_t)p->h * (size_t)p->stride * sizeof(*p->px));
    p->px = NULL;
}

void derm_rgb8_drop(struct derm_arena *a, struct derm_rgb8 *p)
{
    derm_arena_drop(a, p->px, (size_t)p->h * (size_t)p->stride);
    p->px = NULL;
}
