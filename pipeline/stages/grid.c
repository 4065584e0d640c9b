/* SPDX-License-Identifier: Apache-2.0 */
/* grid: which part of the photo is measured, and at what resolution.
 *
 * reads   light, clipped, face, scale, match (pair), user_roi, user_control, user_line
 * writes  view.grid, view.od (optical density -ln(linear light) on the grid), clipping
 *
 * The part: the face with its forehead and the neck below it; else the user's regions with a
 * margin; else everything. The resolution: enough for pores, never enlarged, and in a pair the
 * coarser photo's for both, so that neither shows detail that the other cannot have. Light is
 * averaged over a grid pixel before the logarithm is taken: it is light that adds up. */
#include <math.h>

#include "base/num.h"
#include "stages/stages.h"

struct params {
    float target_px_per_mm, crop_up, crop_side, crop_down, neck_down, roi_margin_mm, od_floor,
        black_od;
};
static const struct derm_opt opts[] = {
    DERM_OPT(
        struct params, target_px_per_mm, 11, 1, 100,
        "highest analysis resolution: photos of 15 to 18 px/mm are read no better at 14 (phantoms "
        "with all nuisances, even seeds, at 11 and 14: RMS error of spots 2.4 and 2.4, of pores "
        "4.1 and 4.1, null sd of scars 4.0 and 3.8 points, each +- .2 to .7; average precision "
        "of labelled pores .66, .68 and .67 at 8, 11 and 13.7 px/mm), and the null figures are of "
        "10 at most"),
    DERM_OPT(struct params, crop_up, 0.35, 0, 2,
             "of the face's height: the mesh ends below the hairline (models, section 8)"),
    DERM_OPT(struct params, crop_side, 0.15, 0, 2, "of the face's width, to each side"),
    DERM_OPT(struct params, crop_down, 0.10, 0, 2, "of the face's height, below the chin"),
    DERM_OPT(struct params, neck_down, 0.25, 0, 2,
             "of the face's height, further down for the neck: as far as its region"),
    DERM_OPT(struct params, roi_margin_mm, 4, 0, 100,
             "around the user's regions: as wide as the widest surround of a feature"),
    DERM_OPT(struct params, od_floor, 0.002, 1e-5, 0.1,
             "darkest linear light that still is signal (algorithms, section 1)"),
    DERM_OPT(struct params, black_od, 2.3, 0, 10,
             "what is clipped is black when its brightest channel is darker than a tenth of white"),
    { 0 },
};

enum { MESH_POINTS = 468, MESH_FOREHEAD = 10, MESH_CHIN = 152 }; /* the rest are the irises */

struct box { /* photo, pixel-edge coordinates: pixel k covers [k, k + 1) */
    double x0, y0, x1, y1;
    double below; /* further down, for the neck */
};
static const struct box nowhere = { HUGE_VAL, HUGE_VAL, -HUGE_VAL, -HUGE_VAL, 0.0 };

static void include(struct box *b, double x0, double y0, double x1, double y1)
{
    b->x0 = fmin(b->x0, x0);
    b->y0 = fmin(b->y0, y0);
    b->x1 = fmax(b->x1, x1);
    b->y1 = fmax(b->y1, y1);
}

/* The mesh's box along the face's own axes, enlarged; then the upright box around that. The neck is
 * sought below it: people are photographed upright. */
static void include_face(struct box *b, const struct derm_face *face, const struct params *p)
{
    const struct derm_point top = face->at[MESH_FOREHEAD], chin = face->at[MESH_CHIN];
    const double dx = top.x - chin.x, dy = top.y - chin.y, length = sqrt(dx * dx + dy * dy);
    const double up_x = length > 0.0 ? dx / length : 0.0;
    const double up_y = length > 0.0 ? dy / length : -1.0;
    struct box own = nowhere; /* x: to the side, y: up */
    double width, height;

    for (int i = 0; i < MESH_POINTS; i++) {
        const double side = -face->at[i].x * up_y + face->at[i].y * up_x;
        const double up = face->at[i].x * up_x + face->at[i].y * up_y;
        include(&own, side, up, side, up);
    }
    width = own.x1 - own.x0;
    height = own.y1 - own.y0;
    own.x0 -= (double)p->crop_side * width;
    own.x1 += (double)p->crop_side * width;
    own.y0 -= (double)p->crop_down * height;
    own.y1 += (double)p->crop_up * height;
    b->below = (double)p->neck_down * height;
    for (int corner = 0; corner < 4; corner++) {
        const double side = corner & 1 ? own.x1 : own.x0, up = corner & 2 ? own.y1 : own.y0;
        const double x = -side * up_y + up * up_x + 0.5, y = side * up_x + up * up_y + 0.5;
        include(b, x, y, x, y);
    }
}

static void include_mask(struct box *b, const struct derm_mask *mask, double margin_px)
{
    if (!mask->px) return;
    for (int y = 0; y < mask->h; y++) {
        const uint8_t *const row = derm_mask_row(mask, y);
        int first = 0, last = mask->w - 1;

        while (first < mask->w && !row[first])
            first++;
        if (first == mask->w) continue;
        while (!row[last])
            last--;
        include(b, first - margin_px, y - margin_px, last + 1 + margin_px, y + 1 + margin_px);
    }
}

static struct box choose_part(const struct derm_frame *f, const struct params *p)
{
    const double margin_px = (double)p->roi_margin_mm * f->scale.px_per_mm;
    const double w = f->source.width, h = f->source.height;
    struct box b = nowhere;

