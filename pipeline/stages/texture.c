/* SPDX-License-Identifier: Apache-2.0 */
/* texture: how rough the skin looks.
 *
 * reads   od (green), skin or what is common to two photos, regions, quality, gauge, equalised,
 *         clutter, and the objects of the other concerns
 * writes  texture: objects[DERM_KIND_RELIEF_PATCH], the skin in square cells. Of each cell
 *         base_value, follow_value  sum over its pixels of the square of the band-passed optical
 *                                   density, less what noise adds (od^2 x grid px2)
 *         base_coherence, follow_coherence  how much of the slopes runs in one direction, 0..1
 *
 * Relief shows as light and shade: optical density between two Gaussians holds what is finer than a
 * pigmented spot and coarser than a pixel. Its mean square over a region is the roughness squared.
 * What is an object of another concern is left out, in both photos of a pair alike, and so are
 * cells full of hair, and pixels far beyond the spread of their cell: single hairs, rims.
 *
 * Noise has a mean square of its own, which would make a grainy photo look rough. It is taken as
 * white at the sd that stage quality measured; what the filters here, and the blur that a pair's
 * sharper photo was given, leave of white noise they are asked themselves: the sum of the squares
 * of their answer to a single bright pixel.
 *
 * Coherence is that of the structure tensor (Bigun & Granlund 1987, ICCV, 433): 1 for parallel
 * furrows, 0 where slopes go all ways. Light from a side raises it everywhere. */
#include <math.h>
#include <string.h>

#include "base/metrics.h"
#include "base/num.h"
#include "stages/bandpass.h"
#include "stages/clutter.h"
#include "stages/comparable.h"
#include "stages/gauge.h"
#include "stages/reduced.h"
#include "stages/segment.h"
#include "stages/stages.h"

enum { PHOTOS = 2 };

struct params {
    float max_px_per_mm, fill_mm, fine_mm, coarse_mm, cell_mm, min_share, margin_mm, most_spreads;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, max_px_per_mm, 10, 2, 100,
             "working resolution: the finer Gaussian is then at least 0.75 px wide"),
    DERM_OPT(struct params, fill_mm, 0.6, 0.1, 20, "sigma of the fill outside the skin"),
    DERM_OPT(struct params, fine_mm, 0.15, 0.02, 5,
             "sigma of the finer Gaussian (algorithms, section 8)"),
    DERM_OPT(struct params, coarse_mm, 0.5, 0.1, 20,
             "sigma of the coarser Gaussian (algorithms, section 8)"),
    DERM_OPT(struct params, cell_mm, 4, 0.5, 50, "side of a cell"),
    DERM_OPT(struct params, min_share, 0.5, 0, 1, "of a cell that must be measurable skin"),
    DERM_OPT(struct params, margin_mm, 0.2, 0, 5,
             "around a pore or a spot, which shines into its surround"),
    DERM_OPT(struct params, most_spreads, 3, 1, 100,
             "root mean squares of its cell beyond which a pixel is a hair or a rim, no skin"),
    { 0 },
};

struct energy { /* of band-passed noise of unit variance, or of a pixel */
    double level, slope;
};
struct photo { /* reduced */
    struct derm_plane band;
    struct energy noise;
};
struct bench {
    const struct params *params;
    struct derm_reduced c;
    struct photo photo[PHOTOS];
    const struct derm_view *view[PHOTOS]; /* view[1] NULL in an analysis */
};

/* ---- what is no plain skin */

static void leave_out_labels(struct derm_mask *where, const struct derm_labels *labels)
{
    for (int y = 0; y < where->h; y++) {
        const int32_t *const label = derm_labels_row(labels, y);
        uint8_t *const row = derm_mask_row(where, y);

        for (int x = 0; x < where->w; x++)
            if (label[x]) row[x] = 0;
    }
}

