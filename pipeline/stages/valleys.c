/* SPDX-License-Identifier: Apache-2.0 */
/* Dark ridges of several widths are traced, each is cut to what no stronger one has covered, laid
 * straight from the grid itself, and judged. */
#include "stages/valleys.h"

#include <math.h>
#include <stdlib.h>

#include "stages/band.h"
#include "stages/clutter.h"
#include "stages/mask_ops.h"
#include "stages/objects.h"

/* Valleys about twice as wide as sigma; algorithms, section 4. */
static const struct derm_ridge_search sizes = {
    .sigma_mm = { 0.15, 0.25, 0.4, 0.65 },
    .sizes = 4,
    .most = 4096,
    .dark_only = true,
    .by_mean = true,
};
/* A valley is shade, as dark in red as in green, where noise is not the same and red has less
 * pigment; weights on od. */
static const float grey_mix[3] = { 0.5f, 0.5f, 0 };
static const double least_sigma_px = 0.6; /* of a sampled Gaussian whose curvature is right */

/* Thin lines that may run side by side: narrow flanks; algorithms, section 4. */
const struct derm_strip_rule derm_valley_rule = {
    .column_mm = 0.1,
    .reach = 30,
    .smooth_mm = 0.75,
    .gap_share = 0.5,
    .least_gap_mm = 0.25,
    .most_gap_mm = 1, /* of the broadest wrinkle; the flanks of a fold stay within reach */
    .flank_mm = 0.8,
    .peak_reach_mm = 0.4,
    .peak_mm = 0.3,
    .start_mm = { 1.2, 0.6, 0.3 },
};

/* ---- what is taken */

/* Of the reduced copy, the pixel that holds a place on the grid. */
static uint8_t *taken_at(const struct derm_valley_bench *b, struct derm_point at)
{
    const int x = (int)((at.x + 0.5) / b->c.factor), y = (int)((at.y + 0.5) / b->c.factor);

    return &derm_mask_row(&b->taken, clampi(y, 0, b->taken.h - 1))[clampi(x, 0, b->taken.w - 1)];
}

int derm_valley_stretch(const struct derm_valley_bench *b, const struct derm_point *at, int n,
                        int *from)
{
    int end;

    while (*from < n && *taken_at(b, at[*from]))
        ++*from;
    for (end = *from; end < n && !*taken_at(b, at[end]);)
        end++;
    return end;
}

void derm_valley_take(struct derm_valley_bench *b, const struct derm_point *at, int n,
                      double reach_mm)
{
    const double r = reach_mm * b->c.px_per_mm;

    for (int i = 0; i < n; i++) {
        const double cx = (at[i].x + 0.5) / b->c.factor - 0.5;
        const double cy = (at[i].y + 0.5) / b->c.factor - 0.5;
        const int x0 = imax((int)ceil(cx - r), 0), x1 = imin((int)(cx + r), b->taken.w - 1);
        const int y0 = imax((int)ceil(cy - r), 0), y1 = imin((int)(cy + r), b->taken.h - 1);

        for (int y = y0; y <= y1; y++)
            for (int x = x0; x <= x1; x++)
                if ((x - cx) * (x - cx) + (y - cy) * (y - cy) <= r * r)
                    derm_mask_row(&b->taken, y)[x] = 0xff;
    }
}

void derm_valleys_release(struct derm_valley_bench *b)
{
    const double px_per_mm = b->view->grid.px_per_mm;

    derm_mask_clear(&b->taken);
    for (int i = 0; i < b->scars->n; i++) { /* its border as well, and to the next piece */
        const struct derm_object *const o = &b->scars->item[i];
        const double width_mm = o->area_px / (px_per_mm * px_per_mm * o->length_mm);
        const struct derm_point at = { o->x, o->y };

        derm_valley_take(b, &at, 1, 0.5 * width_mm + o->length_mm);
    }
}

/* ---- is it a wrinkle? */

static unsigned regions_at(const struct derm_valley_bench *b, struct derm_point at)
{
    const int x = clampi((int)(at.x + 0.5), 0, b->own->w - 1);
    const int y = clampi((int)(at.y + 0.5), 0, b->own->h - 1);

    return derm_bits_row(b->own, y)[x];
}

static bool has_shape(const struct derm_valley_params *p, unsigned regions, struct derm_valley *v)
{
    const bool fold = regions >> DERM_REGION_NASOLABIAL & 1;
    const double most_mm = (double)(fold ? p->fold_width_mm : p->max_width_mm);

    if (v->length_mm < (double)p->min_length_mm || v->width_mm > most_mm ||
        v->length_mm < (double)p->min_slender * v->width_mm)
        return false;
    v->fine = v->width_mm < (double)p->wrinkle_width_mm;
    return v->fine || v->length_mm >= (double)p->wrinkle_length_mm;
}