    if (f->face.used)
        include_face(&b, &f->face, p);
    else if (f->user_roi.px)
        include_mask(&b, &f->user_roi, margin_px);
    else
        include(&b, 0.0, 0.0, w, h);
    include_mask(&b, &f->user_control, margin_px);
    for (int i = 0; i < f->user_line.n; i++) {
        const double *const at = f->user_line.xy[i];
        include(&b, at[0] - margin_px, at[1] - margin_px, at[0] + margin_px, at[1] + margin_px);
    }
    b.x0 = clampd(floor(b.x0), 0.0, w - 1.0);
    b.y0 = clampd(floor(b.y0), 0.0, h - 1.0);
    b.x1 = clampd(ceil(b.x1), b.x0 + 1.0, w);
    b.y1 = clampd(ceil(b.y1), b.y0 + 1.0, h);
    b.below = fmin(ceil(b.below), h - b.y1);
    return b;
}

/* Photo px per mm of both photos, in one unit: a known scale serves a photo without one through the
 * ratio that the coarse alignment found. */
static void pair_scales(const struct derm_pair *pair, double *base, double *follow)
{
    const bool base_known = pair->base->scale.source != DERM_SCALE_UNKNOWN;
    const bool follow_known = pair->follow->scale.source != DERM_SCALE_UNKNOWN;

    *base = pair->base->scale.px_per_mm;
    *follow = pair->follow->scale.px_per_mm;
    if (!pair->match.found || (base_known && follow_known)) return;
    if (follow_known)
        *base = *follow / pair->match.scale_ratio;
    else
        *follow = *base * pair->match.scale_ratio;
}

static void choose_resolution(struct derm_grid *grid, const struct derm_run *run,
                              const struct params *p)
{
    const struct derm_frame *const f = run->frame;
    const double target = (double)p->target_px_per_mm;
    double own = f->scale.px_per_mm, base, follow;

    grid->px_per_mm = fmin(target, own);
    if (run->pair) {
        pair_scales(run->pair, &base, &follow);
        own = f == run->pair->base ? base : follow;
        grid->px_per_mm = fmin(target, fmin(base, follow));
    }
    grid->step = fmax(1.0, own / grid->px_per_mm);
}

static derm_err fill_density(struct derm_run *run, const struct params *p)
{
    const struct derm_filter filter = derm_run_filter(run);
    struct derm_view *const v = &run->frame->view;

    for (int c = 0; c < 3; c++)
        DERM_TRY(derm_plane_raw(run->keep, &v->od[c], v->grid.w, v->grid.h));
    return derm_light_area(&filter, v->od, &run->frame->light, v->grid.x0, v->grid.y0, v->grid.step,
                           p->od_floor);
}

/* Blood takes all green and blue of a photo whose red is well lit: that is a colour, not black. */
static derm_err sample_clipping(struct derm_run *run, const struct params *p)
{
    const float black = derm_expf(-p->black_od);
    const double enough_px = 2e5; /* a share of 1 % within 2 % of itself */
    struct derm_frame *const f = run->frame;
    const struct derm_grid *const g = &f->view.grid;
    struct derm_clipping *const c = &f->clipping;

    c->at = derm_lattice_over(g->w, g->h, (double)g->w * g->h, enough_px);
    DERM_TRY(derm_mask_new(run->keep, &c->high, c->at.w, c->at.h));
    DERM_TRY(derm_mask_new(run->keep, &c->low, c->at.w, c->at.h));
    for (int j = 0; j < c->at.h; j++)
        for (int i = 0; i < c->at.w; i++) {
            const double at_x = g->x0 + (derm_lattice_at(&c->at, i) + 0.5) * g->step;
            const double at_y = g->y0 + (derm_lattice_at(&c->at, j) + 0.5) * g->step;
            const int x = clampi((int)at_x, 0, f->clipped.w - 1);
            const int y = clampi((int)at_y, 0, f->clipped.h - 1);
            float light[3], most;

            if (!derm_mask_row(&f->clipped, y)[x]) continue;
            derm_light_row(&f->light, light, x, y, 1);
            most = fmaxf(light[0], fmaxf(light[1], light[2]));
            derm_mask_row(&c->high, j)[i] = most > 0.5f ? 0xff : 0;
            derm_mask_row(&c->low, j)[i] = most < black ? 0xff : 0;
        }
    return DERM_OK;
}

static derm_err run_grid(struct derm_run *run, const void *params)
{
    const struct params *const p = params;
    struct derm_frame *const f = run->frame;
    struct derm_grid *const grid = &f->view.grid;
    const struct box part = choose_part(f, p);

    choose_resolution(grid, run, p);
    grid->x0 = part.x0;
    grid->y0 = part.y0;
    grid->w = imax(1, (int)((part.x1 - part.x0) / grid->step));
    grid->h = imax(1, (int)((part.y1 + part.below - part.y0) / grid->step));
    grid->neck_h = grid->h - imax(1, (int)((part.y1 - part.y0) / grid->step));
    DERM_TRY(fill_density(run, p));
    return sample_clipping(run, p);
}

const struct derm_stage derm_stage_grid = {
    .name = "grid",
    .scope = DERM_EACH,
    .reads = DERM_SLOT(source) | DERM_SLOT(light) | DERM_SLOT(clipped) | DERM_SLOT(face) |
             DERM_SLOT(scale),
    .writes = DERM_SLOT(grid) | DERM_SLOT(od),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_grid,
};
