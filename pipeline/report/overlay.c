/* SPDX-License-Identifier: Apache-2.0 */
#include "report/overlay.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/metrics.h"
#include "base/num.h"
#include "io/png_write.h"
#include "report/aligned.h"
#include "report/eye_bar.h"
#include "report/headline.h"
#include "report/overlay_parts.h"
#include "report/pigment_map.h"

/* ---- parts of a picture */

static derm_err write_png(const struct derm_overlay *j, const char *name,
                          const struct derm_rgb8 *picture)
{
    char path[4096];

    if ((size_t)snprintf(path, sizeof(path), "%s/%s.png", j->folder, name) >= sizeof(path))
        return derm_fail(j->err, DERM_ECREATE, "the name of the overlay folder is too long");
    return derm_png_write_rgb(path, picture, j->err);
}

derm_err derm_overlay_find_assessable(struct derm_overlay *j, unsigned left_out)
{
    const struct derm_view *const v = &j->frame->view;
    const bool common = j->pair && j->pair->common.px;

    j->left_out = left_out;
    DERM_TRY(derm_mask_new(j->scratch, &j->assessable, v->grid.w, v->grid.h));
    for (int y = 0; y < v->grid.h; y++) {
        const uint8_t *const skin = derm_mask_row(common ? &j->pair->common : &v->skin, y);
        const uint16_t *const own = derm_bits_row(&v->regions, y);
        uint8_t *const out = derm_mask_row(&j->assessable, y);

        for (int x = 0; x < v->grid.w; x++)
            out[x] = skin[x] && own[x] & v->regions_visible && !(own[x] & left_out) ? 0xff : 0;
    }
    return DERM_OK;
}

derm_err derm_overlay_scale_bar(struct derm_canvas *c, const struct derm_frame *f)
{
    if (f->scale.source == DERM_SCALE_UNKNOWN)
        return derm_canvas_scale_bar(c, 1 / f->view.grid.step, "px (scale unknown)");
    return derm_canvas_scale_bar(c, f->view.grid.px_per_mm, "mm");
}

derm_err derm_overlay_finish(const struct derm_overlay *j, struct derm_canvas *c, const char *name)
{
    DERM_TRY(derm_overlay_scale_bar(c, j->frame));
    return write_png(j, name, &c->sheet);
}

/* ---- regions */

/* Of what is set in the columns [0, x1). */
static struct derm_point centre_of(const struct derm_mask *shape, int x1)
{
    double n = 0, sx = 0, sy = 0;

    for (int y = 0; y < shape->h; y++)
        for (int x = 0; x < x1; x++) {
            if (!derm_mask_row(shape, y)[x]) continue;
            n++;
            sx += x;
            sy += y;
        }
    return (struct derm_point){ sx / n, sy / n };
}

/* The pixels of region r into shape; false when there are none. The label of a region that has a
 * part on each side of the face belongs on one of them. */
static bool select_region(struct derm_mask *shape, const struct derm_view *v, int r,
                          struct derm_point *label)
{
    bool any = false, in_middle = false;

    for (int y = 0; y < v->grid.h; y++)
        for (int x = 0; x < v->grid.w; x++) {
            const bool is = derm_bits_row(&v->regions, y)[x] >> r & 1;

            derm_mask_row(shape, y)[x] = is ? 0xff : 0;
            any |= is;
        }
    if (!any) return false;
    *label = centre_of(shape, shape->w);
    for (int y = 0; y < shape->h; y++)
        in_middle |= derm_mask_row(shape, y)[(int)label->x] != 0;
    if (!in_middle) *label = centre_of(shape, (int)label->x);
    return true;
}

derm_err derm_overlay_draw_regions(const struct derm_overlay *j, struct derm_canvas *c)
{
    static const enum derm_ink cycle[] = { DERM_INK_ORANGE, DERM_INK_SKY,  DERM_INK_GREEN,
                                           DERM_INK_YELLOW, DERM_INK_BLUE, DERM_INK_PURPLE };
    const struct derm_view *const v = &j->frame->view;
    struct derm_point label[DERM_REGION_COUNT];
    bool there[DERM_REGION_COUNT];
    struct derm_mask shape;
    char text[160];

    DERM_TRY(derm_mask_new(j->scratch, &shape, v->grid.w, v->grid.h));
    derm_canvas_dim(c, &j->assessable);
    for (int r = DERM_REGION_FACE + 1; r < DERM_REGION_COUNT; r++) {
        const enum derm_ink ink = cycle[r % (int)(sizeof(cycle) / sizeof(cycle[0]))];

        there[r] = select_region(&shape, v, r, &label[r]);
        if (!there[r]) continue;
        if (r != DERM_REGION_ROI) DERM_TRY(derm_canvas_outline(c, &shape, ink));
        for (int y = 0; y < shape.h; y++)
            for (int x = 0; x < shape.w; x++)
                derm_mask_row(&shape, y)[x] &= derm_mask_row(&j->assessable, y)[x];
        derm_canvas_tint(c, &shape, ink, 0.25);
    }
    for (int r = DERM_REGION_FACE + 1; r < DERM_REGION_COUNT; r++) {
        if (!there[r]) continue;
        snprintf(text, sizeof(text), "%s%s", derm_region_id((enum derm_region)r),
                 v->regions_visible >> r & 1 ? "" : " (not assessable)");
        for (char *ch = text; *ch; ch++)
            if (*ch == '_') *ch = ' ';
        DERM_TRY(derm_canvas_label(c, label[r].x, label[r].y, text));
    }
    return DERM_OK;
}

