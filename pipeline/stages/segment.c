/* SPDX-License-Identifier: Apache-2.0 */
/* A pair is searched twice on the baseline's grid, once in each photo, over the skin that both
 * show; the two lists are united and both photos are sampled at every united place. Nothing is
 * chosen from the baseline alone. */
#include "stages/segment.h"

#include <string.h>

#include "base/metrics.h"
#include "base/num.h"
#include "stages/blanks.h"
#include "stages/comparable.h"
#include "stages/mask_ops.h"
#include "stages/objects.h"
#include "stages/unite.h"

derm_err derm_segment_find(struct derm_run *run, const struct derm_segmenter *s, const void *params,
                           const struct derm_view *view, const struct derm_mask *where,
                           struct derm_objects *out)
{
    const size_t mark = run->scratch->used;
    const void *prepared;

    DERM_TRY(s->prepare(run, params, view, where, &prepared));
    DERM_TRY(s->find(run, params, prepared, out));
    derm_arena_reset(run->scratch, mark); /* what was found lives in keep */
    return DERM_OK;
}

static derm_err sample(struct derm_run *run, const struct derm_segmenter *s, const void *params,
                       const void *prepared, struct derm_objects *objects, int photo)
{
    const size_t mark = run->scratch->used;
    double *value, *area_px;

    if (objects->n == 0) return DERM_OK;
    DERM_TRY(derm_arena_new(run->scratch, &value, (size_t)objects->n + 1, sizeof(*value)));
    DERM_TRY(derm_arena_new(run->scratch, &area_px, (size_t)objects->n + 1, sizeof(*area_px)));
    DERM_TRY(s->sample(run, params, prepared, objects, 0, value, area_px));
    derm_objects_set(objects, photo, value, area_px);
    derm_arena_reset(run->scratch, mark);
    return DERM_OK;
}

static void keep_regions(uint8_t *restrict to, const struct derm_view *view, int y, int w)
{
    const uint16_t *const restrict regions = derm_bits_row(&view->regions, y);

    for (int x = 0; x < w; x++)
        to[x] = (uint8_t)(to[x] & -(regions[x] != 0));
}

derm_err derm_skin_of_regions(struct derm_run *run, const struct derm_view *view,
                              const struct derm_mask *skin, struct derm_mask *where)
{
    DERM_TRY(derm_mask_raw(run->scratch, where, skin->w, skin->h));
    for (int y = 0; y < skin->h; y++) {
        memcpy(derm_mask_row(where, y), derm_mask_row(skin, y), (size_t)skin->w);
        keep_regions(derm_mask_row(where, y), view, y, skin->w);
    }
    return DERM_OK;
}

void derm_leave_out_neck(const struct derm_view *view, struct derm_mask *where)
{
    const uint16_t neck = 1u << DERM_REGION_NECK;
    const int w = where->w;

    for (int y = 0; y < where->h; y++) {
        const uint16_t *const restrict regions = derm_bits_row(&view->regions, y);
        uint8_t *const restrict to = derm_mask_row(where, y);

        if (!derm_bits_in_row(&view->regions, y, neck)) continue;
        for (int x = 0; x < w; x++)
            to[x] &= regions[x] & neck ? 0x00 : 0xff;
    }
}

static derm_err segment_photo(struct derm_run *run, const struct derm_segmenter *s,
                              const void *params, const struct derm_mask *where,
                              struct derm_frame *frame)
{
    struct derm_objects *const objects = &frame->objects[s->kind];

    DERM_TRY(derm_segment_find(run, s, params, &frame->view, where, objects));
    for (int i = 0; i < objects->n; i++)
        objects->item[i].found_in = 1;
    return DERM_OK;
}

static derm_err segment_pair(struct derm_run *run, const struct derm_segmenter *s,
                             const void *params, const struct derm_mask *where,
                             struct derm_pair *pair)
{
    const struct derm_view *const view[2] = { &pair->base->view, &pair->warped };
    struct derm_objects *const objects = &pair->objects[s->kind];
    const double merge_px = s->merge_mm * view[0]->grid.px_per_mm;
    struct derm_objects found[2] = { 0 };
    const void *prepared[2];
    size_t mark;

    for (int i = 0; i < 2; i++)
        DERM_TRY(s->prepare(run, params, view[i], where, &prepared[i]));
    mark = run->scratch->used;
    for (int i = 0; i < 2; i++) {
        DERM_TRY(s->find(run, params, prepared[i], &found[i]));
        derm_arena_reset(run->scratch, mark);
    }
    DERM_TRY(derm_unite(run, &found[0], &found[1], view[0], merge_px, objects));
    derm_labels_give(run->keep, &found[1].labels);
    derm_arena_reset(run->scratch, mark);
    for (int i = 0; i < 2; i++)
        DERM_TRY(sample(run, s, params, prepared[i], objects, i));
    return derm_blanks_measure(run, s, params, where, prepared, objects);
}

bool derm_segment_is_measured(const struct derm_run *run, enum derm_concern concern)
{
    const bool scaled = derm_measured_frame(run)->scale.source != DERM_SCALE_UNKNOWN;

    if (run->pair &&
        (!run->pair->registration.accepted || run->pair->comparability == DERM_INCOMPARABLE))
        return false;
    if (derm_quality_against(run, concern) != DERM_REASON_NONE) return false;
    for (int i = 0; i < DERM_METRIC_COUNT; i++) {
        const struct derm_metric_def *const m = &derm_metrics[i];

        if (m->concern == concern && m->klass == DERM_CLASS_LOCAL &&
            (scaled || m->unit_no_scale[0] != '\0'))
            return true;
    }
    return false;
}

derm_err derm_segment_where(struct derm_run *run, struct derm_mask *where)
{
    const struct derm_pair *const pair = run->pair;
    const struct derm_view *const view = &derm_measured_frame(run)->view;

    return derm_skin_of_regions(run, view, pair ? &pair->common : &view->skin, where);
}

derm_err derm_segment_where_lit(struct derm_run *run, struct derm_mask *where)
{
    const struct derm_pair *const pair = run->pair;
    const struct derm_view *const view = &derm_measured_frame(run)->view;
    const int w = view->grid.w;

    DERM_TRY(derm_mask_raw(run->scratch, where, w, view->grid.h));
    for (int y = 0; y < where->h; y++) {
        const uint8_t *const skin = derm_mask_row(&view->skin, y);
        const uint8_t *const gloss = derm_mask_row(&view->gloss, y);
        uint8_t *const out = derm_mask_row(where, y);

        for (int x = 0; x < w; x++)
            out[x] = skin[x] | gloss[x];
        if (pair) {
            const uint8_t *const common = derm_mask_row(&pair->common, y);
            const uint8_t *const skin_2 = derm_mask_row(&pair->warped.skin, y);
            const uint8_t *const gloss_2 = derm_mask_row(&pair->warped.gloss, y);

            for (int x = 0; x < w; x++) /* common is lined up, too */
                out[x] = common[x] | (out[x] & (skin_2[x] | gloss_2[x]) & (gloss[x] | gloss_2[x]));
        }
        keep_regions(out, view, y, w);
    }
    return DERM_OK;
}

derm_err derm_segment(struct derm_run *run, const struct derm_segmenter *s, const void *params)
{
    struct derm_pair *const pair = run->pair;
    struct derm_mask where;

    if (!derm_segment_is_measured(run, derm_kinds[s->kind].concern)) return DERM_OK;
    DERM_TRY(derm_segment_where(run, &where));
    return pair ? segment_pair(run, s, params, &where, pair)
                : segment_photo(run, s, params, &where, run->frame);
}
