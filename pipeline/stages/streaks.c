/* SPDX-License-Identifier: Apache-2.0 */
/* Ridges of a coarse copy are traced, laid straight from the grid itself, and judged: in blood,
 * where that is asked for, then in green. */
#include "stages/streaks.h"

#include <math.h>

#include "stages/band.h"
#include "stages/mask_ops.h"

/* ---- is it a streak? */

/* Whether what the pieces show is a streak's. */
static bool passes(const struct derm_streak_bench *b, const struct derm_band_pieces *j,
                   double min_contrast, double width_mm, double length_mm)
{
    const struct derm_streak_params *const p = b->params;
    const int n = j->seen;
    double mean;

    if (length_mm < (double)p->min_length_mm || width_mm < (double)p->min_width_mm ||
        width_mm > (double)p->max_width_mm || length_mm < (double)p->min_slender * width_mm)
        return false;
    if (n < 2 || n < (double)p->min_skin_share * j->pieces) return false;
    mean = j->sum / n;
    if (mean < min_contrast || mean > (double)p->max_contrast) return false;
    if (!derm_band_is_sure(j, (double)p->z_min)) return false;
    return j->even >= (double)p->min_even * n &&
           fmin(j->left, j->right) >= (double)p->min_flank * j->sum;
}

/* Values of the strip: of a mix of densities, NULL: of green. */
static void sample(const struct derm_streak_bench *b, const float *mix, struct derm_strip *s)
{
    if (mix)
        derm_strip_sample_mix(s, b->view->od, mix, b->where, b->own, b->regions);
    else
        derm_strip_sample(s, &b->view->od[1], b->where, b->own, b->regions);
}

static double green_contrast(const struct derm_streak_bench *b, struct derm_strip *s, int first,
                             int end, const struct derm_band *band)
{
    struct derm_band_contrast green;
    struct derm_profile all;

    sample(b, NULL, s);
    derm_strip_profile(s, first, end, &all);
    green = derm_profile_contrast(&all, band);
    return green.measured ? green.inside : 0;
}

/* Grey: no colour of its own. */
static bool is_shade(struct derm_streak_bench *b, struct derm_strip *s, int first, int end,
                     const struct derm_band *band, double green)
{
    const struct derm_streak_params *const p = b->params;
    const double max_grey = (double)(green < 0 ? p->max_grey_pale : p->max_grey);
    struct derm_band_contrast red;
    struct derm_profile all;

    if (max_grey <= 0 || b->run->tone->ita_deg < (double)p->dark_ita_deg) return false;
    derm_strip_sample(s, &b->view->od[0], b->where, b->own, b->regions);
    derm_strip_profile(s, first, end, &all);
    red = derm_profile_contrast(&all, band);
    return !red.measured || fabs(red.inside) > max_grey * fabs(green);
}

/* From end to end as the crow flies, of its length: a ring or a crescent is no streak. */
static bool is_straight(const struct derm_streak_params *p, const struct derm_strip *s, int first,
                        int end)
{
    const struct derm_point a = s->at[first], b = s->at[end - 1];
    const double dx = b.x - a.x, dy = b.y - a.y;

    return sqrt(dx * dx + dy * dy) >=
           (double)p->min_straight * (end - first) * s->row_mm * s->px_per_mm;
}

/* Skin between two dark bands looks like a pale one against both flanks, but not against what the
 * skin around is like. */
static bool is_own(const struct derm_streak_params *p, const struct derm_strip *s, int first,
                   int end, const struct derm_band *band, double contrast)
{
    struct derm_profile all;

    derm_strip_profile(s, first, end, &all);
    return derm_profile_over_usual(&all, band) / contrast >= (double)p->min_own;
}

/* Lays a ridge that was traced in a mix of densities straight; into *out if it is a streak. */
static derm_err try_ridge(struct derm_streak_bench *b, const float *mix,
                          const struct derm_ridge *ridge, struct derm_streak *out, bool *is)
{
    const struct derm_streak_params *const p = b->params;
    const double sign = ridge->pale ? -1 : 1;
    struct derm_band_contrast contrast = { .measured = false };
    struct derm_band band;
    struct derm_point *at;
    struct derm_band_pieces j;
    struct derm_profile all;
    struct derm_strip s;
    int first = 0, end;

    *is = false;
    if (ridge->strength < (double)p->trace_response * ridge->n) return DERM_OK;
    DERM_TRY(derm_arena_raw(b->run->scratch, &at, (size_t)ridge->n, sizeof(*at)));
    for (int i = 0; i < ridge->n; i++)
        at[i] = (struct derm_point){ derm_reduced_to_grid(&b->c, ridge->at[i].x),
                                     derm_reduced_to_grid(&b->c, ridge->at[i].y) };
    DERM_TRY(
        derm_strip_lay(b->run, &s, b->rule, at, ridge->n, &b->view->grid, (double)p->sight_mm));
    sample(b, mix, &s);
    end = s.rows;
    derm_strip_profile(&s, first, end, &all);
    if (!derm_band_find(&all, 0.5 * sign * (double)p->min_contrast, &band)) return DERM_OK;
    for (int pass = 0; pass < 2; pass++) { /* the ends depend on the contrast, and it on them */
        contrast = derm_profile_contrast(&all, &band);
        if (!contrast.measured || sign * contrast.inside <= 0) return DERM_OK;
        DERM_TRY(
            derm_band_ends(b->run, &s, &band, contrast.inside, (double)p->piece_mm, &first, &end));
        if ((end - first) * s.row_mm < (double)p->min_length_mm) return DERM_OK;
        derm_strip_profile(&s, first, end, &all);
        if (!derm_band_find(&all, 0.5 * sign * (double)p->min_contrast, &band)) return DERM_OK;
    }
    j = derm_band_judge(&s, first, end, (double)p->piece_mm, &band, contrast.inside);
    out->length_mm = (end - first) * s.row_mm;
    if (!passes(b, &j, (double)(mix ? p->min_blood : p->min_contrast), band.width_mm,
                out->length_mm))
        return DERM_OK;
    if (!is_straight(p, &s, first, end)) return DERM_OK;
    if (!is_own(p, &s, first, end, &band, contrast.inside)) return DERM_OK;
    out->contrast = mix ? green_contrast(b, &s, first, end, &band) : sign * j.sum / j.seen;
    if (sign * out->contrast <= 0 || is_shade(b, &s, first, end, &band, out->contrast))
        return DERM_OK;
    out->n = end - first;
    out->at = derm_band_middle(&s, first, end, &band);
    out->width_mm = band.width_mm;
    *is = true;
    return DERM_OK;
}

