/* SPDX-License-Identifier: Apache-2.0 */
/* pigmentation: spots and fields of melanin.
 *
 * reads   view.od (optical density), tone (weights on it), a mask, view.regions
 * gives   objects: spots (blobs of 0.35 mm2 up to 20 mm across) and diffuse fields; value:
 * footprint area x contrast against the ring of skin around it
 *
 * Blobs of the melanin map at scales of 0.45 to 8 mm, grown to half of their height (the dark ones
 * to where they are 0.5 OD darker than the skin around), and kept when their contrast is at least
 * 0.10 OD: fainter natural spots change by +-130 % between two photos of unchanged skin. */
#include <math.h>

#include "base/num.h"
#include "stages/clutter.h"
#include "stages/segment.h"
#include "stages/spots.h"
#include "stages/stages.h"

struct params {
    struct derm_spot_limits spot;
    float pore_mm, tint_from_contrast, tint_to_contrast, min_tint, tint_least_ita_deg;
    float red_from_mm2;
};
static const struct derm_opt opts[] = {
    DERM_OPT_OF(
        struct params, spot, max_px_per_mm, 5, 2, 20,
        "working resolution: light scatters 0.3 mm sideways in skin, pigment shows no finer "
        "detail (algorithms, section 6, budget)"),
    DERM_OPT_OF(struct params, spot, fill_mm, 2, 0.5, 20, "sigma of the fill outside the skin"),
    DERM_OPT_OF(struct params, spot, max_hole_mm2, 400, 0, 1000,
                "a hole in the mask of skin up to this large is searched, too: half of the largest "
                "lesion may be gloss or scale"),
    DERM_OPT_OF(struct params, spot, max_hole_face_mm2, 60, 0, 1000, "the same on a face"),
    DERM_OPT_OF(
        struct params, spot, min_z, 2.5, 1, 100,
        "response, robust sd of the response over the skin: finds 65 of 100 inserted spots of "
        "even people, 4 found 41"),
    DERM_OPT_OF(struct params, spot, min_z_fine, 5, 1, 100,
                "the same at fine scales: keeps the number of other spots on their faces"),
    DERM_OPT_OF(
        struct params, spot, fine_mm, 0.8, 0, 10,
        "scales below are fine: pores, stubble and gloss are as small, and their responses have "
        "a long tail"),
    DERM_OPT_OF(struct params, spot, min_response, 0.03, 0, 5,
                "response, optical density: a spot of contrast 0.10 gives about 0.04"),
    DERM_OPT_OF(struct params, spot, sure_response, 1, 0, 100,
                "response, optical density, that counts whatever the sd, as for blood: the shade "
                "at the side of a nose reaches 0.8"),
    DERM_OPT_OF(
        struct params, spot, min_roundness, 0.3125, 0, 1,
        "smaller / larger curvature at the centre: as the axis ratio, which it equals for a "
        "Gaussian spot at the scale that fits it"),
    DERM_OPT_OF(
        struct params, spot, smooth_mm, 0.45, 0, 5,
        "sigma before a region is grown, the finest scale: a footprint drawn around the grain "
        "of the skin has grain in it that does not fade"),
    DERM_OPT_OF(struct params, spot, reach_sigma, 2.2, 1, 10,
                "a region grows this far, in sigma of its scale (algorithms, section 6)"),
    DERM_OPT_OF(
        struct params, spot, edge_od, 0.5, 0, 10,
        "what is this much darker than the surround belongs to a spot, however dark its middle "
        "is: half of a black middle would leave out the brown around it"),
    DERM_OPT_OF(struct params, spot, min_mm2, 0.35, 0.01, 100,
                "least area (algorithms, section 6)"),
    DERM_OPT_OF(struct params, spot, max_mm2, 800, 1, 10000,
                "largest area: 32 mm across, as for holes of skin"),
    DERM_OPT_OF(struct params, spot, min_axis_ratio, 0.3125, 0, 1,
                "minor / major axis (algorithms, section 6: 1 / 3.2)"),
    DERM_OPT_OF(struct params, spot, max_open, 0.15, 0, 1, "share of the rim where the skin ends"),
    DERM_OPT_OF(struct params, spot, max_leak, 0.05, 0, 1,
                "share of the rim where the region goes on beyond its reach"),
    DERM_OPT_OF(struct params, spot, min_contrast_spot, 0.10, 0, 5,
                "optical density; fainter natural spots change by +-130 % between two photos of "
                "unchanged skin (algorithms, section 6)"),
    DERM_OPT_OF(struct params, spot, large_mm2, 45, 1, 10000,
                "from this area on (algorithms, section 6) what is faint is shade or a field"),
    DERM_OPT_OF(struct params, spot, min_contrast_large, 0.20, 0, 5, "optical density, for those"),
    DERM_OPT_OF(
        struct params, spot, min_contrast_field, 0.12, 0, 5,
        "optical density: darkness 2 of 4 (algorithms, section 6); fainter ones are as many on "
        "faces without any"),
    DERM_OPT(struct params, pore_mm, 1.5, 0, 10,
             "a smaller spot whose middle is a pore is that pore (0.8 mm, blurred by smooth_mm)"),
    DERM_OPT(struct params, tint_from_contrast, 0.25, 0, 5,
             "optical density from which on colour is tested: compression takes it from the faint"),
    DERM_OPT(struct params, tint_to_contrast, 1, 0, 100,
             "and up to which it is: no shade on open skin takes two thirds of the light, while "
             "the darkest naevi are grey, their blue being all surface reflection"),
    DERM_OPT(
        struct params, min_tint, 0.42, 0, 1,
        "blue less red density per melanin density, as a share of what melanin has on this skin: 0 "
        "in shade and hair, 1 in melanin, below 0 where it lies deep and looks blue; of the faint "
        "and large ones green less blue: blood is below 0 there"),
    DERM_OPT(struct params, red_from_mm2, 3, 0, 1000,
             "area from which on the faint are tested, too: 2 mm across, several blocks of a JPEG"),
    DERM_OPT(struct params, tint_least_ita_deg, 28, -90, 90,
             "on darker skin nothing is tested: melanin is nearly neutral, and exposure makes skin "
             "of -10 to 5 look like 16 to 25 (from 15 on the test dropped 23 of 1255 spots of tone "
             "V, 8 of 568 of IV and 2 things that are none; even seeds)"),
    DERM_OPT_OF(
        struct params, spot, ring_near_mm, 0.4, 0, 20,
        "the surround begins this far from the footprint: beyond the blurred edge of a spot"),
    DERM_OPT_OF(
        struct params, spot, ring_far_mm, 1.5, 0.1, 40,
        "and ends this far: over 2.2 mm the shading that a smile moves adds an eighth to the "
        "error of a spot (8 people, dense null)"),
    DERM_OPT_OF(struct params, spot, field_ring_near_mm, 2.4, 0, 40, "the same for a field"),
    DERM_OPT_OF(struct params, spot, field_ring_far_mm, 6.6, 0.1, 80, "the same for a field"),
    DERM_OPT_OF(struct params, spot, half, 0.69, 0, 1,
                "half of a blob's height, as a share of its mean over the half-maximum area"),
    DERM_OPT_OF(struct params, spot, field.smooth_mm, 2, 0.1, 20, "sigma at which fields are seen"),
    DERM_OPT_OF(struct params, spot, field.least_od, 0.06, 0, 5,
                "optical density above the ground of the region (algorithms, section 6)"),
    DERM_OPT_OF(struct params, spot, field.least_sd, 5, 0, 20,
                "the same in sd of the skin below the ground: shade in the hollows of a face is as "
                "broad as a field; 2.5 finds fields on half of 41 faces that show none, 5 on 9"),
    DERM_OPT_OF(struct params, spot, field.min_mm2, 100, 1, 10000,
                "least area; a smaller region has none"),
    DERM_OPT_OF(
        struct params, spot, field.max_open, 0.4, 0, 1,
        "share of the rim where the skin ends inside the photo: shade at the turn of a face, and "
        "of hair, of which the one on 22 even people has 0.45 to 0.5"),
    { 0 },
};

