/* SPDX-License-Identifier: Apache-2.0 */
/* Union of two lists of objects: a graph of "is the same" and its connected parts. Selecting
 * objects on one photo alone would fake a change (what stands out by chance in one photo stands out
 * less in the next), so what either photo shows is measured in both. */
#include "stages/unite.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/num.h"

/* Share of the smaller footprint that two footprints must have in common to be one object. */
static const double OVERLAP = 0.3;

struct node { /* an object of either photo */
    const struct derm_object *object;
    int photo, parent, part;
    double pixels; /* of labels, of its footprint */
};

struct graph {
    struct node *node;
    int n, base_n;
};

static int root(struct graph *g, int i)
{
    while (g->node[i].parent != i)
        i = g->node[i].parent = g->node[g->node[i].parent].parent;
    return i;
}

static void join(struct graph *g, int a, int b)
{
    a = root(g, a);
    b = root(g, b);
    g->node[imax(a, b)].parent = imin(a, b);
}

static int by_place(const void *a, const void *b)
{
    const struct derm_object *const p = ((const struct node *)a)->object;
    const struct derm_object *const q = ((const struct node *)b)->object;

    if (p->y != q->y) return p->y < q->y ? -1 : 1;
    return (p->x > q->x) - (p->x < q->x);
}

/* Nodes sorted from top to bottom, each its own part. */
static derm_err make_graph(struct derm_run *run, const struct derm_objects *base,
                           const struct derm_objects *follow, struct graph *g)
{
    const struct derm_objects *const list[2] = { base, follow };

    *g = (struct graph){ .base_n = base->n };
    DERM_TRY(derm_arena_new(run->scratch, &g->node, (size_t)(base->n + follow->n) + 1,
                            sizeof(*g->node)));
    for (int p = 0; p < 2; p++)
        for (int i = 0; i < list[p]->n; i++)
            g->node[g->n++] = (struct node){ .object = &list[p]->item[i], .photo = p };
    qsort(g->node, (size_t)g->n, sizeof(*g->node), by_place);
    for (int i = 0; i < g->n; i++)
        g->node[i].parent = i;
    return DERM_OK;
}

static void join_near(struct graph *g, double merge_px)
{
    for (int i = 0; i < g->n; i++)
        for (int j = i + 1; j < g->n; j++) {
            const struct derm_object *const a = g->node[i].object, *const b = g->node[j].object;
            const double dx = a->x - b->x, dy = a->y - b->y;

            if (dy < -merge_px) break;
            if (dx * dx + dy * dy < merge_px * merge_px && a->field == b->field) join(g, i, j);
        }
}

/* node_of[label] of one photo; label 0 has none. */
static derm_err index_labels(struct derm_run *run, const struct graph *g, int photo, int n,
                             int **node_of)
{
    DERM_TRY(derm_arena_new(run->scratch, node_of, (size_t)n + 1, sizeof(**node_of)));
    (*node_of)[0] = -1;
    for (int i = 0; i < g->n; i++)
        if (g->node[i].photo == photo) (*node_of)[g->node[i].object->label] = i;
    return DERM_OK;
}

struct overlap {
    int a, b;
};

static int by_nodes(const void *p, const void *q)
{
    const struct overlap *const x = p, *const y = q;

    if (x->a != y->a) return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

/* Runs of equal pairs in the sorted list are the shared pixels of two footprints. */
static void join_overlapping(struct graph *g, struct overlap *list, int n)
{
    qsort(list, (size_t)n, sizeof(*list), by_nodes);
    for (int i = 0, end; i < n; i = end) {
        const struct node *const a = &g->node[list[i].a], *const b = &g->node[list[i].b];

        for (end = i; end < n && by_nodes(&list[i], &list[end]) == 0;)
            end++;
        if (a->object->field == b->object->field && end - i >= OVERLAP * fmin(a->pixels, b->pixels))
            join(g, list[i].a, list[i].b);
    }
}

/* Columns x.. of a row before the next pixel that belongs to an object of either photo; w: none.
 * Most of a plane is nobody's: it is passed over many pixels at a time. */
static int next_owned(const int32_t *a, const int32_t *b, int x, int w)
{
    enum { STEP = 32 };

    for (; x + STEP <= w; x += STEP) {
        int32_t any = 0;

        for (int i = 0; i < STEP; i++)
            any |= a[x + i] | b[x + i];
        if (any) break;
    }
    while (x < w && !(a[x] | b[x]))
        x++;
    return x;
}

static derm_err join_by_footprint(struct derm_run *run, struct graph *g,
                                  const struct derm_labels *base, const struct derm_labels *follow,
                                  int *const node_of[2])
{
    struct overlap *list;
    int n = 0;

    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) DERM_TRY(derm_arena_new(run->scratch, &list, (size_t)n + 1, sizeof(*list)));
        n = 0;
        for (int y = 0; y < base->h; y++) {
            const int32_t *const la = derm_labels_row(base, y), *const lb =
                                                                    derm_labels_row(follow, y);

            for (int x = 0; (x = next_owned(la, lb, x, base->w)) < base->w; x++) {
                const int a = node_of[0][la[x]], b = node_of[1][lb[x]];

                if (pass == 0 && a >= 0) g->node[a].pixels += 1;
                if (pass == 0 && b >= 0) g->node[b].pixels += 1;
                if (a < 0 || b < 0) continue;
                if (pass == 1) list[n] = (struct overlap){ a, b };
                n++;
            }
        }
    }
    join_overlapping(g, list, n);
    return DERM_OK;
}

