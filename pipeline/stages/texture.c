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
 * A file that keeps less of colour than of light smears noise, which is then taken for too little:
 * noise of 2/255 put into photos of faces still reads as 3 or 4 % of roughness, of 4/255 as up to a
 * quarter on the smoothest skin (truth_texture).
 *
 * Coherence is that of the structure tensor (Bigun & Granlund 1987, ICCV, 433): 1 for parallel
 * furrows, 0 where slopes go all ways. Light from a side raises it everywhere. */
#include <float.h>
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
    float max_px_per_mm, fill_mm, fine_mm, fine_px, coarse, cell_mm, min_share, margin_mm, most;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, max_px_per_mm, 10, 2, 100,
             "working resolution: the finer Gaussian is a pixel or two wide"),
    DERM_OPT(struct params, fill_mm, 0.6, 0.1, 20, "sigma of the fill outside the skin"),
    DERM_OPT(struct params, fine_mm, 0.15, 0.02, 5,
             "sigma of the finer Gaussian (algorithms, section 8)"),
    DERM_OPT(
        struct params, fine_px, 1, 0.5, 10,
        "and no less than this many pixels: what is finer hangs on the sharpness of the photo. "
        "8 pairs neutral / smiling (even numbers) of 4 px/mm read 8.9 +- 10.5 % with 0.6, "
        "0.4 +- 5.9 % with 1"),
    DERM_OPT(struct params, coarse, 3.3333333f, 1.1, 20,
             "the coarser Gaussian relative to the finer (algorithms, section 8: 0.15 to 0.5 mm). "
             "Broader ones see uneven colour: of relief that falls by 40 % phantoms read 28 % at "
             "3.3, 13 % at 10 (even seeds, 10 px/mm)"),
    DERM_OPT(struct params, cell_mm, 4, 0.5, 50, "side of a cell"),
    DERM_OPT(struct params, min_share, 0.5, 0, 1, "of a cell that must be measurable skin"),
    DERM_OPT(struct params, margin_mm, 0.2, 0, 5,
             "around a pore or a spot, which shines into its surround"),
    DERM_OPT(struct params, most, 3.5, 1, 100,
             "mean magnitudes of its cell beyond which a pixel is a hair or a rim, no skin: 2.8 sd "
             "of a normal variable"),
    { 0 },
};

struct relief { /* sums over pixels of band b and its central differences x, y */
    double level, along, across, slope; /* b b, x x - y y, 2 x y, x x + y y */
};
struct photo { /* reduced */
    struct derm_plane band;
    struct relief noise; /* what it adds to a pixel; it has no direction */
};
struct bench {
    const struct params *params;
    struct derm_reduced c;
    double fine_px, coarse_px; /* sigmas of the band, reduced */
    struct photo photo[PHOTOS];
    struct derm_plane magnitude;          /* of the bands, reduced */
    const struct derm_view *view[PHOTOS]; /* view[1] NULL in an analysis */
};

/* ---- what is no plain skin */

static bool any_label(const int32_t *label, int n)
{
    int32_t any = 0;

    for (int x = 0; x < n; x++)
        any |= label[x];
    return any != 0;
}

