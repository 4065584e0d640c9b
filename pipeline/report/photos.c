/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the photos themselves, and of how two of them fit together. What is not known
 * has no member; nothing is null. */
#include <cjson/cJSON.h>
#include <math.h>

#include "base/metrics.h"
#include "report/document.h"
#include "stages/gauge.h"

/* ---- photos[] */

static void optional_text(struct derm_emit *e, cJSON *parent, const char *key, const char *text)
{
    if (text && *text) derm_emit_text(e, parent, key, text);
}

static void optional_positive(struct derm_emit *e, cJSON *parent, const char *key, double value)
{
    if (value > 0) derm_emit_number(e, parent, key, value);
}

static void write_camera(struct derm_emit *e, cJSON *photo, const struct derm_camera *c)
{
    cJSON *const o = derm_emit_object(e, photo, "camera");

    optional_text(e, o, "make", c->make);
    optional_text(e, o, "model", c->model);
    optional_text(e, o, "lens", c->lens);
    optional_positive(e, o, "exposure_s", c->exposure_s);
    optional_positive(e, o, "f_number", c->f_number);
    optional_positive(e, o, "focal_mm", c->focal_mm);
    if (c->iso > 0) derm_emit_int(e, o, "iso", c->iso);
    if (c->flash_fired >= 0) derm_emit_bool(e, o, "flash_fired", c->flash_fired);
    if (c->white_balance >= 0)
        derm_emit_text(e, o, "white_balance", c->white_balance ? "manual" : "auto");
}

static void write_face(struct derm_emit *e, cJSON *photo, const struct derm_face *face)
{
    cJSON *const o = derm_emit_object(e, photo, "face");

    derm_emit_int(e, o, "count", face->count);
    derm_emit_bool(e, o, "used", face->used);
    if (!face->used) return;
    derm_emit_number(e, o, "yaw_deg", face->yaw_deg);
    derm_emit_number(e, o, "pitch_deg", face->pitch_deg);
    derm_emit_number(e, o, "roll_deg", face->roll_deg);
}

static void write_skin(struct derm_emit *e, cJSON *photo, const struct derm_frame *f)
{
    const struct derm_quality *const q = &f->quality;
    cJSON *const o = derm_emit_object(e, photo, "skin");

    derm_emit_number(e, o, "clipped_high_fraction", q->clipped_high);
    derm_emit_number(e, o, "clipped_low_fraction", q->clipped_low);
    derm_emit_number(e, o, "noise", q->noise_od);
    derm_emit_number(e, o, "optical_density", q->skin_od);
    derm_emit_number(e, o, "light_gradient", q->light_gradient);
    if (f->scale.source != DERM_SCALE_UNKNOWN) optional_positive(e, o, "blur_mm", q->blur_mm);
}

void derm_write_photo(struct derm_emit *e, cJSON *photos, const char *id,
                      const struct derm_frame *f)
{
    const struct derm_source *const s = &f->source;
    cJSON *const o = derm_emit_object(e, photos, NULL);

    derm_emit_text(e, o, "id", id);
    derm_emit_text(e, o, "file", s->file_name ? s->file_name : "");
    derm_emit_text(e, o, "format", s->format ? s->format : "");
    derm_emit_int(e, o, "bytes", (int64_t)s->file_bytes);
    derm_emit_text(e, o, "sha256", s->sha256_file);
    derm_emit_text(e, o, "sha256_pixels", s->sha256_pixels);
    derm_emit_int(e, o, "width", s->width);
    derm_emit_int(e, o, "height", s->height);
    derm_emit_int(e, o, "orientation", s->orientation);
    derm_emit_int(e, o, "bits", s->bits);
    derm_emit_bool(e, o, "grey", s->grey);
    if (s->jpeg_quality > 0) {
        derm_emit_int(e, o, "jpeg_quality", s->jpeg_quality);
        derm_emit_bool(e, o, "chroma_subsampled", s->chroma_subsampled);
    }
    derm_emit_text(e, o, "colour_space", s->colour_space);
    derm_emit_bool(e, o, "colour_assumed", s->colour_assumed);
    optional_text(e, o, "captured_at", s->camera.captured_at);
    write_camera(e, o, &s->camera);
    write_face(e, o, &f->face);
    write_skin(e, o, f);
}

/* ---- scale: of the baseline, in which everything is expressed */

void derm_write_scale(struct derm_emit *e, cJSON *o, const struct derm_scale *scale)
{
    static const char *const source[] = { "unknown", "user", "iris" };

    derm_emit_text(e, o, "source", source[scale->source]);
    if (scale->source == DERM_SCALE_IRIS_IPD)
        derm_emit_text(e, o, "combined_with", "interpupillary");
    if (scale->source == DERM_SCALE_UNKNOWN) return;
    derm_emit_number(e, o, "px_per_mm", scale->px_per_mm);
    derm_emit_number(e, o, "relative_sd", scale->rel_sd);
}

static void write_scale(struct derm_writer *w)
{
    cJSON *const o = derm_emit_object(&w->emit, w->emit.root, "scale");
    const struct derm_grid *const grid = &w->work->frame[0].view.grid;

    derm_write_scale(&w->emit, o, &w->work->frame[0].scale);
    if (derm_scale_known(w->work) && grid->px_per_mm > 0)
        derm_emit_number(&w->emit, o, "analysis_px_per_mm", grid->px_per_mm);
    if (w->work->photos == 2)
        derm_write_scale(&w->emit, derm_emit_object(&w->emit, o, "followup"),
                         &w->work->frame[1].scale);
}

/* ---- quality[] and comparability */