/* Whether the pieces show a valley with both its sides. */
static bool is_valley(const struct derm_valley_params *p, const struct derm_band_pieces *j)
{
    const int n = j->seen;

    if (n < 2 || n < (double)p->min_skin_share * j->pieces) return false;
    if (j->sum < n * (double)p->min_contrast || j->sum > n * (double)p->max_contrast) return false;
    return derm_band_is_sure(j, (double)p->z_min) && j->even >= (double)p->min_even * n &&
           fmin(j->left, j->right) >= (double)p->min_flank * j->sum;
}

/* Of the band as a whole, in one channel. */
static struct derm_band_contrast contrast_in(const struct derm_valley_bench *b,
                                             struct derm_strip *s, int channel, int first, int end,
                                             const struct derm_band *band)
{
    struct derm_profile all;

    derm_strip_sample(s, &b->view->od[channel], b->where, b->own, b->regions);
    derm_strip_profile(s, first, end, &all);
    return derm_profile_contrast(&all, band);
}

/* A row of spots, or the rim of a scar, is as dark and as long as a wrinkle. */
static bool is_of_others(const struct derm_valley_bench *b, const struct derm_valley *v)
{
    int on = 0;

    for (int i = 0; i < DERM_VALLEY_OTHERS; i++)
        on += derm_objects_under(b->others[i], v->at, v->n);
    return on > (double)b->params->max_others * v->n;
}

/* Regions of a line's middle. */
static unsigned regions_of(const struct derm_valley_bench *b, const struct derm_valley *v)
{
    return regions_at(b, v->at[v->n / 2]);
}

/* Where a beard grows, or brows meet, a line that hardly stands out of the detail around it is
 * hair. Elsewhere wrinkles come in crowds, too, and on a close-up, of which nobody says where hair
 * grows, they count as pores do: only what is denser is a brow. */
static bool is_among_hair(const struct derm_valley_bench *b, const struct derm_valley *v)
{
    static const unsigned hairy = 1u << DERM_REGION_NASOLABIAL | 1u << DERM_REGION_PERIORAL |
                                  1u << DERM_REGION_CHIN | 1u << DERM_REGION_LEFT_CHEEK |
                                  1u << DERM_REGION_RIGHT_CHEEK | 1u << DERM_REGION_NECK |
                                  1u << DERM_REGION_GLABELLA;
    const enum derm_concern crowd = b->creases.known ? DERM_CONCERN_WRINKLES : DERM_CONCERN_PORES;
    int lost = 0;

    if (b->creases.known && !(regions_of(b, v) & hairy)) return false;
    for (int i = 0; i < v->n; i++)
        lost += derm_in_clutter(&b->view->clutter, crowd, v->at[i].x, v->at[i].y,
                                0.5 * v->width_mm * b->view->grid.px_per_mm, v->contrast);
    return lost > (double)b->params->max_clutter * v->n;
}

/* The lines of a forehead run across it, strands of hair over it do not: relaxed skin tension
 * lines, A. F. Borges, J. W. Alexander, Br J Plast Surg 15, 242 (1962). */
static bool is_strand(const struct derm_valley_bench *b, const struct derm_valley *v)
{
    const struct derm_point from = v->at[0], to = v->at[v->n - 1];
    const double dx = to.x - from.x, dy = to.y - from.y;
    const double across = fabs(dx * b->creases.level.x + dy * b->creases.level.y);
    const double down = fabs(dy * b->creases.level.x - dx * b->creases.level.y);

    return (regions_of(b, v) >> DERM_REGION_FOREHEAD & 1) &&
           down > (double)b->params->forehead_slope * across;
}

/* Whether there is no skin on the way from hair_mm to twice that above a place. */
static bool is_under_hair(const struct derm_valley_bench *b, struct derm_point at)
{
    const int from = (int)((double)b->params->hair_mm * b->view->grid.px_per_mm);

    for (int px = from; px <= 2 * from; px++) {
        const int x = (int)(at.x + b->creases.level.y * px + 0.5);
        const int y = (int)(at.y - b->creases.level.x * px + 0.5);

        if (x >= 0 && y >= 0 && x < b->where->w && y < b->where->h && derm_mask_row(b->where, y)[x])
            return false;
    }
    return true;
}

/* Next to the hairline lie strands of hair, and its shade. */
static bool is_at_hairline(const struct derm_valley_bench *b, const struct derm_valley *v)
{
    int under = 0;

    if (!(regions_of(b, v) >> DERM_REGION_FOREHEAD & 1)) return false;
    for (int i = 0; i < v->n; i++)
        under += is_under_hair(b, v->at[i]);
    return 2 * under > v->n;
}

