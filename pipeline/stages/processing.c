/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/processing.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "color/transfer.h"
#include "stages/statistics.h"

enum { LEAST_CELLS = 40 /* for a spread within 11 % of itself */ };
static const double EULER = 2.718281828459045;
/* The fairest skin has 0.4; what has less colour than half of it cannot be told from its gloss. */
static const double LEAST_COLOUR = 0.2;
static const double LEAST_CONTRAST = 1e-4; /* optical density; no skin is as even as that */

static int counted(const struct derm_cells *cells)
{
    int n = 0;

    for (int i = 0; i < cells->w * cells->h; i++)
        n += cells->at[i].n > 0;
    return n;
}

derm_err derm_light_change(struct derm_run *run, const struct derm_cells *cells,
                           struct derm_light_change *out, bool *known)
{
    const int most = cells->w * cells->h;
    double *value, d[3];

    *known = counted(cells) > 0;
    if (!*known) return DERM_OK;
    DERM_TRY(derm_arena_raw(run->scratch, &value, (size_t)most, sizeof(*value)));
    for (int c = 0; c < 3; c++) {
        int n = 0;

        for (int i = 0; i < most; i++)
            if (cells->at[i].n > 0) value[n++] = cells->at[i].follow[c] - cells->at[i].base[c];
        d[c] = derm_median(value, n);
    }
    out->exposure_od = fabs(d[1]);
    out->cast_od = fmax(d[0], fmax(d[1], d[2])) - fmin(d[0], fmin(d[1], d[2]));
    return DERM_OK;
}

/* ---- gloss */

/* Light x of the surface, relative to that of the body in green, takes x from the optical density
 * of green, x e^b from that of blue and x e^-a from that of red, where a is ln(R / G) and b
 * ln(G / B) of the skin: what red loses less than blue shows x. */
derm_err derm_veil_change(struct derm_run *run, const struct derm_cells *cells, double *veil,
                          bool *known)
{
    const int most = cells->w * cells->h;
    double *red, *blue, *shown, colour;
    int n = 0;

    *known = false;
    DERM_TRY(derm_arena_raw(run->scratch, &red, (size_t)most + 1, sizeof(*red)));
    DERM_TRY(derm_arena_raw(run->scratch, &blue, (size_t)most + 1, sizeof(*blue)));
    DERM_TRY(derm_arena_raw(run->scratch, &shown, (size_t)most + 1, sizeof(*shown)));
    for (int i = 0; i < most; i++) {
        const struct derm_cell *const c = &cells->at[i];

        if (c->n == 0) continue;
        red[n] = c->base[0] - c->base[1];
        blue[n] = c->base[2] - c->base[1];
        shown[n++] = (c->follow[0] - c->base[0]) - (c->follow[2] - c->base[2]);
    }
    if (n < LEAST_CELLS) return DERM_OK;
    colour = derm_power(EULER, derm_median(blue, n)) - derm_power(EULER, derm_median(red, n));
    *known = colour > LEAST_COLOUR;
    if (*known) *veil = derm_sd(shown, n) / colour;
    return DERM_OK;
}

/* ---- contrast */
struct contrasts { /* against the skin around, at the cells that count */
    double *base, *follow, *both, *scratch;
    int *cell; /* which one */
    int n;
    bool *spot; /* by cell: no plain skin */
};

static double weigh(const float weight[3], const double od[3])
{
    return (double)weight[0] * od[0] + (double)weight[1] * od[1] + (double)weight[2] * od[2];
}