static derm_err regions_picture(const struct derm_overlay *j)
{
    const struct derm_grid *const g = &j->frame->view.grid;
    const size_t mark = j->scratch->used;
    struct derm_canvas c;
    char text[160];

    DERM_TRY(derm_canvas_new(&c, j->scratch, &j->part, g->w, g->h, j->err));
    DERM_TRY(derm_overlay_draw_regions(j, &c));
    snprintf(text, sizeof(text), "%sTinted: skin %sthat is assessed.%s",
             j->frame->face.used ? "" : "Measured as a close-up. ",
             j->pair ? "in both photos " : "",
             j->frame->face.used ? " Left and right are the subject's." : "");
    DERM_TRY(derm_canvas_title(&c, "Regions", text));
    DERM_TRY(derm_canvas_legend(&c, DERM_INK_GREY, "grey, hatched: not assessed"));
    DERM_TRY(derm_overlay_finish(j, &c, "overlay_regions"));
    derm_arena_reset(j->scratch, mark);
    return DERM_OK;
}

/* ---- before and after */

/* Without the legend, which it does not have. */
static void paste(struct derm_rgb8 *to, int x0, const struct derm_canvas *from)
{
    for (int y = 0; y < imin(to->h, from->sheet.h); y++)
        memcpy(derm_rgb8_row(to, y) + 3 * x0, derm_rgb8_row(&from->sheet, y),
               3 * (size_t)from->sheet.w);
}

static derm_err side_by_side(const struct derm_overlay *j, const struct derm_canvas *left,
                             const struct derm_canvas *right, const char *name)
{
    const int gap_px = (int)left->text_px;
    struct derm_rgb8 sheet;

    DERM_TRY(derm_rgb8_new(j->scratch, &sheet, left->sheet.w + gap_px + right->sheet.w,
                           imax(left->image_y + left->image.h, right->image_y + right->image.h)));
    for (int y = 0; y < sheet.h; y++)
        memset(derm_rgb8_row(&sheet, y), 255, 3 * (size_t)sheet.w);
    paste(&sheet, 0, left);
    paste(&sheet, left->sheet.w + gap_px, right);
    return write_png(j, name, &sheet);
}

derm_err derm_overlay_follow(const struct derm_overlay *j, struct derm_rgb8 *picture, bool *aligned,
                             bool *relit)
{
    const struct derm_registration *const reg = &j->pair->registration;

    *relit = false;
    *aligned = reg->accepted && reg->map.x.px;
    if (*aligned)
        DERM_TRY(derm_aligned_picture(j->pair, picture, relit, j->scratch, j->err));
    else
        *picture = derm_grid_part(j->pair->follow);
    if (!j->eye_bar) return DERM_OK;
    return derm_eye_bar(picture, *aligned ? j->frame : j->pair->follow, j->scratch, j->err);
}

static derm_err before_after(const struct derm_overlay *j)
{
    const struct derm_frame *const follow = j->pair->follow;
    const struct derm_grid *const g = &j->frame->view.grid;
    const struct derm_grid *fg;
    struct derm_canvas left, right;
    struct derm_rgb8 after;
    bool aligned, relit;
    char text[400];

    DERM_TRY(derm_overlay_follow(j, &after, &aligned, &relit));
    fg = aligned ? g : &follow->view.grid;
    DERM_TRY(derm_canvas_new(&left, j->scratch, &j->part, g->w, g->h, j->err));
    DERM_TRY(derm_canvas_new(&right, j->scratch, &after, fg->w, fg->h, j->err));
    DERM_TRY(write_png(j, "baseline", &left.image));
    DERM_TRY(write_png(j, aligned ? "followup_aligned" : "followup", &right.image));
    snprintf(text, sizeof(text), "%.300s%s", follow->source.file_name,
             relit ? " (light made like the baseline's, for display only)" : "");
    DERM_TRY(derm_canvas_title(&left, "Baseline", j->frame->source.file_name));
    DERM_TRY(
        derm_canvas_title(&right, aligned ? "Follow-up, aligned" : "Follow-up, NOT aligned", text));
    DERM_TRY(derm_overlay_scale_bar(&left, j->frame));
    DERM_TRY(derm_overlay_scale_bar(&right, aligned ? j->frame : follow));
    return side_by_side(j, &left, &right, "side_by_side");
}