/* Beside an eye lies a broad hollow, where its socket ends. */
static bool is_orbit(const struct derm_valley_bench *b, const struct derm_valley *v)
{
    static const unsigned crowsfeet =
        1u << DERM_REGION_LEFT_CROWSFEET | 1u << DERM_REGION_RIGHT_CROWSFEET;

    return b->creases.known && (regions_of(b, v) & crowsfeet) &&
           v->width_mm > (double)b->params->crowsfoot_width_mm;
}

/* Mean over the line of how far it is from running as creases do. */
static double stray_of(const struct derm_valley_bench *b, const struct derm_valley *v)
{
    enum { APART = 4 }; /* rows, between which its direction is taken */
    double sum = 0;
    int n = 0;

    for (int i = 0; i + APART < v->n; i += APART) {
        const struct derm_point at = v->at[i], next = v->at[i + APART];
        const double dx = next.x - at.x, dy = next.y - at.y, length = sqrt(dx * dx + dy * dy);

        if (length <= 0) continue;
        sum += derm_crease_stray(&b->creases, regions_at(b, at), at,
                                 (struct derm_point){ dx / length, dy / length });
        n++;
    }
    return n > 0 ? sum / n : 0;
}

/* The more a line strays from how creases run, the more it takes to believe in it. On a close-up
 * they run any way, and rows of pores are as broad as wrinkles: of 48 pictures without lines at 8
 * and 12 px/mm (truth_wrinkles even 4 2) 20 had wrinkles where that cost nothing, none where it
 * costs as much as straying; the F1 of lengths is .88 both ways. That of fine lines would fall from
 * .34 to .15. */
static bool stands_out(const struct derm_valley_bench *b, const struct derm_valley *v, double z)
{
    const struct derm_valley_params *const p = b->params;
    const double stray = b->creases.known ? stray_of(b, v) : !v->fine;

    return z >= (double)p->line_response * (1 + (double)p->stray_cost * stray);
}

/* Lays a traced stretch (grid px) straight; into v if it is a line. z_mm: its response over the
 * noise that a millimetre of it has. */
static derm_err try_stretch(struct derm_valley_bench *b, const struct derm_point *at, int n,
                            double z_mm, struct derm_valley *v, bool *is)
{
    const struct derm_valley_params *const p = b->params;
    const double least = 0.5 * (double)p->min_contrast, judged_mm = (double)p->judged_mm;
    struct derm_band_contrast contrast, red, green;
    struct derm_band_pieces j;
    struct derm_profile all;
    struct derm_band band;
    struct derm_strip s;
    int first, end;

    *is = false;
    DERM_TRY(derm_strip_lay(b->run, &s, &derm_valley_rule, at, n, &b->view->grid, 0));
    if (z_mm * sqrt(s.rows * s.row_mm) < (double)p->line_response)
        return DERM_OK; /* in its full length, and however it runs; see stands_out */
    derm_strip_sample_mix(&s, b->view->od, grey_mix, b->where, b->own, b->regions);
    derm_strip_profile(&s, 0, s.rows, &all);
    if (!derm_band_find(&all, least, &band)) return DERM_OK;
    contrast = derm_profile_contrast(&all, &band);
    if (!contrast.measured || contrast.inside <= 0) return DERM_OK;
    DERM_TRY(derm_band_ends(b->run, &s, &band, contrast.inside, judged_mm, &first, &end));
    if (end - first < 2) return DERM_OK;
    derm_strip_profile(&s, first, end, &all);
    if (!derm_band_find(&all, least, &band)) return DERM_OK;
    v->length_mm = (end - first) * s.row_mm;
    v->width_mm = band.width_mm;
    if (!has_shape(p, regions_at(b, s.at[(first + end) / 2]), v)) return DERM_OK;
    contrast = derm_profile_contrast(&all, &band);
    j = derm_band_judge(&s, first, end, judged_mm, &band, contrast.inside);
    if (!is_valley(p, &j)) return DERM_OK;
    red = contrast_in(b, &s, 0, first, end, &band);
    green = contrast_in(b, &s, 1, first, end, &band);
    if (!red.measured || red.inside < (double)p->min_red * green.inside)
        return DERM_OK; /* a vessel: red light goes through blood */
    if (fmin(red.left, red.right) < (double)p->min_red_flank * red.inside) return DERM_OK;
    v->contrast = green.inside;
    v->n = end - first;
    v->at = derm_band_middle(&s, first, end, &band);
    *is = stands_out(b, v, z_mm * sqrt(v->length_mm)) && !is_of_others(b, v) && !is_strand(b, v) &&
          !is_at_hairline(b, v) && !is_among_hair(b, v) && !is_orbit(b, v) &&
          !derm_on_lid_or_nose(&b->creases, regions_of(b, v), v->at[v->n / 2]);
    return DERM_OK;
}

