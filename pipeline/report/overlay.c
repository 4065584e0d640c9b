/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* mkdir */
#include "report/overlay.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/metrics.h"
#include "base/num.h"
#include "cv/cv.h"
#include "io/png_write.h"
#include "report/aligned.h"
#include "report/canvas.h"
#include "report/headline.h"
#include "report/pigment_map.h"
#include "stages/comparable.h"
#include "stages/linear_scars.h"

enum { MAX_CLASSES = 3 };

/* What the pictures of one job share. */
struct job {
    const struct derm_frame *frame; /* of an analysis, or the baseline */
    const struct derm_pair *pair;   /* NULL in an analysis */
    const struct derm_tone *tone;
    const struct derm_results *results;
    const char *folder;
    const struct derm_filter *filter;
    struct derm_arena *scratch; /* the filter's */
    struct derm_error *err;
    struct derm_rgb8 part;       /* of the frame's photo: what the grid covers */
    struct derm_mask assessable; /* on the grid */
};

/* ---- classes of objects */
struct klass {
    enum derm_ink ink;
    const char *text;
};

static const struct klass by_concern[DERM_CONCERN_COUNT][MAX_CLASSES] = {
    [DERM_CONCERN_PORES] = { { DERM_INK_SKY, "pore" } },
    [DERM_CONCERN_PIGMENTATION] = { { DERM_INK_BLUE, "spot" },
                                    { DERM_INK_PURPLE, "diffuse field" } },
    [DERM_CONCERN_SCARS] = { { DERM_INK_SKY, "atrophic scar below 1.5 mm" },
                             { DERM_INK_ORANGE, "1.5 to 4 mm" },
                             { DERM_INK_RED, "above 4 mm" } },
};
static const struct klass linear_scar = { DERM_INK_PURPLE, "linear scar, with its middle" };
static const struct klass by_change[MAX_CLASSES] = {
    { DERM_INK_GREEN, "fainter (below 0.8 x)" },
    { DERM_INK_YELLOW, "much the same" },
    { DERM_INK_RED, "stronger (above 1.25 x)" },
};

static int class_of(const struct derm_object *o, enum derm_concern concern, bool pair)
{
    if (pair) {
        if (o->follow_value < 0.8 * o->base_value) return 0;
        return o->follow_value > 1.25 * o->base_value ? 2 : 1;
    }
    if (concern == DERM_CONCERN_PIGMENTATION) return o->field ? 1 : 0;
    if (concern == DERM_CONCERN_SCARS)
        return o->diameter_mm < 1.5 ? 0 : o->diameter_mm <= 4 ? 1 : 2;
    return 0;
}

static const struct klass *classes(enum derm_concern concern, bool pair)
{
    return pair ? by_change : by_concern[concern];
}

/* ---- parts of a picture */

static derm_err write_png(const struct job *j, const char *name, const struct derm_rgb8 *picture)
{
    char path[4096];

    if ((size_t)snprintf(path, sizeof(path), "%s/%s.png", j->folder, name) >= sizeof(path))
        return derm_fail(j->err, DERM_ECREATE, "the name of the overlay folder is too long");
    return derm_png_write_rgb(path, picture, j->err);
}

