/* SPDX-License-Identifier: Apache-2.0 */
/* skin: which pixels of the grid are skin that can be measured.
 *
 * reads   rgb, clipped, face, grid; the user's masks. The last to read samples: gives them back
 * writes  view.skin, view.gloss, view.highlights, view.plain_od
 *
 * The colour of this person's skin in this photo is learnt, not assumed, so that any tone and any
 * light are treated alike: a trimmed Gaussian in Lab fitted to seeds, which on a face are cheeks,
 * nose, chin and so on by the landmarks, in a close-up the commonest colour that skin can have.
 * Skin is what lies near it and is not rough (stubble, hair). Holes that skin encloses are lesions
 * and belong to it, in a close-up also what the photo cuts off or other things lie beside. Then
 * what hides or is not skin is taken out: background, brows, eyes, lips, nostrils, hairs, gloss,
 * clipped pixels, what the user excludes.
 *
 * Shapes are found at two coarse resolutions, lesions and hair lines do not need the same. */
#include <math.h>

#include "nn/person.h"
#include "stages/mask_ops.h"
#include "stages/outline.h"
#include "stages/pale_band.h"
#include "stages/place.h"
#include "stages/shine.h"
#include "stages/skin_holes.h"
#include "stages/stages.h"

struct params {
    float coarse_megapixels, fine_megapixels;
    float max_distance;
    float rough_factor, rough_floor;
    float min_person;
    float max_hole_mm, max_hole_face_mm, max_hole_share, max_hole_open;
    float min_seed_share, min_slope, min_correlation, max_seed_rough, min_skin_share;
    float min_share_of_person;
    float shine_window_mm, max_shine, shine_gain, min_gloss;
    float band_length_mm, band_width_mm, band_slender;
    float margin_mm;
    float stubble_factor, stubble_texture, stubble_radius_mm;
    float hair_width_mm, hair_length_mm, hair_contrast;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, coarse_megapixels, 0.2, 0.01, 4, "size at which colour is judged"),
    DERM_OPT(struct params, fine_megapixels, 1, 0.01, 16, "size at which gloss and hair are found"),
    DERM_OPT(struct params, max_distance, 3.5, 1, 10,
             "from the skin's colour, in sd (Mahalanobis)"),
    DERM_OPT(struct params, rough_factor, 2.5, 1, 20, "roughness allowed, x that of the seeds"),
    DERM_OPT(struct params, rough_floor, 6, 0, 50, "roughness always allowed, units of L"),
    DERM_OPT(struct params, min_person, 0.4, 0, 1, "probability that a pixel shows a person"),
    DERM_OPT(struct params, max_hole_mm, 32, 0, 100, "largest lesion that is filled, diameter"),
    DERM_OPT(struct params, max_hole_face_mm, 15, 0, 100, "the same on a face"),
    DERM_OPT(struct params, max_hole_share, 0.8, 0, 1,
             "the same when the scale is unknown, share of the short side: 32 of 40 mm"),
    DERM_OPT(struct params, max_hole_open, 0.4, 0, 1,
             "close-up: share of a lesion's outline that the photo, or what comes in from its "
             "border, may cut off; of a disc that is cut in half it is a third, counted along "
             "pixels"),
    DERM_OPT(
        struct params, min_seed_share, 0.2, 0, 1,
        "close-up: share of the photo that has one colour that skin can have; at 0.1 8 more of "
        "331 pictures of other things pass"),
    DERM_OPT(struct params, min_slope, 0.002, -1, 1,
             "close-up: by how much ln(R/G) rises per unit of L that skin is darker"),
    DERM_OPT(struct params, min_correlation, 0.2, -1, 1, "close-up: correlation of the two"),
    DERM_OPT(struct params, max_seed_rough, 12, 0, 100,
             "close-up: roughness of skin, 95th percentile, units of L"),
    DERM_OPT(struct params, min_skin_share, 0.2, 0, 1, "close-up: share of the photo that is skin"),
    DERM_OPT(struct params, min_share_of_person, 0.05, 0, 1,
             "close-up with a face in it, which is skin for certain: both shares"),
    DERM_OPT(struct params, shine_window_mm, 6, 1, 30, "where the body's colour is learnt"),
    DERM_OPT(struct params, max_shine, 0.04, 0, 1, "surface reflection allowed, of white"),
    DERM_OPT(struct params, shine_gain, 1.15, 1, 10,
             "gloss is brighter than the skin around by this"),
    DERM_OPT(struct params, min_gloss, 0.12, 0.001, 1,
             "reflected by the surface, of the light of the skin around: what is counted as gloss, "
             "for comparing two photos (even people and seeds: whatever the exposure)"),
    DERM_OPT(struct params, band_length_mm, 6, 1, 100,
             "close-up: a patch of gloss as long as this, and longer than wide, is a pale scar or "
             "stretch mark"),
    DERM_OPT(struct params, band_width_mm, 1, 0, 100, "close-up: the same, and as wide as this"),
    DERM_OPT(struct params, band_slender, 3, 1, 100, "close-up: length over width of the same"),
    DERM_OPT(struct params, margin_mm, 0.7, 0, 10, "face: kept from hair, brows and background"),
    DERM_OPT(struct params, stubble_factor, 2.2, 1, 20,
             "face: fine texture of stubble, x the median of the face"),
    DERM_OPT(struct params, stubble_texture, 0.06, 0, 1,
             "face: least fine texture of stubble, optical density"),
    DERM_OPT(struct params, stubble_radius_mm, 3, 0, 20,
             "face: stubble covers more than a disc of this size, spots do not"),
    DERM_OPT(struct params, hair_width_mm, 0.12, 0.02, 1, "width of a hair with its shadow"),
    DERM_OPT(struct params, hair_length_mm, 3, 0.5, 20, "shortest hair"),
    DERM_OPT(struct params, hair_contrast, 0.25, 0.01, 2,
             "least contrast of a hair, optical density"),
    { 0 },
};

