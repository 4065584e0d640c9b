/* SPDX-License-Identifier: Apache-2.0 */
/* Connected components by spans: a row is a list of spans of set pixels, spans that touch (8
 * neighbours) in two rows are joined in a union-find forest whose roots are the first spans in
 * raster order, so that numbering the roots in order numbers the objects by their first pixel.
 * While they are joined the object of a span is an earlier span of it, or itself. */
#include <string.h>

#include "base/num.h"
#include "kernels/bands.h"

struct label_job {
    const struct derm_mask *mask;
    const struct derm_labels *labels;
    const struct derm_spans *spans;
};

/* First index >= x of a pixel with this value, else w. */
static int seek(const uint8_t *px, int x, int w, int value)
{
    const uint8_t *const at = memchr(px + x, value, (size_t)(w - x));

    return at ? (int)(at - px) : w;
}

static void count_band(const void *job, int y0, int y1, void *own)
{
    const struct label_job *const j = job;
    const int w = j->mask->w;

    (void)own;
    for (int y = y0; y < y1; y++) {
        const uint8_t *const px = derm_mask_row(j->mask, y);
        int n = px[0] & 1;
        for (int x = 1; x < w; x++)
            n += px[x] & ~px[x - 1] & 1;
        j->spans->row[y + 1] = n;
    }
}

static void collect_band(const void *job, int y0, int y1, void *own)
{
    const struct label_job *const j = job;
    const int w = j->mask->w;

    (void)own;
    for (int y = y0; y < y1; y++) {
        const uint8_t *const px = derm_mask_row(j->mask, y);
        for (int i = j->spans->row[y], x = 0; i < j->spans->row[y + 1]; i++) {
            const int x0 = seek(px, x, w, 0xff);
            x = seek(px, x0, w, 0x00);
            j->spans->span[i] = (struct derm_span){ x0, x, i };
        }
    }
}

static int find_root(struct derm_span *span, int i)
{
    while (span[i].object != i) {
        span[i].object = span[span[i].object].object;
        i = span[i].object;
    }
    return i;
}

static void join(struct derm_span *span, int a, int b)
{
    const int ra = find_root(span, a), rb = find_root(span, b);

    span[imax(ra, rb)].object = imin(ra, rb);
}

static void join_rows(const struct derm_spans *s, int y)
{
    int a = s->row[y - 1], b = s->row[y];

    while (a < s->row[y] && b < s->row[y + 1]) {
        const struct derm_span *const above = &s->span[a], *const here = &s->span[b];
        if (above->x0 <= here->x1 && here->x0 <= above->x1) join(s->span, a, b);
        if (above->x1 < here->x1)
            a++;
        else
            b++;
    }
}

/* Root becomes number; returns how many objects there are. */
static int number(struct derm_span *span, int spans)
{
    int n = 0;

    for (int i = 0; i < spans; i++) /* roots come before what hangs on them */
        span[i].object = span[i].object == i ? ++n : span[span[i].object].object;
    return n;
}

derm_err derm_label_spans(const struct derm_filter *f, struct derm_spans *s,
                          const struct derm_mask *mask)
{
    const struct label_job job = { .mask = mask, .spans = s };
    const int h = mask->h;

    DERM_TRY(derm_arena_new(f->scratch, &s->row, (size_t)h + 1, sizeof(*s->row)));
    DERM_TRY(derm_bands_run(f, h, 0, count_band, &job));
    for (int y = 0; y < h; y++)
        s->row[y + 1] += s->row[y];
    DERM_TRY(derm_arena_raw(f->scratch, &s->span, (size_t)s->row[h], sizeof(*s->span)));
    DERM_TRY(derm_bands_run(f, h, 0, collect_band, &job));
    for (int y = 1; y < h; y++)
        join_rows(s, y);
    for (int i = 0; i < s->row[h]; i++)
        s->span[i].object = find_root(s->span, i);
    s->objects = number(s->span, s->row[h]);
    return DERM_OK;
}

static void paint_band(const void *job, int y0, int y1, void *own)
{
    const struct label_job *const j = job;

    (void)own;
    for (int y = y0; y < y1; y++) {
        int32_t *const out = derm_labels_row(j->labels, y);
        memset(out, 0, sizeof(*out) * (size_t)j->labels->w);
        for (int i = j->spans->row[y]; i < j->spans->row[y + 1]; i++)
            for (int x = j->spans->span[i].x0; x < j->spans->span[i].x1; x++)
                out[x] = j->spans->span[i].object;
    }
}

derm_err derm_label(const struct derm_filter *f, struct derm_labels *labels,
                    const struct derm_mask *mask, int *n)
{
    const size_t mark = f->scratch->used;
    struct derm_spans spans;
    const struct label_job job = { mask, labels, &spans };

    DERM_TRY(derm_label_spans(f, &spans, mask));
    DERM_TRY(derm_bands_run(f, mask->h, 0, paint_band, &job));
    *n = spans.objects;
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
