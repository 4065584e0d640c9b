/* SPDX-License-Identifier: Apache-2.0 */
/* Hair: ridges of optical density by the eigenvalues of the Hessian (Frangi 1998), kept when they
 * are long and thin, which separates them from pores, spots and the rims of lesions. */
#include <math.h>

#include "base/num.h"
#include "stages/mask_ops.h"
#include "stages/shine.h"

struct ridge_job {
    struct derm_plane od, xx, xy, yy;
    double sigma_px, min_contrast;
};

static float od_at(const struct ridge_job *j, double x, double y)
{
    return derm_row(&j->od,
                    clampi((int)lround(y), 0, j->od.h - 1))[clampi((int)lround(x), 0, j->od.w - 1)];
}

/* The rim of a dark spot is curved like a line, but dark on one side. */
static bool stands_out(const struct ridge_job *j, int x, int y, float least)
{
    const double xx = (double)derm_row(&j->xx, y)[x], xy = (double)derm_row(&j->xy, y)[x],
                 yy = (double)derm_row(&j->yy, y)[x];
    const double root = sqrt(0.25 * (xx - yy) * (xx - yy) + xy * xy), reach = 3 * j->sigma_px;
    /* the eigenvector across the line, from the row of the matrix that is longer */
    double u = xx < yy ? 0.5 * (xx - yy) - root : xy;
    double v = xx < yy ? xy : 0.5 * (yy - xx) - root;
    const double length = sqrt(u * u + v * v);
    float beside;

    if (length <= 0) return false;
    u *= reach / length;
    v *= reach / length;
    beside = fmaxf(od_at(j, x + u, y + v), od_at(j, x - u, y - v));
    return derm_row(&j->od, y)[x] - beside > least;
}

/* Curved across, straight along. Contrast of a Gaussian line of the filter's own width is about 2.8
 * times its normalised second derivative. */
static void mark_curved(uint8_t *restrict ridge, const struct ridge_job *j, int y)
{
    const float least = (float)(j->min_contrast / 2.8), straight = 0.4f;
    const float *const restrict xx = derm_row(&j->xx, y);
    const float *const restrict xy = derm_row(&j->xy, y);
    const float *const restrict yy = derm_row(&j->yy, y);

    for (int x = 0; x < j->od.w; x++) {
        const float mean = 0.5f * (xx[x] + yy[x]), half = 0.5f * (xx[x] - yy[x]);
        const float root = sqrtf(half * half + xy[x] * xy[x]);
        const float across = root - mean, along = fabsf(mean + root);

        ridge[x] = (across > least) & (along < straight * across) ? 0xff : 0;
    }
}

static void mark_ridges(struct derm_mask *out, const struct ridge_job *j)
{
    const float least = (float)(j->min_contrast / 2);

    for (int y = 0; y < out->h; y++) {
        mark_curved(derm_mask_row(out, y), j, y);
        for (int x = -1; (x = derm_mask_next(out, y, x + 1)) < out->w;)
            if (!stands_out(j, x, y, least)) derm_mask_row(out, y)[x] = 0;
    }
}

struct extent {
    int x0, y0, x1, y1, area;
};

/* Of the labels of ridges. */
static void measure(struct extent *e, const struct derm_labels *labels,
                    const struct derm_mask *ridges)
{
    for (int y = 0; y < labels->h; y++)
        for (int x = -1; (x = derm_mask_next(ridges, y, x + 1)) < labels->w;) {
            struct extent *const o = &e[derm_labels_row(labels, y)[x]];

            if (o->area == 0) *o = (struct extent){ x, y, x, y, 0 };
            o->x0 = imin(o->x0, x);
            o->x1 = imax(o->x1, x);
            o->y1 = y;
            o->area++;
        }
}

static bool is_hair(const struct extent *o, double min_length_px, double width_px)
{
    const double dx = o->x1 - o->x0 + 1, dy = o->y1 - o->y0 + 1, length = sqrt(dx * dx + dy * dy);

    return length >= min_length_px && o->area <= 3 * width_px * length;
}

derm_err derm_find_hair(const struct derm_run *run, struct derm_mask *out,
                        const struct derm_plane *green, const struct derm_grid *grid,
                        double width_mm, double min_length_mm, double min_contrast)
{
    const struct derm_filter f = derm_run_filter(run);
    struct ridge_job j = { .sigma_px = fmax(0.8, width_mm / 2 * grid->px_per_mm),
                           .min_contrast = min_contrast };
    const size_t mark = run->scratch->used;
    struct derm_mask ridges;
    struct derm_labels labels;
    struct extent *extent;
    uint8_t *keep; /* of a label */
    int n;

    DERM_TRY(derm_plane_raw(run->scratch, &j.od, grid->w, grid->h));
    DERM_TRY(derm_plane_raw(run->scratch, &j.xx, grid->w, grid->h));
    DERM_TRY(derm_plane_raw(run->scratch, &j.xy, grid->w, grid->h));
    DERM_TRY(derm_plane_raw(run->scratch, &j.yy, grid->w, grid->h));
    DERM_TRY(derm_mask_new(run->scratch, &ridges, grid->w, grid->h));
    DERM_TRY(derm_labels_raw(run->scratch, &labels, grid->w, grid->h));
    for (int y = 0; y < grid->h; y++)
        run->k->density(derm_row(&j.od, y), derm_row(green, y), 0.002f, (size_t)grid->w);
    DERM_TRY(derm_hessian(&f, &j.xx, &j.xy, &j.yy, &j.od, j.sigma_px));
    mark_ridges(&ridges, &j);
    DERM_TRY(derm_label(&f, &labels, &ridges, &n));
    DERM_TRY(derm_arena_new(run->scratch, &extent, (size_t)n + 1, sizeof(*extent)));
    DERM_TRY(derm_arena_new(run->scratch, &keep, (size_t)n + 1, 1));
    measure(extent, &labels, &ridges);
    for (int i = 1; i <= n; i++)
        if (is_hair(&extent[i], min_length_mm * grid->px_per_mm, 2 * j.sigma_px)) keep[i] = 0xff;
    for (int y = 0; y < grid->h; y++)
        for (int x = -1; (x = derm_mask_next(&ridges, y, x + 1)) < grid->w;)
            derm_mask_row(&ridges, y)[x] = keep[derm_labels_row(&labels, y)[x]];
    DERM_TRY(derm_dilate(&f, out, &ridges, 1));
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}
