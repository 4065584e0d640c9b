/* SPDX-License-Identifier: Apache-2.0 */
/* clutter: how much fine dark detail lies around each place, on the skin and off it.
 *
 * reads   od (of red, which shows hair best and pigment, blood and vessels least), equalised in a
 *         pair, registration, skin
 * writes  clutter: view.clutter of the photo, or of both photos of a pair on the baseline's grid
 *
 * A hair, the stubble of a chin, the end of a brow or of a lash, the rim of a nostril are small and
 * dark as pores, spots and scars are; no colour tells them apart where a camera compresses, and
 * shape does not where a hair is one pixel wide. But they come in crowds or at a sharp dark rim:
 * the surround of the object is full of dark detail finer than skin, which scatters light 0.3 mm
 * sideways, shows of its own pigment. So an object counts when it is many times darker than that
 * detail (a mole in a beard is), or where there is no more of it than smooth skin has. One hair
 * that passes by makes no crowd: it fills few cells of a spot's surround, however dark it is.
 *
 * Detail is what exceeds a smoothed copy, its square averaged over cells. */
#include "stages/clutter.h"

#include <math.h>

#include "base/num.h"
#include "kernels/bands.h"
#include "stages/stages.h"
#include "stages/statistics.h"

struct params {
    float max_px_per_mm, smooth_mm, most_od, cell_mm;
    float near_mm, far_mm, smooth_share, usual, usual_pores, min_contrast, lesion_mm;
    float crowd, crowd_px_per_mm;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, max_px_per_mm, 7, 2, 100,
             "working resolution: a hair of 0.1 mm is still a pixel wide"),
    DERM_OPT(struct params, smooth_mm, 0.3, 0.05, 5,
             "sigma of the smoothed copy: light scatters this far in skin (algorithms, section 5)"),
    DERM_OPT(struct params, most_od, 0.5, 0.01, 5,
             "optical density above the copy that counts at most: a hair's (algorithms, section "
             "5); one black rim must not stand for a crowd"),
    DERM_OPT(struct params, cell_mm, 0.5, 0.05, 5, "side of a cell: finer than the surround"),
    DERM_OPT(struct params, near_mm, 0.4, 0, 20,
             "the surround begins this far from the object: beyond its own blurred edge"),
    DERM_OPT(struct params, far_mm, 2.4, 0.1, 20,
             "and ends this far: several hairs of a beard, which are 1 mm or so apart"),
    DERM_OPT(struct params, smooth_share, 0.25, 0, 1,
             "share of the skin that is taken for smooth: half of a face may be beard"),
    DERM_OPT(struct params, usual, 1.6, 0, 100,
             "detail around a place, relative to smooth skin, that is nobody's hair (places judged "
             "by eye on people of even number, tests/truth/truth_clutter.c)"),
    DERM_OPT(struct params, usual_pores, 3, 0, 100,
             "the same for a pore: pores come in crowds, too, and are such detail themselves"),
    DERM_OPT(struct params, min_contrast, 20, 0, 1000,
             "contrast of an object relative to the detail around it, rms: below, it is part of it "
             "(the same places); 0: everything counts"),
    DERM_OPT(struct params, lesion_mm, 8, 0, 1000,
             "diameter from which a spot counts anyhow: a lesion has an uneven border and hairs on "
             "it; a scar as wide may be the shade of a beard, and a spot of up to 7 mm was (8 of "
             "44 spots of 3 mm and more on even people lay in beard or brow)"),
    DERM_OPT(
        struct params, crowd, 0.4, 0, 1,
        "share of a spot's surround that has more detail than is usual where it is a crowd's: "
        "by the mean alone a hair or a dark pore nearby took 239 of 4188 spots of phantoms, from "
        "0.3 on 70; 0.4 gives back 15 of 1255 spots of tone V for 4 false ones (even seeds)"),
    DERM_OPT(struct params, crowd_px_per_mm, 4.5, 0, 100,
             "in a photo with less the mean tells: cells of two pixels do not count hairs (no "
             "phantom that the limits come from was coarser)"),
    { 0 },
};