/* ---- maps */

struct pigment {
    const char *id, *title;
    uint8_t ink[3];
};

static derm_err map_canvas(const struct derm_overlay *j, const struct derm_view *view,
                           const float weight[3], const struct pigment *p, const char *when,
                           struct derm_canvas *c)
{
    struct derm_rgb8 picture;
    char title[80], text[160];

    DERM_TRY(derm_pigment_picture(j->filter, view, weight, &j->assessable, p->ink, &picture));
    DERM_TRY(derm_canvas_new(c, j->scratch, &picture, picture.w, picture.h, j->err));
    snprintf(title, sizeof(title), "%s%s", p->title, when);
    snprintf(text, sizeof(text),
             "Optical density against the skin around (%g mm): white %+.1f, full colour %+.1f.",
             derm_pigment_around_mm, derm_pigment_white, derm_pigment_full);
    DERM_TRY(derm_canvas_title(c, title, text));
    return derm_overlay_scale_bar(c, j->frame);
}

static derm_err map_picture(const struct derm_overlay *j, const float weight[3],
                            const struct pigment *p)
{
    const bool both = j->pair && j->pair->registration.accepted;
    const size_t mark = j->scratch->used;
    struct derm_canvas base, follow;

    DERM_TRY(map_canvas(j, &j->frame->view, weight, p, j->pair ? ", baseline" : "", &base));
    if (both) {
        DERM_TRY(map_canvas(j, &j->pair->warped, weight, p, ", follow-up, aligned", &follow));
        DERM_TRY(side_by_side(j, &base, &follow, p->id));
    } else {
        DERM_TRY(write_png(j, p->id, &base.sheet));
    }
    derm_arena_reset(j->scratch, mark);
    return DERM_OK;
}

static derm_err maps(const struct derm_overlay *j)
{
    static const struct pigment melanin = { "map_melanin", "Melanin", { 94, 53, 15 } };
    static const struct pigment blood = { "map_haemoglobin", "Haemoglobin", { 170, 0, 30 } };

    if (!derm_tone_has_blood(j->tone)) return DERM_OK;
    DERM_TRY(map_picture(j, j->tone->melanin, &melanin));
    return map_picture(j, j->tone->blood, &blood);
}

/* ---- entry points */

derm_err derm_overlay_prepare(struct derm_overlay *j)
{
    j->part = derm_grid_part(j->frame);
    if (j->eye_bar) DERM_TRY(derm_eye_bar(&j->part, j->frame, j->scratch, j->err));
    return derm_overlay_find_assessable(j, 0);
}

bool derm_overlay_has(const struct derm_overlay *j, enum derm_concern concern)
{
    const struct derm_result *const r = derm_headline_result(j->results, concern);

    return !r || r->reason != DERM_REASON_BODY_ONLY;
}

static derm_err all_pictures(struct derm_overlay *j)
{
    DERM_TRY(derm_overlay_prepare(j));
    for (int c = 0; c < DERM_CONCERN_COUNT; c++)
        if (derm_overlay_has(j, (enum derm_concern)c))
            DERM_TRY(derm_overlay_concern(j, (enum derm_concern)c));
    DERM_TRY(regions_picture(j));
    DERM_TRY(maps(j));
    return j->pair ? before_after(j) : DERM_OK;
}

struct derm_overlay derm_overlay_of(const struct derm_overlay_job *job)
{
    return (struct derm_overlay){
        .frame = job->pair ? job->pair->base : job->frame,
        .pair = job->pair,
        .tone = job->tone,
        .results = job->results,
        .eye_bar = job->eye_bar,
        .filter = job->filter,
        .scratch = job->filter->scratch,
        .err = job->err,
    };
}

derm_err derm_overlay_draw(const struct derm_overlay_job *job, const char *folder)
{
    struct derm_overlay j = derm_overlay_of(job);
    const size_t mark = j.scratch->used;
    derm_err done;

    j.folder = folder;
    done = all_pictures(&j);
    derm_arena_reset(j.scratch, mark);
    return done;
}
