/* SPDX-License-Identifier: Apache-2.0 */
/* redness: marks and fields of blood.
 *
 * reads   view.od (optical density), tone (weights on it), a mask, view.regions
 * gives   objects: red marks (blobs of 0.35 mm2 up to 20 mm across) and diffuse fields; value:
 * footprint area x contrast against the ring of skin around it, both of haemoglobin
 *
 * The same search as for pigment, on the map of haemoglobin, which is blind to melanin. What is
 * found must be red itself: blood takes more green than blue, melanin more blue, and red is what it
 * takes least of, while shade takes all three alike. */
#include <math.h>

#include "base/num.h"
#include "stages/clutter.h"
#include "stages/comparable.h"
#include "stages/segment.h"
#include "stages/spots.h"
#include "stages/stages.h"

struct params {
    struct derm_spot_limits spot;
    float min_green, min_grey, grey_to_contrast, max_grey, over_melanin, max_nose_grey, max_slope,
        edge_mm;
};
static const struct derm_opt opts[] = {
    DERM_OPT_OF(struct params, spot, max_px_per_mm, 5, 2, 20,
                "working resolution: light scatters 0.3 mm sideways in skin"),
    DERM_OPT_OF(struct params, spot, fill_mm, 2, 0.5, 20, "sigma of the fill outside the skin"),
    DERM_OPT_OF(struct params, spot, max_hole_mm2, 400, 0, 1000,
                "a hole in the mask of skin up to this large is searched, too: half of the largest "
                "lesion may be gloss or scale"),
    DERM_OPT_OF(struct params, spot, max_hole_face_mm2, 60, 0, 1000, "the same on a face"),
    DERM_OPT_OF(struct params, spot, min_z, 3.5, 1, 100,
                "response, robust sd of the response over the skin: finds 3 of 4 marks of even "
                "phantoms, 97 % of what is found are marks"),
    DERM_OPT_OF(struct params, spot, min_z_fine, 6, 1, 100, "the same at fine scales"),
    DERM_OPT_OF(struct params, spot, fine_mm, 0.8, 0, 10, "scales below are fine"),
    DERM_OPT_OF(struct params, spot, min_response, 0.03, 0, 5, "response, optical density"),
    DERM_OPT_OF(struct params, spot, sure_response, 0.35, 0, 100,
                "response, optical density, that counts whatever the sd: in a close-up of a lesion "
                "the lesion makes the sd of the broad scales"),
    DERM_OPT_OF(struct params, spot, min_roundness, 0.3125, 0, 1,
                "smaller / larger curvature at the centre, as for pigment"),
    DERM_OPT_OF(struct params, spot, smooth_mm, 0.45, 0, 5, "sigma before a region is grown"),
    DERM_OPT_OF(struct params, spot, reach_sigma, 2.2, 1, 10,
                "a region grows this far, in sigma of its scale (algorithms, section 6)"),
    DERM_OPT_OF(struct params, spot, edge_od, 0.5, 0, 10,
                "what is this much redder than the surround belongs to a mark"),
    DERM_OPT_OF(struct params, spot, min_mm2, 0.35, 0.01, 100, "least area, as for pigment"),
    DERM_OPT_OF(struct params, spot, max_mm2, 800, 1, 10000,
                "largest area: 32 mm across, as for holes of skin"),
    DERM_OPT_OF(struct params, spot, min_axis_ratio, 0.3125, 0, 1, "minor / major axis"),
    DERM_OPT_OF(struct params, spot, max_open, 0.15, 0, 1, "share of the rim where the skin ends"),
    DERM_OPT_OF(struct params, spot, max_leak, 0.05, 0, 1,
                "share of the rim where the region goes on beyond its reach"),
    DERM_OPT_OF(struct params, spot, min_contrast_spot, 0.10, 0, 5, "optical density of blood"),
    DERM_OPT_OF(struct params, spot, large_mm2, 45, 1, 10000,
                "from this area on what is faint is a field"),
    DERM_OPT_OF(struct params, spot, min_contrast_large, 0.10, 0, 5, "for those"),
    DERM_OPT_OF(struct params, spot, min_contrast_field, 0.10, 0, 5, "and for fields"),
    DERM_OPT_OF(struct params, spot, ring_near_mm, 0.4, 0, 20,
                "the surround begins this far from the footprint, as for pigment"),
    DERM_OPT_OF(struct params, spot, ring_far_mm, 1.5, 0.1, 40, "and ends this far"),
    DERM_OPT_OF(struct params, spot, field_ring_near_mm, 2.4, 0, 40, "the same for a field"),
    DERM_OPT_OF(struct params, spot, field_ring_far_mm, 6.6, 0.1, 80, "the same for a field"),
    DERM_OPT_OF(struct params, spot, half, 0.69, 0, 1,
                "half of a blob's height, as a share of its mean over the half-maximum area"),
    DERM_OPT_OF(struct params, spot, field.smooth_mm, 2, 0.1, 20, "sigma at which fields are seen"),
    DERM_OPT_OF(struct params, spot, field.least_od, 0.1, 0, 5,
                "optical density above the least red quartile of the region"),
    DERM_OPT_OF(struct params, spot, field.least_sd, 3, 0, 20,
                "the same in sd of the paler half, as for pigment"),
    DERM_OPT_OF(struct params, spot, field.min_mm2, 45, 1, 10000, "least area"),
    DERM_OPT_OF(struct params, spot, field.max_open, 0.25, 0, 1,
                "share of the rim where the skin ends"),
    DERM_OPT(struct params, min_green, 0.03, -1, 1,
             "green less blue density per blood density: 0.15 in blood; where there is as much "
             "melanin as blood -0.15"),
    DERM_OPT(struct params, min_grey, 0.15, -10, 10,
             "red over green density: less is coloured light or the blotches of a JPEG"),
    DERM_OPT(struct params, grey_to_contrast, 0.4, 0, 100,
             "optical density up to which that is asked of a mark: neither is as strong, and scale "
             "lightens a red lesion until it has less red density than the skin around it"),
    DERM_OPT(struct params, max_grey, 0.7, 0, 10,
             "red over green density: 0.43 in blood, 0.68 in melanin, 1 in shade"),
    DERM_OPT(struct params, over_melanin, 1.05, 0, 10,
             "the same, over that of this skin's melanin, where that is more: gloss takes more of "
             "green than of red from dark skin's blood, too (marks of even phantoms of tone VI "
             "have 0.3 to 0.87, spots 0.9 and more)"),
    DERM_OPT(struct params, max_nose_grey, 0.6, 0, 10,
             "the same on a nose, on any skin: its sides are shade (on ten even "
             "people it drops 9 such and no mark)"),
    DERM_OPT(
        struct params, max_slope, 1.25, 0, 100,
        "face: optical density in red by which the light falls off across a mark, over its "
        "contrast: what lies on the side of a nose, in the corner of an eye or where a face "
        "turns away is shade, reddened from skin to skin (23 of 64 such and none of 27 marks, by "
        "eye on even people; 1 took two of those marks); on a close-up it took a lesion of 15 mm"),
    DERM_OPT(struct params, edge_mm, 2.5, 0, 20,
             "kept from the edge of the searched part of a face: lids, lips and nostrils are red, "
             "and hair throws coloured light"),
    { 0 },
};

