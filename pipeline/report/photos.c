/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the photos themselves, and of how two of them fit together. What is not known
 * has no member; nothing is null. */
#include <cjson/cJSON.h>

#include "base/metrics.h"
#include "report/document.h"
#include "stages/gauge.h"

/* ---- photos[] */

static void optional_text(struct derm_writer *w, cJSON *parent, const char *key, const char *text)
{
    if (text && *text) derm_emit_text(&w->emit, parent, key, text);
}

static void optional_positive(struct derm_writer *w, cJSON *parent, const char *key, double value)
{
    if (value > 0) derm_emit_number(&w->emit, parent, key, value);
}

static void write_camera(struct derm_writer *w, cJSON *photo, const struct derm_camera *c)
{
    cJSON *const o = derm_emit_object(&w->emit, photo, "camera");

    optional_text(w, o, "make", c->make);
    optional_text(w, o, "model", c->model);
    optional_text(w, o, "lens", c->lens);
    optional_positive(w, o, "exposure_s", c->exposure_s);
    optional_positive(w, o, "f_number", c->f_number);
    optional_positive(w, o, "focal_mm", c->focal_mm);
    if (c->iso > 0) derm_emit_int(&w->emit, o, "iso", c->iso);
    if (c->flash_fired >= 0) derm_emit_bool(&w->emit, o, "flash_fired", c->flash_fired);
    if (c->white_balance >= 0)
        derm_emit_text(&w->emit, o, "white_balance", c->white_balance ? "manual" : "auto");
}

static void write_face(struct derm_writer *w, cJSON *photo, const struct derm_face *face)
{
    cJSON *const o = derm_emit_object(&w->emit, photo, "face");

    derm_emit_int(&w->emit, o, "count", face->count);
    derm_emit_bool(&w->emit, o, "used", face->used);
    if (!face->used) return;
    derm_emit_number(&w->emit, o, "yaw_deg", face->yaw_deg);
    derm_emit_number(&w->emit, o, "pitch_deg", face->pitch_deg);
    derm_emit_number(&w->emit, o, "roll_deg", face->roll_deg);
}

static void write_skin(struct derm_writer *w, cJSON *photo, const struct derm_frame *f)
{
    const struct derm_quality *const q = &f->quality;
    cJSON *const o = derm_emit_object(&w->emit, photo, "skin");

    derm_emit_number(&w->emit, o, "clipped_high_fraction", q->clipped_high);
    derm_emit_number(&w->emit, o, "clipped_low_fraction", q->clipped_low);
    derm_emit_number(&w->emit, o, "noise", q->noise_od);
    derm_emit_number(&w->emit, o, "optical_density", q->skin_od);
    derm_emit_number(&w->emit, o, "light_gradient", q->light_gradient);
    if (f->scale.source != DERM_SCALE_UNKNOWN) optional_positive(w, o, "blur_mm", q->blur_mm);
}

static void write_photo(struct derm_writer *w, cJSON *photos, int i)
{
    const struct derm_frame *const f = &w->work->frame[i];
    const struct derm_source *const s = &f->source;
    struct derm_emit *const e = &w->emit;
    cJSON *const o = derm_emit_object(e, photos, NULL);

    derm_emit_text(e, o, "id", derm_photo_id(w->work, i));
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
    optional_text(w, o, "captured_at", s->camera.captured_at);
    write_camera(w, o, &s->camera);
    write_face(w, o, &f->face);
    write_skin(w, o, f);
}

/* ---- scale: of the baseline, in which everything is expressed */

static void write_scale_of(struct derm_writer *w, cJSON *o, const struct derm_scale *scale)
{
    static const char *const source[] = { "unknown", "user", "iris" };

    derm_emit_text(&w->emit, o, "source", source[scale->source]);
    if (scale->source == DERM_SCALE_UNKNOWN) return;
    derm_emit_number(&w->emit, o, "px_per_mm", scale->px_per_mm);
    derm_emit_number(&w->emit, o, "relative_sd", scale->rel_sd);
}

