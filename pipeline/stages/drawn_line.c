/* SPDX-License-Identifier: Apache-2.0 */
/* A hand is a millimetre or two off the middle of a scar, and cuts its corners. Where the band's
 * profile peaks around each row, near the drawn line, is its middle; a second pass begins there.
 * Both photos have a say: what is looked at is the mean of the two. */
#include "stages/drawn_line.h"

#include <math.h>

#include "base/num.h"
#include "stages/band.h"

static struct derm_point corner(const struct derm_frame *f, int i)
{
    const struct derm_grid *const g = &f->view.grid;

    return (struct derm_point){ (f->user_line.xy[i][0] - g->x0 + 0.5) / g->step - 0.5,
                                (f->user_line.xy[i][1] - g->y0 + 0.5) / g->step - 0.5 };
}

static int steps_between(struct derm_point a, struct derm_point b, double step_px)
{
    const double dx = b.x - a.x, dy = b.y - a.y;

    return (int)ceil(sqrt(dx * dx + dy * dy) / step_px);
}

derm_err derm_drawn_line(struct derm_run *run, const struct derm_frame *frame,
                         struct derm_streak *out)
{
    const double step_px = 0.5 * frame->view.grid.px_per_mm;
    const int corners = frame->user_line.n;
    size_t room = 1;

    *out = (struct derm_streak){ .n = 0 };
    if (corners == 0) return DERM_OK;
    for (int i = 0; i + 1 < corners; i++)
        room += (size_t)steps_between(corner(frame, i), corner(frame, i + 1), step_px);
    DERM_TRY(derm_arena_raw(run->scratch, &out->at, room, sizeof(*out->at)));
    for (int i = 0; i + 1 < corners; i++) {
        const struct derm_point a = corner(frame, i), b = corner(frame, i + 1);
        const int steps = steps_between(a, b, step_px);

        for (int k = 0; k < steps; k++) {
            const double t = (double)k / steps;
            out->at[out->n++] = (struct derm_point){ a.x + t * (b.x - a.x), a.y + t * (b.y - a.y) };
        }
    }
    out->at[out->n++] = corner(frame, corners - 1);
    return DERM_OK;
}

/* The strip along the line, with the mean of both photos in green. */
static derm_err lay(struct derm_streak_bench *b, const struct derm_view *const view[2],
                    const struct derm_streak *line, struct derm_strip *s)
{
    struct derm_strip second;

    DERM_TRY(derm_strip_lay(b->run, s, b->rule, line->at, line->n, &b->view->grid, 0));
    derm_strip_sample(s, &view[0]->od[1], b->where, b->own, b->regions);
    if (!view[1]) return DERM_OK;
    DERM_TRY(derm_strip_lay(b->run, &second, b->rule, line->at, line->n, &b->view->grid, 0));
    derm_strip_sample(&second, &view[1]->od[1], b->where, b->own, b->regions);
    for (ptrdiff_t i = 0; i < (ptrdiff_t)s->rows * s->columns; i++)
        s->value[i] = 0.5f * (s->value[i] + second.value[i]);
    return DERM_OK;
}

/* The darker or paler band of the whole, whichever is stronger; false when there is neither. */
static bool find_band(const struct derm_streak_bench *b, const struct derm_strip *s,
                      struct derm_band *band, double *contrast)
{
    const double least = 0.5 * (double)b->params->min_contrast;

    struct derm_profile all;

    *contrast = 0;
    *band = (struct derm_band){ 0, 0 };
    derm_strip_profile(s, 0, s->rows, &all);
    for (int sign = -1; sign <= 1; sign += 2) {
        struct derm_band_contrast c;
        struct derm_band own;

        if (!derm_band_find(&all, sign * least, &own)) continue;
        c = derm_profile_contrast(&all, &own);
        if (!c.measured || fabs(c.inside) <= fabs(*contrast)) continue;
        *contrast = c.inside;
        *band = own;
    }
    return *contrast < 0 || *contrast > 0;
}

/* Moves every row to where the profile around it peaks; the next strip smooths what comes of it. */
static void follow(const struct derm_streak_bench *b, struct derm_strip *s, bool pale)
{
    const struct derm_strip_rule *const rule = b->rule;
    const int half = (int)((double)b->params->piece_mm / s->row_mm);

    for (int row = 0; row < s->rows; row++) {
        struct derm_profile p;
        double t;

        derm_strip_profile(s, imax(row - half, 0), imin(row + half + 1, s->rows), &p);
        t = derm_profile_peak(&p, rule->peak_reach_mm, rule->peak_mm, pale) * s->px_per_mm;
        s->at[row].x += t * s->across[row].x;
        s->at[row].y += t * s->across[row].y;
    }
}

derm_err derm_drawn_centre(struct derm_streak_bench *b, const struct derm_view *const view[2],
                           struct derm_streak *line)
{
    enum { PASSES = 2 };
    struct derm_band band;
    struct derm_strip s;
    double contrast;

    for (int pass = 0; pass < PASSES; pass++) {
        DERM_TRY(lay(b, view, line, &s));
        if (s.rows == 0 || !find_band(b, &s, &band, &contrast)) break;
        follow(b, &s, contrast < 0);
        line->at = s.at;
        line->n = s.rows;
    }
    DERM_TRY(lay(b, view, line, &s));
    line->n = 0;
    if (s.rows == 0 || !find_band(b, &s, &band, &contrast)) return DERM_OK;
    line->n = s.rows;
    line->at = derm_band_middle(&s, 0, s.rows, &band);
    line->length_mm = s.rows * s.row_mm;
    line->width_mm = band.width_mm;
    line->contrast = contrast;
    return DERM_OK;
}
