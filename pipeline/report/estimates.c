/* SPDX-License-Identifier: Apache-2.0 */
/* estimates: what the measurements would come to on scales that clinicians rate by eye. They are
 * labelled as estimates, one row per scale and photo, and show what they were computed from; no
 * verdict rests on them.
 *
 * Scales and their weights: reference domain.md, from G. J. Goodman, J. A. Baron, J Cosmet Dermatol
 * 5, 48 (2006); B. Dreno et al., Dermatology 214, 46 (2007) (ECCA); A. G. Pandya et al., J Am Acad
 * Dermatol 64, 78 (2011) (mMASI); A. Chardon et al., Int J Cosmet Sci 13, 191 (1991) (classes of
 * ITA), which are names for Fitzpatrick's types only by custom: his ask how skin takes the sun. */
#include <cjson/cJSON.h>

#include "base/metrics.h"
#include "report/document.h"

enum { FOREHEAD, RIGHT, LEFT, CHIN, AREAS };
static const struct {
    enum derm_region region;
    double weight;
} mmasi_areas[AREAS] = {
    { DERM_REGION_FOREHEAD, 0.3 },
    { DERM_REGION_RIGHT_CHEEK, 0.3 },
    { DERM_REGION_LEFT_CHEEK, 0.3 },
    { DERM_REGION_CHIN, 0.1 },
};

static const char *const texts[] = {
    "atrophic scars alone, by size alone: all are taken as moderate; a photo shows no depth",
    "V, U and M scars alone, told apart by their width (below 2, 2 to 4, above 4 mm)",
    "area and darkness of pigmented fields, against the skin around them; cheeks for malar areas",
    "by the typology angle of the skin in the photo, not by how it takes the sun",
};
enum scale { GOODMAN_BARON, ECCA, MMASI, FITZPATRICK };
static const char *const scale_id[] = { "goodman_baron", "ecca", "mmasi", "fitzpatrick" };

/* How many of the limits, which rise, a value reaches. */
static int steps(double value, const double *limit, int limits)
{
    int n = 0;

    while (n < limits && value >= limit[n])
        n++;
    return n;
}

static const struct derm_result *find_result(const struct derm_work *work,
                                             enum derm_metric_id metric, enum derm_region region)
{
    for (int i = 0; i < work->results.n; i++)
        if (work->results.item[i].metric == metric && work->results.item[i].region == region)
            return &work->results.item[i];
    return NULL;
}

/* Why the metric's objects were not looked for there; finding none is no obstacle. */
static enum derm_reason obstacle(const struct derm_work *work, enum derm_metric_id metric,
                                 enum derm_region region)
{
    const struct derm_result *const r = find_result(work, metric, region);

    if (!r) return DERM_REASON_NO_FACE; /* a close-up has no regions */
    if (r->status == DERM_MEASURED || r->reason == DERM_REASON_NOTHING_FOUND)
        return DERM_REASON_NONE;
    return r->reason;
}

static enum derm_region whole_of(const struct derm_work *work)
{
    return work->frame[0].face.used ? DERM_REGION_FACE : DERM_REGION_ROI;
}

static const struct derm_objects *objects_of(const struct derm_work *work, enum derm_kind kind)
{
    return &(work->photos == 2 ? work->pair.objects : work->frame[0].objects)[kind];
}

static cJSON *begin_row(struct derm_writer *w, cJSON *rows, enum scale scale, int photo,
                        enum derm_reason reason)
{
    cJSON *const row = derm_emit_object(&w->emit, rows, NULL);

    derm_emit_text(&w->emit, row, "scale", scale_id[scale]);
    derm_emit_text(&w->emit, row, "photo", derm_photo_id(w->work, photo));
    derm_emit_text(&w->emit, row, "of", texts[scale]);
    derm_emit_text(&w->emit, row, "status", reason ? "not_assessable" : "measured");
    if (!reason) return row;
    derm_emit_text(&w->emit, row, "reason", derm_reason_id(reason));
    derm_emit_text(&w->emit, row, "text", derm_reason_text(reason));
    return row;
}