static void leave_out_disc(struct derm_mask *where, const struct derm_object *o, double radius_px)
{
    const int y0 = imax((int)ceil(o->y - radius_px), 0);
    const int y1 = imin((int)(o->y + radius_px), where->h - 1);

    for (int y = y0; y <= y1; y++) {
        const double half = sqrt(fmax(radius_px * radius_px - (y - o->y) * (y - o->y), 0));
        const int x1 = imin((int)(o->x + half), where->w - 1);

        for (int x = imax((int)ceil(o->x - half), 0); x <= x1; x++)
            derm_mask_row(where, y)[x] = 0;
    }
}

/* The measurable skin without the objects of all kinds that are told apart from it. */
static derm_err plain_skin(struct derm_run *run, const struct params *p, struct derm_mask *where)
{
    const struct derm_view *const view = &derm_measured_frame(run)->view;
    const struct derm_mask *const skin = run->pair ? &run->pair->common : &view->skin;
    const struct derm_objects *const all = run->pair ? run->pair->objects : run->frame->objects;
    const double px_per_mm = view->grid.px_per_mm;

    DERM_TRY(derm_mask_new(run->scratch, where, skin->w, skin->h));
    for (int y = 0; y < skin->h; y++)
        memcpy(derm_mask_row(where, y), derm_mask_row(skin, y), (size_t)skin->w);
    for (int kind = 0; kind < DERM_KIND_COUNT; kind++) {
        if (all[kind].labels.px) leave_out_labels(where, &all[kind].labels);
        if (derm_kinds[kind].shape != DERM_SHAPE_DOT) continue;
        for (int i = 0; i < all[kind].n; i++) {
            const struct derm_object *const o = &all[kind].item[i];
            leave_out_disc(where, o, (o->diameter_mm / 2 + (double)p->margin_mm) * px_per_mm);
        }
    }
    return DERM_OK;
}

/* ---- the band */

static void subtract(struct derm_plane *a, const struct derm_plane *b)
{
    for (int y = 0; y < a->h; y++) {
        float *const restrict to = derm_row(a, y);
        const float *const restrict from = derm_row(b, y);

        for (int x = 0; x < a->w; x++)
            to[x] -= from[x];
    }
}

static struct energy energy_at(const struct derm_plane *band, int x, int y)
{
    const double v = (double)derm_row(band, y)[x];
    const double dx = (double)(derm_row(band, y)[x + 1] - derm_row(band, y)[x - 1]);
    const double dy = (double)(derm_row(band, y + 1)[x] - derm_row(band, y - 1)[x]);

    return (struct energy){ v * v, dx * dx + dy * dy };
}

/* What is left of white noise of unit variance: blur_px is the blur that the photo was given. */
static derm_err noise_gain(struct derm_run *run, const struct bench *b, double blur_px,
                           struct energy *gain)
{
    const struct derm_filter f = derm_run_filter(run);
    const double s = b->c.px_per_mm, coarse_px = (double)b->params->coarse_mm * s;
    const int half = (int)(4 * (coarse_px + blur_px)) + 4, side = 2 * half + 1;
    const size_t mark = run->scratch->used;
    struct derm_plane band, slow;

    *gain = (struct energy){ 0 };
    DERM_TRY(derm_plane_new(run->scratch, &band, side, side));
    DERM_TRY(derm_plane_raw(run->scratch, &slow, side, side));
    derm_row(&band, half)[half] = 1;
    if (blur_px > 0) DERM_TRY(derm_gaussian(&f, &band, &band, blur_px));
    DERM_TRY(derm_gaussian(&f, &slow, &band, coarse_px));
    DERM_TRY(derm_gaussian(&f, &band, &band, (double)b->params->fine_mm * s));
    subtract(&band, &slow);
    for (int y = 1; y < side - 1; y++)
        for (int x = 1; x < side - 1; x++) {
            const struct energy e = energy_at(&band, x, y);
            gain->level += e.level;
            gain->slope += e.slope;
        }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

static derm_err make_band(struct derm_run *run, struct bench *b, int photo,
                          const struct derm_mask *where)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct derm_pair *const pair = run->pair;
    const struct derm_frame *const frame = !pair ? run->frame : photo ? pair->follow : pair->base;
    const bool blurred = pair && pair->equalised == photo + 1;
    const double blur_px = blurred ? derm_gauge_sigma_px(&pair->gauge) / b->c.factor : 0;
    const double noise = frame->quality.noise_od / b->c.factor;
    const double s = b->c.px_per_mm;
    struct photo *const p = &b->photo[photo];
    struct derm_plane slow;
    struct energy gain;
    size_t mark;