/* Which two channels tell whether an object is pigment; false: none do. Hair and creases are dark
 * without being brown, or blue: there blue is no denser than red. Compression takes the colour from
 * the faint but not from the broad: there reddening shows, which takes more green than blue. */
static bool choose_tint(const struct params *p, const struct derm_spot_search *w,
                        const struct derm_object *o, int channel[2])
{
    const double mm2 = o->area_px / (w->reduced.px_per_mm * w->reduced.px_per_mm);
    const bool faint = o->contrast < (double)p->tint_from_contrast;

    channel[0] = faint ? 1 : 2;
    channel[1] = faint ? 2 : 0;
    return faint ? mm2 >= (double)p->red_from_mm2 : o->contrast <= (double)p->tint_to_contrast;
}

/* On the darkest skin melanin is as neutral as shade, and a grey photo has no colour. */
static derm_err drop_other_colours(struct derm_run *run, const struct params *p,
                                   struct derm_spot_search *w)
{
    const struct derm_tone *const tone = run->tone;
    const struct derm_plane *const od = w->view->od;
    const bool grey = tone->blood[0] == 0.0f && tone->blood[1] == 0.0f && tone->blood[2] == 0.0f;
    struct derm_plane difference;
    struct derm_box *box;
    int *number, kept = 0;

