/* SPDX-License-Identifier: Apache-2.0 */
#include "baseline.h"

#include <string.h>

#include "stages/keypoints.h"

static const uint64_t of_photo = DERM_SLOT(source) | DERM_SLOT(rgb) | DERM_SLOT(light) |
                                 DERM_SLOT(clipped) | DERM_SLOT(face) | DERM_SLOT(scale);
static const uint64_t of_grid =
    DERM_SLOT(skin) | DERM_SLOT(regions) | DERM_SLOT(neck) | DERM_SLOT(quality);

derm_err derm_baseline_begin(struct derm_baseline *b, struct derm_frame *frame, size_t cap,
                             struct derm_error *err)
{
    if (!b->keep.base) DERM_TRY(derm_arena_init(&b->keep, cap, err));
    b->keep.err = err;
    if (!(b->known & DERM_SLOT(scale))) derm_arena_reset(&b->keep, 0); /* an attempt that failed */
    *frame = b->frame;
    frame->view = (struct derm_view){ 0 };
    frame->quality = (struct derm_quality){ 0 };
    b->known &= of_photo; /* the grid is not there yet */
    return DERM_OK;
}

struct derm_arena *derm_baseline_arena(struct derm_baseline *b, const struct derm_stage *s,
                                       struct derm_arena *keep)
{
    return b && !(s->writes & ~of_photo) ? &b->keep : keep;
}

static void learn_photo(struct derm_baseline *b, const struct derm_frame *frame)
{
    b->frame = *frame;
    b->of_photo = b->keep.used;
    b->known = of_photo;
}

static bool same_grid(const struct derm_grid *a, const struct derm_grid *b)
{
    return a->w == b->w && a->h == b->h && a->x0 == b->x0 && a->y0 == b->y0 && a->step == b->step &&
           a->px_per_mm == b->px_per_mm;
}

/* On the grid of the last pair that got so far, all that follows from it is as it was. */
static void recall_view(struct derm_baseline *b, struct derm_frame *frame)
{
    struct derm_view *const to = &frame->view;
    const struct derm_view *const from = &b->frame.view;

    if (!from->skin.px || !same_grid(&from->grid, &to->grid)) return;
    to->skin = from->skin;
    to->gloss = from->gloss;
    to->neck = from->neck;
    to->highlights = from->highlights;
    to->regions = from->regions;
    to->regions_visible = from->regions_visible;
    frame->quality = b->frame.quality;
    b->known |= of_grid;
}

static derm_err copy(struct derm_arena *keep, void *px, int h, size_t row_bytes)
{
    void *from, *to;

    memcpy(&from, px, sizeof(from));
    DERM_TRY(derm_arena_raw(keep, &to, (size_t)h, row_bytes));
    memcpy(to, from, (size_t)h * row_bytes);
    memcpy(px, &to, sizeof(to));
    return DERM_OK;
}

static derm_err copy_mask(struct derm_arena *keep, struct derm_mask *m)
{
    return copy(keep, &m->px, m->h, (size_t)m->stride);
}

static derm_err learn_view(struct derm_baseline *b, const struct derm_frame *frame)
{
    struct derm_view *const v = &b->frame.view;
    struct derm_sketch *const sketch = &b->frame.sketch;

    derm_arena_reset(&b->keep, b->of_photo);
    v->skin.px = NULL;
    *sketch = frame->sketch;
    if (sketch->point) DERM_TRY(copy(&b->keep, &sketch->point, sketch->n, sizeof(*sketch->point)));
    b->frame.quality = frame->quality;
    *v = frame->view;
    DERM_TRY(copy_mask(&b->keep, &v->skin));
    DERM_TRY(copy_mask(&b->keep, &v->gloss));
    if (v->neck.px) DERM_TRY(copy_mask(&b->keep, &v->neck));
    return copy(&b->keep, &v->regions.px, v->regions.h,
                (size_t)v->regions.stride * sizeof(*v->regions.px));
}

derm_err derm_baseline_learn(struct derm_baseline *b, struct derm_frame *frame,
                             const struct derm_stage *s)
{
    if (s->writes & DERM_SLOT(scale)) learn_photo(b, frame);
    if (s->writes & DERM_SLOT(grid)) recall_view(b, frame);
    return s->writes & DERM_SLOT(quality) ? learn_view(b, frame) : DERM_OK;
}

void derm_baseline_free(struct derm_baseline *b)
{
    derm_arena_free(&b->keep);
    *b = (struct derm_baseline){ 0 };
}
