/* SPDX-License-Identifier: Apache-2.0 */
/* Skin without landmarks: which of the photo's colours is skin's, and whether it is skin at all.
 *
 * Colour alone does not tell: wood, sand and paper share it. What skin adds: its fine darker places
 * (furrows, pores, vessels, pigment) are redder, because light that is scattered longer in it loses
 * more green than red to blood and melanin. Where that is missing, or the photo has no colour of
 * skin to speak of, there is no skin. */
#include <math.h>

#include "base/num.h"
#include "stages/skin_colour.h"

/* Colour by ln(R/G) and ln(G/B) in linear light, which exposure and shading do not move. */
enum { CELLS = 64 };
static const double rg_least = -0.2, gb_least = -0.6, cell = 1.0 / 28;
static const double near_mode = 0.25; /* in ln units: one skin, its mottle and its redness */
static const int centre_weight = 3;
static const float max_seed_rough = 6;  /* units of L: hair and cloth are rougher */
static const float min_seed_light = 15; /* L: below, eight bits do not tell the colour */

/* Skin of any tone, ITA 70 to -60, reflects R > G >= B: ln(R/G) 0.25 to 1.1 and ln(G/B) 0.15 to
 * 0.8 under the light the camera was balanced for. An error of the white balance of one or two
 * thousand kelvin and a veil of gloss move it by the margins that are added here. Blue follows
 * green more closely the paler the skin is. */
static bool can_be_skin(double rg, double gb)
{
    return rg > 0.06 && rg < 1.6 && gb > -0.3 && gb < 1.4 && rg + gb > 0.12 &&
           gb < 0.45 + 0.8 * rg && gb > -0.35 * rg - 0.05;
}

struct ratios {
    struct derm_plane rg, gb;
};

static derm_err ratios_new(const struct derm_run *run, struct ratios *q,
                           const struct derm_skin_planes *p)
{
    const float darkest = 0.002f; /* of white: noise below */
    struct derm_plane od;

    DERM_TRY(derm_plane_new(run->scratch, &q->rg, p->grid.w, p->grid.h));
    DERM_TRY(derm_plane_new(run->scratch, &q->gb, p->grid.w, p->grid.h));
    DERM_TRY(derm_plane_new(run->scratch, &od, p->grid.w, 3));
    for (int y = 0; y < p->grid.h; y++) {
        float *const rg = derm_row(&q->rg, y), *const gb = derm_row(&q->gb, y);

        for (int c = 0; c < 3; c++)
            run->k->density(derm_row(&od, c), derm_row(&p->lin[c], y), darkest, (size_t)p->grid.w);
        for (int x = 0; x < p->grid.w; x++) {
            rg[x] = derm_row(&od, 1)[x] - derm_row(&od, 0)[x];
            gb[x] = derm_row(&od, 2)[x] - derm_row(&od, 1)[x];
        }
    }
    return DERM_OK;
}

static bool is_middle(int at, int size)
{
    return 4 * at > size && 4 * at < 3 * size;
}

static bool lit(float light)
{
    return light > min_seed_light;
}

static bool smooth(float rough)
{
    return rough < max_seed_rough;
}

/* Weighted counts of the colours that skin can have; returns how many allowed pixels there are. */
static double count_colours(int cells[CELLS][CELLS], const struct ratios *q,
                            const struct derm_skin_planes *p, const struct derm_mask *allowed,
                            bool centre)
{
    const struct derm_grid *const g = &p->grid;
    double considered = 0;

    for (int y = 0; y < g->h; y++) {
        const float *const rg_row = derm_row(&q->rg, y), *const gb_row = derm_row(&q->gb, y);
        const float *const light = derm_row(&p->lab[0], y), *const rough = derm_row(&p->rough, y);
        const uint8_t *const counts = derm_mask_row(allowed, y);
        const bool more = centre && is_middle(y, g->h);

        for (int x = 0; x < g->w; x++) {
            const double rg = (double)rg_row[x], gb = (double)gb_row[x];

            if (!counts[x]) continue;
            considered++;
            if (lit(light[x]) && smooth(rough[x]) && can_be_skin(rg, gb))
                cells[clampi((int)((rg - rg_least) / cell), 0, CELLS - 1)]
                     [clampi((int)((gb - gb_least) / cell), 0, CELLS - 1)] +=
                    more && is_middle(x, g->w) ? centre_weight : 1;
        }
    }
    return considered;
}