static void write_scale(struct derm_writer *w)
{
    cJSON *const o = derm_emit_object(&w->emit, w->emit.root, "scale");
    const struct derm_grid *const grid = &w->work->frame[0].view.grid;

    write_scale_of(w, o, &w->work->frame[0].scale);
    if (derm_scale_known(w->work) && grid->px_per_mm > 0)
        derm_emit_number(&w->emit, o, "analysis_px_per_mm", grid->px_per_mm);
    if (w->work->photos == 2)
        write_scale_of(w, derm_emit_object(&w->emit, o, "followup"), &w->work->frame[1].scale);
}

/* ---- quality[] and comparability */

static void write_regions(struct derm_writer *w, cJSON *parent, unsigned regions)
{
    cJSON *const list = derm_emit_array(&w->emit, parent, "regions");

    for (int r = 0; r < DERM_REGION_COUNT; r++)
        if (regions >> r & 1)
            derm_emit_text(&w->emit, list, NULL, derm_region_id((enum derm_region)r));
}

static void write_finding(struct derm_writer *w, cJSON *row, const struct derm_finding *f)
{
    static const char *const severity[] = { "info", "warning", "fail" };
    struct derm_emit *const e = &w->emit;

    derm_emit_text(e, row, "code", derm_reason_id(f->reason));
    derm_emit_text(e, row, "severity", severity[f->severity]);
    if (f->quantity) {
        derm_emit_text(e, row, "quantity", f->quantity);
        derm_emit_number(e, row, "measured", f->measured);
        derm_emit_number(e, row, "limit", f->limit);
    }
    derm_write_concerns(w, row, f->concerns);
    if (f->regions) write_regions(w, row, f->regions);
    derm_emit_text(e, row, "text", derm_reason_text(f->reason));
}

void derm_write_photos(struct derm_writer *w)
{
    cJSON *const photos = derm_emit_array(&w->emit, w->emit.root, "photos");
    cJSON *quality;

    for (int i = 0; i < w->work->photos; i++)
        write_photo(w, photos, i);
    write_scale(w);
    quality = derm_emit_array(&w->emit, w->emit.root, "quality");
    for (int i = 0; i < w->work->photos; i++) {
        const struct derm_quality *const q = &w->work->frame[i].quality;

        for (int j = 0; j < q->n; j++) {
            cJSON *const row = derm_emit_object(&w->emit, quality, NULL);

            derm_emit_text(&w->emit, row, "photo", derm_photo_id(w->work, i));
            write_finding(w, row, &q->finding[j]);
        }
    }
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
    static const char *const verdict[] = { "comparable", "limited", "not_comparable" };
    const struct derm_pair *const p = &w->work->pair;
    const struct derm_registration *const r = &p->registration;
    cJSON *o = derm_emit_object(&w->emit, w->emit.root, "registration"), *reasons;

    derm_emit_bool(&w->emit, o, "accepted", r->accepted);
    if (r->accepted) {
        derm_emit_number(&w->emit, o, derm_scale_known(w->work) ? "residual_mm" : "residual_px",
                         r->residual_mm);
        derm_emit_number(&w->emit, o, "coverage_fraction", r->coverage);
        derm_emit_number(&w->emit, o, "agreeing_fraction", r->agree_fraction);
        derm_emit_number(&w->emit, o, "correlation", r->zncc);
    }
    write_sharpness(w);
    o = derm_emit_object(&w->emit, w->emit.root, "comparability");
    derm_emit_text(&w->emit, o, "verdict", verdict[p->comparability]);
    reasons = derm_emit_array(&w->emit, o, "reasons");
    for (int i = 0; i < p->n; i++)
        write_finding(w, derm_emit_object(&w->emit, reasons, NULL), &p->finding[i]);
}
