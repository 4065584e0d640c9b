/* SPDX-License-Identifier: Apache-2.0 */
/* segment: finds pores, spots and scars and measures each in every photo, at the same place.
 *
 * reads   od, skin, regions, maps; in a pair the warped follow-up and the common skin
 * writes  findings: objects of the photo, or of the pair
 *
 * A pair is searched twice on the baseline's grid, once in each photo, over the skin that both
 * show; the two lists are united and both photos are sampled at every united place. Nothing is
 * chosen from the baseline alone. A pair that was refused has no objects. */
#include "stages/segment.h"

#include "base/num.h"
#include "stages/stages.h"
#include "stages/unite.h"

static const struct derm_segmenter *const segmenters[] = {
    &derm_segmenter_pores,
    &derm_segmenter_pigmentation,
    &derm_segmenter_scars,
};
enum { SEGMENTERS = sizeof(segmenters) / sizeof(segmenters[0]) };

static derm_err sample(struct derm_run *run, const struct derm_segmenter *s,
                       const struct derm_view *view, const struct derm_mask *where,
                       struct derm_objects *objects, int photo)
{
    const size_t mark = run->scratch->used;
    double *value, *area_px;

    DERM_TRY(derm_arena_new(run->scratch, &value, (size_t)objects->n + 1, sizeof(*value)));
    DERM_TRY(derm_arena_new(run->scratch, &area_px, (size_t)objects->n + 1, sizeof(*area_px)));
    DERM_TRY(s->sample(run, view, where, objects, value, area_px));
    for (int i = 0; i < objects->n; i++) {
        struct derm_object *const o = &objects->item[i];

        *(photo == 0 ? &o->base_value : &o->follow_value) = value[i];
        *(photo == 0 ? &o->base_area_px : &o->follow_area_px) = area_px[i];
    }
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

/* Skin that belongs to a region: a neck or an ear is skin, but no metric covers it. */
static derm_err skin_of_regions(struct derm_run *run, const struct derm_view *view,
                                const struct derm_mask *skin, struct derm_mask *where)
{
    DERM_TRY(derm_mask_new(run->scratch, where, skin->w, skin->h));
    for (int y = 0; y < skin->h; y++)
        for (int x = 0; x < skin->w; x++)
            derm_mask_row(where, y)[x] =
                derm_bits_row(&view->regions, y)[x] ? derm_mask_row(skin, y)[x] : 0x00;
    return DERM_OK;
}

static derm_err segment_photo(struct derm_run *run, const struct derm_segmenter *s,
                              const struct derm_mask *where, struct derm_frame *frame)
{
    const struct derm_view *const view = &frame->view;
    struct derm_objects *const objects = &frame->objects[s->concern];
    const size_t mark = run->scratch->used;

    DERM_TRY(s->find(run, view, where, objects));
    derm_arena_reset(run->scratch, mark); /* what was found lives in keep */
    for (int i = 0; i < objects->n; i++)
        objects->item[i].found_in = 1;
    return sample(run, s, view, where, objects, 0);
}

static derm_err segment_pair(struct derm_run *run, const struct derm_segmenter *s,
                             const struct derm_mask *where, struct derm_pair *pair)
{
    const struct derm_view *const base = &pair->base->view;
    struct derm_objects *const objects = &pair->objects[s->concern];
    const double merge_px = s->merge_mm * base->grid.px_per_mm;
    const size_t mark = run->scratch->used;
    struct derm_objects found[2] = { 0 };

    DERM_TRY(s->find(run, base, where, &found[0]));
    derm_arena_reset(run->scratch, mark);
    DERM_TRY(s->find(run, &pair->warped, where, &found[1]));
    derm_arena_reset(run->scratch, mark);
    DERM_TRY(derm_unite(run, &found[0], &found[1], base, merge_px, objects));
    derm_arena_reset(run->scratch, mark);
    DERM_TRY(sample(run, s, base, where, objects, 0));
    derm_arena_reset(run->scratch, mark);
    return sample(run, s, &pair->warped, where, objects, 1);
}

static derm_err run_segment(struct derm_run *run, const void *params)
{
    struct derm_pair *const pair = run->pair;
    struct derm_mask where;

    (void)params;
    if (pair && !pair->registration.accepted) return DERM_OK;
    DERM_TRY(pair ? skin_of_regions(run, &pair->base->view, &pair->common, &where)
                  : skin_of_regions(run, &run->frame->view, &run->frame->view.skin, &where));
    for (int i = 0; i < SEGMENTERS; i++) {
        const size_t mark = run->scratch->used;

        if (!segmenters[i]->find) continue;
        DERM_TRY(pair ? segment_pair(run, segmenters[i], &where, pair)
                      : segment_photo(run, segmenters[i], &where, run->frame));
        derm_arena_reset(run->scratch, mark);
    }
    return DERM_OK;
}

const struct derm_stage derm_stage_segment = {
    .name = "segment",
    .scope = DERM_ONCE,
    .reads = DERM_SLOT(od) | DERM_SLOT(skin) | DERM_SLOT(regions) | DERM_SLOT(maps),
    .writes = DERM_SLOT(findings),
    .run = run_segment,
};