    if (grey || tone->ita_deg < (double)p->tint_least_ita_deg) return DERM_OK;
    DERM_TRY(derm_plane_raw(run->scratch, &difference, w->map.w, w->map.h));
    DERM_TRY(derm_arena_new(run->scratch, &box, (size_t)w->n + 1, sizeof(*box)));
    DERM_TRY(derm_arena_new(run->scratch, &number, (size_t)w->n + 1, sizeof(*number)));
    derm_label_boxes(&w->labels, w->n, box);
    for (int i = 0; i < w->n; i++) {
        const struct derm_object *const o = &w->item[i];
        const struct derm_box *const b = &box[i + 1];
        const struct derm_box around = derm_spots_around(w, i, b);
        struct derm_ring_contrast c = { 0 };
        int channel[2];

        if (choose_tint(p, w, o, channel)) {
            derm_reduced_difference(&w->reduced, &difference, &od[channel[0]], &od[channel[1]],
                                    w->of, &around);
            DERM_TRY(derm_spots_measure(run, w, &difference, i, b, 0, &c));
        }
        const double of_melanin = tone->direction[channel[0]] - tone->direction[channel[1]];
        const double tint = c.contrast / (o->contrast * of_melanin);
        if (!c.measured || (channel[0] == 2 ? fabs(tint) : tint) >= (double)p->min_tint)
            number[i + 1] = ++kept;
    }
    derm_spots_keep(w, number, kept);
    return DERM_OK;
}

/* Hairs of a beard, the ends of a brow, and what is a pore already: dark without pigment. */
static derm_err drop_clutter(struct derm_run *run, const struct params *p,
                             struct derm_spot_search *w)
{
    const struct derm_view *const view = w->view;
    const struct derm_reduced *const r = &w->reduced;
    const double pore_px = (double)p->pore_mm / 2 * view->grid.px_per_mm;
    int *number, kept = 0;

    DERM_TRY(derm_arena_new(run->scratch, &number, (size_t)w->n + 1, sizeof(*number)));
    for (int i = 0; i < w->n; i++) {
        const struct derm_object *const o = &w->item[i];
        const double radius_px = sqrt(o->area_px / 3.14159265358979323846) * r->factor;
        const double x = derm_reduced_to_grid(r, o->x), y = derm_reduced_to_grid(r, o->y);

        if (radius_px < pore_px && derm_pore_near(run, x, y, radius_px / 2)) continue;
        if (!derm_in_clutter(&view->clutter, DERM_CONCERN_PIGMENTATION, x, y, radius_px,
                             o->contrast))
            number[i + 1] = ++kept;
    }
    derm_spots_keep(w, number, kept);
    return DERM_OK;
}

static derm_err prepare(struct derm_run *run, const void *params, const struct derm_view *view,
                        const struct derm_mask *where, const void **prepared)
{
    const struct params *const p = params;

    return derm_spots_prepare(run, &p->spot, view, run->tone->melanin, where, prepared);
}

static derm_err find(struct derm_run *run, const void *params, const void *prepared,
                     struct derm_objects *out)
{
    const size_t mark = run->scratch->used;
    const struct params *const p = params;
    struct derm_spot_search s;

    DERM_TRY(derm_spots_find(run, prepared, &s));
    DERM_TRY(drop_other_colours(run, p, &s));
    DERM_TRY(drop_clutter(run, p, &s));
    DERM_TRY(derm_spots_add_fields(run, run->tone->broad_melanin, &s));
    DERM_TRY(derm_spots_hand_over(run, &s, out));
    if (!run->pair) DERM_TRY(derm_spots_sample_found(run, &s, out));
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

const struct derm_segmenter derm_segmenter_pigmentation = {
    .kind = DERM_KIND_SPOT,
    .merge_mm = 1.0,
    .summed_over_area = true,
    .prepare = prepare,
    .find = find,
    .sample = derm_spots_sample,
};

static derm_err run_pigmentation(struct derm_run *run, const void *params)
{
    return derm_segment(run, &derm_segmenter_pigmentation, params);
}

const struct derm_stage derm_stage_pigmentation = {
    .name = "pigmentation",
    .scope = DERM_ONCE,
    .reads = DERM_SEGMENT_READS | DERM_SLOT(pores),
    .writes = DERM_SLOT(pigmentation),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_pigmentation,
};
