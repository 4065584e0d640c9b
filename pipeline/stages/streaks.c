/* SPDX-License-Identifier: Apache-2.0 */
/* Ridges of a coarse copy are traced, laid straight from the grid itself, and judged. */
#include "stages/streaks.h"

#include <math.h>

#include "stages/mask_ops.h"
#include "stages/strip.h"

/* ---- is it a streak? */

/* A trace may keep to one side of a broad band: its middle is looked for this far away. */
static const double peak_reach_mm = 3, peak_mm = 1;

/* The band of rows [first, end) as a whole: where and how wide it is. Sought from a broad one
 * inwards, whose flanks lie on skin for certain, unless there is no skin so far away. */
static bool whole_band(const struct derm_streak_params *params, const struct derm_strip *s,
                       int first, int end, double least, struct derm_band *band)
{
    static const double start[] = { 0.75, 0.375, 0.1875 }; /* of the broadest there is */
    struct derm_profile all;
    double centre_mm;

    derm_strip_profile(s, first, end, &all);
    centre_mm = derm_profile_peak(&all, peak_reach_mm, peak_mm, least < 0);
    for (int i = 0; i < 3; i++) {
        *band = (struct derm_band){ centre_mm, start[i] * (double)params->max_width_mm };
        if (derm_profile_width(&all, band, least)) return true;
    }
    return false;
}

/* Contrast of every row; 0 where it cannot be told. */
static derm_err row_contrasts(struct derm_streak_bench *b, const struct derm_strip *s,
                              const struct derm_band *band, double **out)
{
    DERM_TRY(derm_arena_raw(b->run->scratch, out, (size_t)s->rows + 1, sizeof(**out)));
    for (int row = 0; row < s->rows; row++) {
        struct derm_band_contrast c;
        struct derm_profile p;

        derm_strip_profile(s, row, row + 1, &p);
        c = derm_profile_contrast(&p, band);
        (*out)[row] = c.measured ? c.inside : 0;
    }
    return DERM_OK;
}

/* Rows [*first, *end) between the ends of the streak: the longest stretch of which a piece around
 * every row has at least half of the whole's contrast, but for gaps shorter than a piece. */
static derm_err find_ends(struct derm_streak_bench *b, const struct derm_strip *s,
                          const struct derm_band *band, double contrast, int *first, int *end)
{
    const int half = (int)(0.5 * (double)b->params->piece_mm / s->row_mm);
    int start = 0, last = -2 * half - 1; /* of the stretch at work */
    double *own;

    DERM_TRY(row_contrasts(b, s, band, &own));
    *first = *end = 0;
    for (int row = 0; row < s->rows; row++) {
        const int lo = imax(row - half, 0), hi = imin(row + half, s->rows - 1);
        double sum = 0;

        for (int i = lo; i <= hi; i++)
            sum += own[i];
        if (sum / (hi - lo + 1) / contrast < 0.5) continue;
        if (row - last > 2 * half) start = row;
        last = row;
        if (last + 1 - start <= *end - *first) continue;
        *first = start;
        *end = last + 1;
    }
    return DERM_OK;
}

struct judgement {
    int pieces, seen, even;
    double sum, squares, left, right;
};

static struct judgement judge(const struct derm_streak_params *p, const struct derm_strip *s,
                              int first, int end, const struct derm_band *band, double contrast)
{
    struct judgement j = { .pieces = derm_strip_pieces(s, first, end, (double)p->piece_mm) };
    const double sign = contrast < 0 ? -1 : 1;

    for (int i = 0; i < j.pieces; i++) {
        struct derm_band_contrast c;
        struct derm_profile profile;

        derm_strip_profile(s, derm_strip_piece_row(first, end, j.pieces, i),
                           derm_strip_piece_row(first, end, j.pieces, i + 1), &profile);
        c = derm_profile_contrast(&profile, band);
        if (!c.measured) continue;
        j.seen++;
        j.even += sign * c.inside > 0.5 * fabs(contrast);
        j.sum += sign * c.inside;
        j.squares += c.inside * c.inside;
        j.left += sign * c.left;
        j.right += sign * c.right;
    }
    return j;
}