/* ---- finding */

bool derm_streak_is_near(const struct derm_streak *line, struct derm_point at, double reach_px)
{
    for (int i = 0; i < line->n; i++) {
        const double dx = line->at[i].x - at.x, dy = line->at[i].y - at.y;
        if (dx * dx + dy * dy <= reach_px * reach_px) return true;
    }
    return false;
}

double derm_streak_share_near(const struct derm_streak *a, const struct derm_streak *b,
                              double reach_px)
{
    int near = 0;

    for (int i = 0; i < a->n; i++)
        near += derm_streak_is_near(b, a->at[i], reach_px);
    return a->n > 0 ? (double)near / a->n : 0;
}

/* The skin along a band, or between two, is a band of the other sign, and weaker. */
static bool is_flank(const struct derm_streak *s, const struct derm_streak *of, double px_per_mm,
                     double reach_mm)
{
    const double apart_mm = 0.5 * (s->width_mm + of->width_mm) + reach_mm;

    return s->contrast * of->contrast < 0 && fabs(s->contrast) < fabs(of->contrast) &&
           derm_streak_share_near(s, of, apart_mm * px_per_mm) > derm_streak_common_share;
}

static void drop_flanks(const struct derm_streak_bench *b, struct derm_streaks *all)
{
    bool drop[DERM_MAX_STREAKS] = { false };
    int kept = 0;

    for (int i = 0; i < all->n; i++)
        for (int k = 0; k < all->n && !drop[i]; k++)
            drop[i] = is_flank(&all->item[i], &all->item[k], b->view->grid.px_per_mm,
                               (double)b->params->reach_mm);
    for (int i = 0; i < all->n; i++)
        if (!drop[i]) all->item[kept++] = all->item[i];
    all->n = kept;
}

derm_err derm_streaks_prepare(struct derm_streak_bench *b)
{
    DERM_TRY(derm_reduced_new(b->run, &b->c, b->where, b->view->grid.px_per_mm,
                              (double)b->params->max_px_per_mm, (double)b->params->fill_mm));
    return derm_reduced_regions(b->run, &b->c, &b->searched, b->own, b->regions, b->edge_mm);
}

static bool is_echo(const struct derm_streak_bench *b, const struct derm_streak *s,
                    const struct derm_streaks *of)
{
    const double reach_px = (double)b->params->reach_mm * b->view->grid.px_per_mm;

    for (int i = 0; i < of->n; i++)
        if (derm_streak_share_near(s, &of->item[i], reach_px) > derm_streak_common_share)
            return true;
    return false;
}

/* What a mix of densities, NULL: green, shows and *out has not. */
static derm_err add_streaks(struct derm_streak_bench *b, const float *mix, struct derm_streaks *out)
{
    const struct derm_streak_params *const p = b->params;
    struct derm_arena *const scratch = b->run->scratch;
    struct derm_ridge_search s = { .sizes = b->sizes, .most = 256 };
    struct derm_plane plane;
    struct derm_ridge *ridge;
    int n;

    if (mix)
        DERM_TRY(derm_reduced_mix(b->run, &b->c, &plane, b->view->od, mix, b->where));
    else
        DERM_TRY(derm_reduced_plane(b->run, &b->c, &plane, &b->view->od[1], b->where));
    for (int i = 0; i < b->sizes; i++)
        s.sigma_mm[i] = b->sigma_mm[i];
    s.px_per_mm = b->c.px_per_mm;
    s.z_point = s.z_start = (double)p->start_response;
    s.z_ahead = (double)p->ahead_response;
    s.share = (double)p->share;
    s.sight_mm = (double)p->sight_mm;
    s.min_length_mm = 0.6 * (double)p->min_length_mm; /* its ends are found later */
    DERM_TRY(derm_ridges_find(b->run, &plane, &b->searched, &s, &ridge, &n));
    for (int i = 0; i < n && out->n < DERM_MAX_STREAKS; i++) {
        const size_t mark = scratch->used;
        struct derm_streak *const streak = &out->item[out->n];
        bool is;

        DERM_TRY(try_ridge(b, mix, &ridge[i], streak, &is));
        if (is && !is_echo(b, streak, out))
            out->n++;
        else
            derm_arena_reset(scratch, mark);
    }
    return DERM_OK;
}

derm_err derm_streaks_find(struct derm_streak_bench *b, struct derm_streaks *out)
{
    out->n = 0;
    if (b->params->min_blood > 0 && derm_tone_has_blood(b->run->tone))
        DERM_TRY(add_streaks(b, b->run->tone->broad_blood, out));
    DERM_TRY(add_streaks(b, NULL, out));
    drop_flanks(b, out);
    return DERM_OK;
}