/* Pixels that count: skin, of both photos in a pair, in a region that is seen and not left out. */
static derm_err find_assessable(struct job *j, unsigned left_out)
{
    const struct derm_view *const v = &j->frame->view;
    const bool common = j->pair && j->pair->common.px;

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

static derm_err scale_bar(struct derm_canvas *c, const struct derm_frame *f)
{
    if (f->scale.source == DERM_SCALE_UNKNOWN)
        return derm_canvas_scale_bar(c, 1 / f->view.grid.step, "px (scale unknown)");
    return derm_canvas_scale_bar(c, f->view.grid.px_per_mm, "mm");
}

static derm_err finish(const struct job *j, struct derm_canvas *c, const char *name)
{
    DERM_TRY(scale_bar(c, j->frame));
    return write_png(j, name, &c->sheet);
}

/* Objects outside the regions are found, but not measured. */
static bool counts(const struct derm_object *o, const struct derm_mask *assessable)
{
    const int x = clampi((int)lround(o->x), 0, assessable->w - 1);
    const int y = clampi((int)lround(o->y), 0, assessable->h - 1);

    return derm_mask_row(assessable, y)[x] != 0;
}

static int count_all(const struct derm_objects *objects, const struct derm_mask *assessable)
{
    int n = 0;

    for (int i = 0; i < objects->n; i++)
        n += counts(&objects->item[i], assessable);
    return n;
}

static derm_err draw_pores(struct derm_canvas *c, const struct derm_objects *objects,
                           const struct derm_mask *assessable, bool pair)
{
    const double pi = 3.14159265358979, room = 1.4; /* the circle runs outside the pore */

    for (int i = 0; i < objects->n; i++) {
        const struct derm_object *const o = &objects->item[i];
        const int k = class_of(o, DERM_CONCERN_PORES, pair);

        if (!counts(o, assessable)) continue;
        DERM_TRY(derm_canvas_circle(c, o->x, o->y, fmax(2 / c->zoom, room * sqrt(o->area_px / pi)),
                                    classes(DERM_CONCERN_PORES, pair)[k].ink));
    }
    return DERM_OK;
}

static derm_err draw_outlines(const struct job *j, struct derm_canvas *c,
                              const struct derm_objects *objects, enum derm_concern concern)
{
    const struct derm_labels *const labels = &objects->labels;
    const bool pair = j->pair != NULL;
    uint8_t *class_of_label; /* class + 1 */
    struct derm_mask shape;
    int most = 0;

    if (!labels->px) return DERM_OK;
    for (int i = 0; i < objects->n; i++)
        most = imax(most, objects->item[i].label);
    DERM_TRY(derm_arena_new(j->scratch, &class_of_label, (size_t)most + 1, 1));
    for (int i = 0; i < objects->n; i++)
        if (objects->item[i].label > 0 && counts(&objects->item[i], &j->assessable))
            class_of_label[objects->item[i].label] =
                (uint8_t)(1 + class_of(&objects->item[i], concern, pair));
    DERM_TRY(derm_mask_new(j->scratch, &shape, labels->w, labels->h));
    for (int k = 0; k < MAX_CLASSES && classes(concern, pair)[k].text; k++) {
        for (int y = 0; y < labels->h; y++)
            for (int x = 0; x < labels->w; x++) {
                const int32_t label = derm_labels_row(labels, y)[x];
                const bool is = label > 0 && label <= most && class_of_label[label] == k + 1;
                derm_mask_row(&shape, y)[x] = is ? 0xff : 0;
            }
        DERM_TRY(derm_canvas_outline(c, &shape, classes(concern, pair)[k].ink));
    }
    return DERM_OK;
}

/* Sets the pixels within a radius, that changes evenly, of the line from a to b. */
static void paint_line(struct derm_mask *m, const struct derm_object *a,
                       const struct derm_object *b, double radius_a, double radius_b)
{
    const int steps = imax(1, (int)(hypot(b->x - a->x, b->y - a->y) + 0.5));

    for (int i = 0; i <= steps; i++) {
        const double t = (double)i / steps, r = radius_a + t * (radius_b - radius_a);
        const double cx = a->x + t * (b->x - a->x), cy = a->y + t * (b->y - a->y);
        const int x0 = imax((int)ceil(cx - r), 0), x1 = imin((int)floor(cx + r), m->w - 1);
        const int y0 = imax((int)ceil(cy - r), 0), y1 = imin((int)floor(cy + r), m->h - 1);

        for (int y = y0; y <= y1; y++)
            for (int x = x0; x <= x1; x++)
                if ((x - cx) * (x - cx) + (y - cy) * (y - cy) <= r * r)
                    derm_mask_row(m, y)[x] = 0xff;
    }
}

/* Half of a piece's width on the grid. */
static double half_width_px(const struct derm_object *o, const struct derm_grid *g)
{
    return 0.5 * o->area_px / (o->length_mm * g->px_per_mm);
}

/* Outline and middle of every linear scar. */
static derm_err draw_linear_scars(const struct job *j, struct derm_canvas *c,
                                  const struct derm_objects *pieces)
{
    const struct derm_grid *const g = &j->frame->view.grid;
    const double thin_px = 0.8 / c->zoom > 0.8 ? 0.8 / c->zoom : 0.8;
    const size_t mark = j->scratch->used;

    for (int from = 0; from < pieces->n;) {
        const int first = from;
        const struct derm_object scar = derm_linear_scar_next(pieces, &from);
        const enum derm_ink ink =
            j->pair ? by_change[class_of(&scar, DERM_CONCERN_SCARS, true)].ink : linear_scar.ink;
        struct derm_mask band, middle;

        DERM_TRY(derm_mask_new(j->scratch, &band, g->w, g->h));
        DERM_TRY(derm_mask_new(j->scratch, &middle, g->w, g->h));
        for (int i = first; i < from; i++) {
            const struct derm_object *const a = &pieces->item[i];
            const struct derm_object *const b = &pieces->item[imin(i + 1, from - 1)];

            paint_line(&band, a, b, half_width_px(a, g), half_width_px(b, g));
            paint_line(&middle, a, b, thin_px, thin_px);
        }
        DERM_TRY(derm_canvas_outline(c, &band, ink));
        derm_canvas_tint(c, &middle, ink, 1);
        derm_arena_reset(j->scratch, mark);
    }
    return DERM_OK;
}

static derm_err concern_picture(const struct job *all, enum derm_concern concern)
{
    struct job own = *all, *const j = &own;
    const struct derm_objects *const objects =
        j->pair ? &j->pair->objects[concern] : &j->frame->objects[concern];
    const struct derm_objects *const lines =
        j->pair ? &j->pair->linear_scars : &j->frame->linear_scars;
    const struct derm_grid *const g = &j->frame->view.grid;
    const struct klass *const klass = classes(concern, j->pair != NULL);
    const size_t mark = j->scratch->used;
    const bool lined = concern == DERM_CONCERN_SCARS && lines->n > 0;
    char title[80], text[400], name[80];
    struct derm_canvas c;

    if (j->pair) DERM_TRY(find_assessable(j, derm_regions_against(j->pair, concern)));
    const int found = count_all(objects, &j->assessable);
    DERM_TRY(derm_canvas_new(&c, j->scratch, &j->part, g->w, g->h, j->err));
    derm_canvas_dim(&c, &j->assessable);
    if (concern == DERM_CONCERN_PORES)
        DERM_TRY(draw_pores(&c, objects, &j->assessable, j->pair != NULL));
    else
        DERM_TRY(draw_outlines(j, &c, objects, concern));
    if (lined) DERM_TRY(draw_linear_scars(j, &c, lines));
    derm_headline_title(title, sizeof(title), concern, j->pair != NULL);
    derm_headline_text(text, sizeof(text), concern, j->frame, j->results, found, j->pair != NULL);
    DERM_TRY(derm_canvas_title(&c, title, text));
    for (int k = 0; (found > 0 || (lined && j->pair)) && k < MAX_CLASSES && klass[k].text; k++)
        DERM_TRY(derm_canvas_legend(&c, klass[k].ink, klass[k].text));
    if (lined && !j->pair) DERM_TRY(derm_canvas_legend(&c, linear_scar.ink, linear_scar.text));
    DERM_TRY(derm_canvas_legend(&c, DERM_INK_GREY, "grey, hatched: not assessed"));
    snprintf(name, sizeof(name), "overlay_%s", derm_concern_id(concern));
    DERM_TRY(finish(j, &c, name));
    derm_arena_reset(j->scratch, mark);
    return DERM_OK;
}

/* ---- regions */

/* The pixels of region r into shape; false when there are none. */
static bool select_region(struct derm_mask *shape, const struct derm_view *v, int r,
                          struct derm_point *centre)
{
    double n = 0, sx = 0, sy = 0;

    for (int y = 0; y < v->grid.h; y++)
        for (int x = 0; x < v->grid.w; x++) {
            const bool is = derm_bits_row(&v->regions, y)[x] >> r & 1;

            derm_mask_row(shape, y)[x] = is ? 0xff : 0;
            if (!is) continue;
            n++;
            sx += x;
            sy += y;
        }
    if (n == 0) return false;
    *centre = (struct derm_point){ sx / n, sy / n };
    return true;
}

static derm_err regions_picture(const struct job *j)
{
    static const enum derm_ink cycle[] = { DERM_INK_ORANGE, DERM_INK_SKY,  DERM_INK_GREEN,
                                           DERM_INK_YELLOW, DERM_INK_BLUE, DERM_INK_PURPLE };
    const struct derm_view *const v = &j->frame->view;
    const size_t mark = j->scratch->used;
    struct derm_point centre[DERM_REGION_COUNT];
    bool there[DERM_REGION_COUNT];
    struct derm_mask shape;
    struct derm_canvas c;
    char text[160];

    DERM_TRY(derm_canvas_new(&c, j->scratch, &j->part, v->grid.w, v->grid.h, j->err));
    DERM_TRY(derm_mask_new(j->scratch, &shape, v->grid.w, v->grid.h));
    derm_canvas_dim(&c, &j->assessable);
    for (int r = DERM_REGION_FACE + 1; r < DERM_REGION_COUNT; r++) {
        const enum derm_ink ink = cycle[r % (int)(sizeof(cycle) / sizeof(cycle[0]))];

        there[r] = select_region(&shape, v, r, &centre[r]);
        if (!there[r]) continue;
        if (r != DERM_REGION_ROI) DERM_TRY(derm_canvas_outline(&c, &shape, ink));
        for (int y = 0; y < shape.h; y++)
            for (int x = 0; x < shape.w; x++)
                derm_mask_row(&shape, y)[x] &= derm_mask_row(&j->assessable, y)[x];
        derm_canvas_tint(&c, &shape, ink, 0.25);
    }
    for (int r = DERM_REGION_FACE + 1; r < DERM_REGION_COUNT; r++) {
        if (!there[r]) continue;
        snprintf(text, sizeof(text), "%s%s", derm_region_id((enum derm_region)r),
                 v->regions_visible >> r & 1 ? "" : " (not assessable)");
        for (char *ch = text; *ch; ch++)
            if (*ch == '_') *ch = ' ';
        DERM_TRY(derm_canvas_label(&c, centre[r].x, centre[r].y, text));
    }
    snprintf(text, sizeof(text), "%sTinted: skin %sthat is assessed.%s",
             j->frame->face.used ? "" : "Measured as a close-up. ",
             j->pair ? "in both photos " : "",
             j->frame->face.used ? " Left and right are the subject's." : "");
    DERM_TRY(derm_canvas_title(&c, "Regions", text));
    DERM_TRY(derm_canvas_legend(&c, DERM_INK_GREY, "grey, hatched: not assessed"));
    DERM_TRY(finish(j, &c, "overlay_regions"));
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

static derm_err side_by_side(const struct job *j, const struct derm_canvas *left,
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

static derm_err before_after(const struct job *j)
{
    const struct derm_registration *const reg = &j->pair->registration;
    const bool aligned = reg->accepted && reg->map.x.px;
    const struct derm_frame *const follow = j->pair->follow;
    const struct derm_grid *const g = &j->frame->view.grid;
    const struct derm_grid *const fg = aligned ? g : &follow->view.grid;
    struct derm_rgb8 after = derm_grid_part(follow);
    struct derm_canvas left, right;
    bool relit = false;
    char text[400];

    if (aligned) DERM_TRY(derm_aligned_picture(j->pair, &after, &relit, j->scratch, j->err));
    DERM_TRY(derm_canvas_new(&left, j->scratch, &j->part, g->w, g->h, j->err));
    DERM_TRY(derm_canvas_new(&right, j->scratch, &after, fg->w, fg->h, j->err));
    DERM_TRY(write_png(j, "baseline", &left.image));
    DERM_TRY(write_png(j, aligned ? "followup_aligned" : "followup", &right.image));
    snprintf(text, sizeof(text), "%.300s%s", follow->source.file_name,
             relit ? " (light made like the baseline's, for display only)" : "");
    DERM_TRY(derm_canvas_title(&left, "Baseline", j->frame->source.file_name));
    DERM_TRY(
        derm_canvas_title(&right, aligned ? "Follow-up, aligned" : "Follow-up, NOT aligned", text));
    DERM_TRY(scale_bar(&left, j->frame));
    DERM_TRY(scale_bar(&right, aligned ? j->frame : follow));
    return side_by_side(j, &left, &right, "side_by_side");
}

/* ---- maps */

struct pigment {
    const char *id, *title;
    uint8_t ink[3];
};

static derm_err map_canvas(const struct job *j, const struct derm_view *view, const float weight[3],
                           const struct pigment *p, const char *when, struct derm_canvas *c)
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
    return scale_bar(c, j->frame);
}

static derm_err map_picture(const struct job *j, const float weight[3], const struct pigment *p)
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

/* A photo without colour, or without skin to learn the weights from, has no weights for blood. */
static derm_err maps(const struct job *j)
{
    static const struct pigment melanin = { "map_melanin", "Melanin", { 94, 53, 15 } };
    static const struct pigment blood = { "map_haemoglobin", "Haemoglobin", { 170, 0, 30 } };
    const float *const w = j->tone->blood;

    if (w[0] == 0.0f && w[1] == 0.0f && w[2] == 0.0f) return DERM_OK;
    DERM_TRY(map_picture(j, j->tone->melanin, &melanin));
    return map_picture(j, j->tone->blood, &blood);
}

/* ---- entry points */

static derm_err prepare(struct job *j)
{
    if (mkdir(j->folder, 0777) != 0 && errno != EEXIST)
        return derm_fail(j->err, DERM_ECREATE, "the folder %s cannot be created: %s", j->folder,
                         strerror(errno));
    j->part = derm_grid_part(j->frame);
    return find_assessable(j, 0);
}

static derm_err all_pictures(struct job *j)
{
    DERM_TRY(prepare(j));
    for (int c = 0; c < DERM_CONCERN_COUNT; c++)
        DERM_TRY(concern_picture(j, (enum derm_concern)c));
    DERM_TRY(regions_picture(j));
    DERM_TRY(maps(j));
    return j->pair ? before_after(j) : DERM_OK;
}

/* pair is NULL in an analysis. */
static derm_err draw(const struct derm_frame *frame, const struct derm_pair *pair,
                     const struct derm_tone *tone, const struct derm_results *results,
                     const char *folder, const struct derm_filter *f, struct derm_error *err)
{
    struct job j = { .frame = frame,
                     .pair = pair,
                     .tone = tone,
                     .results = results,
                     .folder = folder,
                     .filter = f,
                     .scratch = f->scratch,
                     .err = err };
    const size_t mark = f->scratch->used;
    const derm_err done = all_pictures(&j);

    derm_arena_reset(f->scratch, mark);
    return done;
}

derm_err derm_overlay_analysis(const struct derm_frame *frame, const struct derm_tone *tone,
                               const struct derm_results *results, const char *folder,
                               const struct derm_filter *f, struct derm_error *err)
{
    return draw(frame, NULL, tone, results, folder, f, err);
}

derm_err derm_overlay_comparison(const struct derm_pair *pair, const struct derm_tone *tone,
                                 const struct derm_results *results, const char *folder,
                                 const struct derm_filter *f, struct derm_error *err)
{
    return draw(pair->base, pair, tone, results, folder, f, err);
}
