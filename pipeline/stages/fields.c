/* SPDX-License-Identifier: Apache-2.0 */
/* A field is skin darker, at a scale of 2 mm, than the ground of its region by more than the
 * ground's own spread explains, over more than a spot's area. The ground is a quadratic of the
 * place, which what is left of the light is, too; it is fitted to what is no field, round by round,
 * and its spread is that of the skin below it, which no field touches. */
#include "stages/fields.h"

#include <math.h>

#include "base/num.h"
#include "stages/bend.h"
#include "stages/statistics.h"

/* A plane smoothed by sigma needs no more pixels than this per sigma. */
static const double MAX_PX_PER_SIGMA = 4;

/* Neighbouring pixels of a smooth plane say the same: of a large region a lattice with at least so
 * many is what the ground is fitted to. */
enum { ENOUGH = 10000 };

enum { GROUND_ROUNDS = 4 }; /* what is left out hardly changes after */

struct coarse { /* fields are broad: the reduced grid is reduced once more */
    const struct derm_field_limits *limits;
    const struct derm_reduced *fine;
    struct derm_reduced grid; /* its where: skin without spots */
    struct derm_plane low;
    struct derm_bits regions; /* of its pixels, none where it is not set */
};

struct room { /* for the pixels of a region */
    struct derm_pairing *pixel;
    double *height, *below;
};

static derm_err room_new(struct derm_run *run, struct room *r, size_t pixels)
{
    DERM_TRY(derm_arena_raw(run->scratch, &r->pixel, pixels, sizeof(*r->pixel)));
    DERM_TRY(derm_arena_raw(run->scratch, &r->height, pixels, sizeof(*r->height)));
    return derm_arena_raw(run->scratch, &r->below, pixels, sizeof(*r->below));
}

static derm_err find_regions(struct derm_run *run, const struct derm_view *view, struct coarse *c)
{
    const int factor = c->fine->factor * c->grid.factor, half = factor / 2;

    DERM_TRY(derm_bits_new(run->scratch, &c->regions, c->low.w, c->low.h));
    for (int y = 0; y < c->low.h; y++) {
        const uint16_t *const from =
            derm_bits_row(&view->regions, imin(y * factor + half, view->regions.h - 1));
        const uint8_t *const where = derm_mask_row(&c->grid.where, y);
        uint16_t *const to = derm_bits_row(&c->regions, y);

        for (int x = 0; x < c->low.w; x++)
            to[x] = where[x] ? from[imin(x * factor + half, view->regions.w - 1)] : 0;
    }
    return DERM_OK;
}

static bool is_in(const struct coarse *c, int region, int x, int y)
{
    return derm_bits_row(&c->regions, y)[x] >> region & 1;
}

static int pixels_of(const struct coarse *c, int region)
{
    int n = 0;

    for (int y = 0; y < c->low.h; y++)
        for (int x = 0; x < c->low.w; x++)
            n += is_in(c, region, x, y);
    return n;
}

/* The pixels of a region on a lattice: their places, with what they hold as the first coordinate to
 * fit. */
static int gather(const struct coarse *c, int region, const struct derm_lattice *on,
                  struct derm_pairing *pixel)
{
    int n = 0;

    for (int j = 0; j < on->h; j++)
        for (int i = 0; i < on->w; i++) {
            const int x = derm_lattice_at(on, i), y = derm_lattice_at(on, j);

            if (is_in(c, region, x, y))
                pixel[n++] = (struct derm_pairing){ .from = { x, y },
                                                    .to = { (double)derm_row(&c->low, y)[x], 0 },
                                                    .weight = 1 };
        }
    return n;
}

/* Of every pixel above the ground. */
static void take_heights(const struct derm_bend *ground, const struct derm_pairing *pixel, int n,
                         double *height)
{
    for (int i = 0; i < n; i++)
        height[i] = pixel[i].to.x - derm_bend_apply(ground, pixel[i].from).x;
}

