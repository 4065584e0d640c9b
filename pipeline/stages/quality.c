/* SPDX-License-Identifier: Apache-2.0 */
/* quality: is the photo good enough, and for what.
 *
 * reads   source, face, scale, clipping, view (od, skin, regions)
 * writes  quality: figures, and one finding for each that passes a limit, with the concerns it
 *         affects. A FAIL makes them not assessable; it is a result, not an error.
 *
 * Nothing is judged by brightness: dark skin is not a dark photo. What counts is whether samples
 * are clipped and whether noise hides what is to be seen (algorithms, section 11). */
#include <math.h>

#include "base/num.h"
#include "stages/light_gradient.h"
#include "stages/mask_ops.h"
#include "stages/sharpness.h"
#include "stages/skin_detail.h"
#include "stages/stages.h"
#include "stages/statistics.h"

struct params {
    float pores_px_per_mm_warn, pores_px_per_mm_fail;
    float spots_px_per_mm_warn, spots_px_per_mm_fail;
    float scars_px_per_mm_warn, scars_px_per_mm_fail;
    float texture_px_per_mm_warn, texture_px_per_mm_fail;
    float wrinkles_px_per_mm_warn, wrinkles_px_per_mm_fail;
    float clipped_warn, clipped_fail, spots_clipped_fail, black_fail, clipped_away;
    float noise_warn, noise_fail, dark_od;
    float pores_blur_mm_warn, pores_blur_mm_fail, texture_blur_mm_warn, texture_blur_mm_fail;
    float blur_mm_warn, blur_mm_fail, detail_fail, contrast_fail;
    float sharp_slope, sharp_contrast;
    int jpeg_warn, jpeg_fail;
    float turned_deg_warn, turned_deg_fail;
    float light_gradient_warn;
    float min_skin_mm2, min_skin_share;
    float edge_contrast, edge_percentile;
    int edge_count;
    float closing_mm, eye_box_ipd;
};
static const struct derm_opt opts[] = {
    DERM_OPT(struct params, pores_px_per_mm_warn, 8, 0, 100, "algorithms, section 11"),
    DERM_OPT(struct params, pores_px_per_mm_fail, 5, 0, 100, "algorithms, section 11"),
    DERM_OPT(struct params, spots_px_per_mm_warn, 3, 0, 100, "algorithms, section 11"),
    DERM_OPT(struct params, spots_px_per_mm_fail, 2, 0, 100, "algorithms, section 11"),
    DERM_OPT(struct params, scars_px_per_mm_warn, 3, 0, 100, "as for spots of the same size"),
    DERM_OPT(struct params, scars_px_per_mm_fail, 2, 0, 100, "as for spots of the same size"),
    DERM_OPT(struct params, texture_px_per_mm_warn, 6, 0, 100,
             "as for fine lines (algorithms, section 11)"),
    DERM_OPT(struct params, texture_px_per_mm_fail, 3, 0, 100,
             "the finer Gaussian of stage texture is then below half a pixel"),
    DERM_OPT(struct params, wrinkles_px_per_mm_warn, 3, 0, 100, "algorithms, section 11"),
    DERM_OPT(struct params, wrinkles_px_per_mm_fail, 2, 0, 100, "algorithms, section 11"),
    DERM_OPT(struct params, clipped_warn, 0.01, 0, 1, "of the skin; algorithms, section 11"),
    DERM_OPT(struct params, clipped_fail, 0.05, 0, 1, "of the skin; algorithms, section 11"),
    DERM_OPT(struct params, spots_clipped_fail, 0.2, 0, 1,
             "the same for spots and redness where white: what is clipped is left out, and what is "
             "seen keeps its contrast (photos of even numbers made lighter until 0.15 to 0.23 of "
             "the skin clipped: median of 98 spots of 3 faces within 1 %, 6 of 7 lesions found "
             "within 9 %; of faces' spots a tenth to a quarter is lost, at 0.28 up to a half)"),
    DERM_OPT(struct params, black_fail, 0.2, 0, 1,
             "the same for black where the skin beside lesions has light enough (dark_od): a dark "
             "lesion is black then, most melanomas are less than half as wide as the skin that is "
             "photographed"),
    DERM_OPT(struct params, clipped_away, 0.5, 0, 1,
             "of the photo: when no skin is found, more than this explains why"),
    DERM_OPT(struct params, noise_warn, 0.05, 0, 10,
             "optical density: the faintest pores have an amplitude of about 0.05"),
    DERM_OPT(struct params, noise_fail, 0.13, 0, 10,
             "optical density: the faintest spot whose change can be measured (algorithms, 13)"),
    DERM_OPT(struct params, dark_od, 2.3, 0, 10,
             "noise on skin darker than a tenth of white comes from too little light, and so does "
             "black; a photo without skin whose brightest tenth is darker is dark"),
    DERM_OPT(struct params, pores_blur_mm_warn, 0.1, 0, 10,
             "sigma; sharp phantoms (even seeds) read .03 to .1"),
    DERM_OPT(struct params, pores_blur_mm_fail, 0.12, 0, 10,
             "sigma; half of what labelled pores show is lost to .1 mm, four fifths to .15"),
    DERM_OPT(struct params, texture_blur_mm_warn, 0.14, 0, 10,
             "sigma; a 10-90 % edge of 0.35 mm (algorithms, section 11)"),
    DERM_OPT(struct params, texture_blur_mm_fail, 0.25, 0, 10,
             "sigma; twice that of the finer Gaussian of stage texture"),
    DERM_OPT(struct params, blur_mm_warn, 0.35, 0, 10, "sigma; spots and scars from 1 mm"),
    DERM_OPT(struct params, blur_mm_fail, 0.7, 0, 10, "sigma; spots and scars from 1 mm"),
    DERM_OPT(
        struct params, detail_fail, 0.3, 0, 10,
        "slope of a close-up's detail: sharp phantoms (even seeds) of tones 60 to -45 read .66 "
        "to .34, relief and pores faded by half too; .3 mm out of focus .42 to .3, .8 mm .2"),
    DERM_OPT(
        struct params, contrast_fail, 0.007, 0, 10,
        "optical density, of skin's detail of .3 to .8 mm: the same read .014 to .04, .8 mm out "
        "of focus .012, 1.2 mm .0065, 2 mm .003, where the slope is one of noise"),
    DERM_OPT(struct params, sharp_slope, 0.45, 0, 10,
             "such a slope, of cheeks cut out of faces (even numbers; .53 to .62 as they are),"),
    DERM_OPT(struct params, sharp_contrast, 0.013, 0, 10,
             "and such a contrast has no photo .5 mm out of focus: .38 to .54, but .007 to .012"),
    DERM_OPT(struct params, jpeg_warn, 85, 1, 100, "quality; algorithms, section 11"),
    DERM_OPT(struct params, jpeg_fail, 70, 1, 100, "quality; algorithms, section 11"),
    DERM_OPT(struct params, turned_deg_warn, 10, 0, 90, "yaw or pitch; algorithms, section 11"),
    DERM_OPT(struct params, turned_deg_fail, 45, 0, 90,
             "yaw or pitch; below it hidden regions are left out one by one (algorithms, 11)"),
    DERM_OPT(struct params, light_gradient_warn, 0.9, 0, 10,
             "optical density, 10-90 % over the skin: a third of the light is left"),
    DERM_OPT(struct params, min_skin_mm2, 20, 0, 1e6, "smallest skin area that is measured"),
    DERM_OPT(struct params, min_skin_share, 0.005, 0, 1, "of the part that is measured"),
    DERM_OPT(struct params, edge_contrast, 0.25, 0, 10, "step height over the local light"),
    DERM_OPT(struct params, edge_percentile, 0.25, 0, 1, "of the edges: the sharper ones"),
    DERM_OPT(struct params, edge_count, 100, 1, 1e6, "edge pixels that a blur must rest on"),
    DERM_OPT(struct params, closing_mm, 3, 0, 100, "gaps in the skin up to twice this are skin"),
    DERM_OPT(struct params, eye_box_ipd, 0.35, 0.01, 1,
             "of the pupil distance: half the box around an eye with lashes and brow"),
    { 0 },
};

