/* SPDX-License-Identifier: Apache-2.0 */
/* measure: every metric in every region, its uncertainty, and in a pair its change and verdict.
 *
 * reads   findings (objects of the photo or of the pair), skin, regions, face, scale, quality,
 *         tone, maps, and in a pair the registration, common skin, gauge and comparability
 * writes  results: one row per metric and region, metric by metric, regions in their order
 *
 * A row that cannot be measured says why; the first obstacle counts, in this order: the pair was
 * refused, the photo is too bad for this concern, something is missing that the metric needs
 * (scale, colour card, control region), the region is hidden, there are no objects or too few. A
 * pair whose own findings fail for a concern (one photo blurred, light from elsewhere) is measured,
 * and not comparable. One that fails in regions of the face alone does so there, and the whole face
 * is what is left of it. Verdicts are given to all rows of a pair together: see decide.h. */
#include <math.h>
#include <string.h>

#include "base/metrics.h"
#include "stages/comparable.h"
#include "stages/ensemble.h"
#include "stages/gauge.h"
#include "stages/stages.h"
#include "stages/tally.h"
#include "stages/untreated.h"

struct params {
    float min_region_share, min_area_mm2;
    int min_pores, min_region_objects, min_line_pieces;
    float min_fine_line_px_per_mm, least_scar_ita_deg, least_flaking_ita_deg, false_discovery_rate;
    float tone_curve, other_device, gloss_response, pores_blur_response, limits, sure_area_bias;
};

static const struct derm_opt opts[] = {
    DERM_OPT(struct params, min_region_share, 0.4, 0, 1,
             "share of a region's pixels that must be measurable skin"),
    DERM_OPT(struct params, min_area_mm2, 20, 0, 10000, "smallest skin area that is measured"),
    DERM_OPT(struct params, min_pores, 5, 1, 1000, "pores that any metric of pores needs"),
    DERM_OPT(struct params, min_region_objects, 5, 1, 1000,
             "objects in both photos together that a verdict on one region of a face needs"),
    DERM_OPT(struct params, min_line_pieces, 10, 1, 1000,
             "pieces of 2 mm that a verdict on wrinkles or fine lines needs anywhere: those of one "
             "line are one line, which may be none"),
    DERM_OPT(struct params, min_fine_line_px_per_mm, 4, 0, 100,
             "fine lines are not measured with less (algorithms, section 11)"),
    DERM_OPT(struct params, least_scar_ita_deg, 15, -90, 90,
             "hollows are not measured on darker skin, where none is found truly: stage scars, "
             "dark_ita_deg"),
    DERM_OPT(struct params, least_flaking_ita_deg, 0, -90, 90,
             "flaking is not measured on skin that reads darker, beside which scales are clipped: "
             "of 5 % phantoms of ITA -15, which read -10 to 10, show 2.8 %, of -35 0.9 % "
             "(truth_flaking even)"),
    DERM_OPT(struct params, false_discovery_rate, 0.05, 0, 1,
             "expected share of false ones among the changes that a comparison reports "
             "(Benjamini-Hochberg; algorithms, section 10)"),
    DERM_OPT(struct params, tone_curve, 0.03, 0, 1,
             "S curve between the photos, at most (algorithms, section 10.1)"),
    DERM_OPT(struct params, other_device, 2, 1, 10,
             "times that, where cameras, settings or processing differ (algorithms, section 11)"),
    DERM_OPT(
        struct params, gloss_response, 4, 0, 100,
        "share of a spot's contrast that gloss takes, by the change of its spread: likeliest on "
        "162 pairs of phantoms, even seeds, by 12 more (ln) than what their veil says"),
    DERM_OPT(struct params, pores_blur_response, 1.2, 0, 10,
             "share of a pore's amplitude that a blur takes, by the blur's variance over that of "
             "the pore's filter; truth_sharpness even"),
    DERM_OPT(struct params, limits, 0.15, 0, 1,
             "by which a limit of what is listed may as well be higher or lower (algorithms, "
             "section 10.1)"),
    DERM_OPT(
        struct params, sure_area_bias, 0.03, 0, 10,
        "share of a spot's area that the alignment makes or takes and that is corrected without "
        "doubt; more widens the interval (algorithms, section 9)"),
    { 0 },
};