/* How far above the ground a field begins: by the spread of what lies below it, which is none. */
static double field_from(const struct derm_field_limits *limits, const double *height, int n,
                         double *below)
{
    int depths = 0;

    for (int i = 0; i < n; i++)
        if (height[i] < 0) below[depths++] = -height[i];
    const double sd = depths > 0 ? derm_median(below, depths) / 0.6745 : 0;
    return fmax((double)limits->least_od, (double)limits->least_sd * sd);
}

/* What stands above the ground weighs nothing in the next round; whether that changes anything. */
static bool leave_out_fields(const double *height, double limit, struct derm_pairing *pixel, int n)
{
    bool changed = false;

    for (int i = 0; i < n; i++) {
        const double weight = height[i] > limit ? 0 : 1;

        changed |= weight != pixel[i].weight;
        pixel[i].weight = weight;
    }
    return changed;
}

/* Marks what is dark in one region. FACE is too large to have one ground. */
static void mark_region(const struct coarse *c, int region, const struct room *room,
                        struct derm_mask *dark)
{
    const struct derm_field_limits *const limits = c->limits;
    struct derm_pairing *const pixel = room->pixel;
    double *const height = room->height;
    const int all = pixels_of(c, region);
    struct derm_bend ground = { .terms = 0 };
    bool changed = true;
    double limit = 0;

    if (all < (double)limits->min_mm2 * c->grid.px_per_mm * c->grid.px_per_mm) return;
    const struct derm_lattice on = derm_lattice_over(c->low.w, c->low.h, all, ENOUGH);
    const int n = gather(c, region, &on, pixel);
    for (int round = 0; changed && round < GROUND_ROUNDS; round++) {
        if (!derm_bend_fit(&ground, DERM_BEND_TERMS, pixel, n, (double)limits->least_od)) return;
        take_heights(&ground, pixel, n, height);
        limit = field_from(limits, height, n, room->below);
        changed = leave_out_fields(height, limit, pixel, n);
    }
    for (int y = 0; y < dark->h; y++)
        for (int x = 0; x < dark->w; x++) {
            if (!is_in(c, region, x, y)) continue;
            const double at = derm_bend_apply(&ground, (struct derm_point){ x, y }).x;

            if ((double)derm_row(&c->low, y)[x] - at > limit) derm_mask_row(dark, y)[x] = 0xff;
        }
}

/* Adds the sides of one pixel of a part to the part's rim. */
static void count_rim(const struct derm_labels *parts, const struct derm_mask *even, int x, int y,
                      int *rim, int *open)
{
    static const int step[4][2] = { { 0, -1 }, { -1, 0 }, { 1, 0 }, { 0, 1 } };
    const int part = derm_labels_row(parts, y)[x];

    for (int i = 0; i < 4; i++) {
        const int nx = x + step[i][0], ny = y + step[i][1];
        const bool inside = nx >= 0 && ny >= 0 && nx < parts->w && ny < parts->h;

        if (inside && derm_labels_row(parts, ny)[nx] == part) continue;
        rim[part]++;
        open[part] += inside && !derm_mask_row(even, ny)[nx];
    }
}

/* number[part] = first + 1, first + 2, ... for the parts that are fields, 0 for the others. */
static derm_err number_fields(struct derm_run *run, const struct derm_labels *parts,
                              const struct coarse *c, int count, int first, int *number, int *n)
{
    const double min_px = (double)c->limits->min_mm2 * c->grid.px_per_mm * c->grid.px_per_mm;
    int *area, *rim, *open;

    DERM_TRY(derm_arena_new(run->scratch, &area, (size_t)count + 1, sizeof(*area)));
    DERM_TRY(derm_arena_new(run->scratch, &rim, (size_t)count + 1, sizeof(*rim)));
    DERM_TRY(derm_arena_new(run->scratch, &open, (size_t)count + 1, sizeof(*open)));
    for (int y = 0; y < parts->h; y++)
        for (int x = 0; x < parts->w; x++) {
            area[derm_labels_row(parts, y)[x]]++;
            if (derm_labels_row(parts, y)[x] > 0) count_rim(parts, &c->grid.where, x, y, rim, open);
        }
    *n = 0;
    for (int i = 1; i <= count; i++)
        if (area[i] >= min_px && open[i] <= (double)c->limits->max_open * rim[i])
            number[i] = first + ++*n;
    return DERM_OK;
}

