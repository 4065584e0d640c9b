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

    for (int i = 0; i < a->term[0].w; i++) {
        float sum[TERMS][LANES] = { { 0 } };
        for (int y = imax(1, j * cell); y < imin(h - 1, (j + 1) * cell); y++)
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

static derm_err step(const struct derm_filter *f, struct derm_field *p,
                     const struct derm_flow_side *fixed, const struct derm_flow_side *moving,
                     const struct derm_plane *trust, const struct derm_flow_params *params)
{
    const size_t mark = f->scratch->used;
    const int w = fixed->image->w, h = fixed->image->h;
    struct images s = { .image = fixed->image, .weight = fixed->weight };
    struct derm_plane x, y, term[TERMS];
    struct derm_field d;
    struct assembly a = { &s, term, p->cell_px };

    DERM_TRY(derm_plane_new(f->scratch, &x, w, h));
    DERM_TRY(derm_plane_new(f->scratch, &y, w, h));
    DERM_TRY(derm_plane_new(f->scratch, &s.moved, w, h));
    DERM_TRY(derm_plane_new(f->scratch, &s.moved_weight, w, h));
    derm_field_expand(p, &x, &y, &(struct derm_field_window){ 0, 0, 1, 1, 0 });
    DERM_TRY(derm_resample_map(f, &s.moved, moving->image, &x, &y));
    DERM_TRY(derm_resample_map(f, &s.moved_weight, moving->weight, &x, &y));
    for (int j = 0; j < h; j++)
        for (int i = 0; i < w; i++) {
            float *const m = derm_row(&s.moved_weight, j) + i;
            const float px = derm_row(&x, j)[i], py = derm_row(&y, j)[i];
            const int inside = px >= 1.0f && py >= 1.0f && px <= (float)(moving->image->w - 2) &&
                               py <= (float)(moving->image->h - 2);
            *m = inside ? clampf(*m, 0.0f, 1.0f) : 0.0f;
        }

    for (int t = 0; t < TERMS; t++)
        DERM_TRY(derm_plane_new(f->scratch, &term[t], p->x.w, p->x.h));
    derm_pool_run(f->pool, p->x.h, assemble_row, &a);
    DERM_TRY(derm_field_new(f->scratch, &d, w, h, p->cell_px));
    DERM_TRY(solve(f, &d, term, trust, params));
    DERM_TRY(derm_field_compose(f->scratch, p, &d));
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
    struct derm_plane trust_p, trust_q, error_q;

    DERM_TRY(derm_plane_new(f->scratch, &trust_p, p->x.w, p->x.h));
    DERM_TRY(derm_plane_new(f->scratch, &trust_q, q->x.w, q->x.h));
    DERM_TRY(derm_plane_new(f->scratch, &error_q, q->x.w, q->x.h));
    set_all(&trust_p, 1.0f);
    set_all(&trust_q, 1.0f);
    for (int round = 0; round < params->rounds; round++) {
        for (int i = 0; i < params->steps; i++) {
            DERM_TRY(step(f, p, base, follow, &trust_p, params));
            DERM_TRY(step(f, q, follow, base, &trust_q, params));
        }
        derm_field_loop_error(error, p, q);
        derm_field_loop_error(&error_q, q, p);
        set_trust(&trust_p, error, params->trusted_px);
        set_trust(&trust_q, &error_q, params->trusted_px);
    }
    derm_arena_reset(f->scratch, mark);
    return DERM_OK;
}
