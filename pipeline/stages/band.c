/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/band.h"

#include <math.h>

bool derm_band_find(const struct derm_profile *all, double least, struct derm_band *band)
{
    const struct derm_strip_rule *const r = all->rule;
    const double centre_mm = derm_profile_peak(all, r->peak_reach_mm, r->peak_mm, least < 0);

    for (size_t i = 0; i < sizeof(r->start_mm) / sizeof(*r->start_mm); i++) {
        *band = (struct derm_band){ centre_mm, r->start_mm[i] };
        if (derm_profile_width(all, band, least)) return true;
    }
    return false;
}

/* Contrast of every row; 0 where it cannot be told. */
static derm_err row_contrasts(struct derm_run *run, const struct derm_strip *s,
                              const struct derm_band *band, double **out)
{
    DERM_TRY(derm_arena_raw(run->scratch, out, (size_t)s->rows + 1, sizeof(**out)));
    for (int row = 0; row < s->rows; row++) {
        struct derm_band_contrast c;
        struct derm_profile p;

        derm_strip_profile(s, row, row + 1, &p);
        c = derm_profile_contrast(&p, band);
        (*out)[row] = c.measured ? c.inside : 0;
    }
    return DERM_OK;
}

derm_err derm_band_ends(struct derm_run *run, const struct derm_strip *s,
                        const struct derm_band *band, double contrast, double piece_mm, int *first,
                        int *end)
{
    const int half = (int)(0.5 * piece_mm / s->row_mm);
    int start = 0, last = -2 * half - 1; /* of the stretch at work */
    double *own;

    DERM_TRY(row_contrasts(run, s, band, &own));
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

struct derm_band_pieces derm_band_judge(const struct derm_strip *s, int first, int end,
                                        double piece_mm, const struct derm_band *band,
                                        double contrast)
{
    struct derm_band_pieces j = { .pieces = derm_pieces(s, first, end, piece_mm) };
    const double sign = contrast < 0 ? -1 : 1;

    for (int i = 0; i < j.pieces; i++) {
        struct derm_band_contrast c;
        struct derm_profile profile;

        derm_strip_profile(s, derm_piece_row(first, end, j.pieces, i),
                           derm_piece_row(first, end, j.pieces, i + 1), &profile);
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

bool derm_band_is_sure(const struct derm_band_pieces *j, double z_min)
{
    const int n = j->seen;
    const double mean = j->sum / n;
    const double variance = fmax(j->squares - n * mean * mean, 0) / (n - 1);

    return mean >= z_min * sqrt(variance / n);
}

struct derm_point *derm_band_middle(struct derm_strip *s, int first, int end,
                                    const struct derm_band *band)
{
    const double t = band->centre_mm * s->px_per_mm;

    for (int i = first; i < end; i++)
        s->at[i - first] =
            (struct derm_point){ s->at[i].x + t * s->across[i].x, s->at[i].y + t * s->across[i].y };
    return s->at;
}