static void draw(const struct derm_labels *parts, const int *number, const struct derm_mask *even,
                 int factor, struct derm_labels *labels)
{
    for (int y = 0; y < labels->h; y++) {
        const int32_t *const part = derm_labels_row(parts, y / factor);
        const uint8_t *const skin = derm_mask_row(even, y);
        int32_t *const out = derm_labels_row(labels, y);

        for (int x = 0; x < labels->w; x++)
            if (skin[x] && number[part[x / factor]] > 0) out[x] = number[part[x / factor]];
    }
}

static derm_err skin_without_spots(struct derm_run *run, const struct derm_mask *where,
                                   const struct derm_labels *labels, struct derm_mask *even)
{
    DERM_TRY(derm_mask_new(run->scratch, even, where->w, where->h));
    for (int y = 0; y < where->h; y++) {
        const uint8_t *const skin = derm_mask_row(where, y);
        const int32_t *const label = derm_labels_row(labels, y);
        uint8_t *const out = derm_mask_row(even, y);

        for (int x = 0; x < where->w; x++)
            out[x] = label[x] == 0 ? skin[x] : 0x00;
    }
    return DERM_OK;
}

derm_err derm_fields_find(struct derm_run *run, const struct derm_field_limits *limits,
                          const struct derm_view *view, const struct derm_reduced *reduced,
                          const struct derm_plane *map, struct derm_labels *labels, int first,
                          int *n)
{
    const struct derm_filter f = derm_run_filter(run);
    const size_t mark = run->scratch->used;
    struct coarse c = { .limits = limits, .fine = reduced };
    struct derm_plane mean;
    struct derm_mask even, dark; /* skin without spots; darker than its region */
    struct derm_labels parts;
    struct room room;
    int count, *number;

    DERM_TRY(skin_without_spots(run, &reduced->where, labels, &even));
    DERM_TRY(derm_reduced_new(run, &c.grid, &even, reduced->px_per_mm,
                              MAX_PX_PER_SIGMA / (double)limits->smooth_mm,
                              (double)limits->smooth_mm));
    DERM_TRY(derm_reduced_plane(run, &c.grid, &mean, map, &even));
    DERM_TRY(derm_plane_raw(run->scratch, &c.low, mean.w, mean.h));
    DERM_TRY(derm_gaussian_masked(&f, &c.low, &mean, &c.grid.where,
                                  (double)limits->smooth_mm * c.grid.px_per_mm));
    DERM_TRY(find_regions(run, view, &c));
    DERM_TRY(derm_mask_new(run->scratch, &dark, mean.w, mean.h));
    DERM_TRY(derm_labels_new(run->scratch, &parts, mean.w, mean.h));
    DERM_TRY(room_new(run, &room, (size_t)mean.w * (size_t)mean.h));
    for (int region = DERM_REGION_FACE + 1; region < DERM_REGION_COUNT; region++)
        if (region != DERM_REGION_NECK) /* the chin's shade is as broad as a field */
            mark_region(&c, region, &room, &dark);
    DERM_TRY(derm_label(&f, &parts, &dark, &count));
    DERM_TRY(derm_arena_new(run->scratch, &number, (size_t)count + 1, sizeof(*number)));
    DERM_TRY(number_fields(run, &parts, &c, count, first, number, n));
    if (*n > 0) draw(&parts, number, &even, c.grid.factor, labels);
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}