struct detail { /* at the working resolution */
    struct derm_plane od, smooth;
    float most;
    int cell; /* px */
    struct derm_plane energy;
};

/* Halves a plane until it is no finer than the working resolution; *factor: grid px per px. */
static derm_err reduce(const struct derm_filter *f, const struct derm_plane *od, double px_per_mm,
                       double max_px_per_mm, struct derm_plane *out, int *factor)
{
    *out = *od;
    *factor = 1;
    for (; px_per_mm / *factor > max_px_per_mm && imin(out->w, out->h) > 1; *factor *= 2) {
        const struct derm_plane fine = *out;

        DERM_TRY(derm_plane_raw(f->scratch, out, (fine.w + 1) / 2, (fine.h + 1) / 2));
        DERM_TRY(derm_half(f, out, &fine));
    }
    return DERM_OK;
}

static void add_squares(float *restrict sum, const float *restrict od, const float *restrict smooth,
                        float most, int w)
{
    for (int x = 0; x < w; x++) {
        float d = od[x] - smooth[x];

        d = d > 0.0f ? d : 0.0f;
        d = d < most ? d : most;
        sum[x] += d * d;
    }
}

static void fill_cells(const void *job, int j0, int j1, void *own)
{
    const struct detail *const d = job;
    float *const sum = own;

    for (int j = j0; j < j1; j++) {
        const int top = j * d->cell, end = imin(top + d->cell, d->od.h);

        for (int x = 0; x < d->od.w; x++)
            sum[x] = 0.0f;
        for (int y = top; y < end; y++)
            add_squares(sum, derm_row(&d->od, y), derm_row(&d->smooth, y), d->most, d->od.w);
        for (int i = 0; i < d->energy.w; i++) {
            const int left = i * d->cell, right = imin(left + d->cell, d->od.w);
            float all = 0.0f;

            for (int x = left; x < right; x++)
                all += sum[x];
            derm_row(&d->energy, j)[i] = all / (float)((right - left) * (end - top));
        }
    }
}

struct surround { /* of a place; 0 where there are no cells */
    double mean;  /* energy */
    double crowd; /* share of the cells that have more than is usual */
};

/* lo, hi in cells. */
static struct surround around(const struct derm_plane *energy, double cx, double cy, double lo,
                              double hi, double usual)
{
    const int i0 = imax((int)ceil(cx - hi), 0), i1 = imin((int)(cx + hi), energy->w - 1);
    const int j0 = imax((int)ceil(cy - hi), 0), j1 = imin((int)(cy + hi), energy->h - 1);
    double sum = 0;
    int cells = 0, above = 0;

    for (int j = j0; j <= j1; j++) {
        const float *const row = derm_row(energy, j);

        for (int i = i0; i <= i1; i++) {
            const double r2 = (i - cx) * (i - cx) + (j - cy) * (j - cy), is = (double)row[i];
            const bool in = r2 >= lo * lo && r2 <= hi * hi;

            sum += in ? is : 0; /* no branch: the rim is met in every row */
            above += in && is > usual;
            cells += in;
        }
    }
    if (cells == 0) return (struct surround){ 0, 0 };
    return (struct surround){ sum / cells, (double)above / cells };
}

/* Of an object, grid px. */
static struct surround around_object(const struct derm_clutter *c, double x, double y,
                                     double radius_px, double usual)
{
    return around(&c->energy, (x + 0.5) / c->cell_px - 0.5, (y + 0.5) / c->cell_px - 0.5,
                  (radius_px + c->near_px) / c->cell_px, (radius_px + c->far_px) / c->cell_px,
                  usual);
}

/* What lies around most places of the smoothest skin. */
static derm_err smooth_skin(struct derm_run *run, const struct derm_clutter *c,
                            const struct derm_mask *skin, double share, double *energy)
{
    const struct derm_plane *const e = &c->energy;
    const int step = imax((int)(c->far_px / c->cell_px), 1); /* surrounds that hardly overlap */
    const size_t most = (size_t)(e->w / step + 1) * (size_t)(e->h / step + 1);
    double *level;
    int n = 0;

    DERM_TRY(derm_arena_raw(run->scratch, &level, most, sizeof(*level)));
    for (int j = 0; j < e->h; j += step)
        for (int i = 0; i < e->w; i += step) {
            const int x = imin((int)((i + 0.5) * c->cell_px), skin->w - 1);
            const int y = imin((int)((j + 0.5) * c->cell_px), skin->h - 1);

            if (derm_mask_row(skin, y)[x])
                level[n++] = around(e, i, j, 0, c->far_px / c->cell_px, HUGE_VAL).mean;
        }
    derm_sort(level, n);
    *energy = n > 0 ? derm_percentile(level, n, share) : 0;
    return DERM_OK;
}

