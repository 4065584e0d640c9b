/* SPDX-License-Identifier: Apache-2.0 */
/* tone: one set of pigment weights for all photos of a subject.
 *
 * reads   source (grey or not), od, skin, grid of the photo, or of both photos of a pair
 * writes  tone: weights on optical density R, G, B and the fitted skin
 *
 * The colour and the brightness of the skin (medians, mean of both photos) pick a skin from the
 * table of optics. Each alone misleads: a cast makes dark skin look fair, automatic exposure makes
 * all skin look alike. The weights project optical density onto that skin's melanin and
 * blood directions, least disturbed by what else varies on this skin: the covariance of optical
 * density in the band where spots live (0.3 to 2 mm), robust and pooled over the photos. They are
 * multiplied by the length of the directions, so that the maps are in optical density: pigment that
 * darkens the skin by a vector of length d is read as d. Grey photos cannot tell pigment from
 * shade: melanin is then the mean optical density.
 *
 * N. Tsumura et al., JOSA A 16, 2169 (1999) for the linear model; the table replaces their fixed
 * vectors. */
#include <math.h>
#include <string.h>

#include "color/optics.h"
#include "stages/mask_ops.h"
#include "stages/reduced.h"
#include "stages/stages.h"
#include "stages/statistics.h"

struct params {
    float max_px_per_mm, fine_mm, broad_mm, fill_mm, outlier_mad, floor_variance, blind_ita_deg;
    float chroma_sd, chroma_px, chroma_least;
    float broad_shade_sd, broad_chroma_sd;
    int min_pixels;
};

static const struct derm_opt opts[] = {
    DERM_OPT(struct params, max_px_per_mm, 3.5, 2, 20,
             "resolution that the spot band is judged at: its fine end is a pixel wide"),
    DERM_OPT(struct params, fine_mm, 0.3, 0.05, 2, "sigma of the fine end of the spot band"),
    DERM_OPT(struct params, broad_mm, 2, 0.5, 20, "sigma of the broad end of the spot band"),
    DERM_OPT(struct params, fill_mm, 2, 0.5, 20, "sigma of the fill outside the skin"),
    DERM_OPT(struct params, outlier_mad, 3, 1, 10, "pixels further out are left out, robust sd"),
    DERM_OPT(struct params, floor_variance, 1e-7, 1e-9, 1e-3, "added to the variances"),
    DERM_OPT(struct params, blind_ita_deg, -40, -90, 90,
             "on skin that reads darker blood is not made blind to melanin: the two look alike"),
    DERM_OPT(struct params, chroma_sd, 0.14, 0, 1,
             "error of a small spot's colour in a subsampled JPEG of quality 85, optical density, "
             "beside the covariance over the skin: 0.07 reads the spots of even people with an rms "
             "error of 5.2 points, 0.14 of 4.9, 0.3 of 4.8, while more of it makes shade a spot"),
    DERM_OPT(struct params, chroma_px, 5, 1, 100,
             "size of that spot, photo px; the error falls as 1 / size and with quality"),
    DERM_OPT(struct params, chroma_least, 0.1, 0, 1,
             "least error of colour in any photo, optical density, likewise: 0.035 read the change "
             "of even people's spots from neutral to smile as -8 +- 8 points, 0.1 as -5 +- 6"),
    DERM_OPT(struct params, broad_shade_sd, 0.3, 0.01, 5,
             "shade over the skin, optical density: what the weights for broad features suppress"),
    DERM_OPT(struct params, broad_chroma_sd, 0.2, 1e-4, 5,
             "error of a broad feature's colour, optical density: 0.02 reads evenness of unchanged "
             "phantoms with an rms error of 4.7 points and of smiling even people of 10.5, 0.2 of "
             "2.5 and 7, at the same error where it changed; more of it makes shade a pigment"),
    DERM_OPT(struct params, min_pixels, 400, 16, 1e6, "with less skin than this no skin is fitted"),
    { 0 },
};

/* Over the photos of the subject. */
struct pooled {
    double seen[3]; /* medians, at first their sums: ln(R/G), ln(B/G), optical density of G */
    double product[3][3];
    double pixels;
    double chroma_sd; /* of the worse photo */
    int photos;
    bool grey;
};

static const double SPOT_MM = 1.5; /* a typical spot */

/* The skin at a lattice of pixels: medians of millions of them are the same. */
static derm_err sample_skin(struct derm_run *run, const struct derm_view *view,
                            struct derm_plane od[3], struct derm_mask *skin)
{
    const double enough_px = 1e5; /* a median within 0.4 % of its sd */
    const struct derm_lattice at =
        derm_lattice_over(view->skin.w, view->skin.h, derm_mask_count(&view->skin), enough_px);

