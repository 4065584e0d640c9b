/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/lines.h"

#include <math.h>

#include "stages/band.h"

size_t derm_line_most_pieces(const struct derm_line_probe *p, const struct derm_line *line)
{
    double length_px = 0;

    for (int i = 0; i + 1 < line->n; i++)
        length_px += hypot(line->at[i + 1].x - line->at[i].x, line->at[i + 1].y - line->at[i].y);
    /* its strip has a row or two more than the line is long */
    return (size_t)(length_px / p->view[0]->grid.px_per_mm / p->piece_mm) + 3;
}

/* One piece as an object: what does not depend on the photo. */
static struct derm_object new_piece(const struct derm_line_probe *p, const struct derm_strip *s,
                                    int first, int end, double width_mm)
{
    const struct derm_grid *const g = &p->view[0]->grid;
    const struct derm_point at = s->at[(first + end) / 2];
    const double length_mm = (end - first) * s->row_mm;

    return (struct derm_object){
        .x = at.x,
        .y = at.y,
        .area_px = length_mm * width_mm * g->px_per_mm * g->px_per_mm,
        .length_mm = length_mm,
        .regions = derm_bits_row(
            p->own, clampi((int)(at.y + 0.5), 0, g->h - 1))[clampi((int)(at.x + 0.5), 0, g->w - 1)],
    };
}

/* What a photo shows of a piece: the contrast within the line's own width, and a width of its own
 * where there is enough contrast. */
static void sample_piece(const struct derm_line_probe *p, const struct derm_profile *profile,
                         const struct derm_line *line, int photo, struct derm_object *o)
{
    const double sign = line->contrast < 0 ? -1 : 1, px_per_mm = p->view[0]->grid.px_per_mm;
    struct derm_band band = { 0, line->width_mm };
    const struct derm_band_contrast c = derm_profile_contrast(profile, &band);

    if (!c.measured) {
        o->area_px = 0; /* of no weight */
        return;
    }
    o->contrast += c.inside / p->photos;
    *(photo ? &o->follow_value : &o->base_value) = sign * c.inside;
    if (derm_profile_width(profile, &band, p->min_piece * line->contrast))
        *(photo ? &o->follow_area_px : &o->base_area_px) =
            band.width_mm * o->length_mm * px_per_mm * px_per_mm;
}

/* What one channel adds to the colours of a piece. */
static void add_colour(const struct derm_line_probe *p, const struct derm_profile *profile,
                       const struct derm_line *line, int photo, int channel, struct derm_object *o)
{
    const struct derm_tone *const tone = p->run->tone;
    const struct derm_band band = { 0, line->width_mm };
    const struct derm_band_contrast c = derm_profile_contrast(profile, &band);

    if (!c.measured) return;
    o->melanin[photo] += (double)tone->broad_melanin[channel] * c.inside * o->area_px;
    o->blood[photo] += (double)tone->broad_blood[channel] * c.inside * o->area_px;
}

/* channel < 0: the contrasts. */
static void sample_photo(const struct derm_line_probe *p, struct derm_strip *s,
                         const struct derm_line *line, int photo, int channel,
                         struct derm_object *piece, int n)
{
    const struct derm_plane *const od = p->view[photo]->od;

    if (channel < 0 && p->mix)
        derm_strip_sample_mix(s, od, p->mix, p->where, p->own, p->regions);
    else
        derm_strip_sample(s, &od[channel < 0 ? 1 : channel], p->where, p->own, p->regions);
    for (int i = 0; i < n; i++) {
        struct derm_profile profile;

        derm_strip_profile(s, derm_piece_row(0, s->rows, n, i),
                           derm_piece_row(0, s->rows, n, i + 1), &profile);
        if (channel < 0)
            sample_piece(p, &profile, line, photo, &piece[i]);
        else
            add_colour(p, &profile, line, photo, channel, &piece[i]);
    }
}

derm_err derm_line_measure(const struct derm_line_probe *p, const struct derm_line *line, int label,
                           struct derm_objects *out)
{
    const size_t mark = p->run->scratch->used;
    struct derm_object *const piece = out->item + out->n;
    struct derm_strip s;
    int n;

    DERM_TRY(derm_strip_lay(p->run, &s, p->rule, line->at, line->n, &p->view[0]->grid, 0));
    n = derm_pieces(&s, 0, s.rows, p->piece_mm);
    for (int i = 0; i < n; i++) {
        piece[i] = new_piece(p, &s, derm_piece_row(0, s.rows, n, i),
                             derm_piece_row(0, s.rows, n, i + 1), line->width_mm);
        piece[i].label = label;
    }
    for (int photo = 0; photo < p->photos; photo++)
        for (int channel = -1; channel < (p->coloured ? 3 : 0); channel++)
            sample_photo(p, &s, line, photo, channel, piece, n);
    out->n += n;
    derm_arena_reset(p->run->scratch, mark);
    return DERM_OK;
}

struct derm_object derm_line_next(const struct derm_objects *pieces, int *from)
{
    const int first = *from, label = pieces->item[first].label;
    struct derm_object sum = { .label = label };
    int end = first;

    for (; end < pieces->n && pieces->item[end].label == label; end++) {
        const struct derm_object *const o = &pieces->item[end];

        sum.contrast += o->contrast * o->area_px;
        sum.area_px += o->area_px;
        sum.length_mm += o->length_mm;
        sum.found_in |= o->found_in;
        sum.base_value += o->base_value;
        sum.follow_value += o->follow_value;
        sum.base_area_px += o->base_area_px;
        sum.follow_area_px += o->follow_area_px;
        for (int photo = 0; photo < 2; photo++) {
            sum.melanin[photo] += o->melanin[photo];
            sum.blood[photo] += o->blood[photo];
        }
    }
    sum.x = pieces->item[(first + end) / 2].x;
    sum.y = pieces->item[(first + end) / 2].y;
    sum.regions = pieces->item[(first + end) / 2].regions;
    if (sum.area_px > 0) sum.contrast /= sum.area_px;
    *from = end;
    return sum;
}

bool derm_line_is_red(const struct derm_object *line)
{
    return line->blood[0] + line->blood[1] > 0;
}

int derm_line_count(const struct derm_objects *pieces)
{
    return pieces->n > 0 ? pieces->item[pieces->n - 1].label : 0;
}