/* ---- finding */

static int longer_first(const void *pa, const void *pb)
{
    const struct derm_valley *const a = pa, *const b = pb;

    if (a->length_mm != b->length_mm) return a->length_mm > b->length_mm ? -1 : 1;
    if (a->at[0].y != b->at[0].y) return a->at[0].y < b->at[0].y ? -1 : 1;
    return (a->at[0].x > b->at[0].x) - (a->at[0].x < b->at[0].x);
}

void derm_valleys_sort(struct derm_valley *item, int n)
{
    qsort(item, (size_t)n, sizeof(*item), longer_first);
}

derm_err derm_valleys_prepare(struct derm_valley_bench *b, const struct derm_view *const *view,
                              int photos)
{
    const struct derm_valley_params *const p = b->params;
    struct derm_ridge_search *const s = &b->search;

    DERM_TRY(derm_reduced_new(b->run, &b->c, b->where, b->view->grid.px_per_mm,
                              (double)p->max_px_per_mm, (double)p->fill_mm));
    DERM_TRY(derm_reduced_use_head(b->run, &b->c, b->own));
    DERM_TRY(derm_reduced_regions(b->run, &b->c, &b->searched, b->own, b->regions,
                                  b->regions == ~0u ? 0 : (double)p->edge_mm));
    DERM_TRY(derm_reduced_head(b->run, &b->c, &b->usual, &b->searched, b->own));
    for (int i = 0; i < photos; i++)
        DERM_TRY(derm_reduced_mix(b->run, &b->c, &b->grey[i], view[i]->od, grey_mix, b->where));
    derm_reduced_finish(b->run, &b->c);
    DERM_TRY(derm_mask_new(b->run->scratch, &b->taken, b->c.where.w, b->c.where.h));
    *s = sizes;
    s->usual = &b->usual;
    s->sizes = 0;
    for (int i = 0; i < sizes.sizes; i++)
        if (sizes.sigma_mm[i] * b->c.px_per_mm >= least_sigma_px)
            s->sigma_mm[s->sizes++] = sizes.sigma_mm[i];
    s->px_per_mm = b->c.px_per_mm;
    s->z_start = (double)p->start_response;
    s->z_point = (double)p->point_response;
    s->cap = (double)p->max_response;
    s->min_radius_mm = (double)p->min_radius_mm;
    s->z_ahead = (double)p->ahead_response;
    s->share = (double)p->share;
    s->sight_mm = (double)p->sight_mm;
    s->min_length_mm = (double)p->min_length_mm;
    return DERM_OK;
}

/* The stretches of a ridge that are lines and no stronger one's. */
static derm_err try_ridge(struct derm_valley_bench *b, struct derm_ridge *ridge,
                          struct derm_valleys *out)
{
    struct derm_arena *const scratch = b->run->scratch;
    const double z_mm = ridge->z / sqrt(ridge->n / b->c.px_per_mm);
    int end;

    for (int i = 0; i < ridge->n; i++)
        ridge->at[i] = (struct derm_point){ derm_reduced_to_grid(&b->c, ridge->at[i].x),
                                            derm_reduced_to_grid(&b->c, ridge->at[i].y) };
    for (int from = 0; (end = derm_valley_stretch(b, ridge->at, ridge->n, &from)) > from;
         from = end) {
        const size_t mark = scratch->used;
        struct derm_valley v;
        bool is;

        if (out->n == sizes.most) return DERM_OK;
        if (end - from < (double)b->params->min_length_mm * b->c.px_per_mm) continue;
        DERM_TRY(try_stretch(b, ridge->at + from, end - from, z_mm, &v, &is));
        if (is) {
            out->item[out->n++] = v;
            derm_valley_take(b, v.at, v.n, (double)b->params->reach_mm);
        } else {
            derm_arena_reset(scratch, mark);
        }
    }
    return DERM_OK;
}

derm_err derm_valleys_find(struct derm_valley_bench *b, const struct derm_view *view, int photo,
                           struct derm_valleys *out)
{
    struct derm_ridge *ridge;
    int n;

    b->view = view;
    out->n = 0;
    DERM_TRY(derm_arena_raw(b->run->scratch, &out->item, (size_t)sizes.most, sizeof(*out->item)));
    derm_valleys_release(b);
    DERM_TRY(derm_ridges_find(b->run, &b->grey[photo], &b->searched, &b->search, &ridge, &n));
    derm_plane_give(b->run->scratch, &b->grey[photo]);
    for (int i = 0; i < n; i++)
        DERM_TRY(try_ridge(b, &ridge[i], out));
    return DERM_OK;
}