struct scene {
    struct derm_run *run;
    const struct params *params;
    const struct derm_json *precision;
    const struct derm_frame *photo; /* of an analysis, or the baseline */
    const struct derm_mask *where;  /* what is measured, on the photo's grid */
    struct derm_place place;        /* of the row at work */
    double share;                   /* of the region that is measured */
    struct derm_draws *draws;
    const struct derm_objects *reddened; /* red marks and vessels */
    double *main_percent; /* of each concern in this place: main metrics come first */
    double control_percent[DERM_CONCERN_COUNT]; /* of untreated skin; 0: as good as none */
};

static enum derm_reason refused(const struct derm_pair *pair, enum derm_concern concern)
{
    enum derm_reason reason;

    if (pair->comparability != DERM_INCOMPARABLE) return DERM_REASON_NONE;
    reason = derm_finding_against(pair->finding, pair->n, concern);
    return reason != DERM_REASON_NONE ? reason : DERM_REASON_NOT_REGISTERED;
}

static bool is_whole(enum derm_region region)
{
    return region == DERM_REGION_FACE || region == DERM_REGION_ROI;
}

/* Both photos show the neck, and it could not be lined up. */
static bool neck_moved(const struct scene *s)
{
    const struct derm_pair *const pair = s->run->pair;

    return pair && !pair->registration.of_neck.px &&
           (pair->base->view.regions_visible & pair->follow->view.regions_visible) >>
                   DERM_REGION_NECK &
               1;
}

static enum derm_reason hidden(const struct scene *s)
{
    const struct derm_place *const p = &s->place;
    const bool whole = is_whole(p->region);
    const double mm2 = p->area_px / (p->px_per_mm * p->px_per_mm);

    if (p->region == DERM_REGION_NECK && neck_moved(s)) return DERM_REASON_RESIDUAL_HIGH;
    if (p->area_px <= 0 || mm2 < (double)s->params->min_area_mm2)
        return whole ? DERM_REASON_NO_SKIN : DERM_REASON_REGION_NOT_VISIBLE;
    if (whole || p->region == DERM_REGION_CONTROL) return DERM_REASON_NONE;
    if (!((s->photo->view.regions_visible >> p->region) & 1) ||
        s->share < (double)s->params->min_region_share)
        return DERM_REASON_REGION_NOT_VISIBLE;
    return DERM_REASON_NONE;
}

static const struct derm_objects *found_in(const struct scene *s, enum derm_kind kind)
{
    return &(s->run->pair ? s->run->pair->objects : s->photo->objects)[kind];
}

/* On skin this dark one pigment is not told from another; a photo without colour tells of none. */
static enum derm_reason too_dark(const struct scene *s)
{
    return derm_tone_has_blood(s->run->tone) ? DERM_REASON_TONE_TOO_DARK : DERM_REASON_GREYSCALE;
}

static enum derm_reason obstacle(const struct scene *s, enum derm_metric_id metric)
{
    const struct derm_metric_def *const def = &derm_metrics[metric];
    enum derm_reason reason = DERM_REASON_NONE;

    if (def->concern == DERM_CONCERN_STRETCH_MARKS && s->photo->face.used)
        return DERM_REASON_BODY_ONLY;
    if (s->place.region == DERM_REGION_NECK &&
        (def->concern == DERM_CONCERN_TONE || def->concern == DERM_CONCERN_RADIANCE))
        return DERM_REASON_FACE_ONLY;
    if (s->run->pair) reason = refused(s->run->pair, def->concern);
    if (reason == DERM_REASON_NONE) reason = derm_quality_against(s->run, def->concern);
    if (reason != DERM_REASON_NONE) return reason;
    if (def->unit_no_scale[0] == '\0' && s->photo->scale.source == DERM_SCALE_UNKNOWN)
        return DERM_REASON_NO_SCALE;
    if (def->klass == DERM_CLASS_ABSOLUTE) return DERM_REASON_NO_COLOUR_REFERENCE;
    if (metric == DERM_METRIC_STRETCH_MARKS_REDNESS && !s->run->tone->parted) return too_dark(s);
    if (derm_tally_kind(metric) == DERM_KIND_FINE_LINE &&
        s->place.px_per_mm < (double)s->params->min_fine_line_px_per_mm)
        return DERM_REASON_RESOLUTION_TOO_LOW;
    if (metric == DERM_METRIC_TEXTURE_FLAKING && !found_in(s, DERM_KIND_FLAKE_PATCH)->item)
        return DERM_REASON_RESOLUTION_TOO_LOW; /* not searched for: see stage flaking */
    if (metric == DERM_METRIC_TEXTURE_FLAKING &&
        s->run->tone->ita_deg < (double)s->params->least_flaking_ita_deg)
        return too_dark(s);
    if (derm_tally_kind(metric) == DERM_KIND_SCAR &&
        s->run->tone->ita_deg < (double)s->params->least_scar_ita_deg)
        return too_dark(s);
    if (def->concern == DERM_CONCERN_REDNESS && !s->run->tone->parted) return too_dark(s);
    return hidden(s);
}