    DERM_TRY(derm_reduced_plane(run, &b->c, &p->band, &b->view[photo]->od[1], where));
    mark = run->scratch->used;
    DERM_TRY(derm_plane_raw(run->scratch, &slow, p->band.w, p->band.h));
    DERM_TRY(derm_gaussian(&f, &slow, &p->band, (double)b->params->coarse_mm * s));
    DERM_TRY(derm_gaussian(&f, &p->band, &p->band, (double)b->params->fine_mm * s));
    subtract(&p->band, &slow);
    derm_arena_reset(run->scratch, mark);
    DERM_TRY(noise_gain(run, b, blur_px, &gain));
    p->noise = (struct energy){ noise * noise * gain.level, noise * noise * gain.slope };
    return DERM_OK;
}

/* ---- cells */

struct cell {
    int x0, y0, x1, y1; /* reduced px, the ends excluded */
    int n;              /* pixels that count */
    struct tensor {
        double level, along, across, slope; /* b b, x x - y y, 2 x y, x x + y y */
    } sum[PHOTOS];
};

/* Sums over the pixels of both photos whose mean square is at most `most`. */
static void add_up(const struct bench *b, struct cell *c, double most)
{
    const int photos = b->view[1] ? PHOTOS : 1;

    c->n = 0;
    memset(c->sum, 0, sizeof(c->sum));
    for (int y = c->y0; y < c->y1; y++) {
        const uint8_t *const where = derm_mask_row(&b->c.where, y);

        for (int x = c->x0; x < c->x1; x++) {
            double square = 0;

            if (!where[x]) continue;
            for (int i = 0; i < photos; i++)
                square += (double)(derm_row(&b->photo[i].band, y)[x] *
                                   derm_row(&b->photo[i].band, y)[x]) /
                          photos;
            if (square > most) continue;
            c->n++;
            for (int i = 0; i < photos; i++) {
                const struct derm_plane *const band = &b->photo[i].band;
                const double v = (double)derm_row(band, y)[x];
                const double dx = (double)(derm_row(band, y)[x + 1] - derm_row(band, y)[x - 1]);
                const double dy = (double)(derm_row(band, y + 1)[x] - derm_row(band, y - 1)[x]);
                c->sum[i].level += v * v;
                c->sum[i].along += dx * dx - dy * dy;
                c->sum[i].across += 2 * dx * dy;
                c->sum[i].slope += dx * dx + dy * dy;
            }
        }
    }
}

/* Twice over: the first limit is raised by what is to be left out. */
static void measure_cell(const struct bench *b, struct cell *c)
{
    const double spreads = (double)b->params->most_spreads;
    double most = INFINITY;

    for (int round = 0; round < 3; round++) {
        double mean = 0;

        add_up(b, c, most);
        for (int i = 0; i < (b->view[1] ? PHOTOS : 1); i++)
            mean += c->sum[i].level / imax(c->n, 1) / (b->view[1] ? PHOTOS : 1);
        most = spreads * spreads * mean;
    }
}

static double coherence(const struct tensor *t, double noise)
{
    const double slope = t->slope - noise;
    const double one_way = sqrt(t->along * t->along + t->across * t->across);

    return slope > one_way ? one_way / slope : one_way > 0 ? 1 : 0;
}