/* A grid over the same part of the photo with at most max_megapixels, a neck not counted. */
static struct derm_grid coarser(const struct derm_grid *g, double max_megapixels)
{
    const double ratio = fmax(1, sqrt((double)g->w * (g->h - g->neck_h) / (max_megapixels * 1e6)));
    struct derm_grid c = *g;

    c.w = (int)fmax(1, floor(g->w / ratio));
    c.h = (int)fmax(1, floor(g->h / ratio));
    c.step = g->step * ratio;
    c.px_per_mm = g->px_per_mm / ratio;
    return c;
}

/* Light on grid fine, of the density that the view has, and of that on grid coarse. */
static derm_err sample_light(const struct derm_run *run, struct derm_plane lin[3],
                             const struct derm_grid *fine, struct derm_plane of_coarse[3],
                             const struct derm_grid *coarse)
{
    const struct derm_filter f = derm_run_filter(run);
    const struct derm_view *const view = &run->frame->view;

    for (int c = 0; c < 3; c++) {
        DERM_TRY(derm_plane_raw(run->scratch, &lin[c], fine->w, fine->h));
        DERM_TRY(derm_plane_raw(run->scratch, &of_coarse[c], coarse->w, coarse->h));
    }
    for (int c = 0; c < 3; c++) {
        DERM_TRY(
            derm_resample_light(&f, &lin[c], &view->od[c], 0.0, 0.0, fine->step / view->grid.step));
        DERM_TRY(
            derm_resample_area(&f, &of_coarse[c], &lin[c], (coarse->x0 - fine->x0) / fine->step,
                               (coarse->y0 - fine->y0) / fine->step, coarse->step / fine->step));
    }
    return DERM_OK;
}

/* What the user allows. */
static derm_err allowed_by_user(const struct derm_run *run, struct derm_mask *allowed,
                                const struct derm_grid *g)
{
    const struct derm_frame *const f = run->frame;

    DERM_TRY(derm_mask_new(run->scratch, allowed, g->w, g->h));
    for (int y = 0; y < g->h; y++)
        for (int x = 0; x < g->w; x++)
            if ((derm_mask_at(&f->user_roi, g, x, y, 0xff) ||
                 derm_mask_at(&f->user_control, g, x, y, 0)) &&
                !derm_mask_at(&f->user_exclude, g, x, y, 0))
                derm_mask_row(allowed, y)[x] = 0xff;
    return DERM_OK;
}