/* Whether what the pieces show in green is a streak's. */
static bool passes(const struct derm_streak_bench *b, const struct judgement *j, double width_mm,
                   double length_mm)
{
    const struct derm_streak_params *const p = b->params;
    const int n = j->seen;
    double mean, variance;

    if (length_mm < (double)p->min_length_mm || width_mm < (double)p->min_width_mm ||
        width_mm > (double)p->max_width_mm || length_mm < (double)p->min_slender * width_mm)
        return false;
    if (n < 2 || n < (double)p->min_skin_share * j->pieces) return false;
    mean = j->sum / n;
    variance = fmax(j->squares - n * mean * mean, 0) / (n - 1);
    if (mean < (double)p->min_contrast || mean > (double)p->max_contrast) return false;
    if (mean < (double)p->z_min * sqrt(variance / n)) return false;
    return j->even >= (double)p->min_even * n &&
           fmin(j->left, j->right) >= (double)p->min_flank * j->sum;
}

/* Grey: no colour of its own. */
static bool is_shade(struct derm_streak_bench *b, struct derm_strip *s, int first, int end,
                     const struct derm_band *band, double green)
{
    const struct derm_streak_params *const p = b->params;
    struct derm_band_contrast red;
    struct derm_profile all;

    if (p->max_grey <= 0 || b->run->tone->ita_deg < (double)p->dark_ita_deg) return false;
    derm_strip_sample(s, &b->view->od[0], b->where, b->own, b->regions);
    derm_strip_profile(s, first, end, &all);
    red = derm_profile_contrast(&all, band);
    return !red.measured || fabs(red.inside) > (double)p->max_grey * fabs(green);
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

/* Lays a traced ridge straight; into *out if it is a streak. */
static derm_err try_ridge(struct derm_streak_bench *b, const struct derm_ridge *ridge,
                          struct derm_streak *out, bool *is)
{
    const struct derm_streak_params *const p = b->params;
    const double sign = ridge->pale ? -1 : 1;
    struct derm_band_contrast contrast = { .measured = false };
    struct derm_band band;
    struct derm_point *at;
    struct judgement j;
    struct derm_strip s;
    int first = 0, end;

    *is = false;
    if (ridge->strength < (double)p->trace_response * ridge->n) return DERM_OK;
    DERM_TRY(derm_arena_raw(b->run->scratch, &at, (size_t)ridge->n, sizeof(*at)));
    for (int i = 0; i < ridge->n; i++)
        at[i] = (struct derm_point){ derm_reduced_to_grid(&b->c, ridge->at[i].x),
                                     derm_reduced_to_grid(&b->c, ridge->at[i].y) };
    DERM_TRY(derm_strip_lay(b->run, &s, at, ridge->n, &b->view->grid, b->column_mm,
                            (double)p->sight_mm));
    derm_strip_sample(&s, &b->view->od[1], b->where, b->own, b->regions);
    end = s.rows;
    if (!whole_band(p, &s, first, end, 0.5 * sign * (double)p->min_contrast, &band)) return DERM_OK;
    for (int pass = 0; pass < 2; pass++) { /* the ends depend on the contrast, and it on them */
        struct derm_profile all;

        derm_strip_profile(&s, first, end, &all);
        contrast = derm_profile_contrast(&all, &band);
        if (!contrast.measured || sign * contrast.inside <= 0) return DERM_OK;
        DERM_TRY(find_ends(b, &s, &band, contrast.inside, &first, &end));
        if ((end - first) * s.row_mm < (double)p->min_length_mm) return DERM_OK;
        if (!whole_band(p, &s, first, end, 0.5 * sign * (double)p->min_contrast, &band))
            return DERM_OK;
    }
    j = judge(p, &s, first, end, &band, contrast.inside);
    out->length_mm = (end - first) * s.row_mm;
    if (!passes(b, &j, band.width_mm, out->length_mm)) return DERM_OK;
    if (!is_straight(p, &s, first, end)) return DERM_OK;
    if (!is_own(p, &s, first, end, &band, contrast.inside)) return DERM_OK;
    if (is_shade(b, &s, first, end, &band, j.sum / j.seen)) return DERM_OK;
    out->n = end - first;
    for (int i = 0; i < out->n; i++) { /* its middle */
        const double t = band.centre_mm * s.px_per_mm;
        s.at[i] = (struct derm_point){ s.at[first + i].x + t * s.across[first + i].x,
                                       s.at[first + i].y + t * s.across[first + i].y };
    }
    out->at = s.at;
    out->width_mm = band.width_mm;
    out->contrast = sign * j.sum / j.seen;
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

/* Searched is the skin of the regions, of a face away from their edges. */
derm_err derm_streaks_prepare(struct derm_streak_bench *b)
{
    const struct derm_filter f = derm_run_filter(b->run);
    const int w = b->own->w, h = b->own->h;
    int factor;

    DERM_TRY(derm_reduced_new(b->run, &b->c, b->where, b->view->grid.px_per_mm,
                              (double)b->params->max_px_per_mm, (double)b->params->fill_mm));
    factor = b->c.factor;
    DERM_TRY(derm_mask_new(b->run->scratch, &b->searched, b->c.where.w, b->c.where.h));
    for (int y = 0; y < b->searched.h; y++) {
        const uint16_t *const own = derm_bits_row(b->own, imin(y * factor + factor / 2, h - 1));
        uint8_t *const in = derm_mask_row(&b->searched, y);

        for (int x = 0; x < b->searched.w; x++)
            in[x] = own[imin(x * factor + factor / 2, w - 1)] & b->regions ? 0xff : 0;
    }
    if (b->edge_mm > 0)
        DERM_TRY(derm_erode(&f, &b->searched, &b->searched, b->edge_mm * b->c.px_per_mm));
    derm_mask_and(&b->searched, &b->c.where);
    return DERM_OK;
}

derm_err derm_streaks_find(struct derm_streak_bench *b, struct derm_streaks *out)
{
    const struct derm_streak_params *const p = b->params;
    struct derm_arena *const scratch = b->run->scratch;
    struct derm_ridge_search s = { .sizes = b->sizes };
    struct derm_plane green;
    struct derm_ridge *ridge;
    int n;

    out->n = 0;
    DERM_TRY(derm_reduced_plane(b->run, &b->c, &green, &b->view->od[1], b->where));
    for (int i = 0; i < b->sizes; i++)
        s.sigma_mm[i] = b->sigma_mm[i];
    s.px_per_mm = b->c.px_per_mm;
    s.z_start = (double)p->start_response;
    s.z_ahead = (double)p->ahead_response;
    s.share = (double)p->share;
    s.sight_mm = (double)p->sight_mm;
    s.min_length_mm = 0.6 * (double)p->min_length_mm; /* its ends are found later */
    DERM_TRY(derm_ridges_find(b->run, &green, &b->searched, &s, &ridge, &n));
    for (int i = 0; i < n && out->n < DERM_MAX_STREAKS; i++) {
        const size_t mark = scratch->used;
        struct derm_streak *const streak = &out->item[out->n];
        bool is, echo = false;

        DERM_TRY(try_ridge(b, &ridge[i], streak, &is));
        for (int k = 0; is && k < out->n; k++)
            echo =
                echo || derm_streak_share_near(streak, &out->item[k],
                                               (double)p->reach_mm * b->view->grid.px_per_mm) > 0.3;
        if (is && !echo)
            out->n++;
        else
            derm_arena_reset(scratch, mark);
    }
    return DERM_OK;
}
