/* SPDX-License-Identifier: Apache-2.0 */
/* Objects as they lie on the skin: by what they are in one photo, by how they changed in two. */
#include <math.h>
#include <stdio.h>

#include "base/metrics.h"
#include "base/num.h"
#include "report/headline.h"
#include "report/overlay_parts.h"
#include "stages/comparable.h"
#include "stages/lines.h"
#include "stages/statistics.h"

static const struct derm_legend by_kind[DERM_KIND_COUNT][DERM_LEGEND_MOST] = {
    [DERM_KIND_PORE] = { { DERM_INK_SKY, "pore" } },
    [DERM_KIND_SPOT] = { { DERM_INK_BLUE, "spot" }, { DERM_INK_PURPLE, "diffuse field" } },
    [DERM_KIND_SCAR] = { { DERM_INK_SKY, "atrophic scar below 1.5 mm" },
                         { DERM_INK_ORANGE, "1.5 to 4 mm" },
                         { DERM_INK_RED, "above 4 mm" } },
    [DERM_KIND_LINEAR_SCAR] = { { DERM_INK_PURPLE, "linear scar, with its middle" } },
    [DERM_KIND_WRINKLE] = { { DERM_INK_ORANGE, "wrinkle" } },
    [DERM_KIND_FINE_LINE] = { { DERM_INK_SKY, "fine line" } },
    [DERM_KIND_STRETCH_MARK] = { { DERM_INK_RED, "red stretch mark (rubra)" },
                                 { DERM_INK_SKY, "pale stretch mark (alba)" } },
    [DERM_KIND_RED_MARK] = { { DERM_INK_RED, "red mark" } },
    [DERM_KIND_VESSEL] = { { DERM_INK_PURPLE, "vessel" } },
    [DERM_KIND_RELIEF_PATCH] = { { DERM_INK_SKY, "smoothest quarter" },
                                 { DERM_INK_ORANGE, "roughest quarter" } },
    [DERM_KIND_FLAKE_PATCH] = { { DERM_INK_YELLOW, "white scales on 5 % and more" } },
    [DERM_KIND_COLOUR_PATCH] = { { DERM_INK_SKY, "most even quarter" },
                                 { DERM_INK_ORANGE, "most uneven quarter" } },
    [DERM_KIND_GLOSS_PATCH] = { { DERM_INK_SKY, "dullest quarter" },
                                { DERM_INK_ORANGE, "shiniest quarter" } },
};
static const struct derm_legend by_change[DERM_LEGEND_MOST] = {
    { DERM_INK_GREEN, "fainter (below 0.8 x)" },
    { DERM_INK_YELLOW, "much the same" },
    { DERM_INK_RED, "stronger (above 1.25 x)" },
};

/* What a patch shows per pixel, in one photo or of both on average. */
static double level_of(const struct derm_object *o, bool pair)
{
    const double sum = pair ? (o->base_value + o->follow_value) / 2 : o->base_value;

    return o->area_px > 0 ? sum / o->area_px : 0;
}

/* The quartiles that patches are told apart by. */
struct quarters {
    double lo, hi;
};

/* Most skin has no scales at all, and no quarters of them: where there is less than anyone sees. */
static bool is_bare(const struct derm_object *o, enum derm_kind kind, bool pair)
{
    return kind == DERM_KIND_FLAKE_PATCH && level_of(o, pair) < 0.05;
}

/* Index into the classes of its kind, or of change; -1: unremarkable, not drawn. */
static int class_of(const struct derm_object *o, enum derm_kind kind, bool pair,
                    const struct quarters *q)
{
    const bool patch = derm_kinds[kind].shape == DERM_SHAPE_PATCH;

    if (is_bare(o, kind, pair)) return -1;
    if (pair) {
        if (o->follow_value < 0.8 * o->base_value) return 0;
        if (o->follow_value > 1.25 * o->base_value) return 2;
        return patch ? -1 : 1;
    }
    if (kind == DERM_KIND_FLAKE_PATCH) return 0;
    if (patch) return level_of(o, pair) < q->lo ? 0 : level_of(o, pair) > q->hi ? 1 : -1;
    if (kind == DERM_KIND_SPOT) return o->field ? 1 : 0;
    if (kind == DERM_KIND_STRETCH_MARK) return derm_line_is_red(o) ? 0 : 1;
    if (kind == DERM_KIND_SCAR) return o->diameter_mm < 1.5 ? 0 : o->diameter_mm <= 4 ? 1 : 2;
    return 0;
}

const struct derm_legend *derm_overlay_legend(enum derm_kind kind, bool pair)
{
    return pair ? by_change : by_kind[kind];
}

/* Objects outside the regions are found, but not measured. Gloss or scale may lie on the middle of
 * one that is. */
static bool counts(const struct derm_object *o, const struct derm_overlay *j)
{
    return (o->regions & j->frame->view.regions_visible) != 0 && !(o->regions & j->left_out);
}

/* What one kind of objects is drawn with. */
struct brush {
    const struct derm_overlay *job;
    struct derm_canvas *canvas;
    enum derm_kind kind;
    const struct derm_objects *objects;
    const struct derm_legend *klass;
    struct quarters quarters;
};