/* In which objects are looked at. */
struct colours {
    double max_grey;              /* most red over green density */
    double max_slope;             /* see params; a close-up has no form of its own */
    struct derm_plane difference; /* of two channels, near the object at work */
};

/* Of object i, in the first channel less the second; second < 0: in the first. */
static derm_err contrast_in(struct derm_run *run, const struct colours *k,
                            const struct derm_spot_search *s, int i, const struct derm_box *box,
                            const int channel[2], struct derm_ring_contrast *out)
{
    const struct derm_plane *const od = s->view->od;
    const struct derm_box around = derm_spots_around(s, i, box);

    derm_reduced_difference(&s->reduced, &k->difference, &od[channel[0]],
                            channel[1] < 0 ? NULL : &od[channel[1]], s->of, &around);
    return derm_spots_measure(run, s, &k->difference, i, box, 0, out);
}

/* Whether the light falls off across a mark by more than the mark stands out. Red has least of what
 * is not light. A field is so wide that the form of any face falls off across it. */
static bool is_on_slope(double max_slope, const struct derm_object *o,
                        const struct derm_ring_contrast *red)
{
    const double diameter_px = 2 * sqrt(o->area_px / 3.14159265358979323846);
    const double per_px = sqrt(red->plane[1] * red->plane[1] + red->plane[2] * red->plane[2]);

    return !o->field && diameter_px * per_px > max_slope * o->contrast;
}

static bool is_on_nose(const struct derm_spot_search *s, const struct derm_object *o)
{
    const struct derm_bits *const own = &s->view->regions;
    const int x = (int)(derm_reduced_to_grid(&s->reduced, o->x) + 0.5);
    const int y = (int)(derm_reduced_to_grid(&s->reduced, o->y) + 0.5);

    return derm_bits_row(own, clampi(y, 0, own->h - 1))[clampi(x, 0, own->w - 1)] >>
               DERM_REGION_NOSE &
           1;
}

static derm_err is_red(struct derm_run *run, const struct params *p, const struct colours *k,
                       const struct derm_spot_search *s, int i, const struct derm_box *box,
                       bool *is)
{
    static const int green_less_blue[2] = { 1, 2 }, red[2] = { 0, -1 }, green[2] = { 1, -1 };
    struct derm_ring_contrast d, r, g;
    double max_grey;

    DERM_TRY(contrast_in(run, k, s, i, box, green_less_blue, &d));
    *is = d.contrast >= (double)p->min_green * s->item[i].contrast;
    if (!*is) return DERM_OK;
    DERM_TRY(contrast_in(run, k, s, i, box, red, &r));
    *is = !is_on_slope(k->max_slope, &s->item[i], &r);
    if (!*is) return DERM_OK;
    DERM_TRY(contrast_in(run, k, s, i, box, green, &g));
    max_grey =
        is_on_nose(s, &s->item[i]) ? fmin(k->max_grey, (double)p->max_nose_grey) : k->max_grey;
    *is = r.contrast <= max_grey * g.contrast &&
          ((!s->item[i].field && s->item[i].contrast > (double)p->grey_to_contrast) ||
           r.contrast >= (double)p->min_grey * g.contrast);
    return DERM_OK;
}

