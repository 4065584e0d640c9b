/* SPDX-License-Identifier: Apache-2.0 */
/* Places for blanks are drawn from positions alone, never from what is seen there: a choice by
 * value would make the skin look steadier than it is. */
#include "stages/blanks.h"

#include <math.h>

#include "base/num.h"
#include "stages/statistics.h"

enum {
    WANTED = 192, /* the sd of their median deviation is then 8 % */
    LEAST = 24,
    TRIES = 30, /* for each blank: on a face most places near a feature are free */
    RIM = 24,   /* points of the rim that must be measurable skin */
};
/* Near enough for the same kind of skin and light, far enough for other skin. */
static const double NEAR_MM = 3, FAR_MM = 15;
/* Free skin around a footprint: what is as large as this may shine into the surround. */
static const double MARGIN_MM = 0.5;
/* Larger features are few, and have no room beside them. */
static const double MAX_DIAMETER_MM = 6;
static const double PI = 3.14159265358979323846;

struct disc { /* px */
    double x, y, radius;
};

struct bench {
    const struct derm_mask *where;
    const struct derm_objects *objects;
    struct derm_objects all; /* the objects, and the blanks after them */
    struct disc *disc;       /* each of all: many are looked at for every blank */
    struct derm_random random;
    double px_per_mm;
};

static double radius_px(const struct derm_object *o)
{
    return sqrt(o->area_px / PI);
}

static struct disc disc_of(const struct derm_object *o)
{
    return (struct disc){ o->x, o->y, radius_px(o) };
}

static bool is_skin(const struct derm_mask *where, double x, double y, double r)
{
    for (int i = 0; i < RIM; i++) {
        const double part = i % 3 == 0 ? 0.5 : 1;
        const int u = (int)floor(x + part * r * cos(2 * PI * i / RIM) + 0.5);
        const int v = (int)floor(y + part * r * sin(2 * PI * i / RIM) + 0.5);

        if (u < 0 || v < 0 || u >= where->w || v >= where->h || !derm_mask_row(where, v)[u])
            return false;
    }
    return true;
}

/* Neither an object nor another blank is there. */
static bool is_free(const struct bench *b, double x, double y, double r)
{
    const double margin = MARGIN_MM * b->px_per_mm;

    if (!is_skin(b->where, x, y, r + margin)) return false;
    for (int i = 0; i < b->all.n; i++) {
        const struct disc *const d = &b->disc[i];
        const double dx = d->x - x, dy = d->y - y, apart = d->radius + r + margin;

        if (dx * dx + dy * dy < apart * apart) return false;
    }
    return true;
}

static void add_blank(struct bench *b, const struct derm_object *like)
{
    for (int t = 0; t < TRIES; t++) {
        const double away =
            (NEAR_MM + (FAR_MM - NEAR_MM) * derm_random_uniform(&b->random)) * b->px_per_mm;
        const double angle = 2 * PI * derm_random_uniform(&b->random);
        const double x = like->x + away * cos(angle), y = like->y + away * sin(angle);

        if (!is_free(b, x, y, radius_px(like))) continue;
        b->disc[b->all.n] = (struct disc){ x, y, radius_px(like) };
        b->all.item[b->all.n] = *like;
        b->all.item[b->all.n].x = x;
        b->all.item[b->all.n].y = y;
        b->all.item[b->all.n].label = b->all.n + 1;
        b->all.n++;
        return;
    }
}

/* As many of each object as it takes, or of every so many-th. */
static void add_blanks(struct bench *b)
{
    const int n = b->objects->n, each = imax(WANTED / n, 1), step = imax(n / WANTED, 1);

    for (int i = 0; i < n; i += step) {
        const struct derm_object *const o = &b->objects->item[i];

        if (o->field || 2 * radius_px(o) > MAX_DIAMETER_MM * b->px_per_mm) continue;
        for (int k = 0; k < each && b->all.n < n + WANTED; k++)
            add_blank(b, o);
    }
}

static void replace(int32_t *label, int from, int to)
{
    if (*label == from) *label = to;
}

/* Discs of the objects' areas, where nothing is: an object may reach beyond the disc of its own. A
 * pixel of labels is where its first grid pixel is. */
static void draw(struct bench *b, bool erase)
{
    const int px = 1 << b->all.label_shift;

    if (!b->all.labels.px) return;
    for (int i = b->objects->n; i < b->all.n; i++) {
        const struct derm_object *const o = &b->all.item[i];
        const double r = radius_px(o), x = o->x / px, y = o->y / px, reach = r / px;

        for (int v = (int)ceil(y - reach); v <= (int)floor(y + reach); v++)
            for (int u = (int)ceil(x - reach); u <= (int)floor(x + reach); u++)
                if ((u * px - o->x) * (u * px - o->x) + (v * px - o->y) * (v * px - o->y) <= r * r)
                    replace(&derm_labels_row(&b->all.labels, v)[u], erase ? o->label : 0,
                            erase ? 0 : o->label);
    }
}

static derm_err sample(struct derm_run *run, const struct derm_segmenter *s, const void *params,
                       const void *const prepared[2], const struct bench *b, double *value[2])
{
    double *area_px;

    DERM_TRY(derm_arena_new(run->scratch, &area_px, (size_t)b->all.n, sizeof(*area_px)));
    for (int photo = 0; photo < 2; photo++) {
        size_t mark;

        DERM_TRY(derm_arena_new(run->scratch, &value[photo], (size_t)b->all.n, sizeof(double)));
        mark = run->scratch->used;
        DERM_TRY(
            s->sample(run, params, prepared[photo], &b->all, b->objects->n, value[photo], area_px));
        derm_arena_reset(run->scratch, mark);
    }
    return DERM_OK;
}

static double spread(const struct derm_segmenter *s, const struct bench *b, double *value[2])
{
    const int first = b->objects->n, n = b->all.n - first;
    double *const change = value[1] + first;

    for (int i = 0; i < n; i++) {
        const double size = s->summed_over_area ? b->all.item[first + i].area_px : 1;

        change[i] = fabs(change[i] - value[0][first + i]) / size;
    }
    return 1.4826 * derm_median(change, n);
}

derm_err derm_blanks_measure(struct derm_run *run, const struct derm_segmenter *s,
                             const void *params, const struct derm_mask *where,
                             const void *const prepared[2], struct derm_objects *objects)
{
    struct bench b = { .where = where, .objects = objects, .all = *objects };
    double *value[2];

    objects->blank_sd = 0;
    if (objects->n == 0) return DERM_OK;
    b.random.state = (uint64_t)s->kind + 1;
    b.px_per_mm = run->pair->base->view.grid.px_per_mm;
    DERM_TRY(derm_arena_new(run->scratch, &b.all.item, (size_t)objects->n + WANTED,
                            sizeof(*b.all.item)));
    DERM_TRY(derm_arena_raw(run->scratch, &b.disc, (size_t)objects->n + WANTED, sizeof(*b.disc)));
    for (int i = 0; i < objects->n; i++) {
        b.all.item[i] = objects->item[i];
        b.disc[i] = disc_of(&objects->item[i]);
    }
    add_blanks(&b);
    if (b.all.n - objects->n < LEAST) return DERM_OK;
    draw(&b, false);
    DERM_TRY(sample(run, s, params, prepared, &b, value));
    draw(&b, true);
    objects->blank_sd = spread(s, &b, value);
    objects->blank_per_px = s->summed_over_area;
    return DERM_OK;
}