/* ---- scars */

static int count_scars(const struct derm_work *work, int photo, double from_mm, double to_mm)
{
    const struct derm_objects *const scars = objects_of(work, DERM_KIND_SCAR);
    int n = 0;

    for (int i = 0; i < scars->n; i++) {
        const struct derm_object *const o = &scars->item[i];

        n += (o->found_in >> photo & 1) && (o->regions >> whole_of(work) & 1) &&
             o->diameter_mm >= from_mm && o->diameter_mm < to_mm;
    }
    return n;
}

struct size_class {
    const char *name;
    double from_mm, to_mm, points; /* for each step of its count */
};

/* Points of every class: those of its kind of scar times the step that its count reaches. */
static void write_scars(struct derm_writer *w, cJSON *rows, enum scale scale, int photo,
                        const struct size_class *classes, int n, const double counts_from[3])
{
    const enum derm_reason reason =
        obstacle(w->work, DERM_METRIC_SCARS_COUNT_SMALL, whole_of(w->work));
    cJSON *const row = begin_row(w, rows, scale, photo, reason);
    double points = 0;
    cJSON *inputs;

    if (reason) return;
    inputs = derm_emit_object(&w->emit, row, "inputs");
    for (int i = 0; i < n; i++) {
        const int found = count_scars(w->work, photo, classes[i].from_mm, classes[i].to_mm);

        derm_emit_int(&w->emit, inputs, classes[i].name, found);
        points += classes[i].points * steps(found, counts_from, 3);
    }
    derm_emit_number(&w->emit, row, "value", points);
}

static void write_goodman_baron(struct derm_writer *w, cJSON *rows, int photo)
{
    static const struct size_class classes[] = { { "scars_below_5_mm", 0, 5, 2 },
                                                 { "scars_from_5_mm", 5, 1e9, 2 } };
    static const double counts_from[] = { 1, 11, 21 };

    write_scars(w, rows, GOODMAN_BARON, photo, classes, 2, counts_from);
}

static void write_ecca(struct derm_writer *w, cJSON *rows, int photo)
{
    static const struct size_class classes[] = { { "scars_below_2_mm", 0, 2, 15 },
                                                 { "scars_2_to_4_mm", 2, 4, 20 },
                                                 { "scars_from_4_mm", 4, 1e9, 25 } };
    static const double counts_from[] = { 1, 5, 21 };

    write_scars(w, rows, ECCA, photo, classes, 3, counts_from);
}

/* ---- melasma */

struct area {
    double skin_px, field_px, contrast_px; /* contrast_px: sum of the fields' contrast */
};

static void count_pixel(struct area area[AREAS], unsigned regions, bool field, double contrast)
{
    for (int a = 0; a < AREAS; a++) {
        if (!(regions >> mmasi_areas[a].region & 1)) continue;
        area[a].skin_px += 1;
        area[a].field_px += field;
        area[a].contrast_px += field ? contrast : 0;
    }
}

static void count_areas(const struct derm_work *work, int photo, struct area area[AREAS])
{
    const struct derm_objects *const spots = objects_of(work, DERM_KIND_SPOT);
    const struct derm_view *const view = &work->frame[0].view;
    const struct derm_mask *const where = work->photos == 2 ? &work->pair.common : &view->skin;

    for (int y = 0; y < where->h; y++) {
        const uint8_t *const skin = derm_mask_row(where, y);
        const uint16_t *const regions = derm_bits_row(&view->regions, y);

        for (int x = 0; x < where->w; x++) {
            const int label = spots->labels.px ? derm_label_at(spots, x, y) : 0;
            const struct derm_object *const o = label > 0 ? &spots->item[label - 1] : NULL;
            const bool field = o && o->field && (o->found_in >> photo & 1);

            if (!skin[x]) continue;
            count_pixel(area, regions[x], field,
                        field ? (photo ? o->follow_value : o->base_value) / o->area_px : 0);
        }
    }
}