/* The middle of the fullest 5 x 5 cells. */
static void mode_of(int cells[CELLS][CELLS], double *rg, double *gb)
{
    int most = -1;

    for (int i = 2; i < CELLS - 2; i++)
        for (int j = 2; j < CELLS - 2; j++) {
            int sum = 0;

            for (int k = 0; k < 25; k++)
                sum += cells[i - 2 + k / 5][j - 2 + k % 5];
            if (sum <= most) continue;
            most = sum;
            *rg = rg_least + (i + 0.5) * cell;
            *gb = gb_least + (j + 0.5) * cell;
        }
}

/* What of the seeds tells skin from other things: compression smears its colour into a black
 * border, hair and cloth. */
static derm_err plain_seeds(const struct derm_run *run, struct derm_mask *plain,
                            const struct derm_skin_planes *p, const struct derm_mask *seed)
{
    DERM_TRY(derm_mask_new(run->scratch, plain, seed->w, seed->h));
    for (int y = 0; y < seed->h; y++)
        for (int x = 0; x < seed->w; x++)
            if (lit(derm_row(&p->lab[0], y)[x]) && smooth(derm_row(&p->rough, y)[x]))
                derm_mask_row(plain, y)[x] = derm_mask_row(seed, y)[x];
    return DERM_OK;
}

/* Regression of ln(R/G) on darkness among the seeds, both without their slow part. */
static derm_err redder_when_darker(const struct derm_run *run, struct derm_skin_evidence *e,
                                   const struct derm_skin_planes *p, const struct ratios *q,
                                   const struct derm_mask *seed)
{
    const double window_px = 4;
    const struct derm_filter f = derm_run_filter(run);
    double ll = 0, rr = 0, lr = 0;
    const struct derm_plane own[2] = { p->lab[0], q->rg };
    struct derm_plane slow[2];
    struct derm_mask plain;

    DERM_TRY(plain_seeds(run, &plain, p, seed));
    for (int i = 0; i < 2; i++)
        DERM_TRY(derm_plane_raw(run->scratch, &slow[i], p->grid.w, p->grid.h));
    DERM_TRY(derm_gaussian_masked_planes(&f, slow, own, 2, &plain, window_px));
    for (int y = 0; y < p->grid.h; y++) {
        const float *const light = derm_row(&own[0], y), *const rg = derm_row(&own[1], y);
        const float *const slow_light = derm_row(&slow[0], y), *const slow_rg =
                                                                   derm_row(&slow[1], y);
        const uint8_t *const counts = derm_mask_row(&plain, y);

        for (int x = 0; x < p->grid.w; x++) {
            const double dark = (double)slow_light[x] - (double)light[x];
            const double redder = (double)rg[x] - (double)slow_rg[x];

            if (!counts[x]) continue;
            ll += dark * dark;
            rr += redder * redder;
            lr += dark * redder;
        }
    }
    e->slope = ll > 0 ? lr / ll : 0;
    e->correlation = ll > 0 && rr > 0 ? lr / sqrt(ll * rr) : 0;
    return DERM_OK;
}

derm_err derm_skin_seed_close_up(const struct derm_run *run, struct derm_mask *seed,
                                 const struct derm_skin_planes *p, const struct derm_mask *allowed,
                                 struct derm_skin_evidence *e)
{
    const bool grey = run->frame->source.grey, centre = !run->frame->user_roi.px;
    int cells[CELLS][CELLS] = { { 0 } };
    double considered, found = 0, rg0 = 0, gb0 = 0;
    struct ratios q;

    DERM_TRY(ratios_new(run, &q, p));
    considered = count_colours(cells, &q, p, allowed, centre);
    mode_of(cells, &rg0, &gb0);
    for (int y = 0; y < p->grid.h; y++) {
        const float *const rg_row = derm_row(&q.rg, y), *const gb_row = derm_row(&q.gb, y);
        const float *const light = derm_row(&p->lab[0], y), *const rough = derm_row(&p->rough, y);
        const uint8_t *const counts = derm_mask_row(allowed, y);
        uint8_t *const out = derm_mask_row(seed, y);

        for (int x = 0; x < p->grid.w; x++) {
            const double rg = (double)rg_row[x], gb = (double)gb_row[x];
            const bool near = fabs(rg - rg0) < near_mode && fabs(gb - gb0) < near_mode &&
                              lit(light[x]) && can_be_skin(rg, gb);
            const bool is = counts[x] && (grey ? smooth(rough[x]) : near);

            out[x] = is ? 0xff : 0;
            found += is;
        }
    }
    e->share = considered > 0 ? found / considered : 0;
    return redder_when_darker(run, e, p, &q, seed);
}