static derm_err measure(struct derm_run *run, const struct params *p, struct derm_view *view)
{
    const struct derm_filter f = derm_run_filter(run);
    const double px_per_mm = view->grid.px_per_mm;
    struct derm_clutter *const c = &view->clutter;
    struct detail d = { .most = p->most_od };
    const double pores = (double)p->usual_pores, others = (double)p->usual;
    const bool coarse = px_per_mm < (double)p->crowd_px_per_mm;
    int factor;

    DERM_TRY(reduce(&f, &view->od[0], px_per_mm, (double)p->max_px_per_mm, &d.od, &factor));
    DERM_TRY(derm_plane_raw(run->scratch, &d.smooth, d.od.w, d.od.h));
    DERM_TRY(derm_gaussian(&f, &d.smooth, &d.od, (double)p->smooth_mm * px_per_mm / factor));
    d.cell = imax((int)((double)p->cell_mm * px_per_mm / factor + 0.5), 1);
    DERM_TRY(derm_plane_new(run->keep, &d.energy, (d.od.w + d.cell - 1) / d.cell,
                            (d.od.h + d.cell - 1) / d.cell));
    DERM_TRY(derm_bands_run(&f, d.energy.h, sizeof(float) * (size_t)d.od.stride, fill_cells, &d));
    *c = (struct derm_clutter){ .energy = d.energy,
                                .cell_px = (double)d.cell * factor,
                                .near_px = (double)p->near_mm * px_per_mm,
                                .far_px = (double)p->far_mm * px_per_mm,
                                .lesion_radius_px = 0.5 * (double)p->lesion_mm * px_per_mm,
                                .min_contrast = (double)p->min_contrast,
                                .crowd = coarse ? 0 : (double)p->crowd };
    DERM_TRY(smooth_skin(run, c, &view->skin, (double)p->smooth_share, &c->smooth));
    for (int i = 0; i < DERM_CONCERN_COUNT; i++)
        c->usual[i] = c->smooth * (i == DERM_CONCERN_PORES ? pores * pores : others * others);
    return DERM_OK;
}

double derm_clutter_around(const struct derm_clutter *c, double x, double y, double radius_px)
{
    if (!c->energy.px) return 0;
    return around_object(c, x, y, radius_px, HUGE_VAL).mean;
}

bool derm_in_clutter(const struct derm_clutter *c, enum derm_concern concern, double x, double y,
                     double radius_px, double contrast)
{
    const bool spot = concern == DERM_CONCERN_PIGMENTATION;
    struct surround s;

    if (!c->energy.px || (spot && radius_px > c->lesion_radius_px)) return false;
    s = around_object(c, x, y, radius_px, c->usual[concern]);
    return s.mean > c->usual[concern] && (!spot || s.crowd >= c->crowd) &&
           contrast * contrast < c->min_contrast * c->min_contrast * s.mean;
}

static derm_err run_clutter(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;

    if (!pair) return measure(run, params, &run->frame->view);
    if (!pair->registration.accepted) return DERM_OK; /* nothing will be searched for */
    DERM_TRY(measure(run, params, &pair->base->view));
    derm_arena_reset(run->scratch, 0);
    return measure(run, params, &pair->warped);
}

const struct derm_stage derm_stage_clutter = {
    .name = "clutter",
    .scope = DERM_ONCE,
    .reads = DERM_SLOT(od) | DERM_SLOT(skin) | DERM_SLOT(registration) | DERM_SLOT(warped) |
             DERM_SLOT(equalised),
    .writes = DERM_SLOT(clutter),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_clutter,
};
