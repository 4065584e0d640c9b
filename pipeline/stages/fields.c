/* SPDX-License-Identifier: Apache-2.0 */
/* A field is skin darker, at a scale of 2 mm, than the lightest quartile of its region by more than
 * that quartile's own spread explains, over more than a spot's area. The spread is taken from the
 * light half of the region, which a field (less than half of it) does not touch. */
#include "stages/fields.h"

#include <math.h>

#include "base/num.h"
#include "stages/statistics.h"

/* algorithms: M_low > reference + max(.06 OD, 2 SD); 2 SD above the quartile would call 9 % of even
 * skin a field, 3 SD calls 1 %. */
static const struct {
    double smooth_mm, least_od, least_sd, min_mm2;
    double max_open; /* share of its rim where the skin ends: shade at the turn of a face */
    int min_pixels;
} limits = { .smooth_mm = 2,
             .least_od = 0.06,
             .least_sd = 3,
             .min_mm2 = 45,
             .max_open = 0.25,
             .min_pixels = 400 };

static uint16_t regions_at(const struct derm_view *view, const struct derm_reduced *r, int x, int y)
{
    const int gx = imin(x * r->factor + r->factor / 2, view->regions.w - 1);
    const int gy = imin(y * r->factor + r->factor / 2, view->regions.h - 1);

    return derm_bits_row(&view->regions, gy)[gx];
}

/* Marks what is dark in one region. FACE is too large to have one reference. */
static void mark_region(const struct derm_view *view, const struct derm_reduced *r,
                        const struct derm_plane *low, const struct derm_mask *even, int region,
                        double *v, struct derm_mask *dark)
{
    int n = 0;

    for (int y = 0; y < low->h; y++)
        for (int x = 0; x < low->w; x++)
            if (derm_mask_row(even, y)[x] && ((regions_at(view, r, x, y) >> region) & 1))
                v[n++] = (double)derm_row(low, y)[x];
    if (n < limits.min_pixels) return;
    derm_sort(v, n);
    const double quartile = derm_percentile(v, n, 0.25), median = derm_percentile(v, n, 0.5);
    const double sd = (median - quartile) / 0.6745;
    const double limit = quartile + fmax(limits.least_od, limits.least_sd * sd);

    for (int y = 0; y < low->h; y++)
        for (int x = 0; x < low->w; x++)
            if (derm_mask_row(even, y)[x] && ((regions_at(view, r, x, y) >> region) & 1) &&
                (double)derm_row(low, y)[x] > limit)
                derm_mask_row(dark, y)[x] = 0xff;
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
        open[part] += !inside || !derm_mask_row(even, ny)[nx];
    }
}

static derm_err keep_large(struct derm_run *run, const struct derm_labels *parts,
                           const struct derm_mask *even, int count, double min_px,
                           struct derm_labels *labels, int first, int *n)
{
    int *area, *number, *rim, *open;

    DERM_TRY(derm_arena_new(run->scratch, &area, (size_t)count + 1, sizeof(*area)));
    DERM_TRY(derm_arena_new(run->scratch, &number, (size_t)count + 1, sizeof(*number)));
    DERM_TRY(derm_arena_new(run->scratch, &rim, (size_t)count + 1, sizeof(*rim)));
    DERM_TRY(derm_arena_new(run->scratch, &open, (size_t)count + 1, sizeof(*open)));
    for (int y = 0; y < parts->h; y++)
        for (int x = 0; x < parts->w; x++) {
            area[derm_labels_row(parts, y)[x]]++;
            if (derm_labels_row(parts, y)[x] > 0) count_rim(parts, even, x, y, rim, open);
        }
    *n = 0;
    for (int i = 1; i <= count; i++)
        if (area[i] >= min_px && open[i] <= limits.max_open * rim[i]) number[i] = first + ++*n;
    for (int y = 0; y < parts->h; y++)
        for (int x = 0; x < parts->w; x++) {
            const int part = derm_labels_row(parts, y)[x];
            if (part > 0 && number[part] > 0) derm_labels_row(labels, y)[x] = number[part];
        }
    return DERM_OK;
}

derm_err derm_fields_find(struct derm_run *run, const struct derm_view *view,
                          const struct derm_reduced *reduced, const struct derm_plane *melanin,
                          struct derm_labels *labels, int first, int *n)
{
    const struct derm_filter f = derm_run_filter(run);
    const size_t mark = run->scratch->used;
    const int w = melanin->w, h = melanin->h;
    struct derm_plane low;
    struct derm_mask even, dark; /* skin without spots; darker than its region */
    struct derm_labels parts;
    double *v;
    int count;

    DERM_TRY(derm_plane_new(run->scratch, &low, w, h));
    DERM_TRY(derm_mask_new(run->scratch, &even, w, h));
    DERM_TRY(derm_mask_new(run->scratch, &dark, w, h));
    DERM_TRY(derm_labels_new(run->scratch, &parts, w, h));
    DERM_TRY(derm_arena_new(run->scratch, &v, (size_t)w * (size_t)h, sizeof(*v)));
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (derm_mask_row(&reduced->where, y)[x] && derm_labels_row(labels, y)[x] == 0)
                derm_mask_row(&even, y)[x] = 0xff;
    DERM_TRY(derm_gaussian_masked(&f, &low, melanin, &even, limits.smooth_mm * reduced->px_per_mm));
    for (int region = DERM_REGION_FACE + 1; region < DERM_REGION_COUNT; region++)
        mark_region(view, reduced, &low, &even, region, v, &dark);
    DERM_TRY(derm_label(&f, &parts, &dark, &count));
    DERM_TRY(keep_large(run, &parts, &even, count,
                        limits.min_mm2 * reduced->px_per_mm * reduced->px_per_mm, labels, first,
                        n));
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}