enum {
    PORES = 1 << DERM_CONCERN_PORES,
    SPOTS = 1 << DERM_CONCERN_PIGMENTATION,
    SCARS = 1 << DERM_CONCERN_SCARS,
    STRIAE = 1 << DERM_CONCERN_STRETCH_MARKS,
    REDNESS = 1 << DERM_CONCERN_REDNESS,
    TEXTURE = 1 << DERM_CONCERN_TEXTURE,
    TONE = 1 << DERM_CONCERN_TONE,
    RADIANCE = 1 << DERM_CONCERN_RADIANCE,
    WRINKLES = 1 << DERM_CONCERN_WRINKLES,
    FINE = PORES | SPOTS | SCARS | STRIAE | REDNESS | TEXTURE | WRINKLES, /* what blur takes */
    ALL = (1 << DERM_CONCERN_COUNT) - 1,
};

static void note(struct derm_quality *q, const struct derm_finding *finding)
{
    if (q->n < DERM_MAX_FINDINGS) q->finding[q->n++] = *finding;
}

/* What passes `fail` is a FAIL against it, else what passes `warn` a WARN. */
struct gate {
    enum derm_reason warn_reason, fail_reason;
    const char *quantity;
    double warn, fail;
    bool low_is_bad;
    unsigned concerns;
};