/* Of the objects from number `first` on. */
static derm_err drop_other_colours(struct derm_run *run, const struct params *p,
                                   struct derm_spot_search *s, int first)
{
    const double *const melanin = run->tone->direction;
    struct colours colours = {
        .max_grey = fmax((double)p->max_grey, (double)p->over_melanin * melanin[0] / melanin[1]),
        .max_slope = derm_measured_frame(run)->face.used ? (double)p->max_slope : HUGE_VAL,
    };
    struct derm_box *box;
    int *number, kept = first;

    DERM_TRY(derm_plane_raw(run->scratch, &colours.difference, s->map.w, s->map.h));
    DERM_TRY(derm_arena_new(run->scratch, &box, (size_t)s->n + 1, sizeof(*box)));
    DERM_TRY(derm_arena_new(run->scratch, &number, (size_t)s->n + 1, sizeof(*number)));
    derm_label_boxes(&s->labels, s->n, box);
    for (int i = 0; i < s->n; i++) {
        bool is = true;

        if (i >= first) DERM_TRY(is_red(run, p, &colours, s, i, &box[i + 1], &is));
        number[i + 1] = i < first ? i + 1 : is ? ++kept : 0;
    }
    derm_spots_keep(s, number, kept);
    return DERM_OK;
}

/* Lips, lids, nostrils and the shade of hair at the rim of the searched part of a face, and what a
 * beard makes of skin. */
static derm_err drop_rim(struct derm_run *run, const struct params *p, struct derm_spot_search *s)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct derm_reduced *const r = &s->reduced;
    struct derm_mask inner;
    int *number, kept = 0;

    if (!derm_measured_frame(run)->face.used) return DERM_OK;
    DERM_TRY(derm_mask_new(run->scratch, &inner, s->whole.w, s->whole.h));
    DERM_TRY(derm_erode(&f, &inner, &s->whole, (double)p->edge_mm * r->px_per_mm));
    DERM_TRY(derm_arena_new(run->scratch, &number, (size_t)s->n + 1, sizeof(*number)));
    for (int i = 0; i < s->n; i++) {
        const struct derm_object *const o = &s->item[i];
        const double radius_px = sqrt(o->area_px / 3.14159265358979323846) * r->factor;

        if (derm_mask_row(&inner, (int)(o->y + 0.5))[(int)(o->x + 0.5)] &&
            !derm_in_clutter(&s->view->clutter, DERM_CONCERN_REDNESS, derm_reduced_to_grid(r, o->x),
                             derm_reduced_to_grid(r, o->y), radius_px, o->contrast))
            number[i + 1] = ++kept;
    }
    derm_spots_keep(s, number, kept);
    return DERM_OK;
}

static derm_err prepare(struct derm_run *run, const void *params, const struct derm_view *view,
                        const struct derm_mask *where, const void **prepared)
{
    const struct params *const p = params;

    return derm_spots_prepare(run, &p->spot, view, run->tone->blood, where, prepared);
}

static derm_err find(struct derm_run *run, const void *params, const void *prepared,
                     struct derm_objects *out)
{
    const size_t mark = run->scratch->used;
    const struct params *const p = params;
    struct derm_spot_search s;

    DERM_TRY(derm_spots_find(run, prepared, &s));
    DERM_TRY(drop_other_colours(run, p, &s, 0));
    DERM_TRY(drop_rim(run, p, &s));
    const int marks = s.n;
    DERM_TRY(derm_spots_add_fields(run, run->tone->broad_blood, &s));
    DERM_TRY(drop_other_colours(run, p, &s, marks));
    DERM_TRY(derm_spots_hand_over(run, &s, out));
    if (!run->pair) DERM_TRY(derm_spots_sample_found(run, &s, out));
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

const struct derm_segmenter derm_segmenter_redness = {
    .kind = DERM_KIND_RED_MARK,
    .merge_mm = 1.0,
    .summed_over_area = true,
    .prepare = prepare,
    .find = find,
    .sample = derm_spots_sample,
};

static derm_err run_redness(struct derm_run *run, const void *params)
{
    if (!run->tone->parted) return DERM_OK; /* a brown spot would be as red as a red one */
    return derm_segment(run, &derm_segmenter_redness, params);
}

const struct derm_stage derm_stage_redness = {
    .name = "redness",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS,
    .writes = DERM_SLOT(redness),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_redness,
};