/* A close-up has none. */
static derm_err find_person(const struct derm_run *run, struct derm_plane *person)
{
    const struct derm_nn nn = { run->models, run->k, run->pool, run->scratch };

    if (!run->frame->face.used) return DERM_OK;
    DERM_TRY(derm_plane_new(run->scratch, person, DERM_PERSON_SIZE, DERM_PERSON_SIZE));
    return derm_person(&nn, person, &run->frame->rgb);
}

static void keep_person(struct derm_mask *skin, const struct derm_plane *person,
                        const struct derm_source *photo, const struct derm_grid *g,
                        double min_person)
{
    for (int y = 0; y < g->h; y++) {
        const double v = (g->y0 + (y + 0.5) * g->step) * DERM_PERSON_SIZE / photo->height;
        const float *const row = derm_row(person, clampi((int)v, 0, DERM_PERSON_SIZE - 1));

        for (int x = 0; x < g->w; x++) {
            const double u = (g->x0 + (x + 0.5) * g->step) * DERM_PERSON_SIZE / photo->width;
            if ((double)row[clampi((int)u, 0, DERM_PERSON_SIZE - 1)] < min_person)
                derm_mask_row(skin, y)[x] = 0;
        }
    }
}

/* All that is asked of them has been taken from them, and they are most of what a photo takes. */
static void give_samples(struct derm_run *run)
{
    struct derm_frame *const f = run->frame;
    struct derm_light *const light = &f->light;

    if (light->samples != f->rgb.px)
        derm_arena_drop(run->keep, light->samples, (size_t)light->stride * (size_t)light->h);
    light->samples = NULL;
    if (run->no_pictures) derm_rgb8_drop(run->keep, &f->rgb);
    for (int c = 0; c < 3; c++)
        derm_plane_give(run->keep, &light->plane[c]);
}

/* Removes specks and closes pin holes. */
static derm_err tidy(const struct derm_run *run, struct derm_mask *skin)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_mask other;

    DERM_TRY(derm_mask_new(run->scratch, &other, skin->w, skin->h));
    DERM_TRY(derm_erode(&f, &other, skin, 1));
    DERM_TRY(derm_dilate(&f, skin, &other, 2));
    DERM_TRY(derm_erode(&f, &other, skin, 1));
    return derm_mask_stretch(run->scratch, skin, &other);
}

/* Keeps away from the edge, where hair and background shine through. */
static derm_err shrink(const struct derm_run *run, struct derm_mask *skin, double by_px)
{
    const struct derm_filter f = derm_run_filter(run);
    struct derm_mask smaller;

    DERM_TRY(derm_mask_new(run->scratch, &smaller, skin->w, skin->h));
    DERM_TRY(derm_erode(&f, &smaller, skin, by_px));
    return derm_mask_stretch(run->scratch, skin, &smaller);
}

static derm_err fill_outlines(const struct derm_run *run, struct derm_mask *mask, const char *list,
                              const struct derm_grid *g)
{
    const struct derm_json *table;

    DERM_TRY(derm_models_table(run->models, "regions", &table, run->err));
    return derm_outline_fill_list(mask, table, list, &run->frame->face, g, 0xff, run->err);
}

static derm_err remove_beard(const struct derm_run *run, const struct params *p,
                             const struct derm_skin_planes *planes, struct derm_mask *skin,
                             const struct derm_mask *seed, const struct derm_mask *never)
{
    struct derm_mask valid, beard, zone;

    DERM_TRY(derm_mask_new(run->scratch, &zone, skin->w, skin->h));
    DERM_TRY(fill_outlines(run, &zone, "stubble", &planes->grid));
    DERM_TRY(derm_mask_new(run->scratch, &valid, skin->w, skin->h));
    DERM_TRY(derm_mask_new(run->scratch, &beard, skin->w, skin->h));
    DERM_TRY(derm_mask_stretch(run->scratch, &valid, skin));
    derm_mask_and_not(&valid, never);
    DERM_TRY(derm_skin_find_stubble(run, &beard, planes, seed, &valid, (double)p->stubble_factor,
                                    (double)p->stubble_texture,
                                    (double)p->stubble_radius_mm * planes->grid.px_per_mm));
    derm_mask_and(&beard, &zone);
    derm_mask_and_not(skin, &beard);
    return DERM_OK;
}