static void judge(struct derm_quality *q, double measured, const struct gate *g)
{
    const double sign = g->low_is_bad ? -1.0 : 1.0;
    const bool fails = sign * measured > sign * g->fail, warns = sign * measured > sign * g->warn;

    if (!fails && !warns) return;
    note(q, &(struct derm_finding){ .reason = fails ? g->fail_reason : g->warn_reason,
                                    .severity = fails ? DERM_SEVERITY_FAIL : DERM_SEVERITY_WARN,
                                    .quantity = g->quantity,
                                    .measured = measured,
                                    .limit = fails ? g->fail : g->warn,
                                    .concerns = g->concerns });
}

static void judge_resolution(struct derm_frame *f, const struct params *p)
{
    const struct {
        double warn, fail;
        unsigned concern;
    } need[] = {
        { (double)p->pores_px_per_mm_warn, (double)p->pores_px_per_mm_fail, PORES },
        { (double)p->spots_px_per_mm_warn, (double)p->spots_px_per_mm_fail, SPOTS | REDNESS },
        { (double)p->scars_px_per_mm_warn, (double)p->scars_px_per_mm_fail, SCARS | STRIAE },
        { (double)p->texture_px_per_mm_warn, (double)p->texture_px_per_mm_fail, TEXTURE },
        { (double)p->wrinkles_px_per_mm_warn, (double)p->wrinkles_px_per_mm_fail, WRINKLES },
    };

    if (f->scale.source == DERM_SCALE_UNKNOWN) return;
    for (size_t i = 0; i < sizeof(need) / sizeof(*need); i++)
        judge(&f->quality, f->scale.px_per_mm,
              &(struct gate){ DERM_REASON_RESOLUTION_LOW, DERM_REASON_RESOLUTION_TOO_LOW,
                              "px_per_mm", need[i].warn, need[i].fail, true, need[i].concern });
}

/* ---- exposure. Clipped pixels are no assessable skin, so skin is taken with its gaps: the regions
 * of a face or of the user, or the closed mask; the whole photo when there is no skin. All of it on
 * a lattice: wide shapes and shares do not need every pixel. */
struct gaps {
    struct derm_mask skin, wide, closed; /* dilated by closing_mm; closed: with its gaps */
};

static derm_err close_gaps(const struct derm_run *run, const struct params *p, bool has_skin,
                           struct gaps *out)
{
    const struct derm_filter filter = derm_run_filter(run);
    const struct derm_frame *const f = run->frame;
    const struct derm_view *const v = &f->view;
    const bool regions = f->face.used || f->user_roi.px != NULL;
    const unsigned not_neck = ~(1u << DERM_REGION_NECK);
    const struct derm_lattice at = f->clipping.at;
    const double radius_px = (double)p->closing_mm * v->grid.px_per_mm / at.step;

    DERM_TRY(derm_mask_new(run->scratch, &out->skin, at.w, at.h));
    DERM_TRY(derm_mask_new(run->scratch, &out->wide, at.w, at.h));
    DERM_TRY(derm_mask_new(run->scratch, &out->closed, at.w, at.h));
    for (int j = 0; j < at.h; j++) {
        const uint8_t *const skin = derm_mask_row(&v->skin, derm_lattice_at(&at, j));
        const uint16_t *const own = derm_bits_row(&v->regions, derm_lattice_at(&at, j));

        for (int i = 0; i < at.w; i++) {
            const int x = derm_lattice_at(&at, i);
            derm_mask_row(&out->skin, j)[i] = skin[x];
            derm_mask_row(&out->closed, j)[i] = !has_skin || own[x] & not_neck ? 0xff : 0;
        }
    }
    if (!has_skin || f->face.used) return DERM_OK;
    DERM_TRY(derm_dilate(&filter, &out->wide, &out->skin, radius_px));
    return regions ? DERM_OK : derm_erode(&filter, &out->closed, &out->wide, radius_px);
}