    DERM_TRY(derm_mask_new(run->scratch, skin, at.w, at.h));
    for (int c = 0; c < 3; c++)
        DERM_TRY(derm_plane_new(run->scratch, &od[c], at.w, at.h));
    for (int j = 0; j < at.h; j++)
        for (int i = 0; i < at.w; i++) {
            const int x = derm_lattice_at(&at, i), y = derm_lattice_at(&at, j);

            derm_mask_row(skin, j)[i] = derm_mask_row(&view->skin, y)[x];
            for (int c = 0; c < 3; c++)
                derm_row(&od[c], j)[i] = derm_row(&view->od[c], y)[x];
        }
    return DERM_OK;
}

static derm_err median_mix(struct derm_run *run, const struct derm_plane od[3],
                           const struct derm_mask *skin, const float weight[3], double *median,
                           int *count)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_plane d;

    DERM_TRY(derm_plane_new(run->scratch, &d, skin->w, skin->h));
    for (int y = 0; y < d.h; y++)
        run->k->mix3(derm_row(&d, y), derm_row(&od[0], y), derm_row(&od[1], y), derm_row(&od[2], y),
                     weight, (size_t)d.w);
    return derm_masked_median(&f, &d, skin, median, NULL, count);
}

/* The spot band of one channel, centred, in robust sd where it comes to outliers. */
static derm_err band(struct derm_run *run, const struct params *p, const struct derm_reduced *c,
                     const struct derm_view *view, int channel, struct derm_plane *out,
                     double *limit)
{
    const struct derm_filter f = derm_run_filter(run);
    const double fine_px = (double)p->fine_mm * c->px_per_mm;
    const double halving_px2 = (1.0 - 1.0 / ((double)c->factor * c->factor)) / 12.0;
    struct derm_plane fine, broad;
    double median, mad;
    int count;

    /* Means over a square have smoothed already. */
    DERM_TRY(derm_reduced_plane(run, c, out, &view->od[channel], &view->skin));
    const size_t mark = run->scratch->used;
    DERM_TRY(derm_plane_raw(run->scratch, &fine, out->w, out->h));
    DERM_TRY(derm_plane_raw(run->scratch, &broad, out->w, out->h));
    DERM_TRY(derm_gaussian(&f, &fine, out, sqrt(fmax(fine_px * fine_px - halving_px2, 0.01))));
    DERM_TRY(derm_gaussian(&f, &broad, out, (double)p->broad_mm * c->px_per_mm));
    for (int y = 0; y < out->h; y++)
        for (int x = 0; x < out->w; x++)
            derm_row(out, y)[x] = derm_row(&fine, y)[x] - derm_row(&broad, y)[x];
    DERM_TRY(derm_masked_median(&f, out, &c->where, &median, &mad, &count));
    for (int y = 0; y < out->h; y++)
        for (int x = 0; x < out->w; x++)
            derm_row(out, y)[x] -= (float)median;
    derm_arena_reset(run->scratch, mark);
    *limit = (double)p->outlier_mad * mad;
    return DERM_OK;
}

static derm_err pool_covariance(struct derm_run *run, const struct params *p,
                                const struct derm_view *view, struct pooled *pool)
{
    struct derm_reduced c;
    struct derm_plane b[3];
    double limit[3];

    DERM_TRY(derm_reduced_new(run, &c, &view->skin, view->grid.px_per_mm, (double)p->max_px_per_mm,
                              (double)p->fill_mm));
    for (int i = 0; i < 3; i++)
        DERM_TRY(band(run, p, &c, view, i, &b[i], &limit[i]));
    for (int y = 0; y < c.where.h; y++)
        for (int x = 0; x < c.where.w; x++) {
            double v[3];
            bool inside = derm_mask_row(&c.where, y)[x] != 0;

            for (int i = 0; i < 3; i++) {
                v[i] = (double)derm_row(&b[i], y)[x];
                inside = inside && fabs(v[i]) <= limit[i];
            }
            if (!inside) continue;
            for (int i = 0; i < 9; i++)
                pool->product[i / 3][i % 3] += v[i / 3] * v[i % 3];
            pool->pixels += 1;
        }
    return DERM_OK;
}

/* JPEG rounds small differences of colour to nothing, more than it adds noise: the covariance of a
 * compressed photo promises a colour precision that a spot of a few pixels does not have. And most
 * of what varies over the skin in brightness is there in both photos of a pair and cancels, while
 * the error of colour does not: beside that covariance it weighs more than its size. */
static double chroma_sd(const struct params *p, const struct derm_frame *frame)
{
    const double spot_px = SPOT_MM * frame->view.grid.px_per_mm * frame->view.grid.step;
    const double coarse = (100 - frame->source.jpeg_quality) / 15.0;
    const double jpeg_sd = (double)p->chroma_sd * coarse *
                           (frame->source.chroma_subsampled ? 1 : 0.5) * (double)p->chroma_px /
                           spot_px;

    if (frame->source.jpeg_quality == 0) return (double)p->chroma_least;
    return fmax(jpeg_sd, (double)p->chroma_least);
}

