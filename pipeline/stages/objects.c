/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/objects.h"

#include "base/num.h"
#include "stages/identity.h"

void derm_objects_keep(struct derm_objects *objects, const int *number, int kept)
{
    const struct derm_labels *const labels = &objects->labels;

    if (kept == objects->n) return; /* rising: all stay what they are */
    for (int i = 0; i < objects->n; i++) {
        const int label = number[i + 1];

        if (label == 0) continue;
        objects->item[label - 1] = objects->item[i];
        objects->item[label - 1].label = label;
    }
    objects->n = kept;
    if (!labels->px) return;
    for (int y = 0; y < labels->h; y++) {
        int32_t *const row = derm_labels_row(labels, y);

        for (int x = 0; x < labels->w; x++)
            if (row[x] > 0) row[x] = number[row[x]];
    }
}

void derm_objects_set(struct derm_objects *objects, int photo, const double *value,
                      const double *area_px)
{
    for (int i = 0; i < objects->n; i++) {
        struct derm_object *const o = &objects->item[i];

        *(photo == 0 ? &o->base_value : &o->follow_value) = value[i];
        *(photo == 0 ? &o->base_area_px : &o->follow_area_px) = area_px[i];
    }
}

int derm_objects_under(const struct derm_objects *objects, const struct derm_point *at, int n)
{
    const struct derm_labels *const l = &objects->labels;
    int on = 0;

    for (int i = 0; l->px && i < n; i++) {
        const int x = clampi((int)(at[i].x + 0.5), 0, (l->w << objects->label_shift) - 1);
        const int y = clampi((int)(at[i].y + 0.5), 0, (l->h << objects->label_shift) - 1);
        const int label = derm_label_at(objects, x, y);
        const struct derm_object *const o = label > 0 ? &objects->item[label - 1] : NULL;

        on += o && !o->field && !(o->probability > 0 && o->identity == DERM_IS_unsure);
    }
    return on;
}
