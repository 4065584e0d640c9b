/* SPDX-License-Identifier: Apache-2.0 */
/* Connected components by runs: a row is a list of runs of set pixels, runs that touch (8
 * neighbours) in two rows are joined in a union-find forest whose roots are the first runs in
 * raster order, so that numbering the roots in order numbers the objects by their first pixel. */
#include <stdbool.h>
#include <string.h>

#include "base/num.h"
#include "kernels/bands.h"

struct run {
    int x0, x1; /* [x0, x1) */
    int root;   /* index of an earlier run of the same object, or its own */
};

struct runs {
    struct run *run;
    int *row; /* runs of row y: row[y] .. row[y + 1] */
};

struct label_job {
    const struct derm_mask *mask;
    const struct derm_labels *labels;
    const struct runs *runs; /* root is the object's number by the time labels are painted */
    int *count;
};

/* First index >= x of a pixel that is set or not, as asked, else w. */
static int seek(const uint8_t *px, int x, int w, bool set)
{
    while (x < w && (px[x] != 0) != set)
        x++;
    return x;
}

static void count_band(const void *job, int y0, int y1, void *own)
{
    const struct label_job *const j = job;
    const int w = j->mask->w;

    (void)own;
    for (int y = y0; y < y1; y++) {
        const uint8_t *const px = derm_mask_row(j->mask, y);
        int n = px[0] != 0;
        for (int x = 1; x < w; x++)
            n += px[x] && !px[x - 1];
        j->count[y] = n;
    }
}

static void collect_band(const void *job, int y0, int y1, void *own)
{
    const struct label_job *const j = job;
    const int w = j->mask->w;

    (void)own;
    for (int y = y0; y < y1; y++) {
        const uint8_t *const px = derm_mask_row(j->mask, y);
        for (int i = j->runs->row[y], x = 0; i < j->runs->row[y + 1]; i++) {
            const int x0 = seek(px, x, w, true);
            x = seek(px, x0, w, false);
            j->runs->run[i] = (struct run){ x0, x, i };
        }
    }
}

static int find_root(struct run *run, int i)
{
    while (run[i].root != i) {
        run[i].root = run[run[i].root].root;
        i = run[i].root;
    }
    return i;
}

static void join(struct run *run, int a, int b)
{
    const int ra = find_root(run, a), rb = find_root(run, b);

    run[imax(ra, rb)].root = imin(ra, rb);
}

static void join_rows(const struct runs *r, int y)
{
    int a = r->row[y - 1], b = r->row[y];

    while (a < r->row[y] && b < r->row[y + 1]) {
        const struct run *const above = &r->run[a], *const here = &r->run[b];
        if (above->x0 <= here->x1 && here->x0 <= above->x1) join(r->run, a, b);
        if (above->x1 < here->x1)
            a++;
        else
            b++;
    }
}

/* Root becomes number; returns how many objects there are. */
static int number(struct run *run, int runs)
{
    int n = 0;

    for (int i = 0; i < runs; i++) /* roots come before what hangs on them */
        run[i].root = run[i].root == i ? ++n : run[run[i].root].root;
    return n;
}

static void paint_band(const void *job, int y0, int y1, void *own)
{
    const struct label_job *const j = job;

    (void)own;
    for (int y = y0; y < y1; y++) {
        int32_t *const out = derm_labels_row(j->labels, y);
        memset(out, 0, sizeof(*out) * (size_t)j->labels->w);
        for (int i = j->runs->row[y]; i < j->runs->row[y + 1]; i++)
            for (int x = j->runs->run[i].x0; x < j->runs->run[i].x1; x++)
                out[x] = j->runs->run[i].root;
    }
}

derm_err derm_label(const struct derm_filter *f, struct derm_labels *labels,
                    const struct derm_mask *mask, int *n)
{
    const size_t mark = f->scratch->used;
    struct runs runs;
    struct label_job job = { mask, labels, &runs, NULL };

    DERM_TRY(derm_arena_raw(f->scratch, &job.count, (size_t)mask->h, sizeof(*job.count)));
    DERM_TRY(derm_arena_new(f->scratch, &runs.row, (size_t)mask->h + 1, sizeof(*runs.row)));
    DERM_TRY(derm_bands_run(f, mask->h, 0, count_band, &job));
    for (int y = 0; y < mask->h; y++)
        runs.row[y + 1] = runs.row[y] + job.count[y];
    DERM_TRY(derm_arena_raw(f->scratch, &runs.run, (size_t)runs.row[mask->h], sizeof(*runs.run)));
    DERM_TRY(derm_bands_run(f, mask->h, 0, collect_band, &job));
    for (int y = 1; y < mask->h; y++)
        join_rows(&runs, y);
    for (int i = 0; i < runs.row[mask->h]; i++)
        runs.run[i].root = find_root(runs.run, i);
    *n = number(runs.run, runs.row[mask->h]);
    DERM_TRY(derm_bands_run(f, mask->h, 0, paint_band, &job));
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