static derm_err pool_photo(struct derm_run *run, const struct params *p,
                           const struct derm_frame *frame, struct pooled *pool)
{
    static const float mix[3][3] = { { -1, 1, 0 }, { 0, 1, -1 }, { 0, 1, 0 } };
    const size_t mark = run->scratch->used;
    struct derm_plane od[3];
    struct derm_mask skin;
    double seen[3];
    int count = 0;

    pool->grey = pool->grey || frame->source.grey;
    pool->chroma_sd = fmax(pool->chroma_sd, chroma_sd(p, frame));
    DERM_TRY(sample_skin(run, &frame->view, od, &skin));
    for (int i = 0; i < 3; i++)
        DERM_TRY(median_mix(run, od, &skin, mix[i], &seen[i], &count));
    if (count >= p->min_pixels) {
        for (int i = 0; i < 3; i++)
            pool->seen[i] += seen[i];
        pool->photos++;
        DERM_TRY(pool_covariance(run, p, &frame->view, pool));
    }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

static double length(const double v[3])
{
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

static void set_weights(float weight[3], const double w[3], const double direction[3])
{
    for (int i = 0; i < 3; i++)
        weight[i] = (float)(w[i] * length(direction));
}

/* Over a millimetre grain and compression are averaged out, and most of what could be mistaken for
 * pigment is shade, which is neutral. */
static bool fit_broad(const struct params *p, const struct derm_skin_optics *skin, bool blind,
                      struct derm_tone *tone)
{
    const double shade = (double)p->broad_shade_sd * (double)p->broad_shade_sd;
    const double chroma = (double)p->broad_chroma_sd * (double)p->broad_chroma_sd;
    double covariance[3][3], w_m[3], w_b[3];

    for (int i = 0; i < 9; i++)
        covariance[i / 3][i % 3] = shade + chroma * (i / 3 == i % 3);
    if (!derm_optics_weights(skin, (const double(*)[3])covariance, blind, w_m, w_b)) return false;
    set_weights(tone->broad_melanin, w_m, skin->melanin);
    set_weights(tone->broad_blood, w_b, skin->blood);
    return true;
}

/* False when there is too little skin, or no colour, to fit a skin to. */
static bool fit(const struct params *p, const struct derm_optics *optics, struct pooled *pool,
                struct derm_tone *tone)
{
    struct derm_skin_optics skin;
    double w_m[3], w_b[3];
    bool parted;

    if (pool->grey || pool->photos == 0 || pool->pixels < p->min_pixels) return false;
    for (int i = 0; i < 9; i++)
        pool->product[i / 3][i % 3] /= pool->pixels;
    for (int i = 0; i < 3; i++)
        pool->product[i][i] += (double)p->floor_variance;
    for (int i = 0; i < 9; i++) /* off the neutral axis */
        pool->product[i / 3][i % 3] +=
            pool->chroma_sd * pool->chroma_sd * ((i / 3 == i % 3) - 1.0 / 3);
    for (int i = 0; i < 3; i++)
        pool->seen[i] /= pool->photos;
    derm_optics_fit(optics, pool->seen, &skin);
    parted = skin.ita_deg >= (double)p->blind_ita_deg;
    if (!derm_optics_weights(&skin, (const double(*)[3])pool->product, parted, w_m, w_b) ||
        !fit_broad(p, &skin, parted, tone))
        return false;
    tone->parted = parted;
    set_weights(tone->melanin, w_m, skin.melanin);
    set_weights(tone->blood, w_b, skin.blood);
    for (int i = 0; i < 3; i++)
        tone->direction[i] = skin.melanin[i] / length(skin.melanin);
    tone->ita_deg = skin.ita_deg;
    return true;
}

static derm_err run_tone(struct derm_run *run, const void *params)
{
    const struct params *const p = params;
    const struct derm_json *table;
    struct derm_optics *optics;
    struct pooled pool = { .photos = 0 };

    DERM_TRY(derm_models_table(run->models, "chromophores", &table, run->err));
    DERM_TRY(derm_arena_new(run->scratch, &optics, 1, sizeof(*optics)));
    DERM_TRY(derm_optics_read(optics, table, run->err));
    if (run->pair) {
        DERM_TRY(pool_photo(run, p, run->pair->base, &pool));
        DERM_TRY(pool_photo(run, p, run->pair->follow, &pool));
    } else {
        DERM_TRY(pool_photo(run, p, run->frame, &pool));
    }
    if (fit(p, optics, &pool, run->tone)) return DERM_OK;
    *run->tone = (struct derm_tone){ 0 };
    for (int i = 0; i < 3; i++)
        run->tone->melanin[i] = 1.0f / 3.0f;
    return DERM_OK;
}

const struct derm_stage derm_stage_tone = {
    .name = "tone",
    .scope = DERM_ONCE,
    .reads = DERM_SLOT(source) | DERM_SLOT(grid) | DERM_SLOT(od) | DERM_SLOT(skin),
    .writes = DERM_SLOT(tone),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_tone,
};
