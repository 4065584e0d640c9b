/* SPDX-License-Identifier: Apache-2.0 */
/* findings[]: every object, with positions in pixels of the (baseline) photo. Sizes are in
 * millimetres when the scale is known, else in pixels of that photo. */
#include <cjson/cJSON.h>

#include "base/metrics.h"
#include "report/tracking.h"
#include "stages/identity.h"
#include "stages/lines.h"

/* Photo pixels per grid pixel and, with a scale, millimetres per grid pixel. */
struct measure {
    const struct derm_grid *grid;
    bool known;
};

static void write_area(struct derm_writer *w, cJSON *o, const struct measure *m, double area_px)
{
    const double unit_per_px = m->known ? 1 / m->grid->px_per_mm : m->grid->step;

    derm_emit_number(&w->emit, o, m->known ? "area_mm2" : "area_px",
                     area_px * unit_per_px * unit_per_px);
}

/* The part of the face it lies in, else untreated skin, else the whole. */
static const char *region_of(unsigned regions)
{
    for (int r = DERM_REGION_FACE + 1; r < DERM_REGION_COUNT; r++)
        if (regions >> r & 1) return derm_region_id((enum derm_region)r);
    return derm_region_id(regions >> DERM_REGION_CONTROL & 1 ? DERM_REGION_CONTROL
                                                             : DERM_REGION_FACE);
}

/* A row, with what every object has. */
static cJSON *write_place(struct derm_writer *w, cJSON *list, const struct measure *m,
                          enum derm_kind kind, int id, const struct derm_object *o)
{
    const struct derm_grid *const g = m->grid;
    struct derm_emit *const e = &w->emit;
    cJSON *const row = derm_emit_object(e, list, NULL);

    derm_emit_text(e, row, "concern", derm_concern_id(derm_kinds[kind].concern));
    derm_emit_int(e, row, "id", id + 1);
    derm_emit_text(e, row, "region", region_of(o->regions));
    derm_emit_number(e, row, "x", g->x0 + (o->x + 0.5) * g->step - 0.5);
    derm_emit_number(e, row, "y", g->y0 + (o->y + 0.5) * g->step - 0.5);
    return row;
}

/* Of a scar or a stretch mark: what it has more than the skin on both sides. */
static void write_colours(struct derm_writer *w, cJSON *to, enum derm_kind kind,
                          const struct derm_object *o, int photo)
{
    struct derm_emit *const e = &w->emit;

    if ((kind != DERM_KIND_LINEAR_SCAR && kind != DERM_KIND_STRETCH_MARK) || o->area_px <= 0)
        return;
    derm_emit_number(e, to, "melanin_contrast", o->melanin[photo] / o->area_px);
    if (derm_tone_has_blood(&w->work->tone))
        derm_emit_number(e, to, "haemoglobin_contrast", o->blood[photo] / o->area_px);
}

/* Its size and, in a pair, what either photo shows of it. */
static void write_photos(struct derm_writer *w, cJSON *row, const struct measure *m,
                         enum derm_kind kind, const struct derm_object *o)
{
    struct derm_emit *const e = &w->emit;

    if (w->work->photos != 2) {
        write_area(w, row, m, o->area_px);
        write_colours(w, row, kind, o, 0);
        return;
    }
    for (int photo = 0; photo < 2; photo++) {
        cJSON *const seen = derm_emit_object(e, row, derm_photo_id(w->work, photo));

        derm_emit_bool(e, seen, "found", o->found_in >> photo & 1);
        derm_emit_number(e, seen, "value", photo ? o->follow_value : o->base_value);
        write_area(w, seen, m, photo ? o->follow_area_px : o->base_area_px);
        write_colours(w, seen, kind, o, photo);
    }
}

static void write_blob(struct derm_writer *w, cJSON *list, const struct measure *m,
                       enum derm_kind kind, int id, const struct derm_object *o)
{
    const struct derm_grid *const g = m->grid;
    struct derm_emit *const e = &w->emit;
    cJSON *const row = write_place(w, list, m, kind, id, o);

    derm_emit_number(e, row, m->known ? "diameter_mm" : "diameter_px",
                     m->known ? o->diameter_mm : o->diameter_mm * g->px_per_mm * g->step);
    derm_emit_number(e, row, "contrast", o->contrast);
    derm_emit_number(e, row, "axis_ratio", o->axis_ratio);
    derm_emit_text(e, row, "kind", o->field ? "field" : derm_kinds[kind].id);
    if (o->probability > 0) {
        derm_emit_text(e, row, "class", derm_identity_name(o->identity));
        derm_emit_number(e, row, "probability", o->probability);
    }
    write_photos(w, row, m, kind, o);
    if (w->work->photos != 2) return;
    if (kind == DERM_KIND_SPOT || kind == DERM_KIND_RED_MARK)
        derm_emit_number(e, row, "warp_area_bias", o->warp_area_bias);
    if (o->fate == DERM_FATE_UNKNOWN) return;
    derm_emit_number(e, row, "contrast_change", o->contrast_change);
    derm_emit_number(e, row, "contrast_change_sd", o->change_sd);
    derm_emit_text(e, row, "fate", derm_fate_id(o->fate));
}

/* Lines are only looked for where the scale is known. */
static void write_line(struct derm_writer *w, cJSON *list, const struct measure *m,
                       enum derm_kind kind, int id, const struct derm_object *o)
{
    struct derm_emit *const e = &w->emit;
    const double px_per_mm = m->grid->px_per_mm;
    const double width_mm = o->area_px / (px_per_mm * px_per_mm) / o->length_mm;
    cJSON *const row = write_place(w, list, m, kind, id, o);

    derm_emit_number(e, row, "length_mm", o->length_mm);
    derm_emit_number(e, row, "width_mm", width_mm);
    derm_emit_number(e, row, "contrast", o->contrast);
    derm_emit_number(e, row, "axis_ratio", width_mm / o->length_mm);
    derm_emit_text(e, row, "kind", derm_kinds[kind].id);
    if (kind == DERM_KIND_STRETCH_MARK)
        derm_emit_text(e, row, "type", derm_line_is_red(o) ? "rubra" : "alba");
    write_photos(w, row, m, kind, o);
}

/* Patches cover the skin and are no findings. */
static void write_kind(struct derm_writer *w, cJSON *list, const struct measure *m,
                       enum derm_kind kind, const struct derm_objects *found, int *id)
{
    if (derm_kinds[kind].shape == DERM_SHAPE_PATCH) return;
    if (derm_kinds[kind].shape == DERM_SHAPE_LINE) {
        for (int from = 0; from < found->n; ++*id) {
            const struct derm_object line = derm_line_next(found, &from);

            write_line(w, list, m, kind, *id, &line);
        }
        return;
    }
    for (int i = 0; i < found->n; i++, ++*id)
        write_blob(w, list, m, kind, *id, &found->item[i]);
}

void derm_write_findings(struct derm_writer *w)
{
    const struct derm_work *const work = w->work;
    const struct derm_objects *const found =
        work->photos == 2 ? work->pair.objects : work->frame[0].objects;
    const struct measure m = { &w->work->frame[0].view.grid, derm_scale_known(w->work) };
    cJSON *const list = derm_emit_array(&w->emit, w->emit.root, "findings");

    for (int c = 0; c < DERM_CONCERN_COUNT; c++) {
        int id = 0; /* of the concern's objects */

        for (int k = 0; k < DERM_KIND_COUNT; k++)
            if ((int)derm_kinds[k].concern == c)
                write_kind(w, list, &m, (enum derm_kind)k, &found[k], &id);
    }
}