static double write_area(struct derm_writer *w, cJSON *list, int which, const struct area *a)
{
    static const double percent_from[] = { 1e-9, 10, 30, 50, 70, 90 }; /* Pandya */
    static const double od_from[] = { 0.06, 0.12, 0.20, 0.30 };        /* algorithms, section 6 */
    const double percent = a->skin_px > 0 ? 100 * a->field_px / a->skin_px : 0;
    const double contrast = a->field_px > 0 ? a->contrast_px / a->field_px : 0;
    const int area = steps(percent, percent_from, 6), darkness = steps(contrast, od_from, 4);
    cJSON *const row = derm_emit_object(&w->emit, list, NULL);

    derm_emit_text(&w->emit, row, "region", derm_region_id(mmasi_areas[which].region));
    derm_emit_number(&w->emit, row, "fields_percent", percent);
    derm_emit_int(&w->emit, row, "area", area);
    derm_emit_number(&w->emit, row, "contrast", contrast);
    derm_emit_int(&w->emit, row, "darkness", darkness);
    return mmasi_areas[which].weight * area * darkness;
}

static void write_mmasi(struct derm_writer *w, cJSON *rows, int photo)
{
    struct area area[AREAS] = { { 0, 0, 0 } };
    enum derm_reason reason = DERM_REASON_NONE;
    double score = 0;
    cJSON *row, *list;

    for (int a = 0; a < AREAS && !reason; a++)
        reason = obstacle(w->work, DERM_METRIC_PIGMENTATION_AREA_FRACTION, mmasi_areas[a].region);
    row = begin_row(w, rows, MMASI, photo, reason);
    if (reason) return;
    count_areas(w->work, photo, area);
    list = derm_emit_array(&w->emit, derm_emit_object(&w->emit, row, "inputs"), "areas");
    for (int a = 0; a < AREAS; a++)
        score += write_area(w, list, a, &area[a]);
    derm_emit_number(&w->emit, row, "value", score);
}

/* ---- tone */

static void write_fitzpatrick(struct derm_writer *w, cJSON *rows, int photo)
{
    static const double ita_from[] = { -30, 10, 28, 41, 55 };
    const struct derm_result *const ita =
        find_result(w->work, DERM_METRIC_TONE_ITA, whole_of(w->work));
    const bool measured = ita && ita->status == DERM_MEASURED;
    cJSON *const row = begin_row(w, rows, FITZPATRICK, photo,
                                 measured ? DERM_REASON_NONE
                                 : ita    ? ita->reason
                                          : DERM_REASON_NO_SKIN);
    double ita_deg;

    if (!measured) return;
    ita_deg = (photo ? ita->follow : ita->base).value;
    derm_emit_number(&w->emit, derm_emit_object(&w->emit, row, "inputs"), "ita_deg", ita_deg);
    derm_emit_number(&w->emit, row, "value", 6 - steps(ita_deg, ita_from, 5)); /* I = 1 */
}

void derm_write_estimates(struct derm_writer *w)
{
    cJSON *const estimates = derm_emit_object(&w->emit, w->emit.root, "estimates");
    cJSON *rows;

    derm_emit_text(&w->emit, estimates, "label",
                   "estimates by a program from photos, not clinical ratings");
    rows = derm_emit_array(&w->emit, estimates, "rows");
    for (int photo = 0; photo < w->work->photos; photo++) {
        write_goodman_baron(w, rows, photo);
        write_ecca(w, rows, photo);
        write_mmasi(w, rows, photo);
        write_fitzpatrick(w, rows, photo);
    }
    if (w->work->photos == 2) derm_write_swelling(w, estimates);
}