static bool is_hairy(const struct bench *b, double x, double y)
{
    for (int i = 0; i < PHOTOS; i++)
        if (b->view[i] && derm_in_clutter(&b->view[i]->clutter, DERM_CONCERN_TEXTURE, x, y, 0, 0))
            return true;
    return false;
}

static void take_cell(const struct bench *b, const struct cell *c, struct derm_objects *out)
{
    const double px2 = (double)b->c.factor * b->c.factor;
    const struct derm_view *const view = b->view[0];
    struct derm_object o = {
        .x = derm_reduced_to_grid(&b->c, 0.5 * (c->x0 + c->x1 - 1)),
        .y = derm_reduced_to_grid(&b->c, 0.5 * (c->y0 + c->y1 - 1)),
        .scale_px = (double)(c->x1 - c->x0) * b->c.factor,
        .area_px = c->n * px2,
        .found_in = b->view[1] ? 3 : 1,
    };
    const int column = clampi((int)(o.x + 0.5), 0, view->grid.w - 1);
    const int row = clampi((int)(o.y + 0.5), 0, view->grid.h - 1);

    o.regions = derm_bits_row(&view->regions, row)[column];
    if (o.regions == 0 || is_hairy(b, o.x, o.y)) return;
    o.base_area_px = o.area_px;
    o.base_value = px2 * (c->sum[0].level - c->n * b->photo[0].noise.level);
    o.base_coherence = coherence(&c->sum[0], c->n * b->photo[0].noise.slope);
    if (b->view[1]) {
        o.follow_area_px = o.area_px;
        o.follow_value = px2 * (c->sum[1].level - c->n * b->photo[1].noise.level);
        o.follow_coherence = coherence(&c->sum[1], c->n * b->photo[1].noise.slope);
    }
    out->item[out->n++] = o;
}

static derm_err cut(struct derm_run *run, const struct bench *b, struct derm_objects *out)
{
    const int side = imax((int)((double)b->params->cell_mm * b->c.px_per_mm + 0.5), 1);
    const int w = b->c.where.w, h = b->c.where.h;
    const size_t most = (size_t)(w / side + 1) * (size_t)(h / side + 1);

    DERM_TRY(derm_arena_new(run->keep, &out->item, most, sizeof(*out->item)));
    for (int y = 1; y + side < h; y += side) /* slopes need a pixel on all sides */
        for (int x = 1; x + side < w; x += side) {
            struct cell c = { .x0 = x, .y0 = y, .x1 = x + side, .y1 = y + side };

            measure_cell(b, &c);
            if (c.n >= (double)b->params->min_share * side * side && c.n > 0) take_cell(b, &c, out);
        }
    return DERM_OK;
}

static derm_err run_texture(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;
    struct derm_objects *const all = pair ? pair->objects : run->frame->objects;
    const struct params *const p = params;
    struct bench b = { .params = p };
    struct derm_mask where;

    if (!derm_segment_is_measured(run, DERM_CONCERN_TEXTURE)) return DERM_OK;
    b.view[0] = &derm_measured_frame(run)->view;
    b.view[1] = pair ? &pair->warped : NULL;
    DERM_TRY(plain_skin(run, p, &where));
    DERM_TRY(derm_reduced_new(run, &b.c, &where, b.view[0]->grid.px_per_mm,
                              (double)p->max_px_per_mm, (double)p->fill_mm));
    for (int i = 0; i < (pair ? PHOTOS : 1); i++)
        DERM_TRY(make_band(run, &b, i, &where));
    return cut(run, &b, &all[DERM_KIND_RELIEF_PATCH]);
}

const struct derm_stage derm_stage_texture = {
    .name = "texture",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS | DERM_SLOT(gauge) | DERM_SLOT(pores) | DERM_SLOT(pigmentation) |
             DERM_SLOT(scars),
    .writes = DERM_SLOT(texture),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_texture,
};