static void write_regions(struct derm_emit *e, cJSON *parent, unsigned regions)
{
    cJSON *const list = derm_emit_array(e, parent, "regions");

    for (int r = 0; r < DERM_REGION_COUNT; r++)
        if (regions >> r & 1) derm_emit_text(e, list, NULL, derm_region_id((enum derm_region)r));
}

static void write_finding(struct derm_emit *e, cJSON *row, const struct derm_finding *f)
{
    static const char *const severity[] = { "info", "warning", "fail" };

    derm_emit_text(e, row, "code", derm_reason_id(f->reason));
    derm_emit_text(e, row, "severity", severity[f->severity]);
    if (f->quantity) {
        derm_emit_text(e, row, "quantity", f->quantity);
        derm_emit_number(e, row, "measured", f->measured);
        derm_emit_number(e, row, "limit", f->limit);
    }
    derm_write_concerns(e, row, f->concerns);
    if (f->regions) write_regions(e, row, f->regions);
    derm_emit_text(e, row, "text", derm_reason_text(f->reason));
}

void derm_write_quality(struct derm_emit *e, cJSON *list, const char *photo,
                        const struct derm_quality *q)
{
    for (int i = 0; i < q->n; i++) {
        cJSON *const row = derm_emit_object(e, list, NULL);

        derm_emit_text(e, row, "photo", photo);
        write_finding(e, row, &q->finding[i]);
    }
}

cJSON *derm_write_comparability(struct derm_emit *e, cJSON *parent, enum derm_comparability is,
                                const struct derm_finding *finding, int n)
{
    static const char *const verdict[] = { "comparable", "limited", "not_comparable" };
    cJSON *const o = derm_emit_object(e, parent, "comparability");
    cJSON *reasons;

    derm_emit_text(e, o, "verdict", verdict[is]);
    reasons = derm_emit_array(e, o, "reasons");
    for (int i = 0; i < n; i++)
        write_finding(e, derm_emit_object(e, reasons, NULL), &finding[i]);
    return o;
}

static void write_checks(struct derm_emit *e, cJSON *comparability, const struct derm_pair *pair)
{
    cJSON *const list = derm_emit_array(e, comparability, "checks");

    for (int i = 0; i < pair->checks; i++) {
        const struct derm_check *const c = &pair->check[i];
        cJSON *const row = derm_emit_object(e, list, NULL);

        derm_emit_text(e, row, "quantity", c->quantity);
        derm_emit_text(e, row, "unit", c->unit);
        derm_emit_number(e, row, "measured", c->measured);
        derm_emit_number(e, row, "warn", c->warn);
        if (c->fail < HUGE_VAL) derm_emit_number(e, row, "fail", c->fail);
        derm_write_concerns(e, row, c->concerns);
        if (c->regions) write_regions(e, row, c->regions);
    }
}

void derm_write_registration(struct derm_emit *e, cJSON *parent, const struct derm_registration *r,
                             bool scaled)
{
    cJSON *const o = derm_emit_object(e, parent, "registration");

    derm_emit_bool(e, o, "accepted", r->accepted);
    if (!r->accepted) return;
    derm_emit_number(e, o, scaled ? "residual_mm" : "residual_px", r->residual_mm);
    derm_emit_number(e, o, "coverage_fraction", r->coverage);
    derm_emit_number(e, o, "agreeing_fraction", r->agree_fraction);
    derm_emit_number(e, o, "correlation", r->zncc);
}

void derm_write_photos(struct derm_writer *w)
{
    const struct derm_work *const work = w->work;
    cJSON *const photos = derm_emit_array(&w->emit, w->emit.root, "photos");
    cJSON *quality;

    for (int i = 0; i < work->photos; i++)
        derm_write_photo(&w->emit, photos, derm_photo_id(work, i), &work->frame[i]);
    write_scale(w);
    quality = derm_emit_array(&w->emit, w->emit.root, "quality");
    for (int i = 0; i < work->photos; i++)
        derm_write_quality(&w->emit, quality, derm_photo_id(work, i), &work->frame[i].quality);
}

static void write_sharpness(struct derm_writer *w)
{
    static const char *const by[] = { "none", "skin", "hair" };
    const struct derm_pair *const p = &w->work->pair;
    const struct derm_gauge *const g = &p->gauge;
    struct derm_emit *const e = &w->emit;
    cJSON *const o = derm_emit_object(e, e->root, "sharpness");
    const bool mm = derm_scale_known(w->work);
    const double s = mm ? w->work->frame[0].view.grid.px_per_mm : 1;

    derm_emit_text(e, o, "gauge", by[g->source]);
    if (g->source == DERM_GAUGE_NONE) return;
    derm_emit_int(e, o, "windows", g->windows);
    derm_emit_text(e, o, "sharper", derm_photo_id(w->work, g->variance_px2 > 0 ? 0 : 1));
    derm_emit_number(e, o, mm ? "relative_blur_mm" : "relative_blur_px",
                     derm_gauge_sigma_px(g) / s);
    derm_emit_number(e, o, mm ? "variance_mm2" : "variance_px2", g->variance_px2 / (s * s));
    derm_emit_number(e, o, mm ? "variance_sd_mm2" : "variance_sd_px2", g->sd_px2 / (s * s));
    if (p->equalised) derm_emit_text(e, o, "blurred", derm_photo_id(w->work, p->equalised - 1));
}

void derm_write_pair(struct derm_writer *w)
{
    const struct derm_pair *const p = &w->work->pair;

    derm_write_registration(&w->emit, w->emit.root, &p->registration, derm_scale_known(w->work));
    write_sharpness(w);
    write_checks(
        &w->emit,
        derm_write_comparability(&w->emit, w->emit.root, p->comparability, p->finding, p->n), p);
}