/* The share of a close-up that must be skin. */
static double least_share(const struct derm_run *run, const struct params *p, float of_things)
{
    return (double)(run->frame->face.count > 0 ? p->min_share_of_person : of_things);
}

static bool believable(const struct derm_run *run, const struct params *p,
                       const struct derm_skin_evidence *e, const struct derm_skin_colour *colour)
{
    if (colour->rough_p95 > (double)p->max_seed_rough) return false;
    return run->frame->source.grey ||
           (e->share >= least_share(run, p, p->min_seed_share) &&
            e->slope >= (double)p->min_slope && e->correlation >= (double)p->min_correlation);
}

static derm_err measure_plain_od(const struct derm_run *run, double *od,
                                 const struct derm_skin_planes *planes,
                                 const struct derm_mask *plain)
{
    const struct derm_filter f = derm_run_filter(run);
    double lightness;
    int n;

    DERM_TRY(derm_masked_median(&f, &planes->lab[0], plain, &lightness, NULL, &n));
    *od = -3 * log((lightness + 16) / 116); /* of the luminance: L has no linear toe here */
    return DERM_OK;
}

/* The skin by colour and shape, on the coarse grid of planes. plain: without the lesions. */
static derm_err find_skin(const struct derm_run *run, const struct params *p,
                          const struct derm_skin_planes *planes, const struct derm_plane *person,
                          struct derm_mask *skin, struct derm_mask *plain)
{
    const bool face = run->frame->face.used;
    const struct derm_grid *const g = &planes->grid;
    const double max_hole_mm = (double)(face ? p->max_hole_face_mm : p->max_hole_mm);
    struct derm_hole_limits hole = { .max_px = max_hole_mm * g->px_per_mm,
                                     .max_open = face ? 0 : (double)p->max_hole_open };
    struct derm_mask seed, never, allowed;
    struct derm_skin_evidence evidence;
    struct derm_skin_colour colour;
    bool ok;

    DERM_TRY(derm_mask_new(run->scratch, &seed, g->w, g->h));
    DERM_TRY(derm_mask_new(run->scratch, &never, g->w, g->h));
    DERM_TRY(allowed_by_user(run, &allowed, g));
    /* A close-up of a face may show lips and nostrils, too, and its eyes be closed. */
    if (run->frame->face.count > 0) DERM_TRY(fill_outlines(run, &never, "exclude", g));
    if (face)
        DERM_TRY(fill_outlines(run, &seed, "seed", g));
    else
        DERM_TRY(derm_skin_seed_close_up(run, &seed, planes, &allowed, &evidence));
    derm_mask_and_not(&seed, &never);
    DERM_TRY(derm_skin_colour_fit(run, &colour, planes, &seed, &ok));
    if (!ok || (!face && !believable(run, p, &evidence, &colour))) return DERM_OK;
    derm_skin_colour_apply(&colour, planes, (double)p->max_distance,
                           fmax((double)p->rough_factor * colour.rough_p95, (double)p->rough_floor),
                           skin);
    if (face) keep_person(skin, person, &run->frame->source, g, (double)p->min_person);
    DERM_TRY(tidy(run, skin));
    DERM_TRY(derm_mask_stretch(run->scratch, plain, skin));
    DERM_TRY(measure_plain_od(run, &run->frame->view.plain_od, planes, plain));
    if (run->frame->scale.source == DERM_SCALE_UNKNOWN)
        hole.max_px = (double)p->max_hole_share * imin(g->w, g->h);
    DERM_TRY(derm_skin_fill_holes(run, skin, &never, &hole));
    if (!face)
        DERM_TRY(derm_skin_fill_apart(run, skin, &never, planes, (double)p->max_distance, &hole));
    if (face) DERM_TRY(shrink(run, skin, (double)p->margin_mm * g->px_per_mm));
    if (face) DERM_TRY(remove_beard(run, p, planes, skin, &seed, &never));
    derm_mask_and_not(skin, &never);
    derm_mask_and(skin, &allowed);
    if (!face && derm_mask_share(skin, &allowed) < least_share(run, p, p->min_skin_share))
        derm_mask_clear(skin);
    return DERM_OK;
}

