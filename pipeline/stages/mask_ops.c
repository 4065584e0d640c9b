/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/mask_ops.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

void derm_mask_clear(struct derm_mask *m)
{
    for (int y = 0; y < m->h; y++)
        memset(derm_mask_row(m, y), 0, (size_t)m->w);
}

/* flip 0xff: without what is set in from. A store of bytes might be to anything, so n is no field
 * of a mask: loops with such a bound are not made vectors of. */
static void keep_in(uint8_t *restrict to, const uint8_t *restrict from, uint8_t flip, int n)
{
    for (int x = 0; x < n; x++)
        to[x] &= from[x] ^ flip;
}

void derm_mask_and(struct derm_mask *a, const struct derm_mask *b)
{
    for (int y = 0; y < a->h; y++)
        keep_in(derm_mask_row(a, y), derm_mask_row(b, y), 0x00, a->w);
}

static void unite(uint8_t *restrict a, const uint8_t *restrict b, int n)
{
    for (int i = 0; i < n; i++)
        a[i] |= b[i];
}

void derm_mask_or(struct derm_mask *a, const struct derm_mask *b)
{
    for (int y = 0; y < a->h; y++)
        unite(derm_mask_row(a, y), derm_mask_row(b, y), a->w);
}

void derm_mask_and_not(struct derm_mask *a, const struct derm_mask *b)
{
    for (int y = 0; y < a->h; y++)
        keep_in(derm_mask_row(a, y), derm_mask_row(b, y), 0xff, a->w);
}

bool derm_bits_in_row(const struct derm_bits *p, int y, unsigned bits)
{
    const uint16_t *const row = derm_bits_row(p, y);
    uint16_t all = 0;

    for (int x = 0; x < p->w; x++)
        all |= row[x];
    return (all & bits) != 0;
}

double derm_mask_count(const struct derm_mask *m)
{
    double n = 0;

    for (int y = 0; y < m->h; y++) {
        const uint8_t *const row = derm_mask_row(m, y);
        int of_row = 0;

        for (int x = 0; x < m->w; x++)
            of_row += row[x] != 0;
        n += of_row;
    }
    return n;
}

double derm_mask_share(const struct derm_mask *part, const struct derm_mask *whole)
{
    double n = 0, all = 0;

    for (int y = 0; y < part->h; y++) {
        const uint8_t *const p = derm_mask_row(part, y), *const w = derm_mask_row(whole, y);
        int in_both = 0, in_whole = 0;

        for (int x = 0; x < part->w; x++) {
            in_both += (p[x] & w[x]) != 0;
            in_whole += w[x] != 0;
        }
        n += in_both;
        all += in_whole;
    }
    return all > 0 ? n / all : 0;
}

derm_err derm_mask_stretch(struct derm_arena *scratch, struct derm_mask *to,
                           const struct derm_mask *from)
{
    const size_t mark = scratch->used;
    int *column;

    DERM_TRY(derm_arena_new(scratch, &column, (size_t)to->w, sizeof(*column)));
    for (int x = 0; x < to->w; x++)
        column[x] = imin((int)((x + 0.5) * from->w / to->w), from->w - 1);
    for (int y = 0, before = -1; y < to->h; y++) {
        const int at = imin((int)((y + 0.5) * from->h / to->h), from->h - 1);
        const uint8_t *const row = derm_mask_row(from, at);
        uint8_t *const out = derm_mask_row(to, y);

        if (at == before)
            memcpy(out, derm_mask_row(to, y - 1), (size_t)to->w);
        else
            for (int x = 0; x < to->w; x++)
                out[x] = row[column[x]];
        before = at;
    }
    derm_arena_reset(scratch, mark);
    return DERM_OK;
}

/* The pixels [*first, *last] of a photo of the given size that grid pixel i touches. */
static void footprint(int *first, int *last, double origin, double step, int i, int size)
{
    *first = clampi((int)floor(origin + i * step), 0, size - 1);
    *last = clampi((int)ceil(origin + (i + 1) * step) - 1, *first, size - 1);
}

derm_err derm_mask_remove_under(struct derm_arena *scratch, struct derm_mask *mask,
                                const struct derm_grid *grid, const struct derm_mask *photo)
{
    const size_t mark = scratch->used;
    int(*column)[2];
    uint8_t *any; /* of a column of the photo, in the rows under a row of the mask */

    DERM_TRY(derm_arena_new(scratch, &column, (size_t)mask->w, sizeof(*column)));
    DERM_TRY(derm_arena_raw(scratch, &any, (size_t)photo->w, 1));
    for (int x = 0; x < mask->w; x++)
        footprint(&column[x][0], &column[x][1], grid->x0, grid->step, x, photo->w);
    for (int y = 0; y < mask->h; y++) {
        const int left = column[0][0], n = column[mask->w - 1][1] + 1 - left;
        uint8_t *const out = derm_mask_row(mask, y);
        int first, last;

        footprint(&first, &last, grid->y0, grid->step, y, photo->h);
        memcpy(any + left, derm_mask_row(photo, first) + left, (size_t)n);
        for (int v = first + 1; v <= last; v++)
            unite(any + left, derm_mask_row(photo, v) + left, n);
        if (!memchr(any + left, 0xff, (size_t)n)) continue;
        for (int x = 0; x < mask->w; x++)
            for (int u = column[x][0]; u <= column[x][1]; u++)
                out[x] &= (uint8_t)~any[u];
    }
    derm_arena_reset(scratch, mark);
    return DERM_OK;
}

derm_err derm_mask_close_holes(const struct derm_filter *f, struct derm_mask *to,
                               const struct derm_mask *from, double most_px)
{
    struct derm_labels holes;
    int *area, n;

    DERM_TRY(derm_labels_new(f->scratch, &holes, from->w, from->h));
    for (int y = 0; y < from->h; y++)
        for (int x = 0; x < from->w; x++)
            derm_mask_row(to, y)[x] = (uint8_t)~derm_mask_row(from, y)[x];
    DERM_TRY(derm_label(f, &holes, to, &n));
    DERM_TRY(derm_arena_new(f->scratch, &area, (size_t)n + 1, sizeof(*area)));
    for (int y = 0; y < holes.h; y++)
        for (int x = 0; x < holes.w; x++)
            area[derm_labels_row(&holes, y)[x]]++;
    for (int y = 0; y < holes.h; y++)
        for (int x = 0; x < holes.w; x++) {
            const int hole = derm_labels_row(&holes, y)[x];

            derm_mask_row(to, y)[x] = hole == 0 || area[hole] <= most_px ? 0xff : 0x00;
        }
    return DERM_OK;
}