static int class_by(const struct brush *b, const struct derm_object *o)
{
    return class_of(o, b->kind, b->job->pair != NULL, &b->quarters);
}

static derm_err draw_dots(const struct brush *b)
{
    const double pi = 3.14159265358979, room = 1.4; /* the circle runs outside the pore */

    for (int i = 0; i < b->objects->n; i++) {
        const struct derm_object *const o = &b->objects->item[i];

        if (!counts(o, b->job)) continue;
        DERM_TRY(derm_canvas_circle(b->canvas, o->x, o->y,
                                    fmax(2 / b->canvas->zoom, room * sqrt(o->area_px / pi)),
                                    b->klass[class_by(b, o)].ink));
    }
    return DERM_OK;
}

static derm_err draw_spots(const struct brush *b)
{
    const struct derm_grid *const g = &b->job->frame->view.grid;
    uint8_t *class_of_label; /* class + 1 */
    struct derm_mask shape;
    int most = 0;

    if (!b->objects->labels.px) return DERM_OK;
    for (int i = 0; i < b->objects->n; i++)
        most = imax(most, b->objects->item[i].label);
    DERM_TRY(derm_arena_new(b->job->scratch, &class_of_label, (size_t)most + 1, 1));
    for (int i = 0; i < b->objects->n; i++) {
        const struct derm_object *const o = &b->objects->item[i];

        if (o->label > 0 && counts(o, b->job))
            class_of_label[o->label] = (uint8_t)(1 + class_by(b, o));
    }
    DERM_TRY(derm_mask_new(b->job->scratch, &shape, g->w, g->h));
    for (int k = 0; k < DERM_LEGEND_MOST && b->klass[k].text; k++) {
        for (int y = 0; y < g->h; y++)
            for (int x = 0; x < g->w; x++) {
                const int label = derm_label_at(b->objects, x, y);
                const bool is = label > 0 && label <= most && class_of_label[label] == k + 1;
                derm_mask_row(&shape, y)[x] = is ? 0xff : 0;
            }
        DERM_TRY(derm_canvas_outline(b->canvas, &shape, b->klass[k].ink));
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

/* Whether any of the pieces [first, end) of a line counts. */
static bool line_counts(const struct derm_objects *pieces, int first, int end,
                        const struct derm_overlay *j)
{
    for (int i = first; i < end; i++)
        if (counts(&pieces->item[i], j)) return true;
    return false;
}

/* Outline and middle of every line that counts. */
static derm_err draw_lines(const struct brush *b)
{
    const struct derm_objects *const pieces = b->objects;
    const struct derm_grid *const g = &b->job->frame->view.grid;
    const double thin_px = 0.8 / b->canvas->zoom > 0.8 ? 0.8 / b->canvas->zoom : 0.8;
    struct derm_mask band[DERM_LEGEND_MOST], middle[DERM_LEGEND_MOST];

    for (int k = 0; k < DERM_LEGEND_MOST; k++) {
        DERM_TRY(derm_mask_new(b->job->scratch, &band[k], g->w, g->h));
        DERM_TRY(derm_mask_new(b->job->scratch, &middle[k], g->w, g->h));
    }
    for (int from = 0; from < pieces->n;) {
        const int first = from;
        const struct derm_object line = derm_line_next(pieces, &from);
        const int k = class_by(b, &line);

        if (!line_counts(pieces, first, from, b->job)) continue;
        for (int i = first; i < from; i++) {
            const struct derm_object *const p = &pieces->item[i];
            const struct derm_object *const q = &pieces->item[imin(i + 1, from - 1)];

            paint_line(&band[k], p, q, half_width_px(p, g), half_width_px(q, g));
            paint_line(&middle[k], p, q, thin_px, thin_px);
        }
    }
    for (int k = 0; k < DERM_LEGEND_MOST && b->klass[k].text; k++) {
        DERM_TRY(derm_canvas_outline(b->canvas, &band[k], b->klass[k].ink));
        derm_canvas_tint(b->canvas, &middle[k], b->klass[k].ink, 1);
    }
    return DERM_OK;
}

static derm_err find_quarters(struct brush *b)
{
    double *level;
    int n = 0;

    DERM_TRY(derm_arena_new(b->job->scratch, &level, (size_t)b->objects->n, sizeof(*level)));
    for (int i = 0; i < b->objects->n; i++)
        if (counts(&b->objects->item[i], b->job))
            level[n++] = level_of(&b->objects->item[i], b->job->pair != NULL);
    if (n == 0) return DERM_OK;
    derm_sort(level, n);
    b->quarters.lo = derm_percentile(level, n, 0.25);
    b->quarters.hi = derm_percentile(level, n, 0.75);
    return DERM_OK;
}

/* The square of a patch, its skin alone. */
static void paint_patch(struct derm_mask *m, const struct derm_object *o,
                        const struct derm_mask *assessable)
{
    const double half_px = o->scale_px / 2;
    const int x0 = imax((int)ceil(o->x - half_px), 0), y0 = imax((int)ceil(o->y - half_px), 0);
    const int x1 = imin((int)ceil(o->x + half_px), m->w);
    const int y1 = imin((int)ceil(o->y + half_px), m->h);

    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            derm_mask_row(m, y)[x] |= derm_mask_row(assessable, y)[x];
}

static derm_err draw_patches(struct brush *b)
{
    const struct derm_grid *const g = &b->job->frame->view.grid;
    struct derm_mask shape;

    DERM_TRY(find_quarters(b));
    for (int k = 0; k < DERM_LEGEND_MOST && b->klass[k].text; k++) {
        DERM_TRY(derm_mask_new(b->job->scratch, &shape, g->w, g->h));
        for (int i = 0; i < b->objects->n; i++)
            if (class_by(b, &b->objects->item[i]) == k)
                paint_patch(&shape, &b->objects->item[i], &b->job->assessable);
        derm_canvas_tint(b->canvas, &shape, b->klass[k].ink, 0.3);
    }
    return DERM_OK;
}

static derm_err draw_kind(struct brush *b)
{
    const size_t mark = b->job->scratch->used;

    if (b->objects->n == 0) return DERM_OK;
    switch (derm_kinds[b->kind].shape) {
    case DERM_SHAPE_DOT:
        DERM_TRY(draw_dots(b));
        break;
    case DERM_SHAPE_SPOT:
        DERM_TRY(draw_spots(b));
        break;
    case DERM_SHAPE_LINE:
        DERM_TRY(draw_lines(b));
        break;
    case DERM_SHAPE_PATCH:
        DERM_TRY(draw_patches(b));
        break;
    }
    derm_arena_reset(b->job->scratch, mark);
    return DERM_OK;
}

/* How many count. */
static int count_kind(const struct derm_objects *objects, enum derm_kind kind,
                      const struct derm_overlay *j)
{
    int n = 0;

    if (derm_kinds[kind].shape == DERM_SHAPE_PATCH) return 0;
    if (derm_kinds[kind].shape == DERM_SHAPE_LINE) {
        for (int from = 0; from < objects->n;) {
            const int first = from;

            derm_line_next(objects, &from);
            n += line_counts(objects, first, from, j);
        }
        return n;
    }
    for (int i = 0; i < objects->n; i++)
        n += counts(&objects->item[i], j);
    return n;
}

/* In a pair all kinds share the classes of change. */
static derm_err write_legend(struct derm_canvas *c, const struct derm_objects *objects,
                             enum derm_concern concern, bool pair)
{
    bool drawn = false;

    for (int kind = 0; kind < DERM_KIND_COUNT; kind++) {
        const struct derm_legend *const klass = derm_overlay_legend((enum derm_kind)kind, pair);

        if (derm_kinds[kind].concern != concern || objects[kind].n == 0 || (pair && drawn))
            continue;
        for (int k = 0; k < DERM_LEGEND_MOST && klass[k].text; k++)
            DERM_TRY(derm_canvas_legend(c, klass[k].ink, klass[k].text));
        drawn = true;
    }
    return derm_canvas_legend(c, DERM_INK_GREY, "grey, hatched: not assessed");
}

derm_err derm_overlay_draw_concern(const struct derm_overlay *all, enum derm_concern concern,
                                   struct derm_canvas *c, int *found)
{
    struct derm_overlay own = *all, *const j = &own;
    const struct derm_objects *const objects = j->pair ? j->pair->objects : j->frame->objects;

    *found = 0;
    if (j->pair) DERM_TRY(derm_overlay_find_assessable(j, derm_regions_against(j->pair, concern)));
    derm_canvas_dim(c, &j->assessable);
    for (int kind = 0; kind < DERM_KIND_COUNT; kind++) {
        struct brush b = { .job = j,
                           .canvas = c,
                           .kind = (enum derm_kind)kind,
                           .objects = &objects[kind],
                           .klass = derm_overlay_legend((enum derm_kind)kind, j->pair != NULL) };

        if (derm_kinds[kind].concern != concern) continue;
        *found += count_kind(b.objects, b.kind, j);
        DERM_TRY(draw_kind(&b));
    }
    return DERM_OK;
}

derm_err derm_overlay_concern(const struct derm_overlay *j, enum derm_concern concern)
{
    const bool pair = j->pair != NULL;
    const struct derm_grid *const g = &j->frame->view.grid;
    const size_t mark = j->scratch->used;
    char title[80], text[400], name[80];
    struct derm_canvas c;
    int found;

    DERM_TRY(derm_canvas_new(&c, j->scratch, &j->part, g->w, g->h, j->err));
    DERM_TRY(derm_overlay_draw_concern(j, concern, &c, &found));
    derm_headline_title(title, sizeof(title), concern, pair);
    derm_headline_text(text, sizeof(text), concern, j->frame, j->results, found, pair);
    DERM_TRY(derm_canvas_title(&c, title, text));
    DERM_TRY(write_legend(&c, pair ? j->pair->objects : j->frame->objects, concern, pair));
    snprintf(name, sizeof(name), "overlay_%s", derm_concern_id(concern));
    DERM_TRY(derm_overlay_finish(j, &c, name));
    derm_arena_reset(j->scratch, mark);
    return DERM_OK;
}