struct skin { /* pixels of every region and place, and those of them that are measured */
    double inside[DERM_PLACE_COUNT], measured[DERM_PLACE_COUNT];
};

/* One pass for all regions, by runs of pixels that are alike. */
static void count_row(struct skin *skin, const uint16_t *bits, const uint8_t *where, int w)
{
    for (int x = 0, start = 0; x < w; start = x) {
        while (x < w && bits[x] == bits[start] && where[x] == where[start])
            x++;
        for (int r = 0; bits[start] >> r; r++) {
            const int pixels = (bits[start] >> r) & 1 ? x - start : 0;
            skin->inside[r] += pixels;
            skin->measured[r] += where[start] ? pixels : 0;
        }
    }
}

static void count_skin(const struct scene *s, struct skin *skin)
{
    const struct derm_bits *const bits = &s->photo->view.regions;

    *skin = (struct skin){ { 0 }, { 0 } };
    for (int y = 0; y < bits->h; y++)
        count_row(skin, derm_bits_row(bits, y), derm_mask_row(s->where, y), bits->w);
}

static enum derm_reason against_untreated(const struct scene *s, enum derm_metric_id metric,
                                          struct derm_tally *t)
{
    const float *const weight = derm_metrics[metric].concern == DERM_CONCERN_REDNESS
                                    ? s->run->tone->blood
                                    : s->run->tone->melanin;
    const struct derm_pair *const pair = s->run->pair;
    const struct derm_bits *const regions = &s->photo->view.regions;
    struct derm_contrast_of_region base, follow = { .found = true };

    base = derm_untreated_contrast(s->photo, &s->photo->view, weight, regions, s->where, &s->place);
    if (pair)
        follow = derm_untreated_contrast(pair->follow, &pair->warped, weight, regions, s->where,
                                         &s->place);
    *t = (struct derm_tally){ .base = base.value, .follow = follow.value };
    t->spread.base_sd = base.sd;
    t->spread.follow_sd = follow.sd;
    t->spread.change_sd = sqrt(base.sd * base.sd + follow.sd * follow.sd);
    t->floor = 2 * base.sd;
    if (base.value > 0) {
        const double percent = 100 * (follow.value / base.value - 1);
        const double half = 196 * t->spread.change_sd / base.value;
        t->spread.percent_lo = percent - half;
        t->spread.percent_hi = percent + half;
    }
    return base.found && follow.found ? DERM_REASON_NONE : DERM_REASON_NO_CONTROL_REGION;
}

/* Of the surface reflection over all the skin; false where it was not measured. */
static bool spread_of_gloss(const struct derm_objects *patches, double spread[2])
{
    double square[2] = { 0 }, area = 0;

    for (int i = 0; i < patches->n; i++) {
        square[0] += patches->item[i].base_value;
        square[1] += patches->item[i].follow_value;
        area += patches->item[i].area_px;
    }
    for (int photo = 0; photo < 2 && area > 0; photo++)
        spread[photo] = sqrt(square[photo] / area);
    return area > 0;
}

/* What gloss took from contrasts, relative, sd. A lamp that moved has moved the highlights, and
 * that is most of a veil; spots are in it and beside it, and as a sum lose only what more oil takes
 * from all of them. */