/* Against the plain skin around. */
static bool against_surround(const struct derm_cells *cells, const struct derm_surround *around,
                             const bool *spot, int i, int j, double *base, double *follow)
{
    const struct derm_cell *const own = &cells->at[j * cells->w + i];
    const int reach = around->reach;
    double b = 0, f = 0;
    int n = 0;

    if (own->n == 0 || spot[j * cells->w + i]) return false;
    for (int y = imax(j - reach, 0); y <= imin(j + reach, cells->h - 1); y++)
        for (int x = imax(i - reach, 0); x <= imin(i + reach, cells->w - 1); x++) {
            const struct derm_cell *const c = &cells->at[y * cells->w + x];
            if (c->n == 0 || spot[y * cells->w + x]) continue;
            b += weigh(around->weight, c->base);
            f += weigh(around->weight, c->follow);
            n++;
        }
    if (n < around->least_cells) return false;
    *base = weigh(around->weight, own->base) - b / n;
    *follow = weigh(around->weight, own->follow) - f / n;
    return true;
}

static void find_contrasts(const struct derm_cells *cells, const struct derm_surround *around,
                           struct contrasts *c)
{
    c->n = 0;
    for (int j = 0; j < cells->h; j++)
        for (int i = 0; i < cells->w; i++) {
            if (!against_surround(cells, around, c->spot, i, j, &c->base[c->n], &c->follow[c->n]))
                continue;
            c->both[c->n] = 0.5 * (c->base[c->n] + c->follow[c->n]);
            c->cell[c->n++] = j * cells->w + i;
        }
}

/* Plain skin is no further than so many robust standard deviations from the middle, by the mean of
 * both photos, so that neither chooses: spots and scars are dark, so less is left on that side. */
static void mark_spots(struct contrasts *c)
{
    const double light = 1.5, dark = 1;
    double middle, sd;

    memcpy(c->scratch, c->both, (size_t)c->n * sizeof(double));
    middle = derm_median(c->scratch, c->n);
    for (int i = 0; i < c->n; i++)
        c->scratch[i] = fabs(c->both[i] - middle);
    sd = 1.4826 * derm_median(c->scratch, c->n);
    for (int i = 0; i < c->n; i++)
        c->spot[c->cell[i]] = c->both[i] > middle + dark * sd || c->both[i] < middle - light * sd;
}

static double correlation(const struct contrasts *c)
{
    const double base = derm_mean(c->base, c->n), follow = derm_mean(c->follow, c->n);
    double bb = 0, bf = 0, ff = 0;

    for (int i = 0; i < c->n; i++) {
        bb += (c->base[i] - base) * (c->base[i] - base);
        bf += (c->base[i] - base) * (c->follow[i] - follow);
        ff += (c->follow[i] - follow) * (c->follow[i] - follow);
    }
    return bb > 0 && ff > 0 ? bf / sqrt(bb * ff) : 0;
}

derm_err derm_contrast_change(struct derm_run *run, const struct derm_cells *cells,
                              const struct derm_surround *around, double *change, bool *known)
{
    const size_t most = (size_t)cells->w * (size_t)cells->h + 1;
    struct contrasts c = { .n = 0 };
    double base, follow;

    *known = false;
    DERM_TRY(derm_arena_raw(run->scratch, &c.base, most, sizeof(*c.base)));
    DERM_TRY(derm_arena_raw(run->scratch, &c.follow, most, sizeof(*c.follow)));
    DERM_TRY(derm_arena_raw(run->scratch, &c.both, most, sizeof(*c.both)));
    DERM_TRY(derm_arena_raw(run->scratch, &c.scratch, most, sizeof(*c.scratch)));
    DERM_TRY(derm_arena_raw(run->scratch, &c.cell, most, sizeof(*c.cell)));
    DERM_TRY(derm_arena_new(run->scratch, &c.spot, most, sizeof(*c.spot)));
    find_contrasts(cells, around, &c);
    if (c.n < LEAST_CELLS) return DERM_OK;
    mark_spots(&c);
    find_contrasts(cells, around, &c); /* again: now no spot darkens the surround of others */
    if (c.n < LEAST_CELLS || correlation(&c) < around->least_correlation) return DERM_OK;
    base = derm_sd(c.base, c.n);
    follow = derm_sd(c.follow, c.n);
    *known = fmin(base, follow) > LEAST_CONTRAST;
    if (*known) *change = (double)derm_lnf((float)(follow / base));
    return DERM_OK;
}
