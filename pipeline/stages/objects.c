/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/objects.h"

#include <math.h>

#include "base/num.h"

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

void derm_objects_leave_out(const struct derm_objects *objects, struct derm_mask *where)
{
    for (int y = 0; objects->labels.px && y < where->h; y++) {
        const int32_t *const label = derm_labels_row(&objects->labels, y);
        uint8_t *const row = derm_mask_row(where, y);

        for (int x = 0; x < where->w; x++)
            if (label[x] > 0 && !objects->item[label[x] - 1].field) row[x] = 0;
    }
}

static void leave_out_disc(struct derm_mask *where, const struct derm_object *o, double radius_px)
{
    const int y0 = imax((int)ceil(o->y - radius_px), 0);
    const int y1 = imin((int)(o->y + radius_px), where->h - 1);

    for (int y = y0; y <= y1; y++) {
        const double half = sqrt(fmax(radius_px * radius_px - (y - o->y) * (y - o->y), 0));
        const int x1 = imin((int)(o->x + half), where->w - 1);

        for (int x = imax((int)ceil(o->x - half), 0); x <= x1; x++)
            derm_mask_row(where, y)[x] = 0;
    }
}

void derm_objects_leave_out_discs(const struct derm_objects *objects, double margin_mm,
                                  double px_per_mm, struct derm_mask *where)
{
    for (int i = 0; i < objects->n; i++) {
        const struct derm_object *const o = &objects->item[i];

        leave_out_disc(where, o, (o->diameter_mm / 2 + margin_mm) * px_per_mm);
    }
}