static void add_object(struct derm_object *sum, const struct node *node)
{
    const struct derm_object *const o = node->object;

    sum->x += o->x;
    sum->y += o->y;
    sum->area_px += o->area_px;
    sum->diameter_mm += o->diameter_mm;
    sum->contrast += o->contrast;
    sum->amplitude += o->amplitude;
    sum->axis_ratio += o->axis_ratio;
    sum->scale_px += o->scale_px;
    sum->noise += o->noise;
    sum->z = fmax(sum->z, o->z);
    for (int i = 0; i < 2; i++)
        sum->margin[i] = fmax(sum->margin[i], o->margin[i]);
    sum->field = o->field;
    sum->plain = sum->plain || o->plain;
    sum->strong = sum->strong || o->strong;
    sum->found_in |= 1u << node->photo;
}

static void make_mean(struct derm_object *o, int n, const struct derm_view *grid)
{
    const int x = clampi((int)floor(o->x / n + 0.5), 0, grid->grid.w - 1);
    const int y = clampi((int)floor(o->y / n + 0.5), 0, grid->grid.h - 1);

    o->x /= n;
    o->y /= n;
    o->area_px /= n;
    o->diameter_mm /= n;
    o->contrast /= n;
    o->amplitude /= n;
    o->axis_ratio /= n;
    o->scale_px /= n;
    o->noise /= n;
    o->regions = derm_bits_row(&grid->regions, y)[x];
}

/* Parts are numbered from top to bottom by their first node. */
static derm_err collect(struct derm_run *run, struct graph *g, const struct derm_view *grid,
                        struct derm_objects *out)
{
    int *members;

    DERM_TRY(derm_arena_new(run->scratch, &members, (size_t)g->n + 1, sizeof(*members)));
    DERM_TRY(derm_arena_new(run->keep, &out->item, (size_t)g->n + 1, sizeof(*out->item)));
    out->n = 0;
    for (int i = 0; i < g->n; i++) {
        const int r = root(g, i);
        const int part = g->node[i].part = r == i ? out->n++ : g->node[r].part;

        add_object(&out->item[part], &g->node[i]);
        members[part]++;
    }
    for (int i = 0; i < out->n; i++) {
        make_mean(&out->item[i], members[i], grid);
        out->item[i].label = i + 1;
    }
    return DERM_OK;
}

/* Where footprints of different objects meet, the one that comes first has the pixel. */
static int part_label(const struct graph *g, int a, int b)
{
    if (a < 0 && b < 0) return 0;
    if (a < 0) return g->node[b].part + 1;
    if (b < 0) return g->node[a].part + 1;
    return imin(g->node[a].part, g->node[b].part) + 1;
}

/* Of the n pixels along a side of the grid those of one pixel of labels. */
static int covered(int label_px, int shift, int n)
{
    return imin((label_px + 1) << shift, n) - (label_px << shift);
}

derm_err derm_unite(struct derm_run *run, const struct derm_objects *base,
                    const struct derm_objects *follow, const struct derm_view *grid,
                    double merge_px, struct derm_objects *out)
{
    const struct derm_labels *const lb = &base->labels, *const lf = &follow->labels;
    const bool drawn = lb->px && lf->px;
    struct graph g;
    int *node_of[2];

    assert(base->label_shift == follow->label_shift);
    DERM_TRY(make_graph(run, base, follow, &g));
    join_near(&g, merge_px);
    DERM_TRY(index_labels(run, &g, 0, base->n, &node_of[0]));
    DERM_TRY(index_labels(run, &g, 1, follow->n, &node_of[1]));
    if (drawn) DERM_TRY(join_by_footprint(run, &g, lb, lf, node_of));
    DERM_TRY(collect(run, &g, grid, out));
    if (!drawn) return DERM_OK;
    out->labels = *lb;
    out->label_shift = base->label_shift;
    for (int i = 0; i < out->n; i++)
        out->item[i].area_px = 0;
    for (int y = 0; y < lb->h; y++) {
        const int32_t *const a = derm_labels_row(lb, y), *const b = derm_labels_row(lf, y);
        int32_t *const to = derm_labels_row(&out->labels, y);

        for (int x = 0; (x = next_owned(a, b, x, lb->w)) < lb->w; x++) {
            to[x] = part_label(&g, node_of[0][a[x]], node_of[1][b[x]]);
            if (to[x] > 0)
                out->item[to[x] - 1].area_px +=
                    (double)covered(x, base->label_shift, grid->grid.w) *
                    covered(y, base->label_shift, grid->grid.h);
        }
    }
    return DERM_OK;
}