static void measure_clipping(const struct derm_run *run, const struct params *p, bool has_skin,
                             const struct gaps *gaps)
{
    struct derm_frame *const f = run->frame;
    const struct derm_clipping *const clipped = &f->clipping;
    double n = 0, high = 0, low = 0, least;

    for (int j = 0; j < clipped->at.h; j++)
        for (int i = 0; i < clipped->at.w; i++) {
            const bool is_high = derm_mask_row(&clipped->high, j)[i] != 0;
            const bool is_low = derm_mask_row(&clipped->low, j)[i] != 0;
            const bool is_skin = !has_skin || derm_mask_row(&gaps->skin, j)[i];

            if (!derm_mask_row(&gaps->closed, j)[i] || !(is_high || is_low || is_skin)) continue;
            n++;
            high += is_high;
            low += is_low;
        }
    least = has_skin ? 0.0 : (double)p->clipped_away * n; /* else it says nothing of skin */
    f->quality.clipped_high = high > least ? high / n : 0.0;
    f->quality.clipped_low = low > least ? low / n : 0.0;
}

/* ---- light */

/* Where no skin was found nothing is known of its tone, and that the whole photo is dark may be
 * why: optical density of its brightest tenth. */
static derm_err measure_darkness(const struct derm_run *run, double *od)
{
    const struct derm_plane *const green = &run->frame->view.od[1];
    const struct derm_lattice at =
        derm_lattice_over(green->w, green->h, (double)green->w * green->h, 1e4);
    double *value;
    int n = 0;

    DERM_TRY(derm_arena_new(run->scratch, &value, (size_t)at.w * (size_t)at.h, sizeof(*value)));
    for (int j = 0; j < at.h; j++)
        for (int i = 0; i < at.w; i++)
            value[n++] = (double)derm_row(green, derm_lattice_at(&at, j))[derm_lattice_at(&at, i)];
    derm_sort(value, n);
    *od = derm_percentile(value, n, 0.1);
    return DERM_OK;
}

/* ---- blur: at the eyes of a face, which everything in it is in focus with; else at whatever lies
 * in the skin or near it. */
static void mark_eyes(struct derm_mask *where, const struct derm_frame *f, double half_ipd)
{
    static const int pupil[2] = { 468, 473 }; /* MediaPipe: centres of the irises */
    const struct derm_grid *const g = &f->view.grid;
    const double half = half_ipd * f->face.ipd_px / g->step;

    for (int eye = 0; eye < 2; eye++) {
        const struct derm_point at = f->face.at[pupil[eye]];
        const double cx = (at.x + 0.5 - g->x0) / g->step, cy = (at.y + 0.5 - g->y0) / g->step;
        const int x0 = clampi((int)(cx - half), 0, g->w), x1 = clampi((int)(cx + half), 0, g->w);
        const int y0 = clampi((int)(cy - half), 0, g->h), y1 = clampi((int)(cy + half), 0, g->h);

        for (int y = y0; y < y1; y++)
            for (int x = x0; x < x1; x++)
                derm_mask_row(where, y)[x] = 0xff;
    }
}

static derm_err measure_blur(const struct derm_run *run, const struct params *p,
                             const struct gaps *gaps)
{
    const struct derm_filter filter = derm_run_filter(run);
    const struct derm_edge_rule rule = { (double)p->edge_contrast, (double)p->edge_percentile,
                                         p->edge_count };
    struct derm_frame *const f = run->frame;
    const struct derm_grid *const g = &f->view.grid;
    struct derm_edges edges;
    struct derm_mask where;

    DERM_TRY(derm_mask_new(run->scratch, &where, g->w, g->h));
    if (f->face.used)
        mark_eyes(&where, f, (double)p->eye_box_ipd);
    else
        DERM_TRY(derm_mask_stretch(run->scratch, &where, &gaps->wide));
    DERM_TRY(derm_edge_blur(&filter, &edges, &f->view.od[1], &where, &rule));
    f->quality.blur_mm = edges.sigma_px / g->px_per_mm;
    return DERM_OK;
}

/* Of a close-up, which may have no edges in focus to tell: then the widest step is shading, unless
 * the skin shows as little detail. */
static derm_err measure_detail(const struct derm_run *run, const struct params *p,
                               struct derm_skin_detail *detail)
{
    const struct derm_filter filter = derm_run_filter(run);
    const struct derm_view *const v = &run->frame->view;
    struct derm_quality *const q = &run->frame->quality;