static derm_err run_skin(struct derm_run *run, const void *params)
{
    const struct params *const p = params;
    struct derm_view *const view = &run->frame->view;
    const struct derm_grid fine = coarser(&view->grid, (double)p->fine_megapixels);
    struct derm_skin_planes planes = { .grid = coarser(&view->grid, (double)p->coarse_megapixels) };
    const struct derm_shine_limits shiny = { (double)p->shine_window_mm, (double)p->max_shine,
                                             (double)p->shine_gain, (double)p->min_gloss };
    const struct derm_band_limits bands = { (double)p->band_length_mm, (double)p->band_width_mm,
                                            (double)p->band_slender };
    struct derm_mask skin, plain, fine_plain, around, shine, hair;
    struct derm_plane lin[3], person;

    DERM_TRY(find_person(run, &person));
    give_samples(run);
    DERM_TRY(derm_mask_raw(run->keep, &view->skin, view->grid.w, view->grid.h));
    DERM_TRY(derm_mask_raw(run->keep, &view->gloss, view->grid.w, view->grid.h));
    DERM_TRY(sample_light(run, lin, &fine, planes.lin, &planes.grid));
    DERM_TRY(derm_mask_new(run->scratch, &skin, planes.grid.w, planes.grid.h));
    DERM_TRY(derm_mask_new(run->scratch, &plain, planes.grid.w, planes.grid.h));
    const size_t mark = run->scratch->used;
    DERM_TRY(derm_skin_planes_fill(run, &planes, 2));
    DERM_TRY(find_skin(run, p, &planes, &person, &skin, &plain));
    derm_arena_reset(run->scratch, mark);

    DERM_TRY(derm_mask_raw(run->scratch, &around, fine.w, fine.h));
    DERM_TRY(derm_mask_raw(run->scratch, &shine, fine.w, fine.h));
    DERM_TRY(derm_mask_raw(run->scratch, &hair, fine.w, fine.h));
    DERM_TRY(derm_mask_raw(run->scratch, &fine_plain, fine.w, fine.h));
    DERM_TRY(derm_mask_stretch(run->scratch, &around, &skin));
    DERM_TRY(derm_mask_stretch(run->scratch, &fine_plain, &plain));
    DERM_TRY(derm_find_shine(run, &shine, lin, &fine_plain, &fine, &shiny, &view->highlights));
    DERM_TRY(derm_find_hair(run, &hair, &lin[1], &fine, (double)p->hair_width_mm,
                            (double)p->hair_length_mm, (double)p->hair_contrast));
    if (!run->frame->face.used) DERM_TRY(derm_spare_bands(run, &shine, &fine, &bands));
    derm_mask_and_not(&around, &hair);
    derm_mask_and(&shine, &around);
    DERM_TRY(derm_mask_stretch(run->scratch, &view->gloss, &shine));
    derm_mask_and_not(&around, &shine);
    DERM_TRY(derm_mask_stretch(run->scratch, &view->skin, &around));
    DERM_TRY(derm_mask_remove_under(run->scratch, &view->skin, &view->grid, &run->frame->clipped));
    if (!run->frame->user_control.px) /* else it is asked for again */
        derm_mask_give(run->keep, &run->frame->clipped);
    return DERM_OK;
}

const struct derm_stage derm_stage_skin = {
    .name = "skin",
    .scope = DERM_EACH,
    .reads =
        DERM_SLOT(rgb) | DERM_SLOT(clipped) | DERM_SLOT(face) | DERM_SLOT(grid) | DERM_SLOT(od),
    .writes = DERM_SLOT(skin),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_skin,
};