static double veil_over(const struct scene *s, enum derm_concern concern)
{
    const struct derm_pair *const pair = s->run->pair;
    double spread[2];

    if (!(pair->veil > 0) || concern != DERM_CONCERN_PIGMENTATION ||
        !spread_of_gloss(&pair->objects[DERM_KIND_GLOSS_PATCH], spread))
        return pair->veil;
    return (double)s->params->gloss_response * fabs(spread[1] - spread[0]);
}

static struct derm_ensemble ensemble_of(const struct scene *s, enum derm_concern concern)
{
    const struct derm_pair *const pair = s->run->pair;
    const struct params *const p = s->params;
    const bool other = derm_pair_is_noted(pair, DERM_REASON_DEVICE_DIFFERS) ||
                       derm_pair_is_noted(pair, DERM_REASON_PROCESSING_DIFFERS);
    const double tone_curve = (double)p->tone_curve * (other ? (double)p->other_device : 1);
    const struct derm_errors sd = {
        .contrast = derm_contrast_error(pair, tone_curve, veil_over(s, concern)),
        .blur_px2 = derm_gauge_error_px2(&pair->gauge),
        .scale = pair->base->scale.rel_sd,
        .limit = derm_uniform_sd((double)p->limits),
    };
    struct derm_ensemble e = derm_ensemble_of(&sd, (double)p->pores_blur_response);

    e.sure_bias = (double)p->sure_area_bias;
    return e;
}

static derm_err tally(const struct scene *s, enum derm_metric_id metric, struct derm_tally *t,
                      enum derm_reason *reason)
{
    const struct derm_pair *const pair = s->run->pair;
    const enum derm_concern concern = derm_metrics[metric].concern;
    const int min_objects = concern == DERM_CONCERN_PORES ? s->params->min_pores : 1;
    const struct derm_objects *const objects =
        concern == DERM_CONCERN_REDNESS ? s->reddened : found_in(s, derm_tally_kind(metric));
    struct derm_ensemble ensemble;

    if (derm_metrics[metric].klass == DERM_CLASS_REGIONAL) {
        *reason = against_untreated(s, metric, t);
        return DERM_OK;
    }
    if (pair) ensemble = ensemble_of(s, concern);
    DERM_TRY(derm_tally_metric(s->run, metric, objects, &s->place, pair ? &ensemble : NULL,
                               s->draws, t));
    if (t->undefined || (pair && t->objects == 0))
        *reason = DERM_REASON_NOTHING_FOUND;
    else if (t->objects > 0 && t->objects < min_objects)
        *reason = DERM_REASON_TOO_FEW;
    return DERM_OK;
}

/* Why no verdict follows, although both photos were measured: the pair's findings fail for this
 * concern, or a part of a face shows so few objects that which photo they were found in decides.
 * (The whole is judged on few: the fewer, the larger is its null figure; but not on the pieces of
 * a single line.) */
static enum derm_reason no_verdict(const struct scene *s, enum derm_concern concern, int objects)
{
    const bool few_pieces =
        concern == DERM_CONCERN_WRINKLES && objects > 0 && objects < s->params->min_line_pieces;
    const enum derm_region region = s->place.region;
    const struct derm_pair *const pair = s->run->pair;
    enum derm_reason reason = derm_finding_against(pair->finding, pair->n, concern);

    if (reason == DERM_REASON_NONE) reason = derm_region_against(pair, concern, region);
    if (reason != DERM_REASON_NONE) return reason;
    if (few_pieces) return DERM_REASON_TOO_FEW;
    if ((region == DERM_REGION_FACE && !s->place.without) || region == DERM_REGION_ROI)
        return DERM_REASON_NONE;
    return objects > 0 && objects < s->params->min_region_objects ? DERM_REASON_TOO_FEW
                                                                  : DERM_REASON_NONE;
}

/* Whether the concern's main metric is over the same objects: that linear scars changed says
 * nothing of hollows, nor hollows of linear scars. */
static bool is_of_main(enum derm_metric_id metric)
{
    const enum derm_concern concern = derm_metrics[metric].concern;

    if (derm_metrics[metric].klass != DERM_CLASS_LOCAL) return true;
    for (int m = 0; m < DERM_METRIC_COUNT; m++)
        if (derm_metrics[m].concern == concern && derm_metrics[m].is_main)
            return derm_tally_kind((enum derm_metric_id)m) == derm_tally_kind(metric);
    return false;
}