    *detail = (struct derm_skin_detail){ 0 };
    if (run->frame->face.used || run->frame->scale.source == DERM_SCALE_UNKNOWN) return DERM_OK;
    DERM_TRY(derm_skin_detail(&filter, detail, &v->od[1], &v->skin, v->grid.px_per_mm));
    if (detail->contrast > (double)p->sharp_contrast && detail->slope > (double)p->sharp_slope &&
        q->blur_mm > (double)p->blur_mm_warn)
        q->blur_mm = 0;
    return DERM_OK;
}

/* ---- findings */
static void judge_detail(struct derm_quality *q, const struct derm_skin_detail *detail,
                         const struct params *p)
{
    const double slope = (double)p->detail_fail, contrast = (double)p->contrast_fail;
    const bool edges_are_sharp = q->blur_mm > 0 && q->blur_mm <= (double)p->pores_blur_mm_warn;

    if (detail->n == 0) return;
    if (!edges_are_sharp) /* of 19 phantoms with hair, all nuisances (even seeds), 5 are below */
        judge(q, detail->slope,
              &(struct gate){ DERM_REASON_BLURRED, DERM_REASON_BLURRED, "skin_detail", slope, slope,
                              true, PORES | TEXTURE });
    judge(q, detail->contrast,
          &(struct gate){ DERM_REASON_BLURRED, DERM_REASON_BLURRED, "skin_contrast", contrast,
                          contrast, true, FINE });
}

static void judge_capture(struct derm_frame *f, const struct params *p)
{
    struct derm_quality *const q = &f->quality;
    const bool dark = q->skin_od > (double)p->dark_od;
    const bool lit = f->view.plain_od <= (double)p->dark_od;
    const bool spots_stand = q->clipped_high > (double)p->clipped_fail &&
                             q->clipped_high <= (double)p->spots_clipped_fail;
    const enum derm_reason noise = dark ? DERM_REASON_DARK : DERM_REASON_NOISY;

    judge(q, q->clipped_high,
          &(struct gate){ DERM_REASON_OVEREXPOSED, DERM_REASON_OVEREXPOSED, "clipped_high_fraction",
                          (double)p->clipped_warn, (double)p->clipped_fail, false,
                          spots_stand ? ALL & ~(SPOTS | REDNESS) : ALL });
    if (spots_stand)
        judge(q, q->clipped_high,
              &(struct gate){ DERM_REASON_OVEREXPOSED, DERM_REASON_OVEREXPOSED,
                              "clipped_high_fraction", (double)p->clipped_warn,
                              (double)p->spots_clipped_fail, false, SPOTS | REDNESS });
    judge(q, q->clipped_low,
          &(struct gate){ DERM_REASON_UNDEREXPOSED, DERM_REASON_UNDEREXPOSED,
                          "clipped_low_fraction", (double)p->clipped_warn,
                          (double)(lit ? p->black_fail : p->clipped_fail), false, ALL });
    judge(q, q->noise_od,
          &(struct gate){ noise, noise, "noise", (double)p->noise_warn, (double)p->noise_fail,
                          false, ALL });
    judge(q, q->blur_mm,
          &(struct gate){ DERM_REASON_BLURRED, DERM_REASON_BLURRED, "blur_mm",
                          (double)p->pores_blur_mm_warn, (double)p->pores_blur_mm_fail, false,
                          PORES });
    judge(q, q->blur_mm,
          &(struct gate){ DERM_REASON_BLURRED, DERM_REASON_BLURRED, "blur_mm",
                          (double)p->texture_blur_mm_warn, (double)p->texture_blur_mm_fail, false,
                          TEXTURE });
    judge(q, q->blur_mm,
          &(struct gate){ DERM_REASON_BLURRED, DERM_REASON_BLURRED, "blur_mm",
                          (double)p->blur_mm_warn, (double)p->blur_mm_fail, false,
                          SPOTS | SCARS | STRIAE | REDNESS | WRINKLES });
    judge(q, q->light_gradient,
          &(struct gate){ DERM_REASON_UNEVEN_LIGHT, DERM_REASON_UNEVEN_LIGHT, "light_gradient",
                          (double)p->light_gradient_warn, HUGE_VAL, false, ALL });
    if (f->source.jpeg_quality > 0)
        judge(q, f->source.jpeg_quality,
              &(struct gate){ DERM_REASON_COMPRESSED, DERM_REASON_COMPRESSED, "jpeg_quality",
                              p->jpeg_warn, p->jpeg_fail, true, PORES | TEXTURE });
    if (f->source.grey)
        note(q, &(struct derm_finding){ .reason = DERM_REASON_GREYSCALE,
                                        .severity = DERM_SEVERITY_FAIL,
                                        .concerns = SPOTS | REDNESS | TONE | RADIANCE });
}

