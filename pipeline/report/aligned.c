/* SPDX-License-Identifier: Apache-2.0 */
#include "report/aligned.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "color/transfer.h"
#include "cv/cv.h"
#include "kernels/filter.h"
#include "stages/bend.h"
#include "stages/field.h"

enum { CELLS = 40, CHANNELS = 3, BLANK = 225 };

static const double darkest_linear = 0.002; /* as in the maps: nothing darker is signal */
static const double slack_od = 0.05;        /* a cell further off the fit than this is a lesion */

/* ---- the place */

struct derm_rgb8 derm_grid_part(const struct derm_frame *f)
{
    const struct derm_grid *const g = &f->view.grid;
    const int x0 = clampi((int)floor(g->x0), 0, f->rgb.w - 1);
    const int y0 = clampi((int)floor(g->y0), 0, f->rgb.h - 1);
    const int x1 = clampi((int)ceil(g->x0 + g->w * g->step), x0 + 1, f->rgb.w);
    const int y1 = clampi((int)ceil(g->y0 + g->h * g->step), y0 + 1, f->rgb.h);

    return (struct derm_rgb8){ derm_rgb8_row(&f->rgb, y0) + 3 * x0, x1 - x0, y1 - y0,
                               f->rgb.stride };
}

static bool inside(const struct derm_rgb8 *picture, float u, float v)
{
    return u > -1 && v > -1 && u < (float)picture->w && v < (float)picture->h;
}

/* Bilinear; borders replicate. */
static void sample(uint8_t out[3], const struct derm_rgb8 *from, float u, float v)
{
    const float x = clampf(u, 0, (float)(from->w - 1)), y = clampf(v, 0, (float)(from->h - 1));
    const int x0 = imin((int)x, imax(from->w - 2, 0)), y0 = imin((int)y, imax(from->h - 2, 0));
    const float fx = x - (float)x0, fy = y - (float)y0;
    const uint8_t *const a = derm_rgb8_row(from, y0) + 3 * x0;
    const uint8_t *const b = derm_rgb8_row(from, imin(y0 + 1, from->h - 1)) + 3 * x0;
    const int next = x0 + 1 < from->w ? 3 : 0;

    for (int i = 0; i < 3; i++) {
        const float top = (float)a[i] + fx * (float)(a[i + next] - a[i]);
        const float low = (float)b[i] + fx * (float)(b[i + next] - b[i]);
        out[i] = (uint8_t)lroundf(top + fy * (low - top));
    }
}

/* ---- the light */

/* Density of the skin of before minus that of after in one cell, per channel. */
struct cell {
    double sum[CHANNELS];
    int n;
};

static struct cell cell_of(const double density[256], const struct derm_rgb8 *before,
                           const struct derm_rgb8 *after, const struct derm_mask *skin, int i,
                           int j)
{
    const int x0 = i * skin->w / CELLS, x1 = (i + 1) * skin->w / CELLS;
    const int y0 = j * skin->h / CELLS, y1 = (j + 1) * skin->h / CELLS;
    struct cell cell = { 0 };

    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            const uint8_t *const b = derm_rgb8_row(before, y) + 3 * x;
            const uint8_t *const a = derm_rgb8_row(after, y) + 3 * x;

            if (!derm_mask_row(skin, y)[x]) continue;
            for (int c = 0; c < CHANNELS; c++)
                cell.sum[c] += density[b[c]] - density[a[c]];
            cell.n++;
        }
    if (2 * cell.n < (x1 - x0) * (y1 - y0)) cell.n = 0; /* too little of it is skin */
    return cell;
}

/* How much denser before is than after: smooth(place).x plus one number per channel. */
struct light {
    struct derm_bend smooth;
    double least, most; /* what smooth has on skin; beyond, it is not followed */
    double channel[CHANNELS];
};

static bool fit_light(struct light *l, const double density[256], const struct derm_rgb8 *before,
                      const struct derm_rgb8 *after, const struct derm_mask *skin)
{
    struct derm_pairing pair[CELLS * CELLS];
    double pixels = 0;
    int n = 0;

    *l = (struct light){ .least = HUGE_VAL, .most = -HUGE_VAL };
    for (int j = 0; j < CELLS; j++)
        for (int i = 0; i < CELLS; i++) {
            const struct cell cell = cell_of(density, before, after, skin, i, j);
            const double mean = (cell.sum[0] + cell.sum[1] + cell.sum[2]) / CHANNELS;

            if (cell.n == 0) continue;
            for (int c = 0; c < CHANNELS; c++)
                l->channel[c] += cell.sum[c] - mean;
            pixels += cell.n;
            pair[n++] =
                (struct derm_pairing){ { (i + 0.5) * skin->w / CELLS, (j + 0.5) * skin->h / CELLS },
                                       { mean / cell.n, 0 },
                                       1 };
        }
    if (!derm_bend_fit(&l->smooth, DERM_BEND_TERMS, pair, n, slack_od)) return false;
    for (int c = 0; c < CHANNELS; c++)
        l->channel[c] /= pixels;
    for (int i = 0; i < n; i++) {
        const double at = derm_bend_apply(&l->smooth, pair[i].from).x;

        l->least = fmin(l->least, at);
        l->most = fmax(l->most, at);
    }
    return true;
}