static derm_err compare(const struct scene *s, struct derm_tally *t, struct derm_result *r)
{
    const struct derm_metric_def *const def = &derm_metrics[r->metric];
    const struct derm_precision_key key = { def->id, is_whole(s->place.region),
                                            s->run->tone->ita_deg, s->place.px_per_mm };
    struct derm_precision precision;

    DERM_TRY(derm_precision_read(s->precision, &key, &precision, s->run->err));
    const double percent = t->base > 0 ? 100 * (t->follow / t->base - 1) : 0;
    if (def->is_main) s->main_percent[def->concern] = percent;
    t->spread.main_percent = is_of_main(r->metric) ? s->main_percent[def->concern] : percent;
    t->spread.compression = s->run->pair->compression;
    if (def->klass == DERM_CLASS_LOCAL) /* a regional one is a difference to untreated skin */
        t->spread.control_percent = s->control_percent[def->concern];
    r->follow.value = t->follow;
    derm_decide(r, def->better, &precision, &t->spread, t->floor);
    r->reason = no_verdict(s, def->concern, t->objects);
    if (r->reason != DERM_REASON_NONE) r->verdict = DERM_NOT_COMPARABLE;
    return DERM_OK;
}

/* The whole face is what can be compared of it: without the regions that fail for the concern. */
static struct derm_place place_of(const struct scene *s, const struct skin *skin,
                                  enum derm_region region, enum derm_concern concern)
{
    struct derm_place p = { .region = region,
                            .area_px = skin->measured[region],
                            .px_per_mm = s->photo->view.grid.px_per_mm };

    if (!s->run->pair || region != DERM_REGION_FACE) return p;
    p.without = derm_regions_against(s->run->pair, concern);
    for (int r = 0; r < DERM_REGION_COUNT; r++)
        if ((p.without & s->photo->view.regions_visible) >> r & 1) p.area_px -= skin->measured[r];
    return p;
}

/* Redness is of marks and vessels alike: one list, for one bootstrap. A piece of a vessel errs as a
 * mark of its area does. */
static derm_err join_red(struct derm_run *run, const struct derm_objects *found,
                         struct derm_objects *out)
{
    const struct derm_objects *const marks = &found[DERM_KIND_RED_MARK];
    const struct derm_objects *const vessels = &found[DERM_KIND_VESSEL];

    *out = *marks;
    out->n = marks->n + vessels->n;
    DERM_TRY(derm_arena_new(run->keep, &out->item, (size_t)out->n + 1, sizeof(*out->item)));
    for (int i = 0; i < out->n; i++)
        out->item[i] = i < marks->n ? marks->item[i] : vessels->item[i - marks->n];
    return DERM_OK;
}

static derm_err measure_row(const struct scene *s, enum derm_metric_id metric,
                            struct derm_result *r)
{
    struct derm_tally t;

    *r = (struct derm_result){ .metric = metric, .region = s->place.region };
    r->reason = obstacle(s, metric);
    if (r->reason == DERM_REASON_NONE) DERM_TRY(tally(s, metric, &t, &r->reason));
    if (r->reason != DERM_REASON_NONE) {
        r->status = DERM_NOT_ASSESSABLE;
        r->verdict = s->run->pair ? DERM_NOT_COMPARABLE : DERM_NO_DETECTABLE_CHANGE;
        return DERM_OK;
    }
    r->status = DERM_MEASURED;
    r->objects = t.objects;
    r->base = (struct derm_value){ t.base, t.spread.base_sd };
    return s->run->pair ? compare(s, &t, r) : DERM_OK;
}

static bool is_changed(const struct derm_result *r)
{
    return r->status == DERM_MEASURED &&
           (r->verdict == DERM_IMPROVED || r->verdict == DERM_WORSENED);
}

/* Every concern's main metric on untreated skin, by the rule that a row alone is judged by: what
 * changed there without treatment widens the intervals of the concern everywhere. */
