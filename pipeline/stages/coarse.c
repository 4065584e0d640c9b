/* SPDX-License-Identifier: Apache-2.0 */
/* Between landmarks their residual from the similarity is interpolated with weights that fall with
 * distance (Shepard 1968), which keeps the map smooth and carries it on over the forehead and the
 * sides, where a mesh of triangles ends and creases. */
#include "stages/coarse.h"

#include "stages/bend.h"

enum { LANDMARKS = 468, FINE_CELLS = 4 }; /* irises left out; the guess's cell in cells of p */

/* Width of a landmark's say relative to the distance between the pupils: about 8 mm. Wide enough to
 * average the landmark noise, narrow enough for a smile. */
static const double reach_ipd = 0.12;

struct guess {
    const struct derm_match *match;
    const struct derm_point *from; /* baseline photo */
    struct derm_point residual[LANDMARKS];
    double reach_px;
    int landmarks; /* 0: similarity only */
};

static struct derm_point apply(const struct derm_match *m, struct derm_point p)
{
    const double(*const a)[3] = m->follow_from_base;
    if (m->bend.terms) return derm_bend_apply(&m->bend, p);
    return (struct derm_point){ a[0][0] * p.x + a[0][1] * p.y + a[0][2],
                                a[1][0] * p.x + a[1][1] * p.y + a[1][2] };
}

static void prepare(struct guess *g, const struct derm_pair *pair)
{
    const struct derm_face *const base = &pair->base->face, *const follow = &pair->follow->face;

    g->match = &pair->match;
    g->landmarks = base->used && follow->used ? LANDMARKS : 0;
    g->from = base->at;
    g->reach_px = reach_ipd * base->ipd_px;
    for (int i = 0; i < g->landmarks; i++) {
        const struct derm_point at = apply(g->match, base->at[i]);
        g->residual[i].x = follow->at[i].x - at.x;
        g->residual[i].y = follow->at[i].y - at.y;
    }
}

static struct derm_point guess_at(const struct guess *g, struct derm_point p)
{
    struct derm_point at = apply(g->match, p);
    double sx = 0.0, sy = 0.0, total = 0.0;

    for (int i = 0; i < g->landmarks; i++) {
        const double dx = (p.x - g->from[i].x) / g->reach_px;
        const double dy = (p.y - g->from[i].y) / g->reach_px;
        const double q = 1.0 / (1.0 + dx * dx + dy * dy), w = q * q * q;
        sx += w * g->residual[i].x;
        sy += w * g->residual[i].y;
        total += w;
    }
    if (g->landmarks) {
        at.x += sx / total;
        at.y += sy / total;
    }
    return at;
}

derm_err derm_coarse_map(struct derm_arena *scratch, struct derm_field *p,
                         const struct derm_pair *pair, const struct derm_grid *base,
                         const struct derm_grid *follow)
{
    const size_t mark = scratch->used;
    struct derm_field wide;
    struct guess g;

    prepare(&g, pair);
    DERM_TRY(derm_field_new(scratch, &wide, (int)(p->x.w * p->cell_px), (int)(p->x.h * p->cell_px),
                            p->cell_px * FINE_CELLS));
    for (int j = 0; j < wide.x.h; j++)
        for (int i = 0; i < wide.x.w; i++) {
            const double x = base->x0 + (derm_field_node(&wide, i) + 0.5) * base->step - 0.5;
            const double y = base->y0 + (derm_field_node(&wide, j) + 0.5) * base->step - 0.5;
            const struct derm_point at = guess_at(&g, (struct derm_point){ x, y });

            derm_row(&wide.x, j)[i] = (float)((at.x + 0.5 - follow->x0) / follow->step - 0.5);
            derm_row(&wide.y, j)[i] = (float)((at.y + 0.5 - follow->y0) / follow->step - 0.5);
        }
    derm_field_rescale(p, &wide, 1.0);
    derm_arena_reset(scratch, mark);
    return DERM_OK;
}
