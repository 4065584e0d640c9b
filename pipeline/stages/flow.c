/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/flow.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

enum { LANES = 4, TERMS = 5 };
/* The normal equations of the shift (dx, dy): [xx xy; xy yy] (dx, dy) = (xt, yt). */
enum term { XX, XY, YY, XT, YT };

struct images {                              /* one direction, one step */
    const struct derm_plane *image, *weight; /* fixed photo */
    struct derm_plane moved, moved_weight;   /* the other, warped onto it */
    struct derm_rows rows;                   /* with weight */
};

/* Adds one row of a cell to its equations. The gradient is the mean of both images', which makes
 * the step exact to second order; residuals beyond the spread count less (gloss, new marks). */
static void add_row(float sum[TERMS][LANES], const struct images *s, int x0, int y)
{
    const float *const up = derm_row(s->image, y - 1), *const at = derm_row(s->image, y);
    const float *const down = derm_row(s->image, y + 1), *const w = derm_row(s->weight, y);
    const float *const mup = derm_row(&s->moved, y - 1), *const mat = derm_row(&s->moved, y);
    const float *const mdown = derm_row(&s->moved, y + 1);
    const float *const mw = derm_row(&s->moved_weight, y);

    for (int l = 0; l < LANES; l++) {
        const int x = x0 + l;
        const float gx = 0.25f * ((at[x + 1] - at[x - 1]) + (mat[x + 1] - mat[x - 1]));
        const float gy = 0.25f * ((down[x] - up[x]) + (mdown[x] - mup[x]));
        const float t = at[x] - mat[x];
        const float k = w[x] * mw[x] / (1.0f + t * t);
        sum[XX][l] += k * gx * gx;
        sum[XY][l] += k * gx * gy;
        sum[YY][l] += k * gy * gy;
        sum[XT][l] += k * gx * t;
        sum[YT][l] += k * gy * t;
    }
}

struct assembly {
    const struct images *s;
    struct derm_plane *term;
    int cell_px;
};

/* All cells of one lattice row. The outermost pixels have no gradient and are left out. */
static void assemble_row(void *arg, int j)
{
    const struct assembly *const a = arg;
    const int w = a->s->image->w, h = a->s->image->h, cell = a->cell_px;
    const int top = imax(1, a->s->rows.y0), bottom = imin(h - 1, a->s->rows.y1);

    for (int i = 0; i < a->term[0].w; i++) {
        float sum[TERMS][LANES] = { { 0 } };
        for (int y = imax(top, j * cell); y < imin(bottom, (j + 1) * cell); y++)
            for (int x = i * cell; x < (i + 1) * cell; x += LANES)
                if (x >= 1 && x + LANES <= w - 1) add_row(sum, a->s, x, y);
        for (int t = 0; t < TERMS; t++)
            derm_row(&a->term[t], j)[i] = (sum[t][0] + sum[t][2]) + (sum[t][1] + sum[t][3]);
    }
}

/* Solves every node. Where the window sees too little, a window four times as wide speaks. */
static derm_err solve(const struct derm_filter *f, struct derm_field *d, struct derm_plane *term,
                      const struct derm_plane *trust, const struct derm_flow_params *params)
{
    const double near_cells = params->window_px / d->cell_px;
    const float far_weight = 0.05f, ridge = 1e-3f;
    const float longest = (float)params->max_step_px;
    struct derm_plane wide;

    DERM_TRY(derm_plane_new(f->scratch, &wide, d->x.w, d->x.h));
    for (int t = 0; t < TERMS; t++) {
        for (int j = 0; j < wide.h; j++)
            for (int i = 0; i < wide.w; i++)
                derm_row(&term[t], j)[i] *= derm_row(trust, j)[i];
        DERM_TRY(derm_gaussian(f, &wide, &term[t], 4.0 * near_cells));
        DERM_TRY(derm_gaussian(f, &term[t], &term[t], near_cells));
        for (int j = 0; j < wide.h; j++)
            for (int i = 0; i < wide.w; i++)
                derm_row(&term[t], j)[i] += far_weight * derm_row(&wide, j)[i];
    }
    for (int j = 0; j < wide.h; j++)
        for (int i = 0; i < wide.w; i++) {
            const float xx = derm_row(&term[XX], j)[i] + ridge, xy = derm_row(&term[XY], j)[i];
            const float yy = derm_row(&term[YY], j)[i] + ridge;
            const float xt = derm_row(&term[XT], j)[i], yt = derm_row(&term[YT], j)[i];
            const float det = fmaxf(xx * yy - xy * xy, 1e-12f);
            derm_row(&d->x, j)[i] = clampf((yy * xt - xy * yt) / det, -longest, longest);
            derm_row(&d->y, j)[i] = clampf((xx * yt - xy * xt) / det, -longest, longest);
        }
    return DERM_OK;
}

