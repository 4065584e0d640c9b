/* SPDX-License-Identifier: Apache-2.0 */
/* What a strip across the skin shows (stages/strip.h): which of its places are measured, and the
 * middle of what its rows have in each column. */
#include <math.h>
#include <string.h>

#include "kernels/isa.h"
#include "kernels/kernels.h"

enum { RUN = 64 };

/* The nearest sample of each place, 0 for what is outside, and 1 where it is inside. */
static void find_nearest(int32_t *restrict nearest, uint8_t *restrict inside,
                         const struct derm_raster *size, const double *restrict x,
                         const double *restrict y, int n)
{
    const double right = size->w - 1, bottom = size->h - 1;
    const int32_t stride = (int32_t)size->stride;

    for (int i = 0; i < n; i++) {
        const int is = (x[i] >= 0.0) & (y[i] >= 0.0) & (x[i] <= right) & (y[i] <= bottom);
        const double u = is ? x[i] : 0.0, v = is ? y[i] : 0.0;

        nearest[i] = (int)(v + 0.5) * stride + (int)(u + 0.5);
        inside[i] = (uint8_t)is;
    }
}

static void is_measured(uint8_t *restrict is, const uint8_t *where, const uint16_t *own,
                        unsigned flags, const struct derm_raster *size, const double *restrict x,
                        const double *restrict y, size_t n)
{
    const unsigned any = size->w > 1 && size->h > 1 ? flags : 0;

    for (size_t start = 0; start < n; start += RUN) {
        const int count = n - start < RUN ? (int)(n - start) : RUN;
        int32_t nearest[RUN];
        uint8_t inside[RUN];

        find_nearest(nearest, inside, size, x + start, y + start, count);
        for (int i = 0; i < count; i++)
            is[start + (size_t)i] =
                inside[i] & (where[nearest[i]] != 0) & ((own[nearest[i]] & any) != 0);
    }
}

/* ---- middles */

enum { COLUMNS = 16 }; /* that are sorted side by side */

/* Sorts eight: Batcher's network (Knuth, The Art of Computer Programming 3, section 5.3.4). */
static const uint8_t exchange[][2] = {
    { 0, 1 }, { 2, 3 }, { 4, 5 }, { 6, 7 }, { 0, 2 }, { 1, 3 }, { 4, 6 },
    { 5, 7 }, { 1, 2 }, { 5, 6 }, { 0, 4 }, { 1, 5 }, { 2, 6 }, { 3, 7 },
    { 2, 4 }, { 3, 5 }, { 1, 2 }, { 3, 4 }, { 5, 6 },
};

struct block {
    float value[DERM_SORTED][COLUMNS];
    int32_t finite[COLUMNS]; /* how many of a column are */
};

DERM_INLINE void exchange_rows(float *restrict low, float *restrict high)
{
    for (int c = 0; c < COLUMNS; c++) {
        const float x = low[c], y = high[c];

        low[c] = x < y ? x : y;
        high[c] = x > y ? x : y;
    }
}

DERM_INLINE void sort(struct block *b)
{
    for (size_t k = 0; k < sizeof(exchange) / sizeof(*exchange); k++)
        exchange_rows(b->value[exchange[k][0]], b->value[exchange[k][1]]);
}

/* n columns; there is room for COLUMNS. */
DERM_INLINE void load(struct block *b, const float *px, ptrdiff_t stride, int rows, size_t n)
{
    for (int c = 0; c < COLUMNS; c++)
        b->finite[c] = 0;
    for (int k = 0; k < DERM_SORTED; k++) {
        for (int c = 0; c < COLUMNS; c++)
            b->value[k][c] = INFINITY;
        if (k >= rows) continue;
        memcpy(b->value[k], px + k * stride, n * sizeof(float));
        for (int c = 0; c < COLUMNS; c++)
            b->finite[c] += b->value[k][c] < INFINITY;
    }
}

typedef int32_t ints DERM_VECTOR(4 * DERM_VEC); /* comparisons give 0 or -1 in each */

/* The middle half of every column, summed up, and how many those are: nothing where fewer than half
 * of the rows are finite. */
DERM_INLINE void add_middles(double *restrict sum, int32_t *restrict many, const struct block *b,
                             int rows)
{
    for (int c = 0; c < COLUMNS; c += DERM_VEC) {
        float counted[DERM_VEC];
        ints finite, first, end, are;

        memcpy(&finite, b->finite + c, sizeof(finite));
        first = finite >> 2;
        are = (finite - 2 * first) & (2 * finite >= rows);
        end = first + are;
        memcpy(many + c, &are, sizeof(are));
        for (int l = 0; l < DERM_VEC; l++)
            sum[c + l] = 0;
        for (int k = 0; k < DERM_SORTED; k++) {
            const ints value = (ints)derm_vec_load(b->value[k] + c);

            derm_vec_store(counted, (derm_vec)(value & ~(first > k) & (end > k)));
            for (int l = 0; l < DERM_VEC; l++)
                sum[c + l] += (double)counted[l];
        }
    }
}

static void middle_halves(double *restrict sum, int32_t *restrict count, const float *px,
                          ptrdiff_t stride, int rows, size_t n)
{
    for (size_t start = 0; start < n; start += COLUMNS) {
        const size_t columns = n - start < COLUMNS ? n - start : COLUMNS;
        double part[COLUMNS];
        int32_t many[COLUMNS];
        struct block b;

        if (columns == COLUMNS) /* a constant: the copies are loads of whole vectors */
            load(&b, px + start, stride, rows, COLUMNS);
        else
            load(&b, px + start, stride, rows, columns);
        sort(&b);
        add_middles(part, many, &b, rows);
        for (size_t c = 0; c < columns; c++) {
            sum[start + c] += part[c];
            count[start + c] += many[c];
        }
    }
}

void ISA(derm_row_strip_init)(struct derm_kernels *k)
{
    k->is_measured = is_measured;
    k->middle_halves = middle_halves;
}