/* Skin is as rough in a diffuse field as beside it. */
static void leave_out_labels(struct derm_mask *where, const struct derm_objects *objects)
{
    const struct derm_labels *const labels = &objects->labels;
    const int shift = objects->label_shift;

    for (int y = 0; y < where->h; y++) {
        const int32_t *const label = derm_labels_row(labels, y >> shift);
        uint8_t *const row = derm_mask_row(where, y);

        if (!any_label(label, labels->w)) continue;
        for (int x = 0; x < where->w; x++) {
            const int l = label[x >> shift];

            if (l > 0 && !objects->item[l - 1].field) row[x] = 0;
        }
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

    DERM_TRY(derm_mask_raw(run->scratch, where, skin->w, skin->h));
    for (int y = 0; y < skin->h; y++)
        memcpy(derm_mask_row(where, y), derm_mask_row(skin, y), (size_t)skin->w);
    for (int kind = 0; kind < DERM_KIND_COUNT; kind++) {
        if (all[kind].labels.px) leave_out_labels(where, &all[kind]);
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

/* plane <- plane between the two Gaussians. */
static derm_err band_pass(struct derm_run *run, const struct bench *b, struct derm_plane *plane)
{
    const struct derm_filter f = derm_run_filter(run);
    const size_t mark = run->scratch->used;
    struct derm_plane slow;

    DERM_TRY(derm_plane_raw(run->scratch, &slow, plane->w, plane->h));
    DERM_TRY(derm_gaussian(&f, &slow, plane, b->coarse_px));
    DERM_TRY(derm_gaussian(&f, plane, plane, b->fine_px));
    subtract(plane, &slow);
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

/* Adds the pixels [x0, x1) of a row whose magnitude is at most `most`; magnitude NULL: all. */
static void add_row(struct relief *sum, const struct derm_plane *band, int y, int x0, int x1,
                    const float *magnitude, float most)
{
    const float *const above = derm_row(band, y - 1), *const row = derm_row(band, y);
    const float *const below = derm_row(band, y + 1);
    struct relief s = *sum;

    for (int x = x0; x < x1; x++) {
        const double b = (double)row[x], dx = (double)(row[x + 1] - row[x - 1]);
        const double dy = (double)(below[x] - above[x]);

        if (magnitude && !(magnitude[x] <= most)) continue;
        s.level += b * b;
        s.along += dx * dx - dy * dy;
        s.across += 2 * dx * dy;
        s.slope += dx * dx + dy * dy;
    }
    *sum = s;
}

/* What is left of white noise of this variance after a blur. */
static derm_err noise_of(struct derm_run *run, const struct bench *b, double variance,
                         double blur_px, struct relief *noise)
{
    const struct derm_filter f = derm_run_filter(run);
    const int half = (int)(4 * (b->coarse_px + blur_px)) + 4, side = 2 * half + 1;
    const size_t mark = run->scratch->used;
    struct derm_plane answer;

    *noise = (struct relief){ 0 };
    DERM_TRY(derm_plane_new(run->scratch, &answer, side, side));
    derm_row(&answer, half)[half] = 1;
    if (blur_px > 0) DERM_TRY(derm_gaussian(&f, &answer, &answer, blur_px));
    DERM_TRY(band_pass(run, b, &answer));
    for (int y = 1; y < side - 1; y++)
        add_row(noise, &answer, y, 1, side - 1, NULL, 0);
    noise->level *= variance;
    noise->slope *= variance;
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

static derm_err make_band(struct derm_run *run, struct bench *b, int photo,
                          const struct derm_mask *where)
{
    const struct derm_pair *const pair = run->pair;
    const struct derm_frame *const frame = !pair ? run->frame : photo ? pair->follow : pair->base;
    const bool blurred = pair && pair->equalised == photo + 1;
    const double blur_px = blurred ? derm_gauge_sigma_px(&pair->gauge) / b->c.factor : 0;
    const double noise_od = frame->quality.noise_od / b->c.factor;
    struct photo *const p = &b->photo[photo];

    DERM_TRY(derm_reduced_plane(run, &b->c, &p->band, &b->view[photo]->od[1], where));
    DERM_TRY(band_pass(run, b, &p->band));
    return noise_of(run, b, noise_od * noise_od, blur_px, &p->noise);
}

/* ---- cells */

struct cell {
    int x0, y0, x1, y1; /* reduced px, the ends excluded */
    int n;              /* pixels that count */
    struct relief sum[PHOTOS];
};

static int photos_of(const struct bench *b)
{
    return b->view[1] ? PHOTOS : 1;
}

/* Root mean square of the photos, so that a pixel counts in both or in neither; infinite where
 * there is no plain skin. */
static derm_err find_magnitude(struct derm_run *run, struct bench *b)
{
    const struct derm_plane *const one = &b->photo[0].band, *const two =
                                                                &b->photo[photos_of(b) - 1].band;

    DERM_TRY(derm_plane_raw(run->scratch, &b->magnitude, one->w, one->h));
    for (int y = 0; y < one->h; y++) {
        const float *const u = derm_row(one, y), *const v = derm_row(two, y);
        const uint8_t *const where = derm_mask_row(&b->c.where, y);
        float *const out = derm_row(&b->magnitude, y);

        for (int x = 0; x < one->w; x++) {
            const float magnitude = sqrtf(0.5f * (u[x] * u[x] + v[x] * v[x]));
            out[x] = where[x] ? magnitude : INFINITY;
        }
    }
    return DERM_OK;
}

/* Sum of the magnitudes of n pixels that are at most `most`, and how many those are. In partial
 * sums: one alone waits for itself. */
static double sum_up_to(const float *m, int n, float most, int *count)
{
    enum { PARTS = 8 };
    double part[PARTS] = { 0 };
    int counted[PARTS] = { 0 };

    for (int x = 0; x + PARTS <= n; x += PARTS)
        for (int k = 0; k < PARTS; k++) {
            part[k] += m[x + k] <= most ? (double)m[x + k] : 0;
            counted[k] += m[x + k] <= most;
        }
    for (int x = n - n % PARTS; x < n; x++) {
        part[0] += m[x] <= most ? (double)m[x] : 0;
        counted[0] += m[x] <= most;
    }
    for (int k = 0; k < PARTS; k++)
        *count += counted[k];
    return ((part[0] + part[4]) + (part[2] + part[6])) +
           ((part[1] + part[5]) + (part[3] + part[7]));
}

/* What is no skin raises the mean from which it is told, so that is taken again without it. */
static float most_of_cell(const struct bench *b, const struct cell *c)
{
    enum { ROUNDS = 4 };
    float most = FLT_MAX;
    int before = -1; /* pixels of the round before */

    for (int round = 0; round < ROUNDS; round++) {
        double sum = 0;
        int n = 0;

        for (int y = c->y0; y < c->y1; y++)
            sum += sum_up_to(derm_row(&b->magnitude, y) + c->x0, c->x1 - c->x0, most, &n);
        if (n == before) break; /* the same pixels again */
        before = n;
        most = (float)((double)b->params->most * sum / imax(n, 1));
    }
    return most;
}

static void measure_cell(const struct bench *b, struct cell *c)
{
    const float most = most_of_cell(b, c);

    for (int y = c->y0; y < c->y1; y++) {
        const float *const m = derm_row(&b->magnitude, y);

        for (int x = c->x0; x < c->x1; x++)
            c->n += m[x] <= most;
        for (int i = 0; i < photos_of(b); i++)
            add_row(&c->sum[i], &b->photo[i].band, y, c->x0, c->x1, m, most);
    }
}

static double coherence(const struct relief *sum, double noise)
{
    /* What is noise for the most part has no direction to tell. */
    const double slope = fmax(sum->slope - noise, 0.5 * sum->slope);
    const double one_way = sqrt(sum->along * sum->along + sum->across * sum->across);

    return slope > 0 ? fmin(one_way / slope, 1) : 0;
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
    DERM_TRY(derm_reduced_use_head(run, &b.c, &b.view[0]->regions));
    b.fine_px = fmax((double)p->fine_mm * b.c.px_per_mm, (double)p->fine_px);
    b.coarse_px = (double)p->coarse * b.fine_px;
    for (int i = 0; i < (pair ? PHOTOS : 1); i++)
        DERM_TRY(make_band(run, &b, i, &where));
    DERM_TRY(find_magnitude(run, &b));
    return cut(run, &b, &all[DERM_KIND_RELIEF_PATCH]);
}

const struct derm_stage derm_stage_texture = {
    .name = "texture",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS | DERM_SLOT(gauge) | DERM_SLOT(pores) | DERM_SLOT(pigmentation) |
             DERM_SLOT(redness) | DERM_SLOT(scars),
    .writes = DERM_SLOT(texture),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_texture,
};