struct direction { /* from one photo to the other */
    struct derm_field *map, shift;
    const struct derm_flow_side *fixed, *moving;
    struct derm_plane term[TERMS], trust, error;
    struct images images;
};

static derm_err direction_new(struct derm_arena *scratch, struct direction *d,
                              struct derm_field *map, const struct derm_flow_side *fixed,
                              const struct derm_flow_side *moving)
{
    const int w = fixed->image->w, h = fixed->image->h;

    *d = (struct direction){ .map = map,
                             .fixed = fixed,
                             .moving = moving,
                             .images = { .image = fixed->image, .weight = fixed->weight } };
    d->images.rows = derm_rows_of_weight(fixed->weight);
    DERM_TRY(derm_plane_raw(scratch, &d->images.moved, w, h));
    DERM_TRY(derm_plane_raw(scratch, &d->images.moved_weight, w, h));
    DERM_TRY(derm_field_new(scratch, &d->shift, w, h, map->cell_px));
    for (int t = 0; t < TERMS; t++)
        DERM_TRY(derm_plane_new(scratch, &d->term[t], map->x.w, map->x.h));
    DERM_TRY(derm_plane_new(scratch, &d->error, map->x.w, map->x.h));
    return derm_plane_new(scratch, &d->trust, map->x.w, map->x.h);
}

/* The other photo and its weights, seen from this one; its outermost pixels have no gradient. */
static derm_err look_across(const struct derm_filter *f, struct direction *d)
{
    const struct derm_rows rows = d->images.rows;
    const struct derm_field_view view = { d->map,
                                          derm_field_whole,
                                          { d->moving->image, d->moving->weight },
                                          1.0f,
                                          { rows.y0 - 1, rows.y1 + 1 } }; /* for the gradient */

    DERM_TRY(derm_field_resample(f, &view, &d->images.moved, &d->images.moved_weight));
    for (int j = 0; j < d->images.moved.h; j++) {
        float *const m = derm_row(&d->images.moved_weight, j);
        for (int i = 0; i < d->images.moved.w; i++)
            m[i] = clampf(m[i], 0.0f, 1.0f);
    }
    return DERM_OK;
}

static derm_err step(const struct derm_filter *f, struct direction *d,
                     const struct derm_flow_params *params)
{
    const size_t mark = f->scratch->used;
    struct assembly a = { &d->images, d->term, (int)d->map->cell_px };

    DERM_TRY(look_across(f, d));
    derm_pool_run(f->pool, d->map->x.h, assemble_row, &a);
    DERM_TRY(solve(f, &d->shift, d->term, &d->trust, params));
    DERM_TRY(derm_field_compose(f->scratch, d->map, &d->shift));
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}

/* A node's say falls with its loop error: exp(-(e / trusted)^2). */
static void set_trust(struct derm_plane *trust, const struct derm_plane *error, double trusted_px)
{
    const float k = (float)(1.0 / trusted_px);
    for (int j = 0; j < trust->h; j++)
        for (int i = 0; i < trust->w; i++) {
            const float e = fminf(derm_row(error, j)[i] * k, 3.0f);
            derm_row(trust, j)[i] = derm_expf(-e * e);
        }
}

static void set_all(struct derm_plane *p, float value)
{
    for (int j = 0; j < p->h; j++)
        for (int i = 0; i < p->w; i++)
            derm_row(p, j)[i] = value;
}

derm_err derm_flow_refine(const struct derm_filter *f, struct derm_field *p, struct derm_field *q,
                          const struct derm_flow_side *base, const struct derm_flow_side *follow,
                          const struct derm_flow_params *params, struct derm_plane *error)
{
    const size_t mark = f->scratch->used;
    struct direction way[2];

    DERM_TRY(direction_new(f->scratch, &way[0], p, base, follow));
    DERM_TRY(direction_new(f->scratch, &way[1], q, follow, base));
    for (int i = 0; i < 2; i++)
        set_all(&way[i].trust, 1.0f);
    for (int round = 0; round < params->rounds; round++) {
        for (int i = 0; i < 2; i++)
            DERM_TRY(step(f, &way[i], params));
        for (int i = 0; i < 2; i++) {
            derm_field_loop_error(&way[i].error, way[i].map, way[1 - i].map);
            set_trust(&way[i].trust, &way[i].error, params->trusted_px);
        }
    }
    for (int j = 0; j < error->h; j++)
        memcpy(derm_row(error, j), derm_row(&way[0].error, j), sizeof(float) * (size_t)error->w);
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