static void judge_subject(const struct derm_run *run, const struct params *p)
{
    const struct derm_photo_request *const request = run->request;
    struct derm_frame *const f = run->frame;
    struct derm_quality *const q = &f->quality;

    if (f->face.count == 0 && request->site == DERM_SITE_FACE && !request->roi_path)
        note(q, &(struct derm_finding){ .reason = DERM_REASON_NO_FACE,
                                        .severity = DERM_SEVERITY_INFO });
    if (f->face.used && f->face.count > 1)
        note(q, &(struct derm_finding){ .reason = DERM_REASON_SEVERAL_FACES,
                                        .severity = DERM_SEVERITY_INFO,
                                        .quantity = "faces",
                                        .measured = f->face.count,
                                        .limit = 1 });
    if (f->face.used)
        judge(q, fmax(fabs(f->face.yaw_deg), fabs(f->face.pitch_deg)),
              &(struct gate){ DERM_REASON_TURNED, DERM_REASON_TURNED, "angle_deg",
                              (double)p->turned_deg_warn, (double)p->turned_deg_fail, false, ALL });
}

static double least_skin_share(const struct derm_grid *g, const struct params *p)
{
    return fmax((double)p->min_skin_share,
                (double)p->min_skin_mm2 * g->px_per_mm * g->px_per_mm / ((double)g->w * g->h));
}

/* After what explains it. */
static derm_err judge_no_skin(const struct derm_run *run, const struct params *p, double share)
{
    struct derm_frame *const f = run->frame;
    const double dark = (double)p->dark_od;
    double od;

    DERM_TRY(measure_darkness(run, &od));
    judge(&f->quality, od,
          &(struct gate){ DERM_REASON_DARK, DERM_REASON_DARK, "optical_density", dark, dark, false,
                          ALL });
    note(&f->quality, &(struct derm_finding){ .reason = DERM_REASON_NO_SKIN,
                                              .severity = DERM_SEVERITY_FAIL,
                                              .quantity = "skin_share",
                                              .measured = share,
                                              .limit = least_skin_share(&f->view.grid, p),
                                              .concerns = ALL });
    return DERM_OK;
}

static derm_err run_quality(struct derm_run *run, const void *params)
{
    const struct derm_filter filter = derm_run_filter(run);
    const struct params *const p = params;
    struct derm_frame *const f = run->frame;
    const struct derm_mask *const skin = &f->view.skin;
    const double skin_px = derm_mask_count(skin),
                 enough_px = 1e5; /* a median within 0.4 % of its sd */
    const struct derm_lattice at = derm_lattice_over(skin->w, skin->h, skin_px, enough_px);
    const double share = skin_px / ((double)skin->w * skin->h);
    const bool has_skin = share >= least_skin_share(&f->view.grid, p);
    struct derm_skin_detail detail = { 0 };
    struct gaps gaps;

    judge_subject(run, p);
    judge_resolution(f, p);
    DERM_TRY(close_gaps(run, p, has_skin, &gaps));
    measure_clipping(run, p, has_skin, &gaps);
    if (has_skin) {
        DERM_TRY(derm_light_gradient(run, &at));
        DERM_TRY(derm_noise_sd(&filter, &f->quality.noise_od, &f->view.od[1], &f->view.skin, &at));
        DERM_TRY(measure_blur(run, p, &gaps));
        DERM_TRY(measure_detail(run, p, &detail));
        judge_detail(&f->quality, &detail, p);
    }
    judge_capture(f, p);
    return has_skin ? DERM_OK : judge_no_skin(run, p, share);
}

const struct derm_stage derm_stage_quality = {
    .name = "quality",
    .scope = DERM_EACH,
    .reads = DERM_SLOT(source) | DERM_SLOT(face) | DERM_SLOT(scale) | DERM_SLOT(grid) |
             DERM_SLOT(od) | DERM_SLOT(skin) | DERM_SLOT(regions),
    .writes = DERM_SLOT(quality),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_quality,
};