static derm_err measure_control(struct scene *s, const struct skin *skin, struct derm_control *out)
{
    const struct derm_pair *const pair = s->run->pair;
    const struct derm_tone *const tone = s->run->tone;

    out->given = true;
    for (int m = 0; m < DERM_METRIC_COUNT; m++) {
        const enum derm_concern c = derm_metrics[m].concern;
        struct derm_result *const r = &out->concern[c];

        if (!derm_metrics[m].is_main) continue;
        s->place = place_of(s, skin, DERM_REGION_CONTROL, c);
        DERM_TRY(measure_row(s, (enum derm_metric_id)m, r));
    }
    for (int c = 0; c < DERM_CONCERN_COUNT; c++) {
        const struct derm_result *const r = &out->concern[c];
        const double larger = fmax(fabs(r->base.value), fabs(r->follow.value));

        if (is_changed(r))
            s->control_percent[c] = 100 * r->change / (r->has_percent ? r->base.value : larger);
    }
    out->coloured =
        pair->registration.accepted &&
        derm_control_change(&pair->base->view, &pair->warped, tone->melanin, s->where,
                            &out->melanin) &&
        derm_control_change(&pair->base->view, &pair->warped, tone->blood, s->where, &out->blood);
    return DERM_OK;
}

static derm_err run_measure(struct derm_run *run, const void *params)
{
    const struct derm_pair *const pair = run->pair;
    struct scene s = { .run = run, .params = params };
    struct skin skin;
    struct derm_results *const out = run->results;
    struct derm_draws draws = { .objects = NULL };
    struct derm_objects reddened;
    double main_percent[DERM_CONCERN_COUNT];

    s.photo = derm_measured_frame(run);
    s.where = pair && pair->registration.accepted ? &pair->common : &s.photo->view.skin;
    const int first = s.photo->face.used ? DERM_REGION_FACE : DERM_REGION_ROI;
    const int end = s.photo->face.used ? DERM_REGION_ROI : DERM_REGION_ROI + 1;

    DERM_TRY(derm_models_table(run->models, "precision", &s.precision, run->err));
    count_skin(&s, &skin);
    out->n = DERM_METRIC_COUNT * (end - first);
    DERM_TRY(derm_arena_new(run->keep, &out->item, (size_t)out->n, sizeof(*out->item)));
    DERM_TRY(join_red(run, pair ? pair->objects : s.photo->objects, &reddened));
    s.reddened = &reddened;
    s.draws = &draws;
    s.main_percent = main_percent;
    memset(main_percent, 0, sizeof(main_percent));
    if (pair && s.photo->user_control.px) DERM_TRY(measure_control(&s, &skin, &out->control));
    for (int r = first; r < end; r++) { /* region by region: its metrics share their draws */
        memset(main_percent, 0, sizeof(main_percent));
        s.share = skin.inside[r] > 0 ? skin.measured[r] / skin.inside[r] : 0;
        for (int m = 0; m < DERM_METRIC_COUNT; m++) {
            s.place = place_of(&s, &skin, (enum derm_region)r, derm_metrics[m].concern);
            DERM_TRY(
                measure_row(&s, (enum derm_metric_id)m, &out->item[m * (end - first) + r - first]));
        }
    }
    if (pair) derm_decide_together(out->item, out->n, (double)s.params->false_discovery_rate);
    return DERM_OK;
}

const struct derm_stage derm_stage_measure = {
    .name = "measure",
    .scope = DERM_ONCE,
    .reads = DERM_SLOT(skin) | DERM_SLOT(regions) | DERM_SLOT(face) | DERM_SLOT(scale) |
             DERM_SLOT(quality) | DERM_SLOT(tone) | DERM_SLOT(registration) | DERM_SLOT(warped) |
             DERM_SLOT(gauge) | DERM_SLOT(conditions) | DERM_SLOT(equalised) | DERM_SLOT(pores) |
             DERM_SLOT(pigmentation) | DERM_SLOT(redness) | DERM_SLOT(vessels) | DERM_SLOT(scars) |
             DERM_SLOT(linear_scars) | DERM_SLOT(texture) | DERM_SLOT(evenness) |
             DERM_SLOT(wrinkles) | DERM_SLOT(stretch_marks) | DERM_SLOT(gloss) |
             DERM_SLOT(flaking) | DERM_SLOT(identified) | DERM_SLOT(tracks),
    .writes = DERM_SLOT(results),
    .opts = opts,
    .params_size = sizeof(struct params),
    .run = run_measure,
};