bool derm_relight(struct derm_rgb8 *after, const struct derm_rgb8 *before,
                  const struct derm_mask *skin)
{
    struct derm_srgb_encoder encoder;
    double linear[256], density[256];
    struct light l;

    for (int i = 0; i < 256; i++) {
        linear[i] = derm_srgb_decode(i / 255.0);
        density[i] = -log(fmax(linear[i], darkest_linear));
    }
    if (!fit_light(&l, density, before, after, skin)) return false;
    derm_srgb_encoder_init(&encoder);
    for (int y = 0; y < after->h; y++)
        for (int x = 0; x < after->w; x++) {
            const double smooth = derm_bend_apply(&l.smooth, (struct derm_point){ x, y }).x;
            const double more = clampd(smooth, l.least, l.most);
            uint8_t *const px = derm_rgb8_row(after, y) + 3 * x;

            for (int c = 0; c < CHANNELS; c++)
                px[c] = derm_srgb_encode8(&encoder, (float)linear[px[c]] *
                                                        derm_expf(-(float)(more + l.channel[c])));
        }
    return true;
}

/* ---- the map */

static bool is_measured(const struct derm_pair *pair, double x, double y)
{
    const struct derm_bits *const regions = &pair->base->view.regions;

    return x >= 0 && y >= 0 && x < regions->w && y < regions->h &&
           derm_mask_row(&pair->common, (int)y)[(int)x] && derm_bits_row(regions, (int)y)[(int)x];
}

static derm_err copy(struct derm_arena *arena, struct derm_plane *to, const struct derm_plane *from)
{
    DERM_TRY(derm_plane_raw(arena, to, from->w, from->h));
    for (int y = 0; y < from->h; y++)
        memcpy(derm_row(to, y), derm_row(from, y), sizeof(float) * (size_t)from->w);
    return DERM_OK;
}

static void relax(struct derm_plane *p, int x, int y)
{
    derm_row(p, y)[x] = 0.25f * ((derm_row(p, y)[x - 1] + derm_row(p, y)[x + 1]) +
                                 (derm_row(p, y - 1)[x] + derm_row(p, y + 1)[x]));
}

/* Head and neck move apart, and each is lined up by itself. For the eye the map leads over from one
 * to the other as a membrane does; where anything is measured it stays as it is. */
static derm_err lead_over(struct derm_field *out, const struct derm_pair *pair,
                          struct derm_arena *arena)
{
    enum { ROUNDS = 200 };
    const struct derm_field *const map = &pair->registration.map;
    struct derm_mask held;

    *out = *map;
    if (!pair->common.px) return DERM_OK;
    DERM_TRY(copy(arena, &out->x, &map->x));
    DERM_TRY(copy(arena, &out->y, &map->y));
    DERM_TRY(derm_mask_new(arena, &held, map->x.w, map->x.h));
    for (int v = 0; v < held.h; v++)
        for (int u = 0; u < held.w; u++)
            derm_mask_row(&held, v)[u] =
                is_measured(pair, derm_field_node(map, u), derm_field_node(map, v));
    for (int round = 0; round < ROUNDS; round++)
        for (int v = 1; v < held.h - 1; v++)
            for (int u = 1; u < held.w - 1; u++) {
                if (derm_mask_row(&held, v)[u]) continue;
                relax(&out->x, u, v);
                relax(&out->y, u, v);
            }
    return DERM_OK;
}

derm_err derm_aligned_picture(const struct derm_pair *pair, struct derm_rgb8 *out, bool *relit,
                              struct derm_arena *arena, struct derm_error *err)
{
    const struct derm_rgb8 base_part = derm_grid_part(pair->base);
    const struct derm_rgb8 follow_part = derm_grid_part(pair->follow);
    const struct derm_grid *const g = &pair->follow->view.grid, *const to = &pair->base->view.grid;
    struct derm_rgb8 from, before;
    struct derm_field map;

    DERM_TRY(lead_over(&map, pair, arena));
    DERM_TRY(derm_rgb8_new(arena, &from, g->w, g->h));
    DERM_TRY(derm_cv_resize(&from, &follow_part, err));
    DERM_TRY(derm_rgb8_new(arena, &before, to->w, to->h));
    DERM_TRY(derm_cv_resize(&before, &base_part, err));
    DERM_TRY(derm_rgb8_new(arena, out, to->w, to->h));
    for (int y = 0; y < out->h; y++)
        for (int x = 0; x < out->w; x++) {
            const struct derm_point at = derm_field_at(&map, x, y);
            sample(derm_rgb8_row(out, y) + 3 * x, &from, (float)at.x, (float)at.y);
        }
    *relit = pair->common.px && derm_relight(out, &before, &pair->common);
    for (int y = 0; y < out->h; y++)
        for (int x = 0; x < out->w; x++) {
            const struct derm_point at = derm_field_at(&map, x, y);
            for (int i = 0; i < 3; i++)
                if (!inside(&from, (float)at.x, (float)at.y))
                    derm_rgb8_row(out, y)[3 * x + i] = BLANK;
        }
    return DERM_OK;
}
